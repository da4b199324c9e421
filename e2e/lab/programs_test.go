package lab

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestInstall gives a node one program after the other, of which the first is as
// the node was made, and each runs while the next one comes.
func TestInstall(t *testing.T) {
	folder := t.TempDir()
	script := func(says string) string {
		path := filepath.Join(folder, says)
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho "+says+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	l, err := New(labFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	sleep, err := lookUp("sleep")
	if err != nil {
		t.Fatal(err)
	}
	n, err := l.addNode(t.Context(), "installed", map[string]string{"program": script("first"), "runs": sleep})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start("runs", nil, "runs", "1000"); err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"second", "first", "second"} {
		if err := n.Install("program", script(version)); err != nil {
			t.Fatal(err)
		}
		if said, err := n.Output(t.Context(), "program"); err != nil || said != version+"\n" {
			t.Fatalf("after %s was installed the program says %q: %v", version, said, err)
		}
		if err := n.Install("runs", sleep); err != nil {
			t.Fatalf("in the place of a program that runs: %v", err)
		}
		if err := errors.Join(n.Stop("runs"), n.Start("runs", nil, "runs", "1000")); err != nil {
			t.Fatal(err)
		}
	}
	if crashes, err := n.Crashes("runs"); err != nil || crashes > 0 {
		t.Errorf("a program whose successor came has ended %d times: %v", crashes, err)
	}
}
