package tracing

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"kubetrace/release"
)

// The bounds of the queue, in spans: at least what a component keeps itself and at
// most what a node can be expected to hold, on its disk 10 GiB and in memory, with
// as much again for Go's garbage, 4 GiB.
const (
	minQueueSize     = componentQueue
	maxQueueOnDisk   = 10_000_000
	maxQueueInMemory = 1_000_000
)

// The bounds of what is known of the load.
const (
	maxSpansPerSecond = 100_000 // about what the collector carries with one CPU
	maxCPUs           = 1024
	minOutage         = time.Second
	maxOutage         = 7 * 24 * time.Hour
)

var (
	// minMemory is the least memory limit with which a collector starts and still
	// has room for spans.
	minMemory = resource.MustParse("64Mi")
	// defaultMemory is the memory limit of the default queue.
	defaultMemory = resource.MustParse("256Mi")
	// minDisk is the least that a queue's file is given.
	minDisk = resource.MustParse("64Mi")
)

// resolveSizes judges the load, the queue and the memory limit together.
func (r *resolver) resolveSizes(path *field.Path) {
	r.checkLoad(path.Child("load"))
	r.resolveStorage(path)
	r.checkQueueSize(path)
	r.checkMemory(path.Child("resources", "limits").Key(string(corev1.ResourceMemory)))
}

func (r *resolver) checkLoad(path *field.Path) {
	load := r.spec.Collector.Load
	if n := load.SpansPerSecond; n < 0 || n > maxSpansPerSecond {
		r.invalid(path.Child("spansPerSecond"), n, "write how many spans a second the busiest node sends, from 1 to %d", maxSpansPerSecond)
	}
	if n := load.CPUs; n < 0 || n > maxCPUs {
		r.invalid(path.Child("cpus"), n, "write how many CPUs the largest control-plane node has, from 1 to %d", maxCPUs)
	}
	if load.CPUs != 0 && load.SpansPerSecond == 0 && r.spec.Etcd.Disabled && r.spec.APIServer.Disabled {
		r.invalid(path.Child("cpus"), load.CPUs, "they say what kube-apiserver and etcd make, and neither is traced: write spansPerSecond")
	}
	if load.SpansPerSecond != 0 && load.CPUs != 0 {
		r.forbidden(path.Child("cpus"), "spansPerSecond says the same more exactly: leave one of them out")
	}
	if load.Outage == nil {
		return
	}
	if d := load.Outage.Duration; d < minOutage || d > maxOutage {
		r.invalid(path.Child("outage"), d.String(), "write a duration from %s to %s, such as 10m", minOutage, maxOutage)
	}
	if load.SpansPerSecond == 0 && load.CPUs == 0 {
		r.required(path.Child("spansPerSecond"), "how much an outage brings depends on it: write the spans a second of the busiest node, or cpus")
	}
}

