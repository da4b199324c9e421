package setting

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"kubetrace/tracing"
)

// FlagGates is the flag of feature gates, the one whose values are merged.
const FlagGates = "feature-gates"

// The gates of groups of gates.
// https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
const (
	allAlpha = "AllAlpha"
	allBeta  = "AllBeta"
)

// FeatureGate is one Name=true of what is set.
type FeatureGate struct {
	Name string
	On   bool
}

// String returns the gate as the flag has it.
func (g FeatureGate) String() string {
	if g.Name == "" {
		return "" // a part of spaces
	}
	return fmt.Sprintf("%s=%t", g.Name, g.On)
}

// Is says whether this is the gate of a name, which newer releases also take with the
// component before it.
func (g FeatureGate) Is(name string) bool { return strings.TrimPrefix(g.Name, "kube:") == name }

// ParseGates returns the gates of a flag's value, in their order. Empty parts are
// passed over, as Kubernetes does. A part of spaces is a gate without a name, of which
// releases think differently.
// Source: k8s.io/component-base featuregate/feature_gate.go, Set.
func ParseGates(value string) ([]FeatureGate, error) {
	var all []FeatureGate
	for _, pair := range strings.Split(value, ",") {
		if pair == "" {
			continue
		}
		if pair = strings.TrimSpace(pair); pair == "" {
			all = append(all, FeatureGate{})
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		on, err := strconv.ParseBool(strings.TrimSpace(text))
		if name = strings.TrimSpace(name); err != nil || name == "" {
			return nil, fmt.Errorf("%q is no feature gate: write it as Name=true or Name=false", pair)
		}
		all = append(all, FeatureGate{name, on})
	}
	return all, nil
}

// GatesOf returns the gates of a configuration's field featureGates, by their names.
func GatesOf(fields map[string]bool) []FeatureGate {
	var all []FeatureGate
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		all = append(all, FeatureGate{name, fields[name]})
	}
	return all
}

// FormatGates is the reverse of ParseGates, without parts of spaces.
func FormatGates(all []FeatureGate) string {
	var texts []string
	for _, gate := range all {
		if gate.Name != "" {
			texts = append(texts, gate.String())
		}
	}
	return strings.Join(texts, ",")
}

// KnownGate is a gate of tracing as the release of a component knows it.
type KnownGate struct {
	// Name is the gate, and State what the release makes of it.
	Name  string
	State tracing.Gate
	// Release is the minor release.
	Release string
	// Traced is the component that is to be traced by it, if any.
	Traced tracing.Component
	// Fatal says that the component does not start where the gate is off: a kubelet
	// that is configured to trace.
	Fatal bool
	// OfComponents says that the component reads kube:Name too.
	OfComponents bool
}

// ServerGates are the gates of tracing as every component of the control plane and
// kube-proxy know them, none of which is traced by them.
func ServerGates(r tracing.Resolved) []KnownGate { return gatesOfRelease(r.ControlPlane(), "") }

// APIServerGates are those of kube-apiserver.
func APIServerGates(r tracing.Resolved) []KnownGate { return APIServerGatesOf(r, r.ControlPlane()) }

// APIServerGatesOf are those of a kube-apiserver of another release than the spec's.
func APIServerGatesOf(r tracing.Resolved, release tracing.Release) []KnownGate {
	if r.NotGenerated(tracing.ComponentAPIServer) != nil {
		return gatesOfRelease(release, "")
	}
	return gatesOfRelease(release, tracing.ComponentAPIServer)
}

// KubeletGates are those of kubelets of the releases given, or of the oldest and the
// newest that the cluster may have: the control plane's.
//
// A kubelet's gates are in a file, in which nothing stands before their names.
func KubeletGates(r tracing.Resolved, releases ...tracing.Release) []KnownGate {
	if len(releases) == 0 {
		releases = []tracing.Release{r.OldestKubelet(), r.ControlPlane()}
	}
	var all []KnownGate
	for _, release := range releases {
		traced := tracing.ComponentKubelet
		if r.NotGenerated(tracing.ComponentKubelet) != nil {
			traced = ""
		}
		all = append(all, gatesOfRelease(release, traced)...)
	}
	for i := range all {
		all[i].OfComponents = false
	}
	return all
}

func gatesOfRelease(release tracing.Release, traced tracing.Component) []KnownGate {
	all := []KnownGate{
		{Name: tracing.GateNameAPIServer, State: release.APIServerTracing, Traced: tracing.ComponentAPIServer},
		{Name: tracing.GateNameKubelet, State: release.KubeletTracing, Traced: tracing.ComponentKubelet, Fatal: true},
	}
	for i := range all {
		all[i].Release, all[i].OfComponents = release.Kubernetes, release.GatesOfComponents()
		if all[i].Traced != traced {
			all[i].Traced, all[i].Fatal = "", false
		}
	}
	return all
}

