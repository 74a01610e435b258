package preflight

import (
	"net/http/httptrace"
	"sync/atomic"
)

// What a request is waiting for, as [Exchange.Step] says it.
const (
	stepDNS     = "the name lookup"
	stepTCP     = "the TCP connection"
	stepProxy   = "the proxy"
	stepTLS     = "the TLS handshake"
	stepHeaders = "the answer's headers"
	stepBody    = "the answer's body"
)

// waiting knows what a request is waiting for. The transport's hooks move it
// on; they may run after the request has been given up.
type waiting struct {
	step atomic.Pointer[string]
	sent atomic.Bool // the headers, with the credential, have left
}

func newWaiting() *waiting {
	w := &waiting{}
	w.set(stepTCP)
	return w
}

func (w *waiting) set(step string) { w.step.Store(&step) }
func (w *waiting) get() string     { return *w.step.Load() }

// dial moves on to a step of a connection's making, unless there is one: the
// request may have got another's, while the dial that was begun for it goes on.
func (w *waiting) dial(step string) {
	for {
		now := w.step.Load()
		if *now == stepHeaders || *now == stepBody || w.step.CompareAndSwap(now, &step) {
			return
		}
	}
}

func (w *waiting) trace(proxied bool) *httptrace.ClientTrace {
	first := stepTCP
	if proxied {
		first = stepProxy
	}
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.set(first) },
		DNSStart: func(httptrace.DNSStartInfo) {
			if !proxied {
				w.dial(stepDNS)
			}
		},
		ConnectStart: func(string, string) {
			if !proxied {
				w.dial(stepTCP)
			}
		},
		TLSHandshakeStart: func() { w.dial(stepTLS) },
		GotConn:           func(httptrace.GotConnInfo) { w.set(stepHeaders) },
		WroteHeaders:      func() { w.sent.Store(true) },
	}
}
