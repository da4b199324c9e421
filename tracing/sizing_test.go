package tracing

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// validLoads are specs that say something of the load, the queue and its place.
var validLoads = map[string]string{
	"spans":                        `collector: {load: {spansPerSecond: 100}}`,
	"spans and outage":             `collector: {load: {spansPerSecond: 100, outage: 10m}}`,
	"spans and memory":             `collector: {load: {spansPerSecond: 100}, resources: {limits: {memory: 1Gi}}}`,
	"spans, outage and memory":     `collector: {load: {spansPerSecond: 100, outage: 10m}, resources: {limits: {memory: 1Gi}}}`,
	"CPUs":                         `collector: {load: {cpus: 8}}`,
	"CPUs of a control plane at 0": `{samplingRatePerMillion: 0, collector: {load: {cpus: 8, outage: 1h}}}`,
	"one rate of several":          `{etcd: {samplingRatePerMillion: 500000}, collector: {load: {cpus: 1, outage: 1m}, queue: {storage: emptyDir}}}`,
	"on disk":                      `collector: {queue: {storage: emptyDir}}`,
	"on the node":                  `collector: {queue: {storage: hostPath}}`,
	"in a folder of the node":      `collector: {queue: {storage: hostPath, path: /srv/queue, disk: 1Gi}}`,
	"disk":                         `collector: {load: {spansPerSecond: 1000}, queue: {storage: emptyDir, disk: 1Gi}}`,
	"most":                         `collector: {load: {spansPerSecond: 100000, outage: 27s}, queue: {storage: emptyDir}}`,
	"most in memory":               `collector: {load: {spansPerSecond: 10000, outage: 27s}}`,
	"an outage that fits":          `collector: {load: {spansPerSecond: 200, outage: 27s}, queue: {size: 20000}}`,
	"contrib":                      `collector: {distribution: contrib, queue: {storage: emptyDir}}`,
	"a mirror's image":             `collector: {image: "registry.example.com/otel/opentelemetry-collector-k8s:0.165.0", queue: {storage: emptyDir}}`,
	"an image of one's own":        `collector: {image: "registry.example.com/otelcol:0.165.0", distribution: k8s, queue: {storage: emptyDir}}`,
}

const mebibyte = 1 << 20

func TestSizing(t *testing.T) {
	for _, test := range []struct {
		spec string
		want Sizing
	}{
		{``, Sizing{QueueSize: 20_000, MemoryLimit: 256 * mebibyte}},
		{`collector: {resources: {limits: {memory: 64Mi}}}`, Sizing{QueueSize: 4095, MemoryLimit: 64 * mebibyte}},
		{`collector: {resources: {limits: {memory: 1Gi}}}`, Sizing{QueueSize: 20_000, MemoryLimit: 1024 * mebibyte}},
		{`collector: {queue: {size: 100000}}`, Sizing{QueueSize: 100_000, MemoryLimit: 448 * mebibyte}},
		{`collector: {load: {spansPerSecond: 10}}`, Sizing{SpansPerSecond: 10, QueueSize: 6330, Outage: 5 * time.Minute, MemoryLimit: 256 * mebibyte}},
		{`collector: {load: {spansPerSecond: 1}}`, Sizing{SpansPerSecond: 1, QueueSize: 2048, Outage: 1715 * time.Second, MemoryLimit: 256 * mebibyte}},
		{`collector: {load: {spansPerSecond: 500, outage: 10m}}`, Sizing{SpansPerSecond: 500, QueueSize: 466_500, Outage: 10 * time.Minute, MemoryLimit: 1888 * mebibyte}},
		{`collector: {load: {spansPerSecond: 500, outage: 10m}, queue: {storage: emptyDir}}`,
			Sizing{SpansPerSecond: 500, QueueSize: 466_500, Outage: 10 * time.Minute, MemoryLimit: 256 * mebibyte, Disk: 480 * mebibyte}},
		{`collector: {load: {spansPerSecond: 500}, resources: {limits: {memory: 512Mi}}}`,
			Sizing{SpansPerSecond: 500, QueueSize: 118783, Outage: 96 * time.Second, MemoryLimit: 512 * mebibyte}},
		{`collector: {load: {spansPerSecond: 500}, queue: {storage: hostPath, disk: 1Gi}}`,
			Sizing{SpansPerSecond: 500, QueueSize: 1_032_192, Outage: 1731 * time.Second, MemoryLimit: 256 * mebibyte, Disk: 1024 * mebibyte}},
		{`collector: {queue: {storage: emptyDir}}`, Sizing{QueueSize: 20_000, MemoryLimit: 256 * mebibyte, Disk: 64 * mebibyte}},
		{`collector: {load: {cpus: 8}}`, Sizing{SpansPerSecond: 240, QueueSize: 151_920, Outage: 5 * time.Minute, MemoryLimit: 672 * mebibyte}},
		{`{etcd: {samplingRatePerMillion: 20000}, collector: {load: {cpus: 1}}}`, Sizing{SpansPerSecond: 60, QueueSize: 37_980, Outage: 5 * time.Minute, MemoryLimit: 256 * mebibyte}},
		// What is not traced makes no spans, and the kubelet hardly any.
		{`{etcd: {disabled: true, samplingRatePerMillion: 20000}, kubelet: {samplingRatePerMillion: 30000}, collector: {load: {cpus: 1}}}`, Sizing{SpansPerSecond: 30, QueueSize: 18_990, Outage: 5 * time.Minute, MemoryLimit: 256 * mebibyte}},
		// Five minutes of it are more than a queue in memory holds.
		{`collector: {load: {spansPerSecond: 10000}}`, Sizing{SpansPerSecond: 10_000, QueueSize: 1_000_000, Outage: 27 * time.Second, MemoryLimit: 3968 * mebibyte, Consumers: 20}},
	} {
		want := test.want
		want.GoMemoryLimit = want.MemoryLimit / 100 * 60
		want.RefusePercent, want.CollectPercent = 70, 80
		want.Consumers = max(10, want.Consumers)
		if diff := cmp.Diff(want, resolved(t, test.spec).Sizing()); diff != "" {
			t.Errorf("sizing of %s (-want +got):\n%s", test.spec, diff)
		}
	}
}

