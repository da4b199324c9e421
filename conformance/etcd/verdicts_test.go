package etcd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kubetrace/conformance"
	"kubetrace/conformance/otlpsink"
	"kubetrace/internal/reader"
	"kubetrace/internal/setting"
	"kubetrace/tracing"
)

// TestVerdicts gives each etcd its settings of tracing with one thing wrong, and holds
// what it does against what apply and check say of it: it ends itself where one of the
// verdicts is that it refuses to start, and nowhere else, and where it runs it sends
// spans where the verdicts say that it is traced, and nowhere else.
//
// It starts so many of them that one release of each row and minor has to do. Of those between,
// 3.5.11 to 3.5.15 at least end themselves with an empty address, with which others
// send nothing.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	for i, r := range releases {
		if i+1 < len(releases) && releases[i+1].row() == r.row() && slices.Equal(numbers(releases[i+1].version)[:2], numbers(r.version)[:2]) {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program := r.judge(t, "refuses wrong flags")
			for _, in := range wrong(r) {
				t.Run(in.name, func(t *testing.T) {
					t.Parallel()
					sink := byFlags.listen(t)
					spec := resolve(t, tracing.TracingSpec{KubernetesVersion: "1.34", Endpoint: sink.Endpoint()})
					there, known := setting.EtcdAt(spec, r.version)
					if !known {
						t.Fatalf("%s is no etcd that is known", r.version)
					}
					given := in.give(t, sink.Endpoint())
					verdicts, judged := given.judge(t, spec, there)
					want := outcomeOf(verdicts, judged)
					if got := program.outcome(t, given, sink, want); got != want {
						t.Errorf("etcd %s with %q %q%s\n%s, and the verdicts say that it %s:%s", r.version, given.flags, given.env, strings.TrimPrefix(given.file, others), got, want, unsettled(verdicts))
					}
				})
			}
		})
	}
}

// outcome is what becomes of an etcd.
type outcome string

const (
	refuses  outcome = "refuses to start"
	traced   outcome = "starts and sends spans"
	untraced outcome = "starts and sends none"
)

// outcomeOf is what verdicts say. The spec's endpoint is that of the sink.
func outcomeOf(verdicts []setting.Verdict, given []setting.Written) outcome {
	is := func(class setting.Class) bool {
		return slices.ContainsFunc(verdicts, func(v setting.Verdict) bool { return v.Class == class })
	}
	switch {
	case is(setting.RefusesToStart):
		return refuses
	case is(setting.Void) || !setting.EtcdTraces(verdicts, given) || !sends(verdicts, given):
		return untraced
	}
	return traced
}

// sends says whether an address takes effect and leads to where that of the spec does,
// and whether no variable of the exporter undoes it.
func sends(verdicts []setting.Verdict, given []setting.Written) bool {
	right := false
	for _, v := range verdicts {
		if v.At < 0 {
			continue
		}
		switch key, ok := setting.EtcdKey(given[v.At]); {
		case !ok && v.Class == setting.Silent:
			return false
		case key == "distributed-tracing-address":
			right = right || slices.Contains([]setting.Class{setting.Same, setting.OtherSpelling, setting.OtherValue}, v.Class)
		}
	}
	return right
}

// unsettled are the verdicts that are more than that all is well.
func unsettled(verdicts []setting.Verdict) string {
	var text strings.Builder
	for _, v := range verdicts {
		if !v.Settled() {
			fmt.Fprintf(&text, "\n%+v", v)
		}
	}
	return text.String()
}

// outcome starts an etcd and looks what it does. Spans that are expected are waited for,
// and others for a moment.
func (p *Program) outcome(t *testing.T, s settings, sink *otlpsink.Sink, expected outcome) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	server, err := p.Start(ctx, filepath.Join(t.TempDir(), "data"), s.flags, s.env)
	var ended *conformance.EndedError
	switch {
	case errors.As(err, &ended) && ended.ExitCode > 0:
		return refuses
	case err != nil:
		t.Fatal(err)
	}
	// Where nobody listens, an etcd that is told to end first waits for its exporter.
	defer func() {
		if err := server.process.Kill(); err != nil {
			t.Error(err)
		}
		<-server.ended
	}()
	if err := server.Read(ctx, slices.Repeat([]string{sampledParent}, batch)...); err != nil {
		t.Fatal(err)
	}
	if expected != traced {
		ctx, cancel = context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
	}
	if _, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool { return len(spans) > 0 }); err != nil {
		return untraced
	}
	return traced
}

