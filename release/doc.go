// Package release holds what is known of the releases of the programs that
// kubetrace configures: Kubernetes ([All], [KubernetesAt], [KubernetesOf]), etcd
// ([AllEtcd], [EtcdAt], [EtcdOf]), the OpenTelemetry Collector ([AllCollectors],
// [CollectorAt]), Jaeger ([JaegerMajor]), containerd ([AllContainerd],
// [ContainerdAt], [ContainerdOf]) and CRI-O ([AllCRIO], [CRIOAt], [CRIOOf]). Every
// table cites the upstream file that it was read from.
//
// It alone knows the numbers of versions and compares them. Others ask a row, or
// a function with a name, what they want to know. Package tracing has the rows
// and questions of its contract under names of its own.
//
// The package imports nothing of kubetrace, and all functions are pure.
package release
