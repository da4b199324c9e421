package engine

import (
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strings"
)

// inNode are the commands that kind runs in its containers.
// Source: pkg/cluster/nodeutils and pkg/cluster/internal/create/actions of
// sigs.k8s.io/kind v0.30.0 and v0.33.0.
var inNode = []struct {
	pattern string // its words are separated by blanks
	do      func(n node, captured []string) error
}{
	{"cat *", node.cat},
	{"mkdir -p *", node.mkdir},
	{"cp /dev/stdin *", node.cp},
	{"kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=6", node.kubeadmInit},
	{"kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=6 --skip-phases=preflight", node.kubeadmInit},
	{"kubeadm join --config /kind/kubeadm.conf --v=6", node.kubeadmJoin},
	{"kubeadm join --config /kind/kubeadm.conf --v=6 --skip-phases=preflight", node.kubeadmJoin},
	{"kubectl create --kubeconfig=/etc/kubernetes/admin.conf -f -", node.kubectl},
	{"kubectl --kubeconfig=/etc/kubernetes/admin.conf apply -f -", node.kubectl},
	{"kubectl --kubeconfig=/etc/kubernetes/admin.conf taint nodes --all ...", node.kubectl},
	{"kubectl --kubeconfig=/etc/kubernetes/admin.conf label nodes --all node.kubernetes.io/exclude-from-external-load-balancers-", node.kubectl},
	{"kill -s HUP 1", node.nothing},
	{"sh -c *", node.sh},
	{"bash -c *", node.bash},
}

// node is a container that runs a command.
type node struct {
	engine
	*Container
}

func (e engine) exec(args []string) error {
	for len(args) > 0 && args[0] == "-i" {
		args = args[1:]
	}
	if len(args) < 2 || strings.HasPrefix(args[0], "-") {
		return refusal(fmt.Sprintf("exec %q", args))
	}
	c, err := e.state.container(args[0])
	if err != nil {
		return err
	}
	for _, command := range inNode {
		if captured, ok := match(args[1:], strings.Fields(command.pattern)); ok {
			return command.do(node{e, c}, captured)
		}
	}
	return refusal(fmt.Sprintf("exec %q", args))
}

func (n node) cat(args []string) error {
	text, err := n.File(args[0])
	if err != nil {
		return fmt.Errorf("cat: %s: No such file or directory", args[0])
	}
	_, err = n.stdout.Write(text)
	return err
}

func (n node) mkdir(args []string) error { return n.Container.mkdir(args[0]) }

func (n node) cp(args []string) error {
	text, err := io.ReadAll(n.stdin)
	if err != nil {
		return err
	}
	return n.write(args[0], text)
}

// kubeadmInit makes the files that kind goes on with, once in a cluster.
func (n node) kubeadmInit([]string) error {
	if err := n.configured(); err != nil {
		return err
	}
	cluster := n.Labels[clusterLabel]
	if n.Role() != "control-plane" {
		return fmt.Errorf("kubeadm init on the %s %s", n.Role(), n.Name)
	}
	switch fresh, err := n.state.add("initialised", cluster); {
	case err != nil:
		return err
	case !fresh:
		return errors.New("kubeadm init twice")
	}
	if err := n.put("/etc/kubernetes/admin.conf", fmt.Sprintf(adminConf, cluster)); err != nil {
		return err
	}
	for _, name := range certificates {
		if err := n.put(name, path.Base(name)+" of "+cluster+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// kubeadmJoin needs a cluster, and on control planes the first one's files.
func (n node) kubeadmJoin([]string) error {
	if err := n.configured(); err != nil {
		return err
	}
	if !n.state.has("initialised", n.Labels[clusterLabel]) {
		return errors.New("kubeadm join before kubeadm init")
	}
	if n.Role() != "control-plane" {
		return nil
	}
	for _, name := range certificates {
		if _, err := n.File(name); err != nil {
			return fmt.Errorf("kubeadm join: %w", err)
		}
	}
	return nil
}

func (n node) configured() error {
	_, err := n.File("/kind/kubeadm.conf")
	return err
}

// kubectl needs what kubeadm init leaves, and reads its input to the end.
func (n node) kubectl([]string) error {
	if _, err := n.File("/etc/kubernetes/admin.conf"); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, n.stdin)
	return err
}

func (n node) nothing([]string) error { return nil }

// swap is how kind puts the load balancer's new configuration in place.
var swap = regexp.MustCompile(`^chmod 666 (\S+) (\S+) && mv (\S+) (\S+) && mv (\S+) (\S+)$`)

func (n node) sh(args []string) error {
	words := swap.FindStringSubmatch(args[0])
	if words == nil {
		return refusal("sh -c " + args[0])
	}
	for _, move := range [][]string{words[3:5], words[5:7]} {
		text, err := n.File(move[0])
		if err != nil {
			return err
		}
		if err := n.write(move[1], text); err != nil {
			return err
		}
	}
	return nil
}

func (n node) bash(args []string) error {
	if args[0] != "! pgrep --exact containerd || systemctl restart containerd" {
		return refusal("bash -c " + args[0])
	}
	return nil
}
