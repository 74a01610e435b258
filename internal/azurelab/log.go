package azurelab

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The kinds of credential that a [Request] can carry.
const (
	CredentialNone         = "none"
	CredentialBearer       = "bearer"
	CredentialKey          = "api-key"
	CredentialSubscription = "subscription-key"
	CredentialSecret       = "client-secret"
	CredentialAssertion    = "client-assertion"
	CredentialPassword     = "password"
)

// A Request is one line of the world's log. It never holds a credential.
type Request struct {
	Time       time.Time // ours, not the services'
	Service    Service
	Method     string // CONNECT when only the proxy saw the request
	Host       string
	Path       string
	Query      []string // sorted keys
	APIVersion string

	Credential string // what kind, the first of the constants that applies
	Digest     string // of that credential: equal digests, equal credentials
	// SubscriptionKey is the digest of a gateway's key that came along with
	// another credential, "" without.
	SubscriptionKey string
	// Presented has every header for a credential that was there, "api-key",
	// "x-api-key" and "authorization": the digests of its values, without
	// "Bearer ", "" for an empty one. A client can send the same header twice.
	Presented map[string][]string `json:",omitempty"`
	Asked     *Grant              `json:",omitempty"` // of a request for a token: what it asked for
	Issued    *Grant              `json:",omitempty"` // of a bearer that the world issued: what it was issued for
	BodyModel string              `json:",omitempty"` // the body's parameter model
	// Leaked reports whether any secret of the world is somewhere in the
	// request: in the address, a header or the body. From a stranger's view
	// that is what matters, whatever the header is called.
	Leaked bool

	Status int       // 0: no answer
	Fault  FaultKind // what went wrong on the way, "" for nothing
	Paid   bool      // the call was good and made an image or a sound
}

// Requests is the log so far, oldest first.
func (w *World) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// Secrets are the secrets that were configured or handed out so far. A multi-line
// secret is listed whole and line by line. None of them may be in anything that
// a program under test prints.
func (w *World) Secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.allSecrets()
}

func (w *World) allSecrets() []string {
	s := []string{w.secrets.requestToken, w.secrets.runtimeToken}
	for _, t := range w.Tenants {
		for _, a := range t.Apps {
			for _, secret := range a.Secrets {
				s = append(s, secret.Value)
			}
		}
		for _, u := range t.Users {
			s = append(s, u.Password)
		}
	}
	for _, r := range w.Resources {
		s = append(s, r.Keys...)
	}
	for _, g := range w.Gateways {
		s = append(s, g.Keys...)
	}
	if w.AppService != nil {
		s = append(s, w.AppService.Header)
	}
	if w.Job.Certificate {
		key := jobCertificate().keyPEM
		s = append(s, key)
		for line := range strings.Lines(key) {
			if line = strings.TrimSpace(line); !strings.HasPrefix(line, "-----") {
				s = append(s, line)
			}
		}
	}
	return append(s, w.minted...)
}

// mint remembers a secret that is handed out. The caller holds w.mu.
func (w *World) mint(secret string) string {
	w.minted = append(w.minted, secret)
	return secret
}

// record adds c and its outcome to the log. The caller holds w.mu.
func (w *World) record(s Service, c *call, status int, fault FaultKind) {
	r := Request{
		Time:    time.Now(),
		Service: s,
		Method:  c.Method,
		Host:    c.host,
		Path:    c.URL.Path,
		Leaked:  w.leaks(c),
		Status:  status,
		Fault:   fault,
		Paid:    c.paid,
	}
	query := c.URL.Query()
	for k := range query {
		r.Query = append(r.Query, k)
	}
	slices.Sort(r.Query)
	r.APIVersion = query.Get("api-version")
	r.Credential, r.Digest = c.credential(s)
	if key := c.subscriptionKey(); key != "" && r.Credential != CredentialSubscription {
		r.SubscriptionKey = shortDigest(key)
	}
	r.Presented = c.presented()
	r.Asked = c.asked
	for _, d := range r.Presented["authorization"] {
		if g, ok := w.issued[d]; ok {
			r.Issued = &g
		}
	}
	if s == ServiceModel || s == ServiceGateway || s == ServiceStranger {
		r.BodyModel = bodyModel(c)
	}
	w.log = append(w.log, r)
}

// credential is the kind and the digest of what the call proves itself with.
func (c *call) credential(s Service) (kind, sum string) {
	if t := c.bearer(); t != "" {
		return CredentialBearer, shortDigest(t)
	}
	if k := c.Header.Get("Api-Key"); k != "" {
		return CredentialKey, shortDigest(k)
	}
	if k := c.subscriptionKey(); k != "" {
		return CredentialSubscription, shortDigest(k)
	}
	if s == ServiceEntra {
		form, _ := url.ParseQuery(string(c.body))
		if a := form.Get("client_assertion"); a != "" {
			return CredentialAssertion, shortDigest(a)
		}
		if p := form.Get("client_secret"); p != "" {
			return CredentialSecret, shortDigest(p)
		}
		if p := form.Get("password"); p != "" {
			return CredentialPassword, shortDigest(p)
		}
	}
	return CredentialNone, ""
}

// presented are the headers for credentials that the call has.
func (c *call) presented() map[string][]string {
	all := map[string][]string{}
	for _, name := range []string{"api-key", "x-api-key", "authorization"} {
		values := c.Header[http.CanonicalHeaderKey(name)]
		if len(values) == 1 {
			values = strings.Split(values[0], ",") // as aiohttp joins two; the last may be empty
		}
		for _, v := range values {
			v = strings.TrimSpace(v)
			if name == "authorization" {
				v = strings.TrimSpace(strings.TrimPrefix(v, "Bearer"))
			}
			all[name] = append(all[name], digestOrEmpty(v))
		}
	}
	return all
}

// Digest is how the log shows a credential.
func Digest(secret string) string { return digestOrEmpty(secret) }

func digestOrEmpty(secret string) string {
	if secret == "" {
		return ""
	}
	return shortDigest(secret)
}

func shortDigest(secret string) string { return hex.EncodeToString(digest(secret)[:6]) }

// leaks reports whether a secret of the world is anywhere in the call.
func (w *World) leaks(c *call) bool {
	var b strings.Builder
	b.WriteString(c.URL.String())
	for name, values := range c.Header {
		b.WriteString("\n" + name + ": " + strings.Join(values, "\n"))
	}
	b.Write(c.body)
	if decoded, err := url.QueryUnescape(string(c.body)); err == nil {
		b.WriteString(decoded)
	}
	all := b.String()
	return slices.ContainsFunc(w.allSecrets(), func(s string) bool { return s != "" && strings.Contains(all, s) })
}
