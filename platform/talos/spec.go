package talos

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
	"kubetrace/tracing"
)

// TracingFile is kube-apiserver's tracing file on the nodes and in its static pod, unless
// the spec's apiServer.configFile names another below /var.
const TracingFile = "/var/etc/kubetrace/tracing-config.yaml"

// Options say what the configuration is for.
type Options struct {
	// TalosVersion is the release of Talos, "1.13" or "v1.13.9". Required: it decides which
	// etcd runs. While nodes have several, write the oldest.
	TalosVersion string
	// WithoutManifests leaves the collector, the gateway and the backend out of the
	// patches: somebody applies the bundle's files with kubectl. The default makes them
	// inline manifests, which Talos creates where they are missing and does not change
	// afterwards, but in talosctl upgrade-k8s.
	WithoutManifests bool
	// Overwrite has Config put the spec's value in the place of another, which without it
	// is an error.
	Overwrite bool
}

// The warnings of this package, beside those of package tracing.
const (
	// WarnKubernetes: this Talos does not run this Kubernetes.
	WarnKubernetes tracing.WarningCode = "TalosKubernetes"
	// WarnMultiDocument: a configuration that this Talos generates cannot mount the
	// tracing file, and refuses the patches.
	WarnMultiDocument tracing.WarningCode = "TalosMultiDocument"
	// WarnPreview: a Talos that is known from a pre-release alone.
	WarnPreview tracing.WarningCode = "TalosPreview"
	// WarnEnvironment: containerd's variables are set on every service.
	WarnEnvironment tracing.WarningCode = "TalosEnvironment"
	// WarnContainerdFile: this containerd goes by its configuration, which is not written.
	WarnContainerdFile tracing.WarningCode = "TalosContainerdFile"
	// WarnGates: a patch takes the place of a flag of feature gates that is there.
	WarnGates tracing.WarningCode = "TalosGates"
)

// Spec returns the spec as it is on a Talos of that release: etcd is the one that Talos
// runs, unless the spec names a version, and kube-apiserver's file is TracingFile, unless
// the spec names one below /var. It is for the functions that do not know of Talos:
// check.ClusterWith with Options{WithoutKubeadm: true}, kubetrace.Generate for the files
// of the collector. Giving the result again changes nothing. The spec is not changed.
//
// The error is an *[InvalidOptionsError]: a release that is not known, or what Talos
// cannot do: CRI-O, an image of kubeadm's etcd, a file that is not in a folder of its own.
func Spec(spec tracing.TracingSpec, o Options) (tracing.TracingSpec, error) {
	_, etcd, err := releaseOf(o.TalosVersion)
	var problems field.ErrorList
	if err != nil {
		problems = append(problems, field.Invalid(field.NewPath("talosVersion"), o.TalosVersion, err.Error()))
	}
	out := *spec.DeepCopy()
	if !out.Etcd.Disabled {
		for _, image := range [][2]string{{"imageRepository", out.Etcd.ImageRepository}, {"imageTag", out.Etcd.ImageTag}} {
			if image[1] != "" {
				problems = append(problems, field.Forbidden(field.NewPath("etcd", image[0]), "it is kubeadm's: Talos has cluster.etcd.image. Write etcd.version where that names another etcd than Talos's own"))
			}
		}
		out.Etcd.External = true // which means that kubeadm does not run it
		out.Etcd.Version = cmp.Or(out.Etcd.Version, etcd)
	}
	if out.CRIO != nil {
		problems = append(problems, field.Forbidden(field.NewPath("crio"), "the container runtime of Talos is containerd: take it out"))
	}
	if !out.APIServer.Disabled {
		if out.APIServer.ConfigFile == "" || out.APIServer.ConfigFile == tracing.DefaultConfigFile {
			out.APIServer.ConfigFile = TracingFile
		}
		if file := out.APIServer.ConfigFile; !ownFolder(file) {
			problems = append(problems, field.Invalid(field.NewPath("apiServer", "configFile"), file, "Talos writes files below /var alone, and the whole folder is mounted into kube-apiserver: write one in a folder of its own, such as "+TracingFile))
		}
	}
	if folder := out.Collector.Queue.Path; folder != "" && !out.Collector.Disabled && !strings.HasPrefix(path.Clean(folder), "/var/") {
		problems = append(problems, field.Invalid(field.NewPath("collector", "queue", "path"), folder, "pods write below /var alone on Talos: write such a folder, such as /var/lib/kubetrace"))
	}
	if len(problems) > 0 {
		return tracing.TracingSpec{}, &InvalidOptionsError{Errors: problems}
	}
	return out, nil
}

