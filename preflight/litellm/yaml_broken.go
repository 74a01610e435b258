package litellm

import (
	"strings"
	"unicode/utf8"
)

// The parser's own error names a line at most, and often the one where the
// broken construct begins or none at all. But it reads from left to right: the
// fault is where the longest beginning of the text ends that it still takes.

// maxParsed bounds the bytes that a search for a fault parses.
const maxParsed = 24 << 20

// A breakage searches the place of a text's first fault.
type breakage struct {
	text   string
	starts []int // of the lines, and the text's end
	budget int
	close  bool // what is open is closed, and so no fault
}

// takes reports whether the parser takes the text's first n bytes. Once the
// budget is used up, it does not ask any more.
func (b *breakage) takes(n int) bool {
	if b.budget -= n + 64; b.budget < 0 {
		return false
	}
	text := b.text[:n]
	if b.close {
		text += closing(text)
	}
	_, err := decodeYAML(text)
	return err == nil
}

// whereBroken is where a text begins to be no YAML. It takes up to some
// seconds for a file of megabytes.
func whereBroken(text string, why error) (line, column int) {
	b := &breakage{text: text, budget: maxParsed, starts: []int{0}, close: ofOneToken(why)}
	for i := range len(text) {
		if text[i] == '\n' && i+1 < len(text) {
			b.starts = append(b.starts, i+1)
		}
	}
	b.starts = append(b.starts, len(text))
	n := b.lastTaken()
	return n + 1, b.column(n)
}

// ofOneToken reports whether a fault lies in one token, and not in what stands
// open around it.
func ofOneToken(why error) bool {
	for _, says := range []string{"cannot start any token", "unknown anchor", "alphabetic or numeric", "escape", "hexdecimal", "mapping values"} {
		if strings.Contains(why.Error(), says) {
			return true
		}
	}
	return false
}

// lastTaken is the number of lines after which no more of the text is taken.
// Beginnings that end inside of a list or a quoted text are not taken either,
// so that a search by halves alone can stop at an earlier one that is closed
// again.
func (b *breakage) lastTaken() int {
	low, end := 0, len(b.starts)-1
	for low < end-1 {
		high := end
		for high-low > 1 {
			if middle := low + (high-low)/2; b.takes(b.starts[middle]) {
				low = middle
			} else {
				high = middle
			}
		}
		next := 0
		window := min(max((1<<20)/(b.starts[high]+1), 4), 200)
		for i := high + 1; i < end && i <= high+window; i++ {
			if b.takes(b.starts[i]) {
				next = i
			}
		}
		if next == 0 {
			break
		}
		low = next
	}
	return low
}

// column is where line n (from 0) breaks, when the lines before it do not.
func (b *breakage) column(n int) int {
	start, end := b.starts[n], b.starts[n+1]
	line := strings.TrimRight(b.text[start:end], "\r\n")
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if i := strings.IndexByte(indent, '\t'); i >= 0 {
		return i + 1
	}
	low, high := 0, len(line)
	if high > 400 { // halves will do: nobody looks for a column there
		for high-low > 1 {
			if middle := low + (high-low)/2; b.takes(start + middle) {
				low = middle
			} else {
				high = middle
			}
		}
	} else {
		for low = high; low > 0; low-- {
			if utf8.RuneStart(runeAt(line, low)) && b.takes(start+low) {
				break
			}
		}
	}
	// An alias is at fault from its star on, not from the letter on which its
	// name ceases to be another's.
	if star := strings.LastIndexByte(line[:min(low+1, len(line))], '*'); star >= 0 && !strings.ContainsAny(line[star:low], " ,]}") {
		low = star
	}
	return utf8.RuneCountInString(line[:low]) + 1
}

// runeAt is the byte at i, or a letter at the end.
func runeAt(s string, i int) byte {
	if i < len(s) {
		return s[i]
	}
	return 'x'
}
