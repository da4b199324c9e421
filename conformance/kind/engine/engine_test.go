package engine

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// hostFolder is a folder of the host with one file.
func hostFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("ours"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// docker gives one command and returns what it printed.
func docker(t *testing.T, state, stdin string, args ...string) (exit int, output string) {
	t.Helper()
	var out bytes.Buffer
	exit = Run(state, args, strings.NewReader(stdin), &out, &out)
	return exit, out.String()
}

func runArgs(name, role string, more ...string) []string {
	args := []string{"run", "--name", name, "--label", roleLabel + "=" + role, "--label", clusterLabel + "=kind", "--publish=127.0.0.1:12345:6443/TCP"}
	return append(append(args, more...), "kindest/node:v1.29.1@sha256:00")
}

// TestRefuses shows that what kind does not do today fails a run, even where
// kind would pass over it.
func TestRefuses(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"another command", []string{"compose", "up"}, `["compose" "up"]`},
		{"a flag of run", runArgs("n", "worker", "--gpus", "all"), "run --gpus"},
		{"a command for a node", append(runArgs("n", "worker"), "sh"), "with a command"},
		{"run without a name", []string{"run", "kindest/node:v1.29.1"}, "without --name"},
		{"another format", []string{"info", "--format", "{{.NCPU}}"}, "NCPU"},
		{"another filter", []string{"ps", "-a", "--filter", "name=a", "--format", "{{.Names}}"}, "--filter name=a"},
		{"another field of a container", []string{"inspect", "--format", "{{.State}}", "cp"}, "State"},
		{"a list of all networks", []string{"network", "ls", "--filter=driver=bridge", "--format={{.ID}}"}, "network ls"},
		{"more than the command", []string{"pull", "a", "b"}, `"pull"`},
		{"less than the command", []string{"pull"}, `"pull"`},
		{"another command in a node", []string{"exec", "--privileged", "cp", "reboot"}, "reboot"},
		{"another flag of exec", []string{"exec", "--privileged", "--user=a", "cp", "cat", "a"}, "--user"},
		{"another flag of kubeadm", []string{"exec", "--privileged", "cp", "kubeadm", "init", "--dry-run"}, "--dry-run"},
		{"another script", []string{"exec", "--privileged", "cp", "sh", "-c", "true"}, "sh -c true"},
		{"another script of bash", []string{"exec", "--privileged", "cp", "bash", "-c", "true"}, "bash -c true"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			state := t.TempDir()
			if exit, output := docker(t, state, "", runArgs("cp", "control-plane")...); exit != 0 {
				t.Fatal(output)
			}
			if exit, output := docker(t, state, "", test.args...); exit != 125 || !strings.Contains(output, test.want) {
				t.Errorf("got status %d and %q, want 125 and %q", exit, output, test.want)
			}
			if _, err := Read(state); err == nil || !strings.Contains(err.Error(), "does not know") {
				t.Errorf("the record can be read: %v", err)
			}
		})
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("a folder that no engine wrote can be read")
	}
}

// step is a command, and what it has to come to.
type step struct {
	command string // in words
	stdin   string
	exit    int
	want    string // in the output
}

