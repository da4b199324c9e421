package clusterapi_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/util/validation/field"
	configv1beta1 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta1"
	configv1beta2 "sigs.k8s.io/cluster-api/api/bootstrap/kubeadm/v1beta2"
	controlplanev1beta1 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta1"
	controlplanev1beta2 "sigs.k8s.io/cluster-api/api/controlplane/kubeadm/v1beta2"
	"sigs.k8s.io/yaml"

	"kubetrace/apply"
	"kubetrace/platform/clusterapi"
	"kubetrace/tracing"
)

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// mustRead reads an object strictly.
func mustRead[T any](t *testing.T, text string) *T {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Fatal(err)
	}
	return object
}

const theirs = `apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: KubeadmControlPlane
metadata:
  name: cp
spec:
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        certSANs:
        - localhost
        extraArgs:
        - name: v
          value: "2"
    files:
    - content: hello
      path: /etc/motd
    users:
    - name: admin
  replicas: 3
  version: v1.36.1
`

func TestControlPlane(t *testing.T) {
	const want = `apiVersion: controlplane.cluster.x-k8s.io/v1beta2
kind: KubeadmControlPlane
metadata:
  name: cp
spec:
  kubeadmConfigSpec:
    clusterConfiguration:
      apiServer:
        certSANs:
        - localhost
        extraArgs:
        - name: v
          value: "2"
        - name: tracing-config-file
          value: /etc/kubernetes/tracing-config.yaml
        extraVolumes:
        - hostPath: /etc/kubernetes/tracing-config.yaml
          mountPath: /etc/kubernetes/tracing-config.yaml
          name: tracing-config
          pathType: File
          readOnly: true
      etcd:
        local:
          extraArgs:
          - name: enable-distributed-tracing
            value: "true"
          - name: distributed-tracing-address
            value: 127.0.0.1:4317
          - name: distributed-tracing-service-name
            value: etcd
          - name: distributed-tracing-sampling-rate
            value: "10000"
    files:
    - content: hello
      path: /etc/motd
    - content: |
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        tracing:
          endpoint: 127.0.0.1:4317
          samplingRatePerMillion: 10000
      owner: root:root
      path: /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml
      permissions: "0644"
    - content: |
        apiVersion: apiserver.config.k8s.io/v1beta1
        endpoint: 127.0.0.1:4317
        kind: TracingConfiguration
        samplingRatePerMillion: 10000
      owner: root:root
      path: /etc/kubernetes/tracing-config.yaml
      permissions: "0644"
    initConfiguration:
      patches:
        directory: /etc/kubernetes/kubetrace-patches
    joinConfiguration:
      patches:
        directory: /etc/kubernetes/kubetrace-patches
    users:
    - name: admin
  replicas: 3
  version: v1.36.1
`
	got, warnings, err := clusterapi.ControlPlane(spec("1.36"), mustRead[controlplanev1beta2.KubeadmControlPlane](t, theirs))
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %v", warnings, err)
	}
	text, err := tracing.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestV1beta1IsClean says that what v1beta1 marshals of what nobody set is not there.
func TestV1beta1IsClean(t *testing.T) {
	got, _, err := clusterapi.ControlPlane(spec("1.30"), &controlplanev1beta1.KubeadmControlPlane{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := tracing.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"status", "{}", "null", "[]", "replicas", `version: ""`, "machineTemplate"} {
		if strings.Contains(string(text), word) {
			t.Errorf("%s is there:\n%s", word, text)
		}
	}
	if got.Spec.KubeadmConfigSpec.ClusterConfiguration.APIServer.ExtraArgs["tracing-config-file"] == "" {
		t.Errorf("kube-apiserver is not traced:\n%s", text)
	}
}

func TestConfig(t *testing.T) {
	template, warnings, err := clusterapi.Config(spec("1.36"), &configv1beta2.KubeadmConfigTemplate{})
	if err != nil || len(warnings) != 1 || warnings[0].Path != "metadata.name" || !strings.Contains(warnings[0].Message, "spec.template.spec.bootstrap.configRef.name") {
		t.Fatalf("%v %v", warnings, err)
	}
	if _, again, err := clusterapi.Config(spec("1.36"), template); err != nil || len(again) > 0 {
		t.Errorf("a template that stays as it is: %v %v", again, err)
	}
	got := template.Spec.Template.Spec
	if len(got.Files) != 1 || got.JoinConfiguration.Patches.Directory != "/etc/kubernetes/kubetrace-patches" || got.ClusterConfiguration.IsDefined() {
		t.Errorf("a worker gets %+v", got)
	}
	machine := &configv1beta1.KubeadmConfig{Spec: configv1beta1.KubeadmConfigSpec{JoinConfiguration: &configv1beta1.JoinConfiguration{ControlPlane: &configv1beta1.JoinControlPlane{}}}}
	joins, warnings, err := clusterapi.Config(spec("1.36"), machine)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %v", warnings, err)
	}
	if len(joins.Spec.Files) != 2 || joins.Spec.ClusterConfiguration != nil {
		t.Errorf("a node that joins the control plane gets %+v", joins.Spec)
	}
}

