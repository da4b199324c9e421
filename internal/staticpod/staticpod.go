// Package staticpod reads what the containers of etcd and kube-apiserver are given.
package staticpod

import (
	"regexp"
	"strings"

	"kubetrace/tracing"
)

// TagOf returns the tag of an image, or nothing.
func TagOf(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[i+1:]
	}
	return ""
}

// FlagName returns the name that a component takes a flag for. Those of Kubernetes
// read _ as -.
// Source: k8s.io/component-base cli/flag/flags.go, WordSepNormalizeFunc.
func FlagName(component tracing.Component, written string) string {
	if component == tracing.ComponentEtcd {
		return written
	}
	return strings.ReplaceAll(written, "_", "-")
}

var etcdTracing = regexp.MustCompile(`^(experimental-)?((?:enable-)?distributed-tracing.*)$`)

// EtcdTracing takes a flag of etcd's tracing apart, in either spelling: into the
// prefix, "experimental-" or nothing, and the rest. ok says whether it is one.
func EtcdTracing(flag string) (prefix, rest string, ok bool) {
	match := etcdTracing.FindStringSubmatch(flag)
	if match == nil {
		return "", "", false
	}
	return match[1], match[2], true
}

// etcdPrefix begins the variables that etcd reads as flags.
const etcdPrefix = "ETCD_"

// EtcdFlagOf returns the flag of etcd that a variable stands for.
// Source: go.etcd.io/etcd/pkg/v3 flags/flag.go, FlagToEnv.
func EtcdFlagOf(variable string) (flag string, ok bool) {
	rest, ok := strings.CutPrefix(variable, etcdPrefix)
	return strings.ReplaceAll(strings.ToLower(rest), "_", "-"), ok
}

// EtcdVariableOf returns the variable that stands for a flag of etcd.
func EtcdVariableOf(flag string) string {
	return etcdPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
