package news

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kubetrace/conformance/matrix"
)

// The modules that are asked for by name.
const (
	kubernetes = "k8s.io/kubernetes"
	etcd       = "go.etcd.io/etcd/server/v3"
	kind       = "sigs.k8s.io/kind"
)

// pinned is what a component is pinned by: mod files, from the root of the repository,
// those of conformance and those that only the clusters of e2e are built with.
// component and judge name its cells in the report, those of all judges where judge is
// empty. byLine says that each minor release is pinned by itself. What has no files is
// not served so far, or was not.
var pinned = []struct {
	name, module, component, judge string
	files, clusters                []string
	byLine                         bool
}{
	{"Kubernetes", kubernetes, "kubernetes", "", []string{"conformance/judge/v*.mod"}, []string{"e2e/pins/kubernetes-v*.mod"}, true},
	{"etcd", etcd, "etcd", "", []string{"conformance/etcd/v*.mod"}, nil, true},
	{"pod security", "k8s.io/pod-security-admission", "kubernetes", "pod security", []string{"conformance/go.mod"}, nil, false},
	{"kind", kind, "kind", "", []string{"conformance/kind/*.mod"}, nil, false},
	{"Jaeger", "github.com/jaegertracing/jaeger", "jaeger", "", []string{"conformance/jaeger/*.mod"}, nil, false},
	{"Jaeger from 2.14 on", "github.com/jaegertracing/jaeger/v2", "", "", nil, nil, false},
	{"containerd 1", "github.com/containerd/containerd", "containerd", "", []string{"conformance/containerd/v1.*.mod"}, []string{"e2e/pins/containerd-v1.7.mod"}, false},
	{"containerd 2", "github.com/containerd/containerd/v2", "containerd", "", []string{"conformance/containerd/v2.*.mod"}, []string{"e2e/pins/containerd.mod"}, false},
	{"CRI-O", "github.com/cri-o/cri-o", "", "", nil, nil, false},
}

// reportFile says what was judged.
const reportFile = "docs/conformance.json"

// collectorFile pins the collector. Its modules of collectorSet have one minor release,
// and one is of use where each of them is served.
const collectorFile = "conformance/collector/go.mod"

var collectorSet = regexp.MustCompile(`(?m)^\t((?:go\.opentelemetry\.io/collector|github\.com/open-telemetry/opentelemetry-collector-contrib)/\S+) (v0\.\S+)$`)

// Pin is the newest of a component, or of one minor release of it, that the report has a
// verdict of, that a mod file pins, and that is served. Each is empty where there is none.
type Pin struct {
	Name, Judged, Pinned, Served string
	// Clusters is what those of e2e are built with, where it is not Pinned.
	Clusters string
	// Reported says that a judge has to have a verdict of what is pinned.
	Reported bool
	// Lacks is a newer minor release that is not served of this module of a set, and is
	// of others.
	Lacks string
}

// Newer says that something newer is served than is pinned.
func (p Pin) Newer() bool {
	return p.Served != "" && (p.Pinned == "" || order(p.Pinned, p.Served) < 0)
}

// Unjudged says that the report speaks of another version than is pinned, or of none.
func (p Pin) Unjudged() bool { return p.Reported && p.Pinned != "" && p.Pinned != p.Judged }

// Pins reads the mod files and the report below a folder, the root of the repository, and
// asks for the newest version of each. Minor releases after those that are pinned are
// there too.
func Pins(ctx context.Context, root string, modules Modules) ([]Pin, error) {
	report, err := matrix.Read(filepath.Join(root, reportFile))
	if err != nil {
		return nil, err
	}
	var pins []Pin
	for _, p := range pinned {
		own, err := versionsOf(root, p.module, p.files)
		if err != nil {
			return nil, err
		}
		clusters, err := versionsOf(root, p.module, p.clusters)
		if err != nil {
			return nil, err
		}
		served, err := modules.Versions(ctx, p.module)
		if err != nil {
			return nil, err
		}
		held := slices.SortedFunc(slices.Values(slices.Concat(own, clusters)), order)
		pin := func(name string, holds func(string) bool) {
			one := Pin{Name: name, Pinned: newest(held, holds), Served: newest(served, holds), Reported: p.component != ""}
			if older := newest(clusters, holds); older != one.Pinned {
				one.Clusters = older
			}
			if one.Reported {
				one.Judged = judged(report, p.component, p.judge, func(v string) bool {
					return holds(v) && slices.ContainsFunc(held, sameMajor(v)) // 1 and 2 of containerd are one component
				})
			}
			pins = append(pins, one)
		}
		if !p.byLine {
			pin(p.name, all)
			continue
		}
		var lines []string
		for _, v := range slices.SortedFunc(slices.Values(slices.Concat(held, served)), order) {
			if !slices.Contains(lines, lineOf(v)) && order(v, held[0]) >= 0 {
				lines = append(lines, lineOf(v))
			}
		}
		for _, line := range lines {
			pin(p.name+" "+line, inLine(line))
		}
	}
	collector, err := collectors(ctx, root, modules)
	if err != nil {
		return nil, err
	}
	collector[0].Judged = judged(report, "collector", "", all)
	return append(pins, collector...), nil
}

