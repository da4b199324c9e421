package minikube_test

import (
	"fmt"

	"kubetrace/platform/minikube"
	"kubetrace/tracing"
)

func ExampleCluster() {
	start, err := minikube.Cluster(tracing.TracingSpec{KubernetesVersion: "v1.36.2", Etcd: tracing.EtcdSpec{Disabled: true}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, flag := range start.Flags {
		fmt.Println(flag)
	}
	for _, file := range start.Files { // os.CopyFS(home, start.FS()) writes them
		fmt.Println("~/.minikube/files" + file.Path)
	}
	// Output:
	// --kubernetes-version=v1.36.2
	// --extra-config=apiserver.tracing-config-file=/var/lib/minikube/certs/tracing-config.yaml
	// --extra-config=kubelet.config-dir=/etc/kubernetes/kubelet.conf.d
	// ~/.minikube/files/etc/kubernetes/kubelet.conf.d/90-kubetrace.conf
	// ~/.minikube/files/var/lib/minikube/certs/tracing-config.yaml
}
