package engine

import (
	"fmt"
	"os"
	"path"
	"strings"
)

// nodeFiles are the files of a kindest/node image that kind reads.
// Source: images/base/files/etc/containerd/config.toml and pkg/build/nodeimage
// of sigs.k8s.io/kind.
var nodeFiles = map[string]string{
	"/etc/containerd/config.toml": `version = 2

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
`,
	"/kind/manifests/default-cni.yaml":     "# the image's own network\n",
	"/kind/manifests/default-storage.yaml": "# the image's own storage class\n",
}

// unpack writes the image's files. Those under a mount are hidden by it.
func (c *Container) unpack() error {
	if err := os.MkdirAll(c.root, 0o755); err != nil {
		return err
	}
	bare := &Container{root: c.root}
	if c.Role() == "external-load-balancer" {
		// What each of the two load balancers of kind's has.
		for _, dir := range []string{"/usr/local/etc/haproxy", "/home/envoy"} {
			if err := bare.mkdir(dir); err != nil {
				return err
			}
		}
		return nil
	}
	version, err := versionOf(c.Image)
	if err != nil {
		return err
	}
	for name, text := range nodeFiles {
		if err := bare.put(name, text); err != nil {
			return err
		}
	}
	return bare.put("/kind/version", version+"\n")
}

// versionOf is the release that a node image holds, which its tag names.
func versionOf(image string) (string, error) {
	name, _, _ := strings.Cut(image, "@")
	_, tag, tagged := strings.Cut(path.Base(name), ":")
	if !tagged || !strings.HasPrefix(tag, "v1.") {
		return "", fmt.Errorf("the image %s names no release", image)
	}
	return tag, nil
}

// adminConf is what kubeadm init leaves, as far as kind reads it.
const adminConf = `apiVersion: v1
kind: Config
clusters:
- name: %[1]s
  cluster:
    server: https://%[1]s-control-plane:6443
contexts:
- name: admin
  context: {cluster: %[1]s, user: kubernetes-admin}
current-context: admin
users:
- name: kubernetes-admin
  user: {}
`

// certificates are what kubeadm init makes and every control plane shares.
var certificates = []string{
	"/etc/kubernetes/pki/ca.crt", "/etc/kubernetes/pki/ca.key",
	"/etc/kubernetes/pki/front-proxy-ca.crt", "/etc/kubernetes/pki/front-proxy-ca.key",
	"/etc/kubernetes/pki/sa.pub", "/etc/kubernetes/pki/sa.key",
	"/etc/kubernetes/pki/etcd/ca.crt", "/etc/kubernetes/pki/etcd/ca.key",
}