// judged returns the newest version of which a report has the verdict of a judge, or of
// any where none is named. In one row the oldest counts: it is judged where all have
// judged it.
func judged(report *matrix.Matrix, component, judge string, holds func(string) bool) string {
	var versions []string
	for _, row := range report.Rows {
		var by []string
		for name, cell := range row.Cells {
			if row.Component == component && (judge == "" || name == judge) && holds(cell.By) {
				by = append(by, cell.By)
			}
		}
		if len(by) > 0 {
			versions = append(versions, slices.MinFunc(by, order))
		}
	}
	return newest(versions, all)
}

// versionsOf returns the versions of a module in mod files, oldest first.
func versionsOf(root, module string, patterns []string) (versions []string, err error) {
	line := regexp.MustCompile(`(?m)^(?:\t|require )` + regexp.QuoteMeta(module) + ` (v\S+)`)
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				return nil, err
			}
			if found := line.FindSubmatch(text); found != nil {
				versions = append(versions, string(found[1]))
			}
		}
	}
	if len(versions) == 0 && len(patterns) > 0 {
		return nil, fmt.Errorf("no file of %s pins %s: see pinned in conformance/news", strings.Join(patterns, ", "), module)
	}
	slices.SortFunc(versions, order)
	return versions, nil
}

// collectors is the pin of the collector, whose newest minor release is that of which every
// module of the set is served, and one of each module of which a newer patch is served than
// is pinned, or which is what a newer minor release of the others lacks.
func collectors(ctx context.Context, root string, modules Modules) ([]Pin, error) {
	text, err := os.ReadFile(filepath.Join(root, collectorFile))
	if err != nil {
		return nil, err
	}
	set := Pin{Name: "OpenTelemetry Collector", Reported: true}
	var each []Pin
	served := map[string][]string{}
	count := map[string]int{} // of the modules that have a minor release
	for _, found := range collectorSet.FindAllStringSubmatch(string(text), -1) {
		module, version := found[1], found[2]
		if served[module], err = modules.Versions(ctx, module); err != nil {
			return nil, err
		}
		lines := map[string]bool{}
		for _, v := range served[module] {
			lines[lineOf(v)] = true
		}
		for line := range lines {
			count[line]++
		}
		each = append(each, Pin{Name: module, Pinned: version})
		if set.Pinned == "" || order(version, set.Pinned) < 0 {
			set.Pinned = version // the release: a module may have a patch of its own
		}
	}
	if len(each) == 0 {
		return nil, fmt.Errorf("%s pins no module of the collector", collectorFile)
	}
	var whole, most string // of all modules, and of any
	lines := slices.SortedFunc(maps.Keys(count), func(a, b string) int { return order("v"+a+".0", "v"+b+".0") })
	for _, line := range lines {
		if most = line; count[line] == len(each) {
			whole = line
		}
	}
	pins := []Pin{set}
	for _, pin := range each {
		versions := served[pin.Name]
		if v := newest(versions, inLine(whole)); v != "" && (pins[0].Served == "" || order(v, pins[0].Served) < 0) {
			pins[0].Served = v
		}
		if pin.Served = newest(versions, inLine(lineOf(pin.Pinned))); newest(versions, inLine(most)) == "" {
			pin.Lacks = most
		}
		if pin.Newer() || pin.Lacks != "" {
			pins = append(pins, pin)
		}
	}
	return pins, nil
}

// Toolchain is the newest Go that a judge is built with, where it is not the one that
// runs.
func Toolchain(root string) (found string, err error) {
	files, err := filepath.Glob(filepath.Join(root, "conformance/judge/v*.mod"))
	if err != nil {
		return "", err
	}
	slices.Sort(files) // the minors have two digits each
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if line := regexp.MustCompile(`(?m)^toolchain (\S+)$`).FindSubmatch(text); line != nil {
			found = string(line[1])
		}
	}
	return found, nil
}
