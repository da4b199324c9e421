package kubetrace_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

// ownExpansion is a text that the collector may expand, as it does not come
// from the spec.
var ownExpansion = regexp.MustCompile(`^(\$\{env:K8S_NODE_NAME\}\$\{env:KUBETRACE_NOTHING:-\}|\$\{env:KUBETRACE_HEADER_[0-9]+\}(\$\{env:KUBETRACE_NOTHING:-\})?)$`)

// checkExpansions refuses every $ in the collector's configuration that the
// collector would expand and that comes from the spec.
func checkExpansions(tree any) error {
	var errs []error
	switch tree := tree.(type) {
	case string:
		if !ownExpansion.MatchString(tree) && strings.Contains(strings.ReplaceAll(tree, "$$", ""), "$") {
			return fmt.Errorf("the collector would expand %q", tree)
		}
	case []any:
		for _, element := range tree {
			errs = append(errs, checkExpansions(element))
		}
	case map[string]any:
		for key, value := range tree {
			errs = append(errs, checkExpansions(value))
			if strings.Contains(key, "$") {
				errs = append(errs, fmt.Errorf("the key %q has a $", key))
			}
		}
	}
	return errors.Join(errs...)
}

// checkSpec holds for every spec there is.
func checkSpec(t *testing.T, spec tracing.TracingSpec) {
	t.Helper()
	bundle, err := kubetrace.Generate(spec)
	if problems := spec.Validate(); (len(problems) > 0) != (err != nil) {
		t.Fatalf("Validate says %v, Generate %v", problems, err)
	}
	if err != nil {
		var invalid *tracing.InvalidSpecError
		if !errors.As(err, &invalid) || len(invalid.Errors) == 0 || bundle != nil {
			t.Fatalf("got %v and %#v, want nil and an InvalidSpecError", bundle, err)
		}
		return
	}
	files, err := bundle.FS()
	if err != nil {
		t.Fatalf("what resolves is not written: %v", err)
	}
	objects, err := readback.Bundle(files)
	if err != nil {
		t.Fatalf("what is written does not read back: %v", err)
	}
	checkObjects(t, bundle, objects)
	for _, object := range objects["collector.yaml"] {
		if config, ok := object.(*corev1.ConfigMap); ok {
			var tree any
			if err := yaml.UnmarshalStrict([]byte(config.Data["config.yaml"]), &tree); err != nil {
				t.Fatalf("the collector's configuration does not read back: %v", err)
			}
			if err := checkExpansions(tree); err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(spec.ClusterName, "$", "$$"); want != "" && !strings.Contains(fmt.Sprint(tree), "value:"+want+"]") {
				t.Fatalf("no attribute has the value %q: %v", want, tree)
			}
		}
	}
	all := contents(t, files)
	for what, pattern := range badText {
		// Texts of the spec may look bad; these two do not come from it.
		if found := pattern.FindString(all["README.md"]); found != "" && (strings.HasPrefix(what, "two blank") || strings.HasPrefix(what, "a section")) {
			t.Fatalf("in the run-book there is %s: %q", what, found)
		}
	}
	defaulted, err := kubetrace.Generate(spec.WithDefaults())
	if err != nil {
		t.Fatalf("the defaulted spec does not resolve: %v", err)
	}
	again, err := defaulted.FS()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(all, contents(t, again)); diff != "" {
		t.Fatalf("a default changes the outputs (-spec +defaulted):\n%s", diff)
	}
}

