// Package kubernetes lets each Kubernetes release judge what kubetrace generates
// for it: a [Judge] is linked with the release's own kubeadm, kube-apiserver
// options and kubelet, and says what they make of a bundle.
//
// What must hold of every accepted spec stands in [Inspect]. The tests apply it
// to chosen specs, to random ones and to wrong bundles, which it has to refuse,
// and compare the library's table of releases with what the release answers.
package kubernetes
