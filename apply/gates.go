package apply

import (
	"maps"
	"slices"
	"strconv"
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
		last := -1
		for i, have := range f.all {
			if have.name == gates.Flag {
				all, _ := gates.Parse(text(have.value)) // read above
				if slices.ContainsFunc(all, func(h gates.Gate) bool { return h.Is(g.name) }) {
					return
				}
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

// dropGate judges a gate of a document, and says whether it has to go.
func (d *document) dropGate(path []any, setting string, ours []gate, name string, on bool) bool {
	setting += " " + name
	if name == "AllBeta" && !d.remove {
		if err := d.CheckFeatureGate(name, on); err != nil {
			d.errs = append(d.errs, &DocumentError{Line: d.at(path...), Document: d.kind, Setting: setting, Value: strconv.FormatBool(on), Message: err.Error()})
		}
		return false
	}
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
