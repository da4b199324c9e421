// Package collector generates the OpenTelemetry Collector that runs on every
// node and takes the spans of etcd, kube-apiserver and kubelet: a ServiceAccount,
// a ConfigMap, a DaemonSet, and the Namespace where kubetrace manages it.
//
// The components send in plain text and without authentication, so everything
// the collector opens is on the node's loopback address or on an abstract
// socket: its OTLP receiver, its health check (which the kubelet probes there)
// and its own metrics. For that the pods are in the host's network, which needs
// the Pod Security level "privileged" for the namespace: the host's network, its
// ports and, from Kubernetes 1.34 on, the probe of a host's address are refused
// by every other level, and nothing else is. Beyond that the pods have no
// privileges: no API token, no root, no capabilities, a read-only file system,
// the runtime's seccomp profile. Only a queue in a folder of the node
// (tracing.StorageHostPath) makes them root, without capabilities, since the
// kubelet makes such a folder for root alone.
//
// It adds k8s.node.name, k8s.cluster.name where the spec names one, and
// service.instance.id where a component sent none, which is how the members of
// etcd are told apart. It passes requests on as they come and joins none: the
// components batch themselves.
//
// No text of the spec is expanded by the collector: every $ in it is doubled.
// Secrets are mounted or read from the environment and never stand in the
// ConfigMap.
//
// The exporter's queue is in memory or on disk (tracing.QueueSpec), and as long
// as the load needs (tracing.LoadSpec). The same collector for clusters that run
// the OpenTelemetry operator is in collector/operator, a tier of collectors
// between the nodes and the backend in the package gateway.
//
// Upstream: https://github.com/open-telemetry/opentelemetry-collector and the
// components' README files named in the source.
package collector
