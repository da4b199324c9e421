package yamldoc_test

import (
	"testing"

	"kubetrace/internal/yamldoc"
)

func TestOnly(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"# nothing\n---\n":             "",
		"a: 1":                         "a: 1",
		"---\na: 1\n---\n# b\n":        "\na: 1\n",
		"%YAML 1.1\n---\na: 1":         "\n\na: 1",
		"--- {a: 1}":                   "{a: 1}",
		"a: |\n  x\n  ---\n  y\n...\n": "a: |\n  x\n  ---\n  y\n",
	} {
		got, err := yamldoc.Only([]byte(text))
		if string(got) != want || err != nil {
			t.Errorf("%q: got %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"a: 1\n---\nb: 2", "--- {a: 1}\n--- {b: 2}", "a: 1\n...\nb: 2"} {
		if got, err := yamldoc.Only([]byte(text)); err == nil {
			t.Errorf("%q: got %q, want an error", text, got)
		}
	}
}
