package news

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Page is what a person reads.
type Page struct {
	// Date is when the modules were asked for, "2026-11-30".
	Date        string
	Pins        []Pin
	Etcds       []KubeadmEtcd
	Comparisons []Comparison
	// Notes are what was listed and could not be had.
	Notes []string
}

// diffLines are as many as are printed of one file whatever they are about.
const diffLines = 80

// Newer are the pins of which something newer is served than is pinned.
func (p Page) Newer() []string { return p.where(Pin.Newer) }

// Unjudged are the pins of which the report has no verdict.
func (p Page) Unjudged() []string { return p.where(Pin.Unjudged) }

func (p Page) where(holds func(Pin) bool) (names []string) {
	for _, pin := range p.Pins {
		if holds(pin) {
			names = append(names, pin.Name)
		}
	}
	return names
}

// tracingName is a gate or a flag that may be of tracing.
var tracingName = regexp.MustCompile(`(?i)trac`)

// Markdown is the page.
func (p Page) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# News of %s\n\nWritten by `make news`: what can be had now of everything that is judged here, and how a release that is not in the tables differs from the newest that is. CONTRIBUTING.md says what to do with it.\n\n", p.Date)
	b.WriteString("## What is served\n\nJudged is what docs/conformance.json has verdicts of, pinned what the mod files build. Of kind's node images the modules name the default one alone; [the release notes](https://github.com/kubernetes-sigs/kind/releases) name the others.\n\n| what | judged | pinned | served | |\n|---|---|---|---|---|\n")
	for _, pin := range p.Pins {
		judged := pin.Judged
		if !pin.Reported {
			judged = "–"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", pin.Name, or(judged, "none"), or(pin.Pinned, "–"), or(pin.Served, "not served"), pin.look())
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "\n- **could not be had:** %s\n", note)
	}
	b.WriteString("\n## kubeadm's etcd\n\nOf the newest kubeadm that is served of each minor release, for its own release and the one before.\n\n| kubeadm | Kubernetes | etcd | row | |\n|---|---|---|---|---|\n")
	for _, e := range p.Etcds {
		look := ""
		if !e.Fits {
			look = "**look at defaultEtcd**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", e.Kubeadm, e.Kubernetes, e.Etcd, e.Row, look)
	}
	for _, c := range p.Comparisons {
		c.write(&b)
	}
	return b.String()
}

func or(version, none string) string {
	if version == "" {
		return none
	}
	return version
}

// look says what a person has to look at.
func (p Pin) look() string {
	var looks []string
	switch {
	case p.Newer() && p.Pinned == "":
		looks = append(looks, "**new**")
	case p.Newer():
		looks = append(looks, "**newer**")
	}
	if p.Unjudged() {
		looks = append(looks, "**pinned and not judged**")
	}
	if p.Clusters != "" {
		looks = append(looks, "clusters have "+p.Clusters)
	}
	if p.Lacks != "" {
		looks = append(looks, "lacks "+p.Lacks)
	}
	return strings.Join(looks, ", ")
}

func (c Comparison) write(b *strings.Builder) {
	what := "Feature gates"
	if c.Name == "etcd" {
		what = "Flags"
	}
	fmt.Fprintf(b, "\n## %s %s\n\nCompared with %s.\n\n%s that appeared: %s.\n\n%s that went: %s.\n", c.Name, c.To, c.From, what, names(c.Appeared), what, names(c.Went))
	fmt.Fprintf(b, "\nRows that need a look:\n\n| file | cited by |\n|---|---|\n")
	for _, change := range c.Changes {
		fmt.Fprintf(b, "| `%s` | %s |\n", change.File, strings.Join(change.Rows, ", "))
	}
	if len(c.Changes) == 0 {
		b.WriteString("| none | |\n")
	}
	for _, stale := range c.Stale {
		fmt.Fprintf(b, "\n- **%s**\n", stale)
	}
	b.WriteString("\nThe same in both, as far as a table cites it:\n\n")
	for _, file := range c.Same {
		fmt.Fprintf(b, "- `%s`\n", file)
	}
	for _, change := range c.Changes {
		diff, left := strings.TrimSuffix(change.Diff, "\n"), 0
		if change.Whole {
			diff, left = shortened(diff, change.Names)
		}
		fmt.Fprintf(b, "\n### %s\n\n", change.File)
		if diff != "" {
			fmt.Fprintf(b, "```diff\n%s\n```\n", diff)
		}
		if diff != "" && left > 0 {
			b.WriteString("\n")
		}
		if left > 0 {
			fmt.Fprintf(b, "%d lines are left out, in which nothing is called %s.\n", left, strings.Join(change.Names, " or "))
		}
	}
}

// shortened returns the difference of a file or, of a long one, those hunks that have
// one of some names, if there are any, and how many lines are left out.
func shortened(diff string, names []string) (text string, left int) {
	if strings.Count(diff, "\n") < diffLines || len(names) == 0 {
		return diff, 0
	}
	var kept []string
	for i, hunk := range strings.Split(diff, "\n@@") {
		if i > 0 {
			hunk = "@@" + hunk
		}
		if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(hunk, name) }) {
			kept = append(kept, hunk)
		} else {
			left += strings.Count(hunk, "\n") + 1
		}
	}
	return strings.Join(kept, "\n"), left
}

// names are gates or flags, those first that may be of tracing.
func names(all []string) string {
	var first, rest []string
	for _, name := range all {
		if tracingName.MatchString(name) {
			first = append(first, "**"+name+"**")
		} else {
			rest = append(rest, name)
		}
	}
	if len(all) == 0 {
		return "none"
	}
	return strings.Join(append(first, rest...), ", ")
}
