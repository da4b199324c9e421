package release

import "fmt"

// MinorsAfter returns the minor releases on the way from one version of Kubernetes
// to another, without the first and with the last: "1.35" and "1.36" from 1.34 to
// v1.36.1. It is empty within one minor release. kubeadm upgrades one minor at a
// time. The error says that a version is none or is too new, or that the way goes
// back.
func MinorsAfter(from, to string) ([]string, error) {
	first, ok := ParseVersion(from)
	if !ok {
		return nil, fmt.Errorf("%q is no version: write one such as 1.34 or v1.34.2", from)
	}
	last, ok := ParseVersion(to)
	if !ok {
		return nil, fmt.Errorf("%q is no version: write one such as 1.34 or v1.34.2", to)
	}
	if _, support := KubernetesAt(last); support == SupportTooNew {
		_, newest, latest := Bounds()
		return nil, fmt.Errorf("%s is far from the newest release that is known here, %s: write one up to %s", to, newest, latest)
	}
	back := last.numbers.before(first.numbers) && (last.hasPatch || last.CompareMinor(first) != 0)
	if back || first.numbers[0] != last.numbers[0] {
		return nil, fmt.Errorf("from %s to %s is no upgrade: write a later version; kubeadm does not go back", from, to)
	}
	var minors []string
	for minor := first.numbers[1] + 1; minor <= last.numbers[1]; minor++ {
		minors = append(minors, numbers{first.numbers[0], minor}.minor())
	}
	return minors, nil
}
