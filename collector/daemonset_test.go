package collector_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubetrace/tracing"
)

func memory(quantity string) corev1.ResourceList {
	return corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(quantity)}
}

// TestDaemonSetHardening checks that beyond the host's network the pods have no
// privileges, whatever the spec.
func TestDaemonSetHardening(t *testing.T) {
	for _, spec := range []tracing.TracingSpec{specOf(nil), mtlsSpec()} {
		pod := podOf(t, spec)
		got := []any{pod.HostNetwork, pod.HostPID, pod.HostIPC, pod.AutomountServiceAccountToken, pod.EnableServiceLinks, pod.DNSPolicy, len(pod.Containers), len(pod.InitContainers)}
		want := []any{true, false, false, ptr(false), ptr(false), corev1.DNSClusterFirstWithHostNet, 1, 0}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pod (-want +got):\n%s", diff)
		}
		security := pod.SecurityContext.DeepCopy()
		security.FSGroup = nil // of TestDaemonSetTLS
		wantSecurity := &corev1.PodSecurityContext{
			RunAsNonRoot:   ptr(true),
			RunAsUser:      ptr(int64(10001)),
			RunAsGroup:     ptr(int64(10001)),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		}
		if diff := cmp.Diff(wantSecurity, security); diff != "" {
			t.Errorf("security of the pod (-want +got):\n%s", diff)
		}
		wantContainer := &corev1.SecurityContext{
			AllowPrivilegeEscalation: ptr(false),
			ReadOnlyRootFilesystem:   ptr(true),
			Capabilities:             &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
		}
		if diff := cmp.Diff(wantContainer, pod.Containers[0].SecurityContext); diff != "" {
			t.Errorf("security of the container (-want +got):\n%s", diff)
		}
		for _, volume := range pod.Volumes {
			if volume.HostPath != nil {
				t.Errorf("volume %s is a path of the node", volume.Name)
			}
		}
		for _, mount := range pod.Containers[0].VolumeMounts {
			if !mount.ReadOnly {
				t.Errorf("mount %s is writable", mount.Name)
			}
		}
	}
}

func TestDaemonSetDefaults(t *testing.T) {
	pod := podOf(t, specOf(nil))
	got := []any{pod.Containers[0].Image, pod.Containers[0].Args, pod.PriorityClassName, pod.Tolerations, pod.NodeSelector, pod.ServiceAccountName, pod.Affinity}
	want := []any{
		"ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:" + tracing.DefaultCollectorVersion,
		[]string{"--config=/etc/kubetrace/collector/config.yaml"},
		"system-node-critical",
		[]corev1.Toleration{{Operator: corev1.TolerationOpExists}},
		map[string]string{"kubernetes.io/os": "linux"},
		"kubetrace-collector",
		(*corev1.Affinity)(nil),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("image, args, priority, tolerations, node selector, account and affinity (-want +got):\n%s", diff)
	}
}

// TestDaemonSetRollout says that no two pods of a node open the same ports.
func TestDaemonSetRollout(t *testing.T) {
	got := daemonSet(t, specOf(nil)).Spec.UpdateStrategy.RollingUpdate
	if *got.MaxSurge != intstr.FromInt(0) || *got.MaxUnavailable != intstr.FromString("10%") {
		t.Errorf("got a surge of %s and %s unavailable, want 0 and 10%%", got.MaxSurge, got.MaxUnavailable)
	}
}

