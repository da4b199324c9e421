package edit_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kubetrace/internal/edit"
	"kubetrace/internal/readback"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

func resolved(t testing.TB, spec tracing.TracingSpec) tracing.Resolved {
	t.Helper()
	r, err := tracing.Resolve(spec)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func of(t testing.TB, release string) tracing.Resolved {
	t.Helper()
	return resolved(t, tracing.TracingSpec{KubernetesVersion: release})
}

// releases are those between which most differs.
var releases = []string{"1.22", "1.26", "1.29", "1.33", "1.34", "1.37"}

var add = edit.Options{HostDir: "/srv/bundle", TracingFile: "tracing.yaml"}

func options(overwrite, remove bool) edit.Options {
	o := add
	o.Overwrite, o.Remove = overwrite, remove
	return o
}

// plain are documents that say nothing of tracing, of every kind that is edited.
var plain = map[string]string{
	"v1beta3":  "{apiVersion: kubeadm.k8s.io/v1beta3, kind: ClusterConfiguration, apiServer: {extraArgs: {a: b}}, scheduler: {}}",
	"v1beta4":  "{apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, etcd: {local: {extraArgs: [{name: a, value: b}], extraEnvs: [{name: A, value: b}]}}}",
	"empty":    "{apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration, etcd: {local: {extraArgs: [], dataDir: /a}}, apiServer: {}, featureGates: {}}",
	"join":     "{apiVersion: kubeadm.k8s.io/v1beta4, kind: JoinConfiguration, nodeRegistration: {kubeletExtraArgs: [{name: feature-gates, value: A=true}]}}",
	"kubelet":  "{apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, featureGates: {A: true}}",
	"proxy":    "{apiVersion: kubeproxy.config.k8s.io/v1alpha1, kind: KubeProxyConfiguration, featureGates: {A: true}}",
	"etcd":     "{apiVersion: v1, kind: Pod, spec: {containers: [{name: etcd, command: [etcd, --a=b], env: [{name: A, value: b}]}]}}",
	"server":   "{apiVersion: v1, kind: Pod, spec: {containers: [{name: a}, {name: kube-apiserver, command: [kube-apiserver, --feature-gates=A=true], args: [--c]}], volumes: [{name: a, emptyDir: {}}]}}",
	"kind":     "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, featureGates: {A: true}, nodes: [{role: control-plane, extraMounts: [{hostPath: /a, containerPath: /b}]}, {role: worker}], kubeadmConfigPatches: ['kind: ClusterConfiguration\n'], kubeadmConfigPatchesJSON6902: [{kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/certSANs/-, value: a}]'}]}",
	"tracing":  "{apiVersion: apiserver.config.k8s.io/v1beta1, kind: TracingConfiguration}",
	"no ours":  "{apiVersion: v1, kind: ConfigMap, data: {a: b}}",
	"no kind":  "{a: b}",
	"no field": "{}",
}

// tree reads a document, as nothing that is shared.
func tree(t testing.TB, text string) map[string]any {
	t.Helper()
	var all map[string]any
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// text is a tree that nothing can change any more.
func text(t testing.TB, tree map[string]any) string {
	t.Helper()
	all, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// holds says of any tree that an edit leaves it alone, and so does the next edit of the
// result, and that what was edited without a problem needs nothing more.
func holds(t testing.TB, r tracing.Resolved, given map[string]any, o edit.Options) {
	t.Helper()
	before := text(t, given)
	once, report, known := edit.Document(r, given, o)
	if now := text(t, given); now != before {
		t.Fatalf("the document was changed from %s to %s", before, now)
	}
	if !known && (text(t, once) != before || len(report.Problems)+len(report.Added)+len(report.Replaced)+len(report.Left)+len(report.Unread) > 0) {
		t.Fatalf("a document that is none of ours became %s: %+v", text(t, once), report)
	}
	for _, p := range report.Problems {
		if p.Message == "" && !p.Conflict() && p.APIVersion == "" || p.Document == "" {
			t.Fatalf("of %s a problem says nothing: %+v", before, p)
		}
	}
	was := text(t, once)
	twice, again, _ := edit.Document(r, once, o)
	if len(report.Problems) == 0 && (text(t, twice) != was || len(again.Problems)+len(again.Added)+len(again.Replaced) > 0) {
		t.Fatalf("%s became %s, and the second time %s: %+v", before, was, text(t, twice), again)
	}
	for _, other := range []edit.Options{options(true, false), options(false, true)} {
		edit.Document(r, once, other)
		edit.Document(of(t, "1.36"), once, other)
	}
	if now := text(t, once); now != was || text(t, given) != before {
		t.Fatalf("an edit of the result changed it from %s to %s, or the first document to %s", was, now, text(t, given))
	}
}

// TestAnyTree puts anything into every place of documents.
func TestAnyTree(t *testing.T) {
	anything := []any{nil, true, 7.0, "", "a", "false", "yes", "AllBeta=false", []any{}, []any{nil}, []any{"a"}, []any{map[string]any{}}, []any{map[string]any{"name": 7.0}}, map[string]any{}, map[string]any{"a": nil}, map[string]any{"": []any{}}}
	all := []edit.Options{add, options(true, false), options(false, true)}
	turn := 0
	for _, name := range slices.Sorted(maps.Keys(plain)) {
		for _, isEdited := range []bool{false, true} {
			base := func(r tracing.Resolved) map[string]any {
				if isEdited {
					return edited(t, r, plain[name])
				}
				return tree(t, plain[name])
			}
			for i := range places(base(of(t, "1.29")), nil) {
				r := of(t, releases[turn%len(releases)])
				for _, value := range anything {
					given := base(r)
					if in := places(given, nil); i < len(in) {
						in[i](value)
					}
					holds(t, r, given, all[turn%len(all)])
					turn++
				}
			}
		}
	}
}

func edited(t testing.TB, r tracing.Resolved, document string) map[string]any {
	t.Helper()
	once, _, _ := edit.Document(r, tree(t, document), options(true, false))
	return tree(t, text(t, once))
}

// places are functions that set each value within a tree, in one order.
func places(value any, all []func(any)) []func(any) {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			if key != "kind" {
				all = append(all, func(now any) { value[key] = now })
				all = places(value[key], all)
			}
		}
	case []any:
		for i := range value {
			all = append(all, func(now any) { value[i] = now })
			all = places(value[i], all)
		}
	}
	return all
}

// TestRemoveIsTheReverse takes out what was added where nothing was before.
func TestRemoveIsTheReverse(t *testing.T) {
	for _, release := range releases {
		r := of(t, release)
		for name, document := range plain {
			given := tree(t, document)
			once, report, known := edit.Document(r, given, add)
			if !known || len(report.Problems) > 0 || name == "empty" { // a removal takes out what it leaves empty
				continue
			}
			back, left, _ := edit.Document(r, once, options(false, true))
			if given["kind"] == "Cluster" { // whose images may be anybody's
				for i := range given["nodes"].([]any) {
					node := given["nodes"].([]any)[i].(map[string]any)
					node["image"] = back["nodes"].([]any)[i].(map[string]any)["image"]
				}
				left.Left = nil
			}
			if given["kind"] == "TracingConfiguration" { // which nobody reads any more
				continue
			}
			if diff := cmp.Diff(given, back); diff != "" || len(left.Left) > 0 {
				t.Errorf("%s at %s: %+v is left (-before +after):\n%s", name, release, left.Left, diff)
			}
		}
	}
}

// TestRemoveAddsNothing removes from documents that are not traced, of releases that need
// a gate.
func TestRemoveAddsNothing(t *testing.T) {
	for name, document := range plain {
		given := tree(t, document)
		if back, _, _ := edit.Document(of(t, "1.26"), given, options(false, true)); name != "empty" && !cmp.Equal(given, back) {
			t.Errorf("%s (-before +after):\n%s", name, cmp.Diff(given, back))
		}
	}
}

// TestShadowedFlag leaves a flag that a later one makes void, and judges that one.
func TestShadowedFlag(t *testing.T) {
	const ours, other = "--tracing-config-file=/etc/kubernetes/tracing-config.yaml", "--tracing-config-file=/a.yaml"
	for _, test := range []struct {
		first, last string
		conflicts   int
	}{{other, ours, 0}, {ours, other, 1}, {ours, ours, 0}, {other, other, 1}} {
		pod := tree(t, `{apiVersion: v1, kind: Pod, spec: {containers: [{name: kube-apiserver, command: [kube-apiserver, "`+test.first+`", "`+test.last+`"]}]}}`)
		if _, report, _ := edit.Document(of(t, "1.34"), pod, add); len(report.Problems) != test.conflicts || len(report.Replaced) > 0 {
			t.Errorf("%s %s: %+v", test.first, test.last, report)
		}
	}
}

// TestVoidVariable refuses a variable that makes etcd pass over its flags, as it refuses
// the flag: what the file says nobody knows.
func TestVoidVariable(t *testing.T) {
	pod := tree(t, "{apiVersion: v1, kind: Pod, spec: {containers: [{name: etcd, command: [etcd], env: [{name: ETCD_CONFIG_FILE, value: /a}]}]}}")
	edited, report, _ := edit.Document(of(t, "1.34"), pod, options(true, false))
	if len(report.Problems) != 1 || report.Problems[0].Class != setting.Void || len(report.Replaced) > 0 {
		t.Errorf("%+v", report)
	}
	if diff := cmp.Diff(pod, edited); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

// TestOperationAddsItsPartAlone does not report of a JSON patch what its operation does
// not write.
func TestOperationAddsItsPartAlone(t *testing.T) {
	cluster := tree(t, "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, kubeadmConfigPatchesJSON6902: [{group: kubelet.config.k8s.io, version: v1beta1, kind: KubeletConfiguration, patch: '[{op: add, path: /featureGates, value: {A: true, KubeletTracing: true}}]'}]}")
	_, report, _ := edit.Document(of(t, "1.26"), cluster, add)
	for _, c := range report.Added {
		if c.Document != "Cluster" {
			t.Errorf("%+v", c)
		}
	}
}

// FuzzDocument gives the editor any tree that YAML can say.
func FuzzDocument(f *testing.F) {
	for _, document := range plain {
		f.Add([]byte(document), byte(5), false, false)
	}
	corpus, err := filepath.Glob("../../apply/testdata/corpus/*/*")
	if err != nil {
		f.Fatal(err)
	}
	for i, name := range corpus {
		stream, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		documents, _ := readback.Documents(stream)
		for _, document := range documents {
			f.Add(document, byte(i), i%2 == 0, i%3 == 0)
		}
	}
	f.Fuzz(func(t *testing.T, document []byte, release byte, overwrite, remove bool) {
		var given map[string]any
		if yaml.Unmarshal(document, &given) != nil {
			return
		}
		holds(t, of(t, releases[int(release)%len(releases)]), given, options(overwrite, remove))
	})
}
