package yamledit

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// becomes is a text, what it is to say, and the text that it becomes.
type becomes struct{ name, text, wants, want string }

func (b becomes) check(t *testing.T) {
	t.Helper()
	text, err := Parse([]byte(b.text))
	if err != nil {
		t.Fatal(err)
	}
	wants, err := read(b.wants)
	if err != nil {
		t.Fatal(err)
	}
	if err := text.Become(0, wants); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.want, string(text.Bytes())); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
	checkEdits(t, text)
}

var sharedTexts = []becomes{
	{"wanted everywhere", "n: [&c {r: x}, *c, {r: y}]\n", "n: [{r: x, m: 1}, {r: x, m: 1}, {r: y}]",
		"n: [&c {r: x, \"m\": 1}, *c, {r: y}]\n"},
	{"wanted everywhere, in lines", "n:\n- &c\n  r: x # x\n- *c\n- *c\n", "n: [{r: x, m: {k: 1}}, {r: x, m: {k: 1}}, {r: x, m: {k: 1}}]",
		"n:\n- &c\n  r: x # x\n  m:\n    k: 1\n- *c\n- *c\n"},
	{"an alias that is to say something else", "n:\n- &c\n  r: x # x\n  l:\n  - 1\n- *c # c\n", "n: [{r: x, l: [1]}, {r: x, l: [1], m: 1}]",
		"n:\n- &c\n  r: x # x\n  l:\n  - 1\n- r: x # x\n  l:\n  - 1 # c\n  m: 1\n"},
	{"an anchor that is to say something else", "n:\n- &c {r: x}\n- *c\n", "n: [{r: x, m: 1}, {r: x}]",
		"n:\n- &c {r: x, \"m\": 1}\n- {r: x}\n"},
	{"the value of a key", "a: &a\n    b: 1 # b\n    # c\n    c: [1]\nd: *a # d\n", "{a: {b: 1, c: [1]}, d: {b: 1, c: [1], e: 2}}",
		"a: &a\n    b: 1 # b\n    # c\n    c: [1]\nd: # d\n  b: 1 # b\n  # c\n  c: [1]\n  e: 2\n"},
	{"a list behind a key", "a: &a\n- 1\n- 2\nd:\n  e: *a\n", "{a: [1, 2], d: {e: [1, 3]}}",
		"a: &a\n- 1\n- 2\nd:\n  e:\n    - 1\n    - 3\n"},
	{"in brackets", "a: &a\n  b: 1\nd: [*a]\n", "{a: {b: 1}, d: [{b: 2}]}", "a: &a\n  b: 1\nd: [{\"b\":2}]\n"},
	{"a text in lines", "a: &a |\n  x\n  y\nb: *a\n", "{a: \"x\\ny\\n\", b: \"x\\nz\\n\"}", "a: &a |\n  x\n  y\nb: |\n  x\n  z\n"},
	{"a text, everywhere", "a: &a x # x\nb: *a\n", "{a: v, b: v}", "a: &a v # x\nb: *a\n"},
	{"an anchor that goes", "a: &a {b: 1}\nc: *a\n", "c: {b: 1}", "c: {b: 1}\n"},
	{"an alias that goes", "a: &a {b: 1}\nc: *a\n", "a: {b: 1}", "a: &a {b: 1}\n"},
	{"an anchor that becomes a text", "a: &a {b: 1}\nc: *a\n", "{a: x, c: {b: 1}}", "a: x\nc: {b: 1}\n"},
	{"an anchor within another, everywhere", "a: &a {b: &b {c: 1}}\nd: *a\ne: *b\n", "{a: {b: {c: 2}}, d: {b: {c: 2}}, e: {c: 2}}",
		"a: &a {b: &b {c: 2}}\nd: *a\ne: *b\n"},
	{"an anchor within another", "a: &a {b: &b {c: 1}}\nd: *a\ne: *b\n", "{a: {b: {c: 1}}, d: {b: {c: 2}}, e: {c: 1}}",
		"a: &a {b: &b {c: 1}}\nd: {b: {c: 2}}\ne: *b\n"},
	{"an alias within an anchor", "a: &a {c: 1}\nd: &d {e: *a}\nf: *d\n", "{a: {c: 1}, d: {e: {c: 1}}, f: {e: {c: 2}}}",
		"a: &a {c: 1}\nd: &d {e: *a}\nf: {e: {c: 2}}\n"},
	{"merged, everywhere", "a: &a\n  b: 1\nd:\n  <<: *a\n  e: 1\n", "{a: {b: 2, c: 3}, d: {b: 2, c: 3, e: 1}}",
		"a: &a\n  b: 2\n  c: 3\nd:\n  <<: *a\n  e: 1\n"},
	{"merged, and more beside it", "a: &a\n  b: 1\nd:\n  <<: *a\n", "{a: {b: 1}, d: {b: 1, e: 1}}",
		"a: &a\n  b: 1\nd:\n  <<: *a\n  e: 1\n"},
	{"merged, something else", "a: &a\n  b: 1\n  c: 2\nd:\n  <<: *a # a\n  c: 4\n", "{a: {b: 1, c: 2}, d: {b: 2, c: 4}}",
		"a: &a\n  b: 1\n  c: 2\nd:\n  b: 2 # a\n  c: 4\n"},
	{"merged in brackets", "a: &a {b: 1}\nd: {<<: *a, c: 4}\n", "{a: {b: 1}, d: {b: 2, c: 4}}",
		"a: &a {b: 1}\nd: {\"b\":2, c: 4}\n"},
	{"several merged", "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nd:\n  <<: [*a, *b]\n", "{a: {x: 1}, b: {x: 2, y: 3}, d: {x: 1, y: 3}}",
		"a: &a {x: 1}\nb: &b {x: 2, y: 3}\nd:\n  <<: [*a, *b]\n"},
	{"a key that hides a merged one goes", "a: &a {x: 1}\nd:\n  <<: *a\n  x: 2\n  y: 1\n", "{a: {x: 1}, d: {y: 1}}",
		"a: &a {x: 1}\nd:\n  y: 1\n"},
	{"Windows", "n:\r\n- &c\r\n  r: x\r\n- *c\r\n", "n: [{r: x}, {r: x, m: 1}]", "n:\r\n- &c\r\n  r: x\r\n- r: x\r\n  m: 1\r\n"},
	{"without a last line break", "n:\n- &c\n  r: x\n- *c", "n: [{r: x}, {r: x, m: 1}]", "n:\n- &c\n  r: x\n- r: x\n  m: 1"},
}

