package kind_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace"
	"kubetrace/internal/memfs"
	"kubetrace/internal/puritytest"
	"kubetrace/internal/runbooktest"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// runBookCases are specs and bases that switch parts of the runbook on and off,
// with what it has to say and what not. OURS is the folder.
var runBookCases = []struct {
	name, spec, base string
	want, never      []string
}{
	{
		name: "a release",
		spec: `kubernetesVersion: "1.29.1"`,
		want: []string{
			"# Tracing for Kubernetes 1.29.1 in kind\n", "names this folder by its path, `OURS`", "kind mounts it into the control-plane nodes, at `/etc/kubernetes/tracing-config.yaml`",
			"| `kubeadm/`, `kubelet/`, `README.md` |", "need kind v0.22.0 or later", "cluster `kind`.", "`docker exec kind-control-plane journalctl -u kubelet`",
			"logs kube-apiserver-kind-control-plane`", "logs etcd-kind-control-plane`", "2. Wait for the nodes", "up to two and a half minutes", "At most 10000 of a million",
			"## Read this first", "otelcol_receiver_accepted_spans",
		},
		never: []string{"NODE", "on a node", "disableDefaultCNI", "Your own etcd", "leads to", "3. Wait"},
	},
	{
		name: "a base",
		spec: `kubernetesVersion: "1.29.1"`,
		base: "name: mine\nnetworking: {disableDefaultCNI: true}\nnodes: [{image: 'kindest/node:v1.29.4'}]\n",
		want: []string{
			"cluster `mine`.", "--name mine\n", "docker exec mine-control-plane", "logs etcd-mine-control-plane`",
			"2. Install your pod network", "DNS and the backend do not", "3. Wait for the nodes",
		},
		never: []string{"v0.22.0", "kind-control-plane"},
	},
	{
		name: "more nodes",
		spec: `kubernetesVersion: "1.29.1"`,
		base: "name: mine\nnodes: [{role: worker}, {role: control-plane}, {}, {role: worker}]\n",
		want: []string{
			"for node in mine-control-plane mine-control-plane2; do\n     docker exec \"$node\" cat /etc/kubernetes/tracing-config.yaml | diff - apiserver/tracing-config.yaml\n",
			"for node in mine-control-plane mine-control-plane2 mine-worker mine-worker2; do\n     docker exec \"$node\" kubeadm upgrade",
			"etcd's settings and kube-apiserver's flags are in the kubeadm patches of `kind.yaml`", "another endpoint,",
		},
	},
	{
		name:  "no API server, no etcd",
		spec:  `{kubernetesVersion: "1.34", apiServer: {disabled: true}, etcd: {disabled: true}}`,
		want:  []string{"1. Write the kubelets'", "2. Apply the objects"},
		never: []string{"are in the kubeadm patches of", "/etc/kubernetes/manifests"},
	},
	{
		name:  "no API server, no kubelet, no etcd",
		spec:  `{kubernetesVersion: "1.34", apiServer: {disabled: true}, kubelet: {disabled: true}, etcd: {disabled: true}}`,
		want:  []string{"No component is traced", "| `README.md` |", "rollout status daemonset"},
		never: []string{"names this folder", "tracing-config", "kubeadm/", "kubelet/", "See that it works", "podman", "for node in", "delete the cluster"},
	},
	{
		name:  "external etcd",
		spec:  `{kubernetesVersion: "1.34", etcd: {external: true, version: 3.6.4}}`,
		want:  []string{"## Your own etcd"},
		never: []string{"logs etcd-"},
	},
	{
		name:  "external etcd alone",
		spec:  `{kubernetesVersion: "1.34", apiServer: {disabled: true}, kubelet: {disabled: true}, etcd: {external: true, version: 3.6.4}}`,
		want:  []string{"| `README.md` |"},
		never: []string{"kubeadm/"},
	},
	{
		name:  "containerd",
		spec:  `{kubernetesVersion: "1.37", containerd: {version: "2.3"}}`,
		want:  []string{"`containerd/90-tracing.conf`", "kind mounts it into every node, at `/etc/systemd/system/containerd.service.d/90-kubetrace.conf`", "does not start again without these files", "systemctl restart containerd", "`docker exec kind-control-plane journalctl -u containerd`"},
		never: []string{"90-tracing.toml"},
	},
	{
		name:  "containerd that reads its file",
		spec:  `{kubernetesVersion: "1.24", containerd: {version: 1.7.13}}`,
		want:  []string{"`containerd/90-tracing.toml`, `README.md` |"},
		never: []string{"service.d", "restart containerd"},
	},
	{
		name:  "no kubelet",
		spec:  `{kubernetesVersion: "1.24"}`,
		want:  []string{"| `kubeadm/`, `README.md` |"},
		never: []string{"journalctl"},
	},
	{
		name:  "a backend of one's own and Secrets",
		spec:  `{kubernetesVersion: "1.34", collector: {namespace: obs, exporter: {endpoint: "otlp.example.com:4317", headers: [{name: x, secretKeyRef: {name: a, key: k}}]}}}`,
		want:  []string{"kubectl create namespace obs", "`secrets/a/k`", "in your backend"},
		never: []string{"backend.yaml", "Jaeger"},
	},
	{
		name:  "no collector",
		spec:  `{kubernetesVersion: "1.34", endpoint: "otel.example.com:4317", collector: {disabled: true}}`,
		want:  []string{"something listens on `otel.example.com:4317`"},
		never: []string{"collector.yaml", "rollout"},
	},
}

