package reader

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// EtcdConfigFile reads what the file of etcd's --config-file says of tracing. The keys
// are the names of the flags, in either spelling, and the values are as they are
// written. etcd passes over fields that it does not know, and reads a key in any case;
// those are here in small letters. Beside such a file etcd ignores all its other flags
// and variables. The error is a *[Problem].
//
// The source is configFromFile in embed/config.go of go.etcd.io/etcd/server, which
// uses Unmarshal of sigs.k8s.io/yaml.
func EtcdConfigFile(text []byte) (map[string]any, error) {
	var value any
	if err := yaml.Unmarshal(text, &value); err != nil {
		return nil, unreadable(text, err)
	}
	fields, isMapping := value.(map[string]any)
	if !isMapping && value != nil {
		return nil, &Problem{1, "", fmt.Sprintf("it is %s: write fields", described(value))}
	}
	tracing := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(fields)) { // the last of several wins, in this order
		if flag := strings.ToLower(key); strings.Contains(flag, "distributed-tracing") {
			tracing[flag] = fields[key]
		}
	}
	return tracing, nil
}
