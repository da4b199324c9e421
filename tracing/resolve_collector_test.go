package tracing

import (
	"strings"
	"testing"
)

var validCollectors = map[string]string{
	"collector of a digest": `collector: {version: 0.150.0, distribution: k8s, image: "registry.example.com/otelcol@sha256:` + strings.Repeat("a", 64) + `"}`,
	"official collector without a tag": `
collector: {version: 0.150.0, image: ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s}`,
	"official collector and its distribution": `
collector: {distribution: contrib, image: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib:0.150.0"}`,
	"collector's tag and version agree": `collector: {version: "0.150", image: "registry.example.com/otelcol:0.150.3"}`,
	"oldest collector":                  `collector: {version: 0.123.0}`,
	"collector of a contrib tag":        `collector: {distribution: contrib, version: 0.143.0}`,
	"namespace of others":               `collector: {namespace: monitoring}`,
	"namespace of the cluster":          `collector: {namespace: kube-system, manageNamespace: false}`,
	"another namespace to manage":       `collector: {namespace: tracing, manageNamespace: true}`,
	"backend elsewhere":                 `backend: {namespace: jaeger, image: "jaegertracing/all-in-one:1.76.0"}`,
	"pods": `
collector:
  name: otel
  imagePullSecrets: [{name: registry.example.com}]
  tolerations:
  - {key: node-role.kubernetes.io/control-plane, operator: Exists, effect: NoSchedule}
  - {key: team, value: a.b_c, effect: NoExecute, tolerationSeconds: 60}
  - {key: team, operator: Equal, effect: PreferNoSchedule}
  nodeSelector: {team: "y", example.com/pool: ""}
  priorityClassName: system-cluster-critical
  labels: {team: a}
  annotations: {example.com/note: "Ω any text ${x}"}
  resources: {limits: {cpu: "1", memory: 64Mi, ephemeral-storage: 1Gi}, requests: {cpu: 0, memory: 64Mi}}
  queue: {size: 2048}
  healthPort: 1024
  metricsPort: 65535`,
	"no tolerations":          `collector: {tolerations: []}`,
	"largest queue":           `collector: {queue: {size: 10000000, storage: emptyDir}}`,
	"ports beside a socket":   `{endpoint: unix-abstract:///a, collector: {healthPort: 4317, metricsPort: 4318}}`,
	"ports with IPv6":         `{endpoint: "[::1]:14317", collector: {healthPort: 4317}}`,
	"linux":                   `collector: {nodeSelector: {kubernetes.io/os: linux}}`,
	"CPU limit under default": `collector: {resources: {limits: {cpu: 50m}}}`,
}

func TestValidateCollectorNames(t *testing.T) {
	const label = "at most 63 lower-case letters"
	checkInvalid(t, []invalidCase{
		{"namespace", `collector: {namespace: Tracing}`, []problem{{invalid, "collector.namespace", `such as "kubetrace-system"`}}},
		{"namespace with a dot", `collector: {namespace: a.b}`, []problem{{invalid, "collector.namespace", label}}},
		{"name is too long for a label", `collector: {name: ` + strings.Repeat("a", 64) + `}`, []problem{{invalid, "collector.name", label}}},
		{"name of the namespace's own ServiceAccount", `collector: {name: default}`, []problem{{invalid, "collector.name", "write another name"}}},
		{"cluster's namespace to manage", `collector: {namespace: kube-system, manageNamespace: true}`, []problem{{invalid, "collector.manageNamespace", "leave manageNamespace out"}}},
		{"pull secret without a name", `collector: {imagePullSecrets: [{name: a}, {}]}`, []problem{{invalid, "collector.imagePullSecrets[1].name", "write the name of an object"}}},
		{"pull secret twice", `collector: {imagePullSecrets: [{name: a}, {name: b}, {name: a}]}`, []problem{{duplicate, "collector.imagePullSecrets[2].name", "write each Secret once"}}},
		{"priority class", `collector: {priorityClassName: High Priority}`, []problem{{invalid, "collector.priorityClassName", "write the name of an object"}}},
		{"label key", `collector: {labels: {"a b": c}}`, []problem{{invalid, "collector.labels", "must consist of"}}},
		{"label values", `collector: {labels: {a: "x y", b: "z y", c: "w y"}}`, []problem{
			{invalid, "collector.labels", "must"}, {invalid, "collector.labels", "must"}, {invalid, "collector.labels", "must"},
		}},
		{"label of ours", `collector: {labels: {app.kubernetes.io/name: x}}`, []problem{{forbidden, "collector.labels[app.kubernetes.io/name]", "choose another key"}}},
		{"annotation key", `collector: {annotations: {"-": c}}`, []problem{{invalid, "collector.annotations", "must consist of"}}},
		{"node selector", `collector: {nodeSelector: {a: "-"}}`, []problem{{invalid, "collector.nodeSelector", "must"}}},
		{"other system", `collector: {nodeSelector: {kubernetes.io/os: windows}}`, []problem{{invalid, "collector.nodeSelector[kubernetes.io/os]", "leave the key out, or write linux"}}},
	})
}

