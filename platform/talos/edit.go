package talos

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/apiserver"
	"kubetrace/backend"
	"kubetrace/collector"
	"kubetrace/containerd"
	"kubetrace/gateway"
	"kubetrace/internal/edit"
	"kubetrace/internal/setting"
	"kubetrace/internal/yamledit"
	"kubetrace/tracing"
)

// editor edits machine configurations for one spec.
type editor struct {
	r      tracing.Resolved
	o      Options
	row    Release
	etcd   string // that of Talos
	remove bool
	places
	problems field.ErrorList
}

// machine edits a configuration and, where it is not nil, the variables of its document
// EnvironmentConfig.
func (e *editor) machine(tree, variables map[string]any, controlPlane bool) {
	e.environment(tree, variables)
	if controlPlane {
		if e.has(tracing.ComponentAPIServer) {
			e.apiServer(e.sub(tree, "cluster", "apiServer"))
			e.file(e.sub(tree, "machine"))
		}
		if e.has(tracing.ComponentEtcd) {
			e.etcdProcess(tree, variables)
		}
		if !e.o.WithoutManifests || e.remove {
			e.manifests(e.sub(tree, "cluster"))
		}
	}
	e.kubelet(tree)
	e.clean()
}

func (e *editor) has(c tracing.Component) bool { return e.r.NotGenerated(c) == nil }

// problem collects what is wrong with a value, once: two judges may find the same.
func (e *editor) problem(where *field.Path, p edit.Problem) { e.invalid(where, p.Value, message(p)) }

func (e *editor) invalid(where *field.Path, value any, message string) {
	found := field.Invalid(where, value, message)
	if !slices.ContainsFunc(e.problems, func(p *field.Error) bool { return p.Field == found.Field && p.BadValue == found.BadValue }) {
		e.problems = append(e.problems, found)
	}
}

// conflict says whether to put the spec's value in the place of another.
func (e *editor) conflict(where *field.Path, have any, want string) bool {
	if !e.o.Overwrite {
		e.invalid(where, have, "the spec says "+want+": take it out, or change the spec")
	}
	return e.o.Overwrite
}

// apiServer edits the flags, variables and volumes of kube-apiserver.
func (e *editor) apiServer(fields map[string]any) {
	where := at("cluster", "apiServer")
	image := textOf(fields["image"])
	if image == "" {
		image = "kube-apiserver:v" + e.r.KubernetesMinor() + ".0"
	}
	e.edit(process{component: tracing.ComponentAPIServer, image: image, at: where,
		args: e.sub(fields, "extraArgs"), env: e.sub(fields, "env"),
		atEnvironment: func(name string) *field.Path { return where.Child("env").Key(name) }})
	e.volumes(fields, where.Child("extraVolumes"))
}

// folderOf is the folder of the tracing file, which is mounted as a whole: where a
// configuration is taken over without a reboot, a folder is made, and the file is written
// into it by the next one. In the place of a missing file a folder would be made too.
func folderOf(file string) string { return path.Dir(file) }

// volumes has the folder of the tracing file mounted.
func (e *editor) volumes(fields map[string]any, where *field.Path) {
	file := e.r.Spec().APIServer.ConfigFile
	ours := map[string]any{"hostPath": folderOf(file), "mountPath": folderOf(file), "readonly": true}
	all := list(fields, "extraVolumes")
	var mounts []setting.Mount
	for _, element := range all {
		volume, _ := element.(map[string]any)
		mounts = append(mounts, setting.Mount{Name: fmt.Sprint(len(mounts)), HostPath: textOf(volume["hostPath"]), MountPath: textOf(volume["mountPath"])})
	}
	if e.remove {
		all = slices.DeleteFunc(slices.Clone(all), func(element any) bool {
			volume, _ := element.(map[string]any)
			return fmt.Sprint(volume) == fmt.Sprint(ours)
		})
		putList(fields, "extraVolumes", all)
		return
	}
	m, shown := setting.MountOf(file, mounts)
	switch {
	case !shown:
		fields["extraVolumes"] = append(slices.Clone(all), ours)
	case m.Serves(file):
	default:
		i := slices.Index(mounts, m)
		if path.Clean(m.MountPath) != folderOf(file) {
			e.invalid(where.Index(i).Child("hostPath"), m.HostPath, "kube-apiserver sees "+m.Host(file)+" at "+file+": write "+m.MountPath+", or another apiServer.configFile into the spec")
		} else if e.conflict(where.Index(i).Child("hostPath"), m.HostPath, folderOf(file)) {
			all = slices.Clone(all)
			all[i] = ours
			fields["extraVolumes"] = all
		}
	}
}

