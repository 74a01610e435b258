package azurelab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

const modelsURL = endpoint + "/openai/v1/models"

// get asks for the list of models with a good key and reads the answer.
func get(ctx context.Context, w *World, c *http.Client) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, modelsURL, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Api-Key", w.Resources[0].Keys[0])
	resp, err := c.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return string(b), err
}

func is(target error) func(error) bool { return func(err error) bool { return errors.Is(err, target) } }

func as[T error](ok func(T) bool) func(error) bool {
	return func(err error) bool {
		var target T
		return errors.As(err, &target) && ok(target)
	}
}

// TestTransportFaults checks that failures are the values that net/http
// returns, in virtual time.
func TestTransportFaults(t *testing.T) {
	for kind, ok := range map[FaultKind]func(error) bool{
		FaultDNSNotFound:    as(func(e *net.DNSError) bool { return e.IsNotFound && e.Name == "octo-aoai.openai.azure.com" }),
		FaultRefused:        is(syscall.ECONNREFUSED),
		FaultConnectTimeout: is(context.DeadlineExceeded),
		FaultTLSUntrusted: as(func(e *tls.CertificateVerificationError) bool {
			return len(e.UnverifiedCertificates) == 1 && e.UnverifiedCertificates[0].Issuer.CommonName == "Octo Corp TLS Inspection CA" &&
				errors.As(e.Err, new(x509.UnknownAuthorityError))
		}),
		FaultTLSExpired:   as(func(e x509.CertificateInvalidError) bool { return e.Reason == x509.Expired }),
		FaultTLSWrongHost: as(func(e x509.HostnameError) bool { return e.Host == "octo-aoai.openai.azure.com" }),
		FaultHang:         is(context.DeadlineExceeded),
		FaultReset:        is(syscall.ECONNRESET),
		FaultEOF:          is(io.EOF),
		FaultResetBody:    is(syscall.ECONNRESET),
		FaultTruncated:    is(io.ErrUnexpectedEOF),
		FaultDrip:         is(context.DeadlineExceeded),
		FaultProxy:        func(err error) bool { return strings.Contains(err.Error(), "Forbidden") },
	} {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := Healthy()
				w.Faults = []Fault{{Service: ServiceModel, Kind: kind, Times: 1, Status: http.StatusForbidden}}
				c := inProcess(t, w)
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				if _, err := get(ctx, w, c); err == nil || !ok(err) {
					t.Errorf("the error is %#v: %v", err, err)
				}
				if log := w.Requests(); len(log) != 1 || log[0].Fault != kind {
					t.Errorf("the log is %+v", log)
				}
				if _, err := get(t.Context(), w, c); err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		})
	}
}

// TestConnectTimeout waits without a deadline of its own.
func TestConnectTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Healthy()
		w.Faults = []Fault{{Kind: FaultConnectTimeout}}
		start := time.Now()
		_, err := get(t.Context(), w, inProcess(t, w))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(start) != dialTimeout {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestAnswerFaults(t *testing.T) {
	for kind, want := range map[FaultKind]string{
		FaultLoginPage:   "Octo Guest WiFi",
		FaultEmpty:       "",
		FaultContentType: `"object":"list"`,
		FaultStatus:      `{"statusCode":502,"message":"Bad Gateway"}`,
		FaultHostile:     "##[add-mask]",
		FaultRedirect:    "",
	} {
		w := Healthy()
		w.Faults = []Fault{{Service: ServiceModel, Kind: kind, Status: http.StatusBadGateway, Location: "https://" + lookAlike}}
		got, err := get(t.Context(), w, inProcess(t, w))
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%s: %v %q, want %q", kind, err, got, want)
		}
	}
}

func TestOversize(t *testing.T) {
	w := Healthy()
	w.Faults = []Fault{{Kind: FaultOversize}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, modelsURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := inProcess(t, w).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); n < OversizeBytes || err != nil || resp.ContentLength != -1 {
		t.Errorf("%d bytes of %d, %v", n, resp.ContentLength, err)
	}
}

// TestLatency checks what a request and a new connection cost.
func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Healthy()
		w.Latency, w.ConnLatency = 50*time.Millisecond, 30*time.Millisecond
		c := inProcess(t, w)
		for _, want := range []time.Duration{80 * time.Millisecond, 50 * time.Millisecond} {
			start := time.Now()
			if _, err := get(t.Context(), w, c); err != nil || time.Since(start) != want {
				t.Errorf("took %v, want %v: %v", time.Since(start), want, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		if _, err := get(ctx, w, c); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a deadline shorter than the latency: %v", err)
		}
	})
}

