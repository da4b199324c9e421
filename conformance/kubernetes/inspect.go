package kubernetes

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// Inspection is what the components of one release make of a bundle.
type Inspection struct {
	// Kubeadm, APIServer and Kubelet are what is wrong, by who says so.
	Kubeadm, APIServer, Kubelet []string

	etcdPod, apiServerPod corev1.Pod
	kubelet               string
}

// Problems returns everything that is wrong.
func (i *Inspection) Problems() []string { return slices.Concat(i.Kubeadm, i.APIServer, i.Kubelet) }

// Inspect lets a release judge a bundle, and compares what comes of it with the
// same cluster without tracing: what the spec asks for is all that may change.
// The error tells that the judge itself failed.
func Inspect(j *Judge, spec tracing.TracingSpec, written *Written) (*Inspection, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	untraced, err := Untraced(spec)
	if err != nil {
		return nil, err
	}
	before, err := j.untraced(untraced.Kubeadm)
	if err != nil {
		return nil, err
	}
	if len(before.Errors)+len(before.Warnings) > 0 {
		return nil, fmt.Errorf("%s refuses the cluster without tracing: %q %q", j.Version, before.Errors, before.Warnings)
	}
	after, err := j.Kubeadm(written.Kubeadm)
	if err != nil {
		return nil, err
	}
	result := &Inspection{Kubeadm: slices.Concat(after.Errors, after.Warnings)}
	if len(after.Errors) > 0 {
		return result, nil
	}
	if err := result.comparePods(resolved, before, after); err != nil {
		return nil, err
	}
	if err := result.judgeAPIServer(j, resolved, after, written); err != nil {
		return nil, err
	}
	return result, result.judgeKubelet(j, resolved, before, after, written)
}

// comparePods says what changes in the static pods beside what the spec asks
// for.
func (i *Inspection) comparePods(resolved tracing.Resolved, before, after api.KubeadmAnswer) error {
	var etcd, apiServer corev1.Pod
	for _, pod := range []struct {
		text string
		into *corev1.Pod
	}{{before.Etcd, &etcd}, {before.APIServer, &apiServer}, {after.Etcd, &i.etcdPod}, {after.APIServer, &i.apiServerPod}} {
		if err := yaml.UnmarshalStrict([]byte(pod.text), pod.into); err != nil {
			return fmt.Errorf("a static pod: %w", err)
		}
		removeProxy(pod.into)
	}

	// Of etcd the flags are all that may change; etcd itself judges their
	// spelling.
	got := i.etcdPod.DeepCopy()
	added := takeFlags(got, &etcd)
	if diff := cmp.Diff(etcd, *got); diff != "" {
		i.Kubeadm = append(i.Kubeadm, "etcd's static pod changes beside its flags (-without +with):\n"+diff)
	}
	i.checkFlags("etcd", added, etcdFlags(resolved))

	// Of kube-apiserver the flags and the one file.
	got = i.apiServerPod.DeepCopy()
	added = takeFlags(got, &apiServer)
	file := added["tracing-config-file"]
	takeMount(got, file)
	if diff := cmp.Diff(apiServer, *got); diff != "" {
		i.Kubeadm = append(i.Kubeadm, "kube-apiserver's static pod changes beside its flags and its tracing file (-without +with):\n"+diff)
	}
	i.checkFlags("kube-apiserver", added, apiServerFlags(resolved))
	return nil
}

// etcdFlags are what a spec asks for, written down once more.
func etcdFlags(r tracing.Resolved) map[string]string {
	if r.NotGenerated(tracing.ComponentEtcd) != nil || r.Spec().Etcd.External {
		return map[string]string{}
	}
	prefix := r.EtcdRelease().FlagPrefix
	want := map[string]string{
		prefix + "enable-distributed-tracing":       "true",
		prefix + "distributed-tracing-address":      r.ComponentEndpoint(),
		prefix + "distributed-tracing-service-name": r.Spec().Etcd.ServiceName,
	}
	if id := r.Spec().Etcd.InstanceID; id != "" {
		want[prefix+"distributed-tracing-instance-id"] = id
	}
	if rate, ok := r.EtcdSamplingRate(); ok {
		want[prefix+"distributed-tracing-sampling-rate"] = fmt.Sprint(rate)
	}
	return want
}

func apiServerFlags(r tracing.Resolved) map[string]string {
	if r.NotGenerated(tracing.ComponentAPIServer) != nil {
		return map[string]string{}
	}
	want := map[string]string{"tracing-config-file": r.Spec().APIServer.ConfigFile}
	if r.ControlPlane().APIServerTracing == tracing.GateRequired {
		want["feature-gates"] = tracing.GateNameAPIServer + "=true"
	}
	return want
}

// checkFlags compares the flags that have come with those that the spec asks for.
func (i *Inspection) checkFlags(component string, got, want map[string]string) {
	if diff := cmp.Diff(want, got); diff != "" {
		i.Kubeadm = append(i.Kubeadm, fmt.Sprintf("%s's flags of tracing (-want +got):\n%s", component, diff))
	}
}

// judgeAPIServer lets the release start the tracing of kube-apiserver.
func (i *Inspection) judgeAPIServer(j *Judge, resolved tracing.Resolved, after api.KubeadmAnswer, written *Written) error {
	answer, err := j.APIServer(api.APIServerRequest{Pod: after.APIServer, Files: written.Files})
	if err != nil {
		return err
	}
	i.APIServer = append(i.APIServer, answer.Errors...)
	traced := resolved.NotGenerated(tracing.ComponentAPIServer) == nil
	i.APIServer = append(i.APIServer, checkTracing("kube-apiserver", answer.Tracing, traced, resolved.ComponentEndpoint(), resolved.APIServerSamplingRate())...)
	return nil
}

