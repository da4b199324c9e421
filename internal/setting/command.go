package setting

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"kubetrace/tracing"
)

// Argument is an element of a container's command and arguments together: a flag
// with its value, or anything else.
type Argument struct {
	// Written is the flag, of Kind Flag; the zero Written is no flag.
	Written
	// At is the index of its first element, and Elements how many it has: a value may
	// stand in an element of its own.
	At, Elements int
}

// shellCommand is the option of a shell whose value is what it runs, "-ec".
var shellCommand = regexp.MustCompile(`^-[a-z]*c$`)

// ReadCommand reads the flags of a container that runs a component, from the
// component's program on, as the component does. Without command it is the image's
// program. ok is false where no element is the program, or a shell runs it: what is
// there is not the program's own then, and what is added would not be.
func ReadCommand(component tracing.Component, command, args []string) (all []Argument, ok bool) {
	elements := slices.Concat(command, args)
	program := programOf(component, elements)
	switch {
	case len(elements) > 0 && len(command) == 0 && strings.HasPrefix(elements[0], "-"):
		program = -1 // they are all the flags of the image's program
	case program < 0, program > 0 && shellCommand.MatchString(elements[program-1]):
		return nil, false
	}
	for i := 0; i < len(elements); i++ {
		argument := Argument{At: i, Elements: 1}
		as, isFlag := strings.CutPrefix(elements[i], "--")
		if !isFlag && component == tracing.ComponentEtcd { // which reads one dash as two
			as, isFlag = strings.CutPrefix(elements[i], "-")
		}
		if i > program && isFlag && as != "" {
			name, value, with := strings.Cut(as, "=")
			if !with {
				value = "true"
				// A value does not begin with a dash, nor in args what begins in command.
				if next := i + 1; next < len(elements) && next != len(command) && elements[next] != "" && !strings.HasPrefix(elements[next], "-") {
					value = elements[next]
					argument.Elements = 2
				}
			}
			argument.Written = Written{Kind: Flag, Name: FlagName(component, name), As: name, Value: value, Apart: argument.Elements > 1}
		}
		all = append(all, argument)
		i += argument.Elements - 1
	}
	return all, true
}

// programOf returns the index of a component's program, or -1. What may be the value of
// the flag before it, such as a folder, is none.
func programOf(component tracing.Component, elements []string) int {
	for i, text := range elements {
		value := i > 0 && strings.HasPrefix(elements[i-1], "--") && elements[i-1] != "--" && !strings.Contains(elements[i-1], "=")
		if path.Base(text) == string(component) && !value {
			return i
		}
	}
	return -1
}

// FlagName returns the name that a component takes a flag for. Those of Kubernetes
// read _ as -.
// Source: k8s.io/component-base cli/flag/flags.go, WordSepNormalizeFunc.
func FlagName(component tracing.Component, written string) string {
	if component == tracing.ComponentEtcd {
		return written
	}
	return strings.ReplaceAll(written, "_", "-")
}

// TagOf returns the tag of an image, or nothing.
func TagOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[i+1:]
	}
	return ""
}
