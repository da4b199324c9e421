package etcd_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"kubetrace/etcd"
	"kubetrace/kubeadm"
	"kubetrace/tracing"
)

func rate(perMillion int32) *int32 { return &perMillion }

// flags returns the arguments as they stand in a command.
func flags(t *testing.T, spec tracing.TracingSpec) []string {
	t.Helper()
	args, err := etcd.Args(spec)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, arg := range args {
		all = append(all, arg.String())
	}
	return all
}

// experimental and plain are the flags of the two spellings, without a rate.
var (
	experimental = []string{
		"--experimental-enable-distributed-tracing=true",
		"--experimental-distributed-tracing-address=127.0.0.1:4317",
		"--experimental-distributed-tracing-service-name=etcd",
	}
	plain = []string{
		"--enable-distributed-tracing=true",
		"--distributed-tracing-address=127.0.0.1:4317",
		"--distributed-tracing-service-name=etcd",
	}
)

func with(flags []string, more ...string) []string {
	return append(append([]string(nil), flags...), more...)
}

// TestArgsByRelease covers kubeadm's own etcd of every release.
func TestArgsByRelease(t *testing.T) {
	withRate := with(experimental, "--experimental-distributed-tracing-sampling-rate=10000")
	plainWithRate := with(plain, "--distributed-tracing-sampling-rate=10000")
	want := map[string][]string{
		"1.22": nil, "1.23": nil, "1.24": nil, "1.25": nil, // may be before 3.5.5
		"1.26": experimental, "1.27": experimental, "1.28": experimental, "1.29": experimental, // may be before 3.5.11
		"1.30": withRate, "1.31": withRate, "1.32": withRate, "1.33": withRate,
		"1.34": plainWithRate, "1.35": plainWithRate, "1.36": plainWithRate, "1.37": plainWithRate, "1.38": plainWithRate,
	}
	got := map[string][]string{}
	for _, release := range tracing.Releases() {
		got[release.Kubernetes] = flags(t, tracing.TracingSpec{KubernetesVersion: release.Kubernetes})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

// TestArgsByVersion covers etcd versions that the spec names, on every release
// whose kubeadm can start them.
func TestArgsByVersion(t *testing.T) {
	const first, last = "1.22", "1.38"
	for _, test := range []struct {
		etcd     tracing.EtcdSpec
		from, to string // releases
		want     []string
	}{
		{tracing.EtcdSpec{ImageTag: "3.5.5-0"}, first, "1.35", experimental},
		{tracing.EtcdSpec{ImageTag: "3.5.10-0"}, first, "1.35", experimental},
		{tracing.EtcdSpec{ImageTag: "v3.5.11"}, first, "1.35", with(experimental, "--experimental-distributed-tracing-sampling-rate=10000")},
		{tracing.EtcdSpec{ImageTag: "3.5.35-0"}, first, "1.35", with(experimental, "--experimental-distributed-tracing-sampling-rate=10000")},
		{tracing.EtcdSpec{ImageTag: "3.6.0-0"}, first, last, with(plain, "--distributed-tracing-sampling-rate=10000")},
		{tracing.EtcdSpec{ImageTag: "mine", Version: "3.7.3"}, "1.34", last, with(plain, "--distributed-tracing-sampling-rate=10000")},
		{tracing.EtcdSpec{ImageTag: "3.6.4-0", SamplingRatePerMillion: rate(0)}, first, last, with(plain, "--distributed-tracing-sampling-rate=0")},
		{tracing.EtcdSpec{External: true, Version: "3.5.6"}, first, last, experimental},
		{tracing.EtcdSpec{External: true, Version: "3.7.0"}, first, last, with(plain, "--distributed-tracing-sampling-rate=10000")},
		{tracing.EtcdSpec{Disabled: true}, first, last, nil},
		{
			tracing.EtcdSpec{ImageTag: "3.5.6-0", SamplingRatePerMillion: rate(5), ServiceName: "store", InstanceID: "a b"}, first, "1.35",
			[]string{experimental[0], experimental[1], "--experimental-distributed-tracing-service-name=store", "--experimental-distributed-tracing-instance-id=a b"},
		},
	} {
		for _, release := range tracing.Releases() {
			spec := tracing.TracingSpec{KubernetesVersion: release.Kubernetes, Etcd: test.etcd}
			// The minors have two digits each, so their order is that of texts.
			if release.Kubernetes < test.from || release.Kubernetes > test.to {
				if args, err := etcd.Args(spec); err == nil {
					t.Errorf("%s with %+v: got %v, and kubeadm cannot start it", release.Kubernetes, test.etcd, args)
				}
				continue
			}
			if diff := cmp.Diff(test.want, flags(t, spec)); diff != "" {
				t.Errorf("%s with %+v (-want +got):\n%s", release.Kubernetes, test.etcd, diff)
			}
		}
	}
}

func TestArgsTutorial(t *testing.T) {
	spec := tracing.TracingSpec{
		KubernetesVersion:      "1.29.1",
		SamplingRatePerMillion: rate(1_000_000),
		Etcd:                   tracing.EtcdSpec{ImageRepository: "quay.io/coreos", ImageTag: "v3.5.11"},
	}
	want := with(experimental, "--experimental-distributed-tracing-sampling-rate=1000000")
	if diff := cmp.Diff(want, flags(t, spec)); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
	spec.Etcd.InstanceID = "caf201fd-8d5b-467b-a70f-09ad3beb5a21"
	want = with(experimental,
		"--experimental-distributed-tracing-instance-id=caf201fd-8d5b-467b-a70f-09ad3beb5a21",
		"--experimental-distributed-tracing-sampling-rate=1000000")
	if diff := cmp.Diff(want, flags(t, spec)); diff != "" {
		t.Errorf("flags with an instance id (-want +got):\n%s", diff)
	}
	spec.Etcd = tracing.EtcdSpec{}
	if diff := cmp.Diff(experimental, flags(t, spec)); diff != "" {
		t.Errorf("flags of kubeadm's own etcd (-want +got):\n%s", diff)
	}
}

func TestArgsEndpoint(t *testing.T) {
	for _, test := range []struct {
		endpoint, want    string
		collectorDisabled bool
	}{
		{endpoint: "", want: "127.0.0.1:4317"},
		{endpoint: "[::1]:5317", want: "[::1]:5317"},
		{endpoint: "unix-abstract:///kubetrace", want: "unix-abstract:///kubetrace"},
		{endpoint: "otel.example.com:4317", want: "otel.example.com:4317", collectorDisabled: true},
	} {
		spec := tracing.TracingSpec{KubernetesVersion: "1.37", Endpoint: test.endpoint, Collector: tracing.CollectorSpec{Disabled: test.collectorDisabled}}
		if got, want := flags(t, spec)[1], "--distributed-tracing-address="+test.want; got != want {
			t.Errorf("endpoint %q: got %s, want %s", test.endpoint, got, want)
		}
	}
}

// TestEnv says that the variables are the flags, in etcd's own spelling.
func TestEnv(t *testing.T) {
	got, err := etcd.Env(tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: "3.5.21", InstanceID: "a"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []corev1.EnvVar{
		{Name: "ETCD_EXPERIMENTAL_ENABLE_DISTRIBUTED_TRACING", Value: "true"},
		{Name: "ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_ADDRESS", Value: "127.0.0.1:4317"},
		{Name: "ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_SERVICE_NAME", Value: "etcd"},
		{Name: "ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_INSTANCE_ID", Value: "a"},
		{Name: "ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_SAMPLING_RATE", Value: "10000"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
	for _, release := range tracing.Releases() {
		spec := tracing.TracingSpec{KubernetesVersion: release.Kubernetes}
		env, err := etcd.Env(spec)
		if err != nil {
			t.Fatal(err)
		}
		if args := flags(t, spec); len(args) != len(env) {
			t.Errorf("%s has %d flags and %d variables", release.Kubernetes, len(args), len(env))
		}
	}
}

// TestSpelling says that no output has both spellings, and that from 1.34 on
// nothing says experimental.
func TestSpelling(t *testing.T) {
	for _, release := range tracing.Releases() {
		text := strings.Join(flags(t, tracing.TracingSpec{KubernetesVersion: release.Kubernetes}), "\n")
		count := strings.Count(text, "--experimental-")
		if all := strings.Count(text, "--"); count != 0 && count != all {
			t.Errorf("%s has %d experimental flags of %d:\n%s", release.Kubernetes, count, all, text)
		}
		if release.Kubernetes >= "1.34" && count > 0 {
			t.Errorf("%s has experimental flags, which etcd 3.7 ends on:\n%s", release.Kubernetes, text)
		}
	}
}

func TestKubeadmPatch(t *testing.T) {
	got, err := etcd.KubeadmPatch(tracing.TracingSpec{
		KubernetesVersion: "1.29.1",
		Etcd:              tracing.EtcdSpec{ImageRepository: "quay.io/coreos", ImageTag: "v3.5.11"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &kubeadm.Patch{Etcd: kubeadm.EtcdPatch{
		ImageRepository: "quay.io/coreos",
		ImageTag:        "v3.5.11",
		Args: []kubeadm.Arg{
			{Name: "experimental-enable-distributed-tracing", Value: "true"},
			{Name: "experimental-distributed-tracing-address", Value: "127.0.0.1:4317"},
			{Name: "experimental-distributed-tracing-service-name", Value: "etcd"},
			{Name: "experimental-distributed-tracing-sampling-rate", Value: "10000"},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("patch (-want +got):\n%s", diff)
	}
}
