package tracing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var validEtcd = map[string]string{
	"etcd disabled":                                  `etcd: {disabled: true}`,
	"etcd in the range":                              `{kubernetesVersion: "1.29", etcd: {version: 3.5.16}}`,
	"etcd in a range that leaks":                     `{kubernetesVersion: "1.25", etcd: {version: 3.5.6}}`,
	"etcd without a sampling rate":                   `{kubernetesVersion: "1.29", etcd: {samplingRatePerMillion: 5}}`,
	"etcd tag":                                       `{kubernetesVersion: "1.22", etcd: {imageTag: v3.5.11}}`,
	"etcd tag of Kubernetes":                         `etcd: {imageTag: 3.5.21-0, imageRepository: registry.k8s.io}`,
	"etcd tag and version agree":                     `etcd: {imageTag: 3.5.21-0, version: v3.5.21}`,
	"etcd tag without a version":                     `etcd: {imageTag: stable, version: 3.5.21}`,
	"etcd of a registry with a port":                 `etcd: {imageRepository: "registry.example.com:5000"}`,
	"etcd of a registry with folders":                `etcd: {imageRepository: "registry.example.com:5000/a/b"}`,
	"etcd newer, for a kubeadm that goes by the tag": `{kubernetesVersion: "1.35", etcd: {imageTag: 3.7.0-0}}`,
	"etcd external, whatever kubeadm writes":         `{kubernetesVersion: "1.37", etcd: {external: true, version: 3.5.21}}`,
	"etcd external":                                  `etcd: {external: true, version: 3.5.5}`,
	"etcd external and newer":                        `etcd: {external: true, version: 3.8.0}`,
	"etcd instance":                                  `etcd: {serviceName: etcd-events, instanceID: "member 1"}`,
}

