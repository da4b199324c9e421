package kubetrace

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/internal/memfs"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
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
// still speak of the spec; where a gate of tracing that the program added would
// stop a component or its tracing; and where
// an object cannot be written.
func (b *Bundle) FS() (fs.FS, error) {
	if b == nil || b.Kubeadm == nil || b.resolved.Spec().KubernetesVersion == "" {
		return nil, errors.New("this Bundle was not made by kubetrace.Generate")
	}
	if err := errors.Join(b.checkSpec(), b.checkKubeadm(), b.checkGates()); err != nil {
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

// patches returns the static-pod patches, as files of FolderPatches.
func (b *Bundle) patches() (memfs.FS, error) {
	patches, err := kubeadm.PatchFiles(b.Kubeadm, b.resolved.ControlPlane().KubeadmAPIVersion)
	files := memfs.FS{}
	for name, content := range patches {
		files[FolderPatches+"/"+name] = []byte(content)
	}
	return files, err
}

// checkGates judges the gates of tracing in the patch and the fragment, which a
// program may have put together with its own.
func (b *Bundle) checkGates() error {
	var errs []error
	var given []setting.FeatureGate // the flags add up
	for _, arg := range b.Kubeadm.APIServer.Args {
		if arg.Name != setting.FlagGates {
			continue
		}
		all, err := setting.ParseGates(arg.Value)
		if err != nil {
			errs = append(errs, fmt.Errorf("kube-apiserver --%s: %w", setting.FlagGates, err))
		}
		given = append(given, all...)
	}
	errs = append(errs, setting.CheckGates(setting.APIServerGates(b.resolved), given)...)
	for _, config := range []*kubeletv1beta1.KubeletConfiguration{b.Kubelet, b.Kubeadm.Kubelet} {
		if config == nil {
			continue
		}
		var given []setting.FeatureGate
		for _, name := range slices.Sorted(maps.Keys(config.FeatureGates)) {
			given = append(given, setting.FeatureGate{Name: name, On: config.FeatureGates[name]})
		}
		errs = append(errs, setting.CheckGates(setting.KubeletGates(b.resolved), given)...)
	}
	return errors.Join(errs...)
}
