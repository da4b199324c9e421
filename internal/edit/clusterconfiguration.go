package edit

import (
	"fmt"
	"regexp"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/release"
	"kubetrace/tracing"
)

// readable finds a document of kubeadm that the release's kubeadm refuses.
func (d *document) readable() {
	apiVersion, _ := d.tree["apiVersion"].(string)
	if d.within != nil || d.outer != nil || d.Remove || d.ControlPlane().KubeadmReads(apiVersion) {
		return
	}
	d.problem(Problem{Path: []any{"apiVersion"}, Setting: "apiVersion", Value: apiVersion, APIVersion: apiVersion, Class: setting.RefusesToStart,
		Message: "write the document in " + strings.Join(d.ControlPlane().KubeadmVersions(), " or ")})
}

// clusterConfiguration edits kubeadm's document of that name.
func (d *document) clusterConfiguration() {
	d.readable()
	d.versionAt(d.tree, "kubernetesVersion")
	d.kubeadmGates()
	etcd := d.child(d.tree, "etcd")
	d.etcd(etcd)
	keep(d.tree, "etcd", etcd)

	server := d.child(d.tree, "apiServer")
	d.controlPlane(server, "apiServer", tracing.ComponentAPIServer)
	d.extraVolumes(server, "apiServer")
	keep(d.tree, "apiServer", server)
	for _, other := range []struct {
		key       string
		component tracing.Component
	}{{"controllerManager", "kube-controller-manager"}, {"scheduler", "kube-scheduler"}} {
		fields := d.child(d.tree, other.key)
		d.controlPlane(fields, other.key, other.component)
		keep(d.tree, other.key, fields)
	}
}

// versionLabel are the labels that kubeadm looks up.
// Source: k8s.io/kubernetes cmd/kubeadm/app/util/version.go, kubeReleaseLabelRegex and
// kubeBucketPrefixes (v1.37.2:44).
var versionLabel = regexp.MustCompile(`^((release|ci)/.+|(latest|stable)(-[1-9](\.[1-9]\d?)?)?)$`)

// versionAt refuses a document of another minor release, which a field of a mapping
// names, by its path. Labels such as stable are not judged, but for those that name a
// minor.
func (d *document) versionAt(fields map[string]any, path ...any) {
	have := fields[path[len(path)-1].(string)]
	version, _ := have.(string)
	if number, ok := have.(float64); ok {
		version = shown(number)
	}
	if d.Remove || version == "" {
		return
	}
	label := strings.TrimPrefix(version, "stable-")
	if _, ok := release.VersionOfTag(label); !ok && !versionLabel.MatchString(version) {
		d.invalid(path, version, "this is no version: write v%s.0, or the version that kubeadm is to install", d.KubernetesMinor())
		return
	}
	minor := strings.TrimPrefix(label, "v")
	before := d.From != "" && (minor == d.From || strings.HasPrefix(minor, d.From+"."))
	if err := d.CheckNodeVersion(label, true); err != nil && !before {
		if d.From != "" {
			err = fmt.Errorf("an upgrade from %s to %s edits a document of %s: read it anew after each step", d.From, d.KubernetesMinor(), d.From)
		}
		d.problem(Problem{Path: d.at(path), Setting: yamledit.Name(path), Value: version, Want: d.KubernetesMinor(), Message: err.Error(), Class: setting.OtherValue})
	}
}

// kubeadmGates takes gates of tracing out of kubeadm's own, of which it knows none.
// Source: k8s.io/kubernetes cmd/kubeadm/app/apis/kubeadm/validation/validation.go,
// ValidateFeatureGates (v1.37.2:629); seen with 1.29.1.
func (d *document) kubeadmGates() {
	gates := d.child(d.tree, setting.FieldGates)
	for _, known := range setting.ServerGates(d.Resolved) {
		on, there := gates[known.Name]
		path := []any{setting.FieldGates, known.Name}
		if there && d.Remove {
			d.leave(path, yamledit.Name(path), on)
		}
		if !there || d.Remove {
			continue
		}
		delete(gates, known.Name)
		d.replace(proposal{path: path, name: yamledit.Name(path), have: on, class: setting.RefusesToStart,
			cure: "Take it out: these are kubeadm's own gates, of which this is none, and kubeadm refuses the document. A component's gates are in its extraArgs"})
	}
	keep(d.tree, setting.FieldGates, gates)
}

