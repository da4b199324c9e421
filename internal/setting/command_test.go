package setting_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// TestReadCommand has the ways in which containers start a component. A flag is
// "name=value", or "name=value at 3+2" where its value is an element of its own.
func TestReadCommand(t *testing.T) {
	const none = "no program"
	for _, test := range []struct {
		name          string
		component     tracing.Component
		command, args string // elements between |
		want          string
	}{
		{"kubeadm's", tracing.ComponentEtcd, "etcd|--a=b|--c=", "", "a=b c="},
		{"with its folder", tracing.ComponentAPIServer, "/usr/local/bin/kube-apiserver|--a=b", "", "a=b"},
		{"a switch", tracing.ComponentEtcd, "etcd|--a|--b=c", "", "a=true b=c"},
		{"a value of its own", tracing.ComponentEtcd, "etcd|--a|b|--c=d", "", "a=b at 1+2 c=d"},
		{"a switch at the end", tracing.ComponentEtcd, "etcd|--a", "", "a=true"},
		{"args", tracing.ComponentEtcd, "etcd|--a=b", "--c=d|--e|f", "a=b c=d e=f at 3+2"},
		{"a switch at the end of command", tracing.ComponentAPIServer, "kube-apiserver|--a", "b", "a=true"},
		{"the program in args", tracing.ComponentAPIServer, "/go-runner|--log-file=/l", "kube-apiserver|--a=b", "a=b"},
		{"another program starts it", tracing.ComponentAPIServer, "/go-runner|--log-file=/l|/usr/local/bin/kube-apiserver|--a=b", "", "a=b"},
		{"the image's program", tracing.ComponentEtcd, "", "--a=b|--name|etcd|--c=d", "a=b name=etcd at 1+2 c=d"},
		{"the image's program, by name", tracing.ComponentEtcd, "", "etcd|--a=b", "a=b"},
		{"a folder of its name", tracing.ComponentEtcd, "", "--data-dir|/var/lib/etcd|--a=b", "data-dir=/var/lib/etcd at 0+2 a=b"},
		{"a folder of its name after the program", tracing.ComponentEtcd, "etcd|--data-dir|/var/lib/etcd|--a=b", "", "data-dir=/var/lib/etcd at 1+2 a=b"},
		{"a folder of its name, for another program", tracing.ComponentEtcd, "wrapper|--data-dir|/var/lib/etcd|--a=b", "", none},
		{"behind --", tracing.ComponentEtcd, "tini|--|etcd|--a=b", "", "a=b"},
		{"one dash of etcd", tracing.ComponentEtcd, "etcd|-a=b|-c", "", "a=b c=true"},
		{"one dash of Kubernetes", tracing.ComponentAPIServer, "kube-apiserver|-v=2|--a=b", "", "a=b"},
		{"_ for - of Kubernetes", tracing.ComponentAPIServer, "kube-apiserver|--tracing_config_file=/f", "", "tracing-config-file(tracing_config_file)=/f"},
		{"_ of etcd", tracing.ComponentEtcd, "etcd|--data_dir=/f", "", "data_dir=/f"},
		{"dashes alone", tracing.ComponentEtcd, "etcd|--|-|--a=b", "", "a=b"},
		{"an empty value", tracing.ComponentEtcd, "etcd|--a||--b=c", "", "a=true b=c"},
		{"a shell", tracing.ComponentAPIServer, "sh|-c|exec kube-apiserver --a=b", "", none},
		{"a shell with the bare program", tracing.ComponentEtcd, "/bin/sh|-c|etcd", "", none},
		{"a shell with more options", tracing.ComponentEtcd, "sh|-ec|etcd", "", none},
		{"a shell in args", tracing.ComponentEtcd, "", "sh|-c|etcd", none},
		{"a shell with arguments", tracing.ComponentEtcd, "sh|-c|exec \"$@\"|--|etcd|--a=b", "", "a=b"},
		{"another program", tracing.ComponentEtcd, "etcdctl|--a=b", "", none},
		{"nothing", tracing.ComponentEtcd, "", "", none},
	} {
		t.Run(test.name, func(t *testing.T) {
			split := func(text string) []string {
				if text == "" {
					return nil
				}
				return strings.Split(text, "|")
			}
			command, args := split(test.command), split(test.args)
			all, ok := setting.ReadCommand(test.component, command, args)
			got, next := []string{}, 0
			for _, a := range all {
				if a.At != next {
					t.Errorf("element %d follows %d", a.At, next)
				}
				next = a.At + a.Elements
				if a.Kind == "" {
					continue
				}
				text := a.Name
				if a.As != a.Name {
					text += "(" + a.As + ")"
				}
				text += "=" + a.Value
				if a.Elements > 1 {
					text += fmt.Sprintf(" at %d+%d", a.At, a.Elements)
				}
				got = append(got, text)
			}
			text := strings.Join(got, " ")
			if !ok {
				text = none
			} else if next != len(command)+len(args) {
				t.Errorf("%d of %d elements are there", next, len(command)+len(args))
			}
			if diff := cmp.Diff(test.want, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTagOf(t *testing.T) {
	for image, want := range map[string]string{
		"registry.k8s.io/etcd:3.6.5-0": "3.6.5-0", "localhost:5000/etcd": "", "localhost:5000/etcd:v3.6.5": "v3.6.5",
		"etcd:3.6.5@sha256:00": "3.6.5", "etcd@sha256:00": "", "": "",
	} {
		if got := setting.TagOf(image); got != want {
			t.Errorf("%s: got %q, want %q", image, got, want)
		}
	}
}
