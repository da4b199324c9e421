package apply_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"kubetrace/apply"
	"kubetrace/tracing"
)

const (
	v1beta3Head = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n"
	initHead    = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n"
	kindHead    = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
	fileHead    = "apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\n"

	noEtcd    = "untraced etcd: no document here configures it: give a ClusterConfiguration, a kind Cluster, a KubeadmControlPlane, a ClusterConfig of k0s, a Cluster of k0sctl or the static Pod of etcd"
	noServer  = "untraced kube-apiserver: no document here configures it: give a ClusterConfiguration, a kind Cluster, a KubeadmControlPlane, a ClusterConfig of k0s, a Cluster of k0sctl or the static Pod of kube-apiserver"
	noKubelet = "untraced kubelet: no document here configures it: give a KubeletConfiguration, a ClusterConfiguration, a kind Cluster, a KubeadmConfigTemplate, a ClusterConfig of k0s or a Cluster of k0sctl"
	oldEtcd   = "untraced etcd: etcd.imageTag: it may be etcd 3.5.4, and before 3.5.5 tracing samples everything and leaks memory"

	voidEtcd = ": with it etcd passes over all its other flags and variables: take it out, or disable etcd in the spec for this document and write these fields into the file: "
	fields37 = "enable-distributed-tracing: true, distributed-tracing-address: 127.0.0.1:4317, distributed-tracing-service-name: etcd, distributed-tracing-sampling-rate: 10000"
	fields35 = "experimental-enable-distributed-tracing: true, experimental-distributed-tracing-address: 127.0.0.1:4317, experimental-distributed-tracing-service-name: etcd"

	overTLS  = " and the spec says nothing: take it out: with it the spans are sent over TLS, and the collector on the node has no certificate, or set Options.Overwrite"
	tooShort = " and the spec says nothing: take it out, or write 1000 or more: it is in milliseconds, and no span is delivered within so few, or set Options.Overwrite"
)

