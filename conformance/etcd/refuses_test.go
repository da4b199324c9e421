package etcd

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kubetrace/conformance/otlpsink"
	"kubetrace/tracing"
)

// mistake is something that the library takes care not to write.
type mistake struct {
	name string
	// in says in which releases it is one.
	in func(release) bool
	// settings are etcd's with the mistake, sending to the endpoint.
	settings func(t *testing.T, r release, endpoint string) (flags, env []string)
	// says is what etcd has to print of it.
	says string
	// warns is set where etcd comes up nevertheless, and silent where it also
	// says nothing, but sends nothing either.
	warns, silent bool
}

var mistakes = []mistake{
	// What is right for a neighbour.
	{name: "the rate before 3.5.11", in: release.lacksRate, settings: flagsFor("3.5.11"), says: "flag provided but not defined: -experimental-distributed-tracing-sampling-rate"},
	{name: "the rate's variable before 3.5.11", in: release.lacksRate, settings: variablesFor("3.5.11"), says: "ETCD_EXPERIMENTAL_DISTRIBUTED_TRACING_SAMPLING_RATE", warns: true},
	{name: "plain flags before 3.6", in: of("3.5"), settings: flagsFor("3.6.0"), says: "flag provided but not defined: -enable-distributed-tracing"},
	{name: "plain variables before 3.6", in: of("3.5"), settings: variablesFor("3.6.0"), says: "unrecognized environment variable", warns: true},
	{name: "experimental flags in 3.6", in: of("3.6"), settings: flagsFor("3.5.11"), says: "deprecated", warns: true},
	{name: "both spellings in 3.6", in: of("3.6"), settings: both(flagsFor("3.5.11"), flagsFor("3.6.0")), says: "at the same time"},
	{name: "experimental flags from 3.7 on", in: of("3.7", "3.8"), settings: flagsFor("3.5.11"), says: "flag provided but not defined: -experimental-enable-distributed-tracing"},
	{name: "experimental variables from 3.7 on", in: of("3.7", "3.8"), settings: variablesFor("3.5.11"), says: "unrecognized environment variable", warns: true},
	{name: "plain fields before 3.6", in: of("3.5"), settings: fileFor("3.6.0"), silent: true},
	{name: "experimental fields in 3.6", in: of("3.6"), settings: fileFor("3.5.11"), says: "deprecated", warns: true},
	{name: "experimental fields from 3.7 on", in: of("3.7", "3.8"), settings: fileFor("3.5.11"), silent: true},

	// What is right on its own.
	{name: "flags and variables", in: release.traced, settings: both(ownFlags, ownVariables), says: "conflicting environment variable"},

	// Values that Resolve refuses.
	{name: "a rate above a million", in: release.hasRate, settings: with("sampling-rate", "1000001"), says: "tracing sampling rate must be less than 1000000"},
	{name: "a rate below nothing", in: release.hasRate, settings: with("sampling-rate", "-1"), says: "tracing sampling rate must be positive"},
	{name: "a rate in percent", in: release.hasRate, settings: with("sampling-rate", "1%"), says: `invalid value "1%"`},
	{name: "a service name that is no text", in: release.hasRate, settings: with("service-name", "\xff"), says: "invalid UTF-8", warns: true},
	{name: "an instance id that is no text", in: release.hasRate, settings: with("instance-id", "\xff"), says: "invalid UTF-8", warns: true},
	{name: "an instance id that is no text before 3.5.11", in: release.tracedWithoutRate, settings: with("instance-id", "\xff"), silent: true},
}

// TestRefuses gives each etcd what the library takes care not to write: an etcd
// that comes up with it and says nothing is no judge.
func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, r := range releases {
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program := r.judge(t, "refuses wrong flags")
			tried := 0
			for _, m := range mistakes {
				if !m.in(r) {
					continue
				}
				tried++
				t.Run(m.name, func(t *testing.T) {
					t.Parallel()
					sink := byFlags.listen(t)
					flags, env := m.settings(t, r, sink.Endpoint())
					switch {
					case m.warns:
						complains(t, program.start(t, flags, env), m.says)
						return
					case m.silent:
						sendsNothing(t, program.start(t, flags, env), sink)
						return
					}
					if ended := program.refused(t, flags, env); ended.ExitCode <= 0 || !strings.Contains(ended.Printed, m.says) {
						t.Errorf("got %v\nwant an end that says %q", ended, m.says)
					}
				})
			}
			if tried < 3 {
				t.Errorf("%d mistakes can be made with this release, and 3 have to be tried at least", tried)
			}
		})
	}
}

// complains fails the test where an etcd that has come up does not say what is
// wrong, at the latest when it has spans to send.
func complains(t *testing.T, server *Server, says string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := server.Read(ctx, slices.Repeat([]string{sampledParent}, batch)...); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		all := server.Complaints()
		if slices.ContainsFunc(all, func(line string) bool { return strings.Contains(line, says) }) {
			return
		}
		if time.Now().After(deadline) {
			t.Errorf("etcd comes up and complains of %q, want %q", all, says)
			return
		}
	}
}

