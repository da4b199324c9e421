package edit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// etcd edits the part of a ClusterConfiguration about etcd.
func (d *document) etcd(fields map[string]any) {
	if d.NotGenerated(tracing.ComponentEtcd) != nil {
		return
	}
	spec := d.Spec().Etcd
	switch external := fields["external"] != nil; {
	case d.Remove && (external || spec.External):
		return
	case external && !spec.External:
		d.invalid([]any{"etcd", "external"}, fields["external"], "kubeadm does not run this etcd, and the spec says that it does: set etcd.external and etcd.version in the spec, and give etcd the flags of etcd.Args where it runs")
		return
	case !external && spec.External && d.part == whole && d.within == nil:
		d.invalid([]any{"etcd"}, "without external", "kubeadm runs this etcd, and the spec says that it does not: take etcd.external out of the spec")
		return
	case spec.External:
		return
	}
	local := d.child(fields, "local", "etcd")
	etcd := setting.EtcdOf(d.Resolved)
	if !d.Remove {
		d.etcdImageOf(local)
	}
	if tag := text(local["imageTag"]); spec.ImageTag == "" && tag != "" {
		etcd, _ = setting.EtcdAt(d.Resolved, tag)
	}
	if f, ok := d.readArgs(tracing.ComponentEtcd, local, []any{"etcd", "local", "extraArgs"}); ok {
		d.etcdSettings(etcd, f, local, []any{"etcd", "local", "extraEnvs"})
		put(local, "extraArgs", f.write())
	}
	keep(fields, "local", local)
}

// etcdImageOf edits the image of an etcd that kubeadm runs.
func (d *document) etcdImageOf(local map[string]any) {
	spec, path := d.Spec().Etcd, []any{"etcd", "local"}
	if spec.ImageTag == "" {
		d.etcdImage(appending(path, "imageTag"), text(local["imageTag"]))
	}
	for _, image := range [][2]string{{"imageRepository", spec.ImageRepository}, {"imageTag", spec.ImageTag}} {
		key, want := image[0], image[1]
		if want == "" {
			continue
		}
		if have := local[key]; d.From != "" && have != nil && have != want { // the upgrade's own change
			d.replace(proposal{path: appending(path, key), name: yamledit.Name(appending(path, key)), have: have, want: want})
			local[key] = want
		}
		d.value(local, path, tracing.ComponentEtcd, key, want, nil)
	}
}

// etcdImage refuses an image whose etcd does not take the flags of the spec. An etcd
// that takes them needs no word in the spec.
func (d *document) etcdImage(path []any, tag string) {
	if tag == "" {
		return
	}
	instead, spec := "take it out, or write an etcd that can be traced, here and as etcd.imageTag in the spec", d.Spec()
	if d.kind == "Pod" { // which needs an image
		instead = "write the image of one that can be traced"
	}
	names := "etcd.imageTag: " + tag
	if spec.Etcd.External {
		names = "its etcd.version"
	} else {
		spec.Etcd.ImageTag, spec.Etcd.Version = tag, ""
	}
	var invalid *tracing.InvalidSpecError
	if _, err := tracing.Resolve(spec); errors.As(err, &invalid) {
		d.invalid(path, tag, "this etcd cannot be traced as it is (%s): %s", details(invalid), instead)
		return
	}
	if there, _ := setting.EtcdAt(d.Resolved, tag); !there.TakesAllOf(d.Resolved) {
		d.invalid(path, tag, "the spec's flags are for %s, and this one takes others: write %s in the spec", setting.EtcdOf(d.Resolved), names)
	}
}

// details are what is wrong with a spec, without the paths and values of its fields.
func details(invalid *tracing.InvalidSpecError) string {
	var texts []string
	for _, problem := range invalid.Errors {
		texts = append(texts, problem.Detail)
	}
	return strings.Join(texts, "; ")
}

