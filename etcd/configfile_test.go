package etcd_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/etcd"
	"kubetrace/tracing"
)

func TestConfigFile(t *testing.T) {
	external := func(version string) tracing.TracingSpec {
		return tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: version, InstanceID: "a"}}
	}
	disabled := external("3.6.5")
	disabled.Etcd = tracing.EtcdSpec{Disabled: true}
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		want string
	}{
		{"3.5.10", external("3.5.10"), `experimental-distributed-tracing-address: 127.0.0.1:4317
experimental-distributed-tracing-instance-id: a
experimental-distributed-tracing-service-name: etcd
experimental-enable-distributed-tracing: true
`},
		{"3.6.5", external("3.6.5"), `distributed-tracing-address: 127.0.0.1:4317
distributed-tracing-instance-id: a
distributed-tracing-sampling-rate: 10000
distributed-tracing-service-name: etcd
enable-distributed-tracing: true
`},
	} {
		fields, err := etcd.ConfigFile(test.spec)
		if err != nil {
			t.Fatal(err)
		}
		text, err := tracing.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, string(text)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if _, err := etcd.ConfigFile(tracing.TracingSpec{KubernetesVersion: "1.1"}); err == nil {
		t.Error("no error of no spec")
	}
}
