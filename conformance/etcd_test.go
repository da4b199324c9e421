package conformance

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kubetrace/etcd"
	"kubetrace/tracing"
)

// The releases on both sides of each change of etcd's flags that kubetrace
// writes for.
var etcds = map[string]func() (*Etcd, error){
	"v3.5.10": sync.OnceValues(func() (*Etcd, error) { return buildEtcd("v3.5.10") }),
	"v3.5.11": sync.OnceValues(func() (*Etcd, error) { return buildEtcd("v3.5.11") }),
	"v3.6":    sync.OnceValues(func() (*Etcd, error) { return buildEtcd("v3.6") }),
	"v3.7":    sync.OnceValues(func() (*Etcd, error) { return buildEtcd("v3.7") }),
}

func buildEtcd(release string) (*Etcd, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	return BuildEtcd(ctx, filepath.Join("etcd", release))
}

// start runs an etcd and returns why it did not come up.
func start(t *testing.T, release string, flags, env []string) error {
	t.Helper()
	program, err := etcds[release]()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return program.Start(ctx, t.TempDir(), flags, env)
}

// etcdFlags returns what kubetrace generates for etcd, as flags and as variables.
func etcdFlags(t *testing.T, spec tracing.TracingSpec) (flags, env []string) {
	t.Helper()
	resolved, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	for _, arg := range etcd.ArgsFor(resolved) {
		flags = append(flags, arg.String())
	}
	for _, variable := range etcd.EnvFor(resolved) {
		env = append(env, variable.Name+"="+variable.Value)
	}
	if len(flags) == 0 {
		t.Fatal("there are no flags to judge")
	}
	return flags, env
}

func TestEtcdStarts(t *testing.T) {
	external := func(version string) tracing.TracingSpec {
		return tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: version, InstanceID: "a"}}
	}
	byDefault := func(minor string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: minor} }
	for _, test := range []struct {
		release string
		specs   map[string]tracing.TracingSpec
	}{
		// kubeadm's defaults reach from one of these releases to the next.
		{"v3.5.10", map[string]tracing.TracingSpec{"named": external("3.5.10"), "default of 1.26": byDefault("1.26"), "default of 1.29": byDefault("1.29")}},
		{"v3.5.11", map[string]tracing.TracingSpec{"named": external("3.5.11"), "default of 1.29": byDefault("1.29"), "default of 1.33": byDefault("1.33")}},
		{"v3.6", map[string]tracing.TracingSpec{"named": external("3.6.16"), "default of 1.34": byDefault("1.34"), "default of 1.36": byDefault("1.36")}},
		{"v3.7", map[string]tracing.TracingSpec{"named": external("3.7.3"), "default of 1.36": byDefault("1.36"), "default of 1.37": byDefault("1.37")}},
	} {
		for name, spec := range test.specs {
			t.Run(test.release+" "+name, func(t *testing.T) {
				flags, env := etcdFlags(t, spec)
				if err := start(t, test.release, flags, nil); err != nil {
					t.Errorf("with flags: %v", err)
				}
				if err := start(t, test.release, nil, env); err != nil {
					t.Errorf("with variables: %v", err)
				}
			})
		}
	}
}

// TestEtcdRefuses gives etcd what kubetrace takes care not to write: an etcd that
// comes up with it would be no judge.
func TestEtcdRefuses(t *testing.T) {
	old, _ := etcdFlags(t, tracing.TracingSpec{KubernetesVersion: "1.29"})
	plain, plainEnv := etcdFlags(t, tracing.TracingSpec{KubernetesVersion: "1.37"})
	for _, test := range []struct {
		name, release string
		flags, env    []string
		says          string
	}{
		{"the rate before 3.5.11", "v3.5.10", slices.Concat(old, []string{"--experimental-distributed-tracing-sampling-rate=5"}), nil, "flag provided but not defined: -experimental-distributed-tracing-sampling-rate"},
		{"plain flags before 3.6", "v3.5.11", plain, nil, "flag provided but not defined: -enable-distributed-tracing"},
		{"both spellings", "v3.6", slices.Concat(old, plain), nil, "at the same time"},
		{"experimental flags from 3.7 on", "v3.7", old, nil, "flag provided but not defined: -experimental-enable-distributed-tracing"},
		{"flags and variables", "v3.7", plain, plainEnv, "conflicting environment variable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := start(t, test.release, test.flags, test.env)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want an end that says %q", err, test.says)
			}
		})
	}
}