func TestDaemonSetPortsAndProbes(t *testing.T) {
	port := func(name string, number int32, host string) corev1.ContainerPort {
		return corev1.ContainerPort{Name: name, ContainerPort: number, HostPort: number, HostIP: host, Protocol: corev1.ProtocolTCP}
	}
	for _, test := range []struct {
		endpoint, host string
		want           []corev1.ContainerPort
	}{
		{"", "127.0.0.1", []corev1.ContainerPort{port("otlp-grpc", 4317, "127.0.0.1"), port("health", 20001, "127.0.0.1"), port("metrics", 20002, "127.0.0.1")}},
		{"127.0.0.2:5317", "127.0.0.1", []corev1.ContainerPort{port("otlp-grpc", 5317, "127.0.0.2"), port("health", 20001, "127.0.0.1"), port("metrics", 20002, "127.0.0.1")}},
		{"[::1]:4317", "::1", []corev1.ContainerPort{port("otlp-grpc", 4317, "::1"), port("health", 20001, "::1"), port("metrics", 20002, "::1")}},
		{"unix-abstract:///a", "127.0.0.1", []corev1.ContainerPort{port("health", 20001, "127.0.0.1"), port("metrics", 20002, "127.0.0.1")}},
	} {
		container := podOf(t, specOf(func(s *tracing.TracingSpec) {
			s.Endpoint, s.Collector.HealthPort, s.Collector.MetricsPort = test.endpoint, 20001, 20002
		})).Containers[0]
		if diff := cmp.Diff(test.want, container.Ports); diff != "" {
			t.Errorf("%q: ports (-want +got):\n%s", test.endpoint, diff)
		}
		for name, probe := range map[string]*corev1.Probe{"startup": container.StartupProbe, "liveness": container.LivenessProbe, "readiness": container.ReadinessProbe} {
			want := corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Host: test.host, Path: "/", Port: intstr.FromInt(20001)}}
			if diff := cmp.Diff(want, probe.ProbeHandler); diff != "" {
				t.Errorf("%q: %s probe (-want +got):\n%s", test.endpoint, name, diff)
			}
		}
	}
}

// TestDaemonSetMemory says that the Go runtime's limit is 60 % of the memory
// limit, whatever its unit.
func TestDaemonSetMemory(t *testing.T) {
	for limit, want := range map[string]string{
		"64Mi": "38MiB", "256Mi": "153MiB", "1Gi": "614MiB", "1G": "572MiB", "500M": "286MiB", "1.5Gi": "921MiB", "100Gi": "61440MiB",
	} {
		spec := collectorOf(func(c *tracing.CollectorSpec) { c.Resources.Limits = memory(limit) })
		got := ""
		for _, variable := range podOf(t, spec).Containers[0].Env {
			if variable.Name == "GOMEMLIMIT" {
				got = variable.Value
			}
		}
		if got != want {
			t.Errorf("GOMEMLIMIT for %s is %q, want %s", limit, got, want)
		}
	}
}

// TestDaemonSetResources says that what the spec leaves out keeps its default.
func TestDaemonSetResources(t *testing.T) {
	spec := collectorOf(func(c *tracing.CollectorSpec) {
		c.Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}
		c.Resources.Requests = memory("128Mi")
	})
	want := corev1.ResourceRequirements{
		Limits:   corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("256Mi")},
		Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("50m"), corev1.ResourceMemory: resource.MustParse("128Mi")},
	}
	if diff := cmp.Diff(want, podOf(t, spec).Containers[0].Resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

// TestDaemonSetTLS says that certificates are mounted, readable to the
// collector's group alone.
func TestDaemonSetTLS(t *testing.T) {
	item := func(secret, key, path string) corev1.VolumeProjection {
		return corev1.VolumeProjection{Secret: &corev1.SecretProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: secret},
			Items:                []corev1.KeyToPath{{Key: key, Path: path}},
		}}
	}
	pod := podOf(t, mtlsSpec())
	want := corev1.Volume{Name: "tls", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{
		DefaultMode: ptr(int32(0o440)),
		Sources:     []corev1.VolumeProjection{item("ca", "ca.pem", "ca.crt"), item("client", "crt", "tls.crt"), item("client", "key", "tls.key")},
	}}}
	if diff := cmp.Diff(want, pod.Volumes[1]); diff != "" {
		t.Errorf("volume (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(corev1.VolumeMount{Name: "tls", MountPath: "/etc/kubetrace/tls", ReadOnly: true}, pod.Containers[0].VolumeMounts[1]); diff != "" {
		t.Errorf("mount (-want +got):\n%s", diff)
	}
	if pod.SecurityContext.FSGroup == nil || *pod.SecurityContext.FSGroup != *pod.SecurityContext.RunAsGroup {
		t.Error("the group of the files is not that of the collector")
	}
	for name, spec := range map[string]tracing.TracingSpec{
		"no TLS": specOf(nil),
		"a server's name only": collectorOf(func(c *tracing.CollectorSpec) {
			c.Exporter = tracing.ExporterSpec{Endpoint: "a.example.com:4317", TLS: &tracing.TLSSpec{ServerName: "b.example.com"}}
		}),
	} {
		pod := podOf(t, spec)
		if len(pod.Volumes) != 1 || len(pod.Containers[0].VolumeMounts) != 1 || pod.SecurityContext.FSGroup != nil {
			t.Errorf("%s: there is a volume without files", name)
		}
	}
}

