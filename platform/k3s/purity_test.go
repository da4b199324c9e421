package k3s_test

import (
	"testing"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/internal/puritytest"
	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

// input is what the functions take together.
type input struct {
	Spec    tracing.TracingSpec
	Base    []byte
	Options k3s.Options
}

func in() input {
	s := spec("1.31.5")
	s.Containerd = &tracing.ContainerdSpec{Version: "1.7.20"}
	s.Collector.Labels = map[string]string{"a": "b"}
	return input{s, []byte("kube-apiserver-arg: [v=2]\netcd-arg+: [a=b]\n"), k3s.Options{DataDir: "/data"}}
}

// pure checks a function that succeeds.
func pure[T any](t *testing.T, name string, function func(input) (T, error)) {
	t.Run(name, func(t *testing.T) {
		puritytest.Check(t, in, func(i input) T {
			got, err := function(i)
			if err != nil {
				t.Fatal(err)
			}
			return got
		})
	})
}

func TestPurity(t *testing.T) {
	pure(t, "Resolve", func(i input) (tracing.TracingSpec, error) {
		r, err := k3s.Resolve(i.Spec, i.Options)
		return r.Spec(), err
	})
	pure(t, "Settings", func(i input) (k3s.DropIn, error) { return k3s.Settings(i.Spec, server, i.Options) })
	pure(t, "Node", func(i input) (kubetrace.Node, error) { return k3s.Node(i.Spec, server, i.Options) })
	pure(t, "Config", func(i input) (apply.Result, error) { return k3s.Config(i.Spec, server, i.Base, i.Options) })
	pure(t, "Config of comments", func(i input) (apply.Result, error) {
		return k3s.Config(i.Spec, server, append([]byte("# "), i.Base[:5]...), i.Options)
	})
	pure(t, "RunBook", func(i input) ([]byte, error) { return k3s.RunBook(i.Spec, i.Options) })
}
