package kubetrace_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace"
	"kubetrace/platform/kind"
)

// TestFiles compares the table of files with what a bundle holds.
func TestFiles(t *testing.T) {
	var names []string
	bundle := reflect.TypeOf(kubetrace.Bundle{})
	for _, file := range kubetrace.Files() {
		names = append(names, file.Name)
		if _, ok := bundle.FieldByName(file.Field); !ok && file.Name != kubetrace.FileReadme {
			t.Errorf("%s is written from Bundle.%s, which is not there", file.Name, file.Field)
		}
		if file.What == "" || file.Where == "" {
			t.Errorf("%s is not described", file.Name)
		}
	}
	of := mustGenerate(gatewaySpec)
	of.Kubeadm.Etcd.Env = append(of.Kubeadm.Etcd.Env, envVar("GOGC", "50"))
	var got []string
	for name := range contents(t, must(of.FS())) {
		if strings.HasPrefix(name, kubetrace.FolderPatches+"/") {
			name = kubetrace.FolderPatches
		}
		got = append(got, name)
	}
	slices.Sort(names)
	slices.Sort(got)
	if diff := cmp.Diff(names, got); diff != "" {
		t.Errorf("a full bundle does not hold what Files says (-Files +bundle):\n%s", diff)
	}
}

// TestFileNames checks that the name of a file stands in one place of the library
// and the examples, so that it means one thing.
func TestFileNames(t *testing.T) {
	places := map[string]string{kind.FileCluster: "platform/kind/runbook.go", kind.FileRunBook: "platform/kind/runbook.go"}
	for _, file := range kubetrace.Files() {
		places[file.Name] = "files.go"
	}
	patterns := map[string]*regexp.Regexp{}
	for name := range places {
		patterns[name] = regexp.MustCompile(`(^|[^\w/.-])` + regexp.QuoteMeta(name) + `\b`)
	}
	seen := map[string]int{}
	look := func(path, text string) {
		for name, pattern := range patterns {
			switch {
			case !pattern.MatchString(text):
			case path == places[name]:
				seen[name]++
			default:
				t.Errorf("%s names %s: take the constant of %s", path, name, places[name])
			}
		}
	}
	for _, folder := range append(libraryFolders(t), exampleFolders(t)...) {
		for _, path := range globbed(t, folder, "*.go", "*.tmpl") {
			if strings.HasSuffix(path, ".tmpl") {
				look(path, readFile(t, path))
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(node ast.Node) bool {
				if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					look(path, text)
				}
				return true
			})
		}
	}
	for name := range places {
		if seen[name] != 1 {
			t.Errorf("%s stands in %s %d times", name, places[name], seen[name])
		}
	}
}

// exampleFolders returns the folders of the example programs.
func exampleFolders(t *testing.T) []string {
	t.Helper()
	var folders []string
	err := filepath.WalkDir("examples", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		return err
	})
	if err != nil || len(folders) < 5 {
		t.Fatalf("the folders of the examples are %q: %v", folders, err)
	}
	return folders
}

// globbed returns the files of a folder that are no tests.
func globbed(t *testing.T, folder string, patterns ...string) []string {
	t.Helper()
	var all []string
	for _, pattern := range patterns {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, "_test.go") })...)
	}
	return all
}
