package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kubetrace/check"
)

const etcdOnly = `kind: List
items:
- kind: Node
  metadata: {name: a, labels: {node-role.kubernetes.io/control-plane: ""}}
  status: {nodeInfo: {containerRuntimeVersion: "containerd://2.1.5"}}
- kind: Pod
  metadata: {name: etcd-a, namespace: kube-system}
  spec:
    nodeName: a
    containers:
    - name: etcd
      image: registry.k8s.io/etcd:3.7.0-0
      command: [etcd, --enable-distributed-tracing=true, "--distributed-tracing-address=127.0.0.1:4317", --distributed-tracing-sampling-rate=10000]
`

// specText asks for what the state above has.
const specText = `kubernetesVersion: "1.37"
apiServer: {disabled: true}
kubelet: {disabled: true}
collector: {disabled: true}
`

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestRun(t *testing.T) {
	spec := file(t, "spec.yaml", specText)
	state := file(t, "state.yaml", etcdOnly)
	kubeletSpec := file(t, "kubelet.yaml", "kubernetesVersion: \"1.37\"\netcd: {disabled: true}\napiServer: {disabled: true}\ncollector: {disabled: true}\n")
	worker := file(t, "nodes.yaml", "kind: Node\nmetadata: {name: b, labels: {pool: edge}}\nstatus: {nodeInfo: {kubeletVersion: v1.37.2+k3s1}}\n")
	traced := `{"kubeletconfig":{"logging":{"flushFrequency":"5s"},"tracing":{"endpoint":"127.0.0.1:4317","samplingRatePerMillion":10000}}}`
	serverSpec := file(t, "server.yaml", "kubernetesVersion: \"1.37\"\netcd: {disabled: true}\nkubelet: {disabled: true}\ncollector: {disabled: true}\n")
	serverState := file(t, "pods.yaml", strings.NewReplacer("etcd", "kube-apiserver", "3.7.0-0", "v1.37.2", "--enable-distributed-tracing=true", "--egress-selector-config-file=/etc/kubernetes/egress.yaml").Replace(etcdOnly))
	egress := "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections: [{name: controlplane, connection: {proxyProtocol: GRPC}}]\n"
	bad := file(t, "bad.yaml", strings.Replace(etcdOnly, "enable-", "experimental-enable-", 1))
	for _, test := range []struct {
		name, in string
		args     []string
		found    bool
		says     []string
	}{
		{"as the spec says", "", []string{"-spec", spec, state}, false, []string{"The cluster is as the spec says.\n"}},
		{"from standard input", etcdOnly, []string{"-spec", spec}, false, []string{"as the spec says"}},
		{"as JSON", "", []string{"-spec", spec, "-json", state}, false, []string{"[]\n"}},
		{"not so", "", []string{"-spec", spec, bad}, true, []string{"HOW BAD", "refuses to start", "--experimental-enable-distributed-tracing", "\n- etcd --experimental-enable-distributed-tracing (wanted: --enable-distributed-tracing): Write it as --enable-distributed-tracing"}},
		{"containerd", "", []string{"-spec", spec, state, file(t, "containerd-a.toml", "[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"x:4318\"\n")}, true, []string{"x:4318"}},
		{"an egress selector", "", []string{"-spec", serverSpec, serverState, file(t, "egress-a.yaml", egress)}, true, []string{"egress.yaml controlplane"}},
		{"a text and a configz that cannot be read", "", []string{"-spec", kubeletSpec, state, file(t, "pods.yaml", "a: ["), file(t, "configz-a.json", "")}, true,
			[]string{"pods.yaml: text", "neither YAML nor JSON", "The configz of a cannot be read: it is empty"}},
		{"without kubeadm", "", []string{"-spec", kubeletSpec, "-distribution", "k3s", worker, file(t, "configz-b.json", traced)}, false, []string{"as the spec says"}},
		{"with kubeadm", "", []string{"-spec", kubeletSpec, state, file(t, "configz-a.json", traced)}, true, []string{"ConfigMap kubelet-config"}},
		{"nodes that are not judged", "", []string{"-spec", kubeletSpec, "-distribution", "managed", "-ignore", "pool=edge", worker}, false, []string{"as the spec says"}},
		{"all components", "", []string{"-release", "1.37", state}, true, []string{"not seen", "configz"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var printed bytes.Buffer
			err := run(&printed, strings.NewReader(test.in), test.args)
			if errors.Is(err, errFound) != test.found || (err != nil) != test.found {
				t.Fatal(err)
			}
			for _, says := range test.says {
				if !strings.Contains(printed.String(), says) {
					t.Errorf("it does not say %q:\n%s", says, printed.String())
				}
			}
		})
	}
	var printed bytes.Buffer
	if err := run(&printed, nil, []string{"-spec", spec, "-json", bad}); !errors.Is(err, errFound) {
		t.Fatal(err)
	}
	var findings []check.Finding
	if err := json.Unmarshal(printed.Bytes(), &findings); err != nil || len(findings) == 0 || findings[0].Severity != check.RefusesToStart {
		t.Errorf("%v %v", findings, err)
	}
}

func TestErrors(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{[]string{"-nothing"}, "-help lists the flags"},
		{[]string{"missing.yaml"}, "missing.yaml"},
		{[]string{file(t, "state.yaml", "")}, "there is no node"},
		{[]string{"-distribution", "own", file(t, "state.yaml", etcdOnly)}, "write one of k0s, k3s, kubeadm, managed, rke2"},
		{[]string{"-ignore", "a in", file(t, "state.yaml", etcdOnly)}, "-ignore: "},
		{[]string{"-release", "1.1", file(t, "state.yaml", etcdOnly)}, "-release"},
	} {
		var printed bytes.Buffer
		err := run(&printed, strings.NewReader(""), test.args)
		if err == nil || errors.Is(err, errFound) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: got %v, want %q", test.args, err, test.says)
		}
	}
	var help bytes.Buffer
	if err := run(&help, nil, []string{"-help"}); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "proxy/configz") || !strings.Contains(help.String(), "-json") || !strings.Contains(help.String(), "egress-NODE.yaml") || !strings.Contains(help.String(), `ssh root@$node 'tr "\0" "\n" < /proc/$(systemctl show -p MainPID --value containerd)/environ' > state/containerd-$node.env`) || strings.Count(help.String(), "Usage:") != 1 {
		t.Errorf("%v:\n%s", err, help.String())
	}
}