// TestShared edits what is used in several places.
func TestShared(t *testing.T) {
	for _, test := range sharedTexts {
		t.Run(test.name, test.check)
	}
}

// unendedTexts have no line break at their end.
var unendedTexts = []becomes{
	{"a value", "a: 1", "{a: 1, b: 2}", "a: 1\nb: 2"},
	{"a key without a value behind others", "b: 1\n? a", "{a: null, b: 2}", "b: 2\n? a"},
	{"a text in lines comes", "a:\n- b", "{a: [b], c: \"x\\ny\\n\"}", "a:\n- b\nc: |\n  x\n  y\n"},
	{"texts in lines come", "a:\n- b", "{a: [b], c: [\"x\\ny\\n\", \"v\\nw\\n\"]}", "a:\n- b\nc:\n  - |\n    x\n    y\n  - |\n    v\n    w\n"},
	{"a text in lines is there", "b: 1\na: |\n  x\n  y", "{a: \"x\\ny\", b: 1, c: 1}", "b: 1\na: |-\n  x\n  y\nc: 1"},
	{"a text in lines is there and one comes", "a: |\n  x", "{a: x, c: \"x\\ny\\n\"}", "a: |-\n  x\nc: |\n  x\n  y\n"},
	{"with a comment and an indent", "a: |2+ # x\n   x", "{a: ' x', c: 1}", "a: |2- # x\n   x\nc: 1"},
	{"folded", "a:\n- >\n  x\n  y", "{a: [x y], c: 1}", "a:\n- >-\n  x\n  y\nc: 1"},
	{"another text in lines", "a: |\n  x\n  y", "a: \"x\\ny\\nz\\n\"", "a: |\n  x\n  y\n  z\n"},
	{"before it", "b:\n  c: 1\na: |\n  x", "{b: {c: 2}, a: x}", "b:\n  c: 2\na: |\n  x"},
	{"Windows", "a: |\r\n  x", "{a: x, c: 1}", "a: |-\r\n  x\r\nc: 1"},
	{"a byte order mark", "\ufeffa: |\n  x", "{a: x, c: 1}", "\ufeffa: |-\n  x\nc: 1"},
	{"a byte order mark and Windows", "\ufeffa:\r\n- b", "{a: [b], c: \"x\\ny\\n\"}", "\ufeffa:\r\n- b\r\nc: |\r\n  x\r\n  y\r\n"},
	{"a comment", "a: 1\n# x", "{a: 1, b: 2}", "a: 1\nb: 2\n# x"},
	{"what was last goes", "a: 1\nb:\n- |\n  x", "a: 1", "a: 1"},
}

func TestNoLastLineBreak(t *testing.T) {
	for _, test := range unendedTexts {
		t.Run(test.name, test.check)
	}
}

