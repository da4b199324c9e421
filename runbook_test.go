package kubetrace_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace"
	"kubetrace/internal/runbooktest"
	"kubetrace/tracing"
)

// runBookSpecs are specs that switch parts of the run-book on and off, beside
// those of the goldens.
var runBookSpecs = map[string]string{
	"nothing":           `{kubernetesVersion: "1.34.1", etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}, collector: {disabled: true}}`,
	"collector alone":   `{kubernetesVersion: "1.34.1", etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}}`,
	"etcd alone":        `{kubernetesVersion: "1.34.1", apiServer: {disabled: true}, kubelet: {disabled: true}}`,
	"own etcd alone":    `{kubernetesVersion: "1.34.1", apiServer: {disabled: true}, kubelet: {disabled: true}, etcd: {external: true, version: 3.6.4}}`,
	"own etcd":          `{kubernetesVersion: "1.34", etcd: {external: true, version: 3.6.4}}`,
	"nothing possible":  `{kubernetesVersion: "1.24", apiServer: {disabled: true}, collector: {disabled: true}}`,
	"quotes in a path":  `{kubernetesVersion: "1.34", apiServer: {configFile: "/etc/it's my/x;y.yaml"}}`,
	"one secret":        `{kubernetesVersion: "1.34", collector: {imagePullSecrets: [{name: registry}]}}`,
	"backend namespace": `{kubernetesVersion: "1.34", backend: {namespace: jaeger}}`,
	"own etcd, kubelet": `{kubernetesVersion: "1.34", apiServer: {disabled: true}, etcd: {external: true, version: 3.6.4}}`,
	"secrets":           `{kubernetesVersion: "1.34", collector: {namespace: obs, imagePullSecrets: [{name: registry}], exporter: {protocol: http, endpoint: "https://otlp.example.com:4318", tls: {ca: {name: b, key: ca.crt}, cert: {name: b, key: tls.crt}, key: {name: b, key: tls.key}}, headers: [{name: x, secretKeyRef: {name: a, key: k}}, {name: "y|z", secretKeyRef: {name: a, key: k}}]}}}`,
	"gateway":           `{kubernetesVersion: "1.34", gateway: {}}`,
	"gateway, secrets":  `{kubernetesVersion: "1.34", gateway: {namespace: mesh, tls: {ca: {name: ca, key: ca.crt}, cert: {name: server, key: tls.crt}, key: {name: server, key: tls.key}}}, collector: {imagePullSecrets: [{name: registry}], exporter: {endpoint: "otlp.example.com:4317", tls: {ca: {name: b, key: ca.crt}}, headers: [{name: x, secretKeyRef: {name: a, key: k}}]}}}`,
	"queue on the node": `{kubernetesVersion: "1.34", collector: {queue: {storage: hostPath}}}`,
	"rate of 0":         `{kubernetesVersion: "1.34", samplingRatePerMillion: 0}`,
	"containerd":        `{kubernetesVersion: "1.34", containerd: {version: "2.3"}}`,
	"containerd alone":  `{kubernetesVersion: "1.34", etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}, containerd: {version: "1.7", samplingRatePerMillion: 9}}`,
	"containerd's file": `{kubernetesVersion: "1.34", containerd: {version: 1.7.15}}`,
	"CRI-O":             `{kubernetesVersion: "1.34", crio: {version: "1.34"}}`,
	"both runtimes":     `{kubernetesVersion: "1.34", crio: {version: "1.34"}, containerd: {version: "1.7"}}`,
	"every request":     `{kubernetesVersion: "1.34", samplingRatePerMillion: 10, kubelet: {samplingRatePerMillion: 1000000}}`,
}

// forEachRunBook calls test with the files of every golden and every spec above.
func forEachRunBook(t *testing.T, test func(*testing.T, fs.FS)) {
	t.Helper()
	specs := map[string]string{}
	for name, spec := range runBookSpecs {
		specs[name] = spec
	}
	for _, name := range goldenCases {
		specs[name] = readFile(t, filepath.Join(goldenFolder, name, "spec.yaml"))
	}
	for name, spec := range minimalCases() {
		specs[name] = spec
	}
	for name, spec := range specs {
		t.Run(name, func(t *testing.T) { test(t, bundleOf(t, spec)) })
	}
}

