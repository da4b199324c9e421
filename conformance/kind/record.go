package kubetrace

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kind/pkg/cluster/kubetrace/engine"
)

// Manifest is cases.json, which lists what a Recorder wrote. Paths are relative
// to its folder, with slashes.
type Manifest struct {
	Kind  string       `json:"kind"` // "v0.33.0"
	Nodes []NodeRecord `json:"nodes"`
}

// NodeRecord is one node of one cluster.
type NodeRecord struct {
	Case  string `json:"case"`
	Minor string `json:"minor"` // of Kubernetes, "1.29"
	Node  string `json:"node"`
	Role  string `json:"role"` // control-plane, worker or external-load-balancer
	Run   string `json:"run"`  // run.json, an engine.Container
	Spec  string `json:"spec"` // the TracingSpec with its defaults, for tracing.Load

	// Release is the node image's, "v1.29.14". The load balancer has none, nor
	// any of the fields that follow.
	Release string `json:"release,omitempty"`
	// KubeadmConf is what kubeadm reads on the node, with all of its documents.
	KubeadmConf string `json:"kubeadmConf,omitempty"`
	// Kubeadm is the command that reads it: "init" on the first control plane,
	// "join" on all others. Join reads the JoinConfiguration only.
	Kubeadm string `json:"kubeadm,omitempty"`
	// Mounts are the files and folders of the host that the node has, by the
	// path that they have there.
	Mounts map[string]string `json:"mounts,omitempty"`
}

// Recorder has kind create clusters and writes what came of it into a folder.
// Its methods may be called at once.
type Recorder struct {
	docker, dir string

	mu       sync.Mutex
	manifest Manifest
}

// NewRecorder makes the folder of this kind's release below out, where there
// must be none. docker is the program of cmd/docker.
func NewRecorder(docker, out string) (*Recorder, error) {
	dir, err := filepath.Abs(filepath.Join(out, Version()))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return nil, fmt.Errorf("write to a folder that has no records of kind %s: %w", Version(), err)
	}
	if docker, err = filepath.Abs(docker); err != nil {
		return nil, err
	}
	if _, err := os.Stat(docker); err != nil {
		return nil, fmt.Errorf("build ./cmd/docker and name it: %w", err)
	}
	return &Recorder{docker: docker, dir: dir, manifest: Manifest{Kind: Version(), Nodes: []NodeRecord{}}}, nil
}

// Record runs a case for a release, and returns what is wrong with it.
func (r *Recorder) Record(ctx context.Context, c Case, minor string) (problems []string, err error) {
	at := filepath.Join(c.Name, minor)
	result, err := c.run(ctx, r.docker, filepath.Join(r.dir, at), minor, nil)
	if err != nil {
		return nil, err
	}
	for _, container := range result.With.Containers {
		node, err := r.write(at, container)
		if err != nil {
			return nil, err
		}
		node.Case, node.Minor = c.Name, minor
		if node.KubeadmConf != "" {
			node.Kubeadm = "join"
			if container == first(result.With) {
				node.Kubeadm = "init"
			}
		}
		r.mu.Lock()
		r.manifest.Nodes = append(r.manifest.Nodes, node)
		r.mu.Unlock()
	}
	return judge(result)
}

// write writes a node's folder into that of its case.
func (r *Recorder) write(at string, c *engine.Container) (NodeRecord, error) {
	node := NodeRecord{Node: c.Name, Role: c.Role(), Spec: slash(at, "spec.yaml"), Run: slash(at, c.Name, "run.json")}
	if err := os.Mkdir(filepath.Join(r.dir, at, c.Name), 0o755); err != nil {
		return node, err
	}
	text, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return node, err
	}
	if err := os.WriteFile(filepath.Join(r.dir, node.Run), append(text, '\n'), 0o644); err != nil {
		return node, err
	}
	for _, m := range c.Mounts {
		if host, err := filepath.Rel(r.dir, m.Host); err == nil && filepath.IsLocal(host) {
			if node.Mounts == nil {
				node.Mounts = map[string]string{}
			}
			node.Mounts[m.Container] = filepath.ToSlash(host)
		}
	}
	conf, written := c.Files[kubeadmConf]
	if !written {
		return node, nil
	}
	node.Release = strings.TrimSpace(c.Files["/kind/version"])
	node.KubeadmConf = slash(at, c.Name, "kubeadm.conf")
	return node, os.WriteFile(filepath.Join(r.dir, node.KubeadmConf), []byte(conf), 0o644)
}

func slash(elements ...string) string { return filepath.ToSlash(filepath.Join(elements...)) }

// Close writes cases.json.
func (r *Recorder) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	slices.SortFunc(r.manifest.Nodes, func(a, b NodeRecord) int {
		return cmp.Or(strings.Compare(a.Case, b.Case), strings.Compare(a.Minor, b.Minor), strings.Compare(a.Node, b.Node))
	})
	text, err := json.MarshalIndent(r.manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.dir, "cases.json"), append(text, '\n'), 0o644)
}
