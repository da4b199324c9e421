package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"kubetrace"
	"kubetrace/apply"
	"kubetrace/e2e/cluster"
	"kubetrace/e2e/components"
	"kubetrace/e2e/lab"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
	"kubetrace/upgrade"
)

// UpgradePlan is a cluster that goes from one release to the next, and what its
// configuration has carried along: its release takes that, and the next does not.
type UpgradePlan struct {
	Plan
	// To is what the cluster is made of then.
	To components.Release
	// Written is the release that the flags of etcd were written for, or empty.
	Written string
	// ServerGate and KubeletGate are gates that kube-apiserver and the kubelets are
	// given, or empty.
	ServerGate, KubeletGate string
}

// oldGate is one that 1.37 has forgotten.
const oldGate = "APIServerTracing"

// Upgrades are those at which a release forgets what tracing was written with: etcd
// the flags of the first tracing configurations, and the kubelet its gate.
var Upgrades = []UpgradePlan{
	{
		Plan: Plan{Name: "1.36.3-upgrade", Release: components.Release{Minor: "1.36", Etcd: "3.6.16"}, ControlPlane: 1},
		To:   components.Release{Minor: "1.37", Etcd: "3.7.0"}, Written: "1.33", ServerGate: oldGate, KubeletGate: oldGate,
	},
	{
		Plan: Plan{Name: "1.37.2-upgrade", Release: components.Release{Minor: "1.37", Etcd: "3.7.0"}, ControlPlane: 1},
		To:   preview, KubeletGate: tracing.GateNameKubelet,
	},
}

// UpgradeNames are those of all upgrades.
func UpgradeNames() (names []string) {
	for _, plan := range Upgrades {
		names = append(names, plan.Name)
	}
	return names
}

// FindUpgrade is the upgrade of a name.
func FindUpgrade(name string) (UpgradePlan, error) {
	for _, plan := range Upgrades {
		if plan.Name == name {
			return plan, nil
		}
	}
	return UpgradePlan{}, fmt.Errorf("there is no upgrade %q; write one of %s", name, strings.Join(UpgradeNames(), ", "))
}

// Upgrade is a plan that is carried out.
type Upgrade struct {
	*Run

	plan UpgradePlan
	to   *components.Set
	// step is what package upgrade says, once Mend has asked.
	step upgrade.Step
}

// NewUpgrade builds the programs of both releases, and generates the bundle that
// the cluster has had since an earlier one.
func NewUpgrade(ctx context.Context, plan UpgradePlan, log func(format string, arguments ...any)) (*Upgrade, error) {
	r, err := New(ctx, plan.Plan, log)
	if err != nil {
		return nil, err
	}
	u := &Upgrade{Run: r, plan: plan}
	if u.to, err = components.Build(ctx, plan.To); err == nil {
		r.bundle, err = plan.carried(r.spec)
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return u, nil
}

// carried is the bundle of a spec, but with what the cluster has carried along.
func (p UpgradePlan) carried(spec tracing.TracingSpec) (fs.FS, error) {
	carried := &kubeadm.Patch{}
	if p.Written != "" {
		old := spec
		old.KubernetesVersion = p.Written
		var err error
		if carried, err = etcd.KubeadmPatch(old); err != nil {
			return nil, err
		}
		carried.KubernetesVersion = ""
		spec.Etcd.Disabled = true
	}
	if p.ServerGate != "" {
		carried.APIServer.Args = []kubeadm.Arg{{Name: "feature-gates", Value: p.ServerGate + "=true"}}
	}
	if p.KubeletGate != "" {
		carried.Kubelet = &kubeletv1beta1.KubeletConfiguration{FeatureGates: map[string]bool{p.KubeletGate: true}}
	}
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		return nil, err
	}
	if bundle.Kubeadm, err = kubeadm.Merge(carried, bundle.Kubeadm); err != nil {
		return nil, err
	}
	return bundle.FS()
}

// refusedFlag is what etcd prints of a flag of the release that the configuration
// was written for.
var refusedFlag = regexp.MustCompile(`(flag provided but not defined: -|unknown flag: --)experimental-[a-z-]+`)

