package azurelab

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Handler answers for every service of the world; it goes by the request's
// host. What a server cannot express, such as a refused connection, is left to
// the doors: a request that gets here has been delivered.
func (w *World) Handler() http.Handler { return handler{w} }

type handler struct{ w *World }

func (h handler) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rep, f, err := h.w.handle(r)
	switch {
	case err != nil, f.Kind == FaultEOF, f.Kind == FaultResetStream:
		panic(http.ErrAbortHandler) // in HTTP/2 that is RST_STREAM
	case f.Kind == FaultGoAway:
		goAway(r)
	case f.Kind == FaultHang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case f.Kind == FaultReset:
		resetConnection(r)
	case f.Kind == FaultResetHeaders:
		breakHeaders(rw, r)
	case f.raw():
		speakRaw(rw, f)
		return
	}
	for name, values := range rep.header {
		rw.Header()[name] = values
	}
	if n := f.length(rep.body); n >= 0 {
		rw.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	}
	rw.WriteHeader(rep.status)
	body := f.body(r.Context(), canonicalHost(r.Host), rep.body)
	if _, err := io.Copy(flushing{rw, http.NewResponseController(rw)}, body); err != nil {
		if errors.Is(err, syscall.ECONNRESET) {
			resetConnection(r)
		}
		if errors.Is(err, errGoAway) {
			goAway(r)
		}
		panic(http.ErrAbortHandler)
	}
}

// flushing sends every write at once, so that a body which drips does.
type flushing struct {
	io.Writer
	rc *http.ResponseController
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.Writer.Write(p)
	if err == nil {
		err = f.rc.Flush()
	}
	return n, err
}

// connKey finds the connection of a request in its context.
type connKey struct{}

// resetConnection closes the request's connection with a RST instead of a FIN.
func resetConnection(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		abort(c)
	}
	panic(http.ErrAbortHandler)
}

// handle answers one request. The fault is what the way back still does to the
// reply.
func (w *World) handle(r *http.Request) (*reply, Fault, error) {
	c, err := newCall(r)
	if err != nil {
		return nil, Fault{}, err
	}
	w.mu.Lock()
	latency := w.Latency
	w.mu.Unlock()
	if err := sleep(r.Context(), latency); err != nil {
		return nil, Fault{}, err
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	c.now = time.Now().Add(w.Skew)
	s := w.site(c.host)
	f, _ := w.takeFault(s.service, c.host, phaseAnswer)
	rep := f.answer(c, s.service, func() *reply { return w.answer(c, s) })
	w.finish(s.service, c, rep)
	status := rep.status
	switch f.Kind {
	case FaultHang, FaultReset, FaultEOF, FaultResetHeaders, FaultResetStream, FaultGoAway, FaultRaw, FaultRawClosed:
		status = 0 // nobody sees one
	}
	w.record(s.service, c, status, f.Kind)
	return rep, f, nil
}

// answer lets the service at s speak.
func (w *World) answer(c *call, s site) *reply {
	switch s.service {
	case ServiceGitHub:
		return w.answerGitHub(c)
	case ServiceEntra:
		return w.answerEntra(c, s.cloud.facts())
	case ServiceIMDS:
		return w.answerIMDS(c)
	case ServiceApp:
		return w.answerAppService(c)
	case ServiceModel:
		return w.answerModel(c, s)
	case ServiceGateway:
		return w.answerGateway(c, s.gateway)
	case ServiceStranger:
		// A look-alike answers as the real thing would, the better to be believed.
		return jsonReply(http.StatusOK, map[string]any{"object": "chat.completion", "model": "gpt-4.1-mini", "choices": []any{}})
	}
	return textReply(http.StatusBadGateway, "text/plain", "azurelab: no such host "+c.host+"\n")
}

// finish adds the headers that every answer of a service has.
func (w *World) finish(s Service, c *call, r *reply) {
	date := c.now
	if s == ServiceGitHub {
		date = date.Add(w.GitHub.Skew)
	}
	r.set("Date", date.UTC().Format(http.TimeFormat))
	if s == ServiceEntra {
		w.entraHeaders(r)
	}
}
