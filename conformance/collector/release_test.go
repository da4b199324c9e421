package collector

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/version"

	"kubetrace/tracing"
)

// running returns the release of the collector that runs.
func running(t *testing.T) *version.Version {
	t.Helper()
	release, err := Release()
	if err != nil {
		t.Fatal(err)
	}
	return version.MustParseSemantic(release)
}

// runs says whether the collector that runs is of a release or newer.
func runs(t *testing.T, release string) bool {
	t.Helper()
	return running(t).AtLeast(version.MustParseSemantic(release))
}

// The judges of a release, the columns of the report.
const (
	delivers     = "starts and delivers"
	noSilence    = "silent faults"
	refusesWrong = "refuses wrong config"
)

// cell says which cell of the report a test belongs to.
func cell(t *testing.T, judge string) {
	t.Helper()
	v := running(t)
	t.Attr("component", "collector")
	t.Attr("release", minor(v))
	t.Attr("judge", judge)
	t.Attr("by", "v"+v.String())
}

// minor returns "0.165" for 0.165.0.
func minor(v *version.Version) string {
	text := v.String()
	return text[:strings.LastIndexByte(text, '.')]
}

// Releases of which not every module can be had with its checksum, and the
// nearest that can be had whole. The first is the oldest that kubetrace
// supports, the second the last before the exporters were renamed.
func TestNotServed(t *testing.T) {
	for release, why := range map[string]string{
		"0.123": "tried on 2026-11-22: most modules have no checksum in the checksum database; nearest: 0.128.0",
		"0.143": "tried on 2026-11-22: most modules have no checksum in the checksum database; nearest: 0.139.0 and 0.144.0",
	} {
		t.Run(release, func(t *testing.T) {
			t.Attr("component", "collector")
			t.Attr("release", release)
			t.Attr("not-served", why)
		})
	}
}

// The default image is of the release that go.mod requires, the newest.
func TestTheDefaultReleaseIsOfGoMod(t *testing.T) {
	if release := required(t, "go.mod"); release != tracing.DefaultCollectorVersion {
		t.Errorf("tracing.DefaultCollectorVersion is %s, but go.mod requires %s; move both", tracing.DefaultCollectorVersion, release)
	}
}

// Each mod file holds the release of its name, and what runs is of one of them.
func TestModFilesHoldTheReleaseOfTheirNames(t *testing.T) {
	files, err := filepath.Glob("v*.mod")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no v*.mod here: %v", err)
	}
	releases := []string{required(t, "go.mod")}
	for _, file := range files {
		release := required(t, file)
		if want := "v" + minor(version.MustParseSemantic(release)) + ".mod"; file != want {
			t.Errorf("%s requires the collector %s; call it %s", file, release, want)
		}
		releases = append(releases, release)
	}
	if got := running(t).String(); !slices.Contains(releases, got) {
		t.Errorf("the collector that runs is %s; the mod files require %s", got, releases)
	}
}

var collectorModule = regexp.MustCompile(`(?m)^(?:\t|require )((?:go\.opentelemetry\.io/collector|github\.com/open-telemetry/opentelemetry-collector-contrib)\S*) v(\S+)`)

// required returns the one release that all modules of a mod file's collector belong to.
// Modules that are stable have a second count, from 1.0. Those of contrib may be of
// another patch of that release.
func required(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	releases := map[string]string{} // by major version: the release and a module of it
	for _, match := range collectorModule.FindAllStringSubmatch(string(text), -1) {
		module, release := match[1], match[2]
		major, _, _ := strings.Cut(release, ".")
		if strings.Contains(module, "-contrib/") {
			major = "contrib"
		}
		if other, ok := releases[major]; ok && other != release {
			t.Fatalf("%s requires %s %s among modules of %s; move them together", file, module, release, other)
		}
		releases[major] = release
	}
	if releases["0"] == "" || releases["1"] == "" {
		t.Fatalf("%s requires no collector", file)
	}
	if contrib := releases["contrib"]; minorOf(contrib) != minorOf(releases["0"]) {
		t.Fatalf("%s requires contrib %s beside the collector %s; move them together", file, contrib, releases["0"])
	}
	return releases["0"]
}
