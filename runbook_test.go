package kubetrace_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace"
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
var badText = map[string]*regexp.Regexp{
	"two blank lines":                regexp.MustCompile(`\n\n\n`),
	"a space at the end of a line":   regexp.MustCompile(`[ \t]\n`),
	"two spaces within a sentence":   regexp.MustCompile(`[^ \n] {2,}[^ ]`),
	"a space before punctuation":     regexp.MustCompile(` [,.;:](\s|$)`),
	"doubled punctuation":            regexp.MustCompile(`[a-z)][.,;:][.,;:](\s|$)`),
	"a word that joins nothing":      regexp.MustCompile(`(?i)\b(and|or|of|the|to|into|run|has|make) *([.;\n]|,? and |$)`),
	"an empty code span":             regexp.MustCompile("(^|[^`])``([^`]|$)"),
	"a value that is not there":      regexp.MustCompile(`<no value>|<nil>|%!|map\[`),
	"a placeholder":                  regexp.MustCompile(`CONFIGFILE|KINDS`),
	"a section without text":         regexp.MustCompile(`(?m)^#+ .*\n+(#|\z)`),
	"a heading that touches text":    regexp.MustCompile(`(?m)[^\n]\n#+ |^#+ .*\n[^\n]`),
	"a list or block without blanks": regexp.MustCompile("(?m)^[A-Z].*\n(1\\.|-|```|\\|)"),
}

// numberedStep is a line that begins a step.
var numberedStep = regexp.MustCompile(`(?m)^([0-9]+)\. |^(#)`)

