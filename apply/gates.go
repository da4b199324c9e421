package apply

import (
	"maps"
	"slices"
	"strings"

	"kubetrace/internal/gates"
	"kubetrace/tracing"
)

// gate is one of ours as a component's release knows it.
type gate struct {
	name   string
	state  tracing.Gate
	traced bool // the component is to be traced by it
}

// serverGates are what kube-apiserver, kube-controller-manager and kube-scheduler
// know; only the first is traced.
func (d *document) serverGates(apiServer bool) []gate {
	release := d.ControlPlane()
	return []gate{
		{tracing.GateNameAPIServer, release.APIServerTracing, apiServer && d.NotGenerated(tracing.ComponentAPIServer) == nil},
		{tracing.GateNameKubelet, release.KubeletTracing, false},
	}
}

// kubeletGates are what the oldest kubelet knows.
func (d *document) kubeletGates() []gate {
	release := d.OldestKubelet()
	return []gate{
		{tracing.GateNameKubelet, release.KubeletTracing, d.NotGenerated(tracing.ComponentKubelet) == nil},
		{tracing.GateNameAPIServer, release.APIServerTracing, false},
	}
}

// gateFlag edits --feature-gates, gate by gate. needed says that it has to have a
// gate that the release requires, for it is the only place that sets it.
func (d *document) gateFlag(f *flags, path []any, component string, ours []gate, needed bool) {
	for i := 0; i < len(f.all); i++ {
		have := f.all[i]
		if have.name != gates.Flag {
			continue
		}
		at, setting := f.path(path, have), component+" --"+gates.Flag
		all, err := gates.Parse(text(have.value))
		if err != nil {
			d.errs = append(d.errs, &DocumentError{Line: d.at(at...), Document: d.kind, Setting: setting, Value: shown(have.value), Message: err.Error()})
			continue
		}
		for _, g := range all {
			d.allBeta(at, setting, ours, g, f.gates())
		}
		changed := slices.DeleteFunc(slices.Clone(all), func(g gates.Gate) bool { return d.dropGate(at, setting, ours, g.Name, g.On) })
		if d.Overwrite && !d.remove {
			for j, g := range changed {
				if ourGate(ours, g.Name).traced {
					changed[j].On = true
				}
			}
		}
		if len(changed) == 0 && len(all) > 0 {
			f.drop(i)
			i--
			continue
		}
		if !slices.Equal(all, changed) {
			f.change(i, have.as, gateText(changed))
		}
	}
	if d.remove || d.patch || !needed {
		return
	}
	for _, g := range ours {
		if !g.traced || g.state != tracing.GateRequired {
			continue
		}
		if isSet(f.gates(), g.name) {
			return
		}
		last := -1
		for i, have := range f.all {
			if have.name == gates.Flag {
				last = i
			}
		}
		if last < 0 {
			f.set(gates.Flag, g.name+"=true")
			return
		}
		before := strings.TrimSuffix(text(f.all[last].value), ",")
		f.change(last, f.all[last].as, strings.TrimPrefix(before+","+g.name+"=true", ","))
	}
}

// gateMap edits the field featureGates of a configuration.
func (d *document) gateMap(parent map[string]any, path []any, ours []gate) {
	const key = "featureGates"
	have := d.child(parent, key, path...)
	var all []gates.Gate
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if on, ok := truth(have[name]); ok {
			all = append(all, gates.Gate{Name: name, On: on})
		}
	}
	for _, g := range all {
		d.allBeta(append(with(path, key), g.Name), key, ours, g, all)
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		on, ok := truth(have[name])
		if !ok {
			continue // kubelet says so itself
		}
		switch at := append(with(path, key), name); {
		case d.dropGate(at, key, ours, name, on):
			delete(have, name)
		case d.Overwrite && !d.remove && !on && ourGate(ours, name).traced:
			have[name] = true
		}
	}
	for _, g := range ours {
		if _, there := have[g.name]; !there && !d.remove && !d.patch && g.traced && g.state == tracing.GateRequired {
			have[g.name] = true
		}
	}
	keep(parent, key, have)
}

// allBeta refuses that all beta gates are off where ours is one of them. A gate that
// is named goes before AllBeta, wherever the two stand.
// Source: k8s.io/component-base featuregate/feature_gate.go, setUnsetBetaGates.
func (d *document) allBeta(path []any, setting string, ours []gate, beta gates.Gate, all []gates.Gate) {
	if beta.Name != "AllBeta" || beta.On || d.remove {
		return
	}
	for _, g := range ours {
		if g.traced && g.state == tracing.GateOptional && !isSet(all, g.name) {
			d.errs = append(d.errs, &DocumentError{
				Line: d.at(path...), Document: d.kind, Setting: setting + " AllBeta", Value: "false",
				Message: "AllBeta=false switches off " + g.name + ", and with it the tracing: write " + g.name + "=true beside it, or take it out",
			})
		}
	}
}

// gates are those that the flags set, but for what cannot be read.
func (f *flags) gates() []gates.Gate {
	var all []gates.Gate
	for _, have := range f.all {
		if have.name == gates.Flag {
			some, _ := gates.Parse(text(have.value))
			all = append(all, some...)
		}
	}
	return all
}

// isSet says whether a gate is among those that are set.
func isSet(all []gates.Gate, name string) bool {
	return slices.ContainsFunc(all, func(g gates.Gate) bool { return g.Is(name) })
}

// dropGate judges a gate of a document, and says whether it has to go.
func (d *document) dropGate(path []any, setting string, ours []gate, name string, on bool) bool {
	setting += " " + name
	g := ourGate(ours, name)
	switch {
	case g.name == "":
	case d.remove:
		return on && g.traced && g.state == tracing.GateRequired
	case g.state == tracing.GateUnknown:
		d.replace(path, setting, on, nil)
		return true
	case on || (!g.traced && g.state != tracing.GateLocked):
	case d.conflict(path, setting, on, true):
		return g.state == tracing.GateLocked
	}
	return false
}

// ourGate finds a gate by its name, which newer releases also take with the
// component before it.
func ourGate(ours []gate, name string) gate {
	i := slices.IndexFunc(ours, func(g gate) bool { return gates.Gate{Name: name}.Is(g.name) })
	if i < 0 {
		return gate{}
	}
	return ours[i]
}

func gateText(all []gates.Gate) string {
	var texts []string
	for _, g := range all {
		texts = append(texts, g.String())
	}
	return strings.Join(texts, ",")
}

// truth reads a value as kubeadm and the kubelet do: YAML 1.1 has more words for it.
func truth(value any) (on, ok bool) {
	switch value := value.(type) {
	case bool:
		return value, true
	case string:
		switch strings.ToLower(value) {
		case "y", "yes", "on":
			return true, true
		case "n", "no", "off":
			return false, true
		}
	}
	return false, false
}
