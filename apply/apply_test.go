package apply_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/apply"
	"kubetrace/tracing"
)

const kubeletPart = `---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 10000
`

func spec(version string) tracing.TracingSpec { return tracing.TracingSpec{KubernetesVersion: version} }

// added are documents and what they are with tracing in them.
var added = []struct {
	name     string
	spec     tracing.TracingSpec
	before   string
	after    string
	replaced []apply.Setting
}{
	{
		name: "gates with which kube-proxy does not start",
		spec: spec("1.37"),
		before: `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs # here
featureGates:
  APIServerTracing: true # old
  NFTablesProxyMode: true
`,
		after: `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs # here
featureGates:
  NFTablesProxyMode: true
`,
		replaced: []apply.Setting{{Line: 5, Document: "KubeProxyConfiguration", Name: "featureGates APIServerTracing", Old: "true"}},
	},
	{
		name: "a gate that is named goes before AllBeta",
		spec: spec("1.29"),
		before: `apiVersion: kubeadm.k8s.io/v1beta3
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs: {feature-gates: "KubeletTracing=true,AllBeta=false"}
`,
		after: `apiVersion: kubeadm.k8s.io/v1beta3
kind: JoinConfiguration
nodeRegistration:
  kubeletExtraArgs: {feature-gates: "KubeletTracing=true,AllBeta=false"}
`,
	},
	{
		name: "nothing but the kind",
		spec: spec("1.34"),
		before: `apiVersion: kubeadm.k8s.io/v1beta4 # ours
kind: ClusterConfiguration
`,
		after: `apiVersion: kubeadm.k8s.io/v1beta4 # ours
kind: ClusterConfiguration
apiServer:
  extraArgs:
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
` + kubeletPart,
	},
	{
		name: "flags, gates and volumes are merged",
		spec: spec("1.26"),
		before: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
kubernetesVersion: v1.26.4
apiServer:
    extraArgs:
        feature-gates: "JobPodFailurePolicy=true" # jobs
        v: "2"
    extraVolumes:
    - name: audit
      hostPath: /etc/kubernetes/audit.yaml
      mountPath: /etc/kubernetes/audit.yaml
etcd:
    local:
        dataDir: /var/lib/etcd # here
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
featureGates:
    GracefulNodeShutdown: true
`,
		after: `apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
kubernetesVersion: v1.26.4
apiServer:
    extraArgs:
        feature-gates: JobPodFailurePolicy=true,APIServerTracing=true # jobs
        v: "2"
        tracing-config-file: /etc/kubernetes/tracing-config.yaml
    extraVolumes:
    - name: audit
      hostPath: /etc/kubernetes/audit.yaml
      mountPath: /etc/kubernetes/audit.yaml
    - hostPath: /etc/kubernetes/tracing-config.yaml
      mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      pathType: File
      readOnly: true
etcd:
    local:
        dataDir: /var/lib/etcd # here
        extraArgs:
          experimental-distributed-tracing-address: 127.0.0.1:4317
          experimental-distributed-tracing-service-name: etcd
          experimental-enable-distributed-tracing: "true"
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
featureGates:
    GracefulNodeShutdown: true
    KubeletTracing: true
tracing:
  endpoint: 127.0.0.1:4317
  samplingRatePerMillion: 10000
`,
	},
	{
		name: "what is stale goes",
		spec: tracing.TracingSpec{KubernetesVersion: "1.37", Kubelet: tracing.KubeletSpec{Disabled: true}},
		before: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
  - name: tracing-config-file
    value: /etc/kubernetes/tracing-config.yaml
  - {name: feature-gates, value: APIServerTracing=true}
  extraVolumes:
  - {name: own, hostPath: /etc/kubernetes/tracing-config.yaml, mountPath: /etc/kubernetes/tracing-config.yaml}
controllerManager:
  extraArgs:
  - {name: feature-gates, value: "APIServerTracing=true,A=true"}
etcd:
  local:
    extraArgs:
    - {name: experimental-enable-distributed-tracing, value: "true"} # old
    - {name: experimental-distributed-tracing-address, value: "127.0.0.1:4317"}
    - {name: experimental-distributed-tracing-instance-id, value: "me"}
    - {name: quota-backend-bytes, value: "8589934592"}
    extraEnvs:
    - {name: ETCD_EXPERIMENTAL_ENABLE_DISTRIBUTED_TRACING, value: "true"}
`,
		after: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
apiServer:
  extraArgs:
  - name: tracing-config-file
    value: /etc/kubernetes/tracing-config.yaml
  extraVolumes:
  - {name: own, hostPath: /etc/kubernetes/tracing-config.yaml, mountPath: /etc/kubernetes/tracing-config.yaml}
controllerManager:
  extraArgs:
  - {name: feature-gates, value: "A=true"}
etcd:
  local:
    extraArgs:
    - {name: "enable-distributed-tracing", value: "true"} # old
    - {name: "distributed-tracing-address", value: "127.0.0.1:4317"}
    - {name: "distributed-tracing-instance-id", value: "me"}
    - {name: quota-backend-bytes, value: "8589934592"}
    - name: distributed-tracing-service-name
      value: etcd
    - name: distributed-tracing-sampling-rate
      value: "10000"
    extraEnvs:
    - {name: ETCD_EXPERIMENTAL_ENABLE_DISTRIBUTED_TRACING, value: "true"}
`,
		replaced: []apply.Setting{
			{Line: 16, Document: "ClusterConfiguration", Name: "etcd --experimental-enable-distributed-tracing", Old: "true", New: "--enable-distributed-tracing=true"},
			{Line: 17, Document: "ClusterConfiguration", Name: "etcd --experimental-distributed-tracing-address", Old: "127.0.0.1:4317", New: "--distributed-tracing-address=127.0.0.1:4317"},
			{Line: 18, Document: "ClusterConfiguration", Name: "etcd --experimental-distributed-tracing-instance-id", Old: "me", New: "--distributed-tracing-instance-id=me"},
			{Line: 7, Document: "ClusterConfiguration", Name: "kube-apiserver --feature-gates APIServerTracing", Old: "true"},
			{Line: 12, Document: "ClusterConfiguration", Name: "kube-controller-manager --feature-gates APIServerTracing", Old: "true"},
		},
	},
	{
		name: "external etcd",
		spec: tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: "3.6.5"}, APIServer: tracing.APIServerSpec{Disabled: true}, Kubelet: tracing.KubeletSpec{Disabled: true}},
		before: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd: {external: {endpoints: ["https://192.0.2.1:2379"]}}
`,
		after: `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
etcd: {external: {endpoints: ["https://192.0.2.1:2379"]}}
`,
	},
	{
		name:   "the file of kube-apiserver",
		spec:   spec("1.34"),
		before: "apiVersion: apiserver.config.k8s.io/v1alpha1\nkind: TracingConfiguration\nendpoint: 127.0.0.1:4317\n",
		after:  "apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\nendpoint: 127.0.0.1:4317\nsamplingRatePerMillion: 10000\n",
		replaced: []apply.Setting{
			{Line: 1, Document: "TracingConfiguration", Name: "apiVersion", Old: "apiserver.config.k8s.io/v1alpha1", New: "apiserver.config.k8s.io/v1beta1"},
		},
	},
	{
		name: "a static pod of etcd",
		spec: spec("1.34"),
		before: `apiVersion: v1
kind: Pod
metadata: {name: etcd}
spec:
  containers:
  - command:
    - etcd
    - --data-dir=/var/lib/etcd
    - --experimental-enable-distributed-tracing
    - --name
    - n1
    image: registry.k8s.io/etcd:3.6.5-0
    name: etcd
`,
		after: `apiVersion: v1
kind: Pod
metadata: {name: etcd}
spec:
  containers:
  - command:
    - etcd
    - --data-dir=/var/lib/etcd
    - --enable-distributed-tracing=true
    - --name
    - n1
    - --distributed-tracing-address=127.0.0.1:4317
    - --distributed-tracing-service-name=etcd
    - --distributed-tracing-sampling-rate=10000
    image: registry.k8s.io/etcd:3.6.5-0
    name: etcd
`,
		replaced: []apply.Setting{
			{Line: 9, Document: "Pod", Name: "etcd --experimental-enable-distributed-tracing", Old: "true", New: "--enable-distributed-tracing=true"},
		},
	},
	{
		name: "a static pod of kube-apiserver",
		spec: spec("1.34"),
		before: `apiVersion: v1
kind: Pod
spec:
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --v=2]
    volumeMounts:
    - {name: k8s-certs, mountPath: /etc/kubernetes/pki}
  volumes:
  - name: k8s-certs
    hostPath: {path: /etc/kubernetes/pki}
`,
		after: `apiVersion: v1
kind: Pod
spec:
  containers:
  - name: kube-apiserver
    command: [kube-apiserver, --v=2, "--tracing-config-file=/etc/kubernetes/tracing-config.yaml"]
    volumeMounts:
    - {name: k8s-certs, mountPath: /etc/kubernetes/pki}
    - mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      readOnly: true
  volumes:
  - name: k8s-certs
    hostPath: {path: /etc/kubernetes/pki}
  - hostPath:
      path: /etc/kubernetes/tracing-config.yaml
      type: File
    name: tracing-config
`,
	},
	{
		name: "a kind cluster",
		spec: spec("1.34"),
		before: `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
  image: kindest/node:v1.34.0 # pinned
  extraPortMappings: []
featureGates: {A: true}
kubeadmConfigPatches:
- |
  kind: ClusterConfiguration # own
  etcd:
    local:
      extraArgs:
        experimental-enable-distributed-tracing: "true"
`,
		after: `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
- role: control-plane
  image: kindest/node:v1.34.0 # pinned
  extraPortMappings: []
  extraMounts:
    - containerPath: /etc/kubernetes/tracing-config.yaml
      hostPath: /out/apiserver/tracing-config.yaml
      readOnly: true
featureGates: {A: true}
kubeadmConfigPatches:
- |
  apiServer:
    extraArgs:
      tracing-config-file: /etc/kubernetes/tracing-config.yaml
    extraVolumes:
    - hostPath: /etc/kubernetes/tracing-config.yaml
      mountPath: /etc/kubernetes/tracing-config.yaml
      name: tracing-config
      pathType: File
      readOnly: true
  etcd:
    local:
      extraArgs:
        distributed-tracing-address: 127.0.0.1:4317
        distributed-tracing-sampling-rate: "10000"
        distributed-tracing-service-name: etcd
        enable-distributed-tracing: "true"
  kind: ClusterConfiguration
- |
  kind: KubeletConfiguration
  tracing:
    endpoint: 127.0.0.1:4317
    samplingRatePerMillion: 10000
- |
  kind: ClusterConfiguration # own
`,
		replaced: []apply.Setting{
			{Line: 9, Document: "ClusterConfiguration in kubeadmConfigPatches", Name: "etcd --experimental-enable-distributed-tracing", Old: "true", New: "--enable-distributed-tracing=true"},
		},
	},
}

