package talos_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"kubetrace/platform/talos"
	"kubetrace/tracing"
)

// TestPatches has the patches of each release of Talos with its newest Kubernetes.
func TestPatches(t *testing.T) {
	for _, row := range talos.Releases() {
		t.Run(row.Talos, func(t *testing.T) {
			s := tracing.TracingSpec{KubernetesVersion: row.KubernetesNewest}
			patches := must(talos.ConfigPatches(s, talos.Options{TalosVersion: row.Talos, WithoutManifests: true}))(t)
			golden(t, row.Talos+"-controlplane.yaml", marshal(t, patches.ControlPlane))
			golden(t, row.Talos+"-worker.yaml", marshal(t, patches.Worker))
		})
	}
}

// TestDisabled has no patch where nothing is traced.
func TestDisabled(t *testing.T) {
	o := talos.Options{TalosVersion: "1.12"}
	patches := must(talos.ConfigPatches(spec(t, `{kubernetesVersion: "1.34", etcd: {disabled: true}, apiServer: {disabled: true}, kubelet: {disabled: true}, collector: {disabled: true}}`), o))(t)
	if patches.ControlPlane != nil || patches.Worker != nil {
		t.Errorf("got %v and %v", patches.ControlPlane, patches.Worker)
	}
	if _, err := talos.Marshal(patches.Worker); err == nil {
		t.Error("no patch is printed")
	}
	patches = must(talos.ConfigPatches(spec(t, `{kubernetesVersion: "1.34", kubelet: {disabled: true}}`), o))(t)
	if patches.Worker != nil || patches.ControlPlane == nil {
		t.Error("workers need nothing, control planes do")
	}
}

// TestSpec has the etcd of each patch of Talos, and what a spec may not say.
func TestSpec(t *testing.T) {
	for version, want := range map[string]string{
		"1.3": "3.5.6", "1.3.2": "3.5.6", "v1.3.3": "3.5.7", "1.5.6": "3.5.10", "1.9.4": "3.5.18", "1.9.6": "3.5.21", "1.10": "3.5.21", "1.10.9": "3.5.26",
		// The last patch of Talos before each change, and the first with it.
		"1.4.4": "3.5.8", "1.4.5": "3.5.9", "1.5.4": "3.5.9", "1.5.5": "3.5.10", "1.6": "3.5.11", "1.7": "3.5.13", "1.8.3": "3.5.16", "1.8.4": "3.5.17", "1.9.2": "3.5.17", "1.9.3": "3.5.18",
		"1.9.5": "3.5.19", "1.10.8": "3.5.21", "1.11.2": "3.6.4", "1.11.3": "3.6.5", "1.12.4": "3.6.7", "1.12.5": "3.6.8", "1.12.6": "3.6.8", "1.12.8": "3.6.11",
		"1.13.0": "3.6.9", "1.13.1": "3.6.11", "1.13.3": "3.6.11", "1.13.4": "3.6.12",
		"1.10.99": "3.5.26", "1.11": "3.6.4", "1.12.7": "3.6.9", "v1.12.11": "3.6.11", "1.13.9": "3.6.12", "1.14.0-rc.1": "3.7.1",
	} {
		o := talos.Options{TalosVersion: version}
		once := must(talos.Spec(tracing.TracingSpec{KubernetesVersion: "1.31"}, o))(t)
		compare(t, version, want, once.Etcd.Version)
		compare(t, "twice", once, must(talos.Spec(once, o))(t))
		with := must(talos.Spec(tracing.TracingSpec{KubernetesVersion: "1.31"}.WithDefaults(), o))(t)
		compare(t, "with defaults", once.WithDefaults(), with.WithDefaults())
	}
	for _, test := range []struct{ version, spec, want string }{
		{"", `kubernetesVersion: "1.34"`, `talosVersion: Invalid value: "": write the oldest release of the nodes, such as "1.13"`},
		{"1", `kubernetesVersion: "1.34"`, "write two or three numbers"},
		{"1.2", `kubernetesVersion: "1.34"`, "known are 1.3 to 1.14"},
		{"1.15.0", `kubernetesVersion: "1.34"`, "known are 1.3 to 1.14"},
		{"1.12", `{kubernetesVersion: "1.34", etcd: {imageTag: 3.6.4-0}}`, "etcd.imageTag: Forbidden: it is kubeadm's: Talos has cluster.etcd.image"},
		{"1.12", `{kubernetesVersion: "1.34", crio: {version: "1.34"}}`, "crio: Forbidden"},
		{"1.12", `{kubernetesVersion: "1.34", apiServer: {configFile: /etc/a/b.yaml}}`, "apiServer.configFile"},
		{"1.12", `{kubernetesVersion: "1.34", apiServer: {configFile: /var/etc/a.yaml}}`, "a folder of its own"},
		{"1.12", `{kubernetesVersion: "1.34", apiServer: {configFile: /var/lib/etcd/x/a.yaml}}`, "a folder of its own"},
		{"1.12", `{kubernetesVersion: "1.34", collector: {queue: {path: /opt/queue}}}`, "collector.queue.path"},
	} {
		_, err := talos.ConfigPatches(spec(t, test.spec), talos.Options{TalosVersion: test.version})
		var invalid *talos.InvalidOptionsError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: %q is not in %v", test.version, test.spec, test.want, err)
		}
	}
	_, err := talos.ConfigPatches(spec(t, `{kubernetesVersion: "1.34", endpoint: a}`), talos.Options{TalosVersion: "1.12"})
	var invalid *tracing.InvalidSpecError
	if !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}

