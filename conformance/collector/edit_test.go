package collector

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

// section is a part of a configuration.
type section = map[string]any

// edit returns a configuration with a change.
func edit(t *testing.T, config string, change func(*testing.T, section)) string {
	t.Helper()
	parsed := parse(t, config)
	change(t, parsed)
	if cmp.Equal(parsed, parse(t, config)) {
		t.Fatalf("nothing was changed in:\n%s", config)
	}
	text, err := yaml.Marshal(parsed)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parse(t *testing.T, config string) (parsed section) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(config), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// at returns a section, which has to be there.
func at(t *testing.T, config section, path ...string) section {
	t.Helper()
	for _, key := range path {
		next, ok := config[key].(section)
		if !ok {
			t.Fatalf("the configuration has no section %s", strings.Join(path, "::"))
		}
		config = next
	}
	return config
}

// exporterOf returns the only exporter's settings.
func exporterOf(t *testing.T, config section) section {
	t.Helper()
	for name := range at(t, config, "exporters") {
		return at(t, config, "exporters", name)
	}
	t.Fatal("the configuration has no exporter")
	return nil
}

// rename gives the only exporter another name.
func rename(t *testing.T, config section, name string) {
	t.Helper()
	config["exporters"] = section{name: exporterOf(t, config)}
	at(t, config, "service", "pipelines", "traces")["exporters"] = []string{name}
}

func attribute(t *testing.T, config section, key string) section {
	t.Helper()
	for _, a := range at(t, config, "processors", "resource/node")["attributes"].([]any) {
		if a := a.(section); a["key"] == key {
			return a
		}
	}
	t.Fatalf("the configuration sets no attribute %s", key)
	return nil
}

func setAttribute(t *testing.T, config section, key, setting, value string) {
	t.Helper()
	attribute(t, config, key)[setting] = value
}
