// Package k3stest does what k3s and RKE2 do with what they are given, for tests: their
// modules are not served.
package k3stest

import (
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// EtcdFile returns what k3s and RKE2 write into etcd's configuration file of the flags
// that etcd-arg holds: numbers, lengths of time where the name says that it is one, lists,
// truth values and texts, tried in this order.
//
// Source: the rules of github.com/k3s-io/k3s pkg/daemons/executor/executor.go,
// ToConfigFile.
func EtcdFile(args []string) ([]byte, error) {
	fields := map[string]any{}
	for _, arg := range args {
		if name, value, found := strings.Cut(arg, "="); found {
			name = strings.TrimLeft(name, "-")
			fields[name] = etcdValue(strings.ToLower(name), value)
		}
	}
	return yaml.Marshal(fields)
}

func etcdValue(name, value string) any {
	if n, err := strconv.Atoi(value); err == nil {
		return n
	}
	for _, word := range []string{"time", "duration", "interval", "retention"} {
		if length, err := time.ParseDuration(value); err == nil && strings.Contains(name, word) {
			return length
		}
	}
	var list []string
	if yaml.Unmarshal([]byte(value), &list) == nil {
		return append([]string{}, list...) // null is an empty one
	}
	switch strings.ToLower(value) {
	case "true", "false":
		return strings.EqualFold(value, "true")
	}
	return value
}
