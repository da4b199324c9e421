package kubeadm_test

import (
	"errors"
	"math"
	"math/rand"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/kubeadm"
)

func serverArgs(args ...string) *kubeadm.Patch {
	return &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Args: argsOf(args...)}}
}

func etcdArgs(args ...string) *kubeadm.Patch {
	return &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{Args: argsOf(args...)}}
}

func argsOf(texts ...string) []kubeadm.Arg {
	var args []kubeadm.Arg
	for _, text := range texts {
		name, value, _ := strings.Cut(text, "=")
		args = append(args, kubeadm.Arg{Name: name, Value: value})
	}
	return args
}

func TestMergeArgs(t *testing.T) {
	for _, test := range []struct {
		name    string
		patches []*kubeadm.Patch
		want    *kubeadm.Patch
	}{
		{"nothing", nil, &kubeadm.Patch{}},
		{"a label for a version", []*kubeadm.Patch{{KubernetesVersion: "stable-1.29"}}, &kubeadm.Patch{KubernetesVersion: "stable-1.29"}},
		{"a version with and without v", []*kubeadm.Patch{{KubernetesVersion: "1.29.1"}, {KubernetesVersion: "v1.29.1"}}, &kubeadm.Patch{KubernetesVersion: "v1.29.1"}},
		{"nils", []*kubeadm.Patch{nil, serverArgs("a=1"), nil}, serverArgs("a=1")},
		{"one after the other", []*kubeadm.Patch{serverArgs("b=1"), serverArgs("a=1")}, serverArgs("b=1", "a=1")},
		{"identical", []*kubeadm.Patch{serverArgs("a=1", "b=2"), serverArgs("b=2")}, serverArgs("a=1", "b=2")},
		{"identical, given twice", []*kubeadm.Patch{serverArgs("a=1", "a=2"), serverArgs("a=1", "a=2")}, serverArgs("a=1", "a=2")},
		{"gates", []*kubeadm.Patch{serverArgs("feature-gates=A=true,B=false"), serverArgs("feature-gates=C=true,A=true")}, serverArgs("feature-gates=A=true,B=false,C=true")},
		{"gates of one patch", []*kubeadm.Patch{serverArgs("feature-gates=A=true", "x=1", "feature-gates=B=true")}, serverArgs("feature-gates=A=true,B=true", "x=1")},
		{"gates with spaces", []*kubeadm.Patch{serverArgs("feature-gates= A=true, ,B=false")}, serverArgs("feature-gates=A=true,B=false")},
		{"gates of etcd", []*kubeadm.Patch{etcdArgs("feature-gates=InitialCorruptCheck=true"), etcdArgs("feature-gates=X=true")}, etcdArgs("feature-gates=InitialCorruptCheck=true,X=true")},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := kubeadm.Merge(test.patches...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMergeFull merges a patch with every field with itself and with nothing.
func TestMergeFull(t *testing.T) {
	for name, patches := range map[string][]*kubeadm.Patch{
		"alone":        {fullPatch()},
		"with itself":  {fullPatch(), fullPatch(), nil, fullPatch()},
		"with nothing": {{}, fullPatch(), {}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := kubeadm.Merge(patches...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fullPatch(), got); diff != "" {
				t.Errorf("merged (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeConflicts(t *testing.T) {
	kubelet := func(change func(*kubeletv1beta1.KubeletConfiguration)) *kubeadm.Patch {
		config := &kubeletv1beta1.KubeletConfiguration{}
		change(config)
		return &kubeadm.Patch{Kubelet: config}
	}
	volume := func(path string) *kubeadm.Patch {
		return &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Volumes: []kubeadm.HostPathMount{{Name: "a", HostPath: path, MountPath: "/m"}}}}
	}
	mount := func(name string) *kubeadm.Patch {
		return &kubeadm.Patch{APIServer: kubeadm.APIServerPatch{Volumes: []kubeadm.HostPathMount{{Name: name, HostPath: "/" + name, MountPath: "/m"}}}}
	}
	for _, test := range []struct {
		first, second *kubeadm.Patch
		want          kubeadm.ConflictError
	}{
		{mount("a"), mount("b"), kubeadm.ConflictError{Setting: "kube-apiserver mount path /m", First: "volume a", Second: "volume b"}},
		{&kubeadm.Patch{KubernetesVersion: "v1.1.1"}, &kubeadm.Patch{KubernetesVersion: "v1.1.2"}, kubeadm.ConflictError{Setting: "kubernetesVersion", First: "v1.1.1", Second: "v1.1.2"}},
		{
			&kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageTag: "a"}}, &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageTag: "b"}},
			kubeadm.ConflictError{Setting: "etcd.local.imageTag", First: "a", Second: "b"},
		},
		{
			&kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageRepository: "a"}}, &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{ImageRepository: "b"}},
			kubeadm.ConflictError{Setting: "etcd.local.imageRepository", First: "a", Second: "b"},
		},
		{serverArgs("a=1"), serverArgs("a=2"), kubeadm.ConflictError{Setting: "kube-apiserver --a", First: "1", Second: "2"}},
		{serverArgs("a=1", "a=2"), serverArgs("a=2", "a=1"), kubeadm.ConflictError{Setting: "kube-apiserver --a", First: "1 and 2", Second: "2 and 1"}},
		{etcdArgs("a=1"), etcdArgs("a="), kubeadm.ConflictError{Setting: "etcd --a", First: "1", Second: ""}},
		{serverArgs("feature-gates=A=true"), serverArgs("feature-gates=B=true,A=false"), kubeadm.ConflictError{Setting: "kube-apiserver --feature-gates A", First: "true", Second: "false"}},
		{volume("/a"), volume("/b"), kubeadm.ConflictError{Setting: "kube-apiserver volume a", First: "{Name:a HostPath:/a MountPath:/m ReadOnly:false PathType:}", Second: "{Name:a HostPath:/b MountPath:/m ReadOnly:false PathType:}"}},
		{
			kubelet(func(c *kubeletv1beta1.KubeletConfiguration) { c.FeatureGates = map[string]bool{"A": true} }),
			kubelet(func(c *kubeletv1beta1.KubeletConfiguration) { c.FeatureGates = map[string]bool{"A": false} }),
			kubeadm.ConflictError{Setting: "KubeletConfiguration.featureGates.A", First: "true", Second: "false"},
		},
		{
			kubelet(func(c *kubeletv1beta1.KubeletConfiguration) { c.MaxPods = 1 }),
			kubelet(func(c *kubeletv1beta1.KubeletConfiguration) { c.MaxPods = 2 }),
			kubeadm.ConflictError{Setting: "KubeletConfiguration.maxPods", First: "1", Second: "2"},
		},
	} {
		t.Run(test.want.Setting, func(t *testing.T) {
			merged, err := kubeadm.Merge(test.first, test.second)
			var got *kubeadm.ConflictError
			if merged != nil || !errors.As(err, &got) {
				t.Fatalf("got %v and %v, want a conflict", merged, err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("conflict (-want +got):\n%s", diff)
			}
			for _, word := range []string{got.Setting, got.First, got.Second} {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("%q does not name %q", err, word)
				}
			}
		})
	}
}

