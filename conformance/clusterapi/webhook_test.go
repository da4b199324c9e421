package clusterapi

import (
	"context"
	"strings"
	"testing"

	configv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	configv1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1beta1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta1"
	controlplanev1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	configwebhooks "sigs.k8s.io/cluster-api/bootstrap/kubeadm/webhooks/admission"
	configconversion "sigs.k8s.io/cluster-api/bootstrap/kubeadm/webhooks/conversion"
	"sigs.k8s.io/cluster-api/controlplane/kubeadm/webhooks/admission"
	"sigs.k8s.io/cluster-api/controlplane/kubeadm/webhooks/conversion"
	"sigs.k8s.io/cluster-api/feature"
	"sigs.k8s.io/yaml"
)

// TestWebhooks has Cluster API's webhooks judge what people write before and after it is
// edited: what they take before they take afterwards, as a new object and as an update.
func TestWebhooks(t *testing.T) {
	// For templates of a control plane, and Ignition.
	if err := feature.MutableGates.Set("ClusterTopology=true,KubeadmBootstrapFormatIgnition=true"); err != nil {
		t.Fatal(err)
	}
	took := 0
	for _, document := range corpus(t) {
		t.Run(document.name+" "+document.kind, func(t *testing.T) {
			before, created := validate(t, document, document.before, nil)
			if created != nil {
				t.Logf("refused before: %v", created)
				return
			}
			took++
			if _, err := validate(t, document, document.after, nil); err != nil {
				t.Errorf("a new one: %v\n%s", err, document.after)
			}
			if _, err := validate(t, document, document.after, before); err != nil {
				t.Errorf("an update: %v\n%s", err, document.after)
			}
		})
	}
	if took < 20 {
		t.Errorf("the webhooks took only %d documents before", took)
	}
}

// validate reads an object as the API server and the conversion webhook would, fills in
// defaults, and validates it, as an update of another one where there is one.
func validate(t *testing.T, d edited, text []byte, old any) (object any, err error) {
	t.Helper()
	isOld := strings.HasSuffix(d.apiVersion, "/v1beta1")
	switch d.kind {
	case "KubeadmControlPlane":
		hub := hubOf(t, text, isOld, conversion.ConvertKubeadmControlPlaneV1Beta1ToHub)
		webhook := &admission.KubeadmControlPlane{}
		if err := webhook.Default(t.Context(), hub); err != nil {
			t.Fatal(err)
		}
		if old == nil {
			_, err = webhook.ValidateCreate(t.Context(), hub)
		} else {
			_, err = webhook.ValidateUpdate(t.Context(), old.(*controlplanev1.KubeadmControlPlane), hub)
		}
		return hub, err
	case "KubeadmControlPlaneTemplate":
		hub := hubOf(t, text, isOld, conversion.ConvertKubeadmControlPlaneTemplateV1Beta1ToHub)
		// A template of a control plane cannot be changed in place: a new one is made.
		_, err = (&admission.KubeadmControlPlaneTemplate{}).ValidateCreate(t.Context(), hub)
		return hub, err
	case "KubeadmConfig":
		hub := hubOf(t, text, isOld, configconversion.ConvertKubeadmConfigV1Beta1ToHub)
		webhook := &configwebhooks.KubeadmConfig{}
		if old == nil {
			_, err = webhook.ValidateCreate(t.Context(), hub)
		} else {
			_, err = webhook.ValidateUpdate(t.Context(), old.(*configv1.KubeadmConfig), hub)
		}
		return hub, err
	}
	hub := hubOf(t, text, isOld, configconversion.ConvertKubeadmConfigTemplateV1Beta1ToHub)
	webhook := &configwebhooks.KubeadmConfigTemplate{}
	if old == nil {
		_, err = webhook.ValidateCreate(t.Context(), hub)
	} else {
		_, err = webhook.ValidateUpdate(t.Context(), old.(*configv1.KubeadmConfigTemplate), hub)
	}
	return hub, err
}

// hubOf reads an object of v1beta2, or one of v1beta1 that it converts.
func hubOf[Old, Hub any](t *testing.T, text []byte, isOld bool, convert func(context.Context, *Old, *Hub) error) *Hub {
	t.Helper()
	hub := new(Hub)
	if !isOld {
		if err := yaml.UnmarshalStrict(text, hub); err != nil {
			t.Fatal(err)
		}
		return hub
	}
	old := new(Old)
	if err := yaml.UnmarshalStrict(text, old); err != nil {
		t.Fatal(err)
	}
	if err := convert(t.Context(), old, hub); err != nil {
		t.Fatal(err)
	}
	return hub
}

// The types that are converted.
var (
	_ = configv1beta1.KubeadmConfig{}
	_ = controlplanev1beta1.KubeadmControlPlane{}
)

// TestWebhooksRefuse shows that the webhooks refuse what they should.
func TestWebhooksRefuse(t *testing.T) {
	twice := `apiVersion: bootstrap.cluster.x-k8s.io/v1beta2
kind: KubeadmConfigTemplate
spec: {template: {spec: {files: [{path: /a, content: a}, {path: /a, content: b}]}}}`
	d := edited{apiVersion: "bootstrap.cluster.x-k8s.io/v1beta2", kind: "KubeadmConfigTemplate"}
	if _, err := validate(t, d, []byte(twice), nil); err == nil {
		t.Error("two files of one path are taken")
	}
}
