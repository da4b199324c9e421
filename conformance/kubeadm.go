package conformance

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"sigs.k8s.io/yaml"
)

// Names of a bundle's files that kubeadm reads.
const (
	configFile = "kubeadm/config.yaml"
	patchesDir = "kubeadm/patches"
)

// closedProxy keeps kubeadm off the network: it asks for the newest release
// when a configuration names no version, is refused at once on this loopback
// port, and takes its own version instead.
const (
	closedProxyName = "HTTPS_PROXY"
	closedProxy     = "http://127.0.0.1:1"
)

// ControlPlane is what kubeadm makes of a bundle on the first control-plane node.
type ControlPlane struct {
	Etcd      *corev1.Pod
	APIServer *corev1.Pod
	Kubelet   *kubeletv1beta1.KubeletConfiguration
}

// Validate judges a configuration file as "kubeadm config validate" does, which
// is stricter than "kubeadm init": it refuses unknown and duplicate fields. A
// warning is an error here, since a generated file has no excuse for one.
func (k *Kubeadm) Validate(ctx context.Context, config string) error {
	output, err := k.run(ctx, "", "config", "validate", "--config", config)
	if err != nil {
		return err
	}
	if warnings := warnings(output); len(warnings) > 0 {
		return fmt.Errorf("kubeadm %s warns about %s: %s", k.Version, config, strings.Join(warnings, "\n"))
	}
	return nil
}

// Render lets kubeadm write the static pods and the kubelet's configuration
// from a folder that holds a bundle, as "kubeadm init" would.
func (k *Kubeadm) Render(ctx context.Context, bundleDir string) (*ControlPlane, error) {
	config, err := withInitConfiguration(filepath.Join(bundleDir, configFile))
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "kubetrace-kubeadm-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	file := filepath.Join(scratch, "config.yaml")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	flags := []string{"--dry-run", "--config", file}
	if patches := filepath.Join(bundleDir, patchesDir); isDir(patches) {
		flags = append(flags, "--patches", patches)
	}

	rendered := &ControlPlane{Etcd: &corev1.Pod{}, APIServer: &corev1.Pod{}, Kubelet: &kubeletv1beta1.KubeletConfiguration{}}
	for _, phase := range []struct {
		command []string
		file    string
		into    any
	}{
		{[]string{"etcd", "local"}, "etcd.yaml", rendered.Etcd},
		{[]string{"control-plane", "apiserver"}, "kube-apiserver.yaml", rendered.APIServer},
		{[]string{"kubelet-start"}, "config.yaml", rendered.Kubelet},
	} {
		out := filepath.Join(scratch, phase.command[0])
		if err := os.Mkdir(out, 0o700); err != nil {
			return nil, err
		}
		args := append([]string{"init", "phase"}, phase.command...)
		if _, err := k.run(ctx, out, append(args, flags...)...); err != nil {
			return nil, err
		}
		if err := decodeOne(out, phase.file, phase.into); err != nil {
			return nil, fmt.Errorf("kubeadm %s %s: %w", k.Version, strings.Join(args, " "), err)
		}
	}
	for _, pod := range []*corev1.Pod{rendered.Etcd, rendered.APIServer} {
		removeProxy(pod)
	}
	return rendered, nil
}

// run starts kubeadm with nothing of this process's environment, and with
// dryRunDir in place of /etc/kubernetes and /var/lib/kubelet.
func (k *Kubeadm) run(ctx context.Context, dryRunDir string, args ...string) (output string, err error) {
	cmd := exec.CommandContext(ctx, k.path, args...)
	cmd.Env = []string{closedProxyName + "=" + closedProxy, "KUBEADM_INIT_DRYRUN_DIR=" + dryRunDir}
	var both bytes.Buffer
	cmd.Stdout, cmd.Stderr = &both, &both
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("kubeadm %s %s: %w\n%s", k.Version, strings.Join(args, " "), err, bytes.TrimSpace(both.Bytes()))
	}
	return both.String(), nil
}

// aboutTheMachine are warnings that say nothing about the configuration.
var aboutTheMachine = []string{
	"could not fetch a Kubernetes version from the internet",
	"falling back to the local client version",
	"cannot determine if systemd-resolved is active",
}

// warnings returns the lines that kubeadm logged as warnings or errors about
// the configuration.
func warnings(output string) []string {
	var found []string
	for line := range strings.Lines(output) {
		// klog's header: the level, then month and day.
		isWarning := len(line) > 5 && (line[0] == 'W' || line[0] == 'E') && strings.Trim(line[1:5], "0123456789") == ""
		harmless := slices.ContainsFunc(aboutTheMachine, func(text string) bool { return strings.Contains(line, text) })
		if isWarning && !harmless {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// withInitConfiguration appends what "kubeadm init" would find out about this
// machine, so that the outcome depends on neither its network nor its name.
func withInitConfiguration(path string) ([]byte, error) {
	config, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the bundle must hold %s: %w", configFile, err)
	}
	apiVersion := ""
	for _, document := range strings.Split(string(config), "\n---") {
		var meta struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
			return nil, fmt.Errorf("%s: %w", configFile, err)
		}
		switch meta.Kind {
		case "ClusterConfiguration":
			apiVersion = meta.APIVersion
		case "InitConfiguration":
			return nil, fmt.Errorf("%s holds an InitConfiguration, of which kubeadm reads only one: teach this harness to merge its own into it", configFile)
		}
	}
	if apiVersion == "" {
		return nil, fmt.Errorf("%s must hold a ClusterConfiguration", configFile)
	}
	// 192.0.2.0/24 is for documentation; dry runs never contact it.
	return append(config, "\n---\napiVersion: "+apiVersion+`
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: 192.0.2.10
nodeRegistration:
  name: node
  criSocket: unix:///run/containerd/containerd.sock
`...), nil
}

// decodeOne finds the one file of that name below dir and decodes it strictly.
// Where exactly it lies differs: older releases add folders of their own.
func decodeOne(dir, name string, into any) error {
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() == name {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("wrote %d files named %s into KUBEADM_INIT_DRYRUN_DIR, not 1: does this release honour that variable?", len(found), name)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(data, into); err != nil {
		return fmt.Errorf("decode %s: %w", name, err)
	}
	return nil
}

// removeProxy takes out closedProxy, which kubeadm hands on to static pods.
func removeProxy(pod *corev1.Pod) {
	for i := range pod.Spec.Containers {
		container := &pod.Spec.Containers[i]
		container.Env = slices.DeleteFunc(container.Env, func(env corev1.EnvVar) bool {
			return env.Name == closedProxyName && env.Value == closedProxy
		})
	}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
