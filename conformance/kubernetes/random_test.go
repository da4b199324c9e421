package kubernetes

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/tracing"
)

// randomSpecs is how many valid specs each release judges.
const randomSpecs = 200

// TestRandomSpecs lets each release judge valid specs from a seeded generator:
// what kubetrace.Generate accepts, everybody accepts.
func TestRandomSpecs(t *testing.T) {
	eachMinor(t, "random specs", func(t *testing.T, j *Judge, release tracing.Release) {
		random := generator{rand.New(rand.NewPCG(1, seed(t, release))), release, j.Version}
		set, refused := map[string]bool{}, 0
		for accepted := 0; accepted < randomSpecs; {
			spec := random.spec()
			if problems := spec.Validate(); len(problems) > 0 {
				if refused++; refused > 20*randomSpecs {
					t.Fatalf("the generator finds too few valid specs; the last: %v", problems)
				}
				continue
			}
			accepted++
			fieldsSet("", reflect.ValueOf(spec), set)
			if problems := inspect(t, j, spec, must(Write(spec))(t)).Problems(); len(problems) > 0 {
				text := must(tracing.Marshal(spec))(t)
				t.Fatalf("%s\nof the spec\n%s", strings.Join(problems, "\n"), text)
			}
		}
		for _, field := range slices.Sorted(slices.Values(leaves("", reflect.TypeFor[tracing.TracingSpec]()))) {
			if !set[field] {
				t.Errorf("no valid spec sets %s", field)
			}
		}
	})
}

// seed gives each release specs of its own.
func seed(t *testing.T, release tracing.Release) uint64 {
	t.Helper()
	_, minor, _ := strings.Cut(release.Kubernetes, ".")
	return must(strconv.ParseUint(minor, 10, 64))(t)
}

// generator makes specs of one release. Many are not valid: which fields go
// together is what the library knows.
type generator struct {
	*rand.Rand
	release tracing.Release
	version string
}

// one chooses one of the values.
func one[T any](g generator, values ...T) T { return values[g.IntN(len(values))] }

// maybe returns nothing in most cases, so that fields meet in ever new ways.
func maybe[T any](g generator, values ...T) T {
	if g.IntN(3) > 0 {
		return *new(T)
	}
	return one(g, values...)
}

func (g generator) rate() *int32 {
	return maybe(g, new(int32(0)), new(int32(1)), new(int32(9_999)), new(everything), new(int32(g.IntN(1_000_001))))
}

// words are texts that YAML, shells, templates and flags like to misread.
var words = []string{"a", "null", "true", "1e3", "0x1f", "2024-01-01", "a b", "a: b", "- a", "# a", "'a'", `"a"`, `\n`, "ü", "日本", "a,b=c", "{a}", "[a]", "%s", "&a", "*a", "!a", "|", ">", "@a", "`a`", "a\\b", "--a", "~"}

func (g generator) word() string { return maybe(g, words...) }

func (g generator) secret() *corev1.SecretKeySelector {
	return &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: one(g, "a", "null", "a.b-c")}, Key: one(g, "a", "tls.crt", "_A-1")}
}

