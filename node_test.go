package kubetrace_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// nodeOf are the names of what a node has, and its commands.
type nodeOf struct{ Files, Patches, Commands []string }

func TestNode(t *testing.T) {
	const file = "/etc/kubernetes/tracing-config.yaml"
	const kubeletPatch = "kubeletconfiguration90-kubetrace+strategic.yaml"
	restart := []string{"systemctl daemon-reload", "systemctl restart containerd"}
	for _, test := range []struct {
		name, spec string
		role       kubetrace.Role
		want       nodeOf
	}{
		{name: "a control plane", spec: `kubernetesVersion: "1.34"`, role: kubetrace.ControlPlane, want: nodeOf{Files: []string{file}, Patches: []string{kubeletPatch}}},
		{name: "a worker", spec: `kubernetesVersion: "1.34"`, role: kubetrace.Worker, want: nodeOf{Patches: []string{kubeletPatch}}},
		{name: "a kubelet that is too old", spec: `kubernetesVersion: "1.24"`, role: kubetrace.ControlPlane, want: nodeOf{Files: []string{file}}},
		{name: "a worker with nothing", spec: `kubernetesVersion: "1.24"`, role: kubetrace.Worker},
		{name: "containerd by its environment", spec: `{kubernetesVersion: "1.36", containerd: {version: "2.3"}}`, role: kubetrace.Worker,
			want: nodeOf{Files: []string{kubetrace.NodeFileContainerd}, Patches: []string{kubeletPatch}, Commands: restart}},
		{name: "CRI-O", spec: `{kubernetesVersion: "1.34", crio: {version: "1.34"}}`, role: kubetrace.Worker,
			want: nodeOf{Files: []string{kubetrace.NodeFileCRIO}, Patches: []string{kubeletPatch}, Commands: []string{"systemctl restart crio"}}},
		{name: "nothing", spec: runBookSpecs["nothing"], role: kubetrace.ControlPlane},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, folder := range []string{"", "/etc/patches"} {
				bundle, err := kubetrace.Generate(load(t, test.spec))
				if err != nil {
					t.Fatal(err)
				}
				node, err := bundle.Node(test.role, kubetrace.NodeOptions{PatchesDirectory: folder})
				if err != nil {
					t.Fatal(err)
				}
				if folder == "" {
					folder = kubetrace.NodePatches
				}
				var got nodeOf
				for _, file := range node.Files {
					if file.Permissions() != "0644" || file.Owner != "root:root" || len(file.Content) == 0 || file.Component == "" {
						t.Errorf("%s is %s of %s for %q with %q", file.Path, file.Permissions(), file.Owner, file.Component, file.Content)
					}
					if path.Dir(file.Path) == folder {
						got.Patches = append(got.Patches, path.Base(file.Path))
					} else {
						got.Files = append(got.Files, file.Path)
					}
				}
				got.Commands = node.Commands
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("node (-want +got):\n%s", diff)
				}
				if named := node.PatchesDirectory != ""; named != (len(got.Patches) > 0) || named && node.PatchesDirectory != folder {
					t.Errorf("the folder is %q with %d patches", node.PatchesDirectory, len(got.Patches))
				}
			}
		})
	}
}

