package setting_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

const (
	plain, old       = "enable-distributed-tracing", "experimental-enable-distributed-tracing"
	rate, oldRate    = "distributed-tracing-sampling-rate", "experimental-distributed-tracing-sampling-rate"
	variable, oldVar = "ETCD_ENABLE_DISTRIBUTED_TRACING", "ETCD_EXPERIMENTAL_ENABLE_DISTRIBUTED_TRACING"
)

// judged is what etcd makes of settings. The facts are those of its sources:
// server/etcdmain/config.go and server/embed/config.go of v3.5.5, v3.5.10, v3.5.11,
// v3.6.0, v3.6.14 and v3.7.0, pkg/flags/flag.go, and of runs.
var judged = []struct {
	name, release string
	tags          string // of one etcd or more; none is the release's range
	given         []string
	want          []verdict
}{
	// 3.5 has the old spelling alone, 3.6 both, 3.7 the new one alone; a flag that it
	// does not have ends etcd.
	{"old spelling", "1.29", "3.5.5-0 v3.5.10 3.5.11-0", []string{"--" + old + "=true"}, []verdict{{setting.Same, old}}},
	{"new spelling before 3.6", "1.29", "3.5.5-0 v3.5.10 3.5.11-0", []string{"--" + plain + "=true"}, []verdict{{setting.RefusesToStart, old}}},
	{"old spelling in 3.6", "1.34", "3.6.0-0 v3.6.16", []string{"--" + old + "=true"}, []verdict{{setting.OtherSpelling, plain}}},
	{"new spelling", "1.34", "3.6.0 3.6.16 3.7.0-0 3.7.3", []string{"--" + plain + "=true"}, []verdict{{setting.Same, plain}}},
	{"old spelling in 3.7", "1.37", "3.7.0-0 v3.7.3", []string{"--" + old + "=true"}, []verdict{{setting.RefusesToStart, plain}}},
	{"old spelling, where some have it", "1.36", "", []string{"--" + old + "=true"}, []verdict{{setting.RefusesToStart, plain}}},
	{"new spelling in a range of 3.5", "1.29", "", []string{"--" + plain + "=true"}, []verdict{{setting.RefusesToStart, old}}},

	// The rate came with 3.5.11.
	{"rate before it was there", "1.29", "3.5.5-0 3.5.10-0", []string{"--" + oldRate + "=5"}, []verdict{{setting.RefusesToStart, ""}}},
	{"rate in a range that begins before", "1.29", "", []string{"--" + oldRate + "=5"}, []verdict{{setting.RefusesToStart, ""}}},
	{"somebody's rate where the spec has none", "1.29", "3.5.11-0 3.5.16-0", []string{"--" + oldRate + "=5"}, []verdict{{setting.Harmless, oldRate}}},
	{"rate", "1.30", "", []string{"--" + oldRate + "=10000"}, []verdict{{setting.Same, oldRate}}},
	{"rate in 3.6", "1.34", "3.6.0-0", []string{"--" + oldRate + "=10000"}, []verdict{{setting.OtherSpelling, rate}}},
	{"another rate", "1.34", "3.6.4-0 3.7.0-0", []string{"--" + rate + "=5"}, []verdict{{setting.OtherValue, rate + "=10000"}}},
	{"rate of nothing", "1.34", "", []string{"--" + rate + "=0"}, []verdict{{setting.Silent, rate + "=10000"}}},
	{"rate in other digits", "1.34", "", []string{"--" + rate + "=0x2710"}, []verdict{{setting.Same, rate}}},
	{"rate above a million", "1.34", "3.6.0-0 3.6.16-0", []string{"--" + plain + "=true", "--" + oldRate + "=1000001"}, []verdict{{setting.Same, plain}, {setting.RefusesToStart, rate + "=10000"}}},
	{"rate above a million, and off", "1.34", "3.6.0-0 3.7.0", []string{"--" + plain + "=false", "--" + rate + "=1000001"}, []verdict{{setting.Silent, plain + "=true"}, {setting.OtherValue, rate + "=10000"}}},
	{"rate above a million, and not on", "1.34", "", []string{"--" + rate + "=-1"}, []verdict{{setting.OtherValue, rate + "=10000"}}},
	{"rate above a million before a right one", "1.34", "", []string{"--" + plain + "=true", "--" + rate + "=1000001", "--" + rate + "=10000"}, []verdict{{setting.Same, plain}, {setting.Harmless, rate}, {setting.Same, rate}}},
	{"rate that is empty", "1.34", "", []string{"--" + rate + "="}, []verdict{{setting.RefusesToStart, rate + "=10000"}}},
	{"somebody's rate that is no number", "1.29", "3.5.11-0", []string{"--" + oldRate + "=x"}, []verdict{{setting.RefusesToStart, oldRate + "="}}},
	{"rate that is no number", "1.34", "", []string{"--" + rate + "=all"}, []verdict{{setting.RefusesToStart, rate + "=10000"}}},
	{"variable of a rate before it was there", "1.29", "3.5.10-0", []string{"ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_SAMPLING_RATE=5"}, []verdict{{setting.Harmless, "ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_SAMPLING_RATE"}}},

	// A variable that etcd does not know it passes over, with a warning.
	{"variable", "1.34", "3.6.4-0 3.7.0-0", []string{variable + "=true"}, []verdict{{setting.Same, variable}}},
	{"variable in other words", "1.34", "", []string{variable + "=1"}, []verdict{{setting.Same, variable}}},
	{"old variable in 3.6", "1.34", "3.6.4-0", []string{oldVar + "=true"}, []verdict{{setting.OtherSpelling, variable}}},
	{"old variable in 3.7", "1.37", "", []string{oldVar + "=true"}, []verdict{{setting.Silent, variable}}},
	{"new variable in 3.5", "1.29", "3.5.16-0", []string{variable + "=true"}, []verdict{{setting.Silent, oldVar}}},
	{"no flag of any etcd as a variable", "1.37", "", []string{"ETCD_DISTRIBUTED_TRACING_SAMPLING=5"}, []verdict{{setting.Harmless, "ETCD_DISTRIBUTED_TRACING_SAMPLING"}}},
	{"a variable in small letters is none of etcd's", "1.37", "", []string{"ETCD_enable_distributed_tracing=false"}, nil},
	{"a variable of another program", "1.37", "", []string{"ENABLE_DISTRIBUTED_TRACING=false", "ETCD_NAME=a"}, nil},

	// An empty variable is none, but beside a flag.
	{"empty variable", "1.34", "3.6.4-0 3.7.0-0", []string{variable + "="}, []verdict{{setting.Silent, variable + "=true"}}},
	{"empty variable of the rate", "1.34", "", []string{"ETCD_DISTRIBUTED_TRACING_SAMPLING_RATE="}, []verdict{{setting.Silent, "ETCD_DISTRIBUTED_TRACING_SAMPLING_RATE=10000"}}},
	{"variable and an empty one in the old spelling", "1.34", "3.6.4-0", []string{variable + "=true", oldVar + "="}, []verdict{{setting.Same, variable}, {setting.Harmless, oldVar}}},
	{"old variable and an empty one in the new spelling", "1.34", "3.6.4-0", []string{oldVar + "=true", variable + "="}, []verdict{{setting.OtherSpelling, variable}, {setting.Harmless, variable}}},
	{"old variable that 3.7 passes over and an empty one", "1.37", "3.7.0-0", []string{oldVar + "=true", variable + "="}, []verdict{{setting.Silent, variable}, {setting.Silent, variable + "=true"}}},
	{"flag and an empty variable", "1.34", "3.6.4-0", []string{"--" + plain + "=true", variable + "="}, []verdict{{setting.Same, plain}, {setting.RefusesToStart, ""}}},
	{"flag and an empty variable in the old spelling", "1.34", "3.6.4-0", []string{"--" + plain + "=true", oldVar + "="}, []verdict{{setting.Same, plain}, {setting.Harmless, oldVar}}},

	// A setting is a flag or a variable, and in one spelling: together they end etcd.
	{"flag and variable", "1.34", "3.6.4-0 3.7.0-0", []string{"--" + plain + "=true", variable + "=true"}, []verdict{{setting.Same, plain}, {setting.RefusesToStart, ""}}},
	{"variable and flag", "1.34", "", []string{variable + "=true", "--" + plain + "=true"}, []verdict{{setting.RefusesToStart, ""}, {setting.Same, plain}}},
	{"flag and old variable in 3.6", "1.34", "3.6.4-0", []string{"--" + plain + "=true", oldVar + "=true"}, []verdict{{setting.Same, plain}, {setting.RefusesToStart, ""}}},
	{"flag and a variable that 3.7 passes over", "1.37", "3.7.0-0", []string{"--" + plain + "=true", oldVar + "=true"}, []verdict{{setting.Same, plain}, {setting.Harmless, oldVar}}},
	{"flag and a variable that 3.5 passes over", "1.29", "3.5.16-0", []string{"--" + old + "=true", variable + "=true"}, []verdict{{setting.Same, old}, {setting.Harmless, variable}}},
	{"flag and a variable that some of a range read", "1.36", "", []string{"--" + plain + "=true", oldVar + "=true"}, []verdict{{setting.Same, plain}, {setting.RefusesToStart, ""}}},
	{"both spellings in 3.6", "1.34", "3.6.14", []string{"--" + old + "=true", "--" + plain + "=true"}, []verdict{{setting.RefusesToStart, ""}, {setting.Same, plain}}},
	{"both spellings in 3.5", "1.29", "3.5.16-0", []string{"--" + old + "=true", "--" + plain + "=true"}, []verdict{{setting.Same, old}, {setting.RefusesToStart, ""}}},
	{"twice, and the last holds", "1.34", "", []string{"--" + plain + "=false", "--" + plain + "=true"}, []verdict{{setting.Harmless, plain}, {setting.Same, plain}}},
	{"twice, and the last is wrong", "1.34", "", []string{"--" + plain + "=true", "--" + plain + "=false"}, []verdict{{setting.Same, plain}, {setting.Silent, plain + "=true"}}},
	{"twice, and the first cannot be read", "1.34", "", []string{"--" + plain + "=maybe", "--" + plain + "=true"}, []verdict{{setting.RefusesToStart, plain + "=true"}, {setting.Same, plain}}},

	{"what no etcd has", "1.37", "3.7.0-0", []string{"--distributed-tracing-sampling=5"}, []verdict{{setting.RefusesToStart, ""}}},
	{"what no etcd has, in the old spelling", "1.29", "3.5.16-0", []string{"--experimental-distributed-tracing-service-instance-id=a"}, []verdict{{setting.RefusesToStart, ""}}},
	{"off", "1.34", "", []string{"--" + plain + "=false"}, []verdict{{setting.Silent, plain + "=true"}}},
	{"neither on nor off", "1.34", "", []string{"--" + plain + "=yes"}, []verdict{{setting.RefusesToStart, plain + "=true"}}},
	{"another address", "1.34", "", []string{"--distributed-tracing-address=10.0.0.1:4317"}, []verdict{{setting.Exposed, "distributed-tracing-address=127.0.0.1:4317"}}},
	{"no address", "1.34", "3.6.4-0 3.7.0-0", []string{"--distributed-tracing-address=%zz"}, []verdict{{setting.RefusesToStart, "distributed-tracing-address=127.0.0.1:4317"}}},
	{"no address, for an older gRPC", "1.29", "3.5.10-0", []string{"--experimental-distributed-tracing-address=%zz"}, []verdict{{setting.Silent, "experimental-distributed-tracing-address=127.0.0.1:4317"}}},
	{"another address in the old spelling", "1.37", "", []string{"--experimental-distributed-tracing-address=localhost:4317"}, []verdict{{setting.RefusesToStart, "distributed-tracing-address=127.0.0.1:4317"}}},
	{"a member's own ID", "1.34", "", []string{"--distributed-tracing-instance-id=a"}, []verdict{{setting.Harmless, "distributed-tracing-instance-id"}}},
	{"a member's own ID in the old spelling", "1.34", "3.6.4-0", []string{"--experimental-distributed-tracing-instance-id=a"}, []verdict{{setting.OtherSpelling, "distributed-tracing-instance-id"}}},
	{"an ID from the node", "1.34", "", []string{"ETCD_DISTRIBUTED_TRACING_INSTANCE_ID"}, []verdict{{setting.Harmless, "ETCD_DISTRIBUTED_TRACING_INSTANCE_ID"}}},
	{"an address from elsewhere", "1.34", "", []string{"ETCD_DISTRIBUTED_TRACING_ADDRESS"}, []verdict{{setting.OtherValue, "ETCD_DISTRIBUTED_TRACING_ADDRESS=127.0.0.1:4317"}}},

	// etcd with a configuration file passes over everything else.
	{"configuration file", "1.34", "", []string{"--" + plain + "=true", "--config-file=/etc/etcd.yaml"}, []verdict{{}, {setting.Void, ""}}},
	{"configuration file as a variable", "1.34", "", []string{"ETCD_CONFIG_FILE=/etc/etcd.yaml"}, []verdict{{setting.Void, ""}}},
	{"configuration file from elsewhere", "1.34", "", []string{"ETCD_CONFIG_FILE"}, []verdict{{setting.Void, ""}}},
	{"no configuration file", "1.34", "", []string{"--config-file="}, nil},
	{"configuration file that is taken back", "1.34", "", []string{"--config-file=/etc/etcd.yaml", "--" + plain + "=true", "--config-file="}, []verdict{{}, {setting.Same, plain}}},
	{"configuration file behind an empty one", "1.34", "", []string{"--config-file=", "--config-file=/etc/etcd.yaml"}, []verdict{{}, {setting.Void, ""}}},
	{"configuration file of the variable, as the flag is empty", "1.34", "", []string{"--config-file=", "ETCD_CONFIG_FILE=/etc/etcd.yaml"}, []verdict{{}, {setting.Void, ""}}},
	{"configuration file and a flag that etcd does not have", "1.34", "3.7.0-0", []string{"--" + old + "=true", "--distributed-tracing-sampling=5", "--config-file=/f"}, []verdict{{setting.RefusesToStart, ""}, {setting.RefusesToStart, ""}, {setting.Void, ""}}},
	{"configuration file and a value that is not parsed", "1.34", "", []string{"--" + plain + "=maybe", "--" + rate + "=2000000", "--config-file=/f", variable + "=maybe"}, []verdict{{setting.RefusesToStart, ""}, {}, {setting.Void, ""}}},
	{"other flags", "1.34", "", []string{"--data-dir=/d", "--name=enable-distributed-tracing"}, nil},
	{"variables of the exporter", "1.34", "", []string{"OTEL_EXPORTER_OTLP_TIMEOUT=1"}, []verdict{{setting.Silent, ""}}},
}

