package jaeger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxBody bounds what is read of an answer, in which a span is about a
	// kilobyte.
	maxBody = 64 << 20
	// maxQuoted is how many bytes of an unexpected answer an error shows.
	maxQuoted = 200
)

// Client asks one Jaeger.
type Client struct {
	// URL is where the query API is, without /api: "http://127.0.0.1:16686".
	URL string
	// HTTP sends the requests; nil is http.DefaultClient.
	HTTP *http.Client
}

// Query says which traces to find: those in which one and the same span is all
// of what the query says. They come whole, with their other spans.
type Query struct {
	// Service is required by Jaeger.
	Service string
	// Tags are attributes of the span, of its resource or of its events, as text.
	Tags map[string]string
	// Start is the earliest that the span may have started. Zero is two days ago.
	Start time.Time
	// Limit keeps the newest traces. Zero leaves it to Jaeger, which keeps 100. A
	// limit above what it keeps in all (backend.MaxTraces) is an error of Jaeger.
	Limit int
}

// Services returns the names of the services that have sent spans, sorted.
func (c Client) Services(ctx context.Context) ([]string, error) {
	services, err := get[string](ctx, c, "/api/services")
	slices.Sort(services)
	return services, err
}

// Traces returns the traces that match, the earliest first. None is no error.
func (c Client) Traces(ctx context.Context, query Query) ([]Trace, error) {
	found, err := get[traceJSON](ctx, c, "/api/traces?"+query.encode())
	if err != nil {
		return nil, err
	}
	traces := make([]Trace, len(found))
	for i := range found {
		traces[i] = found[i].model()
	}
	slices.SortFunc(traces, func(a, b Trace) int {
		return cmp.Or(a.start().Compare(b.start()), cmp.Compare(a.ID, b.ID))
	})
	return traces, nil
}

func (q Query) encode() string {
	values := url.Values{"service": {q.Service}}
	if len(q.Tags) > 0 {
		tags, _ := json.Marshal(q.Tags) // strings do not fail
		values.Set("tags", string(tags))
	}
	if !q.Start.IsZero() {
		values.Set("start", strconv.FormatInt(q.Start.UnixMicro(), 10))
	}
	if q.Limit != 0 {
		values.Set("limit", strconv.Itoa(q.Limit))
	}
	return values.Encode()
}

// get returns the data of an answer. An answer that also has errors is none:
// what a test counts should be complete.
func get[T any](ctx context.Context, c Client, path string) ([]T, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.URL, "/")+path, nil)
	if err != nil {
		return nil, fmt.Errorf("jaeger: %w", err)
	}
	response, err := cmp.Or(c.HTTP, http.DefaultClient).Do(request)
	if err != nil {
		return nil, fmt.Errorf("jaeger: %w", err) // names the URL
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if err != nil {
		return nil, fmt.Errorf("jaeger: GET %s: %s: %w", path, response.Status, err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("jaeger: GET %s: the answer has more than %d MiB: ask for fewer traces", path, maxBody>>20)
	}

	var answer struct {
		Data   []T         `json:"data"`
		Errors []errorJSON `json:"errors"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("jaeger: GET %s: %s, and no JSON of Jaeger's: %w: %q", path, response.Status, err, body[:min(len(body), maxQuoted)])
	}
	switch {
	case len(answer.Errors) > 0:
		said := make([]error, len(answer.Errors))
		for i, e := range answer.Errors {
			said[i] = e.err()
		}
		return nil, fmt.Errorf("jaeger: GET %s: %s: %w", path, response.Status, errors.Join(said...))
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("jaeger: GET %s: %s: %q", path, response.Status, body[:min(len(body), maxQuoted)])
	}
	return answer.Data, nil
}
