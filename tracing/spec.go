package tracing

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// +k8s:deepcopy-gen=true

// TracingSpec says, for one cluster, which Kubernetes release it runs and where
// the traces of etcd, kube-apiserver and kubelet go.
//
// Only KubernetesVersion is required. A spec with nothing else traces all three
// components at 1 %, through a collector on every node, into a development
// backend inside the cluster. The zero value of every other field means "the
// default", which WithDefaults writes out and each field's comment names.
//
// A TracingSpec is plain data: the json tags make it readable from YAML and
// JSON (see [Load]) and the DeepCopy methods let other Kubernetes APIs embed
// it.
type TracingSpec struct {
	// KubernetesVersion is the version of the control plane: "1.34", "v1.34.2"
	// or "1.34.0-rc.1". Required. Supported are 1.22 to 1.37, and 1.38 as a
	// preview (see [Releases] and Release.Preview). Up to three minors beyond the newest
	// that is released are treated as the newest row of the tables and get a warning, and
	// what is older, or newer than that, is an error.
	//
	// With a patch ("1.34.2") it is also written as kubernetesVersion into the
	// kubeadm documents; without one kubeadm chooses. In YAML the value needs
	// quotes: 1.30 without quotes is the number 1.3.
	KubernetesVersion string `json:"kubernetesVersion" yaml:"kubernetesVersion"`

	// KubeletVersion is the version of the oldest kubelet in the cluster. It
	// defaults to KubernetesVersion. It may be as many minors older as the
	// version skew policy allows (three from kubelet 1.25 on, two before) and
	// never newer. The kubelet's configuration is generated for this release,
	// since one KubeletConfiguration reaches all nodes.
	// https://kubernetes.io/releases/version-skew-policy/#kubelet
	KubeletVersion string `json:"kubeletVersion,omitempty" yaml:"kubeletVersion,omitempty"`

	// ClusterName becomes the attribute k8s.cluster.name on every span.
	// Optional: without it the attribute is not set.
	ClusterName string `json:"clusterName,omitempty" yaml:"clusterName,omitempty"`

	// Endpoint is where the components send OTLP over gRPC and where the
	// collector of the same node listens. It defaults to "127.0.0.1:4317".
	//
	// With the generated collector it is either a loopback IP address and a
	// port ("127.0.0.1:4317", "[::1]:4317": every process on the node may send
	// to it, nothing outside the node can), or "unix-abstract:///name": a
	// socket in the abstract namespace, which only processes in the host's
	// network namespace reach and which needs neither port nor file. It is
	// refused by Kubernetes when the API server has an egress selector for the
	// control plane.
	//
	// With Collector.Disabled it is any "host:port" that etcd, kube-apiserver
	// and kubelet can reach. Names of Services do not work: none of the three
	// resolves cluster DNS.
	Endpoint string `json:"endpoint,omitempty" yaml:"endpoint,omitempty"`

	// SamplingRatePerMillion is how many of a million requests that arrive
	// without a sampled parent are traced, 0 to 1000000, for every component
	// that sets no rate of its own. nil means 10000, which is 1 %. 0 traces
	// nothing but what a sampled parent asks for.
	SamplingRatePerMillion *int32 `json:"samplingRatePerMillion,omitempty" yaml:"samplingRatePerMillion,omitempty"`

	// Etcd is about the traces of etcd.
	Etcd EtcdSpec `json:"etcd,omitempty" yaml:"etcd,omitempty"`

	// APIServer is about the traces of kube-apiserver.
	APIServer APIServerSpec `json:"apiServer,omitempty" yaml:"apiServer,omitempty"`

	// Kubelet is about the traces of the kubelets.
	Kubelet KubeletSpec `json:"kubelet,omitempty" yaml:"kubelet,omitempty"`

	// Containerd is about the traces of containerd, where it is the nodes' container
	// runtime. nil leaves it alone.
	Containerd *ContainerdSpec `json:"containerd,omitempty" yaml:"containerd,omitempty"`

	// CRIO is about the traces of CRI-O, where it is the nodes' container runtime. nil
	// leaves it alone.
	CRIO *CRIOSpec `json:"crio,omitempty" yaml:"crio,omitempty"`

	// Collector is the OpenTelemetry Collector that runs on every node.
	Collector CollectorSpec `json:"collector,omitempty" yaml:"collector,omitempty"`

	// Gateway puts a tier of collectors between those on the nodes and the
	// backend. nil is none: every node sends to the backend itself.
	Gateway *GatewaySpec `json:"gateway,omitempty" yaml:"gateway,omitempty"`

	// Backend is the development backend, generated only while
	// Collector.Exporter.Endpoint is empty.
	Backend BackendSpec `json:"backend,omitempty" yaml:"backend,omitempty"`
}

