package main

import (
	"bytes"
	"flag"
	"slices"
	"strings"
	"sync"

	"k8s.io/klog/v2"
)

// logged is what the release's code has logged since it was last reset. Exporters
// log at any time.
var logged lockedBuffer

type lockedBuffer struct {
	sync.Mutex
	buffer bytes.Buffer
}

// Write appends.
func (b *lockedBuffer) Write(text []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.buffer.Write(text)
}

// take returns everything and forgets it.
func (b *lockedBuffer) take() string {
	b.Lock()
	defer b.Unlock()
	defer b.buffer.Reset()
	return b.buffer.String()
}

// captureLog sends the log of the release's code to logged.
func captureLog() {
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "alsologtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(&logged)
}

// warnings returns the messages that were logged as warnings or errors, each
// once: klog writes an error to the logs of the lower levels too.
func warnings() []string {
	klog.Flush()
	var found []string
	loud := false
	for line := range strings.Lines(logged.take()) {
		// klog's header: the level, then month and day. A line without one goes
		// on with the message before.
		if len(line) > 5 && strings.Trim(line[1:5], "0123456789") == "" {
			_, message, _ := strings.Cut(line, "] ")
			// What gRPC says is of an endpoint where nobody listens.
			loud = (line[0] == 'W' || line[0] == 'E') && !strings.HasPrefix(message, "[core] ")
			if loud {
				found = append(found, strings.TrimSpace(message))
			}
		} else if loud {
			found[len(found)-1] += "\n" + strings.TrimSpace(line)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
