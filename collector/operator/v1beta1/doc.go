// Package v1beta1 has the types of opentelemetry.io/v1beta1 that package operator
// generates: the OpenTelemetryCollector, with the fields that kubetrace sets.
//
// They are written here because upstream's module brings a YAML library and newer
// Kubernetes libraries with it, and not every module proxy serves it. The JSON is
// the same, which conformance/operator proves by the operator's own
// CustomResourceDefinition.
//
// Upstream: https://github.com/open-telemetry/opentelemetry-operator,
// apis/v1beta1
package v1beta1
