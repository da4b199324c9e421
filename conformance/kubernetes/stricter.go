package kubernetes

import (
	"fmt"
	"strconv"
	"strings"
)

// Refused is a value that kubetrace refuses in a spec and that upstream knows
// too.
type Refused struct {
	// Field of the spec, and the Value.
	Field, Value string
	// Upstream tells in which releases kubeadm, kube-apiserver or kubelet refuse
	// it as well.
	Upstream Releases
	// Why kubetrace does.
	Why string
}

// Releases are those from one minor to another, both included.
type Releases struct{ from, to int }

var (
	none = Releases{}
	all  = Releases{0, 99}
	// gRPC's clients of that time looked at the target at once.
	dialing = Releases{26, 30}
)

// String completes "Kubernetes would".
func (r Releases) String() string {
	switch r {
	case none:
		return "accept it"
	case all:
		return "refuse it too"
	}
	return fmt.Sprintf("refuse it too from 1.%d to 1.%d", r.from, r.to)
}

// Has tells whether a minor release, "1.29", is one of them.
func (r Releases) Has(minor string) bool {
	n, err := strconv.Atoi(strings.TrimPrefix(minor, "1."))
	return err == nil && r.from <= n && n <= r.to
}

// Stricter lists them. TestStricter tries each with every release.
var Stricter = []Refused{
	{"endpoint", "localhost:4317", none, "it may be 127.0.0.1 or ::1, and the collector listens on one of them"},
	{"endpoint", "127.0.0.1", none, "without a port, gRPC dials 443"},
	{"endpoint", "dns:///127.0.0.1:4317", none, "one spelling is enough, and the collector needs the plain one"},
	{"endpoint", "dns://127.0.0.1:4317", dialing, "the host is taken for a DNS server, and nothing is ever sent"},
	{"endpoint", "unix:///run/otel.sock", none, "etcd's static pod cannot mount the socket, and a killed collector leaves a file that blocks the next"},
	{"endpoint", "unix-abstract://kubetrace", dialing, "two slashes make the name a host, and nothing is ever sent"},
	{"endpoint", "unix-abstract:kubetrace", all, "Kubernetes takes the name for a port"},
	{"endpoint", "http://127.0.0.1:4317", all, "the endpoint has no scheme"},
	{"endpoint", "passthrough:///127.0.0.1:4317", all, "the endpoint has no scheme"},
	{"endpoint", "::1:4317", none, "without brackets, gRPC dials port 443 of the address ::1:4317"},
	{"endpoint", "127.0.0.1:4317/v1/traces", none, "gRPC has no path, and nothing is ever sent"},
	{"endpoint", "127.0.0.1:99999", none, "there is no such port, and nothing is ever sent"},
	{"endpoint", "127.0.0.1:otlp", all, "the port is a number"},
	{"endpoint", "192.0.2.1:4317", none, "components send in plain text, so the generated collector listens on loopback only"},
	{"endpoint", "collector.observability.svc:4317", none, "static pods and kubelets do not resolve the names of Services"},
	{"samplingRatePerMillion", "-1", all, "it is a share of a million"},
	{"samplingRatePerMillion", "1000001", all, "it is a share of a million"},
	{"apiServer.configFile", "/etc/kubernetes/$(HOME).yaml", none, "the kubelet expands it in the arguments of static pods"},
	{"etcd.serviceName", "$(HOME)", none, "the kubelet expands it in the arguments of static pods"},
	{"etcd.imageTag", "3.5.4-0", none, "kubeadm takes any tag; before 3.5.5 etcd samples every request and leaks memory"},
	{"etcd.imageTag", "latest", none, "kubeadm takes any tag; which flags etcd accepts depends on its version"},
	{"etcd.imageTag", "3.6.0-rc.1", none, "kubeadm takes any tag; the flags of a pre-release are not known"},
}
