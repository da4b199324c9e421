package news

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kubetrace/release"
)

// Tables is the folder of the tables, from the root of the repository.
const Tables = "release"

// Read asks for everything that is on the page. say is told what goes on.
func Read(ctx context.Context, root, date string, modules Modules, say func(string)) (Page, error) {
	page := Page{Date: date}
	citations, err := Citations(root, Tables)
	if err != nil {
		return page, err
	}
	say("what is served")
	if page.Pins, err = Pins(ctx, root, modules); err != nil {
		return page, err
	}
	var released, next string // the newest release that is judged, and what is served beyond it
	var etcdKnown, etcdNext string
	for _, pin := range page.Pins {
		switch name, line, _ := strings.Cut(pin.Name, " "); {
		case name == "Kubernetes":
			if pin.Served != "" {
				say("kubeadm of " + pin.Served)
				etcds, err := KubeadmEtcds(ctx, modules, pin.Served)
				if err != nil {
					return page, err
				}
				page.Etcds = append(page.Etcds, etcds...)
			}
			if row, known := rowOf(line); known && row.Preview == "" {
				released = pin.Judged
			} else {
				next = pin.Served
			}
		case name == "etcd" && line == release.NewestEtcd():
			etcdKnown = pin.Judged
		case name == "etcd" && etcdKnown != "":
			etcdNext = pin.Served
		}
	}
	if next != "" {
		say("Kubernetes " + released + " and " + next)
		c, err := CompareKubernetes(ctx, modules, citations, released, next)
		if err != nil {
			return page, err
		}
		page.Comparisons = append(page.Comparisons, c)
	}
	if etcdNext != "" {
		say("etcd " + etcdKnown + " and " + etcdNext)
		c, err := CompareEtcd(ctx, modules, citations, etcdKnown, etcdNext)
		if err != nil {
			return page, err
		}
		page.Comparisons = append(page.Comparisons, c)
	}
	return page, nil
}

// rowOf is the row of a minor release.
func rowOf(minor string) (release.Kubernetes, bool) {
	rows := release.All()
	at := slices.IndexFunc(rows, func(row release.Kubernetes) bool { return row.Kubernetes == minor })
	if at < 0 {
		return release.Kubernetes{}, false
	}
	return rows[at], true
}

// Released returns the minor releases that the tables call a preview and that are out
// by now.
func Released(ctx context.Context, modules Modules) (minors []string, err error) {
	for _, row := range release.All() {
		if row.Preview == "" {
			continue
		}
		served, err := modules.Versions(ctx, kubernetes)
		if err != nil {
			return nil, err
		}
		if len(served) == 0 {
			return nil, fmt.Errorf("%s: %w", kubernetes, ErrNotServed)
		}
		if found := newest(served, inLine(row.Kubernetes)); found != "" && !preRelease(found) {
			minors = append(minors, row.Kubernetes)
		}
	}
	return minors, nil
}
