package kubeadm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/kubeadm"
)

func TestArgShapes(t *testing.T) {
	args := []kubeadm.Arg{{Name: "b", Value: "1=2"}, {Name: "a"}, {Name: "feature-gates", Value: "A=true,B=false"}}
	if diff := cmp.Diff([]string{"b=1=2", "a=", "feature-gates=A=true,B=false"}, kubeadm.ArgList(args)); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	got, err := kubeadm.ArgMap(args)
	if diff := cmp.Diff(map[string]string{"b": "1=2", "a": "", "feature-gates": "A=true,B=false"}, got); diff != "" || err != nil {
		t.Errorf("map, error %v (-want +got):\n%s", err, diff)
	}
	if _, err := kubeadm.ArgMap(append(args, kubeadm.Arg{Name: "a", Value: "c"})); err == nil || !strings.Contains(err.Error(), `the flag a is given twice, as "" and as "c"`) {
		t.Errorf("a flag twice: %v", err)
	}
	if empty, err := kubeadm.ArgMap(nil); len(empty) > 0 || err != nil || len(kubeadm.ArgList(nil)) > 0 {
		t.Errorf("of nothing: %v, %v", empty, err)
	}
}
