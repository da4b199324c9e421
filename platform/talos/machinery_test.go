package talos_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	machineapi "github.com/siderolabs/talos/pkg/machinery/api/machine"
	"github.com/siderolabs/talos/pkg/machinery/compatibility"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
	"github.com/siderolabs/talos/pkg/machinery/constants"

	"kubetrace/apiserver"
	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/kubelet"
	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

// metal is a node that is installed already.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return false }
func (metal) InContainer() bool     { return false }

// judged are the releases of Talos that the linked machinery knows.
func judged(t *testing.T) (rows []talos.Release) {
	t.Helper()
	minor := func(version string) int {
		return must(strconv.Atoi(strings.Split(strings.TrimPrefix(version, "v"), ".")[1]))(t)
	}
	for _, row := range talos.Releases() {
		if minor(row.Talos) <= minor(linked(t)) {
			rows = append(rows, row)
		}
	}
	if last := rows[len(rows)-1].Talos; minor(last) != minor(linked(t)) || len(rows) < 9 {
		t.Fatalf("machinery %s is to judge up to its own release, and judges %d, the last %s", linked(t), len(rows), last)
	}
	return rows
}

// generated are the configurations that talosctl gen config makes.
func generated(t *testing.T, row talos.Release, kubernetes string) map[machine.Type]config.Provider {
	t.Helper()
	contract := must(config.ParseContractFromVersion(row.Talos))(t)
	in := must(generate.NewInput("test", "https://10.0.0.1:6443", kubernetes+".0", generate.WithVersionContract(contract)))(t)
	return map[machine.Type]config.Provider{
		machine.TypeControlPlane: must(in.Config(machine.TypeControlPlane))(t),
		machine.TypeWorker:       must(in.Config(machine.TypeWorker))(t),
	}
}

// TestMachinery merges the patches into what machinery generates for each release of Talos
// and the oldest and newest Kubernetes that it runs, and has it validate the result. What
// it hands to the components is what their own packages return, which the components judge.
func TestMachinery(t *testing.T) {
	for _, row := range judged(t) {
		for _, kubernetes := range []string{row.KubernetesOldest, row.KubernetesNewest} {
			t.Run(row.Talos+" with "+kubernetes, func(t *testing.T) {
				s := tracing.TracingSpec{KubernetesVersion: kubernetes, Containerd: &tracing.ContainerdSpec{Version: "2.0"}}
				o := talos.Options{TalosVersion: row.Talos}
				patches := must(talos.ConfigPatches(s, o))(t)
				for role, base := range generated(t, row, kubernetes) {
					patch := patches.ControlPlane
					if role == machine.TypeWorker {
						patch = patches.Worker
					}
					before := canonical(t, base)
					out := apply(t, base, patch)
					handedOn(t, s, o, out, role == machine.TypeControlPlane)

					once := must(talos.Config(s, base, o))(t)
					validate(t, once)
					handedOn(t, s, o, once, role == machine.TypeControlPlane)
					compare(t, "merged and edited", marshal(t, out), marshal(t, once))
					compare(t, "twice", marshal(t, once), marshal(t, must(talos.Config(s, once, o))(t)))
					removed := must(talos.Remove(s, once, o))(t)
					validate(t, removed)
					compare(t, "removed", before, marshal(t, removed))
					compare(t, "the base", before, canonical(t, base))
				}
			})
		}
	}
}

// apply merges a patch as talosctl does.
func apply(t *testing.T, base, patch config.Provider) config.Provider {
	t.Helper()
	loaded := must(configpatcher.LoadPatch([]byte(marshal(t, patch))))(t)
	if _, ok := loaded.(configpatcher.StrategicMergePatch); !ok {
		t.Fatalf("the patch is read as a %T", loaded)
	}
	merged := must(configpatcher.Apply(configpatcher.WithConfig(base), []configpatcher.Patch{loaded}))(t)
	out := must(merged.Config())(t)
	validate(t, out)
	return out
}

func validate(t *testing.T, p config.Provider) {
	t.Helper()
	if _, err := p.Validate(metal{}, validation.WithLocal()); err != nil {
		t.Errorf("machinery refuses it: %v", err)
	}
}