// What is derived passes the judgement of what is written, so that a defaulted
// spec is as good as the spec.
func TestSizesHold(t *testing.T) {
	for name, text := range validLoads {
		sizing := resolved(t, text).Sizing()
		r := resolved(t, text)
		if need := r.facts.spec.memory(); sizing.MemoryLimit < need {
			t.Errorf("%s: a limit of %d, and the queue needs %d", name, sizing.MemoryLimit, need)
		}
		if sizing.Disk > 0 && sizing.Disk < diskFor(sizing.QueueSize) {
			t.Errorf("%s: a disk of %d for %d spans", name, sizing.Disk, sizing.QueueSize)
		}
		if outage := r.facts.spec.Collector.Load.Outage; outage != nil && sizing.Outage < outage.Duration {
			t.Errorf("%s: lasts for %s, want %s", name, sizing.Outage, outage.Duration)
		}
	}
}

func TestValidateLoad(t *testing.T) {
	const load, limit = "collector.load.", "collector.resources.limits[memory]"
	checkInvalid(t, []invalidCase{
		{"negative spans", `collector: {load: {spansPerSecond: -1}}`, []problem{{invalid, load + "spansPerSecond", "from 1 to 100000"}}},
		{"too many spans", `collector: {load: {spansPerSecond: 100001, outage: 1s}, queue: {storage: emptyDir}}`, []problem{{invalid, load + "spansPerSecond", "from 1 to 100000"}}},
		{"negative CPUs", `collector: {load: {cpus: -1}}`, []problem{{invalid, load + "cpus", "from 1 to 1024"}}},
		{"too many CPUs", `collector: {load: {cpus: 1025, outage: 1s}, queue: {storage: emptyDir}}`, []problem{{invalid, load + "cpus", "from 1 to 1024"}}},
		{"CPUs that make more than one collector carries", `{samplingRatePerMillion: 1000000, collector: {load: {cpus: 34}, queue: {storage: emptyDir}}}`, []problem{{invalid, load + "cpus", "up to 102000 spans a second"}}},
		{"both", `collector: {load: {spansPerSecond: 1, cpus: 1}}`, []problem{{forbidden, load + "cpus", "leave one of them out"}}},
		{"CPUs of what is not traced", `{etcd: {disabled: true}, apiServer: {disabled: true}, collector: {load: {cpus: 64}}}`, []problem{{invalid, load + "cpus", "neither is traced: write spansPerSecond"}}},
		{"no outage", `collector: {load: {spansPerSecond: 1, outage: 0s}}`, []problem{{invalid, load + "outage", "such as 10m"}}},
		{"a long outage", `collector: {load: {spansPerSecond: 1, outage: 169h}}`, []problem{{invalid, load + "outage", "168h0m0s"}}},
		{"an outage alone", `collector: {load: {outage: 1m}}`, []problem{{required, load + "spansPerSecond", "or cpus"}}},
		{"more than a queue holds", `collector: {load: {spansPerSecond: 100000, outage: 28s}, queue: {storage: emptyDir}}`, []problem{{invalid, load + "outage", "100000 spans a second are 10100000 spans until the backend is found again, and a queue holds 10000000 at most: write a shorter outage"}}},
		{"more than a queue in memory holds", `collector: {load: {spansPerSecond: 1000, outage: 15m}}`, []problem{{invalid, load + "outage", "a queue in memory holds 1000000 at most: write a shorter outage, or queue.storage emptyDir or hostPath"}}},
		{"a size that memory does not hold", `collector: {queue: {size: 1000001}}`, []problem{{invalid, "collector.queue.size", "a queue in memory holds 1000000 spans at most: write that, or storage emptyDir or hostPath"}}},
		{"a queue that is too short", `collector: {load: {spansPerSecond: 100, outage: 10m}, queue: {size: 93299}}`, []problem{{invalid, "collector.queue.size", "needs 93300: write that, or leave size out"}}},
		{"a memory limit that is too low", `collector: {load: {spansPerSecond: 100, outage: 10m}, resources: {limits: {memory: 256Mi}}}`, []problem{{invalid, limit, "a queue of 93300 spans in memory needs more: write 413Mi, or leave it out, or write queue.storage emptyDir"}}},
		{"a queue that is too long", `collector: {queue: {size: 30000}, resources: {limits: {memory: 128Mi}}}`, []problem{{invalid, limit, "write 166Mi"}}},
		{"little memory for a disk", `collector: {queue: {storage: emptyDir}, resources: {limits: {memory: 67Mi}}}`, []problem{{invalid, limit, "what is read from the disk and sent at a time needs more: write 68Mi"}}},
	})
}

