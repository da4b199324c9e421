package yamledit

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type step struct {
	do    string // put, append or remove
	value string
	path  []any
}

func put(value string, path ...any) step      { return step{"put", value, path} }
func appendTo(value string, path ...any) step { return step{"append", value, path} }
func remove(path ...any) step                 { return step{"remove", "", path} }

func (s step) on(t *Text, document int) error {
	switch s.do {
	case "put":
		return t.put(document, s.value, s.path...)
	case "append":
		return t.appendItem(document, s.value, s.path...)
	}
	return t.remove(document, s.path)
}

// edits are what people write, and what an edit makes of it.
var edits = []struct {
	name, text string
	steps      []step
	want       string
}{
	{"a key at the end", "a: 1\n", []step{put("2", "b")}, "a: 1\nb: 2\n"},
	{"a last line without an end", "a: 1", []step{put("2", "b")}, "a: 1\nb: 2"},
	{"a comment behind the value", "a: 1 # one\n# the end\n", []step{put("2", "b")}, "a: 1 # one\nb: 2\n# the end\n"},
	{"Windows", "a: 1\r\nb:\r\n  c: 2\r\n", []step{put("3", "b", "d"), put("{e: 1}", "x")}, "a: 1\r\nb:\r\n  c: 2\r\n  d: 3\r\nx: {e: 1}\r\n"},
	{"another value", "a: 1 # one\nb: 2\n", []step{put("7", "a")}, "a: 7 # one\nb: 2\n"},
	{"another value in quotes", "a: 'it''s' # one\n", []step{put(`"b"`, "a")}, "a: \"b\" # one\n"},
	{"a value in double quotes", `a: "x \" # y" # z` + "\n", []step{put("1", "a")}, "a: 1 # z\n"},
	{"of several lines", "a: one\n  two\n  three\nb: 2\n", []step{put("1", "a")}, "a: 1\nb: 2\n"},
	{"nested", "a:\n    b:\n        c: 1\nd: 2\n", []step{put("x", "a", "b", "e"), put("y", "a", "f", "g")}, "a:\n    b:\n        c: 1\n        e: x\n    f:\n      g: y\nd: 2\n"},
	{"nothing there", "a:\nb: 2\n", []step{put("x", "a", "c")}, "a:\n  c: x\nb: 2\n"},
	{"nothing there, with a comment", "a: # later\nb: 2\n", []step{put("x", "a", "c")}, "a: # later\n  c: x\nb: 2\n"},
	{"an empty mapping", "a: {} # later\n", []step{put("x", "a", "c")}, "a: # later\n  c: x\n"},
	{"null", "a: ~\n", []step{put("x", "a", "c")}, "a:\n  c: x\n"},
	{"brackets", "a: {b: 1, c: [1, 2]}\n", []step{put("x", "a", "d"), appendTo("3", "a", "c"), put("{f: g}", "a", "e")}, "a: {b: 1, c: [1, 2, 3], \"d\": \"x\", \"e\": {\"f\":\"g\"}}\n"},
	{"JSON", "{\n  \"a\": {\n    \"b\": \"c\"\n  }\n}\n", []step{put("x", "a", "d"), put("v", "e")}, "{\n  \"a\": {\n    \"b\": \"c\",\n    \"d\": \"x\"\n  },\n  \"e\": \"v\"\n}\n"},
	{"a list", "a:\n- 1\n- 2 # two\nb: 3\n", []step{appendTo("3", "a")}, "a:\n- 1\n- 2 # two\n- 3\nb: 3\n"},
	{"a list of mappings", "a:\n  - name: x\n    value: 1\n\nb: 3\n", []step{appendTo("name: y\nvalue: 2", "a"), put("7", "a", 0, "value")}, "a:\n  - name: x\n    value: 7\n  - name: y\n    value: 2\n\nb: 3\n"},
	{"a list that is not there", "a: 1\n", []step{appendTo("name: y\nvalue: 2", "b", "c")}, "a: 1\nb:\n  c:\n    - name: y\n      value: 2\n"},
	{"an empty list", "a: []\n", []step{appendTo("x", "a")}, "a:\n  - x\n"},
	{"a text in lines", "a: |\n  one\n  two\n\nb: 1\n", []step{put("x", "c")}, "a: |\n  one\n  two\n\nb: 1\nc: x\n"},
	{"a text in lines at the end", "b: 1\na: >-\n  one\n  two\n", []step{put("x", "c")}, "b: 1\na: >-\n  one\n  two\nc: x\n"},
	{"documents", "a: 1\n---\n# two\nb: 2\n---\nc: 3\n", nil, "a: 1\n---\n# two\nb: 2\n---\nc: 3\n"},
	{"an anchor elsewhere", "x: &x {a: 1}\ny: *x\nz:\n  b: 1\n", []step{put("2", "z", "c")}, "x: &x {a: 1}\ny: *x\nz:\n  b: 1\n  c: 2\n"},
	{"a key in quotes", "\"a b\": 1\n'c': {d: e}\n", []step{put("2", "a b"), put("f", "c", "d")}, "\"a b\": 2\n'c': {d: \"f\"}\n"},
	{"letters that take several bytes", "ä: ö # ü\nb: ß\n", []step{put("x", "ä"), put("y", "b")}, "ä: x # ü\nb: y\n"},
	{"remove a key", "a: 1\nb: 2 # two\nc: 3\n", []step{remove("b")}, "a: 1\nc: 3\n"},
	{"remove the last key", "a: 1\nb: 2", []step{remove("b")}, "a: 1"},
	{"remove a mapping", "a:\n  b:\n    c: 1\nd: 2\n", []step{remove("a")}, "d: 2\n"},
	{"remove the first key of an item", "a:\n- b: 1\n  c: 2\n", []step{remove("a", 0, "b")}, "a:\n- c: 2\n"},
	{"remove an item", "a:\n- b: 1\n  c: 2\n- d: 1\n", []step{remove("a", 0)}, "a:\n- d: 1\n"},
	{"remove the last item", "a:\n- b: 1\n- d: 1\ne: 1\n", []step{remove("a", 1)}, "a:\n- b: 1\ne: 1\n"},
	{"remove from brackets", "a: {b: 1, c: 2, d: 3}\n", []step{remove("a", "d"), remove("a", "b")}, "a: {c: 2}\n"},
	{"remove what is not there", "a: 1\n", []step{remove("b", "c"), remove("x")}, "a: 1\n"},
	{"a marker at the end", "a: 1\n...\n", []step{put("2", "b")}, "a: 1\nb: 2\n...\n"},
	{"a byte order mark", "\ufeffa: 1\nb: 2\n", []step{put("2", "a")}, "\ufeffa: 2\nb: 2\n"},
}