// handedOn compares what Talos gives its components with what their packages return.
func handedOn(t *testing.T, s tracing.TracingSpec, o talos.Options, out config.Provider, controlPlane bool) {
	t.Helper()
	r := resolved(t, s, o)
	byName := func(args []kubeadm.Arg) map[string]string { return must(kubeadm.ArgMap(args))(t) }
	fields, _ := asJSON(t, out.Machine().Kubelet().ExtraConfig()).(map[string]any) // nil where there is none
	want, _ := asJSON(t, kubelet.FieldsFor(r)).(map[string]any)
	for key, value := range want {
		compare(t, "the kubelet's "+key, value, fields[key])
	}
	if len(want) == 0 && fields["tracing"] != nil {
		t.Errorf("the kubelet has %v", fields)
	}
	if !controlPlane {
		return
	}
	compare(t, "kube-apiserver's flags", byName(apiserver.ArgsFor(r)), flags(t, out.Cluster().APIServer().ExtraArgs()))
	compare(t, "etcd's flags", byName(etcd.ArgsFor(r)), flags(t, out.Cluster().Etcd().ExtraArgs()))
	files := must(out.Machine().Files())(t)
	content := string(must(tracing.Marshal(apiserver.TracingConfigurationFor(r)))(t))
	if len(files) != 1 || files[0].Content() != content || files[0].Path() != talos.TracingFile || files[0].Op() != "create" || files[0].Permissions().Perm() != 0o644 {
		t.Errorf("the files are %+v", files)
	}
	volumes := out.Cluster().APIServer().ExtraVolumes()
	if len(volumes) != 1 || !volumes[0].ReadOnly() || volumes[0].HostPath() != volumes[0].MountPath() || !strings.HasPrefix(talos.TracingFile, volumes[0].HostPath()+"/") {
		t.Errorf("the volumes are %+v", volumes)
	}
	contents := fmt.Sprint(out.Cluster().InlineManifests())
	for _, text := range []string{"kubetrace-collector", "kubetrace-backend"} {
		if !strings.Contains(contents, text) {
			t.Errorf("%s is not among the inline manifests", text)
		}
	}
	if !strings.Contains(marshal(t, out), "pod-security.kubernetes.io/enforce: privileged") {
		t.Error("the collector's namespace is not exempt from pod security")
	}
}

// TestEtcdOfMachinery asks the linked machinery which etcd its release runs.
func TestEtcdOfMachinery(t *testing.T) {
	s := must(talos.Spec(tracing.TracingSpec{KubernetesVersion: "1.34"}, talos.Options{TalosVersion: linked(t)}))(t)
	compare(t, "the etcd of Talos "+linked(t), strings.TrimPrefix(constants.DefaultEtcdVersion, "v"), s.Etcd.Version)
}

// TestKubernetesOfMachinery asks machinery which Kubernetes each Talos runs.
func TestKubernetesOfMachinery(t *testing.T) {
	for _, row := range judged(t) {
		version := must(compatibility.ParseTalosVersion(&machineapi.VersionInfo{Tag: "v" + row.Talos + ".0"}))(t)
		supported := func(minor int) bool {
			return must(compatibility.ParseKubernetesVersion(fmt.Sprintf("1.%d.0", minor)))(t).SupportedWith(version) == nil
		}
		var have []string
		for minor := 20; minor < 40; minor++ {
			if supported(minor) && (!supported(minor-1) || !supported(minor+1)) {
				have = append(have, fmt.Sprintf("1.%d", minor))
			}
		}
		compare(t, "Talos "+row.Talos, []string{row.KubernetesOldest, row.KubernetesNewest}, have)
	}
}

// TestPatchTwice shows why a patch is merged once: machinery does not look whether the
// items of lists are there. Inline manifests it refuses then.
func TestPatchTwice(t *testing.T) {
	rows := judged(t)
	row := rows[len(rows)-1]
	patches := must(talos.ConfigPatches(tracing.TracingSpec{KubernetesVersion: row.KubernetesNewest}, talos.Options{TalosVersion: row.Talos, WithoutManifests: true}))(t)
	base := generated(t, row, row.KubernetesNewest)[machine.TypeControlPlane]
	out := apply(t, apply(t, base, patches.ControlPlane), patches.ControlPlane)
	if n := len(out.Cluster().APIServer().ExtraVolumes()); n != 2 {
		t.Errorf("there are %d volumes: where machinery looks now, the run-book and ConfigPatches need not warn", n)
	}
}
