package waterfall

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"kubetrace/e2e/jaeger"
)

// maxValue is how many characters of an attribute the tooltip shows.
const maxValue = 200

// plumbing are the beginnings of attributes that say how a span was made or
// sent, and not what was done.
var plumbing = []string{
	"internal.", "otel.library.", "otel.scope.", "telemetry.", "net.", "network.", "server.", "client", "thread.", "code.", "user-agent", "user_agent.", "http.user_agent",
}

// tooltip says of a span what the row has no space for.
func tooltip(span jaeger.Span) string {
	lines := []string{span.Operation, span.Service}
	if node := span.Resource["k8s.node.name"]; node != "" {
		lines[1] += " on " + node
	}
	lines = append(lines, durationText(span.Duration))
	if span.Error {
		lines = append(lines, "failed")
	}
	for _, key := range slices.Sorted(maps.Keys(span.Tags)) {
		if slices.ContainsFunc(plumbing, func(prefix string) bool { return strings.HasPrefix(key, prefix) }) {
			continue
		}
		value := []rune(span.Tags[key])
		if len(value) > maxValue {
			value = append(value[:maxValue], '…')
		}
		lines = append(lines, key+": "+string(value))
	}
	return strings.Join(lines, "\n")
}

// fit cuts the text to the width, which it then ends with an ellipsis.
func fit(text string, size, width float64) string {
	if widthOf(text, size) <= width {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && widthOf(string(runes)+"…", size) > width {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimRight(string(runes), " ") + "…"
}

// fitMiddle cuts the text in its middle: of a span's name the beginning says how,
// and the end what.
func fitMiddle(text string, size, width float64) string {
	if widthOf(text, size) <= width {
		return text
	}
	runes := []rune(text)
	for kept := len(runes) - 1; kept > 0; kept-- {
		head, tail := string(runes[:(kept+1)/2]), string(runes[len(runes)-kept/2:])
		cut := strings.TrimRight(head, " ") + "…" + strings.TrimLeft(tail, " ")
		if widthOf(cut, size) <= width {
			return cut
		}
	}
	return "…"
}

// widthOf is an upper bound for the sans-serif fonts that a reader may have: it
// is that of DejaVu Sans, which is wider than Helvetica and Arial.
func widthOf(text string, size float64) float64 {
	var ems float64
	for _, r := range text {
		switch {
		case strings.ContainsRune("ijlI.,:;'|", r):
			ems += 0.34
		case strings.ContainsRune("frt ()[]/-!\"", r):
			ems += 0.42
		case strings.ContainsRune("mwMW@%…", r):
			ems += 1
		case r >= 'A' && r <= 'Z' || strings.ContainsRune("_+=<>{}#&~", r):
			ems += 0.84
		case r < 0x250:
			ems += 0.64
		default:
			ems++
		}
	}
	return ems * size
}

// escape makes a text safe between tags and in attributes.
func escape(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a buffer takes everything
	return out.String()
}

// number writes a coordinate with a digit, which is a tenth of a pixel.
func number(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