// +k8s:deepcopy-gen=true

// EtcdSpec is about the traces of etcd.
//
// Which flags etcd accepts depends on its patch release, and an unknown flag
// ends it at start. Without an ImageTag, of an etcd that kubeadm runs, kubetrace
// writes only what every etcd accepts that a kubeadm of this Kubernetes release may
// install ([Release].EtcdLowest to EtcdHighest).
type EtcdSpec struct {
	// Disabled leaves etcd's configuration alone.
	Disabled bool `json:"disabled,omitempty" yaml:"disabled,omitempty"`

	// External says that kubeadm does not run etcd. Then Version is required
	// and the flags and environment are only returned, to be placed by whoever
	// runs etcd: kubeadm refuses etcd.local beside etcd.external.
	External bool `json:"external,omitempty" yaml:"external,omitempty"`

	// Version is etcd's version, "3.5.11". ImageTag sets it where the tag
	// names one ("v3.5.11", "3.5.11-0"); when both are given they must agree.
	// Without External and ImageTag it does not decide which etcd kubeadm runs, so
	// it allows no flag (a warning says which it would), and one outside of what
	// kubeadm may install is an error. kubeadm up to 1.33 cannot start etcd 3.7,
	// and from 1.36 on not 3.5. Before 3.5.5 etcd's tracing samples
	// everything and leaks memory: such a version is an error.
	Version string `json:"version,omitempty" yaml:"version,omitempty"`

	// ImageRepository is kubeadm's etcd.local.imageRepository, without the
	// image name: "quay.io/coreos" makes kubeadm run quay.io/coreos/etcd. The
	// default is kubeadm's own. Up to Kubernetes 1.25 it needs an ImageTag,
	// since the default etcd of these releases is left alone.
	ImageRepository string `json:"imageRepository,omitempty" yaml:"imageRepository,omitempty"`

	// ImageTag is kubeadm's etcd.local.imageTag. The default is kubeadm's own.
	// Tags of registry.k8s.io end in a build, "3.5.21-0"; those of
	// quay.io/coreos begin with a v, "v3.5.21".
	ImageTag string `json:"imageTag,omitempty" yaml:"imageTag,omitempty"`

	// ServiceName is the service.name of etcd's spans. It defaults to "etcd".
	ServiceName string `json:"serviceName,omitempty" yaml:"serviceName,omitempty"`

	// InstanceID is the service.instance.id of etcd's spans. Leave it empty
	// unless there is one member only: kubeadm gives every member the same
	// flags. Without it the collector of each node adds the node's name.
	InstanceID string `json:"instanceID,omitempty" yaml:"instanceID,omitempty"`

	// SamplingRatePerMillion is etcd's own rate, 0 to 1000000, for requests
	// that do not come from a traced kube-apiserver. It defaults to the spec's.
	// etcd before 3.5.11 has no such setting (a warning says so).
	SamplingRatePerMillion *int32 `json:"samplingRatePerMillion,omitempty" yaml:"samplingRatePerMillion,omitempty"`
}

// +k8s:deepcopy-gen=true

// APIServerSpec is about the traces of kube-apiserver.
type APIServerSpec struct {
	// Disabled leaves kube-apiserver's configuration alone.
	Disabled bool `json:"disabled,omitempty" yaml:"disabled,omitempty"`

	// SamplingRatePerMillion is kube-apiserver's own rate, 0 to 1000000. It
	// defaults to the spec's.
	SamplingRatePerMillion *int32 `json:"samplingRatePerMillion,omitempty" yaml:"samplingRatePerMillion,omitempty"`

	// ConfigFile is the absolute path of the TracingConfiguration on every
	// control-plane node, mounted at the same path into the static pod. It
	// defaults to "/etc/kubernetes/tracing-config.yaml". The file must be there
	// before the API server starts with the flag.
	ConfigFile string `json:"configFile,omitempty" yaml:"configFile,omitempty"`
}

