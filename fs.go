package kubetrace

import (
	"errors"
	"io/fs"
	"testing/fstest"

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
//	backend.yaml                   the development backend's objects, in order
//	README.md                      what to do with them on this release
//
// What the bundle does not hold has no file. The same bundle gives the same
// bytes. The files are a snapshot: changing the bundle later does not change
// them. It errs where an object in the bundle cannot be written.
func (b *Bundle) FS() (fs.FS, error) {
	if b == nil || b.Kubeadm == nil || b.resolved.Spec().KubernetesVersion == "" {
		return nil, errors.New("this Bundle was not made by kubetrace.Generate")
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
	if len(b.Backend) > 0 {
		w.write(fileBackend)(tracing.MarshalAll(b.Backend))
	}
	if w.err != nil {
		return nil, w.err
	}
	w.write(fileReadme)(runBook(b, w.files))
	return w.files, w.err
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