func TestValidateEtcd(t *testing.T) {
	const leak = "leaks about a gigabyte an hour"
	checkInvalid(t, []invalidCase{
		{"too old", `etcd: {imageTag: v3.4.27}`, []problem{{invalid, "etcd.imageTag", "write 3.5.11 or later, or set etcd.disabled"}}},
		{"leaks, named by its tag", `etcd: {imageTag: 3.5.4-0}`, []problem{{invalid, "etcd.imageTag", leak}}},
		{"leaks, in the range", `{kubernetesVersion: "1.25", etcd: {version: 3.5.4}}`, []problem{{invalid, "etcd.version", leak}}},
		{"leaks, external", `etcd: {external: true, version: 3.5.4}`, []problem{{invalid, "etcd.version", leak}}},
		{"no patch", `etcd: {version: "3.5"}`, []problem{{invalid, "etcd.version", `such as "3.5.21"`}}},
		{"no version", `etcd: {version: new}`, []problem{{invalid, "etcd.version", "write all three numbers"}}},
		{"no version beside a good tag", `etcd: {version: new, imageTag: 3.6.4-0}`, []problem{{invalid, "etcd.version", "write all three numbers"}}},
		{"below the range", `etcd: {version: 3.5.21}`, []problem{{invalid, "etcd.version", `write etcd.imageTag too, "3.5.21-0"`}}},
		{"above the range", `{kubernetesVersion: "1.33", etcd: {version: 3.6.4}}`, []problem{{invalid, "etcd.version", `write etcd.imageTag too, "3.6.4-0"`}}},
		{"tag and version differ", `etcd: {version: 3.5.11, imageTag: 3.5.12-0}`, []problem{{invalid, "etcd.version", "write the same into both"}}},
		{"tag that names no version", `etcd: {imageTag: latest}`, []problem{{invalid, "etcd.imageTag", "write etcd.version too"}}},
		{"tag with two numbers", `etcd: {imageTag: v3.5}`, []problem{{invalid, "etcd.imageTag", "write etcd.version too"}}},
		{"not a tag", `etcd: {imageTag: "a:b"}`, []problem{{invalid, "etcd.imageTag", "write one such as 3.5.21-0"}}},
		{"repository with a tag", `etcd: {imageRepository: "quay.io/coreos/etcd:v3.5.21"}`, []problem{{invalid, "etcd.imageRepository", "without a tag"}}},
		{"repository is a URL", `etcd: {imageRepository: "https://quay.io/coreos"}`, []problem{{invalid, "etcd.imageRepository", "such as quay.io/coreos"}}},
		{"repository with a slash at its end", `etcd: {imageRepository: quay.io/}`, []problem{{invalid, "etcd.imageRepository", "such as quay.io/coreos"}}},
		{"nothing but the image's name", `etcd: {imageRepository: /etcd, imageTag: v3.5.21}`, []problem{{invalid, "etcd.imageRepository", "without a tag"}}},
		{"repository of an etcd that is left alone", `{kubernetesVersion: "1.22", etcd: {imageRepository: quay.io/coreos}}`, []problem{{invalid, "etcd.imageRepository", "write etcd.imageTag too"}}},
		{"pre-release tag", `etcd: {imageTag: v3.6.0-rc.1}`, []problem{{invalid, "etcd.imageTag", "the flags of a pre-release are not known"}}},
		{"pre-release version", `etcd: {version: 3.6.0-alpha.0}`, []problem{{invalid, "etcd.version", "write all three numbers"}}},
		{"newer than kubeadm's own flags", `{kubernetesVersion: "1.33", etcd: {imageTag: 3.7.0-0}}`, []problem{{invalid, "etcd.imageTag", "kubeadm 1.33 gives etcd flags that are gone after 3.6: write an etcd of 3.5 to 3.6"}}},
		{"older than kubeadm's own flags", `{kubernetesVersion: "1.36", etcd: {imageTag: 3.5.21-0}}`, []problem{{invalid, "etcd.imageTag", "kubeadm 1.36 gives etcd flags that came with 3.6"}}},
		{"external without a version", `etcd: {external: true}`, []problem{{required, "etcd.version", `such as "3.5.21"`}}},
		{"external with an image", `etcd: {external: true, version: 3.5.21, imageTag: v3.5.21, imageRepository: "quay.io/coreos:v1"}`, []problem{
			{forbidden, "etcd.imageRepository", "write etcd.version alone"},
			{forbidden, "etcd.imageTag", "write etcd.version alone"},
		}},
		{"service name with a control character", `etcd: {serviceName: "a\tb"}`, []problem{{invalid, "etcd.serviceName", "printable"}}},
		{"service name that the kubelet would expand", `etcd: {serviceName: "$(HOME)"}`, []problem{{invalid, "etcd.serviceName", "write the text without it"}}},
		{"instance that the kubelet would expand", `etcd: {instanceID: "a$$b"}`, []problem{{invalid, "etcd.instanceID", "write the text without it"}}},
		{"long instance", `etcd: {instanceID: ` + strings.Repeat("a", 254) + `}`, []problem{{invalid, "etcd.instanceID", "at most 253 bytes"}}},
	})
}

