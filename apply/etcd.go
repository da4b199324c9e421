package apply

import (
	"fmt"
	"slices"
	"strings"

	"kubetrace/etcd"
	"kubetrace/internal/staticpod"
	"kubetrace/tracing"
)

// localEtcd edits the part of a ClusterConfiguration about etcd.
func (d *document) localEtcd(fields map[string]any) {
	if d.NotGenerated(tracing.ComponentEtcd) != nil {
		return
	}
	spec := d.Spec().Etcd
	switch external := fields["external"] != nil; {
	case d.remove && (external || spec.External):
		return
	case external && !spec.External:
		d.invalid("etcd.external", "{…}", "kubeadm does not run this etcd, and the spec says that it does: set etcd.external and etcd.version in the spec, and give etcd the flags of etcd.Args where it runs")
		return
	case !external && spec.External && !d.patch:
		d.invalid("etcd", "without external", "kubeadm runs this etcd, and the spec says that it does not: take etcd.external out of the spec")
		return
	case spec.External:
		return
	}
	local := d.child(fields, "local", "etcd")
	if !d.remove {
		tag, _ := local["imageTag"].(string)
		if spec.ImageTag == "" {
			d.etcdImage("etcd.local.imageTag", tag)
		}
		for _, image := range [][2]string{{"imageRepository", spec.ImageRepository}, {"imageTag", spec.ImageTag}} {
			if have := local[image[0]]; image[1] != "" && d.From != "" && have != nil && have != image[1] {
				d.replace([]any{"etcd", "local", image[0]}, "etcd.local."+image[0], have, image[1])
				local[image[0]] = image[1]
			}
			if image[1] != "" {
				d.value(local, []any{"etcd", "local"}, image[0], "etcd.local."+image[0], image[1])
			}
		}
	}
	path := []any{"etcd", "local", "extraArgs"}
	f, err := readFlags(tracing.ComponentEtcd, local["extraArgs"], d.form())
	if err != nil {
		d.invalid("etcd.local.extraArgs", local["extraArgs"], "%s", err)
		return
	}
	d.etcdFlags(&f, path)
	put(local, "extraArgs", f.write())
	if env, ok := local["extraEnvs"].([]any); ok {
		put(local, "extraEnvs", anyList(d.etcdEnv(env, []any{"etcd", "local", "extraEnvs"})))
	}
	keep(fields, "local", local)
}

// anyList is a list, or nil where it is empty.
func anyList(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// etcdImage refuses an image whose etcd takes other flags than those of the spec.
func (d *document) etcdImage(setting, tag string) {
	if tag == "" {
		return
	}
	spec := d.Spec()
	spec.Etcd.ImageTag, spec.Etcd.Version = tag, ""
	r, err := tracing.Resolve(spec)
	if err == nil && slices.Equal(etcd.ArgsFor(r), etcd.ArgsFor(d.Resolved)) {
		return
	}
	if err != nil {
		d.invalid(setting, tag, "the spec names no such etcd, which cannot be traced as it is (%s): take it out, or write an etcd that can be traced, here and as etcd.imageTag in the spec", err)
		return
	}
	d.invalid(setting, tag, "the spec names no such etcd, and etcd's flags depend on it: write etcd.imageTag: %s in the spec, or take it out", tag)
}

// etcdFlags edits etcd's flags. Those in the spelling of another etcd go: etcd does
// not start with both.
func (d *document) etcdFlags(f *flags, path []any) {
	want := etcd.ArgsFor(d.Resolved)
	prefix := d.EtcdRelease().FlagPrefix
	rate := d.EtcdRelease().SamplingRateFlag
	wanted := func(name string) bool {
		return slices.ContainsFunc(want, func(a kubeadmArg) bool { return a.Name == name })
	}
	for i := 0; i < len(f.all); i++ {
		have := f.all[i]
		_, rest, ok := staticpod.EtcdTracing(have.name)
		if !ok || wanted(have.name) {
			continue
		}
		setting, at := "etcd --"+have.name, f.path(path, have)
		right := prefix + rest
		var now any
		for _, arg := range want {
			if arg.Name == right {
				now = arg.Value
			}
		}
		switch {
		case d.remove:
			d.leave(at, setting, have.value)
			continue
		case right != have.name && now == nil && strings.HasSuffix(right, "instance-id"):
			now = have.value // somebody's own, of which only the spelling changes
		case right == have.name && (rate || !strings.HasSuffix(right, "sampling-rate")):
			continue // somebody's own, which this etcd takes
		}
		if now == nil || f.names(right) {
			d.replace(at, setting, have.value, nil)
			f.drop(i)
			i--
			continue
		}
		if shown(have.value) == shown(now) {
			d.replace(at, setting, have.value, fmt.Sprintf("--%s=%v", right, now))
		} else if !d.conflict(at, setting, have.value, now) {
			continue
		}
		if d.patch && wanted(right) { // kind.Cluster writes it
			f.drop(i)
			i--
			continue
		}
		f.change(i, right, now)
	}
	for _, arg := range want {
		d.settle(f, path, "etcd", arg.Name, arg.Value)
	}
}

// etcdEnv takes out variables of tracing that are flags of ours: etcd ends where a
// setting is both.
func (d *document) etcdEnv(env []any, path []any) []any {
	want := etcd.ArgsFor(d.Resolved)
	var kept []any
	for i, element := range env {
		fields, _ := element.(map[string]any)
		name, _ := fields["name"].(string)
		flag, isFlag := staticpod.EtcdFlagOf(name)
		_, rest, ofTracing := staticpod.EtcdTracing(flag)
		if !isFlag || !ofTracing {
			kept = append(kept, element)
			continue
		}
		at, setting, have := with(path, i), "etcd "+name, fields["value"]
		if fields["valueFrom"] != nil {
			have = "of valueFrom"
		}
		right := d.EtcdRelease().FlagPrefix + rest
		wanted := slices.IndexFunc(want, func(a kubeadmArg) bool { return a.Name == right })
		switch {
		case d.remove:
			d.leave(at, setting, have)
			kept = append(kept, element)
		case wanted >= 0 && shown(have) != want[wanted].Value:
			if !d.conflict(at, setting, have, want[wanted].Value) {
				kept = append(kept, element)
			}
		case wanted >= 0, strings.HasSuffix(right, "sampling-rate") && !d.EtcdRelease().SamplingRateFlag:
			d.replace(at, setting, have, nil)
		default: // somebody's own, of which only the spelling may change
			if spelt := staticpod.EtcdVariableOf(right); spelt != name {
				d.replace(at, setting, have, spelt)
				fields = copied(fields)
				fields["name"] = spelt
			}
			kept = append(kept, fields)
		}
	}
	return kept
}