// +k8s:deepcopy-gen=true

// KubeletSpec is about the traces of the kubelets. Kubelets before 1.25 have
// none: then nothing is generated and a warning says so.
type KubeletSpec struct {
	// Disabled leaves the kubelets' configuration alone.
	Disabled bool `json:"disabled,omitempty" yaml:"disabled,omitempty"`

	// SamplingRatePerMillion is the kubelet's own rate, 0 to 1000000. It
	// defaults to the spec's.
	SamplingRatePerMillion *int32 `json:"samplingRatePerMillion,omitempty" yaml:"samplingRatePerMillion,omitempty"`
}

// +k8s:deepcopy-gen=true

// ContainerdSpec is about the traces of containerd, which continue those of the
// kubelet: a pod's start is then one trace, from the kubelet down to the runtime.
//
// What containerd reads depends on its release. 1.7.0 to 1.7.15 read tables of
// config.toml, all others from 1.6.32 on the variables OTEL_… of their environment, and
// pass over the tables or, from 1.7.19 to the last 1.7, let the variables win.
type ContainerdSpec struct {
	// Version is that of the nodes' containerd, 1.6 or later: "2.3" or "1.7.18".
	// Required. Without its patch, what is generated is right for every patch of the
	// minor release, but that containerd 1.6 before 1.6.32 is not traced. Where the
	// nodes have several, write the oldest. Where some of them read tables and others
	// variables, write "1.7": it generates both, and each node takes its own.
	Version string `json:"version,omitempty" yaml:"version,omitempty"`

	// SamplingRatePerMillion is how many of a million calls that bring no trace
	// context are traced, 0 to 1000000. It defaults to 0, and not to the spec's rate:
	// containerd then traces what the kubelet samples and nothing else. With more, the
	// polls of a kubelet that is not traced are traced too, several each second.
	//
	// containerd before 1.6.32 does not ask what the kubelet has decided: this is the
	// part of all calls that it traces, and required.
	SamplingRatePerMillion *int32 `json:"samplingRatePerMillion,omitempty" yaml:"samplingRatePerMillion,omitempty"`
}

// +k8s:deepcopy-gen=true

// CRIOSpec is about the traces of CRI-O, which continue those of the kubelet.
type CRIOSpec struct {
	// Version is that of the nodes' CRI-O, 1.23 or later: "1.33" or "1.33.4".
	// Required.
	Version string `json:"version,omitempty" yaml:"version,omitempty"`

	// SamplingRatePerMillion is how many of a million calls that bring no trace
	// context are traced, 0 to 1000000. It defaults to 0, and not to the spec's rate:
	// CRI-O then traces what the kubelet samples and nothing else.
	SamplingRatePerMillion *int32 `json:"samplingRatePerMillion,omitempty" yaml:"samplingRatePerMillion,omitempty"`
}

// +k8s:deepcopy-gen=true

