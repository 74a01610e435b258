package litellm

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// PyYAML takes a tab only inside of quotes, block scalars and comments. The
// parser here is more lenient: it takes one wherever a space may separate.

// strayTab finds the first tab that PyYAML refuses, in a text that is valid
// YAML otherwise.
func strayTab(text string) (line, column int, found bool) {
	if !strings.Contains(text, "\t") {
		return 0, 0, false
	}
	l := lexer{text: text}
	for l.at < len(text) {
		if l.step() {
			line = 1 + strings.Count(text[:l.at], "\n")
			start := strings.LastIndexByte(text[:l.at], '\n') + 1
			return line, utf8.RuneCountInString(text[start:l.at]) + 1, true
		}
	}
	return 0, 0, false
}

// A lexer tells a text's quotes, block scalars and comments from the rest.
type lexer struct {
	text  string
	at    int
	flow  []byte // what closes the open brackets and braces, outermost first
	plain bool   // inside of a scalar without quotes
}

// closing is what closes the lists and mappings that a text leaves open.
func closing(text string) string {
	l := lexer{text: text}
	for l.at < len(text) {
		if l.step() {
			l.at++
		}
	}
	slices.Reverse(l.flow)
	return string(l.flow)
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
	case c == '#' && (l.at == 0 || strings.IndexByte(" \n\r", l.text[l.at-1]) >= 0):
		l.toLineEnd()
		return false
	case len(l.flow) > 0 && strings.IndexByte(",[]{}", c) >= 0, !l.plain && strings.IndexByte("[{", c) >= 0:
		l.plain = false
		switch {
		case c == '[', c == '{':
			l.flow = append(l.flow, c+2) // in ASCII, ] and } stand two behind
		case c != ',' && len(l.flow) > 0:
			l.flow = l.flow[:len(l.flow)-1]
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
	for l.at++; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '\\' && quote == '"':
			l.at++
		case c == quote && quote == '\'' && l.at+1 < len(l.text) && l.text[l.at+1] == quote:
			l.at++
		case c == quote:
			l.at++
			return
		}
	}
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
