package upgrade_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/internal/puritytest"
	"kubetrace/tracing"
	"kubetrace/upgrade"
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// short is a change without its reason. What every step has is left out.
func short(step upgrade.Step) (all []string) {
	for _, c := range step.Changes {
		if c.Phase == upgrade.During {
			continue
		}
		text := fmt.Sprintf("%s %s %s -> %s", c.Phase, c.Component, c.Old, c.New)
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
		"after collector the old one -> the new collector.yaml",
		"after kubelet  -> tracing: {endpoint: \"127.0.0.1:4317\", samplingRatePerMillion: 10000} and featureGates: {KubeletTracing: true} (optional)",
	},
	"1.26": {
		"before etcd  -> --experimental-enable-distributed-tracing=true (optional)",
		"before etcd  -> --experimental-distributed-tracing-address=127.0.0.1:4317 (optional)",
		"before etcd  -> --experimental-distributed-tracing-service-name=etcd (optional)",
	},
	"1.27": {
		"before kube-apiserver kubeadm.k8s.io/v1beta2 -> kubeadm.k8s.io/v1beta3 (stale)",
		"after kube-apiserver APIServerTracing=true from the flag --feature-gates in extraArgs ->  (optional)",
		"after kube-apiserver apiserver.config.k8s.io/v1alpha1 -> apiserver.config.k8s.io/v1beta1 (optional)",
		"after kubelet KubeletTracing: true ->  (optional)",
	},
	"1.30": {"before etcd  -> --experimental-distributed-tracing-sampling-rate=10000 (optional)"},
	"1.34": append(renamed(" (optional)"), "before kube-apiserver APIServerTracing=false and KubeletTracing=false ->  (stale)"),
	"1.36": {"before etcd --experimental-enable-distributed-tracing and its like -> --enable-distributed-tracing and its like (stale) (optional)"},
	"1.37": {
		"before kube-apiserver kubeadm.k8s.io/v1beta3 -> kubeadm.k8s.io/v1beta4 (stale)",
		"before etcd --experimental-enable-distributed-tracing and its like -> --enable-distributed-tracing and its like (stale)",
		"before kube-apiserver APIServerTracing from the flag --feature-gates in extraArgs ->  (stale)",
		"before kubelet APIServerTracing ->  (stale)",
		"before kubelet APIServerTracing ->  (stale)",
	},
}

// renamed are etcd's flags in the spelling of 3.6.
func renamed(mark string) []string {
	return []string{
		"before etcd --experimental-enable-distributed-tracing=true -> --enable-distributed-tracing=true" + mark,
		"before etcd --experimental-distributed-tracing-address=127.0.0.1:4317 -> --distributed-tracing-address=127.0.0.1:4317" + mark,
		"before etcd --experimental-distributed-tracing-service-name=etcd -> --distributed-tracing-service-name=etcd" + mark,
		"before etcd --experimental-distributed-tracing-sampling-rate=10000 -> --distributed-tracing-sampling-rate=10000" + mark,
	}
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
				"nodes: systemctl daemon-reload && systemctl restart kubelet",
			}, during); diff != "" {
				t.Errorf("during (-want +got):\n%s", diff)
			}
			for _, c := range steps[0].Changes {
				if c.Why == "" || strings.HasSuffix(c.Why, ".") || c.Where == "" || c.Setting == "" {
					t.Errorf("%+v", c)
				}
			}
		})
	}
}

