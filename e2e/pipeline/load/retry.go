package load

import (
	"context"
	"math/rand/v2"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Retry is what a sender does when it is refused.
type Retry struct {
	// Initial and Max bound the time between two attempts. It grows by half each
	// time, and is up to half longer or shorter by chance.
	Initial, Max time.Duration
	// Elapsed is after how long there is no further attempt; 0 is never.
	Elapsed time.Duration
	// Timeout is for an export with all its attempts; 0 is none.
	Timeout time.Duration
}

// SDK is what the exporter in etcd, kube-apiserver and kubelet does. Its timeout
// of 10 seconds is for all attempts together, so that it never comes to the
// minute of its retries.
// https://github.com/open-telemetry/opentelemetry-go/blob/v1.44.0/exporters/otlp/otlptrace/otlptracegrpc/client.go#L209
// https://github.com/open-telemetry/opentelemetry-go/blob/v1.44.0/exporters/otlp/otlptrace/otlptracegrpc/internal/retry/retry.go#L21
var SDK = Retry{Initial: 5 * time.Second, Max: 30 * time.Second, Elapsed: time.Minute, Timeout: 10 * time.Second}

// do attempts until there is no error or nothing more to try.
func (r Retry) do(ctx context.Context, attempt func(context.Context) error) error {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	began, pause := time.Now(), r.Initial
	for {
		err := attempt(ctx)
		if err == nil {
			return nil
		}
		again, throttle := retryable(err)
		if !again || ctx.Err() != nil || r.Elapsed > 0 && time.Since(began)+throttle > r.Elapsed {
			return err
		}
		wait := max(throttle, pause/2+rand.N(pause+1))
		pause = min(pause+pause/2, r.Max)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// retryable says whether the exporter attempts again, and after how long at
// least.
// https://github.com/open-telemetry/opentelemetry-proto/blob/main/docs/specification.md#failures
func retryable(err error) (again bool, throttle time.Duration) {
	s := status.Convert(err)
	told := false
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			told, throttle = true, info.GetRetryDelay().AsDuration()
		}
	}
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		return true, throttle
	case codes.ResourceExhausted:
		return told, throttle
	}
	return false, 0
}
