package azurelab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// dialTimeout is how long a connection attempt lasts that nobody answers, as in
// [http.DefaultTransport].
const dialTimeout = 30 * time.Second

// Transport is the in-process door. Requests keep their real addresses and
// reach the world without a socket or a goroutine; failures are the values that
// net/http returns for a real one. Waits follow the request's context and, in a
// testing/synctest bubble, cost nothing. Each Transport has connections of its
// own: the first request to a host pays [World.ConnLatency].
func (w *World) Transport() http.RoundTripper {
	return &transport{w: w, open: map[string]bool{}}
}

type transport struct {
	w    *World
	mu   sync.Mutex
	open map[string]bool // hosts with a connection
	late []io.ReadCloser // bodies of requests that were answered
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.readLate()
	if r.Body != nil {
		defer t.answered(r.Body)
	}
	ctx := r.Context()
	host := canonicalHost(r.URL.Host)
	trace := httptrace.ContextClientTrace(ctx)
	if err := t.connect(ctx, r, host, trace); err != nil {
		return nil, err
	}
	if trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	rep, f, err := t.w.handle(request(r))
	if err != nil {
		return nil, err
	}
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	switch f.Kind {
	case FaultHang:
		<-ctx.Done()
		return nil, context.Cause(ctx)
	case FaultReset:
		t.close(host)
		return nil, connectionReset(host)
	case FaultEOF:
		t.close(host)
		return nil, io.EOF
	case FaultResetStream:
		return nil, errStreamReset
	case FaultGoAway:
		t.close(host)
		return nil, errGoAway
	case FaultGoAwayBody:
		t.close(host)
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	if f.Kind == FaultResetHeaders {
		t.close(host)
		return nil, brokenHeaders(host)
	}
	if f.raw() {
		t.close(host)
		return readRaw(ctx, r, f)
	}
	resp := t.response(r, rep, f)
	return resp, unpack(r, resp)
}

// answered keeps the body of a request whose answer is given out.
func (t *transport) answered(body io.ReadCloser) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.late = append(t.late, body)
}

// readLate reads the bodies of requests that were answered to their ends.
// net/http does so with one that was answered before its body was sent, on a
// goroutine of its own and at any time later: whoever rewinds that body for
// another try loses it to the first.
func (t *transport) readLate() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, body := range t.late {
		io.Copy(io.Discard, body)
		body.Close()
	}
	t.late = nil
}

// request is r as its receiver sees it.
func request(r *http.Request) *http.Request {
	in := r.Clone(r.Context())
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	return in
}

func (t *transport) response(r *http.Request, rep *reply, f Fault) *http.Response {
	host := canonicalHost(r.URL.Host)
	resp := &http.Response{
		Status:        fmt.Sprintf("%d %s", rep.status, http.StatusText(rep.status)),
		StatusCode:    rep.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        rep.header,
		Body:          io.NopCloser(f.body(r.Context(), host, rep.body)),
		ContentLength: f.length(rep.body),
		Request:       r,
	}
	if r.URL.Scheme == "https" {
		resp.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: host}
	}
	return resp
}

// CloseIdleConnections makes the next request to each host dial again, for
// [http.Client.CloseIdleConnections].
func (t *transport) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.open)
}

func (t *transport) close(host string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.open, host)
}

// connect opens a connection to host unless there is one, calling the hooks of
// trace in the order of net/http.
func (t *transport) connect(ctx context.Context, r *http.Request, host string, trace *httptrace.ClientTrace) error {
	if trace == nil {
		trace = &httptrace.ClientTrace{}
	}
	if trace.GetConn != nil {
		trace.GetConn(net.JoinHostPort(host, port(r)))
	}
	t.mu.Lock()
	reused := t.open[host]
	t.mu.Unlock()
	// Faults of connections strike every request: a test that arms one means
	// the next request, whatever connections are left from before.
	service, f := t.w.dial(host)
	if f.Kind != "" || !reused {
		if err := t.handshake(ctx, r, host, f, trace); err != nil {
			t.w.logDial(service, r, host, f.Kind)
			t.close(host)
			return err
		}
	}
	t.mu.Lock()
	t.open[host] = true
	t.mu.Unlock()
	if trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Reused: reused})
	}
	return nil
}

func port(r *http.Request) string {
	if p := r.URL.Port(); p != "" {
		return p
	}
	if r.URL.Scheme == "http" {
		return "80"
	}
	return "443"
}

// handshake walks through name, TCP and TLS, and fails where the fault says.
func (t *transport) handshake(ctx context.Context, r *http.Request, host string, f Fault, trace *httptrace.ClientTrace) error {
	t.w.mu.Lock()
	latency := t.w.ConnLatency
	t.w.mu.Unlock()
	if err := sleep(ctx, latency); err != nil {
		return err
	}
	if f.Kind == FaultProxy {
		// net/http turns the proxy's status line into a bare error.
		return errors.New(http.StatusText(f.proxyStatus()))
	}
	if err := resolve(host, f, trace); err != nil {
		return err
	}
	if err := dialTCP(ctx, host, f, trace); err != nil {
		return err
	}
	if r.URL.Scheme != "https" {
		return nil
	}
	if trace.TLSHandshakeStart != nil {
		trace.TLSHandshakeStart()
	}
	err := verify(host, f)
	if trace.TLSHandshakeDone != nil {
		trace.TLSHandshakeDone(tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: err == nil}, err)
	}
	return err
}

func resolve(host string, f Fault, trace *httptrace.ClientTrace) error {
	if net.ParseIP(host) != nil {
		return nil
	}
	if trace.DNSStart != nil {
		trace.DNSStart(httptrace.DNSStartInfo{Host: host})
	}
	var err error
	if f.Kind == FaultDNSNotFound {
		err = dnsNotFound(host)
	}
	if trace.DNSDone != nil {
		info := httptrace.DNSDoneInfo{Err: err}
		if err == nil {
			info.Addrs = []net.IPAddr{{IP: address(host)}}
		}
		trace.DNSDone(info)
	}
	if err != nil {
		return &net.OpError{Op: "dial", Net: "tcp", Err: err}
	}
	return nil
}

func dialTCP(ctx context.Context, host string, f Fault, trace *httptrace.ClientTrace) error {
	addr := tcpAddress(host).String()
	if trace.ConnectStart != nil {
		trace.ConnectStart("tcp", addr)
	}
	var err error
	switch f.Kind {
	case FaultRefused:
		err = connectionRefused(host)
	case FaultConnectTimeout:
		if err = sleep(ctx, dialTimeout); err == nil {
			err = connectTimeout(host)
		}
	}
	if trace.ConnectDone != nil {
		trace.ConnectDone("tcp", addr, err)
	}
	return err
}

// verify is what the client's TLS makes of the certificate that it is shown.
// The error is the verifier's own.
func verify(host string, f Fault) error {
	switch f.Kind {
	case FaultTLSUntrusted, FaultTLSExpired, FaultTLSWrongHost:
	default:
		return nil // a good certificate costs too much to make each time
	}
	leaf := mint(host, f.Kind, time.Now())
	_, err := leaf.cert.Verify(x509.VerifyOptions{DNSName: host, Roots: authorityPool(), CurrentTime: time.Now()})
	if err == nil {
		return nil
	}
	return &tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{leaf.cert}, Err: err}
}

// logDial logs a connection that did not come about.
func (w *World) logDial(s Service, r *http.Request, host string, k FaultKind) {
	w.mu.Lock()
	defer w.mu.Unlock()
	in := &http.Request{Method: r.Method, URL: r.URL, Header: http.Header{}}
	w.record(s, &call{Request: in, host: host}, 0, k)
}
