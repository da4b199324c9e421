package upgrade

import (
	"bytes"

	"k8s.io/apimachinery/pkg/runtime"

	"kubetrace"
	"kubetrace/backend"
	"kubetrace/collector"
	"kubetrace/gateway"
	"kubetrace/tracing"
)

// objects compares what runs in the cluster.
func (p *planner) objects() {
	for _, part := range []struct {
		component tracing.Component
		file      string
		objects   func(tracing.Resolved) []runtime.Object
	}{
		{tracing.ComponentCollector, kubetrace.FileCollector, collector.ObjectsFor},
		{tracing.ComponentGateway, kubetrace.FileGateway, gateway.ObjectsFor},
		{tracing.ComponentBackend, kubetrace.FileBackend, backend.ObjectsFor},
	} {
		was, _ := tracing.MarshalAll(part.objects(p.old)) // our own objects always marshal
		is, _ := tracing.MarshalAll(part.objects(p.new))
		if !bytes.Equal(was, is) {
			p.add(Change{
				Phase: After, Component: part.component, Where: Objects, Setting: part.file, Old: "the old one", New: "the new " + part.file,
				Why: "The objects differ between the releases, and have to be there before what sends to them", Run: "kubectl apply -f " + part.file,
			})
		}
	}
}
