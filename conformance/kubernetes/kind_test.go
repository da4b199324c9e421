package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/conformance/judge/api"
	"kubetrace/etcd"
	"kubetrace/tracing"
)

// kinds are the mod files of conformance/kind, one for each kind that it judges
// by.
var kinds = []string{"go.mod", "v0.30.mod", "v0.32.mod"}

// TestKind lets each release's kubeadm read what kind writes into the node of
// that release: see kubetrace/conformance/kind on the records.
func TestKind(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			bin := buildRecorder(t, kind)
			eachMinor(t, "kind's documents", func(t *testing.T, j *Judge, release tracing.Release) {
				for _, node := range record(t, bin, release.Kubernetes) {
					t.Run(node.Case, func(t *testing.T) { judgeNode(t, j, node) })
				}
			})
		})
	}
}

// node is what a judge needs of a record of conformance/kind.
type node struct {
	Case, Node, Kubeadm string

	KubeadmConf, Spec string
	Mounts            map[string]string
}

func buildRecorder(t *testing.T, modFile string) (bin string) {
	t.Helper()
	bin = t.TempDir()
	runIn(t, "../kind", 20*time.Minute, "go", "build", "-modfile="+modFile, "-o", bin+"/", "./cmd/record", "./cmd/docker")
	return bin
}

// record has kind create all clusters of a minor release and returns the first
// control-plane node of each, or none where no case is for that release.
func record(t *testing.T, bin, minor string) (nodes []node) {
	t.Helper()
	out := t.TempDir()
	command := exec.CommandContext(t.Context(), filepath.Join(bin, "record"), "-o", out, "-minor", minor)
	if text, err := command.CombinedOutput(); err != nil {
		if strings.Contains(string(text), "has no case") {
			// Not a success: without this the cell counts the other kind alone.
			t.Logf("%s", text)
			return nil
		}
		t.Fatalf("%v\n%s", err, text)
	}
	manifests := must(filepath.Glob(filepath.Join(out, "*", "cases.json")))(t)
	if len(manifests) != 1 {
		t.Fatalf("there are %d manifests, not 1", len(manifests))
	}
	dir := filepath.Dir(manifests[0])
	var manifest struct{ Nodes []node }
	if err := json.Unmarshal(must(os.ReadFile(manifests[0]))(t), &manifest); err != nil {
		t.Fatal(err)
	}
	for _, n := range manifest.Nodes {
		if n.Kubeadm != "init" {
			continue // join takes over what init has stored in the cluster.
		}
		n.KubeadmConf, n.Spec = filepath.Join(dir, n.KubeadmConf), filepath.Join(dir, n.Spec)
		for onNode, onHost := range n.Mounts {
			n.Mounts[onNode] = filepath.Join(dir, onHost)
		}
		nodes = append(nodes, n)
	}
	if len(nodes) == 0 {
		t.Fatal("no node has run kubeadm init")
	}
	return nodes
}

// kindsOwn are warnings about what kind writes with and without tracing: the
// oldest API that will do, one file for init and join, each of which ignores the
// other's documents, an address for IPv6. Were one of ours ignored, what it sets
// would be missing.
var kindsOwn = []string{
	"deprecated API spec",
	"old API spec",
	"[config] WARNING: Ignored ",
	`The recommended value for "healthzBindAddress"`,
	`The "KubeProxyConfiguration" field "mode" is set to "ipvs"`, // a base of the tests
}

// nodeProblems returns what the node's release has against a configuration that
// kind has written there.
func nodeProblems(t *testing.T, j *Judge, n node, config string) []string {
	t.Helper()
	resolved := must(tracing.Resolve(must(tracing.Load(must(os.ReadFile(n.Spec))(t)))(t)))(t)
	answer := must(j.Kubeadm(api.KubeadmRequest{Config: config}))(t)
	problems := slices.Concat(answer.Errors, slices.DeleteFunc(answer.Warnings, func(warning string) bool {
		return slices.ContainsFunc(kindsOwn, func(text string) bool { return strings.Contains(warning, text) })
	}))
	if len(answer.Errors) > 0 {
		return problems
	}
	var pod corev1.Pod
	if err := yaml.UnmarshalStrict([]byte(answer.Etcd), &pod); err != nil {
		t.Fatal(err)
	}
	for _, arg := range etcd.ArgsFor(resolved) {
		if !slices.Contains(pod.Spec.Containers[0].Command, arg.String()) {
			problems = append(problems, "etcd lacks "+arg.String())
		}
	}
	apiServer := must(j.APIServer(api.APIServerRequest{Pod: answer.APIServer, Files: filesOn(t, n)}))(t)
	kubelet := must(j.Kubelet(api.KubeletRequest{Config: answer.Kubelet}))(t)
	return slices.Concat(problems, apiServer.Errors, kubelet.Errors, kubelet.Warnings,
		checkTracing("kube-apiserver", apiServer.Tracing, resolved.NotGenerated(tracing.ComponentAPIServer) == nil, resolved.ComponentEndpoint(), resolved.APIServerSamplingRate()),
		checkTracing("the kubelet", kubelet.Tracing, resolved.NotGenerated(tracing.ComponentKubelet) == nil, resolved.ComponentEndpoint(), resolved.KubeletSamplingRate()))
}

// wrongDocuments are what kind would write if our patches went wrong.
var wrongDocuments = []struct{ name, old, new, says string }{
	{"the file mounted elsewhere", "mountPath: /etc/kubernetes/tracing-config.yaml", "mountPath: /etc/elsewhere.yaml", "no volume of the node is mounted there"},
	{"the flag under another name", "tracing-config-file", "tracing-config", "kube-apiserver traces: false"},
	{"a field that is not there", "extraVolumes:", "extraVolume:", "extraVolume"},
	{"documents of another API", "kubeadm.k8s.io/v1beta", "kubeadm.k8s.io/v9beta", "v9beta"},
}

func judgeNode(t *testing.T, j *Judge, n node) {
	config := string(must(os.ReadFile(n.KubeadmConf))(t))
	if problems := nodeProblems(t, j, n, config); len(problems) > 0 {
		t.Errorf("%s\nof\n%s", strings.Join(problems, "\n"), config)
	}
	if n.Case != "single" {
		return
	}
	for _, wrong := range wrongDocuments {
		changed := strings.ReplaceAll(config, wrong.old, wrong.new)
		problems := nodeProblems(t, j, n, changed)
		if changed == config || !slices.ContainsFunc(problems, func(p string) bool { return strings.Contains(p, wrong.says) }) {
			t.Errorf("%s: the judge says %q; want it to say %q", wrong.name, problems, wrong.says)
		}
	}
}

// filesOn returns the files that a node has from the host, by their path there.
func filesOn(t *testing.T, n node) map[string]string {
	t.Helper()
	files := map[string]string{}
	for onNode, onHost := range n.Mounts {
		err := filepath.WalkDir(onHost, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			below, relErr := filepath.Rel(onHost, name)
			text, readErr := os.ReadFile(name)
			files[path.Join(onNode, filepath.ToSlash(below))] = string(text)
			return errors.Join(relErr, readErr)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// runIn runs a command in a folder.
func runIn(t *testing.T, dir string, limit time.Duration, name string, arguments ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = dir
	if text, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(arguments, " "), err, text)
	}
}
