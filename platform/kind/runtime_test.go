package kind_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/platform/kind"
	"kubetrace/release"
	"kubetrace/tracing"
)

const tracingPatch = `[plugins."io.containerd.tracing.processor.v1.otlp"]
  endpoint = "127.0.0.1:4317"
  protocol = "grpc"
  insecure = true

[plugins."io.containerd.internal.v1.tracing"]
  sampling_ratio = 0.0
`

func containerdSpec(kubernetes, version string) tracing.TracingSpec {
	return tracing.TracingSpec{KubernetesVersion: kubernetes, Containerd: &tracing.ContainerdSpec{Version: version}}
}

// dropIns are the nodes that have the drop-in of containerd's service, by index.
func dropIns(t *testing.T, cluster *v1alpha4.Cluster) (nodes []int) {
	t.Helper()
	for i, node := range cluster.Nodes {
		for _, mount := range node.ExtraMounts {
			if mount.ContainerPath != kubetrace.NodeFileContainerd {
				continue
			}
			if want := path.Join("/out", kubetrace.FileContainerd); mount.HostPath != want || !mount.Readonly {
				t.Errorf("node %d mounts %+v, want %s read-only", i, mount, want)
			}
			nodes = append(nodes, i)
		}
	}
	return nodes
}

func TestContainerd(t *testing.T) {
	const mine = "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  x = 1\n"
	two := []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole}}
	for _, test := range []struct {
		name    string
		spec    tracing.TracingSpec
		base    *v1alpha4.Cluster
		dropIns []int
		patches []string
	}{
		{"none", tracing.TracingSpec{KubernetesVersion: "1.37"}, &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{mine}}, nil, []string{mine}},
		{"variables", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{mine}}, []int{0, 1}, []string{mine}},
		{"of one node", containerdSpec("1.30", "2.1.1"), nil, []int{0}, nil},
		{"a patch", containerdSpec("1.24", "1.7.13"), &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{mine}}, nil, []string{tracingPatch, mine}},
		{"both, since one of them is read", containerdSpec("1.24", "1.7"), &v1alpha4.Cluster{Nodes: two}, []int{0, 1}, []string{tracingPatch}},
		{"a patch of another spec", containerdSpec("1.24", "1.7.13"), &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{strings.Replace(tracingPatch, "0.0", "0.5", 1), mine}}, nil, []string{tracingPatch, mine}},
		{"a patch of an older spec", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{tracingPatch}}, []int{0, 1}, nil},
		{"a drop-in of an earlier folder", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Role: v1alpha4.ControlPlaneRole}, {Role: v1alpha4.WorkerRole, ExtraMounts: []v1alpha4.Mount{
			{HostPath: path.Join("/earlier", kubetrace.FileContainerd), ContainerPath: kubetrace.NodeFileContainerd, Readonly: true},
		}}}}, []int{0, 1}, nil},
		{"an image of somebody", containerdSpec("1.37", "1.7.15"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "registry.example.com/node:v1.37.0"}}}, nil, []string{tracingPatch}},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster, err := kind.Cluster(test.spec, test.base, "/out")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.dropIns, dropIns(t, cluster)); diff != "" {
				t.Errorf("nodes with the drop-in (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.patches, cluster.ContainerdConfigPatches); diff != "" {
				t.Errorf("patches (-want +got):\n%s", diff)
			}
			again, err := kind.Cluster(test.spec, cluster, "/out")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(cluster, again); diff != "" {
				t.Errorf("a second time (-once +twice):\n%s", diff)
			}
			text := yamlOf(t, cluster)
			result, err := apply.Documents(test.spec, []byte(text), apply.Options{HostDir: "/out"})
			if err != nil || len(result.Receipt.Edits) > 0 {
				t.Errorf("apply edits it: %+v, %v", result.Receipt, err)
			}
			removed, err := apply.Remove(test.spec, []byte(text), apply.Options{HostDir: "/out"})
			if err != nil || strings.Contains(string(removed.Text), "io.containerd.tracing") || strings.Contains(string(removed.Text), kubetrace.NodeFileContainerd) {
				t.Errorf("removed it is %s, %v", removed.Text, err)
			}
		})
	}
}

func TestContainerdRefused(t *testing.T) {
	crio := tracing.TracingSpec{KubernetesVersion: "1.37", CRIO: &tracing.CRIOSpec{Version: "1.37"}}
	for _, test := range []struct {
		name        string
		spec        tracing.TracingSpec
		base        *v1alpha4.Cluster
		field, says string
	}{
		{"another containerd", containerdSpec("1.37", "1.7.15"), nil, "nodes[0].image", `write containerd: {version: "2.3.4"} into the spec`},
		{"an older containerd", containerdSpec("1.24", "2.0"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "kindest/node:v1.24.17@sha256:" + strings.Repeat("0", 64)}}}, "nodes[0].image", `{version: "1.7.13"}`},
		{"a patch of somebody", containerdSpec("1.24", "1.7.13"), &v1alpha4.Cluster{ContainerdConfigPatches: []string{"[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\n  endpoint = \"x\"\n"}}, "containerdConfigPatches[0]", "take the tables"},
		{"a mount of somebody", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{ExtraMounts: []v1alpha4.Mount{{HostPath: "/mine", ContainerPath: kubetrace.NodeFileContainerd}}}}}, "nodes[0].extraMounts[0]", "take this mount out"},
		{"CRI-O", crio, nil, "nodes", "leave crio out"},
	} {
		_, err := kind.Cluster(test.spec, test.base, "/out")
		var invalid *kind.InvalidClusterError
		if !errors.As(err, &invalid) || len(invalid.Errors) == 0 || invalid.Errors[0].Field != test.field || !strings.Contains(invalid.Errors[0].Detail, test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

// TestNodeContainerd has every image of the table, of which each has a containerd that
// is known.
func TestNodeContainerd(t *testing.T) {
	for _, row := range tracing.Releases() {
		version, err := kind.NodeContainerd(tracing.TracingSpec{KubernetesVersion: row.Kubernetes})
		if _, _, imageErr := kind.NodeImage(tracing.TracingSpec{KubernetesVersion: row.Kubernetes}); imageErr != nil {
			continue // kind has none yet
		}
		if _, known := release.ContainerdOf(version); err != nil || !known {
			t.Errorf("%s: containerd %q, %v", row.Kubernetes, version, err)
		}
		if _, err := kind.Cluster(containerdSpec(row.Kubernetes, version), nil, "/out"); err != nil {
			t.Errorf("%s with containerd %s: %v", row.Kubernetes, version, err)
		}
	}
	for version, want := range map[string]string{"1.22": "1.7.1", "1.25": "1.7.18", "1.29.1": "1.7.13", "1.29": "2.0.2", "1.37": "2.3.4"} {
		if got, _ := kind.NodeContainerd(tracing.TracingSpec{KubernetesVersion: version}); got != want {
			t.Errorf("%s: containerd %s, want %s", version, got, want)
		}
	}
}
