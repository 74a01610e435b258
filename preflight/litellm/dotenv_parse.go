package litellm

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// Bounds in bytes, after interpolation: of a value, and of all of them.
const (
	maxDotEnv     = 64 << 10
	maxDotEnvFile = 4 << 20
)

// ParseDotEnv reads a .env file as python-dotenv 1.2 does: export, quotes,
// escapes, comments, values of several lines, ${NAME} and ${NAME:-default}, for
// which a variable of env goes before one of the file, and the last of several
// lines of one name. A name without "=" is there, and not set. Lines that it
// cannot read are skipped; a file that is not UTF-8 makes the client fail and
// holds nothing.
func ParseDotEnv(data []byte, file string, env Environment) map[string]Value {
	if len(data) > maxDotEnvFile || !utf8.Valid(data) {
		return nil
	}
	p := dotEnvParser{src: newSourceText(file, data)}
	values := map[string]Value{} // every name's, for interpolation
	taken := map[string]bool{}   // names whose value is a variable's of the process
	for total := 0; total < maxDotEnvFile; {
		key, at, value, ok := p.next()
		if !ok {
			break
		}
		if key == "" {
			continue
		}
		v := Value{From: "variable " + key + " of " + file, Var: key, At: p.src.place(at)}
		if value != nil {
			alone := credentialName(key) && strings.HasPrefix(*value, "${") && strings.IndexByte(*value, '}') == len(*value)-1
			taken[key] = false
			text, fits := interpolate(*value, values, env, func(name string, ofProcess bool) bool {
				if ofProcess && !credentialName(name) && (strings.HasPrefix(name, "AZURE_") || strings.HasPrefix(name, "OPENAI_")) || !ofProcess && !taken[name] {
					return true
				}
				taken[key] = alone
				return alone
			})
			v.Set, v.Text = true, secret.New(text)
			total += len(text)
			if !fits {
				v.Type = Other
			}
		}
		values[key] = v
	}
	for key := range values {
		if !dotEnvName(key) { // nothing looks for it
			delete(values, key)
		}
	}
	return values
}

