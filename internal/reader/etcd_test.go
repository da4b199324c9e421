package reader_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/reader"
)

func TestEtcdConfigFile(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       map[string]any
		err        string
	}{
		{"both spellings", "name: a\nexperimental-enable-distributed-tracing: true\nenable-distributed-tracing: yes\ndistributed-tracing-address: a:1\n",
			map[string]any{"experimental-enable-distributed-tracing": true, "enable-distributed-tracing": true, "distributed-tracing-address": "a:1"}, ""},
		{"any case", "Enable-Distributed-Tracing: true\n", map[string]any{"enable-distributed-tracing": true}, ""},
		{"the last of several", "enable-distributed-tracing: true\nEnable-Distributed-Tracing: false\n", map[string]any{"enable-distributed-tracing": true}, ""},
		{"twice", "enable-distributed-tracing: true\nenable-distributed-tracing: false\n", map[string]any{"enable-distributed-tracing": false}, ""},
		{"JSON", `{"distributed-tracing-sampling-rate": 5}`, map[string]any{"distributed-tracing-sampling-rate": float64(5)}, ""},
		{"nothing", "# a\n", map[string]any{}, ""},
		{"a list", "- a\n", nil, "line 1: it is a list: write fields"},
		{"no YAML", "a: 1\nb: c: d\n", nil, "line 2: mapping values are not allowed in this context"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := reader.EtcdConfigFile([]byte(test.text))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
			if (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
				t.Errorf("got %v, want %s", err, test.err)
			}
		})
	}
}
