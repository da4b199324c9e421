package cluster

import (
	"context"
	"net"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"kubetrace/e2e/lab"
)

// adminConfig is where an administrator's kubeconfig lies on control-plane nodes.
const adminConfig = "/etc/kubernetes/admin.conf"

// connect makes the client of the API.
func (c *Cluster) connect() error {
	text, err := c.nodes[0].ReadFile(adminConfig)
	if err != nil {
		return err
	}
	config, err := clientcmd.RESTConfigFromKubeConfig(text)
	if err != nil {
		return err
	}
	config.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		return c.nodes[0].Dial(ctx, network, address)
	}
	config.QPS, config.Burst = 50, 100
	config.Timeout = 30 * time.Second
	config.WarningHandler = rest.NoWarnings{}
	c.config = config
	c.client, err = c.clientOf(c.nodes[0])
	return err
}

// Kubeconfig is an administrator's, for an API server that is reached at a URL of
// the machine's loopback.
func (c *Cluster) Kubeconfig(url string) ([]byte, error) {
	text, err := c.nodes[0].ReadFile(adminConfig)
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.Load(text)
	if err != nil {
		return nil, err
	}
	for _, cluster := range config.Clusters {
		cluster.Server = url
	}
	return clientcmd.Write(*config)
}

// clientOf is a client of one node's API server.
func (c *Cluster) clientOf(node *lab.Node) (client *kubernetes.Clientset, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, there := c.clients[node.Name]; there {
		return client, nil
	}
	config := rest.CopyConfig(c.config)
	config.Host = "https://" + node.Address + ":6443"
	if client, err = kubernetes.NewForConfig(config); err == nil {
		c.clients[node.Name] = client
	}
	return client, err
}

// Client is a client of the cluster's API, once Init has made it.
func (c *Cluster) Client() kubernetes.Interface { return c.client }

// Kubectl runs kubectl as an administrator, in the folder of the bundle's files,
// and returns what it prints.
func (c *Cluster) Kubectl(ctx context.Context, arguments ...string) (string, error) {
	result, err := c.nodes[0].Run(ctx, lab.Command{
		Args: append([]string{"kubectl"}, arguments...), Dir: bundleFolder, Env: []string{"KUBECONFIG=" + adminConfig},
	})
	return string(result.Stdout), err
}