// etcdSettings edits etcd's flags, and the variables that stand for them at a path.
func (d *document) etcdSettings(etcd setting.Etcd, f *flags, fields map[string]any, envPath []any) {
	last := len(envPath) - 1
	env := d.list(fields, envPath[last].(string), envPath[:last]...)
	given := append(f.written(), readEnv(env)...)
	verdicts := setting.JudgeEtcd(d.Resolved, etcd, given)
	if at := slices.IndexFunc(verdicts, func(v setting.Verdict) bool { return v.Class == setting.Void }); at >= 0 {
		d.void(f, env, envPath, verdicts[at].At)
		return
	}
	gone := map[int]bool{}
	for _, v := range verdicts {
		if v.At < 0 || v.At >= len(f.all) {
			continue
		}
		have := f.all[v.At]
		p := proposal{path: f.where(have), name: f.label(have.As), have: have.value, component: tracing.ComponentEtcd, class: v.Class, cure: v.Cure}
		p.key, _ = setting.EtcdKey(have.Written)
		own := v.Value == have.Value
		switch {
		case d.Remove && v.Class == setting.Same:
			gone[v.At] = true
		case d.Remove:
			d.leave(p.path, p.name, have.value)
		case v.Name == "":
			d.replace(p)
			gone[v.At] = true
		case own && v.Name == have.Name && !isText(have.value) && have.value != nil:
			d.quote(f, v.At, p)
		case own && v.Name == have.Name:
		case own && d.part == merged && d.isWanted(p.key): // our patch has it
			p.want = fmt.Sprintf("--%s=%s", v.Name, v.Value)
			d.replace(p)
			gone[v.At] = true
		case own:
			p.want = fmt.Sprintf("--%s=%s", v.Name, v.Value)
			d.replace(p)
			f.change(v.At, v.Name, v.Value)
		case v.Settled():
		default:
			p.want = v.Value
			if d.conflict(p) {
				f.change(v.At, v.Name, v.Value)
			}
		}
	}
	for _, v := range verdicts {
		if v.At < 0 && !d.Remove && d.part == whole {
			d.add(proposal{path: f.path, name: f.label(v.Name), want: v.Value})
			f.add(v.Name, v.Value)
		}
	}
	if !d.Remove {
		d.environment(fields, tracing.ComponentEtcd, envPath, verdicts, len(given)-len(env))
	} else {
		d.leaveVariables(env, envPath)
	}
	f.drop(gone)
}

// isWanted says whether the spec sets a flag of etcd.
func (d *document) isWanted(key string) bool {
	return slices.ContainsFunc(setting.Of(d.Resolved, tracing.ComponentEtcd), func(s setting.Setting) bool { return s.Key == key })
}

// void finds what makes etcd pass over all its flags and variables, by its index among
// both. A removal leaves them, since it cannot tell what the file says.
func (d *document) void(f *flags, env []any, envPath []any, at int) {
	if d.Remove {
		for _, have := range f.all {
			if _, ours := setting.EtcdKey(have.Written); ours {
				d.leave(f.where(have), f.label(have.As), have.value)
			}
		}
		d.leaveVariables(env, envPath)
		return
	}
	var fields []string
	for _, s := range setting.Of(d.Resolved, tracing.ComponentEtcd) {
		fields = append(fields, fmt.Sprintf("%s: %v", s.Name, setting.EtcdFieldValue(s)))
	}
	p := Problem{Class: setting.Void, Message: "with it etcd passes over all its other flags and variables: take it out, or disable etcd in the spec for this document and write these fields into the file: " + strings.Join(fields, ", ")}
	if at < len(f.all) {
		have := f.all[at]
		p.Path, p.Setting, p.Value = f.where(have), f.label(have.As), shown(have.value)
	} else {
		at -= len(f.all)
		w := readEnv(env)[at]
		p.Path, p.Setting, p.Value = appending(envPath, at), "etcd "+w.Name, w.Value
		if w.Elsewhere {
			p.Value = elsewhere
		}
	}
	p.Path = d.at(p.Path)
	d.problem(p)
}

// leaveVariables notes the variables of etcd's tracing, which we never write.
func (d *document) leaveVariables(env []any, path []any) {
	for i, w := range readEnv(env) {
		if _, ours := setting.EtcdKey(w); ours {
			d.leave(appending(path, i), "etcd "+w.Name, w.Value)
		}
	}
}
