package release

// etcdMinors are the first and the last minor release of etcd, or no last one.
type etcdMinors struct{ oldest, newest string }

// Up to 1.33 kubeadm starts etcd with --experimental-initial-corrupt-check, which
// 3.7 no longer has; from 1.36 on with --feature-gates=InitialCorruptCheck=true,
// which 3.5 does not have yet; in between it goes by the image's tag.
//
// Source: getEtcdCommand in k8s.io/kubernetes cmd/kubeadm/app/phases/etcd/local.go
// (v1.25.16, v1.33.13, v1.34.4, v1.35.4, v1.36.3, v1.37.2; the same in
// v1.38.0-beta.0).
var startableEtcd = since[etcdMinors]{
	{numbers{1, 22}, etcdMinors{"3.5", "3.6"}},
	{numbers{1, 34}, etcdMinors{"3.5", ""}},
	{numbers{1, 36}, etcdMinors{"3.6", ""}},
}

// etcdRange is the oldest and the newest etcd of a kubeadm default.
type etcdRange struct{ lowest, highest numbers }

// Source: DefaultEtcdVersion and SupportedEtcdVersion in k8s.io/kubernetes
// cmd/kubeadm/app/constants/constants.go, over the patches of this minor's
// kubeadm and of the next one's (v1.37.2:330 and :511, v1.38.0-beta.0:330 and
// :511). Its map goes back further, but kubeadm installs nothing older than the
// minor before its own: MinimumControlPlaneVersion, v1.38.0-beta.0:486.
var defaultEtcd = since[etcdRange]{
	{numbers{1, 22}, etcdRange{numbers{3, 5, 0}, numbers{3, 5, 6}}},
	{numbers{1, 23}, etcdRange{numbers{3, 5, 1}, numbers{3, 5, 6}}},
	{numbers{1, 24}, etcdRange{numbers{3, 5, 3}, numbers{3, 5, 6}}},
	{numbers{1, 25}, etcdRange{numbers{3, 5, 4}, numbers{3, 5, 10}}},
	{numbers{1, 26}, etcdRange{numbers{3, 5, 6}, numbers{3, 5, 12}}},
	{numbers{1, 27}, etcdRange{numbers{3, 5, 7}, numbers{3, 5, 15}}},
	{numbers{1, 28}, etcdRange{numbers{3, 5, 9}, numbers{3, 5, 16}}},
	{numbers{1, 29}, etcdRange{numbers{3, 5, 10}, numbers{3, 5, 16}}},
	{numbers{1, 30}, etcdRange{numbers{3, 5, 12}, numbers{3, 5, 24}}},
	{numbers{1, 31}, etcdRange{numbers{3, 5, 15}, numbers{3, 5, 24}}},
	{numbers{1, 32}, etcdRange{numbers{3, 5, 16}, numbers{3, 5, 24}}},
	{numbers{1, 33}, etcdRange{numbers{3, 5, 21}, numbers{3, 5, 24}}},
	{numbers{1, 34}, etcdRange{numbers{3, 6, 4}, numbers{3, 6, 6}}},
	{numbers{1, 35}, etcdRange{numbers{3, 6, 6}, numbers{3, 6, 8}}},
	{numbers{1, 36}, etcdRange{numbers{3, 6, 8}, numbers{3, 7, 0}}},
	{numbers{1, 37}, etcdRange{numbers{3, 7, 0}, numbers{3, 7, 1}}},
	{numbers{1, 38}, etcdRange{numbers{3, 7, 1}, numbers{3, 7, 1}}},
}

// DefaultEtcd returns what holds of every etcd that a kubeadm installs for this
// release by default, EtcdLowest to EtcdHighest. From is the lowest.
func (k Kubernetes) DefaultEtcd() Etcd {
	etcd := Etcd{From: k.EtcdLowest, Traced: k.EtcdTraced, FlagPrefix: k.EtcdFlagPrefix, SamplingRateFlag: k.EtcdSamplingRateFlag}
	switch {
	case !k.EtcdTraced: // some sample everything
	case k.EtcdSamplingRateFlag:
		etcd.RootSampling = RootSamplingRate
	default:
		etcd.RootSampling = RootSamplingNone // from 3.5.11 on too, without a rate
	}
	return etcd
}

// InstallsEtcd says whether an etcd is one that a kubeadm installs for this release
// by default, EtcdLowest to EtcdHighest.
func (k Kubernetes) InstallsEtcd(v Version) bool {
	lowest, _ := ParseVersion(k.EtcdLowest)
	highest, _ := ParseVersion(k.EtcdHighest)
	return !v.numbers.before(lowest.numbers) && !highest.numbers.before(v.numbers)
}

// StartsEtcd says whether kubeadm of this release can start an etcd at all, traced
// or not: EtcdOldest to EtcdNewest.
func (k Kubernetes) StartsEtcd(v Version) bool {
	oldest, _ := ParseVersion(k.EtcdOldest)
	newest, bounded := ParseVersion(k.EtcdNewest)
	return v.CompareMinor(oldest) >= 0 && (!bounded || v.CompareMinor(newest) <= 0)
}