// CollectorSpec is the OpenTelemetry Collector that runs on every node, in the
// host's network, and listens on TracingSpec.Endpoint.
type CollectorSpec struct {
	// Disabled generates no collector: something else listens on
	// TracingSpec.Endpoint. The other fields are then ignored.
	Disabled bool `json:"disabled,omitempty" yaml:"disabled,omitempty"`

	// Namespace is the collector's own namespace. It defaults to
	// "kubetrace-system". Pods in the host's network need the Pod Security
	// level "privileged" there.
	Namespace string `json:"namespace,omitempty" yaml:"namespace,omitempty"`

	// ManageNamespace says whether the Namespace object, labelled privileged,
	// is among the generated objects. It defaults to true for the default
	// Namespace and to false for any other, which may be somebody's: then a
	// warning gives the command that labels it.
	ManageNamespace *bool `json:"manageNamespace,omitempty" yaml:"manageNamespace,omitempty"`

	// Name is the name of the DaemonSet and the stem of the other objects'
	// names. It defaults to "kubetrace-collector".
	Name string `json:"name,omitempty" yaml:"name,omitempty"`

	// Image is the collector's image. It defaults to the official image of
	// Distribution at Version. The configuration's keys depend on the
	// collector's version, which is read from the image's tag; an image whose
	// tag names none needs Version and Distribution.
	Image string `json:"image,omitempty" yaml:"image,omitempty"`

	// Version is the collector's version, 0.123.0 or later. It defaults to what
	// Image's tag says, and without Image to [DefaultCollectorVersion].
	Version string `json:"version,omitempty" yaml:"version,omitempty"`

	// Distribution says which components the image holds: "core", "k8s" or
	// "contrib", as the official distributions are named. It defaults to what
	// the official image's name says, and without Image to "k8s". It chooses the
	// default image, and for an image of your own it states that the components
	// are there. "core" has no queue on disk.
	// https://github.com/open-telemetry/opentelemetry-collector-releases/tree/main/distributions
	Distribution string `json:"distribution,omitempty" yaml:"distribution,omitempty"`

	// ImagePullSecrets are Secrets in Namespace for pulling Image.
	ImagePullSecrets []corev1.LocalObjectReference `json:"imagePullSecrets,omitempty" yaml:"imagePullSecrets,omitempty"`

	// Tolerations of the pods. Without any, the default tolerates every taint,
	// so that the collector runs on control-plane nodes too.
	Tolerations []corev1.Toleration `json:"tolerations,omitempty" yaml:"tolerations,omitempty"`

	// NodeSelector of the pods. kubernetes.io/os: linux is added; no other
	// system will do.
	NodeSelector map[string]string `json:"nodeSelector,omitempty" yaml:"nodeSelector,omitempty"`

	// PriorityClassName of the pods. It defaults to "system-node-critical", the
	// class of the control plane's static pods.
	PriorityClassName string `json:"priorityClassName,omitempty" yaml:"priorityClassName,omitempty"`

	// Labels are added to every object and to the pods. The labels that
	// kubetrace sets itself may not be among them.
	Labels map[string]string `json:"labels,omitempty" yaml:"labels,omitempty"`

	// Annotations are added to every object and to the pods.
	Annotations map[string]string `json:"annotations,omitempty" yaml:"annotations,omitempty"`

	// Load is what you know of the spans to come. The length of the queue and
	// the memory or disk for it follow from it.
	Load LoadSpec `json:"load,omitempty" yaml:"load,omitempty"`

	// Resources of the collector's container. What is not set defaults to a
	// memory limit that holds the queue, 256Mi at least, and to requests for what
	// the collector takes while nothing waits, 64Mi memory and 50m CPU, with as
	// much ephemeral storage as an emptyDir's queue may take. No default is above
	// a limit that is given. A queue in memory that fills takes memory of the
	// node that nobody requested: request it, or have a long queue on disk. The memory limiter and GOMEMLIMIT
	// follow from the memory limit ([Resolved.Sizing]), which is at least 64Mi.
	Resources corev1.ResourceRequirements `json:"resources,omitempty" yaml:"resources,omitempty"`

	// Queue holds spans while the exporter cannot deliver them.
	Queue QueueSpec `json:"queue,omitempty" yaml:"queue,omitempty"`

	// HealthPort is the port of the health check on the node's loopback
	// address, 1024 to 65535. It defaults to 18133, since the collector's own
	// default, 13133, is often taken in the host's network.
	HealthPort int32 `json:"healthPort,omitempty" yaml:"healthPort,omitempty"`

	// MetricsPort is the port of the collector's own Prometheus metrics on the
	// node's loopback address, 1024 to 65535. It defaults to 18889, since the
	// collector's own default, 8888, is often taken in the host's network.
	MetricsPort int32 `json:"metricsPort,omitempty" yaml:"metricsPort,omitempty"`

	// Exporter says where the collector sends the spans.
	Exporter ExporterSpec `json:"exporter,omitempty" yaml:"exporter,omitempty"`
}

// +k8s:deepcopy-gen=true

