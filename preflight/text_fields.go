package preflight

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// maxText bounds the text of one error.
const maxText = 8 << 10

// readError makes evidence of one error's text; before is what stood above it
// in the log, where the request is often shown. It tells whether the error is
// one of the chain to a model, or may be anybody's.
func readError(before, text string) (e *Evidence, ours bool) {
	text = flatten(scrubTokens(text))
	before = flatten(scrubTokens(before))
	e = &Evidence{Pasted: true, Text: inert.Clip(inert.Lines(text), maxText)}
	x := Exchange{}
	x.AADSTS = textCodes(text)
	x.Status = orStatus(statusIn(text, false), func() int { return statusIn(before, true) })
	readFields(&x, text)
	readAddress(e, &x, text, before)
	readTraffic(&x, before+"\n"+text)
	if len(x.AADSTS) > 0 && x.Service != ServiceEntra {
		// Only Entra has such codes, whoever else the text names.
		x.Service, x.Host, x.Path, x.APIVersion = ServiceEntra, "", "", ""
	}
	if f, step := networkFault(text); f == FaultProxy || (f != FaultNone && x.Code == "" && statusIn(text, false) == 0 && len(x.AADSTS) == 0) {
		x.Fault, x.Step, x.Status = f, step, 0
		x.Detail = errorText(firstLine(text), 300)
	}
	e.Assertion = readAssertion(text)
	if x.Message == "" && x.Fault == FaultNone {
		x.Message = errorText(messageIn(text), maxErrorText)
	}
	foreign := namesOthers(&x, text)
	if !foreign {
		e.Exchanges = []Exchange{x}
	}
	return e, !foreign && (x.Service != "" || len(x.AADSTS) > 0 || ourWords().MatchString(text) || ourWords().MatchString(before))
}

func orStatus(s int, otherwise func() int) int {
	if s != 0 {
		return s
	}
	return otherwise()
}

// textCodes are Entra's codes in a text. A number that was wrapped in the
// middle is read with the white space taken out.
func textCodes(text string) []int {
	codes := appendCodes(nil, text)
	if slices.ContainsFunc(codes, knownCode) {
		return codes
	}
	if !containsFold(text, "AADSTS") {
		for _, t := range entraTexts {
			if containsFold(text, t.phrase) {
				return append(codes, t.code)
			}
		}
		return codes
	}
	squeezed := strings.Join(strings.Fields(text), "")
	for _, c := range appendCodes(nil, squeezed) {
		if knownCode(c) {
			return []int{c}
		}
	}
	return codes
}

// entraTexts are the texts of Entra's that can only belong to one code, for a
// log that has lost the code.
var entraTexts = []struct {
	phrase string
	code   int
}{
	{"No matching federated identity record found for presented assertion subject", 700213},
	{"No matching federated identity record found for presented assertion issuer", 700211},
	{"No matching federated identity record found for presented assertion audience", 700212},
	{"No matching federated identity record found", 70021},
	{"Request to External OIDC endpoint failed", 501661},
	{"may not be used for federated identity credential flows", 700236},
	{"was not found in the directory", 700016},
	{"correct tenant ID and are signing into the correct cloud", 90002},
	{"The provided client secret keys", 7000222},
	{"must contain the following parameter: 'client_assertion' or 'client_secret'", 7000218},
	{"must have a scope value with /.default", 1002012},
	{"The resource principal named", 500011},
	{"Access has been blocked by Conditional Access policies", 53003},
	{"you must use multi-factor authentication", 50076},
	{"The refresh token has expired", 700082},
}

// knownCode reports whether a diagnosis waits for the code.
func knownCode(c int) bool {
	e := &Evidence{Exchanges: []Exchange{{Service: ServiceEntra, AADSTS: []int{c}}}}
	f, ok := Diagnose(e)
	return ok && f.ID != "entra-unknown"
}

// The ways in which clients say which status they got.
var (
	namedStatus  = lazy(`(?i)(?:error code: ?|status[ _-]?code["']?\s*[:=]?\s*|\bstatus["']?\s*[:=]\s*|HTTP/[\d.]+"? |\bRESPONSE |\bHTTP (?:error |status )?|returned (?:error|http error|status): ?|http error: ?|answered |responded with(?: an? status(?: of)?)? |response status:? ?|\b\w*(?:Error|Exception)[:(] ?|"code":\s*"?|'code': ?'?)\(?([45]\d\d)\b`)
	plainStatus  = lazy(`(?i)(?:^|[\s(\["'])([45]\d\d)(?:\)|\]|\b[:,]? ?(?:client error|server error|unauthorized|forbidden|not found|bad request|too many requests|- ?\{|permissiondenied|service unavailable|bad gateway|gateway time-?out|internal server error|this model|the |resource not))`)
	errorCodeIn  = lazy(`(?i)(?:\bErrorCode:|^Code:|HTTP \d{3} \()\s*([A-Za-z_][A-Za-z_]+)`)
	wrappedCode  = lazy(`(?:^|[\s:])\(([A-Z][A-Za-z]{4,40}|Tenant provided in token does not match resource token)\) [A-Z]`)
	clientPrefix = lazy(`^(?:[\w.]+(?:Error|Exception): ?)+`)
)