// credentialName reports whether a variable of that name holds what is sent
// and not shown.
func credentialName(name string) bool {
	name = strings.ToUpper(name)
	for _, word := range []string{"KEY", "TOKEN", "SECRET", "PASS", "CRED", "CERT"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// dotEnvName reports whether a text is an ordinary variable's name, which can
// be shown.
func dotEnvName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !bareKey(s[i]) || s[i] == '-' || i == 0 && '0' <= s[i] && s[i] <= '9' {
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// A dotEnvParser goes through a file, one binding after the other.
type dotEnvParser struct {
	src *sourceText
	at  int
}

// next is the next binding: its key, "" for a comment or a line that cannot be
// read, the key's offset, and its value, nil for none. ok is false at the end.
func (p *dotEnvParser) next() (key string, at int, value *string, ok bool) {
	p.skip(pythonSpace)
	if p.at >= len(p.src.text) {
		return "", 0, nil, false
	}
	if after, ok := strings.CutPrefix(p.rest(), "export"); ok {
		if r, _ := utf8.DecodeRuneInString(after); pythonBlank(r) {
			p.at += len("export")
			p.skip(pythonBlank)
		}
	}
	key, at, ok = p.key()
	if ok {
		value, ok = p.value()
	}
	if ok {
		p.skip(pythonBlank)
		if strings.HasPrefix(p.rest(), "#") {
			p.line()
		}
		ok = p.rest() == "" || p.rest()[0] == '\n'
	}
	if !ok {
		key = ""
		p.line()
	}
	return key, at, value, true
}

// key reads a name; none, and all is well, before a comment.
func (p *dotEnvParser) key() (key string, at int, ok bool) {
	rest := p.rest()
	if strings.HasPrefix(rest, "#") {
		return "", p.at, true
	}
	if quoted, ok := strings.CutPrefix(rest, "'"); ok {
		key, _, ok = strings.Cut(quoted, "'")
		if !ok || key == "" {
			return "", 0, false
		}
		at = p.at + 1
		p.at += len(key) + 2
		return key, at, true
	}
	n := strings.IndexFunc(rest, func(r rune) bool { return r == '=' || r == '#' || pythonSpace(r) })
	if n < 0 {
		n = len(rest)
	}
	at = p.at
	p.at += n
	return rest[:n], at, n > 0
}

// value reads what follows a name; nil without "=".
func (p *dotEnvParser) value() (value *string, ok bool) {
	p.skip(pythonBlank)
	if !strings.HasPrefix(p.rest(), "=") {
		return nil, true
	}
	p.at++
	before := p.at
	p.skip(pythonBlank)
	rest := p.rest()
	switch {
	case rest == "" || rest[0] == '\n' || rest[0] == '#' && p.at > before:
		return new(string), true
	case rest[0] == '\'':
		return p.quoted('\'', `\'`)
	case rest[0] == '"':
		return p.quoted('"', `\'"abfnrtv`)
	}
	start := p.at
	p.line()
	text := p.src.text[start:p.at]
	for i, r := range text { // a comment has space before it
		if r != '#' || i == 0 {
			continue
		}
		if before, _ := utf8.DecodeLastRuneInString(text[:i]); pythonSpace(before) {
			text = text[:i]
			break
		}
	}
	text = strings.TrimRightFunc(text, pythonSpace)
	return &text, true
}

// quoted reads a value in quotes, of one line or several, in which a backslash
// before one of escapes stands for the character that Python makes of it.
func (p *dotEnvParser) quoted(quote byte, escapes string) (*string, bool) {
	var b strings.Builder
	text := p.src.text
	for i := p.at + 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote:
			p.at = i + 1
			value := b.String()
			return &value, true
		case c == '\\' && i+1 < len(text):
			i++
			if strings.IndexByte(escapes, text[i]) < 0 {
				b.WriteByte('\\')
				b.WriteByte(text[i])
			} else if n := strings.IndexByte("abfnrtv", text[i]); n >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v"[n])
			} else {
				b.WriteByte(text[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return nil, false
}

func (p *dotEnvParser) rest() string { return p.src.text[p.at:] }

// line goes to the end of the line.
func (p *dotEnvParser) line() {
	if i := strings.IndexByte(p.rest(), '\n'); i >= 0 {
		p.at += i
	} else {
		p.at = len(p.src.text)
	}
}

func (p *dotEnvParser) skip(what func(rune) bool) {
	p.at = len(p.src.text) - len(strings.TrimLeftFunc(p.rest(), what))
}

// pythonSpace is what Python's \s matches, pythonBlank that without line ends.
func pythonSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }
func pythonBlank(r rune) bool { return pythonSpace(r) && r != '\n' }

// interpolate replaces ${NAME} and ${NAME:-default}. fits is false when the
// result, or what it is made of, would be too long to be a credential or an
// address, or a variable that may not stand there; it is then empty. A file of
// the checkout would otherwise put any secret of the job's into an address or a
// version, which are shown: of the process's variables, only those of Azure that
// are no secrets may be put together with other text, and others stand alone, in
// a credential's place.
func interpolate(value string, values map[string]Value, env Environment, may func(name string, ofProcess bool) bool) (text string, fits bool) {
	var b strings.Builder
	for value != "" && b.Len() <= maxDotEnv {
		i := strings.Index(value, "${")
		if i < 0 {
			break
		}
		b.WriteString(value[:i])
		value = value[i:]
		end := strings.IndexAny(value, "}:")
		if end < 0 {
			break
		}
		name, fallback := value[2:end], ""
		if value[end] == ':' {
			n := strings.IndexByte(value[end:], '}')
			if n < 0 {
				break
			}
			if !strings.HasPrefix(value[end:], ":-") { // no variable begins before this colon
				b.WriteString(value[:end+1])
				value = value[end+1:]
				continue
			}
			fallback = value[end+2 : end+n]
			end += n
		}
		value = value[end+1:]
		if Refused(name) {
			return "", false // as in a configuration, whatever the client would read
		}
		v := env(name)
		if !v.Set {
			var known bool
			if v, known = values[name]; !known {
				v.Text = secret.New(fallback)
			}
			if v.Type == Other || known && !may(name, false) {
				return "", false
			}
		} else if !v.Text.IsZero() && !may(name, true) {
			return "", false
		}
		b.WriteString(v.Text.Reveal())
	}
	b.WriteString(value)
	if b.Len() > maxDotEnv {
		return "", false
	}
	return b.String(), true
}
