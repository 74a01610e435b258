package azurelab

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// A FaultKind is what the network, a machine on the way or a broken service
// does to a connection or to an answer.
type FaultKind string

// Faults of a connection. A request never reaches the service.
const (
	FaultDNSNotFound    FaultKind = "dns-not-found"
	FaultRefused        FaultKind = "refused"
	FaultConnectTimeout FaultKind = "connect-timeout" // the SYN is dropped
	FaultTLSUntrusted   FaultKind = "tls-untrusted"   // a company's inspecting proxy
	FaultTLSExpired     FaultKind = "tls-expired"
	FaultTLSWrongHost   FaultKind = "tls-wrong-host"
	FaultProxy          FaultKind = "proxy" // the proxy refuses the tunnel with Status
)

// Faults of the way back. The service got the request and answered.
const (
	FaultHang      FaultKind = "hang"       // no headers, ever
	FaultReset     FaultKind = "reset"      // the connection is reset before the headers
	FaultEOF       FaultKind = "eof"        // it is closed before the headers
	FaultResetBody FaultKind = "reset-body" // it is reset in the middle of the body
	FaultTruncated FaultKind = "truncated"  // it is closed in the middle of the body
	FaultDrip      FaultKind = "drip"       // a byte a second
	FaultOversize  FaultKind = "oversize"   // an error body of OversizeBytes
)

// Faults of the answer. Something else than the service spoke, or the service
// is broken.
const (
	FaultStatus      FaultKind = "status"       // an answer with Status, after Status and RetryAfter
	FaultLoginPage   FaultKind = "login-page"   // Status, or 200, and a captive portal's page
	FaultEmpty       FaultKind = "empty"        // 200 and nothing
	FaultContentType FaultKind = "content-type" // the right body as text/plain
	FaultRedirect    FaultKind = "redirect"     // 307 to Location
	FaultHeaders     FaultKind = "headers"      // a megabyte of headers on an answer that is right otherwise
	FaultHostile     FaultKind = "hostile"      // Status and a text made to hurt whoever prints it
)

// OversizeBytes is the length of a body under [FaultOversize].
const OversizeBytes = 64 << 20

// A Fault is a fault and where it strikes. Service and Host narrow it; with
// neither it strikes everything.
type Fault struct {
	Service Service
	Host    string
	Kind    FaultKind
	Skip    int // requests that it lets through before it strikes first
	Times   int // how often, 0 for ever

	Status     int               // of a status, hostile or proxy fault
	RetryAfter time.Duration     // of a status fault, 0 for none
	RetryForm  RetryForm         // in which it asks for RetryAfter
	Header     map[string]string // of a status fault, besides
	Location   string            // of a redirect
	Skew       time.Duration     // of a skew or status fault
	Body       string            // of an answer or raw fault

	passed, hits int
}

// A phase is when a fault can strike.
type phase int

const (
	phaseConnect phase = iota
	phaseAnswer
)

func (k FaultKind) phase() phase {
	switch k {
	case FaultDNSNotFound, FaultRefused, FaultConnectTimeout, FaultTLSUntrusted, FaultTLSExpired, FaultTLSWrongHost, FaultProxy:
		return phaseConnect
	}
	return phaseAnswer
}

func (f *Fault) strikes(s Service, host string) bool {
	return f.concerns(s, host) && (f.Times == 0 || f.hits < f.Times)
}

// concerns reports whether the fault is about a host, however often it has
// struck.
func (f *Fault) concerns(s Service, host string) bool {
	return (f.Service == "" || f.Service == s) && (f.Host == "" || strings.EqualFold(f.Host, host))
}

// takeFault finds the fault that strikes next and counts it. The caller holds
// w.mu.
func (w *World) takeFault(s Service, host string, p phase) (Fault, bool) {
	for i := range w.Faults {
		if f := &w.Faults[i]; f.Kind.phase() == p && f.strikes(s, host) {
			if f.passed < f.Skip {
				f.passed++
				continue
			}
			f.hits++
			return *f, true
		}
	}
	return Fault{}, false
}

