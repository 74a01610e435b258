package litellm

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The parser is more lenient than PyYAML, which takes a tab only inside of
// quotes, block scalars and comments, and knows no escape of a single quote.

// refused finds the first place in a text at which PyYAML gives up although the
// parser does not, and says why. The detail is "" for a text without one.
func refused(text string) (at position, detail string) {
	if !strings.Contains(text, "\t") && !strings.Contains(text, `\'`) {
		return position{}, ""
	}
	l := lexer{text: text}
	for l.at < len(text) {
		switch {
		case l.step():
			return positionOf(text, l.at), "a tab stands where LiteLLM's YAML reader takes spaces only"
		case l.escape > 0:
			return positionOf(text, l.escape), "an escape that YAML's double quotes do not have"
		}
	}
	return position{}, ""
}

// A position counts lines and columns from 1.
type position struct{ line, column int }

func (p position) in(file string) Place { return Place{file, p.line, p.column} }

func positionOf(text string, at int) position {
	start := strings.LastIndexByte(text[:at], '\n') + 1
	return position{1 + strings.Count(text[:at], "\n"), utf8.RuneCountInString(text[start:at]) + 1}
}

// before is the text before a position.
func before(text string, p position) string {
	at := 0
	for range p.line - 1 {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	for column := p.column; column > 1 && at < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return text[:at]
}

// A lexer tells a text's quotes, block scalars and comments from the rest.
type lexer struct {
	text   string
	at     int
	flow   []byte // what closes the open brackets and braces, outermost first
	opened []int  // where each of them was opened
	plain  bool   // inside of a scalar without quotes
	escape int    // where a double-quoted text has \', 0 for nowhere
	// At the text's end:
	quote   byte // of the quoted text that is open, 0 for none
	begun   int  // where that begins
	comment bool // a comment has no end of line
}

// lexed is the state at a text's end.
func lexed(text string) lexer {
	l := lexer{text: text}
	for l.at < len(text) {
		if l.step() {
			l.at++
		}
	}
	return l
}

// closing is what closes the quotes, lists and mappings that a text leaves open.
func closing(text string) string {
	l := lexed(text)
	out := make([]byte, 0, len(l.flow)+1)
	if l.quote != 0 {
		out = append(out, l.quote)
	}
	if l.comment && len(l.flow) > 0 {
		out = append(out, '\n')
	}
	for _, c := range slices.Backward(l.flow) {
		out = append(out, c)
	}
	return string(out)
}

// step reads on. It reports true when it stands at a tab that separates.
func (l *lexer) step() bool {
	c := l.text[l.at]
	switch {
	case c == '\t':
		return true
	case c == '\n', c == '\r':
		l.plain = false
	case c == ' ':
	case c == '#' && (!l.plain || strings.IndexByte(" \t", l.text[l.at-1]) >= 0):
		l.toLineEnd()
		l.comment = l.at == len(l.text)
		return false
	case len(l.flow) > 0 && strings.IndexByte(",[]{}", c) >= 0, !l.plain && strings.IndexByte("[{", c) >= 0:
		l.plain = false
		switch {
		case c == '[', c == '{':
			l.flow = append(l.flow, c+2) // in ASCII, ] and } stand two behind
			l.opened = append(l.opened, l.at)
		case c != ',' && len(l.flow) > 0:
			l.flow, l.opened = l.flow[:len(l.flow)-1], l.opened[:len(l.opened)-1]
		}
	case c == ':' && l.ends(l.at+1):
		l.plain = false
	case l.plain:
	case c == '"', c == '\'':
		l.quoted(c)
		return false
	case c == '&', c == '!', c == '*':
		for l.at < len(l.text) && strings.IndexByte(" \t\r\n,]}", l.text[l.at]) < 0 {
			l.at++
		}
		return false
	case (c == '-' || c == '?') && l.ends(l.at+1):
	case (c == '|' || c == '>') && len(l.flow) == 0:
		l.block()
		return false
	default:
		l.plain = true
	}
	l.at++
	return false
}

// ends reports whether an indicator before i is one.
func (l *lexer) ends(i int) bool {
	return i >= len(l.text) || strings.IndexByte(" \t\r\n", l.text[i]) >= 0 || len(l.flow) > 0 && strings.IndexByte(",[]{}", l.text[i]) >= 0
}

func (l *lexer) toLineEnd() {
	if i := strings.IndexByte(l.text[l.at:], '\n'); i >= 0 {
		l.at += i
		return
	}
	l.at = len(l.text)
}

// quoted skips a quoted text.
func (l *lexer) quoted(quote byte) {
	begun := l.at
	for l.at++; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '\\' && quote == '"':
			if l.at++; l.at < len(l.text) && l.text[l.at] == '\'' && l.escape == 0 {
				l.escape = l.at
			}
		case c == quote && quote == '\'' && l.at+1 < len(l.text) && l.text[l.at+1] == quote:
			l.at++
		case c == quote:
			l.at++
			return
		}
	}
	l.quote, l.begun = quote, begun
}

// block skips a block scalar: the lines that are blank or indented like its
// first one.
func (l *lexer) block() {
	l.toLineEnd()
	indent := -1
	for l.at < len(l.text) {
		line, _, _ := strings.Cut(l.text[l.at+1:], "\n")
		if trimmed := strings.TrimLeft(line, " "); strings.Trim(trimmed, "\r") != "" {
			own := len(line) - len(trimmed)
			switch {
			case indent < 0 && own > 0:
				indent = own
			case own < indent || indent < 0:
				return
			}
		}
		l.at += 1 + len(line)
	}
}
