package main

import (
	"encoding/json"
	"os"
	"path/filepath"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	kubeletscheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"

	"kubetrace/conformance/judge/api"
)

// Kubelet judges by the release's kubelet: how it reads its file and its drop-in
// folder, its conversion, defaults, feature gates and validation.
type Kubelet struct{}

// Judge reads a configuration as the kubelet would.
func (Kubelet) Judge(request api.KubeletRequest, answer *api.KubeletAnswer) error {
	one.Lock()
	defer one.Unlock()
	defer recovered(&answer.Errors)
	logged.take()
	if err := start(request, answer); err != nil {
		answer.Errors = append(answer.Errors, err.Error())
	}
	answer.Warnings = warnings()
	return nil
}

func start(request api.KubeletRequest, answer *api.KubeletAnswer) error {
	scratch, err := os.MkdirTemp("", "kubetrace-judge-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	file, dropIns := filepath.Join(scratch, "config.yaml"), filepath.Join(scratch, "kubelet.conf.d")
	if err := os.WriteFile(file, []byte(request.Config), 0o600); err != nil {
		return err
	}
	config, err := load(file)
	if err != nil {
		return err
	}
	if request.DropIn != "" {
		if err := os.Mkdir(dropIns, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dropIns, "10-judged.conf"), []byte(request.DropIn), 0o600); err != nil {
			return err
		}
		if err := merge(config, dropIns); err != nil {
			return err
		}
	}

	ignoreMachine(config)
	gates := utilfeature.DefaultMutableFeatureGate.DeepCopy()
	if err := gates.SetFromMap(config.FeatureGates); err != nil {
		return err
	}
	if err := validate(config, gates); err != nil {
		return err
	}
	if answer.Config, err = versioned(config); err != nil {
		return err
	}
	return tryTracing(config, gates, request.Export, &answer.Tracing)
}

// versioned returns a configuration in the API that people write.
func versioned(config *kubeletconfig.KubeletConfiguration) (json.RawMessage, error) {
	scheme, _, err := kubeletscheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, err
	}
	var external kubeletv1beta1.KubeletConfiguration
	if err := scheme.Convert(config, &external, nil); err != nil {
		return nil, err
	}
	return json.Marshal(external)
}
