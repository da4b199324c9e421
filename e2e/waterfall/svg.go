package waterfall

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"kubetrace/e2e/jaeger"
)

// Options say how a trace is drawn. The zero value is good.
type Options struct {
	// Title stands above the drawing; empty is the trace's ID.
	Title string
	// Subtitle stands below the title, smaller.
	Subtitle string
	// MaxSpans is how many spans are drawn, 60 where it is zero. Of a trace with
	// more those are kept that take long for their depth, each with its parents:
	// always the next span whose parent is kept and whose duration divided by its
	// depth is greatest, where a root's depth is one. The drawing says how many it
	// leaves out.
	MaxSpans int
}

const (
	fullWidth = 1000.0 // of the drawing, whose height follows from the spans
	margin    = 20.0
	gap       = 12.0 // between the names and the bars
	rowHeight = 24.0
	barHeight = 12.0
	minBar    = 3.0
	// durations is the space that the bars leave for their durations.
	durations = 66.0
	// tickSpace is what the label of a tick needs.
	tickSpace  = 64.0
	nameSize   = 13.0
	smallSize  = 12.0
	titleSize  = 15.0
	chip       = 10.0 // the square before a name
	indent     = 14.0
	maxNames   = 0.45 // of the width
	maxIndent  = 0.35 // of the names
	maxService = 0.4  // of the names
)

// style has the look of docs/flow.svg.
const style = `
    text{fill:#1f2328;font-size:13px}
    .head{font-size:15px;font-weight:bold}
    .small{font-size:12px;fill:#44546a}
    .middle{text-anchor:middle}
    .band{fill:#f6f8fa}
    .beside{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
    .line{stroke:#d0d7de;fill:none}
    .row{fill:none;pointer-events:all}
    .failed{fill:#b91c1c;font-weight:bold}
    .outline{stroke:#b91c1c;stroke-width:2}
    .mark{fill:#b91c1c}
    .sign{fill:#fff;font-size:9px;font-weight:bold;text-anchor:middle}
  `

