package etcd

import (
	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// ConfigFile returns the same settings as Args as fields of etcd's configuration
// file, for an etcd that kubeadm does not run and that is started with
// --config-file: with it, etcd passes over all other flags and all variables. Print
// it with tracing.Marshal, or put the fields into a file of yours. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where Args is empty.
//
// etcd passes over a field that it does not know and says nothing, so that an etcd
// of another release than the spec names starts with them and is not traced.
//
// The names are those of the flags, the values truth values, numbers and texts.
// Source: go.etcd.io/etcd/server/v3 embed/config.go, the json tags of Config (v3.5.11:356,
// v3.6.16:483, v3.7.0:394).
func ConfigFile(spec tracing.TracingSpec) (map[string]any, error) {
	return generate.Object(spec, tracing.ComponentEtcd, ConfigFileFor)
}

// ConfigFileFor is ConfigFile of a spec that is resolved already, or nil.
func ConfigFileFor(r tracing.Resolved) map[string]any {
	all := setting.Of(r, tracing.ComponentEtcd)
	if len(all) == 0 {
		return nil
	}
	fields := make(map[string]any, len(all))
	for _, s := range all {
		fields[s.Name] = setting.EtcdFieldValue(s)
	}
	return fields
}