// Fails says whether the upgrade without our steps fails as it has to.
func (u *Upgrade) Fails(ctx context.Context) error {
	if u.plan.Written != "" {
		return u.etcdFails(ctx)
	}
	return u.kubeletFails(ctx)
}

// kubeletFails says whether kubeadm upgrades the control plane, the new kubelet then
// refuses its gate, and all is well once the old kubelet is back.
func (u *Upgrade) kubeletFails(ctx context.Context) error {
	before := u.Cluster.Set.Versions["kubelet"]
	err := u.Cluster.Upgrade(ctx, u.to)
	var ends *cluster.KubeletError
	switch {
	case err == nil:
		return fmt.Errorf("the upgrade has not failed, though the kubelet's configuration names %s", u.plan.KubeletGate)
	case !errors.As(err, &ends):
		return err
	}
	says := "unrecognized feature gate: " + u.plan.KubeletGate
	if !strings.Contains(string(ends.Printed), says) {
		return fmt.Errorf("it has not printed %q: %w", says, err)
	}
	u.log("the kubelet %s says: %s", ends.Version, says)
	return errors.Join(u.recovered(ctx), u.kubeletIs(ctx, before))
}

// etcdFails says whether etcd refuses its flags, kubeadm gives up and goes back, and the
// cluster is again what it was.
func (u *Upgrade) etcdFails(ctx context.Context) error {
	before, err := u.Cluster.ClusterConfiguration(ctx)
	if err != nil {
		return err
	}
	said, err := u.refusal(func() error { return u.Cluster.Upgrade(ctx, u.to) })
	var failed *lab.CommandError
	switch {
	case err == nil:
		return fmt.Errorf("the upgrade has not failed, though etcd has the flags of %s", u.plan.Written)
	case !errors.As(err, &failed):
		return err
	case said == "":
		return fmt.Errorf("the upgrade has failed, and etcd has refused no flag: %w", err)
	}
	output := string(failed.Stdout) + string(failed.Stderr)
	for _, want := range []string{"[upgrade/etcd] Failed to upgrade etcd", "[upgrade/etcd] Etcd was rolled back and is now available"} {
		if !strings.Contains(output, want) {
			return fmt.Errorf("kubeadm has not printed %q: %w", want, err)
		}
	}
	u.log("kubeadm ended with exit code %d, and has gone back", failed.ExitCode)
	if err := u.recovered(ctx); err != nil {
		return err
	}
	after, err := u.Cluster.ClusterConfiguration(ctx)
	if err == nil && after != before {
		err = fmt.Errorf("the stored configuration has changed to\n%s", after)
	}
	return errors.Join(err, u.runs(ctx, u.Cluster.Set))
}

// refusal does something, and returns what etcd has printed meanwhile of a flag
// that it refuses. What etcd prints is gone with its pod.
func (u *Upgrade) refusal(do func() error) (printed string, err error) {
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	for {
		select {
		case err := <-ended:
			return printed, err
		case <-time.After(time.Second):
		}
		text, err := etcdPrinted(u.Cluster.Nodes()[0])
		if line := refusedFlag.FindString(text); err == nil && line != "" && printed == "" {
			printed = line
			u.log("etcd says: %s", line)
		}
	}
}

// recovered waits until a cluster whose etcd was away is healthy, and stays so.
func (u *Upgrade) recovered(ctx context.Context) error {
	well := 0
	// What has ended for want of etcd is started again after up to five minutes.
	if err := lab.Wait(ctx, 10*time.Minute, "a healthy cluster", time.Second, func(ctx context.Context) error {
		if err := u.healthy(ctx); err != nil {
			well = 0
			return err
		}
		if well++; well < 5 {
			return errors.New("it has been healthy for a moment only")
		}
		return nil
	}); err != nil {
		return err
	}
	return u.Cluster.WaitControlPlane(ctx)
}