// TestMergeOtherConflicts covers conflicts whose values are whole objects.
func TestMergeOtherConflicts(t *testing.T) {
	change := map[string]func(*kubeadm.Patch){
		"etcd variable NODE":                         func(p *kubeadm.Patch) { p.Etcd.Env[0].ValueFrom.FieldRef.FieldPath = "spec.x" },
		"kube-apiserver variable A":                  func(p *kubeadm.Patch) { p.APIServer.Env[0].Value = "c" },
		"static-pod patch kube-scheduler0+json.yaml": func(p *kubeadm.Patch) { p.StaticPods[0].Content = "c" },
		"file /a": func(p *kubeadm.Patch) { p.Files[0].Object = &corev1.Pod{Spec: corev1.PodSpec{NodeName: "c"}} },
	}
	all := fullPatch()
	for setting, change := range change {
		other := fullPatch()
		change(other)
		change(all)
		_, err := kubeadm.Merge(fullPatch(), other)
		var conflict *kubeadm.ConflictError
		if !errors.As(err, &conflict) || conflict.Setting != setting {
			t.Errorf("got %v, want a conflict about %s", err, setting)
		}
	}
	_, err := kubeadm.Merge(fullPatch(), all)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != len(change) {
		t.Errorf("got %v, want %d conflicts at once", err, len(change))
	}
}

func TestMergeBadGate(t *testing.T) {
	for _, value := range []string{"A", "A=maybe", "A=true,B"} {
		if merged, err := kubeadm.Merge(serverArgs("feature-gates=" + value)); err == nil {
			t.Errorf("%q: got %v and no error", value, merged)
		}
	}
}

