package azurelab

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Proxy is the network door: a forward proxy on loopback that answers under
// the real host names, as a company's inspecting proxy does.
type Proxy struct {
	URL   string // for HTTPS_PROXY and HTTP_PROXY
	Addr  string // host:port
	CAPEM []byte // the authority that clients must trust

	w       *World
	front   *http.Server // speaks to clients as a proxy
	back    *http.Server // speaks to clients inside their tunnels
	tunnels *tunnels
	stop    func() bool

	active sync.WaitGroup
	mu     sync.Mutex
	closed bool // nothing is added to active any more
}

// handshakeTimeout bounds the reading of a request's head and a handshake.
const handshakeTimeout = 10 * time.Second

// Serve opens the network door at addr, a loopback address; "" picks a free
// port of 127.0.0.1. It ends with ctx or [Proxy.Close].
func Serve(ctx context.Context, w *World, addr string) (*Proxy, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	if host, _, err := net.SplitHostPort(addr); err != nil {
		return nil, err
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("azurelab: %s is not a loopback address", addr)
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &Proxy{
		URL:     "http://" + l.Addr().String(),
		Addr:    l.Addr().String(),
		CAPEM:   authorityPEM(),
		w:       w,
		tunnels: &tunnels{conns: make(chan net.Conn), done: make(chan struct{}), addr: l.Addr()},
	}
	p.front = p.server(ctx, http.HandlerFunc(p.receive))
	p.back = p.server(ctx, w.Handler())
	if w.AppService != nil {
		app, err := (&net.ListenConfig{}).Listen(ctx, "tcp", appServiceHost+":0")
		if err != nil {
			l.Close()
			return nil, err
		}
		w.AppService.addr = app.Addr().String()
		p.active.Go(func() { p.back.Serve(app) })
	}
	p.active.Go(func() { p.front.Serve(l) }) // always ErrServerClosed
	p.active.Go(func() { p.back.Serve(p.tunnels) })
	p.stop = context.AfterFunc(ctx, p.shut)
	return p, nil
}

func (p *Proxy) server(ctx context.Context, h http.Handler) *http.Server {
	return &http.Server{
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !p.enter() {
				panic(http.ErrAbortHandler)
			}
			defer p.active.Done()
			h.ServeHTTP(rw, r)
		}),
		ReadHeaderTimeout: handshakeTimeout,
		ReadTimeout:       time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // clients that refuse our certificates are the point
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       func(ctx context.Context, c net.Conn) context.Context { return context.WithValue(ctx, connKey{}, c) },
	}
}

// enter counts a request in that is to be waited for, unless the door is closed
// and the waiting may have begun.
func (p *Proxy) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.active.Add(1)
	}
	return !p.closed
}

// Close closes the door and everything that went through it.
func (p *Proxy) Close() error {
	p.stop()
	p.shut()
	p.active.Wait()
	return nil
}

func (p *Proxy) shut() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	// The servers' own Close errors are those of listeners that are closed
	// anyway.
	p.front.Close()
	p.back.Close()
	p.tunnels.Close()
}

// Environ is what puts a program behind the proxy, given a path at which the
// caller has written CAPEM. Go, OpenSSL, Python's requests and httpx, and Node
// each read another variable.
func (p *Proxy) Environ(caFile string) map[string]string {
	return map[string]string{
		"HTTPS_PROXY":         p.URL,
		"HTTP_PROXY":          p.URL,
		"https_proxy":         p.URL,
		"http_proxy":          p.URL,
		"NO_PROXY":            "",
		"no_proxy":            "",
		"SSL_CERT_FILE":       caFile,
		"REQUESTS_CA_BUNDLE":  caFile,
		"NODE_EXTRA_CA_CERTS": caFile,
	}
}

// receive is one request to the proxy itself.
func (p *Proxy) receive(rw http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(rw, r)
	case r.URL.IsAbs() && canonicalHost(r.URL.Host) == imdsAddress:
		p.forward(rw, r)
	case r.URL.IsAbs():
		// Nothing else in the world speaks plain HTTP.
		squid(rw, http.StatusServiceUnavailable, "ERR_CONNECT_FAIL 111")
	default:
		squid(rw, http.StatusBadRequest, "ERR_INVALID_URL 0")
	}
}

