package collector

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kubetrace"
	"kubetrace/tracing"
)

// The two loopback addresses.
const (
	ipv4 = "127.0.0.1"
	ipv6 = "::1"
)

// localSpec returns a spec for the collector that runs. It takes free ports, so
// that the tests disturb nothing that runs on this machine.
func localSpec(t *testing.T, host string) tracing.TracingSpec {
	t.Helper()
	ports := freePorts(t, host, 3)
	return tracing.TracingSpec{
		KubernetesVersion: "1.37",
		Endpoint:          net.JoinHostPort(host, strconv.Itoa(int(ports[0]))),
		Collector: tracing.CollectorSpec{
			Image:      "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:" + running(t).String(),
			HealthPort: ports[1], MetricsPort: ports[2],
		},
	}
}

// abstractEndpoint has the process' number, so that two runs do not meet.
func abstractEndpoint() string {
	return fmt.Sprintf("unix-abstract:///kubetrace-conformance-%d", os.Getpid())
}

// image is one that a spec may name; the default one is written by leaving it
// out.
type image struct{ of, name string }

// images returns the images whose configurations the collector that runs has to
// take: its own and, where nothing was renamed between the two, the default one.
func images(t *testing.T) []image {
	t.Helper()
	spec := localSpec(t, ipv4)
	list := []image{{"own image", spec.Collector.Image}}
	own := resolve(t, spec).CollectorRelease()
	spec.Collector.Image = ""
	byDefault := resolve(t, spec).CollectorRelease()
	if running(t).String() != tracing.DefaultCollectorVersion && byDefault.GRPCExporter == own.GRPCExporter && byDefault.HTTPExporter == own.HTTPExporter {
		list = append(list, image{"default image", ""})
	}
	return list
}

func resolve(tb testing.TB, spec tracing.TracingSpec) tracing.Resolved {
	tb.Helper()
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		tb.Fatal(err)
	}
	return resolved
}

func generate(tb testing.TB, spec tracing.TracingSpec) *kubetrace.Bundle {
	tb.Helper()
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		tb.Fatal(err)
	}
	return bundle
}

func collectorYAML(tb testing.TB, spec tracing.TracingSpec) []byte {
	tb.Helper()
	return file(tb, spec, "collector.yaml")
}

// file returns a file of a spec's bundle.
func file(tb testing.TB, spec tracing.TracingSpec, name string) []byte {
	tb.Helper()
	files, err := generate(tb, spec).FS()
	if err != nil {
		tb.Fatal(err)
	}
	data, err := fs.ReadFile(files, name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// endpoint returns where the generated files tell kube-apiserver to send.
func endpoint(tb testing.TB, spec tracing.TracingSpec) string {
	tb.Helper()
	return *generate(tb, spec).TracingConfiguration.Endpoint
}

func secretKey(name, key string) *corev1.SecretKeySelector {
	return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key}
}

// nextPort goes round the hundred ports of this process. They are below the range
// from which Linux takes the ports of outgoing connections and of listeners that
// name none, and other runs of these tests most likely have another hundred.
var nextPort atomic.Int32

// freePorts returns ports that nothing listens on.
func freePorts(tb testing.TB, host string, n int) []int32 {
	tb.Helper()
	const first, hundreds, size = 20_000, 120, 100
	base := first + size*int32(os.Getpid()%hundreds)
	var ports []int32
	for range size {
		port := base + nextPort.Add(1)%size
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(int(port))))
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			continue
		case errors.Is(err, syscall.EADDRNOTAVAIL) && host == ipv6:
			tb.Fatalf("these tests need IPv6 on the loopback interface; switch it on with sysctl -w net.ipv6.conf.lo.disable_ipv6=0: %v", err)
		case err != nil:
			tb.Fatal(err)
		}
		_ = listener.Close()
		if ports = append(ports, port); len(ports) == n {
			return ports
		}
	}
	tb.Fatalf("fewer than %d ports are free from %d to %d", n, base, base+size-1)
	return nil
}
