package release

// The etcd that k3s has built in, by the release of Kubernetes: that of the first build of
// a patch, +k3s1. A patch between two rows has the etcd of the one before it. One that is
// newer than the last row of its minor has that of the row or a later one.
//
// Source: github.com/k3s-io/k3s go.mod, the replacement of go.etcd.io/etcd/server/v3, of
// the commit that go.mod of github.com/rancher/rke2 names at each of its tags
// (v1.22.3+rke2r1 to v1.36.3+rke2r1). k3s appends -k3sN to the version of its fork,
// which has the same flags. RKE2 runs the same version (scripts/version.sh).
var k3sEtcd = since[numbers]{
	{numbers{1, 22, 0}, numbers{3, 5, 0}},
	{numbers{1, 22, 6}, numbers{3, 5, 1}},
	{numbers{1, 22, 9}, numbers{3, 5, 3}},
	{numbers{1, 22, 10}, numbers{3, 5, 4}},
	{numbers{1, 23, 0}, numbers{3, 5, 0}},
	{numbers{1, 23, 3}, numbers{3, 5, 1}},
	{numbers{1, 23, 6}, numbers{3, 5, 3}},
	{numbers{1, 23, 7}, numbers{3, 5, 4}},
	{numbers{1, 24, 0}, numbers{3, 5, 4}},
	{numbers{1, 25, 0}, numbers{3, 5, 4}},
	{numbers{1, 26, 0}, numbers{3, 5, 5}},
	{numbers{1, 26, 4}, numbers{3, 5, 7}},
	{numbers{1, 26, 8}, numbers{3, 5, 9}},
	{numbers{1, 27, 0}, numbers{3, 5, 7}},
	{numbers{1, 27, 5}, numbers{3, 5, 9}},
	{numbers{1, 27, 15}, numbers{3, 5, 13}},
	{numbers{1, 28, 0}, numbers{3, 5, 9}},
	{numbers{1, 28, 11}, numbers{3, 5, 13}},
	{numbers{1, 29, 0}, numbers{3, 5, 9}},
	{numbers{1, 29, 6}, numbers{3, 5, 13}},
	{numbers{1, 29, 11}, numbers{3, 5, 16}},
	{numbers{1, 29, 14}, numbers{3, 5, 18}},
	{numbers{1, 29, 15}, numbers{3, 5, 19}},
	{numbers{1, 30, 0}, numbers{3, 5, 9}},
	{numbers{1, 30, 2}, numbers{3, 5, 13}},
	{numbers{1, 30, 7}, numbers{3, 5, 16}},
	{numbers{1, 30, 10}, numbers{3, 5, 18}},
	{numbers{1, 30, 11}, numbers{3, 5, 19}},
	{numbers{1, 30, 12}, numbers{3, 5, 21}},
	{numbers{1, 31, 0}, numbers{3, 5, 13}},
	{numbers{1, 31, 3}, numbers{3, 5, 16}},
	{numbers{1, 31, 6}, numbers{3, 5, 18}},
	{numbers{1, 31, 7}, numbers{3, 5, 19}},
	{numbers{1, 31, 8}, numbers{3, 5, 21}},
	{numbers{1, 32, 0}, numbers{3, 5, 16}},
	{numbers{1, 32, 2}, numbers{3, 5, 18}},
	{numbers{1, 32, 3}, numbers{3, 5, 19}},
	{numbers{1, 32, 4}, numbers{3, 5, 21}},
	{numbers{1, 32, 11}, numbers{3, 5, 25}},
	{numbers{1, 32, 12}, numbers{3, 5, 26}},
	{numbers{1, 33, 0}, numbers{3, 5, 21}},
	{numbers{1, 33, 7}, numbers{3, 5, 25}},
	{numbers{1, 33, 8}, numbers{3, 5, 26}},
	{numbers{1, 33, 11}, numbers{3, 6, 7}},
	{numbers{1, 33, 13}, numbers{3, 6, 12}},
	{numbers{1, 34, 0}, numbers{3, 6, 4}},
	{numbers{1, 34, 2}, numbers{3, 6, 5}},
	{numbers{1, 34, 3}, numbers{3, 6, 6}},
	{numbers{1, 34, 4}, numbers{3, 6, 7}},
	{numbers{1, 34, 9}, numbers{3, 6, 12}},
	{numbers{1, 34, 10}, numbers{3, 6, 14}},
	{numbers{1, 35, 0}, numbers{3, 6, 6}},
	{numbers{1, 35, 1}, numbers{3, 6, 7}},
	{numbers{1, 35, 6}, numbers{3, 6, 12}},
	{numbers{1, 35, 7}, numbers{3, 6, 14}},
	{numbers{1, 36, 0}, numbers{3, 6, 7}},
	{numbers{1, 36, 2}, numbers{3, 6, 12}},
	{numbers{1, 36, 3}, numbers{3, 6, 14}},
}

