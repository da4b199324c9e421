package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
)

func TestRun(t *testing.T) {
	dir := t.TempDir()
	out, config := filepath.Join(dir, "out"), filepath.Join(dir, "controlplane.yaml")
	if err := os.WriteFile(config, []byte("version: v1alpha1\nmachine: {type: controlplane}\ncluster: {apiServer: {extraArgs: {v: '2'}}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		args []string
		want []string // what it prints, or its error
	}{
		{"a folder", []string{"-talos", "1.13", "-release", "1.36", "-o", out}, []string{"note: ", "talos.md"}},
		{"a configuration", []string{"-talos", "1.13", "-release", "1.36", "-config", config}, []string{"v: \"2\"", "tracing-config-file: /var/etc/kubetrace/tracing-config.yaml", "enable-distributed-tracing"}},
		{"no Talos", []string{"-o", out}, []string{"talosVersion", "write the oldest release"}},
		{"no configuration", []string{"-talos", "1.13", "-config", filepath.Join(dir, "missing")}, []string{"-config"}},
		{"another release", []string{"-talos", "1.13", "-release", "1.10"}, []string{"kubernetesVersion is what the flag -release sets"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var printed bytes.Buffer
			text := ""
			if err := run(&printed, test.args); err != nil {
				text = err.Error()
			}
			for _, part := range test.want {
				if !strings.Contains(printed.String()+text, part) {
					t.Errorf("%q is not in\n%s%s", part, printed.String(), text)
				}
			}
		})
	}
	for _, name := range []string{"talos-controlplane.yaml", "talos-worker.yaml"} {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := configpatcher.LoadPatch(text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"talos.md", "collector.yaml", "backend.yaml"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}
