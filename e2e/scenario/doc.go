// Package scenario is what the library is proved by: clusters whose only tracing
// configuration is a bundle, a Deployment that comes and goes, and what Jaeger
// then shows of it; and what has to hold when things go wrong, when
// the rate is 0, after the bundle is undone, and when the cluster goes to the next
// release.
package scenario
