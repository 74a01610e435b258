package preflight

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A listening server counts the connections that reach it.
type listening struct {
	*httptest.Server
	opened, closed, requests atomic.Int32
	proto                    atomic.Value // of the last request
}

func listen(t *testing.T, http2 bool) *listening {
	t.Helper()
	l := &listening{}
	l.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		l.requests.Add(1)
		l.proto.Store(r.Proto)
		io.Copy(io.Discard, r.Body)
		rw.Header().Set("Content-Type", "application/json")
		io.WriteString(rw, "{}")
	}))
	l.EnableHTTP2 = http2
	l.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		switch s {
		case http.StateNew:
			l.opened.Add(1)
		case http.StateClosed:
			l.closed.Add(1)
		}
	}
	l.StartTLS()
	t.Cleanup(l.Close)
	return l
}

func (l *listening) wire(t *testing.T) (*wire, string) {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(l.Certificate())
	w := newWire(World{LookupEnv: func(string) (string, bool) { return "", false }}, &vault{}, roots)
	t.Cleanup(w.base.(*http.Transport).CloseIdleConnections)
	u, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	return w, u.Host
}

// post makes one call and returns what was recorded of it.
func (l *listening) post(t *testing.T, w *wire) (Exchange, error) {
	t.Helper()
	rec := &recorder{}
	req, err := http.NewRequestWithContext(withRecorder(t.Context(), rec), http.MethodPost, l.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := w.client(ServiceModel, func(*url.URL) bool { return true }).Do(req)
	if err == nil {
		resp.Body.Close()
	}
	return *last(rec.list()), err
}

// TestEarlyConnection makes calls over a connection that was opened before:
// the same one for all of them, in the protocol that the server chose.
func TestEarlyConnection(t *testing.T) {
	t.Parallel()
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			t.Parallel()
			l := listen(t, proto == "HTTP/2.0")
			w, host := l.wire(t)
			w.connectEarly(t.Context(), host)
			w.connectEarly(t.Context(), host) // another part's target on the same host
			<-w.early.conns[host].done
			if n := l.requests.Load(); n != 0 {
				t.Fatalf("connecting made %d requests", n)
			}
			for range 3 {
				if x, err := l.post(t, w); err != nil || !x.OK() {
					t.Fatalf("%v, %+v", err, x)
				}
			}
			if n, got := l.opened.Load(), l.proto.Load(); n != 1 || got != proto {
				t.Errorf("%d connections, %s; want one, %s", n, got, proto)
			}
		})
	}
}

// TestEarlyConnectionGone makes the call all the same when the early connection
// was closed meanwhile.
func TestEarlyConnectionGone(t *testing.T) {
	t.Parallel()
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			t.Parallel()
			l := listen(t, proto == "HTTP/2.0")
			w, host := l.wire(t)
			w.connectEarly(t.Context(), host)
			c := w.early.conns[host]
			<-c.done
			l.CloseClientConnections()
			for c.conn.Err() == nil { // until the news has come
				time.Sleep(time.Millisecond)
			}
			if x, err := l.post(t, w); err != nil || !x.OK() {
				t.Fatalf("%v, %+v", err, x)
			}
			if n := l.opened.Load(); n != 2 {
				t.Errorf("%d connections, want 2", n)
			}
		})
	}
}

// TestEarlyConnectionFails leaves it to the call to say what is wrong.
func TestEarlyConnectionFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(l *listening, w *wire)
		fault Fault
		step  string
	}{
		{"refused", func(l *listening, _ *wire) { l.Listener.Close() }, FaultRefused, stepTCP},
		{"untrusted", func(_ *listening, w *wire) { w.base.(*http.Transport).TLSClientConfig.RootCAs = x509.NewCertPool() }, FaultTLSTrust, stepTLS},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := listen(t, true)
			l.Config.ErrorLog = nil
			w, host := l.wire(t)
			c.spoil(l, w)
			w.connectEarly(t.Context(), host)
			if x, err := l.post(t, w); err == nil || x.Fault != c.fault || x.Step != c.step || x.Sent != "" {
				t.Errorf("%v, %+v; want the fault %s", err, x, c.fault)
			}
		})
	}
}

