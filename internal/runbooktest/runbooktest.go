// Package runbooktest judges a run-book: its text, and its commands by running
// them with stubs in place of the programs.
package runbooktest

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"kubetrace"
	"kubetrace/tracing"
)

// BadText is what no run-book may hold.
var BadText = map[string]*regexp.Regexp{
	"two blank lines":                regexp.MustCompile(`\n\n\n`),
	"a space at the end of a line":   regexp.MustCompile(`[ \t]\n`),
	"two spaces within a sentence":   regexp.MustCompile(`[^ \n] {2,}[^ ]`),
	"a space before punctuation":     regexp.MustCompile(` [,.;:](\s|$)`),
	"doubled punctuation":            regexp.MustCompile(`[a-z)][.,;:][.,;:](\s|$)`),
	"a word that joins nothing":      regexp.MustCompile(`(?i)\b(and|or|of|the|to|into|run|has|make) *([.;\n]|,? and |$)`),
	"an empty code span":             regexp.MustCompile("(^|[^`])``([^`]|$)"),
	"a value that is not there":      regexp.MustCompile(`<no value>|<nil>|%!|map\[`),
	"a placeholder":                  regexp.MustCompile(`CONFIGFILE|KINDS`),
	"a section without text":         regexp.MustCompile(`(?m)^#+ .*\n+(#|\z)`),
	"a heading that touches text":    regexp.MustCompile(`(?m)[^\n]\n#+ |^#+ .*\n[^\n]`),
	"a list or block without blanks": regexp.MustCompile("(?m)^[A-Z].*\n(1\\.|-|```|\\|)"),
}

// numberedStep is a line that begins a step.
var numberedStep = regexp.MustCompile(`(?m)^([0-9]+)\. |^(#)`)

// ReadsWell checks what a template with many conditions gets wrong: blanks,
// punctuation, sentences without an end, empty sections, the numbers of steps.
func ReadsWell(t testing.TB, text string) {
	t.Helper()
	prose := regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(text, "```sh\n```")
	for what, pattern := range BadText {
		if found := pattern.FindString(prose); found != "" {
			t.Errorf("there is %s: %q", what, found)
		}
	}
	want := 1
	for _, match := range numberedStep.FindAllStringSubmatch(prose, -1) {
		if match[2] == "#" {
			want = 1
			continue
		}
		if match[1] != strconv.Itoa(want) {
			t.Errorf("there is a step %s after %d steps", match[1], want-1)
		}
		want++
	}
}

// daemonSet is one that a command names.
var daemonSet = regexp.MustCompile("daemonset/([^ `\n]*)")

// NamesDaemonSets checks that every DaemonSet that a run-book names is in collector.yaml
// of the folder beside it. It returns how many names there are.
func NamesDaemonSets(t testing.TB, text string, folderFS fs.FS) int {
	t.Helper()
	names := daemonSet.FindAllStringSubmatch(text, -1)
	if len(names) == 0 {
		return 0
	}
	objects, err := fs.ReadFile(folderFS, "collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		there := regexp.MustCompile(`(?m)^kind: DaemonSet\nmetadata:\n(  .*\n)*?  name: ` + regexp.QuoteMeta(name[1]) + `$`)
		if !there.Match(objects) {
			t.Errorf("it names %s, which is not in collector.yaml", name[0])
		}
	}
	return len(names)
}

// OfPlatform checks the run-book of a platform: that it reads well, has some texts and not
// others, and names the DaemonSets of the bundle of r, where that has a collector.
func OfPlatform(t *testing.T, book []byte, r tracing.Resolved, want, never []string) {
	t.Helper()
	text := string(book)
	ReadsWell(t, strings.ReplaceAll(text, "```yaml", "```sh"))
	bundle, err := kubetrace.GenerateFor(r)
	if err != nil {
		t.Fatal(err)
	}
	files, err := bundle.FS()
	if err != nil {
		t.Fatal(err)
	}
	names := NamesDaemonSets(t, text, files)
	if collector := r.NotGenerated(tracing.ComponentCollector) == nil; collector != (names > 0) {
		t.Errorf("it has %d names of DaemonSets", names)
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("it has no %q", part)
		}
	}
	for _, part := range never {
		if strings.Contains(text, part) {
			t.Errorf("it has %q", part)
		}
	}
	if t.Failed() {
		t.Logf("%s", text)
	}
}

// shBlock is a block of commands.
var shBlock = regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$")

// fileToMake is a row of the table of files that the operator makes.
var fileToMake = regexp.MustCompile("(?m)^\\| `(secrets/[^`]*)` \\|")

// stub stands for every program of the run-book. It writes down how it was
// called, and fails where a file that it is given is not there.
const stub = `#!/bin/sh
echo "${0##*/} $*" >> "$LOG"
program=${0##*/}
case "$program" in
install)
	while [ $# -gt 2 ]; do shift; done
	[ -f "$1" ] || { echo "no file $1" >&2; exit 1; }
	case "$2" in /*) ;; *) echo "$2 is not absolute" >&2; exit 1 ;; esac
	exit 0 ;;
sleep)
	[ "$1" = 5 ] || exit 0
	# until the program in the background has begun
	while :; do
		while read -r line; do
			case "$line" in *port-forward*) exit 0 ;; esac
		done < "$LOG"
		/bin/sleep 0.01
	done ;;
curl) exit 0 ;;
esac
while [ $# -gt 0 ]; do
	case "$1" in
	-f | --config) shift; [ -f "$1" ] || { echo "no file $1" >&2; exit 1; } ;;
	--from-file=*) [ -f "${1##*=}" ] || { echo "no file ${1##*=}" >&2; exit 1; } ;;
	port-forward) exec /bin/sleep 60 ;;
	esac
	shift
done
`

// Run runs all commands of a run-book in a copy of the folder that holds it, with
// the files that it asks the operator to make. Stubs stand for all programs. It
// returns how they were called, what was printed and whether a command failed,
// as it does where a file that it names is not there.
func Run(t testing.TB, folderFS fs.FS, runBook string) (commands []string, output string, failed bool) {
	t.Helper()
	text, err := fs.ReadFile(folderFS, runBook)
	if err != nil {
		t.Fatal(err)
	}
	temp := t.TempDir()
	folder, programs, log := filepath.Join(temp, "bundle"), filepath.Join(temp, "bin"), filepath.Join(temp, "log")
	if err := os.CopyFS(folder, folderFS); err != nil {
		t.Fatal(err)
	}
	for _, file := range fileToMake.FindAllStringSubmatch(string(text), -1) {
		write(t, filepath.Join(folder, file[1]), "")
	}
	for _, name := range []string{"kubectl", "kubeadm", "kind", "docker", "install", "curl", "sleep", "cp", "date", "diff", "systemctl", "rm", "containerd", "crio"} {
		write(t, filepath.Join(programs, name), stub)
	}
	var script strings.Builder
	for _, block := range shBlock.FindAllStringSubmatch(string(text), -1) {
		script.WriteString(block[1])
	}
	shell := exec.Command("/bin/sh", "-eu", "-c", script.String())
	shell.Dir, shell.Env = folder, []string{"PATH=" + programs, "LOG=" + log, "HOME=/nobody"}
	printed, err := shell.CombinedOutput()
	if content, readErr := os.ReadFile(log); readErr == nil {
		commands = strings.Split(strings.TrimSpace(string(content)), "\n")
	}
	return commands, string(printed), err != nil
}

// write writes a program, or a file that nobody runs.
func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}
