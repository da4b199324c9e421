package check_test

import (
	"os"
	"path/filepath"
	"testing"

	"kubetrace/check"
	"kubetrace/tracing"
)

// TestStates reads clusters as kubectl prints them, in the files that examples/check
// collects. Where the collector's objects change on purpose, so have their
// collector.yaml and pods.yaml.
func TestStates(t *testing.T) {
	hidden := check.Options{WithoutKubeadm: true, HiddenControlPlane: true}
	for _, test := range []struct {
		folder  string
		options check.Options
		want    []string
	}{
		// A virtual, a simulated and a Windows node, and a webhook that adds to pods.
		{"kubeadm", check.Options{}, nil},
		{"k3s", hidden, nil},
		{"managed", hidden, nil},
		// A second etcd, pods that are forbidden, a node that does not answer.
		{"degraded", check.Options{}, []string{
			"etcd on cp1: pod etcd-events-cp1 --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing (refuses to start)",
			"collector: pods is none on 3, such as cp1, wanted is a collector on every node (silently no traces): Let the namespace have pods in the host's network",
			"etcd on cp1: pod etcd-events-cp1 --distributed-tracing-address is nothing",
			"etcd on cp1: pod etcd-events-cp1 --distributed-tracing-sampling-rate is nothing",
			"kube-apiserver on cp1: /etc/kubernetes/egress.yaml controlplane is GRPC",
			"cluster: services.yaml: text is what cannot be read",
			"kubelet on w2: configz is what cannot be read",
		}},
	} {
		t.Run(test.folder, func(t *testing.T) {
			spec, state := readState(t, filepath.Join("testdata", "states", test.folder))
			compare(t, must(check.ClusterWith(spec, state, test.options))(t), test.want)
		})
	}
}

// TestRealStates reads clusters that e2e has made and found to be as their specs say.
// make e2e writes them anew.
func TestRealStates(t *testing.T) {
	folders := must(filepath.Glob(filepath.Join("testdata", "states", "real-*")))(t)
	if len(folders) < 2 {
		t.Fatalf("there are too few: %q", folders)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			spec, state := readState(t, folder)
			compare(t, must(check.Cluster(spec, state))(t), nil)
			// Or there would be nothing to find.
			if len(state.Nodes) == 0 || len(state.Configz) < len(state.Nodes) || len(state.TracingFiles) == 0 || len(state.DaemonSets) == 0 {
				t.Error("something was not collected")
			}
		})
	}
}

// readState reads a folder's spec and state.
func readState(t *testing.T, folder string) (spec tracing.TracingSpec, state check.State) {
	t.Helper()
	for _, entry := range must(os.ReadDir(folder))(t) {
		text := must(os.ReadFile(filepath.Join(folder, entry.Name())))(t)
		if entry.Name() == "spec.yaml" {
			spec = must(tracing.Load(text))(t)
			continue
		}
		state.AddFile(entry.Name(), text)
	}
	return spec, state
}
