// Package matrix is the report of the conformance runs: for each release of each
// component, which judges have accepted what kubetrace generates for it, and when.
// It is kept as docs/conformance.json and shown as docs/conformance.md.
package matrix

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Matrix is the report.
type Matrix struct {
	Rows []Row `json:"rows"`
}

// Row is one release of one component.
type Row struct {
	// Component is kubernetes, etcd, containerd, kind, collector or jaeger.
	Component string `json:"component"`
	// Release is its minor, or for etcd and containerd its patch release: "1.29",
	// "3.5.11".
	Release string `json:"release"`
	// Date is when the row was judged, "2006-01-02".
	Date string `json:"date"`
	// NotServed says why there is no judge, and what is nearest.
	NotServed string `json:"notServed,omitempty"`
	// Generated identifies what was judged: it changes with what kubetrace
	// generates for this release of Kubernetes.
	Generated string `json:"generated,omitempty"`
	// Cells are the judges' verdicts, by judge.
	Cells map[string]Cell `json:"cells,omitempty"`
}

// Cell is the verdict of one judge.
type Cell struct {
	// By is the version of what judged, "v1.29.1".
	By string `json:"by"`
	// Passed tells that it accepted everything it had to, and refused everything
	// else.
	Passed bool `json:"passed"`
	// Tests is how many tests that was.
	Tests int `json:"tests"`
}

// Scope tells which rows a run was about.
type Scope func(component, release string) bool

// Failed names the cells that have not passed.
func (m *Matrix) Failed() (cells []string) {
	for _, row := range m.Rows {
		for _, judge := range slices.Sorted(maps.Keys(row.Cells)) {
			if !row.Cells[judge].Passed {
				cells = append(cells, fmt.Sprintf("%s %s: %s", titles[row.Component], row.Release, judge))
			}
		}
	}
	return cells
}

// Read reads a report, which is empty where there is no file.
func Read(file string) (*Matrix, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return &Matrix{}, nil
	}
	if err != nil {
		return nil, err
	}
	var m Matrix
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &m, nil
}

// Write writes the report.
func (m *Matrix) Write(file string) error {
	text, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// Row returns the row of a release, or nil.
func (m *Matrix) Row(component, release string) *Row {
	at := slices.IndexFunc(m.Rows, func(r Row) bool { return r.Component == component && r.Release == release })
	if at < 0 {
		return nil
	}
	return &m.Rows[at]
}

// Update takes over the rows of a newer run, as a whole, and keeps those that it
// was not about. What nobody judges any more has no row.
func (m *Matrix) Update(newer *Matrix, scope Scope) {
	m.Rows = slices.DeleteFunc(m.Rows, func(r Row) bool { return scope(r.Component, r.Release) })
	m.Rows = append(m.Rows, newer.Rows...)
	m.sort()
}

// components in the order of the report.
var components = []string{"kubernetes", "etcd", "containerd", "kind", "collector", "jaeger"}

func (m *Matrix) sort() {
	slices.SortStableFunc(m.Rows, func(a, b Row) int {
		return cmp.Or(
			cmp.Compare(slices.Index(components, a.Component), slices.Index(components, b.Component)),
			slices.Compare(numbers(a.Release), numbers(b.Release)),
		)
	})
}

// numbers are those of a version, for comparing.
func numbers(version string) (all []int) {
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		all = append(all, n)
	}
	return all
}

// Contradictions says where a run found something else than a report says.
func (m *Matrix) Contradictions(found *Matrix, scope Scope) (problems []string) {
	for _, row := range m.Rows {
		if scope(row.Component, row.Release) && found.Row(row.Component, row.Release) == nil {
			problems = append(problems, fmt.Sprintf("%s %s: the report has a row, and nobody has judged it", row.Component, row.Release))
		}
	}
	for _, row := range found.Rows {
		kept := m.Row(row.Component, row.Release)
		if kept == nil {
			problems = append(problems, fmt.Sprintf("%s %s has no row", row.Component, row.Release))
			continue
		}
		for judge, cell := range row.Cells {
			old, ok := kept.Cells[judge]
			if !ok || old.Passed != cell.Passed || old.By != cell.By {
				problems = append(problems, fmt.Sprintf("%s %s, %s: the report says %+v, the run %+v", row.Component, row.Release, judge, old, cell))
			}
		}
		for judge := range kept.Cells {
			if _, ok := row.Cells[judge]; !ok {
				problems = append(problems, fmt.Sprintf("%s %s, %s: the report has a verdict, the run none", row.Component, row.Release, judge))
			}
		}
		if kept.Generated != row.Generated {
			problems = append(problems, fmt.Sprintf("%s %s: its row of the table, what is generated or its judge has changed since it was judged", row.Component, row.Release))
		}
		if kept.NotServed != row.NotServed {
			problems = append(problems, fmt.Sprintf("%s %s: the report says %q, the run %q", row.Component, row.Release, kept.NotServed, row.NotServed))
		}
	}
	return problems
}
