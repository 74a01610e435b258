package preflight

import (
	"bytes"
	"html"
	"strings"
)

// What stands around the words of a log: colours, timestamps, frames, links.

// cleanLine takes off what a terminal, a runner or a container has put around
// a line, and nothing else: its blanks tell later where a line was wrapped. It
// may change line's bytes.
func cleanLine(line []byte) []byte {
	line = afterTimestamp(bytes.TrimRight(line, "\r\n"))
	if bytes.IndexByte(line, 0x1b) >= 0 {
		line = afterTimestamp(withoutColours(line))
	}
	return afterFrame(withoutEntities(line))
}

// withoutEntities undoes what a page has made of quotes and brackets: twice,
// since a tracker escapes what it was given escaped.
func withoutEntities(line []byte) []byte {
	for range 2 {
		if bytes.IndexByte(line, '&') < 0 || !entities().Match(line) {
			return line
		}
		line = entities().ReplaceAllFunc(line, func(b []byte) []byte { return []byte(html.UnescapeString(string(b))) })
	}
	return line
}

// entities are those that stand for ASCII; a query's &copy=1 is none of them.
var entities = lazy(`(?i)&(?:quot|apos|amp|lt|gt|#0?3[49]|#x2[27]|#0?60|#0?62|#x3[ce]|#0?96|#x60);`)

// withoutColours removes escape sequences in place.
func withoutColours(line []byte) []byte {
	out := line[:0]
	for i := 0; i < len(line); i++ {
		if line[i] != 0x1b {
			out = append(out, line[i])
			continue
		}
		if i+1 < len(line) && line[i+1] == '[' {
			for i += 2; i < len(line) && (line[i] < 0x40 || line[i] > 0x7e); i++ {
			}
		} else if i+1 < len(line) && line[i+1] == ']' {
			for i += 2; i < len(line) && line[i] != 0x07 && line[i] != 0x1b; i++ {
			}
		}
	}
	return out
}

// afterTimestamp is the line without a date and time in front of it, as the
// runner, docker and python's logging write them; `gh run view --log` puts the
// names of job and step before it.
func afterTimestamp(line []byte) []byte {
	at := 0
	for range 2 {
		if rest := line[at:]; isDated(rest) || (len(rest) > 0 && rest[0] == '[' && isDated(rest[1:])) {
			break
		}
		tab := bytes.IndexByte(line[at:min(len(line), 200)], '\t')
		if tab < 0 {
			return line
		}
		at += tab + 1
	}
	rest := bytes.TrimPrefix(bytes.TrimPrefix(line[at:], []byte("\ufeff")), []byte("["))
	if !isDated(rest) {
		return line
	}
	end := len("2006-01-02")
	if end < len(rest) && (rest[end] == 'T' || rest[end] == ' ' || rest[end] == '_') {
		end++
		for end < len(rest) && (strings.IndexByte("0123456789:.,Z+", rest[end]) >= 0 || rest[end] == '-' && end+1 < len(rest) && isDigit(rest[end+1])) {
			end++
		}
	}
	if end < len(rest) && rest[end] == ']' {
		end++
	}
	return bytes.TrimPrefix(rest[end:], []byte(" "))
}

// isDated reports whether b begins with a date, 2026-11-01.
func isDated(b []byte) bool {
	if len(b) < 10 {
		return false
	}
	for i, c := range b[:10] {
		if (i == 4 || i == 7) != (c == '-') || (i != 4 && i != 7 && !isDigit(c)) {
			return false
		}
	}
	return b[0] == '1' || b[0] == '2'
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// afterFrame takes off the bars that terraform and others draw before a line,
// and the marks of a quotation.
func afterFrame(line []byte) []byte {
	for {
		rest := bytes.TrimLeft(line, " \t")
		for _, frame := range []string{"│", "╷", "╵", "┃", ">", "|"} {
			if cut, ok := bytes.CutPrefix(rest, []byte(frame)); ok {
				rest = bytes.TrimPrefix(cut, []byte(" "))
				break
			}
		}
		// curl's own mark of a line that was sent is not a quotation's.
		if len(rest) >= len(bytes.TrimLeft(line, " \t")) || requestLine(rest) {
			return line
		}
		line = rest
	}
}

func requestLine(b []byte) bool {
	word, _, found := bytes.Cut(b, []byte(" "))
	return found && (len(word) > 1 && word[len(word)-1] == ':' || bytes.Equal(word, []byte("POST")) || bytes.Equal(word, []byte("GET")))
}

// isEcho reports whether the runner shows a step's own script, which it prints
// in cyan: what a script says in its comments and messages has not happened.
func isEcho(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(afterTimestamp(line), []byte("##[group]")), []byte("\x1b[36;1m"))
}