// TestDaemonSetNodes says where the pods run.
func TestDaemonSetNodes(t *testing.T) {
	for _, test := range []struct {
		name             string
		spec             tracing.TracingSpec
		controlPlaneOnly bool
	}{
		{"everything traced", specOf(nil), false},
		{"the kubelet alone", specOf(func(s *tracing.TracingSpec) { s.Etcd.Disabled, s.APIServer.Disabled = true, true }), false},
		{"no kubelet", specOf(func(s *tracing.TracingSpec) { s.Kubelet.Disabled = true }), true},
		{"a kubelet that cannot be traced", specOf(func(s *tracing.TracingSpec) { s.KubernetesVersion = "1.24" }), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			affinity := podOf(t, test.spec).Affinity
			if (affinity != nil) != test.controlPlaneOnly {
				t.Fatalf("got %v, want control-plane nodes only: %t", affinity, test.controlPlaneOnly)
			}
			if affinity == nil {
				return
			}
			var labels []string
			for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
				for _, expression := range term.MatchExpressions {
					labels = append(labels, expression.Key+" "+string(expression.Operator))
				}
			}
			want := []string{"node-role.kubernetes.io/control-plane Exists"}
			if diff := cmp.Diff(want, labels); diff != "" {
				t.Errorf("labels, each enough (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDaemonSetUser says that what the spec sets about the pods is on them.
func TestDaemonSetUser(t *testing.T) {
	want := tracing.CollectorSpec{
		ImagePullSecrets:  []corev1.LocalObjectReference{{Name: "registry"}},
		Tolerations:       []corev1.Toleration{{Key: "a", Operator: corev1.TolerationOpExists}},
		NodeSelector:      map[string]string{"a": "b", "kubernetes.io/os": "linux"},
		PriorityClassName: "mine",
		Image:             "registry.example.com/otelcol:0.150.0",
		Name:              "node-traces",
	}
	set := daemonSet(t, specOf(func(s *tracing.TracingSpec) { s.Collector = want }))
	pod := set.Spec.Template.Spec
	got := tracing.CollectorSpec{
		ImagePullSecrets:  pod.ImagePullSecrets,
		Tolerations:       pod.Tolerations,
		NodeSelector:      pod.NodeSelector,
		PriorityClassName: pod.PriorityClassName,
		Image:             pod.Containers[0].Image,
		Name:              pod.ServiceAccountName,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pods (-want +got):\n%s", diff)
	}
}

// TestDaemonSetSelector says that the selector, which can never change, holds
// neither a version nor a user's label, and finds the pods.
func TestDaemonSetSelector(t *testing.T) {
	want := map[string]string{
		"app.kubernetes.io/name":      "kubetrace-collector",
		"app.kubernetes.io/instance":  "kubetrace-collector",
		"app.kubernetes.io/component": "collector",
	}
	for _, spec := range []tracing.TracingSpec{
		specOf(nil),
		mtlsSpec(),
		specOf(func(s *tracing.TracingSpec) { s.KubernetesVersion = "1.25.3" }),
		collectorOf(func(c *tracing.CollectorSpec) { c.Version, c.Labels = "0.123.0", map[string]string{"team": "a"} }),
	} {
		set := daemonSet(t, spec)
		if diff := cmp.Diff(want, set.Spec.Selector.MatchLabels); diff != "" {
			t.Errorf("selector (-want +got):\n%s", diff)
		}
		for key, value := range set.Spec.Selector.MatchLabels {
			if set.Spec.Template.Labels[key] != value {
				t.Errorf("the pods have no label %s=%s", key, value)
			}
		}
	}
}