// TestNothingIsForgotten says that there is a change for each output that differs
// between a cluster and the same after a step.
func TestNothingIsForgotten(t *testing.T) {
	external := tracing.TracingSpec{Etcd: tracing.EtcdSpec{External: true, Version: "3.6.5"}}
	tagged := tracing.TracingSpec{Etcd: tracing.EtcdSpec{ImageTag: "3.6.5-0"}}
	held := tracing.TracingSpec{KubeletVersion: "the one before"}
	differ := 0
	releases := tracing.Releases()
	for name, base := range map[string]tracing.TracingSpec{"default": {}, "external": external, "tagged": tagged, "held": held} {
		for i, release := range releases[1:] {
			from, target := *base.DeepCopy(), upgrade.Target{KubernetesVersion: release.Kubernetes}
			from.KubernetesVersion = releases[i].Kubernetes
			if from.KubeletVersion != "" {
				from.KubeletVersion, target.KubeletVersion = releases[max(0, i-1)].Kubernetes, releases[i].Kubernetes
			}
			steps, err := upgrade.Plan(from, target)
			if err != nil {
				t.Fatal(err)
			}
			was, err := kubetrace.Generate(from)
			if err != nil {
				t.Fatal(err)
			}
			is, err := kubetrace.Generate(steps[0].Spec)
			if err != nil {
				t.Fatal(err)
			}
			for component, same := range map[tracing.Component]bool{
				tracing.ComponentEtcd:      cmp.Equal(was.Kubeadm.Etcd, is.Kubeadm.Etcd),
				tracing.ComponentAPIServer: cmp.Equal(was.Kubeadm.APIServer, is.Kubeadm.APIServer) && cmp.Equal(was.TracingConfiguration, is.TracingConfiguration),
				tracing.ComponentKubelet:   cmp.Equal(was.Kubelet, is.Kubelet),
				tracing.ComponentCollector: cmp.Equal(was.Collector, is.Collector),
				tracing.ComponentBackend:   cmp.Equal(was.Backend, is.Backend),
			} {
				if same {
					continue
				}
				differ++
				if !slices.ContainsFunc(steps[0].Changes, func(c upgrade.Change) bool {
					return c.Component == component && c.Phase != upgrade.During && !c.Stale
				}) {
					t.Errorf("%s: the output for %s differs from %s to %s, and there is no change:\n%s", name, component, from.KubernetesVersion, release.Kubernetes, steps[0])
				}
			}
		}
	}
	if differ == 0 {
		t.Error("no output differs between any two releases")
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
	gone := []string{expected["1.37"][0], expected["1.37"][2], expected["1.37"][3], expected["1.37"][4]} // but for etcd
	locked := expected["1.34"][4]
	for _, test := range []struct {
		name   string
		spec   tracing.TracingSpec
		target upgrade.Target
		want   []string
	}{
		{"an image", tagged, upgrade.Target{KubernetesVersion: "v1.34.2", EtcdImageTag: "3.6.5-0"}, append([]string{"before etcd imageTag: 3.5.21-0 -> imageTag: 3.6.5-0"}, expected["1.34"]...)},
		{"an image that stays", tagged, upgrade.Target{KubernetesVersion: "v1.34.2"}, []string{locked}},
		{"kubeadm's choice of which the version is known", known, upgrade.Target{KubernetesVersion: "1.34"}, expected["1.34"]},
		{"a patch", spec("1.34.1"), upgrade.Target{KubernetesVersion: "v1.34.2"}, nil},
		{"kubelets that are too old", held, upgrade.Target{KubernetesVersion: "1.37"}, append([]string{"before kubelet kubelets of 1.33 -> kubelets of 1.36"}, expected["1.37"]...)},
		{"kubelets that go no further", held, upgrade.Target{KubernetesVersion: "1.37", KubeletVersion: "1.34"}, append([]string{"before kubelet kubelets of 1.33 -> kubelets of 1.34"}, expected["1.37"]...)},
		{"kubelets that stay", spec("1.26"), upgrade.Target{KubernetesVersion: "1.27", KubeletVersion: "1.26"}, expected["1.27"][:3]},
		{"an etcd elsewhere", external, upgrade.Target{KubernetesVersion: "1.34", EtcdVersion: "3.6.5"}, append([]string{"before etcd etcd 3.5.21 -> etcd 3.6.5"}, expected["1.34"]...)},
		{"an etcd elsewhere that stays", later, upgrade.Target{KubernetesVersion: "1.37"}, gone},
		{"an etcd elsewhere past the old spelling", later, upgrade.Target{KubernetesVersion: "1.37", EtcdVersion: "3.7.0"}, append([]string{expected["1.37"][0], "before etcd etcd 3.6.5 -> etcd 3.7.0"}, expected["1.37"][1:]...)},
		{"no etcd", disabled, upgrade.Target{KubernetesVersion: "1.37", EtcdImageTag: "3.7.0-0"}, slices.Insert(slices.Clone(gone), 1, "before etcd --experimental-enable-distributed-tracing and its like ->  (stale)")},
		{"kubelets alone", held, upgrade.Target{KubernetesVersion: "1.36", KubeletVersion: "1.36"}, nil},
		{"an image alone", behind, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.6.5-0"}, append([]string{"before etcd imageTag: 3.5.21-0 -> imageTag: 3.6.5-0"}, renamed(" (optional)")...)},
		{"newer than the tables", spec("1.37"), upgrade.Target{KubernetesVersion: "1.38"}, nil},
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

// TestWhere says that settings of an etcd that kubeadm does not run are not sought
// in kubeadm's documents, and that they come with its new program.
func TestWhere(t *testing.T) {
	external := spec("1.33")
	external.Etcd.External, external.Etcd.Version = true, "3.5.21"
	for _, test := range []struct {
		spec  tracing.TracingSpec
		etcd  string
		where upgrade.Place
		says  string
	}{
		{spec("1.33"), "", upgrade.ClusterConfiguration, "let no control-plane node join"},
		{external, "3.6.5", upgrade.ExternalEtcd, "give it with the new program"},
	} {
		steps, err := upgrade.Plan(test.spec, upgrade.Target{KubernetesVersion: "1.34", EtcdVersion: test.etcd})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range steps[0].Phase(upgrade.Before) {
			if c.Component == tracing.ComponentEtcd && c.Where != test.where || c.Component == tracing.ComponentEtcd && strings.HasPrefix(c.Setting, "--") && !strings.Contains(c.Why, test.says) {
				t.Errorf("want %s in %s: %s", test.says, test.where, c)
			}
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

// TestKubeletsAlone leaves a control plane alone that is there already.
func TestKubeletsAlone(t *testing.T) {
	held := spec("1.36")
	held.KubeletVersion = "1.33"
	steps, err := upgrade.Plan(held, upgrade.Target{KubernetesVersion: "1.36", KubeletVersion: "1.36"})
	if err != nil || len(steps) != 1 || len(steps[0].Changes) != 1 || steps[0].Changes[0].New != "kubelets of 1.36" {
		t.Errorf("%v, %v", steps, err)
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
		says   string
		ofSpec bool
	}{
		{"there already, by its patch", spec("1.34.5"), upgrade.Target{KubernetesVersion: "v1.34"}, "the cluster is of 1.34.5 already", false},
		{"another Kubernetes", spec("1.34"), upgrade.Target{KubernetesVersion: "2.0"}, "2.0 is far from the newest release that is known here", false},
		{"an etcd that skips a minor release", before, upgrade.Target{KubernetesVersion: "1.37", EtcdVersion: "3.7.0"}, "etcd 3.7.0 in place of 3.5.21: etcd goes from one minor release to the next", false},
		{"an image that skips a minor release", tagged, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.7.0-0"}, "upgrade every member to one in between first", false},
		{"an image that is older than kubeadm's", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.5.21-0"}, "kubeadm leaves an etcd alone that is newer", false},
		{"a tag without a version", mine, upgrade.Target{KubernetesVersion: "1.36"}, "etcd.imageTag: mine: kubeadm upgrade reads the tag as a version", false},
		{"no spec", spec("1.1"), upgrade.Target{KubernetesVersion: "1.34"}, "kubernetesVersion", true},
		{"back", spec("1.34"), upgrade.Target{KubernetesVersion: "1.33"}, "no upgrade", false},
		{"there already", spec("1.34"), upgrade.Target{KubernetesVersion: "v1.34"}, "the cluster is of 1.34 already", false},
		{"nothing", spec("1.34"), upgrade.Target{}, `"" is no version`, false},
		{"an image that cannot be", tagged, upgrade.Target{KubernetesVersion: "1.36"}, "the step from 1.35 to 1.36: ", true},
		{"and what to write", tagged, upgrade.Target{KubernetesVersion: "1.36"}, "Write the etcd that the cluster has then into Target.EtcdImageTag", true},
		{"an image that cannot be on the way", tagged, upgrade.Target{KubernetesVersion: "1.37", EtcdImageTag: "3.7.0-0"}, "Plan to 1.35 first, with the etcd that 1.36 needs in Target.EtcdImageTag", true},
		{"an older image", plain, upgrade.Target{KubernetesVersion: "1.35", EtcdImageTag: "3.5.21-0"}, "etcd 3.5.21-0 in place of 3.6.5-0", false},
		{"an older etcd elsewhere", external, upgrade.Target{KubernetesVersion: "1.35", EtcdVersion: "3.5.21"}, "etcd 3.5.21 in place of 3.6.5", false},
		{"a version that is not the tag's", plain, upgrade.Target{KubernetesVersion: "1.35", EtcdVersion: "3.6.6"}, "etcd.imageTag says 3.6.5", true},
		{"newer kubelets", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.36"}, "kubelets of 1.36 in a cluster of 1.35", false},
		{"older kubelets", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.33"}, "kubelets of 1.33 in place of 1.34", false},
		{"kubelets that are too old", spec("1.31"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "1.31"}, "the step from 1.34 to 1.35: invalid TracingSpec: kubeletVersion", true},
		{"no kubelets", spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", KubeletVersion: "x"}, `"x" is no version`, false},
	} {
		_, err := upgrade.Plan(test.spec, test.target)
		var invalid *tracing.InvalidSpecError
		if err == nil || !strings.Contains(err.Error(), test.says) || errors.As(err, &invalid) != test.ofSpec || strings.Contains(err.Error(), "Target.EtcdImageTag") && !strings.Contains(err.Error(), "etcd.imageTag") {
			t.Errorf("%s: got %v", test.name, err)
		}
	}
}

func TestPurity(t *testing.T) {
	puritytest.Check(t, func() tracing.TracingSpec { return spec("1.29") }, func(s tracing.TracingSpec) []string {
		steps, err := upgrade.Plan(s, upgrade.Target{KubernetesVersion: "1.37"})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, step := range steps {
			texts = append(texts, step.String())
		}
		return texts
	})
}
