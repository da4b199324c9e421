package tracing

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// warningCases has for each code a spec that gives it and one, as near as can
// be, that does not.
var warningCases = []struct {
	code          WarningCode
	gives, spares string
	field         string
	release       string
	cure          string // a part of it
}{
	{WarnMemoryLeak, `kubernetesVersion: 1.29.9`, `kubernetesVersion: 1.29.10`, "kubernetesVersion", "kube-apiserver and kubelet 1.29.9", "1.29.10 or later"},
	{WarnMemoryLeak, `kubernetesVersion: 1.30.5`, `kubernetesVersion: 1.30.6`, "kubernetesVersion", "kube-apiserver and kubelet 1.30.5", "1.30.6 or later"},
	{WarnMemoryLeak, `kubernetesVersion: 1.31.1`, `kubernetesVersion: 1.31.2`, "kubernetesVersion", "kube-apiserver and kubelet 1.31.1", "1.31.2 or later"},
	{WarnMemoryLeak, `kubernetesVersion: "1.31"`, `kubernetesVersion: "1.32"`, "kubernetesVersion", "kube-apiserver and kubelet 1.31 before 1.31.2", "1.31.2 or later"},
	{WarnMemoryLeak, `{kubernetesVersion: 1.32.0, kubeletVersion: 1.29.0}`, `{kubernetesVersion: 1.32.0, kubeletVersion: 1.29.10}`, "kubeletVersion", "kubelet 1.29.0", "1.29.10 or later"},
	{WarnMemoryLeak, `{kubernetesVersion: 1.29.1, kubelet: {disabled: true}}`, `{kubernetesVersion: 1.29.1, apiServer: {disabled: true}, kubelet: {disabled: true}}`, "kubernetesVersion", "kube-apiserver 1.29.1", "1.29.10 or later"},
	{WarnEtcdNotTraced, `kubernetesVersion: "1.25"`, `kubernetesVersion: "1.26"`, "etcd.imageTag", "etcd 3.5.4 to 3.5.10, kubeadm's default for Kubernetes 1.25", "etcd.imageTag of 3.5.11 or later"},
	{WarnEtcdNotTraced, `kubernetesVersion: "1.22"`, `{kubernetesVersion: "1.22", etcd: {imageTag: v3.5.5}}`, "etcd.imageTag", "etcd 3.5.0 to 3.5.6, kubeadm's default for Kubernetes 1.22", "etcd.imageTag of 3.5.11 or later"},
	{WarnEtcdNoRootSampling, `kubernetesVersion: "1.29"`, `kubernetesVersion: "1.30"`, "etcd.imageTag", "etcd 3.5.10 to 3.5.16, kubeadm's default for Kubernetes 1.29", "3.5.11 or later"},
	{WarnEtcdNoRootSampling, `kubernetesVersion: "1.26"`, `kubernetesVersion: "1.25"`, "etcd.imageTag", "etcd 3.5.6 to 3.5.12, kubeadm's default for Kubernetes 1.26", "3.5.11 or later"},
	{WarnEtcdNoRootSampling, `etcd: {external: true, version: 3.5.10}`, `etcd: {external: true, version: 3.5.11}`, "etcd.version", "etcd 3.5.10", "3.5.11 or later"},
	{WarnEtcdRateIgnored, `{kubernetesVersion: "1.29", etcd: {samplingRatePerMillion: 1}}`, `kubernetesVersion: "1.29"`, "etcd.samplingRatePerMillion", "etcd 3.5.10 to 3.5.16, kubeadm's default for Kubernetes 1.29", "leave the rate out"},
	{WarnEtcdRateIgnored, `etcd: {imageTag: v3.5.5, samplingRatePerMillion: 1}`, `etcd: {imageTag: v3.5.11, samplingRatePerMillion: 1}`, "etcd.samplingRatePerMillion", "etcd 3.5.5", "leave the rate out"},
	{WarnEtcdVersionIgnored, `{kubernetesVersion: "1.29", etcd: {version: 3.5.11}}`, `{kubernetesVersion: "1.29", etcd: {imageTag: 3.5.11-0}}`, "etcd.version", "etcd 3.5.11", "etcd.imageTag, such as 3.5.11-0"},
	{WarnEtcdVersionIgnored, `{kubernetesVersion: "1.25", etcd: {version: 3.5.6}}`, `{kubernetesVersion: "1.26", etcd: {version: 3.5.6}}`, "etcd.version", "etcd 3.5.6", "etcd.imageTag, such as 3.5.6-0"},
	{WarnEtcdVersionIgnored, `{kubernetesVersion: "1.29", etcd: {version: 3.5.16}}`, `{kubernetesVersion: "1.29", etcd: {external: true, version: 3.5.16}}`, "etcd.version", "etcd 3.5.16", "which decides it"},
	{WarnEtcdVersionIgnored, `{kubernetesVersion: "1.29", etcd: {version: v3.5.11}}`, `{kubernetesVersion: "1.29", etcd: {version: 3.5.10}}`, "etcd.version", "etcd 3.5.11", "which decides it"},
	{WarnEtcdImage, `{kubernetesVersion: "1.29", etcd: {imageTag: v3.5.11}}`, `{kubernetesVersion: "1.29", etcd: {imageTag: 3.5.11-0}}`, "etcd.imageTag", "etcd v3.5.11", "etcd.imageRepository too"},
	{WarnEtcdImage, `{kubernetesVersion: "1.29", etcd: {imageRepository: quay.io/coreos}}`, `{kubernetesVersion: "1.29", etcd: {imageRepository: quay.io/coreos, imageTag: v3.5.11}}`, "etcd.imageRepository", "etcd ", "such as v3.5.21"},
	{WarnEtcdImage, `{kubernetesVersion: "1.29", etcd: {imageRepository: quay.io/coreos/etcd, imageTag: v3.5.11}}`, `{kubernetesVersion: "1.29", etcd: {imageRepository: registry.example.com, imageTag: v3.5.11}}`, "etcd.imageRepository", "etcd v3.5.11", "Write quay.io/coreos unless"},
	{WarnEtcdExternal, `etcd: {external: true, version: 3.6.4}`, `etcd: {version: 3.6.4}`, "etcd.external", "etcd 3.6.4", "never both"},
	{WarnInstanceIDShared, `etcd: {instanceID: a}`, `{}`, "etcd.instanceID", "every etcd", "leave it empty"},
	{WarnClientsForceSampling, `kubernetesVersion: 1.25.16`, `kubernetesVersion: "1.26"`, "kubernetesVersion", "Kubernetes 1.25.16", "Move to 1.26 or later"},
	{WarnTraceContextIgnored, `kubernetesVersion: "1.26"`, `kubernetesVersion: "1.25"`, "kubernetesVersion", "Kubernetes 1.26", "1.33"},
	{WarnTraceContextIgnored, `kubernetesVersion: v1.32.0`, `kubernetesVersion: "1.33"`, "kubernetesVersion", "Kubernetes 1.32.0", "1.33 or later"},
	{WarnEgressSelectorPanic, `kubernetesVersion: "1.22"`, `{kubernetesVersion: "1.22", apiServer: {disabled: true}}`, "kubernetesVersion", "Kubernetes 1.22", "controlplane entry"},
	{WarnKubeletNotTraced, `kubernetesVersion: "1.24"`, `kubernetesVersion: "1.25"`, "kubeletVersion", "kubelet 1.24", "1.25 or later"},
	{WarnKubeletNotTraced, `{kubernetesVersion: "1.25", kubeletVersion: 1.23.1}`, `{kubernetesVersion: "1.24", kubelet: {disabled: true}}`, "kubeletVersion", "kubelet 1.23", "1.25 or later"},
	{WarnKubeletCallsApart, `kubernetesVersion: "1.26"`, `kubernetesVersion: "1.27"`, "kubeletVersion", "kubelet 1.26", "Look for them by time"},
	{WarnKubeletCallsApart, `{kubernetesVersion: "1.30", kubeletVersion: "1.29"}`, `kubernetesVersion: "1.30"`, "kubeletVersion", "kubelet 1.29", "Look for them by time"},
	{WarnKubeletDropIn, `kubernetesVersion: "1.27"`, `{kubernetesVersion: "1.27", kubelet: {disabled: true}}`, "kubeletVersion", "kubelet 1.27", "Give the fragment to kubeadm"},
	{WarnKubeletDropIn, `kubernetesVersion: "1.28"`, `kubernetesVersion: "1.30"`, "kubeletVersion", "kubelet 1.28", "Do not use the fragment as a drop-in"},
	{WarnKubeletDropIn, `{kubernetesVersion: "1.31", kubeletVersion: "1.29"}`, `{kubernetesVersion: "1.31", kubeletVersion: "1.30"}`, "kubeletVersion", "kubelet 1.29", "Set the variable"},
	{WarnDefaultRate, `kubernetesVersion: v1.34.2`, `samplingRatePerMillion: 10001`, "samplingRatePerMillion", "Kubernetes 1.34.2", "write 1000000"},
	{WarnDefaultRate, `{etcd: {samplingRatePerMillion: 1}, apiServer: {samplingRatePerMillion: 1}}`, `{etcd: {samplingRatePerMillion: 1}, apiServer: {samplingRatePerMillion: 1}, kubelet: {disabled: true}}`, "samplingRatePerMillion", "Kubernetes 1.34", "write 1000000"},
	{WarnNothingTraced, `{etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}}`, `{etcd: {disabled: true}, apiServer: {disabled: true}}`, "apiServer.disabled", "Kubernetes 1.34", "Leave disabled out"},
	{WarnInMemoryBackend, `{}`, `collector: {exporter: {endpoint: "a:4317"}}`, "collector.exporter.endpoint", "Jaeger", "Write collector.exporter.endpoint"},
	{WarnInMemoryBackend, `backend: {namespace: jaeger}`, `collector: {disabled: true}`, "collector.exporter.endpoint", "Jaeger", "Write collector.exporter.endpoint"},
	{WarnNamespaceNotManaged, `collector: {namespace: monitoring}`, `collector: {namespace: monitoring, manageNamespace: true}`, "collector.namespace", "every Kubernetes release", "kubectl label namespace monitoring pod-security.kubernetes.io/enforce=privileged"},
	{WarnNamespaceNotManaged, `collector: {manageNamespace: false}`, `{}`, "collector.namespace", "every Kubernetes release", "kubectl label namespace kubetrace-system"},
	{WarnCollectorRoot, `collector: {queue: {storage: hostPath}}`, `collector: {queue: {storage: emptyDir}}`, "collector.queue.storage", "every collector release", "Write emptyDir"},
	{WarnQueueUnbounded, `collector: {version: 0.155.0, queue: {storage: emptyDir}}`, `collector: {version: 0.156.0, queue: {storage: emptyDir}}`, "collector.queue.storage", "collectors before 0.156", "0.156.0 or later"},
	{WarnQueueUnsafe, `collector: {queue: {storage: emptyDir, unsafeNoSync: true}}`, `collector: {queue: {storage: emptyDir}}`, "collector.queue.unsafeNoSync", "every collector release", "Leave it out"},
	{WarnGatewayPlainText, `gateway: {}`, `{}`, "gateway.tls", "every collector release", "Write gateway.tls"},
	{WarnGatewayPlainText, `gateway: {replicas: 3}`, `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}}}`, "gateway.tls", "every collector release", "a client certificate"},
	{WarnGatewayOpen, `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}}}`, `gateway: {tls: {ca: {name: a, key: a}, cert: {name: b, key: b}, key: {name: b, key: c}, clientCA: {name: d, key: a}, clientCert: {name: d, key: b}, clientKey: {name: d, key: c}}}`, "gateway.tls.clientCA", "every collector release", "NetworkPolicy"},
	{WarnGatewayThrottled, `{gateway: {}, collector: {exporter: {protocol: http, endpoint: "https://a"}}}`, `{gateway: {}, collector: {exporter: {endpoint: "a:4317"}}}`, "gateway", "every collector release", "Leave the gateway out"},
	{WarnQueueDamage, `collector: {queue: {storage: emptyDir}}`, `{}`, "collector.queue.storage", "every collector release", "delete the pod"},
	{WarnQueueDamage, `collector: {version: 0.144.0, queue: {storage: hostPath}}`, `collector: {version: 0.144.0}`, "collector.queue.storage", "every collector release", "hostPath's folder"},
	{WarnRuntimePolls, `{containerd: {version: "2.3", samplingRatePerMillion: 5}, kubelet: {disabled: true}}`, `containerd: {version: "2.3", samplingRatePerMillion: 5}`, "containerd.samplingRatePerMillion", "containerd 2.3", "leave the rate out"},
	{WarnRuntimePolls, `{kubernetesVersion: "1.24", crio: {version: "1.24", samplingRatePerMillion: 5}}`, `{kubernetesVersion: "1.24", crio: {version: "1.24"}}`, "crio.samplingRatePerMillion", "CRI-O 1.24", "Trace the kubelet"},
	{WarnRuntimeIdle, `{crio: {version: "1.34"}, kubelet: {disabled: true}}`, `crio: {version: "1.34"}`, "crio.samplingRatePerMillion", "CRI-O 1.34", "leave crio out"},
	{WarnRuntimeIdle, `{containerd: {version: 2.3.4}, kubelet: {disabled: true}}`, `kubelet: {disabled: true}`, "containerd.samplingRatePerMillion", "containerd 2.3.4", "leave containerd out"},
	{WarnRuntimeIgnoresKubelet, `containerd: {version: 1.6.31, samplingRatePerMillion: 5}`, `containerd: {version: 1.6.32, samplingRatePerMillion: 5}`, "containerd.version", "containerd 1.6.31", "1.6.32 or later"},
	{WarnRuntimeUntraced, `containerd: {version: "1.6"}`, `containerd: {version: 1.6.32}`, "containerd.version", "containerd 1.6", "1.6.32 or later"},
	{WarnRuntimeUntraced, `containerd: {version: "1.6", samplingRatePerMillion: 3}`, `containerd: {version: "1.7"}`, "containerd.version", "containerd 1.6", "1.6.32 or later"},
	{WarnRuntimeOld, `{kubernetesVersion: "1.35", containerd: {version: "1.7"}}`, `{kubernetesVersion: "1.35", containerd: {version: "2.0"}}`, "containerd.version", "containerd 1.7", "2.0 or later"},
	{WarnRuntimeOld, `{kubernetesVersion: "1.37", kubeletVersion: "1.35", containerd: {version: 1.7.35}}`, `{kubernetesVersion: "1.37", kubeletVersion: "1.34", containerd: {version: 1.7.35}}`, "containerd.version", "containerd 1.7.35", "2.0 or later"},
	{WarnRuntimeOld, `crio: {version: 1.33.9}`, `crio: {version: "1.34"}`, "crio.version", "CRI-O 1.33.9", "Move CRI-O to 1.34"},
	{WarnRuntimeEndpoint, `{crio: {version: "1.34"}, endpoint: "unix-abstract:///a"}`, `crio: {version: "1.34"}`, "endpoint", "CRI-O 1.34", "127.0.0.1:4317"},
	{WarnNewerRelease, `containerd: {version: "2.5"}`, `containerd: {version: 2.4.99}`, "containerd.version", "containerd 2.5", "newer kubetrace"},
	{WarnNewerRelease, `crio: {version: 1.37.1}`, `crio: {version: "1.36"}`, "crio.version", "CRI-O 1.37.1", "newer kubetrace"},
	{WarnNewerRelease, `collector: {version: "0.166"}`, `collector: {version: "0.165.9"}`, "collector.version", "collector 0.166.0", "0.165.0"},
	{WarnNewerRelease, `kubernetesVersion: "1.39"`, `kubernetesVersion: 1.38.99`, "kubernetesVersion", "Kubernetes 1.39", "newer kubetrace"},
	{WarnPreviewRelease, `kubernetesVersion: 1.38.0-beta.0`, `kubernetesVersion: 1.37.99`, "kubernetesVersion", "Kubernetes 1.38.0-beta.0", "once 1.38 is out"},
	{WarnPreviewRelease, `kubernetesVersion: "1.38"`, `kubernetesVersion: "1.39"`, "kubernetesVersion", "Kubernetes 1.38", "newer kubetrace"},
	{WarnNewerRelease, `etcd: {imageTag: v3.8.0}`, `etcd: {imageTag: v3.7.99}`, "etcd.imageTag", "etcd 3.8.0", "newer kubetrace"},
}

