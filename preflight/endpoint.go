package preflight

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

const endpointForm = "scheme and host of the resource, like https://NAME.openai.azure.com"

// parseEndpoint reads an endpoint: https, a host, and for a gateway a path
// prefix. It returns the normal form, or what is wrong and what was probably
// meant.
func parseEndpoint(raw string) (u *url.URL, detail, suggest string) {
	switch {
	case strings.Contains(raw, "{{") || strings.HasPrefix(raw, "$"):
		return nil, "holds a template that nobody expanded", ""
	case strings.ContainsAny(raw, "<>"):
		return nil, "holds a placeholder", ""
	case looksLikeKey(raw):
		return nil, "looks like an API key, not like an address", ""
	case strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f || r > 0x7e }):
		return nil, "holds a space or a character that no address has", suggestHost(raw)
	case strings.ContainsAny(raw, `"'`+"`"):
		return nil, "holds a quotation mark", suggestHost(raw)
	case oneSlash().MatchString(raw):
		return nil, "has no // behind its scheme", suggestHost(raw)
	case !strings.Contains(raw, "://"):
		return nil, "has no scheme", suggestHost("https://" + raw)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, "is not an address", ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	switch {
	case u.Scheme != "https":
		return nil, fmt.Sprintf("has the scheme %s; a credential goes over https only", inert.Clip(u.Scheme, 20)), suggestHost(raw)
	case u.User != nil:
		return nil, "holds a user name or password", suggestHost(raw)
	case host == "" || !isHostName(host) || strings.EqualFold(host, "https") || strings.EqualFold(host, "http"):
		return nil, "has no usable host name", suggestHost(raw)
	case isPortal(host):
		return nil, "is a link into a portal, not a resource's endpoint", ""
	case net.ParseIP(host) != nil || !strings.Contains(host, "."):
		return nil, "names a machine, not a resource", ""
	}
	path := strings.TrimRight(u.Path, "/")
	switch {
	case u.RawQuery != "":
		return nil, "is a full request URL: it has a query", suggestHost(raw)
	case strings.ContainsAny(raw, "?#"):
		return nil, "has a ? or # behind the host, which no endpoint has", suggestHost(raw)
	case cloudOf(host) != nil && strings.HasPrefix(path, "/api/projects"):
		// Its surface takes tokens of another audience and asks for another data
		// action: what is proved at the resource is not proved there.
		// Report: microsoft/agent-framework issue 7201.
		return nil, "is a Foundry project's endpoint, which has an audience (https://ai.azure.com) and permissions of its own; the check calls the resource itself", suggestHost(raw)
	case cloudOf(host) != nil && (path == "/models" || strings.HasPrefix(path, "/models/")):
		return nil, "is the address of Foundry's Model Inference API, which the check does not call; it calls /openai/v1 of the same host", suggestHost(raw)
	case path != "" && (cloudOf(host) != nil || strings.Contains(path, "/deployments") || strings.Contains(path, "/openai/v1") || strings.HasSuffix(path, "/completions")):
		return nil, "has a path (" + inert.Clip(path, 60) + "), which the check adds itself", suggestHost(raw)
	case strings.Contains(path, "//") || strings.Contains(path, "..") || u.RawPath != "":
		return nil, "has a path that is not clean", suggestHost(raw)
	}
	out := &url.URL{Scheme: "https", Host: host, Path: path}
	if p := u.Port(); p != "" && p != "443" {
		out.Host = net.JoinHostPort(host, p)
	}
	return out, "", ""
}

// suggestHost is the https form of the host in raw when that host is Azure's,
// else "": nobody should be told to send a credential anywhere else.
func suggestHost(raw string) string {
	raw = strings.Join(strings.Fields(strings.Trim(raw, "\"'` \t\r\n")), "")
	for _, scheme := range []string{"https://", "http://", "https//", "http//", "https:/", "http:/"} {
		for strings.HasPrefix(strings.ToLower(raw), scheme) {
			raw = raw[len(scheme):]
		}
	}
	host := raw
	if i := strings.IndexAny(raw, "/?#"); i >= 0 {
		host = raw[:i]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host = strings.ToLower(strings.TrimSuffix(host, ":443"))
	if !isHostName(host) || cloudOf(host) == nil {
		return ""
	}
	return "https://" + host
}

// isPortal knows the pages from whose address bar people copy.
func isPortal(host string) bool {
	switch host {
	case "portal.azure.com", "portal.azure.us", "portal.azure.cn", "oai.azure.com", "ai.azure.com", "ai.azure.us",
		"management.azure.com", "learn.microsoft.com", "ms.portal.azure.com", "preview.portal.azure.com", "azure.microsoft.com":
		return true
	}
	return false
}

// oneSlash matches a web address that lacks a slash.
var oneSlash = lazy(`(?i)^https?:/[^/]`)

// What nearly every run looks at is looked at without regular expressions: to
// compile one costs a tenth of a millisecond.

const (
	digits    = "0123456789"
	lowercase = "abcdefghijklmnopqrstuvwxyz"
	uppercase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// only reports whether s consists of the characters.
func only(s, characters string) bool { return strings.Trim(s, characters) == "" }

// isHostName reports whether s is a host's name in small letters, or a part of
// one.
func isHostName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || !only(label, lowercase+digits+"-") || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	return true
}

// looksLikeKey knows what Azure's keys look like: 32 hexadecimal digits, or 84
// letters and digits.
func looksLikeKey(s string) bool {
	return len(s) == 32 && only(s, digits+"abcdefABCDEF") || len(s) >= 80 && len(s) <= 100 && only(s, digits+lowercase+uppercase)
}

// printable is an endpoint value as it may be shown: without user information
// and query, which may hold a key.
func printable(raw string) string {
	if looksLikeSecret(raw) {
		return redacted
	}
	s := scrubTokens(raw)
	if before, _, ok := strings.Cut(s, "?"); ok {
		s = before + "?" + redacted
	}
	// Whatever stands before an @ may be a password, wherever its slashes are.
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		scheme, _, ok := strings.Cut(s, "://")
		if ok = ok && len(scheme) < i; ok {
			scheme += "://"
		} else {
			scheme = ""
		}
		s = scheme + redacted + s[i:]
	}
	return inert.Clip(inert.Line(s), 200)
}

// trusted reports whether a credential may go to the host of u: a name in a
// zone of Azure's, on the standard port, or what allowed-hosts names.
func trusted(u *url.URL, allowed []string) bool {
	for _, a := range allowed {
		if strings.EqualFold(a, u.Host) {
			return true
		}
	}
	return u.Port() == "" && cloudOf(u.Hostname()) != nil
}