// checkObjects says that what was read is what was generated.
func checkObjects(t *testing.T, bundle *kubetrace.Bundle, read map[string][]any) {
	t.Helper()
	want := map[string][]any{}
	if bundle.TracingConfiguration != nil {
		want["apiserver/tracing-config.yaml"] = []any{bundle.TracingConfiguration}
	}
	if bundle.Kubelet != nil {
		want["kubelet/90-tracing.conf"] = []any{bundle.Kubelet}
	}
	if bundle.Containerd != nil {
		variables := map[string]string{}
		for _, v := range bundle.Containerd.Environment {
			variables[v.Name] = v.Value
		}
		want["containerd/90-tracing.conf"] = []any{variables}
	}
	if c := bundle.ContainerdConfig; c != nil {
		want["containerd/90-tracing.toml"] = []any{map[string]any{"plugins": map[string]any{
			"io.containerd.tracing.processor.v1.otlp": map[string]any{"endpoint": c.OTLP.Endpoint, "protocol": c.OTLP.Protocol, "insecure": c.OTLP.Insecure},
			"io.containerd.internal.v1.tracing":       map[string]any{"sampling_ratio": *c.Tracing.SamplingRatio},
		}}}
	}
	if c := bundle.CRIO; c != nil {
		want["crio/90-tracing.conf"] = []any{map[string]any{"crio": map[string]any{"tracing": map[string]any{
			"enable_tracing": c.EnableTracing, "tracing_endpoint": c.TracingEndpoint, "tracing_sampling_rate_per_million": int64(*c.TracingSamplingRatePerMillion),
		}}}}
	}
	for _, object := range bundle.Collector {
		want["collector.yaml"] = append(want["collector.yaml"], object)
	}
	for _, object := range bundle.Gateway {
		want["gateway.yaml"] = append(want["gateway.yaml"], object)
	}
	for _, object := range bundle.Backend {
		want["backend.yaml"] = append(want["backend.yaml"], object)
	}
	got := maps.Clone(read)
	delete(got, "kubeadm/config.yaml")
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("what was read is not what was generated (-want +got):\n%s", diff)
	}
	flags, volumes := map[string]string{}, 0
	for _, object := range read["kubeadm/config.yaml"] {
		switch cluster := object.(type) {
		case *readback.ClusterConfigurationMaps:
			maps.Copy(flags, cluster.APIServer.ExtraArgs)
			if cluster.Etcd.Local != nil {
				maps.Copy(flags, cluster.Etcd.Local.ExtraArgs)
			}
			volumes = len(cluster.APIServer.ExtraVolumes)
		case *readback.ClusterConfigurationLists:
			args := cluster.APIServer.ExtraArgs
			if cluster.Etcd.Local != nil {
				args = append(args, cluster.Etcd.Local.ExtraArgs...)
			}
			for _, arg := range args {
				flags[arg.Name] = arg.Value
			}
			volumes = len(cluster.APIServer.ExtraVolumes)
		}
	}
	wantFlags := map[string]string{}
	for _, arg := range append(slices.Clone(bundle.Kubeadm.APIServer.Args), bundle.Kubeadm.Etcd.Args...) {
		wantFlags[arg.Name] = arg.Value
	}
	if diff := cmp.Diff(wantFlags, flags); diff != "" || volumes != len(bundle.Kubeadm.APIServer.Volumes) {
		t.Fatalf("there are %d volumes, want %d; flags (-want +got):\n%s", volumes, len(bundle.Kubeadm.APIServer.Volumes), diff)
	}
}

// fields are the fuzzed values of a spec.
type fields struct {
	version, kubelet, cluster, endpoint, configFile                         string
	etcdVersion, repository, tag, service, instance                         string
	namespace, name, image, collectorVersion, distribution, label           string
	exporter, protocol, compression, header, value, secret, key, serverName string
	backendNamespace, backendImage, memory                                  string
	rate, queue, healthPort, metricsPort                                    int32
	switches                                                                uint32
}