// file has kube-apiserver's tracing file written.
func (e *editor) file(machine map[string]any) {
	name := e.r.Spec().APIServer.ConfigFile
	all, where := slices.Clone(list(machine, "files")), at("machine", "files")
	content, err := tracing.Marshal(apiserver.TracingConfigurationFor(e.r))
	if err != nil {
		e.problems = append(e.problems, field.InternalError(where, err))
		return
	}
	ours := map[string]any{"path": name, "op": "create", "permissions": &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "0o644"}, "content": string(content)}
	i := slices.IndexFunc(all, func(element any) bool {
		file, _ := element.(map[string]any)
		return path.Clean(textOf(file["path"])) == name
	})
	switch {
	case i < 0 && !e.remove:
		machine["files"] = append(all, ours)
	case i < 0:
	default:
		file, _ := all[i].(map[string]any)
		same := e.sameFile(file, string(content), where.Index(i))
		switch {
		case e.remove && same:
			putList(machine, "files", slices.Delete(all, i, i+1))
		case !e.remove && !same && e.o.Overwrite:
			all[i] = ours
			machine["files"] = all
		}
	}
}

// sameFile says whether a file that is there is kube-apiserver's, and finds what is not as
// the spec says.
func (e *editor) sameFile(file map[string]any, content string, where *field.Path) bool {
	same := true
	differs := func(key string, have any, want string) {
		same = false
		if !e.remove {
			e.conflict(where.Child(key), have, want)
		}
	}
	if op := textOf(file["op"]); op != "create" {
		differs("op", op, "create")
	}
	if mode, _ := file["permissions"].(int); mode&0o004 == 0 {
		differs("permissions", fmt.Sprintf("0o%o", mode), "0o644, since kube-apiserver does not run as root")
	}
	have := textOf(file["content"])
	if have == content {
		return same
	}
	var tree map[string]any
	if err := yaml.Unmarshal([]byte(have), &tree); err != nil || textOf(tree["kind"]) != "TracingConfiguration" {
		differs("content", "", "its TracingConfiguration, and this is another file")
		return same
	}
	_, report, _ := edit.Document(e.r, tree, edit.Options{})
	for _, problem := range report.Problems {
		same = false
		if !e.remove && !e.o.Overwrite {
			problem.Message = strings.TrimSpace(problem.Message)
			e.problem(pathOf(where.Child("content"), problem.Path), problem)
		}
	}
	for _, change := range append(report.Added, report.Replaced...) {
		differs("content", yamledit.Name(change.Path)+": "+change.Old, yamledit.Name(change.Path)+": "+change.New)
	}
	return same
}

// etcdProcess edits the flags of etcd, and the variables of the node, which it gets too.
func (e *editor) etcdProcess(tree, variables map[string]any) {
	fields := e.sub(tree, "cluster", "etcd")
	where := at("cluster", "etcd")
	spec := e.r.Spec().Etcd
	image := textOf(fields["image"])
	if image == "" {
		image = "etcd:v" + spec.Version
		if talos, _ := setting.EtcdAt(e.r, "v"+e.etcd); !e.remove && !talos.TakesAllOf(e.r) {
			e.invalid(where.Child("image"), "", "the spec says etcd "+spec.Version+", and this Talos runs "+e.etcd+", which takes other flags: write the image of the spec's etcd, or take etcd.version out of the spec")
			return
		}
	}
	machineEnv := e.sub(tree, "machine", "env")
	env := map[string]any{}
	for _, from := range []map[string]any{machineEnv, variables} {
		for name, value := range from {
			env[name] = value
		}
	}
	before := sortedKeys(env)
	atEnvironment := func(name string) *field.Path {
		if _, ok := variables[name]; ok {
			return at(environmentKind, "variables").Key(name)
		}
		return at("machine", "env").Key(name)
	}
	e.edit(process{component: tracing.ComponentEtcd, image: image, args: e.sub(fields, "extraArgs"), env: env, at: where, atEnvironment: atEnvironment})
	if ca, there := fields["ca"]; e.remove && there && ca == nil && len(fields) <= 2 {
		delete(fields, "ca") // as it is printed where nobody wrote it
	}
	target := machineEnv
	if len(machineEnv) == 0 && variables != nil {
		target = variables
	}
	for _, name := range before {
		if _, stays := env[name]; !stays {
			delete(machineEnv, name)
			delete(variables, name)
		}
	}
	for name, value := range env {
		switch {
		case variables[name] != nil:
			variables[name] = value
		case machineEnv[name] != nil:
			machineEnv[name] = value
		default:
			target[name] = value
		}
	}
}

