package waterfall_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/waterfall"
)

var start = time.UnixMicro(1700000000000000).UTC()

// span makes one that starts so many microseconds after start.
func span(id, parent, operation, service string, offset, duration int) jaeger.Span {
	return jaeger.Span{
		ID: id, ParentID: parent, TraceID: "t", Operation: operation, Service: service,
		Start:    start.Add(time.Duration(offset) * time.Microsecond),
		Duration: time.Duration(duration) * time.Microsecond,
		Resource: map[string]string{"k8s.node.name": "node-1"},
	}
}

func traceOf(spans ...jaeger.Span) jaeger.Trace { return jaeger.Trace{ID: "5b8aa5a2", Spans: spans} }

// element is a part of the drawing, read as any other program would read it.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Text     string     `xml:",chardata"`
	Children []element  `xml:",any"`
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func (e element) number(t *testing.T, name string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(e.attr(name), 64)
	if err != nil {
		t.Fatalf("%s of %s: %v", name, e.XMLName.Local, err)
	}
	return f
}

// all returns the elements with this name and class, of which "" is any.
func (e element) all(name, class string) (found []element) {
	for _, child := range e.Children {
		if child.XMLName.Local == name && (class == "" || slices.Contains(strings.Fields(child.attr("class")), class)) {
			found = append(found, child)
		}
		found = append(found, child.all(name, class)...)
	}
	return found
}

