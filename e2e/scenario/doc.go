// Package scenario is what the library is proved by: clusters whose only tracing
// configuration is a bundle, a Deployment that comes and goes, and what Jaeger
// then shows of it; and what has to hold when things go wrong, when
// the rate is 0, and after the bundle is undone.
package scenario
