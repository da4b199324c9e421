package conformance

import (
	"context"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"kubetrace"
	"kubetrace/tracing"
)

// The releases that are judged: the tutorial's, whose etcd knows the old
// spelling of the flags, and the newest, whose etcd knows only the new one.
var (
	kubeadm129 = sync.OnceValues(func() (*Kubeadm, error) { return build("v1.29") })
	kubeadm137 = sync.OnceValues(func() (*Kubeadm, error) { return build("v1.37") })
)

// everything samples all requests, so that no rate can be mistaken for a default.
const everything int32 = 1_000_000

func TestKubeadmReadsTheBundle(t *testing.T) {
	const tracingConfig = "--tracing-config-file=/etc/kubernetes/tracing-config.yaml"
	for _, test := range []struct {
		name      string
		kubeadm   func() (*Kubeadm, error)
		spec      tracing.TracingSpec
		etcd      []string // the flags that the bundle adds
		apiServer []string
		file      string // the TracingConfiguration on the node
		etcdImage string // empty: as kubeadm would
		kubelet   bool
	}{
		{
			name:    "1.29.1 with etcd 3.5.11",
			kubeadm: kubeadm129,
			spec: tracing.TracingSpec{
				KubernetesVersion:      "1.29.1",
				SamplingRatePerMillion: new(everything),
				Etcd:                   tracing.EtcdSpec{ImageRepository: "quay.io/coreos", ImageTag: "v3.5.11"},
			},
			etcd: []string{
				"--experimental-distributed-tracing-address=127.0.0.1:4317",
				"--experimental-distributed-tracing-sampling-rate=1000000",
				"--experimental-distributed-tracing-service-name=etcd",
				"--experimental-enable-distributed-tracing=true",
			},
			apiServer: []string{tracingConfig},
			file:      "/etc/kubernetes/tracing-config.yaml",
			etcdImage: "quay.io/coreos/etcd:v3.5.11",
			kubelet:   true,
		},
		{
			// kubeadm 1.29.1 installs etcd 3.5.10, which exits on a sampling rate.
			name:    "1.29.1 with kubeadm's own etcd",
			kubeadm: kubeadm129,
			spec:    tracing.TracingSpec{KubernetesVersion: "1.29.1", SamplingRatePerMillion: new(everything)},
			etcd: []string{
				"--experimental-distributed-tracing-address=127.0.0.1:4317",
				"--experimental-distributed-tracing-service-name=etcd",
				"--experimental-enable-distributed-tracing=true",
			},
			apiServer: []string{tracingConfig},
			file:      "/etc/kubernetes/tracing-config.yaml",
			kubelet:   true,
		},
		{
			name:    "1.29 with a file elsewhere",
			kubeadm: kubeadm129,
			spec: tracing.TracingSpec{
				KubernetesVersion: "1.29",
				Etcd:              tracing.EtcdSpec{Disabled: true},
				APIServer:         tracing.APIServerSpec{ConfigFile: "/etc/tracing/apiserver.yaml"},
				Kubelet:           tracing.KubeletSpec{Disabled: true},
			},
			apiServer: []string{"--tracing-config-file=/etc/tracing/apiserver.yaml"},
			file:      "/etc/tracing/apiserver.yaml",
		},
		{
			// etcd 3.7, which kubeadm 1.37 installs, exits on every experimental flag.
			name:    "1.37",
			kubeadm: kubeadm137,
			spec:    tracing.TracingSpec{KubernetesVersion: "1.37.2", SamplingRatePerMillion: new(everything)},
			etcd: []string{
				"--distributed-tracing-address=127.0.0.1:4317",
				"--distributed-tracing-sampling-rate=1000000",
				"--distributed-tracing-service-name=etcd",
				"--enable-distributed-tracing=true",
			},
			apiServer: []string{tracingConfig},
			file:      "/etc/kubernetes/tracing-config.yaml",
			kubelet:   true,
		},
		{
			name:    "1.37 without a patch, on a socket",
			kubeadm: kubeadm137,
			spec: tracing.TracingSpec{
				KubernetesVersion:      "1.37",
				Endpoint:               "unix-abstract:///kubetrace",
				SamplingRatePerMillion: new(everything),
				Etcd:                   tracing.EtcdSpec{ServiceName: "etcd main", InstanceID: "member-1"},
			},
			etcd: []string{
				"--distributed-tracing-address=unix-abstract:///kubetrace",
				"--distributed-tracing-instance-id=member-1",
				"--distributed-tracing-sampling-rate=1000000",
				"--distributed-tracing-service-name=etcd main",
				"--enable-distributed-tracing=true",
			},
			apiServer: []string{tracingConfig},
			file:      "/etc/kubernetes/tracing-config.yaml",
			kubelet:   true,
		},
		{
			name:    "1.37 with the API server left alone",
			kubeadm: kubeadm137,
			spec: tracing.TracingSpec{
				KubernetesVersion:      "1.37.2",
				SamplingRatePerMillion: new(everything),
				APIServer:              tracing.APIServerSpec{Disabled: true},
			},
			etcd: []string{
				"--distributed-tracing-address=127.0.0.1:4317",
				"--distributed-tracing-sampling-rate=1000000",
				"--distributed-tracing-service-name=etcd",
				"--enable-distributed-tracing=true",
			},
			kubelet: true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			kubeadm := must(test.kubeadm())(t)
			bundle := writeBundle(t, test.spec)
			if err := kubeadm.Validate(t.Context(), filepath.Join(bundle, configFile)); err != nil {
				t.Errorf("strict validation: %v", err)
			}
			before := must(kubeadm.Render(t.Context(), untraced(t, bundle)))(t)
			after := must(kubeadm.Render(t.Context(), bundle))(t)

			// What the bundle asks for is all that changes.
			want := before.Etcd.DeepCopy()
			addFlags(want, test.etcd)
			if test.etcdImage != "" {
				want.Spec.Containers[0].Image = test.etcdImage
			}
			if diff := cmp.Diff(want, sortFlags(after.Etcd)); diff != "" {
				t.Errorf("etcd's static pod (-want +got):\n%s", diff)
			}
			want = before.APIServer.DeepCopy()
			addFlags(want, test.apiServer)
			takeFileMount(t, after.APIServer, test.file)
			if diff := cmp.Diff(want, sortFlags(after.APIServer)); diff != "" {
				t.Errorf("kube-apiserver's static pod (-want +got):\n%s", diff)
			}

			got := after.Kubelet.Tracing
			after.Kubelet.Tracing = nil
			if diff := cmp.Diff(before.Kubelet, after.Kubelet); diff != "" {
				t.Errorf("the kubelet's configuration changes beside its tracing (-without +with):\n%s", diff)
			}
			switch {
			case test.kubelet != (got != nil):
				t.Errorf("the kubelet's tracing is %v; want one: %t", got, test.kubelet)
			case got != nil && (*got.Endpoint != test.spec.WithDefaults().Endpoint || *got.SamplingRatePerMillion != everything):
				t.Errorf("the kubelet traces %d in a million to %s", *got.SamplingRatePerMillion, *got.Endpoint)
			}
		})
	}
}

