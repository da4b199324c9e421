package kubeadm

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// ConflictError says that two patches want different values for one setting.
type ConflictError struct {
	// Setting is what both set, "kube-apiserver --feature-gates APIServerTracing".
	Setting string
	// First and Second are the values, in the order of the patches.
	First, Second string
}

// Error names the setting and both values.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s is set to %s and to %s: leave one of them out", e.Setting, e.First, e.Second)
}

// Merge returns one patch that holds all settings of the given ones, in their
// order. Feature gates, whether flags or in the KubeletConfiguration, are
// merged gate by gate, since kubeadm lets the later list replace the earlier. A
// setting that two patches have in common is kept once.
//
// Where two patches want different values the error joins a *[ConflictError]
// for each such setting, and an error for each flag or volume that cannot be one.
// Whether a release knows a flag or gate is not judged here: Bundle.FS does so for the
// gates of tracing. Nil patches are passed over; the given ones are not changed, and
// the result shares nothing with them.
func Merge(patches ...*Patch) (*Patch, error) {
	m := merger{}
	merged := &Patch{}
	for _, p := range patches {
		if p == nil {
			continue
		}
		m.errs = append(m.errs, p.check()...)
		m.text("kubernetesVersion", &merged.KubernetesVersion, withV(p.KubernetesVersion))
		m.text("etcd.local.imageRepository", &merged.Etcd.ImageRepository, p.Etcd.ImageRepository)
		m.text("etcd.local.imageTag", &merged.Etcd.ImageTag, p.Etcd.ImageTag)
		merged.Etcd.Args = m.args("etcd", merged.Etcd.Args, p.Etcd.Args)
		merged.Etcd.Env = m.env("etcd", merged.Etcd.Env, p.Etcd.Env)
		merged.APIServer.Args = m.args("kube-apiserver", merged.APIServer.Args, p.APIServer.Args)
		merged.APIServer.Env = m.env("kube-apiserver", merged.APIServer.Env, p.APIServer.Env)
		merged.APIServer.Volumes = byKey(&m, "kube-apiserver volume ", merged.APIServer.Volumes, p.APIServer.Volumes, func(v HostPathMount) string { return v.Name })
		merged.StaticPods = byKey(&m, "static-pod patch ", merged.StaticPods, p.StaticPods, StaticPodPatch.FileName)
		merged.Files = byKey(&m, "file ", merged.Files, copyFiles(p.Files), func(f NodeFile) string { return f.Path })
		merged.Kubelet = m.kubelet(merged.Kubelet, p.Kubelet)
	}
	m.mountPaths(merged.APIServer.Volumes)
	if err := errors.Join(m.errs...); err != nil {
		return nil, err
	}
	return merged, nil
}

// withV returns a version as kubeadm writes it, with a v. Labels such as
// stable-1.34 stay.
func withV(version string) string {
	if version != "" && version[0] >= '0' && version[0] <= '9' {
		return "v" + version
	}
	return version
}

// merger collects the conflicts.
type merger struct{ errs []error }

func (m *merger) conflict(setting string, first, second any) {
	m.errs = append(m.errs, &ConflictError{Setting: setting, First: fmt.Sprintf("%+v", first), Second: fmt.Sprintf("%+v", second)})
}

func (m *merger) text(setting string, have *string, want string) {
	switch {
	case want == "" || want == *have:
	case *have == "":
		*have = want
	default:
		m.conflict(setting, *have, want)
	}
}

// byKey appends what is not there yet; what has the key of another must equal
// it.
func byKey[T any](m *merger, kind string, have, want []T, key func(T) string) []T {
	for _, w := range want {
		i := slices.IndexFunc(have, func(h T) bool { return key(h) == key(w) })
		switch {
		case i < 0:
			have = append(have, w)
		case !reflect.DeepEqual(have[i], w):
			m.conflict(kind+key(w), have[i], w)
		}
	}
	return have
}

// mountPaths refuses two volumes at one path, with which the pod would not
// start.
func (m *merger) mountPaths(volumes []HostPathMount) {
	for i, volume := range volumes {
		first := slices.IndexFunc(volumes, func(v HostPathMount) bool { return path.Clean(v.MountPath) == path.Clean(volume.MountPath) })
		if first < i {
			m.conflict("kube-apiserver mount path "+volume.MountPath, "volume "+volumes[first].Name, "volume "+volume.Name)
		}
	}
}

