package kubernetes

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// corpus is the folder of configurations as people write them.
const corpus = "../../apply/testdata/corpus"

// entry is a line of an index there.
type entry struct {
	File, From, To, What string
	Spec                 tracing.TracingSpec
}

// fits says whether a file is for a release.
func (e entry) fits(minor string) bool {
	within := false
	for _, release := range tracing.Releases() {
		within = within || release.Kubernetes == e.From
		if release.Kubernetes == minor {
			return within
		}
		within = within && release.Kubernetes != e.To
	}
	return false
}

// TestCorpus lays tracing into what people write, and lets each release that it
// fits judge what comes of it. kind's files are judged in conformance/kind, by the
// cases there, which apply.Documents has to make what kind.Cluster makes of them.
func TestCorpus(t *testing.T) {
	for kind, judge := range map[string]func(*testing.T, *Judge, tracing.Resolved, []byte, []byte){
		"kubeadm": judgeStream, "kubelet": judgeKubeletFile, "pod": judgePod,
	} {
		t.Run(kind, func(t *testing.T) {
			var entries []entry
			if err := yaml.UnmarshalStrict(must(os.ReadFile(filepath.Join(corpus, kind, "index.yaml")))(t), &entries); err != nil {
				t.Fatal(err)
			}
			eachMinor(t, "people's "+kind+" files", func(t *testing.T, j *Judge, release tracing.Release) {
				for _, e := range entries {
					if !e.fits(release.Kubernetes) {
						continue
					}
					t.Run(e.File, func(t *testing.T) {
						spec := *e.Spec.DeepCopy()
						spec.KubernetesVersion = release.Kubernetes
						resolved := must(tracing.Resolve(spec))(t)
						before := must(os.ReadFile(filepath.Join(corpus, kind, e.File)))(t)
						laid := must(apply.DocumentsFor(resolved, before, apply.Options{}))(t)
						judge(t, j, resolved, before, laid.Text)
						if undone := must(apply.Undo(laid.Text, laid.Receipt))(t); !bytes.Equal(undone, before) {
							t.Errorf("undone it is\n%s", undone)
						}
					})
				}
			})
		})
	}
}

// judgeStream has kubeadm read a stream, and kube-apiserver and kubelet what it
// writes.
func judgeStream(t *testing.T, j *Judge, r tracing.Resolved, before, after []byte) {
	version := r.ControlPlane().KubeadmAPIVersion
	ask := func(text []byte) api.KubeadmAnswer {
		config := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
		if !strings.Contains(config, "InitConfiguration") {
			if strings.Contains(config, "kubeadm.k8s.io/v1beta2") {
				version = "kubeadm.k8s.io/v1beta2" // kubeadm reads one version at a time
			} else if strings.Contains(config, "kubeadm.k8s.io/v1beta3") {
				version = "kubeadm.k8s.io/v1beta3"
			}
			config = complete(strings.TrimSuffix(strings.TrimRight(config, "\n"), "\n..."), version)
		}
		answer := must(j.Kubeadm(api.KubeadmRequest{Config: config}))(t)
		if r.Spec().Etcd.External && answer.Etcd == "" {
			// There is no pod to be written, which is all that may be missing.
			answer.Errors = slices.DeleteFunc(answer.Errors, func(e string) bool {
				return strings.Contains(e, "files named etcd.yaml") || strings.Contains(e, "using external etcd")
			})
		}
		return answer
	}
	was, is := ask(before), ask(after)
	if len(is.Errors)+len(was.Errors) > 0 {
		t.Fatalf("kubeadm refuses it: %q (without us %q)\n%s", is.Errors, was.Errors, after)
	}
	for _, warning := range is.Warnings {
		if !slices.Contains(was.Warnings, warning) {
			t.Errorf("kubeadm warns: %s", warning)
		}
	}
	var etcd, server corev1.Pod
	if err := yaml.UnmarshalStrict([]byte(is.APIServer), &server); err != nil {
		t.Fatal(err)
	}
	hasFlags(t, server, apiServerFlags(r))
	if !r.Spec().Etcd.External {
		if err := yaml.UnmarshalStrict([]byte(is.Etcd), &etcd); err != nil {
			t.Fatal(err)
		}
		hasFlags(t, etcd, etcdFlags(r))
	}
	judgeServerPod(t, j, r, is.APIServer)
	judgeKubeletConfig(t, j, r, is.Kubelet)
}

