package release

import "strings"

// Which containerd reads the tables of tracing in its config.toml,
// plugins."io.containerd.tracing.processor.v1.otlp" and
// plugins."io.containerd.internal.v1.tracing". Others log at most that these are
// deprecated, and go by the variables OTEL_….
//
// Source: github.com/containerd/containerd tracing/plugin/otlp.go (read in
// v1.6.31:48, v1.7.15:50; variables alone in v1.6.32, v1.6.36, v1.7.16, v1.7.18;
// tables copied into variables in v1.7.19:146) and github.com/containerd/containerd/v2
// pkg/tracing/plugin/otlp.go (variables alone in v2.0.13).
var containerdTOML = since[bool]{
	{numbers{1, 6, 0}, true},
	{numbers{1, 6, 32}, false},
	{numbers{1, 7, 0}, true},
	{numbers{1, 7, 16}, false},
	{numbers{1, 7, 19}, true},
	{numbers{2, 0, 0}, false},
}

// ContainerdTOML says whether containerd honours the settings of tracing in its
// config.toml: 1.6.32 to 1.6.39, 1.7.16 to 1.7.18 and every release from 2.0 on
// ignore them. The version may be written as a node's status does,
// "containerd://1.7.18", or as a distribution does, "1.6.20~ds1". known is false
// where it names none, or one before 1.6, which has no tracing.
func ContainerdTOML(version string) (honoured, known bool) {
	parsed, ok := VersionOfTag(strings.TrimPrefix(version, "containerd://"))
	if !ok || parsed.numbers.before(containerdTOML[0].from) {
		return false, false
	}
	return containerdTOML.at(parsed.numbers), true
}
