package sink

import (
	"fmt"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"kubetrace/e2e/pipeline/wire"
)

// Fault is how a sink answers. The zero value takes everything at once.
type Fault struct {
	// Delay is before every answer.
	Delay time.Duration
	// Code refuses every request.
	Code codes.Code
	// RetryAfter is sent with a refusal, where it is set.
	RetryAfter time.Duration
	// Taken notes the spans of a request that is refused all the same, as a
	// backend does whose answer is lost.
	Taken bool
	// Reject is how many spans of each request are not taken though the request
	// is, and Silent says nothing of it, as no backend should.
	Reject int
	Silent bool
}

// refusal is the error of a refused request.
func (f Fault) refusal() error {
	if f.Code == codes.OK {
		return nil
	}
	s := status.New(f.Code, "the sink was told to refuse")
	if f.RetryAfter > 0 {
		detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(f.RetryAfter)})
		if err != nil {
			return fmt.Errorf("add RetryInfo: %w", err)
		}
		s = detailed
	}
	return s.Err()
}

// response is that of a request of which n spans were rejected.
func response(n int) (wire.Raw, error) {
	if n == 0 {
		return nil, nil
	}
	answer := ptraceotlp.NewExportResponse()
	answer.PartialSuccess().SetRejectedSpans(int64(n))
	answer.PartialSuccess().SetErrorMessage("the sink was told to reject some")
	return answer.MarshalProto()
}