// TestMergeKubelet merges fields of a KubeletConfiguration at every depth.
func TestMergeKubelet(t *testing.T) {
	large, zero, no := int64(math.MaxInt64), int32(0), false
	first := &kubeletv1beta1.KubeletConfiguration{
		FeatureGates: map[string]bool{"A": true},
		ClusterDNS:   []string{"10.0.0.10"},
		PodPidsLimit: &large,
		Authentication: kubeletv1beta1.KubeletAuthentication{
			Anonymous: kubeletv1beta1.KubeletAnonymousAuthentication{Enabled: &no},
		},
	}
	second := &kubeletv1beta1.KubeletConfiguration{
		FeatureGates:    map[string]bool{"B": false},
		ClusterDNS:      []string{"10.0.0.10"},
		RegistryPullQPS: &zero,
		MaxOpenFiles:    math.MaxInt64 - 1,
		Authentication: kubeletv1beta1.KubeletAuthentication{
			X509: kubeletv1beta1.KubeletX509Authentication{ClientCAFile: "/ca"},
		},
	}
	got, err := kubeadm.Merge(&kubeadm.Patch{Kubelet: first}, nil, &kubeadm.Patch{}, &kubeadm.Patch{Kubelet: second})
	if err != nil {
		t.Fatal(err)
	}
	want := &kubeletv1beta1.KubeletConfiguration{
		FeatureGates:    map[string]bool{"A": true, "B": false},
		ClusterDNS:      []string{"10.0.0.10"},
		PodPidsLimit:    &large,
		RegistryPullQPS: &zero,
		MaxOpenFiles:    math.MaxInt64 - 1,
		Authentication: kubeletv1beta1.KubeletAuthentication{
			Anonymous: kubeletv1beta1.KubeletAnonymousAuthentication{Enabled: &no},
			X509:      kubeletv1beta1.KubeletX509Authentication{ClientCAFile: "/ca"},
		},
	}
	if diff := cmp.Diff(&kubeadm.Patch{Kubelet: want}, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

// TestMergeAssociative groups random patches in both ways. Where one way has a
// conflict, so has the other.
func TestMergeAssociative(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	conflicts := 0
	for range 2000 {
		a, b, c := randomPatch(random), randomPatch(random), randomPatch(random)
		left, leftErr := mergeTwice(func() (*kubeadm.Patch, error) { return kubeadm.Merge(a, b) }, func(ab *kubeadm.Patch) (*kubeadm.Patch, error) { return kubeadm.Merge(ab, c) })
		right, rightErr := mergeTwice(func() (*kubeadm.Patch, error) { return kubeadm.Merge(b, c) }, func(bc *kubeadm.Patch) (*kubeadm.Patch, error) { return kubeadm.Merge(a, bc) })
		flat, flatErr := kubeadm.Merge(a, b, c)
		if (leftErr == nil) != (flatErr == nil) || (rightErr == nil) != (flatErr == nil) {
			t.Fatalf("the ways differ: (a b) c %v, a (b c) %v, a b c %v", leftErr, rightErr, flatErr)
		}
		if flatErr != nil {
			conflicts++
			continue
		}
		if diff := cmp.Diff(flat, left, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("a b c and (a b) c differ (-first +second):\n%s", diff)
		}
		if diff := cmp.Diff(flat, right, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("a b c and a (b c) differ (-first +second):\n%s", diff)
		}
	}
	if conflicts < 200 || conflicts > 1800 {
		t.Errorf("%d of 2000 patches conflict, which tests too little", conflicts)
	}
}

func mergeTwice(first func() (*kubeadm.Patch, error), second func(*kubeadm.Patch) (*kubeadm.Patch, error)) (*kubeadm.Patch, error) {
	patch, err := first()
	if err != nil {
		return nil, err
	}
	return second(patch)
}

// randomPatch sets a few fields to one of a few values.
func randomPatch(random *rand.Rand) *kubeadm.Patch {
	pick := func(words ...string) string { return words[random.Intn(len(words))] }
	p := &kubeadm.Patch{KubernetesVersion: pick("", "", "", "v1.34.2", "v1.34.3")}
	for range random.Intn(3) {
		p.APIServer.Args = append(p.APIServer.Args, argsOf(pick("a=1", "b=1", "b=1", "c=1", "c=2", "feature-gates=A=true", "feature-gates=B=true,C=false", "feature-gates=D=true,A=true"))...)
	}
	if random.Intn(3) == 0 {
		p.Etcd.Env = []corev1.EnvVar{{Name: pick("A", "B"), Value: pick("1", "1", "1", "2")}}
	}
	if random.Intn(3) == 0 {
		p.APIServer.Volumes = []kubeadm.HostPathMount{{Name: pick("a", "b"), HostPath: "/a"}}
	}
	if random.Intn(2) == 0 {
		p.Kubelet = &kubeletv1beta1.KubeletConfiguration{MaxPods: int32(random.Intn(2)), FeatureGates: map[string]bool{pick("A", "B", "C"): random.Intn(5) > 0}}
	}
	return p
}
