package clusterapi

import (
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/blang/semver/v4"
	configv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	configv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1beta1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta1"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	"sigs.k8s.io/cluster-api/bootstrap/kubeadm/pkg/types"
	"sigs.k8s.io/cluster-api/bootstrap/kubeadm/pkg/types/upstream"
	"sigs.k8s.io/cluster-api/controlplane/kubeadm/webhooks/conversion"

	"kubetrace/apply"
	"kubetrace/conformance"
	"kubetrace/conformance/judge/api"
	"kubetrace/conformance/kubernetes"
	"kubetrace/platform/clusterapi"
	"kubetrace/tracing"
)

// TestKubeadm gives each release what Cluster API writes for its kubeadm.
func TestKubeadm(t *testing.T) {
	minors, err := conformance.Minors()
	if err != nil {
		t.Fatal(err)
	}
	for _, minor := range minors {
		t.Run(minor, func(t *testing.T) {
			judge, err := kubernetes.StartJudge(t.Context(), "../judge", minor)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := judge.Close(); err != nil {
					t.Error(err)
				}
			})
			spec := tracing.TracingSpec{KubernetesVersion: judge.Version}
			t.Run("v1beta2", func(t *testing.T) { judged(t, judge, spec, controlPlane(t, spec)) })
			t.Run("v1beta1", func(t *testing.T) { judged(t, judge, spec, oldControlPlane(t, spec)) })
			t.Run("worker", func(t *testing.T) { judgedWorker(t, judge, spec) })
		})
	}
}

// What "kubeadm init" would find out about the machine; see package kubernetes.
const (
	address = "192.0.2.10"
	socket  = "unix:///run/containerd/containerd.sock"
)

// controlPlane is one with tracing.
func controlPlane(t *testing.T, spec tracing.TracingSpec) *configv1.KubeadmConfigSpec {
	t.Helper()
	var base controlplanev1.KubeadmControlPlane
	base.Spec.Version = spec.KubernetesVersion
	config := &base.Spec.KubeadmConfigSpec
	config.InitConfiguration.LocalAPIEndpoint.AdvertiseAddress = address
	config.InitConfiguration.NodeRegistration = configv1.NodeRegistrationOptions{Name: "node", CRISocket: socket}
	config.InitConfiguration.Patches.Directory = api.PatchesDir
	traced, _, err := clusterapi.ControlPlane(spec, &base)
	if err != nil {
		t.Fatal(err)
	}
	return &traced.Spec.KubeadmConfigSpec
}

// oldControlPlane is one of v1beta1, as Cluster API converts it.
func oldControlPlane(t *testing.T, spec tracing.TracingSpec) *configv1.KubeadmConfigSpec {
	t.Helper()
	var base controlplanev1beta1.KubeadmControlPlane
	base.Spec.Version = spec.KubernetesVersion
	base.Spec.KubeadmConfigSpec.InitConfiguration = &configv1beta1.InitConfiguration{
		LocalAPIEndpoint: configv1beta1.APIEndpoint{AdvertiseAddress: address},
		NodeRegistration: configv1beta1.NodeRegistrationOptions{Name: "node", CRISocket: socket},
		Patches:          &configv1beta1.Patches{Directory: api.PatchesDir},
	}
	traced, _, err := clusterapi.ControlPlane(spec, &base)
	if err != nil {
		t.Fatal(err)
	}
	var hub controlplanev1.KubeadmControlPlane
	if err := conversion.ConvertKubeadmControlPlaneV1Beta1ToHub(t.Context(), traced, &hub); err != nil {
		t.Fatal(err)
	}
	return &hub.Spec.KubeadmConfigSpec
}

// written is what a node of a KubeadmConfigSpec has, but for kubeadm's documents.
func written(t *testing.T, spec tracing.TracingSpec, config *configv1.KubeadmConfigSpec) *kubernetes.Written {
	t.Helper()
	bundle, err := kubernetes.Write(spec)
	if err != nil {
		t.Fatal(err)
	}
	// Whether there is a fragment for the kubelet: kubeadm is to read that in Patches.
	w := &kubernetes.Written{Files: map[string]string{}, Kubelet: bundle.Kubelet}
	w.Kubeadm.Patches = map[string]string{}
	for _, file := range config.Files {
		if folder, name := path.Split(file.Path); path.Clean(folder) == api.PatchesDir {
			w.Kubeadm.Patches[name] = file.Content
		} else {
			w.Files[file.Path] = file.Content
		}
	}
	return w
}

