package kubernetes

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	tracingv1 "k8s.io/component-base/tracing/api/v1"

	"kubetrace/apply"
	"kubetrace/conformance/judge/api"
	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// outcome is what becomes of a component.
type outcome string

const (
	refuses  outcome = "refuses to start"
	sending  outcome = "traces"
	untraced outcome = "does not trace"
)

// outcomeOf is what verdicts on gates say.
func outcomeOf(verdicts []setting.Verdict) outcome {
	is := func(classes ...setting.Class) bool {
		return slices.ContainsFunc(verdicts, func(v setting.Verdict) bool { return slices.Contains(classes, v.Class) })
	}
	switch {
	case is(setting.RefusesToStart):
		return refuses
	case is(setting.Silent, setting.Missing):
		return untraced
	}
	return sending
}

// became is what a judge says.
func became(errs []string, on bool) outcome {
	switch {
	case len(errs) > 0:
		return refuses
	case on:
		return sending
	}
	return untraced
}

// resolvedFor is the default spec of a release.
func resolvedFor(t *testing.T, release tracing.Release) tracing.Resolved {
	t.Helper()
	return must(tracing.Resolve(tracing.TracingSpec{KubernetesVersion: release.Kubernetes}))(t)
}

// gateValues are values of --feature-gates, those of several flags between |. GATE
// stands for the gate of kube-apiserver's tracing, and OTHER for that of the kubelet's.
var gateValues = []string{
	"", ",", " ", "GATE=true", "GATE=false", "GATE=true,", ",,GATE=true", "GATE=true, ", " GATE = true ", "GATE=true,GATE=false", "GATE=false,GATE=true",
	"GATE=true|GATE=false", "GATE=false|GATE=true", "|GATE=true", "GATE=true|",
	"GATE", "GATE=", "GATE=maybe", "GATE=1", "GATE=T", "GATE=tRUE", "GATE=true=true", "=true", "GATE:true",
	"gate=true", "GATE=true,gate=false",
	"kube:GATE=true", "kube:GATE=false", "kube:GATE=true,GATE=false", "GATE=false,kube:GATE=true", "kube: GATE=true", " kube:GATE=true", "KUBE:GATE=true", "other:GATE=true", ":GATE=true", "kube:GATE",
	"AllAlpha=true", "AllAlpha=false", "AllAlpha=true,AllAlpha=false", "AllAlpha=false,AllAlpha=true", "AllAlpha=true,GATE=false", "GATE=false,AllAlpha=true", "AllAlpha=false,GATE=true", "AllAlpha=true,GATE=true", "kube:AllAlpha=true", "kube:AllAlpha=true,AllAlpha=false",
	"AllBeta=true", "AllBeta=false", "AllBeta=false,AllBeta=true", "AllBeta=true,AllBeta=false", "AllBeta=false,GATE=true", "GATE=true,AllBeta=false", "kube:AllBeta=false", "AllBeta=false|GATE=true", "allbeta=false",
	"OTHER=true", "OTHER=false", "OTHER=true,GATE=true", "GATE=true,OTHER=false",
}

// TestAPIServerGates gives each kube-apiserver its gates with one thing wrong, and holds
// what it does against what apply and check say of it.
func TestAPIServerGates(t *testing.T) {
	eachMinor(t, "kube-apiserver", func(t *testing.T, j *Judge, release tracing.Release) {
		r := resolvedFor(t, release)
		for _, text := range gateValues {
			value := strings.NewReplacer("GATE", tracing.GateNameAPIServer, "gate", strings.ToLower(tracing.GateNameAPIServer), "OTHER", tracing.GateNameKubelet).Replace(text)
			arguments := []string{"kube-apiserver", "--tracing-config-file=/tracing.yaml"}
			var given []setting.FeatureGate
			var unparsed error
			for value := range strings.SplitSeq(value, "|") {
				arguments = append(arguments, "--feature-gates="+value)
				some, err := setting.ParseGates(value)
				given, unparsed = append(given, some...), errors.Join(unparsed, err)
			}
			verdicts := setting.JudgeGates(setting.APIServerGates(r), given)
			want := outcomeOf(verdicts)
			if unparsed != nil {
				want = refuses
			}
			answer := must(j.APIServer(api.APIServerRequest{
				Pod: string(must(json.Marshal(map[string]any{"spec": map[string]any{
					"containers": []any{map[string]any{"command": arguments, "volumeMounts": []any{map[string]any{"name": "f", "mountPath": "/tracing.yaml"}}}},
					"volumes":    []any{map[string]any{"name": "f", "hostPath": map[string]any{"path": "/tracing.yaml"}}},
				}}))(t)),
				Files: map[string]string{"/tracing.yaml": "apiVersion: " + release.TracingConfigurationAPIVersion + "\nkind: TracingConfiguration\n"},
			}))(t)
			if got := became(answer.Errors, answer.On); got != want && !otherGates(answer.Errors) {
				t.Errorf("kube-apiserver %q %s (%q), and the verdicts say that it %s: %v %+v", arguments[2:], got, answer.Errors, want, unparsed, verdicts)
			}
		}
	})
}

