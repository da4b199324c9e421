package scenario

import (
	"io/fs"
	"strings"
	"testing"

	"kubetrace/apply"
	"kubetrace/tracing"
	"kubetrace/upgrade"
)

// TestCarried says whether the configuration of the cluster that is upgraded is
// one of the release that it runs, but for etcd's flags, and whether our steps
// then find something to do.
func TestCarried(t *testing.T) {
	spec := tracing.TracingSpec{KubernetesVersion: "v1.36.3"}
	bundle, err := carried(spec)
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(bundle, "kubeadm/config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"kubernetesVersion: v1.36.3\n", "name: experimental-enable-distributed-tracing\n", "name: tracing-config-file\n", "value: APIServerTracing=true\n", "  APIServerTracing: true\n", "kind: KubeletConfiguration\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "name: enable-distributed-tracing\n") {
		t.Errorf("it has the flags of the release itself:\n%s", text)
	}
	steps, err := upgrade.Plan(spec, upgrade.Target{KubernetesVersion: "v1.37.2"})
	if err != nil || len(steps) != 1 {
		t.Fatalf("the steps are %v: %v", steps, err)
	}
	edited, err := steps[0].ClusterConfiguration(text, apply.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []string{"experimental-", oldGate} {
		if strings.Contains(string(edited.Text), old) {
			t.Errorf("package upgrade leaves %q:\n%s", old, edited.Text)
		}
	}
}