// spec puts the values into a spec. Each bit of switches sets one thing.
func (f fields) spec() tracing.TracingSpec {
	bit := func(n int) bool { return f.switches>>n&1 == 1 }
	rate := func(n int) *int32 {
		if bit(n) {
			return &f.rate
		}
		return nil
	}
	spec := tracing.TracingSpec{
		KubernetesVersion:      f.version,
		KubeletVersion:         f.kubelet,
		ClusterName:            f.cluster,
		Endpoint:               f.endpoint,
		SamplingRatePerMillion: rate(0),
		Etcd: tracing.EtcdSpec{
			Disabled: bit(1), External: bit(2), Version: f.etcdVersion, ImageRepository: f.repository, ImageTag: f.tag,
			ServiceName: f.service, InstanceID: f.instance, SamplingRatePerMillion: rate(3),
		},
		APIServer: tracing.APIServerSpec{Disabled: bit(4), SamplingRatePerMillion: rate(5), ConfigFile: f.configFile},
		Kubelet:   tracing.KubeletSpec{Disabled: bit(6), SamplingRatePerMillion: rate(7)},
		Collector: tracing.CollectorSpec{
			Disabled: bit(8), Namespace: f.namespace, Name: f.name, Image: f.image, Version: f.collectorVersion, Distribution: f.distribution,
			Queue: tracing.QueueSpec{Size: int64(f.queue)}, HealthPort: f.healthPort, MetricsPort: f.metricsPort,
			Exporter: tracing.ExporterSpec{Endpoint: f.exporter, Protocol: f.protocol, Insecure: bit(9), Compression: f.compression},
		},
		Backend: tracing.BackendSpec{Disabled: bit(10), Namespace: f.backendNamespace, Image: f.backendImage},
	}
	c := &spec.Collector
	if bit(11) {
		manage := bit(12)
		c.ManageNamespace = &manage
	}
	selector := &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: f.secret}, Key: f.key}
	if bit(13) {
		c.Exporter.TLS = &tracing.TLSSpec{CA: selector, ServerName: f.serverName}
		if bit(14) {
			c.Exporter.TLS.Cert, c.Exporter.TLS.Key = selector, selector
		}
	}
	if bit(15) {
		c.Exporter.Headers = append(c.Exporter.Headers, tracing.HeaderSpec{Name: f.header, Value: f.value})
	}
	if bit(16) {
		c.Exporter.Headers = append(c.Exporter.Headers, tracing.HeaderSpec{Name: f.header + "-2", SecretKeyRef: selector})
	}
	if bit(17) {
		c.ImagePullSecrets = []corev1.LocalObjectReference{{Name: f.secret}}
	}
	if bit(18) {
		c.Labels, c.Annotations, c.NodeSelector = map[string]string{f.label: f.name}, map[string]string{f.label: f.value}, map[string]string{f.label: f.name}
	}
	quantity, err := resource.ParseQuantity(f.memory)
	if bit(19) && err == nil {
		c.Resources.Limits = corev1.ResourceList{corev1.ResourceMemory: quantity}
	}
	f.queueAndLoad(c, quantity, bit)
	if bit(26) {
		spec.Gateway = &tracing.GatewaySpec{Replicas: f.healthPort % 1000, Nodes: f.queue, Namespace: f.namespace}
		if bit(27) {
			spec.Gateway.TLS = &tracing.GatewayTLSSpec{CA: selector, Cert: selector, Key: selector}
		}
		if bit(27) && bit(28) {
			spec.Gateway.TLS.ClientCA, spec.Gateway.TLS.ClientCert, spec.Gateway.TLS.ClientKey = selector, selector, selector
		}
	}
	return spec
}

// queueAndLoad puts what sizes follow from into a spec.
func (f fields) queueAndLoad(c *tracing.CollectorSpec, disk resource.Quantity, bit func(int) bool) {
	switch {
	case bit(20):
		c.Queue.Storage, c.Queue.UnsafeNoSync = tracing.StorageEmptyDir, bit(21)
	case bit(21):
		c.Queue.Storage, c.Queue.Path = tracing.StorageHostPath, f.configFile
	}
	if bit(22) {
		c.Queue.Disk = &disk
	}
	switch {
	case bit(23):
		c.Load.SpansPerSecond = int64(f.rate)
	case bit(24):
		c.Load.CPUs = f.rate
	}
	if bit(25) {
		c.Load.Outage = &metav1.Duration{Duration: time.Duration(f.healthPort) * time.Second}
	}
}

