package azurelab

import (
	"errors"
	"net"
	"net/http"
)

// Faults of HTTP/2: a server that ends one stream, or the connection with all
// of them, by a frame of the protocol.
const (
	FaultResetStream     FaultKind = "reset-stream"      // RST_STREAM before the headers
	FaultResetStreamBody FaultKind = "reset-stream-body" // RST_STREAM in the middle of the body
	FaultGoAway          FaultKind = "goaway"            // GOAWAY, and the end, before the headers
	FaultGoAwayBody      FaultKind = "goaway-body"       // GOAWAY, and the end, in the middle of the body
)

// What net/http makes of them. Its types are not exported: the words are.
var (
	errStreamReset = errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer")
	errGoAway      = errors.New(`http2: server sent GOAWAY and closed the connection; LastStreamID=2147483647, ErrCode=NO_ERROR, debug=""`)
)

// goAwayFrame is a GOAWAY that disowns no stream and names no error, as of a
// server that is shut down.
const goAwayFrame = "\x00\x00\x08\x07\x00\x00\x00\x00\x00" + "\x7f\xff\xff\xff" + "\x00\x00\x00\x00"

// goAway says so and closes the connection of a request, past the server that
// would wait for the answer. The server writes whole frames, one at a time.
func goAway(r *http.Request) {
	if c, ok := r.Context().Value(connKey{}).(net.Conn); ok && r.ProtoMajor == 2 {
		c.Write([]byte(goAwayFrame)) // a client that is gone has no need of it
		c.Close()
	}
	panic(http.ErrAbortHandler)
}
