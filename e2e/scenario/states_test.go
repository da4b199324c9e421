package scenario

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNeutral says whether nothing of a cluster is left but what it is made of.
func TestNeutral(t *testing.T) {
	const id, other = "9f0c1f0e-7d5b-4f0e-8a55-0d8d5d1c2b3a", "0a0c1f0e-7d5b-4f0e-8a55-0d8d5d1c2b3a"
	names := map[string]string{"k1-1": "cp1", "k1-10": "w1", "10.77.0.11": "192.0.2.1", "10.77.0.110": "192.0.2.2"}
	got := neutral(map[string]string{
		"configz-k1-10.json": `{"node":"k1-10","id":"` + other + `"}`,
		"pods.yaml": `name: etcd-k1-1
uid: ` + id + `
uid: ` + other + `
command: --peers=k1-1=https://10.77.0.11:2380,k1-10=https://10.77.0.110:2380
message: pod etcd-k1-1.18a2 of cluster k1 on 10.77.0.1 and 110.77.0.11
ca: |
  -----BEGIN CERTIFICATE-----
  MIIDBTCCAe2gAwIBAgIIF
  +/==
  -----END CERTIFICATE-----
  -----BEGIN CERTIFICATE-----
  MIIDBTCCAe2gAwIBAgIIF
  -----END CERTIFICATE-----
    kernelVersion: 6.1.0
    osImage: Debian GNU/Linux 13 (trixie)
    machineID: 00ff
    systemUUID: 00ff00
      ephemeral-storage: "270553174016"
      ephemeral-storage: 264211108Ki
      memory: 24581252Ki
      memory: 256Mi
`,
	}, names)
	want := map[string]string{
		"configz-w1.json": `{"node":"w1","id":"00000000-0000-4000-8000-000000000001"}`,
		"pods.yaml": `name: etcd-cp1
uid: 00000000-0000-4000-8000-000000000002
uid: 00000000-0000-4000-8000-000000000001
command: --peers=cp1=https://192.0.2.1:2380,w1=https://192.0.2.2:2380
message: pod etcd-cp1.18a2 of cluster k1 on 10.77.0.1 and 110.77.0.11
ca: |
  -----BEGIN CERTIFICATE-----
  MIIB
  -----END CERTIFICATE-----
  -----BEGIN CERTIFICATE-----
  MIIB
  -----END CERTIFICATE-----
    kernelVersion: Linux
    osImage: Linux
    machineID: Linux
    systemUUID: Linux
      ephemeral-storage: 16Gi
      ephemeral-storage: 16Gi
      memory: 16Gi
      memory: 256Mi
`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
