package preflight_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// A faultStep is a link of the chain that makes a request, in a job with one of
// the identities. The authority is asked twice, for the tenant's configuration
// and for the token, so a fault of the token lets one request through. Instance
// discovery is never asked for, since the authorities are built in: the tenant's
// configuration is all that there is of the authority's metadata.
type faultStep struct {
	name    string
	link    int
	world   func(*testing.T) *azurelab.World
	service azurelab.Service
	host    string // "" for any of the service's
	skip    int
	path    string // how the path of the request ends
}

// The links: what a fault leads to depends on the one that it strikes, and not
// on the identity.
const (
	atOIDC = iota
	atMetadata
	atToken
	atCall
	atIMDS
	faultLinks
)

const (
	metadataPath = "/v2.0/.well-known/openid-configuration"
	tokenPath    = "/oauth2/v2.0/token"
	chatPath     = "/chat/completions"
)

func named(world string) func(*testing.T) *azurelab.World {
	return func(t *testing.T) *azurelab.World { return scenario(t, world).World() }
}

// chainSteps are those of the healthy world: GitHub's ID token and one target.
var chainSteps = []faultStep{
	{"oidc", atOIDC, named("healthy"), azurelab.ServiceGitHub, "", 0, ""},
	{"metadata", atMetadata, named("healthy"), azurelab.ServiceEntra, "", 0, metadataPath},
	{"token", atToken, named("healthy"), azurelab.ServiceEntra, "", 1, tokenPath},
	{"call", atCall, named("healthy"), azurelab.ServiceModel, "", 0, chatPath},
}

// faultSteps are all: the other identities have links of their own.
var faultSteps = append(slices.Clone(chainSteps),
	faultStep{"client-secret metadata", atMetadata, named("client-secret"), azurelab.ServiceEntra, "", 0, metadataPath},
	faultStep{"client-secret token", atToken, named("client-secret"), azurelab.ServiceEntra, "", 1, tokenPath},
	faultStep{"client-certificate metadata", atMetadata, named("client-certificate"), azurelab.ServiceEntra, "", 0, metadataPath},
	faultStep{"client-certificate token", atToken, named("client-certificate"), azurelab.ServiceEntra, "", 1, tokenPath},
	faultStep{"workload-identity metadata", atMetadata, named("workload-identity"), azurelab.ServiceEntra, "", 0, metadataPath},
	faultStep{"workload-identity token", atToken, named("workload-identity"), azurelab.ServiceEntra, "", 1, tokenPath},
	faultStep{"managed-identity", atIMDS, named("managed-identity"), azurelab.ServiceIMDS, "", 0, "/metadata/identity/oauth2/token"},
	faultStep{"second target", atCall, twoTargets, azurelab.ServiceModel, secondHost, 0, chatPath},
)

const secondHost = "octo-aoai-1.openai.azure.com"

// twoTargets is a job with targets at two resources. The healthy one may not
// hide what becomes of the other.
func twoTargets(*testing.T) *azurelab.World {
	w, config := fleet(2, 1)
	w.Job.Files = map[string]string{"config.yaml": config}
	w.Job.Inputs["litellm-config"] = "config.yaml"
	delete(w.Job.Inputs, "endpoint")
	delete(w.Job.Inputs, "deployment")
	return w
}

// Verdicts of the matrix. A failure is the id of its diagnosis, a warning has
// a mark in front.
const (
	passes   = ""
	warning  = "warn "
	noOIDC   = "oidc-request-failed"
	noEntra  = "net-entra-unreachable"
	badTime  = "oidc-assertion-expired"
	badToken = "claims-expired"
	badTLS   = "net-tls-untrusted"
	foreign  = "net-unexpected-answer"
	noAnswer = "net-timeout"
	noModel  = "net-unreachable"
	noIMDS   = "msi-imds-timeout"
	notIMDS  = "msi-not-imds"
	// cannot is a cell that does not exist: IMDS speaks neither TLS nor HTTP/2.
	cannot = "cannot be"
)

// perLink is what a fault leads to at each link.
type perLink [faultLinks]string

var (
	heals     = perLink{}
	cut       = perLink{noOIDC, noEntra, noEntra, noModel, noIMDS}
	late      = perLink{noOIDC, noEntra, noEntra, noAnswer, noIMDS}
	otherwise = perLink{noOIDC, foreign, foreign, foreign, notIMDS}
	untrusted = perLink{noOIDC, badTLS, badTLS, badTLS, cannot}
	failing   = perLink{noOIDC, "entra-server-error", "entra-server-error", "aoai-server-error", "msi-server-error"}
	limited   = perLink{noOIDC, "entra-throttled", "entra-throttled", warning + "aoai-service-capacity", "msi-server-error"}
	healsH2   = perLink{atIMDS: cannot}
	cutH2     = perLink{noOIDC, noEntra, noEntra, noModel, cannot}
)