// TestWarnings has what Talos brings along.
func TestWarnings(t *testing.T) {
	for _, test := range []struct {
		version, spec string
		want, never   []tracing.WarningCode
	}{
		{"1.12", `kubernetesVersion: "1.34"`, nil, []tracing.WarningCode{talos.WarnKubernetes, talos.WarnMultiDocument, talos.WarnEnvironment, talos.WarnGates, talos.WarnPreview, tracing.WarnEtcdExternal}},
		{"1.12", `kubernetesVersion: "1.29"`, []tracing.WarningCode{talos.WarnKubernetes}, nil},
		{"1.12", `kubernetesVersion: "1.36"`, []tracing.WarningCode{talos.WarnKubernetes}, nil},
		{"1.14", `kubernetesVersion: "1.37"`, []tracing.WarningCode{talos.WarnMultiDocument, talos.WarnPreview}, nil},
		{"1.14", `{kubernetesVersion: "1.37", apiServer: {disabled: true}, kubelet: {disabled: true}}`, nil, []tracing.WarningCode{talos.WarnMultiDocument}},
		{"1.12", `{kubernetesVersion: "1.34", containerd: {version: "2.1"}}`, []tracing.WarningCode{talos.WarnEnvironment}, nil},
		{"1.7", `{kubernetesVersion: "1.30", containerd: {version: "1.7.15"}}`, []tracing.WarningCode{talos.WarnContainerdFile}, []tracing.WarningCode{talos.WarnEnvironment}},
		{"1.3", `kubernetesVersion: "1.26"`, []tracing.WarningCode{talos.WarnGates, tracing.WarnEtcdNoRootSampling}, []tracing.WarningCode{tracing.WarnKubeletDropIn}},
	} {
		var codes []tracing.WarningCode
		for _, w := range must(talos.ConfigPatches(spec(t, test.spec), talos.Options{TalosVersion: test.version}))(t).Warnings {
			codes = append(codes, w.Code)
			if strings.Contains(w.String(), "imageTag") || strings.Contains(w.String(), "kubeadm") {
				t.Errorf("%s %s: this is not for Talos: %s", test.version, test.spec, w)
			}
		}
		for _, code := range test.want {
			if !slices.Contains(codes, code) {
				t.Errorf("%s %s: %s is not in %q", test.version, test.spec, code, codes)
			}
		}
		for _, code := range test.never {
			if slices.Contains(codes, code) {
				t.Errorf("%s %s: %s is in %q", test.version, test.spec, code, codes)
			}
		}
	}
}

// TestReleasesAreCopies keeps the table to itself.
func TestReleasesAreCopies(t *testing.T) {
	first := talos.Releases()
	first[0].Talos, first[0].Etcd[0].Version = "", ""
	if again := talos.Releases(); again[0].Talos != "1.3" || again[0].Etcd[0].Version != "3.5.6" {
		t.Errorf("got %+v", again[0])
	}
}