func TestJudgeEtcd(t *testing.T) {
	for _, test := range judged {
		tags := strings.Fields(test.tags)
		if len(tags) == 0 {
			tags = []string{""}
		}
		for _, tag := range tags {
			t.Run(test.name+" "+tag, func(t *testing.T) {
				r := of(t, test.release)
				etcd := setting.EtcdOf(r)
				if tag != "" {
					var known bool
					if etcd, known = setting.EtcdAt(r, tag); !known {
						t.Fatalf("%s is no etcd that is known", tag)
					}
				}
				given := written(test.given...)
				got, want := make([]verdict, len(given)), make([]verdict, len(given))
				copy(want, test.want)
				for _, v := range setting.JudgeEtcd(r, etcd, given) {
					if v.At >= 0 {
						got[v.At] = short(v, given[v.At].Value)
					}
					if !v.Settled() && v.Cure == "" {
						t.Errorf("%v has no cure", v)
					}
				}
				if diff := cmp.Diff(want, got, cmp.AllowUnexported(verdict{})); diff != "" {
					t.Errorf("%v (-want +got):\n%s", test.given, diff)
				}
			})
		}
	}
}

// TestEtcdEmptyRate is about a flag without a number, with which etcd does not start. A
// field without one is a rate of 0.
func TestEtcdEmptyRate(t *testing.T) {
	r := resolved(t, `{kubernetesVersion: "1.34", etcd: {samplingRatePerMillion: 0}}`)
	given := written("--" + rate + "=")
	for _, v := range setting.JudgeEtcd(r, setting.EtcdOf(r), given) {
		if got := short(v, ""); v.At == 0 && got != (verdict{setting.RefusesToStart, rate + "=0"}) {
			t.Errorf("got %v", got)
		}
	}
}

