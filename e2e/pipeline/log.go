package pipeline

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// problems are the lines of a collector's log that are warnings or worse: how
// often each level and message came.
func problems(logFile string) (map[string]int, error) {
	text, err := os.ReadFile(logFile)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for _, line := range strings.Split(string(text), "\n") {
		if level, message := parseLog(line); level != "" && level != "info" && level != "debug" {
			counts[level+": "+short(strings.ReplaceAll(message, filepath.Dir(logFile), ""))]++
		}
	}
	return counts, nil
}

// parseLog reads a line in either encoding of the collector. A panic is an error
// too; any other line has no level.
func parseLog(line string) (level, message string) {
	if strings.HasPrefix(line, "{") {
		var entry struct{ Level, Msg, Error string }
		if json.Unmarshal([]byte(line), &entry) == nil {
			return entry.Level, entry.Msg + " " + entry.Error
		}
	}
	// The time, the level, where, the message, and the fields as JSON.
	parts := strings.Split(line, "\t")
	if len(parts) < 4 || !strings.HasPrefix(line, "2") {
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "Error:") {
			return "error", line
		}
		return "", "" // a line of a stack
	}
	var fields struct{ Error string }
	if len(parts) > 4 {
		_ = json.Unmarshal([]byte(parts[len(parts)-1]), &fields)
	}
	return parts[1], parts[3] + " " + fields.Error
}

// short is a message without what is different every time.
func short(message string) string {
	message = number.ReplaceAllString(message, "N")
	if len(message) > 240 {
		message = message[:240] + "…"
	}
	return strings.TrimSpace(message)
}

var number = regexp.MustCompile(`[0-9]+`)
