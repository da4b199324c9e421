package kind_test

import (
	"testing"

	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/internal/puritytest"
	"kubetrace/platform/kind"
	"kubetrace/tracing"
)

// input is what the functions take together.
type input struct {
	Spec tracing.TracingSpec
	Base *v1alpha4.Cluster
}

func TestPurity(t *testing.T) {
	in := func() input {
		base := mustLoad(t, `featureGates: {A: true}
kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: []}}']
kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraVolumes, value: []}]'}]
nodes: [{role: control-plane, labels: {a: b}, extraMounts: [{hostPath: /a, containerPath: /b}]}, {role: worker}]
`)
		return input{spec("1.26"), base}
	}
	t.Run("Cluster", func(t *testing.T) {
		puritytest.Check(t, in, func(i input) *v1alpha4.Cluster {
			cluster, err := kind.Cluster(i.Spec, i.Base, hostDir)
			if err != nil {
				t.Fatal(err)
			}
			return cluster
		})
	})
	t.Run("RunBook", func(t *testing.T) {
		puritytest.Check(t, in, func(i input) []byte {
			resolved, err := tracing.Resolve(i.Spec)
			if err != nil {
				t.Fatal(err)
			}
			cluster, err := kind.ClusterFor(resolved, i.Base, hostDir)
			if err != nil {
				t.Fatal(err)
			}
			text, err := kind.RunBookFor(resolved, cluster, hostDir)
			if err != nil {
				t.Fatal(err)
			}
			return text
		})
	})
	t.Run("Load", func(t *testing.T) {
		puritytest.Check(t, func() []byte { return []byte(header + "name: a\n") }, func(text []byte) *v1alpha4.Cluster {
			cluster, err := kind.Load(text)
			if err != nil {
				t.Fatal(err)
			}
			return cluster
		})
	})
}