// TestEtcdMissing has what nobody wrote.
func TestEtcdMissing(t *testing.T) {
	for _, test := range []struct {
		spec  string
		given []string
		want  []string
	}{
		{`kubernetesVersion: "1.29"`, nil, []string{old, "experimental-distributed-tracing-address", "experimental-distributed-tracing-service-name"}},
		{`kubernetesVersion: "1.34"`, []string{"--" + old + "=true", "ETCD_DISTRIBUTED_TRACING_ADDRESS=127.0.0.1:4317"}, []string{"distributed-tracing-service-name", rate}},
		{`kubernetesVersion: "1.34"`, []string{"--distributed-tracing-sampling=5"}, []string{plain, "distributed-tracing-address", "distributed-tracing-service-name", rate}},
		{`{kubernetesVersion: "1.34", etcd: {instanceID: a}}`, []string{"--" + plain + "=true"}, []string{"distributed-tracing-address", "distributed-tracing-service-name", "distributed-tracing-instance-id", rate}},
		{`{kubernetesVersion: "1.34", etcd: {disabled: true}}`, nil, nil},
		{`kubernetesVersion: "1.25"`, nil, nil},
		{`kubernetesVersion: "1.34"`, []string{"--config-file=/f"}, nil}, // where they have no effect
	} {
		r := resolved(t, test.spec)
		var got []string
		for _, v := range setting.JudgeEtcd(r, setting.EtcdOf(r), written(test.given...)) {
			if v.At < 0 {
				got = append(got, v.Name)
				if v.Class != setting.Missing || v.Cure == "" {
					t.Errorf("%s: %+v", test.spec, v)
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s with %v (-want +got):\n%s", test.spec, test.given, diff)
		}
	}
	r := of(t, "1.34")
	for _, v := range setting.JudgeEtcd(r, setting.EtcdOf(r), nil) {
		if v.Default != (v.Name == "distributed-tracing-service-name") { // etcd's own default is etcd
			t.Errorf("%+v", v)
		}
	}
}

// TestEtcdDisabled judges flags of which the spec says nothing: they end etcd all the
// same.
func TestEtcdDisabled(t *testing.T) {
	for _, test := range []struct {
		release, flag string
		want          setting.Class
	}{
		{"1.29", old, setting.Harmless},
		{"1.29", plain, setting.RefusesToStart},
		{"1.29", oldRate, setting.RefusesToStart},
		{"1.30", oldRate, setting.Harmless},
		{"1.37", plain, setting.Harmless},
		{"1.37", old, setting.RefusesToStart},
	} {
		r := resolved(t, `{kubernetesVersion: "`+test.release+`", etcd: {disabled: true}}`)
		got := setting.JudgeEtcd(r, setting.EtcdOf(r), written("--"+test.flag+"=1"))
		if len(got) != 1 || got[0].Class != test.want {
			t.Errorf("%s --%s: got %+v, want %s", test.release, test.flag, got, test.want)
		}
	}
}

func TestEtcdTakesAllOf(t *testing.T) {
	for _, test := range []struct {
		release, tag string
		want         bool
	}{
		{"1.29", "3.5.12-0", true},
		{"1.29", "3.5.10-0", true},
		{"1.30", "3.5.10-0", false}, // no rate
		{"1.33", "3.6.5-0", false},  // another spelling
		{"1.34", "v3.7.0", true},
		{"1.34", "3.5.21-0", false},
		{"1.34", "mine", true}, // the spec's
	} {
		r := of(t, test.release)
		if etcd, _ := setting.EtcdAt(r, test.tag); etcd.TakesAllOf(r) != test.want {
			t.Errorf("%s with etcd %s: got %t", test.release, test.tag, !test.want)
		}
	}
}

// TestEtcdNames has the variables of flags, and what is of tracing.
func TestEtcdNames(t *testing.T) {
	if got := setting.EtcdVariable(old); got != oldVar {
		t.Errorf("the variable of %s is %s", old, got)
	}
	for text, want := range map[string]string{
		"--" + old: plain, "--" + plain: plain, oldVar: plain, variable: plain,
		"--" + oldRate: rate, "ETCD_DISTRIBUTED_TRACING_ADDRESS": "distributed-tracing-address",
		"--tracing": "", "ETCD_TRACING": "", "DISTRIBUTED_TRACING_ADDRESS": "", "--data-dir": "",
	} {
		if got, ok := setting.EtcdKey(written(text)[0]); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %t", text, got, ok)
		}
	}
	ours := []string{old, "experimental-distributed-tracing-address", "experimental-distributed-tracing-service-name"}
	for _, test := range []struct {
		names []string
		want  bool
	}{
		{ours, true},
		{append(slices.Clone(ours), oldRate), true},
		{append(slices.Clone(ours), "data-dir"), false},
		{append(slices.Clone(ours), "distributed-tracing-sampling"), false},
		{ours[:2], false},
		{nil, false},
	} {
		if got := setting.OnlyEtcdTracing(test.names); got != test.want {
			t.Errorf("%v: got %t", test.names, got)
		}
	}
}

func TestEtcdFields(t *testing.T) {
	got := map[string]any{}
	for _, s := range setting.Of(of(t, "1.34"), tracing.ComponentEtcd) {
		got[s.Name] = setting.EtcdFieldValue(s)
	}
	want := map[string]any{plain: true, "distributed-tracing-address": "127.0.0.1:4317", "distributed-tracing-service-name": "etcd", rate: 10000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestJudgeEtcdFile has what etcd does not start with, or passes over, in its file.
func TestJudgeEtcdFile(t *testing.T) {
	for _, test := range []struct {
		release, key string
		value        any
		want         []setting.Class
	}{
		{"1.34", plain, true, []setting.Class{setting.Same}},
		{"1.34", plain, "true", []setting.Class{setting.RefusesToStart}},
		{"1.34", plain, nil, nil},
		{"1.34", old, []any{}, []setting.Class{setting.RefusesToStart}},
		{"1.37", old, []any{}, []setting.Class{setting.Silent}},
		{"1.34", rate, float64(10000), []setting.Class{setting.Same}},
		{"1.34", rate, float64(2000000), []setting.Class{setting.OtherValue}}, // it is not on
		{"1.34", rate, "10000", []setting.Class{setting.RefusesToStart}},
		{"1.34", rate, 0.5, []setting.Class{setting.RefusesToStart}},
		{"1.34", "distributed-tracing-service-name", float64(5), []setting.Class{setting.RefusesToStart}},
		{"1.34", "distributed-tracing-service-name", "", []setting.Class{setting.OtherValue}},
		{"1.34", "distributed-tracing-instance-id", true, []setting.Class{setting.RefusesToStart}},
		{"1.37", "distributed-tracing-sampling", float64(5), []setting.Class{setting.Harmless}},
	} {
		r := of(t, test.release)
		etcd := setting.EtcdOf(r)
		if test.release == "1.34" {
			etcd, _ = setting.EtcdAt(r, "3.6.4-0")
		}
		var got []setting.Class
		verdicts, _ := setting.JudgeEtcdFile(r, etcd, map[string]any{test.key: test.value})
		for _, v := range verdicts {
			if v.At >= 0 {
				got = append(got, v.Class)
				if !v.Settled() && v.Cure == "" {
					t.Errorf("%v has no cure", v)
				}
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %s: %v (-want +got):\n%s", test.release, test.key, test.value, diff)
		}
	}
}

// TestEtcdSwitchApart says that etcd takes "--flag true" for a flag and something else.
func TestEtcdSwitchApart(t *testing.T) {
	r := of(t, "1.34")
	arguments, _ := setting.ReadCommand(tracing.ComponentEtcd, []string{"etcd", "--" + plain, "true", "--" + rate, "10000"}, nil)
	var got []setting.Class
	for _, v := range setting.JudgeEtcd(r, setting.EtcdOf(r), []setting.Written{arguments[1].Written, arguments[2].Written}) {
		if v.At >= 0 {
			got = append(got, v.Class)
		}
	}
	if diff := cmp.Diff([]setting.Class{setting.RefusesToStart, setting.Same}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