func runBookOf(t testing.TB, files fs.FS) string {
	t.Helper()
	text, err := fs.ReadFile(files, "README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// badText is what no run-book may hold.
var badText = runbooktest.BadText

func TestRunBookReadsWell(t *testing.T) {
	forEachRunBook(t, func(t *testing.T, files fs.FS) {
		text := runBookOf(t, files)
		runbooktest.ReadsWell(t, text)
		for name := range contents(t, files) {
			folder, _, _ := strings.Cut(name, "/patches/")
			if !strings.Contains(text, "`"+folder) && name != "README.md" {
				t.Errorf("%s is not mentioned", name)
			}
		}
	})
}

// TestRunBookMentions checks that what a bundle does not hold is not spoken of.
func TestRunBookMentions(t *testing.T) {
	for _, test := range []struct {
		spec        string
		want, never []string
	}{
		{
			spec:  `{kubernetesVersion: "1.27", crio: {version: "1.26"}}`,
			want:  []string{"systemctl restart crio\n   crio-status config\n"},
			never: []string{"crio status"},
		},
		{
			spec:  `{kubernetesVersion: "1.28", crio: {version: "1.28"}}`,
			want:  []string{"systemctl restart crio\n   crio status config\n"},
			never: []string{"crio-status"},
		},
		{
			spec: `{kubernetesVersion: "1.34"}`,
			want: []string{
				"the file of step 1", "names no Kubernetes version", "etcd, kube-apiserver and the kubelets", "the services `etcd`, `apiserver` and `kubelet`",
				"kubeadm init phase etcd local --config cluster.yaml\n   kubeadm init phase control-plane apiserver --config cluster.yaml\n", "`--initial-cluster` of etcd",
				"apiVersion: kubeadm.k8s.io/v1beta4 # as in cluster.yaml\n   kind: InitConfiguration", "configmap kubelet-config\n", "Repeat steps 2 to 7 of",
				"DNS and the backend do not", "At most 10000 of a million", "logs kube-apiserver-NODE`", "logs etcd-NODE`", "`journalctl -u kubelet` on a node",
				"counters, on a node: `curl", "install`, `kubeadm` and what stands beside them as root",
			},
			never: []string{"Your own etcd", "feature-gates", "Secret", "kubectl create namespace", "kubectl label namespace", "etcd.external", "external:", "but `kubernetesVersion`", "patches:"},
		},
		{
			spec:  `{kubernetesVersion: "1.24.2"}`,
			want:  []string{"feature-gates", "lists and gates together", "make kube-apiserver send", "the service `apiserver`", "all but `kubernetesVersion`", "kubeadm.k8s.io/v1beta3 # as in cluster.yaml\n   kind: Init", "Repeat steps 2 to 5 of"},
			never: []string{"names no Kubernetes version", "phase etcd", "--initial-cluster", "kubelet-config", "90-tracing.conf", "KubeletConfiguration", "journalctl", "etcd-NODE"},
		},
		{
			spec:  `{kubernetesVersion: "1.34.1", etcd: {external: true, version: 3.6.4}}`,
			want:  []string{"--enable-distributed-tracing=true", "ETCD_ENABLE_DISTRIBUTED_TRACING=true", "`EnvironmentFile=`", "`--config-file`", "```yaml\ndistributed-tracing-address: 127.0.0.1:4317\n", "etcdctl endpoint health", "one member after the other", "2. Add your etcd to the ClusterConfiguration in", "that of your etcd, `kubectl"},
			never: []string{"phase etcd", "etcd-NODE"},
		},
		{
			spec: runBookSpecs["own etcd, kubelet"],
			want: []string{"1. Add your etcd to `kubeadm/config.yaml`, in a ClusterConfiguration, with", "Repeat steps 1 to 2 of"},
		},
		{
			spec:  runBookSpecs["own etcd alone"],
			want:  []string{"make etcd send", "## Your own etcd", "Run them in this folder"},
			never: []string{"kubeadm/config.yaml", "## A new cluster", "phase", "as root"},
		},
		{
			spec:  `{kubernetesVersion: "1.34", kubelet: {disabled: true}, apiServer: {disabled: true}, etcd: {serviceName: my-etcd}}`,
			want:  []string{"kubeadm init phase etcd local", "the service `my-etcd`", "on every control-plane node listens", "Repeat steps 1 to 4 of"},
			never: []string{"phase control-plane apiserver", "tracing-config", "Kubelets", "kube-apiserver-NODE"},
		},
		{
			spec:  `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "otlp.example.com:4317"}}}`,
			want:  []string{"sends them on to `otlp.example.com:4317`", "in your backend", "DNS does not start"},
			never: []string{"backend.yaml", "port-forward"},
		},
		{
			spec:  runBookSpecs["nothing"],
			want:  []string{"Nothing is traced"},
			never: []string{"## A", "## The", "## See", "## Undo", "## Where", "|"},
		},
		{
			spec:  runBookSpecs["collector alone"],
			want:  []string{"No component is traced", "kubectl apply -f collector.yaml"},
			never: []string{"See that it works", "kubeadm"},
		},
		{
			spec:  runBookSpecs["one secret"],
			want:  []string{"wait for the Secret `registry` in `kubetrace-system`."},
			never: []string{"reads a header", "too, where nothing else"},
		},
		{
			spec: runBookSpecs["secrets"],
			want: []string{
				"the Secrets `a`, `b` and `registry` in `obs`.", "run `kubectl -n obs rollout restart daemonset/kubetrace-collector`",
				"| `secrets/a/k` | the whole value of the header `x`, such as", "; the whole value of the header `y\\|z`", "`Bearer 0123`",
				"Delete the Secrets `a`, `b` and `registry` in `obs` too, where nothing else uses them.",
			},
		},
		{
			spec: runBookSpecs["containerd"],
			want: []string{
				"the kubelets and containerd send", "`kubelet` and `containerd`", "`journalctl -u containerd` on a node",
				"install -D -m 0644 containerd/90-tracing.conf /etc/systemd/system/containerd.service.d/90-kubetrace.conf\n   systemctl daemon-reload\n   systemctl restart containerd\n",
				"rm /etc/systemd/system/containerd.service.d/90-kubetrace.conf\n",
				"need the file of step 1 before they join, and every node needs its file of \"The container runtime\".", "nodes that come later too", "before kubeadm runs.\n\n1. On one node after the other, give containerd its variables",
			},
			never: []string{"90-tracing.toml", "CRI-O", "crio", "imports"},
		},
		{
			spec:  runBookSpecs["containerd's file"],
			want:  []string{"install -D -m 0644 containerd/90-tracing.toml /etc/containerd/conf.d/90-kubetrace.toml\n   systemctl restart containerd\n", "needs `version = 2` and, above its first table, `imports", "where it has `imports`, extend them", "`containerd config dump > new.toml` prints", "`io.containerd.grpc.v1.cri` for `cri`", "rm /etc/containerd/conf.d/90-kubetrace.toml\n"},
			never: []string{"service.d", "1.7.16"},
		},
		{
			spec: runBookSpecs["own etcd, kubelet"],
			want: []string{"need nothing else.\n"},
		},
		{
			spec: runBookSpecs["CRI-O"],
			want: []string{"On one node after the other, give CRI-O", "Spans of a running CRI-O have not been seen", "look for the service `crio`"},
		},
		{
			spec:  `{kubernetesVersion: "1.34", apiServer: {disabled: true}, crio: {version: "1.34"}}`,
			want:  []string{"need nothing else, but every node needs its file of \"The container runtime\".\n"},
			never: []string{"the file of step 1"},
		},
		{
			spec: runBookSpecs["both runtimes"],
			want: []string{"older than 1.7.16, which reads no variables", "3. On one node with CRI-O after the other, give CRI-O", "1. On one node with containerd after the other, give containerd",
				"90-kubetrace.conf` on every node with containerd |", "90-kubetrace.conf` on every node with CRI-O |", "90-kubetrace.toml` on every node with containerd |",
				"On one node with containerd after the other, take containerd's variables", "On one node with containerd after the other, take containerd's tables", "On one node with CRI-O after the other, take CRI-O's", "install -D -m 0644 crio/90-tracing.conf /etc/crio/crio.conf.d/90-kubetrace.conf\n   systemctl restart crio\n", "rm /etc/crio/crio.conf.d/90-kubetrace.conf\n"},
			never: []string{"as its tables"},
		},
		{
			spec:  runBookSpecs["containerd alone"],
			want:  []string{"make containerd send", "`install` and what stands beside it as root", "At most 9 of a million", "a collector on every node"},
			never: []string{"No component is traced", "kubeadm"},
		},
		{
			spec:  runBookSpecs["rate of 0"],
			want:  []string{"At a rate of 0"},
			never: []string{"At most"},
		},
		{
			spec:  runBookSpecs["every request"],
			never: []string{"At most", "At a rate"},
		},
		{
			spec:  `{kubernetesVersion: "1.29", samplingRatePerMillion: 5, apiServer: {disabled: true}, kubelet: {disabled: true}}`,
			want:  []string{"At a rate of 0"}, // etcd has no flag for it
			never: []string{"At most"},
		},
		{
			spec:  `{kubernetesVersion: "1.34", endpoint: "otel.example.com:4317", collector: {disabled: true}}`,
			want:  []string{"does not reach `otel.example.com:4317`"},
			never: []string{"otelcol_", "before the collector"},
		},
		{
			spec: `{kubernetesVersion: "1.28"}`,
			want: []string{"Do not put `kubelet/90-tracing.conf` into a `--config-dir`"},
		},
		{
			spec: `{kubernetesVersion: "1.29"}`,
			want: []string{"KUBELET_CONFIG_DROPIN_DIR_ALPHA=1"},
		},
		{
			spec: `{kubernetesVersion: "1.27"}`,
			want: []string{"has no `--config-dir`"},
		},
	} {
		text := runBookOf(t, bundleOf(t, test.spec))
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the run-book does not say %q", test.spec, want)
			}
		}
		for _, never := range test.never {
			if strings.Contains(text, never) {
				t.Errorf("%s: the run-book says %q", test.spec, never)
			}
		}
	}
}

