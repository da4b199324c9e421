package check

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/release"
	"kubetrace/tracing"
)

// runtime judges a node's container runtime, where the spec names one, and finds what
// a containerd passes over in any case.
func (i *inspector) runtime(node *corev1.Node) {
	version := node.Status.NodeInfo.ContainerRuntimeVersion
	containerd, crio := i.NotGenerated(tracing.ComponentContainerd) == nil, i.NotGenerated(tracing.ComponentCRIO) == nil
	r := reporter{inspector: i, component: tracing.ComponentContainerd, node: node.Name}
	want := "containerd, as the spec says"
	if crio && !containerd {
		r.component, want = tracing.ComponentCRIO, "CRI-O, as the spec says"
	}
	switch scheme, number, _ := strings.Cut(version, "://"); {
	case scheme == "containerd" && containerd:
		r.containerd(number)
	case scheme == "containerd" && crio:
		r.component = tracing.ComponentContainerd
		r.add(NoTraces, "container runtime", want, version, "Write containerd: {version: %q} into the spec too, and generate again", number)
	case scheme == "containerd":
		r.unread(number)
	case scheme == "cri-o" && crio:
		r.component = tracing.ComponentCRIO
		r.crio(number)
	case scheme == "cri-o" && containerd:
		r.component = tracing.ComponentCRIO
		r.add(NoTraces, "container runtime", want, version, "Write crio: {version: %q} into the spec too, and generate again", number)
	case !containerd && !crio:
	case version == "":
		r.add(Unseen, "container runtime", want, "nothing", "Give the node with its status.nodeInfo.containerRuntimeVersion: kubectl get nodes -o yaml")
	default:
		r.add(NoTraces, "container runtime", want, version, "Move the node to it: this one cannot be traced")
	}
}

// supports says how the version of a node's runtime stands to its table, and reports
// one that the table does not have. One that cannot be read counts as too new, and is
// judged by the form that the spec's reads.
func (r reporter) supports(name, version, oldest string, at func(release.Version) release.Support) release.Support {
	parsed, ok := release.VersionOfTag(version)
	if !ok {
		r.add(Unseen, "version", "three numbers", quoted(version), "Look which release of %s the node has: it is judged as the spec's", name)
		return release.SupportTooNew
	}
	support := at(parsed)
	switch support {
	case release.SupportTooOld:
		r.add(NoTraces, "version", "one that can be traced", version, "Move to %s %s or later", name, oldest)
	case release.SupportTooNew:
		r.add(Unseen, "version", "one that is known here", version, "Look for a newer kubetrace: it is judged as the spec's")
	}
	return support
}

// containerd judges a containerd of a version by the form that it reads.
func (r reporter) containerd(version string) {
	oldest, _ := release.ContainerdBounds()
	support := r.supports("containerd", version, oldest, func(v release.Version) release.Support {
		_, _, support := release.ContainerdAt(v)
		return support
	})
	if support == release.SupportTooOld {
		return
	}
	row, known := release.ContainerdOf(version)
	if known && !setting.ContainerdFits(r.Resolved, row) {
		r.add(NoTraces, "version", "one that reads what is made for containerd "+r.Spec().Containerd.Version, version, "Write containerd: {version: %q} into the spec and generate again: this one goes by another form of the settings", version)
		return
	}
	if !known {
		row = release.Containerd{Variables: r.ContainerdVariables(), TOML: r.ContainerdTOML()}
	}
	text, given := r.Containerd[r.node]
	parsed, ok := r.toml(text, "config.toml")
	if !ok {
		return
	}
	tables := setting.ReadTOML(parsed, r.component)
	configVersion, _ := parsed["version"].(int64)
	if support == release.SupportKnown && row.RefusesNewerConfig && configVersion > int64(row.ConfigVersion) {
		r.add(RefusesToStart, "version of config.toml", fmt.Sprintf("%d or less", row.ConfigVersion), fmt.Sprint(configVersion),
			"Write the file in version %d, as containerd config default has it: containerd %s does not know a later one", row.ConfigVersion, version)
		return
	}
	for _, w := range setting.ContainerdDisabled(parsed) {
		r.add(NoTraces, w.Name, "a list without it", w.Value, "%s", setting.Enable)
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
		r.add(Unseen, "environment", "its variables OTEL_…", "none", "Give it: tr '\\0' '\\n' < /proc/$(systemctl show -p MainPID --value containerd)/environ | grep ^OTEL_, on the node %s", r.node)
		return
	}
	variables := setting.ReadEnvironment(string(environment))
	if row.TOML && configVersion > 1 {
		variables = append(variables, setting.ContainerdFallback(variables, tables)...)
	}
	r.reportAll(setting.JudgeContainerdVariables(r.Resolved, variables), variables)
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
	parsed, _ := r.toml(text, "config.toml")
	tables := setting.ReadTOML(parsed, r.component)
	for _, v := range setting.ContainerdVoid(tables) {
		if w := tables[v.At]; w.As == setting.ContainerdEndpoint {
			r.add(NoTraces, w.Name, "variables OTEL_… of containerd", w.Value, "Take it out, and write containerd: {version: %q} into the spec: containerd %s passes this over and goes by variables of its environment, which are then generated", version, version)
		}
	}
}

// crio judges the configuration of a CRI-O of a version.
func (r reporter) crio(version string) {
	oldest, newest := release.CRIOBounds()
	support := r.supports("CRI-O", version, oldest, func(v release.Version) release.Support {
		_, support := release.CRIOAt(v)
		return support
	})
	if support == release.SupportTooOld {
		return
	}
	text, given := r.CRIO[r.node]
	if !given {
		row, known := release.CRIOOf(version)
		if !known {
			row, _ = release.CRIOOf(newest + ".0")
		}
		r.add(Unseen, "crio.conf", "its table of tracing", "none", "Give it: %s, on the node %s", row.ConfigCommand, r.node)
		return
	}
	if parsed, ok := r.toml(text, "crio.conf"); ok {
		table := setting.ReadTOML(parsed, r.component)
		r.reportAll(setting.JudgeCRIO(r.Resolved, table), table)
	}
}

// toml reads a runtime's file. What is no TOML keeps the runtime from starting.
func (r reporter) toml(text []byte, name string) (tree map[string]any, ok bool) {
	parsed, err := tomledit.Parse(text)
	if err != nil {
		r.add(RefusesToStart, name, "TOML", "what cannot be read", "%s", setting.Sentence(err.Error()))
		return nil, false
	}
	return parsed.Tree(), true
}

// reportAll reports verdicts of settings.
func (r reporter) reportAll(verdicts []setting.Verdict, given []setting.Written) {
	for _, v := range verdicts {
		name, have := v.Name, ""
		if v.At >= 0 {
			name, have = given[v.At].Name, given[v.At].Value
			if as := given[v.At].As; given[v.At].Kind == setting.Variable && as != name {
				name = as + " as " + name // containerd takes a field for it
			}
		}
		r.report(v, name, have)
	}
}
