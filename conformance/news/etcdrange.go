package news

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"kubetrace/release"
)

// KubeadmEtcd is the etcd that a kubeadm installs.
type KubeadmEtcd struct {
	// Kubeadm is the version of kubeadm, and Kubernetes the minor release that it
	// installs: its own or the one before.
	Kubeadm, Kubernetes string
	// Etcd is the version, and Row what the table says of that minor release.
	Etcd, Row string
	// Fits says that the one is within the other.
	Fits bool
}

const constants = "cmd/kubeadm/app/constants/constants.go"

var (
	defaultEtcd = regexp.MustCompile(`DefaultEtcdVersion\s+= "([0-9.]+)`)
	etcdOfMinor = regexp.MustCompile(`(?m)^\s+(\d+|uint8\(getSkewedKubernetesVersion\((-?\d)\)\.Minor\(\)\)):\s+"([0-9.]+)`)
	etcdMap     = regexp.MustCompile(`(?s)SupportedEtcdVersion = map\[uint8\]string\{(.*?)\n\t\}`)
)

// KubeadmEtcds reads which etcd kubeadm of a release installs for its own minor release
// and for the one before.
func KubeadmEtcds(ctx context.Context, modules Modules, kubeadm string) ([]KubeadmEtcd, error) {
	dir, err := modules.Dir(ctx, kubernetes, kubeadm)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, constants))
	if err != nil {
		return nil, err
	}
	own, table := defaultEtcd.FindSubmatch(text), etcdMap.FindSubmatch(text)
	parsed, ok := release.ParseVersion(kubeadm)
	if own == nil || table == nil || !ok {
		return nil, fmt.Errorf("%s of %s no longer names its etcd as it did: see DefaultEtcdVersion and SupportedEtcdVersion", constants, kubeadm)
	}
	var minor int
	if _, err := fmt.Sscanf(parsed.Minor(), "1.%d", &minor); err != nil {
		return nil, err
	}
	etcds := map[int]string{minor: string(own[1])}
	for _, entry := range etcdOfMinor.FindAllSubmatch(table[1], -1) {
		of, skew := 0, 0
		if len(entry[2]) > 0 {
			if _, err := fmt.Sscan(string(entry[2]), &skew); err != nil {
				return nil, err
			}
			of = minor + skew
		} else if _, err := fmt.Sscan(string(entry[1]), &of); err != nil {
			return nil, err
		}
		etcds[of] = string(entry[3])
	}
	var all []KubeadmEtcd
	for _, of := range []int{minor - 1, minor} {
		etcd, ok := etcds[of]
		if !ok {
			return nil, fmt.Errorf("%s of %s names no etcd for 1.%d", constants, kubeadm, of)
		}
		k := KubeadmEtcd{Kubeadm: kubeadm, Kubernetes: fmt.Sprintf("1.%d", of), Etcd: strings.TrimSuffix(etcd, "."), Row: "none"}
		version, _ := release.ParseVersion(k.Kubernetes)
		if row, support := release.KubernetesAt(version); support == release.SupportKnown {
			installs, _ := release.ParseVersion(k.Etcd)
			k.Row, k.Fits = row.EtcdLowest+" – "+row.EtcdHighest, row.InstallsEtcd(installs)
		} else if support == release.SupportTooOld {
			continue
		}
		all = append(all, k)
	}
	return all, nil
}
