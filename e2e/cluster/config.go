package cluster

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"

	"kubetrace/e2e/lab"
)

// secrets let nodes join. They are new for every cluster, since its API may be
// forwarded to where others of the machine reach it.
type secrets struct{ token, certificateKey string }

func newSecrets() secrets {
	text := make([]byte, 32)
	rand.Read(text) // it never fails
	digits := hex.EncodeToString(text)
	more := make([]byte, 11)
	rand.Read(more)
	token := hex.EncodeToString(more)
	return secrets{token: token[:6] + "." + token[6:], certificateKey: digits}
}

// settings are what the lab, as any installer, has to say of a cluster; they
// know nothing of tracing.
func (c *Cluster) settings() map[string]document {
	cluster := document{
		"clusterName":       c.options.Name,
		"kubernetesVersion": c.Set.Versions["kubeadm"],
		"networking":        map[string]any{"podSubnet": lab.PodNetwork},
		"dns":               map[string]any{"imageTag": c.Set.Versions["coredns"]},
		// So that it can be forwarded to the machine's loopback.
		"apiServer": map[string]any{"certSANs": []any{"127.0.0.1"}},
	}
	if c.options.HighlyAvailable {
		cluster["controlPlaneEndpoint"] = c.nodes[0].Address + ":6443"
		// Three members on two cores and one disk are slow to answer.
		cluster["etcd"] = map[string]any{"local": map[string]any{
			"extraArgs": c.arguments("heartbeat-interval", "500", "election-timeout", "5000"),
		}}
	}
	kubelet := document{
		"apiVersion":   "kubelet.config.k8s.io/v1beta1",
		"kind":         "KubeletConfiguration",
		"cgroupDriver": "cgroupfs",
		"failSwapOn":   false,
		// How full the machine's disk is says nothing of the node.
		"evictionHard":                map[string]any{"memory.available": "100Mi", "nodefs.available": "0%", "nodefs.inodesFree": "0%", "imagefs.available": "0%", "imagefs.inodesFree": "0%"},
		"imageGCHighThresholdPercent": 100,
	}
	if c.minor >= 31 {
		// From 1.35 on a kubelet does not start on cgroup v1 unless it is told.
		kubelet["failCgroupV1"] = false
	}
	return map[string]document{
		"ClusterConfiguration": cluster,
		"KubeletConfiguration": kubelet,
		"KubeProxyConfiguration": {
			"apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
			"kind":       "KubeProxyConfiguration",
			// Only the machine itself may change how many connections it tracks.
			"conntrack": map[string]any{"maxPerCore": 0, "min": 0},
		},
	}
}

// arguments are flags as the kubeadm API of the release has them.
func (c *Cluster) arguments(namesAndValues ...string) any {
	list, byName := []any{}, map[string]any{}
	for i := 0; i < len(namesAndValues); i += 2 {
		name, value := namesAndValues[i], namesAndValues[i+1]
		list, byName[name] = append(list, map[string]any{"name": name, "value": value}), value
	}
	if c.kubeadmAPI() == "kubeadm.k8s.io/v1beta3" {
		return byName
	}
	return list
}

func (c *Cluster) kubeadmAPI() string {
	if c.minor < 31 {
		return "kubeadm.k8s.io/v1beta3"
	}
	return "kubeadm.k8s.io/v1beta4"
}

// nodeDocument is what kubeadm has to know of one node, of kind
// InitConfiguration or JoinConfiguration.
func (c *Cluster) nodeDocument(kind string, node *lab.Node) document {
	registration := map[string]any{
		"name":            node.Name,
		"criSocket":       lab.CRISocket,
		"imagePullPolicy": "Never",
		// Such as a swap file or a missing systemd.
		"ignorePreflightErrors": []any{"all"},
	}
	if !c.options.HighlyAvailable {
		registration["taints"] = []any{}
	}
	d := document{"apiVersion": c.kubeadmAPI(), "kind": kind, "nodeRegistration": registration}
	if c.minor < 30 {
		// It calls crictl, which cannot be built here; later ones ask the runtime.
		d["skipPhases"] = []any{"preflight"}
	}
	if kind == "InitConfiguration" {
		d["localAPIEndpoint"] = map[string]any{"advertiseAddress": node.Address}
		d["bootstrapTokens"] = []any{map[string]any{"token": c.secrets.token}}
		d["certificateKey"] = c.secrets.certificateKey
	}
	return d
}

func (c *Cluster) joinDocument(node *lab.Node, controlPlane bool) document {
	d := c.nodeDocument("JoinConfiguration", node)
	d["discovery"] = map[string]any{"bootstrapToken": map[string]any{
		"token": c.secrets.token, "apiServerEndpoint": c.nodes[0].Address + ":6443", "unsafeSkipCAVerification": true,
	}}
	if controlPlane {
		d["controlPlane"] = map[string]any{
			"localAPIEndpoint": map[string]any{"advertiseAddress": node.Address},
			"certificateKey":   c.secrets.certificateKey,
		}
	}
	return d
}

// bundleDocuments are what a bundle's kubeadm/config.yaml holds, or none of no
// bundle.
func bundleDocuments(files fs.FS) (map[string]document, error) {
	if files == nil {
		return nil, nil
	}
	text, err := fs.ReadFile(files, "kubeadm/config.yaml")
	if err != nil {
		return nil, err
	}
	all, err := readDocuments(text)
	if err != nil {
		return nil, fmt.Errorf("kubeadm/config.yaml: %w", err)
	}
	return all, nil
}

// together is kubeadm's configuration for a new cluster: the installer's
// settings and the bundle's in one file, as its run-book says.
func (c *Cluster) together(node *lab.Node, bundle map[string]document) ([]byte, error) {
	settings := c.settings()
	settings["ClusterConfiguration"] = maps.Clone(settings["ClusterConfiguration"])
	settings["ClusterConfiguration"]["apiVersion"] = c.kubeadmAPI()
	settings["ClusterConfiguration"]["kind"] = "ClusterConfiguration"
	all := []document{c.nodeDocument("InitConfiguration", node)}
	for _, kind := range []string{"ClusterConfiguration", "KubeletConfiguration", "KubeProxyConfiguration"} {
		all = append(all, add(settings[kind], bundle[kind]))
	}
	return writeDocuments(all...)
}