// text is all that stands in the drawing.
func (e element) text() string {
	var lines []string
	for _, text := range e.all("text", "") {
		line := text.Text
		for _, child := range text.Children {
			line += " " + child.Text
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// names are the rows from above: indent by indent, and then the span's name.
func (e element) names(t *testing.T) (names []string) {
	t.Helper()
	var first float64
	for i, row := range e.all("g", "") {
		name := row.all("text", "")
		if len(row.all("circle", "")) > 0 {
			name = name[1:] // after the sign of a failure
		}
		x := name[0].number(t, "x")
		if i == 0 {
			first = x
		}
		names = append(names, strings.Repeat("  ", int((x-first)/13))+name[0].Text)
	}
	return names
}

// draw parses the drawing, and checks what holds for all of them.
func draw(t *testing.T, trace jaeger.Trace, options waterfall.Options) element {
	t.Helper()
	text := waterfall.SVG(trace, options)
	if !bytes.Equal(text, waterfall.SVG(trace, options)) {
		t.Error("two drawings of one trace differ")
	}
	var svg element
	if err := xml.Unmarshal(text, &svg); err != nil {
		t.Fatalf("no XML: %v\n%s", err, text)
	}
	if svg.XMLName.Space != "http://www.w3.org/2000/svg" || svg.attr("role") != "img" {
		t.Errorf("the drawing is %s with role %q", svg.XMLName, svg.attr("role"))
	}
	if svg.Children[0].XMLName.Local != "title" || svg.Children[1].XMLName.Local != "desc" || svg.attr("aria-labelledby") != svg.Children[0].attr("id")+" "+svg.Children[1].attr("id") {
		t.Error("the drawing has no title and description")
	}
	for _, foreign := range []string{"script", "foreignObject", "image", "use", "a"} {
		if len(svg.all(foreign, "")) > 0 {
			t.Errorf("the drawing has a %s", foreign)
		}
	}
	for _, word := range []string{"@import", "@font-face", "url(", "href", "NaN", "Inf"} {
		if bytes.Contains(text, []byte(word)) {
			t.Errorf("the drawing has %q", word)
		}
	}
	box := strings.Fields(svg.attr("viewBox"))
	width, _ := strconv.ParseFloat(box[2], 64)
	height, _ := strconv.ParseFloat(box[3], 64)
	for _, rect := range svg.all("rect", "") {
		var x, y float64
		if rect.attr("x") != "" {
			x, y = rect.number(t, "x"), rect.number(t, "y")
		}
		w, h := rect.number(t, "width"), rect.number(t, "height")
		if x < 0 || y < 0 || w <= 0 || h <= 0 || x+w > width || y+h > height {
			t.Errorf("a rectangle of %gx%g at %g, %g is not inside of %gx%g", w, h, x, y, width, height)
		}
	}
	for _, text := range svg.all("text", "") {
		if x, y := text.number(t, "x"), text.number(t, "y"); x < 0 || y < 0 || x > width || y > height {
			t.Errorf("%q at %g, %g is not inside of %gx%g", text.Text, x, y, width, height)
		}
	}
	var names float64 // where they end at the most
	for _, row := range svg.all("g", "") {
		bar := row.all("rect", "bar")
		if len(bar) != 1 {
			t.Fatalf("a row has %d bars", len(bar))
		}
		if bar[0].number(t, "width") < 3 {
			t.Errorf("a bar is only %s wide", bar[0].attr("width"))
		}
		for _, text := range row.all("text", "") {
			if text.attr("class") == "" {
				names = max(names, text.number(t, "x"))
			}
		}
	}
	for _, bar := range svg.all("rect", "bar") {
		if x := bar.number(t, "x"); x < names {
			t.Errorf("a bar at %g is below names at %g", x, names)
		}
	}
	return svg
}

func TestOrder(t *testing.T) {
	svg := draw(t, traceOf(
		span("c", "a", "second", "etcd", 300, 10),
		span("a", "", "root", "apiserver", 0, 1000),
		span("b1", "b", "below first", "etcd", 150, 10),
		span("b", "a", "first", "etcd", 100, 100),
		span("e", "lost", "of a lost parent", "kubelet", 50, 10),
		span("d", "a", "same start, by ID", "etcd", 300, 10),
	), waterfall.Options{Title: "Title", Subtitle: "Subtitle"})
	want := []string{"root", "  first", "    below first", "  second", "  same start, by ID", "of a lost parent"}
	if diff := cmp.Diff(want, svg.names(t)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var last float64
	for _, row := range svg.all("g", "") {
		y := row.all("rect", "bar")[0].number(t, "y")
		if y <= last {
			t.Errorf("a bar at %g is not below the one at %g", y, last)
		}
		last = y
	}
	for _, want := range []string{"Title", "Subtitle", "apiserver on node-1", "etcd on node-1", "kubelet on node-1", "1.00 ms", "100 µs", "0.2 ms"} {
		if !strings.Contains(svg.text(), want) {
			t.Errorf("the drawing lacks %q:\n%s", want, svg.text())
		}
	}
}

func TestDescription(t *testing.T) {
	failed := span("b", "a", "Txn", "etcd", 100, 100)
	failed.Error = true
	svg := draw(t, traceOf(span("a", "", "POST", "apiserver", 0, 2000), failed, span("b2", "a", "Txn", "etcd", 300, 90), span("c", "a", "Range", "etcd", 900, 10)), waterfall.Options{Subtitle: "Kubernetes 1.37", MaxSpans: 3})
	if got, want := svg.Children[0].Text, "Trace 5b8aa5a2"; got != want {
		t.Errorf("title %q, want %q", got, want)
	}
	want := "Kubernetes 1.37. A waterfall of 3 spans in 2.00 ms, beginning with POST: 1 of apiserver, 2 of etcd. 1 failed. 1 more span not drawn."
	if got := svg.Children[1].Text; got != want {
		t.Errorf("description\n%s\nwant\n%s", got, want)
	}
}

// TestBars is of what lies outside of the root, and of what is too short to see.
func TestBars(t *testing.T) {
	svg := draw(t, traceOf(
		span("a", "", "root", "apiserver", 1000, 1000),
		span("b", "a", "earlier", "etcd", 0, 1500),
		span("c", "a", "later", "etcd", 1500, 2500),
		span("d", "a", "at the end", "etcd", 4000, 0),
		span("e", "a", "backwards", "etcd", 3000, -100),
	), waterfall.Options{})
	var got [][2]float64
	var from, to float64
	bars := svg.all("rect", "bar")
	for i, bar := range bars {
		x, width := bar.number(t, "x"), bar.number(t, "width")
		if i == 0 || x < from {
			from = x
		}
		to = max(to, x+width)
		got = append(got, [2]float64{x, x + width})
	}
	at := func(part float64) float64 { return from + part*(to-from) }
	want := [][2]float64{
		{at(0.25), at(0.5)},     // root
		{at(0), at(0.375)},      // earlier
		{at(0.375), at(1)},      // later
		{at(0.75), at(.75) + 3}, // backwards
		{at(1) - 3, at(1)},      // at the end
	}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 0.3 && b-a < 0.3 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("from and to of the bars (-want +got):\n%s", diff)
	}
}

func TestEmpty(t *testing.T) {
	svg := draw(t, jaeger.Trace{}, waterfall.Options{Title: "Nothing"})
	if got, want := svg.text(), "Nothing\nno spans"; got != want {
		t.Errorf("the drawing says %q, want %q", got, want)
	}
	draw(t, jaeger.Trace{}, waterfall.Options{})
}

func TestEscaping(t *testing.T) {
	const want = `<a>"x" & 'y'</a>` // short enough for a row
	const evil = want + "\x00\xff\n]]>"
	s := span("a", "", evil, evil, 0, 10)
	s.Tags = map[string]string{evil: evil}
	s.Resource = map[string]string{"k8s.node.name": evil}
	svg := draw(t, traceOf(s), waterfall.Options{Title: evil, Subtitle: evil})
	for _, text := range []string{svg.Children[0].Text, svg.Children[1].Text, svg.all("g", "")[0].Children[0].Text, svg.names(t)[0]} {
		if !strings.Contains(text, want) {
			t.Errorf("%q lacks %q", text, want)
		}
	}
}

func TestLongNames(t *testing.T) {
	long := "List/of" + strings.Repeat("/everything/of", 20) + "/everything"
	s := span("a", "", long, strings.Repeat("service-", 30), 0, 10)
	s.Resource["k8s.node.name"] = strings.Repeat("node-", 100)
	svg := draw(t, traceOf(s), waterfall.Options{Title: long, Subtitle: long})
	row := svg.all("g", "")[0]
	if !strings.Contains(row.Children[0].Text, long) {
		t.Errorf("the tooltip lacks the whole name: %s", row.Children[0].Text)
	}
	name := row.all("text", "")[0]
	for what, text := range map[string]string{"service": name.Children[0].Text, "title": svg.all("text", "head")[0].Text} {
		if !strings.HasSuffix(text, "…") || len(text) < 10 {
			t.Errorf("the %s is %q", what, text)
		}
	}
	head, tail, cut := strings.Cut(name.Text, "…")
	if !cut || len(head) < 10 || len(tail) < 10 || !strings.HasPrefix(long, head) || !strings.HasSuffix(long, tail) {
		t.Errorf("the name is %q", name.Text)
	}
}

// TestDeep is of a tree that is deeper than there is space to indent.
func TestDeep(t *testing.T) {
	var spans []jaeger.Span
	for i := range 200 {
		spans = append(spans, span(fmt.Sprint(i), fmt.Sprint(i-1), fmt.Sprintf("level %d", i), "apiserver", i, 400-2*i))
	}
	svg := draw(t, traceOf(spans...), waterfall.Options{MaxSpans: 300})
	if rows := svg.all("g", ""); len(rows) != 200 {
		t.Errorf("%d rows, want 200", len(rows))
	}
}

func TestMaxSpans(t *testing.T) {
	spans := []jaeger.Span{
		span("a", "", "root", "apiserver", 0, 1000),
		span("b", "a", "short with a long child", "apiserver", 10, 5),
		span("b1", "b", "long child of a short one", "etcd", 20, 900),
		span("c", "a", "long", "etcd", 100, 400),
		span("c1", "c", "deep", "etcd", 110, 390),
		span("c2", "c1", "deeper", "etcd", 120, 380),
		span("d", "a", "middle", "etcd", 600, 150),
	}
	for most, c := range map[int]struct {
		want []string
		says string
	}{
		1: {[]string{"root"}, "... and 6 more spans"},
		4: {[]string{"root", "  long", "    deep", "      deeper"}, "... and 3 more spans"},
		6: {[]string{"root", "  short with a long child", "  long", "    deep", "      deeper", "  middle"}, "... and 1 more span"},
		7: {[]string{"root", "  short with a long child", "    long child of a short one", "  long", "    deep", "      deeper", "  middle"}, ""},
	} {
		svg := draw(t, traceOf(spans...), waterfall.Options{MaxSpans: most})
		if diff := cmp.Diff(c.want, svg.names(t)); diff != "" {
			t.Errorf("rows of at most %d (-want +got):\n%s", most, diff)
		}
		if text := svg.text(); !strings.Contains(text, c.says) || strings.Contains(text, "more span") != (c.says != "") {
			t.Errorf("the drawing of at most %d lacks %q:\n%s", most, c.says, text)
		}
	}

	var many []jaeger.Span
	for i := range 100 {
		many = append(many, span(fmt.Sprint("s", i), "s0", "span", "etcd", i, 200-i))
	}
	many[0].ParentID = ""
	svg := draw(t, traceOf(many...), waterfall.Options{})
	if rows := svg.all("g", ""); len(rows) != 60 || !strings.Contains(svg.text(), "... and 40 more spans") {
		t.Errorf("%d of 100 spans are drawn, want 60", len(rows))
	}
}

func TestCircles(t *testing.T) {
	for name, c := range map[string]struct {
		trace jaeger.Trace
		want  []string
	}{
		"its own parent": {traceOf(span("a", "a", "a", "etcd", 0, 10)), []string{"a"}},
		"two":            {traceOf(span("b", "a", "b", "etcd", 5, 10), span("a", "b", "a", "etcd", 0, 10)), []string{"a", "  b"}},
		"beside a root": {
			traceOf(span("a", "c", "a", "etcd", 0, 10), span("b", "a", "b", "etcd", 1, 10), span("c", "b", "c", "etcd", 2, 10), span("r", "", "r", "etcd", 3, 10)),
			[]string{"a", "  b", "    c", "r"},
		},
		"one ID twice": {
			traceOf(span("a", "", "a", "etcd", 0, 10), span("a", "", "again", "etcd", 1, 10), span("b", "a", "b", "etcd", 2, 10)),
			[]string{"a", "  b", "again"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, draw(t, c.trace, waterfall.Options{}).names(t)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAxis reads the labels of the ticks, of traces of any length.
func TestAxis(t *testing.T) {
	for length, want := range map[int]string{
		0:              "0, 0.2 µs, 0.4 µs, 0.6 µs, 0.8 µs, 1 µs",
		7:              "0, 1 µs, 2 µs, 3 µs, 4 µs, 5 µs, 6 µs, 7 µs",
		950:            "0, 200 µs, 400 µs, 600 µs, 800 µs",
		1_000:          "0, 0.2 ms, 0.4 ms, 0.6 ms, 0.8 ms, 1 ms",
		12_300:         "0, 2 ms, 4 ms, 6 ms, 8 ms, 10 ms, 12 ms",
		999_999:        "0, 200 ms, 400 ms, 600 ms, 800 ms",
		2_500_000:      "0, 0.5 s, 1 s, 1.5 s, 2 s, 2.5 s",
		90_000_000:     "0, 20 s, 40 s, 60 s, 80 s",
		10_000_000_000: "0, 2000 s, 4000 s, 6000 s, 8000 s, 10000 s",
	} {
		var got []string
		for _, label := range draw(t, traceOf(span("a", "", "a", "etcd", 0, length)), waterfall.Options{}).all("text", "middle") {
			got = append(got, label.Text)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("the axis of %d µs has\n%s, want\n%s", length, strings.Join(got, ", "), want)
		}
	}

	// No clock is that wrong, but the drawing has to end.
	far := span("b", "", "b", "etcd", 0, 10)
	far.Start = time.UnixMicro(-1 << 62)
	draw(t, traceOf(far, span("a", "", "a", "etcd", 0, 10)), waterfall.Options{})
}

func TestColors(t *testing.T) {
	fills := map[string]string{}
	var spans []jaeger.Span
	for i, service := range []string{"kubelet", "zeta", "etcd", "apiserver", "containerd", "alpha", "beta"} {
		spans = append(spans, span(fmt.Sprint(i), "", service, service, i, 10))
	}
	for _, row := range draw(t, traceOf(spans...), waterfall.Options{}).all("g", "") {
		fills[row.all("text", "")[0].Text] = row.all("rect", "bar")[0].attr("fill")
	}
	want := map[string]string{
		"apiserver": "#1a56db", "etcd": "#b45309", "kubelet": "#0f766e", "containerd": "#7c3aed",
		"alpha": "#44546a", "beta": "#be185d", "zeta": "#4d7c0f",
	}
	if diff := cmp.Diff(want, fills); diff != "" {
		t.Errorf("colours (-want +got):\n%s", diff)
	}
}

func TestFailure(t *testing.T) {
	s := span("a", "", "Txn", "etcd", 0, 10)
	if text := draw(t, traceOf(s), waterfall.Options{}).text(); strings.Contains(text, "failed") {
		t.Errorf("a good span is drawn as failed:\n%s", text)
	}
	s.Error = true
	svg := draw(t, traceOf(s), waterfall.Options{})
	row := svg.all("g", "")[0]
	if len(row.all("rect", "outline")) != 1 || len(row.all("circle", "mark")) != 1 || len(row.all("text", "failed")) != 1 {
		t.Error("the row has no mark")
	}
	if !strings.Contains(svg.text(), "\nfailed\n") || !strings.Contains(row.Children[0].Text, "\nfailed") {
		t.Error("neither legend nor tooltip say what the mark means")
	}
}

func TestTooltip(t *testing.T) {
	s := span("a", "", "Create", "apiserver", 0, 12345)
	s.Tags = map[string]string{
		"url": "/api/v1/pods", "audit-id": "6d2f", "body": strings.Repeat("ä", 300), "otel.status_code": "OK",
		"internal.span.format": "otlp", "otel.scope.name": "x", "net.peer.ip": "::1", "user-agent": "kubelet",
	}
	got := draw(t, traceOf(s), waterfall.Options{}).all("g", "")[0].Children[0].Text
	want := "Create\napiserver on node-1\n12.3 ms\naudit-id: 6d2f\nbody: " + strings.Repeat("ä", 200) + "…\notel.status_code: OK\nurl: /api/v1/pods"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tooltip (-want +got):\n%s", diff)
	}
}
