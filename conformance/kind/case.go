package kubetrace

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/kind/pkg/cluster/internal/kubeadm"
	"sigs.k8s.io/yaml"

	"kubetrace/tracing"
)

// Case is a spec and a cluster of somebody's own that kubetrace has to put
// together.
type Case struct {
	Name string
	// Spec adds to the spec of a release; nil leaves nothing but the release.
	Spec func(*tracing.TracingSpec, tracing.Release)
	// Base is the cluster in YAML, without apiVersion and kind; nil is none.
	Base func(forms) string
	// Whole says that Base has apiVersion and kind.
	Whole bool
	// From and To bound the minor releases of a case, where there are bounds.
	From, To string
	// Relative says that the bundle is named by a path relative to kind's
	// working directory.
	Relative bool
	// Literal says that kubetrace's flags have to be in a JSON patch, which kind
	// does not convert. From 1.36 on they are lists there, for kind 0.32 and
	// later.
	Literal bool
}

// forms is what a base needs to know to be written.
type forms struct {
	// API is the version of the kubeadm documents that this kind writes for the
	// release.
	API string
	// Own is a folder of the user's, with a file named file.
	Own string
}

// lists says whether extraArgs are lists in the documents.
func (f forms) lists() bool { return f.API == "kubeadm.k8s.io/v1beta4" }

// args writes flags in the form that the documents have.
func (f forms) args(namesAndValues ...string) string {
	var all []string
	for pair := range slices.Chunk(namesAndValues, 2) {
		if f.lists() {
			all = append(all, fmt.Sprintf("{name: %s, value: %q}", pair[0], pair[1]))
		} else {
			all = append(all, fmt.Sprintf("%s: %q", pair[0], pair[1]))
		}
	}
	if f.lists() {
		return "[" + strings.Join(all, ", ") + "]"
	}
	return "{" + strings.Join(all, ", ") + "}"
}

// addArg is the JSON patch that adds a flag below a path.
func (f forms) addArg(at, name, value string) string {
	if f.lists() {
		return fmt.Sprintf("{op: add, path: %s/-, value: {name: %s, value: %q}}", at, name, value)
	}
	return fmt.Sprintf("{op: add, path: %s, value: %q}", path.Join(at, name), value)
}

const (
	nodesHA    = "nodes: [{role: control-plane}, {role: control-plane}, {role: control-plane}, {role: worker}, {role: worker}]\n"
	nodesTwo   = "nodes: [{role: control-plane}, {role: worker}]\n"
	ownVolume  = "{name: own, hostPath: /etc/own, mountPath: /etc/own, readOnly: true, pathType: DirectoryOrCreate}"
	ownVolume2 = "{name: own2, hostPath: /etc/own2, mountPath: /etc/own2, pathType: DirectoryOrCreate}"
)

// Cases are the clusters that kind creates for every release. AllAlpha=false is
// the gate that every component of every release knows and starts with.
var Cases = []Case{
	{Name: "single"},
	{Name: "ha", Base: func(forms) string { return nodesHA }},
	// With port -1 the engine chooses it. Else kind looks for a free one, which
	// takes an IPv6 address on this machine.
	{Name: "ipv6", Base: func(forms) string { return nodesTwo + "networking: {ipFamily: ipv6, apiServerPort: -1}\n" }},
	{Name: "dual", Base: func(forms) string { return nodesTwo + "networking: {ipFamily: dual}\n" }},
	{Name: "merge", Base: mergePatches("")},
	{Name: "merge-versioned", Base: func(f forms) string { return mergePatches(f.API)(f) }},
	{Name: "json", Base: jsonPatches},
	{Name: "json-whole", Base: wholePatches, Literal: true},
	{Name: "nodes", Base: nodePatches},
	{Name: "settings", Base: settingsOfKind, Relative: true},
	{Name: "spec", Spec: settingsOfSpec},
	{Name: "disabled", Spec: func(s *tracing.TracingSpec, _ tracing.Release) { s.APIServer.Disabled, s.Etcd.Disabled = true, true }, Base: mergePatches("")},
}

// mergePatches sets what ours set too: a list and a flag that kind replaces, and
// flags and fields beside ours. Without an apiVersion, flags are maps, which
// every kind reads.
func mergePatches(api string) func(forms) string {
	return func(f forms) string {
		version, kubelet := "", ""
		if api == "" {
			f.API = ""
		} else {
			version, kubelet = "apiVersion: "+api+"\n  ", "apiVersion: kubelet.config.k8s.io/v1beta1\n  "
		}
		return `kubeadmConfigPatches:
- |
  ` + version + `kind: ClusterConfiguration
  apiServer:
    certSANs: [own.example.com]
    extraArgs: ` + f.args("v", "4", "feature-gates", "AllAlpha=false") + `
    extraVolumes: [` + ownVolume + `]
  etcd:
    local: {dataDir: /var/lib/own-etcd, extraArgs: ` + f.args("quota-backend-bytes", "4294967296") + `}
  ---
  ` + kubelet + `kind: KubeletConfiguration
  maxPods: 50
  featureGates: {AllAlpha: false}
- |
  ` + version + `kind: InitConfiguration
  nodeRegistration: {kubeletExtraArgs: ` + f.args("v", "2") + `}
`
	}
}

