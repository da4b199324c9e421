// Package check compares a cluster that is there with what a spec says.
//
// [Read] takes what kubectl prints, [Cluster] returns what is not as the spec says:
// the component, the node, what is wanted, what is there, how bad it is and what to
// do. An empty list means that the cluster is as the spec says. What is needed to
// judge and was not given is a finding too.
//
//	kubectl get nodes -o yaml
//	kubectl get pods -A -o yaml
//	kubectl -n kube-system get configmaps -o yaml
//	kubectl -n kubetrace-system get configmaps,daemonsets -o yaml
//	kubectl get --raw /api/v1/nodes/NODE/proxy/configz      # of every node
//
// kubetrace/examples/check is a program that does it. The file of kube-apiserver is
// on the nodes and no API shows it, so its content is judged only where it is given.
package check
