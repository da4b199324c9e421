package kubernetes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"kubetrace/tracing"
)

const everything = int32(1_000_000)

// specs are the chosen specs of a release: the default, and each thing that
// changes what kubeadm, kube-apiserver or the kubelet get.
func specs(release tracing.Release, version string) map[string]tracing.TracingSpec {
	// The etcd that this kubeadm can start and that is always traced.
	tag := "3.5.11-0"
	if release.EtcdOldest != "3.5" {
		tag = "3.6.8-0"
	}
	spec := func(change func(*tracing.TracingSpec)) tracing.TracingSpec {
		s := tracing.TracingSpec{KubernetesVersion: version, SamplingRatePerMillion: new(everything)}
		if !release.EtcdTraced {
			s.Etcd.ImageTag = tag
		}
		change(&s)
		return s
	}
	return map[string]tracing.TracingSpec{
		"default":          spec(func(*tracing.TracingSpec) {}),
		"no patch":         spec(func(s *tracing.TracingSpec) { s.KubernetesVersion = release.Kubernetes }),
		"no root spans":    spec(func(s *tracing.TracingSpec) { *s.SamplingRatePerMillion = 0 }),
		"abstract socket":  spec(func(s *tracing.TracingSpec) { s.Endpoint = "unix-abstract:///kubetrace" }),
		"IPv6":             spec(func(s *tracing.TracingSpec) { s.Endpoint = "[::1]:4317" }),
		"a file elsewhere": spec(func(s *tracing.TracingSpec) { s.APIServer.ConfigFile = "/etc/a b/tracing.yaml" }),
		"etcd's own image": spec(func(s *tracing.TracingSpec) { s.Etcd.ImageTag = tag }),
		"another repository": spec(func(s *tracing.TracingSpec) {
			s.Etcd.ImageTag, s.Etcd.ImageRepository = tag, "registry.example.com/etcd"
		}),
		"names of etcd":          spec(func(s *tracing.TracingSpec) { s.Etcd.ServiceName, s.Etcd.InstanceID = "etcd main", "a, b=c" }),
		"without etcd":           spec(func(s *tracing.TracingSpec) { s.Etcd.Disabled = true }),
		"without kube-apiserver": spec(func(s *tracing.TracingSpec) { s.APIServer.Disabled = true }),
		"without the kubelet":    spec(func(s *tracing.TracingSpec) { s.Kubelet.Disabled = true }),
		"etcd that kubeadm does not run": spec(func(s *tracing.TracingSpec) {
			s.Etcd = tracing.EtcdSpec{External: true, Version: "3.5.21"}
		}),
	}
}

// Generated identifies what is judged of a release and who judges: its row of the
// library's table, what is generated for it as far as the judges of this package
// read it, and the judge in the given folder. It stays the same until one of
// these changes.
func Generated(release tracing.Release, folder string) (string, error) {
	chosen := specs(release, "v"+release.Kubernetes+".0")
	hash := sha256.New()
	fmt.Fprintf(hash, "%+v\n", release)
	sources, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return "", err
	}
	for _, name := range append(sources, filepath.Join(folder, "v"+release.Kubernetes+".mod")) {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("the judge of Kubernetes %[1]s is not there; run make judge VERSION=%[1]s.0: %[2]w", release.Kubernetes, err)
		}
		fmt.Fprintf(hash, "%s %d\n%s", filepath.Base(name), len(text), text)
	}
	for _, name := range slices.Sorted(maps.Keys(chosen)) {
		written, err := Write(chosen[name])
		if err != nil {
			return "", err
		}
		// JSON has the keys of maps in order.
		if err := json.NewEncoder(hash).Encode(written); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:16], nil
}
