package litellm

import (
	"slices"
	"strconv"
	"strings"
)

// A specifier is what versions a requirement admits: one of its alternatives
// (Poetry's ||), of which every clause must hold. No clause admits everything.
type specifier [][]clause

// A clause is one comparison, "~=1.63.7".
type clause struct {
	op   string // ==, ===, !=, >=, <=, >, <, ~=, and Poetry's ^ and ~
	v    Version
	wild bool // ==1.63.*, !=1.63.*
}

// A grammar is whose notation specifiers are in.
type grammar int

const (
	pep508 grammar = iota // pip, uv, PDM: every version has an operator
	poetry                // ^ and ~ besides, and a bare version is that one
)

// parseSpecifier reads specifiers. It reports false for what is outside the
// grammar; what it returns then admits everything.
func parseSpecifier(s string, g grammar) (specifier, bool) {
	if len(s) > 300 {
		return nil, false
	}
	var spec specifier
	for _, alternative := range strings.Split(strings.ReplaceAll(s, "||", "|"), "|") {
		clauses, ok := parseClauses(alternative, g)
		if !ok {
			return nil, false
		}
		spec = append(spec, clauses)
	}
	return spec, len(spec) == 1 || g == poetry
}

func parseClauses(s string, g grammar) ([]clause, bool) {
	var clauses []clause
	for {
		s = strings.TrimLeft(s, " \t\n,")
		if s == "" {
			return clauses, true
		}
		rest := strings.TrimLeft(s, "=!<>~^")
		op := s[:len(s)-len(rest)]
		rest = strings.TrimLeft(rest, " \t")
		text := rest
		if end := strings.IndexAny(rest, " \t\n,"); end >= 0 {
			text = rest[:end]
		}
		s = rest[len(text):]
		if text == "*" && (op == "" || op == "==") {
			continue
		}
		c, ok := newClause(op, text, g)
		if !ok {
			return nil, false
		}
		clauses = append(clauses, c)
	}
}

func newClause(op, text string, g grammar) (clause, bool) {
	if op == "" && g == poetry {
		op = "=="
	}
	number, wild := strings.CutSuffix(text, ".*")
	v, ok := ParseVersion(number)
	c := clause{op, v, wild}
	known := slices.Contains([]string{"==", "===", "!=", ">=", "<=", ">", "<", "~="}, op)
	if g == poetry && (op == "^" || op == "~") {
		known = true
	}
	equality := op == "==" || op == "!="
	if !ok || !known || wild && (!equality || strings.Trim(number, "v!.0123456789") != "") ||
		strings.Contains(number, "+") && !equality && op != "===" {
		return clause{}, false
	}
	_, release := v.release()
	if op == "~=" && len(release) < 2 {
		return clause{}, false
	}
	for _, n := range release { // bounds are made by adding one
		if len(n) > 18 {
			return clause{}, false
		}
	}
	return c, true
}

// String is the specifier in one spelling. It is made of operators and versions
// only, whatever the file says around them.
func (s specifier) String() string {
	alternatives := make([]string, len(s))
	for i, clauses := range s {
		texts := make([]string, len(clauses))
		for j, c := range clauses {
			texts[j] = c.op + c.v.text
			if c.wild {
				texts[j] += ".*"
			}
		}
		alternatives[i] = strings.Join(texts, ",")
	}
	return strings.Join(alternatives, "||")
}

// admits reports whether a version satisfies one of the alternatives.
func (s specifier) admits(v Version) bool {
	for _, clauses := range s {
		if !slices.ContainsFunc(clauses, func(c clause) bool { return !c.admits(v) }) {
			return true
		}
	}
	return len(s) == 0
}

// exact is the version of a pin, zero for a range.
func (s specifier) exact() Version {
	if len(s) != 1 {
		return Version{}
	}
	for _, c := range s[0] {
		if strings.HasPrefix(c.op, "==") && !c.wild {
			return c.v
		}
	}
	return Version{}
}

