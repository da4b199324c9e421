package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/e2e/lab"
	"kubetrace/kubeadm"
)

// clusterFile is the file that the run-book has the person write.
const clusterFile = "/root/cluster.yaml"

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

// clusterConfiguration is what kubeadm has stored in the cluster.
func (c *Cluster) clusterConfiguration(ctx context.Context) (string, error) {
	return c.Kubectl(ctx, "-n", "kube-system", "get", "configmap", "kubeadm-config", "-o", "jsonpath={.data.ClusterConfiguration}")
}

// clusterDocument is the cluster's stored configuration with the settings of one
// bundle in the place of another's.
func (c *Cluster) clusterDocument(ctx context.Context, before, after document) (document, error) {
	text, err := c.clusterConfiguration(ctx)
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

// rewriteStaticPods writes etcd and kube-apiserver of a node anew, and waits until
// what has changed is up. A kube-apiserver that does not change is restarted
// where it has a file to read anew.
func (c *Cluster) rewriteStaticPods(ctx context.Context, node *lab.Node, newFile bool) error {
	pods, changed := map[string][]string{}, map[string]bool{}
	for _, name := range []string{"etcd", "kube-apiserver"} {
		phase := map[string]string{"etcd": "etcd local", "kube-apiserver": "control-plane apiserver"}[name]
		var err error
		if pods[name], err = node.Pods(ctx, name); err != nil {
			return err
		}
		before, err := node.ReadFile(manifest(name))
		if err != nil {
			return err
		}
		if err := c.phase(ctx, node, phase, clusterFile); err != nil {
			return err
		}
		after, err := node.ReadFile(manifest(name))
		if err != nil {
			return err
		}
		changed[name] = !bytes.Equal(before, after)
	}
	if newFile && !changed["kube-apiserver"] {
		if err := c.restartAPIServer(ctx, node); err != nil {
			return err
		}
	}
	return c.wait(ctx, 5*time.Minute, fmt.Sprintf("new static pods on %s", node.Name), func(ctx context.Context) error {
		// What the API says of static pods may be a minute old.
		for name, changed := range changed {
			now, err := node.Pods(ctx, name)
			switch {
			case err != nil:
				return err
			case len(now) != 1:
				return fmt.Errorf("%d containers of %s run", len(now), name)
			case changed && slices.Equal(now, pods[name]):
				return fmt.Errorf("%s is still the old one", name)
			}
		}
		return c.Ready(ctx, node)
	})
}

func manifest(name string) string { return "/etc/kubernetes/manifests/" + name + ".yaml" }

// restartAPIServer moves its manifest away and back, as the run-book says.
func (c *Cluster) restartAPIServer(ctx context.Context, node *lab.Node) error {
	const away = "/etc/kubernetes/kube-apiserver.yaml"
	if _, err := node.Output(ctx, "mv", manifest("kube-apiserver"), away); err != nil {
		return err
	}
	gone := c.wait(ctx, time.Minute, "the old API server gone", func(ctx context.Context) error {
		running, err := node.Pods(ctx, "kube-apiserver")
		if err == nil && len(running) > 0 {
			err = errors.New("it still runs")
		}
		return err
	})
	_, err := node.Output(ctx, "mv", away, manifest("kube-apiserver"))
	return errors.Join(gone, err)
}

// phase runs a phase of "kubeadm init", such as "etcd local".
func (c *Cluster) phase(ctx context.Context, node *lab.Node, phase, config string) error {
	arguments := append([]string{"kubeadm", "init", "phase"}, strings.Fields(phase)...)
	_, err := node.Output(ctx, append(arguments, "--config", config)...)
	return err
}

// readyStaticPods are the components whose pods are ready on a node.
func (c *Cluster) readyStaticPods(ctx context.Context, node *lab.Node) (map[string]bool, error) {
	pods, err := c.client.CoreV1().Pods("kube-system").List(ctx, metav1.ListOptions{
		LabelSelector: "tier=control-plane", FieldSelector: "spec.nodeName=" + node.Name,
	})
	if err != nil {
		return nil, err
	}
	ready := map[string]bool{}
	for _, pod := range pods.Items {
		for _, condition := range pod.Status.Conditions {
			if condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue {
				ready[pod.Labels["component"]] = true
			}
		}
	}
	return ready, nil
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

// Ready says whether the API server of a control-plane node is.
func (c *Cluster) Ready(ctx context.Context, node *lab.Node) error {
	client, err := c.clientOf(node)
	if err != nil {
		return err
	}
	answer, err := client.CoreV1().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
	if err != nil {
		return fmt.Errorf("the API server of %s is not ready: %w\n%s", node.Name, err, answer)
	}
	return nil
}

// WaitNodes waits until every node is Ready.
func (c *Cluster) WaitNodes(ctx context.Context) error {
	return c.wait(ctx, 5*time.Minute, "every node Ready", c.NodesReady)
}

// NodesReady says whether every node is.
func (c *Cluster) NodesReady(ctx context.Context) error {
	nodes, err := c.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	ready := map[string]bool{}
	for _, node := range nodes.Items {
		for _, condition := range node.Status.Conditions {
			if condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue {
				ready[node.Name] = true
			}
		}
	}
	for _, node := range c.nodes {
		if !ready[node.Name] {
			return fmt.Errorf("the node %s is not Ready", node.Name)
		}
	}
	return nil
}

// wait asks again and again until there is no error.
func (c *Cluster) wait(ctx context.Context, limit time.Duration, what string, ask func(context.Context) error) error {
	return Wait(ctx, limit, what, time.Second, ask)
}

// Wait asks again and again until there is no error, or tells the last one.
func Wait(ctx context.Context, limit time.Duration, what string, every time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s: not within %s", what, limit))
	defer cancel()
	var last error
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), last)
		case <-time.After(every):
		}
	}
}

