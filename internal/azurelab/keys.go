package azurelab

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// The RSA keys of the world's issuers. Making one takes a tenth of a second and
// more, so the process makes each once, when it is first needed. They sign
// nothing that anyone outside the lab would believe.
var (
	githubKey  = sync.OnceValue(newRSAKey)
	entraKey   = sync.OnceValue(newRSAKey)
	clusterKey = sync.OnceValue(newRSAKey)
)

func newRSAKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("azurelab: " + err.Error()) // crypto/rand does not fail
	}
	return key
}

// sign makes a JWT.
func sign(key *rsa.PrivateKey, claims jwt.MapClaims) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = hex.EncodeToString(digest(key.N.String()))
	s, err := t.SignedString(key)
	if err != nil {
		panic("azurelab: " + err.Error()) // only claims that JSON cannot hold fail
	}
	return s
}

// parse reads a JWT and checks its signature, but not its claims: which claim
// is refused first is for each service to say.
func parse(token string, key crypto.PublicKey) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	p := jwt.NewParser(jwt.WithoutClaimsValidation(), jwt.WithValidMethods([]string{"RS256", "PS256"}))
	_, err := p.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return key, nil })
	return claims, err
}

// peek reads a JWT without checking anything.
func peek(token string) (*jwt.Token, jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	t, _, err := jwt.NewParser().ParseUnverified(token, claims)
	return t, claims, err
}

// text is a claim that should be a string, "" when it is not.
func text(claims jwt.MapClaims, name string) string {
	s, _ := claims[name].(string)
	return s
}

// A ClientCertificate is an application's certificate with its key.
type ClientCertificate struct {
	Certificate *x509.Certificate
	PEM         string // key and certificate, as AZURE_CLIENT_CERTIFICATE_PATH wants them
	keyPEM      string
}

// jobCertificate is the certificate that a job can have. Its validity spans
// the real clock and that of a testing/synctest bubble, which starts in 2000.
var jobCertificate = sync.OnceValue(func() *ClientCertificate {
	key := newRSAKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "octo-app"},
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic("azurelab: " + err.Error())
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic("azurelab: " + err.Error())
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic("azurelab: " + err.Error())
	}
	keyPEM := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
	certPEM := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return &ClientCertificate{Certificate: cert, PEM: keyPEM + certPEM, keyPEM: keyPEM}
})

// random is a secret of n bytes in URL-safe base64.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never returns an error
	return base64.RawURLEncoding.EncodeToString(b)
}

// randomKey is a key in the shape of a Cognitive Services key: 84 letters and
// digits.
func randomKey() string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	b := make([]byte, 84)
	rand.Read(b)
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	return string(b)
}

// randomGUID is an identifier that no other world of the process has.
func randomGUID() string {
	b := make([]byte, 16)
	rand.Read(b)
	return formatGUID(b)
}

// guid is an identifier that is the same in every run, so that the output of
// two runs in equal worlds can be compared.
func guid(of string) string { return formatGUID(digest(of)) }

func formatGUID(b []byte) string {
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func digest(s string) []byte {
	sum := sha256.Sum256([]byte(s))
	return sum[:16]
}

// nextID is the identifier of the next thing that a service names: a request,
// a trace, a completion. The caller holds w.mu.
func (w *World) nextID() string {
	w.serial++
	return guid(fmt.Sprintf("serial %d", w.serial))
}
