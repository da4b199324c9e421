package check_test

import (
	"slices"
	"strings"
	"testing"

	"kubetrace"
	"kubetrace/check"
	"kubetrace/tracing"
)

const (
	goodEnvironment = "PATH=/usr/bin\x00OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317\x00OTEL_EXPORTER_OTLP_PROTOCOL=grpc\x00OTEL_TRACES_SAMPLER=parentbased_always_off\x00"
	goodTables      = "version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"127.0.0.1:4317\"\nprotocol = \"grpc\"\ninsecure = true\n[plugins.\"io.containerd.internal.v1.tracing\"]\nsampling_ratio = 0.0\n"
	goodCRIO        = "[crio.tracing]\nenable_tracing = true\ntracing_endpoint = \"127.0.0.1:4317\"\n"
)

func TestRuntimes(t *testing.T) {
	containerd := func(version string) func(*tracing.TracingSpec) {
		return func(s *tracing.TracingSpec) { s.Containerd = &tracing.ContainerdSpec{Version: version} }
	}
	crio := func(s *tracing.TracingSpec) { s.CRIO = &tracing.CRIOSpec{Version: "1.37"} }
	for _, test := range []struct {
		name                      string
		spec                      func(*tracing.TracingSpec)
		runtime                   string // of the nodes
		environment, config, crio string // of the node a; the node b is as it should be
		want                      []string
	}{
		{"variables", containerd("2.3"), "containerd://2.3.4", goodEnvironment, "", "", nil},
		{"variables as systemd prints them", containerd("2.3"), "containerd://2.3.4", "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317\nOTEL_EXPORTER_OTLP_PROTOCOL=grpc\nOTEL_TRACES_SAMPLER=parentbased_always_off\n", "", "", nil},
		{"no variables", containerd("2.3"), "containerd://2.3.4", "PATH=/bin", "", "", []string{
			"containerd on a: OTEL_EXPORTER_OTLP_ENDPOINT is nothing, wanted is http://127.0.0.1:4317 (silently no traces)",
			"containerd on a: OTEL_EXPORTER_OTLP_PROTOCOL is nothing, wanted is grpc (silently no traces)",
			"containerd on a: OTEL_TRACES_SAMPLER is nothing, wanted is parentbased_always_off (stale)",
		}},
		{"nobody has looked", containerd("2.3"), "containerd://2.3.4", "-", "", "", []string{"containerd on a: environment is none, wanted is its variables OTEL_… (not seen)"}},
		{"containerd's own advice", containerd("2.3"), "containerd://2.4.2", goodEnvironment + "OTEL_TRACES_SAMPLER=traceidratio\x00OTEL_TRACES_SAMPLER_ARG=1.0", "", "",
			[]string{"containerd on a: OTEL_TRACES_SAMPLER is traceidratio, wanted is parentbased_always_off (stale)"}},
		{"tables that are passed over", containerd("2.3"), "containerd://1.7.18", goodEnvironment, "version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"x\"\n", "",
			[]string{"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint is x, wanted is nothing (stale)"}},
		{"tables in place of variables", containerd("1.7"), "containerd://1.7.35", "PATH=/bin", strings.Replace(goodTables, "127", "http://127", 1), "", []string{
			"containerd on a: OTEL_TRACES_SAMPLER is nothing, wanted is parentbased_always_off (stale)",
			"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint as OTEL_EXPORTER_OTLP_ENDPOINT is http://127.0.0.1:4317, wanted is http://127.0.0.1:4317 (stale)",
			"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".protocol as OTEL_EXPORTER_OTLP_PROTOCOL is grpc, wanted is grpc (stale)",
		}},
		{"tables without a scheme in place of variables", containerd("1.7"), "containerd://1.7.19", "PATH=/bin", strings.Replace(goodTables, "0.0\n", "1.0\n", 1), "", []string{
			"containerd on a: plugins.\"io.containerd.internal.v1.tracing\".sampling_ratio as OTEL_TRACES_SAMPLER is traceidratio, wanted is parentbased_always_off (stale)",
			"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint as OTEL_EXPORTER_OTLP_ENDPOINT is 127.0.0.1:4317, wanted is http://127.0.0.1:4317 (stale)",
			"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".protocol as OTEL_EXPORTER_OTLP_PROTOCOL is grpc, wanted is grpc (stale)",
		}},
		{"tables without a scheme and with TLS in place of variables", containerd("1.7"), "containerd://1.7.19", "PATH=/bin", strings.Replace(goodTables, "insecure = true\n", "", 1), "", []string{
			"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".endpoint as OTEL_EXPORTER_OTLP_ENDPOINT is 127.0.0.1:4317, wanted is http://127.0.0.1:4317 (silently no traces)",
			"containerd on a: OTEL_TRACES_SAMPLER is nothing, wanted is parentbased_always_off (stale)",
			"containerd on a: plugins.\"io.containerd.tracing.processor.v1.otlp\".protocol as OTEL_EXPORTER_OTLP_PROTOCOL is grpc, wanted is grpc (stale)",
		}},
		{"variables that win over tables", containerd("1.7"), "containerd://1.7.35", goodEnvironment, goodTables, "", nil},
		{"tables in a file of version 1, in place of variables", containerd("1.7"), "containerd://1.7.35", "PATH=/bin", strings.Replace(goodTables, "version = 2", "version = 1", 1), "", []string{
			"containerd on a: OTEL_EXPORTER_OTLP_ENDPOINT is nothing, wanted is http://127.0.0.1:4317 (silently no traces)",
			"containerd on a: OTEL_EXPORTER_OTLP_PROTOCOL is nothing, wanted is grpc (silently no traces)",
			"containerd on a: OTEL_TRACES_SAMPLER is nothing, wanted is parentbased_always_off (stale)",
		}},
		{"a configuration that is too new", containerd("2.3"), "containerd://1.7.18", goodEnvironment, "version = 3\n", "",
			[]string{"containerd on a: version of config.toml is 3, wanted is 2 or less (refuses to start)"}},
		{"a configuration that is too new for 2", containerd("2.3"), "containerd://2.2.0", goodEnvironment, "version = 4\n", "",
			[]string{"containerd on a: version of config.toml is 4, wanted is 3 or less (refuses to start)"}},
		{"a configuration that is newer, and read", containerd("1.7.15"), "containerd://1.7.15", "-", strings.Replace(goodTables, "version = 2", "version = 3", 1), "", nil},
		{"a configuration that a later release may read", containerd("2.3"), "containerd://2.5.0", goodEnvironment, "version = 5\n", "", nil},
		{"a plugin that is disabled", containerd("1.7.15"), "containerd://1.7.15", "-", "disabled_plugins = [\"io.containerd.internal.v1.tracing\", \"io.containerd.grpc.v1.cri\"]\n" + goodTables, "",
			[]string{"containerd on a: disabled_plugins is io.containerd.internal.v1.tracing, wanted is a list without it (silently no traces)"}},
		{"a plugin that is disabled, with variables", containerd("2.3"), "containerd://2.3.4", goodEnvironment, "version = 3\ndisabled_plugins = [\"io.containerd.tracing.processor.v1.otlp\"]\n", "",
			[]string{"containerd on a: disabled_plugins is io.containerd.tracing.processor.v1.otlp, wanted is a list without it (silently no traces)"}},
		{"tables", containerd("1.7.15"), "containerd://1.7.15", "-", goodTables, "", nil},
		{"no tables", containerd("1.7"), "containerd://1.7.13", "-", "-", "", []string{"containerd on a: config.toml is none, wanted is its tables of tracing (not seen)"}},
		{"tables in a file of version 1", containerd("1.7"), "containerd://1.7.13", "-", "[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"127.0.0.1:4317\"\n", "",
			[]string{"containerd on a: version of config.toml is 1, wanted is 2 (silently no traces)"}},
		{"no TOML", containerd("1.7.15"), "containerd://1.7.15", "-", "containerd: command not found\n", "", []string{"containerd on a: config.toml is what cannot be read, wanted is TOML (not seen)"}},
		{"no TOML, of a CRI-O", crio, "cri-o://1.37.0", "-", "-", "INFO[0000] Starting\n" + goodCRIO, []string{"crio on a: crio.conf is what cannot be read, wanted is TOML (not seen)"}},
		{"an empty configuration", containerd("1.7.15"), "containerd://1.7.15", "-", "\n", "", []string{"containerd on a: config.toml is empty, wanted is its tables of tracing (not seen)"}},
		{"an empty environment", containerd("2.3"), "containerd://2.3.4", "", "-", "", []string{"containerd on a: environment is empty, wanted is its variables OTEL_… (not seen)"}},
		{"an empty configuration of CRI-O", crio, "cri-o://1.37.0", "-", "-", "", []string{"crio on a: crio.conf is empty, wanted is its table of tracing (not seen)"}},
		{"tables of which the release drops the rate", containerd("1.7.14"), "containerd://1.7.22", "-", "-", "", []string{
			"containerd on a: version is 1.7.22, wanted is one that reads what is made for containerd 1.7.14 (stale)",
			"containerd on b: version is 1.7.22, wanted is one that reads what is made for containerd 1.7.14 (stale)",
		}},
		{"another form than the spec's", containerd("1.7.15"), "containerd://2.0.1", "-", "", "", []string{
			"containerd on a: version is 2.0.1, wanted is one that reads what is made for containerd 1.7.15 (silently no traces)",
			"containerd on b: version is 2.0.1, wanted is one that reads what is made for containerd 1.7.15 (silently no traces)",
		}},
		{"a version that says nothing", containerd("2.3"), "containerd://nightly", goodEnvironment, "", "", []string{
			"containerd on a: version is nightly, wanted is three numbers (not seen)",
			"containerd on b: version is nightly, wanted is three numbers (not seen)",
		}},
		{"containerd that is too old", containerd("2.3"), "containerd://1.5.18", "-", "-", "", []string{
			"containerd on a: version is 1.5.18, wanted is one that can be traced (silently no traces)",
			"containerd on b: version is 1.5.18, wanted is one that can be traced (silently no traces)",
		}},
		{"containerd that is too new", containerd("2.3"), "containerd://3.0.0", "PATH=/bin" + strings.Replace(goodEnvironment, "4317", "4318", 1), "", "", []string{
			"containerd on a: OTEL_EXPORTER_OTLP_ENDPOINT is http://127.0.0.1:4318, wanted is http://127.0.0.1:4317 (silently no traces)",
			"containerd on a: version is 3.0.0, wanted is one that is known here (not seen)",
			"containerd on b: version is 3.0.0, wanted is one that is known here (not seen)",
		}},
		{"Docker", containerd("2.3"), "docker://24.0.7", "-", "-", "-", []string{
			"containerd on a: container runtime is docker://24.0.7, wanted is containerd, as the spec says (silently no traces)",
			"containerd on b: container runtime is docker://24.0.7, wanted is containerd, as the spec says (silently no traces)",
		}},
		{"Docker, of which the spec says nothing", func(*tracing.TracingSpec) {}, "docker://24.0.7", "-", "-", "-", nil},
		{"no runtime", crio, "", "-", "-", "-", []string{
			"crio on a: container runtime is nothing, wanted is CRI-O, as the spec says (not seen)",
			"crio on b: container runtime is nothing, wanted is CRI-O, as the spec says (not seen)",
		}},
		{"another runtime", containerd("2.3"), "cri-o://1.37.0", goodEnvironment, "", "", []string{
			"crio on a: container runtime is cri-o://1.37.0, wanted is containerd, as the spec says (silently no traces)",
			"crio on b: container runtime is cri-o://1.37.0, wanted is containerd, as the spec says (silently no traces)",
		}},
		{"CRI-O", crio, "cri-o://1.37.0", "-", "-", goodCRIO, nil},
		{"CRI-O that is off", crio, "cri-o://1.37.0", "-", "-", "[crio.tracing]\nenable_tracing = false\ntracing_endpoint = \"127.0.0.1:4317\"\n",
			[]string{"crio on a: crio.tracing.enable_tracing is false, wanted is true (silently no traces)"}},
		{"CRI-O without its file", crio, "cri-o://1.37.0", "-", "-", "-", []string{"crio on a: crio.conf is none, wanted is its table of tracing (not seen)"}},
		{"CRI-O that is too old", crio, "cri-o://1.22.5", "-", "-", "-", []string{
			"crio on a: version is 1.22.5, wanted is one that can be traced (silently no traces)",
			"crio on b: version is 1.22.5, wanted is one that can be traced (silently no traces)",
		}},
		{"CRI-O that is too new", crio, "cri-o://2.0.0", "-", "-", goodCRIO, []string{
			"crio on a: version is 2.0.0, wanted is one that is known here (not seen)",
			"crio on b: version is 2.0.0, wanted is one that is known here (not seen)",
		}},
		{"CRI-O that says nothing", crio, "cri-o://Unknown", "-", "-", goodCRIO, []string{
			"crio on a: version is Unknown, wanted is three numbers (not seen)",
			"crio on b: version is Unknown, wanted is three numbers (not seen)",
		}},
		{"none that the spec names", func(*tracing.TracingSpec) {}, "cri-o://1.37.0", "-", "-", "-", nil},
		{"CRI-O that is containerd", crio, "containerd://2.0.0", "-", "-", "-", []string{
			"containerd on a: container runtime is containerd://2.0.0, wanted is CRI-O, as the spec says (silently no traces)",
			"containerd on b: container runtime is containerd://2.0.0, wanted is CRI-O, as the spec says (silently no traces)",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := spec("1.37")
			test.spec(&s)
			state := healthy(t, s)
			for n := range state.Nodes {
				state.Nodes[n].Status.NodeInfo.ContainerRuntimeVersion = test.runtime
			}
			state.ContainerdEnvironment = map[string][]byte{"b": []byte(goodEnvironment)}
			state.Containerd = map[string][]byte{"b": nil}
			if s.Containerd != nil && s.Containerd.Version != "2.3" {
				state.Containerd["b"] = []byte(goodTables)
			}
			state.CRIO = map[string][]byte{"b": []byte(goodCRIO)}
			for text, files := range map[*string]map[string][]byte{&test.environment: state.ContainerdEnvironment, &test.config: state.Containerd, &test.crio: state.CRIO} {
				if *text != "-" {
					files["a"] = []byte(*text)
				}
			}
			compare(t, must(check.Cluster(s, state))(t), test.want)
		})
	}
}

