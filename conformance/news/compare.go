package news

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Change is a file that a table cites and that two releases have otherwise, or that
// one of them does not have.
type Change struct {
	File File
	// Diff is in unified form. Where a citation names what is declared in the file it
	// is of that alone, and else Whole.
	Diff  string
	Whole bool
	// Names are those in the citations that may stand in the file, sorted.
	Names []string
	// Rows are the declarations that cite it.
	Rows []string
}

// Comparison is how a release differs from another in what the tables say.
type Comparison struct {
	Name, From, To string
	// Changes are in cited files. Same are those that did not change.
	Changes []Change
	Same    []File
	// Stale are citations of files that neither release has, and of modules of which
	// one is not served.
	Stale []string
	// Appeared and Went are feature gates or flags.
	Appeared, Went []string
}

// pair is a module in both releases, and empty where one of them is not served.
type pair struct{ from, to string } // folders

// both returns the folders of a module.
func both(ctx context.Context, modules Modules, module, was, is string) (p pair, err error) {
	if p.from, err = modules.Dir(ctx, module, was); err != nil {
		return pair{}, err
	}
	if p.to, err = modules.Dir(ctx, module, is); err != nil {
		return pair{}, err
	}
	return p, nil
}

// CompareKubernetes compares two releases of Kubernetes.
func CompareKubernetes(ctx context.Context, modules Modules, citations []Citation, from, to string) (Comparison, error) {
	library := func(module, version string) string {
		if module == kubernetes {
			return version
		}
		return "v0" + strings.TrimPrefix(version, "v1")
	}
	c := Comparison{Name: "Kubernetes", From: from, To: to}
	pairs, err := c.files(ctx, modules, citations, func(module string) (string, string) {
		if !strings.HasPrefix(module, "k8s.io/") {
			return "", ""
		}
		return library(module, from), library(module, to)
	})
	if err != nil {
		return c, err
	}
	c.Appeared, c.Went, err = named(pairs, gateLine, "pkg/features/kube_features.go")
	return c, err
}

// CompareEtcd compares two releases of etcd.
func CompareEtcd(ctx context.Context, modules Modules, citations []Citation, from, to string) (Comparison, error) {
	c := Comparison{Name: "etcd", From: from, To: to}
	pairs, err := c.files(ctx, modules, citations, func(module string) (string, string) {
		if module != etcd {
			return "", ""
		}
		return from, to
	})
	if err != nil {
		return c, err
	}
	c.Appeared, c.Went, err = named(pairs, flagLine, "embed/config.go", "etcdmain/config.go")
	return c, err
}

var (
	gateLine = regexp.MustCompile(`featuregate\.Feature = "(\w+)"`)
	flagLine = regexp.MustCompile(`fs\.\w+\((?:[^"\n]+, )?"([a-z][a-z0-9-]+)",`)
)

// files compares the files of the citations whose modules have versions, and returns
// the folders of the modules.
func (c *Comparison) files(ctx context.Context, modules Modules, citations []Citation, versions func(module string) (from, to string)) (map[string]pair, error) {
	pairs := map[string]pair{}
	changes := map[string]*Change{}
	for _, citation := range citations {
		for _, file := range citation.Files {
			was, is := versions(file.Module)
			if was == "" {
				continue
			}
			if _, ok := pairs[file.Module]; !ok {
				p, err := both(ctx, modules, file.Module, was, is)
				// Without the release itself there is nothing to compare.
				if errors.Is(err, ErrNotServed) && file.Module != kubernetes && file.Module != etcd {
					c.Stale = append(c.Stale, fmt.Sprintf("what is cited of %s is not compared: %v", file.Module, err))
				} else if err != nil {
					return nil, err
				}
				pairs[file.Module] = p
			}
			if pairs[file.Module] == (pair{}) {
				continue
			}
			row := citation.Name + " (" + citation.Place + ")"
			text, whole, err := diff(pairs[file.Module], file.Path, citation.Words)
			if errors.Is(err, fs.ErrNotExist) {
				c.Stale = append(c.Stale, fmt.Sprintf("%s cites %s, which neither release has: the citation is stale, cite the file as it is called now", row, file))
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("%s, which %s cites: %w", file, citation.Place, err)
			}
			switch key := file.String() + text; {
			case text == "" && !slices.Contains(c.Same, file):
				c.Same = append(c.Same, file)
			case text == "":
			case changes[key] == nil:
				changes[key] = &Change{file, text, whole, Names(citation.Words), []string{row}}
			case !slices.Contains(changes[key].Rows, row):
				changes[key].Rows = append(changes[key].Rows, row)
				changes[key].Names = slices.Compact(slices.Sorted(slices.Values(slices.Concat(changes[key].Names, Names(citation.Words)))))
			}
		}
	}
	for _, change := range changes {
		c.Changes = append(c.Changes, *change)
	}
	slices.SortFunc(c.Changes, func(a, b Change) int { return strings.Compare(a.File.String()+a.Diff, b.File.String()+b.Diff) })
	slices.SortFunc(c.Same, func(a, b File) int { return strings.Compare(a.String(), b.String()) })
	return pairs, nil
}

