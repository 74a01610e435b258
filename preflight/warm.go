package preflight

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

// What a later link of the chain will wait for, and what needs no credential,
// is begun while the links before it are under way: the connections to the
// deployments' hosts, and the authority's metadata. It is only earlier, never
// more or other: what is asked is asked once, whoever comes for it gets the
// answer or the failure as his own, and a connection that could not be opened
// is opened again by the call that needs it, which then says what is wrong.

// warmHosts bounds how many hosts are connected to early.
const warmHosts = 16

// warmPatience is how long after its begin an early connection is waited for.
// One that takes longer is likely to fail, and the call's own attempt must not
// wait for that.
const warmPatience = time.Second

// warm begins early what the run will need. What is still under way ends with
// ctx, used or not. In a later round of wait-for-propagation nothing is begun early.
func (r *run) warm(ctx context.Context) {
	switch r.id.method {
	case MethodKey, methodStatic:
		return // the call is the first that is asked
	}
	if r.setup.Waited > 0 {
		return
	}
	for _, host := range r.warmable() {
		r.wire.connectEarly(ctx, host)
	}
	// The other methods ask for the metadata at once.
	if r.id.method == MethodGitHubOIDC && r.job.IDTokenURL && r.job.IDTokenToken && r.w.getenv("AZURE_REGIONAL_AUTHORITY_NAME") == "" {
		// Exactly what MSAL asks for, the empty query included.
		u := &url.URL{Scheme: "https", Host: r.cfg.Authority, Path: "/" + r.cfg.TenantID + "/v2.0/.well-known/openid-configuration", ForceQuery: true}
		if r.tokenHost(u) {
			r.wire.askEarly(ctx, u.String())
		}
	}
}

// warmable are the hosts of the targets that may get the credential.
func (r *run) warmable() []string {
	var hosts []string
	seen := map[string]bool{}
	for i := range r.cfg.Targets {
		u, err := url.Parse(r.cfg.Targets[i].Endpoint)
		if err != nil || seen[u.Host] || len(hosts) == warmHosts || !r.modelHost(u) {
			continue
		}
		seen[u.Host] = true
		hosts = append(hosts, u.Host)
	}
	return hosts
}

// An early holds what was begun early on a wire.
type early struct {
	mu      sync.Mutex
	conns   map[string]*earlyConn   // by host
	answers map[string]*earlyAnswer // by address
}

// An earlyConn is a connection that is, or will be, open.
type earlyConn struct {
	begun time.Time
	done  chan struct{}
	conn  *http.ClientConn // once done; nil when it failed
}

// connectEarly opens a connection to an https host, through the proxy if there
// is one. A transport that is not the network has none to open.
func (w *wire) connectEarly(ctx context.Context, host string) {
	t, ok := w.base.(*http.Transport)
	if !ok || w.proxy == nil {
		return
	}
	w.early.mu.Lock()
	defer w.early.mu.Unlock()
	if w.early.conns[host] != nil {
		return
	}
	c := &earlyConn{begun: time.Now(), done: make(chan struct{})}
	if w.early.conns == nil {
		w.early.conns = map[string]*earlyConn{}
	}
	w.early.conns[host] = c
	address := host
	if _, _, err := net.SplitHostPort(host); err != nil {
		address = net.JoinHostPort(host, "443")
	}
	go func() {
		defer close(c.done)
		conn, err := t.NewClientConn(ctx, "https", address)
		if err != nil {
			return
		}
		c.conn = conn
	}()
}

// hangUp closes the connections once no request is under way: nobody will use
// them again, since each round has a wire of its own. The early ones do not end
// with the run's context: a connection that is closed under a request would be
// the failure, and the deadline is.
func (w *wire) hangUp() {
	if t, ok := w.base.(*http.Transport); ok && w.proxy != nil { // else it is the world's
		t.CloseIdleConnections()
	}
	w.early.mu.Lock()
	defer w.early.mu.Unlock()
	for _, c := range w.early.conns {
		go func() {
			<-c.done
			if c.conn != nil {
				c.conn.Close()
			}
		}()
	}
}

