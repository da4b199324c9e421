package kubeadm

import (
	"errors"
	"fmt"
	"regexp"
	"slices"

	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/tracing"
)

// The versions of kubeadm's API that Marshal writes. tracing.Release says which
// one a release reads.
const (
	V1Beta3 = "kubeadm.k8s.io/v1beta3"
	V1Beta4 = "kubeadm.k8s.io/v1beta4"
)

// form is how a version of the API writes what differs between versions.
type form struct {
	apiVersion string
	listArgs   bool // extraArgs are a list and extraEnvs exist
}

// forms are the ways to write a document. Without apiVersion it is a patch for
// kind, which reads maps whatever the node's release.
var forms = []form{{V1Beta3, false}, {V1Beta4, true}, {"", false}}

func formOf(apiVersion string) (form, error) {
	i := slices.IndexFunc(forms, func(f form) bool { return f.apiVersion == apiVersion })
	if i < 0 {
		return form{}, fmt.Errorf("kubeadm API version %q is not known: write %q (Kubernetes up to 1.30), %q (from 1.31 on) or %q (a patch for kind)", apiVersion, V1Beta3, V1Beta4, "")
	}
	return forms[i], nil
}

// Marshal returns the patch as kubeadm documents: a ClusterConfiguration where
// it changes the cluster, then a KubeletConfiguration where it changes the
// kubelet. apiVersion is [V1Beta3], [V1Beta4], or empty for kind's
// kubeadmConfigPatches. A nil or empty patch gives no bytes.
//
// It holds only what was set. Static-pod patches and files are not part of it,
// nor are environment variables up to v1beta3; see [PatchFiles]. It is an error
// to give a flag twice where extraArgs are a map.
func Marshal(patch *Patch, apiVersion string) ([]byte, error) {
	form, err := formOf(apiVersion)
	if err != nil || patch == nil {
		return nil, err
	}
	if err := errors.Join(patch.check()...); err != nil {
		return nil, err
	}
	var documents []any
	cluster, err := clusterConfigurationOf(patch, form)
	if err != nil {
		return nil, err
	}
	if !cluster.isEmpty() {
		documents = append(documents, cluster)
	}
	if patch.Kubelet != nil {
		kubelet := patch.Kubelet.DeepCopy()
		kubelet.APIVersion, kubelet.Kind = kubeletv1beta1.SchemeGroupVersion.String(), "KubeletConfiguration"
		if form.apiVersion == "" {
			kubelet.APIVersion = ""
		}
		documents = append(documents, kubelet)
	}
	return tracing.MarshalAll(documents)
}

// clusterConfiguration has the fields of kubeadm's type of that name which a
// Patch can set.
type clusterConfiguration struct {
	APIVersion        string     `json:"apiVersion"`
	Kind              string     `json:"kind"`
	KubernetesVersion string     `json:"kubernetesVersion"`
	Etcd              etcd       `json:"etcd"`
	APIServer         *component `json:"apiServer"`
}

type etcd struct {
	Local *localEtcd `json:"local"`
}

type localEtcd struct {
	ImageRepository string          `json:"imageRepository"`
	ImageTag        string          `json:"imageTag"`
	ExtraArgs       any             `json:"extraArgs"`
	ExtraEnvs       []corev1.EnvVar `json:"extraEnvs,omitempty"`
}

type component struct {
	ExtraArgs    any             `json:"extraArgs"`
	ExtraEnvs    []corev1.EnvVar `json:"extraEnvs,omitempty"`
	ExtraVolumes []volume        `json:"extraVolumes,omitempty"`
}

type volume struct {
	Name      string              `json:"name"`
	HostPath  string              `json:"hostPath"`
	MountPath string              `json:"mountPath"`
	ReadOnly  bool                `json:"readOnly"`
	PathType  corev1.HostPathType `json:"pathType"`
}

type listArg struct {
	Name  string  `json:"name"`
	Value *string `json:"value"` // required, and may be empty
}

func (c clusterConfiguration) isEmpty() bool {
	return c.KubernetesVersion == "" && c.Etcd.Local == nil && c.APIServer == nil
}

