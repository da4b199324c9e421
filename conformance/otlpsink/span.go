package otlpsink

import (
	"bytes"
	"encoding/hex"
	"strconv"
	"strings"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// Span is one span together with the resource and the scope that it came under.
// Its maps are shared with other spans: do not change them.
type Span struct {
	// Resource and Attributes hold a text as it is, a number or truth value as Go
	// prints it, and lists as protobuf prints them.
	Resource, Attributes map[string]string
	// Scope is the name of the instrumentation.
	Scope string
	// Name is the span's name and Kind its kind, such as "SERVER".
	Name, Kind string
	// TraceID, ID and ParentID are hexadecimal; a root has no ParentID.
	TraceID, ID, ParentID string
}

// Source returns who sent the span.
func (s Span) Source() Source {
	return Source{Service: s.Resource["service.name"], Instance: s.Resource["service.instance.id"]}
}

// flatten takes the spans out of the groups that they were sent in.
func flatten(groups []*tracepb.ResourceSpans) []Span {
	var spans []Span
	for _, group := range groups {
		resource := values(group.GetResource().GetAttributes())
		for _, scope := range group.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				spans = append(spans, Span{
					Resource:   resource,
					Attributes: values(span.GetAttributes()),
					Scope:      scope.GetScope().GetName(),
					Name:       span.GetName(),
					Kind:       strings.TrimPrefix(span.GetKind().String(), "SPAN_KIND_"),
					TraceID:    hex.EncodeToString(span.GetTraceId()),
					ID:         hex.EncodeToString(span.GetSpanId()),
					ParentID:   parent(span.GetParentSpanId()),
				})
			}
		}
	}
	return spans
}

// parent returns nothing for a root: some senders give it an id of zeros.
func parent(id []byte) string {
	if len(bytes.Trim(id, "\x00")) == 0 {
		return ""
	}
	return hex.EncodeToString(id)
}

func values(attributes []*commonpb.KeyValue) map[string]string {
	texts := make(map[string]string, len(attributes))
	for _, attribute := range attributes {
		texts[attribute.GetKey()] = text(attribute.GetValue())
	}
	return texts
}

// text is a value as text.
func text(value *commonpb.AnyValue) string {
	switch v := value.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return strconv.FormatBool(v.BoolValue)
	case *commonpb.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *commonpb.AnyValue_DoubleValue:
		return strconv.FormatFloat(v.DoubleValue, 'g', -1, 64)
	default:
		return value.String()
	}
}
