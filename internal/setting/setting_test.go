package setting_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/internal/setting"
	"kubetrace/kubelet"
	"kubetrace/tracing"
)

// wanted is what each release is given by a spec that names nothing but the release.
// etcd: the spelling follows kubeadm's default etcd, 3.5 up to 1.33, and the rate is
// there from 1.30 on, where none of them is older than 3.5.11; those of 1.22 to 1.25
// reach below 3.5.5. Gates: alpha up to 1.26. The file: v1beta1 from 1.27 on.
var wanted = []struct{ releases, etcd, server, node string }{
	{"1.22 1.23 1.24", "",
		"flag tracing-config-file, gate APIServerTracing, field apiVersion apiserver.config.k8s.io/v1alpha1", ""},
	{"1.25", "",
		"flag tracing-config-file, gate APIServerTracing, field apiVersion apiserver.config.k8s.io/v1alpha1", "gate KubeletTracing, field tracing"},
	{"1.26", "experimental-",
		"flag tracing-config-file, gate APIServerTracing, field apiVersion apiserver.config.k8s.io/v1alpha1", "gate KubeletTracing, field tracing"},
	{"1.27 1.28 1.29", "experimental-",
		"flag tracing-config-file, field apiVersion apiserver.config.k8s.io/v1beta1", "field tracing"},
	{"1.30 1.31 1.32 1.33", "experimental- rate",
		"flag tracing-config-file, field apiVersion apiserver.config.k8s.io/v1beta1", "field tracing"},
	{"1.34 1.35 1.36 1.37", "plain rate",
		"flag tracing-config-file, field apiVersion apiserver.config.k8s.io/v1beta1", "field tracing"},
}

func text(all []setting.Setting) string {
	var lines []string
	for _, s := range all {
		lines = append(lines, string(s.Kind)+" "+s.Name+"="+s.Value)
	}
	return strings.Join(lines, "\n")
}

func TestOf(t *testing.T) {
	releases := 0
	for _, row := range wanted {
		for _, release := range strings.Fields(row.releases) {
			releases++
			r := of(t, release)
			var flags, server, node []string
			if row.etcd != "" {
				prefix := strings.TrimPrefix(strings.Fields(row.etcd)[0], "plain")
				flags = []string{"flag " + prefix + "enable-distributed-tracing=true", "flag " + prefix + "distributed-tracing-address=127.0.0.1:4317", "flag " + prefix + "distributed-tracing-service-name=etcd"}
				if strings.Contains(row.etcd, "rate") {
					flags = append(flags, "flag "+prefix+"distributed-tracing-sampling-rate=10000")
				}
			}
			for _, part := range strings.Split(row.server, ", ") {
				switch {
				case strings.HasPrefix(part, "flag"):
					part += "=/etc/kubernetes/tracing-config.yaml"
				case strings.HasPrefix(part, "gate"):
					part += "=true"
				default:
					part = strings.Replace(part, "apiVersion ", "apiVersion=", 1) + "\nfield endpoint=127.0.0.1:4317\nfield samplingRatePerMillion=10000"
				}
				server = append(server, part)
			}
			if strings.Contains(row.node, "gate") {
				node = append(node, "gate KubeletTracing=true")
			}
			if row.node != "" {
				node = append(node, "field tracing.endpoint=127.0.0.1:4317", "field tracing.samplingRatePerMillion=10000")
			}
			for component, want := range map[tracing.Component][]string{tracing.ComponentEtcd: flags, tracing.ComponentAPIServer: server, tracing.ComponentKubelet: node} {
				if diff := cmp.Diff(strings.Join(want, "\n"), text(setting.Of(r, component))); diff != "" {
					t.Errorf("%s %s (-want +got):\n%s", release, component, diff)
				}
			}
		}
	}
	if releases != len(tracing.Releases()) {
		t.Errorf("the table has %d releases of %d", releases, len(tracing.Releases()))
	}
}

