package pipeline

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"kubetrace/collector"
	"kubetrace/tracing"
)

var (
	ours       = generated("ours", tracing.QueueSpec{})
	oursOnDisk = generated("ours-disk", tracing.QueueSpec{Storage: tracing.StorageEmptyDir})
)

// generated is the library's, with the defaults of a spec that names no load.
func generated(name string, queue tracing.QueueSpec) Config {
	return Config{
		Name: name, OnDisk: queue.Storage == tracing.StorageEmptyDir,
		text: func(place Place) (string, error) {
			r, err := resolve(place, queue)
			if err != nil {
				return "", err
			}
			return inPlace(r, place)
		},
		env: func(place Place) []string {
			r, err := resolve(place, queue)
			if err != nil {
				return nil // text says so
			}
			env := []string{}
			for _, variable := range collector.DaemonSetFor(r).Spec.Template.Spec.Containers[0].Env {
				if variable.ValueFrom != nil { // the node's name
					variable.Value = "node-1"
				}
				env = append(env, variable.Name+"="+variable.Value)
			}
			return env
		},
	}
}

func resolve(place Place, queue tracing.QueueSpec) (tracing.Resolved, error) {
	spec, err := specOf(place, queue)
	if err != nil {
		return tracing.Resolved{}, err
	}
	return tracing.Resolve(spec)
}

// specOf is the spec of a place.
func specOf(place Place, queue tracing.QueueSpec) (tracing.TracingSpec, error) {
	health, err := portOf(place.Health)
	if err != nil {
		return tracing.TracingSpec{}, err
	}
	metrics, err := portOf(place.Metrics)
	if err != nil {
		return tracing.TracingSpec{}, err
	}
	return tracing.TracingSpec{
		KubernetesVersion: "1.37",
		Endpoint:          place.Receiver,
		Collector: tracing.CollectorSpec{
			HealthPort: health, MetricsPort: metrics,
			Resources: corev1.ResourceRequirements{Limits: corev1.ResourceList{
				corev1.ResourceMemory: *resource.NewQuantity(place.Memory, resource.BinarySI),
			}},
			Queue:    queue,
			Exporter: tracing.ExporterSpec{Endpoint: place.Backend, Insecure: true},
		},
	}, nil
}

// inPlace is the configuration with the pod's folder in the place's.
func inPlace(r tracing.Resolved, place Place) (string, error) {
	text := collector.ConfigMapFor(r).Data["config.yaml"]
	mounts := collector.DaemonSetFor(r).Spec.Template.Spec.Containers[0].VolumeMounts
	for _, mount := range mounts {
		if mount.Name == "queue" {
			text = strings.ReplaceAll(text, mount.MountPath, filepath.Join(place.Folder, queueFolder))
		}
	}
	return text, nil
}

// queueFolder is where a queue on disk is, in the folder of a place.
const queueFolder = "queue"

func portOf(address string) (int32, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("the port of %s: %w", address, err)
	}
	return int32(n), nil
}
