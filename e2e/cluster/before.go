package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/e2e/lab"
)

// AsBefore says what of the cluster is not as kubeadm makes it without a bundle,
// but for what the run-book leaves.
func (c *Cluster) AsBefore(ctx context.Context) error {
	node := c.nodes[0]
	plain, err := c.together(node, map[string]document{"ClusterConfiguration": c.left})
	if err != nil {
		return err
	}
	const plainFile, plainFolder = "/etc/kubetrace-lab/plain.yaml", "/etc/kubetrace-lab/plain"
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
		for i, config := range []struct{ name, key string }{{"kubeadm-config", "ClusterConfiguration"}, {"kubelet-config", "kubelet"}} {
			m, err := c.client.CoreV1().ConfigMaps("kube-system").Get(ctx, config.name, metav1.GetOptions{})
			if err != nil {
				return data, err
			}
			if err := yaml.Unmarshal([]byte(m.Data[config.key]), &data[i]); err != nil {
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
