package setting

import "strings"

// Clause is a sentence within another.
func Clause(text string) string {
	if text == "" {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// Sentence is a clause by itself.
func Sentence(text string) string {
	if text == "" {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// FirstDifference returns the first lines in which two texts differ. The shorter one has
// an empty line there, where it is the beginning of the other.
func FirstDifference(a, b string) (string, string) {
	first, second := strings.Split(a, "\n"), strings.Split(b, "\n")
	line := func(lines []string, i int) string {
		if i < len(lines) {
			return lines[i]
		}
		return ""
	}
	for i := range max(len(first), len(second)) {
		if line(first, i) != line(second, i) {
			return line(first, i), line(second, i)
		}
	}
	return "", ""
}
