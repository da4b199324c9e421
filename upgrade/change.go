package upgrade

import (
	"fmt"
	"strings"

	"kubetrace/tracing"
)

// Phase is when a change has to be made.
type Phase string

// The phases of a step, in their order.
const (
	// Before is while the cluster still runs the old release.
	Before Phase = "before"
	// During is the upgrade of the nodes, one after the other. Old and new stand
	// side by side.
	During Phase = "during"
	// After is when every node runs the new release.
	After Phase = "after"
)

// Change is one thing to do.
type Change struct {
	// Phase is when.
	Phase Phase
	// Component is what it is for: one of those of package tracing, or "kube-proxy".
	Component tracing.Component
	// Where is the place.
	Where Place
	// Path is the file's on the node, where the place is a file: NodeFile, RuntimeFile
	// or KubeadmFlags.
	Path string
	// Setting is what changes there, "--distributed-tracing-address".
	Setting string
	// Old and New are the setting before and after, as they are written there. One
	// of them may be empty: it is new, or goes.
	Old, New string
	// Optional says that nothing breaks without it.
	Optional bool
	// Stale says that Old may not be there, since the spec does not ask for it:
	// there is nothing to do then.
	Stale bool
	// Why says what happens otherwise, as a sentence without its full stop.
	Why string
	// Run is a command that does it, or empty where Why has several steps.
	Run string
}

// String returns the change as one line.
func (c Change) String() string {
	text := fmt.Sprintf("%s: %s", c.Phase, strings.TrimSpace(c.Path+" "+c.Where.String()))
	switch {
	case c.Old != "" && c.New != "":
		text += fmt.Sprintf(": replace %s by %s", c.Old, c.New)
	case c.Old != "":
		text += ": take out " + c.Old
		if !strings.HasPrefix(c.Old, c.Setting) {
			text += " from " + c.Setting
		}
	case c.New != "":
		text += ": add " + c.New
	default:
		text += ": " + c.Setting
	}
	if c.Optional {
		text += " (optional)"
	}
	text += ". " + c.Why
	if c.Run != "" {
		text += ". Run " + c.Run
	}
	return text
}
