package pipeline

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// cpus are the one that is measured, and the others.
type cpus struct{ measured, others unix.CPUSet }

func splitCPUs() (c cpus, err error) {
	var all unix.CPUSet
	// Those of process 1, as an earlier rig of this process has bounded its own.
	if err := unix.SchedGetaffinity(1, &all); err != nil {
		return c, os.NewSyscallError("sched_getaffinity", err)
	}
	if all.Count() < 2 {
		return c, errors.New("what is measured needs a CPU of its own: run this on a machine with two")
	}
	c.others = all
	for cpu := 0; ; cpu++ {
		if all.IsSet(cpu) {
			c.measured.Set(cpu)
			c.others.Clear(cpu)
			return c, nil
		}
	}
}

// keepOff moves all threads of this process to the other CPUs.
func (c cpus) keepOff() error {
	// A thread that begins meanwhile has the CPUs of the one that began it.
	for range 2 {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil {
				return err
			}
			if err := unix.SchedSetaffinity(id, &c.others); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("sched_setaffinity: %w", err)
			}
		}
	}
	return nil
}

// onMeasured calls a function whose child processes run on the measured CPU.
func (c cpus) onMeasured(start func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &c.measured); err != nil {
		return os.NewSyscallError("sched_setaffinity", err)
	}
	return errors.Join(start(), os.NewSyscallError("sched_setaffinity", unix.SchedSetaffinity(0, &c.others)))
}
