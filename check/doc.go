// Package check compares a cluster that is there with what a spec says.
//
// [Read] takes what kubectl prints, [Cluster] returns what is not as the spec says:
// the component, the node, what is wanted, what is there, how bad it is and what to
// do. An empty list means that the cluster is as the spec says. What is needed to
// judge and was not given, or cannot be read, is a finding too, and the rest is judged.
//
//	kubectl get nodes,namespaces -o yaml
//	kubectl get pods -A -o yaml
//	kubectl -n kube-system get configmaps -o yaml
//	kubectl -n kubetrace-system get configmaps,daemonsets,events -o yaml
//	kubectl get --raw /api/v1/nodes/NODE/proxy/configz      # of every node
//
// Objects may be of any release, also of one that is newer than our libraries: only
// the fields that something is judged by are read. kubetrace/examples/check is a program
// that does all of it. kube-apiserver's files are on the nodes and no API shows them, so
// their content is judged only where it is given.
//
// [ClusterWith] is for clusters that kubeadm did not make, whose control plane cannot
// be seen, or of whose nodes not all are judged; see [Options].
//
// The settings of a container runtime are on its node alone: give them where the spec
// names the runtime, as [State] says.
package check
