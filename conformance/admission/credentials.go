package admission

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// credentials are what a kube-apiserver needs to serve and its client to be let
// in, as files in one folder.
type credentials struct {
	// CertFile is self-signed, for 127.0.0.1, and so its own authority.
	CertFile string
	// KeyFile is its key. It signs the tokens of service accounts too.
	KeyFile string
	// TokensFile lets Token in as system:masters.
	TokensFile string
	Token      string
}

func newCredentials(folder string) (credentials, error) {
	c := credentials{
		CertFile:   filepath.Join(folder, "server.crt"),
		KeyFile:    filepath.Join(folder, "server.key"),
		TokensFile: filepath.Join(folder, "tokens.csv"),
		Token:      rand.Text(),
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "kubetrace-conformance"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return c, err
	}
	keyBytes, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return c, err
	}
	for file, content := range map[string][]byte{
		c.CertFile:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		c.KeyFile:    pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyBytes}),
		c.TokensFile: []byte(c.Token + ",judge,judge,system:masters\n"),
	} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return c, err
		}
	}
	return c, nil
}
