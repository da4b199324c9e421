package crio_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/crio"
	"kubetrace/tracing"
)

func TestConfigFile(t *testing.T) {
	rate := int32(20)
	for _, test := range []struct {
		name, endpoint, version string
		rate                    *int32
		want                    string
	}{
		{"as it is", "", "1.33", nil, "[crio.tracing]\n  enable_tracing = true\n  tracing_endpoint = \"127.0.0.1:4317\"\n  tracing_sampling_rate_per_million = 0\n"},
		{"the oldest, with a rate, on a socket", "unix-abstract:///a", "1.23.0", &rate, "[crio.tracing]\n  enable_tracing = true\n  tracing_endpoint = \"unix-abstract:///a\"\n  tracing_sampling_rate_per_million = 20\n"},
	} {
		config, err := crio.ConfigFile(tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: test.endpoint, CRIO: &tracing.CRIOSpec{Version: test.version, SamplingRatePerMillion: test.rate}})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(config.Marshal())); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	var not *tracing.NotGeneratedError
	if _, err := crio.ConfigFile(tracing.TracingSpec{KubernetesVersion: "1.34"}); !errors.As(err, &not) || not.Field != "crio" {
		t.Errorf("without CRI-O: %v", err)
	}
}

func ExampleConfigFile() {
	config, err := crio.ConfigFile(tracing.TracingSpec{KubernetesVersion: "1.33", CRIO: &tracing.CRIOSpec{Version: "1.33"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(string(config.Marshal()))
	// Output:
	// [crio.tracing]
	//   enable_tracing = true
	//   tracing_endpoint = "127.0.0.1:4317"
	//   tracing_sampling_rate_per_million = 0
}
