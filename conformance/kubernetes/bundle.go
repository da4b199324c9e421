package kubernetes

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"kubetrace"
	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// Names of a bundle's files.
const (
	configFile  = "kubeadm/config.yaml"
	patchesDir  = "kubeadm/patches"
	tracingFile = "apiserver/tracing-config.yaml"
	kubeletFile = "kubelet/90-tracing.conf"
)

// Written is a bundle as a person has it in a folder.
type Written struct {
	// Kubeadm is what kubeadm init reads.
	Kubeadm api.KubeadmRequest
	// Files are what the person puts on control-plane nodes, by path.
	Files map[string]string
	// Kubelet is the kubelet's fragment, or "".
	Kubelet string
}

// Write generates the bundle of a spec, and everything else that a judge reads.
func Write(spec tracing.TracingSpec) (*Written, error) {
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		return nil, err
	}
	return writeBundle(bundle)
}

func writeBundle(bundle *kubetrace.Bundle) (*Written, error) {
	files, err := bundle.FS()
	if err != nil {
		return nil, err
	}
	read := func(name string) string {
		text, readErr := fs.ReadFile(files, name)
		if readErr != nil && !errors.Is(readErr, fs.ErrNotExist) {
			err = readErr
		}
		return string(text)
	}
	written := &Written{
		Kubeadm: api.KubeadmRequest{Config: read(configFile), Patches: map[string]string{}},
		Files:   map[string]string{},
		Kubelet: read(kubeletFile),
	}
	for _, file := range bundle.Kubeadm.Files {
		// The run-book says: copy it there.
		written.Files[file.Path] = read(tracingFile)
	}
	patches, globErr := fs.Glob(files, path.Join(patchesDir, "*"))
	for _, name := range patches {
		written.Kubeadm.Patches[path.Base(name)] = read(name)
	}
	if err := errors.Join(err, globErr); err != nil {
		return nil, err
	}
	release := bundle.Resolved().ControlPlane()
	written.Kubeadm.Config = complete(written.Kubeadm.Config, release.KubeadmAPIVersion)
	if len(written.Kubeadm.Patches) > 0 {
		written.Kubeadm.Config += patchesFolder
	}
	return written, nil
}

// Untraced returns the same cluster with nothing about tracing: the same
// versions and images.
func Untraced(spec tracing.TracingSpec) (*Written, error) {
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		return nil, err
	}
	version := resolved.ControlPlane().KubeadmAPIVersion
	config := fmt.Sprintf("apiVersion: %s\nkind: ClusterConfiguration\n", version)
	if patch := resolved.KubernetesPatch(); patch != "" {
		config += fmt.Sprintf("kubernetesVersion: %s\n", patch)
	}
	if etcd := spec.Etcd; !etcd.Disabled && etcd.ImageTag+etcd.ImageRepository != "" {
		// Empty is kubeadm's default.
		config += fmt.Sprintf("etcd:\n  local:\n    imageTag: %q\n    imageRepository: %q\n", etcd.ImageTag, etcd.ImageRepository)
	}
	written := &Written{}
	written.Kubeadm.Config = complete(config, version)
	return written, nil
}

// patchesFolder goes on with an InitConfiguration.
const patchesFolder = "patches:\n  directory: " + api.PatchesDir + "\n"

// complete appends what "kubeadm init" would find out about this machine, so
// that the outcome depends on neither its network nor its name. 192.0.2.0/24 is
// for documentation; dry runs never contact it.
func complete(config, apiVersion string) string {
	if strings.TrimSpace(config) != "" {
		config = strings.TrimSuffix(config, "\n") + "\n---\n"
	}
	return config + "apiVersion: " + apiVersion + `
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 192.0.2.10
nodeRegistration:
  name: node
  criSocket: unix:///run/containerd/containerd.sock
`
}
