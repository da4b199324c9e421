// Package unitedit changes the environment in systemd units that people wrote, and
// leaves every other byte as it is.
package unitedit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Variable is a variable that a unit gives its service.
type Variable struct {
	Name, Value string
	// Unset says that it is taken away instead, in UnsetEnvironment, by whatever it is
	// set: in any case, or where Exact with this value alone.
	Unset, Exact bool
	// Line is where, beginning with 1.
	Line int
	// Unclear says why systemd does not take the value as it is written, and what to
	// write, or is empty. The value is the text in the file then.
	Unclear string
	// alone says that nothing else is in its assignment.
	alone      bool
	start, end int // of the assignment, with its line break
	// from and to are the word in an assignment on one line; to is 0 in another.
	from, to int
}

// CanGo says whether the variable can be taken out: it is alone in its assignment, or
// that is on one line.
func (v Variable) CanGo() bool { return v.alone || v.to > 0 }

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
		oneLine := true
		for strings.HasSuffix(strings.TrimRight(line, "\r\n"), `\`) && at < len(t.text) { // it goes on
			more, next := t.line(at)
			at, oneLine = next, false
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
		place := start + len(key) + 1 + len(value) - len(strings.TrimLeft(value, " \t"))
		switch value = strings.TrimSpace(value); strings.TrimSpace(key) {
		case "Environment", "UnsetEnvironment":
			unset := strings.TrimSpace(key) != "Environment"
			if !unset {
				t.last = at
			}
			if value == "" {
				t.variables = slices.DeleteFunc(t.variables, func(v Variable) bool { return v.Unset == unset })
				continue
			}
			words, err := split(value)
			if err != nil {
				if !strings.Contains(value, "OTEL_") { // systemd passes over it
					continue
				}
				return nil, fmt.Errorf("line %d: %s: %w", number, strings.TrimSpace(key), err)
			}
			for _, word := range words {
				v := Variable{Line: number, Unset: unset, Unclear: word.unclear, alone: len(words) == 1, start: start, end: at}
				if oneLine {
					v.from, v.to = place+word.from, place+word.to
				}
				var value bool
				v.Name, v.Value, value = strings.Cut(word.text, "=")
				if v.Exact = unset && value; unset || value {
					t.variables = append(t.variables, v)
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

// word is a word of a value, and where in that it is.
type word struct {
	text, unclear string
	from, to      int
}

// split reads the words of a value, without quotes and escapes. What it does not
// resolve stays as it is written, and the word is unclear.
// Source: systemd src/basic/extract-word.c, src/basic/escape.c (cunescape_one) and
// src/core/load-fragment.c (config_parse_environ).
func split(value string) ([]word, error) {
	var words []word
	var text strings.Builder
	var w word
	quote, in := byte(0), false
	end := func(at int) {
		if in {
			w.text, w.to = text.String(), at
			words = append(words, w)
		}
		text.Reset()
		w, in = word{}, false
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		if quote == 0 && isBlank(c) {
			end(i)
			continue
		}
		if !in {
			in, w.from = true, i
		}
		next := value[i+1 : min(len(value), i+2)]
		switch {
		case c == '\\' && next != "":
			plain, size := unescape(value[i+1:])
			if size == 0 {
				text.WriteByte(c)
				w.unclear = fmt.Sprintf("systemd passes over the line, since \\%s is no escape: write \\\\%s", next, next)
				continue
			}
			text.WriteByte(plain)
			i += size
		case c == '%' && next == "%":
			i++
			text.WriteByte(c)
		case c == '%' && next != "" && strings.Contains(specifiers, next):
			text.WriteByte(c)
			w.unclear = fmt.Sprintf("%%%s depends on the unit: write what it stands for", next)
		case c == '%':
			text.WriteByte(c)
			w.unclear = fmt.Sprintf("systemd passes over it, since %%%s is no specifier: write %%%%%s", next, next)
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		default:
			text.WriteByte(c)
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote (%c) has no end: write one", quote)
	}
	end(len(value))
	return words, nil
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// specifiers are those that systemd knows in a unit, behind the %.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#Specifiers
const specifiers = "aAbBCdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY"

// unescape reads what stands behind a backslash, and how long it is; 0 is no escape.
func unescape(text string) (byte, int) {
	if plain, ok := escapes[text[0]]; ok {
		return plain, 1
	}
	base, size, skip := 8, 3, 0
	if text[0] == 'x' {
		base, size, skip = 16, 2, 1
	}
	if len(text) < skip+size {
		return 0, 0
	}
	n, err := strconv.ParseUint(text[skip:skip+size], base, 8)
	if err != nil || n == 0 {
		return 0, 0
	}
	return byte(n), skip + size
}

var escapes = map[byte]byte{'\\': '\\', '"': '"', '\'': '\'', 'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v', 's': ' '}

// Variables are those of the unit, in its order. The last of a name holds, and one that
// is Unset wins over all.
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
// assignment, or in a section of their own. The error names a variable that cannot go,
// see [Variable.CanGo].
func (t *Text) Change(without []int, add []string) ([]byte, []Edit, error) {
	type splice struct {
		from, to int
		put      string
	}
	var splices []splice
	for _, at := range without {
		v := t.variables[at]
		if !v.CanGo() {
			return nil, nil, fmt.Errorf("line %d: %s stands with others in one assignment of several lines: write an Environment= for each variable", v.Line, v.Name)
		}
		stays, before := false, false // something of its assignment, and before it
		for i, other := range t.variables {
			if other.start == v.start && !slices.Contains(without, i) {
				stays, before = true, before || i < at
			}
		}
		if !stays {
			splices = append(splices, splice{v.start, v.end, ""})
			continue
		}
		from, to := v.from, v.to
		for !before && isBlank(t.text[to]) {
			to++
		}
		for before && isBlank(t.text[from-1]) {
			from--
		}
		splices = append(splices, splice{from, to, ""})
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
