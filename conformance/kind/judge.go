package kubetrace

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sigs.k8s.io/kind/pkg/cluster/kubetrace/engine"
	"sigs.k8s.io/yaml"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// kubeadmConf is where kind writes what kubeadm reads.
const kubeadmConf = "/kind/kubeadm.conf"

const (
	controlPlane = "control-plane"
	worker       = "worker"
)

// judgement collects what is wrong with a result.
type judgement struct {
	*result
	want     settings // what kubetrace has to add to the documents
	tracing  string   // the text of kube-apiserver's file, empty where it has none
	problems []string
}

func (j *judgement) problem(format string, args ...any) {
	j.problems = append(j.problems, fmt.Sprintf(format, args...))
}

// judge compares what kind did with kubetrace's cluster with what it did without:
// there has to be what tracing needs, and nothing else may differ.
func judge(r *result) ([]string, error) {
	j := &judgement{result: r}
	var err error
	if j.want, err = wanted(r.Resolved); err != nil {
		return nil, err
	}
	if r.Resolved.NotGenerated(tracing.ComponentAPIServer) == nil {
		// As it was generated, not as it may be on the disk.
		text, err := tracing.Marshal(apiserver.TracingConfigurationFor(r.Resolved))
		if err != nil {
			return nil, err
		}
		j.tracing = string(text)
	}
	j.order()
	names := func(record *engine.Record) (all []string) {
		for _, c := range record.Containers {
			all = append(all, c.Name+" of "+c.Image)
		}
		return append(all, record.Pulled...)
	}
	if with, without := names(r.With), names(r.Without); !slices.Equal(with, without) {
		j.problem("kind makes %q, and %q without kubetrace", with, without)
		return j.problems, nil
	}
	for i, with := range r.With.Containers {
		j.mounts(with, r.Without.Containers[i])
		j.files(with, r.Without.Containers[i])
	}
	return j.problems, nil
}

// wanted are the settings that kubetrace has to add, by its typed outputs.
func wanted(r tracing.Resolved) (settings, error) {
	s := settings{}
	for at, args := range map[string][]kubeadm.Arg{
		"ClusterConfiguration.apiServer.extraArgs.":  apiserver.ArgsFor(r),
		"ClusterConfiguration.etcd.local.extraArgs.": etcd.ArgsFor(r),
	} {
		for _, arg := range args {
			if err := s.addArg(at+arg.Name, arg.Value); err != nil {
				return nil, err
			}
		}
	}
	if tag := r.Spec().Etcd.ImageTag; tag != "" {
		s["ClusterConfiguration.etcd.local.imageTag"] = tag
	}
	if r.NotGenerated(tracing.ComponentAPIServer) == nil {
		file := r.Spec().APIServer.ConfigFile
		maps.Copy(s, settings{
			"ClusterConfiguration.apiServer.extraVolumes.tracing-config.name":      "tracing-config",
			"ClusterConfiguration.apiServer.extraVolumes.tracing-config.hostPath":  file,
			"ClusterConfiguration.apiServer.extraVolumes.tracing-config.mountPath": file,
			"ClusterConfiguration.apiServer.extraVolumes.tracing-config.readOnly":  "true",
			"ClusterConfiguration.apiServer.extraVolumes.tracing-config.pathType":  "File",
		})
	}
	if config := kubelet.ConfigurationFor(r); config != nil {
		text, err := tracing.Marshal(config)
		if err != nil {
			return nil, err
		}
		var document map[string]any
		if err := yaml.Unmarshal(text, &document); err != nil {
			return nil, err
		}
		delete(document, "apiVersion")
		delete(document, "kind")
		return s, s.add("KubeletConfiguration", document, "")
	}
	return s, nil
}

// order looks at when kind gave its commands: kubeadm has to find its file on
// every node, and to run once on each.
func (j *judgement) order() {
	written, ran := map[string]bool{}, map[string]string{}
	for _, call := range j.With.Calls {
		switch {
		case call.Args[0] == "rm":
			j.problem("kind removed nodes: %q", call.Args)
		case call.Args[0] != "exec":
			continue
		}
		at := slices.IndexFunc(call.Args, func(arg string) bool { return arg == "kubeadm" || arg == "cp" })
		if at < 1 {
			continue
		}
		node, command := call.Args[at-1], strings.Join(call.Args[at:], " ")
		switch {
		case command == "cp /dev/stdin "+kubeadmConf:
			if written[node] {
				j.problem("%s: kind wrote %s twice", node, kubeadmConf)
			}
			written[node] = true
		case strings.HasPrefix(command, "kubeadm "):
			if ran[node] != "" {
				j.problem("%s: kubeadm ran twice", node)
			}
			ran[node] = call.Args[at+1]
			if call.Args[at+1] == "init" {
				for _, c := range j.With.Containers {
					if isNode(c) && !written[c.Name] {
						j.problem("%s: %s is not there when kubeadm init runs", c.Name, kubeadmConf)
					}
				}
			}
		}
	}
	for _, c := range j.With.Containers {
		want := "join"
		switch {
		case !isNode(c):
			want = ""
		case c == first(j.With):
			want = "init"
		}
		if ran[c.Name] != want {
			j.problem("%s: kind ran kubeadm %q, want %q", c.Name, ran[c.Name], want)
		}
	}
}