// TestNodeKubelet holds the kubelet's patch against the fragment, and that against its
// fields.
func TestNodeKubelet(t *testing.T) {
	for _, release := range tracing.Releases() {
		spec := tracing.TracingSpec{KubernetesVersion: release.Kubernetes}
		want, err := kubelet.Configuration(spec)
		if err != nil {
			continue // this release's kubelet is not traced
		}
		bundle, err := kubetrace.Generate(spec)
		if err != nil {
			t.Fatal(err)
		}
		node, err := bundle.Node(kubetrace.Worker, kubetrace.NodeOptions{})
		if err != nil || len(node.Files) != 1 {
			t.Fatal(node, err)
		}
		var got, fromFields kubeletv1beta1.KubeletConfiguration
		if err := yaml.UnmarshalStrict(node.Files[0].Content, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(*want, got); diff != "" {
			t.Errorf("%s: patch (-want +got):\n%s", release.Kubernetes, diff)
		}
		fields, err := kubelet.Fields(spec)
		if err != nil {
			t.Fatal(err)
		}
		text, err := yaml.Marshal(fields)
		if err == nil {
			err = yaml.UnmarshalStrict(text, &fromFields)
		}
		fromFields.TypeMeta = want.TypeMeta
		if diff := cmp.Diff(*want, fromFields); diff != "" || err != nil {
			t.Errorf("%s: fields (-want +got), error %v:\n%s", release.Kubernetes, err, diff)
		}
	}
}

// TestNodePatches has a person's patches beside ours, each where its role reads it.
func TestNodePatches(t *testing.T) {
	bundle, err := kubetrace.Generate(load(t, `kubernetesVersion: "1.29"`))
	if err != nil {
		t.Fatal(err)
	}
	mine := &kubeadm.Patch{
		APIServer: kubeadm.APIServerPatch{Env: fullPatch().APIServer.Env},
		StaticPods: []kubeadm.StaticPodPatch{
			{Target: "kube-scheduler", Content: "a: b"},
			{Target: kubeadm.TargetKubelet, Suffix: "0", Content: "podPidsLimit: 5"},
		},
	}
	if bundle.Kubeadm, err = kubeadm.Merge(mine, bundle.Kubeadm); err != nil {
		t.Fatal(err)
	}
	for role, want := range map[kubetrace.Role]string{
		kubetrace.ControlPlane: "kube-apiserver-env kube-scheduler kubeletconfiguration0 kubeletconfiguration90-kubetrace",
		kubetrace.Worker:       "kubeletconfiguration0 kubeletconfiguration90-kubetrace",
	} {
		node, err := bundle.Node(role, kubetrace.NodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, file := range node.Files {
			if name, ok := strings.CutPrefix(file.Path, node.PatchesDirectory+"/"); ok {
				names = append(names, strings.TrimSuffix(name, "+strategic.yaml"))
			}
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s has %s, want %s", role, got, want)
		}
	}
}

func TestNodeRefused(t *testing.T) {
	for _, test := range []struct {
		name, want string
		role       kubetrace.Role
		folder     string
		change     func(*kubetrace.Bundle)
	}{
		{name: "a role that is none", role: "master", want: `role "master" is not known: write control-plane or worker`},
		{name: "a folder that is not absolute", role: kubetrace.Worker, folder: "patches", want: `NodeOptions.PatchesDirectory is "patches": write an absolute path`},
		{name: "a folder with a slash at its end", role: kubetrace.Worker, folder: "/etc/patches/", want: "without a slash at its end"},
		{name: "a folder with a line break", role: kubetrace.Worker, folder: "/etc/a\nb", want: "write an absolute path"},
		{name: "a bundle without its patch", role: kubetrace.Worker, change: func(b *kubetrace.Bundle) { b.Kubeadm = nil }, want: "Kubeadm"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bundle, err := kubetrace.Generate(load(t, `kubernetesVersion: "1.34"`))
			if err != nil {
				t.Fatal(err)
			}
			if test.change != nil {
				test.change(bundle)
			}
			if _, err = bundle.Node(test.role, kubetrace.NodeOptions{PatchesDirectory: test.folder}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, want %s", err, test.want)
			}
		})
	}
}

func ExampleBundle_Node() {
	bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.34"})
	if err != nil {
		panic(err)
	}
	node, err := bundle.Node(kubetrace.ControlPlane, kubetrace.NodeOptions{})
	if err != nil {
		panic(err)
	}
	for _, file := range node.Files {
		fmt.Println(file.Permissions(), file.Owner, file.Path)
	}
	fmt.Println("kubeadm init --patches", node.PatchesDirectory)
	// Output:
	// 0644 root:root /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml
	// 0644 root:root /etc/kubernetes/tracing-config.yaml
	// kubeadm init --patches /etc/kubernetes/kubetrace-patches
}
