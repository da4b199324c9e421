package edit

import (
	"errors"
	"maps"
	"slices"

	"kubetrace/internal/distribution"
	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// KindK0s is the kind of k0s' own configuration.
const KindK0s = "ClusterConfig"

const (
	groupK0s   = "k0s.k0sproject.io"
	versionK0s = groupK0s + "/v1beta1"
)

// k0sDefaultProfile is the worker profile of workers that name none.
// Source: github.com/k0sproject/k0s pkg/component/controller/workerconfig/reconciler.go,
// buildConfigMaps (v1.36.3+k0s.2:498).
const k0sDefaultProfile = "default"

// k0sCluster edits a ClusterConfig of k0s: the flags of kube-apiserver and of etcd, which
// is that of the release, the gates of all components, and the worker profiles.
func (d *document) k0sCluster() {
	d.onlyVersion(versionK0s)
	spec := d.child(d.tree, "spec")
	storage, _ := spec["storage"].(map[string]any)
	etcd, _ := storage["etcd"].(map[string]any)
	kine := storage["type"] != nil && storage["type"] != "etcd"
	platform := distribution.K0s(kine || etcd["externalCluster"] != nil)
	before := d.Spec()
	resolved, err := distribution.Resolve(before, platform)
	var invalid *tracing.InvalidSpecError
	if errors.As(err, &invalid) && !d.Remove {
		for _, e := range invalid.Errors {
			d.problem(Problem{Path: d.at([]any{"spec"}), Setting: e.Field + " of the spec", Value: shown(e.BadValue), Message: e.Detail, Class: setting.RefusesToStart})
		}
	}
	if err != nil {
		return
	}
	d.Resolved, d.form, d.Report.Warnings = resolved, mapForm, append([]tracing.Warning{}, resolved.Warnings...)
	d.untraced(tracing.ComponentEtcd, platform.EtcdUntraced(before, resolved))
	d.k0sArgs(spec, "api", tracing.ComponentAPIServer, func(f *flags, path []any) {
		d.server(f)
		d.gateFlags(f, setting.APIServerGates(d.Resolved), !d.k0sHasGates(spec))
	})
	for _, c := range []struct {
		key       string
		component tracing.Component
	}{{"controllerManager", "kube-controller-manager"}, {"scheduler", "kube-scheduler"}} {
		d.k0sArgs(spec, c.key, c.component, func(f *flags, _ []any) { d.gateFlags(f, setting.ServerGates(d.Resolved), false) })
	}
	if d.NotGenerated(tracing.ComponentEtcd) == nil {
		storage := d.child(spec, "storage", "spec")
		d.k0sArgs(storage, "etcd", tracing.ComponentEtcd, func(f *flags, path []any) {
			// Variables of k0s' own unit, which nobody sees here.
			d.etcdSettings(setting.EtcdOf(d.Resolved), f, map[string]any{}, appending(path[:len(path)-1], "env"))
		}, "storage")
		keep(spec, "storage", storage)
	}
	d.k0sGates(spec)
	d.k0sProfiles(spec)
	keep(d.tree, "spec", spec)
}

// k0sArgs edits extraArgs at a key, and finds rawArgs, which k0s appends to them.
func (d *document) k0sArgs(parent map[string]any, key string, component tracing.Component, change func(*flags, []any), above ...any) {
	path := append([]any{"spec"}, above...)
	fields := d.child(parent, key, path...)
	args := appending(path, key, "extraArgs")
	if f, ok := d.readArgs(component, fields, args); ok {
		change(f, args)
		put(fields, "extraArgs", f.write())
	}
	for i, raw := range d.list(fields, "rawArgs", appending(path, key)...) {
		all, _ := setting.ReadCommand(component, []string{string(component), text(raw)}, nil)
		for _, argument := range all {
			if _, etcd := setting.EtcdKey(argument.Written); argument.Kind == setting.Flag && (argument.Name == setting.FlagTracingFile || etcd) && !d.Remove {
				d.invalid(appending(path, key, "rawArgs", i), raw, "k0s appends it to extraArgs, where tracing is: take it out")
			}
		}
	}
	keep(parent, key, fields)
}

// k0sHasGates says whether spec.featureGates switches on the gate of kube-apiserver's
// tracing, whose flag k0s joins with that of extraArgs.
func (d *document) k0sHasGates(spec map[string]any) bool {
	for _, element := range d.list(spec, "featureGates", "spec") {
		gate, _ := element.(map[string]any)
		for _, known := range setting.APIServerGates(d.Resolved) {
			if known.Traced == tracing.ComponentAPIServer && gate["name"] == known.Name && gate["enabled"] == true && k0sIsFor(gate, tracing.ComponentAPIServer) {
				return true
			}
		}
	}
	return false
}

// k0sIsFor says whether a gate is set for a component: without any it is for all.
func k0sIsFor(gate map[string]any, component tracing.Component) bool {
	components, _ := gate["components"].([]any)
	return len(components) == 0 || slices.Contains(components, any(string(component)))
}

// k0sGates edits spec.featureGates, which are for all components unless they say for
// which.
func (d *document) k0sGates(spec map[string]any) {
	path := []any{"spec", "featureGates"}
	list := slices.Clone(d.list(spec, "featureGates", "spec"))
	gone := map[int]bool{}
	for _, c := range []struct {
		component tracing.Component
		known     []setting.KnownGate
	}{{tracing.ComponentAPIServer, setting.APIServerGates(d.Resolved)}, {tracing.ComponentKubelet, setting.KubeletGates(d.Resolved)}} {
		var given []setting.FeatureGate
		var from []int
		for i, element := range list {
			gate, _ := element.(map[string]any)
			name, _ := gate["name"].(string)
			on, isTruth := d.truth(gate["enabled"])
			if isTruth && !gone[i] && k0sIsFor(gate, c.component) {
				given, from = append(given, setting.FeatureGate{Name: name, On: on}), append(from, i)
			}
		}
		changed, _ := d.gates(c.known, given, yamledit.Name(path), func(at int) []any { return appending(path, from[at]) })
		for at, before := range given {
			now, stays := changed[at]
			if gone[from[at]] = !stays; stays && now.On != before.On {
				gate, _ := list[from[at]].(map[string]any)
				gate = maps.Clone(gate)
				gate["enabled"], list[from[at]] = now.On, gate
			}
		}
	}
	var after []any
	for i, element := range list {
		if !gone[i] {
			after = append(after, element)
		}
	}
	put(spec, "featureGates", anyList(after))
}

// k0sProfiles edits the worker profiles: that of the workers which name none, which is
// added, and all others, none of which adds to another.
func (d *document) k0sProfiles(spec map[string]any) {
	if d.NotGenerated(tracing.ComponentKubelet) != nil {
		return
	}
	list := slices.Clone(d.list(spec, "workerProfiles", "spec"))
	hasDefault := false
	var after []any
	for i, element := range list {
		profile, ok := element.(map[string]any)
		path := []any{"spec", "workerProfiles", i}
		if !ok {
			d.invalid(path, element, "this is no profile: write name and values")
			after = append(after, element)
			continue
		}
		profile = maps.Clone(profile)
		hasDefault = hasDefault || profile["name"] == k0sDefaultProfile
		values := d.child(profile, "values", path...)
		d.kubeletFields(values, appending(path, "values"))
		keep(profile, "values", values)
		if _, has := profile["values"]; d.Remove && !has && profile["name"] == k0sDefaultProfile && len(profile) == 1 {
			continue // ours
		}
		after = append(after, profile)
	}
	if !hasDefault && !d.Remove {
		values := map[string]any{}
		path := []any{"spec", "workerProfiles", len(after), "values"}
		d.kubeletFields(values, path)
		after = append(after, map[string]any{"name": k0sDefaultProfile, "values": values})
	}
	put(spec, "workerProfiles", anyList(after))
}

// kubeletFields edits what a kubelet's configuration has of tracing.
func (d *document) kubeletFields(values map[string]any, path []any) {
	d.recase(values, path, setting.FieldTracing)
	fields := d.child(values, setting.FieldTracing, path...)
	at := appending(path, setting.FieldTracing)
	d.recase(fields, at, setting.FieldEndpoint, setting.FieldRate)
	d.destination(fields, at, tracing.ComponentKubelet, int(d.KubeletSamplingRate()))
	keep(values, setting.FieldTracing, fields)
	d.gateMap(values, path, setting.KubeletGates(d.Resolved), true)
}
