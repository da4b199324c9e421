// Package api is what a judge is asked and what it answers, by net/rpc with JSON
// over its standard input and output. Both sides import it: the judge, linked
// with one Kubernetes release, and the tests, linked with the library. Texts go
// over and nothing typed, since no type of Kubernetes is the same on both sides.
package api

import "encoding/json"

// The methods of a judge.
const (
	Kubeadm     = "Kubeadm.Judge"
	APIServer   = "APIServer.Judge"
	TracingFile = "APIServer.TracingFile"
	Kubelet     = "Kubelet.Judge"
	DropIn      = "Kubelet.DropIn"
	Gates       = "Gates.Judge"
)

// PatchesDir stands for the folder of kubeadm's patches.
const PatchesDir = "/kubetrace-patches"

// GatesRequest names feature gates.
type GatesRequest struct{ Names []string }

// GatesAnswer holds those that the release's components register, by name.
type GatesAnswer struct{ Known map[string]Gate }

// Gate is what a release registers a feature gate as.
type Gate struct{ Default, Locked bool }

// KubeadmRequest is what kubeadm init would read.
type KubeadmRequest struct {
	// Config is the file given to kubeadm with --config. Where there are
	// patches, its InitConfiguration names the folder [PatchesDir], since
	// --patches does not go together with --config.
	Config string
	// Patches are the files of that folder, by name.
	Patches map[string]string
}

// KubeadmAnswer is what kubeadm init writes, and what it says on the way.
type KubeadmAnswer struct {
	// Errors says why kubeadm refuses the configuration.
	Errors []string
	// Warnings are the lines it logs as warnings about the configuration: an
	// unknown or a duplicate field, an old API.
	Warnings []string
	// Etcd and APIServer are the static pods, Kubelet the kubelet's
	// configuration, as YAML.
	Etcd, APIServer, Kubelet string
}

// APIServerRequest is what a kube-apiserver would start with.
type APIServerRequest struct {
	// Pod is its static pod, as YAML.
	Pod string
	// Files are the node's files, by path.
	Files map[string]string
	// Export makes the tracer provider send one span, and wait until it is gone.
	Export bool
}

// APIServerAnswer says whether a kube-apiserver would trace.
type APIServerAnswer struct {
	// Errors says why it would not start.
	Errors []string
	// Tracing is what it would do.
	Tracing
}

// TracingFileRequest asks what a kube-apiserver reads in its tracing file, and whether it
// takes that. The answer is
// an [APIServerAnswer] with the endpoint and the rate alone.
type TracingFileRequest struct{ Text string }

// KubeletRequest is what a kubelet would start with.
type KubeletRequest struct {
	// Config is its configuration file, as YAML.
	Config string
	// DropIn is the only file of its --config-dir, or "".
	DropIn string
	// Export makes the tracer provider send one span, and wait until it is gone.
	Export bool
}

// KubeletAnswer says with what configuration a kubelet would run.
type KubeletAnswer struct {
	// Errors says why it would not start.
	Errors []string
	// Warnings are the lines it logs: above all that it has read its file
	// leniently, which drops fields that it does not know.
	Warnings []string
	// Config is the whole configuration that it would run with, defaults
	// included, as v1beta1.
	Config json.RawMessage
	// Tracing is what it would do.
	Tracing
}

// DropInRequest asks for a kubelet that is started with --config-dir and a folder
// that is not there, so that it ends as soon as it looks into it.
type DropInRequest struct {
	// Env is its environment, "NAME=value".
	Env []string
}

// DropInAnswer is why it ended.
type DropInAnswer struct{ Error string }

// Tracing is what a component's tracer provider does.
type Tracing struct {
	// On tells that the component has a provider that exports.
	On bool
	// Endpoint and Rate are what it has read, or nil where that is not set.
	Endpoint *string
	Rate     *int32
	// Roots is how many of [Attempts] root spans it samples.
	Roots int
}

// Attempts is how many root spans a judge starts.
const Attempts = 200
