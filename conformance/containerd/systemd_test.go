package containerd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	generated "kubetrace/containerd"
	"kubetrace/tracing"
)

// TestSystemd lets systemd read the generated drop-in of a service: it passes over
// what it does not understand and says so.
func TestSystemd(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatalf("install systemd, whose systemd-analyze reads the drop-in: %v", err)
	}
	for name, spec := range map[string]tracing.TracingSpec{
		"an address":      {KubernetesVersion: "1.34", Containerd: &tracing.ContainerdSpec{Version: "2.3"}},
		"abstract socket": {KubernetesVersion: "1.34", Endpoint: "unix-abstract:///kubetrace", Containerd: &tracing.ContainerdSpec{Version: "2.3", SamplingRatePerMillion: new(int32(5))}},
	} {
		t.Run(name, func(t *testing.T) {
			dropIn, err := generated.ServiceDropIn(spec)
			if err != nil {
				t.Fatal(err)
			}
			good := string(dropIn.Marshal())
			if said := systemd(t, program, good); said != "" {
				t.Errorf("systemd says of\n%s\n%s", good, said)
			}
			for change, bad := range map[string]string{
				"a specifier that is none": strings.Replace(good, "OTLP_ENDPOINT=", "OTLP_ENDPOINT=%4", 1),
				"an escape that is none":   strings.Replace(good, "OTLP_ENDPOINT=", `OTLP_ENDPOINT=\q`, 1),
				"another key":              strings.Replace(good, "Environment=", "Enviroment=", 1),
			} {
				if systemd(t, program, bad) == "" {
					t.Errorf("%s: systemd says nothing", change)
				}
			}
		})
	}
}

// systemd returns what it says of a service with a drop-in.
func systemd(t *testing.T, program, dropIn string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{
		"containerd.service":                  "[Service]\nExecStart=/bin/true\n",
		"containerd.service.d/kubetrace.conf": dropIn,
	} {
		file := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), program, "verify", "--man=no", filepath.Join(folder, "containerd.service"))
	output, _ := command.CombinedOutput() // it fails for other units too, which are not ours
	var said []string
	for line := range strings.Lines(string(output)) {
		if strings.Contains(line, folder) {
			said = append(said, line)
		}
	}
	return strings.Join(said, "")
}