func TestValidateStorage(t *testing.T) {
	const queue = "collector.queue."
	checkInvalid(t, []invalidCase{
		{"storage", `collector: {queue: {storage: disk}}`, []problem{{invalid, queue + "storage", "write memory, emptyDir or hostPath"}}},
		{"path of a queue in memory", `collector: {queue: {path: /var/lib/queue}}`, []problem{{forbidden, queue + "path", "write that, or leave path out"}}},
		{"path of an emptyDir", `collector: {queue: {storage: emptyDir, path: /var/lib/queue}}`, []problem{{forbidden, queue + "path", "write that, or leave path out"}}},
		{"relative path", `collector: {queue: {storage: hostPath, path: queue}}`, []problem{{invalid, queue + "path", `such as "/var/lib/kubetrace-collector"`}}},
		{"path upwards", `collector: {queue: {storage: hostPath, path: /var/lib/../etc}}`, []problem{{invalid, queue + "path", "write the absolute path"}}},
		{"a folder of the system", `collector: {queue: {storage: hostPath, path: /var/lib/etcd}}`, []problem{{invalid, queue + "path", "has to be its own"}}},
		{"what holds one", `collector: {queue: {storage: hostPath, path: /var}}`, []problem{{invalid, queue + "path", "has to be its own"}}},
		{"below a folder of the system", `collector: {queue: {storage: hostPath, path: /var/lib/kubelet/pods}}`, []problem{{invalid, queue + "path", "has to be its own"}}},
		{"a folder of kubeadm", `collector: {queue: {storage: hostPath, path: /etc/kubernetes/queue}}`, []problem{{invalid, queue + "path", "has to be its own"}}},
		{"a folder of the container runtime", `collector: {queue: {storage: hostPath, path: /var/lib/containerd/queue}}`, []problem{{invalid, queue + "path", "has to be its own"}}},
		{"much disk", `collector: {queue: {storage: emptyDir, disk: 5Ei}}`, []problem{{invalid, queue + "disk", "write that or less"}}},
		{"disk of a queue in memory", `collector: {queue: {disk: 1Gi}}`, []problem{{forbidden, queue + "disk", "or write storage emptyDir or hostPath"}}},
		{"a queue in memory that is not synced", `collector: {queue: {unsafeNoSync: true}}`, []problem{{forbidden, queue + "unsafeNoSync", "leave it out"}}},
		{"little disk", `collector: {queue: {storage: emptyDir, size: 100000, disk: 113Mi}}`, []problem{{invalid, queue + "disk", "100000 spans take 114Mi"}}},
		{"a limit that evicts", `collector: {queue: {storage: emptyDir}, resources: {limits: {ephemeral-storage: 127Mi}}}`, []problem{{invalid, "collector.resources.limits[ephemeral-storage]", "write 128Mi, or leave it out"}}},
		{"less than the least", `collector: {queue: {storage: emptyDir, size: 2048, disk: 63Mi}}`, []problem{{invalid, queue + "disk", "take 64Mi"}}},
		{"an old collector", `collector: {version: 0.138.0, queue: {storage: emptyDir}}`, []problem{{invalid, queue + "storage", "needs a collector of 0.139.0 or later"}}},
		{"core", `collector: {distribution: core, queue: {storage: emptyDir}}`, []problem{{invalid, queue + "storage", "write the distribution k8s or contrib, or storage memory"}}},
		{"core's image", `collector: {image: "otel/opentelemetry-collector:0.165.0", queue: {storage: emptyDir}}`, []problem{{invalid, queue + "storage", "the distribution core has no file_storage"}}},
		{"an image of one's own", `collector: {image: "registry.example.com/otelcol:0.165.0", queue: {storage: hostPath}}`, []problem{{required, "collector.distribution", "write k8s or contrib"}}},
	})
}

