package gateway_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"kubetrace/collector"
	"kubetrace/gateway"
	"kubetrace/tracing"
)

type tree = map[string]any

func load(t *testing.T, text string) tracing.TracingSpec {
	t.Helper()
	spec, err := tracing.Load([]byte(`kubernetesVersion: "1.34"` + "\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

const secrets = `
gateway:
  tls: {ca: {name: hop-ca, key: ca}, cert: {name: hop, key: crt}, key: {name: hop, key: key}}
collector:
  imagePullSecrets: [{name: registry}]
  labels: {team: a}
  exporter:
    endpoint: otlp.example.com:4317
    tls: {ca: {name: ca, key: ca.pem}, cert: {name: client, key: crt}, key: {name: client, key: key}}
    headers: [{name: x-tenant, value: a}, {name: authorization, secretKeyRef: {name: token, key: bearer}}]
`

func config(t *testing.T, text string) tree {
	t.Helper()
	configMap, err := gateway.ConfigMap(load(t, text))
	if err != nil {
		t.Fatal(err)
	}
	if configMap.Immutable == nil || !*configMap.Immutable {
		t.Error("the ConfigMap is not immutable")
	}
	var config tree
	if err := yaml.UnmarshalStrict([]byte(configMap.Data["config.yaml"]), &config); err != nil {
		t.Fatal(err)
	}
	return config
}

func podOf(t *testing.T, text string) corev1.PodSpec {
	t.Helper()
	deployment, err := gateway.Deployment(load(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return deployment.Spec.Template.Spec
}

func TestObjects(t *testing.T) {
	all := []string{"ServiceAccount", "ConfigMap", "Service", "Deployment", "PodDisruptionBudget"}
	for text, want := range map[string][]string{
		`gateway: {}`: append([]string{"Namespace"}, all...),
		`gateway: {namespace: kubetrace-gateway}`: append([]string{"Namespace"}, all...),
		`gateway: {namespace: mesh}`:              all,
		``:                                        nil,
		"gateway: {}\ncollector: {disabled: true}": nil,
	} {
		objects, err := gateway.Objects(load(t, text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, kinds(objects)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func kinds(objects []runtime.Object) []string {
	var all []string
	for _, object := range objects {
		all = append(all, object.GetObjectKind().GroupVersionKind().Kind)
	}
	return all
}

// TestConfig checks a whole configuration, that of the defaults.
func TestConfig(t *testing.T) {
	want := tree{
		"receivers": tree{"otlp": tree{"protocols": tree{"grpc": tree{
			"endpoint":         ":4317",
			"read_buffer_size": 65536.0,
			"keepalive":        tree{"server_parameters": tree{"max_connection_age": "10m", "max_connection_age_grace": "1m"}},
		}}}},
		"processors": tree{"memory_limiter": tree{"check_interval": "1s", "limit_percentage": 80.0, "spike_limit_percentage": 10.0}},
		"exporters": tree{"otlp_grpc": tree{
			"endpoint":          "dns:///kubetrace-jaeger.kubetrace-backend.svc:4317",
			"compression":       "gzip",
			"write_buffer_size": 65536.0,
			"keepalive":         tree{"time": "6m", "timeout": "20s"},
			"timeout":           "30s",
			"tls":               tree{"insecure": true},
			"retry_on_failure":  tree{"enabled": false},
			"sending_queue": tree{
				"enabled": true, "sizer": "items", "queue_size": 20480.0, "num_consumers": 40.0, "wait_for_result": true,
				"batch": tree{"flush_timeout": "200ms", "min_size": 512.0, "max_size": 2048.0},
			},
		}},
		"extensions": tree{"health_check": tree{"endpoint": ":13133"}},
		"service": tree{
			"extensions": []any{"health_check"},
			"telemetry": tree{
				"logs":    tree{"level": "info", "encoding": "json"},
				"metrics": tree{"readers": []any{tree{"pull": tree{"exporter": tree{"prometheus": tree{"host": "127.0.0.1", "port": 8888.0}}}}}},
			},
			"pipelines": tree{"traces": tree{
				"receivers":  []any{"otlp"},
				"processors": []any{"memory_limiter"},
				"exporters":  []any{"otlp_grpc"},
			}},
		},
	}
	if diff := cmp.Diff(want, config(t, `gateway: {}`)); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}

// TestRetries says that the nodes try again and not the gateway, but for what a
// node would take for final.
func TestRetries(t *testing.T) {
	for text, want := range map[string]tree{
		`gateway: {}`: {"enabled": false},
		"gateway: {}\ncollector: {exporter: {protocol: http, endpoint: 'https://otlp.example.com'}}": {"enabled": true, "initial_interval": "1s", "max_interval": "5s", "max_elapsed_time": "25s"},
	} {
		for name, exporter := range config(t, text)["exporters"].(tree) {
			if diff := cmp.Diff(any(want), exporter.(tree)["retry_on_failure"]); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", name, text, diff)
			}
		}
	}
}

// TestClients says that what has no certificate is turned away, and that the
// file of who signs them is read again.
func TestClients(t *testing.T) {
	text := strings.Replace(secrets, "key: {name: hop, key: key}}", "key: {name: hop, key: key}, clientCA: {name: hop, key: clients}, clientCert: {name: node, key: crt}, clientKey: {name: node, key: key}}", 1)
	server := config(t, text)["receivers"].(tree)["otlp"].(tree)["protocols"].(tree)["grpc"].(tree)["tls"]
	want := tree{
		"cert_file": "/etc/kubetrace/tls/server.crt", "key_file": "/etc/kubetrace/tls/server.key", "reload_interval": "5m",
		"client_ca_file": "/etc/kubetrace/tls/client-ca.crt", "client_ca_file_reload": true,
	}
	if diff := cmp.Diff(any(want), server); diff != "" {
		t.Errorf("the receiver's TLS (-want +got):\n%s", diff)
	}
	nodes, err := collector.ConfigMap(load(t, text))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"cert_file: /etc/kubetrace/tls/tls.crt", "key_file: /etc/kubetrace/tls/tls.key", "ca_file: /etc/kubetrace/tls/ca.crt"} {
		if !strings.Contains(nodes.Data["config.yaml"], file) {
			t.Errorf("the nodes do not have %s", file)
		}
	}
}

// TestSecrets says that the gateway holds its own certificate and all that the
// backend wants, by reference alone.
func TestSecrets(t *testing.T) {
	full := config(t, secrets)
	server := full["receivers"].(tree)["otlp"].(tree)["protocols"].(tree)["grpc"].(tree)["tls"]
	wantServer := tree{"cert_file": "/etc/kubetrace/tls/server.crt", "key_file": "/etc/kubetrace/tls/server.key", "reload_interval": "5m"}
	if diff := cmp.Diff(any(wantServer), server); diff != "" {
		t.Errorf("the receiver's TLS (-want +got):\n%s", diff)
	}
	exporter := full["exporters"].(tree)["otlp_grpc"].(tree)
	wantClient := tree{
		"ca_file": "/etc/kubetrace/tls/ca.crt", "cert_file": "/etc/kubetrace/tls/tls.crt", "key_file": "/etc/kubetrace/tls/tls.key", "reload_interval": "5m",
	}
	if diff := cmp.Diff(any(wantClient), exporter["tls"]); diff != "" {
		t.Errorf("the exporter's TLS (-want +got):\n%s", diff)
	}
	wantHeaders := tree{"x-tenant": "a", "authorization": "${env:KUBETRACE_HEADER_1}"}
	if diff := cmp.Diff(any(wantHeaders), exporter["headers"]); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	pod := podOf(t, secrets)
	var files []string
	for _, volume := range pod.Volumes {
		if volume.Name != "tls" {
			continue
		}
		for _, source := range volume.Projected.Sources {
			files = append(files, source.Secret.Name+"/"+source.Secret.Items[0].Key+" as "+source.Secret.Items[0].Path)
		}
	}
	wantFiles := []string{"hop/crt as server.crt", "hop/key as server.key", "ca/ca.pem as ca.crt", "client/crt as tls.crt", "client/key as tls.key"}
	if diff := cmp.Diff(wantFiles, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	env := pod.Containers[0].Env
	if len(env) != 2 || env[0].Value != "307MiB" || env[1].Name != "KUBETRACE_HEADER_1" || env[1].ValueFrom.SecretKeyRef.Name != "token" {
		t.Errorf("variables are %+v", env)
	}
	if diff := cmp.Diff([]corev1.LocalObjectReference{{Name: "registry"}}, pod.ImagePullSecrets); diff != "" {
		t.Errorf("pull secrets (-want +got):\n%s", diff)
	}
}

// TestSelectors says that the Service, the budget and the Deployment all find
// the pods, and nothing else's.
func TestSelectors(t *testing.T) {
	spec := load(t, secrets)
	deployment, err := gateway.Deployment(spec)
	if err != nil {
		t.Fatal(err)
	}
	service, err := gateway.Service(spec)
	if err != nil {
		t.Fatal(err)
	}
	budget, err := gateway.PodDisruptionBudget(spec)
	if err != nil {
		t.Fatal(err)
	}
	labels := deployment.Spec.Template.Labels
	if labels["team"] != "a" {
		t.Errorf("the spec's labels are not among %v", labels)
	}
	for name, selector := range map[string]map[string]string{
		"deployment": deployment.Spec.Selector.MatchLabels, "service": service.Spec.Selector, "budget": budget.Spec.Selector.MatchLabels,
		"zones": deployment.Spec.Template.Spec.TopologySpreadConstraints[0].LabelSelector.MatchLabels,
		"hosts": deployment.Spec.Template.Spec.TopologySpreadConstraints[1].LabelSelector.MatchLabels,
	} {
		if len(selector) == 0 {
			t.Errorf("%s selects everything", name)
		}
		for key, value := range selector {
			if labels[key] != value {
				t.Errorf("%s selects %s=%s, the pods have %v", name, key, value, labels)
			}
		}
	}
	if service.Spec.ClusterIP != corev1.ClusterIPNone {
		t.Errorf("the Service has the address %q, and DNS would name no pod", service.Spec.ClusterIP)
	}
}

func TestPods(t *testing.T) {
	pod := podOf(t, `gateway: {replicas: 3, priorityClassName: high, tolerations: [{key: a, operator: Exists}], nodeSelector: {a: b}}`)
	if pod.HostNetwork || len(pod.Containers) != 1 || *pod.AutomountServiceAccountToken || pod.ServiceAccountName != "kubetrace-gateway" {
		t.Errorf("pod is %+v", pod)
	}
	if diff := cmp.Diff(map[string]string{"a": "b", "kubernetes.io/os": "linux"}, pod.NodeSelector); diff != "" {
		t.Errorf("node selector (-want +got):\n%s", diff)
	}
	if pod.PriorityClassName != "high" || len(pod.Tolerations) != 1 {
		t.Errorf("priority %q, tolerations %v", pod.PriorityClassName, pod.Tolerations)
	}
	for name, probe := range map[string]*corev1.Probe{"startup": pod.Containers[0].StartupProbe, "liveness": pod.Containers[0].LivenessProbe, "readiness": pod.Containers[0].ReadinessProbe} {
		if probe.HTTPGet.Host != "" || probe.HTTPGet.Port.StrVal != "health" {
			t.Errorf("%s probe asks %+v", name, probe.HTTPGet)
		}
	}
	deployment, err := gateway.Deployment(load(t, `gateway: {replicas: 3}`))
	if err != nil || *deployment.Spec.Replicas != 3 {
		t.Errorf("replicas %v, error %v", deployment.Spec.Replicas, err)
	}
}