// sendsNothing fails the test where spans arrive, as in every other test they do
// within moments after so many reads.
func sendsNothing(t *testing.T, server *Server, sink *otlpsink.Sink) {
	t.Helper()
	if err := server.Read(t.Context(), slices.Repeat([]string{sampledParent}, batch)...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if spans, err := sink.Wait(ctx, func(spans []otlpsink.Span) bool { return len(spans) > 0 }); err == nil {
		t.Errorf("spans arrive: %v", otlpsink.Count(spans))
	}
}

// TestStricter gives each etcd names that Resolve refuses and etcd takes as they
// are. An empty service name is not an unset one, a kubelet expands a $ before
// etcd sees it, and nobody finds what has spaces at its ends or is overlong.
func TestStricter(t *testing.T) {
	t.Parallel()
	overlong := strings.Repeat("x", 254)
	for _, name := range []string{" a", "$(HOSTNAME)", overlong} {
		spec := named("3.7.0")
		spec.Etcd.InstanceID = name
		if _, err := tracing.Resolve(spec); err == nil {
			t.Errorf("Resolve takes an instance id of %q", name)
		}
	}
	for _, r := range releases {
		if !r.traced() {
			continue
		}
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			program, err := r.build()
			if err != nil {
				t.Fatal(err)
			}
			sink := byFlags.listen(t)
			instance := " a $(HOSTNAME)" + overlong
			flags, _ := with("instance-id", instance)(t, r, sink.Endpoint())
			flags = replace(t, flags, "service-name", "")
			server := program.start(t, flags, nil)
			_, spans := server.read(t, sink, 0, 0)
			want := map[otlpsink.Source]int{{Service: "", Instance: instance}: len(spans)}
			if diff := cmp.Diff(want, otlpsink.Count(spans)); diff != "" {
				t.Errorf("spans by source (-want +got):\n%s", diff)
			}
		})
	}
}

func (r release) traced() bool    { return r.row().Traced }
func (r release) hasRate() bool   { return r.row().SamplingRateFlag }
func (r release) lacksRate() bool { return !r.row().SamplingRateFlag }

func (r release) tracedWithoutRate() bool { return r.traced() && r.lacksRate() }

// of says whether a release is of a minor one, "3.6".
func of(minors ...string) func(release) bool {
	return func(r release) bool {
		return slices.ContainsFunc(minors, func(minor string) bool { return strings.HasPrefix(r.version, minor+".") })
	}
}

// sending resolves a spec of that etcd with all settings, so that there is one to
// replace.
func sending(t *testing.T, version, endpoint string) tracing.Resolved {
	t.Helper()
	spec := named(version)
	spec.Endpoint = endpoint
	spec.Etcd.InstanceID = "judged"
	return resolve(t, spec)
}

type settingsFunc = func(t *testing.T, r release, endpoint string) (flags, env []string)

// flagsFor gives every release the flags that are right for one.
func flagsFor(version string) settingsFunc {
	return func(t *testing.T, _ release, endpoint string) (flags, env []string) {
		return flagsOf(sending(t, version, endpoint)), nil
	}
}

// variablesFor gives every release the variables that are right for one.
func variablesFor(version string) settingsFunc {
	return func(t *testing.T, _ release, endpoint string) (flags, env []string) {
		return nil, variablesOf(sending(t, version, endpoint))
	}
}

// fileFor gives every release the configuration file that is right for one.
// etcd passes over fields that it does not know.
func fileFor(version string) settingsFunc {
	return func(t *testing.T, _ release, endpoint string) (flags, env []string) {
		return fileOf(t, sending(t, version, endpoint)), nil
	}
}

// ownFlags gives a release its own flags.
func ownFlags(t *testing.T, r release, endpoint string) (flags, env []string) {
	return flagsFor(r.version)(t, r, endpoint)
}

// ownVariables gives a release its own variables.
func ownVariables(t *testing.T, r release, endpoint string) (flags, env []string) {
	return variablesFor(r.version)(t, r, endpoint)
}

// both gives a release what either gives it.
func both(one, other settingsFunc) settingsFunc {
	return func(t *testing.T, r release, endpoint string) (flags, env []string) {
		oneFlags, oneEnv := one(t, r, endpoint)
		otherFlags, otherEnv := other(t, r, endpoint)
		return slices.Concat(oneFlags, otherFlags), slices.Concat(oneEnv, otherEnv)
	}
}

// with gives a release its own flags but for one, whose name ends so.
func with(name, value string) settingsFunc {
	return func(t *testing.T, r release, endpoint string) (flags, env []string) {
		own, _ := ownFlags(t, r, endpoint)
		return replace(t, own, name, value), nil
	}
}

func replace(t *testing.T, flags []string, suffix, value string) []string {
	t.Helper()
	replaced := slices.Clone(flags)
	for i, flag := range flags {
		if name, _, _ := strings.Cut(flag, "="); strings.HasSuffix(name, "-"+suffix) {
			replaced[i] = name + "=" + value
			return replaced
		}
	}
	t.Fatalf("no flag of %q ends in %s", flags, suffix)
	return nil
}