// copyFiles copies the API objects in the files.
func copyFiles(files []NodeFile) []NodeFile {
	files = slices.Clone(files)
	for i, file := range files {
		if file.Object != nil {
			files[i].Object = file.Object.DeepCopyObject()
		}
	}
	return files
}

func (m *merger) env(component string, have, want []corev1.EnvVar) []corev1.EnvVar {
	copies := make([]corev1.EnvVar, len(want))
	for i := range want {
		want[i].DeepCopyInto(&copies[i])
	}
	return byKey(m, component+" variable ", have, copies, func(e corev1.EnvVar) string { return e.Name })
}

// args appends the flags that are not there yet. The values of a flag that is
// given more than once are one setting.
func (m *merger) args(component string, have, want []Arg) []Arg {
	for i, arg := range want {
		if slices.ContainsFunc(want[:i], func(a Arg) bool { return a.Name == arg.Name }) {
			continue // came with the first of its name
		}
		added, there := valuesOf(want, arg.Name), valuesOf(have, arg.Name)
		switch {
		case len(there) == 0 && arg.Name != setting.FlagGates:
			for _, value := range added {
				have = append(have, Arg{arg.Name, value})
			}
		case arg.Name == setting.FlagGates:
			have = slices.DeleteFunc(slices.Clone(have), func(a Arg) bool { return a.Name == setting.FlagGates })
			have = append(have, Arg{setting.FlagGates, m.gates(component, append(there, added...))})
		case !slices.Equal(there, added):
			m.conflict(component+" --"+arg.Name, strings.Join(there, " and "), strings.Join(added, " and "))
		}
	}
	return have
}

func valuesOf(args []Arg, name string) []string {
	var values []string
	for _, arg := range args {
		if arg.Name == name {
			values = append(values, arg.Value)
		}
	}
	return values
}

// gates merges lists of gates, in the order of their first mention.
func (m *merger) gates(component string, lists []string) string {
	all, err := setting.ParseGates(strings.Join(lists, ","))
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("%s --%s: %w", component, setting.FlagGates, err))
		return ""
	}
	var merged []setting.FeatureGate
	for i, gate := range all {
		first := slices.IndexFunc(all, func(g setting.FeatureGate) bool { return g.Name == gate.Name })
		switch {
		case first == i:
			merged = append(merged, gate)
		case all[first].On != gate.On:
			m.conflict(component+" --"+setting.FlagGates+" "+gate.Name, all[first].On, gate.On)
		}
	}
	return setting.FormatGates(merged)
}

// kubelet merges the fields that are set, field by field.
func (m *merger) kubelet(have, want *kubeletv1beta1.KubeletConfiguration) *kubeletv1beta1.KubeletConfiguration {
	if want == nil || have == nil {
		if want == nil {
			want = have
		}
		return want.DeepCopy()
	}
	merged := &kubeletv1beta1.KubeletConfiguration{}
	text, err := json.Marshal(m.trees("KubeletConfiguration", m.fields(have), m.fields(want)))
	if err == nil {
		err = kjson.UnmarshalCaseSensitivePreserveInts(text, merged)
	}
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("merge KubeletConfigurations: %w", err))
	}
	return merged
}

// fields returns the set fields of a KubeletConfiguration.
func (m *merger) fields(c *kubeletv1beta1.KubeletConfiguration) map[string]any {
	tree := map[string]any{}
	text, err := tracing.Marshal(c)
	if err == nil {
		text, err = yaml.YAMLToJSON(text)
	}
	if err == nil { // sigs.k8s.io/yaml.Unmarshal would round large numbers
		err = kjson.UnmarshalCaseSensitivePreserveInts(text, &tree)
	}
	if err != nil {
		m.errs = append(m.errs, fmt.Errorf("merge KubeletConfigurations: %w", err))
	}
	return tree
}

func (m *merger) trees(path string, have, want map[string]any) map[string]any {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		w := want[key]
		h, ok := have[key]
		haveMap, haveIs := h.(map[string]any)
		wantMap, wantIs := w.(map[string]any)
		switch {
		case !ok:
			have[key] = w
		case haveIs && wantIs:
			have[key] = m.trees(path+"."+key, haveMap, wantMap)
		case !reflect.DeepEqual(h, w):
			m.conflict(path+"."+key, h, w)
		}
	}
	return have
}