// TestNodes goes the way of a cluster, with the mistakes that it stops at.
func TestNodes(t *testing.T) {
	const (
		cp  = "exec --privileged kind-control-plane "
		cp2 = "exec --privileged kind-control-plane2 "
		wk  = "exec --privileged kind-worker "
	)
	state, host := t.TempDir(), hostFolder(t)
	for _, args := range [][]string{
		runArgs("kind-control-plane", "control-plane", "--volume="+host+"/file:/etc/kubernetes/file.yaml:ro", "--volume="+host+":/mnt", "--volume", host+"/missing:/missing:ro", "--volume", "/var"),
		runArgs("kind-control-plane2", "control-plane", "--sysctl=net.ipv6.conf.all.disable_ipv6=0"),
		runArgs("kind-worker", "worker"),
	} {
		if exit, output := docker(t, state, "", args...); exit != 0 {
			t.Fatal(output)
		}
	}
	steps := []step{
		{command: "inspect --type=image kindest/node:v1.29.1", exit: 1, want: "No such image"},
		{command: "pull kindest/node:v1.29.1"},
		{command: "inspect --type=image kindest/node:v1.29.1", want: "[{}]"},
		{command: "logs -f kind-worker", want: "Reached target Multi-User System"},
		{command: "logs -f kind-other", exit: 1, want: "No such container"},
		{command: "ps -a --filter label=io.x-k8s.kind.cluster=kind --format {{.Names}}", want: "kind-control-plane\nkind-control-plane2\nkind-worker\n"},
		{command: cp + "cat /kind/version", want: "v1.29.1\n"},
		{command: cp + "cat /etc/kubernetes/file.yaml", want: "ours"},
		{command: cp + "cat /mnt/file", want: "ours"},
		{command: cp + "cat /missing", exit: 1, want: "No such file"},
		{command: cp + "cp /dev/stdin /etc/kubernetes/file.yaml", exit: 1, want: "Read-only file system"},
		{command: wk + "cp /dev/stdin /new/file", exit: 1, want: "no such file"},
		{command: wk + "kubeadm join --config /kind/kubeadm.conf --v=6", exit: 1, want: "kubeadm.conf"},
		{command: cp + "kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=6", exit: 1, want: "kubeadm.conf"},
		{command: cp + "cp /dev/stdin /kind/kubeadm.conf", stdin: "first"},
		{command: cp2 + "cp /dev/stdin /kind/kubeadm.conf", stdin: "second"},
		{command: wk + "cp /dev/stdin /kind/kubeadm.conf", stdin: "third"},
		{command: wk + "kubeadm join --config /kind/kubeadm.conf --v=6", exit: 1, want: "join before kubeadm init"},
		{command: wk + "kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=6", exit: 1, want: "on the worker"},
		{command: cp + "kubectl --kubeconfig=/etc/kubernetes/admin.conf apply -f -", exit: 1, want: "admin.conf"},
		{command: cp + "kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=6"},
		{command: cp + "kubeadm init --config=/kind/kubeadm.conf --skip-token-print --v=6", exit: 1, want: "init twice"},
		{command: cp + "kubectl --kubeconfig=/etc/kubernetes/admin.conf apply -f -"},
		{command: cp + "cat /etc/kubernetes/admin.conf", want: "server: https://kind-control-plane:6443"},
		{command: wk + "kubeadm join --config /kind/kubeadm.conf --v=6"},
		{command: cp2 + "kubeadm join --config /kind/kubeadm.conf --v=6", exit: 1, want: "pki/ca.crt"},
	}
	for _, name := range certificates {
		steps = append(steps,
			step{command: cp2 + "mkdir -p " + path.Dir(name)},
			step{command: cp + "cat " + name, want: "of kind"},
			step{command: cp2 + "cp /dev/stdin " + name},
		)
	}
	steps = append(steps, step{command: cp2 + "kubeadm join --config /kind/kubeadm.conf --v=6"})
	for _, s := range steps {
		exit, output := docker(t, state, s.stdin, strings.Fields(s.command)...)
		if exit != s.exit || !strings.Contains(output, s.want) {
			t.Errorf("%s: got status %d and %q, want %d and %q", s.command, exit, output, s.exit, s.want)
		}
	}
	for format, want := range map[string]string{
		`{{ index .Config.Labels "io.x-k8s.kind.role"}}`:                                         "control-plane\n",
		`{{ index .Config.Labels "desktop.docker.io/ports/6443/tcp" }}`:                          "\n",
		`{{ with (index (index .NetworkSettings.Ports "6443/tcp") 0) }}{{ .HostPort }}{{ end }}`: "12345\n",
		`{{range .NetworkSettings.Networks}}{{.GlobalIPv6Address}}{{end}}`:                       "fc00:",
	} {
		if _, output := docker(t, state, "", "inspect", "--format", format, "kind-control-plane2"); !strings.HasPrefix(output, want) {
			t.Errorf("%s: got %q, want %q", format, output, want)
		}
	}
	if exit, output := docker(t, state, "", runArgs("kind-worker", "worker")...); exit != 1 || !strings.Contains(output, "already in use") {
		t.Errorf("a second container of a name: got status %d and %q", exit, output)
	}
	record, err := Read(state)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(state); err != nil {
		t.Fatal(err)
	}
	node := record.Containers[0]
	want := []Mount{
		{Host: host + "/file", Container: "/etc/kubernetes/file.yaml", ReadOnly: true, Options: []string{"ro"}, Found: "file"},
		{Host: host, Container: "/mnt", Found: "folder"},
		{Host: host + "/missing", Container: "/missing", ReadOnly: true, Options: []string{"ro"}, Found: "nothing"},
	}
	if !reflect.DeepEqual(node.Mounts, want) {
		t.Errorf("mounts\n%+v\nwant\n%+v", node.Mounts, want)
	}
	for name, want := range map[string]string{"/kind/kubeadm.conf": "first", "/etc/kubernetes/file.yaml": "ours", "/missing": "", "/none": ""} {
		if text, err := node.File(name); string(text) != want || (err == nil) != (want != "") {
			t.Errorf("%s holds %q (%v), want %q", name, text, err, want)
		}
	}
	if call := record.Calls[0]; call.Args[0] != "run" || call.Exit != 0 {
		t.Errorf("the first call is %+v", call)
	}
}

// TestRunFails shows what Docker would not run either.
func TestRunFails(t *testing.T) {
	tests := map[string][]string{
		"needs an argument":    {"run", "--name"},
		"at least 1 argument":  {"run", "--name", "n"},
		"volume specification": runArgs("n", "worker", "--volume=relative:/a"),
		"duplicate mount":      runArgs("n", "worker", "--volume=/a:/b", "--volume=/c:/b/"),
		"invalid publish":      runArgs("n", "worker", "--publish=6443"),
		"names no release":     {"run", "--name", "n", "kindest/node"},
	}
	for want, args := range tests {
		t.Run(want, func(t *testing.T) {
			if exit, output := docker(t, t.TempDir(), "", args...); exit != 1 || !strings.Contains(output, want) {
				t.Errorf("got status %d and %q", exit, output)
			}
		})
	}
	if exit, output := docker(t, "", "", "-v"); exit != 125 || !strings.Contains(output, Dir) {
		t.Errorf("without a folder: got status %d and %q", exit, output)
	}
}
