package tracing

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNotGenerated(t *testing.T) {
	const disabled = "it is disabled"
	for _, c := range []struct {
		name, spec string
		want       map[Component]NotGeneratedError
	}{
		{"everything", `{}`, nil},
		{"all disabled", `{etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}, backend: {disabled: true}, collector: {exporter: {endpoint: "a:4317"}}}`, map[Component]NotGeneratedError{
			ComponentEtcd:      {Field: "etcd.disabled", Reason: disabled},
			ComponentAPIServer: {Field: "apiServer.disabled", Reason: disabled},
			ComponentKubelet:   {Field: "kubelet.disabled", Reason: disabled},
			ComponentBackend:   {Field: "collector.exporter.endpoint", Reason: "the collector sends to this endpoint"},
		}},
		{"no collector", `collector: {disabled: true}`, map[Component]NotGeneratedError{
			ComponentCollector: {Field: "collector.disabled", Reason: disabled},
			ComponentBackend:   {Field: "collector.disabled", Reason: "there is no collector that would send to it"},
		}},
		{"releases without tracing", `kubernetesVersion: "1.24"`, map[Component]NotGeneratedError{
			ComponentEtcd:    {Field: "etcd.imageTag", Reason: "it may be etcd 3.5.3, and before 3.5.5 tracing samples everything and leaks memory"},
			ComponentKubelet: {Field: "kubeletVersion", Reason: "kubelet 1.24 has no tracing, which came with 1.25"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := resolved(t, c.spec)
			for _, component := range []Component{ComponentEtcd, ComponentAPIServer, ComponentKubelet, ComponentCollector, ComponentBackend} {
				want, ok := c.want[component]
				want.Component = component
				got := r.NotGenerated(component)
				if !ok && got != nil {
					t.Errorf("%s: %v", component, got)
				}
				if ok {
					if diff := cmp.Diff(&want, got); diff != "" {
						t.Errorf("%s (-want +got):\n%s", component, diff)
					}
					if why := realField(got.Field); why != nil {
						t.Errorf("%s: %v", component, why)
					}
				}
			}
		})
	}
}

func TestResolvedListener(t *testing.T) {
	type listener struct {
		ComponentEndpoint, Transport, Endpoint, Host, Loopback string
		Port                                                   int32
	}
	for _, c := range []struct {
		endpoint string
		want     listener
	}{
		{"127.0.0.2:5000", listener{"127.0.0.2:5000", "tcp", "127.0.0.2:5000", "127.0.0.2", "127.0.0.1", 5000}},
		{"[::1]:4317", listener{"[::1]:4317", "tcp", "[::1]:4317", "::1", "::1", 4317}},
		// gRPC keeps the slash before the name.
		{"unix-abstract:///a", listener{"unix-abstract:///a", "unix", "@/a", "", "127.0.0.1", 0}},
	} {
		r := resolved(t, `endpoint: "`+c.endpoint+`"`)
		got := listener{ComponentEndpoint: r.ComponentEndpoint(), Host: r.ListenerHost(), Loopback: r.LoopbackHost(), Port: r.ListenerPort()}
		got.Transport, got.Endpoint = r.Listener()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.endpoint, diff)
		}
	}
}

func TestResolvedRates(t *testing.T) {
	for _, c := range []struct {
		spec string
		want [3]int32 // etcd, kube-apiserver, kubelet
	}{
		{`{}`, [3]int32{10_000, 10_000, 10_000}},
		{`samplingRatePerMillion: 5`, [3]int32{5, 5, 5}},
		{`{samplingRatePerMillion: 5, etcd: {samplingRatePerMillion: 0}, apiServer: {samplingRatePerMillion: 2}, kubelet: {samplingRatePerMillion: 3}}`, [3]int32{0, 2, 3}},
	} {
		r := resolved(t, c.spec)
		rate, _ := r.EtcdSamplingRate()
		if got := [3]int32{rate, r.APIServerSamplingRate(), r.KubeletSamplingRate()}; got != c.want {
			t.Errorf("%s gives the rates %v, want %v", c.spec, got, c.want)
		}
	}
}

func TestResolvedVersions(t *testing.T) {
	for _, c := range []struct{ spec, minor, patch, kubelet string }{
		{`kubernetesVersion: "1.34"`, "1.34", "", "1.34"},
		{`{kubernetesVersion: 1.34.2, kubeletVersion: "1.31"}`, "1.34", "v1.34.2", "1.31"},
		{`kubernetesVersion: v1.34.0-rc.1`, "1.34", "v1.34.0-rc.1", "1.34"},
	} {
		r := resolved(t, c.spec)
		got := []string{r.KubernetesMinor(), r.KubernetesPatch(), r.OldestKubelet().Kubernetes}
		if diff := cmp.Diff([]string{c.minor, c.patch, c.kubelet}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.spec, diff)
		}
	}
}

func TestBackendMajor(t *testing.T) {
	for image, want := range map[string]uint{"jaegertracing/jaeger:2.20.0": 2, "jaegertracing/all-in-one:1.76.0": 1} {
		if got := resolved(t, `backend: {image: "`+image+`"}`).BackendMajor(); got != want {
			t.Errorf("%s has the major version %d, want %d", image, got, want)
		}
	}
}

// What a Resolved returns is the caller's: changing it changes no later answer.
func TestResolvedSharesNothing(t *testing.T) {
	r := resolved(t, `collector: {labels: {a: b}, exporter: {endpoint: "a:4317", headers: [{name: a, secretKeyRef: {name: b, key: c}}]}}`)
	first, second := r.Spec(), r.Spec()
	if shared := sharedMemory(&first, &second); len(shared) > 0 {
		t.Errorf("Spec shares %v", shared)
	}
	one, other := r.Exporter(), r.Exporter()
	if shared := sharedMemory(&one, &other); len(shared) > 0 {
		t.Errorf("Exporter shares %v", shared)
	}
	if shared := sharedMemory(&one, &first); len(shared) > 0 {
		t.Errorf("Exporter and Spec share %v", shared)
	}
	resolvedAgain := resolved(t, `{etcd: {disabled: true}}`)
	resolvedAgain.NotGenerated(ComponentEtcd).Reason = "changed"
	if got := resolvedAgain.NotGenerated(ComponentEtcd).Reason; got != "it is disabled" {
		t.Errorf("the reason is now %q", got)
	}
}

// A Resolved that Resolve did not make generates nothing and never panics.
func TestZeroResolved(t *testing.T) {
	got := ask(Resolved{})
	if len(got.NotGeneratedReasons) != 5 {
		t.Errorf("a zero Resolved generates something: %v", got.NotGeneratedReasons)
	}
	if diff := cmp.Diff(TracingSpec{}, got.Spec); diff != "" {
		t.Errorf("a zero Resolved has a spec:\n%s", diff)
	}
	if err := (Resolved{}).CheckNodeVersion("v1.29.1", true); err != nil {
		t.Errorf("a zero Resolved judges nodes: %v", err)
	}
}