// otherGates says whether a component refuses gates for those that AllAlpha leaves off
// and others need, of which nobody asked.
func otherGates(errs []string) bool {
	return strings.Contains(strings.Join(errs, ""), "but depends on features that are disabled")
}

// kubeletGates are feature gates of a kubelet's configuration. GATE stands for that of
// its tracing, and OTHER for that of kube-apiserver's.
var kubeletGates = []string{
	"{}", "{GATE: true}", "{GATE: false}", "{gate: true}", "{kube:GATE: true}", "{GATE: true, gate: false}", "{' GATE': true}",
	"{AllAlpha: true}", "{AllAlpha: false}", "{AllAlpha: true, GATE: false}", "{AllAlpha: false, GATE: true}",
	"{AllBeta: true}", "{AllBeta: false}", "{AllBeta: false, GATE: true}", "{AllBeta: true, GATE: false}", "{allBeta: false}",
	"{OTHER: true}", "{OTHER: false}", "{OTHER: true, GATE: true}",
}

// kubeletTexts are other things that are wrong with a kubelet's configuration. GATES
// stands for the gate that the release needs.
var kubeletTexts = []string{
	"", "tracing:", "tracing: {}", "tracing: {endpoint: a:1}", "tracing: {endpoint: a:1, samplingRatePerMillion: 5}",
	"tracing: {samplingRatePerMillion: 0}", "tracing: {samplingRatePerMillion: -1}", "tracing: {samplingRatePerMillion: 1000001}", "tracing: {samplingRatePerMillion: 10.0}", "tracing: {samplingRatePerMillion: 0.5}", "tracing: {samplingRatePerMillion: '5'}", "tracing: {samplingRatePerMillion: 5000000000}", "tracing: {samplingRatePerMillion: 1e3}", "tracing: {samplingRatePerMillion: true}", "tracing: {samplingRatePerMillion: null}", "tracing: {samplingRatePerMillion: 0x10}", "tracing: {samplingRatePerMillion: []}",
	"tracing: {endpoint: ''}", "tracing: {endpoint: 5}", "tracing: {endpoint: yes}", "tracing: {endpoint: {}}", "tracing: {endpoint: null}", "tracing: {endpoint: 'http://a:1'}", "tracing: {endpoint: 'dns://a:1'}", "tracing: {endpoint: 'dns:///a:1'}", "tracing: {endpoint: 'unix:///a'}", "tracing: {endpoint: 'unix-abstract:///a'}", "tracing: {endpoint: '%zz'}", "tracing: {endpoint: 'a b'}", "tracing: {endpoint: '://'}",
	"tracing: []", "tracing: a", "tracing: 5", "Tracing: {endpoint: a:1}", "tracing: {Endpoint: a:1}", "tracing: {endpont: a:1}", "tracing: {endpoint: a:1, endpoint: b:1}", "tracing: {endpoint: a:1}\ntracing: {endpoint: b:1}", "tracing: {endpoint: a:1}\nTracing: {endpoint: b:1}",
	"x: &x {endpoint: a:1}\ntracing: *x", "x: &x {endpoint: a:1}\ntracing: {<<: *x}", "tracing: {endpoint: a:1}\r\nmaxPods: 5\r\n", "tracing: {endpoint: a:1}\n---\ntracing: {endpoint: b:1}", "---\ntracing: {endpoint: a:1}", "unknown: 5", "featuregates: {AllBeta: false}",
	"tracing: [", "tracing: {{ x }}", "\ttracing: {}",
}

