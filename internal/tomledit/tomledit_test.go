package tomledit

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	endpoint = Value{[]string{"plugins", "io.a.otlp", "endpoint"}, "127.0.0.1:4317"}
	insecure = Value{[]string{"plugins", "io.a.otlp", "insecure"}, true}
	ratio    = Value{[]string{"plugins", "io.a.tracing", "ratio"}, 0.0}
	version  = Value{[]string{"version"}, int64(2)}
	ours     = []Value{endpoint, insecure, ratio}
)

func paths(values []Value) (all [][]string) {
	for _, v := range values {
		all = append(all, v.Path)
	}
	return all
}

const tables = "[plugins.\"io.a.otlp\"]\n  endpoint = \"127.0.0.1:4317\"\n  insecure = true\n\n[plugins.\"io.a.tracing\"]\n  ratio = 0.0\n"

func TestSet(t *testing.T) {
	for _, test := range []struct {
		name, text string
		set        []Value
		want       string
	}{
		{"an empty file", "", append([]Value{version}, ours...), "version = 2\n\n" + tables},
		{"behind what is there", "version = 2 # two\n\n[grpc]\n  uid = 0", ours, "version = 2 # two\n\n[grpc]\n  uid = 0\n\n" + tables},
		{"it is there", tables, ours, tables},
		{"another value, and a comment",
			"# mine\n[plugins.'io.a.otlp'] # kept\n\tendpoint = 'x:1' # why\n\t# last\n[plugins.\"io.a.tracing\"]\n",
			ours,
			"# mine\n[plugins.'io.a.otlp'] # kept\n\tendpoint = \"127.0.0.1:4317\" # why\n\tinsecure = true\n\t# last\n[plugins.\"io.a.tracing\"]\n  ratio = 0.0\n"},
		{"indented as containerd prints it",
			"[plugins]\n\n  [plugins.\"io.a.otlp\"]\n    endpoint = \"\"\n\n  [plugins.\"io.b\"]\n    x = 1\n",
			ours,
			"[plugins]\n\n  [plugins.\"io.a.otlp\"]\n    endpoint = \"127.0.0.1:4317\"\n    insecure = true\n\n  [plugins.\"io.b\"]\n    x = 1\n\n[plugins.\"io.a.tracing\"]\n  ratio = 0.0\n"},
		{"keys with dots", "[plugins]\n'io.a.otlp'.endpoint = \"x\"\n", []Value{endpoint, insecure}, "[plugins]\n'io.a.otlp'.endpoint = \"127.0.0.1:4317\"\n'io.a.otlp'.insecure = true\n"},
		{"a multi-line value before it", "[a]\nb = [\n  1, # one\n  2,\n]\n[plugins.\"io.a.otlp\"]\nendpoint = \"\"\"\nx\"\"\"\n", []Value{endpoint}, "[a]\nb = [\n  1, # one\n  2,\n]\n[plugins.\"io.a.otlp\"]\nendpoint = \"127.0.0.1:4317\"\n"},
		{"line ends of Windows", "[plugins.\"io.a.otlp\"]\r\nendpoint = 'x'\r\n", ours,
			"[plugins.\"io.a.otlp\"]\r\nendpoint = \"127.0.0.1:4317\"\r\ninsecure = true\r\n\r\n[plugins.\"io.a.tracing\"]\r\n  ratio = 0.0\r\n"},
		{"a table below it alone", "[plugins.\"io.a.otlp\".more]\nx = 1\n", []Value{endpoint}, "[plugins.\"io.a.otlp\".more]\nx = 1\n\n[plugins.\"io.a.otlp\"]\n  endpoint = \"127.0.0.1:4317\"\n"},
		{"a list of tables", "[[x.plugins]]\n[x.plugins.a]\nb = 1\n[plugins.\"io.a.otlp\"]\n", []Value{endpoint}, "[[x.plugins]]\n[x.plugins.a]\nb = 1\n[plugins.\"io.a.otlp\"]\n  endpoint = \"127.0.0.1:4317\"\n"},
		{"a key before all tables", "[a]\nb = 1\n", []Value{{[]string{"a", "c"}, int64(3)}}, "[a]\nb = 1\nc = 3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := Parse([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			got, edits, err := parsed.Change(test.set, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if back := undo(string(got), edits); back != test.text {
				t.Errorf("undone it is %q, and was %q", back, test.text)
			}
			// Once more changes nothing.
			again, err := Parse(got)
			if err != nil {
				t.Fatal(err)
			}
			if twice, more, err := again.Change(test.set, nil); err != nil || string(twice) != string(got) || len(more) > 0 {
				t.Errorf("a second time: %q, %v, %v", twice, more, err)
			}
		})
	}
}

