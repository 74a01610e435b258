package preflight

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// errBlocked is the refusal to send a credential to a host that may not get it.
type errBlocked struct{ host string }

func (e *errBlocked) Error() string { return "refused to send a credential to " + e.host }

// NonRetriable tells azcore's retry policy that trying again is pointless.
func (e *errBlocked) NonRetriable() {}

// errForeign is an answer that no service of the chain gives, whatever status it
// has. It does not repeat what was answered: a broken answer may hold a token.
type errForeign struct{ detail string }

func (e *errForeign) Error() string { return "the answer is not the service's: " + e.detail }

// errProxy is a proxy's answer to CONNECT when it opens no tunnel.
type errProxy struct {
	status int
	detail string
}

func (e *errProxy) Error() string { return "the proxy opened no tunnel: " + e.detail }

// fault is what the proxy's words say was the matter: it could not look the
// name up, could not connect, or would not.
func (e *errProxy) fault() Fault {
	switch {
	case proxyNoName().MatchString(e.detail):
		return FaultDNSNotFound
	case e.status == http.StatusBadGateway, e.status == http.StatusServiceUnavailable, e.status == http.StatusGatewayTimeout, proxyNoRoute().MatchString(e.detail):
		return FaultConnect
	}
	return FaultProxy
}

// What proxies say when a name does not exist, and when nobody answers: Squid's
// error codes, and the words of resolvers and sockets that others pass on.
var (
	proxyNoName  = lazy(`(?i)ERR_DNS_FAIL|ERR_NAME_NOT_RESOLVED|NXDOMAIN|no such host|name or service not known|host not found|getaddrinfo|(?:could not|cannot|can't|unable to|failed to) (?:be )?(?:resolve|determine ip)|dns (?:lookup|resolution|error)`)
	proxyNoRoute = lazy(`(?i)ERR_CONNECT_FAIL|connection refused|timed out|time-?out|unreachable|no route`)
)

// classify names the fault behind a transport error. step is what the request
// had been waiting for.
func classify(err error, step string) (Fault, string) {
	var (
		blocked   *errBlocked
		foreign   *errForeign
		proxy     *errProxy
		dns       *net.DNSError
		op        *net.OpError
		verify    *tls.CertificateVerificationError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		invalid   x509.CertificateInvalidError
		header    tls.RecordHeaderError
		alert     tls.AlertError
	)
	switch {
	case errors.As(err, &blocked):
		return FaultBlocked, blocked.Error()
	case errors.As(err, &foreign):
		return FaultForeign, foreign.detail
	case strings.Contains(err.Error(), "invalid header field"):
		return FaultClient, "a header cannot carry the credential"
	case errors.As(err, &proxy):
		return proxy.fault(), proxy.Error()
	case bareStatus(err):
		return FaultProxy, "the proxy opened no tunnel: " + rootCause(err).Error()
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return FaultProxy, "the proxy could not be reached: " + op.Err.Error()
	case errors.As(err, &dns) && !dns.IsTimeout:
		if dns.IsNotFound {
			return FaultDNSNotFound, dns.Error()
		}
		return FaultDNS, dns.Error()
	case errors.As(err, &dns):
		return FaultDNS, dns.Error()
	case errors.As(err, &hostname):
		return FaultTLSHost, hostname.Error()
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return FaultTLSExpired, invalid.Error()
	case errors.As(err, &authority), errors.As(err, &invalid), errors.As(err, &verify):
		return FaultTLSTrust, err.Error()
	case errors.As(err, &header), errors.As(err, &alert):
		return FaultTLS, err.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return FaultRefused, err.Error()
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return FaultConnect, err.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), isTimeout(err):
		switch step {
		case stepDNS:
			return FaultDNS, "no answer from the resolver in time"
		case stepTCP:
			return FaultConnect, "no answer to the connection in time"
		case stepProxy:
			return FaultConnect, "no tunnel through the proxy in time"
		}
		return FaultTimeout, "waiting for " + orElse(step, "an answer")
	case errors.Is(err, context.Canceled):
		return FaultTimeout, "the run was cancelled"
	case step == stepBody && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)):
		return FaultTruncated, "the answer's body ended early: " + err.Error()
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		if step == stepTLS {
			return FaultTLS, "the connection was closed during the TLS handshake: " + err.Error()
		}
		return FaultReset, err.Error()
	case strings.Contains(err.Error(), "tls: "):
		return FaultTLS, err.Error()
	case step == stepTCP && errors.As(err, &op):
		return FaultConnect, err.Error()
	case step == stepBody:
		return FaultTruncated, err.Error()
	}
	return FaultReset, err.Error()
}

// bareStatus knows what net/http makes of a proxy's refusal when nobody reads
// it for it: an error that is a status's text and nothing else.
func bareStatus(err error) bool {
	switch rootCause(err).Error() {
	case "Forbidden", "Proxy Authentication Required", "Bad Gateway", "Service Unavailable", "Gateway Timeout":
		return true
	}
	return false
}

func rootCause(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

// mayPass reports whether another try may help after so many that failed. That
// a name does not exist a resolver also says when it is merely in trouble, and a
// proxy has one word for both: it is asked once more.
func (f Fault) mayPass(tries int) bool {
	return f.transient() && tries <= maxRetries || f == FaultDNSNotFound && tries == 1
}

// transient reports whether trying again at once may help. A name that does
// not exist, a certificate that is not trusted and our own refusal stay; whether
// an answer of somebody else does, the wire finds out by asking once more.
func (f Fault) transient() bool {
	switch f {
	case FaultDNSNotFound, FaultTLSTrust, FaultTLSHost, FaultTLSExpired, FaultBlocked, FaultClient, FaultProxy, FaultNone:
		return false
	}
	return true
}

// transientStatus reports whether a status asks to be tried again.
func transientStatus(status int) bool {
	switch status {
	case 408, 429, 500, 502, 503, 504:
		return true
	}
	return false
}

// room is the time that is left of a context, or plenty.
func room(ctx context.Context) time.Duration {
	if d, ok := ctx.Deadline(); ok {
		return time.Until(d)
	}
	return time.Hour
}
