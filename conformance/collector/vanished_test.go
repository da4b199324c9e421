package collector

import (
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"

	"kubetrace/tracing"
)

// A backend whose node loses its power says nothing any more. The kernel would
// wait a quarter of an hour for it, so the exporter's connection tells it to give
// up after the 20 seconds of keepalive.
func TestVanishedBackend(t *testing.T) {
	cell(t, delivers)
	sink, endpoint := plainGRPC(t)
	spec := localSpec(t, ipv4)
	spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: endpoint, Insecure: true}
	Start(t, Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec)).Config)
	Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
	sink.Wait(t, 1, delivery)
	connections := connectionsTo(t, sink.Address)
	if len(connections) == 0 {
		t.Fatal("the collector has no connection to the backend")
	}
	for _, socket := range connections {
		const userTimeout = 18 // TCP_USER_TIMEOUT of tcp(7), in milliseconds
		got, err := syscall.GetsockoptInt(socket, syscall.IPPROTO_TCP, userTimeout)
		if err != nil || got != 20_000 {
			t.Errorf("the kernel waits for %d ms (%v), want 20000", got, err)
		}
	}
}

// connectionsTo returns the sockets of this process, in which the collector runs,
// that are connected to an address.
func connectionsTo(t *testing.T, address string) (sockets []int) {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatalf("the test needs Linux: %v", err)
	}
	for _, file := range files {
		socket, err := strconv.Atoi(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		peer, err := syscall.Getpeername(socket)
		if err != nil {
			continue // no socket, or not connected
		}
		if v4, ok := peer.(*syscall.SockaddrInet4); ok && net.JoinHostPort(net.IP(v4.Addr[:]).String(), strconv.Itoa(v4.Port)) == address {
			sockets = append(sockets, socket)
		}
	}
	return sockets
}
