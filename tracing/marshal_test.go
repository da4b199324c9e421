package tracing

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	tracingapi "k8s.io/component-base/tracing/api/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// everyKind has a field of each kind that a Kubernetes type may have.
type everyKind struct {
	metav1.TypeMeta `json:",inline"`
	*Embedded       `json:",inline"`
	hidden          string
	Plain           int
	NoOmit          string `json:"noOmit"`
	Left            string `json:"-"`
	//lint:ignore SA5008 encoding/json takes it as the name "-"
	Dash       string  `json:"-,"`
	Number     int64   `json:"number"`
	Float      float64 `json:"float,omitempty"`
	Yes        bool    `json:"yes"`
	Quoted     int64   `json:"quoted,string,omitempty"`
	QuotedText string  `json:"quotedText,string,omitempty"`
	//lint:ignore SA5008 encoding/json passes over the option
	QuotedStruct     Embedded            `json:"quotedStruct,string"`
	Pointer          *int32              `json:"pointer,omitempty"`
	PointerText      *string             `json:"pointerText"`
	PointerStruct    *Embedded           `json:"pointerStruct,omitempty"`
	Struct           Embedded            `json:"struct"`
	Bytes            []byte              `json:"bytes,omitempty"`
	Array            [2]int              `json:"array"`
	List             []Embedded          `json:"list,omitempty"`
	ListNoOmit       []Embedded          `json:"listNoOmit"`
	Nested           [][]string          `json:"nested,omitempty"`
	Map              map[string]Embedded `json:"map,omitempty"`
	ByNumber         map[int]string      `json:"byNumber,omitempty"`
	Any              any                 `json:"any,omitempty"`
	Object           runtime.Object      `json:"object,omitempty"`
	Time             metav1.Time         `json:"time"`
	Duration         metav1.Duration     `json:"duration"`
	Quantity         resource.Quantity   `json:"quantity"`
	IntOrString      intstr.IntOrString  `json:"intOrString"`
	PointerToPointer **int               `json:"pointerToPointer"`
	Named            `json:"named"`
	Name
}

type Embedded struct {
	A string `json:"a"`
	B *int   `json:"b,omitempty"`
}

// Named is embedded, but under a name of its own.
type Named struct {
	C string `json:"c"`
}

// Name is embedded and no struct, which encoding/json treats as a field.
type Name string

func TestMarshal(t *testing.T) {
	zero := 0
	zeroPointer := &zero
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"nothing set", everyKind{hidden: "a", Left: "a"}, "{}\n"},
		{"pointer to nothing set", &everyKind{}, "{}\n"},
		{"scalars", everyKind{Plain: 1, NoOmit: "a", Number: -2, Float: 0.5, Yes: true}, "Plain: 1\nfloat: 0.5\nnoOmit: a\nnumber: -2\n\"yes\": true\n"},
		{"texts that look like something else", everyKind{NoOmit: "1.30"}, "noOmit: \"1.30\"\n"},
		{"characters that JSON may escape", everyKind{NoOmit: "<a> & \u2028"}, "noOmit: \"<a> & \\L\"\n"},
		{"the tag -,", everyKind{Dash: "a"}, "'-': a\n"},
		{"json:,string", everyKind{Quoted: 5, QuotedText: "a", QuotedStruct: Embedded{A: "a"}}, "quoted: \"5\"\nquotedStruct:\n  a: a\nquotedText: '\"a\"'\n"},
		{"pointers to zero", everyKind{Pointer: new(int32), PointerText: new(string), PointerStruct: new(Embedded), PointerToPointer: &zeroPointer},
			"pointer: 0\npointerStruct: {}\npointerText: \"\"\npointerToPointer: 0\n"},
		{"inlined", everyKind{TypeMeta: metav1.TypeMeta{Kind: "K"}, Embedded: &Embedded{A: "a", B: &zero}, Named: Named{C: "c"}, Name: "n"}, "Name: \"n\"\na: a\nb: 0\nkind: K\nnamed:\n  c: c\n"},
		{"struct that was not set", everyKind{Struct: Embedded{}, PointerStruct: &Embedded{A: "a"}}, "pointerStruct:\n  a: a\n"},
		{"bytes", everyKind{Bytes: []byte("a?")}, "bytes: YT8=\n"},
		{"array", everyKind{Array: [2]int{0, 1}}, "array:\n- 0\n- 1\n"},
		{"lists", everyKind{List: []Embedded{{A: "a"}, {}}, Nested: [][]string{{"a"}, {}, nil}}, "list:\n- a: a\n- {}\nnested:\n- - a\n- []\n- []\n"},
		{"empty lists", everyKind{List: []Embedded{}, ListNoOmit: []Embedded{}}, "listNoOmit: []\n"},
		{"maps keep what is zero", everyKind{Map: map[string]Embedded{"b": {}, "a": {A: "x"}}, ByNumber: map[int]string{2: ""}}, "byNumber:\n  \"2\": \"\"\nmap:\n  a:\n    a: x\n  b: {}\n"},
		{"empty map", everyKind{Map: map[string]Embedded{}}, "{}\n"},
		{"interfaces", everyKind{Any: 0, Object: &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}}}, "any: 0\nobject:\n  metadata:\n    name: a\n"},
		{"types that write themselves", everyKind{
			Time: metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), Duration: metav1.Duration{Duration: time.Minute},
			Quantity: resource.MustParse("0.5Gi"), IntOrString: intstr.FromString("10%"),
		}, "duration: 1m0s\nintOrString: 10%\nquantity: 512Mi\ntime: \"2026-01-02T03:04:05Z\"\n"},
		{"a number as IntOrString", everyKind{IntOrString: intstr.FromInt(8080)}, "intOrString: 8080\n"},
		{"pointer to a zero IntOrString", map[string]any{"a": &intstr.IntOrString{}, "b": &metav1.Duration{}}, "a: 0\nb: 0s\n"},
		{"quantities in a map", corev1.ResourceList{"cpu": resource.MustParse("0"), "memory": resource.MustParse("1Gi")}, "cpu: \"0\"\nmemory: 1Gi\n"},
		{"large numbers", map[string]any{"a": int64(math.MaxInt64)}, "a: 9223372036854775807\n"},
		{"nil", nil, "null\n"},
		{"typed nil", (*everyKind)(nil), "null\n"},
		{"nil list", []string(nil), "[]\n"},
		{"text", "a", "a\n"},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			got, err := Marshal(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("Marshal (-want +got):\n%s", diff)
			}
		})
	}
}

