package sink

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// newHTTP makes the OTLP/HTTP form of the sink, for collectors that send so.
func (s *Sink) newHTTP() *http.Server {
	return &http.Server{
		Handler:           http.HandlerFunc(s.serveHTTP),
		ReadHeaderTimeout: 10 * time.Second,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			s.count(func(c *Counts) { c.Connections++ })
			return ctx
		},
	}
}

func (s *Sink) serveHTTP(w http.ResponseWriter, r *http.Request) {
	s.count(func(c *Counts) { c.Requests++ })
	raw, err := s.body(r)
	if errors.Is(err, errTooLarge) {
		s.count(func(c *Counts) { c.TooLarge++ })
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := s.export(r.Context(), raw)
	if err != nil {
		refuseHTTP(w, err)
		return
	}
	if answer == nil {
		answer, _ = ptraceotlp.NewExportResponse().MarshalProto()
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
	_, _ = w.Write(answer)
}

// refuseHTTP answers with what stands for a code of gRPC.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#failures-1
func refuseHTTP(w http.ResponseWriter, err error) {
	answer := status.Convert(err)
	for _, detail := range answer.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			w.Header().Set("Retry-After", strconv.Itoa(int(info.GetRetryDelay().AsDuration().Seconds()+0.999)))
		}
	}
	code := http.StatusBadRequest
	switch answer.Code() {
	case codes.Unavailable:
		code = http.StatusServiceUnavailable
	case codes.ResourceExhausted:
		code = http.StatusTooManyRequests
	}
	http.Error(w, answer.Message(), code)
}

var errTooLarge = errors.New("the request is too large")

func (s *Sink) body(r *http.Request) ([]byte, error) {
	wire, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	raw := wire
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(bytes.NewReader(wire))
		if err != nil {
			return nil, err
		}
		// One more than may be, so that too much is noticed.
		if raw, err = io.ReadAll(io.LimitReader(unzipped, int64(s.settings.MaxMessage)+1)); err != nil {
			return nil, err
		}
	}
	if len(raw) > s.settings.MaxMessage {
		return nil, errTooLarge
	}
	s.count(func(c *Counts) {
		c.Wire += len(wire)
		c.Bytes += len(raw)
	})
	return raw, nil
}

func (s *Sink) count(change func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.counts)
}
