// Package k0s makes a cluster of k0s trace itself: [Cluster] returns a ClusterConfig, or a
// person's own with the settings in it, [Node] the files of a controller or a worker, and
// [RunBook] what to do with them.
//
// k0s runs kube-apiserver and etcd as processes of the controller's host, so that they
// read files of the host. Workers get their kubelet's part from worker profiles.
//
// Controllers run no kubelet, unless they were started with --enable-worker. No DaemonSet
// puts a collector beside kube-apiserver and etcd then, and what they send to the loopback
// address is lost. So a controller gets a collector of its own, which systemd runs: it
// needs an exporter that the hosts reach, collector.exporter.endpoint.
//
// The program of k0s itself was not run. What it is given is compared with
// what kube-apiserver, etcd and the kubelet of each release have judged.
//
// Upstream: https://docs.k0sproject.io/stable/configuration/, github.com/k0sproject/k0s
// pkg/apis/k0s/v1beta1, pkg/component/controller and pkg/supervisor (v1.36.3+k0s.2).
package k0s
