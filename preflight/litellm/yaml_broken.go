package litellm

import (
	"io"
	"strings"
)

// The parser's own error names a line at most, and often the one where the
// broken construct begins, or the one before. But it reads from left to right,
// and no further than it has to: the fault is a little before where it gave up,
// and there where the longest beginning of the text ends that it still takes.

// maxParsed bounds the bytes that a search for a fault parses.
const maxParsed = 6 << 20

// A breakage searches the place of a text's first fault.
type breakage struct {
	text   string
	starts []int // of the lines, and the text's end
	budget int
}

// takes reports whether the parser takes the text's first n bytes, once what
// they leave open is closed. When the budget is used up, it does not ask any
// more.
func (b *breakage) takes(n int) bool {
	if b.budget < 0 {
		return false
	}
	text := b.text[:n] + closing(b.text[:n])
	r := strings.NewReader(text)
	_, err := decodeYAML(r)
	b.budget -= len(text) - r.Len() + 1<<11 // a parser costs something even for a short text
	return err == nil
}

// whereBroken is where a text begins to be no YAML. It takes up to a second or
// two for a file of megabytes.
func whereBroken(text string, why error) position {
	end := reached(text)
	open := lexed(text[:end])
	switch {
	case saysAny(why, "escape", "hexdecimal"):
		if i := strings.LastIndexByte(text[:end], '\\'); i >= 0 {
			return positionOf(text, i)
		}
	case saysAny(why, "exceeded max"):
		return positionOf(text, max(end-1, 0))
	case saysAny(why, "unexpected end of stream", "unexpected document indicator") && open.quote != 0:
		return positionOf(text, open.begun)
	}
	b := &breakage{text: text, budget: maxParsed}
	for i := range len(text) {
		if i == 0 || text[i-1] == '\n' {
			b.starts = append(b.starts, i)
		}
	}
	b.starts = append(b.starts, len(text))
	at := b.fault(end)
	// What stands open is where a reader has to look, unless it is closed
	// somewhere, or the fault is one token.
	if open := lexed(text[:at]).opened; len(open) > 0 && closing(text) != "" &&
		!saysAny(why, "cannot start any token", "unknown anchor", "alphabetic or numeric", "mapping values", "tab character") {
		at = open[len(open)-1]
	}
	return positionOf(text, at)
}

func saysAny(err error, texts ...string) bool {
	for _, t := range texts {
		if strings.Contains(err.Error(), t) {
			return true
		}
	}
	return false
}

// fault is the offset of the text's first fault, which lies before end.
func (b *breakage) fault(end int) int {
	last := 0 // the line with the last byte that was read
	for last+2 < len(b.starts) && b.starts[last+1] < end {
		last++
	}
	if b.takes(b.starts[last+1]) {
		return end // only something open is wrong with it
	}
	// Back from there, to a line up to which it is taken; then halves.
	good, bad := last, last+1
	for step := 1; good > 0 && !b.takes(b.starts[good]); step *= 2 {
		good, bad = max(good-step, 0), good
	}
	for bad-good > 1 {
		if middle := good + (bad-good)/2; b.takes(b.starts[middle]) {
			good = middle
		} else {
			bad = middle
		}
	}
	if b.budget < 0 { // the nearest that is known
		return b.starts[last]
	}
	start := b.starts[good]
	for at := min(end, b.starts[bad]); at > start; at-- {
		if b.between(at) && b.takes(at) {
			return at
		}
	}
	indent := len(b.text[start:]) - len(strings.TrimLeft(b.text[start:], " "))
	return start + indent
}

// between reports whether a token can end or begin at an offset.
func (b *breakage) between(at int) bool {
	const indicators = " \t\r\n,[]{}:-?&*!|>'\"%@`#"
	return at < len(b.text) && strings.IndexByte(indicators, b.text[at]) >= 0 || strings.IndexByte(indicators, b.text[at-1]) >= 0
}

// reached is the number of bytes that the parser reads until it gives up.
func reached(text string) int {
	r := &bytewise{text: text}
	decodeYAML(r)
	return r.at
}

// A bytewise reader gives one byte at a time, and so no more than is needed.
type bytewise struct {
	text string
	at   int
}

func (r *bytewise) Read(p []byte) (int, error) {
	if r.at == len(r.text) {
		return 0, io.EOF
	}
	n := copy(p, r.text[r.at:r.at+1])
	r.at += n
	return n, nil
}