// kubelet edits the fields of the kubelet's configuration, and its flag of gates.
func (e *editor) kubelet(tree map[string]any) {
	fields, where := e.sub(tree, "machine", "kubelet"), at("machine", "kubelet")
	if tag := setting.TagOf(textOf(fields["image"])); tag != "" && !e.remove && e.has(tracing.ComponentKubelet) {
		if err := e.r.CheckNodeVersion(tag, false); err != nil {
			e.invalid(where.Child("image"), textOf(fields["image"]), err.Error())
		}
	}
	e.kubeletArgs(e.sub(fields, "extraArgs"))
	config := e.sub(fields, "extraConfig")
	document := map[string]any{"apiVersion": kubeletv1beta1.SchemeGroupVersion.String(), "kind": "KubeletConfiguration"}
	for key, value := range config {
		if key != "apiVersion" && key != "kind" { // which machinery refuses
			document[key] = value
		}
	}
	edited, report, _ := edit.Document(e.r, document, edit.Options{Overwrite: e.o.Overwrite, Remove: e.remove})
	for _, problem := range report.Problems {
		e.problem(pathOf(where.Child("extraConfig"), problem.Path), problem)
	}
	if len(report.Problems) > 0 {
		return
	}
	for key := range document {
		if _, stays := edited[key]; !stays {
			delete(config, key)
		}
	}
	for key, value := range edited {
		if key != "apiVersion" && key != "kind" {
			config[key] = value
		}
	}
}

// pathOf is a path within a place.
func pathOf(where *field.Path, steps []any) *field.Path {
	for _, step := range steps {
		switch step := step.(type) {
		case int:
			where = where.Index(step)
		case string:
			where = where.Child(step)
		}
	}
	return where
}

// environmentKind is the kind of the document of the node's variables.
const environmentKind = "EnvironmentConfig"

// environment edits the variables of the node. variables are those of its document, or nil
// where this Talos has none.
func (e *editor) environment(tree, variables map[string]any) {
	env := e.sub(tree, "machine", "env")
	written := func(name string) (map[string]any, *field.Path) {
		if _, there := env[name]; there || variables == nil {
			return env, at("machine", "env").Key(name)
		}
		return variables, at(environmentKind, "variables").Key(name)
	}
	if e.r.ContainerdVariables() {
		for _, want := range containerd.EnvFor(e.r) {
			at, where := written(want.Name)
			switch have, there := at[want.Name]; {
			case e.remove && textOf(have) == want.Value:
				delete(at, want.Name)
			case e.remove:
			case !there, textOf(have) != want.Value && e.conflict(where, have, want.Value):
				at[want.Name] = want.Value
			}
		}
	}
	if e.remove || !e.has(tracing.ComponentKubelet) && !e.has(tracing.ComponentEtcd) {
		return
	}
	var given []setting.Written
	for _, from := range []map[string]any{env, variables} {
		for _, name := range sortedKeys(from) {
			given = append(given, setting.Written{Kind: setting.Variable, Name: name, As: name, Value: textOf(from[name])})
		}
	}
	for _, v := range setting.JudgeVariables(given) {
		from, where := written(given[v.At].Name)
		if e.o.Overwrite {
			delete(from, given[v.At].Name)
			continue
		}
		e.invalid(where, given[v.At].Value, setting.Clause(v.Cure))
	}
}

// manifests has the objects of the collector, the gateway and the backend created.
func (e *editor) manifests(cluster map[string]any) {
	all := slices.Clone(list(cluster, "inlineManifests"))
	for _, m := range manifestsOf(e.r) {
		i := slices.IndexFunc(all, func(element any) bool {
			fields, _ := element.(map[string]any)
			return textOf(fields["name"]) == m.name
		})
		contents, err := stream(m.objects)
		if err != nil {
			e.problems = append(e.problems, field.InternalError(at("cluster", "inlineManifests"), err))
			return
		}
		ours := map[string]any{"name": m.name, "contents": contents}
		if i < 0 {
			if !e.remove && len(m.objects) > 0 {
				all = append(all, ours)
			}
			continue
		}
		// A name of ours may be another spec's, or hold what somebody has changed.
		fields, _ := all[i].(map[string]any)
		where := at("cluster", "inlineManifests").Index(i).Child("contents")
		switch same := textOf(fields["contents"]) == contents; {
		case e.remove && same:
			all = slices.Delete(all, i, i+1)
		case !e.remove && !same && len(m.objects) > 0 && e.conflict(where, m.name, "other objects"):
			all[i] = ours
		}
	}
	putList(cluster, "inlineManifests", all)
}

// manifest is one inline manifest.
type manifest struct {
	name    string
	objects []runtime.Object
}

func manifestsOf(r tracing.Resolved) []manifest {
	return []manifest{
		{"kubetrace-collector", collector.ObjectsFor(r)},
		{"kubetrace-gateway", gateway.ObjectsFor(r)},
		{"kubetrace-backend", backend.ObjectsFor(r)},
	}
}

// stream prints objects as kubectl reads them.
func stream(objects []runtime.Object) (string, error) {
	texts := make([]string, len(objects))
	for i, object := range objects {
		text, err := tracing.Marshal(object)
		if err != nil {
			return "", err
		}
		texts[i] = string(text)
	}
	return strings.Join(texts, "---\n"), nil
}