// notOurs are folders that hold keys, the data of etcd, or what others write.
var notOurs = []string{"/var/lib/etcd", "/var/lib/kubelet", "/var/lib/containerd", "/var/lib/cni", "/var/run", "/var/log/audit", "/var/log/pods", "/var/log/containers"}

// ownFolder says whether a file is in a folder below /var that nothing else is in.
func ownFolder(file string) bool {
	folder := path.Dir(path.Clean(file))
	within := func(parent string) bool { return folder == parent || strings.HasPrefix(folder, parent+"/") }
	return path.Clean(file) == file && within("/var") && strings.Count(folder, "/") >= 3 && !slices.ContainsFunc(notOurs, within)
}

// resolve resolves a spec for Talos, with the warnings that a person should read.
func resolve(spec tracing.TracingSpec, o Options) (tracing.Resolved, error) {
	out, err := Spec(spec, o)
	if err != nil {
		return tracing.Resolved{}, err
	}
	r, err := tracing.Resolve(out)
	if err != nil {
		return tracing.Resolved{}, err
	}
	row, _, err := releaseOf(o.TalosVersion)
	if err != nil {
		return tracing.Resolved{}, err
	}
	r.Warnings = append(warningsOf(r, row), ofTalos(r.Warnings)...)
	return r, nil
}

// warningsOf are what Talos brings along.
func warningsOf(r tracing.Resolved, row Release) (all []tracing.Warning) {
	name := "Talos " + row.Talos
	kubernetes, _ := release.ParseVersion(r.KubernetesMinor())
	oldest, _ := release.ParseVersion(row.KubernetesOldest)
	newest, _ := release.ParseVersion(row.KubernetesNewest)
	if kubernetes.CompareMinor(oldest) < 0 || kubernetes.CompareMinor(newest) > 0 {
		all = append(all, tracing.Warning{Code: WarnKubernetes, Field: "kubernetesVersion", Release: name,
			Message: "It runs Kubernetes " + row.KubernetesOldest + " to " + row.KubernetesNewest + ", and refuses a configuration with " + r.KubernetesMinor(),
			Cure:    "Write the Kubernetes that the nodes run, or the Talos that they run"})
	}
	if row.Preview {
		all = append(all, tracing.Warning{Code: WarnPreview, Field: "talosVersion", Release: name,
			Message: "It is known from a pre-release alone, and another etcd may come with its release",
			Cure:    "See which etcd a node runs: talosctl image list --namespace system, and write it as etcd.version"})
	}
	if row.MultiDocument && (r.NotGenerated(tracing.ComponentAPIServer) == nil || r.NotGenerated(tracing.ComponentKubelet) == nil) {
		all = append(all, tracing.Warning{Code: WarnMultiDocument, Field: "talosVersion", Release: name,
			Message: "A configuration that it generates anew has the documents KubeAPIServerConfig and KubeletConfig, which refuse cluster.apiServer and machine.kubelet beside them, and the first has no way to mount kube-apiserver's file. The patches are for nodes that keep their configuration of before",
			Cure:    "Generate configurations with talosctl gen config --talos-version v1.13, or set apiServer.disabled and write tracing into the config of KubeletConfig by hand"})
	}
	switch {
	case r.ContainerdVariables():
		all = append(all, tracing.Warning{Code: WarnEnvironment, Field: "containerd", Release: name,
			Message: "containerd has no variables of its own: these are set on every service of the node, also the kubelet and etcd, whose own endpoint and rate hold, and extension services, which may begin to send",
			Cure:    "Leave containerd out of the spec where that is not wanted"})
	case r.ContainerdTOML():
		all = append(all, tracing.Warning{Code: WarnContainerdFile, Field: "containerd.version", Release: name,
			Message: "This containerd goes by its configuration file, of which nothing is written: it is not traced",
			Cure:    "Move to Talos 1.8 or later, or leave containerd out of the spec"})
	}
	return all
}

// ofTalos are the warnings of a spec as they hold on Talos: those about kubeadm go.
func ofTalos(warnings []tracing.Warning) (all []tracing.Warning) {
	for _, w := range warnings {
		switch w.Code {
		case tracing.WarnEtcdExternal, tracing.WarnKubeletDropIn:
			continue // its flags and fields are placed
		case tracing.WarnEtcdNoRootSampling:
			w.Cure = "Move to Talos 1.6 or later, or write a cluster.etcd.image and etcd.version of 3.5.11 or later, if requests of other clients are to be traced"
		case tracing.WarnEtcdRateIgnored:
			w.Cure = "Move to Talos 1.6 or later, write a cluster.etcd.image and etcd.version of 3.5.11 or later, or leave the rate out"
		case tracing.WarnInstanceIDShared:
			w.Message = "Every control-plane node gets the same patch, so all members share this service.instance.id"
		}
		all = append(all, w)
	}
	return all
}
