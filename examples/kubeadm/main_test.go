package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	for range 2 {
		var out bytes.Buffer
		if err := run(&out, []string{"-release", "1.26", "-gates", "A=true", "-o", dir}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "note: samplingRatePerMillion") {
			t.Errorf("the warnings are not printed:\n%s", out.String())
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "kubeadm", "config.yaml"))
	if err != nil || !strings.Contains(string(text), "feature-gates: A=true,APIServerTracing=true\n") {
		t.Errorf("got %s, %v, want both gates", text, err)
	}
}

func TestRunRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	for want, args := range map[string][]string{
		"kubernetesVersion":                    {"-release", "1.21"},
		"APIServerTracing is set to false and": {"-release", "1.26", "-gates", "APIServerTracing=false"},
	} {
		err := run(&bytes.Buffer{}, append(args, "-o", dir))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Error("it wrote the folder")
		}
	}
}
