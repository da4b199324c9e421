package kind_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"

	"kubetrace/platform/kind"
)

// FuzzCluster gives patches of any text: nothing panics, and what is accepted
// changes no more when it is given again.
func FuzzCluster(f *testing.F) {
	f.Add("kind: ClusterConfiguration\napiServer: {extraVolumes: []}\n", "[]")
	f.Add("---\nkind: KubeletConfiguration\n---\nkind: ClusterConfiguration\netcd: {local: {extraArgs: {a: b}}}\n", `[{op: add, path: "", value: {}}]`)
	f.Add("kind: ClusterConfiguration\napiServer: {extraArgs: [{name: feature-gates, value: 1}]}", `[{"op":"replace","path":"/apiServer/extraArgs","value":null}]`)
	f.Fuzz(func(t *testing.T, patch, jsonPatch string) {
		base := &v1alpha4.Cluster{
			KubeadmConfigPatches:         []string{patch},
			KubeadmConfigPatchesJSON6902: []v1alpha4.PatchJSON6902{{Kind: "ClusterConfiguration", Patch: jsonPatch}},
		}
		once, err := kind.Cluster(spec("1.26"), base, hostDir)
		if err != nil {
			return
		}
		twice, err := kind.Cluster(spec("1.26"), once, hostDir)
		if err != nil {
			t.Fatalf("the result is refused: %v", err)
		}
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Errorf("the second call changed something (-once +twice):\n%s", diff)
		}
	})
}