// What is written for etcd is right for every etcd in question.
func TestResolvedEtcd(t *testing.T) {
	type answer struct {
		EtcdRelease
		Rate    int32
		HasRate bool
	}
	for _, c := range []struct {
		name, spec string
		want       answer
	}{
		{"default of 1.29", `{kubernetesVersion: "1.29"}`, answer{EtcdRelease{From: "3.5.10", Traced: true, FlagPrefix: "experimental-", RootSampling: RootSamplingNone}, 10_000, false}},
		{"default of 1.30", `{kubernetesVersion: "1.30", samplingRatePerMillion: 7}`, answer{EtcdRelease{From: "3.5.12", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate}, 7, true}},
		{"default of 1.36, which may be 3.7", `{kubernetesVersion: "1.36", etcd: {samplingRatePerMillion: 0}}`, answer{EtcdRelease{From: "3.6.8", Traced: true, SamplingRateFlag: true, RootSampling: RootSamplingRate}, 0, true}},
		{"default of 1.22, which may leak", `{kubernetesVersion: "1.22"}`, answer{EtcdRelease{From: "3.5.0", FlagPrefix: "experimental-"}, 10_000, false}},
		{"named 3.5.10", `{kubernetesVersion: "1.22", etcd: {imageTag: v3.5.10}}`, answer{EtcdRelease{From: "3.5.5", Traced: true, FlagPrefix: "experimental-", RootSampling: RootSamplingNone}, 10_000, false}},
		{"3.5.11 in a range from 3.5.10 on", `{kubernetesVersion: "1.29", etcd: {version: v3.5.11}}`, answer{EtcdRelease{From: "3.5.10", Traced: true, FlagPrefix: "experimental-", RootSampling: RootSamplingNone}, 10_000, false}},
		{"3.5.16 in a range from 3.5.12 on", `{kubernetesVersion: "1.30", etcd: {version: 3.5.16}}`, answer{EtcdRelease{From: "3.5.12", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate}, 10_000, true}},
		{"3.5.6 in a range that leaks", `{kubernetesVersion: "1.25", etcd: {version: 3.5.6}}`, answer{EtcdRelease{From: "3.5.4", FlagPrefix: "experimental-"}, 10_000, false}},
		{"3.5.11 of an image whose tag says nothing", `{kubernetesVersion: "1.29", etcd: {version: 3.5.11, imageTag: stable}}`, answer{EtcdRelease{From: "3.5.11", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate}, 10_000, true}},
		{"named 3.5.11", `{kubernetesVersion: "1.29", etcd: {imageTag: v3.5.11}}`, answer{EtcdRelease{From: "3.5.11", Traced: true, FlagPrefix: "experimental-", SamplingRateFlag: true, RootSampling: RootSamplingRate}, 10_000, true}},
		{"external 3.6.0", `{etcd: {external: true, version: 3.6.0}}`, answer{EtcdRelease{From: "3.6.0", Traced: true, SamplingRateFlag: true, RootSampling: RootSamplingRate}, 10_000, true}},
	} {
		r := resolved(t, c.spec)
		got := answer{EtcdRelease: r.EtcdRelease()}
		got.Rate, got.HasRate = r.EtcdSamplingRate()
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// A version that does not decide which etcd runs traces no etcd that may leak.
func TestVersionInARangeThatLeaks(t *testing.T) {
	for spec, traced := range map[string]bool{
		`{kubernetesVersion: "1.25", etcd: {version: 3.5.6}}`:                   false,
		`{kubernetesVersion: "1.25", etcd: {imageTag: 3.5.6-0}}`:                true,
		`{kubernetesVersion: "1.25", etcd: {external: true, version: 3.5.6}}`:   true,
		`{kubernetesVersion: "1.26", etcd: {version: 3.5.6}}`:                   true,
		`{kubernetesVersion: "1.22", etcd: {version: 3.5.6, imageTag: "mine"}}`: true,
	} {
		if why := resolved(t, spec).NotGenerated(ComponentEtcd); (why == nil) != traced {
			t.Errorf("%s: got %v, want traced %t", spec, why, traced)
		}
	}
}

func TestEtcdRange(t *testing.T) {
	for spec, want := range map[string][2]string{
		`kubernetesVersion: "1.29"`:                                              {"3.5.10", "3.5.16"},
		`{kubernetesVersion: "1.29", etcd: {version: 3.5.11}}`:                   {"3.5.10", "3.5.16"},
		`{kubernetesVersion: "1.29", etcd: {imageTag: v3.5.11}}`:                 {"3.5.11", "3.5.11"},
		`{kubernetesVersion: "1.29", etcd: {imageTag: 3.5.21-0}}`:                {"3.5.21", "3.5.21"},
		`{kubernetesVersion: "1.29", etcd: {imageTag: a, version: 3.5.11}}`:      {"3.5.11", "3.5.11"},
		`{kubernetesVersion: "1.37", etcd: {external: true, version: 3.6.5}}`:    {"3.6.5", "3.6.5"},
		`{kubernetesVersion: "1.36", etcd: {disabled: true}}`:                    {"3.6.8", "3.7.0"},
		`{kubernetesVersion: "1.36", etcd: {disabled: true, imageTag: 3.6.5-0}}`: {"3.6.5", "3.6.5"},
	} {
		if lowest, highest := resolved(t, spec).EtcdRange(); lowest != want[0] || highest != want[1] {
			t.Errorf("%s: got %s to %s, want %v", spec, lowest, highest, want)
		}
	}
	if lowest, highest := (Resolved{}).EtcdRange(); lowest != "" || highest != "" {
		t.Errorf("the zero Resolved has %q to %q", lowest, highest)
	}
}
