package kubernetes

import (
	"strings"
	"testing"

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

func TestAccepted(t *testing.T) {
	for _, judge := range []string{"kubeadm", "kube-apiserver", "kubelet"} {
		t.Run(judge, func(t *testing.T) {
			eachMinor(t, judge, func(t *testing.T, j *Judge, release tracing.Release) {
				for name, spec := range specs(release, j.Version) {
					t.Run(name, func(t *testing.T) {
						result := inspect(t, j, spec, must(Write(spec))(t))
						problems := map[string][]string{"kubeadm": result.Kubeadm, "kube-apiserver": result.APIServer, "kubelet": result.Kubelet}[judge]
						if len(problems) > 0 {
							t.Errorf("%s", strings.Join(problems, "\n"))
						}
					})
				}
			})
		})
	}
}

func inspect(t *testing.T, j *Judge, spec tracing.TracingSpec, written *Written) *Inspection {
	t.Helper()
	return must(Inspect(j, spec, written))(t)
}
