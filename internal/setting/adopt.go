package setting

import (
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"kubetrace/tracing"
)

// Adopt returns what to write into the spec for a value that is there, such as
// "apiServer.configFile: /etc/kubernetes/tracing.yaml", and false where no valid spec
// says it. A collector at localhost is somebody's own, and the spec then has none.
func Adopt(r tracing.Resolved, component tracing.Component, key, have string) (line string, ok bool) {
	spec := r.Spec()
	rate, err := strconv.ParseInt(have, 10, 32)
	perMillion := int32(rate)
	switch {
	case component == tracing.ComponentAPIServer && key == FlagTracingFile:
		spec.APIServer.ConfigFile, line = have, "apiServer.configFile"
	case key == FieldEndpoint || key == etcdAddress:
		spec.Endpoint, line = have, "endpoint"
		if strings.HasPrefix(strings.ToLower(have), "localhost:") { // where ours does not listen
			spec.Collector.Disabled, line = true, "collector.disabled: true and endpoint"
		}
	case key == etcdService:
		spec.Etcd.ServiceName, line = have, "etcd.serviceName"
	case key == etcdInstanceID:
		spec.Etcd.InstanceID, line = have, "etcd.instanceID"
	case err == nil && key == etcdRate:
		spec.Etcd.SamplingRatePerMillion, line = &perMillion, "etcd.samplingRatePerMillion"
	case err == nil && key == FieldRate && component == tracing.ComponentAPIServer:
		spec.APIServer.SamplingRatePerMillion, line = &perMillion, "apiServer.samplingRatePerMillion"
	case err == nil && key == FieldRate && component == tracing.ComponentKubelet:
		spec.Kubelet.SamplingRatePerMillion, line = &perMillion, "kubelet.samplingRatePerMillion"
	default:
		return "", false
	}
	if _, err := tracing.Resolve(spec); err != nil {
		return "", false
	}
	var value any = have
	if strings.HasSuffix(line, "PerMillion") {
		value = perMillion
	}
	text, err := yaml.Marshal(value) // with quotes where a text needs them
	return line + ": " + strings.TrimSuffix(string(text), "\n"), err == nil
}
