package preflight_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// The fault matrix: every step of the chain meets everything that a network, a
// machine on the way or a broken service can do to it, once and for ever.

// A faultStep is a link of the chain that makes a request. The authority is
// asked twice, for the tenant's configuration and for the token, so a fault of
// the token lets one request through. Instance discovery is never asked for,
// since the authorities are built in: the tenant's configuration is all that
// there is of the authority's metadata.
type faultStep struct {
	name    string
	service azurelab.Service
	skip    int
	path    string // how the path of the request ends
}

var faultSteps = [...]faultStep{
	{"oidc", azurelab.ServiceGitHub, 0, ""},
	{"metadata", azurelab.ServiceEntra, 0, "/v2.0/.well-known/openid-configuration"},
	{"token", azurelab.ServiceEntra, 1, "/oauth2/v2.0/token"},
	{"call", azurelab.ServiceModel, 0, "/chat/completions"},
}

// Verdicts of the matrix. A failure is the id of its diagnosis, a warning has
// a mark in front.
const (
	passes   = ""
	warning  = "warn "
	noOIDC   = "oidc-request-failed"
	noEntra  = "net-entra-unreachable"
	badTime  = "oidc-assertion-expired"
	badTLS   = "net-tls-untrusted"
	foreign  = "net-unexpected-answer"
	noAnswer = "net-timeout"
	noModel  = "net-unreachable"
)

// perStep is what a fault leads to at each of [faultSteps].
type perStep [len(faultSteps)]string

var (
	heals     = perStep{passes, passes, passes, passes}
	cut       = perStep{noOIDC, noEntra, noEntra, noModel}
	late      = perStep{noOIDC, noEntra, noEntra, noAnswer}
	otherwise = perStep{noOIDC, foreign, foreign, foreign}
	untrusted = perStep{noOIDC, badTLS, badTLS, badTLS}
	failing   = perStep{noOIDC, "entra-server-error", "entra-server-error", "aoai-server-error"}
)

// A faultRow is a fault and what must come of it. What is over after one time
// must not fail the run, unless it says of itself that it is no passing one: a
// certificate that is not trusted is not tried until it is, and a wait that is
// longer than the run is not waited for.
type faultRow struct {
	name    string
	fault   azurelab.Fault
	once    perStep
	forever perStep
	says    string // in the cause or the evidence of every failure
}

const wifi = "https://login.guest-wifi.example/collect"

func status(code int, after time.Duration) azurelab.Fault {
	return azurelab.Fault{Kind: azurelab.FaultStatus, Status: code, RetryAfter: after}
}

var faultRows = []faultRow{
	{"refused", azurelab.Fault{Kind: azurelab.FaultRefused}, heals, cut, "refused"},
	{"no answer to SYN", azurelab.Fault{Kind: azurelab.FaultConnectTimeout}, heals, cut, "no connection was made"},
	{"reset before the headers", azurelab.Fault{Kind: azurelab.FaultReset}, heals, cut, "closed before an answer came"},
	{"closed before the headers", azurelab.Fault{Kind: azurelab.FaultEOF}, heals, cut, "closed before an answer came"},
	{"reset during the headers", azurelab.Fault{Kind: azurelab.FaultResetHeaders}, heals, cut, "closed before an answer came"},
	{"reset after the headers", azurelab.Fault{Kind: azurelab.FaultResetBody}, heals, cut, "cut short"},
	{"truncated", azurelab.Fault{Kind: azurelab.FaultTruncated}, heals, cut, "cut short"},
	{"hang", azurelab.Fault{Kind: azurelab.FaultHang}, heals, late, "at the answer's headers"},
	{"drip", azurelab.Fault{Kind: azurelab.FaultDrip}, heals, late, "at the answer's body"},
	// An error that is too long is one all the same, and nobody knows its text.
	{"oversized error", azurelab.Fault{Kind: azurelab.FaultOversize}, heals, perStep{noOIDC, "entra-unknown", "entra-unknown", "aoai-unknown"}, "400"},
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
	{"429 for 2 s", status(429, 2*time.Second), heals,
		perStep{noOIDC, "entra-throttled", "entra-throttled", warning + "aoai-service-capacity"}, "429"},
	{"429 for 10 min", status(429, 10*time.Minute),
		perStep{passes, "entra-throttled", "entra-throttled", warning + "aoai-service-capacity"},
		perStep{noOIDC, "entra-throttled", "entra-throttled", warning + "aoai-service-capacity"}, "429"},
	{"429 for a day", status(429, 24*time.Hour),
		perStep{passes, "entra-throttled", "entra-throttled", "aoai-quota-too-small"},
		perStep{noOIDC, "entra-throttled", "entra-throttled", "aoai-quota-too-small"}, "429"},
	{"500", status(500, 0), heals, failing, "500"},
	{"502", status(502, 0), heals, failing, "502"},
	{"503", status(503, 0), heals, failing, "503"},
	{"504", status(504, 0), heals, failing, "504"},
	// What a refusal rests on does not pass with the second try: the assertion
	// or the token is outside its validity by the clock of whoever refuses it.
	// The authority's configuration has no date that matters.
	{"clock hours ahead", azurelab.Fault{Kind: azurelab.FaultSkew, Skew: 2 * time.Hour},
		perStep{badTime, passes, badTime, "claims-expired"}, perStep{badTime, badTime, badTime, "claims-expired"}, ""},
	{"clock hours behind", azurelab.Fault{Kind: azurelab.FaultSkew, Skew: -2 * time.Hour},
		perStep{badTime, passes, badTime, "claims-expired"}, perStep{badTime, badTime, badTime, "claims-expired"}, ""},
}