// hasFault reports whether a fault would strike, without counting it.
func (w *World) hasFault(s Service, host string, k FaultKind) bool {
	for i := range w.Faults {
		if f := &w.Faults[i]; f.Kind == k && f.strikes(s, host) {
			return true
		}
	}
	return false
}

// proxyStatus is what the proxy answers instead of opening a tunnel.
func (f Fault) proxyStatus() int { return cmp.Or(f.Status, http.StatusForbidden) }

// answer is the fault's own answer, or good where the fault lets the service
// speak.
func (f Fault) answer(c *call, s Service, good func() *reply) *reply {
	switch f.Kind {
	case FaultStatus:
		c.now = c.now.Add(f.Skew)
		return f.statusReply(c, s)
	case FaultLoginPage:
		return textReply(cmp.Or(f.Status, http.StatusOK), "text/html; charset=utf-8", loginPage)
	case FaultEmpty:
		return textReply(http.StatusOK, "", "")
	case FaultContentType:
		return good().set("Content-Type", "text/plain")
	case FaultRedirect:
		return textReply(http.StatusTemporaryRedirect, "text/html", "").set("Location", f.Location)
	case FaultHostile:
		return f.hostileReply(c)
	case FaultHeaders:
		return good().set("X-Filler", strings.Repeat("f", 1<<20))
	case FaultAnswer:
		return textReply(http.StatusOK, "application/json; charset=utf-8", f.Body)
	case FaultGzipBomb:
		return bombReply()
	case FaultInvalidUTF8:
		return good().spoil()
	case FaultSkew:
		c.now = c.now.Add(f.Skew)
	case FaultOversize:
		return textReply(cmp.Or(f.Status, http.StatusBadRequest), "application/json", `{"error":{"code":"BadRequest","message":"`)
	}
	return good()
}

// loginPage is what a captive portal or a blocking proxy serves instead.
const loginPage = `<!DOCTYPE html>
<html><head><title>Sign in to Octo Guest WiFi</title></head>
<body><form action="/login" method="post"><input name="user"><input name="password" type="password"></form></body></html>
`

// statusReply is the text of a broken service. The data plane's 500 is quoted
// from OpenAI's documentation and reports; the gateway's and Entra's are what
// their front ends (Azure Front Door, http.sys) send.
func (f Fault) statusReply(c *call, s Service) *reply {
	status := cmp.Or(f.Status, http.StatusServiceUnavailable)
	var r *reply
	switch {
	case s == ServiceModel && status == http.StatusInternalServerError:
		r = jsonReply(status, openAIError{Error: openAIErrorBody{
			Message: "The server had an error while processing your request. Sorry about that!", Type: "server_error"}})
	case s == ServiceModel && status == http.StatusTooManyRequests:
		// Report: the service is short of capacity, not the caller of quota.
		r = jsonReply(status, errorCode("429", "The system is currently experiencing high demand and cannot process your request. Your request exceeds the maximum usage size allowed during peak load."))
	case s == ServiceModel || s == ServiceGateway:
		r = jsonReply(status, statusMessage{status, http.StatusText(status)})
	case s == ServiceGitHub:
		r = jsonReply(status, map[string]any{"source": "actions-run-service", "statusCode": status, "errorMessage": http.StatusText(status)}) // assumed
	default:
		r = textReply(status, "text/html; charset=us-ascii", fmt.Sprintf("<!DOCTYPE HTML><HTML><HEAD><TITLE>%[1]s</TITLE></HEAD><BODY><h2>%[1]s</h2></BODY></HTML>\r\n", http.StatusText(status)))
	}
	if s == ServiceIMDS {
		r.set("Server", imdsServer)
	}
	if f.RetryAfter > 0 {
		r.set(f.RetryForm.header(f.RetryAfter, c.now))
	}
	for name, value := range f.Header {
		r.set(name, value)
	}
	return r
}

