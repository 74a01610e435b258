package preflight

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/http/httpproxy"
)

// maxBody bounds every answer. azcore and MSAL read bodies whole, so the bound
// is here. The largest honest answer is an embedding of some 3,000 numbers; what
// is longer is nobody's answer.
const maxBody = 1 << 20

// A wire is the only way out. It records what every exchange showed, bounds
// what comes back, follows no redirect, and refuses to let a credential go to
// a host that may not have it, whoever asks.
type wire struct {
	base  http.RoundTripper
	vault *vault
	proxy func(*url.URL) (*url.URL, error) // nil when the transport is not the network
	early early
	debug func(*Exchange) // prints an exchange; nil when nobody asked for it
}

// newWire builds the transport: the world's, or the network through the proxy
// that the environment names, trusting roots (nil: the system's).
func newWire(w World, v *vault, roots *x509.CertPool) *wire {
	out := &wire{base: w.Transport, vault: v, debug: debugLog(w)}
	if out.base != nil {
		return out
	}
	either := func(name string) string {
		if s := w.getenv(name); s != "" {
			return s
		}
		return w.getenv(strings.ToLower(name))
	}
	cfg := &httpproxy.Config{HTTPProxy: either("HTTP_PROXY"), HTTPSProxy: either("HTTPS_PROXY"), NoProxy: either("NO_PROXY")}
	for _, p := range []string{cfg.HTTPProxy, cfg.HTTPSProxy} {
		keepProxyUser(v, p)
	}
	out.proxy = cfg.ProxyFunc()
	if roots == nil {
		// Reading a hundred certificates takes milliseconds, and the first
		// handshake would wait for them: it finds them read.
		go x509.SystemCertPool()
	}
	// A connection of HTTP/2 that is lost without a word would be taken for the
	// next try as well: whether it still is there is asked as azcore's own
	// transport does.
	out.base = &http.Transport{
		Proxy: func(r *http.Request) (*url.URL, error) { return out.proxy(r.URL) },
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			return readTunnelRefusal(resp, v.scrub)
		},
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 10 * time.Second, PingTimeout: 5 * time.Second},
		MaxResponseHeaderBytes: 256 << 10,
		IdleConnTimeout:        time.Minute,
	}
	return out
}

