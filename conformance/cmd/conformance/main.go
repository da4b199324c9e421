// Command conformance lets every judge below this module judge what kubetrace
// generates, and writes the report, docs/conformance.md.
//
//	go run ./cmd/conformance                 everything
//	go run ./cmd/conformance -minor 1.36     one release of Kubernetes alone
//	go run ./cmd/conformance -check -minor 1.22,1.37 -others
//
// With -check it writes nothing and fails where the report in the tree says
// something else than the run. It then also judges the minors of which the row of
// the table, what is generated or the judge has changed since they were judged.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"kubetrace/conformance"
	"kubetrace/conformance/kubernetes"
	"kubetrace/conformance/matrix"
	"kubetrace/tracing"
)

// The report, from the folder of the module.
const (
	reportData = "../docs/conformance.json"
	reportText = "../docs/conformance.md"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	minors := flags.String("minor", "", "Kubernetes `releases` to judge, such as 1.36 or 1.22,1.37; all if empty")
	others := flags.Bool("others", false, "with -minor: judge etcd, containerd, kind and the collector too")
	check := flags.Bool("check", false, "write nothing, and compare with the report in the tree")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("there is nothing to do with %q: see -help", flags.Args())
	}
	if _, err := os.Stat("judge"); err != nil {
		return fmt.Errorf("run this in the folder conformance: %w", err)
	}
	report, err := matrix.Read(reportData)
	if err != nil {
		return err
	}
	chosen := *minors
	if *check && chosen != "" {
		changed, err := changedMinors(report)
		if err != nil {
			return err
		}
		for _, minor := range changed {
			if !slices.Contains(strings.Split(chosen, ","), minor) {
				fmt.Printf("also Kubernetes %s: its row, what is generated or its judge has changed since it was judged\n", minor)
				chosen += "," + minor
			}
		}
	}
	if err := os.Setenv(conformance.MinorsVariable, chosen); err != nil {
		return err
	}
	judged, err := conformance.Minors()
	if err != nil {
		return err
	}
	everything := chosen == "" || *others
	steps, err := plan(everything)
	if err != nil {
		return err
	}
	scope := func(component, release string) bool {
		if component == "kubernetes" {
			return chosen == "" || slices.Contains(judged, release)
		}
		return everything
	}
	if everything {
		tellDisk()
	}
	if err := build(ctx, judged); err != nil {
		return err
	}
	found, failed, err := runSteps(ctx, steps)
	if err != nil {
		return err
	}
	if err := setGenerated(found); err != nil {
		return err
	}
	fmt.Print(found.Markdown())

	if *check {
		problems := report.Contradictions(found, scope)
		if text, err := os.ReadFile(reportText); err != nil || string(text) != document(report) {
			problems = append(problems, "it is not the text of docs/conformance.json")
		}
		if len(problems) > 0 {
			failed = append(failed, fmt.Sprintf("docs/conformance.md is not what was found; run make conformance and commit it:\n\t%s", strings.Join(problems, "\n\t")))
		}
	} else {
		report.Update(found, scope)
		if err := errors.Join(report.Write(reportData), os.WriteFile(reportText, []byte(document(report)), 0o644)); err != nil {
			return err
		}
		fmt.Println("\nwritten, failures too: docs/conformance.md and docs/conformance.json")
	}
	failed = append(failed, found.Failed()...)
	if len(failed) > 0 {
		return fmt.Errorf("failed, and read what \"table\" says first:\n%s", strings.Join(failed, "\n"))
	}
	return nil
}

// changedMinors are those for which something else is generated than when the
// report was written.
func changedMinors(report *matrix.Matrix) (changed []string, err error) {
	for _, release := range tracing.Releases() {
		generated, err := kubernetes.Generated(release, "judge")
		if err != nil {
			return nil, err
		}
		if row := report.Row("kubernetes", release.Kubernetes); row == nil || row.Generated != generated {
			changed = append(changed, release.Kubernetes)
		}
	}
	return changed, nil
}

func setGenerated(found *matrix.Matrix) error {
	for _, release := range tracing.Releases() {
		row := found.Row("kubernetes", release.Kubernetes)
		if row == nil {
			continue
		}
		var err error
		if row.Generated, err = kubernetes.Generated(release, "judge"); err != nil {
			return err
		}
	}
	return nil
}

