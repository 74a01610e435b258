package litellm

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Requirement is what a file of the workspace says of one package's version.
type Requirement struct {
	Package string // normalised (PEP 503): litellm, openai, dspy, dspy-ai, azure-identity
	File    string
	// At is where the pin stands: the package's name, or, in a lock and wherever
	// the version has a line of its own, the key of the version.
	At     Place
	Spec   string  // the specifiers, "" for any version
	Exact  Version // of a pin
	Newest Version // the newest that it can resolve to, as far as known: the pin or the upper bound, zero when there is none
	Lock   bool    // a lock's: what is installed, not what is asked for
	Marker bool    // it holds under a condition only (python_version, sys_platform, …)
	// Constraint says that it asks for nothing, and bounds what others ask for.
	Constraint bool
	// Unknown says that no version can be told from it: an address in place of
	// one, or specifiers outside the grammar, which are not repeated here.
	Unknown bool

	spec specifier
}

// decidingPackages are those whose versions decide what is sent.
var decidingPackages = []string{"litellm", "openai", "dspy", "dspy-ai", "azure-identity"}

// Bounds of what is read.
const (
	maxRequirement  = 10 << 20 // bytes of a file; a larger one is no requirement's or lock's
	maxRequirements = 200      // files, those that others include among them
)

// FindRequirements reads the lock and requirements files among the names that
// list gives: those of the workspace's root and of wherever else the caller
// looks, slash-separated and relative to the workspace. read is also asked for
// the files that requirements files include, never for one outside the
// workspace. What cannot be read, or is broken, yields what could be told.
func FindRequirements(read func(name string) ([]byte, error), list func() []string) []Requirement {
	f := finder{read: read, seen: map[string]bool{}}
	for _, name := range list() {
		f.file(path.Clean(name), requirementReader(name))
	}
	return f.found
}

// A finder collects the requirements of files, each read once.
type finder struct {
	read  func(name string) ([]byte, error)
	seen  map[string]bool
	found []Requirement
	bound bool // what is read are constraints
}

// file reads one file in one way; nil is a file of no known kind.
func (f *finder) file(name string, in func(*finder, *sourceText)) {
	if in == nil || f.seen[name] || len(f.seen) >= maxRequirements {
		return
	}
	f.seen[name] = true
	data, err := f.read(name)
	if err != nil || len(data) > maxRequirement {
		return
	}
	in(f, newSourceText(name, data))
}

// requirementReader is how a file is read, by its name; nil when it is none of ours.
func requirementReader(name string) func(*finder, *sourceText) {
	base := path.Base(name)
	switch base {
	case "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml":
		return (*finder).lock
	case "Pipfile.lock":
		return (*finder).pipfileLock
	case "pyproject.toml", "Pipfile":
		return (*finder).project
	}
	lower := strings.ToLower(base)
	switch ext := path.Ext(lower); {
	case ext == ".toml" && strings.HasPrefix(lower, "pylock."):
		return (*finder).lock
	case ext != ".txt" && ext != ".in":
	case strings.Contains(lower, "constraints"):
		return (*finder).constraints
	case strings.Contains(lower, "requirements"), path.Base(path.Dir(name)) == "requirements":
		return (*finder).requirements
	}
	return nil
}

// Decide is the requirement that tells a package's version: a lock before an
// exact pin, that before a range. Among locks and pins those nearest to the
// root decide, unconditional ones first; of a lock's several the newest, of
// ranges the one with the lowest bound. dspy is also looked for as dspy-ai.
func Decide(reqs []Requirement, pkg string) (Requirement, bool) {
	var best *Requirement
	for i := range reqs {
		r := &reqs[i]
		if r.Package != pkg && (pkg != "dspy" || r.Package != "dspy-ai") {
			continue
		}
		if best == nil || compareWeight(r, best) < 0 {
			best = r
		}
	}
	if best == nil {
		return Requirement{}, false
	}
	return *best, true
}

// Agreed is [Decide] for files of which nobody says that they are the suite's:
// only what all their pins of a package agree on tells its version.
func Agreed(reqs []Requirement, pkg string) (Requirement, bool) {
	req, ok := Decide(reqs, pkg)
	if !ok || req.Exact.IsZero() {
		return Requirement{}, false
	}
	for _, r := range reqs {
		if r.Package == req.Package && !r.Exact.IsZero() && r.Exact.Compare(req.Exact) != 0 {
			return Requirement{}, false
		}
	}
	return req, true
}

// compareWeight is negative when a decides over b.
func compareWeight(a, b *Requirement) int {
	rank := func(r *Requirement) int {
		switch {
		case r.Lock && !r.Exact.IsZero():
			return 0
		case !r.Exact.IsZero():
			return 1
		case !r.Unknown:
			return 2
		}
		return 3
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	if rank(a) == 2 {
		return a.Newest.Compare(b.Newest)
	}
	if d := strings.Count(a.File, "/") - strings.Count(b.File, "/"); d != 0 {
		return d
	}
	if a.Marker != b.Marker {
		if a.Marker {
			return 1
		}
		return -1
	}
	if a.Lock && b.Lock {
		return b.Exact.Compare(a.Exact)
	}
	return 0
}

// add records a requirement of a package that matters.
func (f *finder) add(src *sourceText, at int, name, spec string, grammar grammar, more Requirement) {
	name = normalName(name)
	if !slices.Contains(decidingPackages, name) {
		return
	}
	more.Package, more.File, more.At, more.Constraint = name, src.name, src.place(at), f.bound
	if !more.Unknown {
		parsed, ok := parseSpecifier(spec, grammar)
		more.Unknown = !ok
		more.spec, more.Spec, more.Exact, more.Newest = parsed, parsed.String(), parsed.exact(), parsed.newest()
	}
	f.found = append(f.found, more)
}

// admits reports whether a version satisfies the requirement.
func (r *Requirement) admits(v Version) bool { return !r.Unknown && r.spec.admits(v) }

// normalName is a package's name as PEP 503 compares it.
func normalName(name string) string {
	if len(name) > 100 || strings.Trim(name, "-_.") != name { // longer than any of ours can be written, or no name
		return ""
	}
	pieces := strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' || c == '.' })
	return strings.Join(pieces, "-")
}

// A sourceText is a file's text with the places of its offsets.
type sourceText struct {
	name, text string
	starts     []int // offsets of the lines
}

// newSourceText decodes a file: UTF-8, or UTF-16 with a byte order mark (what
// PowerShell's redirection of pip freeze makes, and pip reads), with any kind of
// line end.
func newSourceText(name string, data []byte) *sourceText {
	text := ""
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		low := 0
		if data[0] == 0xfe {
			low = 1
		}
		units := make([]uint16, 0, len(data)/2)
		for i := 2; i+1 < len(data); i += 2 {
			units = append(units, uint16(data[i+low])|uint16(data[i+1-low])<<8)
		}
		text = string(utf16.Decode(units))
	default:
		text = string(bytes.TrimPrefix(data, []byte("\ufeff")))
	}
	if strings.Contains(text, "\r") {
		text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	}
	s := &sourceText{name: name, text: text, starts: []int{0}}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' {
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

// place is where an offset of the text stands; columns count characters.
func (s *sourceText) place(at int) Place {
	line, found := slices.BinarySearch(s.starts, at)
	if !found {
		line--
	}
	return Place{s.name, line + 1, utf8.RuneCountInString(s.text[s.starts[line]:at]) + 1}
}

// sameLine reports whether two offsets stand on one line.
func (s *sourceText) sameLine(a, b int) bool {
	return !strings.Contains(s.text[min(a, b):max(a, b)], "\n")
}
