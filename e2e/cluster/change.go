package cluster

import (
	"bytes"
	"context"
	"io/fs"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/e2e/lab"
)

// clusterFile is the file that the run-book has the person write.
const clusterFile = "/etc/kubetrace-lab/cluster.yaml"

// Change goes from one bundle to another on a cluster that is there already, as
// the run-book says; from or to none is nil. It leaves the collector and the
// backend alone.
func (c *Cluster) Change(ctx context.Context, from, to fs.FS) error {
	before, err := bundleDocuments(from)
	if err != nil {
		return err
	}
	after, err := bundleDocuments(to)
	if err != nil {
		return err
	}
	if to == nil {
		// The run-book has etcd's image stay.
		if c.left = etcdImage(before["ClusterConfiguration"]); c.left != nil {
			after = map[string]document{"ClusterConfiguration": c.left}
		}
	}
	// Step 1.
	newFile := map[string]bool{}
	for _, node := range c.ControlPlane() {
		old, _ := node.ReadFile(tracingFile) // there may be none
		if err := c.install(ctx, node, to); err != nil {
			return err
		}
		now, _ := node.ReadFile(tracingFile)
		newFile[node.Name] = to != nil && !bytes.Equal(old, now)
	}
	// Steps 2 to 4.
	file, err := c.clusterDocument(ctx, before["ClusterConfiguration"], after["ClusterConfiguration"])
	if err != nil {
		return err
	}
	for _, node := range c.ControlPlane() {
		if err := c.writeClusterFile(node, file); err != nil {
			return err
		}
	}
	if _, err := c.nodes[0].Output(ctx, "kubeadm", "init", "phase", "upload-config", "kubeadm", "--config", clusterFile); err != nil {
		return err
	}
	// Step 5.
	for _, node := range c.ControlPlane() {
		c.options.Log("writing the static pods of %s anew", node.Name)
		if err := c.rewriteStaticPods(ctx, node, newFile[node.Name]); err != nil {
			return err
		}
	}
	for _, node := range c.nodes {
		if err := c.installRuntime(ctx, node, to); err != nil {
			return err
		}
	}
	// Step 6.
	if err := c.changeKubeletConfig(ctx, before["KubeletConfiguration"], after["KubeletConfiguration"]); err != nil {
		return err
	}
	// Step 7.
	for _, node := range c.nodes {
		c.options.Log("restarting the kubelet of %s with its new configuration", node.Name)
		if _, err := node.Output(ctx, "kubeadm", "upgrade", "node", "phase", "kubelet-config"); err != nil {
			return err
		}
		if err := c.RestartKubelet(ctx, node); err != nil {
			return err
		}
		if err := c.WaitNodes(ctx); err != nil {
			return err
		}
	}
	return nil
}

// etcdImage is what a ClusterConfiguration says of etcd's image, or nil.
func etcdImage(d document) document {
	etcd, _ := d["etcd"].(map[string]any)
	local, _ := etcd["local"].(map[string]any)
	image := map[string]any{}
	for _, key := range []string{"imageRepository", "imageTag"} {
		if value, there := local[key]; there {
			image[key] = value
		}
	}
	if len(image) == 0 {
		return nil
	}
	return document{"etcd": map[string]any{"local": image}}
}

// ClusterConfiguration is what kubeadm has stored in the cluster.
func (c *Cluster) ClusterConfiguration(ctx context.Context) (string, error) {
	return c.Kubectl(ctx, "-n", "kube-system", "get", "configmap", "kubeadm-config", "-o", "jsonpath={.data.ClusterConfiguration}")
}

// clusterDocument is the cluster's stored configuration with the settings of one
// bundle in the place of another's.
func (c *Cluster) clusterDocument(ctx context.Context, before, after document) (document, error) {
	text, err := c.ClusterConfiguration(ctx)
	if err != nil {
		return nil, err
	}
	stored, err := readDocuments([]byte(text))
	if err != nil {
		return nil, err
	}
	d := stored["ClusterConfiguration"]
	return add(remove(d, settingsOf(before)), settingsOf(after)), nil
}

// settingsOf leaves away what names the document and the release.
func settingsOf(d document) document {
	return remove(d, document{"apiVersion": "", "kind": "", "kubernetesVersion": ""})
}

func (c *Cluster) writeClusterFile(node *lab.Node, file document) error {
	// What is this node's own.
	own := document{
		"apiVersion":       c.kubeadmAPI(),
		"kind":             "InitConfiguration",
		"localAPIEndpoint": map[string]any{"advertiseAddress": node.Address},
		"nodeRegistration": map[string]any{"name": node.Name},
	}
	text, err := writeDocuments(file, own)
	if err != nil {
		return err
	}
	return node.WriteFile(clusterFile, text, 0o600)
}

// changeKubeletConfig edits the configuration that kubelets get.
func (c *Cluster) changeKubeletConfig(ctx context.Context, before, after document) error {
	maps := c.client.CoreV1().ConfigMaps("kube-system")
	stored, err := maps.Get(ctx, "kubelet-config", metav1.GetOptions{})
	if err != nil {
		return err
	}
	var d document
	if err := yaml.Unmarshal([]byte(stored.Data["kubelet"]), &d); err != nil {
		return err
	}
	text, err := yaml.Marshal(add(remove(d, settingsOf(before)), settingsOf(after)))
	if err != nil {
		return err
	}
	stored.Data["kubelet"] = string(text)
	_, err = maps.Update(ctx, stored, metav1.UpdateOptions{})
	return err
}
