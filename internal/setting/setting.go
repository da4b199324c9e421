package setting

import (
	"slices"
	"strconv"

	"kubetrace/tracing"
)

// Kind is what a setting is written as.
type Kind string

// The kinds of settings.
const (
	Flag     Kind = "flag"     // --name=value
	Variable Kind = "variable" // of the environment
	Gate     Kind = "gate"     // a feature gate
	Field    Kind = "field"    // of a configuration file
)

// Setting is one setting of tracing that a component is to have.
type Setting struct {
	// Kind is what it is written as.
	Kind Kind
	// Key names it in every release, whatever its spelling there.
	Key string
	// Name is what it is called in the release: a flag without dashes, a gate, a
	// path of fields.
	Name string
	// Value is what it is set to.
	Value string
}

// Of returns what a spec sets on etcd, kube-apiserver, the kubelet or a container
// runtime, in the order in which it is written: flags or variables, then feature gates,
// then fields of the component's file.
// It is empty where the component is not traced.
func Of(r tracing.Resolved, component tracing.Component) []Setting {
	if r.NotGenerated(component) != nil {
		return nil
	}
	var all []Setting
	switch component {
	case tracing.ComponentEtcd:
		return EtcdOf(r).wanted(r)
	case tracing.ComponentAPIServer:
		all = append(all, Setting{Flag, FlagTracingFile, FlagTracingFile, r.Spec().APIServer.ConfigFile})
		all = append(all, gatesOf(APIServerGates(r))...)
		return append(all,
			Setting{Field, FieldAPIVersion, FieldAPIVersion, r.ControlPlane().TracingConfigurationAPIVersion},
			Setting{Field, FieldEndpoint, FieldEndpoint, r.ComponentEndpoint()},
			Setting{Field, FieldRate, FieldRate, decimal(r.APIServerSamplingRate())})
	case tracing.ComponentKubelet:
		all = append(all, gatesOf(KubeletGates(r, r.OldestKubelet()))...)
		return append(all,
			Setting{Field, FieldEndpoint, FieldTracing + "." + FieldEndpoint, r.ComponentEndpoint()},
			Setting{Field, FieldRate, FieldTracing + "." + FieldRate, decimal(r.KubeletSamplingRate())})
	case tracing.ComponentContainerd, tracing.ComponentCRIO:
		return runtimeOf(r, component)
	}
	return nil
}

// gatesOf are the gates that have to be written.
func gatesOf(known []KnownGate) []Setting {
	var all []Setting
	for _, gate := range known {
		written := func(s Setting) bool { return s.Name == gate.Name } // for another release
		if gate.Traced != "" && gate.State == tracing.GateRequired && !slices.ContainsFunc(all, written) {
			all = append(all, Setting{Gate, gate.Name, gate.Name, "true"})
		}
	}
	return all
}

func decimal(n int32) string { return strconv.Itoa(int(n)) }

// The names of kube-apiserver's flags.
const (
	// FlagTracingFile names kube-apiserver's TracingConfiguration.
	// https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
	FlagTracingFile = "tracing-config-file"
	// FlagEgressSelector names a file that may lead the spans elsewhere.
	FlagEgressSelector = "egress-selector-config-file"
)

// The names of fields: those of kube-apiserver's TracingConfiguration, which the
// kubelet's configuration has below FieldTracing.
// Source: k8s.io/component-base tracing/api/v1/types.go.
const (
	FieldTracing    = "tracing"
	FieldEndpoint   = "endpoint"
	FieldRate       = "samplingRatePerMillion"
	FieldAPIVersion = "apiVersion"
	FieldGates      = "featureGates"
)

// Class is what a component makes of a setting.
type Class string

// The classes of verdicts.
const (
	// Same means that it is as the spec says.
	Same Class = "same"
	// Missing means that it is not there.
	Missing Class = "missing"
	// OtherValue means that it takes effect, with another value than the spec's.
	OtherValue Class = "other value"
	// OtherSpelling means that it takes effect, in a spelling that a later release
	// does not take.
	OtherSpelling Class = "other spelling"
	// Harmless means that the spec does not ask for it and that it does no harm: it
	// is somebody's own, or without effect.
	Harmless Class = "harmless"
	// Void means that the component passes over the other settings because of it.
	Void Class = "void"
	// Silent means that the component runs and that its traces do not arrive.
	Silent Class = "silent"
	// Exposed means that spans leave the node in plain text.
	Exposed Class = "exposed"
	// RefusesToStart means that the component ends itself because of it.
	RefusesToStart Class = "refuses to start"
)

// Written is a setting as somebody has written it.
type Written struct {
	// Kind is what it is written as.
	Kind Kind
	// Name is what the component takes it for, and As how it is written.
	Name, As string
	// Value is what it is set to. It is not known where the setting is Elsewhere,
	// such as a variable that is taken from a field or a Secret.
	Value     string
	Elsewhere bool
	// Apart says that the value of a flag stands in an element of its own.
	Apart bool
}

// String returns it as people name it: "--name" or "NAME".
func (w Written) String() string {
	if w.Kind == Flag {
		return "--" + w.As
	}
	return w.As
}

// Verdict says what a component makes of a setting, and what to do.
type Verdict struct {
	// At is the index in what was given, or -1 for what is missing.
	At    int
	Class Class
	// Name is what it should be called, or empty where it has to go.
	Name string
	// Value is what it should be set to, or what it is by itself where it has to go.
	Value string
	// Default says that the component does the same without the setting.
	Default bool
	// Cure says what to do and why, as sentences without the last full stop.
	Cure string
}

// Settled says whether nothing is to be done.
func (v Verdict) Settled() bool { return v.Class == Same || v.Class == Harmless }
