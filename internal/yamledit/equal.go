package yamledit

import "reflect"

// equal is reflect.DeepEqual for what documents say, without its allocations: lists
// are compared item by item with each other.
func equal(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for key, value := range a {
			if other, there := b[key]; !there || !equal(value, other) {
				return false
			}
		}
		return true
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case nil, string, Word, int, bool, float64:
		return a == b
	}
	return reflect.DeepEqual(a, b)
}
