package azurelab

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is what an answer that comes at once may take on a busy machine.
const patience = 30 * time.Second

// TestProxyScenarios meets the scenarios from outside the process. Those that
// wait are left to virtual time.
func TestProxyScenarios(t *testing.T) {
	hidden := map[string]string{ // what net/http leaves of a proxy's answer
		"no-such-host":      "Service Unavailable",
		"oidc-unreachable":  "Service Unavailable",
		"model-unreachable": "Service Unavailable",
	}
	for _, name := range []string{
		"healthy", "gateway", "foundry", "several-deployments", "no-permission", "wrong-branch", "tenant-not-found",
		"not-imds", "no-such-host", "oidc-unreachable", "model-unreachable", "tls-inspection", "tls-expired", "tls-wrong-host",
		"proxy-refuses", "captive-portal", "redirect", "no-role", "hostile-error", "oversize-error", "no-subscription-key",
	} {
		s := scenario(t, name)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := told[name]
			if b, ok := hidden[name]; ok {
				want = b
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			w := s.World()
			got := newJob(t, w, throughProxy).check(ctx)
			if s.Verdict == pass && got != "" || !strings.Contains(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
		})
	}
}

// TestProxyFaults spoils answers on a real connection, over both protocols.
func TestProxyFaults(t *testing.T) {
	for _, kind := range []FaultKind{FaultReset, FaultEOF, FaultTruncated, FaultResetBody, FaultHang, FaultDrip} {
		for _, h2 := range []bool{true, false} {
			t.Run(string(kind)+map[bool]string{true: "/h2", false: "/http1"}[h2], func(t *testing.T) {
				t.Parallel()
				w := Healthy()
				w.Faults = []Fault{{Service: ServiceModel, Kind: kind}}
				c := throughProxy(t, w)
				c.Transport.(*http.Transport).ForceAttemptHTTP2 = h2
				waits, limit := kind == FaultHang || kind == FaultDrip, patience
				if waits {
					limit = 200 * time.Millisecond
				}
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				_, err := get(ctx, w, c)
				if err == nil || errors.Is(err, context.DeadlineExceeded) != waits {
					t.Errorf("the error is %v", err)
				}
			})
		}
	}
}

// TestProxyProtocols checks that both protocols are offered inside a tunnel.
func TestProxyProtocols(t *testing.T) {
	w := Healthy()
	for want, h2 := range map[string]bool{"HTTP/2.0": true, "HTTP/1.1": false} {
		c := throughProxy(t, w)
		c.Transport.(*http.Transport).ForceAttemptHTTP2 = h2
		resp, err := c.Get(modelsURL)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.Proto != want || resp.TLS.PeerCertificates[0].DNSNames[0] != "octo-aoai.openai.azure.com" {
			t.Errorf("%s, want %s", resp.Proto, want)
		}
	}
}

// TestProxyPages reads the proxy's own answers, which net/http hides behind a
// bare error.
func TestProxyPages(t *testing.T) {
	for name, want := range map[string]string{
		"no-such-host":      "503 ERR_DNS_FAIL 0",
		"model-unreachable": "503 ERR_CONNECT_FAIL 111",
		"proxy-refuses":     "403 ERR_ACCESS_DENIED 0",
		"healthy":           "407 ERR_CACHE_ACCESS_DENIED 0", // with a fault of its own
	} {
		w := scenario(t, name).World()
		if name == "healthy" {
			w.Faults = []Fault{{Kind: FaultProxy, Status: http.StatusProxyAuthRequired}}
		}
		c := throughProxy(t, w)
		var got string
		c.Transport.(*http.Transport).OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			got = resp.Status[:3] + " " + resp.Header.Get("X-Squid-Error")
			return nil
		}
		if _, err := c.Get(w.Job.Inputs["endpoint"]); err == nil || got != want {
			t.Errorf("%s: %v, %q, want %q", name, err, got, want)
		}
	}
}

