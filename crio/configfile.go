package crio

import (
	"kubetrace/internal/generate"
	"kubetrace/internal/setting"
	"kubetrace/internal/tomledit"
	"kubetrace/tracing"
)

// Config is the table crio.tracing of CRI-O's configuration. Its fields are those of
// upstream's TracingConfig.
type Config struct {
	// EnableTracing switches tracing on.
	EnableTracing bool
	// TracingEndpoint is what gRPC dials, without a scheme for an address and a port.
	TracingEndpoint string
	// TracingSamplingRatePerMillion is how many of a million calls without a trace
	// context are traced. nil leaves it to CRI-O, whose default is 0.
	TracingSamplingRatePerMillion *int32
}

// Marshal returns the file.
func (c Config) Marshal() []byte {
	values := []tomledit.Value{
		{Path: setting.TOMLPath(setting.CRIOEnable), Value: c.EnableTracing},
		{Path: setting.TOMLPath(setting.CRIOEndpoint), Value: c.TracingEndpoint},
	}
	if rate := c.TracingSamplingRatePerMillion; rate != nil {
		values = append(values, tomledit.Value{Path: setting.TOMLPath(setting.CRIORate), Value: int64(*rate)})
	}
	return []byte(tomledit.Marshal(values))
}

// ConfigFile returns the table, for a file in /etc/crio/crio.conf.d: CRI-O reads every
// file in there, in the order of their names, whatever they are called, and the last
// one that sets a key holds. It takes effect with a restart of CRI-O, through which the
// pods live on. The error is a *tracing.InvalidSpecError, or a
// *tracing.NotGeneratedError where the spec names no CRI-O.
func ConfigFile(spec tracing.TracingSpec) (*Config, error) {
	return generate.Object(spec, tracing.ComponentCRIO, ConfigFileFor)
}

// ConfigFileFor is ConfigFile of a spec that is resolved already, or nil.
func ConfigFileFor(r tracing.Resolved) *Config {
	if r.NotGenerated(tracing.ComponentCRIO) != nil {
		return nil
	}
	rate := r.CRIOSamplingRate()
	return &Config{EnableTracing: true, TracingEndpoint: r.ComponentEndpoint(), TracingSamplingRatePerMillion: &rate}
}
