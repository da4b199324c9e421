package pipeline

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Config is something that stands between components and a backend.
type Config struct {
	// Name is what it is called in tables.
	Name string
	// OnDisk says that the queue is to live through a kill.
	OnDisk bool
	// text is the collector's configuration. Where it is nil, the program that
	// only forwards runs instead.
	text func(Place) (string, error)
	// env are the variables of the container.
	env func(Place) []string
}

// Place is where a Config runs.
type Place struct {
	// Receiver, HTTPReceiver, Health and Metrics are the host:port of what it may
	// open.
	Receiver, HTTPReceiver, Health, Metrics string
	// Backend is the backend's host:port for gRPC, and HTTPBackend the one for HTTP.
	Backend, HTTPBackend string
	// Folder is for what it writes.
	Folder string
	// Memory is the limit of its container, in bytes.
	Memory int64
}

// Command is how a Config is run.
type Command struct {
	Args, Env []string
	// Listens is a host:port that answers once it is ready.
	Listens string
	// DiskFolder gets a disk of its own with so many bytes, where Disk is not 0.
	DiskFolder string
	Disk       int64
}

// programs are those that run a Config.
type programs struct{ collector, forward, clock string }

// command writes the configuration and says how to run it.
func (c Config) command(p programs, place Place) (Command, error) {
	command := Command{Listens: place.Receiver}
	if c.env != nil {
		command.Env = c.env(place)
	}
	if c.text == nil {
		command.Args = []string{p.forward, "-listen", place.Receiver, "-to", place.Backend}
		return command, nil
	}
	text, err := c.text(place)
	if err != nil {
		return command, fmt.Errorf("the configuration %s: %w", c.Name, err)
	}
	file := filepath.Join(place.Folder, "config.yaml")
	command.Args = []string{p.collector, "--config=file:" + file}
	return command, os.WriteFile(file, []byte(text), 0o644)
}

// Configs are all that are measured, the limit first and ours last.
func Configs() []Config {
	return []Config{limit, tutorial, helm, clusterObservability, ours, oursOnDisk, oursGateway}
}

// FindConfig is the one of a name.
func FindConfig(name string) (Config, error) {
	var names []string
	for _, c := range Configs() {
		if c.Name == name {
			return c, nil
		}
		names = append(names, c.Name)
	}
	return Config{}, fmt.Errorf("there is no configuration %q; write one of %s", name, strings.Join(names, ", "))
}

// limit is no collector at all: what it costs to read spans and send them on.
var limit = Config{Name: "limit", env: func(place Place) []string { return goMemoryLimit(place, 80) }}

// goMemoryLimit is GOMEMLIMIT at a percentage of the container's limit.
func goMemoryLimit(place Place, percent int64) []string {
	return []string{fmt.Sprintf("GOMEMLIMIT=%dMiB", place.Memory*percent/100>>20)}
}
