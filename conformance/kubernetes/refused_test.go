package kubernetes

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// change is something wrong that is done to a right bundle.
type change struct {
	// judge is who has to notice.
	judge string
	do    func(written *Written)
	// when is nil where the change is wrong for every release.
	when func(tracing.Release) bool
	// says is part of what the judge answers.
	says string
}

// replace changes the kubeadm configuration.
func replace(old, new string) func(*Written) {
	return func(w *Written) { w.Kubeadm.Config = strings.ReplaceAll(w.Kubeadm.Config, old, new) }
}

// inFile changes the tracing file on the node.
func inFile(old, new string) func(*Written) {
	return func(w *Written) {
		for path, text := range w.Files {
			w.Files[path] = strings.ReplaceAll(text, old, new)
		}
	}
}

// withKubelet puts another kubelet's fragment into the place of ours.
func withKubelet(text string) func(*Written) {
	return func(w *Written) {
		w.Kubelet = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" + text
	}
}

func asLists(r tracing.Release) bool { return r.KubeadmAPIVersion == "kubeadm.k8s.io/v1beta4" }
func asMaps(r tracing.Release) bool  { return !asLists(r) }
func noGate(r tracing.Release) bool  { return r.APIServerTracing == tracing.GateUnknown }
func ungated(r tracing.Release) bool { return r.KubeletTraced && !gated(r) }
func unable(r tracing.Release) bool  { return !r.KubeletTraced }
func noGateK(r tracing.Release) bool { return r.KubeletTracing == tracing.GateUnknown }
func alpha(r tracing.Release) bool   { return r.APIServerTracing == tracing.GateRequired }
func gated(r tracing.Release) bool   { return r.KubeletTracing == tracing.GateRequired }
func locked(r tracing.Release) bool  { return r.APIServerTracing == tracing.GateLocked }
func lockedK(r tracing.Release) bool { return r.KubeletTracing == tracing.GateLocked }

const tooOften = "tracing:\n  endpoint: 127.0.0.1:4317\n  samplingRatePerMillion: 1000001\n"

// changes are wrong bundles. What kubeadm, kube-apiserver or the kubelet of a
// release does not notice does harm silently, and then Inspect has to.
var changes = map[string]change{
	"an unknown field":                 {"kubeadm", replace("extraVolumes:", "extraVolume:"), nil, `unknown field "`},
	"a field twice":                    {"kubeadm", replace("kind: ClusterConfiguration\n", "kind: ClusterConfiguration\nclusterName: a\nclusterName: b\n"), nil, `"clusterName"`},
	"lists for a release of maps":      {"kubeadm", replace("  extraArgs:\n", "  extraArgs:\n  - name: a\n    value: b\n"), asMaps, "did not find expected"},
	"maps for a release of lists":      {"kubeadm", replace("  - name: tracing-config-file\n    value: /etc/kubernetes/tracing-config.yaml\n", "    tracing-config-file: /etc/kubernetes/tracing-config.yaml\n"), asLists, "cannot unmarshal object"},
	"v1beta4 for a release of v1beta3": {"kubeadm", replace("v1beta3", "v1beta4"), asMaps, "v1beta4"},
	"v1beta3 for a release of v1beta4": {"kubeadm", replace("v1beta4", "v1beta3"), asLists, "v1beta3"},
	"another etcd flag":                {"kubeadm", replace("127.0.0.1:4317", "127.0.0.1:4318"), nil, "distributed-tracing-address"},
	"another rate of etcd": {"kubeadm", func(w *Written) {
		w.Kubeadm.Config = strings.NewReplacer("sampling-rate: \"1000000\"", "sampling-rate: \"5\"", "sampling-rate\n      value: \"1000000\"", "sampling-rate\n      value: \"5\"").Replace(w.Kubeadm.Config)
	}, func(r tracing.Release) bool { return r.EtcdSamplingRateFlag || !r.EtcdTraced }, "sampling-rate"},
	"one flag too many":           {"kubeadm", replace("tracing-config-file: /etc/kubernetes/tracing-config.yaml\n", "tracing-config-file: /etc/kubernetes/tracing-config.yaml\n    anonymous-auth: \"true\"\n"), asMaps, "anonymous-auth"},
	"one flag too many in a list": {"kubeadm", replace("    value: /etc/kubernetes/tracing-config.yaml\n", "    value: /etc/kubernetes/tracing-config.yaml\n  - name: anonymous-auth\n    value: \"true\"\n"), asLists, "anonymous-auth"},
	"a mount that can be written": {"kubeadm", replace("readOnly: true", "readOnly: false"), nil, "changes beside its flags and its tracing file"},
	"a directory for the file":    {"kubeadm", replace("pathType: File", "pathType: DirectoryOrCreate"), nil, "changes beside its flags and its tracing file"},

	"no mount":                     {"kube-apiserver", replace("mountPath: /etc/kubernetes/tracing-config.yaml", "mountPath: /etc/elsewhere.yaml"), nil, "no volume of the node is mounted there"},
	"no file on the node":          {"kube-apiserver", func(w *Written) { clear(w.Files) }, nil, "the node has no file"},
	"an unknown field in the file": {"kube-apiserver", inFile("samplingRatePerMillion", "samplingRatePerMillon"), nil, "samplingRatePerMillon"},
	"a rate above a million":       {"kube-apiserver", inFile("1000000", "1000001"), nil, "samplingRatePerMillion"},
	"an endpoint with http":        {"kube-apiserver", inFile("127.0.0.1:4317", "http://127.0.0.1:4317"), nil, "unsupported scheme"},
	"v1beta1 before it was":        {"kube-apiserver", inFile("/v1alpha1", "/v1beta1"), alpha, "no kind"},
	"the gate left out":            {"kube-apiserver", replace("feature-gates: APIServerTracing=true", "v: \"2\""), alpha, "kube-apiserver traces: false"},
	"a gate that is gone":          {"kube-apiserver", replace("  - name: tracing-config-file\n", "  - name: feature-gates\n    value: APIServerTracing=true\n  - name: tracing-config-file\n"), noGate, "unrecognized feature gate: APIServerTracing"},
	"a locked gate off":            {"kube-apiserver", replace("  - name: tracing-config-file\n", "  - name: feature-gates\n    value: APIServerTracing=false\n  - name: tracing-config-file\n"), locked, "feature is locked to true"},
	"no rate":                      {"kube-apiserver", inFile("samplingRatePerMillion: 1000000", ""), nil, "has the rate nothing"},

	"tracing for a kubelet that has none": {"kubelet", withKubelet("tracing:\n  endpoint: 127.0.0.1:4317\n"), unable, "the kubelet traces: false"},
	"a gate of somebody else":             {"kubelet", withKubelet("featureGates:\n  RotateKubeletServerCertificate: false\n"), nil, "featureGates.RotateKubeletServerCertificate changes"},
	"a gate that the kubelet has not":     {"kubelet", withKubelet("featureGates:\n  KubeletTracing: true\n"), noGateK, "unrecognized feature gate: KubeletTracing"},
	"an unknown gate":                     {"kubelet", withKubelet("featureGates:\n  KubeletTracin: true\n"), nil, "unrecognized feature gate: KubeletTracin"},
	"the kubelet's gate left out":         {"kubelet", withKubelet("tracing:\n  endpoint: 127.0.0.1:4317\n  samplingRatePerMillion: 1000000\n"), gated, "KubeletTracing"},
	"the kubelet's locked gate off":       {"kubelet", withKubelet("featureGates:\n  KubeletTracing: false\n"), lockedK, "feature is locked to true"},
	"its rate above a million, gated":     {"kubelet", withKubelet("featureGates:\n  KubeletTracing: true\n" + tooOften), gated, "samplingRatePerMillion"},
	"its rate above a million":            {"kubelet", withKubelet(tooOften), ungated, "samplingRatePerMillion"},
	"another field of the kubelet":        {"kubelet", withKubelet("maxPods: 50\n"), nil, "maxPods changes"},
}

