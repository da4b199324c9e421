package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // a component might compress

	"kubetrace/e2e/lab"
	"kubetrace/e2e/pipeline/load"
)

// request is one that came.
type request struct {
	ptrace.Traces
	at    time.Time
	from  string
	spans int
	bytes int
}

// receiver keeps what components send to a node's loopback.
type receiver struct {
	ptraceotlp.UnimplementedGRPCServer
	server *grpc.Server

	mu       sync.Mutex
	requests []request
}

func receive(node *lab.Node) (*receiver, error) {
	listener, err := node.Listen("tcp", endpoint)
	if err != nil {
		return nil, err
	}
	r := &receiver{server: grpc.NewServer()}
	ptraceotlp.RegisterGRPCServer(r.server, r)
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *receiver) close() { r.server.Stop() }

// Export keeps a request. It is gRPC's to call.
func (r *receiver) Export(_ context.Context, message ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	traces := ptrace.NewTraces()
	message.Traces().CopyTo(traces)
	came := request{Traces: traces, at: time.Now(), from: load.ServiceName(traces), spans: traces.SpanCount()}
	came.bytes = (&ptrace.ProtoMarshaler{}).TracesSize(traces)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, came)
	return ptraceotlp.NewExportResponse(), nil
}

// since are the requests that came from a time on.
func (r *receiver) since(from time.Time) (requests []request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, came := range r.requests {
		if !came.at.Before(from) {
			requests = append(requests, came)
		}
	}
	return requests
}

// senders are the components, by their service.name.
var senders = []string{"apiserver", "etcd", "kubelet"}

// complete says whether every component has sent something.
func (r *receiver) complete() error {
	came := map[string]bool{}
	for _, request := range r.since(time.Time{}) {
		came[request.from] = true
	}
	for _, sender := range senders {
		if !came[sender] {
			return fmt.Errorf("there is none of %s", sender)
		}
	}
	return nil
}
