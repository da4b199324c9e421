package load

import (
	"fmt"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"kubetrace/e2e/pipeline/wire"
)

// Of the batch span processor in the components.
// https://github.com/open-telemetry/opentelemetry-go/blob/v1.44.0/sdk/trace/batch_span_processor.go
const (
	// SDKBatch is how many spans a request has at most.
	SDKBatch = 512
	// SDKQueue is how many spans wait at most for the request before theirs.
	SDKQueue = 2048
	// sdkSeconds is how long a batch waits to be full.
	sdkSeconds = 5
)

// BatchAt is how many spans the requests of a component have that makes so many
// a second.
func BatchAt(perSecond float64) int {
	return min(SDKBatch, max(1, int(perSecond*sdkSeconds)))
}

// Rebatch makes, of the requests of one component, requests of size spans, as its
// SDK would have at another rate. Spans are grouped by their scope, as it does.
func Rebatch(requests []wire.Raw, size int) ([]wire.Raw, error) {
	var all []wire.Raw
	batch, n := ptrace.NewTraces(), 0
	var scopes map[string]ptrace.SpanSlice
	finish := func() error {
		raw, err := ptraceotlp.NewExportRequestFromTraces(batch).MarshalProto()
		all = append(all, raw)
		batch, n = ptrace.NewTraces(), 0
		return err
	}
	for _, request := range requests {
		message := ptraceotlp.NewExportRequest()
		if err := message.UnmarshalProto(request); err != nil {
			return nil, err
		}
		for _, group := range message.Traces().ResourceSpans().All() {
			for _, scope := range group.ScopeSpans().All() {
				for _, span := range scope.Spans().All() {
					if n == 0 {
						scopes = map[string]ptrace.SpanSlice{}
						to := batch.ResourceSpans().AppendEmpty()
						group.Resource().CopyTo(to.Resource())
						to.SetSchemaUrl(group.SchemaUrl())
					}
					name := scope.Scope().Name() + "\x00" + scope.Scope().Version()
					if _, there := scopes[name]; !there {
						to := batch.ResourceSpans().At(0).ScopeSpans().AppendEmpty()
						scope.Scope().CopyTo(to.Scope())
						to.SetSchemaUrl(scope.SchemaUrl())
						scopes[name] = to.Spans()
					}
					span.CopyTo(scopes[name].AppendEmpty())
					if n++; n == size {
						if err := finish(); err != nil {
							return nil, err
						}
					}
				}
			}
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the recording has %d spans of the component, and a request is to have %d", n, size)
	}
	return all, nil // without the rest, which would be a smaller request
}
