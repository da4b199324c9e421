// Package operator generates the collector of package collector for clusters in
// which the OpenTelemetry operator runs collectors: an OpenTelemetryCollector of
// opentelemetry.io/v1beta1, and before it the Namespace, where kubetrace manages
// it, and the ServiceAccount. Apply either these objects or those of package
// collector, not both: their pods would open the same ports.
//
// [OpenTelemetryCollectorFor] takes the configuration and the pods of
// collector.ConfigMapFor and collector.DaemonSetFor. What the resource has no
// field for, and what the operator makes differently, is said by [Warnings].
// Above all there are no probes: the operator's ask the node's own address, where
// the collector must not listen, so its health check is left out.
//
// Everything that the operator would fill in with 0.0.0.0 is written out: the
// receiver's endpoint and the reader of the collector's own metrics. An abstract
// socket is written with an empty variable before it, since the operator takes
// an endpoint without a colon for a port. The operator adds the variables
// POD_NAME and GOMAXPROCS; GOMEMLIMIT, which it sets to the whole memory limit,
// stays ours, as it only adds what the resource does not set.
//
// The resource needs operator 0.132 or later, the first that knows
// spec.networkPolicy; every other field is older. A cluster must have the
// operator's CustomResourceDefinition and its webhooks before the resource.
// conformance/operator judges it by that definition.
//
// Upstream: https://github.com/open-telemetry/opentelemetry-operator,
// apis/v1beta1 for the types, internal/webhook/collector_webhook.go for what is
// filled in, internal/manifests/collector for the pods.
package operator
