package runbook

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// Secret is one that pods need.
type Secret struct {
	Namespace string
	Name      string
	Type      string // the flag of kubectl for it, where it needs one
	Keys      []SecretKey
}

// SecretKey is a key of a Secret and the file that its content comes from.
type SecretKey struct{ Key, File, What string }

// secrets fills in what the pods need, each Secret and key of a namespace once,
// in the order of their names.
func (c *Common) secrets(r tracing.Resolved) {
	type object struct{ namespace, name string }
	all := map[object]map[string]string{} // what is in each key of each Secret
	types := map[object]string{}
	add := func(namespace, secret, key, what string) object {
		o := object{namespace, secret}
		if all[o] == nil {
			all[o] = map[string]string{}
		}
		if before := all[o][key]; before != "" {
			what = before + "; " + what
		}
		all[o][key] = what
		return o
	}
	spec := r.Spec()
	sender, exporter := spec.Collector.Namespace, r.Exporter() // of who sends to the backend
	restart := "daemonset/" + spec.Collector.Name
	namespaces := []string{sender}
	if c.Gateway {
		sender, exporter, restart = spec.Gateway.Namespace, r.GatewayExporter(), "deployment/"+tracing.GatewayName
		namespaces = append(namespaces, sender)
	}
	for _, namespace := range namespaces {
		for _, secret := range spec.Collector.ImagePullSecrets {
			o := add(namespace, secret.Name, corev1.DockerConfigJsonKey, "the credentials of the registry, as Docker keeps them in its `config.json`")
			types[o] = " --type=" + string(corev1.SecretTypeDockerConfigJson)
		}
	}
	for _, part := range tlsParts(spec, exporter, sender) {
		if part.key != nil {
			add(part.namespace, part.key.Name, part.key.Key, part.what+", as PEM")
		}
	}
	for _, header := range exporter.Headers {
		if key := header.SecretKeyRef; key != nil {
			add(sender, key.Name, key.Key, "the whole value of the header `"+strings.ReplaceAll(header.Name, "|", `\|`)+"`, such as `Bearer 0123`, without a line break at its end (`printf %s`) and with `$$` for `$`")
			c.SecretHeaders = "kubectl -n " + sender + " rollout restart " + restart
		}
	}
	ordered := slices.SortedFunc(maps.Keys(all), func(a, b object) int {
		return cmp.Or(cmp.Compare(slices.Index(namespaces, a.namespace), slices.Index(namespaces, b.namespace)), cmp.Compare(a.name, b.name))
	})
	names := map[string][]string{}
	for _, o := range ordered {
		secret := Secret{Namespace: o.namespace, Name: o.name, Type: types[o]}
		folder := "secrets/"
		if c.Gateway {
			folder += o.namespace + "/"
		}
		for _, key := range slices.Sorted(maps.Keys(all[o])) {
			secret.Keys = append(secret.Keys, SecretKey{Key: key, File: folder + o.name + "/" + key, What: all[o][key]})
		}
		c.Secrets = append(c.Secrets, secret)
		names[o.namespace] = append(names[o.namespace], "`"+o.name+"`")
	}
	var sentences []string
	for _, namespace := range namespaces {
		if len(names[namespace]) > 0 {
			sentences = append(sentences, Plural("the Secret", names[namespace])+" in `"+namespace+"`")
		}
	}
	c.SecretNames = Enumerate(sentences)
}

// tlsPart is a file of a certificate, and where its Secret is.
type tlsPart struct {
	namespace string
	key       *corev1.SecretKeySelector
	what      string
}

// tlsParts returns the files of the way to the backend and of that to the
// gateway.
func tlsParts(spec tracing.TracingSpec, exporter tracing.ExporterSpec, sender string) []tlsPart {
	var parts []tlsPart
	if tls := exporter.TLS; tls != nil {
		parts = append(parts,
			tlsPart{sender, tls.CA, "the certificate of the authority that signed the backend's"},
			tlsPart{sender, tls.Cert, "the client certificate for the backend"},
			tlsPart{sender, tls.Key, "the private key of the client certificate"})
	}
	if gateway := spec.Gateway; gateway != nil && gateway.TLS != nil {
		parts = append(parts,
			tlsPart{spec.Collector.Namespace, gateway.TLS.CA, "the certificate of the authority that signed the gateway's"},
			tlsPart{sender, gateway.TLS.Cert, fmt.Sprintf("the gateway's certificate, for the name `%s.%s.svc`", tracing.GatewayName, gateway.Namespace)},
			tlsPart{sender, gateway.TLS.Key, "the private key of the gateway's certificate"},
			tlsPart{sender, gateway.TLS.ClientCA, "the certificate of the authority that signed the collectors' client certificate, and that signs no others"},
			tlsPart{spec.Collector.Namespace, gateway.TLS.ClientCert, "the collectors' client certificate for the gateway"},
			tlsPart{spec.Collector.Namespace, gateway.TLS.ClientKey, "the private key of the collectors' client certificate"})
	}
	return parts
}
