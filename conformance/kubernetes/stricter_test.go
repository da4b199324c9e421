package kubernetes

import (
	"fmt"
	"strings"
	"testing"

	"kubetrace/conformance/judge/api"
	"kubetrace/tracing"
)

// TestStricter tries what kubetrace refuses, and says so where upstream's answer
// is not the one that Stricter gives.
func TestStricter(t *testing.T) {
	eachMinor(t, "stricter", func(t *testing.T, j *Judge, release tracing.Release) {
		for _, refused := range Stricter {
			t.Run(refused.Field+" "+refused.Value, func(t *testing.T) {
				base := specs(release, j.Version)["etcd's own image"]
				text := fmt.Sprintf("kubernetesVersion: %s\n", j.Version)
				section, field, nested := strings.Cut(refused.Field, ".")
				value := fmt.Sprintf("%q", refused.Value)
				if refused.Field == "samplingRatePerMillion" {
					value = refused.Value
				}
				if text += fmt.Sprintf("%s: %s\n", refused.Field, value); nested {
					text = fmt.Sprintf("kubernetesVersion: %s\n%s: {%s: %s}\n", j.Version, section, field, value)
				}
				spec := must(tracing.Load([]byte(text)))(t)
				if problems := spec.Validate(); len(problems) == 0 || problems[0].Field != refused.Field {
					t.Errorf("the library does not refuse %s: %v", refused.Field, problems)
				}

				if upstream := try(t, j, release, base, refused); (len(upstream) > 0) != refused.Upstream.Has(release.Kubernetes) {
					t.Errorf("upstream says %q; want: %s", upstream, refused.Upstream)
				}
			})
		}
	})
}

// try gives a value to the release's components, and returns what they have
// against it.
func try(t *testing.T, j *Judge, release tracing.Release, spec tracing.TracingSpec, refused Refused) []string {
	t.Helper()
	written := must(Write(spec))(t)
	old := map[string]string{
		"endpoint":               spec.WithDefaults().Endpoint,
		"samplingRatePerMillion": fmt.Sprint(everything),
		"apiServer.configFile":   spec.WithDefaults().APIServer.ConfigFile,
		"etcd.serviceName":       "service-name: etcd",
		"etcd.imageTag":          spec.Etcd.ImageTag,
	}[refused.Field]
	value := refused.Value
	if refused.Field == "etcd.serviceName" {
		value = "service-name: " + value
		if release.KubeadmAPIVersion == "kubeadm.k8s.io/v1beta4" {
			old, value = "value: etcd\n", "value: "+refused.Value+"\n"
		}
	}
	if !strings.Contains(written.Kubeadm.Config, old) {
		t.Fatalf("the configuration has no %q", old)
	}
	written.Kubeadm.Config = strings.ReplaceAll(written.Kubeadm.Config, old, value)
	files := map[string]string{}
	for path, text := range written.Files {
		files[strings.ReplaceAll(path, old, value)] = strings.ReplaceAll(text, old, value)
	}
	answer := must(j.Kubeadm(written.Kubeadm))(t)
	problems := append(answer.Errors, answer.Warnings...)
	if len(problems) > 0 {
		return problems
	}
	apiServer := must(j.APIServer(api.APIServerRequest{Pod: answer.APIServer, Files: files}))(t)
	kubelet := must(j.Kubelet(api.KubeletRequest{Config: answer.Kubelet}))(t)
	if apiServerRefuses, kubeletRefuses := len(apiServer.Errors) > 0, len(kubelet.Errors) > 0; release.KubeletTraced && refused.Field != "apiServer.configFile" && apiServerRefuses != kubeletRefuses {
		t.Errorf("kube-apiserver says %q and the kubelet %q", apiServer.Errors, kubelet.Errors)
	}
	return append(apiServer.Errors, kubelet.Errors...)
}
