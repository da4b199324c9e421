// Package edit adds the settings of tracing to documents that people wrote, and takes
// them out, as trees of what YAML says: kubeadm's documents, configurations of kubelets
// and kube-proxy, clusters of kind, objects of Cluster API, static pods and
// kube-apiserver's tracing file.
//
// [Document] is the one way: apply edits texts by it, platform/kind and
// platform/clusterapi typed objects, and check judges by it what a cluster keeps for nodes
// to come. What a setting means is said by package setting; here is only where it is in a
// document.
package edit