// TestRuntimeFiles has what the names of files say of them.
func TestRuntimeFiles(t *testing.T) {
	var s check.State
	s.AddFile("state/containerd-a.1.env", []byte("env"))
	s.AddFile("state/containerd-a.1.toml", []byte("toml"))
	s.AddFile("state/crio-b.toml", []byte("crio"))
	got := []string{string(s.ContainerdEnvironment["a.1"]), string(s.Containerd["a.1"]), string(s.CRIO["b"])}
	if want := []string{"env", "toml", "crio"}; !slices.Equal(got, want) || len(s.Unreadable) > 0 {
		t.Errorf("the files are %q, want %q; unreadable are %v", got, want, s.Unreadable)
	}
}

// TestCRIOConfigCommand has the command that each release of CRI-O prints its
// configuration by.
func TestCRIOConfigCommand(t *testing.T) {
	s := spec("1.37")
	s.CRIO = &tracing.CRIOSpec{Version: "1.23"}
	for version, want := range map[string]string{"1.27.4": "Give it: crio-status config 2>/dev/null,", "1.28.0": "Give it: crio status config 2>/dev/null,", "Unknown": "Give it: crio status config 2>/dev/null,"} {
		state := healthy(t, s)
		for n := range state.Nodes {
			state.Nodes[n].Status.NodeInfo.ContainerRuntimeVersion = "cri-o://" + version
		}
		if !slices.ContainsFunc(must(check.Cluster(s, state))(t), func(f check.Finding) bool { return strings.HasPrefix(f.Cure, want) }) {
			t.Errorf("%s: nothing says %q", version, want)
		}
	}
}