// statusIn is the first status of an error that text tells, or the last.
func statusIn(text string, last bool) int {
	if !holdsStatus(text) {
		return 0 // most lines of a log, for which no expression has to run
	}
	for _, re := range []*regexp.Regexp{namedStatus(), plainStatus()} {
		if n, err := strconv.Atoi(submatch(re.FindAllStringSubmatch(text, 20), last)); err == nil {
			return n
		}
	}
	return 0
}

// holdsStatus reports whether text holds three digits that could be one.
func holdsStatus(text string) bool {
	for i := 0; i+2 < len(text); i++ {
		if (text[i] == '4' || text[i] == '5') && isDigit(text[i+1]) && isDigit(text[i+2]) {
			return true
		}
	}
	return false
}

func submatch(all [][]string, last bool) string {
	switch {
	case len(all) == 0:
		return ""
	case last:
		return all[len(all)-1][1]
	}
	return all[0][1]
}

// readFields finds code, message and parameter: in what looks like the error's
// body, or in the words that the Azure SDKs put around it.
func readFields(x *Exchange, text string) {
	var b errorBody
	if i := strings.IndexByte(text, '{'); i >= 0 {
		if body := strings.TrimSpace(text[i:]); !b.readJSON(body, 0) {
			b.readLoose(body)
		}
	} else {
		b.readLoose(text)
	}
	if x.Status == 0 {
		x.Status = b.status
	}
	code := b.code
	for _, re := range []string{submatch(errorCodeIn().FindAllStringSubmatch(text, 1), false), submatch(wrappedCode().FindAllStringSubmatch(text, 1), false)} {
		code = orElse(code, re)
	}
	x.Code, x.Inner, x.Param = errorText(code, 200), errorText(b.inner, 200), errorText(b.param, 100)
	x.Message = errorText(b.message, maxErrorText)
}

// messageIn is the line of a text that says what is the matter: of a
// traceback the last, of anything else the first.
func messageIn(text string) string {
	if strings.Contains(text, "Traceback (most recent call last)") {
		for line := range strings.Lines(text) {
			if clientPrefix().MatchString(line) {
				return line
			}
		}
	}
	return firstLine(text)
}

// hosts finds the addresses that matter in a text, with or without a scheme.
var (
	addresses = lazy(`https?://[^\s"'<>` + "`" + `\\)\]}|,]+`)
	ourHosts  = lazy(`(?i)\b(?:[a-z0-9*_-]+\.)+(?:openai\.azure\.(?:com|us|cn)|cognitiveservices\.azure\.(?:com|us|cn)|services\.ai\.azure\.(?:com|us|cn)|api\.cognitive\.(?:microsoft|azure)\.(?:com|us|cn)|azure-api\.net|actions\.githubusercontent\.com)\b|\blogin\.(?:partner\.)?(?:microsoftonline|windows|microsoft|chinacloudapi)\.(?:com|us|net|cn|de)\b|\b169\.254\.169\.254\b`)
	anyHosts  = lazy(`(?i)(?:ENOTFOUND|EAI_AGAIN|lookup|resolve host:?|resolve|host=|Host|connect to host|to|dial tcp)\s*:?\s*['"(]?((?:[a-z0-9_-]+\.)+[a-z]{2,})\b`)
)

// readAddress finds out who was asked and where: the address nearest to the
// error that is not a page of documentation. A request for a token further up
// is not the one that a client of the model complains about.
func readAddress(e *Evidence, x *Exchange, text, before string) {
	above := addressesIn(before)
	slices.Reverse(above)
	known := hostsIn(before)
	slices.Reverse(known)
	speaksOfModel := modelClient().MatchString(text)
	own := addressesIn(text)
	for i, list := range [][]*url.URL{own, hostsIn(text), above, known} {
		if i > 1 && len(own) > 0 {
			return // it names somebody, and nobody of the chain
		}
		for _, u := range list {
			s := serviceOf(u.Hostname())
			if s == "" && !modelPath(u.Path) || i > 1 && speaksOfModel && s != ServiceModel {
				continue
			}
			setAddress(e, x, u, s)
			return
		}
	}
}

// modelClient matches the names of the clients that call a model.
var modelClient = lazy(`(?i)\bopenai\.|litellm|AzureException|ClientResultException|dspy`)

