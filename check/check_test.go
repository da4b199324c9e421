package check_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/apiserver"
	"kubetrace/check"
	"kubetrace/collector"
	"kubetrace/etcd"
	"kubetrace/internal/puritytest"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// healthy is a cluster of a control-plane node and a worker that is as the spec
// says, with what an API server fills in.
func healthy(t *testing.T, spec tracing.TracingSpec) check.State {
	t.Helper()
	r := must(tracing.Resolve(spec))(t)
	control := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"node-role.kubernetes.io/control-plane": ""}}}
	worker := corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "b"}}
	for _, node := range []*corev1.Node{&control, &worker} {
		if node.Labels == nil {
			node.Labels = map[string]string{}
		}
		node.Labels[corev1.LabelOSStable] = "linux"
		node.Status.NodeInfo.KubeletVersion = "v" + r.OldestKubelet().Kubernetes + ".1"
		node.Status.NodeInfo.ContainerRuntimeVersion = "containerd://2.1.5"
	}
	s := check.State{Nodes: []corev1.Node{control, worker}}
	static := func(name, image string, flags []string) corev1.Pod {
		pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name + "-a", Namespace: "kube-system"}}
		pod.Spec.NodeName = "a"
		pod.Spec.Containers = []corev1.Container{{Name: name, Image: image, Command: append([]string{name, "--v=1"}, flags...)}}
		pod.Status.Phase = corev1.PodRunning
		pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: name, Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
		return pod
	}
	var flags []string
	for _, arg := range etcd.ArgsFor(r) {
		flags = append(flags, arg.String())
	}
	tag := r.Spec().Etcd.ImageTag
	if tag == "" {
		tag = r.ControlPlane().EtcdHighest + "-0"
	}
	s.Pods = append(s.Pods, static("etcd", "registry.k8s.io/etcd:"+tag, flags))
	flags = nil
	for _, arg := range apiserver.ArgsFor(r) {
		flags = append(flags, arg.String())
	}
	server := static("kube-apiserver", "registry.k8s.io/kube-apiserver:v"+r.KubernetesMinor()+".1", flags)
	file := corev1.HostPathFile
	server.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "pki", MountPath: "/etc/kubernetes/pki"}, {Name: "tracing-config", MountPath: r.Spec().APIServer.ConfigFile, ReadOnly: true}}
	server.Spec.Volumes = []corev1.Volume{{Name: "tracing-config", VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: r.Spec().APIServer.ConfigFile, Type: &file}}}}
	s.Pods = append(s.Pods, server)
	if config := kubelet.ConfigurationFor(r); config != nil {
		text := must(tracing.Marshal(config))(t)
		s.ConfigMaps = append(s.ConfigMaps, corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "kubelet-config"}, Data: map[string]string{"kubelet": string(text)}})
		s.Configz = map[string]check.KubeletConfig{}
		for _, node := range s.Nodes {
			answer := must(json.Marshal(map[string]any{"kubeletconfig": config}))(t)
			if err := s.AddConfigz(node.Name, answer); err != nil {
				t.Fatal(err)
			}
		}
	}
	if set := collector.DaemonSetFor(r); set != nil {
		set.Generation = 2
		set.Spec.Template.Spec.RestartPolicy = corev1.RestartPolicyAlways
		set.Spec.Template.Spec.SchedulerName = "default-scheduler"
		set.Spec.Template.Spec.Containers[0].TerminationMessagePath = "/dev/termination-log"
		set.Status = appsv1.DaemonSetStatus{DesiredNumberScheduled: 2, CurrentNumberScheduled: 2, NumberReady: 2, UpdatedNumberScheduled: 2, ObservedGeneration: 2}
		s.DaemonSets = append(s.DaemonSets, *set)
		s.ConfigMaps = append(s.ConfigMaps, *collector.ConfigMapFor(r))
		for _, node := range s.Nodes {
			pod := corev1.Pod{ObjectMeta: *set.Spec.Template.ObjectMeta.DeepCopy(), Spec: *set.Spec.Template.Spec.DeepCopy()}
			pod.Name, pod.Namespace, pod.Spec.NodeName = set.Name+"-"+node.Name, set.Namespace, node.Name
			pod.Status.Phase = corev1.PodRunning
			pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "collector", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
			s.Pods = append(s.Pods, pod)
		}
	}
	return s
}

// named are specs beside the releases' own.
func named() []tracing.TracingSpec {
	all := []tracing.TracingSpec{}
	for _, release := range tracing.Releases() {
		all = append(all, spec(release.Kubernetes))
	}
	rate := int32(0)
	return append(all,
		tracing.TracingSpec{KubernetesVersion: "1.29.1", Etcd: tracing.EtcdSpec{ImageTag: "3.5.11-0", InstanceID: "me", ServiceName: "store"}},
		tracing.TracingSpec{KubernetesVersion: "1.37", Endpoint: "unix-abstract:///kubetrace", SamplingRatePerMillion: &rate},
		tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: "3.6.5"}, Kubelet: tracing.KubeletSpec{Disabled: true}},
		tracing.TracingSpec{KubernetesVersion: "1.34", Collector: tracing.CollectorSpec{Disabled: true}, Endpoint: "10.0.0.1:4317"},
		tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: "[::1]:4317"},
		tracing.TracingSpec{KubernetesVersion: "1.34", KubeletVersion: "1.32"},
	)
}