func clusterConfigurationOf(patch *Patch, f form) (clusterConfiguration, error) {
	etcdArgs, err := extraArgs("etcd", patch.Etcd.Args, f)
	if err != nil {
		return clusterConfiguration{}, err
	}
	serverArgs, err := extraArgs("kube-apiserver", patch.APIServer.Args, f)
	if err != nil {
		return clusterConfiguration{}, err
	}
	c := clusterConfiguration{
		APIVersion:        f.apiVersion,
		Kind:              "ClusterConfiguration",
		KubernetesVersion: patch.KubernetesVersion,
	}
	local := localEtcd{ImageRepository: patch.Etcd.ImageRepository, ImageTag: patch.Etcd.ImageTag, ExtraArgs: etcdArgs}
	server := component{ExtraArgs: serverArgs}
	if f.listArgs {
		local.ExtraEnvs, server.ExtraEnvs = patch.Etcd.Env, patch.APIServer.Env
	}
	for _, mount := range patch.APIServer.Volumes {
		server.ExtraVolumes = append(server.ExtraVolumes, volume(mount))
	}
	if local.ImageRepository != "" || local.ImageTag != "" || local.ExtraArgs != nil || len(local.ExtraEnvs) > 0 {
		c.Etcd.Local = &local
	}
	if server.ExtraArgs != nil || len(server.ExtraEnvs) > 0 || len(server.ExtraVolumes) > 0 {
		c.APIServer = &server
	}
	return c, nil
}

// extraArgs returns flags as a list or a map, or nil where there are none.
func extraArgs(component string, args []Arg, f form) (any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	if f.listArgs {
		list := make([]listArg, len(args))
		for i, arg := range args {
			list[i] = listArg{Name: arg.Name, Value: &arg.Value}
		}
		return list, nil
	}
	flags := make(map[string]string, len(args))
	for _, arg := range args {
		if _, twice := flags[arg.Name]; twice {
			return nil, fmt.Errorf("%s is given --%s twice, which only %s can say: write it once", component, arg.Name, V1Beta4)
		}
		flags[arg.Name] = arg.Value
	}
	return flags, nil
}

// PatchFiles returns, by file name, what has to be in kubeadm's patches
// directory: the static-pod patches and, where apiVersion has no extraEnvs, the
// environment variables as patches. It is empty for most patches.
//
// The names are checked against kubeadm's rule, since kubeadm passes over a
// file that it does not know.
func PatchFiles(patch *Patch, apiVersion string) (map[string]string, error) {
	form, err := formOf(apiVersion)
	if err != nil || patch == nil {
		return nil, err
	}
	all := slices.Clone(patch.StaticPods)
	if !form.listArgs {
		for _, c := range []struct {
			name string
			env  []corev1.EnvVar
		}{{"etcd", patch.Etcd.Env}, {"kube-apiserver", patch.APIServer.Env}} {
			if len(c.env) == 0 {
				continue
			}
			content, err := tracing.Marshal(corev1.Pod{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: c.name, Env: c.env}}}})
			if err != nil {
				return nil, err
			}
			all = append(all, StaticPodPatch{Target: c.name, Suffix: "-env", Content: string(content)})
		}
	}
	files := map[string]string{}
	for _, p := range all {
		name := p.FileName()
		if !patchFileName.MatchString(name) {
			return nil, fmt.Errorf("kubeadm would pass over the patch %q: its target is etcd, kube-apiserver, kube-controller-manager, kube-scheduler or kubeletconfiguration, its suffix has no '.' and '+', its type is strategic, merge or json", name)
		}
		if err := checkContent(p.Content); err != nil {
			return nil, fmt.Errorf("the patch %q: %w", name, err)
		}
		if _, twice := files[name]; twice {
			return nil, fmt.Errorf("there are two patches %q: give them different suffixes", name)
		}
		files[name] = p.Content
	}
	return files, nil
}

// Source: k8s.io/kubernetes cmd/kubeadm/app/util/patches/patches.go.
var patchFileName = regexp.MustCompile(`^(etcd|kube-apiserver|kube-controller-manager|kube-scheduler|kubeletconfiguration)[^.+/\n]*\+(strategic|merge|json)\.yaml$`)
