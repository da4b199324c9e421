package kubernetes

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kubetrace"
	"kubetrace/conformance"
	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// customised is a kubelet's configuration in which somebody has changed
// everything that a careless fragment resets. Each release from 1.22 on knows
// the fields.
const customised = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous:
    enabled: false
  webhook:
    cacheTTL: 3m0s
    enabled: true
  x509:
    clientCAFile: /etc/kubernetes/pki/ca.crt
authorization:
  mode: Webhook
  webhook:
    cacheAuthorizedTTL: 6m0s
    cacheUnauthorizedTTL: 40s
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerLogMaxSize: 20Mi
cpuManagerReconcilePeriod: 20s
evictionHard:
  memory.available: 200Mi
evictionPressureTransitionPeriod: 6m0s
featureGates:
  RotateKubeletServerCertificate: true
fileCheckFrequency: 30s
httpCheckFrequency: 30s
imageGCHighThresholdPercent: 90
imageMinimumGCAge: 3m0s
logging:
  verbosity: 3
maxPods: 55
nodeStatusReportFrequency: 6m0s
nodeStatusUpdateFrequency: 15s
rotateCertificates: true
runtimeRequestTimeout: 3m0s
serializeImagePulls: false
shutdownGracePeriod: 1m0s
shutdownGracePeriodCriticalPods: 20s
staticPodPath: /etc/kubernetes/manifests
streamingConnectionIdleTimeout: 1h0m0s
syncFrequency: 2m0s
volumeStatsAggPeriod: 2m0s
`

// withZeros is the fragment as other marshallers print it.
const withZeros = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
shutdownGracePeriod: 0s
syncFrequency: 0s
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 1000000
`

// TestKubeletMerges lays the fragment over a customised configuration, as the
// kubelet's drop-in folder and as kubeadm's patch.
func TestKubeletMerges(t *testing.T) {
	eachMinor(t, "kubelet", func(t *testing.T, j *Judge, release tracing.Release) {
		spec := specs(release, j.Version)["default"]
		fragment := must(Write(spec))(t).Kubelet
		if !release.KubeletTraced {
			if fragment != "" {
				t.Errorf("a kubelet that has no tracing gets\n%s", fragment)
			}
			fragment = withZeros // Nobody generates one, and yet it must not work.
		}
		before := must(j.Kubelet(api.KubeletRequest{Config: customised}))(t)
		if len(before.Errors)+len(before.Warnings) > 0 {
			t.Fatalf("the kubelet refuses the configuration without the fragment: %q %q", before.Errors, before.Warnings)
		}

		t.Run("drop-in", func(t *testing.T) {
			problems, on := dropIn(t, j, before, fragment)
			switch release.KubeletDropIn {
			case tracing.DropInNone:
				if len(problems) == 0 || knowsConfigDir(t, release) {
					t.Errorf("the table says that there are no drop-ins, and the kubelet says %q", problems)
				}
			case tracing.DropInHarmful:
				if len(problems) == 0 {
					t.Error("the table says that a drop-in resets other fields, and none changes")
				}
				if !on {
					t.Error("the kubelet does not even trace")
				}
				wantWarning(t, spec, tracing.WarnKubeletDropIn)
			default:
				if len(problems) > 0 || !on {
					t.Errorf("tracing is on: %t\n%s", on, strings.Join(problems, "\n"))
				}
			}
			if release.KubeletDropIn == tracing.DropInNone && release.KubeletTraced {
				wantWarning(t, spec, tracing.WarnKubeletDropIn)
			}
		})
		t.Run("drop-in's environment", func(t *testing.T) {
			if release.KubeletDropIn == tracing.DropInNone {
				return
			}
			if !knowsConfigDir(t, release) {
				t.Error("the kubelet's source has no --config-dir: the test that says so of older ones is broken")
			}
			const variable = "KUBELET_CONFIG_DROPIN_DIR_ALPHA"
			without, with := must(j.DropIn())(t), must(j.DropIn(variable+"="))(t)
			if needs := strings.Contains(without, variable+" not set"); needs != (release.KubeletDropIn != tracing.DropInPlain) {
				t.Errorf("the table says %q, and the kubelet without the variable %q", release.KubeletDropIn, without)
			}
			if !strings.Contains(with, "kubetrace-no-such-folder") || strings.Contains(with, variable) {
				t.Errorf("with the variable the kubelet does not look into its folder: %q", with)
			}
		})
		t.Run("drop-in with zero fields", func(t *testing.T) {
			if problems, _ := dropIn(t, j, before, withZeros); len(problems) == 0 {
				t.Error("the judge sees nothing wrong with a drop-in that resets fields")
			}
		})
		for _, kind := range []string{"strategic", "merge"} {
			t.Run("kubeadm's "+kind+" patch", func(t *testing.T) {
				if !release.KubeletTraced {
					return
				}
				if problems := kubeadmPatch(t, j, release, kind, fragment); len(problems) > 0 {
					t.Errorf("%s", strings.Join(problems, "\n"))
				}
				if problems := kubeadmPatch(t, j, release, kind, withZeros); len(problems) == 0 {
					t.Error("the judge sees nothing wrong with a patch that resets fields")
				}
			})
		}
	})
}

