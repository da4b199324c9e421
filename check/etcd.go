package check

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// etcd judges what runs etcd on a node. Nobody misses an external one.
func (i *inspector) etcd(node *corev1.Node) {
	r := reporter{inspector: i, component: tracing.ComponentEtcd, node: node.Name}
	if i.NotGenerated(tracing.ComponentEtcd) != nil {
		return
	}
	pods := r.componentPods()
	if i.Spec().Etcd.External { // an etcd of something else, such as a network plugin, is not the cluster's
		pods = slices.DeleteFunc(pods, func(p componentPod) bool { return !p.onHost && !isStatic(p.Pod) && p.Name != r.podName() })
	}
	if len(pods) == 0 && !i.options.HiddenControlPlane && !i.Spec().Etcd.External {
		r.noPod("Give it: kubectl get pods -A -o yaml. Where etcd does not run as a pod, set etcd.external in the spec, or say that the control plane is hidden (Options.HiddenControlPlane)")
	}
	for n, pod := range pods {
		before := len(i.findings)
		here := r.of(n, pod)
		here.etcdPod(pod)
		here.running(pod, before)
	}
}

// etcdPod judges the settings as the etcd that is there takes them.
func (r reporter) etcdPod(pod componentPod) {
	tag, name := pod.version, pod.versionName()
	if want := r.Spec().Etcd.ImageTag; !pod.onHost && want != "" && tag != want {
		r.add(Stale, "image", want, quoted(tag), "Upgrade etcd, or change etcd.imageTag in the spec")
	}
	there, known := setting.EtcdAt(r.Resolved, tag)
	if !known && !(pod.onHost && tag == "") {
		want, have, cure := "an etcd whose version is its tag", pod.container.Image, "see which it is, and write it into the spec as etcd.imageTag or etcd.version"
		if pod.onHost {
			want, have, cure = "the version of an etcd", tag, "write its whole version into Process.Version, such as 3.6.4, or leave it out"
		}
		r.add(Unseen, name, want, quoted(have), "It is judged as %s: %s", there, cure)
	}
	if known && !there.Traced() {
		r.add(NoTraces, name, "etcd 3.5.5 or later", quoted(tag), "Upgrade etcd: before 3.5.5 it samples everything and leaks memory. Give it no flag of tracing until then")
		return
	}
	if _, rate := r.EtcdSamplingRate(); rate && !there.TakesRate() {
		field := "imageTag"
		if r.Spec().Etcd.External {
			field = "version"
		}
		r.add(Stale, name, "an etcd that takes a rate", quoted(tag), "Upgrade etcd, or write etcd.%s: %s into the spec", field, tag)
	}
	given, ok := r.written(pod)
	if !ok {
		return
	}
	verdicts := setting.JudgeEtcd(r.Resolved, there, given)
	if file := setting.EtcdFile(given); file != "" {
		for _, v := range verdicts {
			if v.Class != setting.Void { // a flag that etcd cannot parse
				r.setting(v, given)
			}
		}
		r.etcdFile(there, file)
		return
	}
	for _, v := range verdicts {
		if matters(v, verdicts, given) {
			r.setting(v, given)
		}
	}
}

// matters leaves out what is missing beside the switch: without that nothing else has an
// effect.
func matters(v setting.Verdict, verdicts []setting.Verdict, given []setting.Written) bool {
	return v.Class != setting.Missing || setting.EtcdTraces(verdicts, given) || setting.IsEtcdSwitch(v.Name)
}

// etcdFile judges the file of an etcd that passes over all its flags and variables.
func (r reporter) etcdFile(there setting.Etcd, file string) {
	text, ok := r.EtcdFiles[r.node]
	if !ok {
		r.add(Unseen, file, "the fields of etcd.ConfigFile", "not given", "Give the file's content %s, or look whether it has what etcd.ConfigFile returns: with it etcd passes over all its other flags and variables", r.contentAs("Process.ConfigFile"))
		return
	}
	fields, err := reader.EtcdConfigFile(text)
	if err != nil {
		r.add(RefusesToStart, file, "a configuration of etcd", "what cannot be read", "%s", setting.Sentence(err.Error()))
		return
	}
	verdicts, given := setting.JudgeEtcdFile(r.Resolved, there, fields)
	for _, v := range verdicts {
		if !matters(v, verdicts, given) {
			continue
		}
		name, have := v.Name, ""
		if v.At >= 0 {
			name, have = given[v.At].As, given[v.At].Value
		}
		r.report(v, file+" "+name, have)
	}
}

// written are the flags and variables of a pod's component. ok is false where they
// cannot be told, which is a finding.
func (r reporter) written(pod componentPod) (given []setting.Written, ok bool) {
	command, args := pod.container.Command, pod.container.Args
	if pod.onHost {
		for n, element := range slices.Concat(command, args) {
			if r.isDashless(element, n == 0) {
				r.add(Unseen, "arguments", "--"+element, element, "Write the dashes of each flag: kubeadm.Arg.String returns it with them, and kubeadm.ArgList without")
				return nil, false
			}
		}
	}
	arguments, ok := setting.ReadCommand(r.component, command, args)
	if !ok && !(pod.onHost && len(command)+len(args) == 0) { // a process without arguments has no flags
		list := "command"
		if pod.onHost {
			list = "Process.Args"
		}
		r.add(Unseen, "command", "the program "+string(r.component)+" with its flags", "a shell, or another program", "Look into it for the flags, or write the program and each of its flags as an element of %s: what a shell is given is not judged", list)
		return nil, false
	}
	for _, argument := range arguments {
		if argument.Kind == setting.Flag {
			given = append(given, argument.Written)
		}
	}
	return append(given, setting.Variables(pod.container.Env)...), true
}

// isDashless says whether an argument is a flag without its dashes, which would be no
// flag at all: one of tracing, or any that stands first, in the place of the program.
func (r reporter) isDashless(argument string, first bool) bool {
	name, _, with := strings.Cut(argument, "=")
	return with && (setting.IsFlag(r.component, name) || first && !strings.HasPrefix(name, "-") && !strings.Contains(name, "/"))
}

// setting reports a verdict of a flag or variable.
func (r reporter) setting(v setting.Verdict, given []setting.Written) {
	if v.At < 0 {
		r.report(v, setting.Written{Kind: setting.Flag, As: v.Name}.String(), "")
		return
	}
	w := given[v.At]
	right := setting.Written{Kind: w.Kind, As: v.Name}.String()
	if v.Name != "" && v.Name != w.Name && v.Value == w.Value { // only its spelling is wrong
		v.Value = right
	}
	have := w.Value
	if w.Elsewhere {
		have = "of valueFrom"
	}
	r.report(v, w.String(), have)
}