// Mend makes the changes that package upgrade has before the upgrade: it edits the
// documents that kubeadm keeps in the cluster, and nothing that runs.
func (u *Upgrade) Mend(ctx context.Context) error {
	steps, err := upgrade.Plan(u.spec, upgrade.Target{KubernetesVersion: u.to.Versions["kubeadm"]})
	if err != nil {
		return err
	}
	if len(steps) != 1 {
		return fmt.Errorf("from %s to %s is not one step: %v", u.spec.KubernetesVersion, u.to.Versions["kubeadm"], steps)
	}
	u.step = steps[0]
	if u.plan.Written != "" || u.plan.ServerGate != "" {
		err = u.Cluster.EditStored(ctx, "kubeadm-config", "ClusterConfiguration", u.edit(u.step.ClusterConfiguration))
	}
	if u.plan.KubeletGate != "" {
		err = errors.Join(err, u.Cluster.EditStored(ctx, "kubelet-config", "kubelet", u.edit(u.step.KubeletConfiguration)))
	}
	return err
}

// edit is an edit that has to find something to change.
func (u *Upgrade) edit(by func([]byte, apply.Options) (apply.Result, error)) func(string) (string, error) {
	return func(text string) (string, error) {
		edited, err := by([]byte(text), apply.Options{})
		if err != nil {
			return "", err
		}
		if len(edited.Replaced) == 0 {
			return "", fmt.Errorf("there is nothing to mend in\n%s", text)
		}
		for _, setting := range edited.Replaced {
			u.log("%s: %s: %q becomes %q", setting.Document, setting.Name, setting.Old, setting.New)
		}
		return string(edited.Text), nil
	}
}

// Succeeds upgrades the cluster with the command that failed before, and says
// whether it then is what the bundle of the new release says.
func (u *Upgrade) Succeeds(ctx context.Context) (err error) {
	if err := u.Cluster.Upgrade(ctx, u.to); err != nil {
		return err
	}
	u.spec = u.step.Spec
	if u.resolved, err = tracing.Resolve(u.spec); err != nil {
		return err
	}
	if u.bundle, err = files(u.spec); err != nil {
		return err
	}
	return errors.Join(u.recovered(ctx), u.runs(ctx, u.to), u.Effect(ctx))
}

// Again waits for traces of everything that began after now.
func (u *Upgrade) Again(ctx context.Context) error {
	_, err := u.arrive(ctx, time.Now(), u.sources())
	return err
}

// runs says whether etcd, kube-apiserver and kubelet are those of a release.
func (u *Upgrade) runs(ctx context.Context, set *components.Set) error {
	node := u.Cluster.Nodes()[0]
	version, err := u.Cluster.Client().Discovery().ServerVersion()
	if err != nil {
		return err
	}
	if got, want := version.GitVersion, set.Versions["kube-apiserver"]; got != want {
		return fmt.Errorf("kube-apiserver is %s, want %s", got, want)
	}
	if err := u.kubeletIs(ctx, set.Versions["kubelet"]); err != nil {
		return err
	}
	said, err := u.etcdVersion(node)
	if err != nil {
		return err
	}
	if got, want := said, set.Versions["etcd"]; got != want {
		return fmt.Errorf("etcd is %s, want %s", got, want)
	}
	u.log("kube-apiserver %s, kubelet %s and etcd %s run", set.Versions["kube-apiserver"], set.Versions["kubelet"], said)
	return nil
}

// kubeletIs says whether the kubelet is of a version.
func (u *Upgrade) kubeletIs(ctx context.Context, want string) error {
	node, err := u.Cluster.Client().CoreV1().Nodes().Get(ctx, u.Cluster.Nodes()[0].Name, metav1.GetOptions{})
	if err == nil && node.Status.NodeInfo.KubeletVersion != want {
		err = fmt.Errorf("the kubelet is %s, want %s", node.Status.NodeInfo.KubeletVersion, want)
	}
	return err
}

var serverVersion = regexp.MustCompile(`(?m)^etcd_server_version\{server_version="(.+)"\} 1$`)

// etcdVersion is what the etcd of a node says that it is, where kubeadm has it
// tell its metrics.
func (u *Upgrade) etcdVersion(node *lab.Node) (string, error) {
	response, err := u.httpFrom(node).Get("http://127.0.0.1:2381/metrics")
	if err != nil {
		return "", fmt.Errorf("ask etcd for its version: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", fmt.Errorf("ask etcd for its version: %w", err)
	}
	found := serverVersion.FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("etcd's metrics have no etcd_server_version: %.500s", text)
	}
	return "v" + string(found[1]), nil
}
