package preflight

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded is in as UTF-8. PowerShell's Tee-Object and its redirections write
// UTF-16, with a mark at the beginning.
func decoded(in *bufio.Reader) *bufio.Reader {
	var order binary.ByteOrder
	switch mark, _ := in.Peek(2); {
	case bytes.Equal(mark, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.Equal(mark, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return in
	}
	return bufio.NewReaderSize(&utf16Reader{in: in, order: order}, maxLine)
}

// A utf16Reader turns UTF-16 into UTF-8, a piece at a time.
type utf16Reader struct {
	in    io.Reader
	order binary.ByteOrder
	half  rune   // the first half of a pair whose second is still to come
	out   []byte // what is decoded and not yet read
	err   error
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	for len(r.out) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *utf16Reader) fill() {
	var raw [8 << 10]byte
	n, err := io.ReadFull(r.in, raw[:])
	if err == io.ErrUnexpectedEOF {
		err = io.EOF // of an odd byte at the end nothing can be made
	}
	r.err = err
	r.out = make([]byte, 0, n*3/2)
	for i := 0; i+1 < n; i += 2 {
		c := rune(r.order.Uint16(raw[i:]))
		switch {
		case c == '\ufeff': // the mark, or that of a log that was appended
		case utf16.IsSurrogate(c) && r.half == 0:
			r.half = c
		case r.half != 0:
			r.out = utf8.AppendRune(r.out, utf16.DecodeRune(r.half, c))
			r.half = 0
		default:
			r.out = utf8.AppendRune(r.out, c)
		}
	}
}
