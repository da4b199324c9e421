package k3s_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kubetrace/etcd"
	"kubetrace/internal/k3stest"
	"kubetrace/platform/k3s"
)

// etcdFile returns what etcd reads of the file that k3s writes.
func etcdFile(args []string) (fields map[string]any, err error) {
	text, err := k3stest.EtcdFile(args)
	if err != nil {
		return nil, err
	}
	err = yaml.Unmarshal(text, &fields)
	return fields, err
}

// TestEtcdFile says that what k3s writes of etcd-arg are the fields of etcd.ConfigFile,
// which etcd of each release reads in the tests of conformance/etcd.
func TestEtcdFile(t *testing.T) {
	for _, version := range []string{"1.26.0", "1.27.15", "1.33.10", "1.33.11", "1.36.3", "1.37.0"} {
		for _, endpoint := range []string{"127.0.0.1:4317", "[::1]:4317", "unix-abstract:///kubetrace"} {
			in := spec(version)
			in.Endpoint, in.Etcd.InstanceID = endpoint, "member-1"
			r, err := k3s.Resolve(in, k3s.Options{})
			if err != nil {
				t.Fatal(err)
			}
			settings, err := k3s.Settings(in, server, k3s.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := etcdFile(settings.EtcdArg)
			if err != nil {
				t.Fatal(err)
			}
			want := etcd.ConfigFileFor(r)
			for name, value := range want {
				if n, ok := value.(int); ok {
					want[name] = float64(n) // as JSON has it
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s to %s (-library +k3s):\n%s", version, endpoint, diff)
			}
		}
	}
}
