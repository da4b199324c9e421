package runbook

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/tracing"
)

// Secret is one that the collector's pods need.
type Secret struct {
	Name string
	Type string // the flag of kubectl for it, where it needs one
	Keys []SecretKey
}

// SecretKey is a key of a Secret and the file that its content comes from.
type SecretKey struct{ Key, File, What string }

// secrets fills in what the collector's pods need, each Secret and key once, in
// the order of their names.
func (c *Common) secrets(spec tracing.CollectorSpec, exporter tracing.ExporterSpec) {
	all := map[string]map[string]string{} // what is in each key of each Secret
	add := func(secret, key, what string) {
		if all[secret] == nil {
			all[secret] = map[string]string{}
		}
		if before := all[secret][key]; before != "" {
			what = before + "; " + what
		}
		all[secret][key] = what
	}
	types := map[string]string{}
	for _, secret := range spec.ImagePullSecrets {
		add(secret.Name, corev1.DockerConfigJsonKey, "the credentials of the registry, as Docker keeps them in its `config.json`")
		types[secret.Name] = " --type=" + string(corev1.SecretTypeDockerConfigJson)
	}
	if tls := exporter.TLS; tls != nil {
		for _, part := range []struct {
			key  *corev1.SecretKeySelector
			what string
		}{
			{tls.CA, "the certificate of the authority that signed the backend's, as PEM"},
			{tls.Cert, "the collector's client certificate, as PEM"},
			{tls.Key, "the private key of the client certificate, as PEM"},
		} {
			if part.key != nil {
				add(part.key.Name, part.key.Key, part.what)
			}
		}
	}
	for _, header := range exporter.Headers {
		if key := header.SecretKeyRef; key != nil {
			add(key.Name, key.Key, "the whole value of the header `"+strings.ReplaceAll(header.Name, "|", `\|`)+"`, such as `Bearer 0123`, without a line break at its end (`printf %s`) and with `$$` for `$`")
			c.SecretHeaders = true
		}
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		secret := Secret{Name: name, Type: types[name]}
		for _, key := range slices.Sorted(maps.Keys(all[name])) {
			secret.Keys = append(secret.Keys, SecretKey{Key: key, File: "secrets/" + name + "/" + key, What: all[name][key]})
		}
		c.Secrets = append(c.Secrets, secret)
		names = append(names, "`"+name+"`")
	}
	c.SecretNames = Plural("the Secret", names)
}
