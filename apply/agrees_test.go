package apply_test

import (
	"bytes"
	"strings"
	"testing"

	"kubetrace/apply"
)

// TestOlderYAML edits what Kubernetes reads as we do, though by an older YAML, and
// says what it reads otherwise.
func TestOlderYAML(t *testing.T) {
	for _, test := range []struct{ name, release, text, error, want string }{
		{name: "a text in lines at the end", release: "1.29", want: "\n      abc\n    tracing-config-file: ",
			text: "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    oidc: |\n      abc"},
		{name: "a text in lines at the end, with Windows", release: "1.34", want: "\r\n    abc\r\netcd:\r\n",
			text: "\ufeffapiVersion: kubeadm.k8s.io/v1beta4\r\nkind: ClusterConfiguration\r\ncaCertificateValidityPeriod: 1h\r\napiServer:\r\n  extraArgs:\r\n  - {name: a, value: b}\r\nclusterName: >\r\n    abc"},
		{name: "an end without a line break", release: "1.29", want: "kubeadmConfigPatches:\n  - |\n",
			text: "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n- role: worker"},
		{name: "words that were booleans", release: "1.34", want: "\n  - name: tracing-config-file\n",
			text: "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: profiling\n    value: \"no\"\n  certSANs: [yes, on]\n"},
		{name: "a document behind its separator", release: "1.34",
			text:  "--- {apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration}\n",
			error: "line 1: ClusterConfiguration: invalid Yaml document separator: {apiVersion: kubeadm.k8s.io/v1beta4, kind: ClusterConfiguration}: Kubernetes reads an older YAML, which refuses this: write it in another way"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := []byte(test.text)
			got, err := apply.Documents(spec(test.release), before, apply.Options{HostDir: "/out"})
			if test.error != "" {
				if err == nil || err.Error() != test.error {
					t.Errorf("got %v, want %s", err, test.error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(got.Text), test.want) {
				t.Errorf("got %q, want in it %q", got.Text, test.want)
			}
			if undone, err := apply.Undo(got.Text, got.Receipt); err != nil || !bytes.Equal(undone, before) {
				t.Errorf("undone it is %q, %v", undone, err)
			}
		})
	}
}
