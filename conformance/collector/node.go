package collector

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// Node stands for the kubelet of one node: it makes of the generated objects
// what a container would find.
type Node struct {
	// Name is the node's name.
	Name string
	// Secrets are what the cluster holds: names, then keys, then values.
	Secrets map[string]map[string]string
}

// Container is the collector's container on a node.
type Container struct {
	// Config is the configuration file that the container's arguments name,
	// with the paths of mounted folders replaced by where the test has them.
	Config string
	// Env are the variables that the container sets.
	Env map[string]string
	// Probes are the URLs that the kubelet asks.
	Probes []string
}

// objects are those of a collector.yaml or gateway.yaml that make the container.
type objects struct {
	pod        *corev1.PodSpec
	configMaps map[string]*corev1.ConfigMap
}

// Prepare reads the objects, those of the collector or of the gateway, sets the container's environment for the rest of
// the test and writes its volumes into temporary folders. What it does not know
// how to provide ends the test.
func (n Node) Prepare(tb testing.TB, objectsYAML []byte) Container {
	tb.Helper()
	objects, err := decode(objectsYAML)
	if err != nil {
		tb.Fatal(err)
	}
	pod := objects.pod
	if len(pod.Containers) != 1 || len(pod.InitContainers) != 0 {
		tb.Fatalf("the pod has %d containers and %d init containers; this harness runs one container", len(pod.Containers), len(pod.InitContainers))
	}
	container := pod.Containers[0]
	variables := map[string]string{}
	for _, env := range container.Env {
		value, err := n.variable(env)
		if err != nil {
			tb.Fatalf("environment variable %s: %v", env.Name, err)
		}
		tb.Setenv(env.Name, value)
		variables[env.Name] = value
	}
	folders := map[string]string{} // mount path to the test's folder
	for _, mount := range container.VolumeMounts {
		at := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name })
		if at < 0 {
			tb.Fatalf("mount %s: the pod has no such volume", mount.Name)
		}
		files, err := n.files(pod.Volumes[at], objects)
		if err != nil {
			tb.Fatalf("volume %s: %v", mount.Name, err)
		}
		folders[mount.MountPath] = writeFiles(tb, files)
	}
	config, err := readConfig(container.Args, folders)
	if err != nil {
		tb.Fatal(err)
	}
	return Container{Config: config, Env: variables, Probes: probes(container)}
}

func decode(objectsYAML []byte) (objects, error) {
	result := objects{configMaps: map[string]*corev1.ConfigMap{}}
	for _, document := range strings.Split("\n"+string(objectsYAML), "\n---") {
		var meta metav1.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &meta); err != nil {
			return result, err
		}
		var err error
		switch meta.Kind {
		case "DaemonSet":
			daemonSet := &appsv1.DaemonSet{}
			err = yaml.UnmarshalStrict([]byte(document), daemonSet)
			result.pod = &daemonSet.Spec.Template.Spec
		case "Deployment":
			deployment := &appsv1.Deployment{}
			err = yaml.UnmarshalStrict([]byte(document), deployment)
			result.pod = &deployment.Spec.Template.Spec
		case "ConfigMap":
			configMap := &corev1.ConfigMap{}
			err = yaml.UnmarshalStrict([]byte(document), configMap)
			result.configMaps[configMap.Name] = configMap
		}
		if err != nil {
			return result, fmt.Errorf("decode the %s: %w", meta.Kind, err)
		}
	}
	if result.pod == nil {
		return result, fmt.Errorf("there is no DaemonSet and no Deployment among the objects")
	}
	return result, nil
}

// variable returns the value that the kubelet gives an environment variable.
func (n Node) variable(env corev1.EnvVar) (string, error) {
	switch from := env.ValueFrom; {
	case from == nil && !strings.Contains(env.Value, "$("):
		return env.Value, nil
	case from != nil && from.FieldRef != nil && from.FieldRef.FieldPath == "spec.nodeName":
		return n.Name, nil
	case from != nil && from.SecretKeyRef != nil:
		return n.secret(from.SecretKeyRef.Name, from.SecretKeyRef.Key, from.SecretKeyRef.Optional)
	}
	return "", fmt.Errorf("this harness cannot provide %+v: teach it to", env)
}

// files returns what the kubelet writes into a volume.
func (n Node) files(volume corev1.Volume, objects objects) (map[string]string, error) {
	switch {
	case volume.ConfigMap != nil && volume.ConfigMap.Items == nil:
		configMap, ok := objects.configMaps[volume.ConfigMap.Name]
		if !ok {
			return nil, fmt.Errorf("there is no ConfigMap %s among the objects", volume.ConfigMap.Name)
		}
		return configMap.Data, nil
	case volume.EmptyDir != nil, volume.HostPath != nil:
		return nil, nil
	case volume.Projected != nil:
		files := map[string]string{}
		for _, source := range volume.Projected.Sources {
			if source.Secret == nil {
				return nil, fmt.Errorf("this harness cannot project %+v: teach it to", source)
			}
			for _, item := range source.Secret.Items {
				value, err := n.secret(source.Secret.Name, item.Key, source.Secret.Optional)
				if err != nil {
					return nil, err
				}
				files[item.Path] = value
			}
		}
		return files, nil
	}
	return nil, fmt.Errorf("this harness cannot provide %+v: teach it to", volume.VolumeSource)
}

// secret refuses an optional Secret: without it a pod would start all the same.
func (n Node) secret(name, key string, optional *bool) (string, error) {
	if optional != nil && *optional {
		return "", fmt.Errorf("the Secret %s is optional, so what needs it may silently be missing", name)
	}
	value, ok := n.Secrets[name][key]
	if !ok {
		return "", fmt.Errorf("the test gives the node no Secret %s with the key %s", name, key)
	}
	return value, nil
}

// writeFiles does not use TB.TempDir: it puts the test's name into the path, of
// which the collector would expand the dollar signs.
func writeFiles(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "kubetrace-collector-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// readConfig follows --config through the mounts. No other argument is known to
// be harmless.
func readConfig(args []string, folders map[string]string) (string, error) {
	if len(args) != 1 || !strings.HasPrefix(args[0], "--config=") {
		return "", fmt.Errorf("the container's arguments are %q; want one, --config=<file>", args)
	}
	path := strings.TrimPrefix(args[0], "--config=")
	folder, ok := folders[filepath.Dir(path)]
	if !ok {
		return "", fmt.Errorf("%s is in none of the container's mounts %v", args[0], folders)
	}
	config, err := os.ReadFile(filepath.Join(folder, filepath.Base(path)))
	if err != nil {
		return "", fmt.Errorf("%s: the volume has no such file: %w", args[0], err)
	}
	text := string(config)
	for mountPath, folder := range folders {
		text = regexp.MustCompile(`(?m)`+regexp.QuoteMeta(mountPath)+`(/|$)`).ReplaceAllString(text, folder+"$1")
	}
	return text, nil
}

func probes(container corev1.Container) []string {
	var urls []string
	for _, probe := range []*corev1.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
		if probe == nil || probe.HTTPGet == nil {
			continue
		}
		get := probe.HTTPGet
		if get.Port.StrVal != "" {
			continue // of the gateway, whose ports the test changes
		}
		urls = append(urls, "http://"+net.JoinHostPort(get.Host, get.Port.String())+get.Path)
	}
	return urls
}
