package latency

import (
	"encoding/hex"
	"strings"
	"testing"
)

// TestOrigin says that a span tells where its request came from.
func TestOrigin(t *testing.T) {
	for _, want := range []origin{nobody, 1, 2, 255} {
		c := newCall(want)
		fields := strings.Split(c.parent, "-")
		if len(fields) != 4 || fields[0] != "00" || len(fields[2]) != 16 || fields[3] != "01" {
			t.Fatalf("traceparent %q", c.parent)
		}
		var trace [16]byte
		if n, err := hex.Decode(trace[:], []byte(fields[1])); err != nil || n != 16 {
			t.Fatalf("traceparent %q: %v", c.parent, err)
		}
		if got, ours := readOrigin(trace); !ours || got != want {
			t.Errorf("trace ID %x: %d, %v, want %d", trace, got, ours, want)
		}
		if got, ours := readAgent(c.agent); !ours || got != want {
			t.Errorf("User-Agent %q: %d, %v, want %d", c.agent, got, ours, want)
		}
	}
	if _, ours := readOrigin([16]byte{1}); ours {
		t.Error("somebody else's trace ID counts")
	}
	for _, agent := range []string{"", "kubectl", agentPrefix, agentPrefix + "256"} {
		if _, ours := readAgent(agent); ours {
			t.Errorf("somebody else's User-Agent %q counts", agent)
		}
	}
}