// resolveStorage judges where the queue is.
func (r *resolver) resolveStorage(path *field.Path) {
	spec, queue := r.spec.Collector, path.Child("queue")
	q := spec.Queue
	switch q.Storage {
	case StorageMemory, StorageEmptyDir, StorageHostPath:
	default:
		r.invalid(queue.Child("storage"), q.Storage, "write %s, %s or %s", StorageMemory, StorageEmptyDir, StorageHostPath)
		return
	}
	switch {
	case q.Path != "" && q.Storage != StorageHostPath:
		r.forbidden(queue.Child("path"), "a folder of the node is for the storage hostPath: write that, or leave path out")
	case q.Storage == StorageHostPath && !cleanFilePath(q.Path):
		r.invalid(queue.Child("path"), q.Path, "write the absolute path of a folder on the node, such as %q", "/var/lib/"+DefaultCollectorName)
	case q.Storage == StorageHostPath && !ownFolder(q.Path):
		r.invalid(queue.Child("path"), q.Path, "the collector writes there as root, so the folder has to be its own: write one such as %q", "/var/lib/"+DefaultCollectorName)
	}
	if !q.onDisk() {
		if q.Disk != nil {
			r.forbidden(queue.Child("disk"), "a queue in memory takes no disk: leave it out, or write storage %s or %s", StorageEmptyDir, StorageHostPath)
		}
		if q.UnsafeNoSync {
			r.forbidden(queue.Child("unsafeNoSync"), "a queue in memory writes nothing: leave it out, or write storage %s or %s", StorageEmptyDir, StorageHostPath)
		}
		return
	}
	r.checkFileStorage(path)
	if least, most := max(minDisk.Value(), diskFor(q.Size)), roundUp(diskFor(maxQueueOnDisk), fileGrowth); q.Disk.Value() > most {
		r.invalid(queue.Child("disk"), q.Disk.String(), "no queue takes more than %s: write that or less, or leave it out", quantity(most))
	} else if q.Disk.Value() < least {
		r.invalid(queue.Child("disk"), q.Disk.String(), "%d spans take %s: write that, or leave disk or size out", q.Size, quantity(roundUp(least, 1<<20)))
	}
	limit, limited := spec.Resources.Limits[corev1.ResourceEphemeralStorage]
	if need := quantity(2 * q.Disk.Value()); q.Storage == StorageEmptyDir && limited && limit.Cmp(*need) < 0 {
		r.invalid(path.Child("resources", "limits").Key(string(corev1.ResourceEphemeralStorage)), limit.String(), "the kubelet would evict the pod before its queue is full, or while it is compacted: write %s, or leave it out", need)
	}
	if q.Storage == StorageHostPath {
		r.warn(WarnCollectorRoot, queue.Child("storage"), "every collector release",
			"The collector runs as root, without any capability, since the kubelet makes a hostPath folder for root alone",
			"Write emptyDir where a rollout of the collector may lose what waits")
	}
}

// folderRoots are where a program may have a folder of its own: of the Filesystem
// Hierarchy Standard those for its state, and where disks are mounted.
// https://refspecs.linuxfoundation.org/FHS_3.0/fhs/index.html
var folderRoots = []string{"/data/", "/media/", "/mnt/", "/opt/", "/srv/", "/var/cache/", "/var/lib/", "/var/opt/", "/var/spool/"}

// ownFolder says whether a folder can be the collector's alone.
func ownFolder(path string) bool {
	root := slices.IndexFunc(folderRoots, func(root string) bool { return strings.HasPrefix(path, root) })
	if root < 0 || takenBy(path) != "" {
		return false
	}
	for _, runtime := range []string{"/var/lib/containerd", "/var/lib/containers", "/var/lib/crio", "/var/lib/docker", "/var/lib/cni", "/opt/cni"} {
		if path == runtime || strings.HasPrefix(path, runtime+"/") {
			return false
		}
	}
	return true
}

// checkFileStorage judges whether the collector has a queue on disk, and what it
// lacks.
func (r *resolver) checkFileStorage(path *field.Path) {
	spec := r.spec.Collector
	distribution := spec.Distribution
	if parsed, ok := r.parseImage(path.Child("image"), spec.Image); ok && distribution == "" {
		for _, d := range distributions {
			if parsed.name == d.image {
				distribution = d.name
			}
		}
	}
	storage := path.Child("queue", "storage")
	switch {
	case distribution == "core":
		r.invalid(storage, spec.Queue.Storage, "the distribution core has no file_storage: write the distribution k8s or contrib, or storage %s", StorageMemory)
	case distribution == "":
		r.required(path.Child("distribution"), "a queue on disk needs file_storage, and nothing says that %s has it: write k8s or contrib", spec.Image)
	}
	if r.collector.From != "" && !r.collector.QueueOnDisk {
		oldest := release.FirstCollector(func(c CollectorRelease) bool { return c.QueueOnDisk })
		r.invalid(storage, spec.Queue.Storage, "a queue on disk needs a collector of %s or later: write collector.version, such as %q, or storage %s", oldest, DefaultCollectorVersion, StorageMemory)
	}
	if r.collector.From != "" && !r.collector.QueueMaxSize {
		r.warn(WarnQueueUnbounded, storage, "collectors before 0.156",
			"The file of a queue on disk is bounded by the number of spans alone",
			"Write collector.version 0.156.0 or later")
	}
	r.warn(WarnQueueDamage, storage, "every collector release",
		"A queue's file that the disk has damaged keeps the collector from starting, and what waits in it is lost",
		"Watch for its pods that restart, and then delete the pod of an emptyDir, or the files in a hostPath's folder")
	if spec.Queue.UnsafeNoSync {
		r.warn(WarnQueueUnsafe, path.Child("queue", "unsafeNoSync"), "every collector release",
			"A node that loses its power loses queued spans and may be left with a damaged file, with which the collector does not start",
			"Leave it out unless etcd suffers from the writes")
	}
}

