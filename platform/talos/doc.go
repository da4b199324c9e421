// Package talos makes a cluster of Talos Linux trace itself, with patches of its
// machine configuration.
//
// [ConfigPatches] returns what talosctl, Terraform, Omni and Cluster API's provider merge
// into the configuration of control-plane nodes and of workers. [Config] changes a
// configuration that is there, keeps everything in it, and refuses what does not go
// together; [Remove] takes the settings out again. [Spec] is the spec as it is on Talos,
// for check and for the bundle's files, and [RunBook] says what to do.
//
// Talos differs from kubeadm in what matters here:
//
//   - Its own release decides which etcd runs, not that of Kubernetes ([Releases]), and a
//     flag that etcd does not know ends it. So every function asks for the release of
//     Talos.
//   - Nothing but /var can be written. kube-apiserver's tracing file lies there, in a
//     folder that is mounted into its static pod.
//   - The kubelet takes fields of its configuration, and no files or flags.
//   - containerd has no variables of its own: what it gets, every service gets.
//
// Upstream: github.com/siderolabs/talos/pkg/machinery, whose loader, merge and validation
// judge everything here.
package talos