// controlPlane edits the flags and variables of a component of the control plane.
func (d *document) controlPlane(fields map[string]any, key string, component tracing.Component) {
	path := []any{key, "extraArgs"}
	if f, ok := d.readArgs(component, fields, path); ok {
		known := setting.ServerGates(d.Resolved)
		if component == tracing.ComponentAPIServer {
			known = setting.APIServerGates(d.Resolved)
			d.server(f)
		}
		d.gateFlags(f, known, component == tracing.ComponentAPIServer)
		put(fields, "extraArgs", f.write())
	}
	if component == tracing.ComponentAPIServer && d.NotGenerated(component) == nil {
		d.variables(fields, component, key, "extraEnvs")
	}
}

// server edits the flags of kube-apiserver that are no gates.
func (d *document) server(f *flags) {
	if d.NotGenerated(tracing.ComponentAPIServer) != nil {
		return
	}
	d.settle(f, setting.FlagTracingFile, d.Spec().APIServer.ConfigFile)
	for _, have := range f.all {
		if have.Name == setting.FlagEgressSelector && !d.Remove {
			d.Unread = append(d.Unread, Change{Path: d.at(f.where(have)), Document: d.label(), Name: f.label(have.As), Old: have.Value,
				Cure: "With an entry controlplane in this file kube-apiserver sends its spans through that proxy, and never to an abstract socket"})
		}
	}
}

// variables takes out of an environment what undoes the settings of a component.
func (d *document) variables(fields map[string]any, component tracing.Component, path ...any) {
	if d.Remove {
		return
	}
	last := len(path) - 1
	env := d.list(fields, path[last].(string), path[:last]...)
	d.environment(fields, component, path, setting.JudgeVariables(readEnv(env)), 0)
}

// readEnv reads an environment as a container and kubeadm's extraEnvs have it.
func readEnv(env []any) []setting.Written {
	all := make([]setting.Written, len(env))
	for i, element := range env {
		fields, _ := element.(map[string]any)
		name := text(fields["name"])
		all[i] = setting.Written{Kind: setting.Variable, Name: name, As: name, Value: text(fields["value"]), Elsewhere: fields["valueFrom"] != nil}
	}
	return all
}

// elsewhere is what people read for the value of a variable that is not in the document.
const elsewhere = "from elsewhere"

// environment edits variables by what was judged of them. Their indexes begin with
// first.
func (d *document) environment(fields map[string]any, component tracing.Component, path []any, verdicts []setting.Verdict, first int) {
	key := path[len(path)-1].(string)
	env, _ := fields[key].([]any)
	now := append([]any(nil), env...)
	gone := map[int]bool{}
	for _, v := range verdicts {
		at := v.At - first
		if v.At < first || v.Settled() {
			continue
		}
		variable, _ := env[at].(map[string]any)
		w := readEnv(env)[at]
		p := proposal{path: appending(path, at), name: string(component) + " " + w.Name, have: variable["value"], component: component, class: v.Class, cure: v.Cure}
		if w.Elsewhere {
			p.have = elsewhere
		}
		p.key, _ = setting.EtcdKey(w)
		switch {
		case v.Name == "":
			if v.Class == setting.RefusesToStart { // it is there as a flag too
				d.replace(p)
				gone[at] = true
			} else if d.conflict(p) {
				gone[at] = true
			}
			continue
		case v.Value != w.Value:
			p.want = v.Value
			if !d.conflict(p) {
				continue
			}
		default:
			p.want = v.Name
			d.replace(p)
		}
		changed := copied(variable)
		changed["name"] = v.Name
		if v.Value != w.Value {
			changed["value"] = v.Value
			delete(changed, "valueFrom")
		}
		now[at] = changed
	}
	var kept []any
	for i, element := range now {
		if !gone[i] {
			kept = append(kept, element)
		}
	}
	if len(env) > 0 {
		put(fields, key, anyList(kept))
	}
}
