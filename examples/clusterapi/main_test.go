package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	var out, again, warn bytes.Buffer
	if err := run(&out, &warn, nil); err != nil {
		t.Fatal(err)
	}
	if err := run(&again, &warn, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(out.String(), again.String()); diff != "" {
		t.Errorf("the second run wrote something else:\n%s", diff)
	}
	if lines := strings.Split(strings.TrimSpace(warn.String()), "\n"); len(lines) != 2 || !strings.Contains(lines[0], "bootstrap.configRef.name") || lines[0] != lines[1] {
		t.Errorf("it warns %q, and should of the template alone", warn.String())
	}
	documents := strings.Split(out.String(), "---\n")
	if len(documents) != 2 {
		t.Fatalf("%d documents:\n%s", len(documents), out.String())
	}
	for i, wants := range [][]string{
		{"kind: KubeadmControlPlane\n", "- prod.example.com", "name: tracing-config-file", "name: enable-distributed-tracing", "path: /etc/kubernetes/tracing-config.yaml", "kubeletconfiguration90-kubetrace+strategic.yaml"},
		{"kind: KubeadmConfigTemplate\n", "- hostnamectl", "kubeletconfiguration90-kubetrace+strategic.yaml", "directory: /etc/kubernetes/kubetrace-patches"},
	} {
		for _, want := range wants {
			if !strings.Contains(documents[i], want) {
				t.Errorf("no %q in\n%s", want, documents[i])
			}
		}
	}
}

func TestRunWarns(t *testing.T) {
	var out, warn bytes.Buffer
	if err := run(&out, &warn, []string{"-release", "1.24.17"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(warn.String(), "kubelet is not traced") {
		t.Errorf("it says %q", warn.String())
	}
}

func TestRunRefuses(t *testing.T) {
	if err := run(&bytes.Buffer{}, &bytes.Buffer{}, []string{"-release", "1.2"}); err == nil {
		t.Error("no error")
	}
}
