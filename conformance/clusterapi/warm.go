package clusterapi

import (
	_ "sigs.k8s.io/cluster-api/bootstrap/kubeadm/pkg/types"
	_ "sigs.k8s.io/cluster-api/bootstrap/kubeadm/webhooks/admission"
	_ "sigs.k8s.io/cluster-api/controlplane/kubeadm/webhooks/admission"
)
