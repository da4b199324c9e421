// Package unitedit changes the environment in systemd units that people wrote, and
// leaves every other byte as it is.
package unitedit

import (
	"fmt"
	"slices"
	"strings"
)

// Variable is a variable that a unit gives its service.
type Variable struct {
	Name, Value string
	// Line is where, beginning with 1.
	Line int
	// alone says that nothing else is in its assignment.
	alone      bool
	start, end int // of the assignment, with its line break
}

// Text is a unit or a drop-in of one.
type Text struct {
	text      string
	newline   string
	variables []Variable
	files     []Variable // EnvironmentFile, whose Value is a path
	service   int        // behind the head of the last section of services, or -1
	last      int        // behind the last assignment in that section, or -1
}

// Parse reads a unit. What systemd would pass over, it passes over too.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.syntax.html
func Parse(text []byte) (*Text, error) {
	t := &Text{text: string(text), newline: "\n", service: -1, last: -1}
	if at := strings.IndexByte(t.text, '\n'); at > 0 && t.text[at-1] == '\r' {
		t.newline = "\r\n"
	}
	inService := false
	for at := 0; at < len(t.text); {
		start := at
		line, end := t.line(at)
		number := 1 + strings.Count(t.text[:start], "\n")
		at = end
		switch trimmed := strings.TrimSpace(line); {
		case trimmed == "", trimmed[0] == '#', trimmed[0] == ';':
			continue
		case trimmed[0] == '[':
			if inService = trimmed == "[Service]"; inService {
				t.service, t.last = end, -1
			}
			continue
		}
		for strings.HasSuffix(strings.TrimRight(line, "\r\n"), `\`) && at < len(t.text) { // it goes on
			more, next := t.line(at)
			at = next
			line = strings.TrimSuffix(strings.TrimRight(line, "\r\n"), `\`)
			if trimmed := strings.TrimSpace(more); trimmed != "" && trimmed[0] != '#' && trimmed[0] != ';' {
				line += " " + more
			} else if trimmed != "" {
				line += `\` // comments in between are passed over
			}
		}
		key, value, ok := strings.Cut(line, "=")
		if !ok || !inService {
			continue
		}
		switch value = strings.TrimSpace(value); strings.TrimSpace(key) {
		case "Environment":
			if t.last = at; value == "" {
				t.variables = nil
				continue
			}
			words, err := split(value)
			if err != nil {
				return nil, fmt.Errorf("line %d: Environment: %w", number, err)
			}
			for _, word := range words {
				if name, value, ok := strings.Cut(word, "="); ok {
					t.variables = append(t.variables, Variable{Name: name, Value: value, Line: number, alone: len(words) == 1, start: start, end: at})
				}
			}
		case "EnvironmentFile":
			if value == "" {
				t.files = nil
				continue
			}
			t.files = append(t.files, Variable{Name: "EnvironmentFile", Value: value, Line: number})
		}
	}
	return t, nil
}

// line returns the line at a place and where the next one begins.
func (t *Text) line(at int) (string, int) {
	if end := strings.IndexByte(t.text[at:], '\n'); end >= 0 {
		return t.text[at : at+end+1], at + end + 1
	}
	return t.text[at:], len(t.text)
}

// split reads the words of a value, without quotes and escapes.
func split(value string) ([]string, error) {
	var words []string
	var word strings.Builder
	quote, in := byte(0), false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && i+1 < len(value):
			i++
			if plain, ok := escapes[value[i]]; ok {
				word.WriteByte(plain)
				in = true
				continue
			}
			return nil, fmt.Errorf("write \\%c as the character that it means", value[i])
		case c == '%' && i+1 < len(value) && value[i+1] == '%':
			i++
			word.WriteByte('%')
			in = true
		case c == '%':
			return nil, fmt.Errorf("%%%s depends on the unit: write what it stands for", value[i+1:min(len(value), i+2)])
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, in = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if in {
				words = append(words, word.String())
			}
			word.Reset()
			in = false
		default:
			word.WriteByte(c)
			in = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote (%c) has no end: write one", quote)
	}
	if in {
		words = append(words, word.String())
	}
	return words, nil
}

var escapes = map[byte]byte{'\\': '\\', '"': '"', '\'': '\'', 'n': '\n', 't': '\t', 's': ' '}

// Variables are those of the unit, in its order. The last of a name holds.
func (t *Text) Variables() []Variable { return slices.Clone(t.variables) }

// Files are the files that the unit takes variables from, which win over those in it.
func (t *Text) Files() []Variable { return slices.Clone(t.files) }

// Edit is a place at which a text differs from what it was.
type Edit struct {
	// From and To are the bytes of the original that are gone, and Old is what they
	// were.
	From, To int
	Old      string
	// At is where New is in the new text.
	At  int
	New string
}

// Change takes out the variables of some indexes and adds lines behind the last
// assignment, or in a section of their own. The error names a variable that stands on a
// line with others.
func (t *Text) Change(without []int, add []string) ([]byte, []Edit, error) {
	type splice struct {
		from, to int
		put      string
	}
	var splices []splice
	for _, at := range without {
		v := t.variables[at]
		if !v.alone {
			return nil, nil, fmt.Errorf("line %d: %s stands with others in one assignment: write an Environment= for each variable", v.Line, v.Name)
		}
		splices = append(splices, splice{v.start, v.end, ""})
	}
	if len(add) > 0 {
		put := strings.Join(add, t.newline) + t.newline
		at := max(t.last, t.service)
		if at < 0 {
			at, put = len(t.text), "[Service]"+t.newline+put
			if t.text != "" {
				put = t.newline + put
			}
		}
		if at > 0 && t.text[at-1] != '\n' {
			put = t.newline + put
		}
		splices = append(splices, splice{at, at, put})
	}
	slices.SortStableFunc(splices, func(a, b splice) int { return a.from - b.from })
	var text strings.Builder
	var edits []Edit
	done := 0
	for i := 0; i < len(splices); {
		s := splices[i]
		for i++; i < len(splices) && splices[i].from <= s.to; i++ { // that touch are one
			s.put, s.to = s.put+splices[i].put, max(s.to, splices[i].to)
		}
		text.WriteString(t.text[done:s.from])
		edits = append(edits, Edit{From: s.from, To: s.to, Old: t.text[s.from:s.to], At: text.Len(), New: s.put})
		text.WriteString(s.put)
		done = s.to
	}
	text.WriteString(t.text[done:])
	return []byte(text.String()), edits, nil
}

// Assignment is the line that sets a variable, without its end.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html#Environment=
func Assignment(name, value string) string {
	return `Environment="` + escape.Replace(name+"="+value) + `"`
}

// escape writes what systemd would read as something else: % begins a specifier.
var escape = strings.NewReplacer("%", "%%", `\`, `\\`, `"`, `\"`, "\n", `\n`)