// A faultRow is a fault and what must come of it. What is over after one time
// must not fail the run, unless it says of itself that it is no passing one: a
// certificate that is not trusted is not tried until it is, and a wait that is
// longer than the run is not waited for.
type faultRow struct {
	name    string
	fault   azurelab.Fault
	once    perLink
	forever perLink
	says    string // in the cause or the evidence of every failure
}

const wifi = "https://login.guest-wifi.example/collect"

func status(code int, after time.Duration) azurelab.Fault {
	return azurelab.Fault{Kind: azurelab.FaultStatus, Status: code, RetryAfter: after}
}

// asking is a status that asks to wait in one of the forms.
func asking(code int, after time.Duration, form azurelab.RetryForm) azurelab.Fault {
	f := status(code, after)
	f.RetryForm = form
	return f
}

func skewed(f azurelab.Fault, by time.Duration) azurelab.Fault {
	f.Skew = by
	return f
}

// saying is a status with headers, name by value.
func saying(code int, pairs ...string) azurelab.Fault {
	f := status(code, 0)
	f.Header = map[string]string{}
	for pair := range slices.Chunk(pairs, 2) {
		f.Header[pair[0]] = pair[1]
	}
	return f
}

var faultRows = []faultRow{
	{"refused", azurelab.Fault{Kind: azurelab.FaultRefused}, heals, cut, "refused"},
	{"name not found", azurelab.Fault{Kind: azurelab.FaultDNSNotFound}, perLink{atIMDS: cannot}, perLink{noOIDC, noEntra, noEntra, "net-dns-not-found", cannot}, "not exist"},
	{"no answer to SYN", azurelab.Fault{Kind: azurelab.FaultConnectTimeout}, heals, cut, "no connection was made"},
	{"reset before the headers", azurelab.Fault{Kind: azurelab.FaultReset}, heals, cut, "closed before an answer came"},
	{"closed before the headers", azurelab.Fault{Kind: azurelab.FaultEOF}, heals, cut, "closed before an answer came"},
	{"reset during the headers", azurelab.Fault{Kind: azurelab.FaultResetHeaders}, heals, cut, "closed before an answer came"},
	{"reset after the headers", azurelab.Fault{Kind: azurelab.FaultResetBody}, heals, cut, "cut short"},
	{"truncated", azurelab.Fault{Kind: azurelab.FaultTruncated}, heals, cut, "cut short"},
	{"hang", azurelab.Fault{Kind: azurelab.FaultHang}, heals, late, "at the answer's headers"},
	{"drip", azurelab.Fault{Kind: azurelab.FaultDrip}, heals, late, "at the answer's body"},
	// An error that is too long is one all the same, and nobody knows its text.
	{"oversized error", azurelab.Fault{Kind: azurelab.FaultOversize}, heals, perLink{noOIDC, "entra-unknown", "entra-unknown", "aoai-unknown", "msi-unknown"}, "400"},
	{"oversized answer", azurelab.Fault{Kind: azurelab.FaultOversize, Status: http.StatusOK}, heals, otherwise, "more than 1048576 bytes"},
	// The body is the service's own, whoever renamed it: it proves what it
	// proves, and the clients read it without a look at its type.
	{"wrong content type", azurelab.Fault{Kind: azurelab.FaultContentType}, heals, heals, ""},
	{"HTML 200", azurelab.Fault{Kind: azurelab.FaultLoginPage}, heals, otherwise, "text/html"},
	{"empty 200", azurelab.Fault{Kind: azurelab.FaultEmpty}, heals, otherwise, "empty body"},
	{"gzip bomb", azurelab.Fault{Kind: azurelab.FaultGzipBomb}, heals, otherwise, "more than 1048576 bytes"},
	{"invalid UTF-8", azurelab.Fault{Kind: azurelab.FaultInvalidUTF8}, heals, otherwise, "UTF-8"},
	{"redirect", azurelab.Fault{Kind: azurelab.FaultRedirect, Location: wifi}, heals, otherwise, "307"},
	{"expired certificate", azurelab.Fault{Kind: azurelab.FaultTLSExpired}, untrusted, untrusted, "certificate"},
	{"self-signed certificate", azurelab.Fault{Kind: azurelab.FaultTLSUntrusted}, untrusted, untrusted, "certificate"},
	{"certificate of another host", azurelab.Fault{Kind: azurelab.FaultTLSWrongHost}, untrusted, untrusted, "certificate"},
	{"429 for 2 s", status(429, 2*time.Second), heals, limited, "429"},
	{"429 for 10 min", status(429, 10*time.Minute), perLink{passes, "entra-throttled", "entra-throttled", warning + "aoai-service-capacity", "msi-server-error"}, limited, "429"},
	{"429 for a day", status(429, 24*time.Hour),
		perLink{passes, "entra-throttled", "entra-throttled", "aoai-quota-too-small", "msi-server-error"},
		perLink{noOIDC, "entra-throttled", "entra-throttled", "aoai-quota-too-small", "msi-server-error"}, "429"},
	{"429 until a date in 2 s", asking(429, 2*time.Second, azurelab.RetryDate), heals, limited, "429"},
	{"429 for 2000 ms", asking(429, 2*time.Second, azurelab.RetryMillis), heals, limited, "429"},
	{"429 for 2000 ms of the older header", asking(429, 2*time.Second, azurelab.RetryMSMillis), heals, limited, "429"},
	// A date is one of the clock that wrote it.
	{"429 until a date in 2 s, clock hours ahead", skewed(asking(429, 2*time.Second, azurelab.RetryDate), 2*time.Hour), heals, limited, "429"},
	{"429 until a date in 2 s, clock hours behind", skewed(asking(429, 2*time.Second, azurelab.RetryDate), -2*time.Hour), heals, limited, "429"},
	// What is no wait is none.
	{"429 until long ago", saying(429, "Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"), heals, limited, "429"},
	{"429 for less than no time", saying(429, "Retry-After", "-5", "Retry-After-Ms", "-1", "X-Ms-Retry-After-Ms", "-9223372036854775809"), heals, limited, "429"},
	{"429 for longer than counts", saying(429, "Retry-After", "99999999999"), heals, limited, "429"},
	{"429 for more ms than count", saying(429, "Retry-After-Ms", "99999999999999999", "X-Ms-Retry-After-Ms", "1e300"), heals, limited, "429"},
	{"429 and no number", saying(429, "Retry-After", "soon", "Retry-After-Ms", "NaN", "X-Ms-Retry-After-Ms", "0x10"), heals, limited, "429"},
	{"503 for 2 s", status(503, 2*time.Second), heals, failing, "503"},
	{"503 until a date in 2 s", asking(503, 2*time.Second, azurelab.RetryDate), heals, failing, "503"},
	{"503 for longer than counts", saying(503, "Retry-After", "99999999999"), heals, failing, "503"},
	{"500", status(500, 0), heals, failing, "500"},
	{"502", status(502, 0), heals, failing, "502"},
	{"503", status(503, 0), heals, failing, "503"},
	{"504", status(504, 0), heals, failing, "504"},
	{"RST_STREAM before the headers", azurelab.Fault{Kind: azurelab.FaultResetStream}, healsH2, cutH2, "closed before an answer came"},
	{"RST_STREAM in the middle", azurelab.Fault{Kind: azurelab.FaultResetStreamBody}, healsH2, cutH2, "cut short"},
	{"GOAWAY before the headers", azurelab.Fault{Kind: azurelab.FaultGoAway}, healsH2, cutH2, "closed before an answer came"},
	{"GOAWAY in the middle", azurelab.Fault{Kind: azurelab.FaultGoAwayBody}, healsH2, cutH2, "cut short"},
	// What a refusal rests on does not pass with the second try: the assertion
	// or the token is outside its validity by the clock of whoever refuses it.
	// The authority's configuration has no date that matters. A managed identity's
	// token has a day, so that it is valid hours later.
	{"clock hours ahead", azurelab.Fault{Kind: azurelab.FaultSkew, Skew: 2 * time.Hour},
		perLink{badTime, passes, badTime, badToken, badToken}, perLink{badTime, badTime, badTime, badToken, badToken}, ""},
	{"clock hours behind", azurelab.Fault{Kind: azurelab.FaultSkew, Skew: -2 * time.Hour},
		perLink{badTime, passes, badTime, badToken, passes}, perLink{badTime, badTime, badTime, badToken, passes}, ""},
}

// exceptions are the cells whose identity matters: a client secret has no date,
// so that the first thing to have one is the token.
var exceptions = map[string]string{
	"client-secret metadata/clock hours ahead/for ever":  badToken,
	"client-secret metadata/clock hours behind/for ever": badToken,
	"client-secret token/clock hours ahead/once":         badToken,
	"client-secret token/clock hours ahead/for ever":     badToken,
	"client-secret token/clock hours behind/once":        badToken,
	"client-secret token/clock hours behind/for ever":    badToken,
}