// TestKubeletVerdicts gives each kubelet a configuration with one thing wrong, and holds
// what it does and what it reads against the verdicts and against reader.Kubelet.
func TestKubeletVerdicts(t *testing.T) {
	const head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
	eachMinor(t, "kubelet", func(t *testing.T, j *Judge, release tracing.Release) {
		var texts []string
		for _, gates := range kubeletGates {
			gates = strings.NewReplacer("GATE", tracing.GateNameKubelet, "gate", strings.ToLower(tracing.GateNameKubelet), "OTHER", tracing.GateNameAPIServer).Replace(gates)
			texts = append(texts, head+"tracing: {endpoint: a:1}\nfeatureGates: "+gates+"\n", head+"featureGates: "+gates+"\n")
		}
		for _, gates := range []string{"[]", "a", "{A: 5}", "{KubeletTracing: 'true'}", "{KubeletTracing: yes}", "{KubeletTracing: null}", "null"} {
			texts = append(texts, head+"featureGates: "+gates+"\n")
		}
		begin := head
		if release.KubeletTracing == tracing.GateRequired {
			begin += "featureGates: {KubeletTracing: true}\n"
		}
		for _, text := range kubeletTexts {
			if release.KubeletTraced { // others drop the field, whatever is in it
				texts = append(texts, begin+text)
			}
		}
		for _, text := range texts {
			answer := must(j.Kubelet(api.KubeletRequest{Config: text}))(t)
			read, err := reader.Kubelet([]byte(text))
			want, said := kubeletOutcome(resolvedFor(t, release), release, read)
			if err != nil {
				want, said = refuses, err.Error()
			}
			if otherGates(answer.Errors) {
				continue
			}
			if strings.Contains(strings.Join(answer.Errors, ""), "failed to build resolver") && err == nil {
				// Which address ends it depends on its gRPC, and to others it is none either.
				verdicts := setting.JudgeDestination(resolvedFor(t, release), tracing.ComponentKubelet, *read.Tracing)
				if verdicts[0].Settled() {
					t.Errorf("a kubelet with\n%s\nrefuses its endpoint (%q)", text, answer.Errors)
				}
				continue
			}
			if got := became(answer.Errors, answer.On); got != want {
				t.Errorf("a kubelet with\n%s\n%s (%q), and the verdicts say that it %s: %s", text, got, answer.Errors, want, said)
			}
			if len(answer.Errors) > 0 || err != nil {
				continue
			}
			var runs struct {
				FeatureGates map[string]bool
				Tracing      *tracingv1.TracingConfiguration
			}
			if err := json.Unmarshal(answer.Config, &runs); err != nil {
				t.Fatal(err)
			}
			if !release.KubeletTraced {
				runs.Tracing, read.Tracing = nil, nil // the field is unknown, and dropped
			}
			if diff := cmp.Diff(runs.Tracing, read.Tracing); diff != "" {
				t.Errorf("a kubelet reads of\n%s\n(-kubelet +reader):\n%s", text, diff)
			}
			if !maps.Equal(runs.FeatureGates, read.FeatureGates) {
				t.Errorf("a kubelet reads of\n%s\nthe gates %v, and the reader %v", text, runs.FeatureGates, read.FeatureGates)
			}
		}
	})
}

// kubeletOutcome is what check says of a configuration, and why.
func kubeletOutcome(r tracing.Resolved, release tracing.Release, read reader.KubeletSettings) (outcome, string) {
	known := setting.KubeletGates(r, release)
	for i := range known {
		known[i].Fatal = known[i].Fatal && read.Tracing != nil
	}
	var given []setting.FeatureGate
	for _, name := range slices.Sorted(maps.Keys(read.FeatureGates)) {
		given = append(given, setting.FeatureGate{Name: name, On: read.FeatureGates[name]})
	}
	verdicts := setting.JudgeGates(known, given)
	is := outcomeOf(verdicts)
	missing := func(v setting.Verdict) bool { return v.Class == setting.Missing }
	if read.Tracing != nil && slices.ContainsFunc(verdicts, missing) {
		is = refuses // as check says
	}
	if read.Tracing != nil && release.KubeletTraced {
		destination := setting.JudgeDestination(r, tracing.ComponentKubelet, *read.Tracing)
		verdicts = append(verdicts, destination...)
		if slices.ContainsFunc(destination, func(v setting.Verdict) bool { return v.Class == setting.RefusesToStart }) {
			is = refuses
		}
	}
	if is == sending && (read.Tracing == nil || !release.KubeletTraced) {
		is = untraced
	}
	return is, fmt.Sprintf("%+v", verdicts)
}

