package setting

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// The variables of the OpenTelemetry exporter that undo the settings of a component:
// with a certificate it speaks TLS to a listener that does not, and within a few
// milliseconds no span arrives, of which the exporter and the batch processor before it
// have a variable each. Those of the sampler, endpoint, compression and resource
// change nothing that matters.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor
var (
	otlpCertificate = regexp.MustCompile(`^OTEL_EXPORTER_OTLP_(TRACES_)?(CLIENT_)?CERTIFICATE$`)
	otlpTimeout     = regexp.MustCompile(`^(OTEL_EXPORTER_OTLP_(TRACES_)?TIMEOUT|OTEL_BSP_EXPORT_TIMEOUT)$`)
)

// shortTimeout is, in milliseconds, what an export to the own node may take on a busy
// machine. The default is 10,000.
const shortTimeout = 1000

// JudgeVariables finds the variables that undo the settings of any component of
// Kubernetes, or of etcd.
func JudgeVariables(given []Written) []Verdict {
	var all []Verdict
	for at, w := range given {
		if !isSet(w) {
			continue
		}
		switch n, err := strconv.Atoi(strings.TrimSpace(w.Value)); {
		case otlpCertificate.MatchString(w.Name):
			if key := strings.Replace(w.Name, "CERTIFICATE", "KEY", 1); strings.Contains(w.Name, "CLIENT") &&
				!slices.ContainsFunc(given, func(w Written) bool { return isSet(w) && w.Name == key }) {
				continue // without its key it is not read
			}
			all = append(all, Verdict{At: at, Class: Silent, Cure: "Take it out: with it the spans are sent over TLS, and the collector on the node has no certificate"})
		case otlpTimeout.MatchString(w.Name) && err == nil && 0 < n && n < shortTimeout: // 0 is no limit
			all = append(all, Verdict{At: at, Class: Silent, Cure: fmt.Sprintf("Take it out, or write %d or more: it is in milliseconds, and no span is delivered within so few", shortTimeout)})
		}
	}
	return all
}

// Variables are the variables of a container.
func Variables(env []corev1.EnvVar) []Written {
	all := make([]Written, len(env))
	for i, v := range env {
		all[i] = Written{Kind: Variable, Name: v.Name, As: v.Name, Value: v.Value, Elsewhere: v.ValueFrom != nil}
	}
	return all
}

// isSet says whether a variable is set for the exporter, which takes an empty one for
// unset.
func isSet(w Written) bool {
	return w.Kind == Variable && (w.Elsewhere || strings.TrimSpace(w.Value) != "")
}
