package load

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

// refusal is what a receiver answers, with RetryInfo where there is a time.
func refusal(t *testing.T, code codes.Code, after time.Duration) error {
	t.Helper()
	s := status.New(code, "no")
	if after > 0 {
		var err error
		if s, err = s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(after)}); err != nil {
			t.Fatal(err)
		}
	}
	return s.Err()
}

func TestRetryable(t *testing.T) {
	for _, test := range []struct {
		name     string
		err      error
		again    bool
		throttle time.Duration
	}{
		{"away", refusal(t, codes.Unavailable, 0), true, 0},
		{"away for a while", refusal(t, codes.Unavailable, time.Second), true, time.Second},
		{"exhausted", refusal(t, codes.ResourceExhausted, 0), false, 0},
		{"exhausted for a while", refusal(t, codes.ResourceExhausted, time.Second), true, time.Second},
		{"wrong", refusal(t, codes.InvalidArgument, 0), false, 0},
		{"no answer", errors.New("none"), false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			again, throttle := retryable(test.err)
			if again != test.again || throttle != test.throttle {
				t.Errorf("again %t after %s, want %t after %s", again, throttle, test.again, test.throttle)
			}
		})
	}
}

// TestSDK says that a component gives a batch up after 10 seconds.
func TestSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, attempts := time.Now(), 0
		err := SDK.do(t.Context(), func(context.Context) error {
			attempts++
			return refusal(t, codes.Unavailable, 0)
		})
		if status.Code(err) != codes.Unavailable || time.Since(began) != 10*time.Second || attempts < 2 || attempts > 4 {
			t.Errorf("gave up after %s and %d attempts with %v", time.Since(began), attempts, err)
		}
	})
}

func TestRetryElapsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		patient := Retry{Initial: 5 * time.Second, Max: 30 * time.Second, Elapsed: time.Minute}
		if err := patient.do(t.Context(), func(context.Context) error { return refusal(t, codes.Unavailable, 0) }); err == nil {
			t.Error("it was taken")
		}
		if took := time.Since(began); took < time.Minute || took > 2*time.Minute {
			t.Errorf("gave up after %s", took)
		}
	})
}