// judged has a release judge a control plane.
func judged(t *testing.T, judge *kubernetes.Judge, spec tracing.TracingSpec, config *configv1.KubeadmConfigSpec) {
	t.Helper()
	version := semver.MustParse(strings.TrimPrefix(judge.Version, "v"))
	cluster, err := types.MarshalClusterConfigurationForVersion(&config.ClusterConfiguration, version, &upstream.AdditionalData{KubernetesVersion: &judge.Version})
	if err != nil {
		t.Fatal(err)
	}
	first, err := types.MarshalInitConfigurationForVersion(&config.InitConfiguration, version)
	if err != nil {
		t.Fatal(err)
	}
	joins, err := types.MarshalJoinConfigurationForVersion(&config.JoinConfiguration, version)
	if err != nil {
		t.Fatal(err)
	}
	if traces := tracesKubelet(t, spec); traces != strings.Contains(joins, "directory: "+api.PatchesDir) {
		t.Errorf("nodes that join read the patches: %t, and the kubelet is traced: %t\n%s", !traces, traces, joins)
	}
	w := written(t, spec, config)
	w.Kubeadm.Config = cluster + "---\n" + first
	inspect(t, judge, spec, w)
	// What is edited before it is rendered has nothing left to be edited after.
	result, err := apply.Documents(spec, []byte(w.Kubeadm.Config), apply.Options{NoNewDocument: true})
	if err != nil || len(result.Receipt.Edits) > 0 {
		t.Errorf("%v: %+v in\n%s", err, result.Receipt.Edits, w.Kubeadm.Config)
	}
}

// judgedWorker has a release judge the kubelet's part of a worker, by an init that has
// nothing of tracing beside it: kubeadm join patches as init does.
func judgedWorker(t *testing.T, judge *kubernetes.Judge, spec tracing.TracingSpec) {
	spec.Etcd.Disabled, spec.APIServer.Disabled = true, true
	var base configv1.KubeadmConfigTemplate
	base.Spec.Template.Spec.JoinConfiguration.Patches.Directory = api.PatchesDir
	traced, _, err := clusterapi.Config(spec, &base)
	if err != nil {
		t.Fatal(err)
	}
	config := traced.Spec.Template.Spec
	joins, err := types.MarshalJoinConfigurationForVersion(&config.JoinConfiguration, semver.MustParse(strings.TrimPrefix(judge.Version, "v")))
	if err != nil || !strings.Contains(joins, "directory: "+api.PatchesDir) {
		t.Fatalf("kubeadm does not read the patches: %v\n%s", err, joins)
	}
	untraced, err := kubernetes.Untraced(spec)
	if err != nil {
		t.Fatal(err)
	}
	w := written(t, spec, &config)
	w.Kubeadm.Config = untraced.Kubeadm.Config + "patches:\n  directory: " + api.PatchesDir + "\n"
	inspect(t, judge, spec, w)
}

func tracesKubelet(t *testing.T, spec tracing.TracingSpec) bool {
	t.Helper()
	r, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	return r.NotGenerated(tracing.ComponentKubelet) == nil
}

func inspect(t *testing.T, judge *kubernetes.Judge, spec tracing.TracingSpec, w *kubernetes.Written) {
	t.Helper()
	inspection, err := kubernetes.Inspect(judge, spec, w)
	if err != nil {
		t.Fatal(err)
	}
	if problems := inspection.Problems(); len(problems) > 0 {
		t.Errorf("%s\n%s", strings.Join(problems, "\n"), w.Kubeadm.Config)
	}
}

// TestKubeadmSeesWrongs shows that the judges see what is missing.
func TestKubeadmSeesWrongs(t *testing.T) {
	judge, err := kubernetes.StartJudge(t.Context(), "../judge", "1.36")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = judge.Close() })
	spec := tracing.TracingSpec{KubernetesVersion: judge.Version}
	for name, spoil := range map[string]func(*configv1.KubeadmConfigSpec){
		"the tracing file": func(c *configv1.KubeadmConfigSpec) {
			c.Files = slices.DeleteFunc(c.Files, func(f configv1.File) bool { return strings.HasSuffix(f.Path, "tracing-config.yaml") })
		},
		"the kubelet's patch": func(c *configv1.KubeadmConfigSpec) {
			c.Files = slices.DeleteFunc(c.Files, func(f configv1.File) bool { return strings.HasPrefix(f.Path, api.PatchesDir) })
		},
		"flags of etcd": func(c *configv1.KubeadmConfigSpec) { c.ClusterConfiguration.Etcd.Local.ExtraArgs = nil },
		"the mount":     func(c *configv1.KubeadmConfigSpec) { c.ClusterConfiguration.APIServer.ExtraVolumes = nil },
	} {
		t.Run(name, func(t *testing.T) {
			config := controlPlane(t, spec)
			spoil(config)
			version := semver.MustParse(strings.TrimPrefix(judge.Version, "v"))
			cluster, err := types.MarshalClusterConfigurationForVersion(&config.ClusterConfiguration, version, &upstream.AdditionalData{KubernetesVersion: &judge.Version})
			if err != nil {
				t.Fatal(err)
			}
			first, err := types.MarshalInitConfigurationForVersion(&config.InitConfiguration, version)
			if err != nil {
				t.Fatal(err)
			}
			w := written(t, spec, config)
			w.Kubeadm.Config = cluster + "---\n" + first
			inspection, err := kubernetes.Inspect(judge, spec, w)
			if err != nil {
				t.Fatal(err)
			}
			if len(inspection.Problems()) == 0 {
				t.Error("nobody sees that it is missing")
			}
		})
	}
}
