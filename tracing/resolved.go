package tracing

import (
	"fmt"
	"net"
	"strconv"

	"kubetrace/release"
)

// Component names something that kubetrace generates configuration for.
type Component string

// The components, named as upstream names them.
const (
	ComponentEtcd       Component = "etcd"
	ComponentAPIServer  Component = "kube-apiserver"
	ComponentKubelet    Component = "kubelet"
	ComponentContainerd Component = "containerd"
	ComponentCRIO       Component = "crio"
	ComponentCollector  Component = "collector"
	ComponentGateway    Component = "gateway"
	ComponentBackend    Component = "backend"
)

// Resolved is a valid, defaulted spec together with what the release tables say
// of it. Only [Resolve] makes one. It answers named questions; what it returns
// is the caller's, and changing it changes nothing else. The zero Resolved
// generates nothing.
type Resolved struct {
	// Warnings are what a person should know about the outputs of this spec.
	// The same spec gives the same warnings in the same order.
	Warnings []Warning

	facts *facts
}

// facts is what was resolved. It is never changed after Resolve.
type facts struct {
	spec          TracingSpec // defaulted
	kubernetes    release.Version
	kubelet       release.Version
	controlPlane  Release
	oldestKubelet Release
	etcd          EtcdRelease
	target        target
	containerd    containerdForms
	collector     CollectorRelease
	// collectorVersion is what the spec or the image's tag names.
	collectorVersion release.Version
	exporter         ExporterSpec // of the nodes' collectors
	gateway          ExporterSpec // of the gateway
	backendMajor     uint
	notGenerated     map[Component]NotGeneratedError
}

// NotGenerated returns why there is no output for a component, or nil where
// there is one.
func (r Resolved) NotGenerated(c Component) *NotGeneratedError {
	if r.facts == nil {
		return &NotGeneratedError{Component: c, Field: "kubernetesVersion", Reason: "this Resolved was not made by tracing.Resolve"}
	}
	if why, ok := r.facts.notGenerated[c]; ok {
		return &why
	}
	return nil
}

// Spec returns the defaulted spec.
func (r Resolved) Spec() TracingSpec {
	if r.facts == nil {
		return TracingSpec{}
	}
	return *r.facts.spec.DeepCopy()
}

// known returns what was resolved, or nothing for the zero Resolved.
func (r Resolved) known() facts {
	if r.facts == nil {
		return facts{}
	}
	return *r.facts
}

// ControlPlane returns the row of the control plane's release. For a release
// that is newer than the tables it is the newest row.
func (r Resolved) ControlPlane() Release { return r.known().controlPlane }

// OldestKubelet returns the row of the oldest kubelet's release.
func (r Resolved) OldestKubelet() Release { return r.known().oldestKubelet }

// KubernetesMinor returns the control plane's minor release as the spec names
// it, "1.34", even where the tables end before it.
func (r Resolved) KubernetesMinor() string { return r.known().kubernetes.Minor() }

// KubernetesPatch returns the control plane's version with its patch,
// "v1.34.2", or nothing where the spec names no patch.
func (r Resolved) KubernetesPatch() string {
	if k := r.known().kubernetes; k.HasPatch() {
		return "v" + k.String()
	}
	return ""
}

// ComponentEndpoint returns where etcd, kube-apiserver and kubelet send to, in
// the form that all three read.
func (r Resolved) ComponentEndpoint() string { return r.known().spec.Endpoint }

// Listener returns how the collector listens for the components: the transport
// and endpoint of its OTLP receiver, "tcp" and "127.0.0.1:4317" or "unix" and
// "@/name".
func (r Resolved) Listener() (transport, endpoint string) {
	if name := r.known().target.abstract; name != "" {
		return "unix", "@/" + name
	}
	return "tcp", r.known().spec.Endpoint
}

// ListenerPort returns the TCP port that the collector listens on for the
// components, or 0 for an abstract socket.
func (r Resolved) ListenerPort() int32 { return r.known().target.port }

// ListenerHost returns the IP address that the collector listens on for the
// components, without brackets, or nothing for an abstract socket.
func (r Resolved) ListenerHost() string { return r.known().target.host }

// LoopbackHost returns the address of the collector's health check and metrics,
// "127.0.0.1" or, where the endpoint is IPv6, "::1".
func (r Resolved) LoopbackHost() string {
	if net.ParseIP(r.known().target.host) != nil && net.ParseIP(r.known().target.host).To4() == nil {
		return "::1"
	}
	return "127.0.0.1"
}