// seeds are specs of every kind. Bits are those of fields.spec.
func seeds() []fields {
	return []fields{
		{version: "1.34"},
		{version: "v1.22.17", cluster: "${env:HOME}", switches: 1, rate: 1_000_000},
		{version: "1.29.1", repository: "quay.io/coreos", tag: "v3.5.11", instance: "a", service: "store", switches: 1, rate: 5},
		{version: "1.28", kubelet: "1.25", configFile: "/etc/k8s/a b'c.yaml"},
		{version: "1.37", endpoint: "unix-abstract:///a", cluster: "null", queue: 4096, healthPort: 20000, metricsPort: 20001},
		{version: "1.36", endpoint: "[::1]:4317", etcdVersion: "3.6.8", switches: 1 << 2},
		{version: "1.35", endpoint: "a.example.com:4317", switches: 1 << 8},
		{
			version: "1.33", exporter: "otlp.example.com:4317", header: "x-a", value: "$x ${file:/etc/passwd}", secret: "s", key: "k", serverName: "a.b",
			compression: "zstd", switches: 1<<13 | 1<<14 | 1<<15 | 1<<16 | 1<<17,
		},
		{version: "1.33", exporter: "http://a.b:4318/$x", protocol: "http", compression: "none", header: "X-A", value: "$$", switches: 1<<9 | 1<<15},
		{version: "1.32", namespace: "obs", name: "node", image: "a.b/c:latest", collectorVersion: "0.123.0", distribution: "core", label: "a.b/c", value: "d", memory: "1.5G", switches: 1<<11 | 1<<12 | 1<<18 | 1<<19},
		{version: "1.34", switches: 1 << 20},
		{version: "1.34", configFile: "/var/lib/queue", memory: "1Gi", switches: 1<<21 | 1<<22},
		{version: "1.34", rate: 500, switches: 1<<20 | 1<<23},
		{version: "1.34", rate: 1, healthPort: 2000, switches: 1<<24 | 1<<25},
		{version: "1.34", queue: 5000, healthPort: 3000, secret: "s", key: "k", switches: 1<<26 | 1<<27 | 1<<28},
		{version: "1.31", backendNamespace: "jaeger", backendImage: "jaegertracing/all-in-one:1.76.0"},
		{version: "1.30", switches: 1<<1 | 1<<4 | 1<<6},
		{version: "1.30", switches: 1<<1 | 1<<4 | 1<<6 | 1<<8},
		{version: "1.3", endpoint: "localhost:4317", etcdVersion: "3.4", tag: "latest", exporter: "https://a", rate: -1, switches: 0x7ffff},
	}
}

func FuzzResolve(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s.version, s.kubelet, s.cluster, s.endpoint, s.configFile, s.etcdVersion, s.repository, s.tag, s.service, s.instance,
			s.namespace, s.name, s.image, s.collectorVersion, s.distribution, s.label, s.exporter, s.protocol, s.compression,
			s.header, s.value, s.secret, s.key, s.serverName, s.backendNamespace, s.backendImage, s.memory,
			s.rate, s.queue, s.healthPort, s.metricsPort, s.switches)
	}
	f.Fuzz(func(t *testing.T, version, kubelet, cluster, endpoint, configFile, etcdVersion, repository, tag, service, instance,
		namespace, name, image, collectorVersion, distribution, label, exporter, protocol, compression,
		header, value, secret, key, serverName, backendNamespace, backendImage, memory string,
		rate, queue, healthPort, metricsPort int32, switches uint32,
	) {
		checkSpec(t, fields{
			version, kubelet, cluster, endpoint, configFile, etcdVersion, repository, tag, service, instance,
			namespace, name, image, collectorVersion, distribution, label, exporter, protocol, compression,
			header, value, secret, key, serverName, backendNamespace, backendImage, memory,
			rate, queue, healthPort, metricsPort, switches,
		}.spec())
	})
}

func FuzzYAML(f *testing.F) {
	for _, name := range goldenCases {
		f.Add(readFile(f, filepath.Join(goldenFolder, name, "spec.yaml")))
	}
	for _, spec := range runBookSpecs {
		f.Add(spec)
	}
	for _, spec := range minimalCases() {
		f.Add(spec)
	}
	f.Add(fullSpec)
	f.Add("kubernetesVersion: 1.30\n")
	f.Add("kubernetesVersion: \"1.30\"\nkubernetesVersion: \"1.31\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		spec, err := tracing.Load([]byte(text))
		if err != nil {
			return
		}
		checkSpec(t, spec)
	})
}

// TestSeedsResolve says that the seeds reach the outputs.
func TestSeedsResolve(t *testing.T) {
	refused := 0
	for i, seed := range seeds() {
		if problems := seed.spec().Validate(); len(problems) > 0 {
			refused++
			t.Logf("seed %d: %v", i, problems.ToAggregate())
		}
	}
	if refused != 1 {
		t.Errorf("%d seeds do not resolve, want the last alone", refused)
	}
}