// TestRuntimeCures has what to do, with the files and commands of a node.
func TestRuntimeCures(t *testing.T) {
	for _, test := range []struct{ version, environment, config, want string }{
		{"2.3", "PATH=/bin", "", `Write Environment="OTEL_EXPORTER_OTLP_PROTOCOL=grpc" below [Service] into ` + kubetrace.NodeFileContainerd + ", and run systemctl daemon-reload && systemctl restart containerd"},
		{"2.3", "", "", "It is empty: read it as root: tr '\\0' '\\n' < /proc/$(systemctl show -p MainPID --value containerd)/environ, on the node a"},
		{"1.7.15", "", "bash: no such\n", "Collect it again: containerd config dump 2>/dev/null, as root on the node a. Line 1: this is no TOML"},
		{"1.7.15", "", "disabled_plugins = [\"io.containerd.internal.v1.tracing\"]\n" + goodTables, "Take it out of disabled_plugins"},
	} {
		s := spec("1.37")
		s.Containerd = &tracing.ContainerdSpec{Version: test.version}
		state := healthy(t, s)
		for n := range state.Nodes {
			state.Nodes[n].Status.NodeInfo.ContainerRuntimeVersion = "containerd://" + test.version
		}
		state.Nodes[0].Status.NodeInfo.ContainerRuntimeVersion = strings.Replace("containerd://"+test.version, "2.3", "2.3.4", 1)
		state.ContainerdEnvironment = map[string][]byte{"a": []byte(test.environment)}
		state.Containerd = map[string][]byte{"a": []byte(test.config)}
		if !slices.ContainsFunc(must(check.Cluster(s, state))(t), func(f check.Finding) bool { return f.Node == "a" && strings.HasPrefix(f.Cure, test.want) }) {
			t.Errorf("%s: nothing says %q", test.version, test.want)
		}
	}
}