// What a queue is made for is what it is said to be for.
func TestOutageOfQueue(t *testing.T) {
	for _, outage := range []time.Duration{0, time.Second, time.Minute, 287 * time.Second, 289 * time.Second, 5 * time.Minute, time.Hour} {
		const spans = 1000
		lasts := time.Duration(queueFor(spans, outage)) * time.Second / spans
		if got := outageOf(lasts); got != outage {
			t.Errorf("a queue for %s lasts for %s, and that is said to be for %s", outage, lasts, got)
		}
		if recovery := lasts - outage; recovery < exporterPause || recovery > mostRecovery {
			t.Errorf("a queue for %s has %s until the backend is found again", outage, recovery)
		}
	}
}

// What is requested is what is taken while nothing waits, and never above a limit.
func TestRequests(t *testing.T) {
	for spec, want := range map[string]map[string]string{
		``: {"cpu": "50m", "memory": "64Mi"},
		`collector: {load: {spansPerSecond: 500, outage: 10m}}`:                                    {"cpu": "50m", "memory": "64Mi"},
		`collector: {load: {spansPerSecond: 20000}, queue: {storage: emptyDir, disk: 1Gi}}`:        {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "1Gi"},
		`collector: {load: {spansPerSecond: 1}}`:                                                   {"cpu": "50m", "memory": "64Mi"},
		`collector: {queue: {storage: hostPath}}`:                                                  {"cpu": "50m", "memory": "64Mi"},
		`collector: {resources: {limits: {cpu: 20m}, requests: {memory: 100Mi}}}`:                  {"cpu": "20m", "memory": "100Mi"},
		`collector: {queue: {storage: emptyDir}, resources: {limits: {ephemeral-storage: 200Mi}}}`: {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
	} {
		got := map[string]string{}
		for name, quantity := range resolved(t, spec).Spec().Collector.Resources.Requests {
			got[string(name)] = quantity.String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", spec, diff)
		}
	}
}

// Sizes that validation refuses do not overflow on the way there.
func TestSizesOfNonsense(t *testing.T) {
	for _, load := range []LoadSpec{
		{SpansPerSecond: math.MaxInt64}, {SpansPerSecond: math.MinInt64}, {CPUs: math.MaxInt32}, {CPUs: math.MinInt32},
	} {
		for _, size := range []int64{0, math.MaxInt64, math.MinInt64} {
			for _, storage := range []string{StorageMemory, StorageEmptyDir, "nonsense"} {
				spec := TracingSpec{KubernetesVersion: "1.34", Collector: CollectorSpec{Load: load, Queue: QueueSpec{Size: size, Storage: storage}}}
				all := int32(math.MaxInt32)
				spec.SamplingRatePerMillion = &all
				defaulted := spec.WithDefaults().Collector
				if limit := defaulted.Resources.Limits.Memory(); limit.Sign() <= 0 {
					t.Errorf("%+v, queue of %d in %s: a memory limit of %s", load, size, storage, limit)
				}
				if defaulted.Queue.Disk != nil && defaulted.Queue.Disk.Sign() <= 0 {
					t.Errorf("%+v, queue of %d in %s: a disk of %s", load, size, storage, defaulted.Queue.Disk)
				}
				if len(spec.Validate()) == 0 {
					t.Errorf("%+v, queue of %d in %s: valid", load, size, storage)
				}
			}
		}
	}
}
