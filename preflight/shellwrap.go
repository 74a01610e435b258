package preflight

import "strings"

// commandWidth is how long a line of a command gets on a page before it is
// continued on the next: what a narrow column shows without scrolling, but for
// a single long word.
const commandWidth = 72

// wrapCommand is a command of a shell on several lines, which the shell reads
// as the same words. It is broken before an option, or before any word where
// that is not enough; in a JSON object in single quotes, which is one word,
// after a comma, where JSON allows blanks. A command that it cannot follow
// stays as it is.
func wrapCommand(command string) string {
	if len(command) <= commandWidth {
		return command
	}
	pieces := shellPieces(command)
	var b strings.Builder
	column, depth := 0, 0
	for i, p := range pieces {
		// An option stands with its value.
		group := len(p.text)
		for _, q := range pieces[i+1:] {
			if q.json || strings.HasPrefix(q.text, "-") {
				break
			}
			group += 1 + len(q.text)
		}
		switch {
		case i == 0:
		case p.json && column+len(p.text) > commandWidth:
			column = newLine(&b, "\n", depth+1)
		case p.json:
		case column+1+len(p.text) > commandWidth, strings.HasPrefix(p.text, "-") && column+1+group > commandWidth:
			column = newLine(&b, " \\\n", p.depth)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(p.text)
		column += len(p.text)
		depth = p.depth
	}
	return b.String()
}

// newLine ends a line and indents the next. It returns the column.
func newLine(b *strings.Builder, end string, depth int) int {
	indent := strings.Repeat("  ", depth)
	b.WriteString(end + indent)
	return len(indent)
}

// A shellPiece is a part of a command before which a line may end.
type shellPiece struct {
	text  string
	depth int  // of the $( … ) that it begins in, from 1
	json  bool // goes on with the word of the piece before it, after a comma
}

// shellPieces takes a command apart at the blanks that separate words, in
// $( … ) too, and at the commas of a quoted JSON object. It is one piece where
// quotation marks or brackets do not close, or where more than one line or a
// comment is in it.
func shellPieces(s string) []shellPiece {
	whole := []shellPiece{{text: s, depth: 1}}
	if strings.ContainsAny(s, "\n#`") || strings.Contains(s, "<<") {
		return whole
	}
	var pieces []shellPiece
	open := []byte{'('} // what is open, the innermost last: ( for words, ' and " for quoted ones, { for JSON in single quotes
	begin, depth, json := 0, 1, false
	cut := func(end, next int, j bool) {
		if end > begin {
			pieces = append(pieces, shellPiece{s[begin:end], depth, json})
			json = j
		}
		begin, depth = next, strings.Count(string(open), "(")
	}
	for i := 0; i < len(s); i++ {
		switch inner := open[len(open)-1]; inner {
		case '\'', '{':
			switch {
			case s[i] == '\'':
				open = open[:len(open)-1]
			case inner == '{' && s[i] == ',' && i+1 < len(s) && s[i+1] == '"' && jsonBetween(s[:i]):
				cut(i+1, i+1, true)
			}
		case '"':
			switch {
			case s[i] == '\\':
				i++
			case s[i] == '"':
				open = open[:len(open)-1]
			case strings.HasPrefix(s[i:], "$("):
				open = append(open, '(')
				i++
			}
		default:
			switch s[i] {
			case '\\':
				i++
			case '\'':
				if strings.HasPrefix(s[i:], "'{") {
					open = append(open, '{')
				} else {
					open = append(open, '\'')
				}
			case '"':
				open = append(open, '"')
			case '(':
				open = append(open, '(')
			case ')':
				if open = open[:len(open)-1]; len(open) == 0 {
					return whole
				}
			case ' ':
				cut(i, i+1, false)
			}
		}
	}
	if len(open) != 1 {
		return whole
	}
	cut(len(s), len(s), false)
	return pieces
}

// jsonBetween reports whether the end of s lies between the strings of a JSON
// object that begins with the last "'{" in it.
func jsonBetween(s string) bool {
	inside := false
	object := s[strings.LastIndex(s, "'{")+1:]
	for i := 0; i < len(object); i++ {
		switch {
		case object[i] == '\\':
			i++
		case object[i] == '"':
			inside = !inside
		}
	}
	return !inside
}