// build builds the judges one after the other, so that one can see how far it is;
// the tests then find them. Other programs are built by the tests that run them.
func build(ctx context.Context, minors []string) error {
	begin := time.Now()
	for i, minor := range minors {
		fmt.Printf("== %s  building the judge of Kubernetes %s, %d of %d\n", time.Since(begin).Round(time.Second), minor, i+1, len(minors))
		if _, _, err := kubernetes.BuildJudge(ctx, "judge", minor); err != nil {
			return err
		}
	}
	return nil
}

// step is one run of "go test".
type step struct {
	folder   string
	modFile  string
	packages []string
}

func (s step) String() string {
	name := filepath.Join("conformance", s.folder)
	if s.modFile != "go.mod" {
		name += " with " + s.modFile
	}
	return name + " " + strings.Join(s.packages, " ")
}

// plan lists the runs. Only Kubernetes' own judges know of minor releases.
func plan(everything bool) ([]step, error) {
	if !everything {
		return []step{{".", "go.mod", []string{"./kubernetes", "./admission"}}}, nil
	}
	steps := []step{{".", "go.mod", []string{"./..."}}}
	for _, folder := range []string{"kind", "collector", "jaeger", "crio", "clusterapi"} {
		steps = append(steps, step{folder, "go.mod", []string{"./..."}})
		others, err := filepath.Glob(filepath.Join(folder, "v*.mod"))
		if err != nil {
			return nil, err
		}
		for _, other := range others {
			steps = append(steps, step{folder, filepath.Base(other), []string{"./..."}})
		}
	}
	return steps, nil
}

// document is docs/conformance.md.
func document(report *matrix.Matrix) string {
	var b strings.Builder
	b.WriteString(preface)
	b.WriteString(report.Markdown())
	b.WriteString(stricterPreface)
	for _, refused := range kubernetes.Stricter {
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", refused.Field, refused.Value, refused.Upstream, refused.Why)
	}
	return b.String()
}

const preface = `# What is proved

Written by ` + "`make conformance`" + `, which builds each component from its published module, with a neighbour of a module of its set that was not served (` + "`" + `notServed` + "`" + ` in cmd/pin), and lets it judge what kubetrace generates. A cell is *pass* where the judge accepted everything that it had to accept and refused every wrong input that it was given. A row is replaced as a whole when it is judged again; the date says when that was. A dash stands where a judge was not asked: a whole kube-apiserver takes the objects for 1.25 and 1.37 only. That of 1.38.0-beta.0 is *not served* whole: its k8s.io/apiextensions-api v0.38.0-beta.0 was refused on 2026-11-30, so 1.37 is the newest. No cluster is started, each component's code reads its part.

| judge | what it is |
|---|---|
| kubeadm | the release's own kubeadm reads the bundle strictly and writes the static pods and the kubelet's configuration: nothing changes but what the spec asks for |
| kube-apiserver | the release's own options read the flags and the tracing file, and its tracer provider samples and exports; for 1.25 and 1.37 the whole program too |
| kubelet | the release's own loader, conversion, defaults, gates and validation, with the fragment as kubeadm's document and patch and as a drop-in: nothing but tracing changes, and its tracer provider samples and exports |
| table | what the library's table of releases says, asked of the release: gates, APIs, kubeadm's etcd and its flags. That kubelets before 1.28 have no drop-ins was looked up in their source |
| random specs | 200 valid specs from a seeded generator over every field: what comes of them for kubeadm, kube-apiserver and kubelet, through all of these |
| kind's documents | what kind, old and new, writes into the node of that release, through all of these |
| pod security | k8s.io/pod-security-admission with the policy of that release |
| objects | a real kube-apiserver with a real etcd takes every object, twice, without a warning |
| generated | containerd, whole but for its CRI plugin, is started with what is generated for it, named with its patch and without: a call that the kubelet has sampled arrives as its child, over TCP and an abstract socket, and no other. CRI-O's module was not served to us: no judge runs it |
| other forms | containerd with the form of the settings that its release does not read runs and sends nothing, and what most guides show traces every poll of a kubelet |
| stricter | what kubetrace refuses is tried upstream: the table at the end |
`

const stricterPreface = `
## Where kubetrace is stricter

Values that kubetrace refuses, and what kubeadm, kube-apiserver and kubelet of every release do with them. What they accept does not work, or not everywhere, and nobody says so at the time.

| field | value | Kubernetes would | why it is refused |
|---|---|---|---|
`

// today dates the rows.
func today() string { return time.Now().UTC().Format(time.DateOnly) }