// jsonPatches are JSON patches with and without a group and version.
func jsonPatches(f forms) string {
	group, version, _ := strings.Cut(f.API, "/")
	return `kubeadmConfigPatchesJSON6902:
- group: ` + group + `
  version: ` + version + `
  kind: ClusterConfiguration
  patch: |
    [{op: add, path: /apiServer/extraVolumes, value: [` + ownVolume + `]}, ` + f.addArg("/apiServer/extraArgs", "v", "4") + `]
- kind: ClusterConfiguration
  patch: |
    - {op: add, path: /apiServer/extraVolumes/-, value: ` + ownVolume2 + `}
    - {op: add, path: /apiServer/certSANs/-, value: own.example.com}
- group: kubelet.config.k8s.io
  version: v1beta1
  kind: KubeletConfiguration
  patch: '[{"op": "add", "path": "/maxPods", "value": 50}]'
`
}

// wholePatches are JSON patches that write a whole part of a document, in which
// ours have to be.
func wholePatches(forms) string {
	return `kubeadmConfigPatchesJSON6902:
- kind: ClusterConfiguration
  patch: |
    - {op: add, path: /etcd, value: {local: {dataDir: /var/lib/own-etcd}}}
    - {op: replace, path: /apiServer, value: {certSANs: [localhost, own.example.com]}}
- kind: KubeletConfiguration
  patch: '[{op: add, path: /featureGates, value: {AllAlpha: false}}]'
`
}

// nodePatches are patches, mounts, labels and ports of single nodes. The first
// control plane's decide about the cluster.
func nodePatches(f forms) string {
	return `nodes:
- role: control-plane
  labels: {own: first}
  extraMounts: [{hostPath: ` + f.Own + `, containerPath: /etc/own}, {hostPath: ` + f.Own + `/file, containerPath: /etc/kubernetes/own.yaml, readOnly: true}]
  extraPortMappings: [{containerPort: 30000, hostPort: 30000, listenAddress: 127.0.0.1}]
  kubeadmConfigPatches: ['{kind: ClusterConfiguration, apiServer: {extraVolumes: [` + ownVolume + `]}}']
  kubeadmConfigPatchesJSON6902:
  - {kind: ClusterConfiguration, patch: '[{op: add, path: /apiServer/extraVolumes/-, value: ` + ownVolume2 + `}]'}
- role: control-plane
  kubeadmConfigPatches: ['{apiVersion: ` + f.API + `, kind: JoinConfiguration, nodeRegistration: {taints: []}}']
- role: worker
  labels: {own: worker}
  extraMounts: [{hostPath: ` + f.Own + `/file, containerPath: /etc/kubernetes/own.yaml, readOnly: true, propagation: HostToContainer}]
  kubeadmConfigPatches: ['{kind: JoinConfiguration, nodeRegistration: {kubeletExtraArgs: {v: "2"}}}']
`
}

// settingsOfKind are kind's own fields, from which it writes flags and files.
func settingsOfKind(forms) string {
	return nodesTwo + `name: own
featureGates: {AllAlpha: false}
runtimeConfig: {api/alpha: "false"}
networking:
  podSubnet: 10.200.0.0/16
  serviceSubnet: 10.201.0.0/16
  kubeProxyMode: ipvs
  disableDefaultCNI: true
  apiServerAddress: 127.0.0.1
  apiServerPort: 16443
  dnsSearch: [example.com]
containerdConfigPatches:
- |-
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
containerdConfigPatchesJSON6902:
- '[{"op": "add", "path": "/debug", "value": {"level": "info"}}]'
kubeadmConfigPatches:
- |
  kind: ClusterConfiguration
  apiServer: {extraArgs: {v: "4"}}
`
}

// settingsOfSpec change every value that lands in kind's configuration, and
// trace an etcd of one's own choice where the release's cannot be.
func settingsOfSpec(s *tracing.TracingSpec, release tracing.Release) {
	rate := int32(1000000)
	s.Endpoint = "unix-abstract:///own"
	s.SamplingRatePerMillion = &rate
	s.APIServer.ConfigFile = "/etc/kubernetes/own/tracing.yaml"
	s.Etcd.ImageTag = release.EtcdHighest + "-0"
	s.Etcd.ServiceName = "own-etcd"
}

// kubeadmAPI is the version of the kubeadm documents that this kind writes for a
// release of Kubernetes, by its own template.
func kubeadmAPI(release string) (string, error) {
	text, err := kubeadm.Config(kubeadm.ConfigData{KubernetesVersion: release})
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(text, "\n---")
	var document struct{ APIVersion string }
	if err := yaml.Unmarshal([]byte(first), &document); err != nil {
		return "", err
	}
	return document.APIVersion, nil
}

// Minors are the releases of Kubernetes for which a case runs unless another is
// asked for: those at which something of kubetrace's or of kind's templates
// changes.
var Minors = []string{"1.22", "1.25", "1.27", "1.29", "1.31", "1.34", "1.35", "1.36", "1.37", "1.38"}

// Fits says whether this kind can make the case's nodes of a release. kubeadm
// reads nothing older than v1beta4 from 1.37 on, which kind writes from its 0.32
// on, for 1.36 and later.
func (c Case) Fits(minor string) (bool, error) {
	number, err := strconv.Atoi(strings.TrimPrefix(minor, "1."))
	if err != nil {
		return false, fmt.Errorf("write a release such as 1.29: %w", err)
	}
	for i, bound := range []string{c.From, c.To} {
		if bound == "" {
			continue
		}
		limit, err := strconv.Atoi(strings.TrimPrefix(bound, "1."))
		if err != nil {
			return false, fmt.Errorf("the case %s: write a release such as 1.29: %w", c.Name, err)
		}
		if i == 0 && number < limit || i == 1 && number > limit {
			return false, nil
		}
	}
	if number < 36 || number == 36 && !c.Literal {
		return true, nil
	}
	api, err := kubeadmAPI("v" + minor + ".0")
	return forms{API: api}.lists(), err
}
