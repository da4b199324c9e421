package check

import (
	"bytes"
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
		class, why := setting.JudgeContainerdUnfit(r.Resolved, row)
		r.add(severityOf(setting.Verdict{Class: class}), "version", "one that reads what is made for containerd "+r.Spec().Containerd.Version, version, "Write containerd: {version: %q} into the spec and generate again: %s", version, why)
		return
	}
	if !known {
		row = release.Containerd{Variables: r.ContainerdVariables(), TOML: r.ContainerdTOML()}
	}
	text, given := r.Containerd[r.node]
	if !row.Variables && !r.has(text, given, "config.toml", "its tables of tracing", configDump) {
		return
	}
	parsed, ok := r.toml(text, "config.toml", configDump)
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
		if configVersion < 2 {
			r.add(NoTraces, "version of config.toml", "2", fmt.Sprint(max(configVersion, 1)), "%s", setting.OldConfig)
			return
		}
		r.reportAll(setting.JudgeContainerdTOML(r.Resolved, tables), tables)
		return
	}
	environment, given := r.ContainerdEnvironment[r.node]
	if !r.has(environment, given, "environment", "its variables OTEL_…", `tr '\0' '\n' < /proc/$(systemctl show -p MainPID --value containerd)/environ`) {
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
	parsed, _ := r.toml(text, "config.toml", configDump)
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
	row, known := release.CRIOOf(version)
	if !known {
		row, _ = release.CRIOOf(newest + ".0")
	}
	text, given := r.CRIO[r.node]
	command := row.ConfigCommand + " 2>/dev/null" // which logs
	if !r.has(text, given, "crio.conf", "its table of tracing", command) {
		return
	}
	if parsed, ok := r.toml(text, "crio.conf", command); ok {
		table := setting.ReadTOML(parsed, r.component)
		r.reportAll(setting.JudgeCRIO(r.Resolved, table), table)
	}
}

// configDump prints the configuration that containerd runs with.
const configDump = "containerd config dump 2>/dev/null"

// has says whether something of a node was collected, by a command. An empty text is
// what a command prints that fails.
func (r reporter) has(text []byte, given bool, name, want, command string) bool {
	switch {
	case !given:
		r.add(Unseen, name, want, "none", "Give it: %s, as root on the node %s", command, r.node)
	case len(bytes.Trim(text, " \t\r\n\x00")) == 0:
		r.add(Unseen, name, want, "empty", "It is empty: read it as root: %s, on the node %s", command, r.node)
		given = false
	}
	return given
}

// toml reads what a command has printed of a runtime's file. What is no TOML is not the
// file, with which the runtime would not run, but a message of the command.
func (r reporter) toml(text []byte, name, command string) (tree map[string]any, ok bool) {
	parsed, err := tomledit.Parse(text)
	if err != nil {
		r.add(Unseen, name, "TOML", "what cannot be read", "Collect it again: %s, as root on the node %s. %s", command, r.node, setting.Sentence(err.Error()))
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