// newest is the newest version that can be had, as far as bounds tell: zero
// when there is no upper one. A bound that is itself not admitted prints with
// "<" and comes right before the version that it names.
func (s specifier) newest() Version {
	var newest Version
	for i, clauses := range s {
		var upper Version
		for _, c := range clauses {
			if u := c.upper(); u.Before(upper) {
				upper = u
			}
		}
		if i == 0 || newest.Before(upper) {
			newest = upper
		}
	}
	return newest
}

// admits has PEP 440's exceptions: < does not admit the version's own
// pre-releases, > not its post-releases.
func (c clause) admits(v Version) bool {
	order := v.Compare(c.v)
	switch c.op {
	case "==", "===":
		if c.wild {
			return c.v.prefixes(v, 0)
		}
		return order == 0
	case "!=":
		return !clause{"==", c.v, c.wild}.admits(v)
	case ">=":
		return order >= 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0 && (c.v.post() || !v.post() || !c.v.sameRelease(v))
	case "<":
		return order < 0 && (c.v.pre() || !v.pre() || !c.v.sameRelease(v))
	case "~=":
		return order >= 0 && c.v.prefixes(v, 1)
	}
	return order >= 0 && v.Before(c.upper()) // ^ and ~
}

// upper is the newest version that the clause lets through, zero when it sets
// no upper bound.
func (c clause) upper() Version {
	epoch, release := c.v.release()
	switch c.op {
	case "==", "===":
		if c.wild {
			return bump(epoch, release, len(release)-1)
		}
		return c.v
	case "<=":
		return c.v
	case "<":
		return below(c.v.text)
	case "~=":
		return bump(epoch, release, len(release)-2)
	case "~":
		return bump(epoch, release, min(1, len(release)-1))
	case "^": // the first number that is not zero, else the last
		for i, n := range release {
			if strings.Trim(n, "0") != "" || i == len(release)-1 {
				return bump(epoch, release, i)
			}
		}
	}
	return Version{}
}

// bump is the bound below the next release at position i.
func bump(epoch string, release []string, i int) Version {
	n, err := strconv.ParseUint(release[i], 10, 64)
	if err != nil {
		return Version{}
	}
	text := strings.Join(append(slices.Clone(release[:i]), strconv.FormatUint(n+1, 10)), ".")
	if epoch != "0" {
		text = epoch + "!" + text
	}
	return below(text)
}

// below is what comes after everything that precedes a version, its own
// pre-releases excepted.
func below(text string) Version {
	v, ok := ParseVersion(text + ".dev0")
	if !ok { // a development release itself
		v, _ = ParseVersion(text)
	}
	if !v.IsZero() {
		v.text = "<" + text
	}
	return v
}

// release is the numbers of a version as they were written, with trailing zeros:
// 1.63.* and 1.63.0.* differ.
func (v Version) release() (epoch string, numbers []string) {
	r := versionReader{rest: strings.TrimPrefix(strings.ToLower(v.text), "v")}
	epoch = "0"
	n, _ := r.number()
	if r.take("!") {
		epoch = n
		n, _ = r.number()
	}
	numbers = []string{n}
	for r.take(".") {
		n, ok := r.number()
		if !ok {
			break
		}
		numbers = append(numbers, n)
	}
	return epoch, numbers
}

// prefixes reports whether v's release numbers, without the last few, begin w's.
func (v Version) prefixes(w Version, without int) bool {
	epoch, mine := v.release()
	epochOther, other := w.release()
	if ordered(epoch) != ordered(epochOther) {
		return false
	}
	for i, n := range mine[:len(mine)-without] {
		o := "0"
		if i < len(other) {
			o = other[i]
		}
		if ordered(n) != ordered(o) {
			return false
		}
	}
	return true
}

// The key of a version holds, after the release and a zero byte, the
// pre-release, the post-release and the development release.

func (v Version) sameRelease(w Version) bool {
	a, _, _ := strings.Cut(v.key, "\x00")
	b, _, _ := strings.Cut(w.key, "\x00")
	return a == b
}

// pre reports a pre-release or development release.
func (v Version) pre() bool {
	_, parts, _ := strings.Cut(v.key, "\x00")
	return !strings.HasPrefix(parts, "\xff") || !strings.HasSuffix(parts, "\xff")
}

func (v Version) post() bool { return strings.Contains(v.key, "p") }
