package edit

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
)

// gateFlags edits all flags --feature-gates of a component, which add up. needed says
// that what is missing has to be there: it is the only place that sets it.
func (d *document) gateFlags(f *flags, known []setting.KnownGate, needed bool) {
	var given []setting.FeatureGate
	var from []int // the flag of each gate
	last := -1
	for i, have := range f.all {
		if have.Name != setting.FlagGates {
			continue
		}
		last = i
		all, err := setting.ParseGates(have.Value)
		if err != nil {
			d.problem(Problem{Path: d.at(f.where(have)), Setting: f.label(setting.FlagGates), Value: have.Value, Message: err.Error(), Class: setting.RefusesToStart})
			continue
		}
		for _, gate := range all {
			given, from = append(given, gate), append(from, i)
		}
	}
	where := func(at int) []any { return f.where(f.all[from[at]]) }
	changed, missing := d.gates(known, given, f.label(setting.FlagGates), where)
	gone := map[int]bool{}
	for i, have := range f.all {
		if have.Name != setting.FlagGates {
			continue
		}
		var before, after []setting.FeatureGate
		for at, gate := range given {
			if from[at] != i {
				continue
			}
			before = append(before, gate)
			if now, stays := changed[at]; stays {
				after = append(after, now)
			}
		}
		switch {
		case len(after) == 0 && len(before) > 0 && !(i == last && len(missing) > 0 && needed):
			gone[i] = true
		case !slices.Equal(before, after):
			f.change(i, setting.FlagGates, setting.FormatGates(after))
		}
	}
	// A patch that has the flag takes the place of ours.
	if needed && (d.part == whole || d.part == merged && last >= 0) {
		for _, gate := range missing {
			d.add(proposal{path: f.path, name: f.label(setting.FlagGates) + " " + gate.Name, want: true})
			if last < 0 {
				last = len(f.all)
				f.add(setting.FlagGates, gate.String())
				continue
			}
			before := strings.TrimSuffix(f.all[last].Value, ",")
			f.change(last, setting.FlagGates, strings.TrimPrefix(before+","+gate.String(), ","))
			delete(gone, last)
		}
	}
	f.drop(gone)
}

// gateMap edits the field featureGates of a configuration.
func (d *document) gateMap(parent map[string]any, path []any, known []setting.KnownGate, needed bool) {
	have := d.child(parent, setting.FieldGates, path...)
	path = appending(path, setting.FieldGates)
	var given []setting.FeatureGate
	for _, name := range slices.Sorted(maps.Keys(have)) {
		on, ok := d.truth(have[name])
		if quoted, isText := have[name].(string); isText && !ok && !d.Remove && slices.ContainsFunc(known, func(k setting.KnownGate) bool { return k.Name == name }) {
			if on, ok = quotedTruth(quoted); ok {
				d.replace(proposal{path: appending(path, name), name: yamledit.Name(path) + " " + name, have: strconv.Quote(quoted), want: on, class: setting.RefusesToStart, cure: "Write it without quotes: no text is read here"})
				have[name] = on
			}
		}
		if ok { // what is no truth value the component refuses itself
			given = append(given, setting.FeatureGate{Name: name, On: on})
		}
	}
	changed, missing := d.gates(known, given, yamledit.Name(path), func(at int) []any { return appending(path, given[at].Name) })
	for at, gate := range given {
		switch now, stays := changed[at]; {
		case !stays:
			delete(have, gate.Name)
		case now != gate:
			have[gate.Name] = now.On
		}
	}
	if needed && d.part == whole {
		for _, gate := range missing {
			d.add(proposal{path: path, name: yamledit.Name(path) + " " + gate.Name, want: true})
			have[gate.Name] = true
		}
	}
	keep(parent, setting.FieldGates, have)
}

// gates judges gates within each other, and returns what becomes of each, by its index,
// and which are missing.
func (d *document) gates(known []setting.KnownGate, given []setting.FeatureGate, name string, where func(int) []any) (changed map[int]setting.FeatureGate, missing []setting.FeatureGate) {
	changed = make(map[int]setting.FeatureGate, len(given))
	for at, gate := range given {
		changed[at] = gate
	}
	for _, v := range setting.JudgeGates(known, given) {
		if v.At < 0 {
			if !d.Remove {
				missing = append(missing, setting.FeatureGate{Name: v.Name, On: true})
			}
			continue
		}
		gate := given[v.At]
		p := proposal{path: where(v.At), name: name + " " + gate.Name, have: gate.On, class: v.Class, cure: v.Cure}
		switch {
		case d.Remove && v.Class == setting.Same:
			delete(changed, v.At)
		case d.Remove && ofTracing(known, gate):
			d.leave(p.path, p.name, gate.On)
		case d.Remove || v.Settled():
		case v.Name == "" && v.Value == "": // the release does not know it
			d.replace(p)
			delete(changed, v.At)
		case v.Name == "":
			p.want = true
			if d.conflict(p) {
				delete(changed, v.At)
			}
		case gate.Is(v.Name):
			p.want = true
			if d.conflict(p) {
				changed[v.At] = setting.FeatureGate{Name: gate.Name, On: true}
			}
		default: // AllBeta, which is somebody's wish for all the others
			d.problem(Problem{Path: d.at(p.path), Setting: p.name, Value: "false", Class: v.Class, Message: setting.Clause(v.Cure)})
		}
	}
	return changed, missing
}

func ofTracing(known []setting.KnownGate, gate setting.FeatureGate) bool {
	return slices.ContainsFunc(known, func(k setting.KnownGate) bool { return gate.Is(k.Name) })
}

// quotedTruth is what somebody meant who wrote a truth value in quotes.
func quotedTruth(text string) (on, ok bool) {
	if on, ok = yamledit.Truth(text); ok {
		return on, true
	}
	on, err := strconv.ParseBool(text)
	return on, err == nil
}

// truth reads a truth value: kubeadm and the kubelet take the words of YAML 1.1 for one,
// and kind takes them in quotes too.
func (d *document) truth(value any) (on, ok bool) {
	switch value := value.(type) {
	case bool:
		return value, true
	case yamledit.Word:
		return yamledit.Truth(string(value))
	case string:
		if d.kind == "Cluster" {
			return yamledit.Truth(value)
		}
	}
	return false, false
}
