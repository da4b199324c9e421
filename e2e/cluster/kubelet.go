package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kubetrace/e2e/lab"
)

// kubeadm runs a kubeadm that waits for the kubelet, which systemd would start.
func (c *Cluster) kubeadm(ctx context.Context, node *lab.Node, arguments ...string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	started := make(chan error, 1)
	go func() {
		err := c.startKubelet(ctx, node)
		if err != nil {
			cancel(err)
		}
		started <- err
	}()
	_, err := node.Run(ctx, lab.Command{Args: append([]string{"kubeadm"}, arguments...)})
	if err != nil {
		return fmt.Errorf("%w\nthe end of the kubelet's log:\n%s", err, node.LogTail("kubelet"))
	}
	return <-started
}

const (
	kubeletConfig = "/var/lib/kubelet/config.yaml"
	kubeletFlags  = "/var/lib/kubelet/kubeadm-flags.env"
)

// startKubelet starts the kubelet as kubeadm's package for Debian does, once
// kubeadm has written its configuration.
// https://github.com/kubernetes/release/blob/master/cmd/krel/templates/latest/kubeadm/10-kubeadm.conf
func (c *Cluster) startKubelet(ctx context.Context, node *lab.Node) error {
	var text []byte
	if err := lab.Wait(ctx, 10*time.Minute, "the kubelet's configuration, of kubeadm", 200*time.Millisecond, func(context.Context) (err error) {
		if _, err = node.ReadFile(kubeletConfig); err != nil {
			return err
		}
		text, err = node.ReadFile(kubeletFlags)
		return err
	}); err != nil {
		return err
	}
	_, flags, found := strings.Cut(strings.TrimSpace(string(text)), "KUBELET_KUBEADM_ARGS=")
	if !found {
		return fmt.Errorf("%s of %s has no KUBELET_KUBEADM_ARGS", kubeletFlags, node.Name)
	}
	arguments := []string{
		"kubelet",
		"--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
		"--kubeconfig=/etc/kubernetes/kubelet.conf",
		"--config=" + kubeletConfig,
	}
	return node.Start("kubelet", nil, append(arguments, strings.Fields(strings.Trim(flags, `"`))...)...)
}

// RestartKubelet is "systemctl restart kubelet".
func (c *Cluster) RestartKubelet(ctx context.Context, node *lab.Node) error {
	return errors.Join(node.Stop("kubelet"), c.startKubelet(ctx, node))
}

// RestartContainerd is "systemctl restart containerd".
func (c *Cluster) RestartContainerd(ctx context.Context, node *lab.Node) error {
	return errors.Join(node.Stop("containerd"), node.StartContainerd(ctx))
}
