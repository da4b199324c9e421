package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// fabric is the cable between the nodes: a bridge in a network namespace that
// holds nothing else. The namespace has no name, so it goes when its descriptor
// does.
type fabric struct {
	space  netns.NsHandle
	bridge netlink.Link
}

// The nodes' network is of RFC 5737's, which is never routed.
const nodeNetwork = "192.0.2."

func nodeAddress(number int) string { return fmt.Sprintf("%s%d", nodeNetwork, 10+number) }

// PodNetwork is the addresses of all pods.
const PodNetwork = "10.244.0.0/16"

// podSubnet is those of one node.
func podSubnet(number int) string { return fmt.Sprintf("10.244.%d.0/24", number) }

func newFabric() (*fabric, error) {
	space, err := newNetworkNamespace()
	if err != nil {
		return nil, fmt.Errorf("make the network between the nodes: %w", err)
	}
	f := &fabric{space: space}
	handle, err := netlink.NewHandleAt(space)
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	defer handle.Close()
	attributes := netlink.NewLinkAttrs()
	attributes.Name = "nodes"
	f.bridge = &netlink.Bridge{LinkAttrs: attributes}
	// The nodes' default route leads to the bridge, where it ends. They need one:
	// kubeadm asks for it, and without it there is no way to a Service.
	if err := errors.Join(
		handle.LinkAdd(f.bridge),
		addAddress(handle, "nodes", nodeNetwork+"1/24"),
		up(handle, "nodes"),
		up(handle, "lo"),
	); err != nil {
		return nil, errors.Join(fmt.Errorf("make the network between the nodes: %w", err), f.close())
	}
	return f, nil
}

// newNetworkNamespace makes one without staying in it.
func newNetworkNamespace() (space netns.NsHandle, err error) {
	err = onThread(func() (err error) {
		space, err = netns.New()
		return err
	})
	return space, err
}

// plug connects a node's network namespace, and gives it its address.
func (f *fabric) plug(number int, space netns.NsHandle) error {
	handle, err := netlink.NewHandleAt(f.space)
	if err != nil {
		return err
	}
	defer handle.Close()
	attributes := netlink.NewLinkAttrs()
	attributes.Name = fmt.Sprintf("node%d", number)
	attributes.MasterIndex = f.bridge.Attrs().Index
	cable := netlink.NewVeth(attributes)
	cable.PeerName, cable.PeerNamespace = "eth0", netlink.NsFd(space)
	if err := errors.Join(handle.LinkAdd(cable), up(handle, attributes.Name)); err != nil {
		return err
	}
	inside, err := netlink.NewHandleAt(space)
	if err != nil {
		return err
	}
	defer inside.Close()
	return errors.Join(
		up(inside, "lo"),
		addAddress(inside, "eth0", nodeAddress(number)+"/24"),
		up(inside, "eth0"),
		addRoute(inside, "0.0.0.0/0", nodeNetwork+"1"),
	)
}

// routePods tells a node the way to the pods of another.
func routePods(space netns.NsHandle, number int) error {
	handle, err := netlink.NewHandleAt(space)
	if err != nil {
		return err
	}
	defer handle.Close()
	return addRoute(handle, podSubnet(number), nodeAddress(number))
}

func (f *fabric) close() error { return f.space.Close() }

func addAddress(handle *netlink.Handle, name, address string) error {
	link, err := handle.LinkByName(name)
	if err != nil {
		return err
	}
	parsed, err := netlink.ParseAddr(address)
	if err != nil {
		return err
	}
	return handle.AddrAdd(link, parsed)
}

func addRoute(handle *netlink.Handle, to, via string) error {
	_, network, err := net.ParseCIDR(to)
	if err != nil {
		return err
	}
	return handle.RouteAdd(&netlink.Route{Dst: network, Gw: net.ParseIP(via)})
}

func up(handle *netlink.Handle, name string) error {
	link, err := handle.LinkByName(name)
	if err != nil {
		return err
	}
	return handle.LinkSetUp(link)
}

// within calls a function in a network namespace.
func within(space netns.NsHandle, function func() error) error {
	return onThread(func() error {
		if err := netns.Set(space); err != nil {
			return os.NewSyscallError("setns", err)
		}
		return function()
	})
}

// onThread calls a function that may change the network namespace of its thread,
// and changes it back. A thread that cannot go back is given up.
func onThread(function func() error) error {
	result := make(chan error)
	go func() {
		runtime.LockOSThread()
		own, err := netns.Get()
		if err != nil {
			runtime.UnlockOSThread()
			result <- err
			return
		}
		defer own.Close()
		err = function()
		if netns.Set(own) == nil {
			runtime.UnlockOSThread()
		}
		result <- err
	}()
	return <-result
}

// Dial connects from within the node: 127.0.0.1 is the node's.
func (n *Node) Dial(ctx context.Context, network, address string) (conn net.Conn, err error) {
	err = within(n.space, func() (err error) {
		conn, err = new(net.Dialer).DialContext(ctx, network, address)
		return err
	})
	return conn, err
}

// Listen listens within the node.
func (n *Node) Listen(network, address string) (listener net.Listener, err error) {
	err = within(n.space, func() (err error) {
		listener, err = net.Listen(network, address)
		return err
	})
	return listener, err
}
