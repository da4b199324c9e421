package staticpod_test

import (
	"testing"

	"kubetrace/internal/staticpod"
	"kubetrace/tracing"
)

func TestTagOf(t *testing.T) {
	for image, want := range map[string]string{
		"registry.k8s.io/etcd:3.5.11-0":          "3.5.11-0",
		"localhost:5000/etcd":                    "",
		"localhost:5000/etcd:3.6.5-0@sha256:abc": "3.6.5-0",
		"etcd@sha256:abc":                        "",
		"":                                       "",
	} {
		if got := staticpod.TagOf(image); got != want {
			t.Errorf("%s: got %q, want %q", image, got, want)
		}
	}
}

func TestFlagName(t *testing.T) {
	if got := staticpod.FlagName(tracing.ComponentAPIServer, "feature_gates"); got != "feature-gates" {
		t.Errorf("got %s", got)
	}
	if got := staticpod.FlagName(tracing.ComponentEtcd, "data_dir"); got != "data_dir" {
		t.Errorf("etcd: got %s", got)
	}
}

func TestEtcd(t *testing.T) {
	for variable, want := range map[string][3]string{
		"ETCD_EXPERIMENTAL_ENABLE_DISTRIBUTED_TRACING": {"experimental-enable-distributed-tracing", "experimental-", "enable-distributed-tracing"},
		"ETCD_DISTRIBUTED_TRACING_INSTANCE_ID":         {"distributed-tracing-instance-id", "", "distributed-tracing-instance-id"},
	} {
		flag, ok := staticpod.EtcdFlagOf(variable)
		prefix, rest, isTracing := staticpod.EtcdTracing(flag)
		if got := [3]string{flag, prefix, rest}; got != want || !ok || !isTracing {
			t.Errorf("%s: got %q", variable, got)
		}
		if got := staticpod.EtcdVariableOf(flag); got != variable {
			t.Errorf("back: got %s, want %s", got, variable)
		}
	}
	if _, ok := staticpod.EtcdFlagOf("PATH"); ok {
		t.Error("PATH is no flag of etcd")
	}
	if _, _, ok := staticpod.EtcdTracing("data-dir"); ok {
		t.Error("--data-dir is not of tracing")
	}
}
