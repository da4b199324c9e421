package latency

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"kubetrace/e2e/lab"
	"kubetrace/tracing"
)

// collector is the traced cluster's.
type collector struct {
	side *side
	spec tracing.TracingSpec
}

// apply applies it as the run-book says.
func (c *collector) apply(ctx context.Context) error {
	_, err := c.side.cluster.Kubectl(ctx, "apply", "-f", "collector.yaml")
	if err == nil {
		_, err = c.side.cluster.Kubectl(ctx, "-n", c.spec.Collector.Namespace, "rollout", "status", "daemonset/"+c.spec.Collector.Name, "--timeout=5m")
	}
	return err
}

// remove deletes the DaemonSet, and waits until its pod is gone.
func (c *collector) remove(ctx context.Context) error {
	_, err := c.side.cluster.Kubectl(ctx, "-n", c.spec.Collector.Namespace, "delete", "daemonset", c.spec.Collector.Name, "--cascade=foreground")
	if err != nil {
		return err
	}
	return lab.Wait(ctx, time.Minute, "the collector gone", time.Second, c.absent)
}

// signal sends its process a signal.
func (c *collector) signal(ctx context.Context, signal syscall.Signal) error {
	reached, err := c.side.node().SignalContainer(ctx, "collector", signal)
	if err == nil && reached != 1 {
		err = fmt.Errorf("%d collectors run on %s", reached, c.side.node().Name)
	}
	return err
}

// absent says whether nothing listens where the components send.
func (c *collector) absent(ctx context.Context) error {
	connection, err := c.side.dial(ctx, "tcp", c.spec.Endpoint)
	switch {
	case err == nil:
		return errors.Join(fmt.Errorf("something listens on %s", c.spec.Endpoint), connection.Close())
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil
	}
	return err
}

// slow says whether the collector is there and does not answer.
func (c *collector) slow(ctx context.Context) error {
	if c.absent(ctx) == nil {
		return errors.New("the collector is gone")
	}
	_, err := c.metric(ctx, refusedMetric)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return nil
	}
	return errors.Join(errors.New("the collector still answers"), err)
}

// refuses waits until the collector refuses more spans than before.
func (c *collector) refuses(ctx context.Context) error {
	before, err := c.metric(ctx, refusedMetric)
	if err != nil {
		return err
	}
	// The components try again at least every 30 s.
	return lab.Wait(ctx, time.Minute, "the collector refusing spans", time.Second, func(ctx context.Context) error {
		now, err := c.metric(ctx, refusedMetric)
		if err == nil && now <= before {
			err = fmt.Errorf("it has refused %.0f, as before", now)
		}
		return err
	})
}

// refusedMetric counts the spans for which the queue had no room.
const refusedMetric = "otelcol_exporter_enqueue_failed_spans"

// metric is the sum of one of the collector's own metrics, 0 for one that does
// not exist yet.
func (c *collector) metric(ctx context.Context, name string) (sum float64, err error) {
	client := http.Client{Transport: &http.Transport{DialContext: c.side.dial, DisableKeepAlives: true}, Timeout: 3 * time.Second}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/metrics", c.spec.Collector.MetricsPort), nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		sample, value, _ := strings.Cut(lines.Text(), " ")
		if !strings.HasPrefix(sample, name) {
			continue
		}
		count, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, err
		}
		sum += count
	}
	return sum, lines.Err()
}