// The gate went away with 1.37, and naming it ends every component of it.
func TestNothingNamesTheRemovedGate(t *testing.T) {
	bundle := writeBundle(t, tracing.TracingSpec{KubernetesVersion: "1.37"})
	err := fs.WalkDir(os.DirFS(bundle), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) == ".md" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(bundle, name))
		if strings.Contains(string(data), "APIServerTracing") {
			t.Errorf("%s names the feature gate APIServerTracing:\n%s", name, data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A row for a newer release comes with a judge of its own.
func TestTheNewestReleaseIsJudged(t *testing.T) {
	releases := tracing.Releases()
	newest := releases[len(releases)-1].Kubernetes
	if kubeadm := must(kubeadm137())(t); !strings.HasPrefix(kubeadm.Version, "v"+newest+".") {
		t.Errorf("the newest row of the tables is %s and the newest judge kubeadm %s: see doc.go on adding a release", newest, kubeadm.Version)
	}
}

// The judge itself is judged: it refuses what kubeadm of a release cannot read.
func TestKubeadmRefusesWhatItCannotRead(t *testing.T) {
	lists := tracing.TracingSpec{KubernetesVersion: "1.37.2"}
	maps := tracing.TracingSpec{KubernetesVersion: "1.29.1"}
	for _, test := range []struct {
		name     string
		kubeadm  func() (*Kubeadm, error)
		spec     tracing.TracingSpec
		old, new []string
		want     string
		// lenient is for what only the strict reading refuses.
		lenient bool
	}{
		{
			name:    "extraArgs as lists under v1beta3",
			kubeadm: kubeadm129, spec: lists,
			old:  []string{"kubeadm.k8s.io/v1beta4", "v1.37.2"},
			new:  []string{"kubeadm.k8s.io/v1beta3", "v1.29.1"},
			want: "cannot unmarshal array into Go struct field",
		},
		{
			name:    "extraArgs as maps under v1beta4",
			kubeadm: kubeadm137, spec: maps,
			old:  []string{"kubeadm.k8s.io/v1beta3", "v1.29.1"},
			new:  []string{"kubeadm.k8s.io/v1beta4", "v1.37.2"},
			want: "cannot unmarshal object into Go struct field",
		},
		{
			name:    "v1beta3 for 1.37",
			kubeadm: kubeadm137, spec: maps,
			old:  []string{"v1.29.1"},
			new:  []string{"v1.37.2"},
			want: "old API spec",
		},
		{
			name:    "v1beta4 for 1.29",
			kubeadm: kubeadm129, spec: lists,
			old:  []string{"v1.37.2"},
			new:  []string{"v1.29.1"},
			want: "experimental API spec",
		},
		{
			name:    "an unknown field for kubeadm 1.29",
			kubeadm: kubeadm129, spec: maps,
			old:  []string{"extraVolumes:"},
			new:  []string{"extraVolume:"},
			want: `unknown field "apiServer.extraVolume"`, lenient: true,
		},
		{
			name:    "an unknown field for the kubelet of 1.37",
			kubeadm: kubeadm137, spec: lists,
			old:  []string{"samplingRatePerMillion:"},
			new:  []string{"samplingRate:"},
			want: `unknown field "tracing.samplingRate"`, lenient: true,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			kubeadm := must(test.kubeadm())(t)
			bundle := writeBundle(t, test.spec)
			config := filepath.Join(bundle, configFile)
			for i := range test.old {
				replaceInFile(t, config, test.old[i], test.new[i])
			}
			err := kubeadm.Validate(t.Context(), config)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("strict validation says %v; want an error with %q", err, test.want)
			}
			if _, err := kubeadm.Render(t.Context(), bundle); (err == nil) != test.lenient {
				t.Errorf("kubeadm init says %v; want an error: %t", err, !test.lenient)
			}
		})
	}
}