func TestHealthy(t *testing.T) {
	for _, spec := range named() {
		t.Run(spec.KubernetesVersion, func(t *testing.T) {
			for _, finding := range must(check.Cluster(spec, healthy(t, spec)))(t) {
				t.Error(finding)
			}
		})
	}
}

// flag replaces a flag of a pod by others.
func flag(s *check.State, component, name string, now ...string) {
	for p := range s.Pods {
		for c := range s.Pods[p].Spec.Containers {
			container := &s.Pods[p].Spec.Containers[c]
			if container.Name != component {
				continue
			}
			var command []string
			for _, text := range container.Command {
				if name == "" || !strings.HasPrefix(text, "--"+name) {
					command = append(command, text)
				}
			}
			container.Command = append(command, now...)
		}
	}
}

func node(s *check.State, change func(*check.KubeletConfig)) {
	was := s.Configz["a"]
	config := check.KubeletConfig{Tracing: was.Tracing.DeepCopy(), FeatureGates: maps.Clone(was.FeatureGates)}
	change(&config)
	s.Configz["a"] = config
}

func pod(s *check.State, name string) *corev1.Pod {
	for p := range s.Pods {
		if s.Pods[p].Name == name {
			return &s.Pods[p]
		}
	}
	return &corev1.Pod{}
}

// scenario is a healthy cluster that is changed, and the beginning of each finding.
type scenario struct {
	name, version string
	change        func(*check.State)
	want          []string
}

func (s scenario) run(t *testing.T, options check.Options) {
	t.Run(s.name, func(t *testing.T) {
		state := healthy(t, spec(s.version))
		s.change(&state)
		compare(t, must(check.ClusterWith(spec(s.version), state, options))(t), s.want)
	})
}

// compare fails where findings are not those that are wanted, in their order.
func compare(t *testing.T, found []check.Finding, want []string) {
	t.Helper()
	if len(found) != len(want) {
		t.Errorf("%d findings:", len(found))
	}
	for i, finding := range found {
		if i >= len(want) || !strings.Contains(finding.String(), want[i]) {
			t.Errorf("found %s", finding)
		}
		if finding.Cure == "" || strings.HasSuffix(finding.Cure, ".") {
			t.Errorf("the cure %q", finding.Cure)
		}
	}
}

