package kubetrace_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"kubetrace"
	"kubetrace/internal/memfs"
	"kubetrace/internal/readback"
	"kubetrace/tracing"
)

// variedSpecs returns specs that differ in release, exporter, labels and more.
func variedSpecs(n int) []tracing.TracingSpec {
	releases := tracing.Releases()
	specs := make([]tracing.TracingSpec, n)
	for i := range specs {
		rate := int32(i % 1_000_001)
		spec := tracing.TracingSpec{
			KubernetesVersion:      releases[i%len(releases)].Kubernetes + fmt.Sprintf(".%d", i%20),
			ClusterName:            fmt.Sprintf("cluster-%d", i),
			SamplingRatePerMillion: &rate,
		}
		if i%3 == 0 {
			spec.Endpoint = "unix-abstract:///kubetrace"
		}
		if i%2 == 0 {
			spec.Collector.Exporter = tracing.ExporterSpec{
				Endpoint: fmt.Sprintf("otlp-%d.example.com:4317", i),
				Headers:  []tracing.HeaderSpec{{Name: "x-tenant", Value: fmt.Sprintf("tenant-%d", i)}},
			}
			spec.Collector.Labels = map[string]string{"team": fmt.Sprintf("team-%d", i%7)}
		}
		specs[i] = spec
	}
	return specs
}

var benchmarkSizes = []int{1, 100, 10_000}

func generate(t testing.TB, spec tracing.TracingSpec) *kubetrace.Bundle {
	t.Helper()
	bundle, err := kubetrace.Generate(spec)
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}

// size returns how many bytes a bundle's files have.
func size(t testing.TB, bundle *kubetrace.Bundle) int64 {
	t.Helper()
	files, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	total := int64(0)
	for _, content := range files.(memfs.FS) {
		total += int64(len(content))
	}
	return total
}

// typedObjects returns the objects of a bundle's files as typed objects, those
// of kubeadm included.
func typedObjects(t testing.TB, bundle *kubetrace.Bundle) []any {
	t.Helper()
	files, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	read, err := readback.Bundle(files)
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for _, objects := range read {
		all = append(all, objects...)
	}
	return all
}

// plainSize returns how many bytes objects have as sigs.k8s.io/yaml prints
// them.
func plainSize(t testing.TB, objects []any) int64 {
	t.Helper()
	total := int64(0)
	for _, object := range objects {
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		total += int64(len(text))
	}
	return total
}

// perSpec runs a function for every spec and reports what one costs.
func perSpec(b *testing.B, n int, function func(i int) int64) {
	b.ReportAllocs()
	total := int64(0)
	b.ResetTimer()
	for range b.N {
		total = 0
		for i := range n {
			total += function(i)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/spec")
	if total > 0 {
		b.SetBytes(total)
		b.ReportMetric(float64(total)/float64(n), "bytes/spec")
	}
}

func BenchmarkGenerate(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			specs := variedSpecs(n)
			perSpec(b, n, func(i int) int64 { generate(b, specs[i]); return 0 })
		})
	}
}

func BenchmarkGenerateAndFS(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			specs := variedSpecs(n)
			perSpec(b, n, func(i int) int64 { return size(b, generate(b, specs[i])) })
		})
	}
}

// bundlesKept bounds what the benchmarks of bundles hold in memory.
const bundlesKept = 100

func BenchmarkFS(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var bundles []*kubetrace.Bundle
			for _, spec := range variedSpecs(min(n, bundlesKept)) {
				bundles = append(bundles, generate(b, spec))
			}
			perSpec(b, n, func(i int) int64 { return size(b, bundles[i%len(bundles)]) })
		})
	}
}

// BenchmarkPlainMarshal prints the same objects without kubetrace.
func BenchmarkPlainMarshal(b *testing.B) {
	for _, n := range benchmarkSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var objects [][]any
			for _, spec := range variedSpecs(min(n, bundlesKept)) {
				objects = append(objects, typedObjects(b, generate(b, spec)))
			}
			perSpec(b, n, func(i int) int64 { return plainSize(b, objects[i%len(objects)]) })
		})
	}
}

// median returns the middle of an odd number of values.
func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// elapsed returns how long a function takes.
func elapsed(function func()) float64 {
	start := time.Now()
	function()
	return time.Since(start).Seconds()
}

// TestFSCost says that writing a bundle, run-book included, takes at most twice
// as long as printing the same objects with sigs.k8s.io/yaml. Both are measured
// in turns, so that a busy machine slows down both.
func TestFSCost(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("it measures time")
	}
	var bundles []*kubetrace.Bundle
	var objects [][]any
	for _, spec := range variedSpecs(16) {
		bundle := generate(t, spec)
		bundles, objects = append(bundles, bundle), append(objects, typedObjects(t, bundle))
	}
	var ratios []float64
	for range 11 {
		ours := elapsed(func() {
			for _, bundle := range bundles {
				size(t, bundle)
			}
		})
		plain := elapsed(func() {
			for _, list := range objects {
				plainSize(t, list)
			}
		})
		ratios = append(ratios, ours/plain)
	}
	t.Logf("FS takes %.2f times as long (%.2f to %.2f)", median(ratios), slices.Min(ratios), slices.Max(ratios))
	if got := median(ratios); got > 2 {
		t.Errorf("FS takes %.2f times as long as a plain marshal, want at most 2", got)
	}
}

// TestGrowth counts: a spec after 2,000 others takes as many allocations as one of the
// first. Nine of ten have no collector, which saves time.
func TestGrowth(t *testing.T) {
	specs := variedSpecs(2_000)
	for i := range specs {
		specs[i].Collector.Disabled = i%10 != 0
		specs[i].Endpoint = ""
	}
	all := func() {
		for _, spec := range specs {
			size(t, generate(t, spec))
		}
	}
	first := func() {
		for _, spec := range specs[:100] {
			size(t, generate(t, spec))
		}
	}
	before := testing.AllocsPerRun(1, first)
	all()
	if after := testing.AllocsPerRun(1, first); after > 1.05*before {
		t.Errorf("%v allocations for 100 specs, and %v after 2,000 others", before, after)
	}
}
