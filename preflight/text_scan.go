package preflight

import (
	"bytes"
	"slices"
	"strings"
)

const (
	maxLine     = 64 << 10 // a longer line is read in pieces
	shownLine   = 8 << 10  // of a line, around what was found in it
	contextUp   = 30       // lines above an error that may show its request
	contextEnd  = 12       // lines without anything known that end an error
	maxLines    = 120      // of one error
	maxAlike    = 8        // errors in which the same phrases were found
	maxKinds    = 4096     // combinations of phrases that are counted
	smallText   = 200      // lines of a text that was pasted for one error's sake
	maxAgain    = 64       // lines of the same phrases and numbers, whatever else they say
	maxForgiven = 500      // times that a chain's complaints are forgotten
	maxWords    = 8192     // lines that are told apart by all their words
)

// A textScan is the state of reading one text. Lines go through the searcher;
// those in which something is found, with a few around them, are an error, and
// an error is diagnosed at once, so that only the first of each kind is kept.
type textScan struct {
	search *searcher
	state  int
	lines  int

	recent [contextUp][]byte // the last lines outside of an error, a ring
	last   int               // where the next one goes
	above  int               // how many of them count

	open   []string // the lines of the error that is being read, nil for none
	before string   // what stood above it
	size   int
	quiet  int // lines since something was found in one
	own    int // the status or code that the error names, 0 for none yet
	which  uint64

	chain   bool // it is known that the text is about the chain, as a capture is, and about no other provider
	general generalError
	seen    map[errorKind]int // how many errors of a kind were diagnosed
	judged  map[uint64]int    // how often a line with something in it was looked at
	found   []foundError

	foreign  bool // an error was about another cloud's metadata, or another provider's model
	forgiven int  // how often what a chain complained of was made good
	closed   int  // how many errors were put together, for the tests
}

// A foundError is evidence and what it was diagnosed as.
type foundError struct {
	evidence *Evidence
	id       string
	ours     bool // it names the chain, or somebody in it
	retried  bool // it was tried again, and what came of that may stand below
}

// An errorKind is what tells errors apart without a look at their words. A log
// can hold the same error a thousand times over.
type errorKind struct {
	which uint64 // the phrases that were found
	own   int
	ours  bool
}

// A generalError is the first line that looks like an error of anything, and a
// few lines behind it: all there is to show when nothing is known.
type generalError struct {
	text string
	sure bool // the line names an error; else it may be an ordinary message
	rest int  // lines that are still to come
}

func newTextScan() *textScan {
	return &textScan{search: logSearcher(), seen: map[errorKind]int{}, judged: map[uint64]int{}}
}

// line takes the next line. The bytes are the caller's again afterwards.
func (s *textScan) line(raw []byte) {
	s.lines++
	if isEcho(raw) {
		return
	}
	line := cleanLine(raw)
	recovered, chatter := gotToken(line), isChatter(line)
	switch {
	case (recovered || chatter || len(line) > shownLine) && bytes.Contains(line, escapedBreak):
		s.escaped(line)
	case recovered:
		s.recovered()
	case !chatter:
		s.read(line)
	}
}

var escapedBreak = []byte(`\n`)

