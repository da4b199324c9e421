package components

import (
	"fmt"
	"path"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"kubetrace/e2e/lab"
)

// Images of ours, beside those that kubeadm names. Nothing is ever pulled from
// there: the domain is one of RFC 2606's.
const repository = "kubetrace.test/"

// CollectorImage is the image of the OpenTelemetry Collector.
func (s *Set) CollectorImage() string {
	return repository + "otelcol:" + strings.TrimPrefix(s.Versions["otelcol"], "v")
}

// JaegerImage is the image of the backend.
func (s *Set) JaegerImage() string {
	return repository + "jaeger:" + strings.TrimPrefix(s.Versions["jaeger"], "v")
}

// PauseImage is the image of the container that does nothing.
func (s *Set) PauseImage() string { return repository + "pause:1" }

// Images makes the images that a cluster needs: kubeadm's, of the names that
// "kubeadm config images list" prints, and ours.
func (s *Set) Images(kubeadms []string) (map[string]v1.Image, error) {
	images := map[string]v1.Image{}
	for _, reference := range append(kubeadms, s.CollectorImage(), s.JaegerImage(), s.PauseImage()) {
		name, _, _ := strings.Cut(path.Base(reference), ":")
		content, err := s.content(name)
		if err != nil {
			return nil, err
		}
		if images[reference], err = content.Build(); err != nil {
			return nil, fmt.Errorf("make the image %s: %w", reference, err)
		}
	}
	return images, nil
}

func (s *Set) content(name string) (lab.Image, error) {
	program, there := s.paths[name]
	if !there {
		return lab.Image{}, fmt.Errorf("kubeadm wants an image %s, for which no program is pinned", name)
	}
	target := "/usr/local/bin/" + name
	image := lab.Image{Entrypoint: []string{target}, Files: map[string]string{target: program}}
	if name == "kube-proxy" {
		// It calls iptables, which is not a Go program.
		iptables, err := image.AddSystemProgram("xtables-nft-multi", "/usr/lib/*-linux-gnu*/xtables/*.so")
		if err != nil {
			return lab.Image{}, err
		}
		image.Links = map[string]string{}
		for _, command := range []string{"iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore"} {
			image.Links["/usr/sbin/"+command] = iptables
		}
	}
	return image, nil
}
