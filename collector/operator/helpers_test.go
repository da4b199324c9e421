package operator_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/collector/operator"
	"kubetrace/collector/operator/v1beta1"
	"kubetrace/tracing"
)

// specs reach every way in which the pods and the configuration differ.
var specs = map[string]string{
	"minimal":         `{kubernetesVersion: "1.34"}`,
	"no kubelet":      `{kubernetesVersion: "1.34", kubelet: {disabled: true}}`,
	"abstract socket": `{kubernetesVersion: "1.34", endpoint: "unix-abstract:///kubetrace"}`,
	"IPv6":            `{kubernetesVersion: "1.34", endpoint: "[::1]:4317"}`,
	"old collector":   `{kubernetesVersion: "1.34", collector: {version: 0.123.0}}`,
	"emptyDir":        `{kubernetesVersion: "1.34", collector: {queue: {storage: emptyDir}}}`,
	"hostPath":        `{kubernetesVersion: "1.34", collector: {queue: {storage: hostPath}}}`,
	"HTTP":            `{kubernetesVersion: "1.34", collector: {exporter: {endpoint: "https://otlp.example.com", protocol: http}}}`,
	"full": `
kubernetesVersion: v1.36.1
clusterName: $prod ${env:HOME} "1"
collector:
  namespace: traces
  name: node
  imagePullSecrets: [{name: registry}]
  tolerations: [{key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 3}]
  nodeSelector: {a: b}
  priorityClassName: mine
  labels: {a: b}
  annotations: {a: b}
  resources: {limits: {memory: 1Gi, cpu: 500m}, requests: {memory: 512Mi}}
  exporter:
    endpoint: otlp.example.com:4317
    tls: {ca: {name: ca, key: ca}, cert: {name: tls, key: crt}, key: {name: tls, key: key}, serverName: traces.example.com}
    headers: [{name: a, value: $b}, {name: b, secretKeyRef: {name: token, key: token}}]
`,
}

// disabled is a spec without a collector.
const disabled = `{kubernetesVersion: "1.34", collector: {disabled: true}}`

func load(t testing.TB, text string) tracing.TracingSpec {
	t.Helper()
	spec, err := tracing.Load([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func resolve(t testing.TB, text string) tracing.Resolved {
	t.Helper()
	resolved, err := tracing.Resolve(load(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return resolved
}

// generated is what comes of a spec in both forms.
type generated struct {
	resource *v1beta1.OpenTelemetryCollector
	pod      corev1.PodSpec // of the DaemonSet
	resolved tracing.Resolved
}

// each runs a test for each spec.
func each(t *testing.T, test func(*testing.T, generated)) {
	for _, name := range slices.Sorted(maps.Keys(specs)) {
		t.Run(name, func(t *testing.T) {
			resolved := resolve(t, specs[name])
			test(t, generated{operator.OpenTelemetryCollectorFor(resolved), collector.DaemonSetFor(resolved).Spec.Template.Spec, resolved})
		})
	}
}

// tree returns what an object is printed as.
func tree(t testing.TB, object any) any {
	t.Helper()
	text, err := tracing.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := yaml.UnmarshalStrict(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// at returns what is at a path of keys, or nil.
func at(value any, path string) any {
	for _, key := range strings.Split(path, ".") {
		section, _ := value.(map[string]any)
		value = section[key]
	}
	return value
}