// wrong are clusters that something is wrong with, and what is found.
var wrong = []scenario{
	{"etcd is not traced", "1.37", func(s *check.State) { flag(s, "etcd", "enable-distributed-tracing") },
		[]string{"etcd on a: --enable-distributed-tracing is nothing, wanted is true (silently no traces)"}},
	{"an etcd of 3.7 with flags of 3.5", "1.37", func(s *check.State) {
		flag(s, "etcd", "enable-distributed-tracing", "--experimental-enable-distributed-tracing=true")
	}, []string{"etcd on a: --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing (refuses to start)"}},
	{"an etcd of 3.5 with flags of 3.6", "1.30", func(s *check.State) {
		flag(s, "etcd", "experimental-distributed-tracing-address", "--distributed-tracing-address=127.0.0.1:4317")
	}, []string{"etcd on a: --distributed-tracing-address is 127.0.0.1:4317, wanted is --experimental-distributed-tracing-address (refuses to start)"}},
	{"a rate for an etcd that has none", "1.29", func(s *check.State) {
		flag(s, "etcd", "", "--experimental-distributed-tracing-sampling-rate=5")
		pod(s, "etcd-a").Spec.Containers[0].Image = "etcd:3.5.10-0"
	}, []string{"etcd on a: --experimental-distributed-tracing-sampling-rate is 5, wanted is nothing (refuses to start): Take it out"}},
	{"no rate", "1.37", func(s *check.State) { flag(s, "etcd", "distributed-tracing-sampling-rate") },
		[]string{"etcd on a: --distributed-tracing-sampling-rate is nothing, wanted is 10000 (silently no traces)"}},
	{"another rate", "1.37", func(s *check.State) {
		flag(s, "etcd", "distributed-tracing-sampling-rate", "--distributed-tracing-sampling-rate=7")
	}, []string{"etcd on a: --distributed-tracing-sampling-rate is 7, wanted is 10000 (stale)"}},
	{"a flag and a variable", "1.37", func(s *check.State) {
		pod(s, "etcd-a").Spec.Containers[0].Env = []corev1.EnvVar{{Name: "ETCD_ENABLE_DISTRIBUTED_TRACING", Value: "true"}}
	}, []string{"etcd on a: ETCD_ENABLE_DISTRIBUTED_TRACING is true, wanted is nothing (refuses to start): Take it out: etcd ends itself where a setting is given twice, and --enable-distributed-tracing is there too"}},
	{"both spellings", "1.34", func(s *check.State) {
		flag(s, "etcd", "", "--experimental-enable-distributed-tracing=true")
	}, []string{"etcd on a: --experimental-enable-distributed-tracing is true, wanted is nothing (refuses to start): Take it out: etcd ends itself where a setting is given twice, and --enable-distributed-tracing is there too"}},
	{"the name of a Service", "1.37", func(s *check.State) {
		flag(s, "etcd", "distributed-tracing-address", "--distributed-tracing-address=collector.traces.svc:4317")
	}, []string{"etcd on a: --distributed-tracing-address is collector.traces.svc:4317, wanted is 127.0.0.1:4317 (silently no traces)"}},
	{"another machine", "1.37", func(s *check.State) {
		flag(s, "etcd", "distributed-tracing-address", "--distributed-tracing-address=10.1.2.3:4317")
	}, []string{"etcd on a: --distributed-tracing-address is 10.1.2.3:4317, wanted is 127.0.0.1:4317 (exposed)"}},
	{"no pod of etcd", "1.37", func(s *check.State) { *pod(s, "etcd-a") = corev1.Pod{} },
		[]string{"etcd on a: pod is none, wanted is the pod of etcd in kube-system (not seen)"}},
	{"etcd crashes", "1.37", func(s *check.State) {
		status := &pod(s, "etcd-a").Status.ContainerStatuses[0]
		status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	}, []string{"etcd on a: pod etcd-a is CrashLoopBackOff, wanted is running (refuses to start)"}},
	{"no tracing file", "1.37", func(s *check.State) { flag(s, "kube-apiserver", "tracing-config-file") },
		[]string{"kube-apiserver on a: --tracing-config-file is nothing, wanted is /etc/kubernetes/tracing-config.yaml (silently no traces)"}},
	{"the file is not mounted", "1.37", func(s *check.State) {
		container := &pod(s, "kube-apiserver-a").Spec.Containers[0]
		container.VolumeMounts = container.VolumeMounts[:1]
	}, []string{"kube-apiserver on a: volumeMounts is nothing mounts it, wanted is /etc/kubernetes/tracing-config.yaml (refuses to start)"}},
	{"a file that is made", "1.37", func(s *check.State) {
		create := corev1.HostPathFileOrCreate
		pod(s, "kube-apiserver-a").Spec.Volumes[0].HostPath.Type = &create
	}, []string{"kube-apiserver on a: volume tracing-config type is FileOrCreate, wanted is File (stale)"}},
	{"the gate is missing", "1.26", func(s *check.State) { flag(s, "kube-apiserver", "feature-gates") },
		[]string{"kube-apiserver on a: --feature-gates is nothing, wanted is APIServerTracing=true (silently no traces)"}},
	{"the gate is off", "1.29", func(s *check.State) { flag(s, "kube-apiserver", "", "--feature-gates=APIServerTracing=false") },
		[]string{"kube-apiserver on a: --feature-gates is APIServerTracing=false, wanted is no APIServerTracing=false (silently no traces)"}},
	{"a gate that is gone", "1.37", func(s *check.State) { flag(s, "kube-apiserver", "", "--feature-gates=APIServerTracing=true") },
		[]string{"kube-apiserver on a: --feature-gates is APIServerTracing=true, wanted is no APIServerTracing=true (refuses to start)"}},
	{"a content that is read", "1.37", func(s *check.State) {
		s.TracingFiles = map[string][]byte{"a": []byte("apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\nendpoint: localhost:4317\n")}
	}, []string{
		"kube-apiserver on a: /etc/kubernetes/tracing-config.yaml endpoint is localhost:4317, wanted is 127.0.0.1:4317 (silently no traces)",
		"kube-apiserver on a: /etc/kubernetes/tracing-config.yaml samplingRatePerMillion is nothing, wanted is 10000 (silently no traces)",
	}},
	{"a kubelet that is not traced", "1.37", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) { c.Tracing = nil })
	}, []string{"kubelet on a: tracing is nothing, wanted is 127.0.0.1:4317 (silently no traces)"}},
	{"a kubelet without a rate", "1.37", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) { c.Tracing.SamplingRatePerMillion = nil })
	}, []string{"kubelet on a: tracing.samplingRatePerMillion is nothing, wanted is 10000 (silently no traces)"}},
	{"a kubelet that sends to localhost", "1.37", func(s *check.State) {
		localhost := "localhost:4317"
		node(s, func(c *check.KubeletConfig) { c.Tracing.Endpoint = &localhost })
	}, []string{"kubelet on a: tracing.endpoint is localhost:4317, wanted is 127.0.0.1:4317 (silently no traces)"}},
	{"the gate of a kubelet, for kube-apiserver that no longer knows it", "1.38", func(s *check.State) { flag(s, "kube-apiserver", "", "--feature-gates=KubeletTracing=true") },
		[]string{"kube-apiserver on a: --feature-gates is KubeletTracing=true, wanted is no KubeletTracing=true (refuses to start)"}},
	{"the gate of a kubelet that no longer knows it", "1.38", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) { c.FeatureGates = map[string]bool{"KubeletTracing": true} })
	}, []string{"kubelet on a: featureGates.KubeletTracing is true, wanted is nothing (refuses to start)"}},
	{"the gate of a kubelet", "1.29", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) {
			c.FeatureGates = map[string]bool{"KubeletTracing": false}
		})
	}, []string{"kubelet on a: featureGates.KubeletTracing is false, wanted is true (refuses to start)"}},
	{"the gate of a kubelet that is not configured", "1.29", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) {
			c.FeatureGates, c.Tracing = map[string]bool{"KubeletTracing": false}, nil
		})
	}, []string{
		"kubelet on a: featureGates.KubeletTracing is false, wanted is true (silently no traces)",
		"kubelet on a: tracing is nothing, wanted is 127.0.0.1:4317 (silently no traces)",
	}},
	{"no beta gates", "1.29", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) { c.FeatureGates = map[string]bool{"AllBeta": false} })
	}, []string{"kubelet on a: featureGates.AllBeta is false, wanted is KubeletTracing=true (refuses to start)"}},
	{"an old kubelet without its gate", "1.29", func(s *check.State) {
		s.Nodes[0].Status.NodeInfo.KubeletVersion = "v1.25.9"
		node(s, func(c *check.KubeletConfig) { c.FeatureGates = nil })
	}, []string{
		"kubelet on a: featureGates.KubeletTracing is nothing, wanted is true (refuses to start)",
		"kubelet on a: version is v1.25.9, wanted is 1.29 (stale)",
	}},
	{"values that a kubelet refuses", "1.37", func(s *check.State) {
		node(s, func(c *check.KubeletConfig) {
			url, rate := "http://127.0.0.1:4317", int32(2_000_000)
			c.Tracing.Endpoint, c.Tracing.SamplingRatePerMillion = &url, &rate
		})
	}, []string{
		"kubelet on a: tracing.endpoint is http://127.0.0.1:4317, wanted is 127.0.0.1:4317 (refuses to start)",
		"kubelet on a: tracing.samplingRatePerMillion is 2000000, wanted is 10000 (refuses to start)",
	}},
	{"no configz", "1.37", func(s *check.State) { delete(s.Configz, "b") },
		[]string{"kubelet on b: configz is none, wanted is the kubelet's live configuration (not seen)"}},
	{"an old ConfigMap", "1.37", func(s *check.State) {
		s.ConfigMaps[0].Data = map[string]string{"kubelet": "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration"}
	},
		[]string{
			"kubelet: ConfigMap kubelet-config tracing.endpoint is nothing, wanted is 127.0.0.1:4317 (stale)",
			"kubelet: ConfigMap kubelet-config tracing.samplingRatePerMillion is nothing, wanted is 10000 (stale)",
		}},
	{"no nodes", "1.37", func(s *check.State) { s.Nodes = nil },
		[]string{"kubelet: nodes is none, wanted is all nodes (not seen)"}},
	{"no DaemonSets", "1.37", func(s *check.State) { s.DaemonSets = nil },
		[]string{"collector: DaemonSet kubetrace-system/kubetrace-collector is none, wanted is there (not seen)"}},
	{"the DaemonSet is deleted, and its pods", "1.37", func(s *check.State) {
		s.DaemonSets = nil
		s.Pods = slices.DeleteFunc(s.Pods, func(p corev1.Pod) bool { return p.Namespace == "kubetrace-system" })
	}, []string{"collector: DaemonSet kubetrace-system/kubetrace-collector is none, wanted is there (silently no traces)"}},
	{"nothing of the collector's namespace", "1.37", func(s *check.State) {
		s.DaemonSets = nil
		s.Pods = slices.DeleteFunc(s.Pods, func(p corev1.Pod) bool { return p.Namespace == "kubetrace-system" })
		s.ConfigMaps = slices.DeleteFunc(s.ConfigMaps, func(c corev1.ConfigMap) bool { return c.Namespace == "kubetrace-system" })
	}, []string{"collector: DaemonSet kubetrace-system/kubetrace-collector is none, wanted is there (not seen)"}},
	{"no DaemonSet of ours", "1.37", func(s *check.State) { s.DaemonSets[0].Name = "other" },
		[]string{"collector: DaemonSet kubetrace-system/kubetrace-collector is none, wanted is there (silently no traces)"}},
	{"not on control-plane nodes", "1.37", func(s *check.State) {
		s.DaemonSets[0].Spec.Template.Spec.Tolerations = nil
		*pod(s, "kubetrace-collector-a") = corev1.Pod{}
	}, []string{
		"collector on a: pod is none, wanted is a collector on the node (silently no traces)",
		"collector: DaemonSet spec.template.spec.tolerations is nothing",
	}},
	{"another network", "1.37", func(s *check.State) { s.DaemonSets[0].Spec.Template.Spec.HostNetwork = false },
		[]string{"collector: DaemonSet spec.template.spec.hostNetwork is nothing, wanted is true (silently no traces)"}},
	{"another image", "1.37", func(s *check.State) { s.DaemonSets[0].Spec.Template.Spec.Containers[0].Image = "x:1" },
		[]string{"collector: DaemonSet spec.template.spec.containers[collector].image is x:1"}},
	{"listens everywhere", "1.37", func(s *check.State) {
		for key, text := range s.ConfigMaps[1].Data {
			s.ConfigMaps[1].Data[key] = strings.Replace(text, "127.0.0.1:4317", "0.0.0.0:4317", 1)
		}
	}, []string{"receivers.otlp.protocols.grpc.endpoint is 0.0.0.0:4317, wanted is a loopback address (exposed)", "config.yaml is endpoint: 0.0.0.0:4317, wanted is endpoint: 127.0.0.1:4317 (stale)"}},
	{"no ConfigMap", "1.37", func(s *check.State) { s.ConfigMaps[1].Name = "another" },
		[]string{"is none, wanted is there (refuses to start)"}},
	{"no ConfigMap was given", "1.37", func(s *check.State) { s.ConfigMaps = s.ConfigMaps[:1] },
		[]string{"is none, wanted is the collector's configuration (not seen)"}},
	{"no pods of the collector were given", "1.37", func(s *check.State) {
		s.Pods = slices.DeleteFunc(s.Pods, func(p corev1.Pod) bool { return p.Namespace == "kubetrace-system" })
	}, []string{"collector: pods is none, wanted is the collector's pods (not seen)"}},
	{"another port of the collector", "1.37", func(s *check.State) { configured(s, "127.0.0.1:4317", "127.0.0.1:5317") },
		[]string{"config.yaml is endpoint: 127.0.0.1:5317, wanted is endpoint: 127.0.0.1:4317 (silently no traces)"}},
	{"a collector that is not configured", "1.37", func(s *check.State) { s.ConfigMaps[1].Data = nil },
		[]string{"config.yaml is nothing, wanted is exporters: (refuses to start)"}},
	{"no pipeline of traces", "1.37", func(s *check.State) { configured(s, "traces:", "logs:") },
		[]string{"config.yaml is logs:, wanted is traces: (silently no traces)"}},
	{"an image that cannot be pulled", "1.37", func(s *check.State) {
		pod(s, "kubetrace-collector-a").Status.ContainerStatuses[0].State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: "no\nroute"}}
		s.Pods = append(s.Pods, corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "agent", Namespace: "other"}, Spec: corev1.PodSpec{NodeName: "a", Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{HostPort: 4317}}}}}})
	}, []string{"collector on a: pod kubetrace-collector-a is ImagePullBackOff: no route, wanted is running and ready (silently no traces)"}},
	{"only a collector that has ended", "1.37", func(s *check.State) { pod(s, "kubetrace-collector-a").Status.Phase = corev1.PodFailed },
		[]string{"collector on a: pod kubetrace-collector-a is Failed, wanted is running and ready (silently no traces): See why it has ended"}},
	{"the operator's collector, exposed", "1.37", func(s *check.State) {
		operated(s)
		configured(s, "127.0.0.1:4317", "0.0.0.0:4317")
	}, []string{"receivers.otlp.protocols.grpc.endpoint is 0.0.0.0:4317, wanted is a loopback address (exposed)"}},
	{"the operator's collector, missing on a node", "1.37", func(s *check.State) {
		operated(s)
		*pod(s, "kubetrace-collector-a") = corev1.Pod{}
	}, []string{"collector on a: pod is none, wanted is a collector on the node (silently no traces)"}},
	{"a node of the control plane without its label", "1.37", func(s *check.State) {
		delete(s.Nodes[0].Labels, "node-role.kubernetes.io/control-plane")
		pod(s, "etcd-a").Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
		flag(s, "etcd", "enable-distributed-tracing")
	}, []string{"etcd on a: --enable-distributed-tracing is nothing, wanted is true (silently no traces)"}},
	{"pods and files of nodes that were not given", "1.37", func(s *check.State) {
		other := pod(s, "etcd-a").DeepCopy()
		other.Name, other.Spec.NodeName, other.Labels, other.Annotations = "etcd-c", "c", map[string]string{"component": "etcd"}, map[string]string{corev1.MirrorPodAnnotationKey: "x"}
		s.Pods = append(s.Pods, *other)
		s.TracingFiles = map[string][]byte{"config": nil}
		s.Containerd = map[string][]byte{"d": nil}
		s.Configz["e"] = s.Configz["a"]
	}, []string{
		"containerd on d: node is only in a configuration of containerd, wanted is among the nodes (not seen)",
		"etcd on c: node is only in a pod, wanted is among the nodes (not seen)",
		"kube-apiserver on config: node is only in a tracing file, wanted is among the nodes (not seen)",
		"kubelet on e: node is only in a configz, wanted is among the nodes (not seen)",
	}},
	{"a pod that the kubelet has yet to report", "1.37", func(s *check.State) {
		server := pod(s, "kube-apiserver-a")
		server.Status = corev1.PodStatus{Phase: corev1.PodPending}
	}, []string{"kube-apiserver on a: pod kube-apiserver-a is Pending, wanted is running (not seen)"}},
	{"a pod that is not ready", "1.37", func(s *check.State) { pod(s, "kube-apiserver-a").Status.ContainerStatuses[0].Ready = false },
		[]string{"kube-apiserver on a: pod kube-apiserver-a is running and not ready, wanted is ready (stale)"}},
	{"gates in two flags", "1.29", func(s *check.State) {
		flag(s, "kube-apiserver", "", "--feature-gates=APIServerTracing=false", "--feature-gates=Foo=true")
	}, []string{"kube-apiserver on a: --feature-gates is APIServerTracing=false, wanted is no APIServerTracing=false (silently no traces)"}},
	{"an etcd without the flag for a rate", "1.37", func(s *check.State) {
		flag(s, "etcd", "", "--experimental-enable-distributed-tracing=true", "--experimental-distributed-tracing-address=127.0.0.1:4317")
		for _, name := range []string{"enable-distributed-tracing", "distributed-tracing-"} {
			flag(s, "etcd", name)
		}
		pod(s, "etcd-a").Spec.Containers[0].Image = "etcd:3.5.10-0"
	}, []string{"etcd on a: image is 3.5.10-0, wanted is an etcd that takes a rate (stale)"}},
	{"an etcd of 3.5 where the spec has another", "1.34", func(s *check.State) {
		flag(s, "etcd", "experimental-")
		flag(s, "etcd", "enable-")
		pod(s, "etcd-a").Spec.Containers[0].Image = "etcd:3.5.21-0"
		flag(s, "etcd", "distributed-")
	}, []string{"etcd on a: --experimental-enable-distributed-tracing is nothing, wanted is true (silently no traces): Write the flag"}},
	{"an etcd by its digest", "1.37", func(s *check.State) {
		flag(s, "etcd", "enable-distributed-tracing", "--experimental-enable-distributed-tracing=true")
		pod(s, "etcd-a").Spec.Containers[0].Image = "registry/etcd@sha256:0"
	}, []string{
		"etcd on a: --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing (refuses to start): Write it as",
		"etcd on a: image is registry/etcd@sha256:0, wanted is an etcd whose version is its tag (not seen)",
	}},
	{"a kube-apiserver by its digest", "1.37", func(s *check.State) {
		pod(s, "kube-apiserver-a").Spec.Containers[0].Image = "registry/kube-apiserver@sha256:0"
	}, []string{"kube-apiserver on a: image is registry/kube-apiserver@sha256:0, wanted is Kubernetes 1.37 as its tag (not seen)"}},
	{"an etcd with a file", "1.37", func(s *check.State) { flag(s, "etcd", "", "--config-file=/etc/etcd.yaml") },
		[]string{"etcd on a: /etc/etcd.yaml is not given, wanted is the fields of etcd.ConfigFile (not seen)"}},
	{"a rate that etcd refuses", "1.37", func(s *check.State) {
		flag(s, "etcd", "distributed-tracing-sampling-rate", "--distributed-tracing-sampling-rate=2000000")
	}, []string{"etcd on a: --distributed-tracing-sampling-rate is 2000000, wanted is 10000 (refuses to start)"}},
	{"a Service by its short name", "1.37", func(s *check.State) {
		flag(s, "etcd", "distributed-tracing-address", "--distributed-tracing-address=otel-collector.observability:4317")
	}, []string{"etcd on a: --distributed-tracing-address is otel-collector.observability:4317, wanted is 127.0.0.1:4317 (silently no traces)"}},
	{"all addresses", "1.37", func(s *check.State) {
		flag(s, "etcd", "distributed-tracing-address", "--distributed-tracing-address=0.0.0.0:4317")
	}, []string{"etcd on a: --distributed-tracing-address is 0.0.0.0:4317, wanted is 127.0.0.1:4317 (stale)"}},
	{"a file that the release does not read", "1.26", func(s *check.State) {
		s.TracingFiles = map[string][]byte{"a": []byte("apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\nendpoint: 127.0.0.1:4317\nsamplingRatePerMillion: 10000\n")}
	}, []string{"apiVersion is apiserver.config.k8s.io/v1beta1, wanted is apiserver.config.k8s.io/v1alpha1 (refuses to start)"}},
	{"a port is taken", "1.37", func(s *check.State) {
		ours := pod(s, "kubetrace-collector-a")
		ours.Status.Phase, ours.Status.ContainerStatuses = corev1.PodPending, nil
		ours.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Message: "1 node(s) didn't have free ports"}}
		s.Pods = append(s.Pods, corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "agent", Namespace: "other"}, Spec: corev1.PodSpec{NodeName: "a", Containers: []corev1.Container{{Ports: []corev1.ContainerPort{{HostPort: 4317}}}}}})
	}, []string{"collector on a: port 4317 is taken by the pod other/agent, wanted is free (silently no traces)"}},
	{"a rollout", "1.37", func(s *check.State) { s.DaemonSets[0].Status.UpdatedNumberScheduled = 1 },
		[]string{"collector: status.updatedNumberScheduled is 1, wanted is 2 (stale)"}},
	{"containerd 2 and its file", "1.37", func(s *check.State) {
		s.Containerd = map[string][]byte{"a": []byte("version = 3\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\n  # endpoint = \"old\"\n  endpoint = \"http://127.0.0.1:4318\"\n")}
	}, []string{"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint is http://127.0.0.1:4318, wanted is variables OTEL_… of containerd (silently no traces)"}},
	{"containerd 2 in one line", "1.37", func(s *check.State) {
		s.Containerd = map[string][]byte{"a": []byte("[plugins]\n'io.containerd.tracing.processor.v1.otlp'.endpoint = 'x:4318'\n")}
	}, []string{"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint is x:4318"}},
	{"a kubelet that is too new", "1.36", func(s *check.State) { s.Nodes[1].Status.NodeInfo.KubeletVersion = "v1.37.0" },
		[]string{"kubelet on b: version is v1.37.0, wanted is 1.36 (stale)"}},
	{"another release", "1.37", func(s *check.State) { pod(s, "kube-apiserver-a").Spec.Containers[0].Image = "x:v1.36.1" },
		[]string{"kube-apiserver on a: image is v1.36.1, wanted is Kubernetes 1.37 (stale)"}},
}

