package waterfall

import (
	"cmp"
	"slices"

	"kubetrace/e2e/jaeger"
)

// row is a span at its place in the tree.
type row struct {
	span  jaeger.Span
	depth int
}

// node is a span with its children.
type node struct {
	span     jaeger.Span
	depth    int
	children []*node
	kept     bool
}

// rowsOf returns the spans to draw, each above its children and these by their
// start, and how many are left out.
func rowsOf(spans []jaeger.Span, most int) (rows []row, omitted int) {
	roots := treeOf(spans)
	keep(roots, most)
	var walk func(nodes []*node)
	walk = func(nodes []*node) {
		for _, n := range nodes {
			if n.kept {
				rows = append(rows, row{span: n.span, depth: n.depth})
				walk(n.children)
			}
		}
	}
	walk(roots)
	return rows, len(spans) - len(rows)
}

// treeOf returns the roots: the spans whose parent is not there, and of those
// that refer to each other in a circle the earliest.
func treeOf(spans []jaeger.Span) (roots []*node) {
	spans = slices.Clone(spans)
	slices.SortStableFunc(spans, func(a, b jaeger.Span) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	ids := make(map[string]bool, len(spans))
	byParent := map[string][]int{}
	for i, span := range spans {
		ids[span.ID] = true
		byParent[span.ParentID] = append(byParent[span.ParentID], i)
	}
	placed := make([]bool, len(spans))
	var place func(i, depth int) *node
	place = func(i, depth int) *node {
		placed[i] = true
		n := &node{span: spans[i], depth: depth}
		for _, child := range byParent[spans[i].ID] {
			if !placed[child] {
				n.children = append(n.children, place(child, depth+1))
			}
		}
		return n
	}
	for _, inCircle := range []bool{false, true} {
		for i, span := range spans {
			if !placed[i] && ids[span.ParentID] == inCircle {
				roots = append(roots, place(i, 0))
			}
		}
	}
	slices.SortStableFunc(roots, func(a, b *node) int { return a.span.Start.Compare(b.span.Start) })
	return roots
}

// keep marks what Options.MaxSpans promises.
func keep(roots []*node, most int) {
	candidates := slices.Clone(roots)
	for range most {
		if len(candidates) == 0 {
			return
		}
		best := 0
		for i, n := range candidates {
			if n.weight() > candidates[best].weight() {
				best = i
			}
		}
		n := candidates[best]
		n.kept = true
		candidates = append(slices.Delete(candidates, best, best+1), n.children...)
	}
}

func (n *node) weight() float64 { return float64(n.span.Duration) / float64(n.depth+1) }
