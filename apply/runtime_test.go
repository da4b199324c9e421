package apply_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kubetrace/apply"
	"kubetrace/internal/puritytest"
	"kubetrace/tracing"
)

// runtimeSpec is a spec with a containerd of a version, and CRI-O.
func runtimeSpec(containerd string) tracing.TracingSpec {
	return tracing.TracingSpec{KubernetesVersion: "1.34", Containerd: &tracing.ContainerdSpec{Version: containerd}, CRIO: &tracing.CRIOSpec{Version: "1.34"}}
}

const (
	ourVariables = `Environment="OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317"
Environment="OTEL_EXPORTER_OTLP_PROTOCOL=grpc"
Environment="OTEL_TRACES_SAMPLER=parentbased_always_off"
`
	ourTables = `[plugins."io.containerd.tracing.processor.v1.otlp"]
  endpoint = "127.0.0.1:4317"
  protocol = "grpc"
  insecure = true

[plugins."io.containerd.internal.v1.tracing"]
  sampling_ratio = 0.0
`
	ourCRIO = `[crio.tracing]
  enable_tracing = true
  tracing_endpoint = "127.0.0.1:4317"
  tracing_sampling_rate_per_million = 0
`
	// printed is what containerd config default of 1.7 prints of tracing, with its
	// indentation.
	printed = `imports = []
version = 2

[plugins]

  [plugins."io.containerd.internal.v1.tracing"]
    sampling_ratio = 1.0
    service_name = "containerd"

  [plugins."io.containerd.runtime.v1.linux"]
    shim = "containerd-shim"

  [plugins."io.containerd.tracing.processor.v1.otlp"]
    endpoint = ""
    insecure = false
    protocol = ""

[timeouts]
  "io.containerd.timeout.bolt.open" = "0s"
`
)