var hostDir = apply.Options{HostDir: "/out"}

func TestDocuments(t *testing.T) {
	for _, test := range added {
		for _, ends := range []string{"\n", "\r\n"} {
			t.Run(test.name, func(t *testing.T) {
				before, after := strings.ReplaceAll(test.before, "\n", ends), strings.ReplaceAll(test.after, "\n", ends)
				got, err := apply.Documents(test.spec, []byte(before), hostDir)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(after, string(got.Text)); diff != "" {
					t.Errorf("text (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(test.replaced, got.Replaced); diff != "" {
					t.Errorf("replaced (-want +got):\n%s", diff)
				}
				again, err := apply.Documents(test.spec, got.Text, hostDir)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(got.Text), string(again.Text)); diff != "" || len(again.Receipt.Edits) > 0 || len(again.Replaced) > 0 {
					t.Errorf("the second time %v (-first +second):\n%s", again.Replaced, diff)
				}
				undone, err := apply.Undo(got.Text, got.Receipt)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(before, string(undone)); diff != "" {
					t.Errorf("undone (-before +after):\n%s", diff)
				}
			})
		}
	}
}

func TestRemove(t *testing.T) {
	for _, test := range added {
		t.Run(test.name, func(t *testing.T) {
			got, err := apply.Remove(test.spec, []byte(test.after), hostDir)
			if err != nil {
				t.Fatal(err)
			}
			for _, ours := range []string{"127.0.0.1:4317", "tracing-config-file", "name: tracing-config", "APIServerTracing", "KubeletTracing: true", "enable-distributed-tracing"} {
				if strings.Contains(string(got.Text), ours) && !strings.Contains(test.after, "kind: TracingConfiguration") {
					t.Errorf("%s is left:\n%s", ours, got.Text)
				}
			}
			back, err := apply.Undo(got.Text, got.Receipt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, string(back)); diff != "" {
				t.Errorf("put back (-want +got):\n%s", diff)
			}
		})
	}
}

