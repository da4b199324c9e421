package release

// EtcdBefore says whether an etcd is older than another, each named by the tag of
// its image or by its version. It is false where one of them names no version.
// kubeadm leaves an etcd alone that is newer than the one it is told to run.
//
// Source: performEtcdStaticPodUpgrade in k8s.io/kubernetes
// cmd/kubeadm/app/phases/upgrade/staticpods.go (v1.22.17:318, v1.29.1:321,
// v1.37.2:335; CheckEtcdDowngrade of it in v1.38.0-beta.0:318).
func EtcdBefore(tag, other string) bool {
	version, ok := VersionOfTag(tag)
	than, known := VersionOfTag(other)
	return ok && known && version.numbers.before(than.numbers)
}

// EtcdSkips says whether a minor release lies between an etcd and one that is to
// take its place, each named by the tag of its image or by its version. etcd goes
// from one minor release to the next: 3.7 cannot read what 3.5 has left. It is false
// where one of them names no version.
//
// Source: runs of 3.7.0 and 3.7.3 on the data of 3.5.35, which panic, and
// https://etcd.io/docs/v3.6/upgrades/upgrade_3_6/.
func EtcdSkips(from, to string) bool {
	was, ok := VersionOfTag(from)
	is, known := VersionOfTag(to)
	return ok && known && is.numbers[0] == was.numbers[0] && is.numbers[1] > was.numbers[1]+1
}
