package tracing

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

func TestLoad(t *testing.T) {
	plain := TracingSpec{KubernetesVersion: "1.30"}
	inherited := plain
	inherited.Etcd.SamplingRatePerMillion, inherited.Kubelet.SamplingRatePerMillion = ptr[int32](5), ptr[int32](5)
	for _, c := range []struct {
		name, text string
		want       TracingSpec
	}{
		{"YAML", "kubernetesVersion: \"1.30\"\n", plain},
		{"JSON", `{"kubernetesVersion": "1.30"}`, plain},
		{"tab-indented JSON", "{\n\t\"kubernetesVersion\": \"1.30\"\n}", plain},
		{"comments", "# a\n---\n# b\nkubernetesVersion: '1.30' # c\n---\n# d\n", plain},
		{"CRLF", "---\r\nkubernetesVersion: '1.30'\r\netcd: {}\r\n---\r\n", plain},
		{"begin and end of a document", "--- # a\nkubernetesVersion: '1.30'\n...\n", plain},
		{"on the line of its marker", "--- {kubernetesVersion: '1.30'}", plain},
		{"byte order mark", "\ufeffkubernetesVersion: '1.30'", plain},
		{"null for what is not set", "kubernetesVersion: '1.30'\netcd: null\nbackend: ~", plain},
		{"a patch needs no quotes", "kubernetesVersion: 1.30.1", TracingSpec{KubernetesVersion: "1.30.1"}},
		{"anchors", "kubernetesVersion: '1.30'\netcd: &rate {samplingRatePerMillion: 5}\nkubelet: *rate", inherited},
		{"an empty list", "kubernetesVersion: '1.30'\ncollector: {tolerations: []}", plain},
		{"explicit zeros", "kubernetesVersion: '1.30'\nsamplingRatePerMillion: 0\ncollector: {manageNamespace: false}",
			TracingSpec{KubernetesVersion: "1.30", SamplingRatePerMillion: ptr[int32](0), Collector: CollectorSpec{ManageNamespace: ptr(false)}}},
		{"markers inside of a text", "kubernetesVersion: '1.30'\nclusterName: |-\n  a\n  ---\n  b", TracingSpec{KubernetesVersion: "1.30", ClusterName: "a\n---\nb"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Load([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("Load (-want +got):\n%s", diff)
			}
		})
	}
}

// Load fills in nothing: what is not written follows from other fields later.
func TestLoadKeepsDefaultsOut(t *testing.T) {
	got, err := Load([]byte("collector: {}"))
	if diff := cmp.Diff(TracingSpec{}, got); err != nil || diff != "" {
		t.Errorf("Load: %v (-want +got):\n%s", err, diff)
	}
}

func TestLoadInvalidFields(t *testing.T) {
	const (
		quotes      = "write the value in quotes"
		typeInvalid = field.ErrorTypeTypeInvalid
	)
	for _, c := range []struct {
		name, text string
		want       []problem
	}{
		{"number without quotes", "kubernetesVersion: 1.30", []problem{{typeInvalid, "kubernetesVersion", "write the value in quotes: without them YAML reads 1.30 as the number 1.3"}}},
		{"number for a label", "collector: {labels: {example.com/a: 1}}", []problem{{typeInvalid, "collector.labels[example.com/a]", quotes}}},
		{"boolean for a name", "clusterName: yes", []problem{{typeInvalid, "clusterName", quotes}}},
		{"list for a text", "clusterName: [a]", []problem{{typeInvalid, "clusterName", "write a text"}}},
		{"text for a number", "samplingRatePerMillion: all", []problem{{typeInvalid, "samplingRatePerMillion", "write a whole number from 0 to 1000000; 10000 is 1 %"}}},
		{"number that is too large", "samplingRatePerMillion: 3000000000", []problem{{typeInvalid, "samplingRatePerMillion", "from 0 to 1000000"}}},
		{"text in a list of fields", "collector: {exporter: {headers: [{name: a}, b]}}", []problem{{typeInvalid, "collector.exporter.headers[1]", "write a mapping of fields"}}},
		{"fields in a list for a text", "collector: {exporter: {headers: [{name: a, value: {a: b}}]}}", []problem{{typeInvalid, "collector.exporter.headers[0].value", "write a text"}}},
		{"no duration", "collector: {load: {outage: 10 minutes}}", []problem{{typeInvalid, "collector.load.outage", "such as 10m"}}},
		{"a number of seconds", "collector: {load: {outage: 600}}", []problem{{typeInvalid, "collector.load.outage", "write a duration"}}},
		{"no disk", "collector: {queue: {disk: much}}", []problem{{typeInvalid, "collector.queue.disk", "such as 256Mi"}}},
		{"no memory of a gateway", "gateway: {resources: {limits: {memory: much}}}", []problem{{typeInvalid, "gateway.resources.limits[memory]", "write a quantity"}}},
		{"fraction", "collector: {queue: {size: 0.5}}", []problem{{typeInvalid, "collector.queue.size", "write a whole number"}}},
		{"text for a boolean", "etcd: {disabled: 'no'}", []problem{{typeInvalid, "etcd.disabled", "write true or false"}}},
		{"list for fields", "etcd: [a]", []problem{{typeInvalid, "etcd", "write a mapping of fields"}}},
		{"fields for a list", "collector: {exporter: {headers: {a: b}}}", []problem{{typeInvalid, "collector.exporter.headers", "write a list"}}},
		{"no quantity", "collector: {resources: {limits: {memory: 64MB, cpu: 1}, requests: {cpu: x}}}", []problem{
			{typeInvalid, "collector.resources.limits[memory]", "such as 256Mi"}, {typeInvalid, "collector.resources.requests[cpu]", "or 50m"},
		}},
		{"number in a list", "collector: {exporter: {headers: [{name: 1}, {name: 2}]}}", []problem{{typeInvalid, "collector.exporter.headers[0].name", quotes}}},

		{"unknown field", "etcd: {verson: 3.5.11}", []problem{{invalid, "etcd.verson", "the fields here are disabled, external, version,"}}},
		{"unknown field in a list", "collector: {exporter: {headers: [{name: a}, {nam: a}]}}", []problem{{invalid, "collector.exporter.headers[1].nam", "the fields here are name, value, secretKeyRef"}}},
		{"unknown field beside an inlined one", "collector: {exporter: {tls: {ca: {secret: a}}}}", []problem{{invalid, "collector.exporter.tls.ca.secret", "the fields here are name, key, optional"}}},
		{"wrong case", "KubernetesVersion: '1.30'\netcd: {instanceId: a}", []problem{
			{invalid, "KubernetesVersion", "the fields here are kubernetesVersion"}, {invalid, "etcd.instanceId", "instanceID"},
		}},
		{"Go's name", "apiserver: {}", []problem{{invalid, "apiserver", "apiServer"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			spec, err := Load([]byte(c.text))
			var bad *InvalidSpecError
			if !errors.As(err, &bad) {
				t.Fatalf("Load returned %v", err)
			}
			if diff := cmp.Diff(c.want, problems(bad.Errors, c.want)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			for _, problem := range bad.Errors {
				if why := realField(problem.Field); why != nil && problem.Type == typeInvalid {
					t.Errorf("%s: %v", problem.Field, why)
				}
			}
			if diff := cmp.Diff(TracingSpec{}, spec); diff != "" {
				t.Errorf("beside its error Load returned:\n%s", diff)
			}
		})
	}
}

func TestLoadUnreadable(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"empty", "", `write at least kubernetesVersion: "1.34"`},
		{"comments only", "# a\n---\n# b\n", "there are no fields"},
		{"null", "null", "there are no fields"},
		{"text", "1.34", "there are no fields"},
		{"list", "[a]", "there are no fields"},
		{"two documents", "kubernetesVersion: '1.30'\n---\nkubernetesVersion: '1.31'", "write one a file"},
		{"second document on its marker's line", "kubernetesVersion: '1.30'\n--- {kubernetesVersion: '1.31'}", "write one a file"},
		{"second document after an end marker", "kubernetesVersion: '1.30'\n...\netcd: {}", "write one a file"},
		{"second document with CRLF", "kubernetesVersion: '1.30'\r\n---\r\netcd: {}\r\n", "write one a file"},
		{"field twice, with its line", "---\nkubernetesVersion: '1.30'\nkubernetesVersion: '1.31'", `line 3: key "kubernetesVersion" already set`},
		{"field twice in JSON", `{"etcd": {"version": "3.5.11", "version": "3.5.12"}}`, `key "version" already set`},
		{"no YAML", "a: b: c", "mapping values are not allowed"},
		{"open quote", "kubernetesVersion: '1.30", "end of stream"},
		{"no UTF-8", "clusterName: \xff", "invalid"},
		{"circle", "etcd: &a {version: *a}", "anchor 'a' value contains itself"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load([]byte(c.text))
			if err == nil || !strings.HasPrefix(err.Error(), "read a TracingSpec: ") || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Load returned %v, want one that says %q", err, c.says)
			}
		})
	}
}

// FuzzLoad: nothing panics, and what is valid survives being written out.
func FuzzLoad(f *testing.F) {
	for _, text := range corpus() {
		f.Add([]byte(text))
		f.Add([]byte("kubernetesVersion: v1.34.2\n" + text))
	}
	filled, err := Marshal(filledSpec())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(filled)
	f.Add([]byte("kubernetesVersion: 1.30"))
	f.Add([]byte("---\n...\n--- {a: &a b, <<: *a}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		spec, err := Load(data)
		if err != nil {
			return
		}
		r, err := Resolve(spec)
		if err != nil {
			return
		}
		for name, spec := range map[string]TracingSpec{"spec": spec, "defaulted spec": r.Spec()} {
			written, err := Marshal(spec)
			if err != nil {
				t.Fatalf("marshal the %s: %v", name, err)
			}
			again, err := Load(written)
			if err != nil {
				t.Fatalf("load the %s again: %v\n%s", name, err, written)
			}
			if diff := cmp.Diff(spec, again, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("the %s changed (-before +after):\n%s", name, diff)
			}
		}
	})
}