// knowsConfigDir looks for the flag in the source of the release's kubelet, which
// the judges of 1.27 and before do not link.
func knowsConfigDir(t *testing.T, release tracing.Release) bool {
	t.Helper()
	dir := must(conformance.ModuleDir(t.Context(), "../judge/v"+release.Kubernetes+".mod", "k8s.io/kubernetes"))(t)
	source := must(os.ReadFile(filepath.Join(dir, "cmd/kubelet/app/options/options.go")))(t)
	return strings.Contains(string(source), `"config-dir"`)
}

// dropIn returns what is wrong with a drop-in, and whether the kubelet traces.
func dropIn(t *testing.T, j *Judge, before api.KubeletAnswer, fragment string) (problems []string, on bool) {
	t.Helper()
	after := must(j.Kubelet(api.KubeletRequest{Config: customised, DropIn: fragment}))(t)
	if problems = slices.Concat(after.Errors, after.Warnings); len(after.Errors) > 0 {
		return problems, false
	}
	return append(problems, onlyTracing(must(changedFields(before.Config, after.Config))(t))...), after.On
}

// kubeadmPatch returns what is wrong with the fragment as a file of kubeadm's
// patches directory.
func kubeadmPatch(t *testing.T, j *Judge, release tracing.Release, kind, fragment string) []string {
	t.Helper()
	cluster := "apiVersion: " + release.KubeadmAPIVersion + "\nkind: ClusterConfiguration\nkubernetesVersion: " + j.Version + "\n---\n" + customised
	written := must(j.Kubeadm(api.KubeadmRequest{
		Config:  complete(cluster, release.KubeadmAPIVersion) + patchesFolder,
		Patches: map[string]string{"kubeletconfiguration0+" + kind + ".yaml": fragment},
	}))(t)
	if problems := slices.Concat(written.Errors, written.Warnings); len(problems) > 0 {
		return problems
	}
	after := must(j.Kubelet(api.KubeletRequest{Config: written.Kubelet}))(t)
	problems := slices.Concat(after.Errors, after.Warnings)
	if len(problems) > 0 {
		return problems
	}
	if !after.On {
		problems = append(problems, "the kubelet does not trace")
	}
	// kubeadm adds fields of its own to the configuration, the same ones either way.
	unpatched := must(j.untraced(api.KubeadmRequest{Config: complete(cluster, release.KubeadmAPIVersion)}))(t)
	reference := must(j.Kubelet(api.KubeletRequest{Config: unpatched.Kubelet}))(t)
	return append(problems, onlyTracing(must(changedFields(reference.Config, after.Config))(t))...)
}

func wantWarning(t *testing.T, spec tracing.TracingSpec, code tracing.WarningCode) {
	t.Helper()
	bundle := must(kubetrace.Generate(spec))(t)
	if !slices.ContainsFunc(bundle.Warnings, func(w tracing.Warning) bool { return w.Code == code }) {
		t.Errorf("the library does not warn of %s: %v", code, bundle.Warnings)
	}
}
