package collector

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"kubetrace/internal/generate"
	"kubetrace/internal/otelcol"
	"kubetrace/internal/unitedit"
	"kubetrace/tracing"
)

// Where the files of a collector on a host are.
const (
	// HostConfigPath is that of Host.Config.
	HostConfigPath = "/etc/kubetrace/collector/config.yaml"
	// HostUnitPath is that of Host.Unit.
	HostUnitPath = "/etc/systemd/system/" + HostService + ".service"
	// HostService is the name of the unit.
	HostService = "kubetrace-collector"
	// HostProgram is the collector's program, of the version and distribution that the
	// spec's collector has: github.com/open-telemetry/opentelemetry-collector-releases.
	HostProgram = "/usr/local/bin/otelcol"
	// HostTLSFolder is where the files of HostSecret are.
	HostTLSFolder = "/etc/kubetrace/collector/tls"
	// HostHeadersPath is a file of variables for systemd, NAME=value in each line.
	HostHeadersPath = "/etc/kubetrace/collector/headers.env"
)

// Host is a collector that systemd runs on a host, for control-plane hosts without a
// kubelet, where no DaemonSet puts one: those of k0s, and an etcd of its own. It listens
// and sends as the collector of a node does.
type Host struct {
	// Config is the collector's configuration. It holds nothing that is secret.
	Config []byte
	// Unit is the systemd unit.
	Unit HostUnit
	// Secrets are the files and variables that somebody has to make, of what the
	// cluster's Secrets hold.
	Secrets []HostSecret
}

// HostSecret is a file of certificates, or a variable in the file HostHeadersPath.
type HostSecret struct {
	// Path is the file, readable to root alone.
	Path string
	// Variable is the name in that file, or empty where it is the whole.
	Variable string
	// Key is what of which Secret holds it in the cluster.
	Key corev1.SecretKeySelector
}

// HostUnit is a systemd unit. It needs systemd 235, and 247 with Credentials.
type HostUnit struct {
	// Description is what systemctl status says.
	Description string
	// ExecStart is the command.
	ExecStart []string
	// Environment are variables with values. The collector also gets the host's name.
	Environment []corev1.EnvVar
	// EnvironmentFile is a file of variables, or empty.
	EnvironmentFile string
	// Credentials are files by the names under which the service finds them.
	Credentials []HostCredential
	// StateDirectory is a folder of the service below /var/lib, or empty.
	StateDirectory string
	// MemoryMax is in bytes.
	MemoryMax int64
}

// HostCredential is a file that systemd hands to the service.
type HostCredential struct{ Name, Path string }

// HostFiles returns a collector for a host: its configuration and the unit that runs it.
//
// Its exporter is the one of the spec, past a gateway, which is inside the cluster. The
// memory that it takes is bounded as that of the pods. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where the collector is
// disabled or sends to the development backend, which no host reaches.
func HostFiles(spec tracing.TracingSpec) (*Host, error) {
	return generate.Unless(spec, noHost, HostFilesFor)
}

// HostFilesFor is HostFiles of a spec that is resolved already, or nil.
func HostFilesFor(r tracing.Resolved) *Host {
	if noHost(r) != nil {
		return nil
	}
	to, size := hostExporter(r), r.Sizing()
	config := configOf(r, func(r tracing.Resolved) (string, section) {
		name, settings := exporterTo(r, to)
		if tls, ok := settings["tls"].(section); ok {
			for key, value := range tls {
				if path, isText := value.(string); isText {
					tls[key] = strings.ReplaceAll(path, otelcol.TLSFolder+"/", "${env:CREDENTIALS_DIRECTORY}/")
				}
			}
		}
		return name, settings
	})
	// A share would be of the machine's memory: the collector does not see the unit's.
	config["processors"].(section)["memory_limiter"] = section{
		"check_interval":  "1s",
		"limit_mib":       share(size.MemoryLimit, size.CollectPercent),
		"spike_limit_mib": share(size.MemoryLimit, size.CollectPercent-size.RefusePercent),
	}
	host := &Host{
		Config: []byte(otelcol.Text(config)),
		Unit: HostUnit{
			Description: "OpenTelemetry Collector of kubetrace",
			ExecStart:   []string{HostProgram, "--config=" + HostConfigPath},
			Environment: []corev1.EnvVar{otelcol.GoMemoryLimit(size), {Name: "GOGC", Value: "60"}},
			MemoryMax:   size.MemoryLimit,
		},
	}
	for _, env := range otelcol.HeaderEnv(to) {
		host.Unit.EnvironmentFile = HostHeadersPath
		host.Secrets = append(host.Secrets, HostSecret{HostHeadersPath, env.Name, *env.ValueFrom.SecretKeyRef.DeepCopy()})
	}
	for _, file := range otelcol.TLSFiles(to.TLS) {
		path := HostTLSFolder + "/" + file.Name()
		host.Unit.Credentials = append(host.Unit.Credentials, HostCredential{file.Name(), path})
		host.Secrets = append(host.Secrets, HostSecret{path, "", file.Key()})
	}
	if size.Disk > 0 {
		host.Unit.StateDirectory = strings.TrimPrefix(queueFolder, "/var/lib/")
	}
	return host
}

// share is a part of a number of bytes, in MiB.
func share(bytes int64, percent int) int64 { return bytes / 100 * int64(percent) >> 20 }

// hostExporter is where a collector on a host sends to.
func hostExporter(r tracing.Resolved) tracing.ExporterSpec {
	if r.NotGenerated(tracing.ComponentGateway) == nil {
		return r.GatewayExporter()
	}
	return r.Exporter()
}

func noHost(r tracing.Resolved) *tracing.NotGeneratedError {
	if not := r.NotGenerated(tracing.ComponentCollector); not != nil {
		return not
	}
	if r.NotGenerated(tracing.ComponentBackend) == nil {
		return &tracing.NotGeneratedError{Component: tracing.ComponentCollector, Field: "collector.exporter.endpoint", Reason: "a host does not reach the development backend, which is a Service: write where its collector sends to"}
	}
	return nil
}

// Marshal returns the unit.
// https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html
func (u HostUnit) Marshal() []byte {
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("[Unit]\nDescription=%s\nWants=network-online.target\nAfter=network-online.target\n\n[Service]", u.Description)
	line("ExecStart=%s", strings.Join(u.ExecStart, " "))
	line(`Environment="%s=%%H"`, nodeNameEnv)
	for _, v := range u.Environment {
		line("%s", unitedit.Assignment(v.Name, v.Value))
	}
	if u.EnvironmentFile != "" {
		line("EnvironmentFile=%s", u.EnvironmentFile)
	}
	for _, c := range u.Credentials {
		line("LoadCredential=%s:%s", c.Name, c.Path)
	}
	if u.StateDirectory != "" {
		line("StateDirectory=%s", u.StateDirectory)
	}
	line("MemoryMax=%d", u.MemoryMax)
	line("DynamicUser=yes\nNoNewPrivileges=yes\nProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nCapabilityBoundingSet=\nRestart=always\nRestartSec=5\nTimeoutStopSec=30\n\n[Install]\nWantedBy=multi-user.target")
	return []byte(text.String())
}
