package tracing

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// allowedImports is all that this package may import beside the standard
// library, and why.
var allowedImports = map[string]string{
	"github.com/distribution/reference":               "the grammar of image references, as container runtimes read them",
	"kubetrace/internal/fielderrors":                  "what error types of field errors share; it imports nothing of kubetrace",
	"kubetrace/release":                               "the tables of releases; it imports nothing of kubetrace",
	"kubetrace/internal/yamldoc":                      "the one document of a stream; it imports nothing of kubetrace",
	"k8s.io/api/core/v1":                              "tolerations, resources and references to Secrets in the spec",
	"k8s.io/apimachinery/pkg/api/resource":            "quantities",
	"k8s.io/apimachinery/pkg/api/validation":          "the API server's rules for annotations",
	"k8s.io/apimachinery/pkg/apis/meta/v1":            "durations",
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation": "the API server's rules for labels",
	"k8s.io/apimachinery/pkg/util/validation":         "the API server's rules for names",
	"k8s.io/apimachinery/pkg/util/validation/field":   "field errors",
	"k8s.io/apimachinery/pkg/util/version":            "versions",
	"sigs.k8s.io/json":                                "strict decoding",
	"sigs.k8s.io/yaml":                                "YAML by way of the json tags",
}

// bannedDependencies may not even come in through another package.
var bannedDependencies = map[string]string{
	"kubetrace/":                "tracing is the leaf: every other package of kubetrace imports it",
	"k8s.io/client-go":          "nothing here talks to a cluster",
	"k8s.io/kubernetes":         "it cannot be imported without replace lines in every importer's go.mod",
	"k8s.io/apiserver":          "only the package apiserver needs its types",
	"k8s.io/kubelet":            "only the package kubelet needs its types",
	"sigs.k8s.io/kind":          "only platform/kind needs its types",
	"go.opentelemetry.io/":      "kubetrace configures tracing and does not trace",
	"google.golang.org/grpc":    "nothing here dials",
	"github.com/spf13/cobra":    "this is a library",
	"github.com/pkg/errors":     "the standard library wraps errors",
	"github.com/stretchr/":      "it belongs to tests",
	"github.com/google/go-cmp/": "it belongs to tests",
}

// impure is what makes two calls with the same input differ, or reaches out of
// the process: a package, or functions of one that is pure otherwise.
var impure = map[string]string{
	"os":           "the environment and files are not inputs",
	"os/exec":      "nothing runs a program",
	"io/fs":        "files are not inputs",
	"embed":        "files are not inputs",
	"math/rand":    "the same spec gives the same bytes",
	"math/rand/v2": "the same spec gives the same bytes",
	"crypto/rand":  "the same spec gives the same bytes",
	"net/http":     "the network is not an input",
	"syscall":      "the system is not an input",
	"log":          "warnings are values",
	"log/slog":     "warnings are values",
	"unsafe":       "nothing needs it",
	"runtime":      "the machine is not an input",
}

// pureNames are what may be used of packages that also reach out: of net what
// only handles text, of time what is not the clock.
var pureNames = map[string][]string{
	"net":  {"ParseIP", "JoinHostPort", "SplitHostPort"},
	"time": {"Duration", "Second", "Minute", "Hour"},
}

func TestImports(t *testing.T) {
	for name, file := range productionFiles(t) {
		local := map[string]string{} // the name in this file of a package in pureNames
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			first, _, _ := strings.Cut(imported, "/")
			if _, ok := allowedImports[imported]; !ok && (strings.Contains(first, ".") || first == "kubetrace") {
				t.Errorf("%s imports %s: give a reason in allowedImports, or do without", name, imported)
			}
			if why := impure[imported]; why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
			if _, ok := pureNames[imported]; ok {
				local[imported] = imported
				if spec.Name != nil {
					local[spec.Name.Name] = imported
				}
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, ok := selector.X.(*ast.Ident)
			if !ok {
				return true
			}
			if imported := local[of.Name]; imported != "" && !slices.Contains(pureNames[imported], selector.Sel.Name) {
				t.Errorf("%s uses %s.%s: neither the network nor the clock is an input", name, imported, selector.Sel.Name)
			}
			return true
		})
	}
}

// productionFiles returns the parsed files of this package without its tests.
func productionFiles(t *testing.T) map[string]*ast.File {
	t.Helper()
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]*ast.File{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if files[name], err = parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 10 {
		t.Fatalf("only %d files were found", len(files))
	}
	return files
}

func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	listed := strings.Fields(string(out))
	if len(listed) < len(allowedImports) {
		t.Fatalf("go list names only %v", listed)
	}
	for _, dependency := range listed {
		if _, allowed := allowedImports[dependency]; allowed || dependency == "kubetrace/tracing" {
			continue
		}
		for banned, why := range bannedDependencies {
			if dependency == strings.TrimSuffix(banned, "/") || strings.HasPrefix(dependency, strings.TrimSuffix(banned, "/")+"/") {
				t.Errorf("this package depends on %s: %s", dependency, why)
			}
		}
	}
}
