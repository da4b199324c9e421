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

// somebodys is a patch with tracing and more.
const somebodys = `# Ours.
[plugins."io.containerd.tracing.processor.v1.otlp"]
  endpoint = "http://collector.example.com:4318"
  protocol = "http/protobuf"
  insecure = false

[plugins."io.containerd.internal.v1.tracing"]
  sampling_ratio = 1.0
  service_name = "containerd"

[plugins."io.containerd.grpc.v1.cri"]
  x = 1 # as ever
`

// left is that without the tracing.
const left = `# Ours.

[plugins."io.containerd.internal.v1.tracing"]
  service_name = "containerd"

[plugins."io.containerd.grpc.v1.cri"]
  x = 1 # as ever
`

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
	const rebuilt = "kindest/node:v1.26.15@sha256:84333e26cae1d70361bb7339efb568df1871419f2019c80f9a12b7e2d485fe19" // of kind 0.23
	const printed = "[plugins.\"io.containerd.internal.v1.tracing\"]\n  sampling_ratio = 1.0\n"
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
		{"a patch as YAML strips it", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{strings.TrimSpace(tracingPatch)}}, []int{0, 1}, nil},
		{"a patch that sets what is there by itself", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{Nodes: two, ContainerdConfigPatches: []string{printed}}, []int{0, 1}, []string{printed}},
		{"a build of its own digest", containerdSpec("1.26", "1.7.15"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: rebuilt}}}, nil, []string{tracingPatch}},
		{"an unknown build of a tag that is known", containerdSpec("1.24", "2.0"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "kindest/node:v1.24.17@sha256:" + strings.Repeat("0", 64)}}}, []int{0}, nil},
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
			if err != nil || strings.Contains(string(removed.Text), "io.containerd.tracing.processor") || strings.Contains(string(removed.Text), kubetrace.NodeFileContainerd) {
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
		{"an older containerd", containerdSpec("1.24", "2.0"), nil, "nodes[0].image", `{version: "1.7.13"}`},
		{"the newest build of a tag", containerdSpec("1.26", "1.7.15"), nil, "nodes[0].image", `{version: "1.7.18"}`},
		{"another build of the tag", containerdSpec("1.26", "1.7.18"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "docker.io/kindest/node:v1.26.15@sha256:84333e26cae1d70361bb7339efb568df1871419f2019c80f9a12b7e2d485fe19"}}}, "nodes[0].image", `{version: "1.7.15"}`},
		{"an image of an old kind", containerdSpec("1.24", "2.0"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "kindest/node:v1.24.7"}}}, "nodes[0].image", `{version: "1.6.9"}`},
		{"a containerd that is not traced", containerdSpec("1.23", "2.0"), &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "kindest/node:v1.23.4"}}}, "nodes[0].image", "its containerd is 1.5.10, which cannot be traced"},
		{"a patch of somebody that does nothing", containerdSpec("1.37", "2.3"), &v1alpha4.Cluster{ContainerdConfigPatches: []string{somebodys}}, "containerdConfigPatches[0]", "goes by the variables of its environment: take the tables"},
		{"a patch of somebody's, written like ours", containerdSpec("1.24", "1.7.13"), &v1alpha4.Cluster{ContainerdConfigPatches: []string{"# Mine.\n" + strings.Replace(tracingPatch, "0.0", "0.5", 1)}}, "containerdConfigPatches[0]", "take the tables"},
		{"a patch of somebody", containerdSpec("1.24", "1.7.13"), &v1alpha4.Cluster{ContainerdConfigPatches: []string{somebodys}}, "containerdConfigPatches[0]", "take the tables"},
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

var kindType = v1alpha4.TypeMeta{Kind: "Cluster", APIVersion: "kind.x-k8s.io/v1alpha4"}

// TestForeignContainerdPatch has what apply says of a patch that somebody wrote, and what
// it leaves of it.
func TestForeignContainerdPatch(t *testing.T) {
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		want []string
	}{
		{"read", containerdSpec("1.24", "1.7.13"), []string{tracingPatch, left}},
		{"void", containerdSpec("1.37", "2.3"), []string{left}},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := []byte(yamlOf(t, &v1alpha4.Cluster{TypeMeta: kindType, ContainerdConfigPatches: []string{somebodys}}))
			var conflict *apply.ConflictError
			if _, err := apply.Documents(test.spec, text, apply.Options{HostDir: "/out"}); !errors.As(err, &conflict) {
				t.Errorf("without Overwrite: %v", err)
			}
			result, err := apply.Documents(test.spec, text, apply.Options{HostDir: "/out", Overwrite: true})
			if err != nil {
				t.Fatal(err)
			}
			cluster, err := kind.Load(result.Text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, cluster.ContainerdConfigPatches); diff != "" {
				t.Errorf("with Overwrite (-want +got):\n%s", diff)
			}
			if len(result.Replaced) != 1 || result.Replaced[0].Name != "containerdConfigPatches" {
				t.Errorf("replaced %+v", result.Replaced)
			}
		})
	}
}

// TestUnknownContainerd names images of kind's whose containerd is not in the table.
func TestUnknownContainerd(t *testing.T) {
	base := &v1alpha4.Cluster{TypeMeta: kindType, Nodes: []v1alpha4.Node{
		{Image: "kindest/node:v1.37.0"}, {Role: v1alpha4.WorkerRole, Image: "kindest/node:v1.37.9"}, {Role: v1alpha4.WorkerRole, Image: "registry.example.com/kindest/node:v1.37.9"},
	}}
	result, err := apply.Documents(containerdSpec("1.37", "2.3"), []byte(yamlOf(t, base)), apply.Options{HostDir: "/out"})
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Unread) != 1 || result.Unread[0].Name != "nodes[1].image" || result.Unread[0].Old != "kindest/node:v1.37.9" {
		t.Errorf("unread: %+v", result.Unread)
	}
	if _, known := kind.ImageContainerd("kindest/node:v1.37.9"); known {
		t.Error("its containerd is known")
	}
	if version, known := kind.ImageContainerd("kindest/node:v1.37.0"); !known || version != "2.3.4" {
		t.Errorf("containerd %q, %t", version, known)
	}
}
