package yamledit

import (
	"fmt"
	"strings"
)

// Name is a path of keys and indexes as text, "nodes[0].image".
func Name(path []any) string {
	var text strings.Builder
	for i, step := range path {
		switch step.(type) {
		case int:
			fmt.Fprintf(&text, "[%d]", step)
		default:
			if i > 0 {
				text.WriteByte('.')
			}
			fmt.Fprint(&text, step)
		}
	}
	return text.String()
}
