package matrix

import (
	"fmt"
	"slices"
	"strings"
)

// titles and judges are how a component's table looks: its columns in order.
var titles = map[string]string{
	"kubernetes": "Kubernetes",
	"etcd":       "etcd",
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
			fmt.Fprintf(&b, "| %s | %s |", row.Release, strings.Join(row.by(), ", "))
			for _, judge := range columns {
				fmt.Fprintf(&b, " %s |", verdict(row.Cells, judge))
			}
			fmt.Fprintf(&b, " %s |\n", row.Date)
		}
	}
	return b.String()
}

// by are the versions that judged the row.
func (r Row) by() (versions []string) {
	for _, cell := range r.Cells {
		if !slices.Contains(versions, cell.By) {
			versions = append(versions, cell.By)
		}
	}
	slices.Sort(versions)
	return versions
}

func verdict(cells map[string]Cell, judge string) string {
	switch cell, ok := cells[judge]; {
	case !ok:
		return ""
	case cell.Passed:
		return "pass"
	default:
		return "**fail**"
	}
}