// SVG draws the trace. The same trace and options give the same bytes.
func SVG(trace jaeger.Trace, options Options) []byte {
	if options.MaxSpans <= 0 {
		options.MaxSpans = 60
	}
	d := drawing{colors: colorsOf(trace.Services())}
	d.rows, d.omitted = rowsOf(trace.Spans, options.MaxSpans)
	d.axis = axisOf(d.rows)
	d.layOut()

	title := cmp.Or(options.Title, strings.TrimSpace("Trace "+trace.ID))
	d.y = margin
	d.header(title, options.Subtitle)
	if len(d.rows) == 0 {
		d.text(margin, d.y+16, "small", "no spans")
		d.y += rowHeight
	} else {
		d.legend()
		d.table()
	}
	if d.omitted > 0 {
		d.text(margin, d.y+16, "small", "... and "+count(d.omitted, "more span"))
		d.y += rowHeight
	}
	d.y += margin / 2

	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s %s" font-family="Helvetica, Arial, sans-serif" role="img" aria-labelledby="t d">
  <title id="t">%s</title>
  <desc id="d">%s</desc>
  <style>%s</style>
  <rect width="%s" height="%s" fill="#fff"/>
`, number(fullWidth), number(d.y), escape(title), escape(d.description(options.Subtitle)), style, number(fullWidth), number(d.y))
	out.Write(d.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

// drawing is what is drawn so far, from the top to y.
type drawing struct {
	body    bytes.Buffer
	y       float64
	names   float64 // the width of the names
	indent  float64 // of a level
	rows    []row
	omitted int
	axis    axis
	colors  map[string]string
}

func (d *drawing) printf(format string, values ...any) { fmt.Fprintf(&d.body, format, values...) }

func (d *drawing) text(x, y float64, class, text string) {
	d.printf("  <text x=\"%s\" y=\"%s\" class=\"%s\">%s</text>\n", number(x), number(y), class, escape(text))
}

func (d *drawing) header(title, subtitle string) {
	d.text(margin, d.y+8, "head", fit(title, titleSize*1.15, fullWidth-2*margin)) // bold is wider
	d.y += 20
	if subtitle != "" {
		d.text(margin, d.y+10, "small", fit(subtitle, smallSize, fullWidth-2*margin))
		d.y += 18
	}
	d.y += 4
}

// legend says which colour is which service, and on which nodes that is.
func (d *drawing) legend() {
	nodes := map[string][]string{}
	var services []string // in the order of the rows
	failed := false
	for _, r := range d.rows {
		if _, ok := nodes[r.span.Service]; !ok {
			services = append(services, r.span.Service)
			nodes[r.span.Service] = nil
		}
		if node := r.span.Resource["k8s.node.name"]; node != "" {
			nodes[r.span.Service] = append(nodes[r.span.Service], node)
		}
		failed = failed || r.span.Error
	}
	x := margin
	entry := func(text string, sign func(x, y float64)) {
		text = fit(text, smallSize, fullWidth-2*margin-chip-6)
		width := chip + 6 + widthOf(text, smallSize)
		if x > margin && x+width > fullWidth-margin {
			x, d.y = margin, d.y+18
		}
		sign(x, d.y+2)
		d.text(x+chip+6, d.y+11, "small", text)
		x += width + 18
	}
	for _, service := range services {
		text := service
		if names := nodes[service]; len(names) > 0 {
			slices.Sort(names)
			text += " on " + strings.Join(slices.Compact(names), ", ")
		}
		entry(text, func(x, y float64) { d.chip(x, y, d.colors[service]) })
	}
	if failed {
		entry("failed", d.mark)
	}
	d.y += 24
}

func (d *drawing) chip(x, y float64, color string) {
	d.printf("  <rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\" fill=\"%s\"/>\n", number(x), number(y), number(chip), number(chip), color)
}

// mark is the sign of a failed span, a shape for those who see no red.
func (d *drawing) mark(x, y float64) {
	d.printf("  <circle class=\"mark\" cx=\"%s\" cy=\"%s\" r=\"6\"/>", number(x+chip/2), number(y+chip/2))
	d.printf("<text class=\"sign\" x=\"%s\" y=\"%s\">!</text>\n", number(x+chip/2), number(y+chip/2+3.3))
}

// bars are where the bars begin and end.
func (d *drawing) bars() (from, to float64) {
	return margin + d.names + gap, fullWidth - margin - durations
}

// table is the axis and the rows.
func (d *drawing) table() {
	from, to := d.bars()
	top := d.y + 18
	bottom := top + float64(len(d.rows))*rowHeight
	for i := 0; i < len(d.rows); i += 2 {
		d.box("band", top+float64(i)*rowHeight)
	}
	for _, tick := range d.axis.ticks(int((to - from) / tickSpace)) {
		x := from + d.axis.position(tick)*(to-from)
		d.text(x, top-6, "small middle", d.axis.label(tick))
		d.printf("  <path class=\"line\" d=\"M%s %sV%s\"/>\n", number(x), number(top), number(bottom))
	}
	for i, r := range d.rows {
		d.row(r, top+float64(i)*rowHeight)
	}
	d.y = bottom
}

// box is as large as a row.
func (d *drawing) box(class string, y float64) {
	d.printf("  <rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\"/>\n", class, number(margin/2), number(y), number(fullWidth-margin), number(rowHeight))
}

func (d *drawing) row(r row, y float64) {
	d.printf("  <g>\n  <title>%s</title>\n", escape(tooltip(r.span)))
	d.box("row", y)

	color := d.colors[r.span.Service]
	x := margin + float64(r.depth)*d.indent
	if r.span.Error {
		d.mark(x, y+7)
	} else {
		d.chip(x, y+7, color)
	}
	x += chip + 6
	service := fit(r.span.Service, smallSize, maxService*d.names)
	name := fitMiddle(r.span.Operation, nameSize, margin+d.names-x-6-widthOf(service, smallSize))
	d.printf("  <text x=\"%s\" y=\"%s\">%s<tspan class=\"small\" dx=\"6\">%s</tspan></text>\n", number(x), number(y+16.5), escape(name), escape(service))

	from, to := d.bars()
	left := from + d.axis.position(r.span.Start)*(to-from)
	right := max(left, from+d.axis.position(r.span.End())*(to-from))
	if right-left < minBar {
		left = min(left, to-minBar)
		right = left + minBar
	}
	class, durationClass := "bar", "small beside"
	if r.span.Error {
		class, durationClass = "bar outline", "small beside failed"
	}
	d.printf("  <rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"2\" fill=\"%s\"/>\n",
		class, number(left), number(y+(rowHeight-barHeight)/2), number(right-left), number(barHeight), color)
	d.text(right+6, y+16.5, durationClass, durationText(r.span.Duration))
	d.printf("  </g>\n")
}

// layOut gives the names what they need, as far as that leaves space for the
// bars, and indents less where the tree is deep.
func (d *drawing) layOut() {
	limit := maxNames * (fullWidth - 2*margin)
	deepest := 0
	for _, r := range d.rows {
		deepest = max(deepest, r.depth)
	}
	d.indent = min(indent, maxIndent*limit/float64(max(deepest, 1)))
	for _, r := range d.rows {
		d.names = max(d.names, float64(r.depth)*d.indent+chip+6+widthOf(r.span.Operation, nameSize)+6+widthOf(r.span.Service, smallSize)+1)
	}
	d.names = min(d.names, limit)
}

// description says in words what is seen.
func (d *drawing) description(subtitle string) string {
	if len(d.rows) == 0 {
		return "A trace without spans."
	}
	spans := map[string]int{}
	failed := 0
	for _, r := range d.rows {
		spans[r.span.Service]++
		if r.span.Error {
			failed++
		}
	}
	var services []string
	for _, service := range slices.Sorted(maps.Keys(spans)) {
		services = append(services, fmt.Sprintf("%d of %s", spans[service], service))
	}
	text := fmt.Sprintf("A waterfall of %s in %s, beginning with %s: %s.",
		count(len(d.rows), "span"), durationText(d.axis.length), d.rows[0].span.Operation, strings.Join(services, ", "))
	if failed > 0 {
		text += fmt.Sprintf(" %d failed.", failed)
	}
	if d.omitted > 0 {
		text += fmt.Sprintf(" %s not drawn.", count(d.omitted, "more span"))
	}
	if subtitle != "" {
		text = subtitle + ". " + text
	}
	return text
}
