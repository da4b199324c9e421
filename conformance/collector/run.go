package collector

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/provider/envprovider"
	"go.opentelemetry.io/collector/confmap/provider/yamlprovider"
	"go.opentelemetry.io/collector/otelcol"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// Collector is a whole collector that runs inside the test's process.
type Collector struct {
	collector *otelcol.Collector
	log       *observer.ObservedLogs
	done      chan error
	once      sync.Once
}

// timeout bounds how long a collector may take to start and to stop.
const timeout = 30 * time.Second

// Start runs a collector with the given configuration until the test ends. It
// returns once every component has started.
func Start(tb testing.TB, config string) *Collector {
	tb.Helper()
	c, err := start(tb.Context(), config)
	if err != nil {
		tb.Fatalf("%v\nconfiguration:\n%s", err, config)
	}
	tb.Cleanup(func() { c.Stop(tb) })
	return c
}

// Stop ends the collector, which first delivers what it has accepted. A test
// that does not want to wait for a batch to fill stops it early.
func (c *Collector) Stop(tb testing.TB) {
	tb.Helper()
	c.once.Do(func() {
		c.collector.Shutdown()
		select {
		case err := <-c.done:
			if err != nil {
				tb.Errorf("the collector ended with: %v", err)
			}
		case <-time.After(timeout):
			tb.Errorf("the collector is still %q %s after it was told to stop", c.collector.GetState(), timeout)
		}
	})
}

func start(ctx context.Context, config string) (*Collector, error) {
	core, log := observer.New(zapcore.DebugLevel)
	collector, err := otelcol.NewCollector(settings(config, core))
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	c := &Collector{collector: collector, log: log, done: make(chan error, 1)}
	go func() { c.done <- collector.Run(context.WithoutCancel(ctx)) }()

	late := time.NewTimer(timeout)
	defer late.Stop()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for collector.GetState() != otelcol.StateRunning {
		select {
		case err := <-c.done:
			return nil, fmt.Errorf("the collector refused to start: %w", err)
		case <-late.C:
			collector.Shutdown()
			return nil, fmt.Errorf("the collector is %q after %s", collector.GetState(), timeout)
		case <-tick.C: // there is no channel that tells the state
		}
	}
	return c, nil
}

// Log returns the collector's log so far, of a level and above.
func (c *Collector) Log(least zapcore.Level) []string {
	var lines []string
	for _, entry := range c.log.All() {
		if entry.Level >= least {
			lines = append(lines, fmt.Sprintf("%s: %s %v", entry.Level, entry.Message, entry.ContextMap()))
		}
	}
	return lines
}

// DryRun judges a configuration as "otelcol validate" does.
func DryRun(ctx context.Context, config string) error {
	collector, err := otelcol.NewCollector(settings(config, zapcore.NewNopCore()))
	if err != nil {
		return err
	}
	return collector.DryRun(ctx)
}

func settings(config string, core zapcore.Core) otelcol.CollectorSettings {
	return otelcol.CollectorSettings{
		BuildInfo: component.BuildInfo{Command: "kubetrace-conformance", Version: "latest"},
		Factories: Factories,
		// The test process keeps its own signal handling.
		DisableGracefulShutdown: true,
		SkipSettingGRPCLogger:   true,
		LoggingOptions: []zap.Option{
			zap.WrapCore(func(zapcore.Core) zapcore.Core { return core }),
		},
		ConfigProviderSettings: otelcol.ConfigProviderSettings{
			ResolverSettings: confmap.ResolverSettings{
				URIs: []string{"yaml:" + config},
				ProviderFactories: []confmap.ProviderFactory{
					envprovider.NewFactory(),
					yamlprovider.NewFactory(),
				},
				DefaultScheme: "env",
			},
		},
	}
}
