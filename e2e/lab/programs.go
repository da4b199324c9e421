package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Install puts a program of the machine into the node's PATH, in the place of the
// one of that name, as a package's upgrade does. What runs of the old one goes on.
func (n *Node) Install(name, program string) error {
	text, err := os.ReadFile(program)
	if err != nil {
		return fmt.Errorf("install %s on %s: %w", name, n.Name, err)
	}
	// A program that runs cannot be written, but its name can be taken. With the
	// name goes what the node was made with, which is mounted there: a rename from
	// outside of the node's namespace takes mounts away.
	target := filepath.Join("/usr/local/bin", name)
	next := target + ".next"
	if err := errors.Join(n.WriteFile(next, text, 0o755), os.Rename(n.path(next), n.path(target))); err != nil {
		return fmt.Errorf("install %s on %s: %w", name, n.Name, err)
	}
	return nil
}