// TestOfIsRendered says that what generators write is what Of returns, and that every
// judge is content with it.
func TestOfIsRendered(t *testing.T) {
	for _, release := range tracing.Releases() {
		for _, spec := range []string{
			`kubernetesVersion: "` + release.Kubernetes + `"`,
			`{kubernetesVersion: "` + release.Kubernetes + `", samplingRatePerMillion: 0, endpoint: "unix-abstract:///a", etcd: {serviceName: store, instanceID: a}, apiServer: {configFile: /etc/a.yaml, samplingRatePerMillion: 5}}`,
		} {
			r := resolved(t, spec)
			var given []setting.Written
			for i, arg := range etcd.ArgsFor(r) {
				if s := setting.Of(r, tracing.ComponentEtcd)[i]; s.Name != arg.Name || s.Value != arg.Value {
					t.Errorf("%s: %+v is written as %+v", spec, s, arg)
				}
				given = append(given, setting.Written{Kind: setting.Flag, Name: arg.Name, As: arg.Name, Value: arg.Value})
			}
			for _, v := range setting.JudgeEtcd(r, setting.EtcdOf(r), given) {
				if v.Class != setting.Same {
					t.Errorf("%s: %+v", spec, v)
				}
			}
			if len(given) != len(setting.Of(r, tracing.ComponentEtcd)) {
				t.Errorf("%s: etcd has the flags %v", spec, given)
			}
			var all []setting.FeatureGate
			for _, arg := range apiserver.ArgsFor(r) {
				if arg.Name == setting.FlagGates {
					gates, err := setting.ParseGates(arg.Value)
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, gates...)
				}
			}
			for _, v := range setting.JudgeGates(setting.APIServerGates(r), all) {
				if v.Class != setting.Same {
					t.Errorf("%s: %+v", spec, v)
				}
			}
			all = nil
			if config := kubelet.ConfigurationFor(r); config != nil {
				for name, on := range config.FeatureGates {
					all = append(all, setting.FeatureGate{Name: name, On: on})
				}
				if class, cure := setting.JudgeEndpoint(r, *config.Tracing.Endpoint); class != setting.Same {
					t.Errorf("%s: %s", spec, cure)
				}
			}
			for _, v := range setting.JudgeGates(setting.KubeletGates(r), all) {
				if v.Class != setting.Same {
					t.Errorf("%s: %+v", spec, v)
				}
			}
			if file := r.Spec().APIServer.ConfigFile; !setting.FileMount(r).Serves(file) {
				t.Errorf("%s: our mount does not serve", spec)
			}
		}
	}
}

// TestAdopt has what to write into the spec for what is there.
func TestAdopt(t *testing.T) {
	for _, test := range []struct {
		component tracing.Component
		key, have string
		want      string // or nothing
	}{
		{tracing.ComponentAPIServer, setting.FlagTracingFile, "/etc/k8s/t.yaml", "apiServer.configFile: /etc/k8s/t.yaml"},
		{tracing.ComponentAPIServer, setting.FlagTracingFile, "t.yaml", ""},
		{tracing.ComponentKubelet, setting.FieldEndpoint, "127.0.0.1:14317", "endpoint: 127.0.0.1:14317"},
		{tracing.ComponentKubelet, setting.FieldEndpoint, "[::1]:4317", "endpoint: '[::1]:4317'"},
		{tracing.ComponentKubelet, setting.FieldEndpoint, "localhost:4317", "collector.disabled: true and endpoint: localhost:4317"},
		{tracing.ComponentEtcd, "distributed-tracing-address", "localhost:4317", "collector.disabled: true and endpoint: localhost:4317"},
		{tracing.ComponentKubelet, setting.FieldEndpoint, "localhost", ""},
		{tracing.ComponentKubelet, setting.FieldEndpoint, "10.0.0.1:4317", ""},
		{tracing.ComponentEtcd, "distributed-tracing-address", "127.0.0.1:14317", "endpoint: 127.0.0.1:14317"},
		{tracing.ComponentEtcd, "distributed-tracing-service-name", "store", "etcd.serviceName: store"},
		{tracing.ComponentEtcd, "distributed-tracing-service-name", "123", `etcd.serviceName: "123"`},
		{tracing.ComponentEtcd, "distributed-tracing-instance-id", "true", `etcd.instanceID: "true"`},
		{tracing.ComponentEtcd, "distributed-tracing-sampling-rate", "5", "etcd.samplingRatePerMillion: 5"},
		{tracing.ComponentEtcd, "distributed-tracing-sampling-rate", "1000001", ""},
		{tracing.ComponentEtcd, "enable-distributed-tracing", "false", ""},
		{tracing.ComponentAPIServer, setting.FieldRate, "0", "apiServer.samplingRatePerMillion: 0"},
		{tracing.ComponentKubelet, setting.FieldRate, "7", "kubelet.samplingRatePerMillion: 7"},
		{tracing.ComponentKubelet, setting.FieldRate, "all", ""},
	} {
		got, ok := setting.Adopt(of(t, "1.34"), test.component, test.key, test.have)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%s %s %s: got %q, %t, want %q", test.component, test.key, test.have, got, ok, test.want)
		}
	}
}