const clusterHead = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"

func TestConflicts(t *testing.T) {
	for _, test := range []struct{ name, text, says, overwritten string }{
		{"endpoint", clusterHead + "etcd: {local: {extraArgs: [{name: distributed-tracing-address, value: \"10.0.0.1:4317\"}]}}\n",
			"line 3: ClusterConfiguration: etcd --distributed-tracing-address is 10.0.0.1:4317 and the spec says 127.0.0.1:4317", "127.0.0.1:4317"},
		{"file", clusterHead + "apiServer:\n  extraArgs:\n  - name: tracing-config-file\n    value: /x\n",
			"line 5: ClusterConfiguration: kube-apiserver --tracing-config-file is /x and the spec says /etc/kubernetes/tracing-config.yaml", "value: /etc/kubernetes/tracing-config.yaml"},
		{"volume", clusterHead + "apiServer:\n  extraVolumes:\n  - {name: tracing-config, hostPath: /x, mountPath: /x}\n",
			"apiServer.extraVolumes tracing-config is /x at /x and", "mountPath: \"/etc/kubernetes/tracing-config.yaml"},
		{"gate", clusterHead + "apiServer:\n  extraArgs:\n  - {name: feature-gates, value: \"APIServerTracing=false,A=true\"}\n",
			"kube-apiserver --feature-gates APIServerTracing is false and the spec says true", "A=true"},
		{"rate", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ntracing: {samplingRatePerMillion: 7}\n",
			"line 3: KubeletConfiguration: tracing.samplingRatePerMillion is 7 and the spec says 10000", "samplingRatePerMillion: 10000"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := apply.Documents(spec("1.34"), []byte(test.text), apply.Options{})
			var conflict *apply.ConflictError
			if !errors.As(err, &conflict) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("got %v, want %s", err, test.says)
			}
			got, err := apply.Documents(spec("1.34"), []byte(test.text), apply.Options{Overwrite: true})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got.Text), test.overwritten) || len(got.Replaced) != 1 {
				t.Errorf("replaced %v:\n%s", got.Replaced, got.Text)
			}
			if again, err := apply.Documents(spec("1.34"), got.Text, apply.Options{}); err != nil || len(again.Receipt.Edits) > 0 {
				t.Errorf("the second time: %v %v", err, again.Receipt)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	external := spec("1.34")
	external.Etcd = tracing.EtcdSpec{External: true, Version: "3.6.5"}
	for name, test := range map[string]struct {
		spec tracing.TracingSpec
		text string
		says string
	}{
		"no YAML":           {spec("1.34"), "a: 1\nb: c: d\n", "line 2, column 5: "},
		"no apiVersion":     {spec("1.34"), "a: b\n---\nkind: ClusterConfiguration\n", "line 3: ClusterConfiguration: apiVersion: it is missing: write that of kubeadm.k8s.io"},
		"nothing":           {spec("1.34"), "# nothing\n", "no document that can be traced, there is nothing with a kind: give"},
		"other kinds":       {spec("1.34"), "apiVersion: v1\nkind: Service\n", "there is Service of v1: give"},
		"a ConfigMap":       {spec("1.34"), "apiVersion: v1\nkind: ConfigMap\n", "give that text, data.ClusterConfiguration"},
		"v1beta2":           {spec("1.34"), "apiVersion: kubeadm.k8s.io/v1beta2\nkind: ClusterConfiguration\n", "line 1: ClusterConfiguration: kubeadm 1.34 does not read kubeadm.k8s.io/v1beta2: run kubeadm config migrate --old-config OLD --new-config NEW with kubeadm 1.26"},
		"v1beta2, twice":    {spec("1.37"), "apiVersion: kubeadm.k8s.io/v1beta2\nkind: InitConfiguration\n", "with kubeadm 1.26, and then with kubeadm 1.36"},
		"v1beta3":           {spec("1.37"), "apiVersion: kubeadm.k8s.io/v1beta3\nkind: JoinConfiguration\n", "with kubeadm 1.36"},
		"too new":           {spec("1.29"), clusterHead, "kubeadm 1.29 does not read kubeadm.k8s.io/v1beta4: write it in kubeadm.k8s.io/v1beta3, which it reads"},
		"much too old":      {spec("1.31"), "apiVersion: kubeadm.k8s.io/v1beta1\nkind: ClusterConfiguration\n", "kubeadm 1.31 does not read kubeadm.k8s.io/v1beta1: write it in kubeadm.k8s.io/v1beta3 or kubeadm.k8s.io/v1beta4, which it reads"},
		"an experiment":     {spec("1.38"), "apiVersion: kubeadm.k8s.io/v1\nkind: ClusterConfiguration\n", "kubeadm 1.38 does not read kubeadm.k8s.io/v1: write it in kubeadm.k8s.io/v1beta4, which it reads"},
		"ClusterStatus":     {spec("1.37"), "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ResetConfiguration\n", "ResetConfiguration: kubeadm 1.37 does not read"},
		"another minor":     {spec("1.34"), clusterHead + "kubernetesVersion: v1.33.1\n", "line 3: ClusterConfiguration: kubernetesVersion v1.33.1: this is Kubernetes 1.33 and the spec says 1.34"},
		"external":          {spec("1.34"), clusterHead + "etcd:\n  external: {endpoints: [a]}\n", "set etcd.external and etcd.version in the spec"},
		"not external":      {external, clusterHead, "take etcd.external out of the spec"},
		"etcd's image":      {spec("1.33"), clusterHead + "etcd: {local: {imageTag: v3.6.1}}\n", "etcd.local.imageTag v3.6.1: the spec's flags are for etcd 3.5.21 to 3.5.24, and this one takes others: write etcd.imageTag: v3.6.1 in the spec"},
		"untraced etcd":     {spec("1.26"), "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\netcd: {local: {imageTag: 3.5.1-0}}\n", "etcd.local.imageTag 3.5.1-0: this etcd cannot be traced as it is (before 3.5.5 etcd's tracing samples"},
		"flags":             {spec("1.34"), clusterHead + "apiServer: {extraArgs: 7}\n", "apiServer.extraArgs 7: these are no flags"},
		"gates":             {spec("1.34"), clusterHead + "apiServer: {extraArgs: [{name: feature-gates, value: A}]}\n", `"A" is no feature gate`},
		"no mapping":        {spec("1.34"), clusterHead + "apiServer: 7\n", "apiServer 7: this is no mapping"},
		"AllBeta":           {spec("1.29"), "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates: {AllBeta: false}\n", "write KubeletTracing=true beside it, or take it out: AllBeta=false switches off KubeletTracing, and with it the tracing of kubelet"},
		"AllBeta as a flag": {spec("1.29"), "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer: {extraArgs: {feature-gates: \"AllBeta=false,KubeletTracing=true\"}}\n", "line 3: ClusterConfiguration: kube-apiserver --feature-gates AllBeta false: write APIServerTracing=true beside it, or take it out: AllBeta=false switches off APIServerTracing"},
		"kind's gates":      {spec("1.34"), "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nfeatureGates: {APIServerTracing: false}\n", "featureGates APIServerTracing is false and the spec says true"},
		"kind's host":       {spec("1.34"), "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n", "hostDir is Options.HostDir"},
		"the spec":          {spec("1.1"), clusterHead, "kubernetesVersion"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := apply.Documents(test.spec, []byte(test.text), apply.Options{})
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %s", err, test.says)
			}
			if got.Text != nil {
				t.Errorf("there is a text:\n%s", got.Text)
			}
		})
	}
}