// LoadSpec says what is known of the spans that one node's collector gets, and
// how long it has to hold them. Give either SpansPerSecond or CPUs, of the
// busiest node: all collectors are made alike. Without both nothing is derived,
// and the defaults of QueueSpec and Resources hold.
//
// docs/pipeline.md has the figures behind the derivation, and what they come to
// from 1 to 15,000 nodes.
type LoadSpec struct {
	// SpansPerSecond is how many spans a second etcd, kube-apiserver and the
	// kubelet of the busiest node send, after sampling: 1 to 100000.
	SpansPerSecond int64 `json:"spansPerSecond,omitempty" yaml:"spansPerSecond,omitempty"`

	// CPUs is the size of the largest control-plane node, 1 to 1024. The spans
	// are then as many as kube-apiserver and etcd make with all of these CPUs,
	// at the higher of their rates, which is more than they make while anything
	// else runs beside them.
	CPUs int32 `json:"cpus,omitempty" yaml:"cpus,omitempty"`

	// Outage is how long the backend may be away without a span lost, such as
	// "10m", one second to a week. The queue is made longer than that, since it
	// takes time until a backend that is there again is found: by the outage and
	// 45 seconds, but at most by 333 seconds. It
	// defaults to what the queue holds where its size, or the memory or disk for
	// it, is given, and otherwise to 5 minutes or what the longest queue holds.
	Outage *metav1.Duration `json:"outage,omitempty" yaml:"outage,omitempty"`
}

// +k8s:deepcopy-gen=true

// QueueSpec holds spans while the exporter cannot deliver them. The exporter
// gives a request 30 seconds, or a gateway 60, and tries again without end, at
// most 45 seconds apart. When the queue is full, or the memory limiter sees too
// much of the memory limit taken, new spans are refused: a component tries for 10
// seconds with what it is sending, keeps 2048 more, and never waits for the
// collector.
//
// What a backend calls final is not kept: a rejected part, a wrong token, and
// over gRPC a ResourceExhausted that does not say when to come again. The
// collector logs and counts it.
type QueueSpec struct {
	// Size is how many spans the queue holds, 2048 to 1000000 in memory and to
	// 10000000 on disk. It defaults to what Load needs, and without Load to
	// 20000, or fewer where the memory limit has no room for them.
	Size int64 `json:"size,omitempty" yaml:"size,omitempty"`

	// Storage is where the queue is. All that the collector has accepted lives
	// through an outage of the backend; the rest is the choice:
	//
	//   - "memory" (the default): lost when the collector is killed.
	//   - "emptyDir": on the node's disk, as long as the pod is there. It lives
	//     through a killed collector and a restarted node, not through a
	//     rollout or an eviction. The pod stays without privileges.
	//   - "hostPath": in the folder Path of the node, through all of these. The
	//     kubelet makes the folder for root alone, so the collector runs as
	//     root, without any capability. Where SELinux is enforced, the folder has
	//     to be there with the type container_file_t.
	//
	// On disk a span costs about twice the CPU. "core" images have no queue on
	// disk. A file that is damaged keeps the collector from starting until it is
	// deleted, with the pod or in the folder ([WarnQueueDamage]).
	//
	// The file belongs to one exporter: where the protocol, the gateway or a
	// collector's release changes its name, what waits in the folder stays there,
	// unsent. Let the queue drain first.
	// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/storage/filestorage
	Storage string `json:"storage,omitempty" yaml:"storage,omitempty"`

	// Path is the folder on the node for the storage "hostPath". It defaults to
	// "/var/lib/" and the collector's name. It stays when the collector is
	// removed.
	Path string `json:"path,omitempty" yaml:"path,omitempty"`

	// Disk bounds the file of a queue on disk. It defaults to what Size spans of
	// 1 KiB take, three times what they were measured to, 64Mi at least. It is
	// there for spans that are larger still: when the file is full before the
	// queue, new spans are refused, but those being sent may be lost. Collectors
	// before 0.156 have no such bound but Size.
	Disk *resource.Quantity `json:"disk,omitempty" yaml:"disk,omitempty"`

	// UnsafeNoSync does not wait until the disk has written what the collector
	// accepts. That spares a slow disk, which etcd may share, about six writes
	// for each request of a component, at most a few a second each. But a node
	// that loses its power loses what was not written, and may be left with a
	// damaged file. A killed collector and an orderly restart of the node lose
	// nothing either way.
	UnsafeNoSync bool `json:"unsafeNoSync,omitempty" yaml:"unsafeNoSync,omitempty"`
}

// +k8s:deepcopy-gen=true