// configured changes the collector's configuration.
func configured(s *check.State, from, to string) {
	for i := range s.ConfigMaps {
		for key, text := range s.ConfigMaps[i].Data {
			if s.ConfigMaps[i].Namespace == "kubetrace-system" {
				s.ConfigMaps[i].Data[key] = strings.Replace(text, from, to, 1)
			}
		}
	}
}

// operated has the OpenTelemetry operator make the collector.
func operated(s *check.State) {
	set, config := &s.DaemonSets[0], &s.ConfigMaps[1]
	labels := map[string]string{"app.kubernetes.io/managed-by": "opentelemetry-operator", "app.kubernetes.io/instance": "x"}
	set.Name, set.Labels, config.Name = set.Name+"-collector", labels, "kubetrace-collector-collector-1234"
	set.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
	set.Spec.Template.Spec.Containers[0].Name = "otc-container"
	for v := range set.Spec.Template.Spec.Volumes {
		if volume := &set.Spec.Template.Spec.Volumes[v]; volume.ConfigMap != nil {
			volume.ConfigMap.Name = config.Name
		}
	}
	for p := range s.Pods {
		if pod := &s.Pods[p]; pod.Namespace == set.Namespace {
			pod.Labels, pod.Status.ContainerStatuses[0].Name = labels, "otc-container"
		}
	}
}

