package preflight

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// keepProxyUser registers what the address of a proxy holds to sign in with, in
// the forms in which net/http reads the address and sends it.
func keepProxyUser(v *vault, address string) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		u, err = url.Parse("http://" + address)
	}
	if err != nil || u.User == nil {
		return
	}
	password, ok := u.User.Password()
	if !ok {
		password = u.User.Username() // some proxies take a token in its place
	}
	v.keep(password)
	v.keep(base64.StdEncoding.EncodeToString([]byte(u.User.Username() + ":" + password)))
}

// secretHeaders are those by which a managed identity's endpoint is asked.
var secretHeaders = []string{"X-Identity-Header", "Secret", "Authorization"}

// openSecret reports whether a request would carry a secret in the open.
func openSecret(req *http.Request) bool {
	return req.URL.Scheme == "http" && slices.ContainsFunc(secretHeaders, func(name string) bool { return req.Header.Get(name) != "" })
}

// refusalPatience is how long a refusal's words are waited for. net/http has no
// deadline for them.
const refusalPatience = 2 * time.Second

// readSoon reads up to n bytes, or nothing when they do not come. net/http closes
// the connection after a refusal, which ends the reading.
func readSoon(r io.Reader, n int64) []byte {
	read := make(chan []byte, 1)
	go func() {
		body, _ := io.ReadAll(io.LimitReader(r, n))
		read <- body
	}()
	patience := time.NewTimer(refusalPatience)
	defer patience.Stop()
	select {
	case body := <-read:
		return body
	case <-patience.C:
		return nil
	}
}

// readTunnelRefusal turns a proxy's refusal of a CONNECT into an error that
// holds what it said: whether the name or the connection was the matter only
// the proxy knows.
func readTunnelRefusal(resp *http.Response, scrub func(string) string) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	detail := resp.Status
	if s := resp.Header.Get("X-Squid-Error"); s != "" {
		detail += ", " + s
	}
	if resp.ContentLength > 0 {
		var x Exchange
		readBody(&x, resp.Header.Get("Content-Type"), readSoon(resp.Body, min(resp.ContentLength, 4<<10)), scrub)
		if x.Message != "" {
			detail += ": " + x.Message
		}
	}
	return &errProxy{resp.StatusCode, inert.Clip(scrub(inert.Line(detail)), 300)}
}
