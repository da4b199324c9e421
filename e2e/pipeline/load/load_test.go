package load_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/load"
	"kubetrace/e2e/pipeline/sink"
	"kubetrace/e2e/pipeline/wire"
)

func recorded(t *testing.T) (load.Recording, load.Table) {
	t.Helper()
	recording, table, err := load.Recorded()
	if err != nil {
		t.Fatal(err)
	}
	return recording, table
}

func TestRecorded(t *testing.T) {
	recording, table := recorded(t)
	for _, component := range table.Busy.Components {
		spans := 0
		for _, request := range recording[component.Name] {
			n, err := wire.Count(request)
			if err != nil {
				t.Fatal(err)
			}
			spans += n
		}
		if spans < 500 || component.SpansPerSecond <= 0 {
			t.Errorf("of %s there are %d spans, at %g a second", component.Name, spans, component.SpansPerSecond)
		}
	}
	if len(table.Busy.Components) != 3 || len(recording) != 3 || table.Busy.SpansPerCPUSecond <= 0 {
		t.Errorf("the table is incomplete: %+v", table)
	}
}

func TestRebatch(t *testing.T) {
	recording, _ := recorded(t)
	for _, size := range []int{1, 30, load.SDKBatch} {
		requests, err := load.Rebatch(recording["etcd"], size)
		if err != nil {
			t.Fatal(err)
		}
		for _, request := range requests {
			if n, err := wire.Count(request); err != nil || n != size {
				t.Fatalf("a request has %d spans, want %d: %v", n, size, err)
			}
		}
	}
	if _, err := load.Rebatch(recording["kubelet"][:1], 10_000); err == nil {
		t.Error("a request has more spans than were recorded")
	}
}

func TestBatchAt(t *testing.T) {
	for rate, want := range map[float64]int{0.1: 1, 10: 50, 1000: 512} {
		if got := load.BatchAt(rate); got != want {
			t.Errorf("%d at %g a second, want %d", got, rate, want)
		}
	}
}

// TestExact says that nothing is lost, doubled or foreign where nothing is wrong,
// and that everything is where it is.
func TestExact(t *testing.T) {
	once := load.Retry{Timeout: 5 * time.Second}
	for _, test := range []struct {
		name     string
		settings load.Settings
		fault    sink.Fault
		// want are the counts by how many spans were sent in how many requests.
		want func(sent, requests int) ledger.Counts
	}{
		{"as fast as it answers", load.Settings{InFlight: 4}, sink.Fault{}, delivered},
		{"at a rate", load.Settings{Rate: 5000, Batched: true}, sink.Fault{}, delivered},
		{"in a window", load.Settings{InFlight: 4, Window: 1000}, sink.Fault{}, delivered},
		{"three of each request are dropped", load.Settings{InFlight: 2}, sink.Fault{Reject: 3, Silent: true},
			func(sent, requests int) ledger.Counts {
				return ledger.Counts{Sent: sent, Acknowledged: sent, Delivered: sent - 3*requests, Lost: 3 * requests}
			}},
		{"all are refused", load.Settings{InFlight: 2}, sink.Fault{Code: codes.ResourceExhausted},
			func(sent, _ int) ledger.Counts { return ledger.Counts{Sent: sent, GivenUp: sent} }},
		{"all are refused and kept", load.Settings{InFlight: 2}, sink.Fault{Code: codes.ResourceExhausted, Taken: true},
			func(sent, _ int) ledger.Counts {
				return ledger.Counts{Sent: sent, GivenUp: sent, Delivered: sent, Unsaid: sent}
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			recording, table := recorded(t)
			book := ledger.New()
			to, err := sink.Listen(book, sink.Settings{})
			if err != nil {
				t.Fatal(err)
			}
			defer to.Close()
			to.Answer(test.fault)
			test.settings.Target, test.settings.Retry = to.Address(), once
			generator, err := load.New(recording, table, book, test.settings)
			if err != nil {
				t.Fatal(err)
			}
			defer generator.Close()
			result, err := generator.Run(t.Context(), 500*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			got := book.Counts()
			if got.Sent == 0 || got.Sent != result.Made-result.Dropped || got.Sent != to.Counts().Spans {
				t.Errorf("%d were sent, %d made and %d seen", got.Sent, result.Made, to.Counts().Spans)
			}
			if diff := cmp.Diff(test.want(got.Sent, to.Counts().Requests), got); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
		})
	}
}

func delivered(sent, _ int) ledger.Counts {
	return ledger.Counts{Sent: sent, Acknowledged: sent, Delivered: sent}
}

// TestRetried says that a span whose first answer was lost arrives twice.
func TestRetried(t *testing.T) {
	recording, table := recorded(t)
	book := ledger.New()
	to, err := sink.Listen(book, sink.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	to.Answer(sink.Fault{Code: codes.Unavailable, Taken: true})
	go func() {
		for to.Counts().Refused == 0 && t.Context().Err() == nil {
			time.Sleep(10 * time.Millisecond)
		}
		to.Answer(sink.Fault{}) // the first retry comes half a pause later at the soonest
	}()
	generator, err := load.New(recording, table, book, load.Settings{
		Target: to.Address(), InFlight: 1, Retry: load.Retry{Initial: 4 * time.Second, Max: 4 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer generator.Close()
	if _, err := generator.Run(t.Context(), 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	got := book.Counts()
	want := ledger.Counts{Sent: got.Sent, Acknowledged: got.Sent, Delivered: got.Sent, Doubled: got.Sent}
	if diff := cmp.Diff(want, got); diff != "" || got.Sent == 0 {
		t.Errorf("counts of %d sent (-want +got):\n%s", got.Sent, diff)
	}
}

// TestQueue says that what a full queue drops is counted and never sent.
func TestQueue(t *testing.T) {
	recording, table := recorded(t)
	book := ledger.New()
	to, err := sink.Listen(book, sink.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	to.Answer(sink.Fault{Delay: 300 * time.Millisecond})
	generator, err := load.New(recording, table, book, load.Settings{
		Target: to.Address(), Rate: 50_000, Batched: true, Queue: load.SDKQueue, Retry: load.SDK,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer generator.Close()
	result, err := generator.Run(t.Context(), 2*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	got := book.Counts()
	if result.Dropped == 0 || got.Sent != result.Made-result.Dropped || got.Lost != 0 || got.Delivered != got.Sent {
		t.Errorf("of %d made %d were dropped, and then %+v", result.Made, result.Dropped, got)
	}
}

// TestEnds says that a generator ends with its context.
func TestEnds(t *testing.T) {
	recording, table := recorded(t)
	generator, err := load.New(recording, table, ledger.New(), load.Settings{Target: "127.0.0.1:1", InFlight: 2, Retry: load.SDK})
	if err != nil {
		t.Fatal(err)
	}
	defer generator.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := generator.Run(ctx, time.Hour); err == nil || time.Since(began) > 8*time.Second {
		t.Errorf("it ended after %s with %v", time.Since(began), err)
	}
}
