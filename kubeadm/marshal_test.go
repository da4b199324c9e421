package kubeadm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/internal/readback"
	"kubetrace/kubeadm"
)

// fullPatch sets every field that documents hold.
func fullPatch() *kubeadm.Patch {
	limit := int64(0)
	return &kubeadm.Patch{
		KubernetesVersion: "v1.34.2",
		Etcd: kubeadm.EtcdPatch{
			ImageRepository: "quay.io/coreos",
			ImageTag:        "v3.5.11",
			Args:            []kubeadm.Arg{{Name: "b", Value: ""}, {Name: "a", Value: "true"}},
			Env:             []corev1.EnvVar{{Name: "NODE", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "spec.nodeName"}}}},
		},
		APIServer: kubeadm.APIServerPatch{
			Args:    []kubeadm.Arg{{Name: "feature-gates", Value: "A=true"}},
			Env:     []corev1.EnvVar{{Name: "A", Value: "b"}},
			Volumes: []kubeadm.HostPathMount{{Name: "a", HostPath: "/h", MountPath: "/m", ReadOnly: true, PathType: corev1.HostPathFile}},
		},
		Kubelet:    &kubeletv1beta1.KubeletConfiguration{PodPidsLimit: &limit},
		StaticPods: []kubeadm.StaticPodPatch{{Target: "kube-scheduler", Suffix: "0", Type: "json", Content: "[]"}},
		Files:      []kubeadm.NodeFile{{Path: "/a", Object: &corev1.Pod{}}},
	}
}

