package pipeline

import (
	"os"
	"strings"
	"testing"
)

// inMemory is a folder on a tmpfs.
func inMemory(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("/dev/shm", "kubetrace-pipeline-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func TestDiskOf(t *testing.T) {
	for folder, want := range map[string]string{inMemory(t): "tmpfs on ", "/proc/self": "proc on ", "/sys": "sysfs on "} {
		if got, err := diskOf(folder); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s is on %q, %v; want %q", folder, got, err, want)
		}
	}
}

// TestQueueInMemory starts what has no program, so that nothing runs.
func TestQueueInMemory(t *testing.T) {
	for _, test := range []struct {
		name    string
		config  Config
		fault   Fault
		refused bool
	}{
		{"a queue on disk", oursOnDisk, Fault{}, true},
		{"a queue on disk with a fault", oursOnDisk, Fault{Name: "away"}, true},
		{"a queue on a disk of its own", oursOnDisk, Fault{Disk: 1 << 20}, false},
		{"a queue in memory", ours, Fault{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			rig := &Rig{folder: inMemory(t), Memory: DefaultMemory}
			_, err := rig.start(t.Context(), test.config, test.fault)
			if err := rig.Close(); err != nil {
				t.Error(err)
			}
			if err == nil {
				t.Fatal("it started without a program")
			}
			if refused := strings.Contains(err.Error(), "set TMPDIR"); refused != test.refused {
				t.Errorf("refused is %t, want %t: %v", refused, test.refused, err)
			}
		})
	}
}