// TestRunBookPatches covers a bundle to which a program added a patch.
func TestRunBookPatches(t *testing.T) {
	bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.30"})
	if err != nil {
		t.Fatal(err)
	}
	bundle.Kubeadm.Etcd.Env = append(bundle.Kubeadm.Etcd.Env, envVar("ETCD_MAX_TXN_OPS", "256"))
	files, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	text := runBookOf(t, files)
	for _, want := range []string{"name it as `patches.directory`", "| `kubeadm/patches/` |", "\n   patches:\n     directory: kubeadm/patches"} {
		if !strings.Contains(text, want) {
			t.Errorf("the run-book does not say %q:\n%s", want, text)
		}
	}
	if _, err := fs.Stat(files, "kubeadm/patches/etcd-env+strategic.yaml"); err != nil {
		t.Error(err)
	}
}

func TestRunBookCommands(t *testing.T) {
	forEachRunBook(t, func(t *testing.T, files fs.FS) {
		if _, output, failed := runbooktest.Run(t, files, "README.md"); failed {
			t.Errorf("the commands fail: %s", output)
		}
	})
}

func TestRunBookCommandsExactly(t *testing.T) {
	for _, test := range []struct {
		spec string
		want []string
	}{
		{
			spec: runBookSpecs["quotes in a path"],
			want: []string{
				"install -D -m 0644 apiserver/tracing-config.yaml /etc/it's my/x;y.yaml",
				"kubeadm init --config kubeadm/config.yaml",
				"kubectl -n kube-system get configmap kubeadm-config -o jsonpath={.data.ClusterConfiguration}",
				"kubeadm init phase upload-config kubeadm --config cluster.yaml",
				"date +%Y%m%d-%H%M%S",
				"cp -a /etc/kubernetes/manifests /nobody/manifests-",
				"kubeadm init phase etcd local --config cluster.yaml",
				"kubeadm init phase control-plane apiserver --config cluster.yaml",
				"diff -r /nobody/manifests- /etc/kubernetes/manifests",
				"kubectl -n kube-system get pods -l tier=control-plane -o wide",
				"kubectl get --raw=/readyz?verbose",
				"kubectl -n kube-system edit configmap kubelet-config",
				"kubeadm upgrade node phase kubelet-config",
				"systemctl restart kubelet",
				"kubectl apply -f collector.yaml -f backend.yaml",
				"kubectl -n kubetrace-system rollout status daemonset/kubetrace-collector --timeout=5m",
				"kubectl -n kubetrace-backend rollout status deployment/kubetrace-jaeger --timeout=5m",
				"kubectl create deployment traced --image=registry.k8s.io/pause:3.9",
				"kubectl delete deployment traced",
				"kubectl -n kubetrace-backend port-forward deployment/kubetrace-jaeger 16686",
				"sleep 5",
				"curl -fsS http://127.0.0.1:16686/api/services",
				"kubectl delete --ignore-not-found -f collector.yaml -f backend.yaml",
				"kubectl -n kubetrace-system delete configmap --ignore-not-found -l app.kubernetes.io/instance=kubetrace-collector",
			},
		},
		{
			spec: `{kubernetesVersion: "1.34", collector: {namespace: obs, name: node, imagePullSecrets: [{name: registry}], exporter: {endpoint: "otlp.example.com:4317", tls: {ca: {name: b, key: ca.crt}, cert: {name: b, key: tls.crt}, key: {name: b, key: tls.key}}, headers: [{name: x, secretKeyRef: {name: a, key: k}}]}}, etcd: {disabled: true}, apiServer: {disabled: true}}`,
			want: []string{
				"kubeadm init --config kubeadm/config.yaml",
				"kubectl -n kube-system edit configmap kubelet-config",
				"kubeadm upgrade node phase kubelet-config",
				"systemctl restart kubelet",
				"kubectl create namespace obs",
				"kubectl label namespace obs pod-security.kubernetes.io/enforce=privileged",
				"kubectl apply -f collector.yaml",
				"kubectl -n obs create secret generic a --from-file=k=secrets/a/k",
				"kubectl -n obs create secret generic b --from-file=ca.crt=secrets/b/ca.crt --from-file=tls.crt=secrets/b/tls.crt --from-file=tls.key=secrets/b/tls.key",
				"kubectl -n obs create secret generic registry --type=kubernetes.io/dockerconfigjson --from-file=.dockerconfigjson=secrets/registry/.dockerconfigjson",
				"kubectl -n obs rollout status daemonset/node --timeout=5m",
				"kubectl create deployment traced --image=registry.k8s.io/pause:3.9",
				"kubectl delete deployment traced",
				"kubectl delete --ignore-not-found -f collector.yaml",
				"kubectl -n obs delete configmap --ignore-not-found -l app.kubernetes.io/instance=node",
			},
		},
	} {
		got, output, failed := runbooktest.Run(t, bundleOf(t, test.spec), "README.md")
		if failed {
			t.Errorf("the commands fail: %s", output)
		}
		// The program in the background writes its line at any time.
		if diff := cmp.Diff(sorted(test.want), sorted(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.spec, diff)
		}
	}
}

// TestRunBookStub checks that a missing file is noticed.
func TestRunBookStub(t *testing.T) {
	for _, name := range []string{"apiserver/tracing-config.yaml", "kubeadm/config.yaml", "collector.yaml", "backend.yaml"} {
		files := bundleOf(t, `kubernetesVersion: "1.34"`)
		removeFile(t, files, name)
		if _, output, failed := runbooktest.Run(t, files, "README.md"); !failed || !strings.Contains(output, "no file "+name) {
			t.Errorf("without %s the commands do not fail: %s", name, output)
		}
	}
}
