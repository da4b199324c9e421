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

func TestRuntimeTargets(t *testing.T) {
	for _, test := range []struct {
		spec        tracing.TracingSpec
		target      upgrade.Target
		field, says string
	}{
		{spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", ContainerdVersion: "2.0"}, "ContainerdVersion", "the spec names no containerd"},
		{spec("1.34"), upgrade.Target{KubernetesVersion: "1.35", CRIOVersion: "1.35"}, "CRIOVersion", "the spec names no CRI-O"},
		{withContainerd("1.34", "2.0"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "1.5"}, "ContainerdVersion", "from 1.6 on"},
		{withContainerd("1.34", "2.0"), upgrade.Target{KubernetesVersion: "1.34", ContainerdVersion: "2.0"}, "KubernetesVersion", "the container runtime"},
	} {
		_, err := upgrade.Plan(test.spec, test.target)
		var target *upgrade.TargetError
		if !errors.As(err, &target) || target.Field != test.field || !strings.Contains(target.Message, test.says) {
			t.Errorf("%+v: %v", test.target, err)
		}
	}
}
