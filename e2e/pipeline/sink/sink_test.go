package sink_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/sink"
	"kubetrace/e2e/pipeline/wire"
)

// request is one of n numbered spans.
func request(t *testing.T, book *ledger.Ledger, n int) (raw wire.Raw, first uint64) {
	t.Helper()
	first = book.Issue(n)
	book.Send(first, n)
	traces := ptrace.NewTraces()
	spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		var id pcommon.SpanID
		book.PutID(id[:], first+uint64(i))
		span := spans.AppendEmpty()
		span.SetTraceID(pcommon.TraceID{1})
		span.SetSpanID(id)
		span.SetName(strings.Repeat("a name ", 10))
	}
	raw, err := ptraceotlp.NewExportRequestFromTraces(traces).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	return raw, first
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault sink.Fault
		code  codes.Code
		want  ledger.Counts // of ten spans, acknowledged if there was no error
	}{
		{"takes", sink.Fault{}, codes.OK, ledger.Counts{Sent: 10, Acknowledged: 10, Delivered: 10}},
		{"drops three", sink.Fault{Reject: 3, Silent: true}, codes.OK, ledger.Counts{Sent: 10, Acknowledged: 10, Delivered: 7, Lost: 3}},
		{"rejects three", sink.Fault{Reject: 3}, codes.InvalidArgument, ledger.Counts{Sent: 10, GivenUp: 10, Delivered: 7, Unsaid: 7}},
		{"rejects more than there are", sink.Fault{Reject: 30, Silent: true}, codes.OK, ledger.Counts{Sent: 10, Acknowledged: 10, Lost: 10}},
		{"refuses", sink.Fault{Code: codes.Unavailable}, codes.Unavailable, ledger.Counts{Sent: 10, GivenUp: 10}},
		{"takes and refuses", sink.Fault{Code: codes.Unavailable, Taken: true}, codes.Unavailable, ledger.Counts{Sent: 10, GivenUp: 10, Delivered: 10, Unsaid: 10}},
	} {
		t.Run(test.name, func(t *testing.T) {
			book, to, connection := start(t, sink.Settings{})
			to.Answer(test.fault)
			raw, first := request(t, book, 10)
			err := export(t.Context(), connection, raw)
			if got := status.Code(err); got != test.code {
				t.Fatalf("the answer is %v, want %v", err, test.code)
			}
			if err == nil {
				book.Acknowledge(first, 10)
			} else {
				book.GiveUp(first, 10)
			}
			if diff := cmp.Diff(test.want, book.Counts()); diff != "" {
				t.Errorf("spans (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDoubled(t *testing.T) {
	book, _, connection := start(t, sink.Settings{})
	raw, first := request(t, book, 10)
	for range 3 {
		if err := export(t.Context(), connection, raw); err != nil {
			t.Fatal(err)
		}
	}
	book.Acknowledge(first, 10)
	want := ledger.Counts{Sent: 10, Acknowledged: 10, Delivered: 10, Doubled: 20}
	if diff := cmp.Diff(want, book.Counts()); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

func TestAwayAndBack(t *testing.T) {
	book, to, connection := start(t, sink.Settings{})
	raw, _ := request(t, book, 10)
	address := to.Address()
	if err := to.Away(); err != nil {
		t.Fatal(err)
	}
	if err := export(t.Context(), connection, raw); status.Code(err) != codes.Unavailable {
		t.Errorf("a sink that is away answers %v", err)
	}
	if err := to.Back(); err != nil {
		t.Fatal(err)
	}
	if to.Address() != address {
		t.Errorf("it came back as %s, and was %s", to.Address(), address)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := export(ctx, connection, raw, grpc.WaitForReady(true)); err != nil {
		t.Fatal(err)
	}
	if got := book.Counts().Delivered; got != 10 {
		t.Errorf("%d of 10 spans arrived", got)
	}
}

func TestSlow(t *testing.T) {
	book, to, connection := start(t, sink.Settings{})
	to.Answer(sink.Fault{Delay: 300 * time.Millisecond})
	raw, _ := request(t, book, 1)
	began := time.Now()
	if err := export(t.Context(), connection, raw); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 300*time.Millisecond {
		t.Errorf("it answered after %s", took)
	}
}

func TestCounts(t *testing.T) {
	book, to, connection := start(t, sink.Settings{MaxMessage: 1 << 10})
	small, _ := request(t, book, 5)
	large, _ := request(t, book, 50)
	for range 2 {
		if err := export(t.Context(), connection, small, grpc.UseCompressor("gzip")); err != nil {
			t.Fatal(err)
		}
	}
	if err := export(t.Context(), connection, large); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a request of %d bytes is answered with %v", len(large), err)
	}
	got := to.Counts()
	if got.Wire == 0 || got.Wire >= got.Bytes {
		t.Errorf("%d bytes came as %d", got.Bytes, got.Wire)
	}
	want := sink.Counts{Requests: 3, TooLarge: 1, Bytes: 2 * len(small), Wire: got.Wire, Spans: 10, Connections: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func start(t *testing.T, settings sink.Settings) (*ledger.Ledger, *sink.Sink, *grpc.ClientConn) {
	t.Helper()
	book := ledger.New()
	to, err := sink.Listen(book, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := to.Close(); err != nil {
			t.Error(err)
		}
	})
	connection, err := grpc.NewClient("passthrough:///"+to.Address(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return book, to, connection
}

// export sends a request as a sender does that looks at the answer.
func export(ctx context.Context, connection *grpc.ClientConn, raw wire.Raw, options ...grpc.CallOption) error {
	response, err := wire.Export(ctx, connection, raw, options...)
	if err != nil {
		return err
	}
	return wire.Rejected(response)
}