// laidRuntime are files and what becomes of them.
var laidRuntime = []struct {
	name, containerd string
	file             apply.RuntimeFile
	before, after    string
	options          apply.Options
	replaced, unread []string // the names
	removed          string   // what RemoveRuntime leaves, where it is not before
}{
	{name: "a drop-in that is not there", containerd: "2.3", file: apply.ContainerdService, after: "[Service]\n" + ourVariables, removed: "[Service]\n"},
	{name: "a drop-in of somebody", containerd: "1.7.18", file: apply.ContainerdService,
		before: "# proxy of ours\n[Service]\nEnvironment=HTTPS_PROXY=http://proxy:3128 NO_PROXY=localhost\nEnvironmentFile=-/etc/default/containerd\nLimitNOFILE=1048576\n",
		after:  "# proxy of ours\n[Service]\nEnvironment=HTTPS_PROXY=http://proxy:3128 NO_PROXY=localhost\n" + ourVariables + "EnvironmentFile=-/etc/default/containerd\nLimitNOFILE=1048576\n",
		unread: []string{"EnvironmentFile"}},
	{name: "what it says already", containerd: "2.3", file: apply.ContainerdService,
		before:  "[Service]\nEnvironment=OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_TRACES_SAMPLER=parentbased_always_off OTEL_SERVICE_NAME=mine\n",
		after:   "[Service]\nEnvironment=OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317 OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_TRACES_SAMPLER=parentbased_always_off OTEL_SERVICE_NAME=mine\n",
		removed: "[Service]\nEnvironment=OTEL_SERVICE_NAME=mine\n"},
	{name: "specifiers of somebody", containerd: "2.3", file: apply.ContainerdService,
		before: "[Service]\nEnvironment=HTTPS_PROXY=http://user:p%40ss@proxy \"OTEL_RESOURCE_ATTRIBUTES=host.name=%H\"\n",
		after:  "[Service]\nEnvironment=HTTPS_PROXY=http://user:p%40ss@proxy \"OTEL_RESOURCE_ATTRIBUTES=host.name=%H\"\n" + ourVariables},
	{name: "on one line with others, overwritten", containerd: "2.3", file: apply.ContainerdService, options: apply.Options{Overwrite: true},
		before:   "[Service]\nEnvironment=A=b OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_SDK_DISABLED=1\n",
		after:    "[Service]\nEnvironment=A=b\n" + ourVariables,
		replaced: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SDK_DISABLED"},
		removed:  "[Service]\nEnvironment=A=b\n"},
	{name: "on several lines with others, overwritten", containerd: "2.3", file: apply.ContainerdService, options: apply.Options{Overwrite: true},
		before:   "[Service]\nEnvironment=A=b \\\n  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n",
		after:    "[Service]\nEnvironment=A=b \\\n  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n" + ourVariables,
		replaced: []string{"OTEL_EXPORTER_OTLP_ENDPOINT"},
		removed:  "[Service]\nEnvironment=A=b \\\n  OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\n"},
	{name: "a file that is imported", containerd: "1.7.15", file: apply.ContainerdImport, before: "# ours\n", after: "# ours\n\n" + ourTables},
	{name: "a file that is imported and is not there", containerd: "1.7.15", file: apply.ContainerdImport, after: ourTables},
	{name: "what containerd reads beside variables, as we wrote it", containerd: "1.7.35", file: apply.ContainerdConfig,
		before:   "version = 2\n\n" + strings.Replace(ourTables, "  sampling_ratio = 0.0\n", "  service_name = \"mine\"\n", 1),
		after:    "version = 2\n\n[plugins.\"io.containerd.internal.v1.tracing\"]\n  service_name = \"mine\"\n",
		replaced: []string{`plugins."io.containerd.tracing.processor.v1.otlp".endpoint`, `plugins."io.containerd.tracing.processor.v1.otlp".protocol`, `plugins."io.containerd.tracing.processor.v1.otlp".insecure`}, removed: "-"},
	{name: "what containerd reads beside variables, overwritten", containerd: "1.7.35", file: apply.ContainerdConfig, options: apply.Options{Overwrite: true},
		before:   "version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"http://10.0.0.1:4318\" # ours\n",
		after:    "version = 2\n# ours\n",
		replaced: []string{`plugins."io.containerd.tracing.processor.v1.otlp".endpoint`}, removed: "-"},
	{name: "containerd's own advice, overwritten", containerd: "2.3", file: apply.ContainerdService, options: apply.Options{Overwrite: true},
		before:   "[Service]\nEnvironment=\"OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318\"\nEnvironment=\"OTEL_SERVICE_NAME=containerd\"\nEnvironment=\"OTEL_TRACES_SAMPLER=traceidratio\"\nEnvironment=\"OTEL_TRACES_SAMPLER_ARG=1.0\"\nEnvironment=OTEL_SDK_DISABLED=1\nNice=1\n",
		after:    "[Service]\nEnvironment=\"OTEL_SERVICE_NAME=containerd\"\nEnvironment=\"OTEL_TRACES_SAMPLER_ARG=1.0\"\n" + ourVariables + "Nice=1\n",
		replaced: []string{"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_TRACES_SAMPLER", "OTEL_SDK_DISABLED"},
		removed:  "[Service]\nEnvironment=\"OTEL_SERVICE_NAME=containerd\"\nEnvironment=\"OTEL_TRACES_SAMPLER_ARG=1.0\"\nNice=1\n"},
	{name: "no config.toml", containerd: "1.7.15", file: apply.ContainerdConfig, after: "version = 2\n\n" + ourTables, removed: "version = 2\n"},
	{name: "a config.toml of somebody", containerd: "1.7.15", file: apply.ContainerdConfig,
		before: "# ours\nversion = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"pause\" # pinned\n",
		after:  "# ours\nversion = 2\nimports = [\"/etc/containerd/conf.d/*.toml\"]\n\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = \"pause\" # pinned\n\n" + ourTables,
		unread: []string{"imports"}},
	{name: "what containerd prints", containerd: "1.7.15", file: apply.ContainerdConfig, before: printed,
		after: strings.NewReplacer("sampling_ratio = 1.0", "sampling_ratio = 0.0", `endpoint = ""`, `endpoint = "127.0.0.1:4317"`, "insecure = false", "insecure = true", `protocol = ""`, `protocol = "grpc"`).Replace(printed),
		replaced: []string{
			`plugins."io.containerd.tracing.processor.v1.otlp".endpoint`, `plugins."io.containerd.tracing.processor.v1.otlp".protocol`,
			`plugins."io.containerd.tracing.processor.v1.otlp".insecure`, `plugins."io.containerd.internal.v1.tracing".sampling_ratio`,
		},
		removed: strings.NewReplacer("    sampling_ratio = 1.0\n", "", "    endpoint = \"\"\n", "", "    insecure = false\n", "", "\n  [plugins.\"io.containerd.tracing.processor.v1.otlp\"]\n", "", "    protocol = \"\"\n", "").Replace(printed)},
	{name: "what containerd 1.7 read, with 2", containerd: "2.0", file: apply.ContainerdConfig,
		before:   "version = 2\n\n" + ourTables + "  service_name = \"mine\"\n",
		after:    "version = 2\n\n[plugins.\"io.containerd.internal.v1.tracing\"]\n  service_name = \"mine\"\n",
		replaced: []string{`plugins."io.containerd.tracing.processor.v1.otlp".endpoint`, `plugins."io.containerd.tracing.processor.v1.otlp".protocol`, `plugins."io.containerd.tracing.processor.v1.otlp".insecure`, `plugins."io.containerd.internal.v1.tracing".sampling_ratio`},
	},
	{name: "what containerd prints, with 2", containerd: "2.3", file: apply.ContainerdConfig, before: printed, after: printed},
	{name: "a configuration of version 4", containerd: "2.3", file: apply.ContainerdConfig, before: "version = 4\n", after: "version = 4\n"},
	{name: "a variable that is taken away, overwritten", containerd: "2.3", file: apply.ContainerdService, options: apply.Options{Overwrite: true},
		before:   "[Service]\nUnsetEnvironment=LANG OTEL_TRACES_SAMPLER\n",
		after:    "[Service]\n" + ourVariables + "UnsetEnvironment=LANG\n",
		replaced: []string{"UnsetEnvironment"}, removed: "[Service]\nUnsetEnvironment=LANG\n"},
	{name: "other variables that are taken away", containerd: "2.3", file: apply.ContainerdService,
		before: "[Service]\nUnsetEnvironment=OTEL_SERVICE_NAME OTEL_TRACES_SAMPLER=traceidratio\n",
		after:  "[Service]\n" + ourVariables + "UnsetEnvironment=OTEL_SERVICE_NAME OTEL_TRACES_SAMPLER=traceidratio\n"},
	{name: "a plugin that is disabled, overwritten", containerd: "2.3", file: apply.ContainerdConfig, options: apply.Options{Overwrite: true},
		before:   "disabled_plugins = [\"io.containerd.grpc.v1.cri\",\n  \"io.containerd.tracing.processor.v1.otlp\"] # ours\nversion = 3\n",
		after:    "disabled_plugins = [\"io.containerd.grpc.v1.cri\"] # ours\nversion = 3\n",
		replaced: []string{"disabled_plugins"}, removed: "-"},
	{name: "plugins that are disabled, overwritten", containerd: "1.7.15", file: apply.ContainerdConfig, options: apply.Options{Overwrite: true},
		before:   "version = 2\ndisabled_plugins = [\"io.containerd.internal.v1.tracing\", \"io.containerd.tracing.processor.v1.otlp\"]\n",
		after:    "version = 2\n\n" + ourTables,
		replaced: []string{"disabled_plugins", "disabled_plugins"}, removed: "version = 2\n"},
	{name: "other plugins that are disabled", containerd: "1.7.15", file: apply.ContainerdConfig,
		before: "disabled_plugins = [\"io.containerd.snapshotter.v1.zfs\"]\nversion = 2\n", after: "disabled_plugins = [\"io.containerd.snapshotter.v1.zfs\"]\nversion = 2\n\n" + ourTables},
	{name: "no crio.conf", containerd: "2.3", file: apply.CRIOConfig, after: ourCRIO, removed: ""},
	{name: "CRI-O's own file, with comments", containerd: "2.3", file: apply.CRIOConfig,
		before:  "[crio]\n# log_dir = \"/var/log\"\n\n[crio.tracing]\n\n# Globally enable or disable exporting OpenTelemetry traces.\n# enable_tracing = false\nenable_tracing = true\n\n[crio.nri]\nenable_nri = true\n",
		after:   "[crio]\n# log_dir = \"/var/log\"\n\n[crio.tracing]\n\n# Globally enable or disable exporting OpenTelemetry traces.\n# enable_tracing = false\nenable_tracing = true\ntracing_endpoint = \"127.0.0.1:4317\"\ntracing_sampling_rate_per_million = 0\n\n[crio.nri]\nenable_nri = true\n",
		removed: "[crio]\n# log_dir = \"/var/log\"\n\n[crio.tracing]\n\n# Globally enable or disable exporting OpenTelemetry traces.\n# enable_tracing = false\n\n[crio.nri]\nenable_nri = true\n"},
}

