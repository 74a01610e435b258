package azurelab

import (
	"fmt"
	"regexp"
	"strings"
)

// A parser of the part of the POSIX shell's language that commands to paste
// are written in: lists, && and ||, groups in braces, assignments, both kinds of
// quotes, $NAME, ${NAME:-…}, ${NAME:?…} and $(…) in double quotes, and >&2.
// Everything else is an error, above all what a shell would do to a value that
// is not quoted as it must be.

type (
	// A shellChain is commands that && and || join.
	shellChain struct {
		commands  []shellCommand
		operators []string // between them
	}
	// A shellCommand is a group, an assignment or a run of a program.
	shellCommand struct {
		group    []shellChain
		name     string // of the variable
		value    shellWord
		words    []shellWord
		toStderr bool
	}
	shellWord []shellPart
	// A shellPart is a substitution, a variable or text.
	shellPart struct {
		literal      string
		variable     string
		operator     string // :- or :? or ""
		operand      shellWord
		substitution []shellChain
	}
)

type shellParser struct {
	text string
	at   int
}

func parseScript(script string) (l []shellChain, err error) {
	p := &shellParser{text: script}
	defer func() {
		switch e := recover().(type) {
		case nil:
		case shellError:
			err = e
		default:
			panic(e)
		}
	}()
	l = p.list(0)
	return l, nil
}

// A shellError is how the parser gives up.
type shellError struct{ text string }

func (e shellError) Error() string { return e.text }

func (p *shellParser) fail(format string, args ...any) {
	line := 1 + strings.Count(p.text[:min(p.at, len(p.text))], "\n")
	panic(shellError{fmt.Sprintf("line %d of the script: ", line) + fmt.Sprintf(format, args...)})
}

// peek is the next character, 0 at the end.
func (p *shellParser) peek() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *shellParser) take(s string) bool {
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *shellParser) skip(characters string) {
	for p.at < len(p.text) && strings.IndexByte(characters, p.text[p.at]) >= 0 {
		p.at++
	}
}

// list reads up to the character that ends it, which it takes; 0 is the end of
// the script.
func (p *shellParser) list(end byte) []shellChain {
	l := []shellChain{}
	for {
		p.skip(" \t\n")
		if p.peek() == end {
			if end != 0 {
				p.at++
			} else if p.at < len(p.text) {
				p.fail("a NUL")
			}
			if len(l) == 0 {
				p.fail("an empty list")
			}
			return l
		}
		l = append(l, p.chain())
		p.skip(" \t")
		switch c := p.peek(); {
		case c == ';' || c == '\n':
			p.at++
		case c == end && end != '}': // a brace is a word of its own, behind a separator
		default:
			p.fail("%q is not expected here", p.rest())
		}
	}
}

func (p *shellParser) rest() string { return p.text[p.at:min(p.at+20, len(p.text))] }

func (p *shellParser) chain() shellChain {
	chain := shellChain{commands: []shellCommand{p.command()}}
	for {
		p.skip(" \t")
		switch {
		case p.take("&&"):
			chain.operators = append(chain.operators, "&&")
		case p.take("||"):
			chain.operators = append(chain.operators, "||")
		default:
			return chain
		}
		p.skip(" \t\n")
		chain.commands = append(chain.commands, p.command())
	}
}

var assignment = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]*)=`)

func (p *shellParser) command() (s shellCommand) {
	if p.take("{ ") {
		s.group = p.list('}')
		s.toStderr = p.redirection()
		return s
	}
	if m := assignment.FindStringSubmatch(p.text[p.at:]); m != nil {
		p.at += len(m[0])
		s.name, s.value = m[1], p.word()
		return s
	}
	for {
		p.skip(" \t")
		if p.redirection() {
			s.toStderr = true
			return s
		}
		if strings.IndexByte(";\n&|)", p.peek()) >= 0 || p.at == len(p.text) {
			if len(s.words) == 0 {
				p.fail("%q where a command should begin", p.rest())
			}
			return s
		}
		s.words = append(s.words, p.word())
	}
}

func (p *shellParser) redirection() bool {
	p.skip(" \t")
	return p.take(">&2")
}

// word reads one word, which may be empty behind an assignment.
func (p *shellParser) word() shellWord {
	w := shellWord{}
	start := p.at
	for p.at < len(p.text) {
		c := p.peek()
		switch {
		case strings.IndexByte(" \t\n;&|)", c) >= 0:
			return w
		case c == '\'':
			p.at++
			end := strings.IndexByte(p.text[p.at:], '\'')
			if end < 0 {
				p.fail("a single quote that is not closed")
			}
			w = append(w, shellPart{literal: p.text[p.at : p.at+end]})
			p.at += end + 1
		case c == '"':
			p.at++
			w = append(w, p.parts('"')...)
		case c == '\\' && p.at+1 < len(p.text) && p.text[p.at+1] == '\'':
			w = append(w, shellPart{literal: "'"})
			p.at += 2
		case (c == '[' || c == ']') && p.at == start && (p.at+1 == len(p.text) || strings.IndexByte(" ;\n", p.text[p.at+1]) >= 0),
			c >= 0x80, c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', strings.IndexByte("%+,-./:=_@", c) >= 0:
			w = append(w, shellPart{literal: string([]byte{c})})
			p.at++
		default:
			p.fail("%q is not in quotes", p.rest())
		}
	}
	return w
}

// parts reads the inside of double quotes, or of ${NAME:-…}, up to its end.
func (p *shellParser) parts(end byte) (w shellWord) {
	for {
		c := p.peek()
		switch {
		case p.at == len(p.text):
			p.fail("quotes or braces that are not closed")
		case c == end:
			p.at++
			return w
		case c == '$':
			p.at++
			w = append(w, p.expansion())
		case c == '\\' || c == '`' || c == '"' || c == '!':
			// A prompt replaces "!" even in double quotes.
			p.fail("%q in double quotes or braces", p.rest())
		default:
			w = append(w, shellPart{literal: string([]byte{c})})
			p.at++
		}
	}
}

var variableShape = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*`)

// expansion reads what stands behind a dollar sign.
func (p *shellParser) expansion() (part shellPart) {
	if p.take("(") {
		if p.peek() == '(' {
			p.fail("arithmetic")
		}
		part.substitution = p.list(')')
		return part
	}
	braces := p.take("{")
	part.variable = variableShape.FindString(p.text[p.at:])
	if part.variable == "" {
		p.fail("an expansion that the lab does not know: %q", p.rest())
	}
	p.at += len(part.variable)
	switch {
	case !braces:
	case p.take(":-"), p.take(":?"):
		part.operator = p.text[p.at-2 : p.at]
		part.operand = p.parts('}')
	case !p.take("}"):
		p.fail("an expansion that the lab does not know: %q", p.rest())
	}
	return part
}
