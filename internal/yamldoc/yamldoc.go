// Package yamldoc finds the one document of a YAML stream.
package yamldoc

import (
	"errors"
	"regexp"
	"strings"

	"sigs.k8s.io/yaml"
)

// marker is a line that begins or ends a YAML document. Within a document
// nothing else may stand so at the beginning of a line.
// https://yaml.org/spec/1.2.2/#914-explicit-documents
var marker = regexp.MustCompile(`(?m)^(?:---|\.\.\.)(?:[ \t\r]+|$)`)

// directives is what may stand before the first document.
// https://yaml.org/spec/1.2.2/#68-directives
var directives = regexp.MustCompile(`^(\s*(%.*|#.*)?\n?)*$`)

// Only returns the one document of a stream, with its lines where they were, or
// nothing where there is none. The decoders would read the first document and
// silently drop the others.
func Only(data []byte) ([]byte, error) {
	var only []byte
	lines := 0
	for _, document := range marker.Split(string(data), -1) {
		before := lines
		lines += strings.Count(document, "\n")
		var content any
		if err := yaml.Unmarshal([]byte(document), &content); err == nil && content == nil {
			continue // comments only
		}
		if directives.MatchString(document) {
			continue
		}
		if only != nil {
			return nil, errors.New("there is more than one document: write one a file")
		}
		// Empty lines in place of what came before keep the line numbers right.
		only = []byte(strings.Repeat("\n", before) + document)
	}
	return only, nil
}
