package preflight

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// evidenceLines are the few lines that show what a finding rests on: the
// problem, the assertion, the token, the exchange that failed and what was
// looked at besides.
func evidenceLines(e *Evidence) []string {
	var lines []string
	add := func(s string) {
		if s = inert.Clip(inert.Line(s), 400); s != "" {
			lines = append(lines, s)
		}
	}
	if e.Problem != nil {
		add(problemCause(e.Problem))
		return lines
	}
	x := failing(e)
	if x == nil && tokenServiceMissing(e) {
		add(jobLine(&e.Job))
	}
	if x != nil && asked(x) == ServiceEntra || x == nil || x.Service == "" {
		add(assertionLine(e.Assertion))
	}
	if x == nil || asked(x) == ServiceModel {
		add(tokenLine(e.Token))
	}
	if x != nil {
		add(exchangeLine(x))
	}
	if e.Text != "" && (x == nil || x.Message == "" || !e.Pasted) {
		add(firstLine(e.Text))
	}
	for _, line := range memberLines(e.Text) {
		add(line)
	}
	add(namesLine(e))
	if p := e.Probe; p != nil {
		add("for comparison: " + exchangeLine(p))
	}
	if e.Model != "" {
		add("the model that answered: " + e.Model)
	}
	return lines
}

// jobLine is what decides whether a job gets an ID token.
func jobLine(j *Job) string {
	line := "ACTIONS_ID_TOKEN_REQUEST_URL is " + setOrNot(j.IDTokenURL) + ", ACTIONS_ID_TOKEN_REQUEST_TOKEN is " + setOrNot(j.IDTokenToken) + "; event " + orElse(j.EventName, "unknown")
	switch {
	case j.Dependabot:
		line += ", started by Dependabot"
	case j.Fork:
		line += ", from a fork"
	}
	return line
}

func setOrNot(set bool) string {
	if set {
		return "set"
	}
	return "not set"
}

func assertionLine(a *Claims) string {
	if a == nil {
		return ""
	}
	var parts []string
	for _, p := range []struct{ name, value string }{
		{"issuer", a.Issuer}, {"subject", a.Subject}, {"audience", strings.Join(a.Audience, " ")}, {"expires", zeroless(a.ExpiresAt)},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	if parts == nil {
		return ""
	}
	return "assertion: " + strings.Join(parts, ", ")
}

func tokenLine(t *Claims) string {
	if t == nil {
		return ""
	}
	var parts []string
	for _, p := range []struct{ name, value string }{
		{"aud", strings.Join(t.Audience, " ")}, {"tid", t.TenantID}, {"oid", t.ObjectID}, {"appid", t.AppID}, {"idtyp", t.Kind},
		{"xms_mirid", t.ManagedIdentity}, {"exp", zeroless(t.ExpiresAt)},
	} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	if parts == nil {
		return ""
	}
	return "access token: " + strings.Join(parts, ", ")
}

func zeroless(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t)
}

// exchangeLine is one request and its answer.
func exchangeLine(x *Exchange) string {
	var b strings.Builder
	b.WriteString(strings.TrimSpace(orElse(x.Method, "request") + " " + x.URL()))
	if x.APIVersion != "" {
		b.WriteString("?api-version=" + x.APIVersion)
	}
	switch {
	case x.Fault != FaultNone && x.Fault != FaultForeign:
		b.WriteString(" failed")
		if x.Step != "" {
			b.WriteString(" at " + x.Step)
		}
		b.WriteString(": " + faultWords(x))
	case x.Status != 0:
		fmt.Fprintf(&b, " answered %d", x.Status)
	default:
		b.WriteString(" failed")
	}
	if x.Code != "" && x.Code != codeCut && x.Code != strconv.Itoa(x.Status) {
		b.WriteString(" " + x.Code)
	}
	b.WriteString(colon(orElse(x.Message, foreignDetail(x))))
	var notes []string
	if id := cmp.Or(x.Header["apim-request-id"], x.Header["x-request-id"], x.Header["x-ms-request-id"]); id != "" {
		notes = append(notes, "request id "+id)
	}
	if r := x.Header["x-ms-region"]; r != "" {
		notes = append(notes, "region "+r)
	}
	if w := x.Header["retry-after"]; w != "" {
		notes = append(notes, "retry-after "+w)
	}
	if x.Sent != "" {
		notes = append(notes, "credential sent: "+string(x.Sent))
	}
	if x.Took > 0 {
		notes = append(notes, fmt.Sprintf("%d ms", x.Took.Milliseconds()))
	}
	if notes != nil {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	return b.String()
}

func foreignDetail(x *Exchange) string {
	if x.Fault == FaultForeign {
		return x.Detail
	}
	return ""
}

func namesLine(e *Evidence) string {
	n := e.Names
	if !n.Asked {
		return ""
	}
	switch {
	case n.NotFound && n.Works:
		return "our resolver: " + hostOf(e) + " does not exist"
	case n.NotFound:
		return "our resolver knows neither " + hostOf(e) + " nor the token authority"
	case len(n.Addresses) == 0:
		return ""
	}
	return "our resolver: " + hostOf(e) + " is " + orElse(n.Canonical, hostOf(e)) + ", " + strings.Join(n.Addresses, ", ")
}

// maxMembers bounds the members of a chain that are shown: azidentity's has
// eight.
const maxMembers = 10

// memberLines are what the members of a credential chain say, one line each: the
// chain's own first line says only that it failed.
func memberLines(text string) []string {
	_, rest, ok := strings.Cut(strings.TrimSpace(text), "\n")
	if !ok || !strings.Contains(firstLine(text), "Credential") {
		return nil
	}
	var lines []string
	for line := range strings.Lines(rest) {
		line = strings.TrimSpace(line)
		if at := chainMember().FindStringIndex(line); at != nil && at[0] == 0 && len(lines) < maxMembers {
			lines = append(lines, line)
		}
	}
	return lines
}

// firstLine is the first line of a text that says anything.
func firstLine(s string) string {
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); strings.Trim(line, "-=_* ") != "" {
			return line
		}
	}
	return ""
}
