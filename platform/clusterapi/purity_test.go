package clusterapi_test

import (
	"testing"

	configv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	controlplanev1beta2 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"

	"kubetrace/internal/puritytest"
	"kubetrace/platform/clusterapi"
	"kubetrace/tracing"
)

// input is what the functions take together.
type input[O any] struct {
	Spec tracing.TracingSpec
	Base O
}

// output is what they return together.
type output[O any] struct {
	Object   O
	Warnings []clusterapi.Warning
}

func TestPurity(t *testing.T) {
	t.Run("ControlPlane", func(t *testing.T) {
		puritytest.Check(t, func() input[*controlplanev1beta2.KubeadmControlPlane] {
			return input[*controlplanev1beta2.KubeadmControlPlane]{spec("1.36"), mustRead[controlplanev1beta2.KubeadmControlPlane](t, theirs)}
		}, func(i input[*controlplanev1beta2.KubeadmControlPlane]) output[*controlplanev1beta2.KubeadmControlPlane] {
			object, warnings, err := clusterapi.ControlPlane(i.Spec, i.Base)
			if err != nil {
				t.Fatal(err)
			}
			return output[*controlplanev1beta2.KubeadmControlPlane]{object, warnings}
		})
	})
	t.Run("Config", func(t *testing.T) {
		puritytest.Check(t, func() input[*configv1beta1.KubeadmConfigTemplate] {
			return input[*configv1beta1.KubeadmConfigTemplate]{spec("1.26"), mustRead[configv1beta1.KubeadmConfigTemplate](t, `spec: {template: {spec: {files: [{path: /a, content: b}], joinConfiguration: {nodeRegistration: {kubeletExtraArgs: {feature-gates: A=true}}}}}}`)}
		}, func(i input[*configv1beta1.KubeadmConfigTemplate]) output[*configv1beta1.KubeadmConfigTemplate] {
			object, warnings, err := clusterapi.Config(i.Spec, i.Base)
			if err != nil {
				t.Fatal(err)
			}
			return output[*configv1beta1.KubeadmConfigTemplate]{object, warnings}
		})
	})
	t.Run("RunBook", func(t *testing.T) {
		puritytest.Check(t, func() tracing.TracingSpec { return spec("1.36") }, func(s tracing.TracingSpec) string {
			text, err := clusterapi.RunBook(s)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		})
	})
}
