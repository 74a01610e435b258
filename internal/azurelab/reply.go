package azurelab

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// maxRequest bounds what a service reads of a request: nothing that the lab is
// for sends more.
const maxRequest = 8 << 20

// A call is one request as a service sees it.
type call struct {
	*http.Request
	host string // canonical
	body []byte
	now  time.Time // by the services' clock
	// caller is set when a gateway calls with an identity of its own.
	caller *principal
	paid   bool   // the call would have cost more than a few tokens
	asked  *Grant // of a request for a token
}

func newCall(r *http.Request) (*call, error) {
	c := &call{Request: r, host: canonicalHost(r.Host)}
	if c.host == "" && r.URL != nil {
		c.host = canonicalHost(r.URL.Host)
	}
	if r.Body == nil {
		return c, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	c.body = body
	return c, err
}

// bearer is the token of the Authorization header, "" when there is none.
func (c *call) bearer() string {
	const scheme = "Bearer "
	a := c.Header.Get("Authorization")
	if len(a) < len(scheme) || !strings.EqualFold(a[:len(scheme)], scheme) {
		return ""
	}
	return a[len(scheme):]
}

// A reply is what a service answers, before the way back does anything to it.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// jsonReply encodes v without escaping HTML, as the services do.
func jsonReply(status int, v any) *reply {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic("azurelab: " + err.Error())
	}
	r := textReply(status, "application/json; charset=utf-8", "")
	r.body = bytes.TrimRight(b.Bytes(), "\n")
	return r
}

func textReply(status int, contentType, body string) *reply {
	r := &reply{status: status, header: http.Header{}, body: []byte(body)}
	if contentType != "" {
		r.header.Set("Content-Type", contentType)
	}
	return r
}

// set adds a header and returns r, for literals.
func (r *reply) set(name, value string) *reply {
	r.header.Set(name, value)
	return r
}
