package check

// storedDocuments are what kubeadm keeps in the namespace kube-system and reads when
// a node joins or the cluster is upgraded: what is wrong in them is harmless until then.
// What it keeps for kubelets is judged as a kubelet's configuration is.
// Source: k8s.io/kubernetes cmd/kubeadm/app/constants (KubeadmConfigConfigMap,
// ClusterConfigurationConfigMapKey, KubeProxyConfigMap, KubeProxyConfigMapKey).
var storedDocuments = []struct{ configMap, key, kind string }{
	{"kubeadm-config", "ClusterConfiguration", "ClusterConfiguration"},
	{"kube-proxy", "config.conf", "KubeProxyConfiguration"},
}

// stored judges what kubeadm keeps for later.
func (i *inspector) stored() {
	if i.options.WithoutKubeadm {
		return
	}
	i.storedKubelet()
	for _, document := range storedDocuments {
		for c := range i.ConfigMaps {
			configMap := &i.ConfigMaps[c]
			if text := configMap.Data[document.key]; configMap.Namespace == "kube-system" && configMap.Name == document.configMap && text != "" {
				for _, f := range i.judgeStored(document.kind, []byte(text)) {
					i.find(f)
				}
			}
		}
	}
}

// judgeStored returns what is wrong in a document of a kind: what applying the spec to
// it would change.
func (i *inspector) judgeStored(kind string, text []byte) []Finding {
	return nil
}
