// Package clusterapi makes the clusters of Cluster API trace themselves: [ControlPlane]
// and [Config] return the user's own objects with everything in them that kubeadm and the
// nodes need, so that etcd, kube-apiserver and the kubelets send traces.
//
// It is a module of its own, since the types of Cluster API need newer Kubernetes
// libraries than the rest of kubetrace. The same for YAML, without this module, is
// apply.Documents, which edits by the same code.
//
// What a change does depends on the kind:
//
//   - A KubeadmControlPlane rolls the machines of the control plane.
//   - A KubeadmConfigTemplate that is changed in place reaches new machines alone. Give the
//     changed one a new metadata.name, and write that into
//     spec.template.spec.bootstrap.configRef.name of the MachineDeployment, which rolls its
//     machines.
//   - A KubeadmControlPlaneTemplate cannot be changed in place. Give the changed one a new
//     metadata.name, and write that into the ClusterClass.
//   - The objects of a cluster with a topology are written by its controller, which takes
//     changes back. Change the templates of the ClusterClass, and give it their new names.
//
// Where an upgrade of Kubernetes changes the spelling of etcd's flags, from 1.33 to 1.34,
// change the version and the flags at once: give this package the object with the new
// version, and the spec of that version.
//
// [RunBook] says it for a spec, with the commands.
//
// The collector, the gateway and the backend are not part of it: apply their files to the
// workload cluster.
//
// Upstream: sigs.k8s.io/cluster-api/api bootstrap/kubeadm and controlplane/kubeadm.
package clusterapi