// TestInspection trusts the inspecting proxy's root, as ca-bundle does.
func TestInspection(t *testing.T) {
	w := scenario(t, "tls-inspection").World()
	c := throughProxy(t, w)
	if _, err := c.Get(modelsURL); err == nil {
		t.Error("the inspecting proxy is trusted without its root")
	}
	c.Transport.(*http.Transport).TLSClientConfig.RootCAs.AppendCertsFromPEM(InspectionPEM())
	resp, err := c.Get(modelsURL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// TestProxyRefusesMore asks for what the proxy is not for.
func TestProxyRefusesMore(t *testing.T) {
	c := throughProxy(t, Healthy())
	for address, want := range map[string]int{
		"http://octo-aoai.openai.azure.com/": http.StatusServiceUnavailable,
		"http://" + imdsAddress + "/":        http.StatusBadRequest,
	} {
		resp, err := c.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s, want %d", address, resp.Status, want)
		}
	}
	if _, err := c.Get("https://octo-aoai.openai.azure.com:8443/"); err == nil {
		t.Error("the proxy opens a tunnel to another port")
	}
}

func TestServeOnLoopbackOnly(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		if p, err := Serve(t.Context(), Healthy(), addr); err == nil {
			p.Close()
			t.Errorf("serves on %s", addr)
		}
	}
	p, err := Serve(t.Context(), Healthy(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if !strings.HasPrefix(p.Addr, "127.0.0.1:") || p.URL != "http://"+p.Addr {
		t.Errorf("serves on %s, %s", p.Addr, p.URL)
	}
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, p.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	if env := p.Environ(ca); env["HTTPS_PROXY"] != p.URL || env["SSL_CERT_FILE"] != ca {
		t.Errorf("the environment is %v", env)
	}
}

// TestProxyEnds checks that nothing is left of a proxy, however it ends and
// whatever still hangs in it.
func TestProxyEnds(t *testing.T) {
	for name, end := range map[string]func(p *Proxy, cancel func()){
		"close":   func(p *Proxy, _ func()) { p.Close() },
		"context": func(p *Proxy, cancel func()) { cancel(); p.active.Wait() },
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w := Healthy()
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultHang}}
			p, err := Serve(ctx, w, "")
			if err != nil {
				t.Fatal(err)
			}
			c := behind(t, p)
			hung := make(chan error)
			go func() {
				_, err := get(context.Background(), w, c)
				hung <- err
			}()
			for len(w.Requests()) == 0 {
				time.Sleep(time.Millisecond)
			}
			end(p, cancel)
			if err := <-hung; err == nil {
				t.Error("the request that hung succeeded")
			}
			c.CloseIdleConnections()
			// The client's side of a connection takes a moment to notice.
			deadline := time.Now().Add(2 * time.Second)
			for runtime.NumGoroutine() > before && time.Now().Before(deadline) {
				time.Sleep(time.Millisecond)
			}
			if n := runtime.NumGoroutine(); n > before {
				buf := make([]byte, 1<<20)
				t.Errorf("%d goroutines, %d before:\n%s", n, before, buf[:runtime.Stack(buf, true)])
			}
		})
	}
}

// TestProxyClosedInUse closes proxies that are being asked: under the race
// detector, to count a request in while the last are waited for is a race.
func TestProxyClosedInUse(t *testing.T) {
	t.Parallel()
	for i := range 40 {
		w := Healthy()
		p, err := Serve(t.Context(), w, "")
		if err != nil {
			t.Fatal(err)
		}
		var asking sync.WaitGroup
		closed := make(chan struct{})
		for range 4 {
			c := behind(t, p)
			asking.Go(func() {
				for {
					select {
					case <-closed:
						return
					default:
					}
					if resp, err := c.Get(modelsURL); err == nil {
						resp.Body.Close()
					}
				}
			})
		}
		time.Sleep(time.Duration(5+i) * time.Millisecond)
		p.Close()
		close(closed)
		asking.Wait()
	}
}
