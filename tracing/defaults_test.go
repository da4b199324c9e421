package tracing

import (
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata, and fail")

// The defaults are a contract: a change here is one for every user.
func TestDefaultsGolden(t *testing.T) {
	const golden = "testdata/defaults.yaml"
	got, err := Marshal(TracingSpec{KubernetesVersion: "1.34"}.WithDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("%s was written: look at it and run again without -update", golden)
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got), rewrite it with -update if the defaults changed on purpose:\n%s", golden, diff)
	}
}

func TestWithDefaultsKeepsWhatIsSet(t *testing.T) {
	spec := filledSpec()
	// The defaults that are added to what is there.
	want := spec.DeepCopy()
	want.Collector.NodeSelector["kubernetes.io/os"] = "linux"
	want.Collector.Resources = spec.WithDefaults().Collector.Resources
	want.Gateway.NodeSelector["kubernetes.io/os"] = "linux"
	want.Gateway.Resources = spec.WithDefaults().Gateway.Resources
	if diff := cmp.Diff(*want, spec.WithDefaults()); diff != "" {
		t.Errorf("WithDefaults of a full spec (-want +got):\n%s", diff)
	}
}

// The laws of WithDefaults, over every valid spec of the tables.
func TestWithDefaultsLaws(t *testing.T) {
	for name, text := range corpus() {
		t.Run(name, func(t *testing.T) {
			spec := load(t, text)
			before := spec.DeepCopy()
			once := spec.WithDefaults()
			if diff := cmp.Diff(*before, spec); diff != "" {
				t.Errorf("WithDefaults wrote into its receiver (-before +after):\n%s", diff)
			}
			if shared := sharedMemory(&spec, &once); len(shared) > 0 {
				t.Errorf("WithDefaults shares %v with its receiver", shared)
			}
			if diff := cmp.Diff(once, once.WithDefaults()); diff != "" {
				t.Errorf("a second WithDefaults changes (-once +twice):\n%s", diff)
			}
			if diff := cmp.Diff(everything(t, spec), everything(t, once)); diff != "" {
				t.Errorf("Resolve(s) and Resolve(s.WithDefaults()) differ (-s +defaulted):\n%s", diff)
			}
		})
	}
}

// An empty list of tolerations does not survive JSON, so it is the default, like
// one that is not there.
func TestDefaultTolerations(t *testing.T) {
	for _, text := range []string{`{}`, `collector: {tolerations: []}`} {
		if got := load(t, text).WithDefaults().Collector.Tolerations; len(got) != 1 {
			t.Errorf("%s has the tolerations %v, want the default", text, got)
		}
	}
}

// answers is everything that a Resolved says.
type answers struct {
	Warnings            []Warning
	Spec                TracingSpec
	ControlPlane        Release
	OldestKubelet       Release
	Texts               []string
	Ports               []int32
	Rates               [3]int32
	EtcdHasRate         bool
	Etcd                EtcdRelease
	Collector           CollectorRelease
	Exporter            ExporterSpec
	BackendMajor        uint
	NotGeneratedReasons map[Component]string
}

func everything(t *testing.T, spec TracingSpec) answers {
	t.Helper()
	r, err := Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	return ask(r)
}

func ask(r Resolved) answers {
	transport, listener := r.Listener()
	rate, has := r.EtcdSamplingRate()
	a := answers{
		Warnings: r.Warnings, Spec: r.Spec(), ControlPlane: r.ControlPlane(), OldestKubelet: r.OldestKubelet(),
		Texts:       []string{r.KubernetesMinor(), r.KubernetesPatch(), r.ComponentEndpoint(), transport, listener, r.ListenerHost(), r.LoopbackHost()},
		Ports:       []int32{r.ListenerPort()},
		Rates:       [3]int32{rate, r.APIServerSamplingRate(), r.KubeletSamplingRate()},
		EtcdHasRate: has, Etcd: r.EtcdRelease(), Collector: r.CollectorRelease(), Exporter: r.Exporter(), BackendMajor: r.BackendMajor(),
		NotGeneratedReasons: map[Component]string{},
	}
	for _, c := range []Component{ComponentEtcd, ComponentAPIServer, ComponentKubelet, ComponentCollector, ComponentBackend} {
		if why := r.NotGenerated(c); why != nil {
			a.NotGeneratedReasons[c] = why.Error()
		}
	}
	return a
}
