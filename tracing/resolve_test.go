package tracing

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

const (
	invalid   = field.ErrorTypeInvalid
	required  = field.ErrorTypeRequired
	forbidden = field.ErrorTypeForbidden
	duplicate = field.ErrorTypeDuplicate
)

var validKubernetes = map[string]string{
	"minor":                           `kubernetesVersion: "1.34"`,
	"patch":                           `kubernetesVersion: v1.34.2`,
	"release candidate":               `kubernetesVersion: 1.34.0-rc.1`,
	"build":                           `kubernetesVersion: v1.29.1+k3s2`,
	"oldest":                          `kubernetesVersion: "1.22"`,
	"oldest with a kubelet's tracing": `kubernetesVersion: "1.25"`,
	"a preview":                       `kubernetesVersion: v1.38.0-beta.0`,
	"newer than the tables":           `kubernetesVersion: "1.39"`,
	"newest before too new":           `kubernetesVersion: v1.40.9`,
	"kubelet three minors older":      `{kubernetesVersion: "1.28", kubeletVersion: "1.25"}`,
	"kubelet two minors older":        `{kubernetesVersion: "1.26", kubeletVersion: "1.24"}`,
	"kubelet of a newer patch":        `{kubernetesVersion: 1.34.1, kubeletVersion: 1.34.2}`,
	"both newer than the tables":      `{kubernetesVersion: "1.40", kubeletVersion: "1.39"}`,
	"rates at their bounds":           `{samplingRatePerMillion: 0, etcd: {samplingRatePerMillion: 1000000}, apiServer: {samplingRatePerMillion: 0}, kubelet: {samplingRatePerMillion: 1}}`,
	"cluster name":                    `clusterName: Prüfstand 1`,
	"longest cluster name":            `clusterName: ` + strings.Repeat("a", 253),
	"config file":                     `apiServer: {configFile: "/var/lib/tracing config/a.yaml"}`,
	"all disabled":                    `{etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}, collector: {disabled: true}, backend: {disabled: true}}`,
	// Fields of what is disabled are not judged.
	"nonsense in what is disabled": `{etcd: {disabled: true, version: x}, apiServer: {disabled: true, configFile: x}, kubelet: {disabled: true, samplingRatePerMillion: -1}, collector: {disabled: true, name: "-"}, backend: {namespace: "-"}}`,
}