// client is an HTTP client for one service. allowed says which addresses may
// get what is sent to it.
func (w *wire) client(s Service, allowed func(*url.URL) bool) *http.Client {
	return &http.Client{
		Transport: &leg{w, s, allowed},
		// The standard library drops Authorization on a redirect to another
		// host, but knows nothing of api-key: follow none at all.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// A leg is the wire to one service.
type leg struct {
	wire    *wire
	service Service
	allowed func(*url.URL) bool
}

// RoundTrip implements [http.RoundTripper]. The body of the answer has been
// read whole, within bounds, when it returns: one that is cut short is a
// transport error, which azcore's retry policy sees.
func (l *leg) RoundTrip(req *http.Request) (*http.Response, error) {
	x := l.describe(req)
	waiting := newWaiting()
	begin := time.Now()
	resp, body, err := l.exchange(req, &x, waiting)
	if cause := req.Context().Err(); cause != nil && errors.Is(err, net.ErrClosed) {
		// Giving up closes the connection, and now and then that is what the
		// transport tells instead of why.
		err = cause
	}
	x.At = time.Now()
	x.Took = x.At.Sub(begin)
	if resp != nil {
		l.readAnswer(&x, resp, body)
	}
	if err != nil {
		x.Step = waiting.get()
		x.Fault, x.Detail = classify(err, x.Step)
		if x.Fault == FaultForeign && foreignBefore(req.Context(), &x) {
			// No passing fault: it is handed on, so that nobody tries a third
			// time, but without its body, which a library would repeat. An
			// error is what its status says, however long.
			body, err = nil, nil
			if x.Status >= 400 {
				x.Fault, x.Detail, x.Step = FaultNone, "", ""
			}
		}
		x.Issuer = issuer(err)
		if resp == nil && !waiting.sent.Load() {
			x.Sent = "" // it stayed here
		}
	}
	l.wire.record(req.Context(), x)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return resp, nil
}

// describe is what is known of an exchange before it is made.
func (l *leg) describe(req *http.Request) Exchange {
	x := Exchange{
		Service: l.service, Method: req.Method, Host: req.URL.Host, Path: req.URL.Path,
		APIVersion: req.URL.Query().Get("api-version"), Sent: sentCredential(req.Header),
		Sub: req.Header.Get(subscriptionHeader) != "" || req.Header.Get("Authorization") != "" && req.Header.Get("api-key") != "",
	}
	if x.Service == ServiceEntra && metadataAddress(req.URL.Hostname()) {
		x.Service = ServiceIMDS // a managed identity's, or a chain's look for one
	}
	if x.Service == ServiceEntra && req.Method == http.MethodPost {
		x.Sent = CredentialForm
	}
	return x
}

// exchange makes a request, if its address may have it, and reads the answer.
// There can be an answer beside the error.
func (l *leg) exchange(req *http.Request, x *Exchange, waiting *waiting) (resp *http.Response, body []byte, err error) {
	if err := l.admit(req, x); err != nil {
		if req.Body != nil {
			req.Body.Close()
		}
		return nil, nil, err
	}
	if x.Proxy != "" {
		waiting.set(stepProxy)
	}
	out := req.WithContext(httptrace.WithClientTrace(req.Context(), waiting.trace(x.Proxy != "")))
	if err := ownBody(out); err != nil {
		return nil, nil, err
	}
	if resp, err = l.wire.send(out, waiting); err != nil {
		return nil, nil, err
	}
	waiting.set(stepBody)
	if body, err = readBounded(resp); err == nil {
		err = l.checkForm(resp, body)
	}
	return resp, body, err
}

// admit refuses what must not leave, and notes which proxy the way leads through.
func (l *leg) admit(req *http.Request, x *Exchange) error {
	if !l.allowed(req.URL) {
		return &errBlocked{req.URL.Host}
	}
	if l.wire.proxy != nil {
		if p, err := l.wire.proxy(req.URL); err == nil && p != nil {
			x.Proxy = p.Host
		}
	}
	if x.Proxy != "" && openSecret(req) {
		// The endpoint is this machine's own; a proxy would read the secret.
		return &errBlocked{req.URL.Host + " through the proxy " + x.Proxy + ": NO_PROXY has to name it"}
	}
	return nil
}

// readAnswer puts into an exchange what its answer says.
func (l *leg) readAnswer(x *Exchange, resp *http.Response, body []byte) {
	x.Status = resp.StatusCode
	x.Header = l.wire.keepHeaders(resp.Header)
	sayWait(resp.Header, x.RetryAfter())
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		readBody(x, resp.Header.Get("Content-Type"), body, l.wire.vault.scrub)
		x.Form = formOf(body)
	}
}

// ownBody gives a request a body that nothing else reads. net/http may go on
// reading a body after it has returned the answer, and azcore rewinds the one
// reader for each of its tries: the first try would take the second's body.
func ownBody(req *http.Request) error {
	if req.Body == nil || req.Body == http.NoBody {
		return nil
	}
	body, err := io.ReadAll(req.Body)
	req.Body.Close()
	if err != nil {
		return err
	}
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	req.Body, err = req.GetBody()
	return err
}

// leastWait keeps a service that asks for a millisecond, again and again, from
// being asked a thousand times.
const leastWait = time.Second

// sayWait leaves in an answer the wait that was read of it, in the one form
// about which the libraries agree: they read some forms otherwise or not at
// all, and let large numbers overflow.
func sayWait(h http.Header, wait time.Duration) {
	for _, name := range waitHeaders {
		h.Del(name)
	}
	if wait > 0 {
		wait = max(wait, leastWait)
		h.Set(waitHeaders[0], strconv.FormatInt(int64((wait+time.Millisecond-1)/time.Millisecond), 10))
	}
}

// waitAsked is the wait that an answer of the wire asks for, 0 for none.
func waitAsked(resp *http.Response) time.Duration {
	ms, err := strconv.ParseInt(resp.Header.Get(waitHeaders[0]), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ms) * time.Millisecond
}

// readBounded reads an answer's body whole, but one byte more than maxBody at
// most. What comes behind a 101 is another protocol, which has no end and does
// not heed the request's context.
func readBounded(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close()
	if resp.StatusCode < 200 {
		return nil, &errForeign{fmt.Sprintf("status %d, which ends no exchange", resp.StatusCode)}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err != nil {
		return body, fmt.Errorf("reading the answer: %w", err)
	}
	// Some gateways' policies put a byte order mark before the JSON.
	return bytes.TrimPrefix(body, []byte("\ufeff")), nil
}

// checkForm tells by an answer's form alone that it is nobody's of the chain:
// all of them say yes in JSON, save a deployment that speaks, none sends the
// caller on, and none is that talkative. What JSON says is the caller's matter.
func (l *leg) checkForm(resp *http.Response, body []byte) error {
	kind := resp.Header.Get("Content-Type")
	what := fmt.Sprintf("status %d with %d bytes of %q that are ", resp.StatusCode, len(body), l.wire.vault.plain(kind, 100))
	switch success := resp.StatusCode >= 200 && resp.StatusCode <= 299; {
	case len(body) > maxBody:
		return &errForeign{fmt.Sprintf("status %d with more than %d bytes", resp.StatusCode, maxBody)}
	case resp.StatusCode >= 300 && resp.StatusCode <= 399:
		return &errForeign{fmt.Sprintf("status %d, a redirect, which is not followed", resp.StatusCode)}
	case success && len(body) == 0:
		return &errForeign{fmt.Sprintf("status %d with an empty body", resp.StatusCode)}
	case !success, l.service == ServiceModel && strings.HasPrefix(kind, "audio/"):
		return nil
	case !utf8.Valid(body):
		return &errForeign{what + "no UTF-8"}
	case !json.Valid(body):
		return &errForeign{what + "no JSON"}
	}
	return nil
}

// foreignBefore reports whether the exchange before x got such an answer from
// the same address: once may be a passing fault of what stands in between.
func foreignBefore(ctx context.Context, x *Exchange) bool {
	r, ok := ctx.Value(recorderKey{}).(*recorder)
	if !ok {
		return false
	}
	before := last(r.list())
	return before != nil && before.Fault == FaultForeign && before.Host == x.Host && before.Path == x.Path
}

func sentCredential(h http.Header) Credential {
	switch {
	case strings.TrimSpace(strings.TrimPrefix(h.Get("Authorization"), "Bearer")) != "":
		return CredentialBearer
	case h.Get("api-key") != "":
		return CredentialKey
	}
	return CredentialNone
}

// issuer is who signed a certificate that was not trusted.
func issuer(err error) string {
	var v *tls.CertificateVerificationError
	if !errors.As(err, &v) || len(v.UnverifiedCertificates) == 0 {
		return ""
	}
	return v.UnverifiedCertificates[len(v.UnverifiedCertificates)-1].Issuer.String()
}
