package preflight

import (
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
	switch {
	case x.Service == "" && !modelClient().MatchString(text) && containsFold(lastLines(before, 5)+text, metadataPath),
		x.Service == "" && containsFold(text, identityPath):
		x.Service = ServiceIMDS // whatever was put over its address
	case x.Service != ServiceEntra && containsFold(text, identityRefused), containsFold(text, identityTried) && !containsFold(text, "methods to get an access token"):
		x.Service, x.Host, x.Path, x.APIVersion = ServiceIMDS, "", "", ""
	case x.Service == "" && saysAny(e, providersRefused...):
		x.Service = ServiceGitHub
	case x.Service == "" && strings.Contains(text, "AzureOpenAI.make"):
		x.Service = ServiceModel // a frame of openai-node's, which has no address
	}
	if len(x.AADSTS) > 0 && x.Service != ServiceEntra {
		// Only Entra has such codes, whoever else the text names.
		x.Service, x.Host, x.Path, x.APIVersion = ServiceEntra, "", "", ""
	}
	if f, step := networkFault(text); f == FaultProxy || (f != FaultNone && (x.Code == "" || namesFault(x.Code) || connectionError().MatchString(text)) && statusIn(text, false) == 0 && len(x.AADSTS) == 0) {
		x.Fault, x.Step, x.Status = f, step, 0
		x.Detail = errorText(firstLine(text), 300)
	}
	e.Assertion = readAssertion(text)
	e.Job.Dependabot = strings.Contains(text, "dependabot[bot]") || strings.Contains(before, "dependabot[bot]")
	if x.Message == "" && x.Fault == FaultNone {
		x.Message = errorText(messageIn(text), maxErrorText)
	}
	foreign := namesOthers(&x, text) || x.Fault != FaultNone && x.Service == "" && othersAbove(text, before)
	if !foreign {
		e.Exchanges = []Exchange{x}
	}
	ours = !foreign && (x.Service != "" || len(x.AADSTS) > 0 || ourWords().MatchString(text) || ourWords().MatchString(before))
	e.Unplaced = !ours
	return e, ours
}

// namesFault reports whether an error's code is the operating system's own name
// of a connection's fault.
func namesFault(code string) bool {
	f, _ := networkFault(code)
	return f != FaultNone
}

func orStatus(s int, otherwise func() int) int {
	if s != 0 {
		return s
	}
	return otherwise()
}

// Where a managed identity's token is asked for, and nothing else is: on a
// machine, and in App Service, Functions and Container Apps, whose address is
// another one each time. Azure.Identity for .NET and the library before it name
// neither.
const (
	metadataPath    = "/metadata/identity/oauth2/token"
	identityPath    = "/msi/token"
	identityTried   = "Tried to get token using Managed Service Identity"
	identityRefused = "ManagedIdentityCredential authentication failed: Service request failed"
)

// textCodes are Entra's codes in a text. A number that was wrapped in the
// middle is read with the white space taken out.
func textCodes(text string) []int {
	codes := appendCodes(nil, text)
	if slices.ContainsFunc(codes, knownCode) {
		return codes
	}
	if !containsFold(text, "AADSTS") {
		return appendTextCode(codes, text)
	}
	for _, c := range appendCodes(nil, squeezed(text)) {
		if knownCode(c) {
			return []int{c}
		}
	}
	// Entra splits its codes now and then; the text stays the family's.
	return appendTextCode(codes, text)
}

// appendTextCode adds the code that a text belongs to.
func appendTextCode(codes []int, text string) []int {
	for _, t := range entraTexts {
		if containsFold(text, t.phrase) {
			return append(codes, t.code)
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
	namedStatus = lazy(`(?i)(?:error code: ?|status[ _-]?code["']?\s*[:=]?\s*|\bstatus["']?\s*[:=]\s*|HTTP/[\d.]+"? |\bRESPONSE |\bHTTP (?:error |status(?: code)?:? )?|returned (?:error|http error|status): ?|http error: ?|answered |responded with(?: an? status(?: of)?)? |(?:response status|response code|server response):? ?|(?:client|server) error '|\b\w*(?:Error|Exception)[:(] ?|"code":\s*"?|'code': ?'?)\(?([45]\d\d)\b`)
	plainStatus = lazy(`(?i)(?:^|[\s(\["'])([45]\d\d)(?:\)|\]|\b[:,]? ?\(?(?:client error|server error|unauthorized|forbidden|not found|bad request|too many requests|- ?\{|permissiondenied|service unavailable|bad gateway|gateway time-?out|internal server error|this model|the |resource not))`)
	errorCodeIn = lazy(`(?i)(?:\bErrorCode:|^Code:|HTTP \d{3} \()\s*([A-Za-z_][A-Za-z_]+)`)
	// What requests, httpx, aiohttp and urllib show of an answer is its status
	// line alone, in which the service puts this code.
	reasonPhrase = lazy(`(?:Client error '40[13] |\b40[13] Client Error: |\b40[13], message='|HTTP Error 40[13]: )(PermissionDenied)\b`)
	wrappedCode  = lazy(`(?:^|[\s:])\(([A-Z][A-Za-z]{4,40}|Tenant provided in token does not match resource token)\) [A-Z]`)
	// The clients' own classes, which a framework can wrap in a code of its own.
	connectionError = lazy(`\bAPI(?:Connection|Timeout)Error\b`)
	clientPrefix    = lazy(`^(?:[\w.]+(?:Error|Exception): ?)+`)
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
	for _, re := range []string{submatch(errorCodeIn().FindAllStringSubmatch(text, 1), false), submatch(wrappedCode().FindAllStringSubmatch(text, 1), false), submatch(reasonPhrase().FindAllStringSubmatch(text, 1), false)} {
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
