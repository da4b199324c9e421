package load

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the recording
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"kubetrace/e2e/pipeline/wire"
)

var (
	//go:embed recorded.pb.gz
	recorded []byte
	//go:embed recorded.json
	table []byte
)

// The names of the files that the recorder writes.
const (
	RecordingFile = "recorded.pb.gz"
	TableFile     = "recorded.json"
)

// Recording is a sample of what components sent: whole requests by the
// service.name of the component, whose sizes are distributed as those of all
// requests were.
type Recording map[string][]wire.Raw

// Recorded is the recording that belongs to this package, and what was measured
// while it was made.
func Recorded() (Recording, Table, error) {
	var t Table
	if err := json.Unmarshal(table, &t); err != nil {
		return nil, t, fmt.Errorf("%s: %w", TableFile, err)
	}
	r, err := ReadRecording(recorded)
	return r, t, err
}

// ReadRecording reads what WriteRecording wrote.
func ReadRecording(text []byte) (Recording, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", RecordingFile, err)
	}
	r := Recording{}
	for reader := bufio.NewReader(unzipped); ; {
		length, err := binary.ReadUvarint(reader)
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", RecordingFile, err)
		}
		raw := make(wire.Raw, length)
		if _, err := io.ReadFull(reader, raw); err != nil {
			return nil, fmt.Errorf("%s: %w", RecordingFile, err)
		}
		request := ptraceotlp.NewExportRequest()
		if err := request.UnmarshalProto(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", RecordingFile, err)
		}
		name := ServiceName(request.Traces())
		r[name] = append(r[name], raw)
	}
}

// WriteRecording is the content of a RecordingFile.
func WriteRecording(requests []ptrace.Traces) ([]byte, error) {
	var text bytes.Buffer
	zipped, err := gzip.NewWriterLevel(&text, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	for _, request := range requests {
		raw, err := ptraceotlp.NewExportRequestFromTraces(request).MarshalProto()
		if err != nil {
			return nil, err
		}
		if _, err := zipped.Write(append(binary.AppendUvarint(nil, uint64(len(raw))), raw...)); err != nil {
			return nil, err
		}
	}
	err = zipped.Close()
	return text.Bytes(), err
}

// ServiceName is the component that sent a request, or empty.
func ServiceName(traces ptrace.Traces) string {
	for _, group := range traces.ResourceSpans().All() {
		if name, there := group.Resource().Attributes().Get("service.name"); there {
			return name.Str()
		}
	}
	return ""
}