func TestUndoElsewhere(t *testing.T) {
	before := "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 100\n"
	got, err := apply.Documents(spec("1.34"), []byte(before), apply.Options{})
	if err != nil {
		t.Fatal(err)
	}
	now := string(got.Text)
	for _, test := range []struct{ name, now, want string }{
		{"a line before", strings.Replace(now, "maxPods: 100", "# more\nmaxPods: 110", 1), strings.Replace(before, "maxPods: 100", "# more\nmaxPods: 110", 1)},
		{"a line behind", now + "podPidsLimit: 9\n", before + "podPidsLimit: 9\n"},
		{"the edit", strings.Replace(now, "4317", "4318", 1), ""},
		{"the edit is gone", before, ""},
	} {
		undone, err := apply.Undo([]byte(test.now), got.Receipt)
		var changed *apply.ChangedError
		if (test.want == "") != errors.As(err, &changed) || string(undone) != test.want {
			t.Errorf("%s: got %q, %v", test.name, undone, err)
		}
	}
}

func TestDeletions(t *testing.T) {
	got, err := apply.Deletions(spec("1.34"))
	if err != nil || len(got) == 0 {
		t.Fatal(got, err)
	}
	if kind := got[len(got)-1].GetObjectKind().GroupVersionKind().Kind; kind != "Namespace" {
		t.Errorf("the last is %s, which others are in", kind)
	}
	if _, err := apply.Deletions(spec("1.1")); err == nil {
		t.Error("no error for no spec")
	}
}

