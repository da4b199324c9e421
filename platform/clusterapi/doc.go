// Package clusterapi makes the clusters of Cluster API trace themselves: [ControlPlane]
// and [Config] return the user's own objects with everything in them that kubeadm and the
// nodes need, so that etcd, kube-apiserver and the kubelets send traces.
//
// It is a module of its own, since the types of Cluster API need newer Kubernetes
// libraries than the rest of kubetrace. The same for YAML, without this module, is
// apply.Documents, which edits by the same code.
//
// Changing a KubeadmControlPlane or the template of a MachineDeployment rolls the
// machines. Where an upgrade of Kubernetes changes the spelling of etcd's flags, from 1.33
// to 1.34, change the version and the flags at once: give this package the object with the
// new version, and the spec of that version.
//
// The collector, the gateway and the backend are not part of it: apply their files to the
// workload cluster.
//
// Upstream: sigs.k8s.io/cluster-api/api bootstrap/kubeadm and controlplane/kubeadm.
package clusterapi
