package release

import "testing"

// Flags are written for the whole range of a release, so it may not reach from
// an etcd without the plain spelling (3.5) to one without the experimental (3.7).
func TestDefaultEtcdRanges(t *testing.T) {
	for _, row := range defaultEtcd {
		from, lowest, highest := row.from.minor(), row.value.lowest, row.value.highest
		if highest.before(lowest) {
			t.Errorf("Kubernetes %s: etcd %s is above %s", from, lowest, highest)
		}
		if lowest.before(numbers{3, 6}) && !highest.before(numbers{3, 7}) {
			t.Errorf("Kubernetes %s: no spelling fits both etcd %s and %s", from, lowest, highest)
		}
	}
	if len(defaultEtcd) != len(All()) {
		t.Errorf("there are %d ranges for %d releases: a kubeadm never keeps the range of the one before", len(defaultEtcd), len(All()))
	}
}
