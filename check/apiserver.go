package check

import (
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/release"
	"kubetrace/tracing"
)

// apiServer judges the pod of kube-apiserver on a control-plane node, and its file.
func (i *inspector) apiServer(node *corev1.Node) {
	r := reporter{inspector: i, component: tracing.ComponentAPIServer, node: node.Name}
	if i.NotGenerated(tracing.ComponentAPIServer) != nil {
		return
	}
	if text, given := i.TracingFiles[node.Name]; given {
		r.tracingFile(text)
	}
	pods := r.componentPods()
	if len(pods) == 0 && !i.options.HiddenControlPlane {
		r.noPod("Give it: kubectl get pods -A -o yaml. Where kube-apiserver does not run as a pod, say that the control plane is hidden (Options.HiddenControlPlane)")
	}
	for n, pod := range pods {
		before := len(i.findings)
		here := r.of(n, pod)
		here.apiServerPod(pod)
		here.running(pod, before)
	}
}

func (r reporter) apiServerPod(pod componentPod) {
	here := r.apiServerRelease(pod)
	given, ok := r.written(pod)
	if !ok {
		return
	}
	for _, v := range setting.JudgeVariables(given) {
		r.setting(v, given)
	}
	r.gates(setting.APIServerGatesOf(r.Resolved, here), given)
	r.egressSelector(setting.ValueOf(given, setting.FlagEgressSelector))
	file, have := r.Spec().APIServer.ConfigFile, setting.ValueOf(given, setting.FlagTracingFile)
	name := "--" + setting.FlagTracingFile
	switch have {
	case "":
		r.add(NoTraces, name, file, "nothing", "Write the flag")
		return
	case file:
	default:
		r.add(Stale, name, file, have, "Write %s, or change apiServer.configFile in the spec", file)
	}
	if !pod.onHost {
		r.mounted(pod, have)
	}
}

// apiServerRelease judges which release it is and returns it, or the spec's where it is
// not known.
func (r reporter) apiServerRelease(pod componentPod) tracing.Release {
	want := "Kubernetes " + r.KubernetesMinor()
	if _, ok := release.VersionOfTag(pod.version); !ok {
		switch {
		case pod.onHost && pod.version != "":
			r.add(Unseen, pod.versionName(), want, pod.version, "Write its whole version into Process.Version, such as %s.1, or leave it out. It is judged as the spec's release", r.KubernetesMinor())
		case !pod.onHost:
			r.add(Unseen, pod.versionName(), want+" as its tag", quoted(pod.container.Image), "See which release it is: kubectl version. It is judged as the spec's")
		}
	} else if err := r.CheckNodeVersion(pod.version, true); err != nil {
		r.add(Stale, pod.versionName(), want, pod.version, "%s", setting.Sentence(err.Error()))
	}
	if here, known := tracing.ReleaseOf(pod.version); known {
		return here
	}
	return r.ControlPlane()
}

// gates judges the flags --feature-gates, which add up.
func (r reporter) gates(known []setting.KnownGate, given []setting.Written) {
	name := "--" + setting.FlagGates
	var all []setting.FeatureGate
	for _, w := range given {
		if w.Kind != setting.Flag || w.Name != setting.FlagGates {
			continue
		}
		some, err := setting.ParseGates(w.Value)
		if err != nil {
			r.add(RefusesToStart, name, "gates", w.Value, "%s", setting.Sentence(err.Error()))
			return
		}
		all = append(all, some...)
	}
	r.judgeGates(known, all, func(string) string { return name })
}

// judgeGates judges gates, each of which has a name as a setting.
func (r reporter) judgeGates(known []setting.KnownGate, given []setting.FeatureGate, nameOf func(gate string) string) {
	for _, v := range setting.JudgeGates(known, given) {
		if v.At < 0 {
			v.Value = setting.FeatureGate{Name: v.Name, On: true}.String()
			r.report(v, nameOf(v.Name), setting.FormatGates(given))
			continue
		}
		gate := given[v.At]
		v.Value = "no " + gate.String()
		r.report(v, nameOf(gate.Name), gate.String())
	}
}

// mounted says whether the pod sees the tracing file.
func (r reporter) mounted(pod componentPod, file string) {
	var mounts []setting.Mount
	for _, mount := range pod.container.VolumeMounts {
		m := setting.Mount{Name: mount.Name, MountPath: mount.MountPath, SubPath: mount.SubPath, Elsewhere: "no volume"}
		at := slices.IndexFunc(pod.Spec.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if at >= 0 && pod.Spec.Volumes[at].HostPath != nil {
			host := pod.Spec.Volumes[at].HostPath
			m.Elsewhere, m.HostPath = "", host.Path
			if host.Type != nil {
				m.Type = *host.Type
			}
		}
		mounts = append(mounts, m)
	}
	m, ok := setting.MountOf(file, mounts)
	switch {
	case !ok:
		r.add(RefusesToStart, "volumeMounts", file, "nothing mounts it", "Mount the file of the node into the pod, with apiServer.extraVolumes of kubeadm")
	case m.Elsewhere != "":
	case m.Host(file) != r.Spec().APIServer.ConfigFile && m.Host(file) != file:
		r.add(Stale, "volume "+m.Name, file, m.Host(file), "Mount %s there, or change apiServer.configFile in the spec", file)
	case m.Makes(file):
		r.add(Stale, "volume "+m.Name+" type", string(corev1.HostPathFile), string(m.Type), "Write File: where the file is missing, the kubelet makes one that kube-apiserver cannot read")
	}
}

// tracingFile judges the content of the file as the release reads it.
func (r reporter) tracingFile(text []byte) {
	file, release := r.Spec().APIServer.ConfigFile, r.ControlPlane()
	config, problems, err := reader.TracingFile(text, release.TracingConfigurationStrict)
	const kind = "TracingConfiguration"
	switch {
	case err != nil:
		r.add(RefusesToStart, file, "a "+kind, "what cannot be read", "%s", setting.Sentence(err.Error()))
		return
	case config.Kind != "" && config.Kind != kind:
		r.add(RefusesToStart, file, "a "+kind, config.Kind, "Write what apiserver.TracingConfiguration returns")
		return
	}
	for _, problem := range problems {
		if release.TracingConfigurationStrict { // older releases pass over them
			r.add(RefusesToStart, file+" "+problem.Field, "nothing", "in line "+strconv.Itoa(problem.Line), "%s", setting.Sentence(problem.Message))
		}
	}
	if want := release.TracingConfigurationAPIVersion; config.APIVersion != want {
		severity := Stale
		switch {
		case config.APIVersion == "" && release.APIServerTracing == tracing.GateRequired:
			severity = NoTraces // nothing else in it is read then
		case config.APIVersion != "" && !release.ReadsTracingConfiguration(config.APIVersion):
			severity = RefusesToStart
		}
		r.add(severity, file+" apiVersion", want, quoted(config.APIVersion), "Write %s, which this release and all later ones read", want)
	}
	r.destination(file+" ", config.TracingConfiguration)
}
