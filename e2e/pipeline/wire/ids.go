package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// Span says where in a request the ids of one span stand. An id that is not
// there, such as the parent's of a root, is nil.
type Span struct {
	Trace, ID, Parent []byte
	// Links are the ids of other spans, of traces and spans by turns.
	Links [][]byte
}

// The numbers of the fields on the way to a span and in it.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
const (
	resourceSpans = 1 // of ExportTraceServiceRequest
	scopeSpans    = 2 // of ResourceSpans
	spans         = 2 // of ScopeSpans
	traceID       = 1 // of Span and of Link
	spanID        = 2 // of Span and of Link
	parentID      = 4
	links         = 13
)

// Spans calls a function with every span of a request, in order. The ids are
// parts of the request: what is written into them changes it.
func Spans(request Raw, each func(Span)) error {
	return fields(request, resourceSpans, func(resource []byte) error {
		return fields(resource, scopeSpans, func(scope []byte) error {
			return fields(scope, spans, func(span []byte) error {
				s, err := read(span)
				if err == nil {
					each(s)
				}
				return err
			})
		})
	})
}

// Count says how many spans a request has.
func Count(request Raw) (n int, err error) {
	err = Spans(request, func(Span) { n++ })
	return n, err
}

func read(message []byte) (s Span, err error) {
	err = every(message, func(number protowire.Number, content []byte) error {
		switch number {
		case traceID:
			s.Trace = content
		case spanID:
			s.ID = content
		case parentID:
			if len(content) > 0 {
				s.Parent = content
			}
		case links:
			return every(content, func(number protowire.Number, content []byte) error {
				if number == traceID || number == spanID {
					s.Links = append(s.Links, content)
				}
				return nil
			})
		}
		return nil
	})
	if err == nil && (len(s.Trace) != 16 || len(s.ID) != 8) {
		err = fmt.Errorf("a span with ids of %d and %d bytes", len(s.Trace), len(s.ID))
	}
	return s, err
}

// fields calls a function with the content of every field of one number.
func fields(message []byte, number protowire.Number, each func([]byte) error) error {
	return every(message, func(n protowire.Number, content []byte) error {
		if n != number {
			return nil
		}
		return each(content)
	})
}

// every calls a function with the content of every field that has a length.
func every(message []byte, each func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return protowire.ParseError(n)
		}
		message = message[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
				return protowire.ParseError(n)
			}
			message = message[n:]
			continue
		}
		content, n := protowire.ConsumeBytes(message)
		if n < 0 {
			return errors.New("a message that ends too early")
		}
		if err := each(number, content); err != nil {
			return err
		}
		message = message[n:]
	}
	return nil
}
