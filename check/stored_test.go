package check_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/check"
)

// keeps adds a ConfigMap of kubeadm.
func keeps(name, key, text string) func(*check.State) {
	return func(s *check.State) {
		s.ConfigMaps = append(s.ConfigMaps, corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: name}, Data: map[string]string{key: text}})
	}
}

// clusterConfiguration is what kubeadm of 1.31 and later keeps, with flags of etcd and
// of kube-apiserver.
func clusterConfiguration(etcd, server string) string {
	return `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
  - name: tracing-config-file
    value: /etc/kubernetes/tracing-config.yaml
` + server + `  extraVolumes:
  - name: tracing-config
    hostPath: /etc/kubernetes/tracing-config.yaml
    mountPath: /etc/kubernetes/tracing-config.yaml
    readOnly: true
    pathType: File
etcd:
  local:
    dataDir: /var/lib/etcd
    extraArgs:
    - name: distributed-tracing-address
      value: 127.0.0.1:4317
    - name: distributed-tracing-service-name
      value: etcd
    - name: distributed-tracing-sampling-rate
      value: "10000"
` + etcd
}

const (
	plainSwitch = "    - name: enable-distributed-tracing\n      value: \"true\"\n"
	oldSwitch   = "    - name: experimental-enable-distributed-tracing\n      value: \"true\"\n"
	serverGate  = "  - name: feature-gates\n    value: APIServerTracing=true\n"
)

// TestStored is about what kubeadm keeps for nodes that join and for upgrades.
func TestStored(t *testing.T) {
	for _, test := range []scenario{
		{"as the spec says", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(plainSwitch, "")), nil},
		{"an old flag, where etcd takes both", "1.34", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(oldSwitch, "")),
			[]string{"etcd: ConfigMap kubeadm-config --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing=true (stale)"}},
		{"an old flag, where etcd does not take it", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(oldSwitch, "")),
			[]string{"etcd: ConfigMap kubeadm-config --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing=true (refuses to start)"}},
		{"a gate that is gone", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(plainSwitch, serverGate)),
			[]string{"kube-apiserver: ConfigMap kubeadm-config --feature-gates APIServerTracing is true, wanted is nothing (refuses to start)"}},
		{"a gate that is there still", "1.37", keeps("kubelet-config", "kubelet", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates: {KubeletTracing: true}\ntracing: {endpoint: \"127.0.0.1:4317\", samplingRatePerMillion: 10000}\n"), nil},
		{"a gate that is gone in the next", "1.38", keeps("kubelet-config", "kubelet", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates: {KubeletTracing: true}\ntracing: {endpoint: \"127.0.0.1:4317\", samplingRatePerMillion: 10000}\n"),
			[]string{"kubelet: ConfigMap kubelet-config featureGates KubeletTracing is true, wanted is nothing (refuses to start)"}},
		{"a gate that is on by itself", "1.33", keeps("kubeadm-config", "ClusterConfiguration", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nfeatureGates: {APIServerTracing: true}\n"), []string{
			"kube-apiserver: ConfigMap kubeadm-config featureGates.APIServerTracing is true, wanted is nothing (refuses to start)",
			"etcd: ConfigMap kubeadm-config --experimental-distributed-tracing-address is nothing",
			"etcd: ConfigMap kubeadm-config --experimental-distributed-tracing-sampling-rate is nothing",
			"etcd: ConfigMap kubeadm-config --experimental-distributed-tracing-service-name is nothing",
			"etcd: ConfigMap kubeadm-config --experimental-enable-distributed-tracing is nothing",
			"kube-apiserver: ConfigMap kubeadm-config --tracing-config-file is nothing",
			"kube-apiserver: ConfigMap kubeadm-config apiServer.extraVolumes is nothing",
		}},
		{"variables that undo etcd's settings", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(plainSwitch+"    extraEnvs:\n    - {name: OTEL_EXPORTER_OTLP_TIMEOUT, value: \"1\"}\n", "")),
			[]string{"etcd: ConfigMap kubeadm-config OTEL_EXPORTER_OTLP_TIMEOUT is 1, wanted is nothing (stale)"}},
		{"the instance ID of somebody", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(plainSwitch+"    - name: distributed-tracing-instance-id\n      value: a\n", "")), nil},
		{"a gate that kube-proxy does not know", "1.37", keeps("kube-proxy", "config.conf", "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nfeatureGates: {APIServerTracing: true}\n"),
			[]string{"kube-proxy: ConfigMap kube-proxy featureGates APIServerTracing is true, wanted is nothing (refuses to start)"}},
		{"an old flag of etcd that is not of tracing", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(plainSwitch+"    - {name: experimental-compaction-batch-limit, value: \"1\"}\n", "")),
			[]string{"etcd: ConfigMap kubeadm-config --experimental-compaction-batch-limit is 1, wanted is nothing (refuses to start): Take it out, or write the one that has taken its place: etcd 3.7.0 to 3.7.1 has no flag that begins with experimental-"}},
		{"a text", "1.37", keeps("kubeadm-config", "ClusterConfiguration", "hello"),
			[]string{"kube-apiserver: ConfigMap kubeadm-config ClusterConfiguration is what cannot be read, wanted is a document of kubeadm (refuses to start): Line 1: it is the text \"hello\": write fields"}},
		{"another minor release", "1.37", keeps("kubeadm-config", "ClusterConfiguration", clusterConfiguration(plainSwitch, "")+"kubernetesVersion: v1.36.1\n"),
			[]string{"kube-apiserver: ConfigMap kubeadm-config kubernetesVersion is v1.36.1"}},
		{"flags in the other form", "1.34", keeps("kubeadm-config", "ClusterConfiguration", "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\netcd: {local: {extraArgs: [{name: v, value: \"1\"}]}}\napiServer:\n  extraArgs: {tracing-config-file: /etc/kubernetes/tracing-config.yaml}\n  extraVolumes: [{name: tracing-config, hostPath: /etc/kubernetes/tracing-config.yaml, mountPath: /etc/kubernetes/tracing-config.yaml, readOnly: true, pathType: File}]\n"),
			[]string{"etcd: ConfigMap kubeadm-config etcd.local.extraArgs is"}},
		{"no document", "1.37", keeps("kubeadm-config", "ClusterConfiguration", "a: [\n"),
			[]string{"kube-apiserver: ConfigMap kubeadm-config ClusterConfiguration is what cannot be read, wanted is a document of kubeadm (refuses to start)"}},
		{"another document", "1.37", keeps("kubeadm-config", "ClusterConfiguration", "kind: Cluster\n"),
			[]string{"kube-apiserver: ConfigMap kubeadm-config ClusterConfiguration is Cluster, wanted is a document of kubeadm (refuses to start)"}},
		{"another cluster's document", "1.37", keeps("other-config", "ClusterConfiguration", "a: [\n"), nil},
	} {
		test.run(t, check.Options{})
	}
}
