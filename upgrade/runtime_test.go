package upgrade_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/tracing"
	"kubetrace/upgrade"
)

func withContainerd(kubernetes, version string) tracing.TracingSpec {
	s := spec(kubernetes)
	s.Containerd = &tracing.ContainerdSpec{Version: version}
	return s
}

// TestContainerd has what becomes of the runtime's files. The drop-in of 2 has to be
// there before it, and the tables of 1.7 are passed over afterwards.
func TestContainerd(t *testing.T) {
	const (
		dropIn   = "before containerd in runtime-file:  -> the new containerd/90-tracing.conf"
		takeAway = "after containerd in runtime-file: containerd/90-tracing.toml of the old release ->  (optional)"
		tables   = "before containerd in runtime-file: its tables of tracing ->  (stale) (optional)"
		variable = "before containerd in nodes: containerd 1.7.15 -> containerd 2.0"
	)
	crio := spec("1.33")
	crio.CRIO = &tracing.CRIOSpec{Version: "1.33"}
	for _, test := range []struct {
		name   string
		spec   tracing.TracingSpec
		target upgrade.Target
		want   []string
	}{
		{"from 1.7 to 2", withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.0"}, []string{dropIn, variable, takeAway}},
		{"from 1.7 to 2 with Kubernetes", withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "2.0"}, []string{dropIn, variable, takeAway}},
		{"from any 1.7 to 2", withContainerd("1.34", "1.7"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.0"},
			[]string{"before containerd in nodes: containerd 1.7 -> containerd 2.0", takeAway}},
		{"within 2", withContainerd("1.34", "2.0"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.3"}, []string{"before containerd in nodes: containerd 2.0 -> containerd 2.3"}},
		{"to a release that reads variables alone", withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "1.7.18"},
			[]string{dropIn, "before containerd in nodes: containerd 1.7.15 -> containerd 1.7.18", takeAway}},
		{"to a release that reads both", withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "1.7.35"},
			[]string{dropIn, "before containerd in nodes: containerd 1.7.15 -> containerd 1.7.35", takeAway}},
		{"from a release that reads both", withContainerd("1.34", "1.7.35"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.3"},
			[]string{tables, "before containerd in nodes: containerd 1.7.35 -> containerd 2.3"}},
		{"within those that read both", withContainerd("1.34", "1.7.19"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "1.7.35"},
			[]string{"before containerd in nodes: containerd 1.7.19 -> containerd 1.7.35"}},
		{"from a release that reads variables alone", withContainerd("1.34", "1.7.18"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.3"},
			[]string{"before containerd in nodes: containerd 1.7.18 -> containerd 2.3"}},
		{"it stays", withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35"}, nil},
		{"CRI-O", crio, upgrade.Target{KubernetesVersion: "1.34", CRIOVersion: "1.34"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			steps := plan(t, test.spec, test.target)
			var got []string
			for _, text := range short(steps[len(steps)-1]) {
				if strings.Contains(text, "containerd") {
					got = append(got, text)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			phase := upgrade.Before
			for _, c := range steps[len(steps)-1].Changes {
				if c.Phase == upgrade.Before && phase != upgrade.Before || c.Phase == upgrade.During && phase == upgrade.After {
					t.Errorf("%s comes after what is %s", c, phase)
				}
				phase = c.Phase
				if c.Where == upgrade.RuntimeFile && (c.Path == "" || c.Why == "" || c.Where.String() == "") {
					t.Errorf("%+v", c)
				}
				if test.spec.KubernetesVersion == test.target.KubernetesVersion && c.Phase == upgrade.During {
					t.Errorf("Kubernetes stays: %s", c)
				}
			}
		})
	}
	// In the last step alone.
	steps := plan(t, withContainerd("1.33", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "2.0"})
	if got := steps[0].Spec.Containerd.Version + " " + steps[1].Spec.Containerd.Version; got != "1.7.15 2.0" {
		t.Errorf("the steps have %s", got)
	}
	if steps := plan(t, crio, upgrade.Target{KubernetesVersion: "1.34", CRIOVersion: "1.34"}); steps[0].Spec.CRIO.Version != "1.34" || !strings.Contains(steps[0].String(), "CRI-O 1.33") {
		t.Errorf("CRI-O: %s", steps[0])
	}
}

// TestContainerdSentences has the changes of the files as people read them.
func TestContainerdSentences(t *testing.T) {
	for _, test := range []struct {
		from, to string
		want     string
	}{
		{"1.7.15", "2.0", "after: /etc/containerd/conf.d/90-kubetrace.toml on every node: take out containerd/90-tracing.toml of the old release (optional). The new release passes over it. Take the same settings out of /etc/containerd/config.toml where they stand there, which apply.Runtime does. Wait until no node runs containerd 1.7.15 any more. Run systemctl restart containerd"},
		{"1.7.15", "1.7.35", "after: /etc/containerd/conf.d/90-kubetrace.toml on every node: take out containerd/90-tracing.toml of the old release (optional). The new release takes from it only what no variable says, and containerd 2.0 nothing. Take the same settings out of /etc/containerd/config.toml where they stand there, which apply.Runtime does. Wait until no node runs containerd 1.7.15 any more. Run systemctl restart containerd"},
		{"1.7.35", "2.3", "before: /etc/containerd/config.toml on every node: take out its tables of tracing (optional). containerd 1.7.35 takes from them what no variable says, and 2.3 passes over them. Give the service what they say as variables first, as containerd/90-tracing.conf has them. Run systemctl daemon-reload && systemctl restart containerd"},
	} {
		var got []string
		for _, step := range plan(t, withContainerd("1.34", test.from), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: test.to}) {
			for _, c := range step.Changes {
				if c.Where == upgrade.RuntimeFile && c.Old != "" {
					got = append(got, c.String())
				}
			}
		}
		if diff := cmp.Diff([]string{test.want}, got); diff != "" {
			t.Errorf("from %s to %s (-want +got):\n%s", test.from, test.to, diff)
		}
	}
}

// TestContainerdFirst says when the last step, which replaces containerd, comes too
// late for kubelets of the steps before.
func TestContainerdFirst(t *testing.T) {
	const cure = `Replace it first, with Target{KubernetesVersion: "1.36", ContainerdVersion: "2.3"}, and plan on from there to 1.38`
	for _, test := range []struct {
		name   string
		spec   tracing.TracingSpec
		target upgrade.Target
		want   []string
	}{
		{"kubelets on the way", withContainerd("1.36", "1.7.15"), upgrade.Target{KubernetesVersion: "1.38", ContainerdVersion: "2.3"}, []string{cure}},
		{"as it advises", withContainerd("1.36", "1.7.15"), upgrade.Target{KubernetesVersion: "1.36", ContainerdVersion: "2.3"}, nil},
		{"no kubelet on the way", withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "2.3"}, nil},
		{"kubelets that do not mind", withContainerd("1.32", "1.7.15"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.3"}, nil},
		{"one that is too old itself", withContainerd("1.36", "1.7.15"), upgrade.Target{KubernetesVersion: "1.38", ContainerdVersion: "1.7.35"}, nil},
		{"2 already", withContainerd("1.36", "2.0"), upgrade.Target{KubernetesVersion: "1.38", ContainerdVersion: "2.3"}, nil},
		{"it stays", withContainerd("1.36", "1.7.15"), upgrade.Target{KubernetesVersion: "1.38"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, step := range plan(t, test.spec, test.target) {
				for _, w := range step.Warnings {
					if w.Code == tracing.WarnRuntimeOld {
						got = append(got, w.Cure)
					}
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("cures (-want +got):\n%s", diff)
			}
		})
	}
}

// TestStepString has what to know before what to do, and a restart between the drain
// of a node and its return.
func TestStepString(t *testing.T) {
	text := plan(t, withContainerd("1.37", "1.7.15"), upgrade.Target{KubernetesVersion: "1.38", ContainerdVersion: "2.3"})[0].String()
	at := 0
	for _, want := range []string{
		"From 1.37 to 1.38\nNote: kubernetesVersion", "\n1. before: ",
		": replace containerd 1.7.15 by containerd 2.3. Drain a node", "restart it (systemctl daemon-reload && systemctl restart containerd), and let pods come back (kubectl uncordon NODE).\n",
		"kubeadm upgrade apply", ": replace kubelets of 1.37 by kubelets of 1.38. ", "restart it (systemctl daemon-reload && systemctl restart kubelet), and let pods come back (kubectl uncordon NODE).\n",
	} {
		found := strings.Index(text[at:], want)
		if found < 0 {
			t.Fatalf("%q is missing, or comes before:\n%s", want, text)
		}
		at += found + len(want)
	}
}

func TestRuntimeTargets(t *testing.T) {
	crio := spec("1.34")
	crio.CRIO = &tracing.CRIOSpec{Version: "1.34"}
	for _, test := range []struct {
		spec        tracing.TracingSpec
		target      upgrade.Target
		field, says string
	}{
		{spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "2.0"}, "ContainerdVersion", "the spec names no containerd"},
		{spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", CRIOVersion: "1.35"}, "CRIOVersion", "the spec names no CRI-O"},
		{withContainerd("1.34", "2.0"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "1.5"}, "ContainerdVersion", "1.5 is older than the spec's 2.0: write that or a later one"},
		{withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "1.6.30"}, "ContainerdVersion", "1.6.30 is older than the spec's 1.7.15"},
		{withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "1.6.36"}, "ContainerdVersion", "1.6.36 is older than the spec's 1.7.15"},
		{withContainerd("1.34", "1.7.15"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "1.7.10"}, "ContainerdVersion", "1.7.10 is older than the spec's 1.7.15"},
		{crio, upgrade.Target{KubernetesVersion: "1.35", CRIOVersion: "1.33.9"}, "CRIOVersion", "1.33.9 is older than the spec's 1.34"},
		{withContainerd("1.34", "1.6"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "1.6.10"}, "ContainerdVersion", "containerd.samplingRatePerMillion: containerd 1.6.10 does not ask"},
		{withContainerd("1.34", "2.0"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "x"}, "ContainerdVersion", "containerd.version: x: write two or three numbers"},
		{withContainerd("1.34", "2.0"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.0"}, "KubernetesVersion", "the container runtime"},
	} {
		_, err := upgrade.Plan(test.spec, test.target)
		var target *upgrade.TargetError
		if !errors.As(err, &target) || target.Field != test.field || !strings.Contains(target.Message, test.says) || strings.Contains(err.Error(), ": :") {
			t.Errorf("%+v: %v", test.target, err)
		}
	}
}