func build(release string) (*Kubeadm, error) {
	return BuildKubeadm(context.Background(), filepath.Join("kubeadm", release))
}

// writeBundle generates a bundle as files in a temporary folder.
func writeBundle(t *testing.T, spec tracing.TracingSpec) string {
	t.Helper()
	bundle := must(kubetrace.Generate(spec))(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, must(bundle.FS())(t)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// untraced returns a folder like a bundle's, with the same Kubernetes version
// and nothing about tracing.
func untraced(t *testing.T, bundle string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(bundle, configFile))
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{"kind: ClusterConfiguration"}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "apiVersion: kubeadm.k8s.io/") || strings.HasPrefix(line, "kubernetesVersion:") {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, configFile)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// takeFileMount checks that the pod mounts the file, and only the file, from
// the same path of the node, and takes the mount out of the pod. Without a file
// there must be none, which the caller finds by comparing the rest.
func takeFileMount(t *testing.T, pod *corev1.Pod, file string) {
	t.Helper()
	if file == "" {
		return
	}
	container := &pod.Spec.Containers[0]
	at := slices.IndexFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == file })
	if at < 0 {
		t.Errorf("kube-apiserver has no mount at %s: %v", file, container.VolumeMounts)
		return
	}
	mount := container.VolumeMounts[at]
	container.VolumeMounts = slices.Delete(container.VolumeMounts, at, at+1)
	if diff := cmp.Diff(corev1.VolumeMount{Name: mount.Name, MountPath: file, ReadOnly: true}, mount); diff != "" {
		t.Errorf("kube-apiserver's mount (-want +got):\n%s", diff)
	}
	at = slices.IndexFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
	if at < 0 {
		t.Errorf("kube-apiserver has no volume %s for its mount", mount.Name)
		return
	}
	volume := pod.Spec.Volumes[at]
	pod.Spec.Volumes = slices.Delete(pod.Spec.Volumes, at, at+1)
	// Of any other type kubelet would make an empty file or folder of one that
	// is missing, and the API server would crash on that instead.
	want := &corev1.HostPathVolumeSource{Path: file, Type: new(corev1.HostPathFile)}
	if diff := cmp.Diff(want, volume.HostPath); diff != "" {
		t.Errorf("kube-apiserver's volume %s (-want +got):\n%s", volume.Name, diff)
	}
}

func addFlags(pod *corev1.Pod, flags []string) {
	container := &pod.Spec.Containers[0]
	container.Command = append(container.Command, flags...)
	sortFlags(pod)
}

// sortFlags makes commands comparable: where kubeadm puts extra arguments
// differs between releases.
func sortFlags(pod *corev1.Pod) *corev1.Pod {
	slices.Sort(pod.Spec.Containers[0].Command[1:])
	return pod
}

func replaceInFile(t *testing.T, file, old, new string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), old) {
		t.Fatalf("%s has no %q to replace:\n%s", file, old, data)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(data), old, new)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// must is for calls that can only fail where the test is wrong.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}
