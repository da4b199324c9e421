package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"kubetrace/e2e/cluster"
	"kubetrace/e2e/lab"
	"kubetrace/e2e/pipeline/load"
)

// flush is how long the SDKs wait before they send what has come together.
// https://github.com/open-telemetry/opentelemetry-go/blob/main/sdk/trace/batch_span_processor.go
const flush = 5 * time.Second

// period has the cluster do something for a while, and measures it.
func period(ctx context.Context, c *cluster.Cluster, r *receiver, duration time.Duration, do func(context.Context, *cluster.Cluster, time.Duration) error) (p load.Period, requests []request, err error) {
	cpu, err := cpuTime(c.Nodes()[0])
	if err != nil {
		return p, nil, err
	}
	calls, err := apiRequests(ctx, c)
	if err != nil {
		return p, nil, err
	}
	began := time.Now()
	if err := do(ctx, c, duration); err != nil {
		return p, nil, err
	}
	p.Seconds = time.Since(began).Seconds()
	callsAfter, err := apiRequests(ctx, c)
	if err != nil {
		return p, nil, err
	}
	cpuAfter, err := cpuTime(c.Nodes()[0])
	if err != nil {
		return p, nil, err
	}
	ended := time.Now()
	// A span is sent a while after it has ended, at the beginning as at the end.
	if err := sleep(ctx, flush); err != nil {
		return p, nil, err
	}
	for _, came := range r.since(began.Add(flush)) {
		if came.at.Before(ended.Add(flush)) {
			requests = append(requests, came)
		}
	}
	p.APIRequests = callsAfter - calls
	p.CPUSeconds = (cpuAfter - cpu).Seconds()
	var spans float64
	for _, sender := range senders {
		component := component(sender, requests)
		component.SpansPerSecond = float64(component.Spans) / p.Seconds
		p.Components = append(p.Components, component)
		if sender != "kubelet" {
			spans += float64(component.Spans)
		}
	}
	p.SpansPerAPIRequest = spans / float64(max(p.APIRequests, 1))
	p.SpansPerCPUSecond = spans / p.CPUSeconds
	return p, requests, nil
}

func component(name string, requests []request) load.Component {
	c := load.Component{Name: name}
	var sizes, bytes []float64
	for _, came := range requests {
		if came.from != name {
			continue
		}
		c.Requests++
		c.Spans += came.spans
		sizes = append(sizes, float64(came.spans))
		bytes = append(bytes, float64(came.bytes)/float64(max(came.spans, 1)))
	}
	c.SpansPerRequest, c.BytesPerSpan = load.QuantilesOf(sizes), load.QuantilesOf(bytes)
	return c
}

// apiRequests is how many requests kube-apiserver has served.
func apiRequests(ctx context.Context, c *cluster.Cluster) (int, error) {
	text, err := c.Client().Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return 0, err
	}
	total := 0
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "apiserver_request_total{") {
			continue
		}
		value, err := strconv.ParseFloat(line[strings.LastIndexByte(line, ' ')+1:], 64)
		if err != nil {
			return 0, fmt.Errorf("a metric of kube-apiserver: %q: %w", line, err)
		}
		total += int(value)
	}
	return total, nil
}

// ticks is how many a second has in /proc/PID/stat, on every Linux of today.
const ticks = 100

// cpuTime is what etcd and kube-apiserver of a node have used.
func cpuTime(node *lab.Node) (total time.Duration, err error) {
	files := node.FS()
	stats, err := fs.Glob(files, "proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	found := map[string]bool{}
	for _, stat := range stats {
		text, err := fs.ReadFile(files, stat)
		if err != nil {
			continue // it has ended
		}
		name := string(text[bytes.IndexByte(text, '(')+1 : bytes.LastIndexByte(text, ')')])
		if name != "etcd" && name != "kube-apiserver" {
			continue
		}
		found[name] = true
		// proc(5): utime and stime are the fields 14 and 15.
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
		for _, field := range fields[11:13] {
			n, err := strconv.Atoi(field)
			if err != nil {
				return 0, err
			}
			total += time.Duration(n) * time.Second / ticks
		}
	}
	if len(found) != 2 {
		return 0, fmt.Errorf("of etcd and kube-apiserver only %v run", found)
	}
	return total, nil
}
