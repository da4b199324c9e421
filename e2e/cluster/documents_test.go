package cluster

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddAndRemove(t *testing.T) {
	for _, test := range []struct {
		name               string
		document, settings string
		want               string // with the settings
	}{
		{
			name:     "maps",
			document: "kind: A\netcd: {local: {dataDir: /var}}",
			settings: "kind: A\netcd: {local: {extraArgs: {a: b}}}",
			want:     "kind: A\netcd: {local: {dataDir: /var, extraArgs: {a: b}}}",
		},
		{
			name:     "lists are put together",
			document: "kind: A\nextraArgs: [{name: mine, value: '1'}]",
			settings: "kind: A\nextraArgs: [{name: ours, value: '2'}, {name: ours, value: '3'}]",
			want:     "kind: A\nextraArgs: [{name: mine, value: '1'}, {name: ours, value: '2'}, {name: ours, value: '3'}]",
		},
		{
			name:     "nothing there",
			document: "kind: A",
			settings: "kind: A\ntracing: {rate: 0}",
			want:     "kind: A\ntracing: {rate: 0}",
		},
		{
			name:     "no settings",
			document: "kind: A\na: 1",
			settings: "kind: A",
			want:     "kind: A\na: 1",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			read := func(text string) document {
				all, err := readDocuments([]byte(text))
				if err != nil {
					t.Fatal(err)
				}
				return all["A"]
			}
			d, settings := read(test.document), settingsOf(read(test.settings))
			sum := add(d, settings)
			if diff := cmp.Diff(map[string]any(read(test.want)), sum); diff != "" {
				t.Errorf("added (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(map[string]any(d), remove(sum, settings)); diff != "" {
				t.Errorf("added and removed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(read(test.document), d); diff != "" {
				t.Errorf("the document was changed (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadDocuments(t *testing.T) {
	all, err := readDocuments([]byte("---\nkind: A\n---\n\n---\nkind: B\nx: [1]\n"))
	if err != nil || len(all) != 2 || all["B"]["x"] == nil {
		t.Errorf("%v, %v", all, err)
	}
	for _, bad := range []string{"a: 1", "kind: A\n---\nkind: A", "kind: ["} {
		if _, err := readDocuments([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	text, err := writeDocuments(document{"kind": "A"}, document{"kind": "B"})
	if err != nil || string(text) != "---\nkind: A\n---\nkind: B\n" {
		t.Errorf("%q, %v", text, err)
	}
}
