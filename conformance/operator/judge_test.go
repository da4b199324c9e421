package operator

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kubetrace/collector/operator"
	"kubetrace/tracing"
)

// specs are YAML, to which each test adds what it is about.
func specs(t *testing.T) map[string]tracing.TracingSpec {
	t.Helper()
	all := map[string]tracing.TracingSpec{}
	for name, text := range map[string]string{
		"minimal":         `{}`,
		"no kubelet":      `{kubelet: {disabled: true}}`,
		"abstract socket": `{endpoint: "unix-abstract:///kubetrace"}`,
		"IPv6":            `{endpoint: "[::1]:4317"}`,
		"emptyDir":        `{collector: {queue: {storage: emptyDir}}}`,
		"hostPath":        `{collector: {queue: {storage: hostPath}}}`,
		"HTTP":            `{collector: {exporter: {endpoint: "https://otlp.example.com", protocol: http}}}`,
		"plain text":      `{collector: {exporter: {endpoint: "otlp.example.com:4317", insecure: true, compression: zstd}}}`,
		"full": `
clusterName: $prod ${env:HOME} "1"
collector:
  namespace: traces
  name: node
  imagePullSecrets: [{name: registry}]
  tolerations:
  - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
  - {key: a, operator: Equal, value: b, effect: NoExecute, tolerationSeconds: 3}
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
	} {
		spec, err := tracing.Load([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = spec
	}
	for _, release := range tracing.CollectorReleases() {
		all["collector "+release.From] = tracing.TracingSpec{Collector: tracing.CollectorSpec{Version: release.From}}
	}
	releases := tracing.Releases()
	for name, spec := range all {
		spec.KubernetesVersion = releases[len(releases)-1].Kubernetes
		all[name] = spec
	}
	for _, release := range releases {
		all["Kubernetes "+release.Kubernetes] = tracing.TracingSpec{KubernetesVersion: release.Kubernetes}
	}
	return all
}

// definitions runs a test for each definition.
func definitions(t *testing.T, test func(*testing.T, *Definition)) {
	files, err := Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range files {
		name := "pinned"
		if i > 0 {
			name = filepath.Base(file)
		}
		t.Run(name, func(t *testing.T) {
			definition, err := Read(file)
			if err != nil {
				t.Fatal(err)
			}
			test(t, definition)
		})
	}
}

// generated returns the printed resource of a spec.
func generated(t *testing.T, spec tracing.TracingSpec) []byte {
	t.Helper()
	resource, err := operator.OpenTelemetryCollector(spec)
	if err != nil {
		t.Fatal(err)
	}
	text, err := tracing.Marshal(resource)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func judge(t *testing.T, definition *Definition, document []byte) []string {
	t.Helper()
	problems, err := definition.Judge(t.Context(), document)
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

func TestAccepted(t *testing.T) {
	all := specs(t)
	definitions(t, func(t *testing.T, definition *Definition) {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			t.Run(name, func(t *testing.T) {
				document := generated(t, all[name])
				for _, problem := range judge(t, definition, document) {
					t.Error(problem)
				}
				if t.Failed() {
					t.Logf("%s", document)
				}
			})
		}
	})
}

// change is one of a resource, to a value of YAML.
type change struct {
	path, value string
	want        string // in a problem
}

// TestRefused shows that the judge sees what is wrong: each change makes of a
// resource that it accepts one that it refuses for that reason.
func TestRefused(t *testing.T) {
	checkRefused(t, []change{
		{"spec.hostNetwork", `"yes"`, `spec.hostNetwork: Invalid value: "string"`},
		{"spec.mode", `cluster`, `spec.mode: Unsupported value: "cluster"`},
		{"spec.mode", `sidecar`, `does not support the attribute 'tolerations'`}, // a rule
		{"spec.managementState", `yes please`, `spec.managementState: Unsupported value`},
		{"spec.upgradeStrategy", `never`, `spec.upgradeStrategy: Unsupported value`},
		{"spec.tolerations", `{}`, `spec.tolerations: Invalid value: "object"`},
		{"spec.env", `[{value: a}]`, `spec.env[0].name: Required value`},
		{"spec.config", `a text`, `spec.config: Invalid value: "string"`},
		{"spec.config.service", `{}`, `spec.config.service.pipelines: Required value`},
		{"spec.config.service.pipelines.traces.receivers", `otlp`, `spec.config.service.pipelines.traces.receivers`},
		{"spec.config.service.pipelines.traces.processors", `null`, `spec.config.service.pipelines.traces.processors is dropped`},
		{"spec.config.service.pipelines.traces.exporters", `null`, `spec.config.service.pipelines.traces.exporters: Required value`},
		{"spec.daemonSetUpdateStrategy.rollingUpdate.maxUnavailable", `[]`, `spec.daemonSetUpdateStrategy.rollingUpdate.maxUnavailable`},
		{"spec.config.processors", `null`, `spec.config.processors is dropped`},
		{"spec.networkPolicy.enable", `false`, `spec.networkPolicy.enable is unknown`},
		{"metadata.name", `Collector`, `metadata.name: Invalid value: "Collector"`},
		{"apiVersion", `opentelemetry.io/v1alpha1`, `it is opentelemetry.io/v1alpha1, Kind=OpenTelemetryCollector`},
	})
}

// TestNotExpressible says that the resource still has no field for what
// operator.Warnings says it cannot express.
func TestNotExpressible(t *testing.T) {
	checkRefused(t, []change{
		{"spec.automountServiceAccountToken", `false`, `spec.automountServiceAccountToken is unknown`},
		{"spec.enableServiceLinks", `false`, `spec.enableServiceLinks is unknown`},
		{"spec.imagePullSecrets", `[{name: a}]`, `spec.imagePullSecrets is unknown`},
		{"spec.livenessProbe", `{httpGet: {host: 127.0.0.1, port: 18133}}`, `spec.livenessProbe.httpGet is unknown`},
		{"spec.livenessProbe", `{host: 127.0.0.1}`, `spec.livenessProbe.host is unknown`},
		{"spec.ports", `[{name: a, port: 4317, hostPort: 4317, hostIP: 127.0.0.1}]`, `spec.ports[0].hostIP is unknown`},
	})
}

func checkRefused(t *testing.T, changes []change) {
	text := generated(t, tracing.TracingSpec{KubernetesVersion: "1.34"})
	definitions(t, func(t *testing.T, definition *Definition) {
		if problems := judge(t, definition, text); len(problems) > 0 {
			t.Fatalf("what is to be changed is refused already: %q", problems)
		}
		for _, c := range changes {
			t.Run(c.path+" "+c.value, func(t *testing.T) {
				var tree, value any
				if err := yaml.Unmarshal(text, &tree); err != nil {
					t.Fatal(err)
				}
				if err := yaml.Unmarshal([]byte(c.value), &value); err != nil {
					t.Fatal(err)
				}
				keys := strings.Split(c.path, ".")
				section := tree.(map[string]any)
				for _, key := range keys[:len(keys)-1] {
					section = section[key].(map[string]any)
				}
				section[keys[len(keys)-1]] = value
				document, err := yaml.Marshal(tree)
				if err != nil {
					t.Fatal(err)
				}
				problems := judge(t, definition, document)
				if !slices.ContainsFunc(problems, func(problem string) bool { return strings.Contains(problem, c.want) }) {
					t.Errorf("got %q, want %q", problems, c.want)
				}
			})
		}
	})
}

// TestMissingDefinition says what to do where a file is not there or is another.
func TestMissingDefinition(t *testing.T) {
	if _, err := Read("no.yaml"); err == nil || !strings.Contains(err.Error(), "KUBETRACE_OPERATOR_CRD has to name a copy of config/crd/bases/") {
		t.Errorf("got %v", err)
	}
	files, err := Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(files[0], "opentelemetrycollectors", "opampbridges", 1)
	if _, err := Read(other); err == nil || !strings.Contains(err.Error(), `defines "opampbridges.opentelemetry.io" and not v1beta1 of opentelemetrycollectors.opentelemetry.io`) {
		t.Errorf("got %v", err)
	}
}
