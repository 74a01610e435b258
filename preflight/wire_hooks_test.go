package preflight

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLateDial: a call that goes over another's connection waits for its answer,
// however far the dial gets that net/http began for it and nobody needs any more.
func TestLateDial(t *testing.T) {
	t.Parallel()
	hold := make(chan struct{})
	asked := make(chan struct{}, 2)
	l := &listening{Server: httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		<-hold
	}))}
	l.EnableHTTP2 = true
	l.StartTLS()
	t.Cleanup(l.Close)
	t.Cleanup(func() { close(hold) })
	w, _ := l.wire(t)

	// Both calls dial, and the second dial comes too late for its call.
	dialing, first, second := make(chan struct{}, 2), make(chan struct{}), make(chan struct{})
	gates := make(chan chan struct{}, 2)
	gates <- first
	gates <- second
	transport := w.base.(*http.Transport)
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		gate := <-gates
		dialing <- struct{}{}
		<-gate
		return dial(ctx, network, address)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rec := &recorder{}
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			req, err := http.NewRequestWithContext(withRecorder(ctx, rec), http.MethodPost, l.URL, strings.NewReader("{}"))
			if err == nil {
				_, err = w.client(ServiceModel, func(*url.URL) bool { return true }).Do(req)
			}
			if err == nil {
				t.Error("an answer")
			}
		})
		<-dialing
	}
	close(first)
	<-asked
	<-asked
	close(second)
	time.Sleep(100 * time.Millisecond) // in which the second handshake is made, on all but a busy machine
	cancel()
	calls.Wait()
	for _, x := range rec.list() {
		if x.Step != stepHeaders {
			t.Errorf("it says that it waited for %s: %+v", x.Step, x)
		}
	}
}
