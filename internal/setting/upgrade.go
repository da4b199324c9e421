package setting

import (
	"slices"
	"strconv"

	"kubetrace/release"
	"kubetrace/tracing"
)

// What follows is asked where a cluster goes from one release to another.

// Difference is a setting of one key in two releases. One of them may be the zero
// Setting: it is new, or goes.
type Difference struct{ Was, Is Setting }

// Compare returns what a component is to have otherwise in another release: first what
// the other has, in its order, and then what goes.
func Compare(before, after tracing.Resolved, component tracing.Component) (all []Difference) {
	was, is := Of(before, component), Of(after, component)
	find := func(all []Setting, key string) (found Setting) {
		if at := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key }); at >= 0 {
			found = all[at]
		}
		return found
	}
	for _, s := range is {
		if d := (Difference{find(was, s.Key), s}); d.Was != d.Is {
			all = append(all, d)
		}
	}
	for _, s := range was {
		if find(is, s.Key) == (Setting{}) {
			all = append(all, Difference{Was: s})
		}
	}
	return all
}

// Argument returns a setting as a component's command has it, "--name=value". Of a
// gate it is one part of the value of its flag, "Name=true".
func (s Setting) Argument() string {
	switch s.Kind {
	case "":
		return ""
	case Flag:
		return "--" + s.Name + "=" + s.Value
	}
	return s.Name + "=" + s.Value
}

// Line returns a setting as a configuration file has it, with the fields that it is in:
// "tracing.samplingRatePerMillion: 10000".
func (s Setting) Line() string {
	switch {
	case s.Kind == "":
		return ""
	case s.Kind == Gate:
		return FieldGates + "." + s.Name + ": " + s.Value
	case s.Key == FieldEndpoint:
		return s.Name + ": " + strconv.Quote(s.Value)
	}
	return s.Name + ": " + s.Value
}

// RefusedGates returns the gates with which components do not start after an upgrade,
// though they did before: gone are the names of those that they no longer know, whatever
// is set, and locked, as a flag has them, those that can no longer be switched off.
// before and after are the gates of the same components, in the same order.
func RefusedGates(before, after []KnownGate) (gone, locked []string) {
	for i := range min(len(before), len(after)) {
		was, is := before[i].State, after[i]
		switch {
		case was == is.State, was == tracing.GateUnknown:
		case is.State == tracing.GateUnknown:
			gone = appendOnce(gone, is.Name)
		case is.State == tracing.GateLocked:
			locked = appendOnce(locked, FeatureGate{Name: is.Name}.String())
		}
	}
	return gone, slices.DeleteFunc(locked, func(off string) bool {
		return slices.ContainsFunc(gone, func(name string) bool { return FeatureGate{Name: name}.String() == off })
	})
}

func appendOnce(all []string, name string) []string {
	if slices.Contains(all, name) {
		return all
	}
	return append(all, name)
}

// GateEnds returns the first release that no longer knows a gate, "1.37", or nothing
// where the newest of the tables still does.
func GateEnds(name string) string {
	known := false
	for _, release := range tracing.Releases() {
		for _, gate := range gatesOfRelease(release, "") {
			switch {
			case gate.Name != name:
			case gate.State != tracing.GateUnknown:
				known = true
			case known:
				return release.Kubernetes
			}
		}
	}
	return ""
}

// MayTake says whether one of them has a flag.
func (e Etcd) MayTake(flag string) bool { _, some := e.takes(flag); return some }

// EtcdOldSpelling returns what etcd's flags begin with while they are experimental, and
// the flag that switches tracing on, as it was called so and as it is called now.
func EtcdOldSpelling() (prefix, was, is string) {
	return release.EtcdExperimental, release.EtcdExperimental + etcdEnable, etcdEnable
}
