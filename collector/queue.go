package collector

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"kubetrace/internal/otelcol"
	"kubetrace/tracing"
)

// queueStorage is the extension that keeps the queue on disk.
const queueStorage = "file_storage/queue"

// sendingQueue returns the exporter's queue.
// https://github.com/open-telemetry/opentelemetry-collector/tree/main/exporter/exporterhelper
func sendingQueue(r tracing.Resolved) section {
	queue := otelcol.Queue(r.Sizing())
	if r.Sizing().Disk > 0 {
		queue["storage"] = queueStorage
	}
	return queue
}

// fileStorage returns the settings of the queue's file. What is freed in it is
// used again; once an outage is over, compaction gives back what it took. It is
// not done at the start, which it could delay beyond the probe.
// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/extension/storage/filestorage
func fileStorage(r tracing.Resolved) section {
	settings := section{
		"directory": queueFolder,
		"fsync":     !r.Spec().Collector.Queue.UnsafeNoSync,
		// It puts a file aside whose content is garbage, though not one that is cut
		// off, and with bbolt 1.5.0, in collectors from 0.155 on, neither: the damage
		// is found in a goroutine where nothing can catch it.
		// https://github.com/etcd-io/bbolt/blob/v1.5.0/db.go (freepages)
		"recreate": true,
		"compaction": section{
			"directory": queueFolder, "on_rebound": true, "cleanup_on_start": true,
			"rebound_needed_threshold_mib": 32, "rebound_trigger_threshold_mib": 8,
		},
	}
	if r.CollectorRelease().QueueMaxSize {
		settings["max_size"] = r.Sizing().Disk
	}
	return settings
}

// addQueue gives a pod the place where the queue's file is.
func addQueue(pod *corev1.PodSpec, r tracing.Resolved) {
	const name = "queue"
	volume := corev1.Volume{Name: name}
	switch queue := r.Spec().Collector.Queue; queue.Storage {
	case tracing.StorageEmptyDir:
		// No bound but a safety net, for a compaction needs room for a second file:
		// the kubelet evicts a pod that takes more, though none whose priority is
		// system-node-critical or system-cluster-critical.
		// https://github.com/kubernetes/kubernetes/blob/v1.37.2/pkg/kubelet/eviction/eviction_manager.go
		limit := resource.NewQuantity(2*queue.Disk.Value(), resource.BinarySI)
		volume.EmptyDir = &corev1.EmptyDirVolumeSource{SizeLimit: limit}
	case tracing.StorageHostPath:
		create := corev1.HostPathDirectoryOrCreate
		volume.HostPath = &corev1.HostPathVolumeSource{Path: queue.Path, Type: &create}
		// The kubelet makes the folder for root alone, and nothing in the image
		// could give it away.
		root, rootIsFine := int64(0), false
		pod.SecurityContext.RunAsUser, pod.SecurityContext.RunAsNonRoot = &root, &rootIsFine
	default:
		return
	}
	pod.Volumes = append(pod.Volumes, volume)
	container := &pod.Containers[0]
	container.VolumeMounts = append(container.VolumeMounts, corev1.VolumeMount{Name: name, MountPath: queueFolder})
}
