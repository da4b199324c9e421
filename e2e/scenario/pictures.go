package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/waterfall"
)

// stage is a part of the story, and a picture of it.
type stage struct {
	Name, Title string
	trace       func(Story) jaeger.Trace
}

var stages = []stage{
	{"create", "kubectl create deployment: the request, from kube-apiserver into etcd", func(s Story) jaeger.Trace { return s.Create }},
	{"delete", "kubectl delete deployment: the request, from kube-apiserver into etcd", func(s Story) jaeger.Trace { return s.Delete }},
	{"start", "The kubelet starts the pod", func(s Story) jaeger.Trace { return s.Start }},
	{"stop", "The kubelet stops the pod", func(s Story) jaeger.Trace { return s.Stop }},
}

// picture is the name of a file.
func picture(plan Plan, s stage) string { return plan.Name + "-" + s.Name + ".svg" }

// Draw writes the story as pictures into a folder, and returns their files.
func (r *Run) Draw(folder string, story Story) (files []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	subtitle := fmt.Sprintf("Kubernetes %s, etcd %s", strings.TrimPrefix(r.Cluster.Set.Versions["kubelet"], "v"), strings.TrimPrefix(r.Cluster.Set.Versions["etcd"], "v"))
	if r.Plan.Containerd != "" {
		subtitle += ", containerd " + strings.TrimPrefix(r.Cluster.Set.Versions["containerd"], "v")
	}
	for _, s := range stages {
		file := filepath.Join(folder, picture(r.Plan, s))
		drawn := waterfall.SVG(s.trace(story), waterfall.Options{Title: s.Title, Subtitle: subtitle, MaxSpans: 40})
		if err := os.WriteFile(file, drawn, 0o644); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}
