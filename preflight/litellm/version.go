package litellm

import "strings"

// A Version is a release of a Python package (PEP 440). The zero Version is
// unknown. Versions that are written alike are equal by ==; [Version.Compare]
// knows that 1.69 and 1.69.0 are the same release.
type Version struct {
	text string // as it was written, without what surrounds it
	key  string // orders versions by its bytes
}

// maxVersion bounds a version's text; the index's longest are a third of it.
const maxVersion = 100

// ParseVersion reads a version as PEP 440 has it, in every spelling that the
// index takes: "1.63.7", "v1.63.7", "1.67.0.post1", "1.81.12rc1", "1!2.0",
// "1.0-alpha.1". A local part (+cu121) is read and then ignored. It reports
// false, and the zero Version, for anything else.
func ParseVersion(s string) (Version, bool) {
	s = strings.TrimSpace(s)
	if len(s) > maxVersion {
		return Version{}, false
	}
	r := versionReader{rest: strings.ToLower(s)}
	r.rest = strings.TrimPrefix(r.rest, "v")

	first, ok := r.number()
	if !ok {
		return Version{}, false
	}
	epoch := ordered("0")
	if r.take("!") {
		epoch = ordered(first)
		if first, ok = r.number(); !ok {
			return Version{}, false
		}
	}
	release := []string{ordered(first)}
	for {
		before := r.rest
		if !r.take(".") {
			break
		}
		n, ok := r.number()
		if !ok { // ".post1" and the like: not the release's
			r.rest = before
			break
		}
		release = append(release, ordered(n))
	}
	for len(release) > 1 && release[len(release)-1] == ordered("0") {
		release = release[:len(release)-1]
	}

	pre, hasPre := r.part("alpha", "a", "beta", "b", "preview", "pre", "rc", "c")
	post, hasPost := r.post()
	dev, hasDev := r.part("dev")
	if r.take("+") && !r.local() || r.rest != "" {
		return Version{}, false
	}

	// PEP 440's order: a development release of no pre-release comes before
	// every pre-release, the release itself after them; then post-releases;
	// within each, development releases first.
	switch {
	case hasPre:
	case hasDev && !hasPost:
		pre = "\x00"
	default:
		pre = "\xff"
	}
	if !hasPost {
		post = "\x00"
	}
	if !hasDev {
		dev = "\xff"
	}
	return Version{s, epoch + strings.Join(release, "") + "\x00" + pre + post + dev}, true
}

// mustVersion is for the literals of this package's own data.
func mustVersion(s string) Version {
	v, ok := ParseVersion(s)
	if !ok {
		panic("litellm: no version: " + s)
	}
	return v
}

// Compare is negative, zero or positive as v comes before w, is the same
// release, or comes after it. The unknown version comes after all others: it is
// taken for the newest (see [Versions]).
func (v Version) Compare(w Version) int {
	switch {
	case v.IsZero() && w.IsZero():
		return 0
	case v.IsZero():
		return 1
	case w.IsZero():
		return -1
	}
	return strings.Compare(v.key, w.key)
}

// Before reports whether v comes before w; never for an unknown v.
func (v Version) Before(w Version) bool { return v.Compare(w) < 0 }

// IsZero reports whether the version is unknown.
func (v Version) IsZero() bool { return v.key == "" }

// String is the version as it was written, "" for the unknown one.
func (v Version) String() string { return v.text }

// A versionReader consumes the lower-case text of a version.
type versionReader struct{ rest string }

func (r *versionReader) take(prefix string) bool {
	rest, ok := strings.CutPrefix(r.rest, prefix)
	if ok {
		r.rest = rest
	}
	return ok
}

// number takes digits; false when there are none.
func (r *versionReader) number() (string, bool) {
	n := 0
	for n < len(r.rest) && '0' <= r.rest[n] && r.rest[n] <= '9' {
		n++
	}
	digits := r.rest[:n]
	r.rest = r.rest[n:]
	return digits, n > 0
}

// part takes one of the words, with the separators and the number that PEP 440
// lets stand around it, in a form that orders: the canonical word's letter, then
// the number. It takes nothing when there is no such word.
func (r *versionReader) part(words ...string) (string, bool) {
	before := r.rest
	r.separator()
	for _, word := range words {
		if !r.take(word) {
			continue
		}
		letter := word[:1]
		switch word {
		case "c", "pre", "preview":
			letter = "r"
		}
		beforeNumber := r.rest
		r.separator()
		n, ok := r.number()
		if !ok {
			r.rest, n = beforeNumber, "0"
		}
		return letter + ordered(n), true
	}
	r.rest = before
	return "", false
}

// post takes a post-release's part: the word, or the implicit form 1.0-1.
func (r *versionReader) post() (string, bool) {
	if post, ok := r.part("post", "rev", "r"); ok {
		return "p" + post[1:], true // one meaning, three words
	}
	before := r.rest
	if r.take("-") {
		if n, ok := r.number(); ok {
			return "p" + ordered(n), true
		}
	}
	r.rest = before
	return "", false
}

func (r *versionReader) separator() {
	if r.rest != "" && strings.IndexByte(".-_", r.rest[0]) >= 0 {
		r.rest = r.rest[1:]
	}
}

// local takes what follows "+": pieces of letters and digits, one of ".-_"
// between them.
func (r *versionReader) local() bool {
	for {
		n := 0
		for n < len(r.rest) && (r.rest[n] >= '0' && r.rest[n] <= '9' || r.rest[n] >= 'a' && r.rest[n] <= 'z') {
			n++
		}
		if n == 0 {
			return false
		}
		if r.rest = r.rest[n:]; r.rest == "" {
			return true
		}
		r.separator()
	}
}

// ordered is a number's digits in a form whose bytes order as numbers do: how
// many there are, then they themselves.
func ordered(digits string) string {
	digits = strings.TrimLeft(digits, "0")
	return string(rune(len(digits)+1)) + digits // at most maxVersion: one byte
}