func TestRunBookReadsWell(t *testing.T) {
	forEachRunBook(t, func(t *testing.T, files fs.FS) {
		text := runBookOf(t, files)
		prose := regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(text, "```sh\n```")
		for what, pattern := range badText {
			if found := pattern.FindString(prose); found != "" {
				t.Errorf("there is %s: %q", what, found)
			}
		}
		want := 1
		for _, match := range numberedStep.FindAllStringSubmatch(prose, -1) {
			if match[2] == "#" {
				want = 1
				continue
			}
			if match[1] != strconv.Itoa(want) {
				t.Errorf("there is a step %s after %d steps", match[1], want-1)
			}
			want++
		}
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
			spec:  `{kubernetesVersion: "1.34"}`,
			want:  []string{"kubeadm init phase etcd local", "the file of step 1", "names no Kubernetes version", "etcd, kube-apiserver and the kubelets", "the services `etcd`, `apiserver` and `kubelet`", "`kubeadm-config` and `kubelet-config`"},
			never: []string{"Your own etcd", "feature-gates", "Secret", "kubectl create namespace", "kubectl label namespace"},
		},
		{
			spec:  `{kubernetesVersion: "1.24.2"}`,
			want:  []string{"feature-gates", "make kube-apiserver send", "the service `apiserver`", "the ConfigMap `kubeadm-config` of"},
			never: []string{"names no Kubernetes version", "phase etcd", "kubelet-config", "90-tracing.conf", "KubeletConfiguration"},
		},
		{
			spec:  `{kubernetesVersion: "1.34.1", etcd: {external: true, version: 3.6.4}}`,
			want:  []string{"## Your own etcd", "--enable-distributed-tracing=true", "ETCD_ENABLE_DISTRIBUTED_TRACING=true"},
			never: []string{"phase etcd"},
		},
		{
			spec:  runBookSpecs["own etcd alone"],
			want:  []string{"make etcd send", "## Your own etcd"},
			never: []string{"kubeadm/config.yaml", "## A new cluster", "phase"},
		},
		{
			spec:  `{kubernetesVersion: "1.34", kubelet: {disabled: true}, apiServer: {disabled: true}, etcd: {serviceName: my-etcd}}`,
			want:  []string{"run `kubeadm init phase etcd local`, and", "the service `my-etcd`", "on every control-plane node listens"},
			never: []string{"phase control-plane apiserver", "tracing-config", "Kubelets"},
		},
		{
			spec:  `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "otlp.example.com:4317"}}}`,
			want:  []string{"sends them on to `otlp.example.com:4317`", "in your backend"},
			never: []string{"backend.yaml", "port-forward"},
		},
		{
			spec:  runBookSpecs["nothing"],
			want:  []string{"Nothing is traced"},
			never: []string{"## ", "|"},
		},
		{
			spec:  runBookSpecs["collector alone"],
			want:  []string{"No component is traced", "kubectl apply -f collector.yaml"},
			never: []string{"See that it works", "kubeadm"},
		},
		{
			spec:  runBookSpecs["one secret"],
			want:  []string{"until `kubetrace-system` has the Secret `registry`."},
			never: []string{"A changed header"},
		},
		{
			spec: `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "otlp.example.com:4317", tls: {ca: {name: b, key: k}}, headers: [{name: x, secretKeyRef: {name: a, key: k}}, {name: "y", secretKeyRef: {name: b, key: k}}]}}}`,
			want: []string{"has the Secrets `a` and `b`. A changed header"},
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
	if text := runBookOf(t, files); !strings.Contains(text, "name it as `patches.directory`") || !strings.Contains(text, "| `kubeadm/patches/` |") {
		t.Errorf("the run-book does not mention kubeadm/patches:\n%s", text)
	}
	if _, err := fs.Stat(files, "kubeadm/patches/etcd-env+strategic.yaml"); err != nil {
		t.Error(err)
	}
}

// shBlock is a block of commands.
var shBlock = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$")

// stub stands for every program of the run-book. It writes down how it was
// called, and fails where a file that it is given is not there.
const stub = `#!/bin/sh
echo "${0##*/} $*" >> "$LOG"
program=${0##*/}
case "$program" in
install)
	while [ $# -gt 2 ]; do shift; done
	[ -f "$1" ] || { echo "no file $1" >&2; exit 1; }
	case "$2" in /*) ;; *) echo "$2 is not absolute" >&2; exit 1 ;; esac
	exit 0 ;;
sleep) # until the program in the background has begun
	while :; do
		while read -r line; do
			case "$line" in *port-forward*) exit 0 ;; esac
		done < "$LOG"
		/bin/sleep 0.01
	done ;;
curl) exit 0 ;;
esac
while [ $# -gt 0 ]; do
	case "$1" in
	-f | --config) shift; [ -f "$1" ] || { echo "no file $1" >&2; exit 1; } ;;
	port-forward) exec /bin/sleep 60 ;;
	esac
	shift
done
`

// runCommands runs all commands of the run-book in a copy of the bundle and
// returns them, and what they printed where one failed.
func runCommands(t *testing.T, files fs.FS) (commands []string, output string, failed bool) {
	t.Helper()
	temp := t.TempDir()
	folder, programs, log := filepath.Join(temp, "bundle"), filepath.Join(temp, "bin"), filepath.Join(temp, "log")
	if err := os.CopyFS(folder, files); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"kubectl", "kubeadm", "install", "curl", "sleep"} {
		writeFile(t, filepath.Join(programs, name), []byte(stub))
		if err := os.Chmod(filepath.Join(programs, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var script strings.Builder
	for _, block := range shBlock.FindAllStringSubmatch(runBookOf(t, files), -1) {
		script.WriteString(block[1])
	}
	shell := exec.Command("/bin/sh", "-eu", "-c", script.String())
	shell.Dir, shell.Env = folder, []string{"PATH=" + programs, "LOG=" + log, "HOME=/nobody"}
	printed, err := shell.CombinedOutput()
	if content, readErr := os.ReadFile(log); readErr == nil {
		commands = strings.Split(strings.TrimSpace(string(content)), "\n")
	}
	return commands, string(printed), err != nil
}

func TestRunBookCommands(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Fatal("a shell has to be at /bin/sh")
	}
	forEachRunBook(t, func(t *testing.T, files fs.FS) {
		if _, output, failed := runCommands(t, files); failed {
			t.Errorf("the commands fail: %s", output)
		}
	})
}

func TestRunBookCommandsExactly(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Fatal("a shell has to be at /bin/sh")
	}
	for _, test := range []struct {
		spec string
		want []string
	}{
		{
			spec: runBookSpecs["quotes in a path"],
			want: []string{
				"install -D -m 0644 apiserver/tracing-config.yaml /etc/it's my/x;y.yaml",
				"kubeadm init --config kubeadm/config.yaml",
				"kubectl apply -f collector.yaml -f backend.yaml",
				"kubectl -n kubetrace-system rollout status daemonset/kubetrace-collector",
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
			spec: `{kubernetesVersion: "1.34", collector: {namespace: obs, name: node, exporter: {endpoint: "otlp.example.com:4317"}}, apiServer: {disabled: true}}`,
			want: []string{
				"kubeadm init --config kubeadm/config.yaml",
				"kubectl label namespace obs pod-security.kubernetes.io/enforce=privileged",
				"kubectl apply -f collector.yaml",
				"kubectl -n obs rollout status daemonset/node",
				"kubectl create deployment traced --image=registry.k8s.io/pause:3.9",
				"kubectl delete deployment traced",
				"kubectl delete --ignore-not-found -f collector.yaml",
				"kubectl -n obs delete configmap --ignore-not-found -l app.kubernetes.io/instance=node",
			},
		},
	} {
		got, output, failed := runCommands(t, bundleOf(t, test.spec))
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
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Fatal("a shell has to be at /bin/sh")
	}
	for _, name := range []string{"apiserver/tracing-config.yaml", "kubeadm/config.yaml", "collector.yaml", "backend.yaml"} {
		files := bundleOf(t, `kubernetesVersion: "1.34"`)
		removeFile(t, files, name)
		if _, output, failed := runCommands(t, files); !failed || !strings.Contains(output, "no file "+name) {
			t.Errorf("without %s the commands do not fail: %s", name, output)
		}
	}
}