// diff compares a file, or the declarations of it that are among some words. A file
// that is not there is an empty one, and in both fs.ErrNotExist.
func diff(p pair, path string, words []string) (text string, whole bool, err error) {
	var texts [2][]byte
	missing := 0
	for i, dir := range []string{p.from, p.to} {
		text, err := os.ReadFile(filepath.Join(dir, path))
		if errors.Is(err, fs.ErrNotExist) {
			missing++
		} else if err != nil {
			return "", false, err
		}
		texts[i] = text
	}
	if missing == len(texts) {
		return "", false, fs.ErrNotExist
	}
	was, err := declarations(texts[0], words)
	if err != nil {
		return "", false, err
	}
	is, err := declarations(texts[1], words)
	if err != nil {
		return "", false, err
	}
	if whole = len(was)+len(is) == 0; !whole {
		texts[0], texts[1] = was, is
	}
	if bytes.Equal(texts[0], texts[1]) {
		return "", whole, nil
	}
	text, err = unified(texts[0], texts[1])
	return text, whole, err
}

// declarations returns what of a Go file is declared under one of some words, of
// which a name has a capital, and the entries of its tables that have one for a key:
// how a gate is called, and what it is by default.
func declarations(text []byte, words []string) (found []byte, err error) {
	if len(text) == 0 {
		return nil, nil
	}
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, "", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	keep := func(name string, node ast.Node) {
		if strings.ToLower(name) != name && slices.Contains(words, name) {
			found = append(append(found, text[files.Position(node.Pos()).Offset:files.Position(node.End()).Offset]...), '\n')
		}
	}
	for _, declaration := range parsed.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			keep(d.Name.Name, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					keep(s.Names[0].Name, s)
					ast.Inspect(s, func(n ast.Node) bool {
						entry, ok := n.(*ast.KeyValueExpr)
						if !ok {
							return true
						}
						key, ok := entry.Key.(*ast.Ident)
						if ok {
							keep(key.Name, entry)
						}
						return !ok
					})
				case *ast.TypeSpec:
					keep(s.Name.Name, s)
				}
			}
		}
	}
	return found, nil
}

// unified asks git, which is on every machine that has this repository.
func unified(was, is []byte) (string, error) {
	dir, err := os.MkdirTemp("", "news")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string][]byte{"a": was, "b": is} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return "", err
		}
	}
	command := exec.Command("git", "diff", "--no-index", "--no-color", "--unified=2", "a", "b")
	command.Dir = dir
	text, err := command.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: they differ
		return "", fmt.Errorf("git diff: %w", err)
	}
	_, hunks, _ := strings.Cut(string(text), "\n@@")
	return "@@" + hunks, nil
}

// named returns what a pattern finds in some files of one release and not of the other.
func named(pairs map[string]pair, pattern *regexp.Regexp, paths ...string) (appeared, went []string, err error) {
	var names [2][]string
	for _, p := range pairs {
		if p == (pair{}) {
			continue
		}
		for i, dir := range []string{p.from, p.to} {
			for _, path := range paths {
				text, err := os.ReadFile(filepath.Join(dir, path))
				if err != nil && !errors.Is(err, fs.ErrNotExist) {
					return nil, nil, err
				}
				for _, found := range pattern.FindAllSubmatch(text, -1) {
					names[i] = append(names[i], string(found[1]))
				}
			}
		}
	}
	if len(names[0]) == 0 {
		return nil, nil, fmt.Errorf("nothing like %s is in %s: see how the release does it now", pattern, strings.Join(paths, " and "))
	}
	without := func(all, others []string) []string {
		all = slices.DeleteFunc(slices.Clone(all), func(name string) bool { return slices.Contains(others, name) })
		slices.Sort(all)
		return slices.Compact(all)
	}
	return without(names[1], names[0]), without(names[0], names[1]), nil
}