// modelPath reports whether a path on anybody's host is that of a model's call.
func modelPath(path string) bool {
	return strings.Contains(path, "/openai/") || strings.Contains(path, "/chat/completions")
}

// hostsIn are the hosts of the chain that a text names without a scheme.
func hostsIn(text string) []*url.URL {
	var out []*url.URL
	for _, h := range ourHosts().FindAllString(text, 50) {
		if u := (&url.URL{Scheme: "https", Host: strings.ToLower(h)}); !isAudience(u) {
			out = append(out, u)
		}
	}
	return out
}

func setAddress(e *Evidence, x *Exchange, u *url.URL, s Service) {
	x.Service = s
	if s == "" {
		x.Service = ServiceModel
	}
	x.Host, x.Path, x.APIVersion = strings.ToLower(u.Host), u.Path, u.Query().Get("api-version")
	if x.Service != ServiceModel {
		return
	}
	t := &Target{Endpoint: u.Scheme + "://" + x.Host, APIVersion: x.APIVersion}
	switch {
	case strings.Contains(u.Path, "/openai/v1"):
		t.Route = RouteV1
	case strings.Contains(u.Path, "/deployments/"):
		t.Route = RouteDeployments
		_, rest, _ := strings.Cut(u.Path, "/deployments/")
		t.Deployment, _, _ = strings.Cut(rest, "/")
	}
	e.Target = t
}

// addressesIn are the addresses of a text that somebody may have called.
func addressesIn(text string) []*url.URL {
	var out []*url.URL
	for _, m := range addresses().FindAllString(text, 50) {
		u, err := url.Parse(strings.TrimRight(m, ".;:!?*_"))
		if err != nil || isDocumentation(u) || isAudience(u) {
			continue
		}
		out = append(out, u)
	}
	return out
}

func isDocumentation(u *url.URL) bool {
	switch h := strings.ToLower(u.Hostname()); h {
	case "aka.ms", "go.microsoft.com", "learn.microsoft.com", "docs.microsoft.com", "github.com", "help.openai.com", "platform.openai.com", "developer.mozilla.org", "errors.pydantic.dev",
		"developer.microsoft.com", "graph.microsoft.com", "docs.github.com", "docs.litellm.ai":
		return true
	}
	return u.Path == "/error" // Entra's page of a code
}

// isAudience reports whether an address is a token's audience or issuer and
// not a place that was called.
func isAudience(u *url.URL) bool {
	switch strings.ToLower(u.Hostname()) {
	case "cognitiveservices.azure.com", "cognitiveservices.azure.us", "cognitiveservices.azure.cn", "ai.azure.com", "ai.azure.us", "ai.azure.cn",
		"token.actions.githubusercontent.com", "management.azure.com", "management.core.windows.net", "sts.windows.net":
		return true
	}
	return strings.HasSuffix(u.Path, "/.default")
}

// serviceOf tells who answers at a host, "" for a host that could be anyone's.
func serviceOf(host string) Service {
	host = strings.ToLower(host)
	switch {
	case host == "169.254.169.254":
		return ServiceIMDS
	case strings.HasPrefix(host, "login.") && ourHosts().MatchString(host), host == "sts.windows.net":
		return ServiceEntra
	case under(host, "actions.githubusercontent.com"):
		return ServiceGitHub
	case cloudOf(host) != nil, under(host, "azure-api.net"):
		return ServiceModel
	}
	return ""
}

// namesOthers reports whether an error is about somebody else: a package index
// that cannot be reached, another service's 404.
func namesOthers(x *Exchange, text string) bool {
	if x.Service != "" || len(x.AADSTS) > 0 {
		return false
	}
	if m := anyHosts().FindStringSubmatch(text); m != nil && x.Fault != FaultNone {
		return serviceOf(m[1]) == ""
	}
	return !ourWords().MatchString(text) && slices.ContainsFunc(addressesIn(text), func(u *url.URL) bool { return serviceOf(u.Hostname()) == "" })
}

// ourWords are those that only the chain's own errors use.
var ourWords = lazy(`(?i)azure|openai|litellm|dspy|entra\b|cognitive|microsoftonline|credential|ACTIONS_ID_TOKEN|id-token|federated|api-version|deployment|169\.254\.169\.254|content_filter|data action|max_completion_tokens|subscription key|resource tenant`)

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
	if x.Service == "" && containsFold(x.Header["server"], "IMDS/") {
		x.Service = ServiceIMDS
	}
}

func setPath(x *Exchange, method, path string) {
	x.Method = method
	if u, err := url.Parse(path); err == nil && x.Path == "" {
		x.Path, x.APIVersion = u.Path, u.Query().Get("api-version")
	}
}
