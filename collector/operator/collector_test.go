package operator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/collector/operator"
	"kubetrace/collector/operator/v1beta1"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

// TestConfiguration says that the configuration is the ConfigMap's but for the
// health check and an abstract socket's endpoint, and that nothing of the
// ConfigMap's is unknown to the types.
func TestConfiguration(t *testing.T) {
	const grpc = "receivers.otlp.protocols.grpc"
	each(t, func(t *testing.T, g generated) {
		text := collector.ConfigMapFor(g.resolved).Data["config.yaml"]
		if err := readback.Into([]byte(text), &v1beta1.Config{}); err != nil {
			t.Errorf("the types do not hold the configuration: %v", err)
		}
		var want any
		if err := yaml.UnmarshalStrict([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		if at(want, "extensions.health_check") == nil {
			t.Error("the ConfigMap has no health check either")
		}
		extensions, service := at(want, "extensions").(map[string]any), at(want, "service").(map[string]any)
		delete(extensions, "health_check")
		var running []any
		for _, name := range service["extensions"].([]any) {
			if name != "health_check" {
				running = append(running, name)
			}
		}
		service["extensions"] = running
		if len(running) == 0 {
			delete(service, "extensions")
			delete(want.(map[string]any), "extensions")
		}
		if transport, endpoint := g.resolved.Listener(); transport == "unix" {
			at(want, grpc).(map[string]any)["endpoint"] = "${env:KUBETRACE_NOTHING:-}" + endpoint
		}
		if diff := cmp.Diff(want, at(tree(t, g.resource), "spec.config")); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
	})
}

// TestOperatorFillsIn looks at what the operator's webhook would fill in with
// 0.0.0.0: an endpoint that is missing, has no colon or nothing before it, and a
// reader of metrics that is missing.
func TestOperatorFillsIn(t *testing.T) {
	each(t, func(t *testing.T, g generated) {
		printed := tree(t, g.resource)
		endpoint, _ := at(printed, "spec.config.receivers.otlp.protocols.grpc.endpoint").(string)
		if before, _, found := strings.Cut(endpoint, ":"); !found || before == "" {
			t.Errorf("the operator would put 0.0.0.0 before the endpoint %q", endpoint)
		}
		readers, _ := at(printed, "spec.config.service.telemetry.metrics.readers").([]any)
		if len(readers) != 1 || at(readers[0], "pull.exporter.prometheus.host") != g.resolved.LoopbackHost() {
			t.Errorf("the readers are %v, want one on %s", readers, g.resolved.LoopbackHost())
		}
		for _, set := range []string{"mode", "managementState", "upgradeStrategy", "image", "serviceAccount", "networkPolicy.enabled"} {
			if at(printed, "spec."+set) == nil {
				t.Errorf("spec.%s is left to the operator", set)
			}
		}
		if path := null(printed, ""); path != "" {
			t.Errorf("%s is null, which kustomize, kubectl edit and the definition do not all keep", path)
		}
	})
}

// null returns the path of a value that is null, or nothing.
func null(value any, path string) string {
	switch value := value.(type) {
	case nil:
		return path
	case map[string]any:
		for key, entry := range value {
			if found := null(entry, path+"."+key); found != "" {
				return found
			}
		}
	case []any:
		for _, element := range value {
			if found := null(element, path+"[]"); found != "" {
				return found
			}
		}
	}
	return ""
}

// TestPods says that whatever the DaemonSet's pods are is in the resource, or is
// among what it is known not to say.
func TestPods(t *testing.T) {
	each(t, func(t *testing.T, g generated) {
		got, left := g.resource.Spec, g.pod.DeepCopy()
		container := &left.Containers[0]
		check := func(name string, want, got any) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-DaemonSet +resource):\n%s", name, diff)
			}
		}
		check("account", left.ServiceAccountName, got.ServiceAccount)
		check("host network", left.HostNetwork, got.HostNetwork)
		check("node selector", left.NodeSelector, got.NodeSelector)
		check("tolerations", left.Tolerations, got.Tolerations)
		check("affinity", left.Affinity, got.Affinity)
		check("priority", left.PriorityClassName, got.PriorityClassName)
		check("grace", left.TerminationGracePeriodSeconds, got.TerminationGracePeriodSeconds)
		check("security of the pod", left.SecurityContext, got.PodSecurityContext)
		check("security of the container", container.SecurityContext, got.SecurityContext)
		check("resources", container.Resources, got.Resources)
		check("image", container.Image, got.Image)
		check("variables", container.Env, got.Env)
		check("volumes", left.Volumes[1:], append([]corev1.Volume{}, got.Volumes...))
		check("mounts", container.VolumeMounts[1:], append([]corev1.VolumeMount{}, got.VolumeMounts...))
		set := collector.DaemonSetFor(g.resolved)
		check("rollout", set.Spec.UpdateStrategy, got.DaemonSetUpdateStrategy)
		check("metadata", set.ObjectMeta, g.resource.ObjectMeta)
		// The operator copies these to the pods.
		check("labels of the pods", set.Spec.Template.Labels, g.resource.Labels)
		check("annotations of the pods", set.Spec.Template.Annotations, g.resource.Annotations)

		*container = corev1.Container{Name: container.Name, Args: container.Args, Ports: container.Ports,
			StartupProbe: container.StartupProbe, LivenessProbe: container.LivenessProbe, ReadinessProbe: container.ReadinessProbe}
		no := false
		unsaid := corev1.PodSpec{
			Containers:                   left.Containers,
			ImagePullSecrets:             g.resolved.Spec().Collector.ImagePullSecrets, // on the account
			AutomountServiceAccountToken: &no,                                          // WarnOperatorToken
			EnableServiceLinks:           &no,                                          // the same
			DNSPolicy:                    corev1.DNSClusterFirstWithHostNet,            // the operator's own choice
		}
		left.ServiceAccountName, left.HostNetwork, left.NodeSelector, left.Tolerations, left.Affinity = "", false, nil, nil, nil
		left.PriorityClassName, left.TerminationGracePeriodSeconds, left.SecurityContext, left.Volumes = "", nil, nil, nil
		check("what is left", *left, unsaid)
		original := g.pod.Containers[0]
		original.Name, original.Args, original.Ports = "", nil, nil
		original.StartupProbe, original.LivenessProbe, original.ReadinessProbe = nil, nil, nil
		check("what is left of the container", original, corev1.Container{
			Image: got.Image, Env: got.Env, Resources: got.Resources, VolumeMounts: original.VolumeMounts, SecurityContext: got.SecurityContext,
		})
		if args := g.pod.Containers[0].Args; len(args) != 1 || !strings.HasPrefix(args[0], "--config=") {
			t.Errorf("the arguments %q are not in the resource", args)
		}
	})
}

