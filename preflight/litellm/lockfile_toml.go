package litellm

import (
	"slices"
	"strconv"
	"strings"
)

// The TOML that is read here is of other people's repositories: a lock with a
// merge conflict in it, a project file that someone is in the middle of editing.
// A parser stops at the first error; what is wanted is every string that can
// still be told, with its place. So this scans, and skips what it does not
// understand: all that it reports are strings, under the keys that lead there.

// A tomlKey is one key of a path. at is its offset, -1 where a table's header
// holds it.
type tomlKey struct {
	text string
	at   int
}

// A tomlLeaf is a string of the document. Elements of an array have the array's
// path. keys is valid during the call only.
type tomlLeaf struct {
	keys  []tomlKey
	table int // how many table headers came before
	text  string
	at    int // the offset of its first character, behind the quote
}

// scanTOML reports every string of a document to found, in order.
func scanTOML(text string, found func(tomlLeaf)) {
	s := tomlScanner{text: text, found: found}
	var header []tomlKey
	for s.space("\n"); s.at < len(s.text); s.space("\n") {
		if s.text[s.at] == '[' {
			for s.take('[') {
			}
			header = s.path(nil)
			for i := range header {
				header[i].at = -1
			}
			s.table++
			s.line()
			continue
		}
		keys := s.path(slices.Clip(header))
		if len(keys) == len(header) || !s.take('=') {
			s.line()
			continue
		}
		s.value(keys, 0)
		s.line()
	}
}

// maxNesting is how deep arrays and inline tables may nest.
const maxNesting = 20

type tomlScanner struct {
	text  string
	at    int
	table int
	found func(tomlLeaf)
}

// space skips blanks, comments and the other characters that are given.
func (s *tomlScanner) space(also string) {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == ' ' || c == '\t' || strings.IndexByte(also, c) >= 0:
			s.at++
		case c == '#':
			s.line()
		default:
			return
		}
	}
}

// line goes to the end of the line.
func (s *tomlScanner) line() {
	if i := strings.IndexByte(s.text[s.at:], '\n'); i >= 0 {
		s.at += i
	} else {
		s.at = len(s.text)
	}
}

// take skips a character, when it is the next one, and blanks before it.
func (s *tomlScanner) take(c byte) bool {
	for s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '\t') {
		s.at++
	}
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// path reads a dotted key and adds it to those of its table.
func (s *tomlScanner) path(keys []tomlKey) []tomlKey {
	for {
		s.take(' ') // blanks
		at := s.at
		text, ok := "", false
		if s.at < len(s.text) && (s.text[s.at] == '"' || s.text[s.at] == '\'') {
			text, _, ok = s.quoted()
		} else {
			for s.at < len(s.text) && bareKey(s.text[s.at]) {
				s.at++
			}
			text = s.text[at:s.at]
			ok = text != ""
		}
		if !ok || len(keys) > maxNesting {
			return keys
		}
		keys = append(keys, tomlKey{text, at})
		if !s.take('.') {
			return keys
		}
	}
}

func bareKey(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// value reads one value and reports the strings in it.
func (s *tomlScanner) value(keys []tomlKey, depth int) {
	s.space("")
	if s.at >= len(s.text) || depth > maxNesting {
		s.at = len(s.text) // nothing of this depth is a project's
		return
	}
	switch s.text[s.at] {
	case '"', '\'':
		if text, at, ok := s.quoted(); ok {
			s.found(tomlLeaf{keys, s.table, text, at})
		}
	case '[':
		s.at++
		for s.space("\n,"); s.at < len(s.text) && s.text[s.at] != ']'; s.space("\n,") {
			s.value(keys, depth+1)
		}
		s.take(']')
	case '{':
		s.at++
		for s.space("\n,"); s.at < len(s.text) && s.text[s.at] != '}'; s.space("\n,") {
			inner := s.path(slices.Clip(keys))
			if len(inner) == len(keys) || !s.take('=') {
				s.line() // not a table's inside
				return
			}
			s.value(inner, depth+1)
		}
		s.take('}')
	default: // a number, a date, a boolean: or nothing at all
		if i := strings.IndexAny(s.text[s.at:], ",]}\n#"); i > 0 {
			s.at += i
		} else if i < 0 {
			s.at = len(s.text)
		} else if s.text[s.at] == '}' || s.text[s.at] == ']' { // closes what is not open
			s.at++
		}
	}
}

// quoted reads a string of any of the four kinds; at is the offset of its
// first character. It reports false, and goes on behind the line, for one that
// does not end.
func (s *tomlScanner) quoted() (text string, at int, ok bool) {
	quote := s.text[s.at : s.at+1]
	if strings.HasPrefix(s.text[s.at:], strings.Repeat(quote, 3)) {
		return s.multiline(strings.Repeat(quote, 3))
	}
	s.at++
	at = s.at
	for i := at; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\n':
			s.at = i
			return "", at, false
		case c == '\\' && quote == `"`:
			i++
		case c == quote[0]:
			s.at = i + 1
			text = s.text[at:i]
			if quote == `"` && strings.Contains(text, `\`) {
				if plain, err := strconv.Unquote(`"` + text + `"`); err == nil {
					text = plain
				}
			}
			return text, at, true
		}
	}
	s.at = len(s.text)
	return "", at, false
}

// multiline reads a string of three quotes. Escapes in it stay as they are: no
// requirement has any.
func (s *tomlScanner) multiline(quotes string) (text string, at int, ok bool) {
	at = s.at + len(quotes)
	end := at
	for end < len(s.text) && !strings.HasPrefix(s.text[end:], quotes) {
		if s.text[end] == '\\' && quotes[0] == '"' {
			end++
		}
		end++
	}
	if end >= len(s.text) {
		s.at = len(s.text)
		return "", at, false
	}
	for extra := 0; extra < 2 && strings.HasPrefix(s.text[end+1:], quotes); extra++ { // its own last characters
		end++
	}
	s.at = end + len(quotes)
	return s.text[at:end], at, true
}
