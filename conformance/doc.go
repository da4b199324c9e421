// Package conformance builds the programs that judge what kubetrace generates,
// each from its published modules. Who judges stands in the folders below:
//
//   - judge is a program that is linked with the code of one Kubernetes release,
//     its kubeadm, kube-apiserver options and kubelet; a mod file for each
//     release pins it. Package kubernetes asks it.
//   - admission runs k8s.io/pod-security-admission and whole kube-apiservers,
//     etcd whole etcds, containerd whole containerds but for their CRI plugin.
//   - operator asks the OpenTelemetry operator's CustomResourceDefinition.
//   - kind, collector, jaeger and crio are modules of their own: kind's program with a
//     stand-in for Docker, a whole OpenTelemetry Collector, a whole Jaeger, and what of
//     CRI-O is published. Their mod files v*.mod are the same tests with other releases.
//   - otlpsink is the collector of the tests, matrix the report.
//   - cmd/conformance runs everything and writes docs/conformance.md, and cmd/pin
//     writes the mod file for a release's judge.
//   - news and cmd/news say what is served that is newer than what is judged.
//
// No cluster is needed, no privileges but for containerd, and no network once the
// modules are in the module cache, but for news, which asks what is served. Everything
// stays on the loopback interface and in temporary folders, and ends with the tests. It
// needs Linux, for abstract sockets.
//
// The first run compiles for an hour on two cores; progress is told on standard
// error. Later runs take minutes.
package conformance
