package components

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kubetrace/e2e/lab"
	"kubetrace/tracing"
)

// set is a Set whose programs are all the same file.
func set(t *testing.T) *Set {
	t.Helper()
	if err := lab.Missing(); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("program"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := &Set{Versions: map[string]string{"otelcol": "v" + tracing.DefaultCollectorVersion, "jaeger": jaegerRelease}, paths: map[string]string{}}
	for _, name := range append(slices.Clone(kubernetesPrograms), "etcd", "coredns", "otelcol", "jaeger", "pause", "containerd", "containerd-shim-runc-v2") {
		s.paths[name] = program
	}
	return s
}

func TestImages(t *testing.T) {
	s := set(t)
	kubeadms := []string{"registry.test/kube-proxy:v1.37.2", "registry.test/coredns/coredns:v1.14.2", "registry.test/etcd:3.7.0-0"}
	images, err := s.Images(kubeadms)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range append(kubeadms, "kubetrace.test/otelcol:"+tracing.DefaultCollectorVersion, "kubetrace.test/"+path.Base(tracing.DefaultBackendImage), "kubetrace.test/pause:1") {
		if images[want] == nil {
			t.Errorf("there is no image %s", want)
		}
	}
	if _, err := s.Images([]string{"registry.test/new-component:v1"}); err == nil || !strings.Contains(err.Error(), "new-component") {
		t.Errorf("an image of a program that nobody builds: %v", err)
	}
}

func TestKubeProxyHasIptables(t *testing.T) {
	image, err := set(t).content("kube-proxy")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"iptables", "ip6tables-restore"} {
		link := "/usr/sbin/" + command
		target := image.Links[link]
		if image.Files[target] == "" {
			t.Errorf("%s leads to %s, which is not in the image", link, target)
		}
	}
}

func TestNodePrograms(t *testing.T) {
	for name, path := range set(t).NodePrograms() {
		if path == "" {
			t.Errorf("the node's %s is not built", name)
		}
	}
}
