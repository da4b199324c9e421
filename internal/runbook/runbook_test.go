package runbook_test

import (
	"testing"

	"kubetrace/internal/runbook"
)

func TestWords(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{runbook.Enumerate(nil), ""},
		{runbook.Enumerate([]string{"a"}), "a"},
		{runbook.Enumerate([]string{"a", "b", "c"}), "a, b and c"},
		{runbook.Plural("the node", []string{"a"}), "the node a"},
		{runbook.Plural("the node", []string{"a", "b"}), "the nodes a and b"},
		{runbook.ShellWord("/srv/out-1"), "/srv/out-1"},
		{runbook.ShellWord(""), "''"},
		{runbook.ShellWord("a b"), "'a b'"},
		{runbook.ShellWord("it's"), `'it'\''s'`},
		{runbook.ShellWord("~"), "'~'"},
	} {
		if test.got != test.want {
			t.Errorf("got %q, want %q", test.got, test.want)
		}
	}
}
