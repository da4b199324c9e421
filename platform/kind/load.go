package kind

import (
	"errors"
	"fmt"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/internal/reader"
)

// ReadError is one thing in a configuration that kind does not read.
type ReadError struct {
	// Line is where it is, beginning with 1, or 0 where that is not known.
	Line int
	// Field is its path, "nodes[0].role", or empty for the whole.
	Field string
	// Message is what is wrong and what to write instead.
	Message string
}

// Error returns the place and the message.
func (e *ReadError) Error() string { return (*reader.Problem)(e).Error() }

// Load reads the configuration of a cluster, YAML or JSON, as kind itself does, whose
// reader cannot be imported. A number is a text where kind wants a text, and yes is
// true. A field that kind does not know or that is there twice is an error. As for
// kind, the first document counts, and what is behind it is not read. The error joins
// a *[ReadError] for all that is wrong.
func Load(data []byte) (*v1alpha4.Cluster, error) {
	cluster, problems := reader.Cluster(data)
	if len(problems) == 0 {
		return cluster, nil
	}
	var all []error
	for _, problem := range problems {
		all = append(all, (*ReadError)(problem))
	}
	return nil, fmt.Errorf("read a kind cluster: %w", errors.Join(all...))
}
