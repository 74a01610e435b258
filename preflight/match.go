package preflight

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The conditions that the catalogue is built from. Each can say what it looks
// for, since the pages are made of them: the text completes "Seen when …".

// problem holds when the fault id was found here, before any request.
func problem(id string) Match {
	return when("the check finds it before any request", func(e *Evidence) bool { return e.Problem != nil && e.Problem.ID == id })
}

// when holds when f does; text says what that means.
func when(text string, f func(*Evidence) bool) Match {
	return Match{Holds: f, text: func() string { return text }}
}

// aadsts holds when Entra refuses with one of the codes. The number decides:
// Microsoft says that the texts change.
func aadsts(codes ...int) Match {
	texts := make([]string, len(codes))
	for i, c := range codes {
		texts[i] = "AADSTS" + strconv.Itoa(c)
	}
	return when("Entra answers "+orList(texts), func(e *Evidence) bool {
		return slices.ContainsFunc(codesOf(e), func(c int) bool { return slices.Contains(codes, c) })
	})
}

// answered holds when the model's service answers with one of the statuses.
func answered(statuses ...int) Match {
	texts := make([]string, len(statuses))
	for i, s := range statuses {
		texts[i] = strconv.Itoa(s)
	}
	return when("the service answers "+orList(texts), func(e *Evidence) bool {
		x := failed(e, ServiceModel)
		return x != nil && x.Fault == FaultNone && slices.Contains(statuses, x.Status)
	})
}

// coded holds when the error's code, or its inner code, is one of the codes.
func coded(codes ...string) Match {
	return Match{func(e *Evidence) bool {
		x := failing(e)
		return x != nil && slices.ContainsFunc(codes, func(c string) bool {
			return strings.EqualFold(c, x.Code) || strings.EqualFold(c, x.Inner)
		})
	}, func() string { return "the error's code is " + orList(quoteAll(codes)) }, codes}
}

// says holds when the failure's text holds one of the phrases. Letter case and
// white space do not count, since logs are wrapped in the middle of words.
func says(phrases ...string) Match {
	return Match{func(e *Evidence) bool { return saysAny(e, phrases...) },
		func() string { return "the error says " + orList(quoteAll(phrases)) }, phrases}
}

// matches holds when the failure's text matches an expression; text says what
// it looks for, and one of the phrases is in every text that matches.
func matches(text string, re func() *regexp.Regexp, phrases ...string) Match {
	return Match{func(e *Evidence) bool {
		return slices.ContainsFunc(said(e), re().MatchString)
	}, func() string { return text }, phrases}
}

// alone holds when the phrase is said by the only member of a credential chain
// that was tried, or outside of one, and Entra refused nobody. In a longer
// chain such a phrase is what every member says that was not meant to be used.
func alone(phrases ...string) Match {
	m := says(phrases...)
	return Match{func(e *Evidence) bool {
		return m.Holds(e) && chainLength(e.Text) < 2 && len(codesOf(e)) == 0
	}, func() string { return m.Text() + ", and no other credential was tried" }, phrases}
}

// placed holds when the failure is one of the chain as far as a pasted text
// tells: for phrases that many libraries have.
var placed = when("the text names the chain", func(e *Evidence) bool { return !e.Unplaced })

// fault holds when the last request to s ended in one of the faults.
func fault(text string, s Service, faults ...Fault) Match {
	return when(text, func(e *Evidence) bool {
		x := failed(e, s)
		return x != nil && slices.Contains(faults, x.Fault)
	})
}

// failing is the exchange that broke the chain: the latest failure that no
// later success with the same service made good, nil when there is none.
func failing(e *Evidence) *Exchange {
	for i := len(e.Exchanges) - 1; i >= 0; i-- {
		x := &e.Exchanges[i]
		if !x.OK() && e.Last(x.Service) == x {
			return x
		}
	}
	return nil
}

// failed is [failing] when it was with s, or when a pasted text does not tell
// with whom.
func failed(e *Evidence, s Service) *Exchange {
	if x := failing(e); x != nil && (asked(x) == s || x.Service == "") {
		return x
	}
	return nil
}

// failedAt is [failing] when it was certainly with s.
func failedAt(e *Evidence, s Service) *Exchange {
	if x := failing(e); x != nil && asked(x) == s {
		return x
	}
	return nil
}

