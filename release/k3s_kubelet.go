package release

// Before 1.32 k3s configures its kubelet by flags alone.
//
// Source: k3s-io/k3s#2116, k3s-io/docs#433.
var k3sKubeletDropIns = since[bool]{
	{numbers{1, 22}, false},
	{numbers{1, 32}, true},
}

// K3sReadsKubeletDropIns says whether the kubelet of k3s and RKE2 of a release reads the
// folder agent/etc/kubelet.conf.d of the data directory.
func K3sReadsKubeletDropIns(v Version) bool { return k3sKubeletDropIns.at(v.numbers) }
