package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/spf13/pflag"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
	"k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/server/options"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/component-base/featuregate"
	"sigs.k8s.io/yaml"

	// For its feature gates.
	_ "k8s.io/kubernetes/pkg/features"

	"kubetrace/conformance/judge/api"
)

// gateName is the feature gate of the API server's tracing, in the releases that
// have it.
const gateName featuregate.Feature = "APIServerTracing"

// registered are the gates as they are before anybody sets one.
var registered = utilfeature.DefaultMutableFeatureGate.DeepCopy()

// APIServer judges by the release's options of kube-apiserver.
type APIServer struct{}

// Judge starts tracing as kube-apiserver would.
func (APIServer) Judge(request api.APIServerRequest, answer *api.APIServerAnswer) error {
	one.Lock()
	defer one.Unlock()
	defer recovered(&answer.Errors)
	logged.take()
	if err := startTracing(request, answer); err != nil {
		answer.Errors = append(answer.Errors, err.Error())
	}
	return nil
}

// TracingFile reads a tracing file as the release does, strictly or not.
func (APIServer) TracingFile(request api.TracingFileRequest, answer *api.APIServerAnswer) error {
	one.Lock()
	defer one.Unlock()
	defer recovered(&answer.Errors)
	file, err := temporary(request.Text)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file) }()
	if err := readTracingFile(file, &answer.Tracing); err != nil {
		answer.Errors = append(answer.Errors, err.Error())
	}
	return nil
}

// temporary writes a text into a file of its own.
func temporary(text string) (name string, err error) {
	file, err := os.CreateTemp("", "kubetrace-judge-")
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text)
	return file.Name(), errors.Join(err, file.Close())
}

func startTracing(request api.APIServerRequest, answer *api.APIServerAnswer) error {
	var pod corev1.Pod
	if err := yaml.UnmarshalStrict([]byte(request.Pod), &pod); err != nil {
		return fmt.Errorf("the static pod: %w", err)
	}
	if len(pod.Spec.Containers) != 1 {
		return fmt.Errorf("the static pod has %d containers, not 1", len(pod.Spec.Containers))
	}
	container := pod.Spec.Containers[0]

	tracing := options.NewTracingOptions()
	flags := pflag.NewFlagSet("kube-apiserver", pflag.ContinueOnError)
	tracing.AddFlags(flags)
	gates, setGates := gateFlags(flags)
	var arguments []string
	for _, argument := range append(container.Command, container.Args...) {
		// kube-apiserver has hundreds of other flags.
		if name, _, _ := strings.Cut(strings.TrimPrefix(argument, "--"), "="); flags.Lookup(name) != nil {
			arguments = append(arguments, argument)
		}
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if err := setGates(); err != nil {
		return err
	}
	if tracing.ConfigFile == "" {
		return nil
	}

	inContainer := tracing.ConfigFile
	text, err := fileInContainer(inContainer, pod, request.Files)
	if err != nil {
		return err
	}
	if tracing.ConfigFile, err = temporary(text); err != nil {
		return err
	}
	defer func() { _ = os.Remove(tracing.ConfigFile) }()
	if errs := tracing.Validate(); len(errs) > 0 {
		return errors.Join(errs...)
	}
	// Strictly, whatever the release does.
	scheme := runtime.NewScheme()
	install.Install(scheme)
	codecs := serializer.NewCodecFactory(scheme, serializer.EnableStrict)
	var read apiserver.TracingConfiguration
	if err := runtime.DecodeInto(codecs.UniversalDecoder(), []byte(text), &read); err != nil {
		return fmt.Errorf("%s: %w", inContainer, err)
	}
	answer.Endpoint, answer.Rate = read.Endpoint, read.SamplingRatePerMillion

	// kube-apiserver does not look at the file where the gate is off.
	if _, hasGate := gates.GetAll()[gateName]; hasGate {
		if !gates.Enabled(gateName) {
			return nil
		}
		// ApplyTo looks at the gate of the process.
		if global := utilfeature.DefaultMutableFeatureGate; !global.Enabled(gateName) {
			if err := global.SetFromMap(map[string]bool{string(gateName): true}); err != nil {
				return err
			}
			defer func() { _ = global.SetFromMap(map[string]bool{string(gateName): false}) }()
		}
	}
	config := &server.Config{APIServerID: "judged"}
	if err := tracing.ApplyTo(nil, config); err != nil {
		return err
	}
	return try(providerOf(config), request.Export, &answer.Tracing)
}

// fileInContainer returns the content of a file of the node that a container
// sees at a path.
func fileInContainer(name string, pod corev1.Pod, files map[string]string) (string, error) {
	for _, mount := range pod.Spec.Containers[0].VolumeMounts {
		below, ok := strings.CutPrefix(name, mount.MountPath)
		if !ok || (below != "" && below[0] != '/') {
			continue
		}
		for _, volume := range pod.Spec.Volumes {
			if volume.Name != mount.Name || volume.HostPath == nil {
				continue
			}
			onNode := path.Join(volume.HostPath.Path, below)
			if text, ok := files[onNode]; ok {
				return text, nil
			}
			return "", fmt.Errorf("tracing-config-file %s does not exist: the node has no file %s", name, onNode)
		}
	}
	return "", fmt.Errorf("tracing-config-file %s does not exist: no volume of the node is mounted there", name)
}
