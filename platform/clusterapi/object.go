package clusterapi

import (
	"k8s.io/apimachinery/pkg/runtime"
	configv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	configv1beta2 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1beta1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta1"
	controlplanev1beta2 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
)

// ControlPlaneObject is an object for the nodes of a control plane.
type ControlPlaneObject interface {
	*controlplanev1beta2.KubeadmControlPlane | *controlplanev1beta2.KubeadmControlPlaneTemplate |
		*controlplanev1beta1.KubeadmControlPlane | *controlplanev1beta1.KubeadmControlPlaneTemplate

	runtime.Object
}

// ConfigObject is an object for the nodes of a MachineDeployment, a MachineSet or a
// MachinePool, or for a single machine.
type ConfigObject interface {
	*configv1beta2.KubeadmConfig | *configv1beta2.KubeadmConfigTemplate |
		*configv1beta1.KubeadmConfig | *configv1beta1.KubeadmConfigTemplate

	runtime.Object
}

// parts returns the apiVersion and kind of an object, and its KubeadmConfigSpec, which is
// a pointer into the object.
func parts(object runtime.Object) (apiVersion, kind string, spec any) {
	switch o := object.(type) {
	case *controlplanev1beta2.KubeadmControlPlane:
		return controlplanev1beta2.GroupVersion.String(), "KubeadmControlPlane", &o.Spec.KubeadmConfigSpec
	case *controlplanev1beta2.KubeadmControlPlaneTemplate:
		return controlplanev1beta2.GroupVersion.String(), "KubeadmControlPlaneTemplate", &o.Spec.Template.Spec.KubeadmConfigSpec
	case *controlplanev1beta1.KubeadmControlPlane:
		return controlplanev1beta1.GroupVersion.String(), "KubeadmControlPlane", &o.Spec.KubeadmConfigSpec
	case *controlplanev1beta1.KubeadmControlPlaneTemplate:
		return controlplanev1beta1.GroupVersion.String(), "KubeadmControlPlaneTemplate", &o.Spec.Template.Spec.KubeadmConfigSpec
	case *configv1beta2.KubeadmConfig:
		return configv1beta2.GroupVersion.String(), "KubeadmConfig", &o.Spec
	case *configv1beta2.KubeadmConfigTemplate:
		return configv1beta2.GroupVersion.String(), "KubeadmConfigTemplate", &o.Spec.Template.Spec
	case *configv1beta1.KubeadmConfig:
		return configv1beta1.GroupVersion.String(), "KubeadmConfig", &o.Spec
	case *configv1beta1.KubeadmConfigTemplate:
		return configv1beta1.GroupVersion.String(), "KubeadmConfigTemplate", &o.Spec.Template.Spec
	}
	return "", "", nil // no such object goes by the constraints
}