// undo puts back what edits have replaced.
func undo(now string, edits []Edit) string {
	for i := len(edits) - 1; i >= 0; i-- {
		e := edits[i]
		now = now[:e.At] + e.Old + now[e.At+len(e.New):]
	}
	return now
}

func TestRemove(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"all that we write", "version = 2\n\n" + tables, "version = 2\n"},
		{"with others' keys", "[plugins.\"io.a.otlp\"]\n  endpoint = \"x\" # ours\n  headers = \"a\"\n[grpc]\n", "[plugins.\"io.a.otlp\"]\n  # ours\n  headers = \"a\"\n[grpc]\n"},
		{"a comment stays", "[plugins.\"io.a.otlp\"]\n  # why\n  endpoint = \"x\"\n[grpc]\nuid = 0\n", "[plugins.\"io.a.otlp\"]\n  # why\n[grpc]\nuid = 0\n"},
		{"nothing there", "[grpc]\nuid = 0\n", "[grpc]\nuid = 0\n"},
		{"an empty table of somebody", "[plugins.\"io.a.otlp\"]\n\n[plugins.\"io.a.tracing\"]\nratio = 1\n", "[plugins.\"io.a.otlp\"]\n"},
		{"the last line without an end", "a = 1\n\n[plugins.\"io.a.tracing\"]\nratio = 1", "a = 1\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := Parse([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			got, edits, err := parsed.Change(nil, paths(ours))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if back := undo(string(got), edits); back != test.text {
				t.Errorf("undone it is %q, and was %q", back, test.text)
			}
		})
	}
}

// What cannot be edited in place says what to write.
func TestPlaceError(t *testing.T) {
	for _, text := range []string{
		"plugins = {}\n",
		"x = 1\nplugins.\"io.a.otlp\" = { endpoint = \"x\" }\n",
		"[plugins]\n\"io.a.otlp\" = { endpoint = \"x\", protocol = \"grpc\" }\n",
	} {
		parsed, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = parsed.Change(ours, nil)
		var place *PlaceError
		if !errors.As(err, &place) || !strings.Contains(place.Message, `plugins."io.a.otlp".endpoint = "127.0.0.1:4317"`) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A list is written anew, unless that loses a comment.
func TestList(t *testing.T) {
	for text, want := range map[string]string{
		"a = [\"b\",\n  \"c\"] # ours\n":   "a = [\"b\", \"d\"] # ours\n",
		"a = [\"b\", # pinned\n  \"c\"]\n": "",
	} {
		parsed, err := Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := parsed.Change([]Value{{Path: []string{"a"}, Value: []any{"b", "d"}}}, nil)
		var place *PlaceError
		if string(got) != want || errors.As(err, &place) != (want == "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestSyntaxError(t *testing.T) {
	for text, line := range map[string]int{"a = 1\nb =\n": 2, "a = 1\na = 2\n": 2, "version: 2\n": 1} {
		_, err := Parse([]byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Line != line || syntax.Message == "" {
			t.Errorf("%q: %v, want line %d", text, err, line)
		}
	}
}

func TestLine(t *testing.T) {
	parsed, err := Parse([]byte("# c\nversion = 2\n[plugins.\"io.a.otlp\"]\n\nendpoint = 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path []string
		want int
	}{"a key": {endpoint.Path, 5}, "its table": {insecure.Path, 3}, "a key of the file": {version.Path, 2}, "nothing": {ratio.Path, 1}} {
		if got := parsed.Line(test.path...); got != test.want {
			t.Errorf("%s: line %d, want %d", name, got, test.want)
		}
	}
}

func FuzzChange(f *testing.F) {
	for _, text := range []string{"", tables, "version = 2\r\n", "[plugins]\n'io.a.otlp'.endpoint = 'x'\n", "[[plugins]]\n", "a = [\n1,\n]\n[b]\nc.d = {e = 1}\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := Parse([]byte(text))
		if err != nil {
			return
		}
		got, edits, err := parsed.Change(ours, nil)
		if err != nil {
			return
		}
		if back := undo(string(got), edits); back != text {
			t.Errorf("undone it is %q, and was %q", back, text)
		}
		again, err := Parse(got)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		if _, _, err := again.Change(nil, paths(ours)); err != nil {
			t.Errorf("%q cannot be taken out of: %v", got, err)
		}
	})
}