func names(settings []apply.Setting) (all []string) {
	for _, s := range settings {
		all = append(all, s.Name)
		if s.Line < 1 || s.Document == "" || s.New == s.Old {
			all = append(all, "incomplete")
		}
	}
	return all
}

func TestRuntime(t *testing.T) {
	for _, test := range laidRuntime {
		t.Run(test.name, func(t *testing.T) {
			spec := runtimeSpec(test.containerd)
			got, err := apply.Runtime(spec, test.file, []byte(test.before), test.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, string(got.Text)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(test.replaced, names(got.Replaced)); diff != "" {
				t.Errorf("replaced (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.unread, names(got.Unread)); diff != "" {
				t.Errorf("unread (-want +got):\n%s", diff)
			}
			back, err := apply.Undo(got.Text, got.Receipt)
			if err != nil || string(back) != test.before {
				t.Errorf("undone it is %q, %v", back, err)
			}
			again, err := apply.Runtime(spec, test.file, got.Text, apply.Options{})
			if err != nil || string(again.Text) != test.after || len(again.Receipt.Edits)+len(again.Replaced) > 0 {
				t.Errorf("a second time: %q, %+v, %v", again.Text, again, err)
			}
			removed, err := apply.RemoveRuntime(spec, test.file, got.Text)
			want := test.removed
			if want == "" && test.before != "" {
				want = test.before
			}
			switch {
			case strings.HasSuffix(test.name, "with 2"), want == "-": // nothing of ours is in there
			case err != nil:
				t.Error(err)
			default:
				if diff := cmp.Diff(want, string(removed.Text)); diff != "" {
					t.Errorf("removed (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestRuntimeErrors(t *testing.T) {
	conflict, document, syntax, not := new(*apply.ConflictError), new(*apply.DocumentError), new(*apply.SyntaxError), new(*tracing.NotGeneratedError)
	for _, test := range []struct {
		name, containerd string
		file             apply.RuntimeFile
		text             string
		as               any
		says             string
	}{
		{"another endpoint", "2.3", apply.ContainerdService, "[Service]\nEnvironment=OTEL_EXPORTER_OTLP_ENDPOINT=http://10.0.0.1:4317\n", conflict, "line 2: containerd.service: OTEL_EXPORTER_OTLP_ENDPOINT is http://10.0.0.1:4317 and the spec says http://127.0.0.1:4317"},
		{"one that undoes it", "2.3", apply.ContainerdService, "[Service]\nEnvironment=OTEL_SDK_DISABLED=true\n", conflict, "the spec says nothing"},
		{"a sampler that is taken away", "2.3", apply.ContainerdService, "[Service]\nUnsetEnvironment=OTEL_TRACES_SAMPLER\n", conflict, "line 2: containerd.service: UnsetEnvironment is OTEL_TRACES_SAMPLER and the spec says nothing: Take it out: systemd takes the variable away last"},
		{"an endpoint that is taken away", "2.3", apply.ContainerdService, "[Service]\nUnsetEnvironment=OTEL_EXPORTER_OTLP_ENDPOINT\n", conflict, "UnsetEnvironment is OTEL_EXPORTER_OTLP_ENDPOINT"},
		{"a protocol that is taken away by its value", "2.3", apply.ContainerdService, "[Service]\nUnsetEnvironment=OTEL_EXPORTER_OTLP_PROTOCOL=grpc\n", conflict, "UnsetEnvironment is OTEL_EXPORTER_OTLP_PROTOCOL=grpc"},
		{"an empty protocol", "1.7.15", apply.ContainerdConfig, "version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"127.0.0.1:4317\"\nprotocol = \"\"\n", conflict, "protocol is empty and the spec says grpc"},
		{"a unit that is none", "2.3", apply.ContainerdService, "[Service]\nEnvironment=\"OTEL_A\n", document, "line 2: Environment: a quote"},
		{"a drop-in for a release that reads none", "1.7.15", apply.ContainerdService, "", not, "reads its config.toml"},
		{"a file that is none", "2.3", "kubelet", "", document, "write \"containerd.service\", \"config.toml\", \"imported file\" or \"crio.conf\""},
		{"a specifier that is none", "2.3", apply.ContainerdService, "[Service]\nEnvironment=OTEL_EXPORTER_OTLP_HEADERS=a=%40\n", document, "line 2: containerd.service: OTEL_EXPORTER_OTLP_HEADERS a=%40: systemd passes over it, since %4 is no specifier: write %%4"},
		{"tables of somebody that are read", "1.7.35", apply.ContainerdConfig, "version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"http://10.0.0.1:4318\"\n", conflict, "Take it out: this containerd takes from here what none of its variables OTEL_… says, and the spec writes these, or set Options.Overwrite"},
		{"version 3 that is refused", "1.7.18", apply.ContainerdConfig, "version = 3\n", document, "containerd 1.7.18 does not start with it: write version = 2"},
		{"version 4", "2.0", apply.ContainerdConfig, "version = 4\n", document, "containerd 2.0 does not start with it: write version = 3"},
		{"an import of version 1", "1.7.15", apply.ContainerdImport, "version = 1\n", document, "In version 1"},
		{"the guides' table", "1.7.15", apply.ContainerdConfig, "version = 2\n[plugins.\"io.containerd.tracing.processor.v1.otlp\"]\nendpoint = \"http://127.0.0.1:4318\"\n", conflict, "line 3: config.toml: plugins"},
		{"version 1", "1.7.15", apply.ContainerdConfig, "disabled_plugins = [\"cri\"]\n", document, "containerd config dump > new.toml"},
		{"version 3", "1.7.15", apply.ContainerdConfig, "# ours\nversion = 3\n", document, "line 2: config.toml: version 3: containerd 1.7.15 starts with it, and passes over the tables that are new in it"},
		{"in braces", "1.7.15", apply.ContainerdConfig, "version = 2\nplugins = { a = { b = 1 } }\n", document, `plugins."io.containerd.tracing.processor.v1.otlp".endpoint = "127.0.0.1:4317"`},
		{"a plugin that is disabled", "1.7.15", apply.ContainerdConfig, "version = 2\ndisabled_plugins = [\"io.containerd.tracing.processor.v1.otlp\"]\n", conflict, "line 2: config.toml: disabled_plugins is io.containerd.tracing.processor.v1.otlp and the spec says nothing: Take it out of disabled_plugins"},
		{"a plugin that is disabled for both forms", "1.7.35", apply.ContainerdConfig, "version = 2\ndisabled_plugins = [\"io.containerd.internal.v1.tracing\"]\n", conflict, "Take it out of disabled_plugins"},
		{"a plugin that is disabled in an import", "2.3", apply.ContainerdImport, "disabled_plugins = [\"io.containerd.internal.v1.tracing\"]\n", conflict, "Take it out of disabled_plugins"},
		{"a plugin that is disabled by the name of version 1", "2.3", apply.ContainerdConfig, "disabled_plugins = [\"otlp\"]\n", conflict, "disabled_plugins is otlp"},
		{"no TOML", "1.7.15", apply.ContainerdConfig, "version: 2\n", syntax, "line 1, column 1"},
		{"CRI-O elsewhere", "2.3", apply.CRIOConfig, "[crio.tracing]\ntracing_endpoint = \"10.0.0.1:4317\"\n", conflict, "crio.tracing.tracing_endpoint is 10.0.0.1:4317"},
	} {
		_, err := apply.Runtime(runtimeSpec(test.containerd), test.file, []byte(test.text), apply.Options{})
		if err == nil || !errors.As(err, test.as) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want a %T that says %q", test.name, err, test.as, test.says)
		}
	}
	if _, err := apply.Runtime(tracing.TracingSpec{KubernetesVersion: "1.34"}, apply.CRIOConfig, nil, apply.Options{}); !errors.As(err, not) || (*not).Component != tracing.ComponentCRIO {
		t.Errorf("without CRI-O: %v", err)
	}
}

// What a release does not read, or only some patches of it, is said.
func TestRuntimeUntraced(t *testing.T) {
	for _, test := range []struct {
		containerd string
		file       apply.RuntimeFile
		want       string
	}{
		{"2.1.5", apply.ContainerdConfig, "containerd.version: containerd 2.1.5 goes by variables: edit containerd.service"},
		{"1.7.22", apply.ContainerdImport, "containerd.version: containerd 1.7.22 goes by variables: edit containerd.service"},
		{"2.1.5", apply.ContainerdService, ""},
		{"1.7.15", apply.ContainerdConfig, ""},
		{"1.7", apply.ContainerdConfig, "containerd.version: some patches of containerd 1.7 go by variables: edit containerd.service too"},
		{"1.7", apply.ContainerdService, "containerd.version: some patches of containerd 1.7 read no variables: edit config.toml too"},
		{"1.7", apply.CRIOConfig, ""},
	} {
		got, err := apply.Runtime(runtimeSpec(test.containerd), test.file, nil, apply.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var want []apply.Untraced
		if test.want != "" {
			want = []apply.Untraced{{Component: tracing.ComponentContainerd, Reason: test.want}}
		}
		if diff := cmp.Diff(want, got.Untraced); diff != "" {
			t.Errorf("%s of %s (-want +got):\n%s", test.file, test.containerd, diff)
		}
	}
}

func TestRuntimeLeaves(t *testing.T) {
	text := "[crio.tracing]\nenable_tracing = true\ntracing_endpoint = \"10.0.0.1:4317\"\n"
	removed, err := apply.RemoveRuntime(runtimeSpec("2.3"), apply.CRIOConfig, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []apply.Setting{{Line: 3, Document: "crio.conf", Name: "crio.tracing.tracing_endpoint", Old: "10.0.0.1:4317"}}
	if diff := cmp.Diff(want, removed.Left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
}

// A proxy is told of where containerd sends through it.
func TestRuntimeProxy(t *testing.T) {
	for _, test := range []struct {
		name, endpoint, environment string
		want                        []string
	}{
		{"the node itself", "", "HTTPS_PROXY=http://proxy:3128", nil},
		{"an abstract socket", "unix-abstract:///kubetrace", "HTTPS_PROXY=http://proxy:3128", nil},
		{"elsewhere", "10.0.0.1:4317", "HTTPS_PROXY=http://proxy:3128 NO_PROXY=localhost,10.0.0.2", []string{"HTTPS_PROXY"}},
		{"in small letters", "10.0.0.1:4317", "HTTPS_PROXY= https_proxy=http://proxy:3128", []string{"https_proxy"}},
		{"with an exception", "10.0.0.1:4317", "HTTPS_PROXY=http://proxy:3128 \"NO_PROXY=localhost, 10.0.0.1\"", nil},
		{"with every exception", "10.0.0.1:4317", "HTTPS_PROXY=http://proxy:3128 no_proxy=*", nil},
		{"taken back", "10.0.0.1:4317", "HTTPS_PROXY=http://proxy:3128 HTTPS_PROXY=", nil},
		{"of another protocol", "10.0.0.1:4317", "HTTP_PROXY=http://proxy:3128", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec := runtimeSpec("2.3")
			spec.Endpoint = test.endpoint
			spec.Collector.Disabled = strings.HasPrefix(test.endpoint, "10.")
			got, err := apply.Runtime(spec, apply.ContainerdService, []byte("[Service]\nEnvironment="+test.environment+"\n"), apply.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, names(got.Unread)); diff != "" {
				t.Errorf("unread (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRuntimePurity(t *testing.T) {
	for _, test := range laidRuntime {
		in := func() input { return input{runtimeSpec(test.containerd), []byte(test.before)} }
		puritytest.Check(t, in, func(i input) apply.Result {
			result, err := apply.Runtime(i.Spec, test.file, i.Text, test.options)
			if err != nil {
				t.Fatal(err)
			}
			return result
		})
		puritytest.Check(t, in, func(i input) apply.Removed {
			result, err := apply.RemoveRuntime(i.Spec, test.file, i.Text)
			if err != nil {
				t.Fatal(err)
			}
			return result
		})
	}
}
