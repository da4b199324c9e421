package crio

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"kubetrace/apply"
	"kubetrace/conformance/otlpsink"
	"kubetrace/crio"
	"kubetrace/tracing"
)

// TracingConfig is that of pkg/config/config.go (v1.36.0:798).
type TracingConfig struct {
	EnableTracing                 bool   `toml:"enable_tracing"`
	TracingEndpoint               string `toml:"tracing_endpoint"`
	TracingSamplingRatePerMillion int    `toml:"tracing_sampling_rate_per_million"`
}

// tomlConfig is what of the struct of the same name is about tracing.
type tomlConfig struct {
	Crio struct {
		Tracing struct{ TracingConfig } `toml:"tracing"`
	} `toml:"crio"`
}

// load reads files one after the other as UpdateFromDropInFile does: each is decoded over
// what the ones before have set.
func load(t *testing.T, files ...[]byte) TracingConfig {
	t.Helper()
	config := TracingConfig{TracingEndpoint: "0.0.0.0:4317"} // the default up to 1.30
	for _, text := range files {
		var c tomlConfig
		c.Crio.Tracing.TracingConfig = config
		meta, err := toml.Decode(string(text), &c)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, key := range meta.Undecoded() {
			if strings.HasPrefix(key.String(), "crio.tracing") {
				t.Errorf("CRI-O passes over %s", key)
			}
		}
		config = c.Crio.Tracing.TracingConfig
	}
	return config
}

func spec(endpoint string, rate int32) tracing.TracingSpec {
	return tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: endpoint, CRIO: &tracing.CRIOSpec{Version: "1.23", SamplingRatePerMillion: &rate}}
}

// provider is made as InitTracing makes it (v1.36.0:27).
func provider(ctx context.Context, c TracingConfig) (*sdktrace.TracerProvider, error) {
	exporter, err := otlptracegrpc.New(ctx, otlptracegrpc.WithEndpoint(c.TracingEndpoint), otlptracegrpc.WithInsecure())
	if err != nil {
		return nil, err
	}
	sampler := sdktrace.NeverSample()
	if c.TracingSamplingRatePerMillion > 0 {
		sampler = sdktrace.TraceIDRatioBased(float64(c.TracingSamplingRatePerMillion) / 1_000_000)
	}
	return sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.ParentBased(sampler)), sdktrace.WithBatcher(exporter)), nil
}

func TestDropIn(t *testing.T) {
	for _, test := range []struct {
		name, address string
		rate          int32
		want          map[string]int // spans by their parent
	}{
		{"what the kubelet samples", "127.0.0.1:0", 0, map[string]int{"sampled": 1}},
		{"to an abstract socket", fmt.Sprintf("unix-abstract:///crio-%d", os.Getpid()), 0, map[string]int{"sampled": 1}},
		{"every call of somebody else too", "127.0.0.1:0", 1_000_000, map[string]int{"sampled": 1, "none": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sink := otlpsink.Listen(t, test.address)
			s := spec(sink.Endpoint(), test.rate)
			file, err := crio.ConfigFile(s)
			if err != nil {
				t.Fatal(err)
			}
			// As it comes with CRI-O, and with ours behind it.
			main := []byte("[crio]\n[crio.tracing]\nenable_tracing = false\n# tracing_endpoint = \"127.0.0.1:4317\"\n[crio.nri]\nenable_nri = true\n")
			config := load(t, main, file.Marshal())
			want := TracingConfig{EnableTracing: true, TracingEndpoint: sink.Endpoint(), TracingSamplingRatePerMillion: int(test.rate)}
			if diff := cmp.Diff(want, config); diff != "" {
				t.Errorf("drop-in (-want +got):\n%s", diff)
			}
			laid, err := apply.Runtime(s, apply.CRIOConfig, main, apply.Options{Overwrite: true})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, load(t, laid.Text)); diff != "" {
				t.Errorf("edited in place (-want +got):\n%s", diff)
			}

			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			p, err := provider(ctx, config)
			if err != nil {
				t.Fatal(err)
			}
			for parent, flags := range map[string]trace.TraceFlags{"sampled": trace.FlagsSampled, "unsampled": 0, "none": 0} {
				of := ctx
				if parent != "none" {
					of = trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: flags, Remote: true}))
				}
				_, span := p.Tracer("test").Start(of, parent)
				span.End()
			}
			if err := p.Shutdown(ctx); err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, span := range sink.Spans() {
				got[span.Name]++
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("spans by the parent of the call (-want +got):\n%s", diff)
			}
		})
	}
}
