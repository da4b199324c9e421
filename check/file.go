package check

import (
	"path"
	"strings"
)

// AddFile adds a file by its name, as those are called that examples/check -help has
// people collect. The name says what it holds, and of which node:
//
//	configz-NODE.json     the answer of the kubelet, as for State.AddConfigz
//	tracing-NODE.yaml     kube-apiserver's tracing file
//	egress-NODE.yaml      the file of its flag --egress-selector-config-file
//	etcd-NODE.yaml        the file of etcd's flag --config-file
//	containerd-NODE.toml  what containerd config dump prints
//	containerd-NODE.env   containerd's environment, as /proc/PID/environ or in lines
//	crio-NODE.toml        what crio status config prints, or crio-status config before 1.28
//
// Any other is what kubectl has printed, as for [State.Add]. What cannot be read is put
// into [State.Unreadable] with the name as its Source.
func (s *State) AddFile(name string, text []byte) {
	before := len(s.Unreadable)
	base := path.Base(name)
	kind, node, _ := strings.Cut(strings.TrimSuffix(base, path.Ext(base)), "-")
	files := map[string]*map[string][]byte{"tracing": &s.TracingFiles, "egress": &s.EgressSelectors, "etcd": &s.EtcdFiles, "containerd": &s.Containerd, "crio": &s.CRIO}
	if path.Ext(base) == ".env" {
		files["containerd"] = &s.ContainerdEnvironment
	}
	switch of := files[kind]; {
	case node != "" && of != nil:
		if *of == nil {
			*of = map[string][]byte{}
		}
		(*of)[node] = text
	case node != "" && kind == "configz":
		_ = s.AddConfigz(node, text) // which is in Unreadable
	default:
		_ = s.Add(text) // likewise
	}
	for i := range s.Unreadable[before:] {
		s.Unreadable[before+i].Source = name
	}
}