// checkQueueSize judges the queue's length, alone and against the load.
func (r *resolver) checkQueueSize(path *field.Path) {
	c := r.spec.Collector
	size := path.Child("queue", "size")
	switch n, most := c.Queue.Size, c.Queue.most(); {
	case n > most && n <= maxQueueOnDisk:
		r.invalid(size, n, "a queue in memory holds %d spans at most: write that, or storage %s or %s", most, StorageEmptyDir, StorageHostPath)
		return
	case n < minQueueSize || n > most:
		r.invalid(size, n, "write how many spans to hold, from %d to %d", minQueueSize, most)
		return
	}
	spans := r.spec.spansPerSecond()
	if c.Load.CPUs > 0 && spans > maxSpansPerSecond {
		r.invalid(path.Child("load", "cpus"), c.Load.CPUs, "at these rates they make up to %d spans a second, and a collector carries %d: write a lower sampling rate, or spansPerSecond if you know it", spans, maxSpansPerSecond)
		return
	}
	if c.Load.Outage == nil || spans <= 0 {
		return
	}
	need, outage := queueFor(spans, c.Load.Outage.Duration), c.Load.Outage.Duration
	switch {
	case need > maxQueueOnDisk:
		r.invalid(path.Child("load", "outage"), outage.String(), "%d spans a second are %d spans until the backend is found again, and a queue holds %d at most: write a shorter outage, or a lower sampling rate", spans, need, maxQueueOnDisk)
	case need > c.Queue.most():
		r.invalid(path.Child("load", "outage"), outage.String(), "%d spans a second are %d spans until the backend is found again, and a queue in memory holds %d at most: write a shorter outage, or queue.storage %s or %s", spans, need, c.Queue.most(), StorageEmptyDir, StorageHostPath)
	case need > c.Queue.Size:
		r.invalid(size, c.Queue.Size, "an outage of %s at %d spans a second, until the backend is found again, needs %d: write that, or leave size out", outage, spans, need)
	}
}

// checkMemory judges whether the queue fits into the memory limit.
func (r *resolver) checkMemory(path *field.Path) {
	c := r.spec.Collector
	limit := c.Resources.Limits[corev1.ResourceMemory]
	if limit.Cmp(minMemory) < 0 {
		r.invalid(path, limit.String(), "a collector needs %s at least: write a limit such as 256Mi", minMemory.String())
		return
	}
	need := r.spec.memory()
	if limit.Value() >= need {
		return
	}
	cure := fmt.Sprintf("write %s, or leave it out", quantity(roundUp(need, 1<<20)))
	if c.Queue.onDisk() {
		r.invalid(path, limit.String(), "what is read from the disk and sent at a time needs more: %s", cure)
		return
	}
	r.invalid(path, limit.String(), "a queue of %d spans in memory needs more: %s, or write queue.storage %s", c.Queue.Size, cure, StorageEmptyDir)
}
