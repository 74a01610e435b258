package preflight

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// maxMessage bounds what is kept of an error text.
const maxMessage = 2000

// keptHeaders are the response headers that evidence may show.
var keptHeaders = []string{
	"date", "server", "content-type", "retry-after", "retry-after-ms", "x-ms-retry-after-ms", "apim-request-id", "x-request-id",
	"x-ms-request-id", "x-ms-client-request-id", "x-ms-region", "policy-id", "www-authenticate", "x-ratelimit-remaining-requests",
	"x-ratelimit-remaining-tokens", "x-ratelimit-limit-requests", "x-ratelimit-limit-tokens", "x-ms-deployment-name", "location", "via", "x-squid-error",
}

// A recorder collects the exchanges of one part of a run. It travels in the
// context, since the requests are made deep inside azidentity and azcore.
type recorder struct {
	mu        sync.Mutex
	exchanges []Exchange
}

type recorderKey struct{}

func withRecorder(ctx context.Context, r *recorder) context.Context {
	return context.WithValue(ctx, recorderKey{}, r)
}

func (r *recorder) add(x Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, x)
}

// list is a copy of what was recorded so far.
func (r *recorder) list() []Exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.exchanges)
}

// record scrubs an exchange and keeps it.
func (w *wire) record(ctx context.Context, x Exchange) {
	clean := func(s *string, n int) { *s = w.vault.plain(*s, n) }
	clean(&x.Message, maxMessage)
	clean(&x.Detail, 500)
	clean(&x.Code, 200)
	clean(&x.Inner, 200)
	clean(&x.Param, 100)
	clean(&x.Issuer, 200)
	clean(&x.Path, 300)
	if w.debug != nil {
		w.debug(&x)
	}
	if r, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		r.add(x)
	}
}

func (w *wire) keepHeaders(h http.Header) map[string]string {
	out := map[string]string{}
	for _, name := range keptHeaders {
		if v := h.Get(name); v != "" {
			out[name] = w.vault.plain(v, 300)
		}
	}
	return out
}
