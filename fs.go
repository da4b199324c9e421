package kubetrace

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing/fstest"

	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// The files of a bundle.
const (
	fileTracingConfiguration = "apiserver/tracing-config.yaml"
	fileKubelet              = "kubelet/90-tracing.conf"
	fileKubeadm              = "kubeadm/config.yaml"
	folderPatches            = "kubeadm/patches/"
	fileCollector            = "collector.yaml"
	fileGateway              = "gateway.yaml"
	fileBackend              = "backend.yaml"
	fileReadme               = "README.md"
)

// FS returns the bundle as files, which os.CopyFS writes to a folder:
//
//	apiserver/tracing-config.yaml  kube-apiserver's TracingConfiguration
//	kubelet/90-tracing.conf        the fragment of the KubeletConfiguration
//	kubeadm/config.yaml            ClusterConfiguration and KubeletConfiguration
//	kubeadm/patches/…              static-pod patches, where the patch has any
//	collector.yaml                 the collector's objects, in order
//	gateway.yaml                   the gateway's objects, in order
//	backend.yaml                   the development backend's objects, in order
//	README.md                      what to do with them on this release
//
// What the bundle does not hold has no file. The same bundle gives the same
// bytes. The files are a snapshot: changing the bundle later does not change
// them. Write them into an empty folder: os.CopyFS refuses to replace a file.
//
// It errs where an object in the bundle cannot be written, and where a gate of
// tracing that the program added would stop a component or its tracing.
func (b *Bundle) FS() (fs.FS, error) {
	if b == nil || b.Kubeadm == nil || b.resolved.Spec().KubernetesVersion == "" {
		return nil, errors.New("this Bundle was not made by kubetrace.Generate")
	}
	if err := b.checkGates(); err != nil {
		return nil, err
	}
	w := writer{files: fstest.MapFS{}}
	if b.TracingConfiguration != nil {
		w.object(fileTracingConfiguration, b.TracingConfiguration)
	}
	if b.Kubelet != nil {
		w.object(fileKubelet, b.Kubelet)
	}
	w.kubeadm(b.Kubeadm, b.resolved.ControlPlane().KubeadmAPIVersion)
	if len(b.Collector) > 0 {
		w.write(fileCollector)(tracing.MarshalAll(b.Collector))
	}
	if len(b.Gateway) > 0 {
		w.write(fileGateway)(tracing.MarshalAll(b.Gateway))
	}
	if len(b.Backend) > 0 {
		w.write(fileBackend)(tracing.MarshalAll(b.Backend))
	}
	if w.err != nil {
		return nil, w.err
	}
	w.write(fileReadme)(runBook(b, w.files))
	return w.files, w.err
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

// writer collects files until the first error.
type writer struct {
	files fstest.MapFS
	err   error
}

// write returns a function that takes what a marshaller returns.
func (w *writer) write(name string) func([]byte, error) {
	return func(content []byte, err error) {
		if w.err == nil {
			w.err = err
		}
		w.files[name] = &fstest.MapFile{Data: content, Mode: 0o644}
	}
}

func (w *writer) object(name string, object any) { w.write(name)(tracing.Marshal(object)) }

func (w *writer) kubeadm(patch *kubeadm.Patch, apiVersion string) {
	documents, err := kubeadm.Marshal(patch, apiVersion)
	if len(documents) > 0 || err != nil {
		w.write(fileKubeadm)(documents, err)
	}
	patches, err := kubeadm.PatchFiles(patch, apiVersion)
	if err != nil {
		w.write(folderPatches)(nil, err)
	}
	for name, content := range patches {
		w.write(folderPatches+name)([]byte(content), nil)
	}
}
