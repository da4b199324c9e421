package setting_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// Components whose gates are judged.
const (
	server     = tracing.ComponentAPIServer
	node       = tracing.ComponentKubelet
	controller = tracing.Component("kube-controller-manager")
)

func gatesOf(r tracing.Resolved, component tracing.Component) []setting.KnownGate {
	switch component {
	case server:
		return setting.APIServerGates(r)
	case node:
		return setting.KubeletGates(r)
	}
	return setting.ServerGates(r)
}

// gated is what components make of gates. The facts are those of pkg/features of each
// release (alpha and off up to 1.26, beta and on up to 1.33, locked from 1.34 on;
// APIServerTracing is gone in 1.37; the kubelet has its gate from 1.25 on) and of
// k8s.io/component-base featuregate/feature_gate.go. A missing gate is there as
// "missing", at the end.
var gated = []struct {
	name      string
	spec      string
	component tracing.Component
	given     string
	want      string
}{
	{"alpha, nothing", "1.26", server, "", "missing APIServerTracing=true"},
	{"alpha, on", "1.26", server, "APIServerTracing=true", "same"},
	{"alpha, off", "1.26", server, "APIServerTracing=false", "silent APIServerTracing=true"},
	{"alpha, all on", "1.26", server, "AllAlpha=true", "-"},
	{"alpha, all off", "1.26", server, "AllAlpha=false", "- missing APIServerTracing=true"},
	{"alpha, all on and this one off", "1.26", server, "APIServerTracing=false,AllAlpha=true", "silent APIServerTracing=true, -"},
	{"alpha, all beta off", "1.26", server, "APIServerTracing=true,AllBeta=false", "same, -"},
	{"beta, nothing", "1.33", server, "", ""},
	{"beta, on", "1.27", server, "APIServerTracing=true", "harmless"},
	{"beta, off", "1.27", server, "APIServerTracing=false", "silent APIServerTracing=true"},
	{"beta, all off", "1.33", server, "AllBeta=false", "silent APIServerTracing=true"},
	{"beta, all off and this one on", "1.33", server, "AllBeta=false,APIServerTracing=true", "-, harmless"},
	{"beta, this one on and all off", "1.33", server, "APIServerTracing=true,AllBeta=false", "harmless, -"},
	{"beta, all off and on again", "1.33", server, "AllBeta=false,AllBeta=true", "-, -"},
	{"beta, all alpha off", "1.33", server, "AllAlpha=false", "-"},
	{"locked, all beta off", "1.34", server, "AllBeta=false", "-"},
	{"locked, on", "1.34", server, "APIServerTracing=true", "harmless"},
	{"locked, off", "1.36", server, "APIServerTracing=false", "refuses to start"},
	{"locked, off twice", "1.36", server, "kube:APIServerTracing=false,APIServerTracing=false", "refuses to start, refuses to start"},
	{"locked, off and on", "1.36", server, "APIServerTracing=false,APIServerTracing=true", "harmless, harmless"},
	{"gone", "1.37", server, "APIServerTracing=true", "refuses to start"},
	{"gone, beside another", "1.37", server, "A=true,APIServerTracing=false,B=false", "-, refuses to start, -"},
	{"twice, and the last holds", "1.29", server, "APIServerTracing=false,APIServerTracing=true", "harmless, harmless"},
	{"twice, and the last is off", "1.29", server, "APIServerTracing=true,APIServerTracing=false", "harmless, silent APIServerTracing=true"},
	{"twice, and gone", "1.37", server, "APIServerTracing=true,APIServerTracing=true", "refuses to start, refuses to start"},
	{"with its component", "1.32", server, "kube:APIServerTracing=false", "silent kube:APIServerTracing=true"},
	{"with its component, and again", "1.32", server, "kube:APIServerTracing=false,APIServerTracing=true", "refuses to start, harmless"},
	{"with its component, beside others without", "1.32", server, "kube:APIServerTracing=true,A=true", "refuses to start, -"},
	{"with its component, twice", "1.32", server, "kube:APIServerTracing=false,kube: APIServerTracing=true", "harmless, harmless"},
	{"with its component before that was read", "1.29", server, "kube:APIServerTracing=false", "refuses to start"},
	{"with its component before that was read, where it is needed", "1.26", server, "kube:APIServerTracing=true", "refuses to start missing APIServerTracing=true"},
	{"all beta off with its component", "1.33", server, "kube:AllBeta=false", "silent APIServerTracing=true"},
	{"with its component and gone", "1.37", server, "kube: APIServerTracing=true", "refuses to start"},
	{"with no component and gone", "1.37", server, ":APIServerTracing=true", "refuses to start"},
	{"another component's name", "1.32", server, "wardle:APIServerTracing=false", "refuses to start"},
	{"in other letters", "1.26", server, "apiservertracing=true", "refuses to start missing APIServerTracing=true"},
	{"all in other letters", "1.33", server, "allbeta=false", "refuses to start"},
	{"spaces", "1.30", server, "APIServerTracing=true, ", "harmless, refuses to start"},
	{"spaces that are passed over", "1.31", server, "APIServerTracing=true, ", "harmless, -"},
	{"kubelet, with its component", "1.33", node, "kube:KubeletTracing=true", "refuses to start"},
	{"the kubelet's, off", "1.29", server, "KubeletTracing=false", "harmless"},
	{"the kubelet's, before it was there", "1.24", server, "APIServerTracing=true,KubeletTracing=true", "same, refuses to start"},
	{"disabled, off", "{kubernetesVersion: 1.29.0, apiServer: {disabled: true}}", server, "APIServerTracing=false", "harmless"},
	{"disabled, gone", "{kubernetesVersion: 1.37.0, apiServer: {disabled: true}}", server, "APIServerTracing=true", "refuses to start"},
	{"disabled, nothing", "{kubernetesVersion: 1.26.0, apiServer: {disabled: true}}", server, "", ""},

	{"kubelet, alpha, nothing", "1.25", node, "", "missing KubeletTracing=true"},
	{"kubelet, alpha, off", "1.26", node, "KubeletTracing=false", "refuses to start KubeletTracing=true"},
	{"kubelet, beta, nothing", "1.27", node, "", ""},
	{"kubelet, beta, off", "1.33", node, "KubeletTracing=false", "refuses to start KubeletTracing=true"},
	{"kubelet, beta, all off", "1.33", node, "AllBeta=false", "refuses to start KubeletTracing=true"},
	{"kubelet, locked in 1.37 still", "1.37", node, "KubeletTracing=true", "harmless"},
	{"kubelet, locked, off", "1.37", node, "KubeletTracing=false", "refuses to start"},
	{"kubelet, not there yet", "1.24", node, "KubeletTracing=true", "refuses to start"},
	{"kubelet, kube-apiserver's", "1.29", node, "APIServerTracing=false", "harmless"},
	{"kubelet, kube-apiserver's that is gone", "1.37", node, "APIServerTracing=true", "refuses to start"},
	{"oldest kubelet does not know it", "{kubernetesVersion: 1.26.0, kubeletVersion: 1.24.0}", node, "KubeletTracing=true", "refuses to start"},
	{"oldest kubelet needs it", "{kubernetesVersion: 1.27.0, kubeletVersion: 1.26.0}", node, "", "missing KubeletTracing=true"},
	{"both need it", "{kubernetesVersion: 1.26.0, kubeletVersion: 1.25.0}", node, "", "missing KubeletTracing=true"},
	{"oldest kubelet needs it and has it", "{kubernetesVersion: 1.27.0, kubeletVersion: 1.26.0}", node, "KubeletTracing=true", "same"},
	{"newest kubelet does not know it", "{kubernetesVersion: 1.37.0, kubeletVersion: 1.34.0}", node, "APIServerTracing=true", "refuses to start"},
	{"newest kubelet has it locked", "{kubernetesVersion: 1.34.0, kubeletVersion: 1.33.0}", node, "AllBeta=false", "refuses to start KubeletTracing=true"},

	{"others, gone", "1.37", controller, "APIServerTracing=true", "refuses to start"},
	{"others, off", "1.29", controller, "APIServerTracing=false,KubeletTracing=false,AllBeta=false", "harmless, harmless, -"},
	{"others, locked", "1.35", controller, "KubeletTracing=false", "refuses to start"},
	{"others, nothing", "1.26", controller, "", ""},
}

