package upgrade_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kubetrace/apply"
	"kubetrace/internal/puritytest"
	"kubetrace/tracing"
	"kubetrace/upgrade"
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// plan is a plan that has to be.
func plan(t *testing.T, s tracing.TracingSpec, target upgrade.Target) []upgrade.Step {
	t.Helper()
	steps, err := upgrade.Plan(s, target)
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// short is a change without its reason. What every step has is left out.
func short(step upgrade.Step) (all []string) {
	for _, c := range step.Changes {
		if c.Phase == upgrade.During {
			continue
		}
		text := fmt.Sprintf("%s %s in %s: %s -> %s", c.Phase, c.Component, string(c.Where), c.Old, c.New)
		if c.Stale {
			text += " (stale)"
		}
		if c.Optional {
			text += " (optional)"
		}
		all = append(all, text)
	}
	return all
}

// expected are the changes of each upgrade by one minor release.
var expected = map[string][]string{
	"1.25": {
		"after collector in cluster-objects: the old one -> the new collector.yaml",
		"after kubelet in kubelet-config:  -> featureGates.KubeletTracing: true (optional)",
		`after kubelet in kubelet-config:  -> tracing.endpoint: "127.0.0.1:4317" (optional)`,
		"after kubelet in kubelet-config:  -> tracing.samplingRatePerMillion: 10000 (optional)",
	},
	"1.26": {
		"before etcd in kubeadm-config:  -> --experimental-enable-distributed-tracing=true (optional)",
		"before etcd in kubeadm-config:  -> --experimental-distributed-tracing-address=127.0.0.1:4317 (optional)",
		"before etcd in kubeadm-config:  -> --experimental-distributed-tracing-service-name=etcd (optional)",
	},
	"1.27": append(slices.Clone(past127), "after kubelet in kubelet-config: featureGates.KubeletTracing: true ->  (optional)"),
	"1.30": {"before etcd in kubeadm-config:  -> --experimental-distributed-tracing-sampling-rate=10000 (optional)"},
	"1.34": around("APIServerTracing=false and KubeletTracing=false", nil, renamed("kubeadm-config", " (optional)")),
	"1.36": {carried("kubeadm-config", " (optional)")},
	"1.37": around("APIServerTracing", []string{v1beta4}, []string{carried("kubeadm-config", "")}),
	"1.38": around("KubeletTracing"),
}

// past127 is what 1.27 changes besides the kubelet.
var past127 = []string{
	"before kube-apiserver in kubeadm-files: kubeadm.k8s.io/v1beta2 -> kubeadm.k8s.io/v1beta3 (stale)",
	"after kube-apiserver in node-file: apiVersion: apiserver.config.k8s.io/v1alpha1 -> apiVersion: apiserver.config.k8s.io/v1beta1 (optional)",
	"after kube-apiserver in kubeadm-config: APIServerTracing=true ->  (optional)",
}

const v1beta4 = "before kube-apiserver in kubeadm-files: kubeadm.k8s.io/v1beta3 -> kubeadm.k8s.io/v1beta4 (stale)"

// renamed are etcd's flags in the spelling of 3.6.
func renamed(where, mark string) (all []string) {
	for _, flag := range []string{"enable-distributed-tracing=true", "distributed-tracing-address=127.0.0.1:4317", "distributed-tracing-service-name=etcd", "distributed-tracing-sampling-rate=10000"} {
		all = append(all, fmt.Sprintf("before etcd in %s: --experimental-%s -> --%s%s", where, flag, flag, mark))
	}
	return all
}

// carried is about flags in the old spelling that may still be there.
func carried(where, mark string) string {
	return "before etcd in " + where + ": --experimental-enable-distributed-tracing and its like -> --enable-distributed-tracing and its like (stale)" + mark
}

// around are changes between those of gates that the release refuses, of the kubelets
// and then of all others.
func around(gates string, lists ...[]string) []string {
	all := kubeletGates(gates)
	for _, list := range lists {
		all = append(all, list...)
	}
	return append(all, "before kube-apiserver in kubeadm-config: "+gates+" ->  (stale)", "before kube-proxy in kube-proxy: "+gates+" ->  (stale)")
}

func kubeletGates(gates string) []string {
	return []string{"before kubelet in kubelet-config: " + gates + " ->  (stale)", "before kubelet in kubeadm-flags: " + gates + " ->  (stale)", "before kubelet in kubelet-files: " + gates + " ->  (stale)"}
}

func TestNeighbours(t *testing.T) {
	releases := tracing.Releases()
	for i, release := range releases[1:] {
		t.Run(release.Kubernetes, func(t *testing.T) {
			steps, err := upgrade.Plan(spec(releases[i].Kubernetes), upgrade.Target{KubernetesVersion: release.Kubernetes})
			if err != nil || len(steps) != 1 {
				t.Fatal(steps, err)
			}
			if diff := cmp.Diff(expected[release.Kubernetes], short(steps[0])); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			var during []string
			for _, c := range steps[0].Phase(upgrade.During) {
				during = append(during, string(c.Where)+": "+c.Run)
			}
			if diff := cmp.Diff([]string{
				"first-control-plane-node: kubeadm upgrade apply v" + release.Kubernetes + ".PATCH",
				"other-nodes: kubeadm upgrade node",
				"nodes: ",
			}, during); diff != "" {
				t.Errorf("during (-want +got):\n%s", diff)
			}
			for _, c := range steps[0].Changes {
				if c.Why == "" || strings.HasSuffix(c.Why, ".") || c.Where == "" || c.Setting == "" {
					t.Errorf("%+v", c)
				}
				if file := c.Where == upgrade.NodeFile || c.Where == upgrade.KubeadmFlags; file != (c.Path != "") {
					t.Errorf("%s: the path is %q", string(c.Where), c.Path)
				}
			}
		})
	}
}

// stored is what kubeadm keeps, of a release and with what another one wanted.
func stored(t *testing.T, version string) string {
	t.Helper()
	r, err := tracing.Resolve(spec(version))
	if err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf("apiVersion: %s\nkind: ClusterConfiguration\nkubernetesVersion: v%s.1\n", r.ControlPlane().KubeadmAPIVersion, version)
	result, err := apply.DocumentsFor(r, []byte(head), apply.Options{NoNewDocument: true})
	if err != nil {
		t.Fatal(err)
	}
	return string(result.Text)
}

// TestStored carries a ClusterConfiguration from 1.22 to 1.37, editing it before
// each step as kubeadm then writes the version.
func TestStored(t *testing.T) {
	steps, err := upgrade.Plan(spec("1.22"), upgrade.Target{KubernetesVersion: "v1.37.2"})
	if err != nil {
		t.Fatal(err)
	}
	if len(steps) != 15 || steps[14].To != "v1.37.2" || steps[14].From != "1.36" {
		t.Fatalf("%d steps, the last from %s to %s", len(steps), steps[14].From, steps[14].To)
	}
	text := stored(t, "1.22")
	for _, step := range steps {
		result, err := step.ClusterConfiguration([]byte(text), apply.Options{})
		if err != nil {
			t.Fatalf("to %s: %v\n%s", step.To, err, text)
		}
		minor := strings.Join(strings.Split(strings.TrimPrefix(step.To, "v"), ".")[:2], ".")
		text = string(result.Text)
		from := strings.TrimPrefix(step.From, "v")
		text = strings.Replace(text, "kubernetesVersion: v"+from+".1", "kubernetesVersion: v"+minor+".1", 1)
		if minor == "1.31" {
			text = stored(t, "1.31") // kubeadm writes it in another version of its API
		}
		// The new release has nothing to add.
		again, err := apply.Documents(step.Spec, []byte(text), apply.Options{NoNewDocument: true})
		if err != nil || len(again.Receipt.Edits) > 0 {
			t.Errorf("%s still wants %v, %v", step.To, again.Receipt.Edits, err)
		}
	}
	if strings.Contains(text, "experimental") || strings.Contains(text, "APIServerTracing") {
		t.Errorf("1.37 does not start with:\n%s", text)
	}
}

// TestGateGone says that the step to 1.38 takes the gate of the kubelet's tracing out
// of what kubeadm keeps, on or off, and nothing else.
func TestGateGone(t *testing.T) {
	step := plan(t, spec("1.37"), upgrade.Target{KubernetesVersion: "v1.38.0-beta.0"})[0]
	const cluster = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.37.2\ncontrollerManager:\n  extraArgs:\n  - name: feature-gates\n    value: %s\n"
	const node = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates:\n  A: true\n%stracing:\n  endpoint: 127.0.0.1:4317\n  samplingRatePerMillion: 10000\n"
	for _, on := range []string{"true", "false"} {
		result, err := step.ClusterConfiguration([]byte(fmt.Sprintf(cluster, "A=true,KubeletTracing="+on)), apply.Options{})
		if text := string(result.Text); err != nil || strings.Contains(text, "KubeletTracing") || !strings.Contains(text, "value: A=true\n") {
			t.Errorf("%s: got %v\n%s", on, err, text)
		}
		result, err = step.KubeletConfiguration([]byte(fmt.Sprintf(node, "  KubeletTracing: "+on+"\n")), apply.Options{})
		if diff := cmp.Diff(fmt.Sprintf(node, ""), string(result.Text)); err != nil || diff != "" {
			t.Errorf("%s: got %v (-want +got):\n%s", on, err, diff)
		}
	}
	if during := step.Phase(upgrade.During)[0].Run; during != "kubeadm upgrade apply --allow-experimental-upgrades v1.38.0-beta.0" {
		t.Errorf("the upgrade is %q", during)
	}
	if codes := step.Warnings; len(codes) != 1 || codes[0].Code != tracing.WarnPreviewRelease {
		t.Errorf("got the warnings %v", codes)
	}
}

func TestTargets(t *testing.T) {
	tagged := spec("1.33.4")
	tagged.Etcd.ImageTag = "3.5.21-0"
	held := spec("1.36")
	held.KubeletVersion = "1.33"
	external := spec("1.33")
	external.Etcd.External, external.Etcd.Version = true, "3.5.21"
	later := spec("1.36")
	later.Etcd.External, later.Etcd.Version = true, "3.6.5"
	disabled := spec("1.36")
	disabled.Etcd.Disabled, disabled.Etcd.ImageTag = true, "3.6.5-0"
	behind := spec("1.35")
	behind.Etcd.ImageTag = "3.5.21-0"
	known := spec("1.33")
	known.Etcd.Version = "3.5.24"
	unnamed := spec("1.29")
	unnamed.Etcd.Version = "3.5.16"
	locked := "APIServerTracing=false and KubeletTracing=false"
	// Kubelets of 1.33 could have either gate switched off.
	follow := func(to string) []string {
		return slices.Concat(
			[]string{"before kubelet in kubelet-config: APIServerTracing ->  (stale)", "before kubelet in kubelet-config: KubeletTracing=false ->  (stale)",
				"before kubelet in kubeadm-flags: APIServerTracing ->  (stale)", "before kubelet in kubeadm-flags: KubeletTracing=false ->  (stale)",
				"before kubelet in kubelet-files: APIServerTracing ->  (stale)", "before kubelet in kubelet-files: KubeletTracing=false ->  (stale)",
				"before kubelet in nodes: kubelets of 1.33 -> kubelets of " + to},
			expected["1.37"][3:])
	}
	for _, test := range []struct {
		name   string
		spec   tracing.TracingSpec
		target upgrade.Target
		want   []string
	}{
		{"an image", tagged, upgrade.Target{KubernetesVersion: "v1.34.2", EtcdImageTag: "3.6.5-0"},
			around(locked, []string{"before etcd in kubeadm-config: imageTag: 3.5.21-0 -> imageTag: 3.6.5-0"}, renamed("kubeadm-config", " (optional)"))},
		{"an image that stays", tagged, upgrade.Target{KubernetesVersion: "v1.34.2"}, around(locked)},
		{"kubeadm's choice of which the version is known", known, upgrade.Target{KubernetesVersion: "1.34"}, expected["1.34"]},
		{"a version that only the patch before is known to have", unnamed, upgrade.Target{KubernetesVersion: "v1.29.5"}, nil}, // which decides no flag
		{"a patch", spec("1.34.1"), upgrade.Target{KubernetesVersion: "v1.34.2"}, nil},
		{"kubelets that are too old", held, upgrade.Target{KubernetesVersion: "1.37"}, follow("1.36")},
		{"kubelets that go no further", held, upgrade.Target{KubernetesVersion: "1.37", KubeletVersion: "1.34"}, follow("1.34")},
		{"kubelets that stay", spec("1.26"), upgrade.Target{KubernetesVersion: "1.27", KubeletVersion: "1.26"}, past127},
		{"an etcd elsewhere", external, upgrade.Target{KubernetesVersion: "1.34", EtcdVersion: "3.6.5"},
			around(locked, []string{"before etcd in external-etcd: etcd 3.5.21 -> etcd 3.6.5"}, renamed("external-etcd", " (optional)"))},
		{"an etcd elsewhere that stays", later, upgrade.Target{KubernetesVersion: "1.37"}, around("APIServerTracing", []string{v1beta4})},
		{"an etcd elsewhere past the old spelling", later, upgrade.Target{KubernetesVersion: "1.37", EtcdVersion: "3.7.0"},
			around("APIServerTracing", []string{v1beta4, "before etcd in external-etcd: etcd 3.6.5 -> etcd 3.7.0", carried("external-etcd", "")})},
		{"no etcd", disabled, upgrade.Target{KubernetesVersion: "1.37", EtcdImageTag: "3.7.0-0"}, expected["1.37"]},
		{"kubelets alone", held, upgrade.Target{KubernetesVersion: "1.36", KubeletVersion: "1.36"}, kubeletGates(locked)},
		{"an image alone", behind, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.6.5-0"},
			append([]string{"before etcd in kubeadm-config: imageTag: 3.5.21-0 -> imageTag: 3.6.5-0"}, renamed("kubeadm-config", " (optional)")...)},
		{"newer than the tables", spec("1.38"), upgrade.Target{KubernetesVersion: "1.39"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			steps, err := upgrade.Plan(test.spec, test.target)
			if err != nil || len(steps) != 1 {
				t.Fatal(steps, err)
			}
			if diff := cmp.Diff(test.want, short(steps[0])); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPlaces says that each place is one of a plan, and has words for people.
func TestPlaces(t *testing.T) {
	external := spec("1.33")
	external.Etcd.External, external.Etcd.Version = true, "3.5.21"
	seen := map[upgrade.Place]bool{}
	for _, test := range []struct {
		spec   tracing.TracingSpec
		target upgrade.Target
	}{
		{spec("1.22"), upgrade.Target{KubernetesVersion: "1.37", KubeletVersion: "1.36"}},
		{external, upgrade.Target{KubernetesVersion: "1.34", EtcdVersion: "3.6.5"}},
	} {
		for _, step := range plan(t, test.spec, test.target) {
			for _, c := range step.Changes {
				seen[c.Where] = true
				if words := c.Where.String(); words == "" || !strings.Contains(c.String(), words) {
					t.Errorf("%q has no words: %s", string(c.Where), c)
				}
			}
		}
	}
	want := []upgrade.Place{"cluster-objects", "external-etcd", "first-control-plane-node", "kube-proxy", "kubeadm-config", "kubeadm-files", "kubeadm-flags",
		"kubelet-config", "kubelet-files", "node-file", "nodes", "other-control-plane-nodes", "other-nodes"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(seen)), cmp.Transformer("value", func(p upgrade.Place) string { return string(p) })); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

func TestChangeString(t *testing.T) {
	for _, test := range []struct {
		change upgrade.Change
		want   string
	}{
		{upgrade.Change{Phase: upgrade.Before, Where: upgrade.KubeadmFlags, Path: "/f", Setting: "--feature-gates", Old: "A=true", Why: "W"}, "before: /f on every node: take out A=true from --feature-gates. W"},
		{upgrade.Change{Phase: upgrade.Before, Where: upgrade.ClusterConfiguration, Setting: "--a", Old: "--a=1", Why: "W"}, "before: the ClusterConfiguration in the ConfigMap kubeadm-config: take out --a=1. W"},
		{upgrade.Change{Phase: upgrade.After, Where: upgrade.NodeFile, Path: "/f", Setting: "a", Old: "a: 1", New: "a: 2", Optional: true, Why: "W"}, "after: /f on every control-plane node: replace a: 1 by a: 2 (optional). W"},
		{upgrade.Change{Phase: upgrade.After, Where: upgrade.Objects, Setting: "a", New: "a", Why: "W", Run: "r"}, "after: the cluster: add a. W. Run r"},
		{upgrade.Change{Phase: upgrade.During, Where: upgrade.FirstNode, Setting: "do", Why: "W", Run: "do it"}, "during: the first control-plane node: do. W. Run do it"},
	} {
		if got := test.change.String(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

// TestKubelets follows the kubelets over several steps.
func TestKubelets(t *testing.T) {
	old := spec("1.34")
	old.KubeletVersion = "1.31"
	for _, test := range []struct {
		name  string
		spec  tracing.TracingSpec
		to    string
		want  []string // of each step: what becomes of the kubelets, and where kubeadm upgrade node runs
		specs []string // Spec.KubeletVersion
	}{
		{"follow", spec("1.34"), "", []string{
			"other-nodes; kubelets of 1.34 -> kubelets of 1.35", "other-nodes; kubelets of 1.35 -> kubelets of 1.36", "other-nodes; kubelets of 1.36 -> kubelets of v1.37.2",
		}, []string{"", "", ""}},
		{"stop on the way", spec("1.34"), "1.36", []string{
			"other-nodes; kubelets of 1.34 -> kubelets of 1.35", "other-nodes; kubelets of 1.35 -> kubelets of 1.36", "other-control-plane-nodes",
		}, []string{"", "1.36", "1.36"}},
		{"stay", spec("1.34"), "1.34", []string{"other-control-plane-nodes", "other-control-plane-nodes", "other-control-plane-nodes"}, []string{"1.34", "1.34", "1.34"}},
		{"have to come first", old, "1.34", []string{
			"kubelets of 1.31 -> kubelets of 1.34; other-control-plane-nodes", "other-control-plane-nodes", "other-control-plane-nodes",
		}, []string{"1.34", "1.34", "1.34"}},
	} {
		steps, err := upgrade.Plan(test.spec, upgrade.Target{KubernetesVersion: "v1.37.2", KubeletVersion: test.to})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got, specs []string
		for _, step := range steps {
			var all []string
			for _, c := range step.Changes {
				switch c.Setting {
				case "kubelets":
					all = append(all, c.Old+" -> "+c.New)
				case "kubeadm upgrade node":
					all = append(all, string(c.Where))
				}
			}
			got, specs = append(got, strings.Join(all, "; ")), append(specs, step.Spec.KubeletVersion)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.specs, specs); diff != "" {
			t.Errorf("%s: specs (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestKubeletsAlone leaves a control plane alone that is there already, with the patch
// that it has, and says which gates the newer kubelets refuse.
func TestKubeletsAlone(t *testing.T) {
	held := spec("v1.37.2")
	held.KubeletVersion, held.Etcd.Version = "1.36", "3.7.0"
	for _, to := range []string{"1.37", "1.37.2", "v1.37.2"} {
		steps := plan(t, held, upgrade.Target{KubernetesVersion: to, KubeletVersion: "1.37"})
		want := held
		want.KubeletVersion = "1.37"
		if diff := cmp.Diff(want, steps[0].Spec); diff != "" {
			t.Errorf("%s: spec (-want +got):\n%s", to, diff)
		}
		if diff := cmp.Diff(kubeletGates("APIServerTracing"), short(steps[0])); diff != "" {
			t.Errorf("%s: changes (-want +got):\n%s", to, diff)
		}
		if during := steps[0].Phase(upgrade.During); len(during) != 1 || during[0].New != "kubelets of 1.37" || !strings.Contains(during[0].Why, "phase kubelet-config") {
			t.Errorf("%s: %v", to, during)
		}
	}
}

func TestCommands(t *testing.T) {
	for version, want := range map[string]string{
		"1.37":          "kubeadm upgrade apply v1.37.PATCH",
		"v1.37.2":       "kubeadm upgrade apply v1.37.2",
		"v1.37.0-rc.1":  "kubeadm upgrade apply --allow-release-candidate-upgrades v1.37.0-rc.1",
		"1.37.0-beta.0": "kubeadm upgrade apply --allow-experimental-upgrades v1.37.0-beta.0",
	} {
		steps, err := upgrade.Plan(spec("1.36"), upgrade.Target{KubernetesVersion: version})
		if err != nil {
			t.Fatal(err)
		}
		if got := steps[0].Phase(upgrade.During)[0].Run; got != want {
			t.Errorf("%s: got %s, want %s", version, got, want)
		}
	}
}

// TestWarnings says that what a person knows already is not said again.
func TestWarnings(t *testing.T) {
	steps, err := upgrade.Plan(spec("1.22"), upgrade.Target{KubernetesVersion: "1.37"})
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for _, step := range steps {
		for _, w := range step.Warnings {
			if w.Field == "samplingRatePerMillion" {
				said++
			}
		}
	}
	if said > 0 {
		t.Errorf("the default rate is said %d times, and the spec had it before", said)
	}
}

// TestSpec says that a step's spec is the user's with other versions, not one whose
// defaults are written out and so no longer follow.
func TestSpec(t *testing.T) {
	from := spec("1.35")
	from.ClusterName, from.Etcd.ImageTag = "prod", "3.6.5-0"
	steps, err := upgrade.Plan(from, upgrade.Target{KubernetesVersion: "v1.37.2", KubeletVersion: "1.36", EtcdImageTag: "3.7.0-0"})
	if err != nil || len(steps) != 2 {
		t.Fatal(steps, err)
	}
	first, second := from, from
	first.KubernetesVersion, first.KubeletVersion = "1.36", "1.36"
	second.KubernetesVersion, second.KubeletVersion, second.Etcd.ImageTag = "v1.37.2", "1.36", "3.7.0-0"
	if diff := cmp.Diff([]tracing.TracingSpec{first, second}, []tracing.TracingSpec{steps[0].Spec, steps[1].Spec}); diff != "" {
		t.Errorf("specs (-want +got):\n%s", diff)
	}
}

// TestOtherDocument gives a Step's methods the document of the other ConfigMap.
func TestOtherDocument(t *testing.T) {
	steps, err := upgrade.Plan(tracing.TracingSpec{KubernetesVersion: "1.36"}, upgrade.Target{KubernetesVersion: "v1.37.2"})
	if err != nil {
		t.Fatal(err)
	}
	var document *apply.DocumentError
	if _, err := steps[0].KubeletConfiguration([]byte("apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"), apply.Options{}); !errors.As(err, &document) || document.Value != "ClusterConfiguration" {
		t.Errorf("got %v", err)
	}
	if _, err := steps[0].ClusterConfiguration([]byte("apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"), apply.Options{}); !errors.As(err, &document) || document.Value != "KubeletConfiguration" {
		t.Errorf("got %v", err)
	}
}

func TestErrors(t *testing.T) {
	tagged := spec("1.34")
	tagged.Etcd.ImageTag = "3.5.21-0"
	plain := spec("1.34")
	plain.Etcd.ImageTag = "3.6.5-0"
	external := spec("1.34")
	external.Etcd.External, external.Etcd.Version = true, "3.6.5"
	mine := spec("1.35")
	mine.Etcd.ImageTag, mine.Etcd.Version = "mine", "3.6.5"
	before := spec("1.33")
	before.Etcd.External, before.Etcd.Version = true, "3.5.21"
	for _, test := range []struct {
		name   string
		spec   tracing.TracingSpec
		target upgrade.Target
		field  string // of Target
		step   string // that does not allow it
		says   string
	}{
		{"nothing", spec("1.34"), upgrade.Target{}, "KubernetesVersion", "", `"" is no version: write one such as`},
		{"no version", spec("1.34"), upgrade.Target{KubernetesVersion: "stable"}, "KubernetesVersion", "", `"stable" is no version: write one such as`},
		{"back", spec("1.34"), upgrade.Target{KubernetesVersion: "1.33"}, "KubernetesVersion", "", "from 1.34 to 1.33 is no upgrade: write a later version"},
		{"another Kubernetes", spec("1.34"), upgrade.Target{KubernetesVersion: "2.0"}, "KubernetesVersion", "", "2.0 is far from the newest release that is known here, 1.38: write one up to 1.40"},
		{"there already", spec("1.34"), upgrade.Target{KubernetesVersion: "v1.34"}, "KubernetesVersion", "", "the cluster is of 1.34 already: write a later version"},
		{"there already, by its patch", spec("1.34.5"), upgrade.Target{KubernetesVersion: "v1.34"}, "KubernetesVersion", "", "the cluster is of 1.34.5 already: write a later version"},
		{"there already, with all that it says", plain, upgrade.Target{KubernetesVersion: "1.34", KubeletVersion: "1.34", EtcdImageTag: "3.6.5-0"}, "KubernetesVersion", "", "the cluster is of 1.34 already: write a later version"},
		{"no kubelets", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "x"}, "KubeletVersion", "", `"x" is no version: write one such as`},
		{"newer kubelets", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.36"}, "KubeletVersion", "", "kubelets of 1.36 in a cluster of 1.35: a kubelet is never newer than kube-apiserver: write 1.35"},
		{"older kubelets", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.33"}, "KubeletVersion", "", "kubelets of 1.33 in place of 1.34: kubelets do not go back: write 1.34"},
		{"kubelets that are too old", spec("1.31"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.31"}, "KubeletVersion", "from 1.34 to 1.35", "a kubelet of 1.31 may be at most 3 minors older than the control plane (1.35): upgrade it first, or write a later version"},
		{"no tag", plain, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "a b"}, "EtcdImageTag", "from 1.34 to 1.35", "a b: this is not an image tag: write one such as"},
		{"a tag without a version", mine, upgrade.Target{KubernetesVersion: "1.36"}, "EtcdImageTag", "from 1.35 to 1.36", "mine: kubeadm upgrade reads the tag as a version, and ends with an error: tag the image so, such as 3.6.5-1, and write that"},
		{"an older image", plain, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.5.21-0"}, "EtcdImageTag", "from 1.34 to 1.35", "3.5.21: kubeadm leaves an etcd alone that is newer than what it is told to run: write 3.6.5 or a later one"},
		{"an image that is older than kubeadm's", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.5.21-0"}, "EtcdImageTag", "from 1.34 to 1.35", "3.5.21: kubeadm leaves an etcd alone that is newer than what it is told to run: write 3.6.4 or a later one"},
		{"an image that skips a minor release", tagged, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.7.0-0"}, "EtcdImageTag", "from 1.34 to 1.35", "3.7.0: etcd goes from one minor release to the next, and this one ends itself on what 3.5.21 has left: write one in between"},
		{"an image that cannot stay", tagged, upgrade.Target{KubernetesVersion: "1.36"}, "EtcdImageTag", "from 1.35 to 1.36", "3.5.21: kubeadm 1.36 gives etcd flags that came with 3.6: write an etcd of 3.6 or later"},
		{"an image that cannot stay on the way", tagged, upgrade.Target{KubernetesVersion: "1.37", EtcdImageTag: "3.7.0-0"}, "KubernetesVersion", "from 1.35 to 1.36", "1.37 is beyond 1.36, which does not go with this etcd: etcd.imageTag: 3.5.21: kubeadm 1.36 gives etcd flags that came with 3.6: write an etcd of 3.6 or later. Write 1.35 first"},
		{"an image elsewhere", external, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.6.5-0"}, "EtcdImageTag", "from 1.34 to 1.35", "kubeadm does not run an external etcd: write etcd.version alone"},
		{"an older etcd elsewhere", external, upgrade.Target{KubernetesVersion: "1.35", EtcdVersion: "3.5.21"}, "EtcdVersion", "from 1.34 to 1.35", "3.5.21: kubeadm leaves an etcd alone that is newer than what it is told to run: write 3.6.5 or a later one"},
		{"an etcd elsewhere that skips a minor release", before, upgrade.Target{KubernetesVersion: "1.37", EtcdVersion: "3.7.0"}, "EtcdVersion", "from 1.36 to 1.37", "3.7.0: etcd goes from one minor release to the next"},
		{"a version that is not the tag's", plain, upgrade.Target{KubernetesVersion: "1.35", EtcdVersion: "3.6.6"}, "EtcdVersion", "from 1.34 to 1.35", "3.6.6: etcd.imageTag says 3.6.5: leave one of them out, or write the same into both"},
		{"no version of etcd", external, upgrade.Target{KubernetesVersion: "1.35", EtcdVersion: "3.6"}, "EtcdVersion", "from 1.34 to 1.35", "3.6: write all three numbers of etcd's version"},
		{"two fields", external, upgrade.Target{KubernetesVersion: "1.36", KubeletVersion: "1.31", EtcdVersion: "3.6"}, "KubeletVersion", "", "kubelets of 1.31 in place of 1.34"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := upgrade.Plan(test.spec, test.target)
			var target *upgrade.TargetError
			if !errors.As(err, &target) {
				t.Fatalf("got %v", err)
			}
			value := map[string]string{"KubernetesVersion": test.target.KubernetesVersion, "KubeletVersion": test.target.KubeletVersion, "EtcdImageTag": test.target.EtcdImageTag, "EtcdVersion": test.target.EtcdVersion}[test.field]
			if target.Field != test.field || target.Value != value {
				t.Errorf("it is about %s %q, want %s %q", target.Field, target.Value, test.field, value)
			}
			var step *upgrade.StepError
			switch ofStep := errors.As(err, &step); {
			case ofStep != (test.step != ""):
				t.Errorf("got %v, want the step %q", err, test.step)
			case ofStep && fmt.Sprintf("from %s to %s", step.From, step.To) != test.step:
				t.Errorf("from %s to %s, want %s", step.From, step.To, test.step)
			}
			for _, part := range []string{"Target." + test.field + ": ", test.step, test.says, "rite "} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
			var invalid *tracing.InvalidSpecError
			if errors.As(err, &invalid) {
				t.Errorf("the spec is fine: %v", invalid)
			}
		})
	}
}

// TestInvalidSpec says that a spec is to blame for itself alone.
func TestInvalidSpec(t *testing.T) {
	for name, plan := range map[string]func() ([]upgrade.Step, error){
		"Plan": func() ([]upgrade.Step, error) {
			return upgrade.Plan(spec("1.1"), upgrade.Target{KubernetesVersion: "x"})
		},
		"PlanFor": func() ([]upgrade.Step, error) { return upgrade.PlanFor(tracing.Resolved{}, upgrade.Target{}) },
	} {
		_, err := plan()
		if invalid, ok := err.(*tracing.InvalidSpecError); !ok || invalid.Errors[0].Field != "kubernetesVersion" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestTwoProblems says that a step has all of its problems at once.
func TestTwoProblems(t *testing.T) {
	_, err := upgrade.Plan(spec("1.31"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.31", EtcdImageTag: "a b"})
	for _, part := range []string{"Target.KubeletVersion: ", "Target.EtcdImageTag: "} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
}

// TestDefaultsChangeNothing says that a plan is the same for a spec, for the spec with
// its defaults, and for what it resolves to.
func TestDefaultsChangeNothing(t *testing.T) {
	held, tagged, gateway := spec("1.33"), spec("1.34.1"), spec("1.29")
	held.KubeletVersion = "1.31"
	tagged.Etcd.ImageTag, tagged.ClusterName = "3.6.5-0", "prod"
	gateway.Gateway, gateway.Collector.Load.SpansPerSecond = &tracing.GatewaySpec{}, 100
	gateway.Etcd.External, gateway.Etcd.Version = true, "3.5.16"
	for _, s := range []tracing.TracingSpec{spec("1.22"), spec("v1.36.2"), held, tagged, gateway} {
		for _, target := range []upgrade.Target{{KubernetesVersion: "1.37"}, {KubernetesVersion: "v1.37.2", KubeletVersion: "1.36"}, {KubernetesVersion: s.KubernetesVersion, KubeletVersion: s.KubernetesVersion}, {}} {
			resolved, err := tracing.Resolve(s)
			if err != nil {
				t.Fatal(err)
			}
			want, wantErr := upgrade.Plan(s, target)
			for name, plan := range map[string]func() ([]upgrade.Step, error){
				"WithDefaults": func() ([]upgrade.Step, error) { return upgrade.Plan(s.WithDefaults(), target) },
				"PlanFor":      func() ([]upgrade.Step, error) { return upgrade.PlanFor(resolved, target) },
			} {
				got, err := plan()
				if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(upgrade.Step{}), cmp.Transformer("defaults", tracing.TracingSpec.WithDefaults)); diff != "" {
					t.Errorf("%s of %s to %+v (-want +got):\n%s", name, s.KubernetesVersion, target, diff)
				}
				if fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Errorf("%s of %s to %+v: got %v, want %v", name, s.KubernetesVersion, target, err, wantErr)
				}
			}
		}
	}
}

func TestPurity(t *testing.T) {
	texts := func(steps []upgrade.Step, err error) (texts []string) {
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			texts = append(texts, step.String())
		}
		return texts
	}
	target := upgrade.Target{KubernetesVersion: "1.37"}
	puritytest.Check(t, func() tracing.TracingSpec { return spec("1.29") }, func(s tracing.TracingSpec) []string { return texts(upgrade.Plan(s, target)) })
	puritytest.Check(t, func() tracing.Resolved {
		r, err := tracing.Resolve(spec("1.29"))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}, func(r tracing.Resolved) []string { return texts(upgrade.PlanFor(r, target)) })
}
