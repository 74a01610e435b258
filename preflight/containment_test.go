package preflight

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestModelHost: the last look before a token or key leaves, whatever the
// configuration's check has let through.
func TestModelHost(t *testing.T) {
	t.Parallel()
	parse := func(s string) *url.URL {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	own := &run{cfg: &Config{Endpoint: parse("https://octo.openai.azure.com")}}
	stray := &run{cfg: &Config{Endpoint: parse("https://evil.example")}}
	part := &run{cfg: own.cfg, part: &part{targets: []Target{{Endpoint: "https://octo.openai.azure.com"}, {Endpoint: "https://evil.example"}}}}
	for _, c := range []struct {
		run     *run
		address string
		want    bool
	}{
		{own, "https://octo.openai.azure.com/x", true},
		{own, "https://OCTO.openai.azure.com/x", true},
		{own, "http://octo.openai.azure.com/x", false},
		{own, "https://other.openai.azure.com/x", false},
		{own, "https://octo.openai.azure.com:8443/x", false},
		{own, "https://evil.example/x", false},
		{stray, "https://evil.example/x", false},
		{part, "https://octo.openai.azure.com/x", true},
		{part, "http://octo.openai.azure.com/x", false},
		{part, "https://other.openai.azure.com/x", false},
		{part, "https://evil.example/x", false},
	} {
		if got := c.run.modelHost(parse(c.address)); got != c.want {
			t.Errorf("modelHost(%s) = %t, want %t", c.address, got, c.want)
		}
	}
}

// TestProxyUser: what a proxy's address holds to sign in with is scrubbed in
// the forms in which it can come back.
func TestProxyUser(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"http://user:hunter2-0042@proxy.example:3128", "user:hunter2-0042@proxy.example:3128", "https://hunter2-0042@proxy.example", "hunter2-0042@proxy.example:3128"} { // a made-up password
		v := &vault{}
		newWire(World{LookupEnv: func(name string) (string, bool) { return address, name == "https_proxy" }}, v, nil)
		sent := base64.StdEncoding.EncodeToString([]byte("user:hunter2-0042"))
		if got := v.scrub("hunter2-0042 " + sent); strings.Contains(got, "hunter2") || strings.Contains(address, "user:") && strings.Contains(got, sent) {
			t.Errorf("%s: %s", address, got)
		}
	}
}

// TestMetadataSecretNotProxied: the secret of a managed identity's endpoint is
// sent in the open, which is for this machine and for no proxy.
func TestMetadataSecretNotProxied(t *testing.T) {
	t.Parallel()
	proxy := "http://127.0.0.1:9" // nobody listens, and nobody is to be asked
	w := newWire(World{LookupEnv: func(name string) (string, bool) { return proxy, name == "HTTP_PROXY" }}, &vault{}, nil)
	for _, header := range secretHeaders {
		rec := &recorder{}
		req, err := http.NewRequestWithContext(withRecorder(t.Context(), rec), http.MethodGet, "http://169.254.130.1:8081/msi/token", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header, "a-made-up-secret")
		resp, err := w.client(ServiceEntra, func(*url.URL) bool { return true }).Do(req)
		if err == nil {
			resp.Body.Close()
		}
		if x := last(rec.list()); err == nil || x.Fault != FaultBlocked || !strings.Contains(x.Detail, "NO_PROXY") {
			t.Errorf("%s: %v, %+v", header, err, x)
		}
	}
}

// TestSummaryIsBounded: past a mebibyte GitHub would drop all of it.
func TestSummaryIsBounded(t *testing.T) {
	t.Parallel()
	r := newReport(&Config{})
	for range 400 {
		r.Findings = append(r.Findings, Finding{ID: "aoai-unknown", Severity: SeverityError, Cause: strings.Repeat("cause ", 1000), Remedy: Remedy{Text: strings.Repeat("fix ", 500)}})
	}
	if n := len(summary(r)); n > 1<<20 {
		t.Errorf("the summary has %d bytes", n)
	}
}
