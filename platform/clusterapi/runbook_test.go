package clusterapi_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/runbooktest"
	"kubetrace/platform/clusterapi"
	"kubetrace/tracing"
)

var update = flag.Bool("update", false, "rewrite what is wanted in testdata")

func TestRunBook(t *testing.T) {
	external := spec("1.36")
	external.Etcd = tracing.EtcdSpec{External: true, Version: "3.6.5"}
	external.Containerd = &tracing.ContainerdSpec{Version: "2.1"}
	server := spec("1.24")
	server.Etcd.Disabled = true
	etcd := spec("1.33")
	etcd.APIServer.Disabled, etcd.Kubelet.Disabled = true, true
	nothing := spec("1.36")
	nothing.Etcd.Disabled, nothing.APIServer.Disabled, nothing.Kubelet.Disabled, nothing.Collector.Disabled = true, true, true, true
	for name, s := range map[string]tracing.TracingSpec{"default": spec("1.36"), "external-etcd": external, "kube-apiserver-alone": server, "etcd-alone": etcd, "nothing": nothing} {
		t.Run(name, func(t *testing.T) {
			got, err := clusterapi.RunBook(s)
			if err != nil {
				t.Fatal(err)
			}
			runbooktest.ReadsWell(t, string(got))
			file := filepath.Join("testdata", "runbook", name+".md")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	var invalid *tracing.InvalidSpecError
	if _, err := clusterapi.RunBook(spec("1.2")); !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
}
