package collector

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/component"
)

// variable is a reference to the environment, with the default if it has one.
var variable = regexp.MustCompile(`\$\{env:([A-Za-z0-9_]+)(:-[^}]*)?\}`)

// lint finds in a container's configuration what the collector's validation
// does not.
func lint(t *testing.T, container Container) (faults []string) {
	t.Helper()
	config := parse(t, container.Config)
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	port := func(address string) {
		if _, text, err := net.SplitHostPort(address); err != nil || !isPort(text) {
			fault("%s has no port", address)
		}
	}

	// A doubled dollar sign is one of a text.
	for _, match := range variable.FindAllStringSubmatch(strings.ReplaceAll(container.Config, "$$", ""), -1) {
		if _, ok := container.Env[match[1]]; !ok && match[2] == "" {
			fault("nothing sets %s", match[1])
		}
	}

	enabled, _ := at(t, config, "service")["extensions"].([]any)
	for name, settings := range at(t, config, "extensions") {
		if !slices.Contains(enabled, any(name)) {
			fault("the extension %s is not enabled", name)
		}
		if address, ok := settings.(section)["endpoint"]; ok {
			port(fmt.Sprint(address))
		}
	}
	for name := range at(t, config, "receivers") {
		grpc := at(t, config, "receivers", name, "protocols", "grpc")
		if grpc["transport"] != "unix" {
			port(fmt.Sprint(grpc["endpoint"]))
		}
	}
	if metrics := fmt.Sprint(prometheus(t, config)["port"]); !isPort(metrics) {
		fault("%s is no port", metrics)
	}

	factories, err := Factories()
	if err != nil {
		t.Fatal(err)
	}
	for name := range at(t, config, "exporters") {
		exporter := at(t, config, "exporters", name)
		port(backend(t, fmt.Sprint(exporter["endpoint"])))
		if storage := at(t, exporter, "sending_queue")["storage"]; storage != nil && !slices.Contains(enabled, storage) {
			fault("%s is not among service::extensions", storage)
		}
		tls, _ := exporter["tls"].(section)
		for setting, file := range tls {
			if _, err := os.Stat(fmt.Sprint(file)); strings.HasSuffix(setting, "_file") && err != nil {
				fault("there is no file %s", file)
			}
		}
		typ, _, _ := strings.Cut(name, "/")
		factory, ok := factories.Exporters[component.MustNewType(typ)]
		if !ok {
			fault("this collector has no exporter %s", typ)
		} else if factory.Type().String() != typ {
			fault("%s is an old name of %s", typ, factory.Type())
		}
	}
	return faults
}

// backend returns the host and port of an exporter's endpoint.
func backend(t *testing.T, endpoint string) string {
	t.Helper()
	if address, ok := strings.CutPrefix(endpoint, "dns:///"); ok || !strings.Contains(endpoint, "://") {
		return address
	}
	parsed, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	if parsed.Port() == "" {
		return net.JoinHostPort(parsed.Hostname(), map[string]string{"http": "80", "https": "443"}[parsed.Scheme])
	}
	return parsed.Host
}

func isPort(text string) bool {
	number, err := strconv.ParseUint(text, 10, 16)
	return err == nil && number > 0
}

// prometheus returns the settings of the collector's own metrics.
func prometheus(t *testing.T, config section) section {
	t.Helper()
	readers, ok := at(t, config, "service", "telemetry", "metrics")["readers"].([]any)
	if !ok || len(readers) != 1 {
		t.Fatal("the collector's own metrics do not have one reader")
	}
	return at(t, readers[0].(section), "pull", "exporter", "prometheus")
}