// TestFrom edits what kubeadm has stored before an upgrade.
func TestFrom(t *testing.T) {
	to := spec("1.34")
	to.Etcd.ImageTag = "3.6.5-0"
	stored := `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.33.4
etcd:
  local:
    imageTag: 3.5.21-0
`
	if _, err := apply.Documents(to, []byte(stored), apply.Options{}); err == nil {
		t.Error("another minor release, and no error")
	}
	got, err := apply.Documents(to, []byte(stored), apply.Options{From: "1.33", NoNewDocument: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, says := range []string{"kubernetesVersion: v1.33.4\n", "imageTag: 3.6.5-0\n", "- name: enable-distributed-tracing"} {
		if !strings.Contains(string(got.Text), says) {
			t.Errorf("it does not say %q:\n%s", says, got.Text)
		}
	}
	if strings.Contains(string(got.Text), "KubeletConfiguration") {
		t.Errorf("there is a new document:\n%s", got.Text)
	}
	if want := []apply.Setting{{Line: 6, Document: "ClusterConfiguration", Name: "etcd.local.imageTag", Old: "3.5.21-0", New: "3.6.5-0"}}; !cmp.Equal(want, got.Replaced) {
		t.Errorf("replaced %v", got.Replaced)
	}
	if _, err := apply.Documents(to, []byte(stored), apply.Options{From: "1.3"}); err == nil {
		t.Error("1.33 is not 1.3")
	}
}