// The patches of which later builds have a newer etcd than the first, with the same flags.
//
// Source: as above, at v1.32.11+rke2r2, v1.33.7+rke2r2, v1.33.13+rke2r2, v1.34.3+rke2r2
// and v1.35.0+rke2r2.
var k3sEtcdRebuilt = map[numbers]numbers{
	{1, 32, 11}: {3, 5, 26},
	{1, 33, 7}:  {3, 5, 26},
	{1, 33, 13}: {3, 6, 14},
	{1, 34, 3}:  {3, 6, 7},
	{1, 35, 0}:  {3, 6, 7},
}

// The etcd whose image RKE2 runs, where it is another than that of k3s.
//
// Source: github.com/rancher/rke2 scripts/version.sh, ETCD_VERSION, at each tag
// (v1.22.3+rke2r1 to v1.36.3+rke2r1).
var rke2Etcd = since[numbers]{
	{numbers{1, 24, 0}, numbers{3, 5, 4}},
	{numbers{1, 24, 13}, numbers{3, 5, 7}},
	{numbers{1, 24, 17}, numbers{3, 5, 9}},
	{numbers{1, 25, 0}, numbers{3, 5, 4}},
	{numbers{1, 25, 9}, numbers{3, 5, 7}},
	{numbers{1, 25, 13}, numbers{3, 5, 9}},
}

// The etcd that k0s has with it, by the release of Kubernetes.
//
// Source: github.com/k0sproject/k0s embedded-bins/Makefile.variables, etcd_version, at
// each tag (v1.22.1+k0s.0 to v1.36.3+k0s.2).
var k0sEtcd = since[numbers]{
	{numbers{1, 22, 0}, numbers{3, 5, 0}},
	{numbers{1, 22, 2}, numbers{3, 5, 1}},
	{numbers{1, 22, 8}, numbers{3, 5, 2}},
	{numbers{1, 22, 9}, numbers{3, 5, 4}},
	{numbers{1, 22, 15}, numbers{3, 5, 5}},
	{numbers{1, 22, 17}, numbers{3, 5, 6}},
	{numbers{1, 23, 0}, numbers{3, 5, 1}},
	{numbers{1, 23, 6}, numbers{3, 5, 4}},
	{numbers{1, 23, 12}, numbers{3, 5, 5}},
	{numbers{1, 23, 15}, numbers{3, 5, 6}},
	{numbers{1, 23, 16}, numbers{3, 5, 7}},
	{numbers{1, 24, 0}, numbers{3, 5, 4}},
	{numbers{1, 24, 6}, numbers{3, 5, 5}},
	{numbers{1, 24, 9}, numbers{3, 5, 6}},
	{numbers{1, 24, 10}, numbers{3, 5, 7}},
	{numbers{1, 24, 12}, numbers{3, 5, 8}},
	{numbers{1, 24, 14}, numbers{3, 5, 9}},
	{numbers{1, 25, 0}, numbers{3, 5, 5}},
	{numbers{1, 25, 5}, numbers{3, 5, 6}},
	{numbers{1, 25, 6}, numbers{3, 5, 7}},
	{numbers{1, 25, 8}, numbers{3, 5, 8}},
	{numbers{1, 25, 10}, numbers{3, 5, 9}},
	{numbers{1, 25, 15}, numbers{3, 5, 10}},
	{numbers{1, 26, 0}, numbers{3, 5, 6}},
	{numbers{1, 26, 1}, numbers{3, 5, 7}},
	{numbers{1, 26, 3}, numbers{3, 5, 8}},
	{numbers{1, 26, 5}, numbers{3, 5, 9}},
	{numbers{1, 26, 10}, numbers{3, 5, 10}},
	{numbers{1, 27, 0}, numbers{3, 5, 8}},
	{numbers{1, 27, 2}, numbers{3, 5, 9}},
	{numbers{1, 27, 7}, numbers{3, 5, 10}},
	{numbers{1, 28, 0}, numbers{3, 5, 9}},
	{numbers{1, 28, 3}, numbers{3, 5, 10}},
	{numbers{1, 29, 0}, numbers{3, 5, 11}},
	{numbers{1, 29, 2}, numbers{3, 5, 12}},
	{numbers{1, 29, 4}, numbers{3, 5, 13}},
	{numbers{1, 29, 6}, numbers{3, 5, 14}},
	{numbers{1, 29, 7}, numbers{3, 5, 15}},
	{numbers{1, 29, 9}, numbers{3, 5, 16}},
	{numbers{1, 29, 11}, numbers{3, 5, 17}},
	{numbers{1, 29, 14}, numbers{3, 5, 18}},
	{numbers{1, 30, 0}, numbers{3, 5, 13}},
	{numbers{1, 30, 2}, numbers{3, 5, 14}},
	{numbers{1, 30, 3}, numbers{3, 5, 15}},
	{numbers{1, 30, 5}, numbers{3, 5, 16}},
	{numbers{1, 30, 7}, numbers{3, 5, 17}},
	{numbers{1, 30, 10}, numbers{3, 5, 18}},
	{numbers{1, 31, 0}, numbers{3, 5, 16}},
	{numbers{1, 31, 3}, numbers{3, 5, 17}},
	{numbers{1, 31, 6}, numbers{3, 5, 18}},
	{numbers{1, 31, 14}, numbers{3, 5, 25}},
	{numbers{1, 32, 0}, numbers{3, 5, 17}},
	{numbers{1, 32, 2}, numbers{3, 5, 18}},
	{numbers{1, 32, 10}, numbers{3, 5, 25}},
	{numbers{1, 32, 12}, numbers{3, 5, 27}},
	{numbers{1, 33, 0}, numbers{3, 5, 21}},
	{numbers{1, 33, 6}, numbers{3, 5, 25}},
	{numbers{1, 33, 8}, numbers{3, 5, 27}},
	{numbers{1, 33, 10}, numbers{3, 5, 28}},
	{numbers{1, 33, 11}, numbers{3, 5, 30}},
	{numbers{1, 33, 12}, numbers{3, 5, 31}},
	{numbers{1, 33, 13}, numbers{3, 5, 33}},
	{numbers{1, 34, 0}, numbers{3, 6, 5}},
	{numbers{1, 34, 2}, numbers{3, 6, 6}},
	{numbers{1, 34, 3}, numbers{3, 6, 7}},
	{numbers{1, 34, 4}, numbers{3, 6, 8}},
	{numbers{1, 34, 6}, numbers{3, 6, 9}},
	{numbers{1, 34, 7}, numbers{3, 6, 11}},
	{numbers{1, 34, 8}, numbers{3, 6, 12}},
	{numbers{1, 34, 10}, numbers{3, 6, 14}},
	{numbers{1, 35, 0}, numbers{3, 6, 8}},
	{numbers{1, 35, 3}, numbers{3, 6, 9}},
	{numbers{1, 35, 4}, numbers{3, 6, 11}},
	{numbers{1, 35, 5}, numbers{3, 6, 12}},
	{numbers{1, 35, 7}, numbers{3, 6, 14}},
	{numbers{1, 36, 0}, numbers{3, 6, 12}},
	{numbers{1, 36, 3}, numbers{3, 6, 14}},
}