func TestWarnings(t *testing.T) {
	external := `spec: {template: {spec: {kubeadmConfigSpec: {clusterConfiguration: {etcd: {external: {endpoints: ["https://a:2379"], caFile: /a, certFile: /b, keyFile: /c}}}}}}}`
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		base string
		want string
	}{
		{"an etcd of their own", tracing.TracingSpec{KubernetesVersion: "1.36", Etcd: tracing.EtcdSpec{External: true, Version: "3.6.5"}}, external, "etcd is not traced: kubeadm does not run it: give it the flags of etcd.Args"},
		{"a kubelet before 1.25", spec("1.24"), "{}", "kubelet is not traced: kubeletVersion: kubelet 1.24 has no tracing"},
		{"a folder of patches of their own", spec("1.36"), `spec: {template: {spec: {kubeadmConfigSpec: {initConfiguration: {patches: {directory: /p}}}}}}`, "spec.template.spec.kubeadmConfigSpec.initConfiguration.patches.directory: /p: kubeadm merges"},
		{"a tracing file for root alone", spec("1.36"), `spec: {template: {spec: {kubeadmConfigSpec: {files: [{path: /etc/kubernetes/tracing-config.yaml, permissions: "0600", content: "{apiVersion: apiserver.config.k8s.io/v1beta1, kind: TracingConfiguration}"}]}}}}`,
			"spec.template.spec.kubeadmConfigSpec.files[0].permissions: 0600: kube-apiserver does not start where it runs without root"},
		{"a setting that is replaced", spec("1.36"), `spec: {template: {spec: {kubeadmConfigSpec: {clusterConfiguration: {etcd: {local: {extraArgs: [{name: experimental-enable-distributed-tracing, value: "true"}]}}}}}}}`,
			"spec.template.spec.kubeadmConfigSpec.clusterConfiguration.etcd.local.extraArgs[0]: etcd --experimental-enable-distributed-tracing was true"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, warnings, err := clusterapi.ControlPlane(test.spec, mustRead[controlplanev1beta2.KubeadmControlPlaneTemplate](t, test.base))
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, w := range warnings {
				all = append(all, w.String())
			}
			if !strings.Contains(strings.Join(all, "\n"), test.want) {
				t.Errorf("got %q, want %s", all, test.want)
			}
		})
	}
	t.Run("files that others may read, or that root alone reads", func(t *testing.T) {
		base := mustRead[controlplanev1beta2.KubeadmControlPlane](t, `spec: {kubeadmConfigSpec: {files: [{path: /etc/kubernetes/tracing-config.yaml, permissions: "0644", content: "{apiVersion: apiserver.config.k8s.io/v1beta1, kind: TracingConfiguration}"}, {path: /etc/kubernetes/kubetrace-patches/kubeletconfiguration90-kubetrace+strategic.yaml, permissions: "0600", content: "{}"}]}}`)
		if _, warnings, err := clusterapi.ControlPlane(spec("1.36"), base); err != nil || len(warnings) > 0 {
			t.Errorf("%v %v", warnings, err)
		}
	})
}

