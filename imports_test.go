package kubetrace_test

import (
	"go/ast"
	"go/parser"
	"go/token"
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

// layers says which packages of this module a package may import, below
// kubetrace/. Those below platform/ may import the whole library.
var layers = map[string][]string{
	"internal/fielderrors":       nil,
	"internal/memfs":             nil,
	"internal/yamldoc":           nil,
	"internal/yamledit":          nil,
	"release":                    nil,
	"tracing":                    {"internal/fielderrors", "internal/yamldoc", "release"},
	"internal/generate":          {"tracing"},
	"internal/otelcol":           {"tracing"},
	"internal/reader":            {"internal/yamledit"},
	"internal/setting":           {"tracing", "release", "internal/unitedit"},
	"internal/kindnode":          {"tracing"},
	"kubeadm":                    {"tracing", "internal/setting"},
	"internal/distribution":      {"tracing", "release"},
	"internal/edit":              {"", "tracing", "release", "kubeadm", "containerd", "internal/distribution", "internal/reader", "internal/setting", "internal/kindnode", "internal/tomledit", "internal/yamledit"},
	"etcd":                       {"tracing", "kubeadm", "internal/generate", "internal/setting"},
	"apiserver":                  {"tracing", "kubeadm", "internal/generate", "internal/setting"},
	"kubelet":                    {"tracing", "kubeadm", "internal/generate", "internal/setting"},
	"internal/tomledit":          nil,
	"internal/unitedit":          nil,
	"containerd":                 {"tracing", "internal/generate", "internal/setting", "internal/tomledit", "internal/unitedit"},
	"crio":                       {"tracing", "internal/generate", "internal/setting", "internal/tomledit"},
	"collector":                  {"tracing", "internal/generate", "internal/otelcol", "internal/unitedit"},
	"collector/operator":         {"tracing", "collector", "internal/generate", "internal/otelcol", "collector/operator/v1beta1"},
	"collector/operator/v1beta1": nil,
	"gateway":                    {"tracing", "internal/generate", "internal/otelcol"},
	"backend":                    {"tracing", "internal/generate"},
	"internal/runbook":           {"tracing", "backend"},
	".": {
		"tracing", "kubeadm", "etcd", "apiserver", "kubelet", "containerd", "crio", "collector", "gateway", "backend",
		"internal/memfs", "internal/runbook", "internal/setting",
	},
	"check":   {"tracing", "collector", "internal/edit", "internal/otelcol", "internal/reader", "internal/setting", "internal/tomledit", "release"},
	"apply":   {"", "tracing", "release", "kubelet", "containerd", "collector", "gateway", "backend", "internal/edit", "internal/generate", "internal/reader", "internal/setting", "internal/tomledit", "internal/unitedit", "internal/yamledit"},
	"upgrade": {"", "tracing", "kubeadm", "collector", "gateway", "backend", "apply", "internal/setting"},
}

// notLibrary are folders whose programs and tests may do anything.
var notLibrary = []string{"conformance", "e2e", "examples", "testdata", "internal/k3stest", "internal/puritytest", "internal/readback", "internal/runbooktest"}

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
	folders := libraryFolders(t)
	for _, folder := range folders {
		allowed, known := layers[folder]
		platform := strings.HasPrefix(folder, "platform/")
		if !known && !platform {
			t.Errorf("%s has no place in layers: say there what it may import", folder)
		}
		for _, file := range sourceFiles(t, folder) {
			for _, path := range importsOf(t, file) {
				ours, ok := strings.CutPrefix(path+"/", "kubetrace/")
				ours = strings.TrimSuffix(ours, "/")
				switch {
				case !ok || !known && !platform:
				case platform && (slices.Contains(folders, ours) || ours == ""):
				case !slices.Contains(allowed, ours):
					t.Errorf("%s imports %s; it may import %q", folder, path, allowed)
				}
			}
		}
	}
	for folder := range layers {
		if !slices.Contains(folders, folder) {
			t.Errorf("%s is in layers, and is not there", folder)
		}
	}
}

// TestExamplesArePublic lets people copy an example into a module of their own.
func TestExamplesArePublic(t *testing.T) {
	found := 0
	err := filepath.WalkDir("examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		found++
		for _, imported := range importsOf(t, file) {
			if strings.Contains("/"+imported+"/", "/internal/") {
				t.Errorf("%s imports %s, which nobody else can", path, imported)
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Errorf("%d files of examples were read: %v", found, err)
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
	"testing":                       "its flags would reach every program, and what helps it is for tests",
}

// testHelpers are the packages of this module that are for tests alone.
var testHelpers = []string{"kubetrace/internal/k3stest", "kubetrace/internal/puritytest", "kubetrace/internal/readback", "kubetrace/internal/runbooktest"}

// TestLibraryIsLight asks the go command what the library and the examples link.
func TestLibraryIsLight(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Fatal("the go command has to be on the PATH")
	}
	list := func(args ...string) []string {
		t.Helper()
		output, err := exec.Command("go", append([]string{"list"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("go list: %v\n%s", err, output)
		}
		return strings.Fields(string(output))
	}
	packages := slices.DeleteFunc(list("./..."), func(path string) bool { return slices.Contains(testHelpers, path) })
	linked := list(append([]string{"-deps"}, packages...)...)
	for _, path := range []string{"kubetrace/tracing", "kubetrace/apply", "kubetrace/platform/kind", "kubetrace/examples/kind"} {
		if !slices.Contains(linked, path) {
			t.Fatalf("go list does not know %s: %s", path, linked)
		}
	}
	for _, path := range linked {
		for prefix, reason := range heavy {
			if strings.HasPrefix(path+"/", prefix+"/") {
				t.Errorf("the library links %s: %s", path, reason)
			}
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
