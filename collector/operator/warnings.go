package operator

import (
	"fmt"

	"kubetrace/collector"
	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// The kinds of warnings, each documented with what brings it about. All but the
// last three come with every resource.
const (
	// WarnOperatorRelease: the resource asks for a release of the operator.
	WarnOperatorRelease tracing.WarningCode = "OperatorRelease"
	// WarnOperatorNames: the operator's DaemonSet has another name and other
	// labels than that of package collector, and takes the same ports.
	WarnOperatorNames tracing.WarningCode = "OperatorNames"
	// WarnOperatorNoProbes: the pods are not probed.
	WarnOperatorNoProbes tracing.WarningCode = "OperatorNoProbes"
	// WarnOperatorToken: only the ServiceAccount keeps the token out of the pods.
	WarnOperatorToken tracing.WarningCode = "OperatorToken"
	// WarnOperatorPorts: the pods' ports have no address of the node, and may be
	// others than the collector's.
	WarnOperatorPorts tracing.WarningCode = "OperatorPorts"
	// WarnOperatorServices: the operator makes Services that lead nowhere.
	WarnOperatorServices tracing.WarningCode = "OperatorServices"
	// WarnOperatorPullSecrets: the image pull secrets are on the ServiceAccount.
	WarnOperatorPullSecrets tracing.WarningCode = "OperatorPullSecrets"
	// WarnOperatorOthers: the gateway or the development backend is not the
	// operator's.
	WarnOperatorOthers tracing.WarningCode = "OperatorOthers"
	// WarnOperatorSocket: an abstract socket's endpoint is written in a way that
	// the operator leaves alone.
	WarnOperatorSocket tracing.WarningCode = "OperatorSocket"
)

// read are the operator's releases of which the source was read.
const read = "opentelemetry-operator 0.132 to 0.158"

// Warnings returns what a person should know of the resource: what it cannot say
// that the DaemonSet of package collector does, and what the operator makes
// otherwise. They come on top of the warnings of tracing.Resolve. There are none
// where the collector is disabled. The error is a *tracing.InvalidSpecError.
func Warnings(spec tracing.TracingSpec) ([]tracing.Warning, error) {
	return generate.List(spec, WarningsFor)
}

// WarningsFor is Warnings of a spec that is resolved already. The same spec gives
// the same warnings in the same order.
func WarningsFor(r tracing.Resolved) []tracing.Warning {
	daemonSet := collector.DaemonSetFor(r)
	if daemonSet == nil {
		return nil
	}
	name := daemonSet.Name
	var list []tracing.Warning
	warn := func(code tracing.WarningCode, field, message, cure string) {
		list = append(list, tracing.Warning{Code: code, Field: field, Release: read, Message: message, Cure: cure})
	}
	warn(WarnOperatorRelease, "collector",
		"the resource has spec.networkPolicy, which the operator knows from 0.132 on",
		"Run that operator or a later one, with its webhooks, before you apply the resource")
	// internal/naming/main.go, manifestutils/labels.go; ValidateUpdate of the
	// webhook refuses another mode.
	warn(WarnOperatorNames, "collector.name",
		fmt.Sprintf("the operator's DaemonSet is called %s-collector, has labels of its own in place of app.kubernetes.io/instance, part-of, component and managed-by, and takes the ports of the DaemonSet %s; a resource of that name with another mode than daemonset cannot be changed", name, name),
		fmt.Sprintf("Where they are there, delete the DaemonSet %s or that resource first", name))
	// internal/components/extensions/healthcheckv1.go
	warn(WarnOperatorNoProbes, "collector.healthPort",
		"the operator's probes ask the node's own address, where the collector does not listen, so there is neither a health check nor a probe: pods count as ready once they have started, a rollout does not wait for them, and a collector that hangs is not restarted",
		"Watch otelcol_receiver_accepted_spans on the metrics port of each node, or use the DaemonSet of kubetrace, which is probed on loopback")
	// internal/manifests/collector/daemonset.go
	warn(WarnOperatorToken, "collector.name",
		fmt.Sprintf("the resource has no fields for automountServiceAccountToken and enableServiceLinks: the pods have no API token only because the ServiceAccount %s says so, and they have the variables of their namespace's Services", name),
		"Keep that ServiceAccount, and keep other Services out of the namespace")
	warn(WarnOperatorPorts, "endpoint", ports(r),
		"Nothing has to be done: what the collector listens on does not change. Where pods stay Pending for want of a port, look for another pod that declares it")
	// internal/manifests/collector/service.go
	warn(WarnOperatorServices, "endpoint",
		fmt.Sprintf("the operator makes the Services %[1]s-collector, %[1]s-collector-headless and %[1]s-collector-monitoring, and nothing listens behind them, since the collector is on loopback alone", name),
		"Send to none of them; they do no harm")
	if len(r.Spec().Collector.ImagePullSecrets) > 0 {
		warn(WarnOperatorPullSecrets, "collector.imagePullSecrets",
			fmt.Sprintf("the resource has no field for image pull secrets, so the ServiceAccount %s has them", name),
			"Apply the ServiceAccount before the resource")
	}
	for _, other := range []tracing.Component{tracing.ComponentGateway, tracing.ComponentBackend} {
		if r.NotGenerated(other) == nil {
			warn(WarnOperatorOthers, string(other),
				fmt.Sprintf("the collectors send to the %s of the spec, which is not among the operator's objects", other),
				fmt.Sprintf("Apply the objects of package %s too", other))
		}
	}
	// internal/components/single_endpoint.go, AddressDefaulter
	if transport, endpoint := r.Listener(); transport != "tcp" {
		warn(WarnOperatorSocket, "endpoint",
			fmt.Sprintf("the operator would make 0.0.0.0:%s of the endpoint %[1]s, so it is written %s, which the collector reads as the same", endpoint, otelcol.Nothing+endpoint),
			"Do not set the variable KUBETRACE_NOTHING")
	}
	return list
}

// ports says which ports the operator declares. It takes the first digits that
// stand after a colon for the port (PortFromEndpoint in
// internal/components/component.go), and 4317 where there are none.
func ports(r tracing.Resolved) string {
	const without = "the pods declare their ports without an address, so the scheduler takes each on every address of a node"
	switch {
	case r.ListenerPort() == 0:
		return without + "; they declare 4317 too, although the collector listens on an abstract socket"
	case r.LoopbackHost() == "::1":
		return without + fmt.Sprintf("; of the endpoint [%s]:%d the operator reads the port 1", r.ListenerHost(), r.ListenerPort())
	}
	return without
}
