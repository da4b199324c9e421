package check

import (
	"cmp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/internal/edit"
	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// storedDocuments are what kubeadm keeps in the namespace kube-system and reads when
// a node joins or the cluster is upgraded: what is wrong in them is harmless until then.
// Source: k8s.io/kubernetes cmd/kubeadm/app/constants (KubeadmConfigConfigMap,
// ClusterConfigurationConfigMapKey, KubeletBaseConfigurationConfigMap,
// KubeletBaseConfigurationConfigMapKey, KubeProxyConfigMap, KubeProxyConfigMapKey).
var storedDocuments = []struct {
	configMap, key string
	component      tracing.Component
	// needed says that a cluster without it is not judged as a whole.
	needed bool
}{
	{"kubeadm-config", "ClusterConfiguration", tracing.ComponentAPIServer, false},
	{"kubelet-config", "kubelet", tracing.ComponentKubelet, true},
	{"kube-proxy", "config.conf", "kube-proxy", false},
}

// stored judges what kubeadm keeps for later.
func (i *inspector) stored() {
	if i.options.WithoutKubeadm {
		return
	}
	for _, document := range storedDocuments {
		r := reporter{inspector: i, component: document.component}
		// Up to 1.23 the kubelets' has the release in its name.
		names := []string{document.configMap, document.configMap + "-" + i.KubernetesMinor()}
		found := false
		for _, configMap := range i.ConfigMaps {
			if text := configMap.Data[document.key]; configMap.Namespace == metav1.NamespaceSystem && slices.Contains(names, configMap.Name) && text != "" {
				found = true
				r.at = "ConfigMap " + configMap.Name + " "
				r.storedDocument(document.key, []byte(text))
			}
		}
		if !found && document.needed && i.NotGenerated(document.component) == nil {
			r.add(Unseen, "ConfigMap "+document.configMap, "what kubelets that join read", "none", "Give it: kubectl -n kube-system get configmaps -o yaml. Where kubeadm did not make the cluster, say so (Options.WithoutKubeadm)")
		}
	}
}

// storedDocument finds what applying the spec to a document would change.
func (r reporter) storedDocument(key string, text []byte) {
	tree, err := reader.Document(text)
	if err != nil {
		r.add(RefusesToStart, key, "a document of kubeadm", "what cannot be read", "%s", setting.Sentence(err.Error()))
		return
	}
	_, report, known := edit.Document(r.Resolved, tree, edit.Options{Overwrite: true})
	if !known {
		r.add(RefusesToStart, key, "a document of kubeadm", quoted(kindOf(tree)), "Write what kubeadm stores there: kubeadm init phase upload-config all")
		return
	}
	for _, c := range slices.Concat(report.Replaced, report.Added) {
		want := c.New
		if want == "" {
			want = "nothing"
		}
		r.later(c.Component, c.Class, c.Name, want, quoted(c.Old), c.Cure)
	}
	for _, p := range report.Problems {
		r.later(p.Component, p.Class, p.Setting, quoted(p.Want), quoted(p.Value), setting.Sentence(p.Message))
	}
}

// later reports what is found of a document that nothing runs with yet.
func (r reporter) later(component tracing.Component, class setting.Class, name, want, have, cure string) {
	severity := severityOf(setting.Verdict{Class: class})
	r.component = cmp.Or(component, r.component)
	name = strings.TrimPrefix(name, string(r.component)+" ") // "etcd --distributed-tracing-address"
	if severity != RefusesToStart {
		severity = Stale
	}
	if cure != "" {
		cure += ". "
	}
	r.add(severity, name, want, have, "%sEdit the ConfigMap, as apply.Documents does with this text: nodes that join, and upgrades, are made from it", cure)
}

func kindOf(tree map[string]any) string {
	kind, _ := tree["kind"].(string)
	return kind
}
