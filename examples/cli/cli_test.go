package cli

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kubetrace/tracing"
)

// explained parses flags, resolves the spec and returns what is printed.
func explained(t *testing.T, args ...string) (usage string, err error) {
	t.Helper()
	var printed bytes.Buffer
	flags := NewFlags("program", &printed, 10)
	spec, err := flags.Parse(args)
	if err == nil {
		_, err = tracing.Resolve(spec)
		err = flags.Explain(err)
	}
	return printed.String(), err
}

func TestFlagErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spec.yaml")
	if err := os.WriteFile(file, []byte("kubernetesVersion: '1.2'\nsamplingRatePerMillion: -1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const release, rate = "kubernetesVersion is what the flag -release sets", "samplingRatePerMillion is what the flag -rate sets"
	for _, test := range []struct {
		args        []string
		want, never string
	}{
		{[]string{"-rate", "1.5"}, `invalid value "1.5" for flag -rate: write a whole number from 0 to 1000000`, ""},
		{[]string{"-rate", "99999999999"}, `for flag -rate: write a whole number`, ""},
		{[]string{"-rat", "1"}, "flag provided but not defined: -rat (-help lists the flags)", ""},
		{[]string{"-o", ""}, "-o: write a folder", ""},
		{[]string{"1.29"}, `unknown argument "1.29"`, ""},
		{[]string{"-rate", "1000001"}, rate, release},
		{[]string{"-release", "1.2"}, release, rate},
		{[]string{"-release", "x", "-rate", "-1"}, release + "\n" + rate, ""},
		{[]string{"-spec", file}, "samplingRatePerMillion", "what the flag"},
		{[]string{"-spec", file, "-release", "1.3"}, release, rate},
	} {
		usage, err := explained(t, test.args...)
		if err == nil || !strings.Contains(err.Error(), test.want) || test.never != "" && strings.Contains(err.Error(), test.never) {
			t.Errorf("%q: got %v, want %q and not %q", test.args, err, test.want, test.never)
		}
		if usage != "" {
			t.Errorf("%q: it prints\n%s", test.args, usage)
		}
	}
}

func TestHelp(t *testing.T) {
	usage, err := explained(t, "-help")
	if !errors.Is(err, flag.ErrHelp) || !strings.Contains(usage, "-rate number") || !strings.Contains(usage, "(default 10)") {
		t.Errorf("got %v and\n%s", err, usage)
	}
}

func TestShellWord(t *testing.T) {
	for text, want := range map[string]string{"/srv/out-1": "/srv/out-1", "a b": "'a b'", "it's": `'it'\''s'`, "": "''"} {
		if got := ShellWord(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}
