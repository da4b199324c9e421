package release_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/puritytest"
	"kubetrace/release"
)

// pure holds a check for each function whose result could be shared.
// TestPurityIsComplete keeps it so.
var pure = map[string]func(*testing.T){
	"All":           of(nothing, func(struct{}) []release.Kubernetes { return release.All() }),
	"AllEtcd":       of(nothing, func(struct{}) []release.Etcd { return release.AllEtcd() }),
	"AllCollectors": of(nothing, func(struct{}) []release.Collector { return release.AllCollectors() }),
	"AllContainerd": of(nothing, func(struct{}) []release.Containerd { return release.AllContainerd() }),
	"AllCRIO":       of(nothing, func(struct{}) []release.CRIO { return release.AllCRIO() }),
	"MinorsAfter": of(nothing, func(struct{}) []string {
		minors, _ := release.MinorsAfter("1.34", "1.37")
		return minors
	}),
	"KubeadmVersions": of(newest, release.Kubernetes.KubeadmVersions),
	"MigrationsFrom":  of(newest, func(k release.Kubernetes) []string { return k.MigrationsFrom("kubeadm.k8s.io/v1beta2") }),
}

func of[In, Out any](in func() In, function func(In) Out) func(*testing.T) {
	return func(t *testing.T) { puritytest.Check(t, in, function) }
}

func nothing() struct{} { return struct{}{} }

func newest() release.Kubernetes { rows := release.All(); return rows[len(rows)-1] }

func TestPurity(t *testing.T) {
	for name, check := range pure {
		t.Run(name, check)
	}
}

// Values of basic types cannot be shared, and rows are made of nothing else.
func TestPurityIsComplete(t *testing.T) {
	for _, row := range []any{release.Kubernetes{}, release.Etcd{}, release.Collector{}, release.Containerd{}, release.CRIO{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(row)) {
			if kind := field.Type.Kind(); kind != reflect.String && kind != reflect.Bool && kind != reflect.Int {
				t.Errorf("%T.%s is a %s, which two rows may share", row, field.Name, kind)
			}
		}
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var sharing []string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !function.Name.IsExported() || function.Type.Results == nil {
				continue
			}
			for _, result := range function.Type.Results.List {
				if _, named := result.Type.(*ast.Ident); !named {
					sharing = append(sharing, function.Name.Name)
				}
			}
		}
	}
	slices.Sort(sharing)
	if diff := cmp.Diff(sharing, slices.Sorted(maps.Keys(pure))); diff != "" {
		t.Errorf("not every function that returns more than values has a check (-exported +checked):\n%s", diff)
	}
}