// fine are clusters that are as the spec says, in other words than ours.
var fine = []scenario{
	{name: "gates in two flags", version: "1.26", change: func(s *check.State) { flag(s, "kube-apiserver", "", "--feature-gates=Foo=true") }},
	{name: "a gate twice, of which the last holds", version: "1.29", change: func(s *check.State) {
		flag(s, "kube-apiserver", "", "--feature-gates=APIServerTracing=false,APIServerTracing=true")
	}},
	{name: "all alpha gates", version: "1.26", change: func(s *check.State) { flag(s, "kube-apiserver", "feature-gates", "--feature-gates=AllAlpha=true") }},
	{name: "no beta gates but ours", version: "1.29", change: func(s *check.State) {
		flag(s, "kube-apiserver", "", "--feature-gates=AllBeta=false,APIServerTracing=true")
		node(s, func(c *check.KubeletConfig) {
			c.FeatureGates = map[string]bool{"AllBeta": false, "KubeletTracing": true}
		})
	}},
	{name: "the kubelet's gate for kube-apiserver", version: "1.29", change: func(s *check.State) {
		flag(s, "kube-apiserver", "", "--feature-gates=KubeletTracing=false")
	}},
	{name: "_ for -", version: "1.37", change: func(s *check.State) {
		flag(s, "kube-apiserver", "tracing-config-file", "--tracing_config_file=/etc/kubernetes/tracing-config.yaml")
	}},
	{name: "the file as a part of its folder", version: "1.37", change: func(s *check.State) {
		server := pod(s, "kube-apiserver-a")
		server.Spec.Volumes[0].HostPath.Path, server.Spec.Volumes[0].HostPath.Type = "/etc/kubernetes", nil
		server.Spec.Containers[0].VolumeMounts[1].SubPath = "tracing-config.yaml"
	}},
	{name: "a job with a container of that name", version: "1.37", change: func(s *check.State) {
		job := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "backup", Namespace: "kube-system"}, Spec: corev1.PodSpec{NodeName: "a", Containers: []corev1.Container{{Name: "etcd"}}}}
		job.Status.Phase = corev1.PodSucceeded
		s.Pods = append([]corev1.Pod{job}, s.Pods...)
	}},
	{name: "an ID of each member", version: "1.37", change: func(s *check.State) {
		pod(s, "etcd-a").Spec.Containers[0].Env = []corev1.EnvVar{{Name: "ETCD_DISTRIBUTED_TRACING_INSTANCE_ID", ValueFrom: &corev1.EnvVarSource{}}}
	}},
	{name: "containerd 1's file, kept", version: "1.37", change: func(s *check.State) {
		s.Containerd = map[string][]byte{"a": []byte("version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\n  endpoint = \"\"\n  insecure = false\n[plugins.\"io.containerd.internal.v1.tracing\"]\n  sampling_ratio = 1.0\n  service_name = \"containerd\"\n[grpc]\n  endpoint = \"x\"\n")}
	}},
	{name: "the operator's collector", version: "1.37", change: operated},
	{name: "a collector that the kubelet had to end", version: "1.37", change: func(s *check.State) {
		old := pod(s, "kubetrace-collector-a").DeepCopy()
		old.Name, old.Status.Phase = "kubetrace-collector-old", corev1.PodFailed
		s.Pods = append([]corev1.Pod{*old}, s.Pods...)
	}},
}