// hostileReply is an error text that attacks its reader: workflow commands of
// both syntaxes, terminal escapes, Markdown, and the reader's own credential
// sent back.
func (f Fault) hostileReply(c *call) *reply {
	credential := cmp.Or(c.bearer(), c.Header.Get("Api-Key"), "none")
	text := strings.Join([]string{
		"boom",
		"::error title=pwned::the job is owned",
		"::set-output name=verdict::pass",
		"::stop-commands::azurelab",
		"mid-line ##[error]still a command ##[add-mask]a",
		"  \u3000::notice::behind blanks, %0A::error::behind an escape, \r::warning::behind a return",
		"#\u2064#\ufe0f[error]:\u180e:error::behind what shows nothing \u202egnp.exe",
		"_GitHubActionsFileCommandDelimeter_\nverdict<<x\npass\nx\nresult=pass",
		"\x1b]0;pwned\x07\x1b[2J\x1b[31mred\x1b[0m",
		"</td></tr></table><img src=x onerror=alert(1)>",
		"[click](https://evil.example) | `code` | ![](https://evil.example/beacon)",
		"you sent " + credential,
	}, "\r\n")
	return jsonReply(cmp.Or(f.Status, http.StatusBadRequest), errorCode("::warning::hostile", text)).
		set("Apim-Request-Id", "##[error]hostile").
		set("X-Request-Id", "::error::hostile")
}

// body is what the reader of an answer gets: the bytes, and the error in which
// they end.
func (f Fault) body(ctx context.Context, host string, b []byte) io.Reader {
	half := bytes.NewReader(b[:len(b)/2])
	switch f.Kind {
	case FaultTruncated:
		return io.MultiReader(half, failing{io.ErrUnexpectedEOF})
	case FaultResetBody:
		return io.MultiReader(half, failing{connectionReset(host)})
	case FaultResetStreamBody:
		return io.MultiReader(half, failing{errStreamReset})
	case FaultGoAwayBody:
		// The server tells that a part is written while it may still be in its
		// buffer, where goAway overtakes it; not so the part before.
		part := io.LimitReader(half, half.Size()-1)
		return io.MultiReader(part, half, failing{errGoAway})
	case FaultDrip:
		return &drip{ctx, b}
	case FaultOversize:
		return io.MultiReader(bytes.NewReader(b), io.LimitReader(repeating('A'), OversizeBytes), strings.NewReader(`"}}`))
	}
	return bytes.NewReader(b)
}

// length is the Content-Length that goes with body, -1 for none.
func (f Fault) length(b []byte) int64 {
	if f.Kind == FaultOversize {
		return -1
	}
	return int64(len(b))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type repeating byte

func (r repeating) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// drip hands out a byte a second.
type drip struct {
	ctx context.Context
	b   []byte
}

func (d *drip) Read(p []byte) (int, error) {
	if len(d.b) == 0 {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := sleep(d.ctx, time.Second); err != nil {
		return 0, err
	}
	p[0] = d.b[0]
	d.b = d.b[1:]
	return 1, nil
}

// The errors that package net returns for the same faults.

func dnsNotFound(host string) error {
	return &net.DNSError{Err: "no such host", Name: host, Server: "127.0.0.53:53", IsNotFound: true}
}

func connectionRefused(host string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: tcpAddress(host), Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

func connectTimeout(host string) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: tcpAddress(host), Err: os.ErrDeadlineExceeded}
}

func connectionReset(host string) error {
	return &net.OpError{Op: "read", Net: "tcp", Addr: tcpAddress(host), Err: os.NewSyscallError("read", syscall.ECONNRESET)}
}

func tcpAddress(host string) *net.TCPAddr {
	if host == imdsAddress {
		return &net.TCPAddr{IP: address(host), Port: 80}
	}
	return &net.TCPAddr{IP: address(host), Port: 443}
}