func TestRefused(t *testing.T) {
	for _, judge := range []string{"kubeadm", "kube-apiserver", "kubelet"} {
		t.Run(judge, func(t *testing.T) {
			eachMinor(t, judge, func(t *testing.T, j *Judge, release tracing.Release) {
				spec, tried := specs(release, j.Version)["default"], 0
				for name, change := range changes {
					if change.judge != judge || (change.when != nil && !change.when(release)) {
						continue
					}
					tried++
					t.Run(name, func(t *testing.T) {
						written := must(Write(spec))(t)
						before := *written
						before.Files = maps.Clone(written.Files)
						if change.do(written); cmp.Equal(before, *written) {
							t.Fatalf("there is nothing to change in what is generated for %s: its row of the table may be wrong, see TestTable", release.Kubernetes)
						}
						problems := problemsOf(t, judge, j, spec, written)
						if !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, change.says) }) {
							t.Errorf("the judge says %q; want it to say %q", problems, change.says)
						}
					})
				}
				if tried < 3 {
					t.Errorf("only %d wrong bundles are tried", tried)
				}
			})
		})
	}
}

// problemsOf returns what one judge has against a bundle. The kubelet is asked
// itself, since kubeadm would refuse some of it first.
func problemsOf(t *testing.T, judge string, j *Judge, spec tracing.TracingSpec, written *Written) []string {
	t.Helper()
	if judge != "kubelet" {
		result := inspect(t, j, spec, written)
		return map[string][]string{"kubeadm": result.Kubeadm, "kube-apiserver": result.APIServer}[judge]
	}
	const empty = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
	before := must(j.Kubelet(api.KubeletRequest{Config: empty}))(t)
	after := must(j.Kubelet(api.KubeletRequest{Config: written.Kubelet}))(t)
	problems := slices.Concat(after.Errors, after.Warnings)
	if len(after.Errors) > 0 {
		return problems
	}
	resolved := must(tracing.Resolve(spec))(t)
	return slices.Concat(problems, onlyTracing(must(changedFields(before.Config, after.Config))(t)),
		checkTracing("the kubelet", after.Tracing, true, resolved.ComponentEndpoint(), resolved.KubeletSamplingRate()))
}