// escaped reads a whole log that somebody has put into one string. What a line
// of it tells is not told of the others.
func (s *textScan) escaped(line []byte) {
	for part := range bytes.SplitSeq(line, escapedBreak) {
		s.line(bytes.TrimRight(part, `\`))
	}
}

// read takes a line without what a log has put around it.
func (s *textScan) read(line []byte) {
	var at sighting
	s.state, at = s.search.find(s.state, line)
	if len(line) > shownLine {
		from := max(0, min(at.end-shownLine/2, len(line)-shownLine))
		line = line[from : from+shownLine]
	}
	again := at.kinds != 0 && s.again(line, &at)
	if at.kinds != 0 && !again && onlyMentions(line) {
		at = sighting{}
	}
	if s.open != nil && s.anotherTest(line, at.which) {
		s.close()
	}
	switch found := at.kinds&(hitKnown|hitAnswer) != 0; {
	case found && again && s.open != nil && s.another(line):
		s.close()
		s.remember(line)
	case found && !again && s.open != nil && !s.another(line):
		s.append(line)
		s.quiet, s.which = 0, s.which|at.which
	case found && !again:
		s.close()
		s.begin(at.early)
		s.append(line)
		s.which = at.which
	case s.open != nil:
		s.append(line)
		s.remember(line)
		s.quiet++
	default:
		s.remember(line)
	}
	if s.quiet >= contextEnd || len(s.open) >= maxLines || s.size >= 4*maxText {
		s.close()
	}
	if again {
		at.kinds = 0
	}
	s.general.take(line, at.kinds)
}

// again reports whether a line was looked at so often that it tells nothing
// new: a log can complain of the same thing a million times, and to look costs
// far more than to read. Times and counters do not make a line another one.
// Where all the words differ each time, the phrases that were found count.
func (s *textScan) again(line []byte, at *sighting) bool {
	words, numbers := fingerprint(line)
	kind := at.which*fnvPrime ^ uint64(at.kinds)
	if len(s.judged) < 2*maxWords {
		kind ^= numbers // else they are a counter's
	}
	most := maxAgain
	if at.kinds == hitGeneral {
		most = maxWords // its words are all there is, and to look at it is cheap
	}
	return s.count(words, maxWords) > maxAlike || s.count(kind, 3*maxWords) > most
}

// count counts a key, as long as no more than most are counted.
func (s *textScan) count(key uint64, most int) int {
	if n := s.judged[key]; n > 0 || len(s.judged) < most {
		s.judged[key] = n + 1
	}
	return s.judged[key]
}

// begin opens an error. Lines that hold the beginning of the phrase that was
// found, early characters of it, belong to it; what stands above them is kept
// apart.
func (s *textScan) begin(early int) {
	above := s.context()
	from := len(above)
	for from > 0 && (early > 0 || above[from-1] != '\n') {
		from--
		if !isBlank(above[from]) {
			early--
		}
	}
	s.before, s.open = above[:from], []string{}
	for line := range strings.Lines(above[from:]) {
		s.append([]byte(strings.TrimRight(line, "\n")))
	}
}

func (s *textScan) append(line []byte) {
	s.open = append(s.open, string(line))
	s.size += len(line) + 1
	if s.own == 0 && tellsNumber(line) {
		s.own = ownNumber(line)
	}
}

// another reports whether a line begins another error than the open one: an
// answer has one status, so a line that names a different one is the next's.
func (s *textScan) another(line []byte) bool {
	if s.own == 0 || !tellsNumber(line) {
		return false
	}
	n := ownNumber(line)
	return n != 0 && n != s.own
}

// anotherTest reports whether a line begins with another test than the one that
// the open error is of: pytest's headline of a test's traceback, or the next line
// of its summary where that says something new. A summary repeats what the
// tracebacks said, in fewer words.
func (s *textScan) anotherTest(line []byte, which uint64) bool {
	if bytes.HasPrefix(line, []byte("___")) {
		return testHeadline().Match(line)
	}
	if which&^s.which == 0 || !isTestSummary(line) {
		return false
	}
	return slices.ContainsFunc(s.open, func(above string) bool { return isTestSummary([]byte(above)) })
}

var testHeadline = lazy(`^_{3,} \S.* _{3,}\s*$`)

// isTestSummary reports whether a line is one of pytest's short summary.
func isTestSummary(line []byte) bool {
	return (bytes.HasPrefix(line, []byte("FAILED ")) || bytes.HasPrefix(line, []byte("ERROR "))) && bytes.Contains(line, []byte("::"))
}

// tellsNumber reports whether a line may hold what [ownNumber] looks for. It
// is asked of every line near an error, so that it has to be cheap.
func tellsNumber(line []byte) bool {
	for i := 0; i+2 < len(line); i++ {
		if isDigit(line[i]) && isDigit(line[i+1]) && isDigit(line[i+2]) {
			return true
		}
	}
	return false
}

// ownNumber is the code of Entra's, or else the status, that a line names.
func ownNumber(line []byte) int {
	text := string(line)
	if codes := appendCodes(nil, text); len(codes) > 0 {
		return codes[0]
	}
	return statusIn(text, false)
}

// remember keeps a line that may show the request of an error below it.
func (s *textScan) remember(line []byte) {
	slot := &s.recent[s.last]
	*slot = append((*slot)[:0], line...)
	s.last = (s.last + 1) % contextUp
	s.above = min(s.above+1, contextUp)
}

// context is what was remembered. It belongs to one error only.
func (s *textScan) context() string {
	var b strings.Builder
	for i := range s.above {
		b.Write(s.recent[(s.last-s.above+i+contextUp)%contextUp])
		b.WriteByte('\n')
	}
	s.above = 0
	text := b.String()
	return text[max(0, len(text)-maxText):]
}

// close diagnoses the error that is open.
func (s *textScan) close() {
	if s.open == nil {
		return
	}
	s.closed++
	above := strings.Split(strings.TrimSuffix(s.before, "\n"), "\n")
	if s.before == "" {
		above = nil
	}
	width := wrapWidth(slices.Concat(above, s.open))
	before, text := unwrap(above, width), unwrap(s.open, width)
	kind := errorKind{s.which, s.own, ourWords().MatchString(text)}
	s.open, s.size, s.quiet, s.own, s.which = nil, 0, 0, 0, 0
	if n := s.seen[kind]; n >= maxAlike || n == 0 && len(s.seen) >= maxKinds {
		return
	}
	s.seen[kind]++
	if othersMetadata(before, text) {
		s.foreign = true
		return
	}
	if !s.chain && otherProvider(text) {
		s.foreign = true // the general error may be a piece of it
		return
	}
	e, ours := readError(before, text)
	e.Unplaced = e.Unplaced && !s.chain
	f, ok := Diagnose(e)
	if !ok || f.ID == idUnknown || slices.ContainsFunc(s.found, func(o foundError) bool { return o.id == f.ID && (o.ours || !ours) && !o.retried }) {
		return
	}
	s.found = append(s.found, foundError{e, f.ID, ours, strings.Contains(text, "etrying")})
}

// recovered forgets what members of a credential chain said before another one
// gave a token.
func (s *textScan) recovered() {
	s.close()
	before := len(s.found)
	s.found = slices.DeleteFunc(s.found, func(f foundError) bool { return strings.Contains(f.evidence.Text, "Credential") })
	if s.forgiven < maxForgiven && len(s.found) < before {
		// It tells something new when no member gives one any more.
		s.forgiven++
		clear(s.judged)
		clear(s.seen)
	}
	if strings.Contains(s.general.text, "Credential") {
		s.general = generalError{}
	}
}

// finish is what was found. Somebody else's errors count only in a short text,
// which nobody pastes for another reason than its error, and those that were
// retried only when nothing came of it.
func (s *textScan) finish() []*Evidence {
	s.close()
	var out, retried []*Evidence
	for _, f := range s.found {
		switch {
		case !f.ours && s.lines > smallText:
		case f.retried:
			retried = append(retried, f.evidence)
		default:
			out = append(out, f.evidence)
		}
	}
	if len(out) == 0 {
		out = retried
	}
	if g := s.general; len(out) == 0 && g.text != "" && (g.sure || s.lines <= smallText) {
		e, _ := readError("", g.text)
		// Nothing that is read into it is known to be right.
		out = append(out, &Evidence{Pasted: true, Elsewhere: s.foreign || !s.chain && otherProvider(g.text), Text: e.Text})
	}
	return out
}

func (g *generalError) take(line []byte, kinds uint8) {
	switch {
	case kinds != 0 && !g.sure && !harmless().Match(line):
		sure := namesError().Match(line)
		if sure || g.text == "" {
			*g = generalError{string(line), sure, 3}
		}
	case g.rest > 0:
		g.text += "\n" + string(line)
		g.rest--
	}
}

var (
	namesError = lazy(`(?i)\berror\b\s*[:\-]|\w(?:Error|Exception)\b|\bfatal\b|traceback|\bdenied\b|unauthorized|forbidden|\bfailed\b|##\[error\]`)
	harmless   = lazy(`(?i)\b(?:0|no) (?:errors?|failures?|failed)\b|\b(?:INFO|DEBUG|TRACE|VERBOSE)\b|errors?: 0\b|failed: 0\b`)
)