// settings are what an etcd is given.
type settings struct {
	flags, env []string
	// file is the content of the configuration file that it is given, if any.
	file string
	// judgeFile says that it is the file that is judged.
	judgeFile bool
}

// judge is what apply and check make of it.
func (s settings) judge(t *testing.T, spec tracing.Resolved, there setting.Etcd) ([]setting.Verdict, []setting.Written) {
	t.Helper()
	if s.judgeFile {
		fields, err := reader.EtcdConfigFile([]byte(s.file))
		if err != nil { // of which check says so
			return []setting.Verdict{{At: -1, Class: setting.RefusesToStart}}, nil
		}
		return setting.JudgeEtcdFile(spec, there, fields)
	}
	arguments, ok := setting.ReadCommand(tracing.ComponentEtcd, append([]string{"etcd"}, s.flags...), nil)
	if !ok {
		t.Fatalf("%q is not read", s.flags)
	}
	var given []setting.Written
	for _, argument := range arguments {
		if argument.Kind == setting.Flag {
			given = append(given, argument.Written)
		}
	}
	for _, variable := range s.env {
		name, value, _ := strings.Cut(variable, "=")
		given = append(given, setting.Written{Kind: setting.Variable, Name: name, As: name, Value: value})
	}
	return setting.JudgeEtcd(spec, there, given), given
}

// input is the settings of tracing with one thing wrong. ENDPOINT stands for that of the
// sink, and FILE for a configuration file.
type input struct {
	name string
	settings
}