func TestEdits(t *testing.T) {
	for _, test := range edits {
		t.Run(test.name, func(t *testing.T) {
			text, err := Parse([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range test.steps {
				if err := step.on(text, 0); err != nil {
					t.Fatalf("%v: %v", step, err)
				}
			}
			if diff := cmp.Diff(test.want, string(text.Bytes())); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			checkEdits(t, text)
		})
	}
}

// checkEdits says that the edits make the text of the original, and back.
func checkEdits(t *testing.T, text *Text) {
	t.Helper()
	now, before := string(text.Bytes()), string(text.original)
	forth, back, from, at := "", "", 0, 0
	for _, e := range text.Edits() {
		if before[e.From:e.To] != e.Old || now[e.At:e.At+len(e.New)] != e.New {
			t.Fatalf("%+v is not what is there", e)
		}
		forth += before[from:e.From] + e.New
		back += now[at:e.At] + e.Old
		from, at = e.To, e.At+len(e.New)
	}
	if forth+before[from:] != now || back+now[at:] != before {
		t.Fatalf("%+v do not lead from one to the other", text.Edits())
	}
}

func TestRefused(t *testing.T) {
	for _, test := range []struct {
		text string
		step step
		says string
	}{
		{"a: &a {b: 1}\nc: *a\n", put("2", "c", "d"), "line 2: what stands here is shared"},
		{"a: &a {b: 1}\nc: *a\n", put("2", "a", "d"), "line 1: what stands here is shared"},
		{"x: &x {b: 1}\na: {<<: *x}\n", put("2", "a", "b", "c"), "no mapping"},
		{"a: 1\n", put("2", "a", "b"), "no mapping"},
		{"a: {b: 1}\n", appendTo("2", "a"), "there is no list"},
		{"a:\n- 1\n", put("2", "a", 1), "no item 1"},
		{"? a\n: b\n", put("2", "c"), "cannot be edited in place"},
	} {
		text, err := Parse([]byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		err = test.step.on(text, 0)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q %v: got %v, want %q", test.text, test.step, err, test.says)
		}
		if got := string(text.Bytes()); got != test.text || len(text.Edits()) > 0 {
			t.Errorf("%q %v left %q", test.text, test.step, got)
		}
	}
}

func TestSyntaxErrors(t *testing.T) {
	for text, want := range map[string]string{
		"a: [\n":                        "line 1, column 4: ",
		"a: 1\nb: {c: 2}}\n":            "line 2, column 10: ",
		"a: 1\nb: c: d\n":               "line 2, column 5: ",
		"a: 1\n  ü: \t- 2\n":            "line 2, column ",
		"a: 'b\n":                       "line 1, column 4: ",
		"a: 1\n---\nb: 1\nc: 2\nb: 3\n": `line 5, column 1: the key "b" is written twice, first in line 3`,
		"a: *b\n":                       "line 1, column ",
		"\x01":                          "line 1, column 1: ",
	} {
		_, err := Parse([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestBecome(t *testing.T) {
	for _, test := range []struct{ name, text, wants, want string }{
		{"nothing", "a: 1 # one\n", "a: 1", "a: 1 # one\n"},
		{"an item before others", "a:\n  - x # x\n  - y\n", "a: [k, x, y]", "a:\n  - k\n  - x # x\n  - y\n"},
		{"an item of lines before others", "a:\n- |\n  x\n  y\n- z\n", "a: [\"n\\nm\\n\", \"x\\ny\\n\", z]", "a:\n- |\n  n\n  m\n- |\n  x\n  y\n- z\n"},
		{"an item between others", "a: [x, y]\n", "a: [x, m, y]", "a: [x, \"m\", y]\n"},
		{"fewer items", "a:\n- x\n- y # y\n- z\n", "a: [x, z]", "a:\n- x\n- z\n"},
		{"another item", "a:\n- x: 1\n  y: 2 # y\n- z\n", "a: [{x: 1, y: 3}, z]", "a:\n- x: 1\n  y: 3 # y\n- z\n"},
		{"new keys", "b: 1\n", "{b: 1, a: {c: [{d: 1, e: f}]}}", "b: 1\na:\n  c:\n    - d: 1\n      e: f\n"},
		{"a list that goes", "a:\n- 1\n- 2\nb: 1\n", "{a: [], b: 1}", "a: []\nb: 1\n"},
		{"a text in lines", "a:\n  b:\n  - |\n    x\n    y\n", "a: {b: [\"x\\nz\\n\"]}", "a:\n  b:\n  - |\n    x\n    z\n"},
		{"a text with empty lines at its end", "a:\n- |\n  x\n- z\n", "a: [\"y\\n\\n\", z, \"v\\n\\n\"]", "a:\n- |+\n  y\n\n- z\n- |+\n  v\n\n"},
		{"keys that go", "a: 1\nb: {c: 1}\nd: 2\n", "{a: 1, d: 2}", "a: 1\nd: 2\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text, err := Parse([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			wants, err := read(test.wants)
			if err != nil {
				t.Fatal(err)
			}
			if err := text.Become(0, wants); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(text.Bytes())); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			checkEdits(t, text)
		})
	}
}

func TestAppendDocument(t *testing.T) {
	for before, want := range map[string]string{
		"a: 1\n":        "a: 1\n---\nb: 2\n",
		"a: 1":          "a: 1\n---\nb: 2\n",
		"a: 1\r\n":      "a: 1\r\n---\r\nb: 2\r\n",
		"a: 1\n---\n":   "a: 1\n---\n---\nb: 2\n",
		"a: 1\n...\n":   "a: 1\n...\n---\nb: 2\n",
		"{\"a\": 1}\n":  "{\"a\": 1}\n---\nb: 2\n",
		"a: 1\n# end\n": "a: 1\n# end\n---\nb: 2\n",
	} {
		text, err := Parse([]byte(before))
		if err != nil {
			t.Fatal(err)
		}
		if err := text.AppendDocument("b: 2\n"); err != nil {
			t.Errorf("%q: %v", before, err)
		}
		if got := string(text.Bytes()); got != want {
			t.Errorf("%q: got %q, want %q", before, got, want)
		}
		checkEdits(t, text)
	}
}

// FuzzEdits says that an edit does what it says and nothing else, or is refused.
func FuzzEdits(f *testing.F) {
	for _, test := range edits {
		f.Add(test.text, "a", "b")
	}
	f.Fuzz(func(t *testing.T, in, first, second string) {
		text, err := Parse([]byte(in))
		if err != nil || text.Len() == 0 {
			return
		}
		before, err := text.values()
		if err != nil {
			return
		}
		for _, step := range []step{put("new", first, second), appendTo("x: 1", first), remove(first, second), remove(first)} {
			was := string(text.Bytes())
			said, _ := text.values()
			if err := step.on(text, 0); err != nil {
				if string(text.Bytes()) != was {
					t.Fatalf("%v is refused (%v) and made %q of %q", step, err, text.Bytes(), was)
				}
				continue
			}
			after, err := text.values()
			if err != nil {
				t.Fatal(err)
			}
			if len(after) != len(before) {
				t.Fatalf("%v made %d documents of %d", step, len(after), len(before))
			}
			for i := 1; i < len(after); i++ {
				if !reflect.DeepEqual(after[i], said[i]) {
					t.Fatalf("%v changed document %d", step, i)
				}
			}
			checkEdits(t, text)
		}
	})
}

// TestWords has what YAML 1.1 reads as a truth value, and what it does not.
func TestWords(t *testing.T) {
	text, err := Parse([]byte("a: yes\nb: \"yes\"\nc: [off, yEs, true]\nd: &d {e: On}\nf: *d\nyes: !!str no\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, _ := text.Value(0)
	want := map[string]any{"a": Word("yes"), "b": "yes", "c": []any{Word("off"), "yEs", true}, "d": map[string]any{"e": Word("On")}, "f": map[string]any{"e": Word("On")}, "yes": "no"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want["g"], want["b"] = []any{Word("n")}, Word("no")
	if err := text.Become(0, want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("a: yes\nb: no\nc: [off, yEs, true]\nd: &d {e: On}\nf: *d\nyes: !!str no\ng:\n  - n\n", string(text.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
