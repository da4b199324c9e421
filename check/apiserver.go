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

// apiServer judges the pod of kube-apiserver on a control-plane node.
func (i *inspector) apiServer(node corev1.Node) {
	o := on{i, tracing.ComponentAPIServer, node.Name}
	if i.NotGenerated(tracing.ComponentAPIServer) != nil {
		return
	}
	pod, container := o.staticPod()
	if pod == nil {
		o.add(Unseen, "pod", "the pod of kube-apiserver in kube-system", "none", "Give it: kubectl get pods -A -o yaml")
		return
	}
	if staticpod.TagOf(container.Image) == "" {
		o.add(Unseen, "image", "Kubernetes "+i.KubernetesMinor()+" as its tag", container.Image, "See which release it is: kubectl version")
	} else if err := i.CheckNodeVersion(staticpod.TagOf(container.Image), true); err != nil {
		o.add(Stale, "image", "Kubernetes "+i.KubernetesMinor(), staticpod.TagOf(container.Image), "%s", sentence(err))
	}
	flags := flagsOf(container)
	o.gates(flags[gates.Flag])
	file := i.Spec().APIServer.ConfigFile
	switch have := flags["tracing-config-file"]; have {
	case "":
		o.add(NoTraces, "--tracing-config-file", file, "nothing", "Write the flag")
	case file:
		o.mounted(pod, container, file)
	default:
		o.add(Stale, "--tracing-config-file", file, have, "Write %s, or change apiServer.configFile in the spec", file)
		o.mounted(pod, container, have)
	}
	if text, given := i.TracingFiles[node.Name]; given {
		o.tracingFile(text)
	}
	o.running(pod)
}

// gates judges the flag --feature-gates.
func (o on) gates(flag string) {
	all, err := gates.Parse(flag)
	if err != nil {
		o.add(RefusesToStart, "--"+gates.Flag, "gates", flag, "%s", sentence(err))
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
		err := o.CheckFeatureGate(gate.Name, gate.On)
		if state := o.ControlPlane().KubeletTracing; gate.Is(tracing.GateNameKubelet) && state != tracing.GateUnknown && state != tracing.GateLocked {
			err = nil // here it has no effect
		}
		if err != nil {
			severity := RefusesToStart
			if state := o.ControlPlane().APIServerTracing; !gate.On && state != tracing.GateLocked && state != tracing.GateUnknown {
				severity = NoTraces
			}
			o.add(severity, "--"+gates.Flag, "no "+gate.String(), gate.String(), "%s", sentence(err))
			on = on || ours
		}
	}
	if !on && o.ControlPlane().APIServerTracing == tracing.GateRequired {
		o.add(NoTraces, "--"+gates.Flag, tracing.GateNameAPIServer+"=true", quoted(flag), "Add the gate: without it the tracing file is not read")
	}
}

// sentence is an error as the beginning of a cure.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// mounted says whether the pod sees the tracing file.
func (o on) mounted(pod *corev1.Pod, container *corev1.Container, file string) {
	var best *corev1.VolumeMount
	for m := range container.VolumeMounts {
		mount := &container.VolumeMounts[m]
		at := path.Clean(mount.MountPath)
		if (at == file || strings.HasPrefix(file, strings.TrimSuffix(at, "/")+"/")) && (best == nil || len(at) > len(best.MountPath)) {
			best = mount
		}
	}
	if best == nil {
		o.add(RefusesToStart, "volumeMounts", file, "nothing mounts it", "Mount the file of the node into the pod, with apiServer.extraVolumes of kubeadm")
		return
	}
	for _, volume := range pod.Spec.Volumes {
		if volume.Name != best.Name || volume.HostPath == nil {
			continue
		}
		host := path.Join(volume.HostPath.Path, best.SubPath, strings.TrimPrefix(file, path.Clean(best.MountPath)))
		if host != file {
			o.add(Stale, "volume "+volume.Name, file, host, "Mount %s there, or change apiServer.configFile in the spec", file)
		}
		if t := volume.HostPath.Type; t != nil && (*t == corev1.HostPathFileOrCreate || *t == corev1.HostPathDirectoryOrCreate) && path.Clean(best.MountPath) == file {
			o.add(Stale, "volume "+volume.Name+" type", string(corev1.HostPathFile), string(*t), "Write File: where the file is missing, the kubelet makes one that kube-apiserver cannot read")
		}
		return
	}
}

// tracingFile judges the content of the file.
func (o on) tracingFile(text []byte) {
	var config struct {
		tracingv1.TracingConfiguration `json:",inline"`
		APIVersion                     string `json:"apiVersion"`
		Kind                           string `json:"kind"`
	}
	file := o.Spec().APIServer.ConfigFile
	if err := yaml.Unmarshal(text, &config); err != nil || config.Kind != "TracingConfiguration" {
		o.add(RefusesToStart, file, "a TracingConfiguration", quoted(config.Kind), "Write what apiserver.TracingConfiguration returns")
		return
	}
	if want := o.ControlPlane().TracingConfigurationAPIVersion; config.APIVersion != want {
		severity := Stale
		if !o.ControlPlane().ReadsTracingConfiguration(config.APIVersion) {
			severity = RefusesToStart
		}
		o.add(severity, file+" apiVersion", want, quoted(config.APIVersion), "Write %s, which this release and all later ones read", want)
	}
	o.configuration(file+" endpoint", file+" samplingRatePerMillion", config.TracingConfiguration, o.APIServerSamplingRate())
}