func TestWarnings(t *testing.T) {
	for _, c := range warningCases {
		t.Run(string(c.code)+" "+c.gives, func(t *testing.T) {
			var given []Warning
			for _, w := range resolved(t, c.gives).Warnings {
				if w.Code == c.code {
					given = append(given, w)
				}
			}
			if !slices.ContainsFunc(given, func(w Warning) bool {
				return w.Field == c.field && w.Release == c.release && strings.Contains(w.Cure, c.cure)
			}) {
				t.Errorf("no %s about %s of %s whose cure says %q, but %+v", c.code, c.field, c.release, c.cure, given)
			}
			for _, w := range resolved(t, c.spares).Warnings {
				if w.Code == c.code {
					t.Errorf("%s gives it too: %s", c.spares, w)
				}
			}
		})
	}
}

// Every code that is declared has a case above, and its own text.
func TestWarningCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "warning.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil || seen[text] || "Warn"+text != spec.Names[0].Name {
			t.Errorf("%s has the text %q", spec.Names[0], text)
		}
		seen[text] = true
		return true
	})
	tested := map[string]bool{}
	for _, c := range warningCases {
		tested[string(c.code)] = true
	}
	if len(seen) < 16 {
		t.Errorf("only %d codes were found in warning.go", len(seen))
	}
	for code := range seen {
		if !tested[code] {
			t.Errorf("no case for %s", code)
		}
	}
}

func TestWarningString(t *testing.T) {
	w := Warning{Code: "C", Field: "etcd.version", Release: "etcd 3.5.10", Message: "It happens", Cure: "Do this"}
	if got, want := w.String(), "etcd.version (etcd 3.5.10): It happens. Do this."; got != want {
		t.Errorf("String is %q, want %q", got, want)
	}
}