func isNode(c *engine.Container) bool { return c.Role() == controlPlane || c.Role() == worker }

// first is the node where kubeadm init runs; kind takes the first control plane
// by name.
func first(r *engine.Record) *engine.Container {
	for _, c := range r.Containers {
		if c.Role() == controlPlane {
			return c
		}
	}
	return nil
}

// hostPort is the port that kind finds free at that moment.
var hostPort = regexp.MustCompile(`^(--publish=.*:)\d+:6443/`)

// mounts compares the arguments that make a container. On control planes there
// is one mount more, of kube-apiserver's file.
func (j *judgement) mounts(with, without *engine.Container) {
	clean := func(args []string) []string {
		args = slices.Clone(args)
		for i, arg := range args {
			args[i] = hostPort.ReplaceAllString(arg, "${1}PORT:6443/")
		}
		return args
	}
	args, want := clean(with.Args), clean(without.Args)
	file := j.Resolved.Spec().APIServer.ConfigFile
	if j.tracing != "" && with.Role() == controlPlane {
		hostDir := j.HostDir
		if !filepath.IsAbs(hostDir) {
			hostDir = filepath.Join(j.Dir, hostDir)
		}
		mount := "--volume=" + path.Join(hostDir, "apiserver/tracing-config.yaml") + ":" + file + ":ro"
		before := len(args)
		args = slices.DeleteFunc(args, func(arg string) bool { return arg == mount })
		if len(args) != before-1 {
			j.problem("%s: run has %d times %s", with.Name, before-len(args), mount)
		}
		j.opens(with, file)
	}
	if !slices.Equal(args, want) {
		j.problem("%s: run beside that is\n %q, and without kubetrace\n %q", with.Name, args, want)
	}
}

// opens looks for the file where kube-apiserver will: from its flag through the
// volume of its pod to the node and the host.
func (j *judgement) opens(c *engine.Container, file string) {
	for _, m := range c.Mounts {
		if m.Container == file && m.Found != "file" {
			j.problem("%s: the host has this at %s, of which Docker makes a folder unless it is there: %s", c.Name, m.Host, m.Found)
		}
	}
	conf, err := c.File(kubeadmConf)
	if err != nil {
		j.problem("%s: %s", c.Name, err)
		return
	}
	s, err := readSettings(string(conf))
	if err != nil {
		return // documents says so
	}
	flag := s["ClusterConfiguration.apiServer.extraArgs.tracing-config-file"]
	onNode := ""
	for at, value := range s {
		volume, field, _ := cutLast(at)
		if strings.HasPrefix(at, "ClusterConfiguration.apiServer.extraVolumes.") && field == "mountPath" && value == flag {
			onNode = s[volume+".hostPath"]
		}
	}
	text, err := c.File(onNode)
	switch {
	case err != nil:
		j.problem("%s: kube-apiserver reads %s, of the node's %q: %s", c.Name, flag, onNode, err)
	case string(text) != j.tracing:
		j.problem("%s: kube-apiserver reads %s, which is not its file:\n%s", c.Name, flag, text)
	}
}

// files compares what kind wrote into a container.
func (j *judgement) files(with, without *engine.Container) {
	names := maps.Clone(with.Files)
	maps.Copy(names, without.Files)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		text, there := with.Files[name]
		before, was := without.Files[name]
		switch {
		case there != was:
			j.problem("%s: %s is there: %t, and without kubetrace: %t", with.Name, name, there, was)
		case name == kubeadmConf:
			j.documents(with.Name, text, before)
		case text != before:
			j.problem("%s: %s is\n%s, and without kubetrace\n%s", with.Name, name, text, before)
		}
	}
}

// documents compares kubeadm's documents, setting by setting.
func (j *judgement) documents(node, with, without string) {
	got, err := readSettings(with)
	if err != nil {
		j.problem("%s: %s", node, err)
		return
	}
	base, err := readSettings(without)
	if err != nil {
		j.problem("%s, without kubetrace: %s", node, err)
		return
	}
	want := maps.Clone(base)
	maps.Copy(want, j.want)
	for _, at := range slices.Sorted(maps.Keys(want)) {
		if value, there := got[at]; !there {
			j.problem("%s: there is no %s, want %q", node, at, want[at])
		} else if value != want[at] {
			j.problem("%s: %s is %q, want %q", node, at, value, want[at])
		}
	}
	for _, at := range slices.Sorted(maps.Keys(got)) {
		if _, wanted := want[at]; !wanted {
			j.problem("%s: there is %s, %q, of which nobody spoke", node, at, got[at])
		}
	}
}
