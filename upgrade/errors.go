package upgrade

import "fmt"

// TargetError says that a cluster cannot become what a Target says.
type TargetError struct {
	// Field is the field of Target, "EtcdImageTag", and Value what it has, which may be
	// nothing where something has to be written.
	Field, Value string
	// Message says what is wrong, with the value, and what to write instead.
	Message string
}

// Error returns the field and the message.
func (e *TargetError) Error() string { return fmt.Sprintf("Target.%s: %s", e.Field, e.Message) }

// StepError says that a cluster can become what a Target says but for a step on the
// way.
type StepError struct {
	// From and To are the versions of the step, as those of Step.
	From, To string
	// Err is a *TargetError, or joins those of several fields.
	Err error
}

// Error returns the step and what is wrong with it.
func (e *StepError) Error() string {
	return fmt.Sprintf("the step from %s to %s: %v", e.From, e.To, e.Err)
}

// Unwrap returns Err.
func (e *StepError) Unwrap() error { return e.Err }
