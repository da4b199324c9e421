// Package kind makes a kind cluster trace itself: [Cluster] returns the user's
// own cluster configuration, or a new one, with everything in it that kind needs
// so that etcd, kube-apiserver and the kubelets send traces.
//
// kind renders kubeadm documents of its own and merges patches into them, so the
// changes are patches: without apiVersion and with maps for extraArgs, the one
// form that every release of kind reads for every node release. kind replaces
// lists and the feature-gates flag, so where the user's patches set those, ours
// are folded into them. The file that kube-apiserver reads is mounted into every
// control-plane node.
//
// The collector, the gateway and the backend are not part of kind's configuration:
// apply their files to the running cluster.
//
// Upstream: sigs.k8s.io/kind pkg/apis/config/v1alpha4, pkg/internal/patch and
// pkg/cluster/internal/create/actions/config.
package kind
