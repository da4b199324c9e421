package scenario

import (
	"io/fs"
	"strings"
	"testing"

	"kubetrace/apply"
	"kubetrace/tracing"
	"kubetrace/upgrade"
)

// TestCarried says whether the configuration of each cluster that is upgraded is one of
// the release that it runs, but for what it has carried along, and whether our steps
// then find that and nothing else.
func TestCarried(t *testing.T) {
	has := map[string][]string{
		"1.36.3-upgrade": {"name: experimental-enable-distributed-tracing\n", "value: APIServerTracing=true\n", "  APIServerTracing: true\n"},
		"1.37.2-upgrade": {"name: enable-distributed-tracing\n", "  KubeletTracing: true\n"},
	}
	to := map[string]string{"1.36.3-upgrade": "v1.37.2", "1.37.2-upgrade": "v1.38.0-beta.0"}
	for _, plan := range Upgrades {
		t.Run(plan.Name, func(t *testing.T) {
			spec := tracing.TracingSpec{KubernetesVersion: plan.version()}
			bundle, err := plan.carried(spec)
			if err != nil {
				t.Fatal(err)
			}
			text, err := fs.ReadFile(bundle, "kubeadm/config.yaml")
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range append(has[plan.Name], "kubernetesVersion: "+plan.version()+"\n", "name: tracing-config-file\n", "kind: KubeletConfiguration\n") {
				if !strings.Contains(string(text), want) {
					t.Errorf("it lacks %q:\n%s", want, text)
				}
			}
			if plan.Written != "" && strings.Contains(string(text), "name: enable-distributed-tracing\n") {
				t.Errorf("it has the flags of the release itself:\n%s", text)
			}
			steps, err := upgrade.Plan(spec, upgrade.Target{KubernetesVersion: to[plan.Name]})
			if err != nil || len(steps) != 1 {
				t.Fatalf("the steps are %v: %v", steps, err)
			}
			for kind, edit := range map[string]struct {
				by   func([]byte, apply.Options) (apply.Result, error)
				some bool
			}{
				"ClusterConfiguration": {steps[0].ClusterConfiguration, plan.Written != "" || plan.ServerGate != ""},
				"KubeletConfiguration": {steps[0].KubeletConfiguration, plan.KubeletGate != ""},
			} {
				edited, err := edit.by([]byte(document(t, string(text), kind)), apply.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if some := len(edited.Replaced) > 0; some != edit.some {
					t.Errorf("%s: replaced are %v", kind, edited.Replaced)
				}
				for _, old := range []string{"experimental-", plan.KubeletGate} {
					if strings.Contains(string(edited.Text), old) {
						t.Errorf("package upgrade leaves %q:\n%s", old, edited.Text)
					}
				}
			}
		})
	}
}

// document is the one of a kind in a stream.
func document(t *testing.T, text, kind string) string {
	t.Helper()
	for one := range strings.SplitSeq(text, "---\n") {
		if strings.Contains(one, "kind: "+kind+"\n") {
			return one
		}
	}
	t.Fatalf("there is no %s in\n%s", kind, text)
	return ""
}