func TestJudgeGates(t *testing.T) {
	for _, test := range gated {
		t.Run(test.name, func(t *testing.T) {
			spec := test.spec
			if !strings.HasPrefix(spec, "{") {
				spec = "kubernetesVersion: \"" + spec + "\""
			}
			known := gatesOf(resolved(t, spec), test.component)
			given, err := setting.ParseGates(test.given)
			if err != nil {
				t.Fatal(err)
			}
			texts, missing, wrong := make([]string, len(given)), "", 0
			for i := range texts {
				texts[i] = "-"
			}
			for _, v := range setting.JudgeGates(known, given) {
				text := string(v.Class)
				if v.Name != "" && !v.Settled() {
					text += " " + v.Name + "=" + v.Value
				}
				if v.At < 0 {
					missing += " " + text
					continue
				}
				texts[v.At] = text
				if !v.Settled() {
					wrong++
					if v.Cure == "" {
						t.Errorf("%v has no cure", v)
					}
				}
			}
			// What is at AllBeta is to be written beside it.
			if diff := cmp.Diff(test.want, strings.TrimSpace(strings.Join(texts, ", ")+missing)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if errs := setting.CheckGates(known, given); len(errs) != wrong {
				t.Errorf("there are %d errors for %d gates: %v", len(errs), wrong, errs)
			}
		})
	}
}

// TestGatesOfAll judges gates that kind gives to every component at once.
func TestGatesOfAll(t *testing.T) {
	for _, test := range []struct {
		release string
		gate    string
		want    []setting.Class
	}{
		{"1.29", "KubeletTracing=false", []setting.Class{setting.RefusesToStart}},
		{"1.29", "APIServerTracing=false", []setting.Class{setting.Silent}},
		{"1.26", "KubeletTracing=true,APIServerTracing=true", []setting.Class{setting.Same, setting.Same}},
		{"1.29", "AllBeta=false", []setting.Class{setting.Silent, setting.RefusesToStart}},
		{"1.29", "AllBeta=false,APIServerTracing=true", []setting.Class{setting.RefusesToStart, setting.Harmless}},
		{"1.37", "APIServerTracing=true", []setting.Class{setting.RefusesToStart}},
	} {
		r := of(t, test.release)
		given, err := setting.ParseGates(test.gate)
		if err != nil {
			t.Fatal(err)
		}
		var got []setting.Class
		for _, v := range setting.JudgeGates(append(setting.APIServerGates(r), setting.KubeletGates(r)...), given) {
			if v.At >= 0 {
				got = append(got, v.Class)
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.release, test.gate, diff)
		}
	}
}

func TestParseGates(t *testing.T) {
	for _, test := range []struct {
		text, want string
		wrong      bool
	}{
		{"", "", false},
		{"A=true", "A=true", false},
		{" A = true , ,B=0,", "A=true,B=false", false},
		{"A=T,A=F", "A=true,A=false", false},
		{"A", "", true},
		{"A=", "", true},
		{"A=yes", "", true},
		{"=true", "", true},
	} {
		all, err := setting.ParseGates(test.text)
		if got := setting.FormatGates(all); got != test.want || (err != nil) != test.wrong {
			t.Errorf("%q: got %q, %v", test.text, got, err)
		}
	}
}

func TestRecognizeGates(t *testing.T) {
	for text, want := range map[string]bool{"APIServerTracing=true": true, "APIServerTracing=true,A=false": true, "A=true,APIServerTracing=true": false, "APIServerTracing=false": false, "": false, "A": false} {
		if got := setting.BeginsWithTracingGate(text); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
	if !setting.OnlyTracingGates([]string{"KubeletTracing", "APIServerTracing"}) || setting.OnlyTracingGates([]string{"KubeletTracing", "A"}) {
		t.Error("other gates than those of tracing")
	}
}
