package check

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/etcd"
	"kubetrace/internal/staticpod"
	"kubetrace/tracing"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// etcd judges the pods of etcd on a control-plane node.
func (i *inspector) etcd(node *corev1.Node) {
	r := reporter{inspector: i, component: tracing.ComponentEtcd, node: node.Name}
	if i.options.HiddenControlPlane || i.NotGenerated(tracing.ComponentEtcd) != nil || i.Spec().Etcd.External {
		return
	}
	pods := r.componentPods()
	if len(pods) == 0 {
		r.noPod("Give it: kubectl get pods -A -o yaml. Where etcd does not run as a pod, set etcd.external in the spec, or say that the control plane is hidden (Options.HiddenControlPlane)")
	}
	for n, pod := range pods {
		before := len(i.findings)
		here := r.of(n, pod)
		tag := staticpod.TagOf(pod.container.Image)
		if want := i.Spec().Etcd.ImageTag; want != "" && tag != want {
			here.add(Stale, "image", want, quoted(tag), "Upgrade etcd, or change etcd.imageTag in the spec")
		}
		here.etcdFlags(tag, pod.container)
		here.running(pod, before)
	}
}

// etcdFlags judges the flags as the etcd that is there takes them.
func (r reporter) etcdFlags(tag string, container *corev1.Container) {
	flags := flagsOf(tracing.ComponentEtcd, container)
	env := map[string]string{}
	for _, e := range container.Env {
		env[e.Name] = e.Value
	}
	// What to write depends on the etcd that is there.
	there, known := tracing.EtcdReleaseOf(tag)
	if !known {
		there = r.EtcdRelease()
		r.add(Unseen, "image", "an etcd whose version is its tag", quoted(container.Image), "It is judged as etcd %s or later of the spec: see which it is, and write it into the spec as etcd.imageTag or etcd.version", there.From)
	}
	prefix := there.FlagPrefix
	wanted := map[string]string{}
	for _, arg := range etcd.ArgsFor(r.Resolved) {
		name := strings.TrimPrefix(arg.Name, r.EtcdRelease().FlagPrefix)
		if strings.HasSuffix(name, "sampling-rate") && !there.SamplingRateFlag {
			r.add(Stale, "image", "an etcd that takes a rate", quoted(tag), "Upgrade etcd, or write etcd.imageTag: %s into the spec", tag)
			continue
		}
		wanted[name] = arg.Value
	}
	for _, name := range []string{"config-file", "ETCD_CONFIG_FILE"} {
		if file := flags[name] + env[name]; file != "" {
			r.add(Unseen, name, "flags", file, "Look into the file for what etcd.ConfigFile says: with it, etcd passes over all its other flags and variables")
		}
	}
	have := map[string]string{}    // by the name without a prefix
	written := map[string]string{} // how it is there
	for _, name := range slices.Sorted(maps.Keys(flags)) {
		spelling, rest, ok := staticpod.EtcdTracing(name)
		if !ok {
			continue
		}
		accepts, sure := tracing.EtcdAccepts(tag, name)
		if !sure {
			accepts = spelling == prefix
		}
		if !accepts {
			right := ""
			if _, ours := wanted[rest]; ours && spelling != prefix {
				right = "--" + prefix + rest
			}
			r.notAccepted("--"+name, flags[name], right, tag)
		} else if first, twice := written[rest]; twice {
			r.add(RefusesToStart, "--"+name, "one spelling", "given as "+first+" too", "Take one out: etcd does not start with both")
		}
		have[rest], written[rest] = flags[name], "--"+name
	}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		plain, isFlag := staticpod.EtcdFlagOf(name)
		spelling, rest, ok := staticpod.EtcdTracing(plain)
		if !isFlag || !ok {
			continue
		}
		switch accepts, known := tracing.EtcdAccepts(tag, plain); {
		case flags[plain] != "":
			r.add(RefusesToStart, name, "a flag or a variable", "given as --"+plain+" too", "Take the variable out: etcd ends itself where a setting is in both")
		case known && !accepts && spelling != prefix:
			r.add(NoTraces, name, "--"+prefix+rest, env[name], "Write it as the flag --%s%s: etcd %s passes over this variable", prefix, rest, tag)
		default:
			have[rest], written[rest] = env[name], name
		}
	}
	r.etcdValues(wanted, have, written, prefix)
}

// notAccepted finds a flag that the etcd that is there does not have, and may have in
// its right spelling.
func (r reporter) notAccepted(flag, value, right, tag string) {
	if right != "" {
		r.add(RefusesToStart, flag, right, value, "Write it as %s: this etcd (%s) does not have the flag", right, quoted(tag))
		return
	}
	r.add(RefusesToStart, flag, "nothing", value, "Take it out: this etcd (%s) does not have the flag", quoted(tag))
}

func (r reporter) etcdValues(wanted, have, written map[string]string, prefix string) {
	on, _ := strconv.ParseBool(have["enable-distributed-tracing"])
	if !on {
		r.add(NoTraces, "--"+prefix+"enable-distributed-tracing", "true", quoted(have["enable-distributed-tracing"]), "Write the flag: etcd is not traced")
		return // nothing else has an effect
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		setting := "--" + prefix + name
		if text := written[name]; text != "" {
			setting = text
		}
		value, there := have[name]
		switch {
		case name == "enable-distributed-tracing":
		case strings.HasSuffix(name, "address"):
			r.endpoint(setting, value)
		case strings.HasSuffix(name, "sampling-rate"):
			var got *int32
			if n, err := strconv.ParseInt(value, 10, 32); err == nil && n >= 0 && n <= 1_000_000 {
				n := int32(n)
				got = &n
			} else if there {
				r.add(RefusesToStart, setting, wanted[name], value, "Write a whole number from 0 to 1000000")
				continue
			}
			want, _ := r.EtcdSamplingRate()
			r.rate(setting, got, want)
		case !there && strings.HasSuffix(name, "service-name") && wanted[name] == "etcd": // its default
		case value != wanted[name]:
			r.add(Stale, setting, wanted[name], quoted(value), "Write %s, or change the spec", wanted[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		_, want := wanted[name]
		// An ID of each member, which the spec cannot say, is somebody's own, and so is
		// a rate where not every etcd of the spec takes one.
		own := strings.HasSuffix(name, "instance-id") || strings.HasSuffix(name, "sampling-rate")
		if !want && name != "enable-distributed-tracing" && !own {
			r.add(Stale, written[name], "nothing", have[name], "Take it out, or write it in the spec")
		}
	}
}
