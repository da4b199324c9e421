package kubernetes

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/conformance/judge/api"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

func TestAccepted(t *testing.T) {
	for _, judge := range []string{"kubeadm", "kube-apiserver", "kubelet"} {
		t.Run(judge, func(t *testing.T) {
			eachMinor(t, judge, func(t *testing.T, j *Judge, release tracing.Release) {
				for name, spec := range specs(release, j.Version) {
					t.Run(name, func(t *testing.T) {
						result := inspect(t, j, spec, must(Write(spec))(t))
						problems := map[string][]string{"kubeadm": result.Kubeadm, "kube-apiserver": result.APIServer, "kubelet": result.Kubelet}[judge]
						if len(problems) > 0 {
							t.Errorf("%s", strings.Join(problems, "\n"))
						}
					})
				}
			})
		})
	}
}

func inspect(t *testing.T, j *Judge, spec tracing.TracingSpec, written *Written) *Inspection {
	t.Helper()
	return must(Inspect(j, spec, written))(t)
}

// TestPatches puts a bundle together with an environment variable of one's own,
// which up to v1beta3 is a file in kubeadm's patches directory.
func TestPatches(t *testing.T) {
	eachMinor(t, "kubeadm", func(t *testing.T, j *Judge, release tracing.Release) {
		bundle := must(kubetrace.Generate(specs(release, j.Version)["default"]))(t)
		variable := corev1.EnvVar{Name: "GOMAXPROCS", Value: "2"}
		mine := &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Env: []corev1.EnvVar{variable}}}
		bundle.Kubeadm = must(kubeadm.Merge(mine, bundle.Kubeadm))(t)
		written := must(writeBundle(bundle))(t)
		if isFile := release.KubeadmAPIVersion == kubeadm.V1Beta3; isFile != (len(written.Kubeadm.Patches) > 0) {
			t.Errorf("there are the patches %v", written.Kubeadm.Patches)
		}
		answer := must(j.Kubeadm(written.Kubeadm))(t)
		if len(answer.Errors)+len(answer.Warnings) > 0 {
			t.Fatal(answer.Errors, answer.Warnings)
		}
		var pod corev1.Pod
		if err := yaml.UnmarshalStrict([]byte(answer.APIServer), &pod); err != nil {
			t.Fatal(err)
		}
		if container := pod.Spec.Containers[0]; !slices.Contains(container.Env, variable) || !slices.ContainsFunc(container.Command, func(a string) bool { return strings.HasPrefix(a, "--tracing-config-file=") }) {
			t.Errorf("kube-apiserver runs %q with %v", container.Command, container.Env)
		}
	})
}

// TestNode lets kubeadm read what Bundle.Node puts on a control-plane node: its folder
// of patches, in which the kubelet's part is from 1.25 on, and the files.
func TestNode(t *testing.T) {
	eachMinor(t, "kubeadm", func(t *testing.T, j *Judge, release tracing.Release) {
		spec := specs(release, j.Version)["default"]
		bundle := must(kubetrace.Generate(spec))(t)
		node := must(bundle.Node(kubetrace.ControlPlane, kubetrace.NodeOptions{PatchesDirectory: api.PatchesDir}))(t)
		written := must(writeBundle(bundle))(t)
		// The kubelet's part is in the patch alone.
		documents := slices.DeleteFunc(strings.Split(written.Kubeadm.Config, "---\n"), func(d string) bool { return strings.Contains(d, "kind: KubeletConfiguration\n") })
		written.Kubeadm.Config = strings.Join(documents, "---\n")
		for _, file := range node.Files {
			if name, isPatch := strings.CutPrefix(file.Path, node.PatchesDirectory+"/"); isPatch && node.PatchesDirectory != "" {
				written.Kubeadm.Patches[name] = string(file.Content)
			} else if written.Files[file.Path] != string(file.Content) {
				t.Errorf("%s has\n%s, and in the bundle's files\n%s", file.Path, file.Content, written.Files[file.Path])
			}
		}
		if node.PatchesDirectory != "" && !strings.HasSuffix(written.Kubeadm.Config, patchesFolder) {
			written.Kubeadm.Config += patchesFolder
		}
		result := inspect(t, j, spec, written)
		if problems := slices.Concat(result.Kubeadm, result.APIServer, result.Kubelet); len(problems) > 0 {
			t.Error(strings.Join(problems, "\n"))
		}
	})
}

// TestOlderKubernetes lets kubeadm install the release before its own, which it
// may. Its documents may then be in an API that it calls old.
func TestOlderKubernetes(t *testing.T) {
	releases := tracing.Releases()
	eachMinor(t, "kubeadm", func(t *testing.T, j *Judge, release tracing.Release) {
		at := slices.Index(releases, release)
		if at == 0 {
			return
		}
		older := releases[at-1]
		answer := must(j.Kubeadm(must(Write(specs(older, "v"+older.Kubernetes+".0")["default"]))(t).Kubeadm))(t)
		if len(answer.Errors) > 0 {
			t.Fatalf("kubeadm %s refuses what is generated for %s: %q", j.Version, older.Kubernetes, answer.Errors)
		}
		for what, text := range map[string]string{"etcd": answer.Etcd, "kube-apiserver": answer.APIServer} {
			if !strings.Contains(text, "tracing") {
				t.Errorf("%s is not traced:\n%s", what, text)
			}
		}
	})
}