func TestCheckExpansions(t *testing.T) {
	for text, bad := range map[string]bool{
		"${env:K8S_NODE_NAME}${env:KUBETRACE_NOTHING:-}": false,
		"${env:KUBETRACE_HEADER_0}":                      false,
		"$$":                                             false,
		"$${env:HOME}":                                   false,
		"$$${env:HOME}":                                  true,
		"${env:HOME}":                                    true,
		"$HOME":                                          true,
		"${env:KUBETRACE_HEADER_0}${env:HOME}":           true,
		"${file:/etc/passwd}":                            true,
	} {
		err := checkExpansions(map[string]any{"a": []any{text}})
		if (err != nil) != bad {
			t.Errorf("%q: got %v, want an error: %t", text, err, bad)
		}
	}
	if err := checkExpansions(map[string]any{"$a": 1}); err == nil {
		t.Error("a key with a $ is accepted")
	}
}

// randomFields combine texts that are hard but often valid, which the fuzzer rarely
// finds.
func randomFields(random *rand.Rand) fields {
	pick := func(texts ...string) string { return texts[random.Intn(len(texts))] }
	text := func() string {
		return pick("", "", "a", "null", "~", "1e3", "0x10", "yes", `"`, "'", "a: b", "- a", "# a", "{a", "$", "$$", "$$$a", "${env:HOME}", "$${a}", "${a:${b}}", "é", "`a`", "|", "a  b", "<no value>")
	}
	f := fields{
		version:          pick("1.22", "1.25.3", "1.26", "1.28.0", "1.29.1", "1.30", "v1.31.0-rc.1", "1.33", "1.34.2", "1.36", "v1.37.1", "1.40"),
		cluster:          text(),
		endpoint:         pick("", "", "127.0.0.1:4317", "[::1]:5000", "127.1.2.3:65535", "unix-abstract:///a.b-c"),
		configFile:       pick("", "/etc/a", "/etc/a b/'c'", "/a`b", "/etc/é|x.yaml", "/$a"),
		repository:       pick("", "", "quay.io/coreos"),
		tag:              pick("", "", "", "3.5.5-0", "v3.5.11", "3.6.1", "3.7.0-arm64"),
		service:          text(),
		instance:         text(),
		namespace:        pick("", "", "obs"),
		name:             pick("", "", "a-1"),
		collectorVersion: pick("", "0.123.0", "0.144"),
		label:            pick("a", "a.b/c"),
		exporter:         pick("", "", "a.b:1", "dns:///a.b:65535", "[2001:db8::1]:4317"),
		compression:      pick("", "zstd", "none"),
		header:           pick("x", "x-a.b_c"),
		value:            text() + "a",
		secret:           "s",
		key:              pick("k", ".a"),
		serverName:       pick("", "a.b"),
		backendNamespace: pick("", "j"),
		memory:           pick("64Mi", "1.5G", "123456789"),
		rate:             random.Int31n(1_000_001),
		switches:         random.Uint32() &^ (1<<2 | 1<<9 | 1<<10), // external, insecure and no backend need more
	}
	if random.Intn(3) == 0 {
		f.protocol, f.exporter = "http", pick("https://a.b", "https://a.b:1/$x/${env:A}", "https://[::1]:99/`x`|y")
	}
	return f
}

func TestRandomSpecs(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	pick := func(texts ...string) string { return texts[random.Intn(len(texts))] }
	resolved := 0
	const specs = 400
	for range specs {
		spec := randomFields(random).spec()
		if version := pick("", "1.6", "1.6.31", "1.7", "1.7.15", "1.7.20", "2.3", "2.7"); version != "" {
			rate := random.Int31n(1_000_000) + 1
			spec.Containerd = &tracing.ContainerdSpec{Version: version, SamplingRatePerMillion: &rate}
		}
		if version := pick("", "1.23", "1.33.4"); version != "" {
			spec.CRIO = &tracing.CRIOSpec{Version: version}
		}
		if len(spec.Validate()) == 0 {
			resolved++
		}
		checkSpec(t, spec)
	}
	if resolved < specs/10 {
		t.Errorf("%d of %d specs resolve, which tests too little", resolved, specs)
	}
	t.Logf("%d of %d specs resolve", resolved, specs)
}