// EtcdOfK3s returns the oldest and the newest etcd that k3s has built in for a version of
// Kubernetes, "3.5.21" and "3.6.14". Both are the same where the version names its patch,
// unless the builds of that patch differ: "3.6.12" and "3.6.14" for 1.33.13. known is false
// for a minor release before 1.22 and for one that is newer than the table, 1.36, which
// gets the newest row.
func EtcdOfK3s(v Version) (lowest, highest string, known bool) {
	return etcdIn(k3sEtcd, k3sEtcdRebuilt, v)
}

// EtcdOfRKE2 is EtcdOfK3s for RKE2, which runs etcd of an image.
func EtcdOfRKE2(v Version) (lowest, highest string, known bool) {
	if lowest, highest, known = etcdIn(rke2Etcd, nil, v); known {
		return lowest, highest, known
	}
	return EtcdOfK3s(v)
}

// EtcdOfK0s is EtcdOfK3s for k0s, which has the program with it.
func EtcdOfK0s(v Version) (lowest, highest string, known bool) { return etcdIn(k0sEtcd, nil, v) }

// etcdIn returns the range of a version in a table of a distribution. rebuilt are the
// patches of which later builds have another etcd.
func etcdIn(table since[numbers], rebuilt map[numbers]numbers, v Version) (lowest, highest string, known bool) {
	minor := numbers{v.numbers[0], v.numbers[1]}
	var low, high numbers
	for _, row := range table {
		if (numbers{row.from[0], row.from[1]}) != minor || known && v.hasPatch && v.numbers.before(row.from) {
			continue
		}
		if !known || v.hasPatch {
			low = row.value
		}
		high, known = row.value, true
	}
	if !known {
		low = table[len(table)-1].value
		high = low
	}
	for patch, etcd := range rebuilt {
		if (patch == v.numbers || !v.hasPatch && (numbers{patch[0], patch[1]}) == minor) && high.before(etcd) {
			high = etcd
		}
	}
	return low.String(), high.String(), known
}