func (g generator) spec() tracing.TracingSpec {
	external := g.IntN(8) == 0
	spec := tracing.TracingSpec{
		KubernetesVersion:      one(g, g.release.Kubernetes, g.version, strings.TrimPrefix(g.version, "v")),
		ClusterName:            g.word(),
		Endpoint:               maybe(g, "127.0.0.1:4317", "127.0.0.2:1024", "[::1]:4317", "unix-abstract:///kubetrace", "unix-abstract:///a.b-c_9", "collector.example.com:4317", "10.0.0.1:4317", "[2001:db8::1]:4317"),
		SamplingRatePerMillion: g.rate(),
		Etcd: tracing.EtcdSpec{
			Disabled: g.IntN(8) == 0, External: external,
			ImageTag:               maybe(g, "3.5.11-0", "3.5.21-0", "3.6.8-0", "v3.6.8", "3.6.10-0", "3.7.0-0", "latest"),
			ImageRepository:        maybe(g, "registry.example.com", "registry.example.com:5000/a/b"),
			Version:                maybe(g, "3.5.5", "3.5.11", "3.6.0", "3.7.3"),
			ServiceName:            g.word(),
			InstanceID:             g.word(),
			SamplingRatePerMillion: g.rate(),
		},
		APIServer: tracing.APIServerSpec{
			Disabled: g.IntN(8) == 0, SamplingRatePerMillion: g.rate(),
			ConfigFile: maybe(g, "/etc/kubernetes/a.yaml", "/etc/a b/c", "/a/it's.yaml", `/a/"b".yaml`, "/etc/ü.yaml", "/etc/#a/b", "/a/{b}"),
		},
		Kubelet: tracing.KubeletSpec{Disabled: g.IntN(8) == 0, SamplingRatePerMillion: g.rate()},
		Collector: tracing.CollectorSpec{
			Disabled:        g.IntN(4) == 0,
			Namespace:       maybe(g, "observability", "null", "a"),
			Name:            maybe(g, "node-collector", "x"),
			ManageNamespace: maybe(g, new(true), new(false)),
			Image:           maybe(g, "registry.example.com/otel:0.140.0", "a/b:latest", "a/b:0.123.0"),
			Version:         maybe(g, "0.123.0", "0.143.0", "0.144.0", "0.150.1"),
			Distribution:    maybe(g, "core", "contrib", "k8s"),
			ImagePullSecrets: maybe(g, []corev1.LocalObjectReference{{Name: "a"}}, []corev1.LocalObjectReference{
				{Name: "a"}, {Name: "b"},
			}),
			Tolerations:       maybe(g, []corev1.Toleration{{Operator: corev1.TolerationOpExists}}, []corev1.Toleration{{Key: "a", Value: "b", Effect: corev1.TaintEffectNoSchedule}}),
			NodeSelector:      maybe(g, map[string]string{"kubernetes.io/os": "linux"}, map[string]string{"a": "true"}),
			PriorityClassName: maybe(g, "system-node-critical", "high"),
			Labels:            maybe(g, map[string]string{"a.b/c": "true"}),
			Annotations:       maybe(g, map[string]string{"a.b/c": one(g, words...)}),
			Resources: maybe(g, corev1.ResourceRequirements{
				Limits:   corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(one(g, "200Mi", "1G", "1.5Gi")), corev1.ResourceCPU: resource.MustParse("1")},
				Requests: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse("100Mi")},
			}),
			Load:        g.load(),
			Queue:       g.queue(),
			HealthPort:  maybe[int32](g, 13_133, 20_000),
			MetricsPort: maybe[int32](g, 8888, 20_001),
		},
		Backend: tracing.BackendSpec{
			Disabled:  g.IntN(3) == 0,
			Namespace: maybe(g, "jaeger", "observability"),
			Image:     maybe(g, "jaegertracing/all-in-one:1.76.0", "jaegertracing/jaeger:2.10.0"),
		},
	}
	if g.IntN(3) == 0 {
		spec.Gateway = g.gateway()
	}
	// As much older as the control plane lets it be.
	var minor int
	_, _ = fmt.Sscanf(g.release.Kubernetes, "1.%d", &minor)
	spec.KubeletVersion = maybe(g, g.release.Kubernetes, fmt.Sprintf("1.%d", minor-g.IntN(g.release.KubeletSkew+1)))
	if g.IntN(2) == 0 {
		g.exporter(&spec.Collector.Exporter)
	}
	switch g.IntN(4) {
	case 0:
		spec.Containerd = &tracing.ContainerdSpec{Version: one(g, "1.6.31", "1.7.15", "1.7", "2.3"), SamplingRatePerMillion: g.rate()}
	case 1:
		spec.CRIO = &tracing.CRIOSpec{Version: one(g, "1.23", "1.30", "1.36"), SamplingRatePerMillion: g.rate()}
	}
	return spec
}

func (g generator) load() tracing.LoadSpec {
	return tracing.LoadSpec{
		SpansPerSecond: maybe[int64](g, 1, 200),
		CPUs:           maybe[int32](g, 2, 16),
		Outage:         maybe(g, &metav1.Duration{Duration: time.Minute}, &metav1.Duration{Duration: time.Hour}),
	}
}