// isChatter reports whether an identity library tells what it tries. That a
// member of a chain is unavailable is no failure as long as another answers.
func isChatter(line []byte) bool {
	if !bytes.Contains(line, []byte("dentity")) {
		return false
	}
	for _, lib := range []string{"azure.identity", "azure:identity", "Azure.Identity", "Azure-Identity", "azure-identity", "Azure Identity", "azidentity"} {
		if !bytes.Contains(line, []byte(lib)) {
			continue
		}
		for _, level := range []string{"INFO", "DEBUG", "VERBOSE", ":info", ":verbose", "[Informational]", "[Verbose]", "Info:", "Debug:"} {
			if bytes.Contains(line, []byte(level)) {
				return true
			}
		}
	}
	return false
}

// gotToken reports whether a line tells that some credential of a chain gave a
// token in the end.
func gotToken(line []byte) bool {
	for _, said := range []string{"acquired a token from", "getToken() result for scopes", "authenticated with", "Successfully authenticated using", "getToken() => SUCCESS", "GetToken() acquired a token"} {
		if bytes.Contains(line, []byte(said)) {
			return !bytes.Contains(line, []byte("ERROR"))
		}
	}
	return false
}

// wrapWidth is the width at which a terminal has broken the lines, 0 when they
// are as they were written. Two lines of the greatest length tell, and of a
// single long line that it goes on in the middle of something.
func wrapWidth(lines []string) int {
	width, count, goesOn := 0, 0, false
	for i, l := range lines[:max(len(lines)-1, 0)] {
		switch {
		case len(l) > width:
			width, count, goesOn = len(l), 1, len(lines) <= 3 && continues(l, lines[i+1])
		case len(l) == width:
			count++
		}
	}
	if width < 40 || len(lines[len(lines)-1]) > width || (count < 2 && !goesOn) {
		return 0
	}
	return width
}

// continues reports whether a line breaks off inside of something. One that
// opens with an exception's class is the next of a chain.
func continues(line, next string) bool {
	return next != "" && !clientPrefix().MatchString(next) && !strings.ContainsAny(line[len(line)-1:], ".:;,!?)]}'\"-") && (next[0] >= 'a' && next[0] <= 'z' || isDigit(next[0]))
}

// unwrap joins what was broken at the width.
func unwrap(lines []string, width int) string {
	var b strings.Builder
	for i, l := range lines {
		b.WriteString(l)
		if i < len(lines)-1 && (width == 0 || len(l) != width) {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// flatten undoes what happened to a whole text: escapes, and Markdown links
// that a site has put into the middle of words and numbers.
func flatten(text string) string {
	if strings.ContainsRune(text, '\\') {
		text = literalColours().ReplaceAllString(unescape(text), "")
	}
	if strings.ContainsRune(text, '&') {
		text = string(withoutEntities([]byte(text)))
	}
	if strings.Contains(text, "](") {
		text = markdownLinks().ReplaceAllString(text, "$1")
	}
	return text
}

var (
	literalColours = lazy(`\\(?:x1b|u001b|033|e)\[[0-9;]*m`)
	markdownLinks  = lazy(`\[([^\[\]]*)\]\((?:https?:|/|#)[^()\s]*\)`)
)
