// Package operator judges the OpenTelemetryCollector that kubetrace generates by
// the operator's own CustomResourceDefinition, with the code by which
// kube-apiserver judges custom resources ([Definition.Judge]): types and
// required fields, rules in CEL, and no field that is unknown or dropped.
//
// The definition is not kept in this repository. Operator 0.156's comes from a Go
// module that installs it, pinned in the folder pins. For another release take
// config/crd/bases/opentelemetry.io_opentelemetrycollectors.yaml of the operator's
// repository, at the tag v0.158.0 say, and name one or several such files,
// separated as in PATH:
//
//	KUBETRACE_OPERATOR_CRD=crd.yaml go test ./operator
//
// That what the operator makes of the configuration is what the collector reads is
// judged in conformance/collector.
package operator
