package talos_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"

	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// linked is the release of machinery that judges, as the names of its files have it.
func linked(t testing.TB) string {
	t.Helper()
	file, _ := runtime.FuncForPC(reflect.ValueOf(configloader.NewFromBytes).Pointer()).FileLine(0)
	_, version, ok := strings.Cut(file, "pkg/machinery@")
	if version, _, _ = strings.Cut(version, "/"); !ok || version == "" {
		t.Fatalf("machinery is in %s, whose name has no version", file)
	}
	return version
}

// hasEnvironment says whether the linked machinery knows the document EnvironmentConfig.
func hasEnvironment(t testing.TB) bool {
	_, err := configloader.NewFromBytes([]byte("apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables: {a: b}\n"))
	return reads(t, "1.13", err)
}

// hasLists says whether it reads lists of arguments.
func hasLists(t testing.TB) bool {
	_, err := configloader.NewFromBytes([]byte("version: v1alpha1\ncluster: {apiServer: {extraArgs: {a: [b]}}}\n"))
	return reads(t, "1.13", err) // not 1.13.0 with the YAML that it requires
}

// reads says whether machinery has read something, and fails where it should have.
func reads(t testing.TB, since string, err error) bool {
	t.Helper()
	if version := linked(t); err != nil && strings.HasPrefix(version, "v"+since+".") && version != "v"+since+".0" {
		t.Fatalf("machinery %s: %v", version, err)
	}
	return err == nil
}

const (
	withoutEnvironment = "EnvironmentConfig came with machinery 1.13"
	withoutLists       = "lists of arguments came with machinery 1.13, whose first release does not read them"
)

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func spec(t testing.TB, text string) tracing.TracingSpec {
	t.Helper()
	return must(tracing.Load([]byte(text)))(t)
}

func load(t testing.TB, text string) config.Provider {
	t.Helper()
	return must(configloader.NewFromBytes([]byte(text)))(t)
}

func marshal(t testing.TB, p config.Provider) string {
	t.Helper()
	return string(must(talos.Marshal(p))(t))
}

// canonical is a configuration as machinery prints it, whatever it was read from.
func canonical(t testing.TB, p config.Provider) string {
	t.Helper()
	if p.Readonly() {
		p = p.Clone()
	}
	return marshal(t, p)
}

// resolved is a spec as it is on Talos.
func resolved(t testing.TB, s tracing.TracingSpec, o talos.Options) tracing.Resolved {
	t.Helper()
	return must(tracing.Resolve(must(talos.Spec(s, o))(t)))(t)
}

// asJSON makes values of any types comparable.
func asJSON(t testing.TB, value any) (out any) {
	t.Helper()
	text := must(json.Marshal(value))(t)
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// flags are arguments by their names, as any release of machinery has them: a text, or a
// list of one.
func flags(t testing.TB, args any) map[string]string {
	t.Helper()
	all := map[string]string{}
	fields, _ := asJSON(t, args).(map[string]any)
	for name, value := range fields {
		switch value := value.(type) {
		case string:
			all[name] = value
		case []any:
			var texts []string
			for _, v := range value {
				texts = append(texts, v.(string))
			}
			all[name] = strings.Join(texts, ",")
		}
	}
	return all
}

func compare(t testing.TB, what string, want, have any) {
	t.Helper()
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s (-want +have):\n%s", what, diff)
	}
}

func golden(t *testing.T, name, have string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.WriteFile(file, []byte(have), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, file, string(must(os.ReadFile(file))(t)), have)
}
