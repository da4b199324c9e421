// Nothing of these modules is linked: they carry files that the tests read.
module kubetrace/conformance/operator/pins

go 1.26.0

// The operator's definition of its resources, as gardener installs it:
// pkg/component/observability/opentelemetry/operator/assets
require github.com/gardener/gardener v1.150.0
