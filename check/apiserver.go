package check

import (
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	tracingv1 "k8s.io/component-base/tracing/api/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/gates"
	"kubetrace/internal/staticpod"
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
	if i.options.HiddenControlPlane {
		return
	}
	pods := r.componentPods()
	if len(pods) == 0 {
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
	container := pod.container
	if staticpod.TagOf(container.Image) == "" {
		r.add(Unseen, "image", "Kubernetes "+r.KubernetesMinor()+" as its tag", container.Image, "See which release it is: kubectl version")
	} else if err := r.CheckNodeVersion(staticpod.TagOf(container.Image), true); err != nil {
		r.add(Stale, "image", "Kubernetes "+r.KubernetesMinor(), staticpod.TagOf(container.Image), "%s", sentence(err))
	}
	flags := flagsOf(tracing.ComponentAPIServer, container)
	r.gates(flags[gates.Flag])
	r.egressSelector(flags[egressFlag])
	file := r.Spec().APIServer.ConfigFile
	switch have := flags["tracing-config-file"]; have {
	case "":
		r.add(NoTraces, "--tracing-config-file", file, "nothing", "Write the flag")
	case file:
		r.mounted(pod, file)
	default:
		r.add(Stale, "--tracing-config-file", file, have, "Write %s, or change apiServer.configFile in the spec", file)
		r.mounted(pod, have)
	}
}

// gates judges the flag --feature-gates.
func (r reporter) gates(flag string) {
	all, err := gates.Parse(flag)
	if err != nil {
		r.add(RefusesToStart, "--"+gates.Flag, "gates", flag, "%s", sentence(err))
		return
	}
	on := false
	isOurs := func(gate gates.Gate) bool { return gate.Is(tracing.GateNameAPIServer) }
	// Of a gate that is there twice the last holds, and AllAlpha and AllBeta only
	// set those that are not.
	var last []gates.Gate
	for i, gate := range all {
		again := slices.ContainsFunc(all[i+1:], func(g gates.Gate) bool { return g.Name == gate.Name })
		if again || (gate.Name == "AllBeta" || gate.Name == "AllAlpha") && slices.ContainsFunc(all, isOurs) {
			continue
		}
		last = append(last, gate)
	}
	for _, gate := range last {
		ours := isOurs(gate)
		on = on || (ours || gate.Name == "AllAlpha") && gate.On
		err := r.CheckFeatureGate(gate.Name, gate.On)
		if state := r.ControlPlane().KubeletTracing; gate.Is(tracing.GateNameKubelet) && state != tracing.GateUnknown && state != tracing.GateLocked {
			err = nil // here it has no effect
		}
		if err != nil {
			severity := RefusesToStart
			if state := r.ControlPlane().APIServerTracing; !gate.On && state != tracing.GateLocked && state != tracing.GateUnknown {
				severity = NoTraces
			}
			r.add(severity, "--"+gates.Flag, "no "+gate.String(), gate.String(), "%s", sentence(err))
			on = on || ours
		}
	}
	if !on && r.ControlPlane().APIServerTracing == tracing.GateRequired {
		r.add(NoTraces, "--"+gates.Flag, tracing.GateNameAPIServer+"=true", quoted(flag), "Add the gate: without it the tracing file is not read")
	}
}

// mounted says whether the pod sees the tracing file.
func (r reporter) mounted(pod componentPod, file string) {
	var best *corev1.VolumeMount
	for m := range pod.container.VolumeMounts {
		mount := &pod.container.VolumeMounts[m]
		at := path.Clean(mount.MountPath)
		if (at == file || strings.HasPrefix(file, strings.TrimSuffix(at, "/")+"/")) && (best == nil || len(at) > len(best.MountPath)) {
			best = mount
		}
	}
	if best == nil {
		r.add(RefusesToStart, "volumeMounts", file, "nothing mounts it", "Mount the file of the node into the pod, with apiServer.extraVolumes of kubeadm")
		return
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.Name != best.Name || volume.HostPath == nil {
			continue
		}
		host := path.Join(volume.HostPath.Path, best.SubPath, strings.TrimPrefix(file, path.Clean(best.MountPath)))
		if host != file {
			r.add(Stale, "volume "+volume.Name, file, host, "Mount %s there, or change apiServer.configFile in the spec", file)
		}
		if t := volume.HostPath.Type; t != nil && (*t == corev1.HostPathFileOrCreate || *t == corev1.HostPathDirectoryOrCreate) && path.Clean(best.MountPath) == file {
			r.add(Stale, "volume "+volume.Name+" type", string(corev1.HostPathFile), string(*t), "Write File: where the file is missing, the kubelet makes one that kube-apiserver cannot read")
		}
		return
	}
}

// tracingFile judges the content of the file.
func (r reporter) tracingFile(text []byte) {
	var config struct {
		tracingv1.TracingConfiguration `json:",inline"`
		APIVersion                     string `json:"apiVersion"`
		Kind                           string `json:"kind"`
	}
	file := r.Spec().APIServer.ConfigFile
	if err := yaml.Unmarshal(text, &config); err != nil || config.Kind != "TracingConfiguration" {
		r.add(RefusesToStart, file, "a TracingConfiguration", quoted(config.Kind), "Write what apiserver.TracingConfiguration returns")
		return
	}
	if want := r.ControlPlane().TracingConfigurationAPIVersion; config.APIVersion != want {
		severity := Stale
		if !r.ControlPlane().ReadsTracingConfiguration(config.APIVersion) {
			severity = RefusesToStart
		}
		r.add(severity, file+" apiVersion", want, quoted(config.APIVersion), "Write %s, which this release and all later ones read", want)
	}
	r.configuration(file+" endpoint", file+" samplingRatePerMillion", config.TracingConfiguration, r.APIServerSamplingRate())
}
