package components

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"kubetrace/conformance"
)

// Release names what makes a cluster.
type Release struct {
	// Minor is Kubernetes', such as "1.29"; a mod file of conformance/judge or of
	// pins says which patch.
	Minor string
	// Etcd is etcd's, such as "3.5.11", of which conformance/etcd has a mod file.
	Etcd string
	// Containerd is the mod file in pins, without its ending, of another containerd
	// than the newest: "containerd-v1.7".
	Containerd string
	// Neighbour is the minor release before, whose control plane and kube-proxy run
	// where a module of the release's own is not served: kubeadm, the kubelet and
	// kubectl are then all that is of Minor.
	Neighbour string
}

// Set is the programs of one release: paths on this machine by name.
type Set struct {
	// Versions are the modules' by program, such as "v1.29.1" of "kubelet".
	Versions map[string]string

	paths map[string]string
}

// The programs of a release of Kubernetes, and those that a node has in its PATH.
var (
	kubernetesPrograms = []string{"kubeadm", "kubelet", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}
	nodePrograms       = []string{"kubeadm", "kubelet", "kubectl", "containerd", "containerd-shim-runc-v2"}
)

// neighbours are the programs that Release.Neighbour is about. All of the control plane
// are, since none of it may be newer than kube-apiserver.
var neighbours = []string{"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}

// Build builds the programs of a release. With warm caches that takes seconds,
// without them about a quarter of an hour; progress is told on standard error.
func Build(ctx context.Context, release Release) (*Set, error) {
	shared, own, err := folders(ctx)
	if err != nil {
		return nil, err
	}
	s := &Set{Versions: map[string]string{}, paths: map[string]string{}}
	build := func(name, modFile, module, mainPackage string, flags func(string) string) error {
		version, path, err := conformance.Build(ctx, modFile, module, mainPackage, flags)
		s.Versions[name], s.paths[name] = version, path
		return err
	}
	for _, name := range kubernetesPrograms {
		if err := build(name, kubernetesPin(shared, own, release.minorOf(name)), "k8s.io/kubernetes", "k8s.io/kubernetes/cmd/"+name, conformance.KubernetesFlags); err != nil {
			return nil, err
		}
	}
	const etcd = "go.etcd.io/etcd/server/v3"
	containerd, runtimePin := "github.com/containerd/containerd/v2", filepath.Join(own, "pins", "containerd.mod")
	if release.Containerd != "" { // of 1.x
		containerd, runtimePin = "github.com/containerd/containerd", filepath.Join(own, "pins", release.Containerd+".mod")
	}
	if err := errors.Join(
		build("etcd", filepath.Join(shared, "etcd", "v"+release.Etcd+".mod"), etcd, etcd, stripped),
		build("containerd", runtimePin, containerd, containerd+"/cmd/containerd", versionOf(containerd+"/version.Version")),
		build("containerd-shim-runc-v2", runtimePin, containerd, containerd+"/cmd/containerd-shim-runc-v2", versionOf(containerd+"/version.Version")),
		// The one that kubeadm 1.37 brings: no kubeadm takes over the Corefile of a CoreDNS
		// that is newer than it knows ("start version '1.15.0' not supported").
		build("coredns", filepath.Join(own, "pins", "coredns.mod"), "github.com/coredns/coredns", "github.com/coredns/coredns", stripped),
		build("pause", filepath.Join(own, "go.mod"), "kubetrace", "./cmd/pause", stripped),
	); err != nil {
		return nil, err
	}
	if s.Versions["jaeger"], s.paths["jaeger"], err = Jaeger(ctx); err != nil {
		return nil, err
	}
	s.Versions["otelcol"], s.paths["otelcol"], err = Collector(ctx)
	return s, err
}

// minorOf is the minor release that one of Kubernetes' programs is of.
func (r Release) minorOf(program string) string {
	if r.Neighbour != "" && slices.Contains(neighbours, program) {
		return r.Neighbour
	}
	return r.Minor
}

// kubernetesPin is the mod file that pins the programs of a minor release: one of
// ours, or its judge's.
func kubernetesPin(shared, own, minor string) string {
	pin := filepath.Join(own, "pins", "kubernetes-v"+minor+".mod")
	if _, err := os.Stat(pin); err == nil {
		return pin
	}
	return filepath.Join(shared, "judge", "v"+minor+".mod")
}

// NodePrograms are those that a node has in its PATH.
func (s *Set) NodePrograms() map[string]string {
	programs := map[string]string{}
	for _, name := range nodePrograms {
		programs[name] = s.paths[name]
	}
	return programs
}

// Path is where a program lies on this machine.
func (s *Set) Path(name string) string { return s.paths[name] }

func stripped(string) string { return "-s -w" }

func versionOf(variable string) func(string) string {
	return func(version string) string { return "-s -w -X " + variable + "=" + version }
}

// folders are those of the module conformance and of this one.
func folders(ctx context.Context) (shared, own string, err error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "kubetrace/conformance", "kubetrace/e2e")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	output, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", "", fmt.Errorf("find the mod files: run this inside of the module kubetrace/e2e: %w", err)
	}
	shared, own, _ = strings.Cut(strings.TrimSpace(string(output)), "\n")
	return shared, own, nil
}
