package news

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	const proxy = "https://proxy.golang.org"
	for name, test := range map[string]struct {
		toolchain, proxies string
		callers, added     []string
	}{
		"not set":         {"go1.27.3", proxy, nil, []string{"GOWORK=off", "GOTOOLCHAIN=go1.27.3"}},
		"no name of a Go": {"go1.27.3", proxy, []string{"GOTOOLCHAIN=local"}, []string{"GOWORK=off", "GOTOOLCHAIN=go1.27.3"}},
		"older":           {"go1.27.3", proxy, []string{"GOTOOLCHAIN=go1.27.2+auto"}, []string{"GOWORK=off", "GOTOOLCHAIN=go1.27.3"}},
		"the same":        {"go1.27.3", proxy, []string{"GOTOOLCHAIN=go1.27.3"}, []string{"GOWORK=off"}},
		"newer":           {"go1.27.3", proxy, []string{"A=b", "GOTOOLCHAIN=go1.28.0"}, []string{"GOWORK=off"}},
		"newer or path":   {"go1.27.3", proxy, []string{"GOTOOLCHAIN=go1.28rc1+path"}, []string{"GOWORK=off"}},
		"the last one":    {"go1.27.3", proxy, []string{"GOTOOLCHAIN=go1.28.0", "GOTOOLCHAIN=go1.27.0"}, []string{"GOWORK=off", "GOTOOLCHAIN=go1.27.3"}},
		"newer runs":      {"go1.26.1", proxy, []string{"GOTOOLCHAIN=auto"}, []string{"GOWORK=off"}},
		"none is needed":  {"", proxy, nil, []string{"GOWORK=off"}},
		"no repository":   {"", proxy + ",https://other|direct", nil, []string{"GOWORK=off", "GOPROXY=" + proxy + ",https://other"}},
		"no proxy":        {"", "direct", nil, []string{"GOWORK=off"}},
	} {
		got := Served{Toolchain: test.toolchain}.environment(test.callers, "go1.26.8", test.proxies)
		if diff := cmp.Diff(append(test.callers, test.added...), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestServed asks a proxy that has a module, only lists another, and refuses each other in
// its own way.
func TestServed(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/example.com/served/@v/list", "/example.com/partly/@v/list":
			_, _ = w.Write([]byte("v1.1.0\nv1.0.0\n"))
		case "/example.com/served/@v/v1.1.0.info":
			_, _ = w.Write([]byte(`{"Version": "v1.1.0"}`))
		case "/example.com/served/@v/v1.1.0.mod":
			_, _ = w.Write([]byte("module example.com/served\n\nretract v1.0.0\n"))
		case "/example.com/forbidden/@v/list":
			w.WriteHeader(http.StatusForbidden)
		case "/example.com/gone/@v/list":
			w.WriteHeader(http.StatusGone)
		case "/example.com/broken/@v/list":
			w.WriteHeader(http.StatusInternalServerError)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Setenv("GOPROXY", proxy.URL+",direct")
	t.Setenv("GOPRIVATE", "")
	t.Setenv("GOMODCACHE", t.TempDir())
	t.Setenv("GONOSUMDB", "example.com")
	for module, want := range map[string][]string{"served": {"v1.1.0"}, "partly": {"v1.0.0", "v1.1.0"}, "forbidden": nil, "missing": nil, "gone": nil} {
		got, err := Served{}.Versions(t.Context(), "example.com/"+module)
		if err != nil {
			t.Errorf("%s: %v", module, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", module, diff)
		}
	}
	if _, err := (Served{}).Dir(t.Context(), "example.com/missing", "v1.0.0"); !errors.Is(err, ErrNotServed) {
		t.Errorf("the source of what is not served: %v", err)
	}
	if _, err := (Served{}).Versions(t.Context(), "example.com/broken"); !errors.Is(err, ErrUnanswered) {
		t.Errorf("a proxy that fails: %v", err)
	}
	proxy.Close()
	if _, err := (Served{}).Versions(t.Context(), "example.com/served"); !errors.Is(err, ErrUnanswered) {
		t.Errorf("a proxy that is not there: %v", err)
	}
}
