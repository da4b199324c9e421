package kubetrace_test

import (
	"go/ast"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// bannedImports may not be imported by the library, for the reason given.
var bannedImports = map[string]string{
	"os":           "the same spec gives the same bytes, whatever the environment and the files of the machine",
	"os/exec":      "kubetrace generates, and never runs anything",
	"os/signal":    "a library does not handle signals",
	"os/user":      "the same spec gives the same bytes, whoever runs it",
	"math/rand":    "the same spec gives the same bytes, always",
	"math/rand/v2": "the same spec gives the same bytes, always",
	"crypto/rand":  "the same spec gives the same bytes, always",
	"log":          "warnings are values: the caller prints them as it sees fit",
	"log/slog":     "warnings are values: the caller prints them as it sees fit",
	"flag":         "a library has no command line",
	"net/http":     "kubetrace never asks the network",
	"syscall":      "the same spec gives the same bytes on every system",
	"unsafe":       "nothing here needs it",
}

// bannedCalls may not be mentioned, of packages that are useful otherwise.
var bannedCalls = map[string]struct {
	prefixes []string
	reason   string
}{
	"time": {[]string{"Now", "Since", "Until", "Sleep", "After", "Tick", "NewTimer", "NewTicker"}, "the same spec gives the same bytes, today and tomorrow"},
	"net":  {[]string{"Dial", "Listen", "Lookup", "Resolve", "Interface", "DefaultResolver", "FileConn"}, "kubetrace never asks the network"},
	"fmt":  {[]string{"Print", "Scan"}, "a library does not print"},
	"runtime": {[]string{"GOOS", "GOARCH", "NumCPU", "NumGoroutine", "Caller", "Version"},
		"the same spec gives the same bytes on every system"},
}

// layers says which packages of this module a package may import. Platforms,
// whose packages are not named here, may import all of them.
var layers = map[string][]string{
	"tracing":           {"kubetrace/internal/fielderrors", "kubetrace/internal/yamldoc"}, // which import nothing of ours
	"kubeadm":           {"kubetrace/tracing", "kubetrace/internal/gates"},
	"internal/generate": {"kubetrace/tracing"},
	"etcd":              {"kubetrace/tracing", "kubetrace/kubeadm", "kubetrace/internal/generate"},
	"apiserver":         {"kubetrace/tracing", "kubetrace/kubeadm", "kubetrace/internal/generate"},
	"kubelet":           {"kubetrace/tracing", "kubetrace/kubeadm", "kubetrace/internal/generate"},
	"internal/otelcol":  {"kubetrace/tracing"},
	"collector":         {"kubetrace/tracing", "kubetrace/internal/generate", "kubetrace/internal/otelcol"},
	"gateway":           {"kubetrace/tracing", "kubetrace/internal/generate", "kubetrace/internal/otelcol"},
	"backend":           {"kubetrace/tracing", "kubetrace/internal/generate"},
	"collector/operator": {"kubetrace/tracing", "kubetrace/collector", "kubetrace/internal/generate", "kubetrace/internal/otelcol",
		"kubetrace/collector/operator/v1beta1"},
	"collector/operator/v1beta1": nil,
	"check":                      {"kubetrace/tracing", "kubetrace/etcd", "kubetrace/collector", "kubetrace/internal/gates", "kubetrace/internal/otelcol", "kubetrace/internal/staticpod"},
	"internal/staticpod":         {"kubetrace/tracing"},
	"internal/yamledit":          nil,
}

// notLibrary are folders whose programs and tests may do anything.
var notLibrary = []string{"conformance", "e2e", "examples", "testdata", "internal/puritytest", "internal/readback", "internal/runbooktest"}

// libraryFolders returns the folders of all packages of the library.
func libraryFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if slices.Contains(notLibrary, filepath.ToSlash(path)) || (path != "." && strings.HasPrefix(entry.Name(), ".")) {
			return filepath.SkipDir
		}
		if path != "." {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil {
				return filepath.SkipDir // a module of its own
			}
		}
		sources, err := filepath.Glob(filepath.Join(path, "*.go"))
		sources = slices.DeleteFunc(sources, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
		if len(sources) > 0 {
			folders = append(folders, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

// TestLibraryIsPure bans what would make an output depend on more than the spec.
func TestLibraryIsPure(t *testing.T) {
	folders := libraryFolders(t)
	for _, folder := range []string{".", "tracing", "collector", "internal/generate"} {
		if !slices.Contains(folders, folder) {
			t.Fatalf("%s is not among the packages of the library: %q", folder, folders)
		}
	}
	for _, folder := range folders {
		for _, file := range sourceFiles(t, folder) {
			imports := importsOf(t, file)
			for _, path := range imports {
				if reason, banned := bannedImports[path]; banned {
					t.Errorf("%s imports %s: %s", folder, path, reason)
				}
			}
			ast.Inspect(file, func(node ast.Node) bool {
				selector, ok := node.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				name, ok := selector.X.(*ast.Ident)
				ban, banned := bannedCalls[imports[nameOf(name)]]
				if ok && banned && slices.ContainsFunc(ban.prefixes, func(prefix string) bool { return strings.HasPrefix(selector.Sel.Name, prefix) }) {
					t.Errorf("%s uses %s.%s: %s", folder, name.Name, selector.Sel.Name, ban.reason)
				}
				return true
			})
		}
	}
}

// TestLayers keeps the packages in their order.
func TestLayers(t *testing.T) {
	for folder, allowed := range layers {
		for _, file := range sourceFiles(t, folder) {
			for _, path := range importsOf(t, file) {
				if strings.HasPrefix(path+"/", "kubetrace/") && !slices.Contains(allowed, path) {
					t.Errorf("%s imports %s; it may import %q", folder, path, allowed)
				}
			}
		}
	}
}

// heavy are modules that would come into every program that uses the library.
var heavy = map[string]string{
	"k8s.io/client-go":              "kubetrace does not talk to a cluster",
	"k8s.io/kubernetes":             "its modules cannot be imported",
	"k8s.io/apiserver/pkg/server":   "the API server's types are enough",
	"google.golang.org/grpc":        "kubetrace sends nothing",
	"go.opentelemetry.io/otel/sdk":  "kubetrace sends nothing",
	"go.opentelemetry.io/collector": "the collector's modules are for the conformance tests",
	"github.com/open-telemetry":     "the collector's modules are for the conformance tests",
}

// TestLibraryIsLight asks the go command what the library links.
func TestLibraryIsLight(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal("the go command has to be on the PATH")
	}
	output, err := exec.Command("go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, output)
	}
	packages := strings.Fields(string(output))
	if !slices.Contains(packages, "kubetrace/tracing") {
		t.Fatalf("go list does not know the library: %s", output)
	}
	for _, path := range packages {
		for prefix, reason := range heavy {
			if strings.HasPrefix(path+"/", prefix+"/") {
				t.Errorf("the library links %s: %s", path, reason)
			}
		}
		if path == "testing" {
			t.Error("the library links testing, whose flags would reach every program")
		}
	}
}

// importsOf returns the import paths by the name that the file uses.
func importsOf(t *testing.T, file *ast.File) map[string]string {
	t.Helper()
	imports := map[string]string{}
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		name := path[strings.LastIndexByte(path, '/')+1:]
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "." {
			t.Errorf("a dot import of %s hides what is used", path)
		}
		if name == "_" {
			name = path // two blank imports are two entries
		}
		imports[name] = path
	}
	return imports
}

func nameOf(ident *ast.Ident) string {
	if ident == nil {
		return ""
	}
	return ident.Name
}
