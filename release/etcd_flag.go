package release

import "strings"

// EtcdExperimental is before the names of etcd's flags of tracing up to 3.5, and may be in
// 3.6.
const EtcdExperimental = "experimental-"

// EtcdAccepts says whether the etcd whose image has a tag accepts a flag of tracing,
// named without dashes: those that begin with "experimental-" up to etcd 3.6, the
// others from 3.6 on, and a sampling rate from 3.5.11 on. What it does not accept
// keeps it from starting. known is false where the tag names no version from 3.5
// on.
//
// Source: as for [AllEtcd].
func EtcdAccepts(tag, flag string) (accepts, known bool) {
	release, known := EtcdOf(tag)
	if !known {
		return false, false
	}
	version, _ := VersionOfTag(tag)
	name, experimental := strings.CutPrefix(flag, EtcdExperimental)
	switch {
	case strings.HasSuffix(name, "sampling-rate") && !release.SamplingRateFlag:
		return false, true
	case experimental:
		return version.numbers.before(numbers{3, 7}), true
	}
	return !version.numbers.before(numbers{3, 6}), true
}
