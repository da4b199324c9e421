package kubetrace_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/check"
	"kubetrace/internal/edit"
	"kubetrace/internal/setting"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

// randomSpec is a spec for a release that resolves.
func randomSpec(random *rand.Rand, release string) (tracing.Resolved, error) {
	for range 50 {
		f := randomFields(random)
		f.version = release
		if r, err := tracing.Resolve(f.spec()); err == nil {
			return r, nil
		}
	}
	return tracing.Resolve(tracing.TracingSpec{KubernetesVersion: release})
}

// randomFlag is a flag that has to do with tracing, or nothing.
func randomFlag(random *rand.Rand, r tracing.Resolved, component tracing.Component) string {
	pick := func(texts ...string) string { return texts[random.Intn(len(texts))] }
	if component != tracing.ComponentEtcd {
		return pick("v=2", "feature-gates="+randomGates(random), "feature-gates="+randomGates(random), "tracing-config-file="+pick(others...), "tracing-config-file="+r.Spec().APIServer.ConfigFile)
	}
	wanted := setting.EtcdOf(r)
	names := []string{"enable-distributed-tracing", "distributed-tracing-address", "distributed-tracing-service-name", "distributed-tracing-instance-id", "distributed-tracing-sampling-rate", "distributed-tracing-x"}
	if random.Intn(20) == 0 {
		return "config-file=" + pick("", "/a")
	}
	name := pick("", "experimental-") + pick(names...)
	if !wanted.Takes(name) && random.Intn(2) == 0 {
		name = "v"
	}
	return name + "=" + pick(append([]string{"true", "etcd", "10000", r.ComponentEndpoint()}, others...)...)
}

// randomGates are the value of a flag.
func randomGates(random *rand.Rand) string {
	var all []string
	for range 1 + random.Intn(3) {
		gate := []string{tracing.GateNameAPIServer, tracing.GateNameKubelet, "kube:" + tracing.GateNameAPIServer, "AllBeta", "AllAlpha", "Other"}[random.Intn(6)]
		all = append(all, fmt.Sprintf("%s=%t", gate, random.Intn(2) == 0))
	}
	return strings.Join(all, ",")
}

// randomVariable is one that has to do with tracing, or nothing.
func randomVariable(random *rand.Rand, r tracing.Resolved, component tracing.Component) (name, value string) {
	if component == tracing.ComponentEtcd && random.Intn(2) == 0 {
		name, value, _ = strings.Cut(randomFlag(random, r, component), "=")
		return setting.EtcdVariable(name), value
	}
	name = []string{"GOGC", "OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_TRACES_SAMPLER"}[random.Intn(6)]
	return name, []string{"", "1", "/ca.crt", "60000"}[random.Intn(4)]
}

// mutate changes a document of any kind at random.
func mutate(random *rand.Rand, r tracing.Resolved, tree map[string]any) {
	gates := func(fields map[string]any) {
		all, _ := setting.ParseGates(randomGates(random))
		now := map[string]any{}
		for _, gate := range all {
			now[gate.Name] = gate.On
		}
		fields["featureGates"] = now
	}
	component := []tracing.Component{tracing.ComponentEtcd, tracing.ComponentAPIServer}[random.Intn(2)]
	switch tree["kind"] {
	case "Pod":
		if component = tracing.Component(fmt.Sprint(container(tree)["name"])); random.Intn(3) == 0 {
			name, value := randomVariable(random, r, component)
			setVariable(tree, component, name, value)
			return
		}
		flags := flagsOf(tree, component)
		setFlags(tree, component, slices.Insert(flags, random.Intn(len(flags)+1), randomFlag(random, r, component)))
	case "ClusterConfiguration":
		if etcd, _ := tree["etcd"].(map[string]any); etcd["external"] != nil {
			component = tracing.ComponentAPIServer
		}
		switch random.Intn(4) {
		case 0:
			if lists(tree) {
				name, value := randomVariable(random, r, component)
				setVariable(tree, component, name, value)
			}
		case 1:
			gates(tree)
		default:
			flags := flagsOf(tree, component)
			setFlags(tree, component, slices.Insert(flags, random.Intn(len(flags)+1), randomFlag(random, r, component)))
		}
	case "KubeletConfiguration":
		if random.Intn(2) == 0 {
			gates(tree)
			return
		}
		key := []string{"endpoint", "samplingRatePerMillion", "Endpoint", "SamplingRatePerMillion"}[random.Intn(4)]
		tree[[]string{"tracing", "tracing", "Tracing"}[random.Intn(3)]] = map[string]any{key: []any{nil, 5.0, 1e6, "7", "localhost:4317", r.ComponentEndpoint()}[random.Intn(6)]}
	case "KubeProxyConfiguration":
		gates(tree)
	case "KubeadmControlPlane", "KubeadmControlPlaneTemplate", "KubeadmConfigTemplate":
		fields := tree
		for _, key := range edit.ConfigSpecPath(fmt.Sprint(tree["kind"])) {
			if fields, _ = fields[key].(map[string]any); fields == nil {
				return
			}
		}
		if random.Intn(3) == 0 { // a patch of the kubelet
			patch := map[string]any{"kind": "KubeletConfiguration"}
			mutate(random, r, patch)
			list, _ := fields["files"].([]any)
			name := []string{"kubeletconfiguration0+merge.yaml", "kubeletconfiguration90-kubetrace+strategic.yaml"}[random.Intn(2)]
			fields["files"] = append(list, map[string]any{"path": kubetrace.NodePatches + "/" + name, "content": string(written(patch))})
			return
		}
		inner, _ := fields["clusterConfiguration"].(map[string]any)
		if inner == nil {
			return
		}
		inner["kind"], inner["apiVersion"] = "ClusterConfiguration", kubeadm.V1Beta3
		if strings.HasSuffix(fmt.Sprint(tree["apiVersion"]), "/v1beta2") {
			inner["apiVersion"] = kubeadm.V1Beta4
		}
		mutate(random, r, inner)
		delete(inner, "kind")
		delete(inner, "apiVersion")
	case "Cluster":
		if random.Intn(3) == 0 {
			gates(tree)
			return
		}
		patch := map[string]any{"kind": []string{"ClusterConfiguration", "KubeletConfiguration"}[random.Intn(2)]}
		mutate(random, r, patch)
		if random.Intn(3) > 0 {
			list, _ := tree["kubeadmConfigPatches"].([]any)
			tree["kubeadmConfigPatches"] = append(list, string(written(patch)))
			return
		}
		for _, key := range []string{"apiServer", "etcd", "tracing", "featureGates"} {
			if patch[key] != nil {
				list, _ := tree["kubeadmConfigPatchesJSON6902"].([]any)
				operation := []any{map[string]any{"op": []string{"add", "replace"}[random.Intn(2)], "path": "/" + key, "value": patch[key]}}
				tree["kubeadmConfigPatchesJSON6902"] = append(list, map[string]any{
					"group": "kubeadm.k8s.io", "version": "v1beta3", "kind": patch["kind"], "patch": string(must(yaml.Marshal(operation))),
				})
			}
		}
	}
}