func TestValidateCollectorImage(t *testing.T) {
	const digest = "registry.example.com/otelcol@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	checkInvalid(t, []invalidCase{
		{"not an image", `collector: {image: "a b"}`, []problem{{invalid, "collector.image", "write one such as registry.example.com/team/image:1.2.3"}}},
		{"old image", `collector: {image: "otel/opentelemetry-collector-k8s:0.122.1"}`, []problem{{invalid, "collector.image", "from 0.123.0 on"}}},
		{"old version", `collector: {version: 0.122.1}`, []problem{{invalid, "collector.version", "from 0.123.0 on"}}},
		{"no version", `collector: {version: latest}`, []problem{{invalid, "collector.version", `such as "0.165.0"`}}},
		{"version that no tag can name", `collector: {version: 0.150.0+a}`, []problem{{invalid, "collector.version", `such as "0.165.0"`}}},
		{"distribution", `collector: {distribution: mine}`, []problem{{invalid, "collector.distribution", "write core, k8s or contrib"}}},
		{"image of another distribution", `collector: {distribution: core, image: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.150.0"}`,
			[]problem{{invalid, "collector.distribution", "is that of the distribution k8s"}}},
		{"image and version differ", `collector: {version: 0.150.1, image: "registry.example.com/otelcol:0.150.0"}`, []problem{{invalid, "collector.version", "make them agree"}}},
		{"tag without a version", `collector: {image: "otel/opentelemetry-collector-k8s:latest"}`, []problem{
			{required, "collector.version", `such as "0.165.0"`},
			{required, "collector.distribution", "write core, k8s or contrib"},
		}},
		{"digest without a version", `collector: {distribution: k8s, image: "` + digest + `"}`, []problem{{required, "collector.version", "the configuration depends on it"}}},
		{"digest without a distribution", `collector: {version: 0.150.0, image: "` + digest + `"}`, []problem{{required, "collector.distribution", "which components it holds"}}},
	})
}

func TestValidateTolerations(t *testing.T) {
	const at = "collector.tolerations[0]."
	checkInvalid(t, []invalidCase{
		{"no key", `collector: {tolerations: [{effect: NoSchedule}]}`, []problem{{required, at + "key", "or the operator Exists"}}},
		{"second one", `collector: {tolerations: [{operator: Exists}, {operator: Equal}]}`, []problem{{required, "collector.tolerations[1].key", "write the taint's key"}}},
		{"key", `collector: {tolerations: [{key: "a b", operator: Exists}]}`, []problem{{invalid, at + "key", "must consist of"}}},
		{"operator", `collector: {tolerations: [{key: a, operator: In}]}`, []problem{{invalid, at + "operator", "write Exists or Equal"}}},
		{"value of Exists", `collector: {tolerations: [{key: a, operator: Exists, value: b}]}`, []problem{{invalid, at + "value", "leave it out"}}},
		{"value", `collector: {tolerations: [{key: a, value: "b c"}]}`, []problem{{invalid, at + "value", "write the taint's value"}}},
		{"effect", `collector: {tolerations: [{operator: Exists, effect: noSchedule}]}`, []problem{{invalid, at + "effect", "write NoSchedule, PreferNoSchedule or NoExecute"}}},
		{"seconds", `collector: {tolerations: [{operator: Exists, tolerationSeconds: 5}]}`, []problem{{invalid, at + "tolerationSeconds", "leave it out, or write that effect"}}},
	})
}

func TestValidateResources(t *testing.T) {
	checkInvalid(t, []invalidCase{
		{"little memory", `collector: {resources: {limits: {memory: 63Mi}, requests: {memory: 1Mi}}}`, []problem{{invalid, "collector.resources.limits[memory]", "64Mi at least"}}},
		{"no memory", `collector: {resources: {limits: {memory: 0}, requests: {memory: 0}}}`, []problem{{invalid, "collector.resources.limits[memory]", "64Mi at least"}}},
		{"request above the limit", `collector: {resources: {limits: {memory: 64Mi}, requests: {memory: 65Mi}}}`, []problem{{invalid, "collector.resources.requests[memory]", "write resources.limits.memory too"}}},
		{"request above the default limit", `collector: {resources: {requests: {memory: 512Mi}}}`, []problem{{invalid, "collector.resources.requests[memory]", "write resources.limits.memory too"}}},
		{"distribution that lacks components", `collector: {image: "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-otlp:0.165.0"}`, []problem{{invalid, "collector.image", "write opentelemetry-collector, opentelemetry-collector-k8s"}}},
		{"labels with a meaning", `collector: {labels: {pod-security.kubernetes.io/enforce: restricted, pod-template-hash: a}}`, []problem{
			{forbidden, "collector.labels[pod-security.kubernetes.io/enforce]", "choose another key"},
			{forbidden, "collector.labels[pod-template-hash]", "choose another key"},
		}},
		{"negative", `collector: {resources: {requests: {cpu: -1}}}`, []problem{{invalid, "collector.resources.requests[cpu]", "may not be negative"}}},
		{"other resources", `collector: {resources: {limits: {hugepages-2Mi: 2Mi, example.com/gpu: 1}}}`, []problem{
			{invalid, "collector.resources.limits[example.com/gpu]", "write cpu, memory or ephemeral-storage"},
			{invalid, "collector.resources.limits[hugepages-2Mi]", "write cpu, memory or ephemeral-storage"},
		}},
		{"claims", `collector: {resources: {claims: [{name: gpu}]}}`, []problem{{forbidden, "collector.resources.claims", "leave claims out"}}},
		{"small queue", `collector: {queue: {size: 2047}}`, []problem{{invalid, "collector.queue.size", "from 2048"}}},
		{"large queue", `collector: {queue: {size: 10000001, storage: emptyDir}}`, []problem{{invalid, "collector.queue.size", "to 10000000"}}},
	})
}

