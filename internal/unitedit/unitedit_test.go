package unitedit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariables(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string // LINE NAME=VALUE
		files      []string
	}{
		{"none", "", nil, nil},
		{"another section", "[Unit]\nEnvironment=A=b\n", nil, nil},
		{"plain", "[Service]\nEnvironment=A=b\n", []string{"2 A=b"}, nil},
		{"in quotes", "[Service]\nEnvironment=\"A=b c\" 'D=\"e\"' F=g\n", []string{"2 A=b c", "2 D=\"e\"", "2 F=g"}, nil},
		{"escaped", "[Service]\nEnvironment=\"A=50%% \\\"x\\\\y\\\"\"\n", []string{`2 A=50% "x\y"`}, nil},
		{"on several lines", "[Service]\nEnvironment=A=b \\\n# why\n  C=d\nEnvironment=E=f", []string{"2 A=b", "2 C=d", "5 E=f"}, nil},
		{"comments", "# Environment=A=b\n[Service]\n; Environment=A=b\n Environment = A=c\r\n", []string{"4 A=c"}, nil},
		{"taken back", "[Service]\nEnvironment=A=b\nEnvironment=\nEnvironment=C=d\n", []string{"4 C=d"}, nil},
		{"files", "[Service]\nEnvironmentFile=-/etc/default/containerd\nEnvironment=A=b\n", []string{"3 A=b"}, []string{"2 -/etc/default/containerd"}},
		{"specifiers and escapes of others", "[Service]\nEnvironment=HTTPS_PROXY=http://u%40h:p@proxy \"H=%h\" \"X=a\\x20b\\qc\"\n",
			[]string{"2 HTTPS_PROXY=http://u%40h:p@proxy", "2 H=%h", "2 X=a b\\qc"}, nil},
		{"a quote of others without an end", "[Service]\nEnvironment=\"A=b\nEnvironment=C=d\n", []string{"3 C=d"}, nil},
		{"an empty value", "[Service]\nEnvironment=\"A=\"\n", []string{"2 A="}, nil},
	} {
		parsed, err := Parse([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got, files []string
		for _, v := range parsed.Variables() {
			got = append(got, string(rune('0'+v.Line))+" "+v.Name+"="+v.Value)
		}
		for _, v := range parsed.Files() {
			files = append(files, string(rune('0'+v.Line))+" "+v.Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.files, files); diff != "" {
			t.Errorf("%s: files (-want +got):\n%s", test.name, diff)
		}
	}
	if _, err := Parse([]byte("[Service]\nEnvironment=\"OTEL_A=b\n")); err == nil || !strings.Contains(err.Error(), "line 2: Environment: a quote") {
		t.Errorf("a quote of ours: %v", err)
	}
}

// What is taken away again is not what is set, and each has its own reset.
func TestUnset(t *testing.T) {
	parsed, err := Parse([]byte("[Service]\nUnsetEnvironment=Z\nUnsetEnvironment=\nUnsetEnvironment=A B=c\nEnvironment=A=b\nEnvironment=\nEnvironment=D=e\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range parsed.Variables() {
		got = append(got, fmt.Sprintln(v.Line, v.Name, v.Value, v.Unset, v.Exact))
	}
	if diff := cmp.Diff([]string{"4 A  true false\n", "4 B c true true\n", "7 D e false false\n"}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	text, _, err := parsed.Change([]int{0}, []string{"F"})
	if want := "[Service]\nUnsetEnvironment=Z\nUnsetEnvironment=\nUnsetEnvironment=B=c\nEnvironment=A=b\nEnvironment=\nEnvironment=D=e\nF\n"; err != nil || string(text) != want {
		t.Errorf("%q, %v", text, err)
	}
}

func TestUnclear(t *testing.T) {
	for text, want := range map[string]string{
		"A=%i": "%i depends on the unit", "A=50%": "write %%", "A=%4": "%4 is no specifier: write %%4",
		`A=\q`: `\q is no escape: write \\q`, `A=\x4`: `\x is no escape`, "A=%%": "", `A=\x41\101`: "",
	} {
		parsed, err := Parse([]byte("[Service]\nEnvironment=" + text + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := parsed.Variables()[0].Unclear; !strings.Contains(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestChange(t *testing.T) {
	for _, test := range []struct {
		name, text string
		without    []int
		add        []string
		want       string
	}{
		{"an empty file", "", nil, []string{"Environment=\"A=b\""}, "[Service]\nEnvironment=\"A=b\"\n"},
		{"a file without services", "[Unit]\nAfter=x", nil, []string{"A", "B"}, "[Unit]\nAfter=x\n\n[Service]\nA\nB\n"},
		{"behind the last", "[Service]\n# mine\nEnvironment=X=y # no comment\nExecStart=x\n\n[Install]\n", nil, []string{"A"}, "[Service]\n# mine\nEnvironment=X=y # no comment\nA\nExecStart=x\n\n[Install]\n"},
		{"in the place of one", "[Service]\nEnvironment=A=b\nEnvironment=C=d\n", []int{1}, []string{"A"}, "[Service]\nEnvironment=A=b\nA\n"},
		{"without one on two lines", "[Service]\nEnvironment=\\\n  A=b\nLimitNOFILE=1\n", []int{0}, nil, "[Service]\nLimitNOFILE=1\n"},
		{"the first of three", "[Service]\nEnvironment=A=b \"C=d e\"  F=g\n", []int{0}, nil, "[Service]\nEnvironment=\"C=d e\"  F=g\n"},
		{"the second of three", "[Service]\nEnvironment=A=b \"C=d e\"  F=g\n", []int{1}, nil, "[Service]\nEnvironment=A=b  F=g\n"},
		{"the last of three", "[Service]\nEnvironment = A=b \"C=d e\"  F=g\r\n", []int{2}, nil, "[Service]\nEnvironment = A=b \"C=d e\"\r\n"},
		{"two of three", "[Service]\nEnvironment=A=b C=d F=g\n", []int{1, 2}, nil, "[Service]\nEnvironment=A=b\n"},
		{"the first two of three", "[Service]\nEnvironment=A=b C=d F=g\n", []int{0, 1}, nil, "[Service]\nEnvironment=F=g\n"},
		{"all of three", "[Service]\nEnvironment=A=b C=d F=g\nNice=1\n", []int{2, 0, 1}, nil, "[Service]\nNice=1\n"},
		{"line ends of Windows", "[Service]\r\nX=1\r\n", nil, []string{"A"}, "[Service]\r\nA\r\nX=1\r\n"},
		{"the last line without an end", "[Service]\nEnvironment=X=y", nil, []string{"A"}, "[Service]\nEnvironment=X=y\nA\n"},
	} {
		parsed, err := Parse([]byte(test.text))
		if err != nil {
			t.Fatal(err)
		}
		got, edits, err := parsed.Change(test.without, test.add)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		back := string(got)
		for i := len(edits) - 1; i >= 0; i-- {
			e := edits[i]
			back = back[:e.At] + e.Old + back[e.At+len(e.New):]
		}
		if back != test.text {
			t.Errorf("%s: undone it is %q, and was %q", test.name, back, test.text)
		}
	}
	parsed, err := Parse([]byte("[Service]\nEnvironment=A=b \\\n C=d\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := parsed.Change([]int{1}, nil); err == nil || !strings.Contains(err.Error(), "line 2: C stands with others") {
		t.Errorf("one of two: %v", err)
	}
}