// EtcdRelease returns what holds of every etcd in question: of EtcdRange.
func (r Resolved) EtcdRelease() EtcdRelease { return r.known().etcd }

// EtcdRange returns the oldest and the newest etcd that the cluster may run,
// "3.5.10" and "3.5.16". Both are the one that the spec names where that decides it,
// with an image's tag or as the version of an external etcd; otherwise they are
// what a kubeadm of the release may install. The zero Resolved has none.
func (r Resolved) EtcdRange() (lowest, highest string) {
	spec, row := r.known().spec.Etcd, r.known().controlPlane
	named, ok := release.VersionOfTag(spec.ImageTag)
	if !ok && (spec.External || spec.ImageTag != "") {
		named, ok = release.ParseVersion(spec.Version)
	}
	if !ok {
		return row.EtcdLowest, row.EtcdHighest
	}
	return named.Numbers(), named.Numbers()
}

// EtcdSamplingRate returns etcd's sampling rate per million, and false where
// not every etcd in question has a flag for it.
func (r Resolved) EtcdSamplingRate() (int32, bool) {
	spec := r.known().spec
	return rate(spec.Etcd.SamplingRatePerMillion, spec), r.known().etcd.SamplingRateFlag
}

// APIServerSamplingRate returns kube-apiserver's sampling rate per million.
func (r Resolved) APIServerSamplingRate() int32 {
	spec := r.known().spec
	return rate(spec.APIServer.SamplingRatePerMillion, spec)
}

// KubeletSamplingRate returns the kubelet's sampling rate per million.
func (r Resolved) KubeletSamplingRate() int32 {
	spec := r.known().spec
	return rate(spec.Kubelet.SamplingRatePerMillion, spec)
}

// rate returns a component's own rate or else the spec's.
func rate(own *int32, spec TracingSpec) int32 {
	switch {
	case own != nil:
		return *own
	case spec.SamplingRatePerMillion != nil:
		return *spec.SamplingRatePerMillion
	}
	return 0
}

// CollectorRelease returns what the collector's version understands.
func (r Resolved) CollectorRelease() CollectorRelease { return r.known().collector }

// Exporter returns where the collectors on the nodes send to: the gateway where
// there is one, or else what GatewayExporter's comment names.
func (r Resolved) Exporter() ExporterSpec {
	exporter := r.known().exporter
	return *exporter.DeepCopy()
}

// GatewayExporter returns where the gateway sends to: the spec's exporter or,
// where that names no endpoint, the development backend. It is empty where there
// is no gateway.
func (r Resolved) GatewayExporter() ExporterSpec {
	exporter := r.known().gateway
	return *exporter.DeepCopy()
}

// BackendMajor returns the major version of Jaeger, 1 or 2: the two are
// configured differently.
func (r Resolved) BackendMajor() uint { return r.known().backendMajor }

// The development backend's Service, which the collector sends to.
const (
	// BackendName is the name of the backend's objects.
	BackendName = "kubetrace-jaeger"
	// BackendPort is the port of the backend's Service and container for OTLP
	// over gRPC.
	BackendPort int32 = 4317
)

// backendExporter sends to the backend's Service. Plain text is what Jaeger
// speaks without certificates; it stays inside the cluster.
func backendExporter(namespace, compression string) ExporterSpec {
	host := fmt.Sprintf("%s.%s.svc", BackendName, namespace)
	return ExporterSpec{
		Endpoint:    "dns:///" + net.JoinHostPort(host, strconv.Itoa(int(BackendPort))),
		Protocol:    "grpc",
		Insecure:    true,
		Compression: compression,
	}
}

// The gateway's Service, which the nodes' collectors send to.
const (
	// GatewayName is the name of the gateway's objects.
	GatewayName = "kubetrace-gateway"
	// GatewayPort is the port of the gateway's Service and container for OTLP
	// over gRPC.
	GatewayPort int32 = 4317
)

// gatewayExporter sends to all pods behind the gateway's Service.
func gatewayExporter(spec GatewaySpec, compression string) ExporterSpec {
	host := fmt.Sprintf("%s.%s.svc", GatewayName, spec.Namespace)
	exporter := ExporterSpec{
		Endpoint:    "dns:///" + net.JoinHostPort(host, strconv.Itoa(int(GatewayPort))),
		Protocol:    "grpc",
		Insecure:    spec.TLS == nil,
		Compression: compression,
	}
	if spec.TLS != nil {
		exporter.TLS = &TLSSpec{CA: spec.TLS.CA, Cert: spec.TLS.ClientCert, Key: spec.TLS.ClientKey}
	}
	return exporter
}
