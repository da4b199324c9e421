package reader_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"

	"kubetrace/internal/reader"
)

const tracingHead = "apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\n"

var tracingFiles = []struct {
	name, text string
	strict     []string
	err        string
}{
	{"fine", tracingHead + "endpoint: a:1\nsamplingRatePerMillion: 5\n", nil, ""},
	{"nothing", "", nil, ""},
	{"no apiVersion", "endpoint: a:1\n", nil, ""},
	{"null", tracingHead + "endpoint: null\nsamplingRatePerMillion:\n", nil, ""},
	{"a whole number with a point", tracingHead + "samplingRatePerMillion: 10.0\n", nil, ""},
	{"the second document", tracingHead + "---\nendpoint: [\n", nil, ""},
	{"an empty first document", "---\n---\n" + tracingHead, nil, ""},
	{"unknown fields", tracingHead + "x: {a: 1}\nendpoint: a:1\nsamplingRatePerMillon: 5\n", []string{
		"line 3: x: kube-apiserver does not start with this field, which it does not know: take it out",
		"line 5: samplingRatePerMillon: kube-apiserver does not start with this field, which it does not know: write samplingRatePerMillion",
	}, ""},
	{"another case of fields", tracingHead + "Endpoint: a:1\nsamplingrateperMillion: 5\n", []string{
		"line 3: Endpoint: kube-apiserver does not start with this field, which it does not know: write endpoint",
		"line 4: samplingrateperMillion: kube-apiserver does not start with this field, which it does not know: write samplingRatePerMillion",
	}, ""},
	{"another case of apiVersion", "apiversion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\n", []string{
		"line 1: apiversion: kube-apiserver does not start with this field, which it does not know: write apiVersion",
	}, ""},
	{"twice", tracingHead + "endpoint: a:1\nendpoint: b:1\n", []string{
		"line 4: endpoint: it is written twice, first in line 3, and kube-apiserver does not start with it: take one out",
	}, ""},
	{"twice in JSON", "{\"endpoint\": \"a\",\n\"endpoint\": \"b\"}", []string{
		"line 2: endpoint: it is written twice, first in line 1, and kube-apiserver does not start with it: take one out",
	}, ""},
	{"twice by a merge key", tracingHead + "x: &x {endpoint: a}\n<<: *x\nendpoint: b\n", []string{
		"line 3: x: kube-apiserver does not start with this field, which it does not know: take it out",
		"it is written twice (unmarshal errors:\n  line 5: key \"endpoint\" already set in map), and kube-apiserver does not start with it: take one out",
	}, ""},
	{"a number for a text", tracingHead + "endpoint: 4317\n", nil, "line 3: endpoint: it is the number 4317: write a text"},
	{"a text for a number", tracingHead + "samplingRatePerMillion: \"5\"\n", nil, "line 3: samplingRatePerMillion: it is the text \"5\": write a whole number up to 2147483647"},
	{"too much", tracingHead + "samplingRatePerMillion: 5000000000\n", nil, "line 3: samplingRatePerMillion: it is the number 5000000000: write a whole number up to 2147483647"},
	{"a fraction", tracingHead + "samplingRatePerMillion: 0.5\n", nil, "line 3: samplingRatePerMillion: it is the number 0.5: write a whole number"},
	{"yes", tracingHead + "endpoint: yes\n", nil, "line 3: endpoint: it is the boolean true: write a text"},
	{"a number for kind", "kind: 1\n", nil, "line 1: kind: it is the number 1: write a text"},
	{"a list", "- a\n", nil, "line 1: it is a list: write fields"},
	{"YAML in brackets", "{kind: TracingConfiguration}", nil, "line 1: it begins with {, so that it is read as JSON, and is none"},
	{"no YAML", tracingHead + "endpoint: [\n", nil, "line 3: "},
	{"a template", tracingHead + "endpoint: {{ endpoint }}\n", nil, "line 3: {{ endpoint }} is no YAML but a template: render the template first"},
}

// TestTracingFile reads files, and asks Kubernetes' own decoder whether it is so.
func TestTracingFile(t *testing.T) {
	for _, test := range tracingFiles {
		t.Run(test.name, func(t *testing.T) {
			_, problems, err := reader.TracingFile([]byte(test.text), true)
			var got []string
			for _, problem := range problems {
				got = append(got, problem.Error())
			}
			if diff := cmp.Diff(test.strict, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.HasPrefix(err.Error(), test.err) {
				t.Errorf("got %v, want %s", err, test.err)
			}
			if message := asTheServer(test.text); message != "" {
				t.Error(message)
			}
			_, lenient, _ := reader.TracingFile([]byte(test.text), false)
			for i, problem := range lenient {
				if strings.Contains(problem.Message, "does not start") || problem.Line != problems[i].Line {
					t.Errorf("before 1.32: %v", problem)
				}
			}
		})
	}
}

// asTheServer compares a reading with that of kube-apiserver's decoder, lenient and
// strict, and returns how they differ.
func asTheServer(text string) string {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	for _, strict := range []bool{false, true} {
		var options []serializer.CodecFactoryOptionsMutator
		if strict {
			options = append(options, serializer.EnableStrict)
		}
		want := &apiserver.TracingConfiguration{}
		err := runtime.DecodeInto(serializer.NewCodecFactory(scheme, options...).UniversalDecoder(), []byte(text), want)
		got, problems, readErr := reader.TracingFile([]byte(text), strict)
		if runtime.IsNotRegisteredError(err) || readErr == nil && !strings.HasPrefix(tracingHead, "apiVersion: "+got.APIVersion+"\n") && got.APIVersion != "" {
			continue // who calls knows which there are
		}
		refused := readErr != nil || strict && len(problems) > 0
		if refused != (err != nil) {
			return fmt.Sprintf("strict %t: got %v %v, and kube-apiserver says %v", strict, problems, readErr, err)
		}
		if diff := cmp.Diff(want.TracingConfiguration, got.TracingConfiguration); err == nil && diff != "" {
			return fmt.Sprintf("strict %t (-kube-apiserver +got):\n%s", strict, diff)
		}
	}
	return ""
}

// FuzzTracingFile reads any text as kube-apiserver does.
func FuzzTracingFile(f *testing.F) {
	for _, test := range tracingFiles {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if message := asTheServer(text); message != "" {
			t.Error(message)
		}
	})
}