func TestMarshal(t *testing.T) {
	mount := []readback.HostPathMount{{Name: "a", HostPath: "/h", MountPath: "/m", ReadOnly: true, PathType: corev1.HostPathFile}}
	limit := int64(0)
	for _, apiVersion := range []string{kubeadm.V1Beta3, kubeadm.V1Beta4, ""} {
		t.Run(apiVersion, func(t *testing.T) {
			patch := fullPatch()
			text, err := kubeadm.Marshal(patch, apiVersion)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readback.Objects(text)
			if err != nil {
				t.Fatalf("it does not read back: %v\n%s", err, text)
			}
			meta := metav1.TypeMeta{APIVersion: apiVersion, Kind: "ClusterConfiguration"}
			kubeletMeta := metav1.TypeMeta{APIVersion: "kubelet.config.k8s.io/v1beta1", Kind: "KubeletConfiguration"}
			var cluster any
			if apiVersion == kubeadm.V1Beta4 {
				want := &readback.ClusterConfigurationLists{TypeMeta: meta, KubernetesVersion: "v1.34.2"}
				want.APIServer.ExtraArgs = []readback.Arg{{Name: "feature-gates", Value: "A=true"}}
				want.APIServer.ExtraEnvs = patch.APIServer.Env
				want.APIServer.ExtraVolumes = mount
				want.Etcd.Local = newOf(want.Etcd.Local)
				want.Etcd.Local.ImageMeta = readback.ImageMeta{ImageRepository: "quay.io/coreos", ImageTag: "v3.5.11"}
				want.Etcd.Local.ExtraArgs = []readback.Arg{{Name: "b", Value: ""}, {Name: "a", Value: "true"}}
				want.Etcd.Local.ExtraEnvs = patch.Etcd.Env
				cluster = want
			} else {
				want := &readback.ClusterConfigurationMaps{TypeMeta: meta, KubernetesVersion: "v1.34.2"}
				want.APIServer.ExtraArgs = map[string]string{"feature-gates": "A=true"}
				want.APIServer.ExtraVolumes = mount
				want.Etcd.Local = newOf(want.Etcd.Local)
				want.Etcd.Local.ImageMeta = readback.ImageMeta{ImageRepository: "quay.io/coreos", ImageTag: "v3.5.11"}
				want.Etcd.Local.ExtraArgs = map[string]string{"a": "true", "b": ""}
				cluster = want
			}
			if apiVersion == "" {
				kubeletMeta.APIVersion = ""
			}
			want := []any{cluster, &kubeletv1beta1.KubeletConfiguration{TypeMeta: kubeletMeta, PodPidsLimit: &limit}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

// newOf returns a new value of a pointer's type, which may have no name.
func newOf[T any](*T) *T { return new(T) }

// TestMarshalParts says that a document holds only what was set.
func TestMarshalParts(t *testing.T) {
	for _, test := range []struct {
		name  string
		patch *kubeadm.Patch
		want  string
	}{
		{"nil", nil, ""},
		{"empty", &kubeadm.Patch{}, ""},
		{"what no document holds", &kubeadm.Patch{Files: fullPatch().Files, StaticPods: fullPatch().StaticPods}, ""},
		{"version", &kubeadm.Patch{KubernetesVersion: "v1.34.2"}, "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\nkubernetesVersion: v1.34.2\n"},
		{"image", &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageTag: "3.5.11-0"}}, "apiVersion: kubeadm.k8s.io/v1beta3\netcd:\n  local:\n    imageTag: 3.5.11-0\nkind: ClusterConfiguration\n"},
		{"kubelet", &kubeadm.Patch{Kubelet: &kubeletv1beta1.KubeletConfiguration{}}, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"},
		{"variables, which are a patch", &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{Env: fullPatch().Etcd.Env}}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := kubeadm.Marshal(test.patch, kubeadm.V1Beta3)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("documents (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarshalFlagTwice(t *testing.T) {
	twice := &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Args: []kubeadm.Arg{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}}}
	for _, apiVersion := range []string{kubeadm.V1Beta3, ""} {
		if text, err := kubeadm.Marshal(twice, apiVersion); err == nil || !strings.Contains(err.Error(), "kube-apiserver is given --a twice") {
			t.Errorf("%q: got %q and %v, want an error that names the flag", apiVersion, text, err)
		}
	}
	text, err := kubeadm.Marshal(twice, kubeadm.V1Beta4)
	if err != nil || strings.Count(string(text), "name: a") != 2 {
		t.Errorf("%s: got %q and %v, want both flags", kubeadm.V1Beta4, text, err)
	}
}

func TestUnknownAPIVersion(t *testing.T) {
	for _, apiVersion := range []string{"kubeadm.k8s.io/v1beta2", "kubeadm.k8s.io/v1", "v1beta4", "nonsense"} {
		for name, err := range map[string]error{
			"Marshal":    second(kubeadm.Marshal(fullPatch(), apiVersion)),
			"PatchFiles": second(kubeadm.PatchFiles(fullPatch(), apiVersion)),
		} {
			if err == nil || !strings.Contains(err.Error(), apiVersion) || !strings.Contains(err.Error(), kubeadm.V1Beta4) {
				t.Errorf("%s(%q): got %v, want an error that names it and what to write", name, apiVersion, err)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestPatchFiles(t *testing.T) {
	const etcdEnv = `spec:
  containers:
  - env:
    - name: NODE
      valueFrom:
        fieldRef:
          fieldPath: spec.nodeName
    name: etcd
`
	const serverEnv = `spec:
  containers:
  - env:
    - name: A
      value: b
    name: kube-apiserver
`
	for _, test := range []struct {
		apiVersion string
		want       map[string]string
	}{
		{kubeadm.V1Beta4, map[string]string{"kube-scheduler0+json.yaml": "[]"}},
		{kubeadm.V1Beta3, map[string]string{"kube-scheduler0+json.yaml": "[]", "etcd-env+strategic.yaml": etcdEnv, "kube-apiserver-env+strategic.yaml": serverEnv}},
		{"", map[string]string{"kube-scheduler0+json.yaml": "[]", "etcd-env+strategic.yaml": etcdEnv, "kube-apiserver-env+strategic.yaml": serverEnv}},
	} {
		got, err := kubeadm.PatchFiles(fullPatch(), test.apiVersion)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q: files (-want +got):\n%s", test.apiVersion, diff)
		}
	}
	if got, err := kubeadm.PatchFiles(nil, kubeadm.V1Beta4); err != nil || len(got) != 0 {
		t.Errorf("of nil: got %v, %v", got, err)
	}
}

// TestPatchFilesSpare says that a caller's slice keeps what is behind its end.
func TestPatchFilesSpare(t *testing.T) {
	own := []kubeadm.StaticPodPatch{{Target: "etcd", Content: "[]"}, {Target: "kube-scheduler"}}
	patch := fullPatch()
	patch.StaticPods = own[:1]
	if _, err := kubeadm.PatchFiles(patch, kubeadm.V1Beta3); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]kubeadm.StaticPodPatch{{Target: "etcd", Content: "[]"}, {Target: "kube-scheduler"}}, own); diff != "" {
		t.Errorf("the slice was written into (-before +after):\n%s", diff)
	}
}

func TestPatchFileNames(t *testing.T) {
	for _, test := range []struct {
		patch kubeadm.StaticPodPatch
		want  string
		bad   bool
	}{
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Content: "[]"}, want: "etcd+strategic.yaml"},
		{patch: kubeadm.StaticPodPatch{Target: "kube-apiserver", Suffix: "0", Content: "[]"}, want: "kube-apiserver0+strategic.yaml"},
		{patch: kubeadm.StaticPodPatch{Target: "kube-controller-manager", Suffix: "-a", Type: "merge", Content: "[]"}, want: "kube-controller-manager-a+merge.yaml"},
		{patch: kubeadm.StaticPodPatch{Target: "kubeletconfiguration", Type: "json", Content: "[]"}, want: "kubeletconfiguration+json.yaml"},
		{patch: kubeadm.StaticPodPatch{Target: "coredns", Content: "[]"}, want: "coredns+strategic.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{}, want: "+strategic.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Suffix: "a.b", Content: "[]"}, want: "etcda.b+strategic.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Suffix: "a+b", Content: "[]"}, want: "etcda+b+strategic.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Suffix: "/../a", Content: "[]"}, want: "etcd/../a+strategic.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Type: "smart", Content: "[]"}, want: "etcd+smart.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Content: "# nothing"}, want: "etcd+strategic.yaml", bad: true},
		{patch: kubeadm.StaticPodPatch{Target: "etcd", Content: "spec: ["}, want: "etcd+strategic.yaml", bad: true},
	} {
		if got := test.patch.FileName(); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.patch, got, test.want)
		}
		files, err := kubeadm.PatchFiles(&kubeadm.Patch{StaticPods: []kubeadm.StaticPodPatch{test.patch}}, kubeadm.V1Beta4)
		if (err != nil) != test.bad || (err == nil) != (len(files) == 1) {
			t.Errorf("%+v: got %v, %v", test.patch, files, err)
		}
	}
	twice := &kubeadm.Patch{StaticPods: []kubeadm.StaticPodPatch{{Target: "etcd", Content: "a"}, {Target: "etcd", Content: "b"}}}
	if files, err := kubeadm.PatchFiles(twice, kubeadm.V1Beta4); err == nil {
		t.Errorf("two patches of one name: got %v and no error", files)
	}
}
