package azurelab

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"sync"
	"time"
)

// authority is a certificate authority of the lab.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// labCA signs the certificates of the proxy. strangerCA is the company's
// inspecting proxy that a client without its root does not trust.
var (
	labCA      = sync.OnceValue(func() *authority { return newAuthority("azurelab root") })
	strangerCA = sync.OnceValue(func() *authority { return newAuthority("Octo Corp TLS Inspection CA") })
)

func newAuthority(name string) *authority {
	key := newECDSAKey()
	template := &x509.Certificate{
		SerialNumber:          serialNumber(),
		Subject:               pkix.Name{Organization: []string{"Octo Corp"}, CommonName: name},
		NotBefore:             time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), // a synctest bubble starts in 2000
		NotAfter:              time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	return &authority{issue(template, template, key, key), key}
}

// A leaf is a host's certificate with its key.
type leaf struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func (l leaf) tls() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{l.cert.Raw}, PrivateKey: l.key, Leaf: l.cert}
}

// mint makes the certificate that host shows under a fault of the handshake, or
// a good one under none.
func mint(host string, f FaultKind, now time.Time) leaf {
	template := &x509.Certificate{
		SerialNumber: serialNumber(),
		Subject:      pkix.Name{CommonName: host},
		DNSNames:     []string{host},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	ca := labCA()
	switch f {
	case FaultTLSUntrusted:
		ca = strangerCA()
	case FaultTLSExpired:
		template.NotBefore, template.NotAfter = now.Add(-48*time.Hour), now.Add(-24*time.Hour)
	case FaultTLSWrongHost:
		template.Subject.CommonName, template.DNSNames = "proxy.octo.example", []string{"proxy.octo.example"}
	}
	key := newECDSAKey()
	return leaf{issue(template, ca.cert, key, ca.key), key}
}

func issue(template, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		panic("azurelab: " + err.Error())
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic("azurelab: " + err.Error())
	}
	return cert
}

func newECDSAKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("azurelab: " + err.Error())
	}
	return key
}

func serialNumber() *big.Int {
	b := make([]byte, 16)
	rand.Read(b)
	b[0] &= 0x7f // positive
	return new(big.Int).SetBytes(b)
}

// authorityPool is what a client of the lab trusts.
func authorityPool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(labCA().cert)
	return pool
}

func authorityPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: labCA().cert.Raw})
}

// InspectionPEM is the root of the company's inspecting proxy, which signs
// under [FaultTLSUntrusted]: what a user would give as ca-bundle.
func InspectionPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: strangerCA().cert.Raw})
}
