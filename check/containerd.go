package check

import (
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/release"
	"kubetrace/tracing"
)

// runtimeComponent is what containerd's findings are reported as: it serves the
// kubelet, and kubetrace does not configure it.
const runtimeComponent tracing.Component = "containerd"

// otlpTable is the plugin whose settings containerd reads without any effect but a
// warning, from some release on; it goes by the variables OTEL_… instead. Its own file,
// and one that was kept from 1.x, has them empty.
const otlpTable = "io.containerd.tracing.processor.v1.otlp"

var (
	tomlTable    = regexp.MustCompile(`^\s*\[+([^\]]*)\]`)
	tomlEndpoint = regexp.MustCompile(`(?:^|[\s.{,"'])"?endpoint"?\s*=\s*["']([^"']+)["']`)
)

// containerd finds an endpoint that containerd's release ignores.
func (i *inspector) containerd(node *corev1.Node) {
	text, given := i.Containerd[node.Name]
	version, isContainerd := strings.CutPrefix(node.Status.NodeInfo.ContainerRuntimeVersion, "containerd://")
	if row, known := release.ContainerdOf(version); !given || !isContainerd || row.TOML || !known {
		return
	}
	table := ""
	for _, line := range strings.Split(string(text), "\n") {
		if match := tomlTable.FindStringSubmatch(line); match != nil {
			table = match[1]
			continue
		}
		// Its name is in the table's head or before the key.
		match := tomlEndpoint.FindStringSubmatch(line)
		if match == nil || strings.HasPrefix(strings.TrimSpace(line), "#") || !strings.Contains(table+line, otlpTable) {
			continue
		}
		cure := "Take it out, and set OTEL_EXPORTER_OTLP_ENDPOINT=http://" + i.ComponentEndpoint() + ", OTEL_EXPORTER_OTLP_PROTOCOL=grpc, OTEL_TRACES_SAMPLER and its argument for the service: containerd " + version + " ignores this"
		if strings.HasPrefix(i.ComponentEndpoint(), "unix") {
			cure = "Take it out: containerd " + version + " ignores this, and with its variables OTEL_… sends to a TCP address alone, which the spec's endpoint is not"
		}
		reporter{inspector: i, component: runtimeComponent, node: node.Name}.add(NoTraces, otlpTable+" endpoint", "variables OTEL_… of containerd", match[1], "%s", cure)
		return
	}
}