// give puts the sink's endpoint into the settings, and writes the file.
func (in input) give(t *testing.T, endpoint string) settings {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "etcd.yaml")
	put := strings.NewReplacer("ENDPOINT", endpoint, "FILE", file, "DIR", dir)
	s := settings{file: put.Replace(in.file), judgeFile: in.judgeFile}
	for _, flag := range in.flags {
		s.flags = append(s.flags, put.Replace(flag))
	}
	for _, variable := range in.env {
		s.env = append(s.env, put.Replace(variable))
	}
	if err := os.WriteFile(file, []byte(s.file), 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// others are what an etcd needs in its configuration file beside tracing.
const others = `name: judged
data-dir: DIR/data
logger: zap
listen-client-urls: http://127.0.0.1:0
advertise-client-urls: http://127.0.0.1:1
listen-peer-urls: http://127.0.0.1:0
initial-advertise-peer-urls: http://127.0.0.1:1
initial-cluster: judged=http://127.0.0.1:1
unsafe-no-fsync: true
heartbeat-interval: 10
election-timeout: 100
`

// wrong is what can be wrong with the settings of a release.
func wrong(r release) []input {
	var all []input
	flags := func(name string, flags ...string) { all = append(all, input{name, settings{flags: flags}}) }
	with := func(name string, flags, env []string) {
		all = append(all, input{name, settings{flags: flags, env: env}})
	}
	right, other := "", "experimental-"
	if r.row().FlagPrefix != "" {
		right, other = other, right
	}
	keys := []string{"enable-distributed-tracing", "distributed-tracing-address", "distributed-tracing-service-name", "distributed-tracing-instance-id", "distributed-tracing-sampling-rate"}
	values := map[string]string{keys[0]: "true", keys[1]: "ENDPOINT", keys[2]: "etcd", keys[3]: "judged", keys[4]: "10000"}
	enable, address, rate := right+keys[0], right+keys[1], right+keys[4]
	if !r.hasRate() {
		keys = keys[:4] // the table of releases has that a rate ends them, see mistakes
		flags("rate", "--"+enable, "--"+rate+"=5")
	}
	// besides is everything as it should be but for a key.
	besides := func(key string) (flags []string) {
		for _, k := range keys {
			if k != key {
				flags = append(flags, "--"+right+k+"="+values[k])
			}
		}
		return flags
	}
	flag := func(spelling, key string) string { return "--" + spelling + key + "=" + values[key] }
	variable := func(spelling, key string) string { return setting.EtcdVariable(spelling+key) + "=" + values[key] }
	unset := func(spelling, key string) string { return setting.EtcdVariable(spelling+key) + "=" }
	flags("right", besides("")...)
	flags("nothing")
	for _, key := range keys {
		base := besides(key)
		and := func(more ...string) []string { return slices.Concat(base, more) }
		flags(key+" missing", base...)
		if key == "distributed-tracing-service-name" || key == "distributed-tracing-instance-id" {
			flags(key+" of nothing", and("--"+right+key+"=")...)
			flags(key+" in both spellings", and(flag(right, key), flag(other, key))...)
			with(key+" as a variable and an empty one in the other spelling", base, []string{variable(right, key), unset(other, key)})
			continue // as the address
		}
		flags(key+" in the other spelling", and(flag(other, key))...)
		flags(key+" in both spellings", and(flag(right, key), flag(other, key))...)
		flags(key+" in both spellings, the right one last", and(flag(other, key), flag(right, key))...)
		flags(key+" twice", and(flag(right, key), flag(right, key))...)
		flags(key+" of nothing", and("--"+right+key+"=")...)
		with(key+" as a variable", base, []string{variable(right, key)})
		with(key+" as a variable in the other spelling", base, []string{variable(other, key)})
		with(key+" as variables in both spellings", base, []string{variable(right, key), variable(other, key)})
		with(key+" as a flag and as a variable", and(flag(right, key)), []string{variable(right, key)})
		with(key+" as a flag and as a variable in the other spelling", and(flag(right, key)), []string{variable(other, key)})
		with(key+" as a flag in the other spelling and as a variable", and(flag(other, key)), []string{variable(right, key)})
		with(key+" as an empty variable", base, []string{unset(right, key)})
		with(key+" as a flag and an empty variable", and(flag(right, key)), []string{unset(right, key)})
		with(key+" as a variable and an empty one in the other spelling", base, []string{variable(right, key), unset(other, key)})
		with(key+" as an empty variable and one in the other spelling", base, []string{unset(right, key), variable(other, key)})
	}
	for _, text := range []string{"false", "F", "maybe", " true", "1"} {
		flags("enable="+text, append(besides(keys[0]), "--"+enable+"="+text)...)
		with("variable enable="+text, besides(keys[0]), []string{setting.EtcdVariable(enable) + "=" + text})
		flags("enable="+text+" in the other spelling", append(besides(keys[0]), "--"+other+keys[0]+"="+text)...)
		flags("enable="+text+" before true", append(besides(keys[0]), "--"+enable+"="+text, "--"+enable+"=true")...)
		flags("enable="+text+" behind true", append(besides(keys[0]), "--"+enable+"=true", "--"+enable+"="+text)...)
	}
	for _, text := range []string{"2000000", "-1", "x", "0x2710", "1e4"} {
		if !r.hasRate() {
			break
		}
		flags("rate="+text, append(besides(keys[4]), "--"+rate+"="+text)...)
		with("variable rate="+text, besides(keys[4]), []string{setting.EtcdVariable(rate) + "=" + text})
		flags("rate="+text+" in the other spelling", append(besides(keys[4]), "--"+other+keys[4]+"="+text)...)
		with("variable rate="+text+" in the other spelling", besides(keys[4]), []string{setting.EtcdVariable(other+keys[4]) + "=" + text})
		flags("rate="+text+" before a right one", append(besides(keys[4]), "--"+rate+"="+text, "--"+rate+"=10000")...)
		flags("rate="+text+" and not on", "--"+address+"=ENDPOINT", "--"+rate+"="+text)
		flags("rate="+text+" and off", "--"+enable+"=false", "--"+address+"=ENDPOINT", "--"+rate+"="+text)
		with("rate="+text+" and on by a variable", []string{"--" + address + "=ENDPOINT", "--" + rate + "=" + text}, []string{variable(right, keys[0])})
	}
	for _, text := range []string{"127.0.0.1:1", "http://ENDPOINT", "dns:///ENDPOINT", "a b", "%zz", "://", "unix-abstract:///kubetrace-nobody", "ENDPOINT/v1/traces", "ENDPOINT"} {
		flags("address="+strings.ReplaceAll(text, "/", "|"), append(besides(keys[1]), "--"+address+"="+text)...)
	}
	base := besides("")
	and := func(more ...string) []string { return slices.Concat(base, more) }
	for _, spelling := range []string{right, other} {
		unknown := spelling + "distributed-tracing-sampling"
		flags("--"+unknown, and("--"+unknown+"=5")...)
		with(setting.EtcdVariable(unknown), base, []string{setting.EtcdVariable(unknown) + "=5"})
	}
	with("a variable in small letters", base, []string{"ETCD_" + strings.ReplaceAll(enable, "-", "_") + "=false"})
	with("a variable of another program", base, []string{"ENABLE_DISTRIBUTED_TRACING=false"})
	flags("one dash", "-"+enable, "-"+address+"=ENDPOINT")
	flags("a value of its own", "--"+enable, "--"+address, "ENDPOINT")
	flags("true of its own", "--"+address+"=ENDPOINT", "--"+enable, "true")
	flags("false of its own", "--"+address+"=ENDPOINT", "--"+enable, "false", "--"+rate+"=x")

	file := func(name, text string) {
		all = append(all, input{"file, " + name, settings{flags: []string{"--config-file=FILE"}, file: others + text, judgeFile: true}})
	}
	beside := func(name string, flags, env []string) {
		all = append(all, input{"beside a file, " + name, settings{flags: flags, env: env, file: others}})
	}
	beside("right flags", and("--config-file=FILE"), nil)
	beside("the file is a variable", base, []string{"ETCD_CONFIG_FILE=FILE"})
	beside("the file is both", and("--config-file=FILE"), []string{"ETCD_CONFIG_FILE=FILE"})
	beside("the file is empty", and("--config-file="), nil)
	beside("the file is empty and then not", and("--config-file=", "--config-file=FILE"), nil)
	beside("the file is there and then not", and("--config-file=FILE", "--config-file="), nil)
	beside("the file is nothing and a variable", and("--config-file="), []string{"ETCD_CONFIG_FILE=FILE"})
	beside("unknown flag", and("--config-file=FILE", "--"+right+"distributed-tracing-sampling=5"), nil)
	beside("flag of no number", []string{"--config-file=FILE", "--" + rate + "=x"}, nil)
	beside("flag of no truth value", []string{"--config-file=FILE", "--" + enable + "=maybe"}, nil)
	beside("rate of too much", []string{"--config-file=FILE", "--" + enable, "--" + rate + "=2000000"}, nil)
	beside("flag and variable", and("--config-file=FILE"), []string{variable(right, keys[0])})
	beside("variable of no truth value", []string{"--config-file=FILE"}, []string{setting.EtcdVariable(enable) + "=maybe"})
	beside("both spellings", and("--config-file=FILE", flag(other, keys[0])), nil)

	field := func(spelling, key, value string) string { return spelling + key + ": " + value + "\n" }
	fields := func(without string) (text string) {
		for _, key := range keys {
			if key != without {
				text += field(right, key, values[key])
			}
		}
		return text
	}
	file("right", fields(""))
	file("nothing", "")
	file("a list", "- a\n")
	for _, key := range keys {
		rest := fields(key)
		file(key+" in the other spelling", rest+field(other, key, values[key]))
		file(key+" in both spellings", rest+field(right, key, values[key])+field(other, key, values[key]))
		file(key+" in large letters", rest+field(strings.ToUpper(right), strings.ToUpper(key), values[key]))
		file(key+" twice", rest+field(right, key, values[key])+field(right, key, values[key]))
		for _, value := range []string{"null", `"true"`, "yes", "5", `"5"`, "5.5", "1e3", "[]", `""`, "2000000"} {
			file(fmt.Sprintf("%s=%s", key, value), rest+field(right, key, value))
		}
		file(key+"=x in the other spelling", rest+field(other, key, "x"))
		file(key+"=[] in the other spelling", rest+field(other, key, "[]"))
	}
	if r.hasRate() {
		file("rate of too much, and off", field(right, keys[4], "2000000"))
		file("rate of too much in the other spelling", fields(keys[4])+field(other, keys[4], "2000000"))
	}
	file("an unknown field", fields("")+"distributed-tracing-sampling: 5\n")
	return all
}
