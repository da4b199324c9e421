// Package etcd generates what etcd needs to send traces: its command-line flags,
// the same as environment variables and as fields of its configuration file, and a
// kubeadm patch.
//
// The flags are written in the one spelling that the etcd in question accepts
// (experimental- up to 3.5, plain from 3.6 on) and never in both, since etcd 3.6
// refuses that. The sampling rate is written only where every etcd in question
// has the flag, which 3.5.11 added. The instance id is written only when the
// spec gives one, as kubeadm gives every member the same flags: otherwise the
// collector of each node adds the node's name.
//
// etcd reads flags and environment, not both: it ends itself when a setting is
// in the two of them. With a configuration file it reads neither. It is not told
// to use TLS, since its exporter cannot.
//
// From 3.5.11 on an etcd whose collector cannot be reached takes long to end: its
// exporter tries the waiting spans first, which took 10 to 60 seconds where they
// were many. A kubelet kills it after 30. etcd recovers from that, but where you
// take the collector away, stop tracing etcd first.
//
// Upstream: server/embed/config_tracing.go and server/etcdmain/config.go of
// go.etcd.io/etcd/server/v3.
package etcd
