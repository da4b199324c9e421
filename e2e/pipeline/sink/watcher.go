package sink

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

// watcher counts what a handler is not told.
type watcher struct{ *Sink }

// read is the key of whether a request was read.
type read struct{}

// TagRPC makes a request's note.
func (watcher) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, read{}, new(bool))
}

// HandleRPC counts a request and its bytes.
func (w watcher) HandleRPC(ctx context.Context, event stats.RPCStats) {
	wasRead, _ := ctx.Value(read{}).(*bool)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch event := event.(type) {
	case *stats.Begin:
		w.counts.Requests++
	case *stats.InPayload:
		*wasRead = true
		w.counts.Wire += event.WireLength
		w.counts.Bytes += event.Length
	case *stats.End:
		// gRPC answers this by itself, before there is a payload.
		if !*wasRead && status.Code(event.Error) == codes.ResourceExhausted {
			w.counts.TooLarge++
		}
	}
}

// TagConn adds nothing.
func (watcher) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn counts a connection.
func (w watcher) HandleConn(_ context.Context, event stats.ConnStats) {
	if _, begins := event.(*stats.ConnBegin); begins {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.counts.Connections++
	}
}
