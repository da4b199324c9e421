package pipeline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"

	"kubetrace/e2e/components"
	"kubetrace/e2e/pipeline/ledger"
	"kubetrace/e2e/pipeline/load"
	"kubetrace/e2e/pipeline/sink"
	"kubetrace/tracing"
)

// Rig is what measurements have in common. It needs Linux and root.
type Rig struct {
	// Memory is the limit of every container, in bytes.
	Memory int64

	programs  programs
	cpus      cpus
	folder    string
	recording load.Recording
	table     load.Table
}

// DefaultMemory is the limit of the library's container where a spec names none.
const DefaultMemory = 256 << 20

// NewRig builds the programs, and moves this process off the CPU that is
// measured. What runs writes into folders below one that is there.
func NewRig(ctx context.Context, folder string) (r *Rig, err error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("a control group that bounds memory is made by root alone: run this as root, on a machine that is yours")
	}
	r = &Rig{Memory: DefaultMemory, folder: folder}
	if r.recording, r.table, err = load.Recorded(); err != nil {
		return nil, err
	}
	version, program, err := components.Collector(ctx)
	if err != nil {
		return nil, err
	}
	if version != "v"+tracing.DefaultCollectorVersion {
		return nil, fmt.Errorf("conformance/collector pins the collector %s: write it into tracing.DefaultCollectorVersion, which is %s", version, tracing.DefaultCollectorVersion)
	}
	r.programs.collector = program
	if r.programs.forward, err = components.Own(ctx, "./pipeline/cmd/forward"); err != nil {
		return nil, err
	}
	if r.cpus, err = splitCPUs(); err != nil {
		return nil, err
	}
	return r, r.cpus.keepOff()
}

// Close removes what rigs share, if this was the last of the machine.
func (r *Rig) Close() error { return removeGroups() }

// BuildClock builds the collector for a Fault with Jumps, which takes minutes the
// first time.
func (r *Rig) BuildClock(ctx context.Context) (err error) {
	if r.programs.clock == "" {
		r.programs.clock, err = buildWithClock(ctx, r.folder)
	}
	return err
}

// run is one configuration between a generator and a sink.
type run struct {
	rig     *Rig
	config  Config
	place   Place
	command Command
	group   *memoryGroup
	program *supervised
	book    *ledger.Ledger
	sink    *sink.Sink
}

// start starts a configuration as a fault wants it: with a disk that is small, or
// a clock that jumps.
func (r *Rig) start(ctx context.Context, config Config, fault Fault) (_ *run, err error) {
	if config.OnDisk && fault.Disk == 0 {
		if err := r.onRealDisk(); err != nil {
			return nil, err
		}
	}
	one := &run{rig: r, config: config, book: ledger.New()}
	defer func() {
		if err != nil {
			err = errors.Join(err, one.close())
		}
	}()
	if one.sink, err = sink.Listen(one.book, sink.Settings{}); err != nil {
		return nil, err
	}
	one.place = Place{Backend: one.sink.Address(), HTTPBackend: one.sink.HTTPAddress(), Memory: r.Memory}
	if one.place.Folder, err = os.MkdirTemp(r.folder, config.Name+"-"); err != nil {
		return nil, err
	}
	if config.OnDisk {
		if err := os.Mkdir(filepath.Join(one.place.Folder, queueFolder), 0o755); err != nil {
			return nil, err
		}
	}
	if err := one.place.ports(); err != nil {
		return nil, err
	}
	if one.group, err = newMemoryGroup(r.Memory); err != nil {
		return nil, err
	}
	programs := r.programs
	if fault.Jumps != "" {
		programs.collector = programs.clock
	}
	if one.command, err = config.command(programs, one.place); err != nil {
		return nil, err
	}
	if fault.Jumps != "" {
		one.command.Env = append(one.command.Env, jumpsEnv+"="+fault.Jumps)
	}
	one.command.DiskFolder, one.command.Disk = filepath.Join(one.place.Folder, queueFolder), fault.Disk
	one.program, err = supervise(ctx, func(ctx context.Context) (*process, error) {
		return startProcess(ctx, r.cpus, one.group, one.command, one.logFile())
	})
	return one, err
}

// nextPort goes round the ports from which ports takes them.
var nextPort atomic.Int32

// ports finds free ones. They are below the range from which Linux takes those of
// outgoing connections, which would take them again before the collector does, and
// other runs of this program most likely have another thousand.
func (p *Place) ports() error {
	const first, thousands, size = 21_000, 10, 1000
	base := first + size*(os.Getpid()%thousands)
	for _, address := range []*string{&p.Receiver, &p.HTTPReceiver, &p.Health, &p.Metrics} {
		for tries := 0; *address == ""; tries++ {
			try := fmt.Sprintf("127.0.0.1:%d", base+int(nextPort.Add(1))%size)
			listener, err := net.Listen("tcp", try)
			switch {
			case err == nil:
				*address = try
				if err := listener.Close(); err != nil {
					return err
				}
			case !errors.Is(err, syscall.EADDRINUSE) || tries > size:
				return err
			}
		}
	}
	return nil
}

func (r *run) logFile() string { return filepath.Join(r.place.Folder, "log") }

// generator sends to the run.
func (r *run) generator(settings load.Settings) (*load.Generator, error) {
	settings.Target = r.place.Receiver
	return load.New(r.rig.recording, r.rig.table, r.book, settings)
}

// close ends what runs, and removes what it wrote.
func (r *run) close() error {
	var errs []error
	if r.program != nil {
		r.program.close()
	}
	if r.group != nil {
		errs = append(errs, r.group.remove())
	}
	if r.sink != nil {
		errs = append(errs, r.sink.Close())
	}
	if r.place.Folder != "" {
		errs = append(errs, os.RemoveAll(r.place.Folder))
	}
	return errors.Join(errs...)
}
