package news

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Citation is a declaration of the library that names upstream files as its source.
type Citation struct {
	// Name is what is declared, and Place its file and line.
	Name, Place string
	// Files are those that it names.
	Files []File
	// Words are all of the text: where some are what a file declares, the rest of
	// that file does not matter.
	Words []string
}

// File is a file of a module.
type File struct{ Module, Path string }

func (f File) String() string { return f.Module + " " + f.Path }

var (
	moduleWord = regexp.MustCompile(`^(k8s\.io/[a-z-]+|sigs\.k8s\.io/[a-z-]+|go\.etcd\.io/etcd/server/v3|github\.com/[a-z-]+/[a-z-]+(/v\d+)?)$`)
	fileWord   = regexp.MustCompile(`^[A-Za-z0-9_./-]+(\{[a-z0-9,]+\}[A-Za-z0-9_./-]+)?\.go$`)
	nameWord   = regexp.MustCompile(`^(?:--([a-z][a-z-]+)|(?:[a-z]+\.)?([A-Za-z]\w*[a-z]\w*[A-Z]\w*|[a-z]+[A-Z]\w*))$`)
	braces     = regexp.MustCompile(`\{[^}]+\}`)
)

// Names returns those of some words that are in no plain text: KubeletTracing,
// noop.NewMeterProvider as NewMeterProvider, --config-dir as config-dir. They are
// sorted.
func Names(words []string) (names []string) {
	for _, word := range words {
		if found := nameWord.FindStringSubmatch(word); found != nil && !strings.Contains(word, "/") {
			names = append(names, found[1]+found[2])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Citations reads the Go files of a folder, which say "Source: MODULE FILE, FILE" in
// the comments of their declarations, MODULE before its files or after the first.
// "Source: as above" is that of the declaration before.
func Citations(root, folder string) (all []Citation, err error) {
	paths, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		var above Citation
		for _, declaration := range parsed.Decls {
			name, comment := declared(declaration)
			_, source, ok := strings.Cut(comment.Text(), "Source:")
			if !ok {
				continue
			}
			c := Citation{Name: name, Place: fmt.Sprintf("%s/%s:%d", folder, filepath.Base(path), files.Position(declaration.Pos()).Line), Words: words(source)}
			c.Files = filesOf(c.Words)
			if strings.HasPrefix(strings.TrimSpace(source), "as above") {
				c.Files = append(slices.Clone(above.Files), c.Files...)
				c.Words = slices.Concat(above.Words, c.Words)
			}
			above = c
			if len(c.Files) > 0 {
				all = append(all, c)
			}
		}
	}
	return all, nil
}

// declared returns the name and the comment of a declaration.
func declared(declaration ast.Decl) (string, *ast.CommentGroup) {
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		return d.Name.Name, d.Doc
	case *ast.GenDecl:
		if len(d.Specs) == 0 {
			break
		}
		switch spec := d.Specs[0].(type) {
		case *ast.ValueSpec:
			return spec.Names[0].Name, d.Doc
		case *ast.TypeSpec:
			return spec.Name.Name, d.Doc
		}
	}
	return "", nil
}

func words(text string) (all []string) {
	for _, word := range strings.Fields(text) {
		if word = strings.Trim(word, "();:,."); word != "" {
			all = append(all, word)
		}
	}
	return all
}

// filesOf finds the modules and the files among the words of a source.
func filesOf(words []string) (all []File) {
	module, early := "", []string{}
	for _, word := range words {
		switch {
		case moduleWord.MatchString(word):
			module = word
			for _, path := range early {
				all = append(all, File{module, path})
			}
			early = nil
		case !fileWord.MatchString(word) || !strings.Contains(word, "/"):
		case module == "":
			early = append(early, word)
		default:
			for _, path := range expand(word) {
				all = append(all, File{module, path})
			}
		}
	}
	return all
}

// expand writes a path with {a,b} in it as two.
func expand(path string) (all []string) {
	found := braces.FindString(path)
	if found == "" {
		return []string{path}
	}
	for choice := range strings.SplitSeq(strings.Trim(found, "{}"), ",") {
		all = append(all, strings.Replace(path, found, choice, 1))
	}
	return all
}