func (g generator) queue() tracing.QueueSpec {
	queue := tracing.QueueSpec{Size: maybe[int64](g, 1000, 10_000), Storage: maybe(g, tracing.StorageMemory, tracing.StorageEmptyDir, tracing.StorageHostPath)}
	if queue.Storage == tracing.StorageHostPath {
		queue.Path = maybe(g, "/srv/queue", "/var/lib/it's/a queue")
	}
	if queue.Storage != "" && queue.Storage != tracing.StorageMemory {
		queue.Disk = maybe(g, new(resource.MustParse("64Mi")), new(resource.MustParse("1G")))
		queue.UnsafeNoSync = g.IntN(4) == 0
	}
	return queue
}

func (g generator) gateway() *tracing.GatewaySpec {
	gateway := &tracing.GatewaySpec{
		Replicas:          maybe[int32](g, 1, 7),
		Nodes:             maybe[int32](g, 1, 5000),
		Namespace:         maybe(g, "mesh", "observability"),
		Tolerations:       maybe(g, []corev1.Toleration{{Operator: corev1.TolerationOpExists}}),
		NodeSelector:      maybe(g, map[string]string{"a": "true"}),
		PriorityClassName: maybe(g, "high"),
		Resources: maybe(g, corev1.ResourceRequirements{
			Limits: corev1.ResourceList{corev1.ResourceMemory: resource.MustParse(one(g, "128Mi", "1G"))},
		}),
	}
	if g.IntN(2) == 0 {
		gateway.TLS = &tracing.GatewayTLSSpec{Cert: g.secret(), Key: g.secret(), CA: g.secret()}
		if g.IntN(2) == 0 {
			gateway.TLS.ClientCA, gateway.TLS.ClientCert, gateway.TLS.ClientKey = g.secret(), g.secret(), g.secret()
		}
	}
	return gateway
}

func (g generator) exporter(e *tracing.ExporterSpec) {
	if e.Protocol = maybe(g, "grpc", "http"); e.Protocol == "http" {
		e.Endpoint = one(g, "http://otlp.example.com:4318", "http://10.0.0.1/a/b", "https://otlp.example.com:4318")
	} else {
		e.Endpoint = one(g, "otlp.example.com:4317", "10.0.0.1:4317", "[2001:db8::1]:4317")
	}
	e.Insecure = g.IntN(2) == 0
	e.Compression = maybe(g, "gzip", "zstd", "none", "snappy")
	if g.IntN(2) == 0 {
		e.TLS = &tracing.TLSSpec{CA: g.secret(), ServerName: maybe(g, "otlp.example.com")}
		if g.IntN(2) == 0 {
			e.TLS.Cert, e.TLS.Key = g.secret(), g.secret()
		}
	}
	if g.IntN(2) == 0 {
		e.Headers = append(e.Headers, tracing.HeaderSpec{Name: "x-tenant", Value: one(g, words...)})
	}
	if g.IntN(2) == 0 {
		e.Headers = append(e.Headers, tracing.HeaderSpec{Name: "Authorization", SecretKeyRef: g.secret()})
	}
}

// ours tells the types of the library, whose fields are counted one by one.
func ours(t reflect.Type) bool { return strings.HasPrefix(t.PkgPath(), "kubetrace/") }

// leaves returns the paths of a spec's fields.
func leaves(path string, t reflect.Type) (paths []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && ours(t.Elem()) {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !ours(t) {
		return []string{path}
	}
	for _, field := range reflect.VisibleFields(t) {
		paths = append(paths, leaves(path+"."+field.Name, field.Type)...)
	}
	return paths
}

// fieldsSet adds the paths of the fields that are set.
func fieldsSet(path string, v reflect.Value, set map[string]bool) {
	switch {
	case v.IsZero():
	case v.Kind() == reflect.Pointer:
		fieldsSet(path, v.Elem(), set)
		set[path] = true
	case v.Kind() == reflect.Slice && ours(v.Type().Elem()):
		for i := range v.Len() {
			fieldsSet(path, v.Index(i), set)
		}
	case v.Kind() == reflect.Struct && ours(v.Type()):
		for i := range v.NumField() {
			fieldsSet(path+"."+v.Type().Field(i).Name, v.Field(i), set)
		}
	default:
		set[path] = true
	}
}
