package apply

import (
	"fmt"
	"strings"

	"kubetrace/internal/yamledit"
)

// Receipt says what was edited in a text, in its order. It can be kept as JSON.
type Receipt struct {
	Edits []Edit `json:"edits"`
}

// Edit is one place of a text that was edited.
type Edit struct {
	// From and To are the bytes of the text before that were replaced, and Old is
	// what they were.
	From int    `json:"from"`
	To   int    `json:"to"`
	Old  string `json:"old"`
	// At is where New begins in the text after.
	At  int    `json:"at"`
	New string `json:"new"`
	// Before and After are up to 60 bytes of the text after on both sides of New,
	// by which it is found again where the text has changed elsewhere.
	Before string `json:"before"`
	After  string `json:"after"`
}

func newEdit(now string, e yamledit.Edit) Edit {
	before, after := e.Around(now)
	return Edit{From: e.From, To: e.To, Old: e.Old, At: e.At, New: e.New, Before: before, After: after}
}

// ChangedError says that a text cannot be undone: what was edited is no longer
// there as it was left.
type ChangedError struct {
	// Line is where the edit was made, in the text after it, as far as it can be
	// told.
	Line int
	// Want is what the edit had written, and Old what it had replaced.
	Want, Old string
}

// Error shows what is missing.
func (e *ChangedError) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("line %d: the lines around what was taken out here have changed since: put it back by hand", e.Line)
	}
	text := fmt.Sprintf("line %d: what was written here has changed since, or is there more than once: take it out by hand or with Remove. It was: %s", e.Line, strings.TrimSpace(e.Want))
	if old := strings.TrimSpace(e.Old); old != "" {
		text += ", in the place of: " + old
	}
	return text
}

// Undo returns the text before the edits of a receipt. Where the text has changed
// since outside of them, those changes stay, and the edits are found by what
// is around them. The error is a *[ChangedError] where an edit is not there as
// it was left; nothing is undone then.
func Undo(text []byte, receipt Receipt) ([]byte, error) {
	now := string(text)
	var before strings.Builder
	done, shift := 0, 0
	for _, e := range receipt.Edits {
		at, ok := e.find(now, done, shift)
		if !ok {
			return nil, &ChangedError{Line: 1 + strings.Count(now[:max(0, min(len(now), e.At+shift))], "\n"), Want: e.New, Old: e.Old}
		}
		before.WriteString(now[done:at])
		before.WriteString(e.Old)
		done, shift = at+len(e.New), at-e.At
	}
	before.WriteString(now[done:])
	return []byte(before.String()), nil
}

// find returns where an edit is, behind what is undone already: where it was left,
// or moved to with the one before it, or else the only place that looks like it.
// What is around it may have changed on one side.
func (e Edit) find(now string, done, shift int) (int, bool) {
	for _, context := range [][2]string{{e.Before, e.After}, {e.Before, ""}, {"", e.After}} {
		before, around := context[0], context[0]+e.New+context[1]
		if around == "" {
			continue
		}
		if at := e.At + shift; at >= done && at >= len(before) && at <= len(now) && strings.HasPrefix(now[at-len(before):], around) {
			return at, true
		}
		from := max(0, done-len(before))
		if strings.Count(now[from:], around) == 1 {
			if at := from + strings.Index(now[from:], around) + len(before); at >= done {
				return at, true
			}
		}
	}
	return 0, false
}
