package setting

import (
	"slices"

	"kubetrace/tracing"
)

// What follows recognises, in any release's spelling, whether something is of tracing
// alone.

// OnlyTracingGates says whether all gates are of tracing.
func OnlyTracingGates(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		g := FeatureGate{Name: name}
		return !g.Is(tracing.GateNameAPIServer) && !g.Is(tracing.GateNameKubelet)
	})
}

// OnlyEtcdTracing says whether flags are those of etcd's tracing and no others, with
// all that every spec sets.
func OnlyEtcdTracing(names []string) bool {
	always := map[string]bool{etcdEnable: true, etcdAddress: true, etcdService: true}
	for _, name := range names {
		key, ok := EtcdKey(Written{Kind: Flag, Name: name})
		if !ok || !slices.Contains(etcdFlags, key) {
			return false
		}
		delete(always, key)
	}
	return len(always) == 0
}

// BeginsWithTracingGate says whether the first gate of a flag's value is
// kube-apiserver's, as we write it.
func BeginsWithTracingGate(value string) bool {
	all, err := ParseGates(value)
	return err == nil && len(all) > 0 && all[0].Name == tracing.GateNameAPIServer && all[0].On
}

// IsVolumeName says whether a volume has the name of ours.
func IsVolumeName(name string) bool { return name == volumeName }

// ValueOf returns the value of a flag: the last holds. It is empty where nobody has
// written it.
func ValueOf(given []Written, flag string) string {
	value := ""
	for _, w := range given {
		if w.Kind == Flag && w.Name == flag {
			value = w.Value
		}
	}
	return value
}

// IsEtcdSwitch says whether a flag, in either spelling, is the one without which the
// others have no effect.
func IsEtcdSwitch(flag string) bool {
	key, _ := EtcdKey(Written{Kind: Flag, Name: flag})
	return key == etcdEnable
}

// EtcdTraces says whether etcd traces at all, by the verdicts of what it is given.
func EtcdTraces(verdicts []Verdict, given []Written) bool {
	for _, v := range verdicts {
		if v.At < 0 && IsEtcdSwitch(v.Name) || v.Class == Void {
			return false
		}
		if v.At >= 0 {
			if key, ok := EtcdKey(given[v.At]); ok && key == etcdEnable && v.Class == Silent {
				return false
			}
		}
	}
	return true
}
