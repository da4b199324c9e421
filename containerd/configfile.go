package containerd

import (
	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/tracing"
)

// Config is the part of containerd's config.toml that switches tracing on, in a file
// of version 2.
type Config struct {
	// OTLP is the table plugins."io.containerd.tracing.processor.v1.otlp".
	OTLP OTLP
	// Tracing is the table plugins."io.containerd.internal.v1.tracing".
	Tracing Tracing
}

// OTLP says where containerd sends to. Its keys are those of upstream's OTLPConfig.
type OTLP struct {
	// Endpoint is what gRPC dials, without a scheme for an address and a port.
	Endpoint string
	// Protocol is "grpc".
	Protocol string
	// Insecure sends in plain text.
	Insecure bool
}

// Tracing says how much containerd traces. Its keys are those of upstream's
// TraceConfig.
type Tracing struct {
	// SamplingRatio is the part of calls that are traced: of those without a trace
	// context, or up to 1.6.31 of all. nil leaves it to containerd, whose default is 1.
	SamplingRatio *float64
}

// Marshal returns the file, without a version, so that it can be imported by a
// config.toml and be a patch of kind's. In a config.toml that imports nothing it has to
// stand below version = 2.
func (c Config) Marshal() []byte {
	values := []tomledit.Value{
		{Path: setting.TOMLPath(setting.ContainerdEndpoint), Value: c.OTLP.Endpoint},
		{Path: setting.TOMLPath(setting.ContainerdProtocol), Value: c.OTLP.Protocol},
		{Path: setting.TOMLPath(setting.ContainerdInsecure), Value: c.OTLP.Insecure},
	}
	if ratio := c.Tracing.SamplingRatio; ratio != nil {
		values = append(values, tomledit.Value{Path: setting.TOMLPath(setting.ContainerdRatio), Value: *ratio})
	}
	return []byte(tomledit.Marshal(values))
}

// ConfigFile returns the tables of config.toml. They are to be imported by
// /etc/containerd/config.toml, whose version has to be 2, with
//
//	imports = ["/etc/containerd/conf.d/*.toml"]
//
// or to stand in it; apply.Runtime edits it. They take effect with a restart of
// the service, through which the pods live on. The error is a
// *tracing.InvalidSpecError, or a *tracing.NotGeneratedError where the spec names no
// containerd, or one that goes by variables.
func ConfigFile(spec tracing.TracingSpec) (*Config, error) {
	return generate.Unless(spec, noConfig, ConfigFileFor)
}

// ConfigFileFor is ConfigFile of a spec that is resolved already, or nil.
func ConfigFileFor(r tracing.Resolved) *Config {
	if noConfig(r) != nil {
		return nil
	}
	ratio := float64(r.ContainerdSamplingRate()) / 1_000_000
	return &Config{
		OTLP:    OTLP{Endpoint: r.ComponentEndpoint(), Protocol: setting.ProtocolGRPC, Insecure: true},
		Tracing: Tracing{SamplingRatio: &ratio},
	}
}

func noConfig(r tracing.Resolved) *tracing.NotGeneratedError {
	if not := r.NotGenerated(tracing.ComponentContainerd); not != nil || r.ContainerdTOML() {
		return not
	}
	return &tracing.NotGeneratedError{Component: tracing.ComponentContainerd, Field: "containerd.version", Reason: "this containerd goes by variables of its environment"}
}