// TestEarlyConnectionEnds closes what the run did not use.
func TestEarlyConnectionEnds(t *testing.T) {
	t.Parallel()
	l := listen(t, true)
	w, host := l.wire(t)
	w.connectEarly(t.Context(), host)
	c := w.early.conns[host]
	<-c.done
	if err := c.conn.Err(); err != nil {
		t.Fatalf("before the run's end: %v", err)
	}
	w.hangUp()
	for range 1000 {
		if c.conn.Err() != nil {
			return
		}
		time.Sleep(10 * time.Millisecond) // all of it a sixth of the time after which an idle connection is closed anyway
	}
	t.Error("the connection is still open")
}

// TestConnectionsEnd closes what the run did use.
func TestConnectionsEnd(t *testing.T) {
	t.Parallel()
	for _, http2 := range []bool{false, true} {
		l := listen(t, http2)
		w, _ := l.wire(t)
		if x, err := l.post(t, w); err != nil || !x.OK() || l.closed.Load() != 0 {
			t.Fatalf("%v, %+v, %d connections closed", err, x, l.closed.Load())
		}
		w.hangUp()
		for n := 0; l.closed.Load() == 0; n++ {
			if n == 1000 {
				t.Fatal("the connection is still open")
			}
			time.Sleep(10 * time.Millisecond) // as in TestEarlyConnectionEnds
		}
	}
}

// TestEarlyConnectionTimesOut: when the deadline ends both, the call and the
// connection that it is on, the call says that no answer came in time.
func TestEarlyConnectionTimesOut(t *testing.T) {
	t.Parallel()
	for _, proto := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(proto, func(t *testing.T) {
			t.Parallel()
			hold := make(chan struct{})
			var asked atomic.Int32
			l := &listening{Server: httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				asked.Add(1)
				<-hold
			}))}
			l.EnableHTTP2 = proto == "HTTP/2.0"
			l.StartTLS()
			t.Cleanup(l.Close)
			t.Cleanup(func() { close(hold) })
			deadline := 200 * time.Millisecond
			for try := 0; try < 12; try++ {
				w, host := l.wire(t)
				before := asked.Load()
				ctx, cancel := context.WithTimeout(t.Context(), deadline)
				w.connectEarly(ctx, host)
				rec := &recorder{}
				req, err := http.NewRequestWithContext(withRecorder(ctx, rec), http.MethodPost, l.URL, strings.NewReader("{}"))
				if err != nil {
					t.Fatal(err)
				}
				_, err = w.client(ServiceModel, func(*url.URL) bool { return true }).Do(req)
				cancel()
				if asked.Load() == before && deadline < 20*time.Second {
					deadline, try = 2*deadline, try-1 // the machine was too busy to ask in time
					continue
				}
				if x := last(rec.list()); err == nil || x.Fault != FaultTimeout || x.Step != stepHeaders {
					t.Fatalf("%v, %+v", err, x)
				}
			}
		})
	}
}

// A muted connection is one that is lost without a word, as behind a proxy that
// forgets its tunnels: nothing arrives any more, on either side.
type muted struct {
	net.Conn
	from *atomic.Bool
}

func (m muted) Write(p []byte) (int, error) {
	if m.from.Load() {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

func (m muted) Read(p []byte) (int, error) {
	for {
		n, err := m.Conn.Read(p)
		if err != nil || !m.from.Load() {
			return n, err
		}
	}
}

// TestEarlyConnectionLost: a connection of HTTP/2 outlives the requests that get
// no answer on it, and the next would get none either. It is found out in time
// for another try.
func TestEarlyConnectionLost(t *testing.T) {
	t.Parallel()
	l := listen(t, true)
	w, host := l.wire(t)
	transport := w.base.(*http.Transport)
	if c := transport.HTTP2; c == nil || c.SendPingTimeout <= 0 || c.PingTimeout <= 0 || c.SendPingTimeout+c.PingTimeout > tryTimeout*2/3 {
		t.Fatalf("nobody asks after the connection while a try lasts: %+v", c)
	}
	transport.HTTP2 = &http.HTTP2Config{SendPingTimeout: 100 * time.Millisecond, PingTimeout: 100 * time.Millisecond}
	var lost atomic.Bool
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil || lost.Load() {
			return c, err
		}
		return muted{c, &lost}, nil
	}
	w.connectEarly(t.Context(), host)
	<-w.early.conns[host].done
	lost.Store(true)
	if x, err := l.post(t, w); err == nil || !x.Fault.transient() || x.Step != stepHeaders {
		t.Fatalf("%v, %+v", err, x)
	}
	if x, err := l.post(t, w); err != nil || !x.OK() {
		t.Fatalf("%v, %+v", err, x)
	}
}
