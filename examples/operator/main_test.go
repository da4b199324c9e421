package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// kinds returns the kinds of all documents.
func kinds(t *testing.T, printed []byte) (list []string) {
	t.Helper()
	for _, document := range bytes.Split(printed, []byte("\n---\n")) {
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal(document, &meta); err != nil {
			t.Fatal(err)
		}
		list = append(list, meta.Kind)
	}
	return list
}

func specFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "spec.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestRun(t *testing.T) {
	for _, test := range []struct {
		name string
		args []string
		want []string
		says []string
	}{
		{
			"without flags", nil,
			[]string{"Namespace", "ServiceAccount", "OpenTelemetryCollector", "Namespace", "Deployment", "Service"},
			[]string{"# note: samplingRatePerMillion", "# note: collector.healthPort", "\n  mode: daemonset\n"},
		},
		{
			"a spec", []string{"-release", "1.30", "-spec", specFile(t, "collector: {namespace: traces, name: node, exporter: {endpoint: otlp.example.com:4317}}")},
			[]string{"ServiceAccount", "OpenTelemetryCollector"},
			[]string{"# note: collector.namespace", "\n  name: node\n", "endpoint: otlp.example.com:4317"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var printed, again bytes.Buffer
			if err := errors.Join(run(&printed, test.args), run(&again, test.args)); err != nil {
				t.Fatal(err)
			}
			if printed.String() != again.String() {
				t.Error("the second run printed something else")
			}
			if diff := cmp.Diff(test.want, kinds(t, printed.Bytes())); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
			for _, want := range test.says {
				if !strings.Contains(printed.String(), want) {
					t.Errorf("%q is not in what is printed:\n%s", want, printed.String())
				}
			}
		})
	}
}

func TestRunRefuses(t *testing.T) {
	for want, args := range map[string][]string{
		"kubernetesVersion is what the flag -release sets": {"-release", "1.3"},
		"flag provided but not defined: -o":                {"-o", "out"},
		`unknown argument "1.29"`:                          {"1.29"},
		"-spec: open no.yaml":                              {"-spec", "no.yaml"},
		"collector.disabled":                               {"-spec", specFile(t, "collector: {disabled: true}")},
	} {
		var printed bytes.Buffer
		err := run(&printed, args)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", args, err, want)
		}
		if printed.Len() > 0 {
			t.Errorf("%q: it prints %s", args, &printed)
		}
	}
}

func TestRunHelp(t *testing.T) {
	var printed bytes.Buffer
	if err := run(&printed, []string{"-help"}); !errors.Is(err, flag.ErrHelp) || !strings.Contains(printed.String(), "-spec file") {
		t.Errorf("got %v and\n%s", err, &printed)
	}
}