// ExporterSpec says where the collector sends the spans: OTLP over gRPC or
// HTTP, with TLS unless Insecure.
type ExporterSpec struct {
	// Endpoint is the backend's address. For gRPC "host:port" or
	// "dns:///host:port", for HTTP a URL without the /v1/traces that the
	// collector adds: "https://otlp.example.com:4318". Names of Services do
	// work here. Empty means the development backend (BackendSpec).
	Endpoint string `json:"endpoint,omitempty" yaml:"endpoint,omitempty"`

	// Protocol is "grpc" (the default) or "http".
	Protocol string `json:"protocol,omitempty" yaml:"protocol,omitempty"`

	// Insecure sends in plain text. It excludes TLS and headers from Secrets.
	// For HTTP it goes with an http:// URL, and only with one.
	Insecure bool `json:"insecure,omitempty" yaml:"insecure,omitempty"`

	// TLS sets certificates. nil trusts the roots of the image.
	TLS *TLSSpec `json:"tls,omitempty" yaml:"tls,omitempty"`

	// Headers are sent with every request, for HTTP as headers, for gRPC as
	// metadata.
	Headers []HeaderSpec `json:"headers,omitempty" yaml:"headers,omitempty"`

	// Compression is "gzip" (the default), "zstd", "snappy" or "none".
	Compression string `json:"compression,omitempty" yaml:"compression,omitempty"`
}

// +k8s:deepcopy-gen=true

// TLSSpec names the keys of Secrets, in the namespace of the collector that sends
// to the backend, that hold PEM files. The collector reads a renewed client
// certificate again within a few minutes; a new CA needs a rollout. There is no
// way to skip verification.
type TLSSpec struct {
	// CA is the certificate authority that signed the backend's certificate.
	// nil trusts the roots of the image.
	CA *corev1.SecretKeySelector `json:"ca,omitempty" yaml:"ca,omitempty"`

	// Cert is the client's certificate. It needs Key.
	Cert *corev1.SecretKeySelector `json:"cert,omitempty" yaml:"cert,omitempty"`

	// Key is the client's private key. It needs Cert.
	Key *corev1.SecretKeySelector `json:"key,omitempty" yaml:"key,omitempty"`

	// ServerName is the name to expect in the backend's certificate where it is
	// not the host of Endpoint.
	ServerName string `json:"serverName,omitempty" yaml:"serverName,omitempty"`
}

// +k8s:deepcopy-gen=true

// HeaderSpec is one header with either a Value or a SecretKeyRef.
type HeaderSpec struct {
	// Name of the header. For gRPC write it in lower case.
	Name string `json:"name" yaml:"name"`

	// Value is sent as it is, and stands readable in a ConfigMap: a header that
	// carries a credential needs SecretKeyRef.
	Value string `json:"value,omitempty" yaml:"value,omitempty"`

	// SecretKeyRef names the key of a Secret, in the namespace of the collector
	// that sends to the backend, that holds the whole value. The container reads
	// it once, through its environment: a changed Secret needs a rollout. The
	// collector expands ${…} and turns $$ into $ in it, so a value that holds a
	// dollar sign is written with $$ in the Secret. A value with ${ cannot be
	// sent by collectors 0.139 to 0.144.
	SecretKeyRef *corev1.SecretKeySelector `json:"secretKeyRef,omitempty" yaml:"secretKeyRef,omitempty"`
}

// +k8s:deepcopy-gen=true