// agreement says what is wrong between apply, kind.Cluster and check of a stream.
func agreement(t testing.TB, r tracing.Resolved, text []byte) error {
	if _, _, err := lay(r, text, laid); err != nil {
		return err
	}
	options := laid
	options.Overwrite = true
	result, refused, err := lay(r, text, options)
	if err != nil {
		return err
	}
	if isCluster(text) {
		if err := sameCluster(r, text); err != nil {
			return err
		}
	}
	if refused != nil {
		return nil
	}
	for _, tree := range trees(result.Text) {
		if _, _, known := edit.Document(r, tree, edit.Options{}); !known {
			continue // of another API group, which apply leaves alone
		}
		for _, finding := range storedFindings(t, r, tree) {
			return fmt.Errorf("after apply check finds %s in\n%s", finding, result.Text)
		}
	}
	return nil
}

// storedFindings are what check says of a document that kubeadm keeps.
func storedFindings(t testing.TB, r tracing.Resolved, tree map[string]any) []check.Finding {
	name := map[any]string{"ClusterConfiguration": kubeadmConfig, "KubeProxyConfiguration": kubeProxy, "KubeletConfiguration": kubeletConfig}[tree["kind"]]
	if name == "" {
		return nil
	}
	return slices.DeleteFunc(check.ClusterFor(r, with(t, check.State{}, madeOf{name: tree})), func(f check.Finding) bool {
		return !strings.HasPrefix(f.Setting, "ConfigMap "+name+" ")
	})
}

// TestLawRandom mutates documents of the corpus and edits them by random specs.
func TestLawRandom(t *testing.T) {
	random, cases, wrong := rand.New(rand.NewSource(3)), 2000, 0
	if raceDetector || testing.Short() {
		cases = 300
	}
	files := corpus(t)
	for n := range cases {
		f := files[random.Intn(len(files))]
		release := f.fits[random.Intn(len(f.fits))]
		r, err := randomSpec(random, release)
		if err != nil {
			t.Fatal(err)
		}
		all := trees(f.text)
		if len(all) == 0 {
			continue
		}
		var texts []string
		for _, tree := range all {
			for range random.Intn(4) {
				mutate(random, r, tree)
			}
			texts = append(texts, string(written(tree)))
		}
		text := strings.Join(texts, "---\n")
		if err := agreement(t, r, []byte(text)); err != nil {
			t.Errorf("case %d of %s at %s: %v\n%s\n%+v", n, f.name, release, err, text, r.Spec().Etcd)
			if wrong++; wrong > 5 {
				t.FailNow()
			}
		}
	}
}

// FuzzLaw asks apply, kind.Cluster and check about any stream and a random spec.
func FuzzLaw(f *testing.F) {
	for i, file := range corpus(f) {
		f.Add(file.text, byte(slices.Index(releases(), file.fits[i%len(file.fits)])), int64(i))
	}
	f.Fuzz(func(t *testing.T, text []byte, release byte, seed int64) {
		r, err := randomSpec(rand.New(rand.NewSource(seed)), releases()[int(release)%len(releases())])
		if err != nil {
			t.Fatal(err)
		}
		if err := agreement(t, r, text); err != nil {
			t.Fatal(err)
		}
	})
}
