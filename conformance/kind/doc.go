// Package kubetrace judges kubetrace's kind clusters by kind itself, a release
// from before 0.32, which changed how kind writes and patches kubeadm's
// documents, and the newest. v0.30.mod is the same module with the older one: go
// test -modfile=v0.30.mod; v0.32.mod is that with the one that changed it.
//
// # Create cluster
//
// The real kind create cluster runs against a stand-in for Docker, package
// [engine], for each of [Cases] and for releases of Kubernetes at which something
// changes. kind goes all the way: it makes the nodes, writes /kind/kubeadm.conf
// on each of them, runs kubeadm init and join, and ends well. It does so twice,
// with the cluster that kubetrace returned and with the one that kubetrace was
// given. Setting by setting and argument by argument, what differs has to be what
// tracing needs and nothing else, and kube-apiserver's file has to be where its
// flag says: through the pod's volume and the node's mount on the host.
//
// Nothing is installed or sent anywhere, and nobody needs to be root. kind only
// looks for free ports of 127.0.0.1.
//
// # Records
//
// What kubeadm makes of its documents is for kubeadm to say. Command
// [sigs.k8s.io/kind/pkg/cluster/kubetrace/cmd/record] writes what kind did into a
// folder for that judge, as does a test run with KUBETRACE_KIND_RECORDS:
//
//	go build -o "$dir/" ./cmd/record ./cmd/docker                    # kind 0.33
//	go build -modfile=v0.30.mod -o "$dir/" ./cmd/record ./cmd/docker # kind 0.30
//	"$dir/record" -o records [-minor 1.36] [-case ha]
//
//	records/v0.33.0/cases.json                    a Manifest: every node, with the paths of its files
//	records/v0.33.0/ha/1.36/spec.yaml             the TracingSpec
//	records/v0.33.0/ha/1.36/kind.yaml             the cluster that kubetrace returned
//	records/v0.33.0/ha/1.36/without.yaml          the same cluster without kubetrace
//	records/v0.33.0/ha/1.36/bundle/               the bundle, named by the mounts
//	records/v0.33.0/ha/1.36/own/                  files of the user's, named by mounts in some cases
//	records/v0.33.0/ha/1.36/NODE/run.json         how the node was made: arguments, mounts
//	records/v0.33.0/ha/1.36/NODE/kubeadm.conf     what kubeadm reads on the node
//
// The documents have the version of kubeadm's API that kind writes for the
// release, v1beta2 for 1.22 and from kind 0.32 on v1beta4 for 1.36 and later,
// else v1beta3. A warning of kubeadm about it is kind's.
//
// # Patches
//
// For every release and more bases, kind's own template and its rules for patches
// are called as functions, which takes milliseconds.
package kubetrace
