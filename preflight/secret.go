package preflight

import (
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// redacted is what every printed form of a secret is.
const redacted = secret.Redacted

// A Secret is a credential's value. It prints, formats and marshals as "***".
type Secret = secret.Text

// A vault knows every secret of the run. A value is kept before it is used for
// the first time: from then on the runner masks it and scrub removes it.
type vault struct {
	mask func(string) // tells the runner; may be nil

	mu    sync.RWMutex
	known []string // longest first, so that a part never unmasks the rest
}

// shortest is the length below which a value is no credential that any service
// accepts, and masking it would only blank out ordinary words of the log.
const shortest = 6

// keep registers a value and returns it as a Secret.
func (v *vault) keep(value string) Secret {
	parts := []string{value, url.QueryEscape(value)} // a form is sent, and may be echoed, encoded
	if i := strings.LastIndexByte(value, '.'); strings.HasPrefix(value, "eyJ") && i > 0 {
		// A token's signature is what makes it one: mask it on its own as well,
		// since a service may echo a token in pieces.
		parts = append(parts, value[i+1:])
	}
	for line := range strings.Lines(value) {
		// The runner masks line by line.
		parts = append(parts, strings.TrimSpace(line))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range parts {
		if len(p) < shortest || slices.Contains(v.known, p) {
			continue
		}
		v.known = append(v.known, p)
		if v.mask != nil && !strings.ContainsAny(p, "\r\n") {
			v.mask(p)
		}
	}
	slices.SortFunc(v.known, func(a, b string) int { return len(b) - len(a) })
	return secret.New(value)
}

// scrub removes every known secret from foreign text, and whatever looks like a
// token although this run never saw it.
func (v *vault) scrub(s string) string {
	if s == "" {
		return s
	}
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, k := range v.known {
		if strings.Contains(s, k) {
			s = strings.ReplaceAll(s, k, redacted)
		}
	}
	return scrubTokens(s)
}

// plain is foreign text as one line of at most n bytes without secrets. They are
// looked for again when what shows nothing is gone: it may have hidden one.
func (v *vault) plain(s string, n int) string {
	return inert.Clip(v.scrub(inert.Line(v.scrub(s))), n)
}

// jwt finds JSON Web Tokens: three or two base64url parts of which the first
// begins with an opening brace and a quote.
var jwt = lazy(`eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?`)

// scrubTokens removes tokens from text whose secrets nobody registered, a
// pasted log say.
func scrubTokens(s string) string {
	if strings.Contains(s, "eyJ") {
		s = jwt().ReplaceAllString(s, redacted)
	}
	if len(s) < 20 {
		return s // the shortest of the other forms is longer
	}
	// To look for the words of the expressions costs less than to compile these,
	// which a healthy run then never does.
	if strings.ContainsAny(s, ":=>") && saysSecret(s) {
		s = labelled().ReplaceAllString(s, "${1}"+redacted)
	}
	if len(s) >= 84 || strings.Contains(s, "sk-") {
		s = bareKey().ReplaceAllString(s, redacted)
	}
	return s
}

// saysSecret reports whether s has a word of which one is in every name that
// labelled knows.
func saysSecret(s string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc([]string{"token", "assertion", "key", "secret", "authorization", "identity-header"}, func(word string) bool { return strings.Contains(s, word) })
}

// labelled finds what stands behind the name of a credential; bareKey finds the
// forms of keys that need no name: Azure's of 84 characters, OpenAI's.
var (
	labelled = lazy(`(?i)((?:access_token|refresh_token|id_token|client_assertion|api[-_]?key|ocp-apim-subscription-key|subscription[-_]key|client[-_]?secret|authorization|identity-header)\\?["']?\s*[:=>]\s*\\?["']?(?:bearer\s+)?)[A-Za-z0-9+/_.~-]{16,}={0,2}`)
	bareKey  = lazy(`\b(?:sk-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{84})\b`)
)
