package cluster

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"kubetrace/e2e/components"
	"kubetrace/e2e/lab"
)

// Options are what a cluster can be.
type Options struct {
	// Name is kubeadm's clusterName, and the prefix of its nodes' names.
	Name string
	// HighlyAvailable is for clusters of more than one node. Otherwise the only
	// node runs everything.
	HighlyAvailable bool
	// Log tells what is going on.
	Log func(format string, arguments ...any)
}

// Cluster is a Kubernetes cluster.
type Cluster struct {
	// Set is what it is made of.
	Set *components.Set

	options Options
	minor   int
	lab     *lab.Lab
	nodes   []*lab.Node
	control map[string]bool // names of the control-plane nodes
	images  map[string]v1.Image
	secrets secrets
	left    document // of a bundle that was undone
	config  *rest.Config
	client  *kubernetes.Clientset
	mu      sync.Mutex
	clients map[string]*kubernetes.Clientset // by node
}

// New makes a cluster without nodes in a lab.
func New(l *lab.Lab, set *components.Set, options Options) (*Cluster, error) {
	minor, err := minorOf(set)
	if err != nil {
		return nil, err
	}
	return &Cluster{Set: set, options: options, minor: minor, lab: l, secrets: newSecrets(), control: map[string]bool{}, clients: map[string]*kubernetes.Clientset{}}, nil
}

func minorOf(set *components.Set) (int, error) {
	minor, err := strconv.Atoi(strings.Split(set.Versions["kubeadm"], ".")[1])
	if err != nil {
		return 0, fmt.Errorf("a kubeadm of version %q: %w", set.Versions["kubeadm"], err)
	}
	return minor, nil
}

// Nodes are the cluster's, in the order in which they joined.
func (c *Cluster) Nodes() []*lab.Node { return c.nodes }

// ControlPlane are the nodes that run the control plane.
func (c *Cluster) ControlPlane() (nodes []*lab.Node) {
	for _, node := range c.nodes {
		if c.control[node.Name] {
			nodes = append(nodes, node)
		}
	}
	return nodes
}

// addNode starts a machine with all that kubeadm expects there.
func (c *Cluster) addNode(ctx context.Context, controlPlane bool) (*lab.Node, error) {
	name := fmt.Sprintf("%s-%d", c.options.Name, len(c.nodes)+1)
	c.options.Log("starting the machine %s", name)
	node, err := c.lab.AddNode(ctx, name, lab.NodeOptions{
		Programs: c.Set.NodePrograms(), PauseImage: c.Set.PauseImage(), OldContainerd: strings.HasPrefix(c.Set.Versions["containerd"], "v1."),
	})
	if err != nil {
		return nil, err
	}
	c.nodes = append(c.nodes, node)
	c.control[name] = controlPlane
	return node, nil
}

// configFile is where kubeadm's configuration lies on a node, bundleFolder the
// bundle, and tracingFile where the bundle says that kube-apiserver's file goes.
const (
	configFile   = "/etc/kubetrace-lab/kubeadm.yaml"
	bundleFolder = "/etc/kubetrace-lab/bundle"
	tracingFile  = "/etc/kubernetes/tracing-config.yaml"
)

// Init makes the first control-plane node with the files of a bundle, as its
// run-book says for a new cluster, or with none.
func (c *Cluster) Init(ctx context.Context, bundle fs.FS) error {
	node, err := c.addNode(ctx, true)
	if err != nil {
		return err
	}
	settings, err := bundleDocuments(bundle)
	if err != nil {
		return err
	}
	config, err := c.together(node, settings)
	if err != nil {
		return err
	}
	if err := node.WriteFile(configFile, config, 0o600); err != nil {
		return err
	}
	if err := c.load(ctx, node); err != nil {
		return err
	}
	if err := c.install(ctx, node, bundle); err != nil {
		return err
	}
	if err := c.installRuntime(ctx, node, bundle); err != nil {
		return err
	}
	c.options.Log("kubeadm init of %s on %s", c.Set.Versions["kubeadm"], node.Name)
	arguments := []string{"init", "--config", configFile}
	if c.options.HighlyAvailable {
		arguments = append(arguments, "--upload-certs")
	}
	if err := c.kubeadm(ctx, node, arguments...); err != nil {
		return err
	}
	return c.connect()
}

// Join adds a node. A control-plane node gets the bundle's file first, and each one those
// of the container runtime, as the run-book says.
func (c *Cluster) Join(ctx context.Context, controlPlane bool, bundle fs.FS) (*lab.Node, error) {
	node, err := c.addNode(ctx, controlPlane)
	if err != nil {
		return nil, err
	}
	config, err := writeDocuments(c.joinDocument(node, controlPlane))
	if err != nil {
		return nil, err
	}
	if err := node.WriteFile(configFile, config, 0o600); err != nil {
		return nil, err
	}
	if err := c.load(ctx, node); err != nil {
		return nil, err
	}
	if controlPlane {
		if err := c.install(ctx, node, bundle); err != nil {
			return nil, err
		}
	}
	if err := c.installRuntime(ctx, node, bundle); err != nil {
		return nil, err
	}
	c.options.Log("kubeadm join of %s", node.Name)
	return node, c.kubeadm(ctx, node, "join", "--config", configFile)
}

// install copies a bundle to a control-plane node, and puts kube-apiserver's
// file in its place.
func (c *Cluster) install(ctx context.Context, node *lab.Node, bundle fs.FS) error {
	if bundle == nil {
		return nil
	}
	if _, err := node.Output(ctx, "rm", "-rf", bundleFolder); err != nil {
		return err
	}
	if err := node.CopyFS(bundleFolder, bundle); err != nil {
		return err
	}
	_, err := node.Run(ctx, lab.Command{Dir: bundleFolder, Args: []string{
		"install", "-D", "-m", "0644", "apiserver/tracing-config.yaml", tracingFile,
	}})
	return err
}

// load gives a node the images of the cluster, as a registry would.
func (c *Cluster) load(ctx context.Context, node *lab.Node) error {
	if c.images == nil {
		listed, err := node.Output(ctx, "kubeadm", "config", "images", "list", "--config", configFile)
		if err != nil {
			return err
		}
		if c.images, err = c.Set.Images(strings.Fields(listed)); err != nil {
			return err
		}
	}
	c.options.Log("giving %s its images", node.Name)
	return node.Load(ctx, c.images)
}