// GatewaySpec is a tier of collectors inside the cluster: what many nodes send
// arrives at the backend over a few connections, and the backend's credentials
// stay off the nodes. The nodes' collectors then send to the gateway, spread over
// its replicas by DNS, and the gateway to Collector.Exporter, whose Secrets are
// looked for in the gateway's namespace. It runs Collector.Image, with
// Collector's labels, annotations and pull secrets.
//
// A gateway keeps nothing: it answers a node's collector once the backend has
// answered, and accepts no more than 20480 spans before. So the nodes' queues
// hold what the backend cannot take, and a gateway that is killed loses nothing.
// A backend that takes longer than half a minute for a request, or that many
// small ones wait for, may get them twice.
// It needs a collector of 0.128 or later.
//
// Several gateways in one cluster need several namespaces: the objects' names are
// fixed. An autoscaler may change the replicas; then apply the Deployment without
// them.
type GatewaySpec struct {
	// Replicas is how many pods there are, 1 to 1000. It defaults to 2.
	Replicas int32 `json:"replicas,omitempty" yaml:"replicas,omitempty"`

	// Nodes is how many nodes the cluster has at most, up to 100000. Each has a
	// connection to every pod, and the memory limit follows from that. Without it
	// a limit of 512Mi has room for 700.
	Nodes int32 `json:"nodes,omitempty" yaml:"nodes,omitempty"`

	// Namespace of the gateway. It defaults to "kubetrace-gateway", and only
	// that default is generated as an object, labelled with the Pod Security
	// level "restricted". It may not be the collector's.
	Namespace string `json:"namespace,omitempty" yaml:"namespace,omitempty"`

	// Resources of each pod's container. What is not set defaults to a limit of
	// 512Mi memory, or more where Nodes need it, and to requests of 100m CPU and
	// what is taken when as much as may be is under way, 128Mi memory at least.
	// No default is above a limit that is given. The limit is at least 128Mi.
	Resources corev1.ResourceRequirements `json:"resources,omitempty" yaml:"resources,omitempty"`

	// Tolerations of the pods. The default is none.
	Tolerations []corev1.Toleration `json:"tolerations,omitempty" yaml:"tolerations,omitempty"`

	// NodeSelector of the pods. kubernetes.io/os: linux is added.
	NodeSelector map[string]string `json:"nodeSelector,omitempty" yaml:"nodeSelector,omitempty"`

	// PriorityClassName of the pods. The default is none.
	PriorityClassName string `json:"priorityClassName,omitempty" yaml:"priorityClassName,omitempty"`

	// TLS encrypts the way from the nodes to the gateway. nil is plain text,
	// with a warning.
	TLS *GatewayTLSSpec `json:"tls,omitempty" yaml:"tls,omitempty"`
}

// +k8s:deepcopy-gen=true

// GatewayTLSSpec names the keys of Secrets that hold the PEM files of the way
// from the nodes to the gateway. Both ends read a renewed certificate again
// within a few minutes, and the gateway a renewed ClientCA; a new CA needs a
// rollout of the collectors on the nodes.
type GatewayTLSSpec struct {
	// Cert is the gateway's certificate, in its namespace, for the name
	// "kubetrace-gateway.NAMESPACE.svc". Required.
	Cert *corev1.SecretKeySelector `json:"cert,omitempty" yaml:"cert,omitempty"`

	// Key is the certificate's private key, in the gateway's namespace.
	// Required.
	Key *corev1.SecretKeySelector `json:"key,omitempty" yaml:"key,omitempty"`

	// CA is the authority that signed Cert, in the collector's namespace.
	// Required.
	CA *corev1.SecretKeySelector `json:"ca,omitempty" yaml:"ca,omitempty"`

	// ClientCA is the authority that signed ClientCert, in the gateway's
	// namespace. With it the gateway takes nothing from whoever has no certificate
	// of this authority, so use one that signs no others; nil lets everything send
	// that reaches the pods, with a warning. It needs ClientCert and ClientKey.
	ClientCA *corev1.SecretKeySelector `json:"clientCA,omitempty" yaml:"clientCA,omitempty"`

	// ClientCert is the certificate of the collectors on the nodes, in their
	// namespace. It needs ClientCA.
	ClientCert *corev1.SecretKeySelector `json:"clientCert,omitempty" yaml:"clientCert,omitempty"`

	// ClientKey is the private key of ClientCert, in the collector's namespace.
	// It needs ClientCert.
	ClientKey *corev1.SecretKeySelector `json:"clientKey,omitempty" yaml:"clientKey,omitempty"`
}

// +k8s:deepcopy-gen=true

// BackendSpec is the development backend: Jaeger with a bounded number of
// traces in memory, gone when its pod is. It is generated while
// Collector.Exporter.Endpoint is empty and the collector is not disabled.
type BackendSpec struct {
	// Disabled generates no backend. Then Collector.Exporter.Endpoint is
	// required.
	Disabled bool `json:"disabled,omitempty" yaml:"disabled,omitempty"`

	// Namespace of the backend. It defaults to "kubetrace-backend", and only
	// that default is generated as an object, labelled with the Pod Security
	// level "restricted". It may not be the collector's.
	Namespace string `json:"namespace,omitempty" yaml:"namespace,omitempty"`

	// Image of Jaeger. Its tag must name the version (1.x is the all-in-one
	// program, 2.x the present one), since the two are bounded by different
	// settings. It defaults to [DefaultBackendImage].
	Image string `json:"image,omitempty" yaml:"image,omitempty"`
}
