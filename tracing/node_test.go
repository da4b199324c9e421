package tracing

import (
	"strings"
	"testing"
)

func TestCheckNodeVersion(t *testing.T) {
	r := resolved(t, `{kubernetesVersion: 1.31.4, kubeletVersion: 1.29.9}`)
	const control, worker = true, false
	for _, c := range []struct {
		tag          string
		controlPlane bool
		says         string // a part of the error
	}{
		{"v1.31.0", control, ""},
		{"v1.31.14", control, ""},
		{"v1.31.14", worker, ""},
		{"v1.29.1", worker, ""},
		{"latest", control, ""},
		{"", worker, ""},
		{"v1.30.1", control, "the spec says 1.31: make them agree"},
		{"v1.32.0", control, "the spec says 1.31: make them agree"},
		{"v1.32.0", worker, "may not be newer than the control plane, 1.31"},
		{"v1.28.15", worker, "write 1.28 into kubeletVersion"},
	} {
		err := r.CheckNodeVersion(c.tag, c.controlPlane)
		if c.says == "" && err != nil {
			t.Errorf("%s (control plane %t): %v", c.tag, c.controlPlane, err)
		}
		if c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s (control plane %t) gives %v, want one that says %q", c.tag, c.controlPlane, err, c.says)
		}
	}
}