// TestParseLines edits a text that is read line by line: its last line has an end,
// and gets it when something is edited.
func TestParseLines(t *testing.T) {
	for _, test := range []struct{ text, wants, want string }{
		{"a: |\n  x", "a: \"x\\n\"", "a: |\n  x"},
		{"a: |\n  x", "{a: \"x\\n\", b: 1}", "a: |\n  x\nb: 1\n"},
		{"a: |\n  x\n", "{a: \"x\\n\", b: 1}", "a: |\n  x\nb: 1\n"},
		{"a: 1\r\nb: 2", "{a: 3, b: 2}", "a: 3\r\nb: 2\r\n"},
		{"", "", ""},
	} {
		text, err := ParseLines([]byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		if test.wants != "" {
			wants, err := read(test.wants)
			if err != nil {
				t.Fatal(err)
			}
			if err := text.Become(0, wants); err != nil {
				t.Errorf("%q: %v", test.text, err)
			}
		}
		if got := string(text.Bytes()); got != test.want || (len(text.Edits()) == 0) != (test.want == test.text) {
			t.Errorf("%q: got %q with %+v, want %q", test.text, got, text.Edits(), test.want)
		}
		if string(text.original) != test.text {
			t.Errorf("the original of %q is %q", test.text, text.original)
		}
		checkEdits(t, text)
	}
}

// TestTemplates names the template that keeps a text from being YAML.
func TestTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\n{% if x %}\nb: 2\n{% endif %}\n":          "line 2, column 1: {% if x %} is no YAML but a template: render the template first",
		"a:\n  {%- for y in z %}\n  - {{ y }}\n":         "line 2, column 3: {%- for y in z %} is",
		"a: 1\n<% if x %>\nb: 2\n":                       "line 2, column 1: <% if x %> is",
		"a: 1\n${X}\nb: 2\n":                             "line 2, column 1: ${X} is",
		"a:\n  ${extra}\n  b: 1\n":                       "line 2, column 3: ${extra} is",
		"$Y\na: 1\n":                                     "line 1, column 1: $Y is",
		"a: 1\n$(cat b)\nb: 2\n":                         "line 2, column 1: $(cat b) is",
		"a: {x: ${X}}\n":                                 "line 1, column 8: ${X} is",
		"ä: {{ .Values.x }}\n":                           "line 1, column 4: {{ .Values.x }} is",
		"a: {{ x }} b\n":                                 "line 1, column 4: {{ x }} is",
		"a: 1\n{{- if x }}\nb: 1\n{{- end}}\n":           "line 2, column 1: {{- if x }} is",
		"a: {{\n":                                        "line 1, column 4: {{ is",
		"x: \"{{ y }}\"\na: b\nc\nd: 1\n":                "line 3, column 1: could not find expected ':'",
		"a: {[x]: 1}\n":                                  "line 1, column 5: this is no key: write a text",
		"x: '{{ y }}' # ${Z}\na: 1\nb: [\nc: 1\nd: e: f": "line 4, column 4: did not find",
	} {
		_, err := Parse([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestGrowth lets many places of a long text be edited: twice the places may take
// twice the memory, and not four times.
func TestGrowth(t *testing.T) {
	bytesOf := func(items int) float64 {
		text := []byte("n:\n" + strings.Repeat("- a: x\n  b:\n    c: 1\n", items))
		wants, err := read("n:\n" + strings.Repeat("- a: x\n  b:\n    c: 2\n  d: [1]\n", items))
		if err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(1, func() {
			parsed, err := Parse(text)
			if err == nil {
				err = parsed.Become(0, wants)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := bytesOf(100), bytesOf(400); many > 5*few {
		t.Errorf("four times the edits take %.0f allocations instead of %.0f", many, few)
	}
}

// TestShort edits every text of up to three pieces of syntax, since what is wrong at
// the edges of a text shows in short ones.
func TestShort(t *testing.T) {
	pieces := []string{"\n", "\r", "\u2028", "\ufeff", "a", "~", "?", ":", " ", "-", "{", "}", "[", "]", ",", "&", "*", "!", "'", "\"", "|", "#"}
	texts := []string{""}
	from := 0
	for range 3 {
		longer := texts[from:]
		from = len(texts)
		for _, text := range longer {
			for _, piece := range pieces {
				texts = append(texts, text+piece)
			}
		}
	}
	for _, text := range texts {
		parsed, err := Parse([]byte(text))
		if err != nil || parsed.Len() == 0 {
			continue
		}
		want := map[string]any{"a": map[string]any{"b": 1}}
		if err := parsed.Become(0, want); err == nil {
			if got, _ := parsed.Value(0); !reflect.DeepEqual(got, want) {
				t.Errorf("%q became %q, which says %v", text, parsed.Bytes(), got)
			}
		}
	}
}

// FuzzBecome has a text say what another says, or says that it cannot.
func FuzzBecome(f *testing.F) {
	for _, tests := range [][]becomes{sharedTexts, unendedTexts} {
		for _, test := range tests {
			f.Add(test.text, test.wants)
		}
	}
	f.Fuzz(func(t *testing.T, in, wants string) {
		text, err := Parse([]byte(in))
		other, otherErr := Parse([]byte(wants))
		if err != nil || otherErr != nil || text.Len() == 0 || other.Len() == 0 {
			return
		}
		want, _ := other.Value(0)
		if err := text.Become(0, want); err == nil {
			got, _ := text.Value(0)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%q says %v, want %v", text.Bytes(), got, want)
			}
		}
		again, err := Parse(text.Bytes())
		if err != nil || again.Len() != text.Len() {
			t.Fatalf("%q: %v", text.Bytes(), err)
		}
		checkEdits(t, text)
	})
}
