package k3s_test

import (
	"testing"

	"kubetrace/platform/k3s"
	"kubetrace/tracing"
)

// FuzzConfig gives configurations of any text: nothing panics, and what is accepted
// changes no more when it is given again.
func FuzzConfig(f *testing.F) {
	f.Add("kube-apiserver-arg: [v=2]\n", true)
	f.Add("etcd-arg+:\n- experimental-enable-distributed-tracing=true\n- --a\n", true)
	f.Add("kubelet-arg: 5 # x\nkube-proxy-arg: feature-gates=APIServerTracing=true", false)
	f.Add("a: &x [b=c]\netcd-arg: *x\n", true)
	f.Fuzz(func(t *testing.T, base string, isServer bool) {
		role := agent
		if isServer {
			role = server
		}
		for _, release := range []string{"1.26.9", "1.36.0"} {
			once, err := k3s.Config(spec(release), role, []byte(base), k3s.Options{})
			if err != nil {
				continue
			}
			twice, err := k3s.Config(spec(release), role, once.Text, k3s.Options{})
			if err != nil {
				t.Fatalf("the result is refused: %v\n%s", err, once.Text)
			}
			if string(twice.Text) != string(once.Text) {
				t.Errorf("the second call changed something:\n%s\n---\n%s", once.Text, twice.Text)
			}
		}
	})
}

// FuzzNames gives etcd names of any text: what is accepted k3s writes as a text.
func FuzzNames(f *testing.F) {
	for _, name := range []string{"12", "-1", "true", "[a]", "~", "a", "0x1f", "1e3", "1m", "{a: b}", "- a", "# a"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		in := spec("1.34.1")
		in.Etcd = tracing.EtcdSpec{InstanceID: name}
		settings, err := k3s.Settings(in, server, k3s.Options{})
		if err != nil || name == "" {
			return
		}
		fields, err := etcdFile(settings.EtcdArg)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := fields["distributed-tracing-instance-id"], any(name); got != want {
			t.Errorf("k3s writes %#v, want %#v", got, want)
		}
	})
}
