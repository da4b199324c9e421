// Package latency measures whether tracing slows kube-apiserver, etcd or the
// kubelet down when the collector does not do its part: it is away, it does not
// answer, or it refuses. Two clusters stand side by side, one that is not traced
// and one whose every request is, and get the same requests in turns.
//
// What is behind it: a component's exporter keeps up to [QueuedSpans] spans that
// were not sent, and drops more, instead of waiting. So nothing is measured
// before more than that were made, and what is missing at the backend afterwards
// says that they were indeed dropped.
package latency