// JudgeGates judges all gates that a component is given, within each other: of a gate
// that is there twice the last holds, and AllAlpha and AllBeta only set those that
// nobody names. Gates of anything but tracing get no verdict, but for names that no
// component can read.
//
// Source: k8s.io/component-base featuregate/feature_gate.go, SetFromMap,
// setUnsetAlphaGates and setUnsetBetaGates.
func JudgeGates(known []KnownGate, given []FeatureGate) []Verdict {
	names, all := readNames(known, given)
	judged := map[string]int{} // the verdict on each gate, of whichever release or component it means most to
	add := func(v Verdict, name string) {
		switch at, again := judged[name]; {
		case !again:
			judged[name] = len(all)
			all = append(all, v)
		case all[at].Settled() && v.Class != Harmless:
			all[at] = v
		}
	}
	for _, gate := range known {
		last := lastOf(names, gate.Name)
		off := Silent
		if gate.Fatal {
			off = RefusesToStart
		}
		key := func(at int) string { return gate.Name + strconv.Itoa(at) }
		for at, g := range given {
			switch {
			case names[at] != gate.Name:
			case gate.State == tracing.GateUnknown:
				add(Verdict{At: at, Class: RefusesToStart, Cure: fmt.Sprintf("Take it out: the gate %s is not known to Kubernetes %s, whose components do not start with it", g.Name, gate.Release)}, key(at))
			case gate.State == tracing.GateLocked && !g.On && !given[last].On: // with the last the one before holds
				add(Verdict{At: at, Class: RefusesToStart, Value: "true", Cure: fmt.Sprintf("Take it out: the gate %s is locked in Kubernetes %s, whose components do not start where it is off", g.Name, gate.Release)}, key(at))
			case at != last:
				add(Verdict{At: at, Class: Harmless, Name: g.Name, Value: strconv.FormatBool(g.On)}, key(at))
			case gate.Traced != "" && !g.On:
				add(Verdict{At: at, Class: off, Name: g.Name, Value: "true", Cure: fmt.Sprintf("Take it out, or write true: without the gate %s nothing of %s is traced", g.Name, gate.Traced) + alsoFatal(gate)}, key(at))
			case gate.Traced != "" && gate.State == tracing.GateRequired:
				add(Verdict{At: at, Class: Same, Name: g.Name, Value: "true"}, key(at))
			default:
				add(Verdict{At: at, Class: Harmless, Name: g.Name, Value: strconv.FormatBool(g.On)}, key(at))
			}
		}
		if gate.Traced == "" || last >= 0 {
			continue
		}
		alpha, beta := lastOf(names, allAlpha), lastOf(names, allBeta)
		switch {
		case gate.State == tracing.GateRequired && (alpha < 0 || !given[alpha].On):
			add(Verdict{At: -1, Class: Missing, Name: gate.Name, Value: "true", Cure: fmt.Sprintf("Add the gate: without it nothing of %s is traced in Kubernetes %s", gate.Traced, gate.Release) + alsoFatal(gate)}, gate.Name)
		case gate.State == tracing.GateOptional && beta >= 0 && !given[beta].On:
			add(Verdict{At: beta, Class: off, Name: gate.Name, Value: "true", Cure: fmt.Sprintf("Write %s=true beside it, or take it out: AllBeta=false switches off %s, and with it the tracing of %s", gate.Name, gate.Name, gate.Traced) + alsoFatal(gate)}, allBeta+gate.Name)
		}
	}
	slices.SortStableFunc(all, func(a, b Verdict) int { return a.At - b.At })
	return all
}

// alsoFatal says what a kubelet does besides.
func alsoFatal(gate KnownGate) string {
	if gate.Fatal {
		return ", and the kubelet does not start with a tracing configuration"
	}
	return ""
}

// lastOf returns the index of the last of a name, or -1.
func lastOf(names []string, name string) int {
	for at := len(names) - 1; at >= 0; at-- {
		if names[at] == name {
			return at
		}
	}
	return -1
}

// readNames returns the names that a component reads, or nothing for those with which it
// ends itself whatever gates it has, and the verdicts on the latter.
// Source: as for release.Kubernetes.GatesOfComponents.
func readNames(known []KnownGate, given []FeatureGate) (names []string, refused []Verdict) {
	ofComponents := !slices.ContainsFunc(known, func(k KnownGate) bool { return !k.OfComponents })
	plain := slices.ContainsFunc(given, func(g FeatureGate) bool { return g.Name != "" && !strings.Contains(g.Name, ":") })
	for at, g := range given {
		component, name, of := strings.Cut(g.Name, ":")
		if !of {
			component, name = "", g.Name
		} else {
			name = strings.TrimSpace(name)
		}
		other := slices.IndexFunc(gateNames, func(right string) bool {
			return right != name && strings.EqualFold(right, strings.TrimSpace(name))
		})
		cure := ""
		switch {
		case g.Name == "" && !ofComponents:
			cure = "Take the comma out: this release does not start where nothing but spaces is behind it"
		case of && !ofComponents:
			cure = fmt.Sprintf("Write %s: it takes nothing before the name", name)
		case component != "" && component != "kube":
			cure = fmt.Sprintf("Write kube:%s or %s: it knows no other component", name, name)
		case of && plain:
			cure = fmt.Sprintf("Write %s: kube: stands before all gates or none", name)
		case other >= 0:
			cure = fmt.Sprintf("Write %s: gates have to be spelt as they are", gateNames[other])
		}
		if cure != "" {
			name = ""
			refused = append(refused, Verdict{At: at, Class: RefusesToStart, Cure: cure})
		}
		names = append(names, name)
	}
	return names, refused
}

// gateNames are the gates that decide on tracing.
var gateNames = []string{tracing.GateNameAPIServer, tracing.GateNameKubelet, allAlpha, allBeta}

// CheckGates returns what is wrong with the gates of a component, one error a gate, for
// who only wants to refuse. What is missing is no error.
func CheckGates(known []KnownGate, given []FeatureGate) []error {
	var errs []error
	for _, v := range JudgeGates(known, given) {
		if v.At >= 0 && !v.Settled() {
			errs = append(errs, fmt.Errorf("the feature gate %s: %s", given[v.At], Clause(v.Cure)))
		}
	}
	return errs
}