// faultTimeout is what the job gives the whole run.
const faultTimeout = 60 * time.Second

// TestFaultMatrix runs the main job in every cell of the matrix.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	var cells, struck atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d cells: %d steps, %d faults, once and for ever; the fault struck in %d", cells.Load(), len(faultSteps), len(faultRows), struck.Load())
		if want := int32(len(faultSteps) * len(faultRows) * 2); cells.Load() != want || struck.Load() != want {
			t.Errorf("%d cells ran and the fault struck in %d, want %d", cells.Load(), struck.Load(), want)
		}
	})
	for i, step := range faultSteps {
		for _, row := range faultRows {
			for _, times := range []int{1, 0} {
				name, want := step.name+"/"+row.name+"/for ever", row.forever[i]
				if times == 1 {
					name, want = step.name+"/"+row.name+"/once", row.once[i]
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					cells.Add(1)
					synctest.Test(t, func(t *testing.T) {
						f := row.fault
						f.Service, f.Skip, f.Times = step.service, step.skip, times
						if faultCell(t, step, f, want, row.says) {
							struck.Add(1)
						}
					})
				})
			}
		}
	}
}

// faultCell runs the job in one cell, and reports whether the fault struck.
func faultCell(t *testing.T, step faultStep, f azurelab.Fault, want, says string) bool {
	t.Helper()
	w := azurelab.Healthy()
	w.Faults = []azurelab.Fault{f}
	begin := time.Now()
	o := perform(t, w, func(env map[string]string) { env["INPUT_TIMEOUT"] = faultTimeout.String() })
	if took := time.Since(begin); took > faultTimeout {
		t.Errorf("the run took %s of %s", took, faultTimeout)
	}
	if got := o.told(); got != want {
		t.Errorf("the run ended in %q, want %q", got, want)
	}
	checkAgreement(t, o)
	checkAnnotations(t, o)
	checkLeaks(t, w, o)
	checkContainment(t, w)
	checkAnswered(t, w, o)
	checkStepNamed(t, o, says)
	struck := false
	for _, r := range w.Requests() {
		if r.Service == azurelab.ServiceStranger || r.Service == azurelab.ServiceNone {
			t.Errorf("%s %s was asked", r.Method, r.Host)
		}
		struck = struck || r.Fault == f.Kind && strings.HasSuffix(r.Path, step.path)
	}
	if !struck {
		t.Errorf("no request met the fault")
	}
	if t.Failed() {
		t.Logf("after %s, stdout:\n%s\nstderr:\n%s\nrequests:", time.Since(begin), shown(o.stdout), o.stderr)
		for _, r := range w.Requests() {
			t.Logf("  %s %s %s%s %d %s", r.Time.Format("15:04:05.0"), r.Service, r.Host, r.Path, r.Status, r.Fault)
		}
	}
	return struck
}

// told is the verdict of a run as the matrix writes it.
func (o outcome) told() string {
	switch o.outputs["verdict"] {
	case "pass":
		return passes
	case "warn":
		return warning + o.outputs["diagnosis"]
	case "fail":
		return o.outputs["diagnosis"]
	}
	return fmt.Sprintf("verdict %q", o.outputs["verdict"])
}

// checkAnswered: a pass rests on answers that nothing has touched, and so does
// a warning about an answer that came from the service.
func checkAnswered(t *testing.T, w *azurelab.World, o outcome) {
	t.Helper()
	if o.outputs["verdict"] != "pass" {
		return
	}
	// These leave the body as the service wrote it.
	genuine := []azurelab.FaultKind{"", azurelab.FaultContentType, azurelab.FaultSkew}
	for _, s := range []azurelab.Service{azurelab.ServiceGitHub, azurelab.ServiceEntra, azurelab.ServiceModel} {
		if !slices.ContainsFunc(w.Requests(), func(r azurelab.Request) bool {
			return r.Service == s && r.Status == http.StatusOK && slices.Contains(genuine, r.Fault)
		}) {
			t.Errorf("the verdict is pass, and %s never gave an answer of its own", s)
		}
	}
}

// checkStepNamed: a failure says what was seen, in the cause or in its evidence.
func checkStepNamed(t *testing.T, o outcome, says string) {
	t.Helper()
	if o.outputs["verdict"] == "pass" || len(o.report.Findings) == 0 {
		return
	}
	f := o.report.Findings[0]
	if f.Severity == preflight.SeverityNotice {
		return
	}
	if text := f.Cause + "\n" + strings.Join(f.Evidence, "\n"); !strings.Contains(text, says) {
		t.Errorf("neither the cause nor the evidence says %q:\n%s", says, text)
	}
}
