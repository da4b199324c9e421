package jaeger_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubetrace/e2e/jaeger"
)

// answering is a Jaeger that gives this answer to every request, and remembers
// what it was asked.
func answering(t *testing.T, status int, body string) (client jaeger.Client, asked *url.URL) {
	t.Helper()
	asked = &url.URL{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = *r.URL
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return jaeger.Client{URL: server.URL + "/"}, asked
}

func TestServices(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want []string
	}{
		"some": {`{"data":["kubelet","apiserver","etcd"],"total":3,"limit":0,"offset":0,"errors":null}`, []string{"apiserver", "etcd", "kubelet"}},
		"none": {`{"data":null,"total":0,"limit":0,"offset":0,"errors":null}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			client, asked := answering(t, http.StatusOK, c.body)
			got, err := client.Services(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("services (-want +got):\n%s", diff)
			}
			if asked.Path != "/api/services" {
				t.Errorf("asked for %s", asked.Path)
			}
		})
	}
}

func TestQuery(t *testing.T) {
	for name, c := range map[string]struct {
		query jaeger.Query
		want  url.Values
	}{
		"service": {jaeger.Query{Service: "etcd"}, url.Values{"service": {"etcd"}}},
		"all": {
			jaeger.Query{
				Service: "apiserver",
				Tags:    map[string]string{"k8s.node.name": "node-1", "http.status_code": "201", "q": `"&`},
				Start:   time.Unix(1700000000, 123456789),
				Limit:   20,
			},
			url.Values{
				"service": {"apiserver"},
				"tags":    {`{"http.status_code":"201","k8s.node.name":"node-1","q":"\"\u0026"}`},
				"start":   {"1700000000123456"},
				"limit":   {"20"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, asked := answering(t, http.StatusOK, `{"data":[],"errors":null}`)
			got, err := client.Traces(t.Context(), c.query)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 0 {
				t.Errorf("traces out of nothing: %v", got)
			}
			if asked.Path != "/api/traces" {
				t.Errorf("asked for %s", asked.Path)
			}
			if diff := cmp.Diff(c.want, asked.Query()); diff != "" {
				t.Errorf("query (-want +got):\n%s", diff)
			}
		})
	}
}

// recorded is an answer with every shape that a trace can have: processes of
// two nodes, numbers beyond a float's, a link, spans out of order.
const recorded = `{"data":[{"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spans":[
 {"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"00000000000000c3","operationName":"etcdserverpb.KV/Txn",
  "references":[{"refType":"CHILD_OF","traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"00000000000000b2"}],
  "startTime":1700000000003000,"duration":1250,
  "tags":[
   {"key":"rpc.grpc.status_code","type":"int64","value":14},
   {"key":"revision","type":"int64","value":9007199254740991},
   {"key":"lease","type":"int64","value":"7587883212300000001"},
   {"key":"ratio","type":"float64","value":0.25},
   {"key":"raft","type":"bool","value":false},
   {"key":"blob","type":"binary","value":"AAAwOQ=="},
   {"key":"otel.status_code","type":"string","value":"ERROR"},
   {"key":"error","type":"bool","value":true}],
  "logs":[{"timestamp":1700000000003100,"fields":[{"key":"event","type":"string","value":"message"}]}],
  "processID":"p2","warnings":null},
 {"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"00000000000000b2","operationName":"Create",
  "references":[
   {"refType":"CHILD_OF","traceID":"00000000000000ff","spanID":"00000000000000ff"},
   {"refType":"CHILD_OF","traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"00000000000000a1"},
   {"refType":"FOLLOWS_FROM","traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"00000000000000c3"}],
  "startTime":1700000000001000,"duration":18446744073709551611,"tags":[],"logs":[],"processID":"p1","warnings":["a clock was set back"]},
 {"traceID":"5b8aa5a2d2c872e8321cf37308d69df2","spanID":"00000000000000a1","operationName":"POST /api/v1/pods",
  "references":[],"startTime":1700000000001000,"duration":5000,"tags":[],"logs":[],"processID":"p1","warnings":null}],
 "processes":{
  "p1":{"serviceName":"apiserver","tags":[{"key":"k8s.node.name","type":"string","value":"node-1"}]},
  "p2":{"serviceName":"etcd","tags":[{"key":"k8s.node.name","type":"string","value":"node-2"},{"key":"service.instance.id","type":"string","value":"etcd-2"}]}},
 "warnings":null}],"total":0,"limit":0,"offset":0,"errors":null}`

const recordedID = "5b8aa5a2d2c872e8321cf37308d69df2"

