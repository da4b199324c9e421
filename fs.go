package kubetrace

import (
	"errors"
	"fmt"
	"io/fs"

	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/internal/memfs"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// FS returns the bundle as files, which os.CopyFS writes to a folder. [Files] says
// which they are, and README.md among them what to do with them on this release.
//
// What the bundle does not hold has no file. The same bundle gives the same
// bytes. The files are a snapshot: changing the bundle later does not change
// them. Write them into an empty folder: os.CopyFS refuses to replace a file.
//
// It errs where the bundle does not hold any more what its spec decides, with a
// *[ChangedError] for each such field, since README.md and the other files would
// still speak of the spec; where a flag, variable, feature gate or version that the
// program set would stop a component or its tracing; and where an object cannot be
// written.
func (b *Bundle) FS() (fs.FS, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	files, err := b.patches()
	if err != nil {
		return nil, err
	}
	for _, row := range table {
		if row.content == nil {
			continue
		}
		content, err := row.content(b)
		if err != nil {
			return nil, err
		}
		if len(content) > 0 {
			files[row.Name] = content
		}
	}
	if files[FileReadme], err = runBook(b, files); err != nil {
		return nil, err
	}
	return files, nil
}

// check says what in the bundle its spec does not decide as it is there, or what a program
// has added that would stop a component.
func (b *Bundle) check() error {
	if b != nil && b.Kubeadm == nil && b.resolved.Spec().KubernetesVersion != "" {
		return errors.New("Bundle.Kubeadm is nil: an empty kubeadm.Patch is none")
	}
	if b == nil || b.Kubeadm == nil || b.resolved.Spec().KubernetesVersion == "" {
		return errors.New("this Bundle was not made by kubetrace.Generate")
	}
	return errors.Join(b.checkSpec(), b.checkKubeadm(), b.checkSettings())
}

// patches returns the static-pod patches, as files of FolderPatches.
func (b *Bundle) patches() (memfs.FS, error) {
	patches, err := kubeadm.PatchFiles(b.Kubeadm, b.resolved.ControlPlane().KubeadmAPIVersion)
	files := memfs.FS{}
	for name, content := range patches {
		files[FolderPatches+"/"+name] = []byte(content)
	}
	return files, err
}

// checkSettings judges the flags, variables and gates of the patch and the fragment,
// which a program may have put together with its own, as apply and check judge them.
func (b *Bundle) checkSettings() error {
	var errs []error
	r, etcd, server := b.resolved, b.Kubeadm.Etcd, b.Kubeadm.APIServer
	report := func(component tracing.Component, given []setting.Written, verdicts []setting.Verdict) {
		for _, v := range verdicts {
			if v.At >= 0 && !v.Settled() {
				errs = append(errs, fmt.Errorf("%s %s is %s: %s", component, given[v.At], given[v.At].Value, setting.Clause(v.Cure)))
			}
		}
	}
	if err := r.CheckNodeVersion(b.Kubeadm.KubernetesVersion, true); err != nil {
		errs = append(errs, fmt.Errorf("Bundle.Kubeadm.KubernetesVersion is %s: %w", b.Kubeadm.KubernetesVersion, err))
	}
	if there, known := setting.EtcdAt(r, etcd.ImageTag); known && !there.TakesAllOf(r) {
		errs = append(errs, fmt.Errorf("Bundle.Kubeadm.Etcd.ImageTag is %s, which does not take the spec's flags: write it as etcd.imageTag into the spec", etcd.ImageTag))
	}
	if given := written(tracing.ComponentEtcd, etcd.Args, etcd.Env); r.NotGenerated(tracing.ComponentEtcd) == nil {
		report(tracing.ComponentEtcd, given, setting.JudgeEtcd(r, setting.EtcdOf(r), given))
	}
	given := written(tracing.ComponentAPIServer, server.Args, server.Env)
	var gates []setting.FeatureGate // the flags add up
	for _, w := range given {
		switch w.Name {
		case setting.FlagGates:
			all, err := setting.ParseGates(w.Value)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s %s: %w", tracing.ComponentAPIServer, w, err))
			}
			gates = append(gates, all...)
		case setting.FlagTracingFile:
			if file := r.Spec().APIServer.ConfigFile; w.Value != file && r.NotGenerated(tracing.ComponentAPIServer) == nil {
				errs = append(errs, fmt.Errorf("%s %s is %s: write %s, or change apiServer.configFile in the spec", tracing.ComponentAPIServer, w, w.Value, file))
			}
		}
	}
	if r.NotGenerated(tracing.ComponentAPIServer) == nil {
		report(tracing.ComponentAPIServer, given, setting.JudgeVariables(given))
	}
	errs = append(errs, setting.CheckGates(setting.APIServerGates(r), gates)...)
	for _, config := range []*kubeletv1beta1.KubeletConfiguration{b.Kubelet, b.Kubeadm.Kubelet} {
		if config == nil {
			continue
		}
		errs = append(errs, setting.CheckGates(setting.KubeletGates(r), setting.GatesOf(config.FeatureGates))...)
	}
	return errors.Join(errs...)
}

// written are flags and variables as their component reads them.
func written(component tracing.Component, args []kubeadm.Arg, env []corev1.EnvVar) []setting.Written {
	var all []setting.Written
	for _, arg := range args {
		all = append(all, setting.Written{Kind: setting.Flag, Name: setting.FlagName(component, arg.Name), As: arg.Name, Value: arg.Value})
	}
	return append(all, setting.Variables(env)...)
}
