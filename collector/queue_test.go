package collector_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubetrace/tracing"
)

// queueOf returns a spec with a queue.
func queueOf(queue tracing.QueueSpec) tracing.TracingSpec {
	return collectorOf(func(c *tracing.CollectorSpec) { c.Queue = queue })
}

func TestQueueSize(t *testing.T) {
	for _, test := range []struct {
		name string
		spec tracing.TracingSpec
		want float64
	}{
		{"default", specOf(nil), 20_000},
		{"given", queueOf(tracing.QueueSpec{Size: 2048}), 2048},
		{"from the load", collectorOf(func(c *tracing.CollectorSpec) {
			c.Load = tracing.LoadSpec{SpansPerSecond: 100, Outage: &metav1.Duration{Duration: 10 * time.Minute}}
		}), 93_300},
	} {
		if got := config(t, test.spec, "exporters", "otlp_grpc", "sending_queue", "queue_size"); got != test.want {
			t.Errorf("%s: queue_size is %v, want %v", test.name, got, test.want)
		}
	}
}

// TestQueueStorage says where the queue is: the extension, that the exporter and
// the service name it, the volume, and who has to be root for it.
func TestQueueStorage(t *testing.T) {
	disk, limit := resource.MustParse("100Mi"), resource.MustParse("200Mi")
	create := corev1.HostPathDirectoryOrCreate
	for _, test := range []struct {
		name   string
		queue  tracing.QueueSpec
		volume *corev1.VolumeSource
		root   bool
	}{
		{"memory", tracing.QueueSpec{}, nil, false},
		{"emptyDir", tracing.QueueSpec{Storage: tracing.StorageEmptyDir, Disk: &disk},
			&corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: &limit}}, false},
		{"hostPath", tracing.QueueSpec{Storage: tracing.StorageHostPath, Disk: &disk},
			&corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/var/lib/kubetrace-collector", Type: &create}}, true},
		{"not synced", tracing.QueueSpec{Storage: tracing.StorageEmptyDir, Disk: &disk, UnsafeNoSync: true},
			&corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: &limit}}, false},
		{"a folder of the node", tracing.QueueSpec{Storage: tracing.StorageHostPath, Disk: &disk, Path: "/srv/queue"},
			&corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/srv/queue", Type: &create}}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := queueOf(test.queue)
			pod := podOf(t, spec)
			var volume *corev1.VolumeSource
			for _, v := range pod.Volumes {
				if v.Name == "queue" {
					volume = &v.VolumeSource
				}
			}
			if diff := cmp.Diff(test.volume, volume); diff != "" {
				t.Errorf("volume (-want +got):\n%s", diff)
			}
			var mounted string
			for _, mount := range pod.Containers[0].VolumeMounts {
				if mount.Name == "queue" && !mount.ReadOnly {
					mounted = mount.MountPath
				}
			}
			if uid := *pod.SecurityContext.RunAsUser; (uid == 0) != test.root || *pod.SecurityContext.RunAsNonRoot == test.root {
				t.Errorf("runs as %d, non-root %t; root is wanted: %t", uid, *pod.SecurityContext.RunAsNonRoot, test.root)
			}
			container := pod.Containers[0].SecurityContext
			if *container.AllowPrivilegeEscalation || !*container.ReadOnlyRootFilesystem || !cmp.Equal(container.Capabilities.Drop, []corev1.Capability{"ALL"}) || container.Privileged != nil {
				t.Errorf("the container has privileges: %+v", container)
			}
			storage := config(t, spec, "exporters", "otlp_grpc", "sending_queue", "storage")
			extension := config(t, spec, "extensions", "file_storage/queue")
			enabled := config(t, spec, "service", "extensions")
			if test.volume == nil {
				if mounted != "" || storage != nil || extension != nil || !cmp.Equal(enabled, any([]any{"health_check"})) {
					t.Errorf("in memory, but mounted at %q, storage %v, extension %v, enabled %v", mounted, storage, extension, enabled)
				}
				return
			}
			want := tree{
				"directory": mounted, "fsync": !test.queue.UnsafeNoSync, "recreate": true, "max_size": float64(100 << 20),
				"compaction": tree{
					"directory": mounted, "on_rebound": true, "cleanup_on_start": true,
					"rebound_needed_threshold_mib": 32.0, "rebound_trigger_threshold_mib": 8.0,
				},
			}
			if diff := cmp.Diff(any(want), extension); diff != "" {
				t.Errorf("extension (-want +got):\n%s", diff)
			}
			if storage != "file_storage/queue" || !cmp.Equal(enabled, any([]any{"file_storage/queue", "health_check"})) {
				t.Errorf("storage is %v, enabled are %v", storage, enabled)
			}
		})
	}
}

// TestQueueStorageReleases says that older collectors are not given what they
// refuse.
func TestQueueStorageReleases(t *testing.T) {
	for version, want := range map[string][]string{
		"0.139.0": {"recreate"}, "0.155.0": {"recreate"}, "0.156.0": {"max_size", "recreate"},
	} {
		spec := collectorOf(func(c *tracing.CollectorSpec) {
			c.Version, c.Queue.Storage = version, tracing.StorageEmptyDir
		})
		extension := config(t, spec, "extensions", "file_storage/queue").(tree)
		var got []string
		for _, key := range []string{"max_size", "recreate"} {
			if _, ok := extension[key]; ok {
				got = append(got, key)
			}
		}
		if !cmp.Equal(want, got) {
			t.Errorf("collector %s is given %v, want %v", version, got, want)
		}
	}
}
