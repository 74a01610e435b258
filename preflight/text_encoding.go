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
// UTF-16, with a mark at the beginning; what Windows programs write to a file
// that is then appended to lacks the mark.
func decoded(in *bufio.Reader) *bufio.Reader {
	begin, _ := in.Peek(64)
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(begin, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(begin, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		if order = unmarked(begin); order == nil {
			return in
		}
	}
	return bufio.NewReaderSize(&utf16Reader{in: in, order: order}, maxLine)
}

// unmarked is the byte order of UTF-16 without a mark, or nil: of Western text
// most second bytes are zero and hardly any other, which UTF-8 never has. It
// takes more than a few characters to tell.
func unmarked(begin []byte) binary.ByteOrder {
	const enough = 8
	var zeros [2]int
	for i, c := range begin {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(begin) / 2
	most, few := half*3/4, half/8
	switch {
	case half < enough:
		return nil
	case zeros[1] > most && zeros[0] <= few:
		return binary.LittleEndian
	case zeros[0] > most && zeros[1] <= few:
		return binary.BigEndian
	}
	return nil
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
		case r.half != 0:
			both := utf16.DecodeRune(r.half, c)
			r.half = 0
			r.out = utf8.AppendRune(r.out, both)
			if both == utf8.RuneError { // c is no second half: it stands for itself
				i -= 2
			}
		case utf16.IsSurrogate(c):
			r.half = c
		case c == '\ufeff': // the mark, or that of a log that was appended
		default:
			r.out = utf8.AppendRune(r.out, c)
		}
	}
}
