package kubernetes

// Refused is a value that kubetrace refuses in a spec and that upstream knows
// too.
type Refused struct {
	// Field of the spec, and the Value.
	Field, Value string
	// Upstream tells that kube-apiserver, kubelet and kubeadm refuse it as well,
	// in every release.
	Upstream bool
	// Why kubetrace does.
	Why string
}

// Stricter lists them. TestStricter tries each with every release.
var Stricter = []Refused{
	{"endpoint", "localhost:4317", false, "it may be 127.0.0.1 or ::1, and the collector listens on one of them"},
	{"endpoint", "127.0.0.1", false, "without a port, gRPC dials 443"},
	{"endpoint", "dns:///127.0.0.1:4317", false, "one spelling is enough, and the collector needs the plain one"},
	{"endpoint", "dns://127.0.0.1:4317", false, "the host is taken for a DNS server, and nothing is ever sent"},
	{"endpoint", "unix:///run/otel.sock", false, "etcd's static pod cannot mount the socket, and a killed collector leaves a file that blocks the next"},
	{"endpoint", "unix-abstract://kubetrace", false, "two slashes make the name a host, and nothing is ever sent"},
	{"endpoint", "unix-abstract:kubetrace", true, "Kubernetes takes the name for a port"},
	{"endpoint", "http://127.0.0.1:4317", true, "the endpoint has no scheme"},
	{"endpoint", "passthrough:///127.0.0.1:4317", true, "the endpoint has no scheme"},
	{"endpoint", "::1:4317", false, "without brackets, gRPC dials port 443 of the address ::1:4317"},
	{"endpoint", "127.0.0.1:4317/v1/traces", false, "gRPC has no path, and nothing is ever sent"},
	{"endpoint", "127.0.0.1:99999", false, "there is no such port, and nothing is ever sent"},
	{"endpoint", "127.0.0.1:otlp", true, "the port is a number"},
	{"endpoint", "192.0.2.1:4317", false, "components send in plain text, so the generated collector listens on loopback only"},
	{"endpoint", "collector.observability.svc:4317", false, "static pods and kubelets do not resolve the names of Services"},
	{"samplingRatePerMillion", "-1", true, "it is a share of a million"},
	{"samplingRatePerMillion", "1000001", true, "it is a share of a million"},
	{"apiServer.configFile", "/etc/kubernetes/$(HOME).yaml", false, "the kubelet expands it in the arguments of static pods"},
	{"etcd.serviceName", "$(HOME)", false, "the kubelet expands it in the arguments of static pods"},
	{"etcd.imageTag", "3.5.4-0", false, "kubeadm takes any tag; before 3.5.5 etcd samples every request and leaks memory"},
	{"etcd.imageTag", "latest", false, "kubeadm takes any tag; which flags etcd accepts depends on its version"},
	{"etcd.imageTag", "3.6.0-rc.1", false, "kubeadm takes any tag; the flags of a pre-release are not known"},
}