func TestErrors(t *testing.T) {
	config := func(text string) string {
		return "spec: {template: {spec: {kubeadmConfigSpec: {" + text + "}}}}"
	}
	const at = "spec.template.spec.kubeadmConfigSpec."
	for _, test := range []struct{ name, base, path, message string }{
		{"another file", config(`clusterConfiguration: {apiServer: {extraArgs: {tracing-config-file: /etc/other.yaml}}}`), at + "clusterConfiguration.apiServer.extraArgs[tracing-config-file]", "write apiServer.configFile: /etc/other.yaml into the spec"},
		{"an etcd that the spec does not know of", config(`clusterConfiguration: {etcd: {external: {endpoints: [a], caFile: a, certFile: a, keyFile: a}}}`), at + "clusterConfiguration.etcd.external", "set etcd.external and etcd.version in the spec"},
		{"another kubeadm", config(`clusterConfiguration: {kubernetesVersion: v1.30.0}`), at + "clusterConfiguration.kubernetesVersion", "1.36"},
		{"a file of theirs at the path of the tracing file", config(`files: [{path: /etc/kubernetes/tracing-config.yaml, content: "{apiVersion: apiserver.config.k8s.io/v1beta1, kind: TracingConfiguration, endpoint: 10.0.0.1:4317}"}]`), at + "files[0].content", "endpoint"},
		{"a patch of theirs that sets tracing", config(`files: [{path: /p/kubeletconfiguration99+merge.yaml, content: "tracing: {samplingRatePerMillion: 5}"}], joinConfiguration: {patches: {directory: /p}}`), at + "files[0].content", "tracing.samplingRatePerMillion is 5"},
		{"a file that is appended", config(`files: [{path: /etc/kubernetes/tracing-config.yaml, append: true, content: "a: b"}]`), at + "files[0].append", "take append out"},
		{"a folder that is none", config(`initConfiguration: {patches: {directory: patches}}`), at + "initConfiguration.patches.directory", "absolute path"},
		{"another kind", "kind: Cluster", "kind", "write KubeadmControlPlaneTemplate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := clusterapi.ControlPlane(spec("1.36"), mustRead[controlplanev1beta1.KubeadmControlPlaneTemplate](t, test.base))
			var invalid *clusterapi.InvalidObjectError
			var problem *field.Error
			if !errors.As(err, &invalid) || !errors.As(err, &problem) || problem.Field != test.path || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %v, want %s at %s", err, test.message, test.path)
			}
		})
	}
	t.Run("another release", func(t *testing.T) {
		_, _, err := clusterapi.ControlPlane(spec("1.34"), mustRead[controlplanev1beta2.KubeadmControlPlane](t, theirs))
		var problem *field.Error
		if !errors.As(err, &problem) || problem.Field != "spec.version" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		if _, _, err := clusterapi.Config[*configv1beta2.KubeadmConfig](spec("1.36"), nil); err == nil {
			t.Error("no error")
		}
	})
	t.Run("the spec", func(t *testing.T) {
		var invalid *tracing.InvalidSpecError
		if _, _, err := clusterapi.Config(spec("1.2"), &configv1beta2.KubeadmConfig{}); !errors.As(err, &invalid) {
			t.Errorf("got %v", err)
		}
	})
}

// TestAgreesWithDocuments says that an object and its text become the same, over what
// people write.
func TestAgreesWithDocuments(t *testing.T) {
	files, err := filepath.Glob("../../apply/testdata/corpus/clusterapi/*")
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	objects := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, document := range bytes.Split(text, []byte("\n---\n")) {
			var head struct {
				APIVersion, Kind string
				Spec             struct{ Version string }
			}
			if yaml.Unmarshal(document, &head) != nil {
				continue
			}
			s := spec("1.36")
			if head.Spec.Version != "" {
				s.KubernetesVersion = head.Spec.Version
			}
			switch head.Kind + " " + head.APIVersion[strings.LastIndex(head.APIVersion, "/")+1:] {
			case "KubeadmControlPlane v1beta1":
				agrees(t, s, document, clusterapi.ControlPlane[*controlplanev1beta1.KubeadmControlPlane])
			case "KubeadmControlPlane v1beta2":
				agrees(t, s, document, clusterapi.ControlPlane[*controlplanev1beta2.KubeadmControlPlane])
			case "KubeadmControlPlaneTemplate v1beta1":
				agrees(t, s, document, clusterapi.ControlPlane[*controlplanev1beta1.KubeadmControlPlaneTemplate])
			case "KubeadmControlPlaneTemplate v1beta2":
				agrees(t, s, document, clusterapi.ControlPlane[*controlplanev1beta2.KubeadmControlPlaneTemplate])
			case "KubeadmConfig v1beta1":
				agrees(t, s, document, clusterapi.Config[*configv1beta1.KubeadmConfig])
			case "KubeadmConfigTemplate v1beta1":
				agrees(t, s, document, clusterapi.Config[*configv1beta1.KubeadmConfigTemplate])
			case "KubeadmConfigTemplate v1beta2":
				agrees(t, s, document, clusterapi.Config[*configv1beta2.KubeadmConfigTemplate])
			default:
				continue
			}
			objects++
		}
	}
	if objects < 18 {
		t.Errorf("there were only %d objects", objects)
	}
}

// agrees edits a document as a text and as an object, the object twice.
func agrees[T any](t *testing.T, s tracing.TracingSpec, document []byte, of func(tracing.TracingSpec, *T) (*T, []clusterapi.Warning, error)) {
	t.Helper()
	base := mustRead[T](t, string(document))
	once, _, err := of(s, base)
	result, textErr := apply.Documents(s, document, apply.Options{})
	if err != nil || textErr != nil {
		if (err == nil) != (textErr == nil) {
			t.Errorf("%v and %v:\n%s", err, textErr, document)
		}
		return
	}
	// The JSON of an object has no empty lists.
	if diff := cmp.Diff(mustRead[T](t, string(result.Text)), once, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-text +object):\n%s", diff)
	}
	twice, _, err := of(s, once)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, twice); diff != "" {
		t.Errorf("the second time (-once +twice):\n%s", diff)
	}
	if diff := cmp.Diff(mustRead[T](t, string(document)), base); diff != "" {
		t.Errorf("base was changed:\n%s", diff)
	}
}
