package preflight

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// readFiles reads what the configuration points at, and builds the wire with it.
func (r *run) readFiles() []*Problem {
	problems := checkRoots(r.w)
	if len(problems) > 0 {
		return problems // the wire would read them
	}
	var roots *x509.CertPool
	if name := r.cfg.CABundle; name != "" {
		bundle, err := readConfined(r.w, name, maxCredentialFile)
		roots, _ = x509.SystemCertPool()
		if roots == nil {
			roots = x509.NewCertPool()
		}
		if err == nil && !roots.AppendCertsFromPEM(bundle) {
			err = fmt.Errorf("holds no certificate in PEM form")
		}
		if err != nil {
			problems = append(problems, &Problem{ID: "cfg-input-invalid", Input: "ca-bundle", Source: r.cfg.Sources["ca-bundle"],
				Value: clipValue(name), Detail: "cannot be used: it " + fileError(err), Allowed: "a PEM file in the workspace"})
		}
	}
	r.wire = newWire(r.w, r.vault, roots)
	if r.plan != nil {
		return problems // each part reads its own
	}
	return append(problems, r.readCredential()...)
}

// readCredential reads the files that the run's method needs.
func (r *run) readCredential() []*Problem {
	var problems []*Problem
	switch r.id.method {
	case MethodDefault:
		return checkChainFiles(r.w)
	case MethodClientCertificate:
		data, err := readHostFile(r.id.certificate, maxCredentialFile)
		if err != nil {
			problems = append(problems, &Problem{ID: "cfg-certificate-unreadable", Input: "AZURE_CLIENT_CERTIFICATE_PATH", Source: "variable AZURE_CLIENT_CERTIFICATE_PATH",
				Value: clipValue(r.id.certificate), Detail: fileError(err), Allowed: "a PEM or PKCS#12 file that this container can read"})
			break
		}
		r.certificate = keepCertificate(r.vault, data)
	case MethodWorkloadIdentity:
		// MSAL asks the authority before it reads the file, so that a missing
		// file can hide behind an unreachable authority: look first.
		data, err := readHostFile(r.id.tokenFile, maxCredentialFile)
		if err == nil && len(bytes.TrimSpace(data)) == 0 {
			err = errors.New("is empty")
		}
		if err != nil {
			problems = append(problems, &Problem{ID: "cfg-workload-token-file", Input: "AZURE_FEDERATED_TOKEN_FILE", Source: "variable AZURE_FEDERATED_TOKEN_FILE",
				Value: clipValue(r.id.tokenFile), Detail: fileError(err), Allowed: "a file that this container can read"})
			break
		}
		r.assertion = decodeClaims(r.vault.keep(strings.TrimSpace(string(data))).Reveal())
	}
	return problems
}

// keepCertificate registers the private keys of a PEM file, line by line as
// they stand there. The certificates are public, and a PKCS#12 file has no
// lines that a log could show.
func keepCertificate(v *vault, data []byte) Secret {
	for rest := data; ; {
		block, tail := pem.Decode(rest)
		if block == nil {
			return secret.New(string(data))
		}
		if strings.Contains(block.Type, "PRIVATE KEY") {
			v.keep(base64.StdEncoding.EncodeToString(block.Bytes))
			inside := string(rest[:len(rest)-len(tail)])
			for line := range strings.Lines(inside) {
				if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") && !strings.Contains(line, ":") {
					v.keep(line)
				}
			}
		}
		rest = tail
	}
}

// fileError is a clause about a file that could not be used.
func fileError(err error) string {
	s := inert.Clip(inert.Line(err.Error()), 200)
	if strings.HasPrefix(s, "is ") || strings.HasPrefix(s, "has ") || strings.HasPrefix(s, "holds ") {
		return s
	}
	return "cannot be read: " + s
}
