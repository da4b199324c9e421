package components

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKubernetesPins says whether what is pinned beside a judge is of its minor
// release, and whole. It may be another patch: that of a tutorial.
func TestKubernetesPins(t *testing.T) {
	shared, own, err := folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pins, err := filepath.Glob(filepath.Join(own, "pins", "kubernetes-v*.mod"))
	if err != nil || len(pins) == 0 {
		t.Fatalf("the pins are %v: %v", pins, err)
	}
	for _, pin := range pins {
		minor := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(pin), "kubernetes-v"), ".mod")
		if got := kubernetesPin(shared, own, minor); got != pin {
			t.Errorf("%s is pinned by %s, want %s", minor, got, pin)
		}
		lines := linesOf(t, pin)
		for _, name := range kubernetesPrograms {
			if !slices.Contains(lines, "k8s.io/kubernetes/cmd/"+name) {
				t.Errorf("%s does not pin %s", pin, name)
			}
		}
		if !slices.ContainsFunc(lines, func(line string) bool {
			return strings.HasPrefix(strings.TrimPrefix(line, "require "), "k8s.io/kubernetes v"+minor+".")
		}) {
			t.Errorf("%s pins another release than %s", pin, minor)
		}
	}
}

// TestNeighbour says whether the programs of a release that has only some of its own are
// pinned all the same.
func TestNeighbour(t *testing.T) {
	shared, own, err := folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	release := Release{Minor: "1.38", Neighbour: "1.37"}
	of := map[string]string{}
	for _, name := range kubernetesPrograms {
		of[name] = release.minorOf(name)
		if pin := kubernetesPin(shared, own, of[name]); !slices.Contains(linesOf(t, pin), "k8s.io/kubernetes/cmd/"+name) {
			t.Errorf("%s does not pin %s", pin, name)
		}
	}
	want := map[string]string{
		"kubeadm": "1.38", "kubelet": "1.38", "kubectl": "1.38",
		"kube-apiserver": "1.37", "kube-controller-manager": "1.37", "kube-scheduler": "1.37", "kube-proxy": "1.37",
	}
	if !maps.Equal(of, want) {
		t.Errorf("the programs are of %v, want %v", of, want)
	}
}

func linesOf(t *testing.T, file string) (lines []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}
