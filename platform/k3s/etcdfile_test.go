package k3s_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kubetrace/etcd"
	"kubetrace/platform/k3s"
)

// etcdFile returns what k3s and RKE2 write into etcd's configuration file of the flags
// that etcd-arg holds: numbers, lengths of time where the name says that it is one, lists,
// truth values and texts, tried in this order.
//
// Source: the rules of github.com/k3s-io/k3s pkg/daemons/executor/executor.go,
// ToConfigFile.
func etcdFile(args []string) (map[string]any, error) {
	fields := map[string]any{}
	for _, arg := range args {
		name, value, found := strings.Cut(arg, "=")
		if !found {
			continue
		}
		name = strings.TrimLeft(name, "-")
		fields[name] = etcdValue(strings.ToLower(name), value)
	}
	text, err := yaml.Marshal(fields)
	if err != nil {
		return nil, err
	}
	var read map[string]any
	return read, yaml.Unmarshal(text, &read)
}

func etcdValue(name, value string) any {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	for _, word := range []string{"time", "duration", "interval", "retention"} {
		if length, err := time.ParseDuration(value); err == nil && strings.Contains(name, word) {
			return length
		}
	}
	var list []string
	if yaml.Unmarshal([]byte(value), &list) == nil {
		return list
	}
	switch strings.ToLower(value) {
	case "true", "false":
		return strings.EqualFold(value, "true")
	}
	return value
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