// judgeKubeletFile has the kubelet read its configuration.
func judgeKubeletFile(t *testing.T, j *Judge, r tracing.Resolved, before, after []byte) {
	if was := must(j.Kubelet(api.KubeletRequest{Config: string(before)}))(t); len(was.Errors) > 0 {
		t.Fatalf("the kubelet refuses what people wrote: %q", was.Errors)
	}
	judgeKubeletConfig(t, j, r, string(after))
}

func judgeKubeletConfig(t *testing.T, j *Judge, r tracing.Resolved, config string) {
	t.Helper()
	answer := must(j.Kubelet(api.KubeletRequest{Config: config}))(t)
	if len(answer.Errors)+len(answer.Warnings) > 0 {
		t.Fatalf("the kubelet says %q %q\n%s", answer.Errors, answer.Warnings, config)
	}
	traced := r.NotGenerated(tracing.ComponentKubelet) == nil
	for _, problem := range checkTracing("the kubelet", answer.Tracing, traced, r.ComponentEndpoint(), r.KubeletSamplingRate()) {
		t.Error(problem)
	}
}

// judgePod has kube-apiserver start as a static pod says; etcd's flags are compared
// with those that conformance/etcd judges.
func judgePod(t *testing.T, j *Judge, r tracing.Resolved, _, after []byte) {
	var pod corev1.Pod
	if err := yaml.UnmarshalStrict(after, &pod); err != nil {
		t.Fatal(err)
	}
	if pod.Name == "etcd" {
		hasFlags(t, pod, etcdFlags(r))
		return
	}
	hasFlags(t, pod, apiServerFlags(r))
	judgeServerPod(t, j, r, string(after))
}

func judgeServerPod(t *testing.T, j *Judge, r tracing.Resolved, pod string) {
	t.Helper()
	bundle := must(kubetrace.GenerateFor(r))(t)
	files := map[string]string{}
	for _, file := range bundle.Kubeadm.Files {
		files[file.Path] = string(must(tracing.Marshal(file.Object))(t))
	}
	answer := must(j.APIServer(api.APIServerRequest{Pod: pod, Files: files}))(t)
	for _, problem := range answer.Errors {
		t.Errorf("kube-apiserver: %s", problem)
	}
	for _, problem := range checkTracing("kube-apiserver", answer.Tracing, true, r.ComponentEndpoint(), r.APIServerSamplingRate()) {
		t.Error(problem)
	}
}

// hasFlags says whether a pod has these flags of tracing, or the variables that stand for
// them, and no others.
func hasFlags(t *testing.T, pod corev1.Pod, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	arguments := slices.Clone(pod.Spec.Containers[0].Command)
	for _, variable := range pod.Spec.Containers[0].Env {
		if flag, ok := strings.CutPrefix(variable.Name, "ETCD_"); ok {
			arguments = append(arguments, strings.ToLower(strings.ReplaceAll(flag, "_", "-"))+"="+variable.Value)
		}
	}
	for _, argument := range arguments {
		name, value, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		if _, wanted := want[name]; wanted && name != "feature-gates" || strings.Contains(name, "tracing") && !strings.HasSuffix(name, "instance-id") {
			got[name] = value
		}
	}
	want = maps.Clone(want)
	delete(want, "feature-gates") // which are merged; kube-apiserver judges them
	if !maps.Equal(got, want) {
		t.Errorf("the flags of tracing are %v, want %v", got, want)
	}
}
