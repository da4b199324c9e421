package check_test

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/check"
)

// podSpec is the DaemonSet's.
func podSpec(s *check.State) *corev1.PodSpec { return &s.DaemonSets[0].Spec.Template.Spec }

// TestAdded has DaemonSets that others have added to: it is no finding where nothing
// of ours is missing or holds no longer.
func TestAdded(t *testing.T) {
	const at = "collector: DaemonSet spec.template.spec."
	for _, test := range []scenario{
		{"variables around ours", "1.37", func(s *check.State) {
			env := &podSpec(s).Containers[0].Env
			*env = append([]corev1.EnvVar{{Name: "HTTPS_PROXY", Value: "x"}}, append(*env, corev1.EnvVar{Name: "SITE", Value: "north"})...)
			slices.Reverse(*env)
		}, nil},
		{"a variable of ours once more, with another value", "1.37", func(s *check.State) {
			podSpec(s).Containers[0].Env = append(podSpec(s).Containers[0].Env, corev1.EnvVar{Name: "GOGC", Value: "400"})
		}, []string{at + "containers[collector].env[GOGC].value is 400, wanted is 60 (stale)"}},
		{"a variable of ours once more, before it", "1.37", func(s *check.State) {
			podSpec(s).Containers[0].Env = append([]corev1.EnvVar{{Name: "GOGC", Value: "400"}}, podSpec(s).Containers[0].Env...)
		}, nil},
		{"a variable of ours is gone", "1.37", func(s *check.State) {
			podSpec(s).Containers[0].Env = slices.DeleteFunc(podSpec(s).Containers[0].Env, func(e corev1.EnvVar) bool { return e.Name == "GOGC" })
		}, []string{at + "containers[collector].env[GOGC] is nothing, wanted is map[name:GOGC value:60] (stale)"}},
		{"a volume before ours, and a mount", "1.37", func(s *check.State) {
			volume := corev1.Volume{Name: "site", VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "site"}}}}
			podSpec(s).Volumes = append([]corev1.Volume{volume}, podSpec(s).Volumes...)
			podSpec(s).Containers[0].VolumeMounts = append([]corev1.VolumeMount{{Name: "site", MountPath: "/site"}}, podSpec(s).Containers[0].VolumeMounts...)
		}, nil},
		{"another mount than ours", "1.37", func(s *check.State) { podSpec(s).Containers[0].VolumeMounts[0].MountPath = "/elsewhere" },
			[]string{at + "containers[collector].volumeMounts[/etc/kubetrace/collector] is nothing"}},
		{"containers, labels, annotations, tolerations, secrets, a port", "1.37", func(s *check.State) {
			template := &s.DaemonSets[0].Spec.Template
			template.Labels = map[string]string{"team": "x"}
			for key, value := range s.DaemonSets[0].Labels {
				template.Labels[key] = value
			}
			template.Annotations = map[string]string{"sidecar": "yes"}
			template.Spec.InitContainers = []corev1.Container{{Name: "wait"}}
			template.Spec.Containers = append([]corev1.Container{{Name: "sidecar"}}, template.Spec.Containers...)
			template.Spec.Tolerations = append([]corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}}, template.Spec.Tolerations...)
			template.Spec.ImagePullSecrets = []corev1.LocalObjectReference{{Name: "site"}}
			ports := &template.Spec.Containers[1].Ports
			*ports = append([]corev1.ContainerPort{{ContainerPort: 4317, HostPort: 4317, Protocol: corev1.ProtocolUDP}}, *ports...)
			drop := &template.Spec.Containers[1].SecurityContext.Capabilities.Drop
			*drop = append([]corev1.Capability{"NET_RAW"}, *drop...)
		}, nil},
		{"a port for everybody", "1.37", func(s *check.State) { podSpec(s).Containers[0].Ports[0].HostIP = "" },
			[]string{at + "containers[collector].ports[4317/TCP].hostIP is nothing, wanted is 127.0.0.1 (exposed)"}},
		{"another argument", "1.37", func(s *check.State) {
			podSpec(s).Containers[0].Args = append(podSpec(s).Containers[0].Args, "--config=/other.yaml")
		}, []string{at + "containers[collector].args is [--config=/etc/kubetrace/collector/config.yaml --config=/other.yaml]"}},
	} {
		test.run(t, check.Options{})
	}
}
