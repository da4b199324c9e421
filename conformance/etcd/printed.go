package etcd

import (
	"encoding/json"
	"regexp"
	"strings"
)

// Printed returns all that etcd printed so far: its log, and what it links.
func (s *Server) Printed() string { return s.printed.String() }

// Complaints returns the lines of the log so far, a warning or worse, that are
// about flags, variables or tracing.
func (s *Server) Complaints() []string { return complaints(s.Printed()) }

var aboutSettings = regexp.MustCompile(`(?i)tracing|\btraces\b|\bflags?\b|\benvironment\b|deprecated|experimental|otel|otlp`)

func complaints(log string) []string {
	var found []string
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		if isComplaint(line) {
			found = append(found, line)
		}
	}
	return found
}

// isComplaint judges a line of etcd's log, which is JSON, or one of a library's,
// which is text and has no level.
func isComplaint(line string) bool {
	var entry map[string]any
	if err := json.Unmarshal([]byte(line), &entry); err != nil {
		return aboutSettings.MatchString(line)
	}
	if level := entry["level"]; level == "debug" || level == "info" {
		return false
	}
	for key, value := range entry {
		text, ok := value.(string)
		// These name etcd's own source.
		if ok && key != "caller" && key != "stacktrace" && aboutSettings.MatchString(text) {
			return true
		}
	}
	return false
}
