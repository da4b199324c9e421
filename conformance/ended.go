package conformance

import "fmt"

// EndedError says that a program ended by itself before it served.
type EndedError struct {
	// Program is its name, and Version that of its module.
	Program, Version string
	// ExitCode is that of the process, -1 where a signal ended it.
	ExitCode int
	// Printed is all that it printed.
	Printed string
}

// Error says all of it.
func (e *EndedError) Error() string {
	return fmt.Sprintf("%s %s ended with exit code %d and printed:\n%s", e.Program, e.Version, e.ExitCode, e.Printed)
}