// tracingTexts are tracing files with one thing wrong. HEAD stands for the lines that
// name the release's API.
var tracingTexts = []string{
	"HEAD", "HEADendpoint: a:1\nsamplingRatePerMillion: 5\n", "HEADendpoint: a:1\r\nsamplingRatePerMillion: 5\r\n", "\ufeffHEADendpoint: a:1\n", "# a\nHEADendpoint: a:1",
	"", "# a\n", "---\n", "null", "endpoint: a:1\n", "kind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: VERSION\nendpoint: a:1\n", "{}", "[]", "a", "5", "- HEAD",
	"HEADEndpoint: a:1\n", "HEADendPoint: a:1\nsamplingRatepermillion: 5\n", "HEADendpoint: a:1\nEndpoint: b:1\n", "apiversion: VERSION\nkind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: VERSION\nKind: TracingConfiguration\nendpoint: a:1\n", "APIVERSION: VERSION\nKIND: TracingConfiguration\nendpoint: a:1\n",
	"HEADunknown: 5\n", "HEADspec: {endpoint: a:1}\n", "HEADmetadata: {name: a}\n", "HEADsamplingRatePerMillon: 5\n",
	"HEADendpoint: a:1\nendpoint: b:1\n", "HEADHEADendpoint: a:1\n", "HEADsamplingRatePerMillion: 5\nsamplingRatePerMillion: 6\n",
	"HEADendpoint: null\n", "HEADendpoint:\nsamplingRatePerMillion: ~\n", "HEADendpoint: ''\n", "HEADendpoint: 4317\n", "HEADendpoint: yes\n", "HEADendpoint: {}\n", "HEADendpoint: [a]\n",
	"HEADsamplingRatePerMillion: '5'\n", "HEADsamplingRatePerMillion: 0.5\n", "HEADsamplingRatePerMillion: 10.0\n", "HEADsamplingRatePerMillion: 1e3\n", "HEADsamplingRatePerMillion: 5000000000\n", "HEADsamplingRatePerMillion: -1\n", "HEADsamplingRatePerMillion: 1000001\n", "HEADsamplingRatePerMillion: yes\n", "HEADsamplingRatePerMillion: 0x10\n", "HEADsamplingRatePerMillion: 0b11\n", "HEADsamplingRatePerMillion: 010\n", "HEADsamplingRatePerMillion: []\n",
	"HEADendpoint: http://a:1\n", "HEADendpoint: dns://a:1\n", "HEADendpoint: '%zz'\n", "HEADendpoint: '://'\n",
	"apiVersion: apiserver.config.k8s.io/v1alpha1\nkind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: apiserver.k8s.io/v1\nkind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: apiserver.k8s.io/v1beta1\nkind: TracingConfiguration\n", "apiVersion: apiserver.config.k8s.io/v2\nkind: TracingConfiguration\n", "apiVersion: v1\nkind: TracingConfiguration\n", "apiVersion: ''\nkind: TracingConfiguration\nendpoint: a:1\n", "apiVersion: VERSION\nkind: ''\nendpoint: a:1\n", "apiVersion: VERSION\nkind: tracingConfiguration\n", "apiVersion: VERSION\nkind: EgressSelectorConfiguration\n", "apiVersion: VERSION\nkind: Pod\n", "apiVersion: a/b/c\nkind: TracingConfiguration\n", "apiVersion: 1\nkind: TracingConfiguration\n", "apiVersion: VERSION\nkind: 5\n",
	"HEADendpoint: a:1\n---\nHEADendpoint: b:1\n", "---\nHEADendpoint: a:1\n", "---\n---\nHEADendpoint: a:1\n", "HEADendpoint: a:1\n---\nendpoint: [\n", "HEADendpoint: a:1\n...\n", "HEADendpoint: a:1\n--- \nx: 1\n", "HEADendpoint: a:1\n---x: 1\n",
	"HEADendpoint: &a a:1\n", "HEADx: &x {endpoint: a:1}\n<<: *x\n", "HEADendpoint: *x\n", "HEADendpoint: >-\n  a:1\n", "HEADendpoint: !!str 5\n", "HEADendpoint: [\n", "HEAD\tendpoint: a:1\n", "HEADendpoint: {{ x }}\n", "HEADendpoint: a: b\n",
	`{"apiVersion": "VERSION", "kind": "TracingConfiguration", "endpoint": "a:1"}`, `{"apiVersion": "VERSION", "kind": "TracingConfiguration", "endpoint": "a:1", "endpoint": "b:1"}`, `{"apiVersion": "VERSION", "kind": "TracingConfiguration", "Endpoint": "a:1"}`, `{apiVersion: VERSION, kind: TracingConfiguration}`, `{"apiVersion": "VERSION", "kind": "TracingConfiguration",}`, `{"apiVersion": "VERSION", "kind": "TracingConfiguration"} x`, `{"apiVersion": "VERSION", "kind": "TracingConfiguration", "samplingRatePerMillion": 5.0}`,
}

