// Package waterfall draws a trace as a waterfall: one row for each span, a tree
// of names on the left, bars on a common axis of time on the right. The drawing
// is an SVG that stands alone, for the documentation: it has no scripts, asks for
// no fonts or styles, and brings its own background.
package waterfall
