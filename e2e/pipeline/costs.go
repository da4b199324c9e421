package pipeline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding/gzip"

	"kubetrace/e2e/pipeline/load"
	"kubetrace/tracing"
)

// Costs are what spans cost that wait, from which the library derives memory and
// disk.
type Costs struct {
	// BaseMiB is how large the process is that has just started.
	BaseMiB float64 `json:"baseMiB"`
	// Queued are how many spans waited, once in memory and once on disk.
	Queued     int `json:"queued"`
	QueuedDisk int `json:"queuedDisk"`
	// HeapPerSpan is the heap in use that each took in memory, garbage included,
	// and ResidentPerSpan what the process grew by.
	HeapPerSpan     float64 `json:"heapPerSpan"`
	ResidentPerSpan float64 `json:"residentPerSpan"`
	// DiskPerSpan is what the file grew by for each on disk.
	DiskPerSpan float64 `json:"diskPerSpan"`
	// ResidentPerConnection is what the gateway's process grew by for each
	// connection that had sent spans, of Connections.
	ResidentPerConnection float64 `json:"residentPerConnection"`
	Connections           int     `json:"connections"`
}

// waiting is how many spans are to wait, and waitingRate how many come a second.
const (
	waiting     = 100_000
	waitingRate = 5000
)

// Costs measures them, with the backend away.
func (r *Rig) Costs(ctx context.Context) (c Costs, err error) {
	large := *r
	large.Memory = 2 << 30
	memory, err := large.wait(ctx, sized("costs-memory", tracing.StorageMemory))
	if err != nil {
		return c, err
	}
	disk, err := large.wait(ctx, sized("costs-disk", tracing.StorageEmptyDir))
	if err != nil {
		return c, err
	}
	c.BaseMiB = memory.before.resident / (1 << 20)
	c.Queued, c.QueuedDisk = memory.queued, disk.queued
	c.HeapPerSpan = (memory.after.heap - memory.before.heap) / float64(c.Queued)
	c.ResidentPerSpan = (memory.after.resident - memory.before.resident) / float64(c.Queued)
	c.DiskPerSpan = (disk.after.file - disk.before.file) / float64(c.QueuedDisk)
	c.Connections = connections
	c.ResidentPerConnection, err = large.connect(ctx, connections)
	return c, err
}

// connections are how many are opened, and perConnection the spans that each
// sends, as many as in a request of a component that is busy.
const (
	connections   = 400
	perConnection = 512
)

// connect opens connections to the gateway, each of which sends spans and stays,
// as those of nodes do.
func (r *Rig) connect(ctx context.Context, n int) (resident float64, err error) {
	one, err := r.start(ctx, oursGateway, Fault{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, one.close()) }()
	// A node's collector compresses what it sends.
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.UseCompressor(gzip.Name)),
	}
	var open []*grpc.ClientConn
	defer func() {
		for _, connection := range open {
			err = errors.Join(err, connection.Close())
		}
	}()
	send := func() error {
		connection, err := grpc.NewClient("passthrough:///"+one.place.Receiver, options...)
		if err != nil {
			return err
		}
		open = append(open, connection)
		_, err = ptraceotlp.NewGRPCClient(connection).Export(ctx, someSpans(perConnection))
		return err
	}
	// The first make the heap grow, whose garbage is not theirs.
	for range n / 4 {
		if err := send(); err != nil {
			return 0, err
		}
	}
	before, err := one.held(ctx)
	if err != nil {
		return 0, err
	}
	for range n {
		if err := send(); err != nil {
			return 0, err
		}
	}
	after, err := one.held(ctx)
	if err != nil {
		return 0, err
	}
	if got, want := one.sink.Counts().Spans, len(open)*perConnection; got != want {
		return 0, fmt.Errorf("%d of %d spans came through the gateway", got, want)
	}
	return (after.resident - before.resident) / float64(n), nil
}

// someSpans is a request of spans without a number, which nobody counts.
func someSpans(n int) ptraceotlp.ExportRequest {
	traces := ptrace.NewTraces()
	spans := traces.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i := range n {
		span := spans.AppendEmpty()
		span.SetName("GET")
		span.SetTraceID(pcommon.TraceID{1, byte(i), byte(i >> 8)})
		span.SetSpanID(pcommon.SpanID{1, byte(i), byte(i >> 8)})
		span.Attributes().PutStr("url.path", fmt.Sprintf("/api/v1/namespaces/default/configmaps/%d", i))
	}
	return ptraceotlp.NewExportRequestFromTraces(traces)
}

// sized is the library's, with a queue for all that is to wait.
func sized(name, storage string) Config {
	return generated(name, tracing.QueueSpec{Storage: storage, Size: 2 * waiting})
}

// waited is what a collector took before and after spans waited in it.
type waited struct {
	before, after held
	queued        int
}

// held are bytes.
type held struct{ heap, resident, file float64 }

func (r *Rig) wait(ctx context.Context, config Config) (w waited, err error) {
	one, err := r.start(ctx, config, Fault{})
	if err != nil {
		return w, err
	}
	defer func() { err = errors.Join(err, one.close()) }()
	if err := one.sink.Away(); err != nil {
		return w, err
	}
	if w.before, err = one.held(ctx); err != nil {
		return w, err
	}
	if _, err := one.send(ctx, load.Settings{Rate: waitingRate, Batched: true, Retry: load.SDK}, waiting*time.Second/waitingRate); err != nil {
		return w, err
	}
	w.queued = one.book.Counts().Acknowledged
	if w.queued < waiting/2 {
		return w, fmt.Errorf("%s took only %d spans", config.Name, w.queued)
	}
	w.after, err = one.held(ctx)
	return w, err
}

// held asks the collector's own metrics, and looks at its files.
func (r *run) held(ctx context.Context) (h held, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.place.Metrics+"/metrics", nil)
	if err != nil {
		return h, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return h, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		for name, value := range map[string]*float64{
			"otelcol_process_runtime_heap_alloc_bytes": &h.heap,
			"otelcol_process_memory_rss":               &h.resident,
		} {
			if rest, is := strings.CutPrefix(lines.Text(), name); is {
				if *value, err = strconv.ParseFloat(rest[strings.LastIndexByte(rest, ' ')+1:], 64); err != nil {
					return h, fmt.Errorf("the metric %s: %w", name, err)
				}
			}
		}
	}
	if h.heap == 0 || h.resident == 0 {
		return h, errors.Join(errors.New("the collector's metrics do not tell its memory"), lines.Err())
	}
	err = filepath.WalkDir(filepath.Join(r.place.Folder, queueFolder), func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			h.file += float64(info.Size())
		}
		return err
	})
	return h, err
}
