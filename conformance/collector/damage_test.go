package collector

import (
	"bytes"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kubetrace/tracing"
)

// head is how many bytes the file of a queue has before its content: bbolt's two
// meta pages.
const head = 2 * 4096

// damages are what a disk may do to the file of a queue.
var damages = map[string]struct {
	do func(content []byte) []byte
	// putAsideBefore is the release before which recreate puts such a file aside.
	putAsideBefore string
}{
	"content is garbage": {func(content []byte) []byte { garble(content[head:]); return content }, "0.155.0"},
	"head is garbage":    {func(content []byte) []byte { garble(content[:head]); return content }, "0.0.0"},
	"content is cut off": {func(content []byte) []byte { return content[:head] }, "0.0.0"},
}

func garble(content []byte) {
	random := rand.NewChaCha8([32]byte{1}) // the same every time
	_, _ = random.Read(content)            // it never fails
}

var queueFolder = regexp.MustCompile(`(?s)file_storage/queue:.*?\n +directory: (\S+)`)

// A damaged file keeps a collector from starting, each time that it is started, as
// [tracing.WarnQueueDamage] says. What is put aside costs what was in it: the
// collector delivers what comes then.
func TestDamagedQueue(t *testing.T) {
	spec := localSpec(t, ipv4)
	spec.Collector.Queue.Storage = tracing.StorageEmptyDir
	if _, err := tracing.Resolve(spec); err != nil {
		t.Skipf("TestQueueOutlivesTheCollector judges that there is no queue on disk: %v", err)
	}
	cell(t, delivers)
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := listener.Addr().String()
			_ = listener.Close() // nothing listens there yet
			spec.Collector.Exporter = tracing.ExporterSpec{Endpoint: address, Insecure: true}
			container := Node{Name: "node-1"}.Prepare(t, collectorYAML(t, spec))
			first := Start(t, container.Config)
			Send(t, spec.Endpoint, map[string]any{"service.name": "etcd"})
			waitForLog(t, first, "Exporting failed")
			first.Stop(t)

			damageQueue(t, container.Config, damage.do)
			want := !runs(t, damage.putAsideBefore)
			for range 2 {
				if printed, started := startsApart(t, container.Config, spec.Endpoint, address); started != want {
					t.Errorf("that it starts with the damaged queue is %t, want %t:\n%s", started, want, printed)
				}
			}
		})
	}
}

func damageQueue(t *testing.T, config string, damage func([]byte) []byte) {
	t.Helper()
	match := queueFolder.FindStringSubmatch(config)
	if match == nil {
		t.Fatalf("the configuration names no folder of a queue:\n%s", config)
	}
	files, err := filepath.Glob(filepath.Join(match[1], "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no file of a queue in %s: %v", match[1], err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, damage(content), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// The variables of a collector in a process of its own.
const (
	apartConfig   = "KUBETRACE_APART_CONFIG"
	apartReceiver = "KUBETRACE_APART_RECEIVER"
	apartBackend  = "KUBETRACE_APART_BACKEND"
)

// startsApart starts a collector and its backend in a process of their own, for
// what ends the collector ends its whole process.
func startsApart(t *testing.T, config, receiver, backend string) (printed string, started bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestApart$", "-test.v")
	command.Env = append(os.Environ(), apartConfig+"="+config, apartReceiver+"="+receiver, apartBackend+"="+backend)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	printed = output.String()
	started = strings.Contains(printed, "--- PASS: TestApart")
	ofQueue := strings.Contains(printed, "go.etcd.io/bbolt") || strings.Contains(printed, "invalid database")
	if started != (err == nil) || !started && !ofQueue {
		t.Fatalf("the process of the collector ended with %v:\n%s", err, printed)
	}
	return printed, started
}

// TestApart is the process of startsApart.
func TestApart(t *testing.T) {
	config := os.Getenv(apartConfig)
	if config == "" {
		t.Skip("only as a process of TestDamagedQueue")
	}
	sink := newGRPCSinkAt(t, os.Getenv(apartBackend), nil)
	Start(t, config)
	Send(t, os.Getenv(apartReceiver), map[string]any{"service.name": "apiserver"})
	for _, resource := range resources(sink.Wait(t, 1, delivery)) {
		if resource["service.name"] == any("apiserver") {
			return
		}
	}
	sink.Wait(t, 2, delivery) // what was queued came first
}