func TestFine(t *testing.T) {
	for _, test := range fine {
		test.run(t, check.Options{})
	}
}

func TestWrong(t *testing.T) {
	for _, test := range wrong {
		test.run(t, check.Options{})
	}
}

func TestPurity(t *testing.T) {
	puritytest.Check(t, func() check.State { return healthy(t, spec("1.37")) }, func(s check.State) []check.Finding {
		s.Configz = nil
		return must(check.Cluster(spec("1.37"), s))(t)
	})
	puritytest.Check(t, func() check.State {
		_, state := readState(t, "testdata/states/degraded")
		return state
	}, func(s check.State) []check.Finding { return must(check.Cluster(spec("1.37"), s))(t) })
}

func TestRead(t *testing.T) {
	state, err := check.Read([]byte(`apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Node, metadata: {name: a}}
- {apiVersion: v1, kind: Service, metadata: {name: a}}
- {apiVersion: apps/v1, kind: DaemonSet, metadata: {name: d}, spec: {unknownField: 1}}
---
kind: PodList
items: [{metadata: {name: p}}]
`), []byte(`{"kind": "ConfigMap", "metadata": {"name": "c"}}`))
	if err != nil {
		t.Fatal(err)
	}
	got := []int{len(state.Nodes), len(state.Pods), len(state.ConfigMaps), len(state.DaemonSets)}
	if diff := cmp.Diff([]int{1, 1, 1, 1}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Of an object only what is asked for is read, whatever its other fields have become.
	if err := state.Add([]byte(`kind: List
items:
- {kind: Node, metadata: {name: newer, generation: x}, spec: {podCIDRs: 7}, status: {capacity: {cpu: []}, volumesInUse: 7, nodeInfo: {kubeletVersion: v1.99.0, bootID: 7}}}
- {kind: Pod, metadata: {name: newer, creationTimestamp: x}, spec: {nodeName: newer, priority: x, containers: [{name: c, resources: 7, livenessProbe: 7}]}, status: {startTime: x, containerStatuses: [{name: c, restartCount: x, ready: true, state: {running: {}}}]}}
`)); err != nil {
		t.Error(err)
	}
	if node := state.Nodes[1]; node.Name != "newer" || node.Status.NodeInfo.KubeletVersion != "v1.99.0" {
		t.Errorf("got %v", node)
	}
	if pod := state.Pods[1]; pod.Spec.NodeName != "newer" || pod.Spec.Containers[0].Name != "c" || !pod.Status.ContainerStatuses[0].Ready {
		t.Errorf("got %v", pod)
	}
	for text, says := range map[string]string{
		"a: [":                        "neither YAML nor JSON",
		"- 1":                         "no object",
		"a: 1":                        "an object has no kind",
		"kubeletconfig: {}":           "give it with the node's name",
		"{kind: Node, metadata: 7}":   "the Node cannot be read: its metadata is a number",
		"{kind: PodList, items: [1]}": "an item of a PodList is no object",
		"{kind: Pod, spec: {1: 2}}":   "the Pod cannot be read: a key in it is no text",
		"kind: KubeletConfiguration":  "give its configz with the node's name",
		"kind: TracingConfiguration":  "give it with the node's name",
		"{kind: Status, message: nodes is forbidden}": "kubectl was refused: nodes is forbidden",
	} {
		if _, err := check.Read(nil, []byte(text)); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "text 2: ") {
			t.Errorf("%s: got %v, want %s", text, err, says)
		}
	}
	// What can be read stays beside an error.
	half, err := check.Read([]byte("kind: List\nitems: [{kind: Node, metadata: {name: a}}, {kind: Node, metadata: 7}]\n"), []byte("a: ["))
	if len(half.Nodes) != 1 || len(half.Unreadable) != 2 || err == nil || !strings.Contains(err.Error(), "text 1: ") || !strings.Contains(err.Error(), "text 2: ") {
		t.Errorf("got %v, %v", half, err)
	}
	for _, text := range []string{"{", "{}", `{"kubeletconfig": 7}`} {
		if err := state.AddConfigz("n", []byte(text)); err == nil || !strings.Contains(err.Error(), "configz of n") {
			t.Errorf("%s: got %v", text, err)
		}
	}
	if err := state.Add([]byte(`{"kind": "Node", "metadata": {"name": "\ud83d\ude00"}}`)); err != nil || state.Nodes[2].Name != "😀" {
		t.Errorf("a character in two halves: %v", err)
	}
	if err := state.AddConfigz("n", []byte("\ufeff{\"kubeletconfig\": {}}")); err != nil {
		t.Errorf("with a byte order mark: %v", err)
	}
	if _, err := check.Cluster(spec("1.1"), state); err == nil {
		t.Error("no error of no spec")
	}
}
