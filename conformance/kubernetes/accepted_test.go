package kubernetes

import (
	"strings"
	"testing"

	"kubetrace/tracing"
)

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
