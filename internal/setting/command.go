package setting

import (
	"path"
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

// ReadCommand reads the flags of a container that runs a component, from the
// component's program on, as the component does. ok is false where no element is the
// program, or a shell runs it: what is there is not the program's own then, and what is
// added would not be.
func ReadCommand(component tracing.Component, command, args []string) (all []Argument, ok bool) {
	elements := slices.Concat(command, args)
	program := slices.IndexFunc(elements, func(text string) bool { return path.Base(text) == string(component) })
	if len(elements) == 0 || program < 0 && len(command) > 0 || program > 0 && elements[program-1] == "-c" {
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
			argument.Written = Written{Kind: Flag, Name: FlagName(component, name), As: name, Value: value}
		}
		all = append(all, argument)
		i += argument.Elements - 1
	}
	return all, true
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
