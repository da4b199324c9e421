package lab

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Wait asks again and again until there is no error, or tells the last one.
func Wait(ctx context.Context, limit time.Duration, what string, every time.Duration, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s: not within %s", what, limit))
	defer cancel()
	var last error
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() == nil {
			last = err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), last)
		case <-time.After(every):
		}
	}
}
