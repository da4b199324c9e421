package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"kubetrace/e2e/jaeger"
	"kubetrace/e2e/waterfall"
)

// stages are the parts of the story, by which its pictures are called.
var stages = []string{"create", "delete", "start", "stop"}

// Draw writes the story as pictures into a folder, and returns their files.
func (r *Run) Draw(folder string, story Story) (files []string, err error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	subtitle := fmt.Sprintf("Kubernetes %s, etcd %s", strings.TrimPrefix(r.Cluster.Set.Versions["kubelet"], "v"), strings.TrimPrefix(r.Cluster.Set.Versions["etcd"], "v"))
	if r.Plan.TracedContainerd {
		subtitle += ", containerd " + strings.TrimPrefix(r.Cluster.Set.Versions["containerd"], "v")
	}
	for _, picture := range []struct {
		name, title string
		trace       jaeger.Trace
	}{
		{stages[0], "kubectl create deployment: the request, from kube-apiserver into etcd", story.Create},
		{stages[1], "kubectl delete deployment: the request, from kube-apiserver into etcd", story.Delete},
		{stages[2], "The kubelet starts the pod", story.Start},
		{stages[3], "The kubelet stops the pod", story.Stop},
	} {
		file := filepath.Join(folder, r.Plan.Name+"-"+picture.name+".svg")
		drawn := waterfall.SVG(picture.trace, waterfall.Options{Title: picture.title, Subtitle: subtitle, MaxSpans: 40})
		if err := os.WriteFile(file, drawn, 0o644); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}