// runBookFolder writes what examples/kind writes, for a spec.
func runBookFolder(t *testing.T, text, base, hostDir string) (files memfs.FS, runBook string) {
	t.Helper()
	spec, err := tracing.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		t.Fatal(err)
	}
	all, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	cluster, err := kind.ClusterFor(bundle.Resolved(), mustLoad(t, base), hostDir)
	if err != nil {
		t.Fatal(err)
	}
	book, err := kind.RunBookFor(bundle.Resolved(), cluster, hostDir)
	if err != nil {
		t.Fatal(err)
	}
	files = all.(memfs.FS)
	files["kind.yaml"], files["kind.md"] = []byte(yamlOf(t, cluster)), book
	return files, string(book)
}

func TestRunBook(t *testing.T) {
	for _, test := range runBookCases {
		t.Run(test.name, func(t *testing.T) {
			// kind's command names the folder by its whole path.
			dir := filepath.Join(t.TempDir(), "it's out")
			files, text := runBookFolder(t, test.spec, test.base, dir)
			if err := os.CopyFS(dir, files); err != nil {
				t.Fatal(err)
			}
			runbooktest.ReadsWell(t, text)
			for _, want := range test.want {
				if want = strings.ReplaceAll(want, "OURS", dir); !strings.Contains(text, want) {
					t.Errorf("it does not say %q:\n%s", want, text)
				}
			}
			for _, never := range test.never {
				if strings.Contains(text, never) {
					t.Errorf("it says %q:\n%s", never, text)
				}
			}
			for name := range files {
				folder, _, _ := strings.Cut(name, "/")
				if !strings.Contains(text, "`"+folder) && name != "kind.md" {
					t.Errorf("%s is not mentioned", name)
				}
			}
			if _, output, failed := runbooktest.Run(t, files, "kind.md"); failed {
				t.Errorf("the commands fail: %s", output)
			}
		})
	}
}

func TestRunBookCommands(t *testing.T) {
	files, _ := runBookFolder(t, `kubernetesVersion: "1.29.1"`, "", ".")
	got, output, failed := runbooktest.Run(t, files, "kind.md")
	if failed {
		t.Fatalf("the commands fail: %s", output)
	}
	want := []string{
		"kind create cluster --config kind.yaml",
		"kubectl wait --for=condition=Ready nodes --all --timeout=5m",
		"docker exec kind-control-plane cat /etc/kubernetes/tracing-config.yaml",
		"diff - apiserver/tracing-config.yaml",
		"docker exec kind-control-plane mv /etc/kubernetes/manifests/kube-apiserver.yaml /etc/kubernetes/",
		"sleep 30",
		"docker exec kind-control-plane mv /etc/kubernetes/kube-apiserver.yaml /etc/kubernetes/manifests/",
		"docker exec kind-control-plane sh -c until curl -fks https://localhost:6443/readyz; do sleep 2; done",
		"kubectl -n kube-system edit configmap kubelet-config",
		"docker exec kind-control-plane kubeadm upgrade node phase kubelet-config",
		"docker exec kind-control-plane systemctl restart kubelet",
		"kubectl apply -f collector.yaml -f backend.yaml",
		"kubectl apply -f collector.yaml -f backend.yaml", // after a change
		"kubectl -n kubetrace-system rollout status daemonset/kubetrace-collector --timeout=5m",
		"kubectl -n kubetrace-backend rollout status deployment/kubetrace-jaeger --timeout=5m",
		"kubectl create deployment traced --image=registry.k8s.io/pause:3.9",
		"kubectl delete deployment traced",
		"kubectl -n kubetrace-backend port-forward deployment/kubetrace-jaeger 16686",
		"sleep 5",
		"curl -fsS http://127.0.0.1:16686/api/services",
		"kind delete cluster --name kind",
	}
	// The program in the background writes its line at any time.
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"kind.yaml", "collector.yaml", "backend.yaml"} {
		files, _ := runBookFolder(t, `kubernetesVersion: "1.29.1"`, "", ".")
		delete(files, name)
		if _, output, failed := runbooktest.Run(t, files, "kind.md"); !failed || !strings.Contains(output, "no file "+name) {
			t.Errorf("without %s the commands do not fail: %s", name, output)
		}
	}
}

func TestRunBookRelative(t *testing.T) {
	_, text := runBookFolder(t, `kubernetesVersion: "1.29.1"`, "", "out")
	for _, want := range []string{"--config out/kind.yaml\n", "run where `out` leads to this folder"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

func TestRunBookRefuses(t *testing.T) {
	if _, err := kind.RunBookFor(tracing.Resolved{}, &v1alpha4.Cluster{}, ""); err == nil || !strings.Contains(err.Error(), "tracing.Resolve") {
		t.Errorf("of nothing resolved: got %v", err)
	}
	resolved, err := tracing.Resolve(spec("1.29.1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kind.RunBookFor(resolved, nil, ""); err == nil || !strings.Contains(err.Error(), "ClusterFor") {
		t.Errorf("without a cluster: got %v", err)
	}
}

func TestRunBookPure(t *testing.T) {
	type input struct {
		R       tracing.Resolved
		Cluster *v1alpha4.Cluster
	}
	in := func() input {
		resolved, err := tracing.Resolve(spec("1.29.1"))
		if err != nil {
			t.Fatal(err)
		}
		return input{resolved, &v1alpha4.Cluster{Nodes: []v1alpha4.Node{{Image: "a"}}}}
	}
	puritytest.Check(t, in, func(in input) string {
		text, err := kind.RunBookFor(in.R, in.Cluster, hostDir)
		if err != nil {
			t.Error(err)
		}
		return string(text)
	})
}