// asked is who an exchange was with. A managed identity's endpoint is told by
// its address: azidentity has one client for it and for Entra.
func asked(x *Exchange) Service {
	if x.Service == ServiceEntra && metadataAddress(x.Host) {
		return ServiceIMDS
	}
	return x.Service
}

// refused reports whether the model's service turned the caller away: an
// answer that a fault of the token explains, where one about a deployment or a
// quota is not.
func refused(e *Evidence) bool {
	x := failed(e, ServiceModel)
	return x != nil && (x.Status == 401 || x.Status == 403)
}

// codesOf are Entra's codes of the failure.
func codesOf(e *Evidence) []int {
	if x := failed(e, ServiceEntra); x != nil {
		return x.AADSTS
	}
	return nil
}

// firstCode is the first of them, 0 when there is none.
func firstCode(e *Evidence) int {
	if codes := codesOf(e); len(codes) > 0 {
		return codes[0]
	}
	return 0
}

// said are the texts of the failure: what the answer said, and what the client
// library made of it.
func said(e *Evidence) []string {
	texts := make([]string, 0, 5)
	if x := failing(e); x != nil {
		texts = append(texts, x.Message, x.Code, x.Inner, x.Detail)
	}
	return append(texts, e.Text)
}

func saysAny(e *Evidence, phrases ...string) bool {
	for _, t := range said(e) {
		for _, p := range phrases {
			if containsFold(t, p) {
				return true
			}
		}
	}
	return false
}

// find is the first group of re in the failure's texts, "" when there is none.
func find(e *Evidence, re *regexp.Regexp) string {
	for _, t := range said(e) {
		if m := re.FindStringSubmatch(t); m != nil {
			return m[1]
		}
	}
	return ""
}

// containsFold reports whether s holds phrase, white space and the case of
// ASCII letters aside. A phrase begins where a word does, or ENOTFOUND would be
// found in "executable not found".
func containsFold(s, phrase string) bool {
	first := lower(phrase[0])
	for i := range len(s) {
		if lower(s[i]) == first && (i == 0 || !isWord(s[i-1]) || !isWord(first)) && foldedAt(s[i:], phrase) {
			return true
		}
	}
	return false
}

func foldedAt(s, phrase string) bool {
	i := 0
	for j := range len(phrase) {
		if isBlank(phrase[j]) {
			continue
		}
		for j > 0 && i < len(s) && isBlank(s[i]) {
			i++
		}
		if i == len(s) || lower(s[i]) != lower(phrase[j]) {
			return false
		}
		i++
	}
	return true
}

func isWord(c byte) bool { c = lower(c); return 'a' <= c && c <= 'z' || isDigit(c) }

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// chainMember is how a member of a credential chain opens its line, in the
// libraries of every language.
var chainMember = lazy(`\b([A-Z][A-Za-z]*Credential)(?: - [A-Za-z0-9 ]+)?(?::| authentication (?:unavailable|failed)| => )`)

// chainLength counts the members of a credential chain that text names.
func chainLength(text string) int {
	if strings.Count(text, "Credential") < 2 {
		return 0
	}
	seen := map[string]bool{}
	for _, m := range chainMember().FindAllStringSubmatch(text, -1) {
		switch m[1] {
		case "DefaultAzureCredential", "ChainedTokenCredential":
		default:
			seen[m[1]] = true
		}
	}
	return len(seen)
}

// squeezed is a text without its white space, which logs put into the middle of
// words.
func squeezed(text string) string { return strings.Join(strings.Fields(text), "") }

// lazy compiles on first use: most of the catalogue is never asked.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

func quoteAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = fmt.Sprintf("%q", t)
	}
	return out
}

func orList(texts []string) string { return listed(texts, " or ") }

func andList(texts []string) string { return listed(texts, " and ") }

// listed is an enumeration; last stands before its last member.
func listed(texts []string, last string) string {
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + last + texts[len(texts)-1]
}

// healed reports whether a failure of s that f knows was followed by a success.
func healed(s Service, f func(*Exchange) bool) func(*Evidence) bool {
	return func(e *Evidence) bool {
		if e.Problem != nil || failing(e) != nil {
			return false
		}
		failedBefore := false
		for i := range e.Exchanges {
			x := &e.Exchanges[i]
			switch {
			case x.Service != s:
			case !x.OK() && f(x):
				failedBefore = true
			case x.OK() && failedBefore:
				return true
			}
		}
		return false
	}
}

func certainIf(proven bool) Certainty {
	if proven {
		return Proven
	}
	return Likely
}