// judgeKubelet lets the release's kubelet read what kubeadm wrote.
func (i *Inspection) judgeKubelet(j *Judge, resolved tracing.Resolved, before, after api.KubeadmAnswer, written *Written) error {
	i.kubelet = after.Kubelet
	without, err := j.Kubelet(api.KubeletRequest{Config: before.Kubelet})
	if err != nil {
		return err
	}
	with, err := j.Kubelet(api.KubeletRequest{Config: after.Kubelet})
	if err != nil {
		return err
	}
	i.Kubelet = slices.Concat(with.Errors, with.Warnings)
	if len(with.Errors) > 0 {
		return nil
	}
	changed, err := changedFields(without.Config, with.Config)
	if err != nil {
		return err
	}
	i.Kubelet = append(i.Kubelet, onlyTracing(changed)...)
	traced := resolved.NotGenerated(tracing.ComponentKubelet) == nil
	if traced != (written.Kubelet != "") {
		i.Kubelet = append(i.Kubelet, fmt.Sprintf("there is a fragment: %t; want one: %t", written.Kubelet != "", traced))
	}
	i.Kubelet = append(i.Kubelet, checkTracing("the kubelet", with.Tracing, traced, resolved.ComponentEndpoint(), resolved.KubeletSamplingRate())...)
	return nil
}

// checkTracing compares what a component does with what the spec says.
func checkTracing(component string, got api.Tracing, traced bool, endpoint string, rate int32) (problems []string) {
	if got.On != traced {
		return []string{fmt.Sprintf("%s traces: %t; want: %t", component, got.On, traced)}
	}
	if !traced {
		return nil
	}
	if got.Endpoint == nil || *got.Endpoint != endpoint {
		problems = append(problems, fmt.Sprintf("%s sends to %s, not to %s", component, text(got.Endpoint), endpoint))
	}
	if got.Rate == nil || *got.Rate != rate {
		problems = append(problems, fmt.Sprintf("%s has the rate %s, not %d", component, text(got.Rate), rate))
	}
	// At other rates chance decides.
	if (rate == 0 && got.Roots != 0) || (rate == 1_000_000 && got.Roots != api.Attempts) {
		problems = append(problems, fmt.Sprintf("%s samples %d of %d root spans at the rate %d", component, got.Roots, api.Attempts, rate))
	}
	return problems
}

func text[T any](value *T) string {
	if value == nil {
		return "nothing"
	}
	return fmt.Sprintf("%v", *value)
}

// changedFields returns the paths of the fields that differ, with both values.
func changedFields(before, after json.RawMessage) (map[string]string, error) {
	var one, other map[string]any
	if err := json.Unmarshal(before, &one); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &other); err != nil {
		return nil, err
	}
	changed := map[string]string{}
	compare("", one, other, changed)
	return changed, nil
}

func compare(path string, one, other any, changed map[string]string) {
	first, isMap := one.(map[string]any)
	second, areMaps := other.(map[string]any)
	// A map that is not there has no fields.
	isMap, areMaps = isMap || one == nil && areMaps, areMaps || other == nil && isMap
	if !isMap || !areMaps {
		if !cmp.Equal(one, other) {
			changed[path] = fmt.Sprintf("%v becomes %v", one, other)
		}
		return
	}
	names := map[string]any{}
	maps.Copy(names, first)
	maps.Copy(names, second)
	for name := range names {
		compare(strings.TrimPrefix(path+"."+name, "."), first[name], second[name], changed)
	}
}

// onlyTracing says which of the changed fields of a kubelet are none of tracing.
func onlyTracing(changed map[string]string) (problems []string) {
	for _, path := range slices.Sorted(maps.Keys(changed)) {
		if path != "featureGates."+tracing.GateNameKubelet && path != "tracing" && !strings.HasPrefix(path, "tracing.") {
			problems = append(problems, fmt.Sprintf("the kubelet's %s changes: %s", path, changed[path]))
		}
	}
	return problems
}

// takeFlags takes the flags that another pod does not have out of a pod and
// returns them by name.
func takeFlags(pod, other *corev1.Pod) map[string]string {
	taken := map[string]string{}
	command := &pod.Spec.Containers[0].Command
	*command = slices.DeleteFunc(*command, func(argument string) bool {
		if slices.Contains(other.Spec.Containers[0].Command, argument) {
			return false
		}
		name, value, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "=")
		taken[name] = value
		return true
	})
	return taken
}

// takeMount takes the read-only mount of a file of the node, at the same path,
// out of a pod.
func takeMount(pod *corev1.Pod, file string) {
	container := &pod.Spec.Containers[0]
	at := slices.IndexFunc(container.VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == file && m.ReadOnly })
	if file == "" || at < 0 {
		return
	}
	name := container.VolumeMounts[at].Name
	volume := slices.IndexFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.Name == name && v.HostPath != nil && path.Clean(v.HostPath.Path) == file && v.HostPath.Type != nil && *v.HostPath.Type == corev1.HostPathFile
	})
	if volume < 0 {
		return
	}
	container.VolumeMounts = slices.Delete(container.VolumeMounts, at, at+1)
	pod.Spec.Volumes = slices.Delete(pod.Spec.Volumes, volume, volume+1)
}

// removeProxy takes out closedProxy, which kubeadm hands on to static pods.
func removeProxy(pod *corev1.Pod) {
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		container.Env = slices.DeleteFunc(container.Env, func(env corev1.EnvVar) bool {
			return env.Name == closedProxyName && env.Value == closedProxy
		})
	}
}
