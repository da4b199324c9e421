package news

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The modules that are asked for by name.
const (
	kubernetes = "k8s.io/kubernetes"
	etcd       = "go.etcd.io/etcd/server/v3"
)

// pinned is what a component is pinned by: mod files, from the root of the repository.
// byLine says that each minor release is pinned by itself.
var pinned = []struct {
	name, module string
	files        []string
	byLine       bool
}{
	{"Kubernetes", kubernetes, []string{"conformance/judge/v*.mod"}, true},
	{"etcd", etcd, []string{"conformance/etcd/v*.mod"}, true},
	{"kind", "sigs.k8s.io/kind", []string{"conformance/kind/*.mod"}, false},
	{"Jaeger", "github.com/jaegertracing/jaeger", []string{"conformance/jaeger/*.mod"}, false},
	{"containerd 1", "github.com/containerd/containerd", []string{"e2e/pins/containerd-v1.7.mod", "conformance/containerd/v1.*.mod"}, false},
	{"containerd 2", "github.com/containerd/containerd/v2", []string{"e2e/pins/containerd.mod", "conformance/containerd/v2.*.mod"}, false},
	{"CoreDNS", "github.com/coredns/coredns", []string{"e2e/pins/coredns.mod"}, false},
}

// collectorFile pins the collector. All of its modules of collectorSet have one
// version, and a release is of use where each of them is served.
const collectorFile = "conformance/collector/go.mod"

var collectorSet = regexp.MustCompile(`(?m)^\t((?:go\.opentelemetry\.io/collector|github\.com/open-telemetry/opentelemetry-collector-contrib)/\S+) (v0\.\S+)$`)

// Pin is what is judged of a component, or of one minor release of it, and what is
// served. Served is empty where nothing is.
type Pin struct{ Name, Judged, Served string }

// Newer says that something newer is served than is judged.
func (p Pin) Newer() bool { return p.Served != "" && (p.Judged == "" || order(p.Judged, p.Served) < 0) }

// Pins reads the mod files below a folder, the root of the repository, and asks for the
// newest version of each. Minor releases after those that are pinned are there too.
func Pins(ctx context.Context, root string, modules Modules) ([]Pin, error) {
	var pins []Pin
	for _, p := range pinned {
		judged, err := versionsOf(root, p.module, p.files)
		if err != nil {
			return nil, err
		}
		served, err := modules.Versions(ctx, p.module)
		if err != nil {
			return nil, err
		}
		if !p.byLine {
			pins = append(pins, Pin{p.name, newest(judged, all), newest(served, all)})
			continue
		}
		var lines []string
		for _, v := range slices.SortedFunc(slices.Values(slices.Concat(judged, served)), order) {
			if !slices.Contains(lines, lineOf(v)) && order(v, judged[0]) >= 0 {
				lines = append(lines, lineOf(v))
			}
		}
		for _, line := range lines {
			pins = append(pins, Pin{p.name + " " + line, newest(judged, inLine(line)), newest(served, inLine(line))})
		}
	}
	collector, err := collectors(ctx, root, modules)
	return append(pins, collector), err
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
	if len(versions) == 0 {
		return nil, fmt.Errorf("no file of %s pins %s: see pinned in conformance/news", strings.Join(patterns, ", "), module)
	}
	slices.SortFunc(versions, order)
	return versions, nil
}

// collectors is the pin of the collector: the newest minor release of which every
// module of the set is served.
func collectors(ctx context.Context, root string, modules Modules) (Pin, error) {
	text, err := os.ReadFile(filepath.Join(root, collectorFile))
	if err != nil {
		return Pin{}, err
	}
	pin := Pin{Name: "OpenTelemetry Collector"}
	var common []string
	for i, found := range collectorSet.FindAllStringSubmatch(string(text), -1) {
		served, err := modules.Versions(ctx, found[1])
		if err != nil {
			return Pin{}, err
		}
		// A module may have a patch of its own.
		lines := map[string]bool{}
		for _, v := range served {
			lines["v"+lineOf(v)+".0"] = true
		}
		if i == 0 {
			pin.Judged = found[2]
			for line := range lines {
				common = append(common, line)
			}
			continue
		}
		common = slices.DeleteFunc(common, func(line string) bool { return !lines[line] })
	}
	if pin.Judged == "" {
		return Pin{}, fmt.Errorf("%s pins no module of the collector", collectorFile)
	}
	pin.Served = newest(common, all)
	return pin, nil
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