// AsBefore says what of the cluster is not as kubeadm makes it without a bundle,
// but for what the run-book leaves.
func (c *Cluster) AsBefore(ctx context.Context) error {
	node := c.nodes[0]
	plain, err := c.together(node, map[string]document{"ClusterConfiguration": c.left})
	if err != nil {
		return err
	}
	const plainFile, plainFolder = "/root/plain.yaml", "/root/plain"
	if err := node.WriteFile(plainFile, plain, 0o600); err != nil {
		return err
	}
	if _, err := node.Output(ctx, "mkdir", "-p", plainFolder); err != nil {
		return err
	}
	if _, err := node.Run(ctx, lab.Command{
		Args: []string{"kubeadm", "init", "--dry-run", "--config", plainFile},
		Env:  []string{"KUBEADM_INIT_DRYRUN_DIR=" + plainFolder},
	}); err != nil {
		return err
	}
	// How deep kubeadm writes below the folder differs.
	plainFiles := map[string]string{}
	if err := fs.WalkDir(node.FS(), strings.TrimPrefix(plainFolder, "/"), func(path string, _ fs.DirEntry, err error) error {
		plainFiles[filepath.Base(path)] = "/" + path
		return err
	}); err != nil {
		return err
	}
	var errs []error
	same := func(on *lab.Node, name, there string) {
		want, err := node.ReadFile(plainFiles[name])
		got, gotErr := on.ReadFile(there)
		if err = errors.Join(err, gotErr); err == nil && !bytes.Equal(want, got) {
			err = fmt.Errorf("%s of %s is not as kubeadm writes it without a bundle:\n%s\nwant:\n%s", there, on.Name, got, want)
		}
		errs = append(errs, err)
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
		same(node, name+".yaml", manifest(name))
		// Those of other nodes have addresses of their own.
		for _, other := range c.ControlPlane()[1:] {
			text, err := other.ReadFile(manifest(name))
			if err == nil && bytes.Contains(text, []byte("tracing")) {
				err = fmt.Errorf("%s of %s still speaks of tracing:\n%s", manifest(name), other.Name, text)
			}
			errs = append(errs, err)
		}
	}
	for _, each := range c.nodes {
		same(each, "config.yaml", kubeletConfig)
	}

	// The stored configurations must not change when kubeadm stores them anew.
	stored := func() (data [2]map[string]any, err error) {
		for i, name := range []string{"kubeadm-config", "kubelet-config"} {
			m, err := c.client.CoreV1().ConfigMaps("kube-system").Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return data, err
			}
			key := map[string]string{"kubeadm-config": "ClusterConfiguration", "kubelet-config": "kubelet"}[name]
			if err := yaml.Unmarshal([]byte(m.Data[key]), &data[i]); err != nil {
				return data, err
			}
		}
		return data, nil
	}
	before, err := stored()
	if err != nil {
		return err
	}
	for _, phase := range []string{"upload-config kubeadm", "upload-config kubelet"} {
		if err := c.phase(ctx, node, phase, plainFile); err != nil {
			return err
		}
	}
	after, err := stored()
	if c.minor < 31 {
		// What "kubeadm init" as a whole stores, and this phase alone does not.
		after[0] = add(after[0], document{"apiServer": map[string]any{"extraArgs": map[string]any{"authorization-mode": "Node,RBAC"}}})
	}
	if err == nil && !reflect.DeepEqual(before, after) {
		err = fmt.Errorf("the configurations stored in the cluster are\n%v\nwant\n%v", before, after)
	}
	return errors.Join(append(errs, err)...)
}

// SetEtcdFlags writes the first node's etcd anew with more flags, and does not
// wait for it.
func (c *Cluster) SetEtcdFlags(ctx context.Context, flags []kubeadm.Arg) error {
	file, err := c.clusterDocument(ctx, nil, nil)
	if err != nil {
		return err
	}
	var namesAndValues []string
	for _, flag := range flags {
		namesAndValues = append(namesAndValues, flag.Name, flag.Value)
	}
	file = add(file, document{"etcd": map[string]any{"local": map[string]any{"extraArgs": c.arguments(namesAndValues...)}}})
	if err := c.writeClusterFile(c.nodes[0], file); err != nil {
		return err
	}
	return c.phase(ctx, c.nodes[0], "etcd local", clusterFile)
}

// WaitControlPlane waits until the static pods of every control-plane node are
// ready.
func (c *Cluster) WaitControlPlane(ctx context.Context) error {
	return c.wait(ctx, 5*time.Minute, "the control plane", func(ctx context.Context) error {
		for _, node := range c.ControlPlane() {
			ready, err := c.readyStaticPods(ctx, node)
			if err != nil {
				return err
			}
			for _, component := range []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"} {
				if !ready[component] {
					return fmt.Errorf("%s of %s is not ready", component, node.Name)
				}
			}
		}
		return nil
	})
}