// TestOperatorAdds says that the limit of the Go runtime's memory is ours.
func TestOperatorAdds(t *testing.T) {
	each(t, func(t *testing.T, g generated) {
		for _, variable := range g.resource.Spec.Env {
			if variable.Name == "GOMEMLIMIT" && variable.Value != "" {
				return
			}
		}
		t.Error("the resource has no GOMEMLIMIT, so the operator would set the whole memory limit")
	})
}

func TestErrors(t *testing.T) {
	functions := map[string]func(tracing.TracingSpec) (int, error){
		"OpenTelemetryCollector": func(s tracing.TracingSpec) (int, error) {
			resource, err := operator.OpenTelemetryCollector(s)
			if resource == nil {
				return 0, err
			}
			return 1, err
		},
		"Objects":  func(s tracing.TracingSpec) (int, error) { list, err := operator.Objects(s); return len(list), err },
		"Warnings": func(s tracing.TracingSpec) (int, error) { list, err := operator.Warnings(s); return len(list), err },
	}
	for name, function := range functions {
		t.Run(name, func(t *testing.T) {
			if n, err := function(load(t, specs["minimal"])); n == 0 || err != nil {
				t.Errorf("of a good spec: %d, %v", n, err)
			}
			n, err := function(load(t, disabled))
			var not *tracing.NotGeneratedError
			if isObject := name == "OpenTelemetryCollector"; n != 0 || errors.As(err, &not) != isObject || err != nil != isObject {
				t.Errorf("of a disabled collector: %d, %#v", n, err)
			}
			if not != nil && not.Field != "collector.disabled" {
				t.Errorf("the error names %s", not.Field)
			}
			n, err = function(load(t, `kubernetesVersion: "1.0"`))
			var invalid *tracing.InvalidSpecError
			if n != 0 || !errors.As(err, &invalid) {
				t.Errorf("of a bad spec: %d, %#v", n, err)
			}
		})
	}
	var zero tracing.Resolved
	if operator.OpenTelemetryCollectorFor(zero) != nil || operator.ObjectsFor(zero) != nil || operator.WarningsFor(zero) != nil {
		t.Error("a Resolved that nobody resolved gives something")
	}
}