// connected is the early connection to a request's host, reserved for the
// request; nil when there is none that can take it.
func (w *wire) connected(req *http.Request) *http.ClientConn {
	w.early.mu.Lock()
	c := w.early.conns[req.URL.Host]
	w.early.mu.Unlock()
	if c == nil || req.URL.Scheme != "https" {
		return nil
	}
	patience := time.NewTimer(time.Until(c.begun.Add(warmPatience)))
	defer patience.Stop()
	select {
	case <-c.done:
	case <-patience.C:
		return nil
	case <-req.Context().Done():
		return nil
	}
	if c.conn == nil || c.conn.Reserve() != nil {
		return nil
	}
	return c.conn
}

// An earlyAnswer is the answer to a request that was made before its client
// came for it. Its body has been read.
type earlyAnswer struct {
	waiting *waiting
	cancel  context.CancelFunc
	done    chan struct{}
	resp    *http.Response // once done
	err     error
}

// askEarly gets an address without any credential and keeps the answer, or the
// failure, for the first request for exactly this address.
func (w *wire) askEarly(ctx context.Context, address string) {
	w.early.mu.Lock()
	defer w.early.mu.Unlock()
	if w.early.answers[address] != nil {
		return
	}
	a := &earlyAnswer{waiting: newWaiting(), done: make(chan struct{})}
	ctx, a.cancel = context.WithCancel(ctx)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		a.cancel()
		return
	}
	if w.early.answers == nil {
		w.early.answers = map[string]*earlyAnswer{}
	}
	w.early.answers[address] = a
	proxied := false
	if w.proxy != nil {
		p, err := w.proxy(req.URL)
		proxied = err == nil && p != nil
	}
	if proxied {
		a.waiting.set(stepProxy)
	}
	go func() {
		defer close(a.done)
		a.resp, a.err = w.base.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, a.waiting.trace(proxied))))
		if a.err != nil {
			return
		}
		a.waiting.set(stepBody)
		if a.resp.StatusCode < 200 {
			return // see readBounded
		}
		body, err := io.ReadAll(io.LimitReader(a.resp.Body, maxBody+1))
		a.resp.Body.Close()
		a.resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), ending{err}))
	}()
}

// claim is the early answer to a request, nil when there is none. It is handed
// out once.
func (w *wire) claim(req *http.Request) *earlyAnswer {
	if req.Method != http.MethodGet {
		return nil
	}
	w.early.mu.Lock()
	defer w.early.mu.Unlock()
	address := req.URL.String()
	a := w.early.answers[address]
	delete(w.early.answers, address)
	return a
}

// hand gives the answer to the request that it is for, which goes on waiting
// for it within its own deadline.
func (a *earlyAnswer) hand(req *http.Request, waiting *waiting) (*http.Response, error) {
	defer func() {
		waiting.set(a.waiting.get())
		waiting.sent.Store(a.waiting.sent.Load())
	}()
	select {
	case <-a.done:
	case <-req.Context().Done():
		a.cancel()
		return nil, context.Cause(req.Context())
	}
	if a.err != nil {
		return nil, a.err
	}
	a.resp.Request = req
	return a.resp, nil
}

// ending ends a body that was read before as it ended then.
type ending struct{ err error }

func (e ending) Read([]byte) (int, error) {
	if e.err == nil {
		return 0, io.EOF
	}
	return 0, e.err
}

// send makes a request: its answer may be there already, or a connection.
func (w *wire) send(req *http.Request, waiting *waiting) (*http.Response, error) {
	if a := w.claim(req); a != nil {
		return a.hand(req, waiting)
	}
	if c := w.connected(req); c != nil {
		waiting.set(stepHeaders)
		return c.RoundTrip(req)
	}
	return w.base.RoundTrip(req)
}
