package check

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/release"
	"kubetrace/tracing"
)

// How a node's status begins the version of its container runtime.
const (
	containerdScheme = "containerd://"
	crioScheme       = "cri-o://"
)

// runtime judges a node's container runtime, where the spec names one, and finds what
// a containerd passes over in any case.
func (i *inspector) runtime(node *corev1.Node) {
	version := node.Status.NodeInfo.ContainerRuntimeVersion
	named := func(c tracing.Component) bool { return i.NotGenerated(c) == nil }
	scheme, number, _ := strings.Cut(version, "://")
	r := reporter{inspector: i, component: tracing.ComponentContainerd, node: node.Name}
	switch scheme + "://" {
	case containerdScheme:
		if named(tracing.ComponentContainerd) {
			r.containerd(number)
		} else if named(tracing.ComponentCRIO) {
			r.add(NoTraces, "container runtime", "CRI-O, as the spec says", version, "Write containerd: {version: %q} into the spec too, and generate again", number)
		} else {
			r.unread(number)
		}
	case crioScheme:
		r.component = tracing.ComponentCRIO
		if named(tracing.ComponentCRIO) {
			r.crio(number)
		} else if named(tracing.ComponentContainerd) {
			r.add(NoTraces, "container runtime", "containerd, as the spec says", version, "Write crio: {version: %q} into the spec too, and generate again", number)
		}
	}
}

// containerd judges a containerd of a version by the form that it reads.
func (r reporter) containerd(version string) {
	row, known := release.ContainerdOf(version)
	if known && !setting.ContainerdFits(r.Resolved, row) {
		r.add(NoTraces, "version", "one that reads what is made for containerd "+r.Spec().Containerd.Version, version, "Write containerd: {version: %q} into the spec and generate again: this one goes by another form of the settings", version)
		return
	}
	if !known {
		row = release.Containerd{Variables: r.ContainerdVariables(), TOML: r.ContainerdTOML()}
	}
	text, given := r.Containerd[r.node]
	tables, configVersion, ok := r.tables(text, "config.toml")
	if !ok {
		return
	}
	if !row.Variables {
		if !given {
			r.add(Unseen, "config.toml", "its tables of tracing", "none", "Give it: containerd config dump, on the node %s", r.node)
			return
		}
		r.reportAll(setting.JudgeContainerdTOML(r.Resolved, tables, configVersion), tables)
		return
	}
	environment, given := r.ContainerdEnvironment[r.node]
	if !given {
		r.add(Unseen, "environment", "its variables OTEL_…", "none", "Give it: tr '\\0' '\\n' < /proc/$(pidof containerd)/environ | grep ^OTEL_, on the node %s", r.node)
		return
	}
	variables := setting.ReadEnvironment(string(environment))
	verdicts := setting.JudgeContainerdVariables(r.Resolved, variables)
	if row.TOML && slices.ContainsFunc(tables, func(w setting.Written) bool { return w.As == setting.ContainerdEndpoint && w.Value != "" }) {
		for i := range verdicts {
			if verdicts[i].Class == setting.Missing { // it takes these from there
				verdicts[i].Class = setting.OtherValue
			}
		}
	}
	r.reportAll(verdicts, variables)
	if known && !row.TOML {
		for _, v := range setting.ContainerdVoid(tables) {
			r.add(Stale, tables[v.At].Name, "nothing", quoted(tables[v.At].Value), "%s", v.Cure)
		}
	}
}

// unread finds an endpoint that a containerd of a version passes over, of which the spec
// says nothing.
func (r reporter) unread(version string) {
	row, known := release.ContainerdOf(version)
	text, given := r.Containerd[r.node]
	if !given || !known || row.TOML {
		return
	}
	tables, _, _ := r.tables(text, "config.toml")
	for _, v := range setting.ContainerdVoid(tables) {
		if w := tables[v.At]; w.As == setting.ContainerdEndpoint {
			r.add(NoTraces, w.Name, "variables OTEL_… of containerd", w.Value, "Take it out, and write containerd: {version: %q} into the spec: containerd %s passes this over and goes by variables of its environment, which are then generated", version, version)
		}
	}
}

// crio judges the configuration of a CRI-O of a version.
func (r reporter) crio(version string) {
	if _, known := release.CRIOOf(version); !known {
		r.add(NoTraces, "version", "one that can be traced", version, "Move to CRI-O %s or later", firstCRIO())
		return
	}
	text, given := r.CRIO[r.node]
	if !given {
		r.add(Unseen, "crio.conf", "its table of tracing", "none", "Give it: crio status config, on the node %s", r.node)
		return
	}
	if table, _, ok := r.tables(text, "crio.conf"); ok {
		r.reportAll(setting.JudgeCRIO(r.Resolved, table), table)
	}
}

func firstCRIO() string { oldest, _ := release.CRIOBounds(); return oldest }

// tables reads what a runtime's file says of tracing, and the version of the file. What
// is no TOML keeps the runtime from starting.
func (r reporter) tables(text []byte, name string) (tables []setting.Written, version int64, ok bool) {
	parsed, err := tomledit.Parse(text)
	if err != nil {
		r.add(RefusesToStart, name, "TOML", "what cannot be read", "%s", setting.Sentence(err.Error()))
		return nil, 0, false
	}
	version, _ = parsed.Tree()["version"].(int64)
	return setting.ReadTOML(parsed.Tree(), r.component), version, true
}

// reportAll reports verdicts of settings.
func (r reporter) reportAll(verdicts []setting.Verdict, given []setting.Written) {
	for _, v := range verdicts {
		name, have := v.Name, ""
		if v.At >= 0 {
			name, have = given[v.At].Name, given[v.At].Value
		}
		r.report(v, name, have)
	}
}