// node can point to itself, as no Kubernetes type does.
type node struct {
	Next *node          `json:"next,omitempty"`
	All  []*node        `json:"all,omitempty"`
	Any  map[string]any `json:"any,omitempty"`
}

type unwritable struct {
	Inner struct {
		Events chan int `json:"events,omitempty"`
	} `json:"inner"`
	Call  func()     `json:"call,omitempty"`
	Ratio float64    `json:"ratio,omitempty"`
	Size  complex128 `json:"size,omitempty"`
}

func TestMarshalErrors(t *testing.T) {
	ring, list, loop := &node{}, &node{}, map[string]any{}
	ring.Next, list.All, loop["a"] = ring, []*node{list}, loop
	channel := unwritable{}
	channel.Inner.Events = make(chan int)
	for _, c := range []struct {
		name string
		in   any
		says string
	}{
		{"points to itself", ring, "contains itself"},
		{"holds itself in a list", list, "contains itself"},
		{"holds itself in a map", node{Any: loop}, "contains itself"},
		{"channel", channel, "inner: events: a chan int has no JSON form"},
		{"function", unwritable{Call: func() {}}, "call: a func() has no JSON form"},
		{"complex number", unwritable{Size: 1}, "size: a complex128 has no JSON form"},
		{"not a number", unwritable{Ratio: math.NaN()}, "NaN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := Marshal(c.in)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("Marshal returned %v, want an error that says %q", err, c.says)
			}
			if text != nil {
				t.Errorf("beside its error Marshal returned %q", text)
			}
		})
	}
	if text, err := MarshalAll([]any{"a", channel}); err == nil || text != nil {
		t.Errorf("MarshalAll returned %q and %v", text, err)
	}
}

func TestMarshalAll(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []Embedded
		want string
	}{
		{"none", nil, ""},
		{"one", []Embedded{{A: "a"}}, "a: a\n"},
		{"two", []Embedded{{A: "a"}, {A: "b"}}, "a: a\n---\na: b\n"},
	} {
		got, err := MarshalAll(c.in)
		if diff := cmp.Diff(c.want, string(got)); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", c.name, err, diff)
		}
	}
}

// A drop-in or patch may hold nothing but what it is for: each zero field would
// reset a node's setting.
func TestMarshalKubeletConfiguration(t *testing.T) {
	endpoint, rate := "127.0.0.1:4317", int32(0)
	in := kubeletv1beta1.KubeletConfiguration{
		TypeMeta: metav1.TypeMeta{APIVersion: "kubelet.config.k8s.io/v1beta1", Kind: "KubeletConfiguration"},
		Tracing:  &tracingapi.TracingConfiguration{Endpoint: &endpoint, SamplingRatePerMillion: &rate},
	}
	text, err := Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	const want = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 0
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("Marshal (-want +got):\n%s", diff)
	}
	var back kubeletv1beta1.KubeletConfiguration
	readStrictly(t, text, &back)
	if diff := cmp.Diff(in, back); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

func TestMarshalReadsBack(t *testing.T) {
	spec := filledSpec()
	text, err := Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	var back TracingSpec
	readStrictly(t, text, &back)
	if diff := cmp.Diff(spec, back); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

func readStrictly(t *testing.T, text []byte, into any) {
	t.Helper()
	asJSON, err := yaml.YAMLToJSONStrict(text)
	if err != nil {
		t.Fatal(err)
	}
	strict, err := kjson.UnmarshalStrict(asJSON, into)
	if err != nil || len(strict) > 0 {
		t.Fatalf("read back: %v %v\n%s", err, strict, text)
	}
}
