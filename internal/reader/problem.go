package reader

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing in a text that its component does not read.
type Problem struct {
	// Line is where it stands in the text, beginning with 1, or 0 where that is not
	// known.
	Line int
	// Field is what it is about, "nodes[0].role", or empty for the text as a whole.
	Field string
	// Message is what is wrong and what to write instead.
	Message string
}

// Error returns the place and the message.
func (p *Problem) Error() string {
	var text strings.Builder
	if p.Line > 0 {
		fmt.Fprintf(&text, "line %d: ", p.Line)
	}
	if p.Field != "" {
		text.WriteString(p.Field + ": ")
	}
	return text.String() + p.Message
}

// meant is the name that somebody may have meant, or nothing.
func meant(written string, names []string) string {
	best, least := "", 3
	for _, name := range slices.Sorted(slices.Values(names)) {
		if d := distance(strings.ToLower(written), strings.ToLower(name)); d < least && d < len(name) {
			best, least = name, d
		}
	}
	return best
}

// distance is how many letters have to be changed to make one text of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
