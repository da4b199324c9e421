package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
)

// Effect says whether the cluster's own objects show what the bundle says: the
// flags of etcd and kube-apiserver, the file that is mounted, and the
// configuration of the kubelets.
func (r *Run) Effect(ctx context.Context) error {
	etcdFlags, err := etcd.Args(r.spec)
	if err != nil {
		return err
	}
	apiserverFlags, err := apiserver.Args(r.spec)
	if err != nil {
		return err
	}
	if len(etcdFlags) < 3 || len(apiserverFlags) < 1 {
		return fmt.Errorf("too few flags are generated to see anything: %v and %v", etcdFlags, apiserverFlags)
	}
	file := r.resolved.Spec().APIServer.ConfigFile
	var errs []error
	for _, node := range r.Cluster.ControlPlane() {
		errs = append(errs, r.hasFlags(ctx, "etcd-"+node.Name, etcdFlags))
		errs = append(errs, r.hasFlags(ctx, "kube-apiserver-"+node.Name, apiserverFlags))
		errs = append(errs, r.hasFile(ctx, "kube-apiserver-"+node.Name, file))
		want, err := fs.ReadFile(r.bundle, "apiserver/tracing-config.yaml")
		got, readErr := node.ReadFile(file)
		if err = errors.Join(err, readErr); err == nil && string(got) != string(want) {
			err = fmt.Errorf("the tracing file of %s is\n%s", node.Name, got)
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, r.hasKubeletConfig(ctx))...)
}

func (r *Run) container(ctx context.Context, pod string) (*corev1.Pod, corev1.Container, error) {
	p, err := r.Cluster.Client().CoreV1().Pods("kube-system").Get(ctx, pod, metav1.GetOptions{})
	if err != nil {
		return nil, corev1.Container{}, err
	}
	return p, p.Spec.Containers[0], nil
}

func (r *Run) hasFlags(ctx context.Context, pod string, flags []kubeadm.Arg) error {
	_, container, err := r.container(ctx, pod)
	if err != nil {
		return err
	}
	var errs []error
	for _, flag := range flags {
		if !slices.Contains(container.Command, flag.String()) {
			errs = append(errs, fmt.Errorf("%s has no %s: %q", pod, flag, container.Command))
		}
	}
	return errors.Join(errs...)
}

// hasFile says whether a pod mounts a file of its node, to read it.
func (r *Run) hasFile(ctx context.Context, pod, path string) error {
	p, container, err := r.container(ctx, pod)
	if err != nil {
		return err
	}
	for _, mount := range container.VolumeMounts {
		if mount.MountPath != path || !mount.ReadOnly {
			continue
		}
		for _, volume := range p.Spec.Volumes {
			if volume.Name == mount.Name && volume.HostPath != nil && volume.HostPath.Path == path && volume.HostPath.Type != nil && *volume.HostPath.Type == corev1.HostPathFile {
				return nil
			}
		}
	}
	return fmt.Errorf("%s does not mount %s: %v", pod, path, container.VolumeMounts)
}

// hasKubeletConfig says whether the kubelets of the cluster get the tracing
// stanza.
func (r *Run) hasKubeletConfig(ctx context.Context) error {
	want, err := kubelet.Configuration(r.spec)
	if err != nil {
		return err
	}
	stored, err := r.Cluster.Client().CoreV1().ConfigMaps("kube-system").Get(ctx, "kubelet-config", metav1.GetOptions{})
	if err != nil {
		return err
	}
	got := want.DeepCopy()
	got.Tracing, got.FeatureGates = nil, nil
	if err := yaml.Unmarshal([]byte(stored.Data["kubelet"]), got); err != nil {
		return err
	}
	if got.Tracing == nil || *got.Tracing.Endpoint != *want.Tracing.Endpoint || *got.Tracing.SamplingRatePerMillion != *want.Tracing.SamplingRatePerMillion {
		return fmt.Errorf("the ConfigMap kubelet-config has another tracing stanza:\n%s", stored.Data["kubelet"])
	}
	return nil
}
