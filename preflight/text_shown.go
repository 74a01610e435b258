package preflight

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// What a text shows of the exchange besides the error: the claims that Entra
// repeats, and the headers that curl and the SDKs print.

// Entra prints what it was shown: 70021 all three claims, its successors the
// one that has no match.
var (
	shownIssuer   = lazy(`(?i)assertion issuer\s*:?\s*'([^'\n]*(?:\n[^'\n]*)?)'|Issuer:\s*'([^'\n]*)'|issued by issuer\s*'([^'\n]*)'|\bissuer - (\S+)`)
	shownSubject  = lazy(`(?i)assertion subject\s*:?\s*'([^'\n]*(?:\n[^'\n]+)?)'?|Subject:\s*'([^'\n]*)'|\bsubject claim - (\S+)`)
	shownAudience = lazy(`(?i)assertion audience\s*:?\s*'([^'\n]*(?:\n[^'\n]*)?)'|Audience:\s*'([^'\n]*)'|\baudience - (\S+)`)
)

// readAssertion finds the claims of the assertion that a text shows, nil when
// it shows none.
func readAssertion(text string) *Claims {
	c := &Claims{Issuer: shown(shownIssuer().FindStringSubmatch(text)), Subject: shown(shownSubject().FindStringSubmatch(text))}
	if a := shown(shownAudience().FindStringSubmatch(text)); a != "" {
		c.Audience = []string{a}
	}
	if c.Issuer == "" && c.Subject == "" && c.Audience == nil {
		return nil
	}
	return c
}

// shown is the group of a match that is there, without the line break and the
// indentation that a log has put into it.
func shown(m []string) string {
	for _, g := range m[min(1, len(m)):] {
		if g != "" {
			before, after, _ := strings.Cut(g, "\n")
			return inert.Clip(inert.Line(before+strings.TrimSpace(after)), 500)
		}
	}
	return ""
}

// readTraffic reads what curl -v and the SDKs print of the headers that were
// sent and came back.
func readTraffic(x *Exchange, text string) {
	sent, credential := false, CredentialNone
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		request := strings.HasPrefix(line, "> ")
		name, value, ok := strings.Cut(strings.Trim(strings.TrimLeft(line, "<> "), `"',`), ":")
		if !ok || strings.ContainsAny(name, " \t{(") {
			if request && strings.Contains(line, " HTTP/") {
				sent = true
				if method, rest, ok := strings.Cut(line[2:], " "); ok {
					path, _, _ := strings.Cut(rest, " ")
					setPath(x, method, path)
				}
			}
			continue
		}
		name, value = strings.ToLower(strings.Trim(name, `"'`)), strings.Trim(strings.TrimSpace(value), `"',`)
		switch {
		case request && name == "authorization" && value != "":
			credential = CredentialBearer
		case request && name == "api-key" && value != "":
			credential = CredentialKey
		case request && name == "host" && x.Host == "":
			x.Host, x.Service = strings.ToLower(value), serviceOf(value)
		case !request && value != "" && slices.Contains(keptHeaders, name):
			if x.Header == nil {
				x.Header = map[string]string{}
			}
			if _, ok := x.Header[name]; !ok {
				x.Header[name] = inert.Clip(inert.Line(value), 300)
			}
		}
	}
	if sent {
		x.Sent = credential
	}
	// A client may print all headers in one line.
	if m := gatewayKey().FindString(text); m != "" && x.Header["www-authenticate"] == "" {
		if x.Header == nil {
			x.Header = map[string]string{}
		}
		x.Header["www-authenticate"] = inert.Clip(inert.Line(m), 300)
	}
	if x.Service == "" && containsFold(x.Header["server"], "IMDS/") {
		x.Service = ServiceIMDS
	}
}

var gatewayKey = lazy(`(?i)AzureApiManagementKey[^\n]*`)

func setPath(x *Exchange, method, path string) {
	x.Method = method
	if u, err := url.Parse(path); err == nil && x.Path == "" {
		x.Path, x.APIVersion = u.Path, u.Query().Get("api-version")
	}
}
