package clusterapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	configv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	controlplanev1beta1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta1"

	"kubetrace/platform/clusterapi"
)

// FuzzControlPlane gives files, flags and commands of any text: nothing panics, and what
// is accepted changes no more when it is given again.
func FuzzControlPlane(f *testing.F) {
	f.Add("/etc/kubernetes/tracing-config.yaml", "endpoint: 127.0.0.1:4317\n", "/etc/kubernetes/patches", "A=true", "systemctl restart containerd")
	f.Add("/p/kubeletconfiguration0+merge.yaml", "---\ntracing:\n---\nfeatureGates: {KubeletTracing: false}\n", "/p/", "APIServerTracing=false", "")
	f.Fuzz(func(t *testing.T, path, content, folder, gates, command string) {
		base := &controlplanev1beta1.KubeadmControlPlane{}
		base.Spec.KubeadmConfigSpec = configv1beta1.KubeadmConfigSpec{
			ClusterConfiguration: &configv1beta1.ClusterConfiguration{},
			JoinConfiguration:    &configv1beta1.JoinConfiguration{Patches: &configv1beta1.Patches{Directory: folder}},
			Files:                []configv1beta1.File{{Path: path, Content: content}},
			PreKubeadmCommands:   []string{command},
		}
		base.Spec.KubeadmConfigSpec.ClusterConfiguration.APIServer.ExtraArgs = map[string]string{"feature-gates": gates}
		once, _, err := clusterapi.ControlPlane(spec("1.26"), base)
		if err != nil {
			return
		}
		twice, _, err := clusterapi.ControlPlane(spec("1.26"), once)
		if err != nil {
			t.Fatalf("the result is refused: %v", err)
		}
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Errorf("the second call changed something (-once +twice):\n%s", diff)
		}
	})
}
