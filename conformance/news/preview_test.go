package news

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestPreview fails from the day on which a release is served that the tables call a
// preview. It asks the module proxy, and says so where that does not answer.
func TestPreview(t *testing.T) {
	out, unasked := preview(t.Context(), Served{})
	if unasked != "" {
		// What begins so is printed by the conformance runs at once.
		fmt.Println("conformance:", unasked)
		t.Skip(unasked)
	}
	if out != "" {
		t.Error(out)
	}
}

// preview says which previews are out by now, or why nobody knows.
func preview(ctx context.Context, modules Modules) (out, unasked string) {
	minors, err := Released(ctx, modules)
	switch {
	case err != nil:
		return "", fmt.Sprintf("NOT ASKED whether the release is out that the tables call a preview: run this test again where the module proxy answers: %v", err)
	case len(minors) > 0:
		return fmt.Sprintf("Kubernetes %s is out, and its row is still a preview: see \"Add a Kubernetes release\" in CONTRIBUTING.md", strings.Join(minors, " and ")), ""
	}
	return "", ""
}

func TestPreviewAnswers(t *testing.T) {
	r := record(t)
	if out, unasked := preview(t.Context(), r); out+unasked != "" {
		t.Errorf("before the release: %q, %q", out, unasked)
	}
	if out, unasked := preview(t.Context(), recorded{}); out != "" || !strings.HasPrefix(unasked, "NOT ASKED ") {
		t.Errorf("without an answer: %q, %q", out, unasked)
	}
	r.versions[kubernetes] = append(r.versions[kubernetes], "v1.38.0")
	if out, unasked := preview(t.Context(), r); !strings.HasPrefix(out, "Kubernetes 1.38 is out") || unasked != "" {
		t.Errorf("after the release: %q, %q", out, unasked)
	}
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	if out, unasked := preview(t.Context(), Served{}); out != "" || !strings.Contains(unasked, "127.0.0.1:1") {
		t.Errorf("without a network: %q, %q", out, unasked)
	}
}

// TestMakeRelease says what make release does with a version in either form.
func TestMakeRelease(t *testing.T) {
	for _, version := range []string{"1.39.0", "v1.39.0", "v1.39.0-beta.0"} {
		command := exec.CommandContext(t.Context(), "make", "-n", "release", "VERSION="+version)
		command.Dir = root
		command.Env = append(os.Environ(), "MAKEFLAGS=") // of a make that runs this
		text, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for _, want := range []string{"go run ./cmd/pin " + version + "\n", "go run ./cmd/conformance -minor 1.39\n", "-update\ngo test -run Golden . ./collector/operator\n", "go test -v ./news\n"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: %q is not in:\n%s", version, want, text)
			}
		}
	}
}
