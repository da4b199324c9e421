package pipeline

import (
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"kubetrace/tracing"
)

// Machine is what figures were measured on.
type Machine struct {
	CPU    string `json:"cpu"`
	CPUs   int    `json:"cpus"`
	Kernel string `json:"kernel"`
	Go     string `json:"go"`
	// Disk is the file system on which a queue on disk was, and its device.
	Disk string `json:"disk"`
	// Collector is the version of the collector.
	Collector string `json:"collector"`
	// Load is the machine's load average before anything ran: figures of a
	// machine that was busy mean little.
	Load string `json:"load"`
}

// ThisMachine describes the machine that runs this, and the disk of a folder.
func ThisMachine(folder string) (m Machine, err error) {
	if m.Disk, err = diskOf(folder); err != nil {
		return m, err
	}
	cpu, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return m, err
	}
	for _, line := range strings.Split(string(cpu), "\n") {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			m.CPU = strings.TrimSpace(value)
			m.CPUs++
		}
	}
	var system unix.Utsname
	if err := unix.Uname(&system); err != nil {
		return m, os.NewSyscallError("uname", err)
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return m, err
	}
	m.Kernel, m.Go, m.Collector = unix.ByteSliceToString(system.Release[:]), runtime.Version(), tracing.DefaultCollectorVersion
	m.Load = strings.TrimSpace(string(load))
	return m, nil
}