func TestTrace(t *testing.T) {
	client, _ := answering(t, http.StatusOK, recorded)
	got, err := client.Traces(t.Context(), jaeger.Query{Service: "etcd"})
	if err != nil {
		t.Fatal(err)
	}
	apiserver := map[string]string{"k8s.node.name": "node-1"}
	want := []jaeger.Trace{{ID: recordedID, Spans: []jaeger.Span{
		{
			ID: "00000000000000a1", TraceID: recordedID, Operation: "POST /api/v1/pods", Service: "apiserver",
			Start: time.UnixMicro(1700000000001000).UTC(), Duration: 5 * time.Millisecond,
			Tags: map[string]string{}, Resource: apiserver,
		},
		{
			ID: "00000000000000b2", TraceID: recordedID, ParentID: "00000000000000a1", Operation: "Create", Service: "apiserver",
			Links: []jaeger.Link{
				{Type: jaeger.ChildOf, TraceID: "00000000000000ff", SpanID: "00000000000000ff"},
				{Type: jaeger.FollowsFrom, TraceID: recordedID, SpanID: "00000000000000c3"},
			},
			Start: time.UnixMicro(1700000000001000).UTC(), Duration: -5 * time.Microsecond,
			Tags: map[string]string{}, Resource: apiserver,
		},
		{
			ID: "00000000000000c3", TraceID: recordedID, ParentID: "00000000000000b2", Operation: "etcdserverpb.KV/Txn", Service: "etcd",
			Start: time.UnixMicro(1700000000003000).UTC(), Duration: 1250 * time.Microsecond,
			Tags: map[string]string{
				"rpc.grpc.status_code": "14", "revision": "9007199254740991", "lease": "7587883212300000001", "ratio": "0.25",
				"raft": "false", "blob": "AAAwOQ==", "otel.status_code": "ERROR", "error": "true",
			},
			Resource: map[string]string{"k8s.node.name": "node-2", "service.instance.id": "etcd-2"},
			Error:    true,
		},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("traces (-want +got):\n%s", diff)
	}
	if end := got[0].Spans[0].End(); !end.Equal(time.UnixMicro(1700000000006000)) {
		t.Errorf("the first span ends %s", end)
	}
}

func TestError(t *testing.T) {
	for tags, want := range map[string]bool{
		`[]`: false,
		`[{"key":"error","type":"bool","value":true}]`:                 true,
		`[{"key":"error","type":"string","value":"true"}]`:             true,
		`[{"key":"error","type":"bool","value":false}]`:                false,
		`[{"key":"otel.status_code","type":"string","value":"ERROR"}]`: true,
		`[{"key":"otel.status_code","type":"string","value":"OK"}]`:    false,
	} {
		client, _ := answering(t, http.StatusOK, `{"data":[{"traceID":"1","spans":[{"spanID":"2","tags":`+tags+`}]}]}`)
		traces, err := client.Traces(t.Context(), jaeger.Query{Service: "etcd"})
		if err != nil {
			t.Fatal(err)
		}
		if got := traces[0].Spans[0].Error; got != want {
			t.Errorf("Error of a span with tags %s is %t", tags, got)
		}
	}
}

// TestTracesOrder is of Jaeger's memory, which gives traces in any order.
func TestTracesOrder(t *testing.T) {
	client, _ := answering(t, http.StatusOK, `{"data":[
	 {"traceID":"c","spans":[{"spanID":"1","startTime":30},{"spanID":"2","startTime":20}]},
	 {"traceID":"b","spans":[{"spanID":"1","startTime":20}]},
	 {"traceID":"a","spans":[{"spanID":"1","startTime":25}]}],"errors":[]}`)
	traces, err := client.Traces(t.Context(), jaeger.Query{Service: "etcd"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, trace := range traces {
		got = append(got, trace.ID)
	}
	if diff := cmp.Diff([]string{"b", "c", "a"}, got); diff != "" {
		t.Errorf("traces (-want +got):\n%s", diff)
	}
}

func TestRefused(t *testing.T) {
	const path = "/api/traces?limit=5&service=no+such"
	page := "<!doctype html>" + strings.Repeat("x", 500)
	for name, c := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"said":         {400, `{"data":null,"total":0,"limit":0,"offset":0,"errors":[{"code":400,"msg":"parameter 'service' is required"}]}` + "\n", []string{"400 Bad Request", "parameter 'service' is required"}},
		"said twice":   {500, `{"data":null,"errors":[{"code":500,"msg":"one"},{"code":500,"msg":"two"}]}`, []string{"500 Internal Server Error", "one", "two"}},
		"half":         {200, `{"data":[{"traceID":"a","spans":[]}],"errors":[{"msg":"is broken","traceID":"a"}]}`, []string{"200 OK", "trace a: is broken"}},
		"unsaid":       {503, `{}`, []string{"503 Service Unavailable", "{}"}},
		"no JSON":      {200, page, []string{"200 OK", page[:200]}},
		"no JSON, 502": {502, "upstream is away", []string{"502 Bad Gateway", "upstream is away"}},
		"half of JSON": {200, `{"data":[{"traceID"`, []string{"unexpected end", `{\"data\":[{\"traceID\"`}},
		"other JSON":   {200, `{"data":{"a":1}}`, []string{"cannot unmarshal object", `{\"data\":{\"a\":1}}`}},
		"empty":        {200, ``, []string{"unexpected end"}},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := answering(t, c.status, c.body)
			traces, err := client.Traces(t.Context(), jaeger.Query{Service: "no such", Limit: 5})
			if err == nil {
				t.Fatalf("no error, but %v", traces)
			}
			for _, want := range append(c.want, "GET "+path) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), page[:201]) {
				t.Errorf("the error shows more than 200 bytes:\n%v", err)
			}
		})
	}
}

// roundTripper is an HTTP client's connection.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// endless is a body that never ends.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.read += len(p)
	return len(p), nil
}

func TestBodyIsBounded(t *testing.T) {
	body := &endless{}
	client := jaeger.Client{URL: "http://jaeger.invalid", HTTP: &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{Status: "200 OK", StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
	})}}
	_, err := client.Services(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GET /api/services") || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("the error is %v", err)
	}
	if body.read > 65<<20 {
		t.Errorf("%d bytes were read", body.read)
	}
}

func TestUnreachable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := jaeger.Client{URL: server.URL}.Services(t.Context())
	if err == nil || !strings.Contains(err.Error(), server.URL+"/api/services") {
		t.Errorf("the error of a closed port is %v", err)
	}

	if _, err := (jaeger.Client{URL: "http://a b"}).Services(t.Context()); err == nil {
		t.Error("no error for what is no URL")
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client, _ := answering(t, http.StatusOK, `{"data":[]}`)
	if _, err := client.Services(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("the error of a request that nobody wants any more is %v", err)
	}
}
