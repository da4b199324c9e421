package matrix

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// titles and judges are how a component's table looks: its columns in order.
var titles = map[string]string{
	"kubernetes": "Kubernetes",
	"etcd":       "etcd",
	"containerd": "containerd",
	"kind":       "kind",
	"collector":  "OpenTelemetry Collector",
	"jaeger":     "Jaeger",
}

var judges = map[string][]string{
	"kubernetes": {"kubeadm", "kube-apiserver", "kubelet", "table", "random specs", "kind's documents", "pod security", "objects", "stricter"},
}

// Markdown returns the tables of the report.
func (m *Matrix) Markdown() string {
	var b strings.Builder
	for _, component := range components {
		var rows []Row
		columns := slices.Clone(judges[component])
		for _, row := range m.Rows {
			if row.Component != component {
				continue
			}
			rows = append(rows, row)
			for judge := range row.Cells {
				if !slices.Contains(columns, judge) {
					columns = append(columns, judge)
				}
			}
		}
		if len(rows) == 0 {
			continue
		}
		slices.Sort(columns[len(judges[component]):])
		fmt.Fprintf(&b, "\n## %s\n\n| release | judged by | %s | date |\n|---|---|%s---|\n", titles[component], strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
		for _, row := range rows {
			if row.NotServed != "" {
				fmt.Fprintf(&b, "| %s | *not served*: %s |%s %s |\n", row.Release, row.NotServed, strings.Repeat(" |", len(columns)), row.Date)
				continue
			}
			by := row.by()
			fmt.Fprintf(&b, "| %s | %s |", row.Release, by)
			for _, judge := range columns {
				fmt.Fprintf(&b, " %s |", verdict(row.Cells, judge, by))
			}
			fmt.Fprintf(&b, " %s |\n", row.Date)
		}
	}
	return b.String()
}

// by is the version that most judges of the row are of.
func (r Row) by() (version string) {
	count := map[string]int{}
	for _, cell := range r.Cells {
		count[cell.By]++
	}
	for _, by := range slices.Sorted(maps.Keys(count)) {
		if count[by] > count[version] {
			version = by
		}
	}
	return version
}

func verdict(cells map[string]Cell, judge, by string) string {
	cell, ok := cells[judge]
	if !ok {
		return "–"
	}
	text := "pass"
	if !cell.Passed {
		text = "**fail**"
	}
	if cell.By != by && cell.By != "" {
		text += " (" + cell.By + ")"
	}
	return text
}