// TestTracingFileVerdicts gives each kube-apiserver a tracing file with one thing wrong,
// and holds what it reads against reader.TracingFile and what check makes of that.
func TestTracingFileVerdicts(t *testing.T) {
	eachMinor(t, "kube-apiserver", func(t *testing.T, j *Judge, release tracing.Release) {
		for _, text := range tracingTexts {
			text = strings.ReplaceAll(text, "HEAD", "apiVersion: VERSION\nkind: TracingConfiguration\n")
			text = strings.ReplaceAll(text, "VERSION", release.TracingConfigurationAPIVersion)
			answer := must(j.TracingFile(text))(t)
			want, said := readsTracingFile(t, release, text)
			if strings.Contains(text, ": 5000000000") && release.APIServerTracing == tracing.GateRequired && len(answer.Errors) == 0 && want == nil {
				continue // the oldest decoder takes some of its digits: nobody means that
			}
			got := tracingv1.TracingConfiguration{Endpoint: answer.Endpoint, SamplingRatePerMillion: answer.Rate}
			switch refused := len(answer.Errors) > 0; {
			case refused != (want == nil):
				t.Errorf("kube-apiserver refuses %q: %t (%q), and the reader says %s", text, refused, answer.Errors, said)
			case refused:
			default:
				if diff := cmp.Diff(got, *want); diff != "" {
					t.Errorf("%q (-kube-apiserver +reader):\n%s", text, diff)
				}
			}
		}
	})
}

// readsTracingFile is what check says that a kube-apiserver has of a tracing file, or nil
// where it does not start, and why.
func readsTracingFile(t *testing.T, release tracing.Release, text string) (*tracingv1.TracingConfiguration, string) {
	read, problems, err := reader.TracingFile([]byte(text), release.TracingConfigurationStrict)
	switch {
	case err != nil:
		return nil, err.Error()
	case read.Kind != "" && read.Kind != "TracingConfiguration":
		return nil, "kind " + read.Kind
	case read.APIVersion != "" && !release.ReadsTracingConfiguration(read.APIVersion):
		return nil, "apiVersion " + read.APIVersion
	case release.TracingConfigurationStrict && len(problems) > 0:
		return nil, problems[0].Error()
	case read.APIVersion == "" && release.APIServerTracing == tracing.GateRequired:
		read.TracingConfiguration = tracingv1.TracingConfiguration{} // nothing else in it is read then
	}
	for _, v := range setting.JudgeDestination(resolvedFor(t, release), tracing.ComponentAPIServer, read.TracingConfiguration) {
		if v.Class == setting.RefusesToStart {
			return nil, v.Cure
		}
	}
	return &read.TracingConfiguration, "it is fine " + strconv.Itoa(len(problems))
}

// TestKubeadmRefusesGates gives each kubeadm the gate of a component among its own, which
// it refuses as apply does.
func TestKubeadmRefusesGates(t *testing.T) {
	eachMinor(t, "kubeadm", func(t *testing.T, j *Judge, release tracing.Release) {
		for gates, fine := range map[string]bool{
			"{}": true, "{APIServerTracing: true}": false, "{APIServerTracing: false}": false, "{KubeletTracing: true}": false, "{APIServerTracing: true, KubeletTracing: false}": false,
		} {
			text := fmt.Sprintf("apiVersion: %s\nkind: ClusterConfiguration\nkubernetesVersion: %s\nfeatureGates: %s\n", release.KubeadmAPIVersion, j.Version, gates)
			answer := must(j.Kubeadm(api.KubeadmRequest{Config: complete(text, release.KubeadmAPIVersion)}))(t)
			if got := len(answer.Errors) == 0; got != fine {
				t.Errorf("kubeadm takes featureGates: %s: %t (%q)", gates, got, answer.Errors)
			}
			spec := tracing.TracingSpec{KubernetesVersion: j.Version, Etcd: tracing.EtcdSpec{Disabled: true}}
			result := must(apply.Documents(spec, []byte(text), apply.Options{}))(t)
			named := slices.ContainsFunc(result.Replaced, func(s apply.Setting) bool { return strings.Contains(s.Name, "featureGates") })
			if named == fine {
				t.Errorf("of featureGates: %s apply replaces %v", gates, result.Replaced)
			}
			after := must(j.Kubeadm(api.KubeadmRequest{Config: complete(string(result.Text), release.KubeadmAPIVersion)}))(t)
			if len(after.Errors) > 0 {
				t.Errorf("kubeadm refuses what apply makes of featureGates: %s: %q\n%s", gates, after.Errors, result.Text)
			}
		}
	})
}
