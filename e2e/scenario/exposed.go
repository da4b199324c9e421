package scenario

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"kubetrace/e2e/lab"
)

// Exposed says whether nothing that the collector opens answers on an address of
// the node that others reach, while all of it answers on loopback.
func (r *Run) Exposed(ctx context.Context) error {
	spec := r.resolved.Spec()
	ports := []int32{spec.Collector.HealthPort, spec.Collector.MetricsPort}
	if port := r.resolved.ListenerPort(); port != 0 {
		ports = append(ports, port)
	}
	var errs []error
	for _, node := range r.Cluster.Nodes() {
		addresses, err := addressesOf(ctx, node)
		if err != nil {
			return err
		}
		for _, port := range ports {
			// Or the rest would find nothing because there is nothing.
			if err := dial(ctx, node, "127.0.0.1", port); err != nil {
				errs = append(errs, fmt.Errorf("on loopback of %s: %w", node.Name, err))
			}
			for _, address := range addresses {
				if dial(ctx, node, address, port) == nil {
					errs = append(errs, fmt.Errorf("port %d of the collector answers on %s of %s", port, address, node.Name))
				}
			}
		}
	}
	return errors.Join(errs...)
}

// addressesOf returns the addresses of a node that are not loopback. There are
// two at least: its own and that of the bridge to its pods.
func addressesOf(ctx context.Context, node *lab.Node) ([]string, error) {
	printed, err := node.Output(ctx, "ip", "-oneline", "address", "show", "scope", "global")
	if err != nil {
		return nil, err
	}
	var addresses []string
	for line := range strings.Lines(printed) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			return nil, fmt.Errorf("ip prints %q", line)
		}
		address, _, _ := strings.Cut(fields[3], "/")
		addresses = append(addresses, address)
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("%s has no address but loopback:\n%s", node.Name, printed)
	}
	return addresses, nil
}

func dial(ctx context.Context, node *lab.Node, host string, port int32) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := node.Dial(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
	if err == nil {
		err = conn.Close()
	}
	return err
}
