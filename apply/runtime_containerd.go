package apply

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/tracing"
)

// containerdElsewhere says that containerd, or one that the spec's may be, is not traced
// by a file of its, and which other is needed.
func containerdElsewhere(r tracing.Resolved, file RuntimeFile) []Untraced {
	var reason string
	switch {
	case file == CRIOConfig:
	case file == ContainerdService && r.ContainerdTOML():
		reason = fmt.Sprintf("some patches of containerd %s read no variables: edit %s too", r.Spec().Containerd.Version, ContainerdConfig)
	case file != ContainerdService && r.ContainerdTOML() && r.ContainerdVariables():
		reason = fmt.Sprintf("some patches of containerd %s go by variables: edit %s too", r.Spec().Containerd.Version, ContainerdService)
	case file != ContainerdService && r.ContainerdVariables():
		reason = fmt.Sprintf("containerd %s goes by variables: edit %s", r.Spec().Containerd.Version, ContainerdService)
	}
	if reason == "" {
		return nil
	}
	return []Untraced{{tracing.ComponentContainerd, "containerd.version: " + reason}}
}

// containerdBeside judges the tables of a config.toml for a containerd that goes by
// variables. Those that it passes over are Void, and so is what only repeats the spec. A
// release that takes from the tables what no variable says has other values for a
// reason of somebody's, and these are setting.OtherValue.
func containerdBeside(r tracing.Resolved, given []setting.Written) []setting.Verdict {
	all := setting.ContainerdVoid(given)
	if !setting.ContainerdReadsTOML(r) {
		return all
	}
	repeats := func(w setting.Written) bool {
		return slices.ContainsFunc(setting.ContainerdFields(r), func(s setting.Setting) bool { return s.Key == w.As && s.Value == w.Value })
	}
	for i, v := range all {
		if !repeats(given[v.At]) {
			all[i].Class = setting.OtherValue
			all[i].Cure = "Take it out: this containerd takes from here what none of its variables OTEL_… says, and the spec writes these"
		}
	}
	return all
}

// containerdConfigProblem says what is wrong with the version of a config.toml that is
// newer than the spec's containerd knows, and what to write, or nothing.
func containerdConfigProblem(r tracing.Resolved, version int64) string {
	for _, row := range setting.ContainerdRows(r) {
		if version <= int64(row.ConfigVersion) {
			continue
		}
		does := "does not start with it"
		if !row.RefusesNewerConfig {
			does = "starts with it, and passes over the tables that are new in it, such as those of the CRI"
		}
		return fmt.Sprintf("containerd %s %s: write version = %d and the file as that has it, or the containerd.version that the node has", r.Spec().Containerd.Version, does, row.ConfigVersion)
	}
	return ""
}

// enabled is the list disabled_plugins of a file without the plugins of tracing, where
// these have to be taken out of it.
func (e *runtimeEdit) enabled(parsed *tomledit.Text) (list []any, changed bool) {
	list, _ = parsed.Tree()[setting.DisabledPlugins].([]any)
	list = slices.Clone(list)
	for _, w := range setting.ContainerdDisabled(parsed.Tree()) {
		if e.settle(parsed.Line(w.As), w.Name, w.Value, setting.Verdict{Cure: setting.Enable}, false) {
			list, changed = slices.DeleteFunc(list, func(value any) bool { return value == w.Value }), true
		}
	}
	return list, changed
}

// decidesOnTracing says whether a variable is one that containerd's tracing goes by.
func decidesOnTracing(name string) bool {
	return strings.HasPrefix(name, "OTEL_EXPORTER_OTLP_") || strings.HasPrefix(name, "OTEL_TRACES_") || name == "OTEL_SDK_DISABLED"
}

// proxy is the index of the variable by which containerd sends through a proxy, or -1.
// gRPC goes by it for every address but those of the node itself, and for no socket.
// Source: google.golang.org/grpc internal/resolver/delegatingresolver
// (proxyURLForTarget, v1.85.0:83) and golang.org/x/net/http/httpproxy.
func proxy(r tracing.Resolved, given []setting.Written) int {
	last := func(names ...string) int {
		for _, name := range names {
			for at := len(given) - 1; at >= 0; at-- {
				if given[at].Name != name {
					continue
				}
				if given[at].Value != "" {
					return at
				}
				break // an empty one is as good as none
			}
		}
		return -1
	}
	host, _, err := net.SplitHostPort(r.ComponentEndpoint())
	if ip := net.ParseIP(host); err != nil || strings.HasPrefix(r.ComponentEndpoint(), "unix") || strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback() {
		return -1
	}
	if no := last("NO_PROXY", "no_proxy"); no >= 0 {
		for _, entry := range strings.Split(given[no].Value, ",") {
			if entry = strings.TrimSpace(entry); entry == "*" || strings.EqualFold(entry, host) {
				return -1
			}
		}
	}
	return last("HTTPS_PROXY", "https_proxy")
}
