package preflight

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestRefusalWithoutItsEnd: a proxy that refuses a tunnel and keeps back what it
// has to say about it is heard before the request's time is over.
func TestRefusalWithoutItsEnd(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			c.Write([]byte("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 100\r\n\r\nWho"))
		}
		<-t.Context().Done()
	}()
	w := newWire(World{LookupEnv: func(name string) (string, bool) { return "http://" + l.Addr().String(), name == "HTTPS_PROXY" }}, &vault{}, nil)
	rec := &recorder{}
	req, err := http.NewRequestWithContext(withRecorder(t.Context(), rec), http.MethodPost, "https://octo-aoai.openai.azure.com/", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		resp, err := w.client(ServiceModel, func(*url.URL) bool { return true }).Do(req)
		if err == nil {
			resp.Body.Close()
		}
		done <- err
	}()
	select {
	case err = <-done:
	case <-time.After(time.Minute): // a test's own end; the request has none
		t.Fatal("the request waits for the rest of the refusal")
	}
	if x := last(rec.list()); err == nil || x.Fault != FaultProxy || !strings.Contains(x.Detail, "407") {
		t.Errorf("%v, %+v", err, x)
	}
}
