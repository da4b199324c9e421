package news

import (
	"context"
	"errors"
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
	for _, pin := range page.Pins {
		switch name, _, _ := strings.Cut(pin.Name, " "); {
		case pin.Served == "":
		case name == "Kubernetes":
			say("kubeadm of " + pin.Served)
			etcds, err := KubeadmEtcds(ctx, modules, pin.Served)
			if err != nil && !page.noted(err) {
				return page, err
			}
			page.Etcds = append(page.Etcds, etcds...)
		case name == "kind":
			say("the node image of kind " + pin.Served)
			image, err := NodeImage(ctx, modules, pin.Served)
			if err != nil && !page.noted(err) {
				return page, err
			} else if err == nil {
				page.Pins = append(page.Pins, image)
			}
		}
	}
	for _, c := range comparisons(page.Pins, release.All(), release.NewestEtcd()) {
		say(c.name + " " + c.from + " and " + c.to)
		compare := CompareKubernetes
		if c.name == "etcd" {
			compare = CompareEtcd
		}
		compared, err := compare(ctx, modules, citations, c.from, c.to)
		if err != nil && !page.noted(err) {
			return page, err
		} else if err == nil {
			page.Comparisons = append(page.Comparisons, compared)
		}
	}
	return page, nil
}

// noted puts on the page what is listed and cannot be had, and says whether an error is
// that.
func (p *Page) noted(err error) bool {
	if !errors.Is(err, ErrNotServed) {
		return false
	}
	p.Notes = append(p.Notes, err.Error())
	return true
}

// comparison is two releases of Kubernetes or etcd.
type comparison struct{ name, from, to string }

// comparisons are those of what the rows do not speak of with the newest that they do: of
// what is served beyond the newest released row, with that, and with the pre-release that
// a row of a preview was read from, where it is newer.
func comparisons(pins []Pin, rows []release.Kubernetes, newestEtcd string) (all []comparison) {
	var released, preview, etcdKnown string
	for _, pin := range pins {
		name, line, _ := strings.Cut(pin.Name, " ")
		switch name {
		case "Kubernetes":
			at := slices.IndexFunc(rows, func(row release.Kubernetes) bool { return row.Kubernetes == line })
			if at >= 0 && rows[at].Preview == "" {
				released = or(pin.Pinned, released)
				continue
			}
			if at >= 0 {
				preview = "v" + rows[at].Preview
			}
			for _, from := range []string{released, preview} {
				if from != "" && pin.Served != "" && order(from, pin.Served) < 0 {
					all = append(all, comparison{name, from, pin.Served})
				}
			}
		case "etcd":
			if line == newestEtcd {
				etcdKnown = pin.Pinned
			} else if etcdKnown != "" && pin.Served != "" {
				all = append(all, comparison{name, etcdKnown, pin.Served})
			}
		}
	}
	return all
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