func TestValidateKubernetes(t *testing.T) {
	checkInvalid(t, []invalidCase{
		{"missing", `kubernetesVersion: ""`, []problem{{required, "kubernetesVersion", `such as "1.37"`}}},
		{"one number", `kubernetesVersion: "1"`, []problem{{invalid, "kubernetesVersion", `such as "1.34" or "v1.34.2"`}}},
		{"words", `kubernetesVersion: stable`, []problem{{invalid, "kubernetesVersion", `such as "1.34" or "v1.34.2"`}}},
		{"four numbers", `kubernetesVersion: 1.34.2.1`, []problem{{invalid, "kubernetesVersion", "two or three numbers"}}},
		{"release candidate of a minor", `kubernetesVersion: 1.34-rc.1`, []problem{{invalid, "kubernetesVersion", "two or three numbers"}}},
		{"number without quotes, 1.20", `kubernetesVersion: "1.2"`, []problem{{invalid, "kubernetesVersion", `write "1.20"`}}},
		{"number without quotes, 1.30", `kubernetesVersion: "1.3"`, []problem{{invalid, "kubernetesVersion", `write "1.30"`}}},
		{"really 1.3", `kubernetesVersion: "1.3.0"`, []problem{{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview"}}},
		{"just too old", `kubernetesVersion: "1.21"`, []problem{{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview"}}},
		{"far too old", `kubernetesVersion: "0.9"`, []problem{{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview"}}},
		{"kubelet too old", `{kubernetesVersion: "1.23", kubeletVersion: 1.21.3}`, []problem{{field.ErrorTypeNotSupported, "kubeletVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview"}}},
		{"kubelet is no version", `kubeletVersion: new`, []problem{{invalid, "kubeletVersion", `such as "1.34"`}}},
		{"kubelet newer", `kubeletVersion: "1.35"`, []problem{{invalid, "kubeletVersion", "at most 1.34"}}},
		{"kubelet four minors older", `{kubernetesVersion: "1.29", kubeletVersion: "1.25"}`, []problem{{invalid, "kubeletVersion", "at most 3 minors older"}}},
		{"old kubelet three minors older", `{kubernetesVersion: "1.27", kubeletVersion: "1.24"}`, []problem{{invalid, "kubeletVersion", "at most 2 minors older"}}},
		{"number without quotes, 1.40", `kubernetesVersion: "1.4"`, []problem{{invalid, "kubernetesVersion", `write "1.40"`}}},
		{"too new", `kubernetesVersion: "1.41"`, []problem{{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview, and releases up to 1.40 as if they were 1.38"}}},
		{"far too new", `kubernetesVersion: "1.99"`, []problem{{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview"}}},
		{"another major", `{kubernetesVersion: "2.0", kubeletVersion: "1.37"}`, []problem{{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are Kubernetes 1.22 to 1.37, and 1.38 as a preview"}}},
		{"kubelet far too new", `kubeletVersion: "1.99"`, []problem{{invalid, "kubeletVersion", "at most 1.34"}}},
		{"kubelet of another major", `kubeletVersion: "2.0"`, []problem{{invalid, "kubeletVersion", "at most 1.34"}}},
	})
}

func TestValidateComponents(t *testing.T) {
	checkInvalid(t, []invalidCase{
		{"rate below", `samplingRatePerMillion: -1`, []problem{{invalid, "samplingRatePerMillion", "from 0 (nothing) to 1000000"}}},
		{"rate above", `samplingRatePerMillion: 1000001`, []problem{{invalid, "samplingRatePerMillion", "10000 is 1 %"}}},
		{"rate of etcd", `etcd: {samplingRatePerMillion: -1}`, []problem{{invalid, "etcd.samplingRatePerMillion", "from 0"}}},
		{"rate of kube-apiserver", `apiServer: {samplingRatePerMillion: 1000001}`, []problem{{invalid, "apiServer.samplingRatePerMillion", "from 0"}}},
		{"rate of the kubelet", `kubelet: {samplingRatePerMillion: 1000001}`, []problem{{invalid, "kubelet.samplingRatePerMillion", "from 0"}}},
		{"cluster name with a space at its end", `clusterName: "prod "`, []problem{{invalid, "clusterName", "without spaces at the ends"}}},
		{"cluster name with a line break", `clusterName: "a\nb"`, []problem{{invalid, "clusterName", "printable"}}},
		{"cluster name with a control character", `clusterName: "\x01a"`, []problem{{invalid, "clusterName", "printable"}}},
		{"relative config file", `apiServer: {configFile: tracing.yaml}`, []problem{{invalid, "apiServer.configFile", "such as /etc/kubernetes/tracing-config.yaml"}}},
		{"config file is a folder", `apiServer: {configFile: /etc/kubernetes/}`, []problem{{invalid, "apiServer.configFile", "absolute path of a file"}}},
		{"config file with ..", `apiServer: {configFile: /etc/../x}`, []problem{{invalid, "apiServer.configFile", "'..'"}}},
		{"config file with a colon", `apiServer: {configFile: "/etc/a:b"}`, []problem{{invalid, "apiServer.configFile", "':'"}}},
		{"config file that the kubelet would expand", `apiServer: {configFile: /etc/$(HOME)}`, []problem{{invalid, "apiServer.configFile", "'$'"}}},
		{"config file among the static pods", `apiServer: {configFile: /etc/kubernetes/manifests/t.yaml}`, []problem{{invalid, "apiServer.configFile", "/etc/kubernetes/manifests is not kubetrace's to write to"}}},
		{"config file is kubeadm's", `apiServer: {configFile: /etc/kubernetes/admin.conf}`, []problem{{invalid, "apiServer.configFile", "write a file of its own"}}},
		{"config file is a folder", `apiServer: {configFile: /etc/kubernetes}`, []problem{{invalid, "apiServer.configFile", "write a file of its own"}}},
		{"config file is a key", `apiServer: {configFile: /etc/kubernetes/pki/sa.key}`, []problem{{invalid, "apiServer.configFile", "name of a certificate or key"}}},
		{"config file of the kernel", `apiServer: {configFile: /proc/1/x}`, []problem{{invalid, "apiServer.configFile", "/proc is not kubetrace's"}}},
		{"a version that kubeadm does not parse", `kubernetesVersion: 1.34.2-01`, []problem{{invalid, "kubernetesVersion", "write a version"}}},
		{"several at once", `
kubernetesVersion: "1.21"
endpoint: localhost:4317
etcd: {samplingRatePerMillion: -1}
collector: {name: UPPER, exporter: {endpoint: otlp.example.com, headers: [{name: a}]}}`, []problem{
			{field.ErrorTypeNotSupported, "kubernetesVersion", "supported are"},
			{invalid, "endpoint", "write 127.0.0.1:4317 or [::1]:4317"},
			{invalid, "etcd.samplingRatePerMillion", "from 0"},
			{invalid, "collector.name", "lower-case"},
			{invalid, "collector.exporter.endpoint", "write otlp.example.com:4317"},
			{required, "collector.exporter.headers[0].value", "write value"},
		}},
	})
}

func TestResolveValid(t *testing.T) {
	for name, text := range corpus() {
		t.Run(name, func(t *testing.T) {
			spec := load(t, text)
			before := spec.DeepCopy()
			r, err := Resolve(spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(*before, spec); diff != "" {
				t.Errorf("Resolve changed its input (-before +after):\n%s", diff)
			}
			if errs := spec.Validate(); len(errs) > 0 {
				t.Errorf("Validate disagrees: %v", errs)
			}
			for _, w := range r.Warnings {
				if why := realField(w.Field); why != nil {
					t.Errorf("warning %s: %v", w.Code, why)
				}
				if w.Release == "" || w.Message == "" || w.Cure == "" {
					t.Errorf("warning %s is incomplete: %+v", w.Code, w)
				}
			}
		})
	}
}

func TestResolveInvalidReturnsNothing(t *testing.T) {
	r, err := Resolve(TracingSpec{})
	var problem *field.Error
	if !errors.As(err, &problem) || problem.Field != "kubernetesVersion" {
		t.Errorf("Resolve returned the error %v", err)
	}
	if len(r.Warnings) != 0 || r.NotGenerated(ComponentEtcd) == nil {
		t.Errorf("beside its error Resolve returned %+v", r)
	}
}

func TestValidateAt(t *testing.T) {
	spec := TracingSpec{KubernetesVersion: "1.34", Endpoint: "localhost:4317", Collector: CollectorSpec{HealthPort: 80}}
	at := spec.ValidateAt(field.NewPath("spec").Child("tracing"))
	var got []string
	for _, err := range at {
		got = append(got, err.Field)
	}
	want := []string{"spec.tracing.endpoint", "spec.tracing.collector.healthPort"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("endpoint", spec.Validate()[0].Field); diff != "" {
		t.Errorf("Validate's own path (-want +got):\n%s", diff)
	}
}
