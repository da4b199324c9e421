package operator_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/collector/operator"
	"kubetrace/tracing"
)

func TestWarnings(t *testing.T) {
	always := []tracing.WarningCode{
		operator.WarnOperatorRelease, operator.WarnOperatorNames, operator.WarnOperatorNoProbes,
		operator.WarnOperatorToken, operator.WarnOperatorPorts, operator.WarnOperatorServices,
	}
	for _, test := range []struct {
		name, spec string
		more       []tracing.WarningCode
		says       map[tracing.WarningCode]string
	}{
		{name: "minimal", spec: specs["minimal"], more: []tracing.WarningCode{operator.WarnOperatorOthers}, says: map[tracing.WarningCode]string{
			operator.WarnOperatorNames:    "the operator's DaemonSet is called kubetrace-collector-collector,",
			operator.WarnOperatorToken:    "the ServiceAccount kubetrace-collector says so",
			operator.WarnOperatorOthers:   "send to the backend of the spec",
			operator.WarnOperatorServices: "kubetrace-collector-collector, kubetrace-collector-collector-headless and kubetrace-collector-collector-monitoring,",
		}},
		{name: "IPv6", spec: specs["IPv6"], more: []tracing.WarningCode{operator.WarnOperatorOthers}, says: map[tracing.WarningCode]string{
			operator.WarnOperatorPorts: "of the endpoint [::1]:4317 the operator reads the port 1",
		}},
		{name: "abstract socket", spec: specs["abstract socket"], more: []tracing.WarningCode{operator.WarnOperatorOthers, operator.WarnOperatorSocket}, says: map[tracing.WarningCode]string{
			operator.WarnOperatorPorts:  "they declare 4317 too",
			operator.WarnOperatorSocket: "the operator would make 0.0.0.0:@/kubetrace of the endpoint @/kubetrace, so it is written ${env:KUBETRACE_NOTHING:-}@/kubetrace,",
		}},
		{name: "a gateway", spec: "kubernetesVersion: '1.34'\ngateway: {}\nbackend: {disabled: true}\ncollector: {exporter: {endpoint: 'a:4317'}}", more: []tracing.WarningCode{operator.WarnOperatorOthers}, says: map[tracing.WarningCode]string{
			operator.WarnOperatorOthers: "Apply the objects of package gateway too",
		}},
		{name: "full", spec: specs["full"], more: []tracing.WarningCode{operator.WarnOperatorPullSecrets}, says: map[tracing.WarningCode]string{
			operator.WarnOperatorPullSecrets: "the ServiceAccount node has them",
			operator.WarnOperatorNames:       "delete the DaemonSet node or",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var codes []tracing.WarningCode
			for _, warning := range operator.WarningsFor(resolve(t, test.spec)) {
				codes = append(codes, warning.Code)
				if warning.Release == "" || warning.Message == "" || warning.Cure == "" || strings.HasSuffix(warning.Message, ".") || strings.HasSuffix(warning.Cure, ".") {
					t.Errorf("%s is not whole: %+v", warning.Code, warning)
				}
				if !isField(warning.Field) {
					t.Errorf("%s: the spec has no field %s", warning.Code, warning.Field)
				}
				if want := test.says[warning.Code]; !strings.Contains(warning.String(), want) {
					t.Errorf("%s says %q, want %q in it", warning.Code, warning, want)
				}
			}
			if diff := cmp.Diff(append(slices.Clone(always), test.more...), codes); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

// isField says whether the spec has a field at a path.
func isField(path string) bool {
	at := reflect.TypeFor[tracing.TracingSpec]()
next:
	for _, name := range strings.Split(path, ".") {
		for i := range at.NumField() {
			if tag, _, _ := strings.Cut(at.Field(i).Tag.Get("json"), ","); tag == name {
				at = at.Field(i).Type
				continue next
			}
		}
		return false
	}
	return true
}
