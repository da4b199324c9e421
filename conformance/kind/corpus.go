package kubetrace

import (
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// Corpus returns a case for each kind cluster of the folder of configurations as
// people write them, apply/testdata/corpus.
func Corpus(folder string) ([]Case, error) {
	text, err := os.ReadFile(filepath.Join(folder, "kind", "index.yaml"))
	if err != nil {
		return nil, err
	}
	var entries []struct{ File, From, To, What string }
	if err := yaml.UnmarshalStrict(text, &entries); err != nil {
		return nil, err
	}
	var cases []Case
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(folder, "kind", e.File))
		if err != nil {
			return nil, err
		}
		cases = append(cases, Case{Name: "corpus-" + e.File, Whole: true, From: e.From, To: e.To, Base: func(forms) string { return string(text) }})
	}
	return cases, nil
}
