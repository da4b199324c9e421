//go:build !k8s1.26

package main

import (
	"os"
	"path/filepath"

	kubeadmv1beta3 "k8s.io/kubernetes/cmd/kubeadm/app/apis/kubeadm/v1beta3"
	"k8s.io/kubernetes/cmd/kubeadm/app/constants"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/controlplane"
	"k8s.io/kubernetes/cmd/kubeadm/app/phases/etcd"
	"k8s.io/kubernetes/cmd/kubeadm/app/util/config"

	"kubetrace/conformance/judge/api"
)

// render calls what the phases of kubeadm init call: before 1.26 two of the three
// have no dry run. What "config validate" refuses later is logged as a warning.
func render(file, scratch string, answer *api.KubeadmAnswer) (errs []error) {
	cfg, err := config.LoadOrDefaultInitConfiguration(file, &kubeadmv1beta3.InitConfiguration{}, &kubeadmv1beta3.ClusterConfiguration{})
	if err != nil {
		return []error{err}
	}
	patches := ""
	if cfg.Patches != nil {
		patches = cfg.Patches.Directory
	}
	out := filepath.Join(scratch, "out")
	if err := os.Mkdir(out, 0o700); err != nil {
		return []error{err}
	}
	for _, part := range []struct {
		write func() error
		file  string
		into  *string
	}{
		{func() error {
			return etcd.CreateLocalEtcdStaticPodManifestFile(out, patches, cfg.NodeRegistration.Name, &cfg.ClusterConfiguration, &cfg.LocalAPIEndpoint, true)
		}, "etcd.yaml", &answer.Etcd},
		{func() error {
			return controlplane.CreateStaticPodFiles(out, patches, &cfg.ClusterConfiguration, &cfg.LocalAPIEndpoint, true, constants.KubeAPIServer)
		}, "kube-apiserver.yaml", &answer.APIServer},
		{func() error { return writeKubeletConfig(cfg, out, patches) }, "config.yaml", &answer.Kubelet},
	} {
		if err := part.write(); err != nil {
			errs = append(errs, err)
			continue
		}
		text, err := onlyFile(out, part.file)
		if err != nil {
			errs = append(errs, err)
		}
		*part.into = text
	}
	return errs
}
