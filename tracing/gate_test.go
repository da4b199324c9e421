package tracing

import (
	"strings"
	"testing"
)

func TestCheckFeatureGate(t *testing.T) {
	for _, c := range []struct {
		spec, gate string
		on         bool
		says       string // empty: nothing is wrong
	}{
		{`kubernetesVersion: "1.37"`, GateNameAPIServer, true, "is not known to Kubernetes 1.37"},
		{`kubernetesVersion: "1.37"`, GateNameKubelet, true, ""},
		{`kubernetesVersion: "1.37"`, GateNameKubelet, false, "is locked in Kubernetes 1.37"},
		{`kubernetesVersion: "1.36"`, GateNameAPIServer, true, ""},
		{`kubernetesVersion: "1.34"`, GateNameAPIServer, false, "is locked in Kubernetes 1.34"},
		{`kubernetesVersion: "1.33"`, GateNameAPIServer, false, "nothing of kube-apiserver is traced"},
		{`{kubernetesVersion: "1.33", apiServer: {disabled: true}}`, GateNameAPIServer, false, ""},
		{`kubernetesVersion: "1.26"`, GateNameKubelet, false, "nothing of kubelet is traced"},
		{`kubernetesVersion: "1.24"`, GateNameKubelet, true, "is not known to Kubernetes 1.24"},
		{`kubernetesVersion: "1.22"`, GateNameAPIServer, true, ""},
		{`kubernetesVersion: "1.37"`, "Another", false, ""},
	} {
		resolved, err := Resolve(load(t, c.spec))
		if err != nil {
			t.Fatal(err)
		}
		err = resolved.CheckFeatureGate(c.gate, c.on)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s, %s=%t: got %v, want %q", c.spec, c.gate, c.on, err, c.says)
		}
	}
	if err := (Resolved{}).CheckFeatureGate(GateNameAPIServer, false); err != nil {
		t.Errorf("the zero Resolved says %v", err)
	}
}
