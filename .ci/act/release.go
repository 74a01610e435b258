package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// release serves a release with the program for this machine, under GitHub's name: a .curlrc in
// the harness's folder leads curl there.
func (h *harness) release(ctx context.Context) (io.Closer, error) {
	name := "aoai-preflight-" + runtime.GOOS + "-" + runtime.GOARCH
	program := filepath.Join(h.dir, name)
	if err := command(ctx, "", "go", "build", "-o", program, "."); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}

	const folder = "/aoai-preflight/aoai-preflight/releases/download/"
	sums := fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(content), name)
	files := map[string][]byte{
		folder + "v1.0.0/" + name:    content,
		folder + "v1.0.0/SHA256SUMS": sums,
		folder + "v1.0.1/" + name:    append([]byte("#"), content...), // was changed afterwards
		folder + "v1.0.1/SHA256SUMS": sums,
	}
	certificate, err := selfSigned("github.com")
	if err != nil {
		return nil, err
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Write(content)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()

	ca := filepath.Join(h.dir, "github.pem")
	curlrc := fmt.Sprintf("noproxy = github.com\nconnect-to = github.com:443:%s\ncacert = %s\n", server.Listener.Addr(), ca)
	if err := os.WriteFile(filepath.Join(h.dir, ".curlrc"), []byte(curlrc), 0o644); err != nil {
		return nil, err
	}
	return closer(server.Close), os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o644)
}

type closer func()

func (c closer) Close() error { c(); return nil }

func selfSigned(host string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
