package yamledit

import (
	"slices"
)

// pair says which item of one list becomes which of another. -1 is none.
type pair struct{ have, want int }

// many is how many comparisons of items are worth their time.
const many = 1 << 20

// align pairs the items of two lists in their order, so that those are together
// which are the same or most alike.
func align(have, want []any) []pair {
	var first, last []pair
	from, haveEnd, wantEnd := 0, len(have), len(want)
	for from < haveEnd && from < wantEnd && equal(have[from], want[from]) {
		first = append(first, pair{from, from})
		from++
	}
	for haveEnd > from && wantEnd > from && equal(have[haveEnd-1], want[wantEnd-1]) {
		haveEnd, wantEnd = haveEnd-1, wantEnd-1
		last = append(last, pair{haveEnd, wantEnd})
	}
	slices.Reverse(last)
	n, m := haveEnd-from, wantEnd-from
	if n*m > many {
		for i := range max(n, m) {
			p := pair{-1, -1}
			if i < n {
				p.have = from + i
			}
			if i < m {
				p.want = from + i
			}
			first = append(first, p)
		}
		return append(first, last...)
	}
	// best[i][j] is how alike the lists can be from i and j on.
	best := make([][]int, n+1)
	best[n] = make([]int, m+1)
	alike := make([][]int, n)
	for i := n - 1; i >= 0; i-- {
		best[i], alike[i] = make([]int, m+1), make([]int, m)
		for j := m - 1; j >= 0; j-- {
			alike[i][j] = likeness(have[from+i], want[from+j])
			best[i][j] = max(alike[i][j]+best[i+1][j+1], best[i+1][j], best[i][j+1])
		}
	}
	for i, j := 0, 0; i < n || j < m; {
		switch {
		case i < n && j < m && best[i][j] == alike[i][j]+best[i+1][j+1]:
			first = append(first, pair{from + i, from + j})
			i, j = i+1, j+1
		case j < m && (i == n || best[i][j] == best[i][j+1]):
			first = append(first, pair{-1, from + j})
			j++
		default:
			first = append(first, pair{from + i, -1})
			i++
		}
	}
	return append(first, last...)
}

// likeness is how much of an item is in another, at most 1000.
func likeness(a, b any) int {
	if equal(a, b) {
		return 1000
	}
	switch a := a.(type) {
	case map[string]any:
		b, _ := b.(map[string]any)
		same := 0
		for key, value := range a {
			if other, there := b[key]; there && equal(value, other) {
				same++
			}
		}
		return 900 * same / max(len(a), len(b), 1)
	case string:
		b, _ := b.(string)
		n, before, behind := min(len(a), len(b)), 0, 0
		for before < n && a[before] == b[before] {
			before++
		}
		for behind < n-before && a[len(a)-1-behind] == b[len(b)-1-behind] {
			behind++
		}
		return 900 * (before + behind) / max(len(a), len(b), 1)
	}
	return 0
}
