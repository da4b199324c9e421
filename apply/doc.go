// Package apply adds tracing to configuration that people wrote, and takes it out
// again: kubeadm's documents, kubelet configurations, kind clusters and the manifests
// of static pods.
//
// [Documents] edits a YAML stream in place. Every byte outside its edits stays:
// comments, the order of keys, line ends, indentation. It returns a [Receipt], with
// which [Undo] brings the bytes back. [Remove] does without a receipt and takes out
// by meaning what the spec asks for. What a setting means to its component is said in
// one place for all verbs: check finds what Documents would change. [Runtime] and
// [RemoveRuntime] do the same to the files of container runtimes, which are no YAML.
// [Deletions] are the objects to delete from the cluster.
//
// All are pure functions: reading and writing files is up to the caller.
package apply
