package news

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNodeImage(t *testing.T) {
	r := record(t)
	for image, want := range map[string]Pin{
		"v1.29.14@sha256:00": {Name: "kindest/node 1.29", Pinned: "v1.29.14", Served: "v1.29.14"},
		"v1.36.99":           {Name: "kindest/node 1.36", Pinned: "v1.36.4", Served: "v1.36.99"},
		"v1.99.0":            {Name: "kindest/node 1.99", Served: "v1.99.0"},
	} {
		r.write(t, kind, "v0.33.0", imageFile, "package defaults\n\nconst Image = \"kindest/node:"+image+"\"\n")
		got, err := NodeImage(t.Context(), r, "v0.33.0")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", image, diff)
		}
	}
	r.write(t, kind, "v0.33.0", imageFile, "package defaults\n")
	if _, err := NodeImage(t.Context(), r, "v0.33.0"); err == nil || !strings.Contains(err.Error(), "no longer names its image") {
		t.Errorf("of another form: %v", err)
	}
}
