package litellm

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The parser's own error names a line at most, and often the one where the
// broken construct begins or none at all. But it reads from left to right: the
// fault is where the longest beginning of the text ends that it still takes.

// maxParsed bounds the bytes that a search for a fault parses.
const maxParsed = 4 << 20

// A breakage searches the place of a text's first fault.
type breakage struct {
	text   string
	starts []int // of the lines, and the text's end
	budget int
	hint   int  // the line that the parser names, 0 for none
	close  bool // what is open is closed, and so no fault
}

// takes reports whether the parser takes the text's first n bytes. Once the
// budget is used up, it does not ask any more.
func (b *breakage) takes(n int) bool {
	if b.budget < 0 {
		return false
	}
	text := b.text[:n]
	if b.close {
		text += closing(text)
	}
	r := strings.NewReader(text)
	_, err := decodeYAML(r)
	b.budget -= len(text) - r.Len() + 1<<11 // a parser costs something even for a short text
	return err == nil
}

// whereBroken is where a text begins to be no YAML. It takes up to some
// seconds for a file of megabytes.
func whereBroken(text string, why error) (line, column int) {
	b := &breakage{text: text, budget: maxParsed, starts: []int{0}, hint: namedLine(why)}
	for i := range len(text) {
		if text[i] == '\n' && i+1 < len(text) {
			b.starts = append(b.starts, i+1)
		}
	}
	b.starts = append(b.starts, len(text))
	defer func() {
		if b.budget < 0 && b.hint > 0 {
			line, column = b.hint, 1
		}
	}()
	if !ofOneToken(why) {
		n := b.lastTaken()
		line, column = n+1, b.column(n)
	}
	// What stands open is where a reader has to look, unless the fault is one
	// token, or in the same line.
	b.close = true
	if line == 0 || strings.Contains(why.Error(), "did not find expected") && !b.takes(len(text)) {
		if n := b.lastTaken(); line == 0 || n+1 == line {
			return n + 1, b.column(n)
		}
	}
	return line, column
}

// namedLine is the line that a parser's error names, 0 for none.
func namedLine(err error) int {
	_, after, _ := strings.Cut(err.Error(), "yaml: line ")
	digits, _, _ := strings.Cut(after, ":")
	line, _ := strconv.Atoi(digits)
	return line
}

// ofOneToken reports whether a fault lies in one token, and not in what stands
// open around it.
func ofOneToken(why error) bool {
	for _, says := range []string{"cannot start any token", "unknown anchor", "alphabetic or numeric", "escape", "hexdecimal", "mapping values", "tab character"} {
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
	if b.hint > 2 && b.hint+1 < end && b.takes(b.starts[b.hint-2]) {
		low = b.hint - 2 // it is mostly near, and there are few lines left then
		if !b.takes(b.starts[b.hint+1]) {
			end = b.hint + 1
		}
	}
	for low < end-1 {
		high := end
		for high-low > 1 {
			if middle := low + (high-low)/2; b.takes(b.starts[middle]) {
				low = middle
			} else {
				high = middle
			}
		}
		next := 0 // the line up to which, or into which, it is taken after all
		window := min(max((1<<20)/(b.starts[high]+1), 4), 200)
		for i := high + 1; i <= end && i <= high+window; i++ {
			if b.takes(b.starts[i]) {
				next = i
			} else if b.takesPart(i - 1) {
				next = i - 1
			}
		}
		if next == 0 {
			break
		}
		low = next
	}
	return low
}

// takesPart reports whether the text is taken up to some closing character in
// line n.
func (b *breakage) takesPart(n int) bool {
	for i := b.starts[n]; i < b.starts[n+1] && i < b.starts[n]+1000; i++ {
		if strings.IndexByte(`'"]}`, b.text[i]) >= 0 && b.takes(i+1) {
			return true
		}
	}
	return false
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