// TestTrace checks the order of the hooks, for a new connection and for one
// that is there.
func TestTrace(t *testing.T) {
	w := Healthy()
	c := inProcess(t, w)
	var seen []string
	saw := func(s string) { seen = append(seen, s) }
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		GetConn:              func(hostPort string) { saw("get " + hostPort) },
		DNSStart:             func(httptrace.DNSStartInfo) { saw("dns") },
		DNSDone:              func(httptrace.DNSDoneInfo) { saw("name") },
		ConnectStart:         func(string, string) { saw("dial") },
		ConnectDone:          func(string, string, error) { saw("tcp") },
		TLSHandshakeStart:    func() { saw("hello") },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { saw("tls") },
		GotConn:              func(httptrace.GotConnInfo) { saw("conn") },
		WroteHeaders:         func() { saw("headers") },
		WroteRequest:         func(httptrace.WroteRequestInfo) { saw("request") },
		GotFirstResponseByte: func() { saw("byte") },
	})
	for _, want := range []string{
		"get octo-aoai.openai.azure.com:443 dns name dial tcp hello tls conn headers request byte",
		"get octo-aoai.openai.azure.com:443 conn headers request byte",
	} {
		seen = nil
		if _, err := get(ctx, w, c); err != nil || strings.Join(seen, " ") != want {
			t.Errorf("%v: saw %s, want %s", err, seen, want)
		}
	}
}

// TestClocks checks that the services date their answers by their own clocks.
func TestClocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Healthy()
		w.Skew, w.GitHub.Skew = time.Hour, -2*time.Hour
		for address, want := range map[string]time.Duration{
			modelsURL:              time.Hour,
			w.GitHub.tokenURL():    -time.Hour,
			"https://" + lookAlike: time.Hour,
		} {
			resp, err := inProcess(t, w).Get(address)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			date, err := http.ParseTime(resp.Header.Get("Date"))
			if err != nil || time.Until(date) != want {
				t.Errorf("%s is dated %v, want %v later", address, date, want)
			}
		}
	})
}

func TestResolver(t *testing.T) {
	w := Healthy()
	if _, err := w.LookupHost(t.Context(), "octo-typo.openai.azure.com"); !as(func(e *net.DNSError) bool { return e.IsNotFound })(err) {
		t.Errorf("an unknown name: %v", err)
	}
	addrs, err := w.LookupHost(t.Context(), "octo-aoai.openai.azure.com")
	if err != nil || len(addrs) != 1 || net.ParseIP(addrs[0]) == nil {
		t.Errorf("addresses %v: %v", addrs, err)
	}
	if name, err := w.LookupCNAME(t.Context(), "octo-aoai.openai.azure.com"); err != nil || !strings.HasSuffix(name, ".azure-api.net.") {
		t.Errorf("canonical name %q: %v", name, err)
	}
}

// TestLog checks what the log tells of a whole check, and what it does not.
func TestLog(t *testing.T) {
	w := Healthy()
	if said := newJob(t, w, inProcess).check(t.Context()); said != "" {
		t.Fatal(said)
	}
	var got []string
	for _, r := range w.Requests() {
		if r.Status != http.StatusOK || r.Credential != CredentialNone && r.Digest == "" {
			t.Errorf("%+v", r)
		}
		got = append(got, string(r.Service)+" "+r.Credential)
	}
	want := []string{"entra none", "entra none", "github bearer", "entra client-assertion", "model bearer"}
	if !slices.Equal(got, want) {
		t.Errorf("the requests are %q, want %q", got, want)
	}
	for _, s := range w.Secrets() {
		for _, r := range w.Requests() {
			if strings.Contains(r.Path+r.Host+r.Digest+strings.Join(r.Query, ""), s) {
				t.Errorf("the log holds a secret: %+v", r)
			}
		}
	}
	if n := len(w.Secrets()); n != 7 { // request and runtime token, secret, two keys, assertion, access token
		t.Errorf("the world has %d secrets", n)
	}
}

// TestLeaked checks that a stranger's haul is noticed wherever it is hidden.
func TestLeaked(t *testing.T) {
	w := Healthy()
	c, key := inProcess(t, w), w.Resources[0].Keys[0]
	for name, r := range map[string]func() (*http.Request, error){
		"header": func() (*http.Request, error) {
			r, err := http.NewRequest(http.MethodGet, "https://"+lookAlike, nil)
			r.Header.Set("X-Octopus", "octo "+key)
			return r, err
		},
		"query": func() (*http.Request, error) {
			return http.NewRequest(http.MethodGet, "https://"+lookAlike+"/?q="+key, nil)
		},
		"body": func() (*http.Request, error) {
			return http.NewRequest(http.MethodPost, "https://"+lookAlike, strings.NewReader("a="+key))
		},
	} {
		r, err := r()
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if log := w.Requests(); !log[len(log)-1].Leaked || log[len(log)-1].Service != ServiceStranger {
			t.Errorf("a secret in the %s goes unnoticed", name)
		}
	}
}
