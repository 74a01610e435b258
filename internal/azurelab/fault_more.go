package azurelab

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Faults that are made rather than met: what a hostile or broken server can do
// with an answer that begins well.
const (
	FaultResetHeaders FaultKind = "reset-headers" // the connection is reset in the middle of the headers
	FaultGzipBomb     FaultKind = "gzip-bomb"     // 200 and GzipBombBytes, packed into a thousandth of that
	FaultInvalidUTF8  FaultKind = "invalid-utf8"  // the right body with bytes that are no text in its first string
	FaultSkew         FaultKind = "skew"          // the right body, made and dated by a clock that is Skew off
	FaultAnswer       FaultKind = "answer"        // 200 and Body, as JSON
	FaultRaw          FaultKind = "raw"           // Body as bytes of HTTP/1.1, and then nothing more: the connection stays open
	FaultRawClosed    FaultKind = "raw-closed"    // Body as bytes of HTTP/1.1, and the connection is closed
)

// GzipBombBytes is the length of a body under [FaultGzipBomb] once unpacked.
const GzipBombBytes = 1 << 30

// gzipBomb is JSON that begins like an answer and never ends. A gzip stream may
// have any number of members, so one of a mebibyte is enough for all.
var gzipBomb = sync.OnceValue(func() []byte {
	const member = 1 << 20
	var head, pad, all bytes.Buffer
	pack(&head, `{"object":"chat.completion","model":"gpt-4.1-mini","padding":"`)
	pack(&pad, strings.Repeat("A", member))
	all.Write(head.Bytes())
	for range GzipBombBytes / member {
		all.Write(pad.Bytes())
	}
	return all.Bytes()
})

func pack(to io.Writer, text string) {
	z := gzip.NewWriter(to)
	io.WriteString(z, text) // a buffer takes everything
	z.Close()
}

func bombReply() *reply {
	r := textReply(http.StatusOK, "application/json; charset=utf-8", "").set("Content-Encoding", "gzip")
	r.body = gzipBomb()
	return r
}

// spoil puts bytes that no UTF-8 has into the first string value of a body, or
// in front of a body that has none.
func (r *reply) spoil() *reply {
	const bytes = "\xff\xfe\xc3"
	head, rest, found := strings.Cut(string(r.body), `:"`)
	if !found {
		head, rest = "", string(r.body)
	} else {
		head += `:"`
	}
	r.body = []byte(head + bytes + rest)
	return r
}

// unpack does for a response what net/http's transport does when it asked for
// gzip itself: the reader sees neither the coding nor the packed length.
func unpack(r *http.Request, resp *http.Response) error {
	if resp.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Accept-Encoding") != "" {
		return nil
	}
	z, err := gzip.NewReader(resp.Body)
	if err != nil {
		return err
	}
	resp.Body, resp.ContentLength, resp.Uncompressed = z, -1, true
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	return nil
}

// brokenHeaders is net/http's error for a connection that breaks while the
// headers are read.
func brokenHeaders(host string) error {
	return fmt.Errorf("net/http: HTTP/1.x transport connection broken: %w", connectionReset(host))
}

// breakHeaders writes half a header and resets the connection.
func breakHeaders(rw http.ResponseWriter, r *http.Request) {
	if conn, _, err := http.NewResponseController(rw).Hijack(); err == nil {
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Ty")
		abort(conn)
	}
	panic(http.ErrAbortHandler)
}

// abort closes a connection with a RST instead of a FIN.
func abort(c net.Conn) {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = t.NetConn()
	}
	if t, ok := c.(interface{ SetLinger(int) error }); ok {
		t.SetLinger(0) // a connection that is gone already is reset enough
	}
	c.Close()
}

// raw reports whether the fault writes to the connection itself.
func (f Fault) raw() bool { return f.Kind == FaultRaw || f.Kind == FaultRawClosed }

// speakRaw writes the fault's bytes to the connection, whatever they are.
func speakRaw(rw http.ResponseWriter, f Fault) {
	conn, buf, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2, which protocols has not offered
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, f.Body); err == nil && f.Kind == FaultRaw {
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		io.Copy(io.Discard, buf) // until the client has had enough
	}
}

// readRaw is what a client reads of the fault's bytes.
func readRaw(ctx context.Context, r *http.Request, f Fault) (*http.Response, error) {
	var rest io.Reader = silence{ctx}
	if f.Kind == FaultRawClosed {
		rest = failing{io.ErrUnexpectedEOF}
	}
	in := bufio.NewReader(io.MultiReader(strings.NewReader(f.Body), rest))
	for {
		resp, err := http.ReadResponse(in, r)
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			if err == nil && resp.StatusCode == http.StatusSwitchingProtocols {
				resp.Body = io.NopCloser(in)
			}
			return resp, err
		}
	}
}

// silence is a connection on which nothing comes.
type silence struct{ ctx context.Context }

func (s silence) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, context.Cause(s.ctx)
}

// protocols are those that a host offers on a new connection: the bytes of a
// raw fault are HTTP/1.1's.
func (w *World) protocols(s Service, host string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.hasFault(s, host, FaultRaw) || w.hasFault(s, host, FaultRawClosed) {
		return []string{"http/1.1"}
	}
	return []string{"h2", "http/1.1"}
}
