package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/e2e/components"
	"kubetrace/e2e/lab"
)

// upgradeFile is kubeadm's configuration of an upgrade.
const upgradeFile = "/etc/kubetrace-lab/upgrade.yaml"

// upgradeManifests is how long kubeadm waits for each static pod that it has
// written anew. Its own five minutes would let an upgrade that fails take ten.
const upgradeManifests = 3 * time.Minute

// Upgrade upgrades a cluster of one node to another release, in the order of
// https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/:
// kubeadm, the control plane, the kubelet. Where the control plane fails, the
// kubeadm of before is put back, and the error is a *lab.CommandError; where the
// kubelet does, the kubelet of before, and the error is a *KubeletError.
func (c *Cluster) Upgrade(ctx context.Context, to *components.Set) error {
	if len(c.nodes) != 1 {
		return fmt.Errorf("the cluster has %d nodes, and only a cluster of one is upgraded here", len(c.nodes))
	}
	node := c.nodes[0]
	if err := node.Install("kubeadm", to.Path("kubeadm")); err != nil {
		return err
	}
	err := c.upgradeControlPlane(ctx, node, to)
	if err != nil {
		return errors.Join(err, node.Install("kubeadm", c.Set.Path("kubeadm")))
	}
	if err := c.putKubelet(ctx, node, to); err != nil {
		return errors.Join(err, c.putKubelet(ctx, node, c.Set))
	}
	if c.minor, err = minorOf(to); err != nil {
		return err
	}
	c.Set = to
	return errors.Join(c.WaitNodes(ctx), c.WaitControlPlane(ctx))
}

// KubeletError says that a kubelet ends by itself, again and again.
type KubeletError struct {
	Node, Version string
	// Printed is the end of what it has.
	Printed []byte
}

func (e *KubeletError) Error() string {
	return fmt.Sprintf("the kubelet %s on %s ends by itself, and has printed:\n%s", e.Version, e.Node, e.Printed)
}

// enough is how often a kubelet ends before nobody hopes for it any more.
const enough = 3

// putKubelet has a node run the kubelet of a set, and waits until the node says so.
func (c *Cluster) putKubelet(ctx context.Context, node *lab.Node, of *components.Set) error {
	version := of.Versions["kubelet"]
	c.options.Log("putting the kubelet %s in its place on %s", version, node.Name)
	for _, name := range []string{"kubelet", "kubectl"} {
		if err := node.Install(name, of.Path(name)); err != nil {
			return err
		}
	}
	if err := c.RestartKubelet(ctx, node); err != nil {
		return err
	}
	var ends error
	err := lab.Wait(ctx, 5*time.Minute, "the kubelet "+version, time.Second, func(ctx context.Context) error {
		crashes, err := node.Crashes("kubelet")
		if err == nil && crashes >= enough {
			ends = &KubeletError{Node: node.Name, Version: version, Printed: node.LogTail("kubelet")}
			return nil
		}
		// Before it has spoken, the node is Ready by what the old one said.
		n, err := c.client.CoreV1().Nodes().Get(ctx, node.Name, metav1.GetOptions{})
		if err == nil && n.Status.NodeInfo.KubeletVersion != version {
			err = fmt.Errorf("the node says that its kubelet is %s", n.Status.NodeInfo.KubeletVersion)
		}
		return err
	})
	return errors.Join(err, ends)
}

func (c *Cluster) upgradeControlPlane(ctx context.Context, node *lab.Node, to *components.Set) error {
	version := to.Versions["kubeadm"]
	if err := c.loadRelease(ctx, node, to); err != nil {
		return err
	}
	config, err := writeDocuments(document{
		"apiVersion": c.kubeadmAPI(),
		"kind":       "UpgradeConfiguration",
		"apply": map[string]any{
			"kubernetesVersion": version,
			"imagePullPolicy":   "Never",
			// A beta.
			"allowExperimentalUpgrades": strings.Contains(version, "-"),
			// On cgroup v1 it fails until one says that it is to be passed over.
			"ignorePreflightErrors": []any{"SystemVerification"},
		},
		"timeouts": map[string]any{"upgradeManifests": upgradeManifests.String()},
	})
	if err != nil {
		return err
	}
	if err := node.WriteFile(upgradeFile, config, 0o600); err != nil {
		return err
	}
	c.options.Log("kubeadm upgrade apply of %s on %s", version, node.Name)
	_, err = node.Run(ctx, lab.Command{
		Args: []string{"kubeadm", "upgrade", "apply", "--yes", "--config", upgradeFile},
		// Four static pods, each of which may take its time twice.
		Timeout: 30 * time.Minute,
	})
	return err
}

// loadRelease gives a node the images of a release that the cluster does not run
// yet. The node's kubeadm has to be that release's.
func (c *Cluster) loadRelease(ctx context.Context, node *lab.Node, to *components.Set) error {
	file, err := c.clusterDocument(ctx, nil, nil)
	if err != nil {
		return err
	}
	if err := c.writeClusterFile(node, add(file, document{"kubernetesVersion": to.Versions["kubeadm"]})); err != nil {
		return err
	}
	listed, err := node.Output(ctx, "kubeadm", "config", "images", "list", "--config", clusterFile)
	if err != nil {
		return err
	}
	all, err := to.Images(strings.Fields(listed))
	if err != nil {
		return err
	}
	images := map[string]v1.Image{}
	for name, image := range all {
		if c.images[name] == nil {
			c.images[name], images[name] = image, image
		}
	}
	if len(images) == 0 {
		return nil
	}
	c.options.Log("giving %s the images of %s", node.Name, to.Versions["kubeadm"])
	return node.Load(ctx, images)
}

// EditStored changes a document that kubeadm keeps in a ConfigMap of the cluster.
func (c *Cluster) EditStored(ctx context.Context, configMap, key string, edit func(string) (string, error)) error {
	maps := c.client.CoreV1().ConfigMaps("kube-system")
	stored, err := maps.Get(ctx, configMap, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if stored.Data[key], err = edit(stored.Data[key]); err != nil {
		return fmt.Errorf("edit %s of the ConfigMap %s: %w", key, configMap, err)
	}
	_, err = maps.Update(ctx, stored, metav1.UpdateOptions{})
	return err
}
