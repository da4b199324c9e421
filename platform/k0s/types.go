package k0s

import "kubetrace/tracing"

// ClusterConfig is what is written of k0s' own configuration, from nothing.
type ClusterConfig struct {
	APIVersion string      `json:"apiVersion" yaml:"apiVersion"`
	Kind       string      `json:"kind" yaml:"kind"`
	Metadata   Metadata    `json:"metadata" yaml:"metadata"`
	Spec       ClusterSpec `json:"spec" yaml:"spec"`
}

// Metadata names the configuration, of which a cluster has one.
type Metadata struct {
	Name string `json:"name" yaml:"name"`
}

// ClusterSpec holds the parts that tracing is in.
type ClusterSpec struct {
	API            *Component      `json:"api,omitempty" yaml:"api,omitempty"`
	Storage        *Storage        `json:"storage,omitempty" yaml:"storage,omitempty"`
	WorkerProfiles []WorkerProfile `json:"workerProfiles,omitempty" yaml:"workerProfiles,omitempty"`
}

// Storage is the datastore.
type Storage struct {
	Type string     `json:"type" yaml:"type"`
	Etcd *Component `json:"etcd,omitempty" yaml:"etcd,omitempty"`
}

// Component is what a component is given.
type Component struct {
	// ExtraArgs are flags without dashes.
	ExtraArgs map[string]string `json:"extraArgs" yaml:"extraArgs"`
}

// WorkerProfile is a part of the kubelet's configuration, for the workers that are started
// with its name, or for those without one where it is called default.
type WorkerProfile struct {
	Name   string         `json:"name" yaml:"name"`
	Values map[string]any `json:"values" yaml:"values"`
}

// Marshal returns the document.
func (c ClusterConfig) Marshal() ([]byte, error) { return tracing.Marshal(c) }