// forward passes a plain request on.
func (p *Proxy) forward(rw http.ResponseWriter, r *http.Request) {
	host := canonicalHost(r.URL.Host)
	if s, f := p.w.dial(host); f.Kind != "" {
		p.w.logDial(s, r, host, f.Kind)
		p.refuse(rw, r, f)
		return
	}
	p.w.Handler().ServeHTTP(rw, r)
}

// connect opens a tunnel and hands its inner end to the back server.
func (p *Proxy) connect(rw http.ResponseWriter, r *http.Request) {
	host := canonicalHost(r.Host)
	if _, port, err := net.SplitHostPort(r.Host); err != nil || port != "443" {
		squid(rw, http.StatusForbidden, "ERR_ACCESS_DENIED 0")
		return
	}
	p.w.mu.Lock()
	latency := p.w.ConnLatency
	p.w.mu.Unlock()
	if sleep(r.Context(), latency) != nil {
		return
	}
	s, f := p.w.dial(host)
	if f.Kind != "" {
		p.w.logDial(s, r, host, f.Kind)
	}
	switch f.Kind {
	case FaultDNSNotFound, FaultRefused, FaultConnectTimeout, FaultProxy:
		p.refuse(rw, r, f)
		return
	}
	cert := mint(host, f.Kind, time.Now()).tls()
	conn, buf, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		return
	}
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		conn.Close()
		return
	}
	conn.SetDeadline(time.Time{}) // the front server's; the back server sets its own
	p.tunnels.add(tls.Server(buffered{conn, buf.Reader}, &tls.Config{
		Certificates: []tls.Certificate{cert},
		NextProtos:   p.w.protocols(s, host),
	}))
}

// refuse answers for a host that cannot be reached, as Squid does.
func (p *Proxy) refuse(rw http.ResponseWriter, r *http.Request, f Fault) {
	switch f.Kind {
	case FaultDNSNotFound:
		squid(rw, http.StatusServiceUnavailable, "ERR_DNS_FAIL 0")
	case FaultRefused:
		squid(rw, http.StatusServiceUnavailable, "ERR_CONNECT_FAIL 111")
	case FaultConnectTimeout:
		if sleep(r.Context(), dialTimeout) == nil {
			squid(rw, http.StatusServiceUnavailable, "ERR_CONNECT_FAIL 110")
		}
	case FaultProxy:
		status := f.proxyStatus()
		if status == http.StatusProxyAuthRequired {
			rw.Header().Set("Proxy-Authenticate", `Basic realm="octo proxy"`)
			squid(rw, status, "ERR_CACHE_ACCESS_DENIED 0")
			return
		}
		squid(rw, status, "ERR_ACCESS_DENIED 0")
	}
}

// squid writes an error page in Squid's form.
func squid(rw http.ResponseWriter, status int, squidError string) {
	h := rw.Header()
	h.Set("Server", "squid/6.10")
	h.Set("Content-Type", "text/html;charset=utf-8")
	h.Set("X-Squid-Error", squidError)
	h.Set("Via", "1.1 proxy.octo.example (squid/6.10)")
	rw.WriteHeader(status)
	fmt.Fprintf(rw, "<html><head><title>ERROR: The requested URL could not be retrieved</title></head><body><p>%s</p></body></html>\n", squidError)
}

// buffered is a connection of which some bytes have been read already.
type buffered struct {
	net.Conn
	r *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.r.Read(p) }

// SetLinger is that of the connection below, for [resetConnection].
func (b buffered) SetLinger(sec int) error {
	t, ok := b.Conn.(*net.TCPConn)
	if !ok {
		return errors.ErrUnsupported
	}
	return t.SetLinger(sec)
}

// tunnels is a listener of connections that the front server took over.
type tunnels struct {
	conns chan net.Conn
	addr  net.Addr
	once  sync.Once
	done  chan struct{}
}

// add hands over a connection, or closes it when nobody accepts any more.
func (t *tunnels) add(c net.Conn) {
	select {
	case t.conns <- c:
	case <-t.done:
		c.Close()
	}
}

func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case c := <-t.conns:
		return c, nil
	case <-t.done:
		return nil, net.ErrClosed
	}
}

func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.done) })
	return nil
}

func (t *tunnels) Addr() net.Addr { return t.addr }