func TestValidatePorts(t *testing.T) {
	checkInvalid(t, []invalidCase{
		{"privileged", `collector: {healthPort: 1023}`, []problem{{invalid, "collector.healthPort", "from 1024 to 65535"}}},
		{"negative", `collector: {metricsPort: -1}`, []problem{{invalid, "collector.metricsPort", "from 1024 to 65535"}}},
		{"too high", `collector: {metricsPort: 65536}`, []problem{{invalid, "collector.metricsPort", "from 1024 to 65535"}}},
		{"health and endpoint", `collector: {healthPort: 4317}`, []problem{{invalid, "collector.healthPort", "the port of endpoint too"}}},
		{"metrics and endpoint", `{endpoint: "127.0.0.1:5000", collector: {metricsPort: 5000}}`, []problem{{invalid, "collector.metricsPort", "the port of endpoint too"}}},
		{"metrics and health", `collector: {healthPort: 5000, metricsPort: 5000}`, []problem{{invalid, "collector.metricsPort", "the port of collector.healthPort too"}}},
		{"metrics and the default health port", `collector: {metricsPort: 18133}`, []problem{{invalid, "collector.metricsPort", "the port of collector.healthPort too"}}},
		{"kube-proxy", `collector: {healthPort: 10249}`, []problem{{invalid, "collector.healthPort", "that of kube-proxy"}}},
		{"kube-apiserver", `collector: {healthPort: 6443}`, []problem{{invalid, "collector.healthPort", "that of kube-apiserver"}}},
		{"controller manager", `collector: {metricsPort: 10257}`, []problem{{invalid, "collector.metricsPort", "that of kube-controller-manager"}}},
		{"cloud controller manager", `collector: {metricsPort: 10258}`, []problem{{invalid, "collector.metricsPort", "that of the cloud controller manager"}}},
		{"scheduler", `collector: {metricsPort: 10259}`, []problem{{invalid, "collector.metricsPort", "that of kube-scheduler"}}},
	})
}

func TestValidateBackend(t *testing.T) {
	checkInvalid(t, []invalidCase{
		{"namespace", `backend: {namespace: A}`, []problem{{invalid, "backend.namespace", `such as "kubetrace-backend"`}}},
		{"collector's namespace", `backend: {namespace: kubetrace-system}`, []problem{{invalid, "backend.namespace", "write two namespaces"}}},
		{"not an image", `backend: {image: "a b"}`, []problem{{invalid, "backend.image", "write one such as"}}},
		{"tag without a version", `backend: {image: "jaegertracing/jaeger:latest"}`, []problem{{invalid, "backend.image", "from 1.35.0 to 2.x, such as jaegertracing/jaeger:2.13.0"}}},
		{"too old", `backend: {image: "jaegertracing/all-in-one:1.34.1"}`, []problem{{invalid, "backend.image", "from 1.35.0 to 2.x"}}},
		{"too new", `backend: {image: "jaegertracing/jaeger:3.0.0"}`, []problem{{invalid, "backend.image", "from 1.35.0 to 2.x"}}},
		{"disabled without an endpoint", `backend: {disabled: true}`, []problem{{required, "collector.exporter.endpoint", "such as otlp.example.com:4317"}}},
		{"disabled without an endpoint, whatever else is set", `{backend: {disabled: true}, collector: {exporter: {protocol: http}}}`, []problem{{required, "collector.exporter.endpoint", "write where the collector sends to"}}},
		{"settings that need an endpoint", `collector: {exporter: {protocol: http, tls: {}, headers: [{name: a, value: b}]}}`, []problem{
			{forbidden, "collector.exporter.protocol", "write the endpoint too, or leave this out"},
			{forbidden, "collector.exporter.tls", "write the endpoint too, or leave this out"},
			{forbidden, "collector.exporter.headers", "write the endpoint too, or leave this out"},
		}},
	})
}
