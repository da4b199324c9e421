package check_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/check"
)

func file(text string) func(*check.State) {
	return func(s *check.State) { s.TracingFiles = map[string][]byte{"a": []byte(text)} }
}

func variable(component, name, value string) func(*check.State) {
	return func(s *check.State) {
		container := &pod(s, component+"-a").Spec.Containers[0]
		container.Env = append(container.Env, corev1.EnvVar{Name: name, Value: value})
	}
}

func etcdFile(text string) func(*check.State) {
	return func(s *check.State) {
		flag(s, "etcd", "", "--config-file=/etc/etcd.yaml")
		s.EtcdFiles = map[string][]byte{"a": []byte(text)}
	}
}

const tracingHead = "apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\nendpoint: 127.0.0.1:4317\n"

// TestSettings is about settings that others have written, as the component reads them.
func TestSettings(t *testing.T) {
	const config = "/etc/kubernetes/tracing-config.yaml"
	for _, test := range []scenario{
		{"a flag that etcd never had", "1.37", func(s *check.State) {
			flag(s, "etcd", "distributed-tracing-sampling-rate", "--distributed-tracing-sampling-rate=10000", "--distributed-tracing-sampling=5")
		}, []string{"etcd on a: --distributed-tracing-sampling is 5, wanted is nothing (refuses to start): Take it out: etcd 3.7.0-0 has no such flag"}},
		{"an old flag, where etcd takes both", "1.34", func(s *check.State) {
			flag(s, "etcd", "enable-distributed-tracing", "--experimental-enable-distributed-tracing=true")
		}, []string{"etcd on a: --experimental-enable-distributed-tracing is true, wanted is --enable-distributed-tracing (stale)"}},
		{"an etcd whose tracing leaks memory", "1.34", func(s *check.State) {
			pod(s, "etcd-a").Spec.Containers[0].Image = "registry.k8s.io/etcd:3.5.4-0"
		}, []string{"etcd on a: image is 3.5.4-0, wanted is etcd 3.5.5 or later (silently no traces): Upgrade etcd"}},
		{"an endpoint that kube-apiserver refuses", "1.37", file("apiVersion: apiserver.config.k8s.io/v1beta1\nkind: TracingConfiguration\nendpoint: http://127.0.0.1:4317\nsamplingRatePerMillion: 10000\n"),
			[]string{"kube-apiserver on a: " + config + " endpoint is http://127.0.0.1:4317, wanted is 127.0.0.1:4317 (refuses to start): Write 127.0.0.1:4317: unsupported scheme"}},
		{"a shell runs kube-apiserver", "1.37", func(s *check.State) {
			pod(s, "kube-apiserver-a").Spec.Containers[0].Command = []string{"sh", "-c", "exec kube-apiserver --tracing-config-file=" + config}
		}, []string{"kube-apiserver on a: command is a shell, or another program"}},
		{"a certificate for kube-apiserver", "1.37", variable("kube-apiserver", "OTEL_EXPORTER_OTLP_CERTIFICATE", "/ca.crt"),
			[]string{"kube-apiserver on a: OTEL_EXPORTER_OTLP_CERTIFICATE is /ca.crt, wanted is nothing (silently no traces)"}},
		{"a certificate for the traces of etcd", "1.37", variable("etcd", "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "/ca.crt"),
			[]string{"etcd on a: OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE is /ca.crt, wanted is nothing (silently no traces)"}},
		{"a millisecond", "1.37", variable("etcd", "OTEL_EXPORTER_OTLP_TIMEOUT", "1"),
			[]string{"etcd on a: OTEL_EXPORTER_OTLP_TIMEOUT is 1, wanted is nothing (silently no traces)"}},
		{"a sampler, which changes nothing", "1.37", variable("kube-apiserver", "OTEL_TRACES_SAMPLER", "always_off"), nil},
		{"both gates, in two flags", "1.33", func(s *check.State) {
			flag(s, "kube-apiserver", "feature-gates", "--feature-gates=AllBeta=false", "--feature-gates=APIServerTracing=true")
		}, nil},
		{"a file of another release", "1.29", file("apiVersion: apiserver.config.k8s.io/v1\nkind: TracingConfiguration\nendpoint: 127.0.0.1:4317\nsamplingRatePerMillion: 10000\n"),
			[]string{"kube-apiserver on a: " + config + " apiVersion is apiserver.config.k8s.io/v1, wanted is apiserver.config.k8s.io/v1beta1 (refuses to start)"}},
		{"a field in the wrong case", "1.37", file(tracingHead + "SamplingRatePerMillion: 10000\n"), []string{
			"kube-apiserver on a: " + config + " SamplingRatePerMillion is in line 4, wanted is nothing (refuses to start)",
			"kube-apiserver on a: " + config + " samplingRatePerMillion is nothing, wanted is 10000 (silently no traces)",
		}},
		{"a field in the wrong case, which is passed over", "1.31", file(tracingHead + "SamplingRatePerMillion: 10000\n"),
			[]string{"kube-apiserver on a: " + config + " samplingRatePerMillion is nothing, wanted is 10000 (silently no traces)"}},
		{"a field that nobody knows", "1.37", file(tracingHead + "samplingRatePerMillion: 10000\nmore: 1\n"),
			[]string{"kube-apiserver on a: " + config + " more is in line 5, wanted is nothing (refuses to start)"}},
		{"a field that nobody knows, which is passed over", "1.31", file(tracingHead + "samplingRatePerMillion: 10000\nmore: 1\n"), nil},
		{"a key twice", "1.37", file(tracingHead + "samplingRatePerMillion: 5\nsamplingRatePerMillion: 10000\n"),
			[]string{"kube-apiserver on a: " + config + " samplingRatePerMillion is in line 5, wanted is nothing (refuses to start)"}},
		{"etcd's own file", "1.37", etcdFile("data-dir: /var/lib/etcd\nenable-distributed-tracing: true\ndistributed-tracing-address: 127.0.0.1:4317\ndistributed-tracing-service-name: etcd\ndistributed-tracing-sampling-rate: 10000\n"), nil},
		{"a flag that etcd does not parse beside its own file", "1.37", func(s *check.State) {
			flag(s, "etcd", "", "--experimental-enable-distributed-tracing=true")
			etcdFile("enable-distributed-tracing: true\ndistributed-tracing-address: 127.0.0.1:4317\ndistributed-tracing-service-name: etcd\ndistributed-tracing-sampling-rate: 10000\n")(s)
		}, []string{"etcd on a: --experimental-enable-distributed-tracing is true, wanted is nothing (refuses to start): Take it out"}},
		{"a field of another type in etcd's own file", "1.37", etcdFile("enable-distributed-tracing: true\ndistributed-tracing-address: 127.0.0.1:4317\ndistributed-tracing-service-name: etcd\ndistributed-tracing-sampling-rate: \"10000\"\n"),
			[]string{"etcd on a: /etc/etcd.yaml distributed-tracing-sampling-rate is 10000, wanted is 10000 (refuses to start): Write a whole number, without quotes"}},
		{"etcd's own file without tracing", "1.37", etcdFile("data-dir: /var/lib/etcd\n"),
			[]string{"etcd on a: /etc/etcd.yaml enable-distributed-tracing is nothing, wanted is true (silently no traces)"}},
		{"etcd's own file in the old spelling", "1.37", etcdFile("experimental-enable-distributed-tracing: true\n"), []string{
			"etcd on a: /etc/etcd.yaml experimental-enable-distributed-tracing is true",
		}},
	} {
		test.run(t, check.Options{})
	}
}
