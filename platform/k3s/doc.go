// Package k3s makes a cluster of k3s or RKE2 trace itself: [Node] returns the files that
// a server or an agent needs, and [Config] a person's own config.yaml with the settings
// in it.
//
// Both programs take the flags of kube-apiserver, etcd and the kubelet as lists of
// name=value. k3s runs kube-apiserver in its own process, which sees the files of the
// host; RKE2 runs it as a static Pod, into which it mounts each file that a flag names.
// Such a file has to be there before rke2-server starts.
//
// etcd is the one that the release brings, so its flags are those of that etcd, and not of
// the one that kubeadm would run: [Resolve] finds it. k3s and RKE2 write what etcd-arg
// holds into etcd's configuration file, in which etcd passes over names that it does not
// know and says nothing: with k3s those that begin with experimental- trace nothing from
// etcd 3.6 on. A value that reads as a number, a truth value or a list is written as one,
// and etcd does not start; [Resolve] refuses such names.
//
// The collector, the gateway and the backend are those of the bundle: apply their files
// to the running cluster.
//
// The programs of k3s and RKE2 themselves were not run. What they are given is compared
// with what kube-apiserver and the kubelet of each release have judged, and etcd's own
// reader judges the configuration file that they write.
//
// Upstream: https://docs.k3s.io/installation/configuration,
// https://docs.rke2.io/install/configuration, github.com/k3s-io/k3s
// pkg/configfilearg/parser.go and pkg/daemons/executor/executor.go, github.com/rancher/rke2
// pkg/podtemplate/podtemplate.go.
package k3s
