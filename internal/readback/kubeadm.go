package readback

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ClusterConfigurationMaps has the fields of kubeadm's v1beta3 type that
// kubetrace writes. kind's patches, without apiVersion, have them too.
//
// Source: k8s.io/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta3/types.go.
type ClusterConfigurationMaps struct {
	metav1.TypeMeta   `json:",inline"`
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	Etcd              struct {
		Local *struct {
			ImageMeta `json:",inline"`
			ExtraArgs map[string]string `json:"extraArgs,omitempty"`
		} `json:"local,omitempty"`
	} `json:"etcd,omitempty"`
	APIServer struct {
		ExtraArgs    map[string]string `json:"extraArgs,omitempty"`
		ExtraVolumes []HostPathMount   `json:"extraVolumes,omitempty"`
	} `json:"apiServer,omitempty"`
}

// ClusterConfigurationLists has the same of kubeadm's v1beta4 type.
//
// Source: k8s.io/kubernetes cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go.
type ClusterConfigurationLists struct {
	metav1.TypeMeta   `json:",inline"`
	KubernetesVersion string `json:"kubernetesVersion,omitempty"`
	Etcd              struct {
		Local *struct {
			ImageMeta `json:",inline"`
			ExtraArgs []Arg           `json:"extraArgs,omitempty"`
			ExtraEnvs []corev1.EnvVar `json:"extraEnvs,omitempty"`
		} `json:"local,omitempty"`
	} `json:"etcd,omitempty"`
	APIServer struct {
		ExtraArgs    []Arg           `json:"extraArgs,omitempty"`
		ExtraEnvs    []corev1.EnvVar `json:"extraEnvs,omitempty"`
		ExtraVolumes []HostPathMount `json:"extraVolumes,omitempty"`
	} `json:"apiServer,omitempty"`
}

// ImageMeta is kubeadm's type of that name.
type ImageMeta struct {
	ImageRepository string `json:"imageRepository,omitempty"`
	ImageTag        string `json:"imageTag,omitempty"`
}

// Arg is kubeadm's type of that name.
type Arg struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// HostPathMount is kubeadm's type of that name.
type HostPathMount struct {
	Name      string              `json:"name"`
	HostPath  string              `json:"hostPath"`
	MountPath string              `json:"mountPath"`
	ReadOnly  bool                `json:"readOnly,omitempty"`
	PathType  corev1.HostPathType `json:"pathType,omitempty"`
}
