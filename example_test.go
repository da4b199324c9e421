package kubetrace_test

import (
	"errors"
	"fmt"
	"io/fs"

	"kubetrace"
	"kubetrace/tracing"
)

// A release is all that a spec needs.
func ExampleGenerate() {
	bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.34.2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(bundle.TracingConfiguration.APIVersion)
	fmt.Println(*bundle.Kubelet.Tracing.Endpoint)
	fmt.Println(len(bundle.Kubeadm.Etcd.Args), "flags of etcd")
	for _, warning := range bundle.Warnings {
		fmt.Println("warning:", warning.Code)
	}
	// Output:
	// apiserver.config.k8s.io/v1beta1
	// 127.0.0.1:4317
	// 4 flags of etcd
	// warning: DefaultRate
	// warning: InMemoryBackend
}

// All problems of a spec come at once, each at the path of its field.
func ExampleGenerate_invalid() {
	_, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.21", Endpoint: "localhost:4317"})
	var invalid *tracing.InvalidSpecError
	if errors.As(err, &invalid) {
		for _, problem := range invalid.Errors {
			fmt.Println(problem.Field, problem.BadValue)
		}
	}
	// Output:
	// kubernetesVersion 1.21
	// endpoint localhost:4317
}

// os.CopyFS writes the files to a folder.
func ExampleBundle_FS() {
	bundle, err := kubetrace.Generate(tracing.TracingSpec{KubernetesVersion: "1.34.2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := bundle.FS()
	if err != nil {
		fmt.Println(err)
		return
	}
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			fmt.Println(name)
		}
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// README.md
	// apiserver/tracing-config.yaml
	// backend.yaml
	// collector.yaml
	// kubeadm/config.yaml
	// kubelet/90-tracing.conf
}

// A program that also asks single packages resolves its spec once.
func ExampleGenerateFor() {
	resolved, err := tracing.Resolve(tracing.TracingSpec{KubernetesVersion: "1.37"})
	if err != nil {
		fmt.Println(err)
		return
	}
	bundle, err := kubetrace.GenerateFor(resolved)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(resolved.ControlPlane().KubeadmAPIVersion, len(bundle.Collector))
	// Output:
	// kubeadm.k8s.io/v1beta4 4
}
