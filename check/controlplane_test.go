package check_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/check"
)

// second adds another etcd to the control-plane node, as its first pod.
func second(s *check.State, flags ...string) {
	other := pod(s, "etcd-a").DeepCopy()
	other.Name = "etcd-events-a"
	other.Spec.Containers[0].Name = "main"
	other.Spec.Containers[0].Command = append([]string{"/usr/local/bin/etcd"}, flags...)
	other.Status.ContainerStatuses[0].Name = "main"
	s.Pods = append([]corev1.Pod{*other}, s.Pods...)
	for p := range s.Pods[:2] {
		s.Pods[p].Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
	}
}

var traced = []string{"--enable-distributed-tracing=true", "--distributed-tracing-address=127.0.0.1:4317", "--distributed-tracing-sampling-rate=10000"}

func TestTwoEtcds(t *testing.T) {
	for _, test := range []scenario{
		{"both are right", "1.37", func(s *check.State) { second(s, traced...) }, nil},
		{"the one for events is not traced", "1.37", func(s *check.State) { second(s) },
			[]string{"etcd on a: pod etcd-events-a --enable-distributed-tracing is nothing, wanted is true (silently no traces)"}},
		{"the first is not traced", "1.37", func(s *check.State) {
			second(s, traced...)
			flag(s, "etcd", "enable-distributed-tracing")
		}, []string{"etcd on a: --enable-distributed-tracing is nothing, wanted is true (silently no traces)"}},
		{"the one for events crashes, and the other's flag is wrong", "1.37", func(s *check.State) {
			second(s, traced...)
			flag(s, "etcd", "", "--experimental-enable-distributed-tracing=true")
			pod(s, "etcd-events-a").Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
		}, []string{
			"etcd on a: --experimental-enable-distributed-tracing is true",
			"etcd on a: pod etcd-events-a is CrashLoopBackOff, wanted is running (refuses to start)",
		}},
	} {
		test.run(t, check.Options{})
	}
}

// egress gives kube-apiserver an egress selector, and perhaps its content.
func egress(content string) func(*check.State) {
	return func(s *check.State) {
		flag(s, "kube-apiserver", "", "--egress-selector-config-file=/etc/egress.yaml")
		if content != "" {
			s.EgressSelectors = map[string][]byte{"a": []byte("apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n" + content)}
		}
	}
}

const (
	clusterEntry = "- {name: cluster, connection: {proxyProtocol: GRPC, transport: {uds: {udsName: /x}}}}\n"
	proxied      = "- {name: controlplane, connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: /x}}}}\n"
	direct       = "- {name: ControlPlane, connection: {proxyProtocol: Direct}}\n"
)

func TestEgressSelector(t *testing.T) {
	for _, test := range []scenario{
		{"its content was not given", "1.37", egress(""), []string{"kube-apiserver on a: --egress-selector-config-file is /etc/egress.yaml, wanted is no entry controlplane (not seen)"}},
		{"no flag", "1.37", func(s *check.State) { s.EgressSelectors = map[string][]byte{"a": nil} }, nil},
		{"the cluster alone", "1.37", egress(clusterEntry), nil},
		{"the cluster alone, in a release that panics", "1.25", egress(clusterEntry), []string{"kube-apiserver on a: /etc/egress.yaml is none, wanted is an entry controlplane (refuses to start)"}},
		{"no entries, in a release that panics", "1.25", egress("  []\n"), nil},
		{"directly", "1.25", egress(clusterEntry + direct), nil},
		{"through a proxy", "1.37", egress(clusterEntry + proxied), []string{"kube-apiserver on a: /etc/egress.yaml controlplane is HTTPConnect, wanted is no such entry, or Direct (silently no traces)"}},
		{"what is no such file", "1.37", func(s *check.State) {
			egress("")(s)
			s.EgressSelectors = map[string][]byte{"a": []byte("kind: Config\n"), "q": nil}
		}, []string{
			"kube-apiserver on a: /etc/egress.yaml is Config, wanted is an EgressSelectorConfiguration (refuses to start)",
			"kube-apiserver on q: node is only in an egress selector, wanted is among the nodes (not seen)",
		}},
	} {
		test.run(t, check.Options{})
	}
	for endpoint, want := range map[string]string{
		"unix-abstract:///kubetrace": "kube-apiserver on a: /etc/egress.yaml controlplane is Direct, wanted is no such entry (silently no traces)",
		"10.0.0.1:4317":              "",
	} {
		own := spec("1.37")
		own.Endpoint, own.Collector.Disabled = endpoint, endpoint == "10.0.0.1:4317"
		state := healthy(t, own)
		egress(direct)(&state)
		var wants []string
		if want != "" {
			wants = []string{want}
		}
		compare(t, must(check.Cluster(own, state))(t), wants)
	}
	own := spec("1.37")
	own.Endpoint, own.Collector.Disabled = "10.0.0.1:4317", true
	state := healthy(t, own)
	egress(proxied)(&state)
	compare(t, must(check.Cluster(own, state))(t), []string{"kube-apiserver on a: /etc/egress.yaml controlplane is HTTPConnect, wanted is no such entry, or Direct (stale)"})
}

func TestContainerdReleases(t *testing.T) {
	const finding = "containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint is http://127.0.0.1:4318, wanted is variables OTEL_… of containerd (silently no traces)"
	for version, want := range map[string][]string{
		"1.6.31": nil, "1.6.32": {finding}, "1.6.39": {finding},
		"1.7.15": nil, "1.7.16": {finding}, "1.7.18-k3s1": {finding}, "1.7.19": nil, "v1.7.27~ds1": nil,
		"2.0.0-rc.1": {finding}, "2.4.2": {finding}, "nightly": nil, "3.0.0": nil,
	} {
		scenario{version, "1.37", func(s *check.State) {
			s.Nodes[0].Status.NodeInfo.ContainerRuntimeVersion = "containerd://" + version
			s.Containerd = map[string][]byte{"a": []byte("[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\n  endpoint = \"http://127.0.0.1:4318\"\n")}
		}, want}.run(t, check.Options{})
	}
}