// outcomes are documents and all that is said of them, a line each.
var outcomes = []struct {
	name string
	// spec is of the release, unless it is given.
	release   string
	spec      tracing.TracingSpec
	overwrite bool
	text      string
	want      []string
	// has and not are parts of the text after.
	has, not []string
}{
	// kubeadm's own gates
	{
		name: "gates of components among kubeadm's", release: "1.29", text: v1beta3Head + "featureGates:\n  APIServerTracing: true\n  KubeletTracing: false\n  RootlessControlPlane: true\n",
		want: []string{
			`replaced in line 4, ClusterConfiguration: featureGates.APIServerTracing=true, now ""`,
			`replaced in line 5, ClusterConfiguration: featureGates.KubeletTracing=false, now ""`,
		},
		has: []string{"featureGates:\n  RootlessControlPlane: true\n"}, not: []string{"APIServerTracing", "KubeletTracing"},
	},
	{
		name: "nothing else among kubeadm's", release: "1.37", text: clusterHead + "featureGates: {APIServerTracing: true}\n",
		want: []string{`replaced in line 3, ClusterConfiguration: featureGates.APIServerTracing=true, now ""`}, not: []string{"featureGates"},
	},

	// what makes etcd pass over its flags
	{
		name: "etcd's file, in a list", release: "1.34", text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - name: config-file\n      value: /etc/etcd.yaml\n",
		want: []string{"error: line 6: ClusterConfiguration: etcd --config-file /etc/etcd.yaml" + voidEtcd + fields37},
	},
	{
		name: "etcd's file, in a map beside a flag", release: "1.29", overwrite: true, text: v1beta3Head + "etcd: {local: {extraArgs: {config-file: /e, experimental-enable-distributed-tracing: \"false\"}}}\n",
		want: []string{"error: line 3: ClusterConfiguration: etcd --config-file /e" + voidEtcd + fields35},
	},
	{
		name: "etcd's file, as a variable", release: "1.34", overwrite: true, text: clusterHead + "etcd:\n  local:\n    extraEnvs:\n    - {name: A, value: b}\n    - {name: ETCD_CONFIG_FILE, value: /e}\n",
		want: []string{"error: line 7: ClusterConfiguration: etcd ETCD_CONFIG_FILE /e" + voidEtcd + fields37},
	},
	{
		name: "etcd's file, as a variable from elsewhere", release: "1.34", overwrite: true, text: etcdPod + "    command: [etcd]\n    env:\n    - name: ETCD_CONFIG_FILE\n      valueFrom: {configMapKeyRef: {name: a, key: b}}\n",
		want: []string{"error: line 8: Pod: etcd ETCD_CONFIG_FILE from elsewhere" + voidEtcd + fields37},
	},
	{
		name: "etcd's file, in a patch", release: "1.34", text: kindHead + "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  etcd: {local: {extraArgs: {config-file: /e}}}\n",
		want: []string{"error: line 4: ClusterConfiguration in kubeadmConfigPatches: etcd --config-file /e" + voidEtcd + fields37},
	},
	{
		name: "an empty variable names no file", release: "1.34", text: etcdPod + "    command: [etcd]\n    env:\n    - {name: ETCD_CONFIG_FILE, value: \"\"}\n",
		want: []string{noServer, noKubelet}, has: []string{"--enable-distributed-tracing=true"},
	},

	// which etcd it is
	{name: "an etcd of kubeadm's range", release: "1.29", text: v1beta3Head + "etcd: {local: {imageTag: 3.5.12-0}}\n", has: []string{"experimental-enable-distributed-tracing"}},
	{name: "an etcd beyond the range, with the same flags", release: "1.29", text: v1beta3Head + "etcd: {local: {imageTag: 3.5.21-0}}\n", has: []string{"experimental-enable-distributed-tracing"}},
	{
		name: "an etcd with other flags", release: "1.29", text: v1beta3Head + "etcd:\n  local:\n    imageTag: 3.6.5-0\n",
		want: []string{"error: line 5: ClusterConfiguration: etcd.local.imageTag 3.6.5-0: the spec's flags are for etcd 3.5.10 to 3.5.16, and this one takes others: write etcd.imageTag: 3.6.5-0 in the spec"},
	},
	{
		name: "a pod of an etcd with other flags", release: "1.34", text: etcdPod + "    image: registry.k8s.io/etcd:3.5.10-0\n    command: [etcd]\n",
		want: []string{"error: line 6: Pod: spec.containers[0].image 3.5.10-0: the spec's flags are for etcd 3.6.4 to 3.6.6, and this one takes others: write etcd.imageTag: 3.5.10-0 in the spec"},
	},
	{name: "an etcd that is not traced", release: "1.25", text: v1beta3Head + "etcd: {local: {imageTag: 3.5.4-0}}\n", want: []string{oldEtcd}, not: []string{"distributed-tracing"}},
	{
		name: "a pod of an etcd that is not traced", release: "1.25", text: etcdPod + "    image: registry.k8s.io/etcd:3.5.4-0\n    command: [etcd, --data-dir=/var/lib/etcd]\n",
		want: []string{oldEtcd, noServer, noKubelet}, not: []string{"distributed-tracing"},
	},
	{
		name: "an etcd that cannot be traced", release: "1.29", text: v1beta3Head + "etcd: {local: {imageTag: 3.5.4-0}}\n",
		want: []string{"error: line 3: ClusterConfiguration: etcd.local.imageTag 3.5.4-0: this etcd cannot be traced as it is (before 3.5.5 etcd's tracing samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990): write 3.5.11 or later, or set etcd.disabled): take it out, or write an etcd that can be traced, here and as etcd.imageTag in the spec"},
	},
	{
		name: "a pod of an etcd that cannot be traced", release: "1.29", text: etcdPod + "    image: registry.k8s.io/etcd:3.5.4-0\n    command: [etcd]\n",
		want: []string{"error: line 6: Pod: spec.containers[0].image 3.5.4-0: this etcd cannot be traced as it is (before 3.5.5 etcd's tracing samples every request and leaks about a gigabyte an hour (etcd-io/etcd#13990): write 3.5.11 or later, or set etcd.disabled): write the image of one that can be traced"},
	},
	{
		name: "a version decides no image", spec: tracing.TracingSpec{KubernetesVersion: "1.29", Etcd: tracing.EtcdSpec{Version: "3.5.11"}}, text: v1beta3Head,
		has: []string{"experimental-enable-distributed-tracing"}, not: []string{"sampling-rate"},
	},
	{
		name: "an image decides", spec: tracing.TracingSpec{KubernetesVersion: "1.29", Etcd: tracing.EtcdSpec{ImageTag: "3.5.11-0"}}, text: v1beta3Head,
		has: []string{"imageTag: 3.5.11-0", "experimental-distributed-tracing-sampling-rate: \"10000\""},
	},
	{
		name: "a flag that no etcd has", release: "1.37", text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - {name: distributed-tracing-sampling, value: \"5\"}\n",
		want: []string{`replaced in line 6, ClusterConfiguration: etcd --distributed-tracing-sampling=5, now ""`}, has: []string{"distributed-tracing-sampling-rate\n      value: \"10000\""}, not: []string{"sampling,"},
	},
	{
		name: "a variable that no etcd reads", release: "1.37", text: clusterHead + "etcd:\n  local:\n    extraEnvs:\n    - {name: ETCD_DISTRIBUTED_TRACING_SAMPLING, value: \"5\"}\n",
		has: []string{"{name: ETCD_DISTRIBUTED_TRACING_SAMPLING, value: \"5\"}"},
	},
	{
		name: "a flag in the old spelling in a patch", release: "1.34", text: kindHead + "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  etcd: {local: {extraArgs: {experimental-distributed-tracing-instance-id: a}}}\n",
		want: []string{`replaced in line 4, ClusterConfiguration in kubeadmConfigPatches: etcd --experimental-distributed-tracing-instance-id=a, now "--distributed-tracing-instance-id=a"`},
		has:  []string{"distributed-tracing-instance-id"}, not: []string{"experimental"},
	},

	// gates within each other
	{
		name: "a truth value in the words of YAML 1.1", release: "1.26", text: kubeletHead + "featureGates: {KubeletTracing: yes, A: on}\n",
		want: []string{noEtcd, noServer}, has: []string{"featureGates: {KubeletTracing: yes, A: on}\n"},
	},
	{
		name: "a text in place of a truth value", release: "1.26", text: kubeletHead + "featureGates:\n  KubeletTracing: \"yes\"\n  A: \"true\"\n",
		want: []string{`replaced in line 4, KubeletConfiguration: featureGates KubeletTracing="yes", now "true"`, noEtcd, noServer}, has: []string{"  KubeletTracing: true\n  A: \"true\"\n"},
	},
	{
		name: "flags of etcd that are not of tracing", release: "1.37", text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - {name: experimental-compaction-batch-limit, value: \"1\"}\n",
		want: []string{"unread in line 6, ClusterConfiguration: etcd --experimental-compaction-batch-limit=1"},
	},
	{
		name: "a flag with its dashes", release: "1.34", text: clusterHead + "etcd:\n  local:\n    extraArgs:\n    - {name: --enable-distributed-tracing, value: \"true\"}\n    - {name: \"-v\", value: \"1\"}\n",
		want: []string{"error: line 6: ClusterConfiguration: etcd.local.extraArgs --enable-distributed-tracing: write enable-distributed-tracing: kubeadm puts two dashes before the name, and letters are read in their own case"},
	},
	{
		name: "a flag in other letters", release: "1.29", text: v1beta3Head + "apiServer:\n  extraArgs:\n    Feature-Gates: A=true\n",
		want: []string{"error: line 5: ClusterConfiguration: apiServer.extraArgs Feature-Gates: write feature-gates: kubeadm puts two dashes before the name, and letters are read in their own case"},
	},
	{
		name: "a version of the kubelet's API that is none", release: "1.34", text: "apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n",
		want: []string{"error: line 1: KubeletConfiguration: apiVersion kubelet.config.k8s.io/v1: write kubelet.config.k8s.io/v1beta1: there is no other version of this document"},
	},
	{
		name: "a file of ours in an earlier folder", release: "1.34", text: kindHead + "nodes:\n- extraMounts:\n  - {hostPath: /earlier/apiserver/tracing-config.yaml, containerPath: /etc/kubernetes/tracing-config.yaml, readOnly: true}\n",
		want: []string{`replaced in line 5, Cluster: nodes[0].extraMounts[0]=/earlier/apiserver/tracing-config.yaml, now "/out/apiserver/tracing-config.yaml"`},
	},
	{
		name: "a template that YAML reads", release: "1.34", text: clusterHead + "kubernetesVersion: ${VERSION}\n",
		want: []string{"error: line 3: ClusterConfiguration: kubernetesVersion ${VERSION}: ${VERSION} is a template: render the template first"},
	},
	{
		name: "a version that is none", release: "1.34", text: clusterHead + "kubernetesVersion: newest\n",
		want: []string{"error: line 3: ClusterConfiguration: kubernetesVersion newest: this is no version: write v1.34.0, or the version that kubeadm is to install"},
	},
	{name: "labels of versions", release: "1.34", text: clusterHead + "kubernetesVersion: ci/latest-1.34\n", has: []string{"kubernetesVersion: ci/latest-1.34\n"}},
	{
		name: "a folder of patches for an upgrade", release: "1.34", text: clusterHead + "---\napiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\napply: {patches: {directory: /p}}\nnode:\n  patches:\n    directory: /n\n",
		want: []string{"unread in line 6, UpgradeConfiguration: apply.patches.directory=/p", "unread in line 9, UpgradeConfiguration: node.patches.directory=/n"},
	},
	{
		name: "a patch that deletes the file's volume", release: "1.34", text: kindHead + "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer: {extraVolumes: null}\n",
		want: []string{"error: line 4: ClusterConfiguration in kubeadmConfigPatches: apiServer.extraVolumes null: it deletes what tracing needs: take it out"},
	},
	{name: "a node with all defaults", release: "1.34", text: kindHead + "nodes: [null]\n", has: []string{"image"}},
	{
		name: "a JSON patch that writes a number for a document", release: "1.34", text: kindHead + "kubeadmConfigPatchesJSON6902:\n- group: kubeadm.k8s.io\n  version: v1beta3\n  kind: ClusterConfiguration\n  patch: |\n    - {op: add, path: \"\", value: 5}\n",
		want: []string{"error: line 7: Cluster: kubeadmConfigPatchesJSON6902[0].patch: the operation \"add\" writes a whole document, and its value is no mapping: write one"},
	},
	{
		name: "gates of others in an earlier patch of ours", release: "1.25", text: kindHead + "kubeadmConfigPatches:\n- |\n  apiServer:\n    extraArgs:\n      feature-gates: APIServerTracing=true,Own=true\n      tracing-config-file: /etc/kubernetes/tracing-config.yaml\n    extraVolumes:\n    - hostPath: /etc/kubernetes/tracing-config.yaml\n      mountPath: /etc/kubernetes/tracing-config.yaml\n      name: tracing-config\n      pathType: File\n      readOnly: true\n  kind: ClusterConfiguration\n",
		want: []string{`replaced in line 4, Cluster: kubeadmConfigPatches[0]=an earlier patch of tracing with Own=true, which the cluster's featureGates do not have, now "that of the spec"`, oldEtcd}, not: []string{"Own"},
	},
	{name: "AllBeta with the gate of kube-apiserver", release: "1.33", text: clusterHead + "apiServer:\n  extraArgs:\n  - name: feature-gates\n    value: AllBeta=false,APIServerTracing=true\n", has: []string{"value: AllBeta=false,APIServerTracing=true\n"}},
	{
		name: "a gate that the older kubelet does not know", spec: tracing.TracingSpec{KubernetesVersion: "1.26", KubeletVersion: "1.24"}, text: kubeletHead + "featureGates: {KubeletTracing: true, A: true}\n",
		want: []string{`replaced in line 3, KubeletConfiguration: featureGates KubeletTracing=true, now ""`, noEtcd, noServer, "untraced kubelet: kubeletVersion: kubelet 1.24 has no tracing, which came with 1.25"},
		has:  []string{"featureGates: {A: true}\n"},
	},
	{
		name: "a gate of a cluster that is gone", release: "1.37", text: kindHead + "featureGates: {APIServerTracing: true, KubeletTracing: true}\n",
		want: []string{`replaced in line 3, Cluster: featureGates APIServerTracing=true, now ""`}, has: []string{"featureGates: {KubeletTracing: true}\n"},
	},

	// what is not traced, and what is not read
	{
		name: "an InitConfiguration alone", release: "1.34", text: initHead + "patches:\n  directory: /etc/kubernetes/patches\n",
		want: []string{"unread in line 4, InitConfiguration: patches.directory=/etc/kubernetes/patches", noEtcd, noServer, noKubelet},
	},
	{name: "a KubeletConfiguration alone", release: "1.34", text: kubeletHead, want: []string{noEtcd, noServer}},
	{name: "a kubelet that has no tracing", release: "1.24", text: v1beta3Head, want: []string{
		"untraced etcd: etcd.imageTag: it may be etcd 3.5.3, and before 3.5.5 tracing samples everything and leaks memory",
		"untraced kubelet: kubeletVersion: kubelet 1.24 has no tracing, which came with 1.25",
	}},
	{
		name: "an etcd that others run", spec: tracing.TracingSpec{KubernetesVersion: "1.34", Etcd: tracing.EtcdSpec{External: true, Version: "3.6.5"}}, text: clusterHead + "etcd: {external: {endpoints: [a]}}\n",
		want: []string{"untraced etcd: kubeadm does not run it: give it the flags of etcd.Args where it runs"},
	},
	{
		name: "an egress selector", release: "1.34", text: clusterHead + "apiServer:\n  extraArgs:\n  - name: egress-selector-config-file\n    value: /e.yaml\n",
		want: []string{"unread in line 5, ClusterConfiguration: kube-apiserver --egress-selector-config-file=/e.yaml"},
	},
	{
		name: "an egress selector of a pod", release: "1.34", text: pod + "    command: [kube-apiserver, --egress-selector-config-file=/e.yaml]\n",
		want: []string{"unread in line 6, Pod: kube-apiserver --egress-selector-config-file=/e.yaml", noEtcd, noKubelet},
	},
	{
		name: "both in patches", release: "1.34", text: kindHead + "kubeadmConfigPatches:\n- '{kind: InitConfiguration, patches: {directory: /p}}'\n- '{kind: ClusterConfiguration, apiServer: {extraArgs: {egress-selector-config-file: /e}}}'\n",
		want: []string{"unread in line 4, InitConfiguration in kubeadmConfigPatches: patches.directory=/p", "unread in line 5, ClusterConfiguration in kubeadmConfigPatches: kube-apiserver --egress-selector-config-file=/e"},
	},

	// variables of the exporter
	{
		name: "variables that undo tracing", release: "1.34", text: clusterHead + "apiServer:\n  extraEnvs:\n  - {name: OTEL_EXPORTER_OTLP_CERTIFICATE, value: /ca.pem}\n  - {name: OTEL_EXPORTER_OTLP_TIMEOUT, value: \"1\"}\netcd:\n  local:\n    extraEnvs:\n    - {name: OTEL_EXPORTER_OTLP_TRACES_TIMEOUT, value: \"1\"}\n",
		want: []string{
			"error: line 10: ClusterConfiguration: etcd OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is 1" + tooShort,
			"error: line 5: ClusterConfiguration: kube-apiserver OTEL_EXPORTER_OTLP_CERTIFICATE is /ca.pem" + overTLS,
			"error: line 6: ClusterConfiguration: kube-apiserver OTEL_EXPORTER_OTLP_TIMEOUT is 1" + tooShort,
		},
	},
	{
		name: "variables that undo tracing are taken out", release: "1.34", overwrite: true, text: clusterHead + "apiServer:\n  extraEnvs:\n  - {name: OTEL_EXPORTER_OTLP_CERTIFICATE, value: /ca.pem}\n  - {name: A, value: b}\n",
		want: []string{`replaced in line 5, ClusterConfiguration: kube-apiserver OTEL_EXPORTER_OTLP_CERTIFICATE=/ca.pem, now ""`}, has: []string{"extraEnvs:\n  - {name: A, value: b}\n"}, not: []string{"OTEL"},
	},
	{
		name: "a client's certificate with its key", release: "1.34", text: pod + "    command: [kube-apiserver]\n    env:\n    - {name: OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE, value: /c}\n    - {name: OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY, value: /k}\n",
		want: []string{"error: line 8: Pod: kube-apiserver OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE is /c" + overTLS},
	},
	{
		name: "variables that do no harm", release: "1.34", text: clusterHead + "apiServer:\n  extraEnvs:\n  - {name: OTEL_TRACES_SAMPLER, value: always_off}\n  - {name: OTEL_TRACES_SAMPLER_ARG, value: \"1\"}\n  - {name: OTEL_RESOURCE_ATTRIBUTES, value: a=b}\n  - {name: OTEL_SERVICE_NAME, value: x}\n  - {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: \"http://a\"}\n  - {name: OTEL_EXPORTER_OTLP_COMPRESSION, value: gzip}\n  - {name: OTEL_EXPORTER_OTLP_TIMEOUT, value: \"30000\"}\n  - {name: OTEL_EXPORTER_OTLP_CERTIFICATE, value: \"\"}\n",
		has: []string{"OTEL_TRACES_SAMPLER", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_COMPRESSION", "\"30000\"", "OTEL_EXPORTER_OTLP_CERTIFICATE"},
	},

	// the tracing file
	{
		name: "keys in another case", release: "1.31", text: fileHead + "Endpoint: 127.0.0.1:4317\nsamplingratepermillion: 10000\n",
		want: []string{
			`replaced in line 3, TracingConfiguration: Endpoint=127.0.0.1:4317, now "endpoint: 127.0.0.1:4317"`,
			`replaced in line 4, TracingConfiguration: samplingratepermillion=10000, now "samplingRatePerMillion: 10000"`,
			noEtcd, noServer, noKubelet,
		},
		has: []string{"\nendpoint: 127.0.0.1:4317\n", "\nsamplingRatePerMillion: 10000\n"}, not: []string{"Endpoint", "samplingratepermillion"},
	},
	{
		name: "a key beside one in another case", release: "1.32", text: fileHead + "endpoint: 127.0.0.1:4317\nEndpoint: a\nsamplingRatePerMillion: 10000\n",
		want: []string{`replaced in line 4, TracingConfiguration: Endpoint=a, now ""`, noEtcd, noServer, noKubelet}, not: []string{"Endpoint"},
	},
	{
		name: "another value in another case", release: "1.32", text: fileHead + "endpoint: 127.0.0.1:4317\nsamplingratepermillion: 5\n",
		want: []string{"error: line 4: TracingConfiguration: samplingRatePerMillion is 5 and the spec says 10000: write apiServer.samplingRatePerMillion: 5 into the spec, or change the document, or set Options.Overwrite"},
	},
	{
		name: "a field that older releases pass over", release: "1.31", text: fileHead + "endpoint: 127.0.0.1:4317\nsamplingRatePerMillon: 10000\n",
		want: []string{noEtcd, noServer, noKubelet}, has: []string{"samplingRatePerMillon: 10000\nsamplingRatePerMillion: 10000\n"},
	},
	{
		name: "a field that newer releases refuse", release: "1.32", text: fileHead + "endpoint: 127.0.0.1:4317\nsamplingRatePerMillon: 10000\n",
		want: []string{"error: line 4: TracingConfiguration: samplingRatePerMillon 10000: kube-apiserver 1.32 knows no such field and does not start with it: take it out"},
	},
	{
		name: "a field twice in an older release", release: "1.31", text: fileHead + "samplingRatePerMillion: 5\nsamplingRatePerMillion: 10000\n",
		want: []string{`error: line 4, column 1: the key "samplingRatePerMillion" is written twice, first in line 3: take one out`},
	},
	{
		name: "a field twice in a newer release", release: "1.32", text: fileHead + "samplingRatePerMillion: 5\nsamplingRatePerMillion: 10000\n",
		want: []string{`error: line 4, column 1: the key "samplingRatePerMillion" is written twice, first in line 3: take one out`},
	},
	{
		name: "keys of a kubelet in another case", release: "1.34", text: kubeletHead + "Tracing: {Endpoint: 127.0.0.1:4317, samplingRatePerMillion: 10000}\n",
		want: []string{
			`replaced in line 3, KubeletConfiguration: Tracing={"Endpoint":"127.0.0.1:4317","samplingRatePerMillion":10000}, now "tracing: {\"Endpoint\":\"127.0.0.1:4317\",\"samplingRatePerMillion\":10000}"`,
			`replaced in line 3, KubeletConfiguration: tracing.Endpoint=127.0.0.1:4317, now "endpoint: 127.0.0.1:4317"`,
			noEtcd, noServer,
		},
		not: []string{"Tracing:", "Endpoint:"},
	},

	// as kind reads it
	{name: "numbers and booleans for texts", release: "1.34", text: kindHead + "name: 123\nruntimeConfig: {api/all: true, b: 1}\nnodes:\n- labels: {a: 1, b: true}\n", has: []string{"name: 123\nruntimeConfig: {api/all: true, b: 1}\n", "- labels: {a: 1, b: true}\n"}},
	{name: "yes for a boolean", release: "1.34", text: kindHead + "networking: {disableDefaultCNI: yes}\n", has: []string{"networking: {disableDefaultCNI: yes}\n"}},
	{name: "an anchored node", release: "1.34", text: kindHead + "nodes:\n- &cp\n  role: control-plane\n- *cp\n", has: []string{"- &cp\n  role: control-plane\n", "- *cp\n"}},
	{name: "merge keys", release: "1.34", text: kindHead + "nodes:\n- &cp {role: control-plane}\n- <<: *cp\n  role: worker\n", has: []string{"role: worker\n"}},
	{name: "no line break at the end", release: "1.34", text: kindHead + "nodes:\n- role: control-plane\n- role: worker", has: []string{"- role: worker\n  image: kindest/node:v1.34."}},
	{name: "a text in lines without a line break at the end", release: "1.34", text: kindHead + "kubeadmConfigPatches:\n- |\n  kind: ClusterConfiguration\n  apiServer:\n    extraVolumes: []", has: []string{"- |-\n  kind: ClusterConfiguration\n", "    extraVolumes:\n      - hostPath: /etc/kubernetes/tracing-config.yaml"}},
	{name: "the same of kubeadm", release: "1.29", text: v1beta3Head + "apiServer:\n  extraArgs:\n    oidc: |\n      abc", has: []string{"    oidc: |\n      abc\n    tracing-config-file:"}},
	{name: "a second document", release: "1.34", text: kindHead + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n", has: []string{"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n"}},
	{name: "a second cluster", release: "1.34", text: kindHead + "---\n" + kindHead, want: []string{"error: line 4: Cluster: kind reads the first document of a stream alone: write the cluster first, or into a file of its own"}},
	{name: "fields of another type", release: "1.34", text: kindHead + "networking:\n  apiServerPort: abc\n  apiServerAddress: [1]\n", want: []string{
		`error: line 4: Cluster: networking.apiServerPort: it is "abc": write a whole number up to 2147483647`,
		"error: line 5: Cluster: networking.apiServerAddress: there is a list: write a text",
	}},
	{name: "a version that kind does not read yet", release: "1.34", text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha5\n", want: []string{`error: line 2: Cluster: apiVersion: it is "kind.x-k8s.io/v1alpha5", and kind reads kind.x-k8s.io/v1alpha4 alone: write apiVersion: kind.x-k8s.io/v1alpha4`}},
	{name: "a version that kind no longer reads", release: "1.34", text: "kind: Cluster\napiVersion: kind.sigs.k8s.io/v1alpha3\n", want: []string{`error: line 2: Cluster: apiVersion: it is "kind.sigs.k8s.io/v1alpha3", and kind reads kind.x-k8s.io/v1alpha4 alone: write apiVersion: kind.x-k8s.io/v1alpha4`}},
	{name: "a Cluster of others", release: "1.34", text: "kind: Cluster\napiVersion: cluster.x-k8s.io/v1beta1\n", want: []string{
		"error: no document that can be traced, there is Cluster of cluster.x-k8s.io/v1beta1: give a ClusterConfiguration, InitConfiguration or JoinConfiguration of kubeadm, a KubeletConfiguration, a kind Cluster, a TracingConfiguration, a KubeadmControlPlane or KubeadmConfig of Cluster API or a template of one, a ClusterConfig of k0s, a Cluster of k0sctl, or the static Pod of etcd or kube-apiserver",
	}},

	// templates
	{name: "a template of Go", release: "1.34", text: clusterHead + "clusterName: {{ .Name }}\n", want: []string{"error: line 3, column 14: {{ .Name }} is no YAML but a template: render the template first (this is no key: write a text)"}},
	{name: "a template of Jinja", release: "1.34", text: kindHead + "{% if a %}\nname: a\n{% endif %}\n", want: []string{"error: line 3, column 1: {% if a %} is no YAML but a template: render the template first (found character that cannot start any token)"}},
	{name: "a template of a shell", release: "1.34", text: kindHead + "${NODES}\n", want: []string{"error: line 3, column 1: ${NODES} is no YAML but a template: render the template first (could not find expected ':')"}},
	{name: "an image from a template", release: "1.34", text: kindHead + "nodes:\n- image: ${IMAGE}\n", want: []string{"error: line 4: Cluster: nodes[0].image ${IMAGE}: ${IMAGE} is a template: render the template first"}},
	{name: "a number from a template", release: "1.34", text: kindHead + "networking: {apiServerPort: \"${PORT}\"}\n", want: []string{`error: line 3: Cluster: networking.apiServerPort: it is "${PORT}", a template that is not rendered: write a whole number up to 2147483647`}},
	{name: "a tag from a template", release: "1.34", text: clusterHead + "etcd: {local: {imageTag: \"${ETCD}\"}}\n", want: []string{"error: line 3: ClusterConfiguration: etcd.local.imageTag ${ETCD}: ${ETCD} is a template: render the template first"}},
	{name: "a name from a template is somebody's own", release: "1.34", text: clusterHead + "clusterName: ${NAME}\n", has: []string{"clusterName: ${NAME}\n"}},

	// all at once
	{
		name: "all of a stream", release: "1.34", text: clusterHead + "kubernetesVersion: v1.30.0\napiServer:\n  extraArgs:\n  - {name: tracing-config-file, value: /x}\netcd: {local: {imageTag: 3.5.10-0}}\n---\napiVersion: kubeadm.k8s.io/v1beta2\nkind: InitConfiguration\n",
		want: []string{
			"error: line 3: ClusterConfiguration: kubernetesVersion v1.30.0: this is Kubernetes 1.30 and the spec says 1.34: make them agree",
			"error: line 7: ClusterConfiguration: etcd.local.imageTag 3.5.10-0: the spec's flags are for etcd 3.6.4 to 3.6.6, and this one takes others: write etcd.imageTag: 3.5.10-0 in the spec",
			"error: line 6: ClusterConfiguration: kube-apiserver --tracing-config-file is /x and the spec says /etc/kubernetes/tracing-config.yaml: write apiServer.configFile: /x into the spec, or change the document, or set Options.Overwrite",
			"error: line 9: InitConfiguration: kubeadm 1.34 does not read kubeadm.k8s.io/v1beta2: run kubeadm config migrate --old-config OLD --new-config NEW with kubeadm 1.26",
		},
	},
	{
		name: "all of a cluster, each in its line", release: "1.34", text: kindHead + "featureGates: {APIServerTracing: false}\nnodes:\n- role: worker\n  image: kindest/node:v1.30.0\nkubeadmConfigPatches:\n- 'kind: ['\n- '{kind: KubeletConfiguration, tracing: {samplingRatePerMillion: 5}}'\n",
		want: []string{
			"error: line 5: Cluster: nodes without a control plane: add a node with the role control-plane, which a cluster needs",
			"error: line 6: Cluster: nodes[0].image kindest/node:v1.30.0: this is Kubernetes 1.30 and the spec's oldest kubelet is 1.34: take a newer one, or write 1.30 into kubeletVersion, or take the image out for kindest/node:v1.34.11",
			"error: line 3: Cluster: featureGates APIServerTracing is false and the spec says true: take it out: the gate APIServerTracing is locked in Kubernetes 1.34, whose components do not start where it is off, or set Options.Overwrite",
			"error: line 8: Cluster: kubeadmConfigPatches[0]: in the patch's line 1, column 7: did not find expected node content",
			"error: line 9: KubeletConfiguration in kubeadmConfigPatches: tracing.samplingRatePerMillion is 5 and the spec says 10000: write kubelet.samplingRatePerMillion: 5 into the spec, or change the document, or set Options.Overwrite",
		},
	},
}

// outcome is all that Documents says, a line each.
func outcome(got apply.Result, err error) (lines []string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range joined.Unwrap() {
			lines = append(lines, outcome(got, err)...)
		}
		return lines
	}
	if err != nil {
		return []string{"error: " + err.Error()}
	}
	for _, s := range got.Replaced {
		lines = append(lines, fmt.Sprintf("replaced in line %d, %s: %s=%s, now %q", s.Line, s.Document, s.Name, s.Old, s.New))
	}
	for _, s := range got.Unread {
		lines = append(lines, fmt.Sprintf("unread in line %d, %s: %s=%s", s.Line, s.Document, s.Name, s.Old))
	}
	for _, u := range got.Untraced {
		lines = append(lines, fmt.Sprintf("untraced %s: %s", u.Component, u.Reason))
	}
	return lines
}

func TestOutcomes(t *testing.T) {
	for _, test := range outcomes {
		t.Run(test.name, func(t *testing.T) {
			if test.release != "" {
				test.spec = spec(test.release)
			}
			options := apply.Options{HostDir: "/out", Overwrite: test.overwrite}
			got, err := apply.Documents(test.spec, []byte(test.text), options)
			if diff := cmp.Diff(test.want, outcome(got, err)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err != nil {
				for _, never := range []string{"Go struct", "unmarshal", "v1alpha4.", "TracingSpec"} {
					if strings.Contains(err.Error(), never) {
						t.Errorf("it says %s: %v", never, err)
					}
				}
				return
			}
			compareParts(t, string(got.Text), test.has, test.not)
			again, err := apply.Documents(test.spec, got.Text, options)
			if err != nil || len(again.Receipt.Edits) > 0 || len(again.Replaced) > 0 {
				t.Errorf("the second time: %v, %v, %v", err, again.Receipt.Edits, again.Replaced)
			}
			undone, err := apply.Undo(got.Text, got.Receipt)
			if err != nil || string(undone) != test.text {
				t.Errorf("undone it is %q, %v", undone, err)
			}
		})
	}
}

// TestAdopt takes each error at its word: the spec that it names accepts the document,
// and changes nothing of what it spoke of.
func TestAdopt(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []string // Adopt of each conflict
		keeps      string
	}{
		{
			"localhost, of etcd and a kubelet", clusterHead + "etcd:\n  local:\n    extraArgs:\n    - {name: distributed-tracing-address, value: \"localhost:4317\"}\n---\n" + kubeletHead + "tracing:\n  endpoint: localhost:4317\n  samplingRatePerMillion: 5\n",
			[]string{"collector.disabled: true and endpoint: localhost:4317", "collector.disabled: true and endpoint: localhost:4317", "kubelet.samplingRatePerMillion: 5"}, "endpoint: localhost:4317\n  samplingRatePerMillion: 5\n",
		},
		{
			"a path of its own", clusterHead + "apiServer:\n  extraArgs:\n  - {name: tracing-config-file, value: /etc/tracing/mine.yaml}\n  extraVolumes:\n  - {name: t, hostPath: /etc/tracing, mountPath: /etc/tracing}\n",
			[]string{"apiServer.configFile: /etc/tracing/mine.yaml"}, "extraVolumes:\n  - {name: t, hostPath: /etc/tracing, mountPath: /etc/tracing}\n",
		},
		{
			"a path of its own in a pod", pod + "    command: [kube-apiserver, --tracing-config-file=/etc/tracing/mine.yaml]\n    volumeMounts: [{name: t, mountPath: /etc/tracing/mine.yaml}]\n  volumes: [{name: t, hostPath: {path: /etc/tracing/mine.yaml, type: File}}]\n",
			[]string{"apiServer.configFile: /etc/tracing/mine.yaml"}, "volumes: [{name: t, hostPath: {path: /etc/tracing/mine.yaml, type: File}}]\n",
		},
		{
			"a path that another path of the node is mounted at", clusterHead + "apiServer:\n  extraArgs:\n  - {name: tracing-config-file, value: /t.yaml}\n  extraVolumes:\n  - {name: t, hostPath: /etc/tracing.yaml, mountPath: /t.yaml}\n",
			[]string{""}, "",
		},
		{
			"a path that a volume of the pod is mounted at", pod + "    command: [kube-apiserver, --tracing-config-file=/t/mine.yaml]\n    volumeMounts: [{name: t, mountPath: /t/mine.yaml}]\n  volumes: [{name: t, emptyDir: {}}]\n",
			[]string{""}, "",
		},
		{
			"a machine of others", kubeletHead + "tracing: {endpoint: \"otel.example.com:4317\"}\n",
			[]string{""}, "",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := apply.Documents(spec("1.34"), []byte(test.text), apply.Options{})
			joined, _ := err.(interface{ Unwrap() []error })
			var got []string
			adopted := spec("1.34")
			for _, err := range joined.Unwrap() {
				var conflict *apply.ConflictError
				if !errors.As(err, &conflict) {
					t.Fatal(err)
				}
				got = append(got, conflict.Adopt)
				adopt(t, &adopted, conflict.Adopt)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if test.keeps == "" {
				return
			}
			result, err := apply.Documents(adopted, []byte(test.text), apply.Options{})
			if err != nil || len(result.Replaced) > 0 {
				t.Fatalf("with the spec: %v, replaced %v", err, result.Replaced)
			}
			if !strings.Contains(string(result.Text), test.keeps) {
				t.Errorf("no %q in:\n%s", test.keeps, result.Text)
			}
		})
	}
}

// adopt writes what Adopt says into a spec: paths and values, with "and" between them.
func adopt(t *testing.T, spec *tracing.TracingSpec, said string) {
	t.Helper()
	for _, line := range strings.Split(said, " and ") {
		path, value, _ := strings.Cut(line, ": ")
		steps := strings.Split(path, ".")
		text := "{" + strings.Join(steps, ": {") + ": " + value + strings.Repeat("}", len(steps))
		if err := yaml.UnmarshalStrict([]byte(text), spec); said != "" && err != nil {
			t.Fatal(err)
		}
	}
}

// compareParts says which parts a text lacks, and which it has and should not.
func compareParts(t *testing.T, text string, has, not []string) {
	t.Helper()
	for _, part := range has {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
	for _, part := range not {
		if strings.Contains(text, part) {
			t.Errorf("there is %q in:\n%s", part, text)
		}
	}
}
