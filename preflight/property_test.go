package preflight

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// A dice throws evidence of every kind, most of it nonsense.
type dice struct{ *rand.Rand }

func pick[T any](d dice, values ...T) T { return values[d.IntN(len(values))] }

// text is foreign text: what services say, what nobody says, and what attacks.
func (d dice) text() string {
	base := pick(d, "", "Resource not found", "Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.",
		"The principal `x` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/x` to perform `POST /x` operation.",
		"API version not supported", "::error::x", "x ##[add-mask]y", "\x1b[31m\u202e\xff\xfe", "a\nb\r\n::set-output name=verdict::pass", "${{ secrets.X }} $(reboot) `id` 'x' \"y\"",
		"AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:o/r:ref:refs/heads/x'.", "Please retry after 86400 seconds",
		"<img src=x>", "[a](https://evil.example)", "@octocat", "%0A%25")
	if d.IntN(20) == 0 {
		base = inert.Clip(strings.Repeat(base+"ü", 200), maxMessage) // as long as evidence gets
	}
	return base
}

func (d dice) claims() *Claims {
	if d.IntN(3) == 0 {
		return nil
	}
	return &Claims{Issuer: d.text(), Subject: pick(d, d.text(), "repo:o/r:ref:refs/heads/main", "repo:o@1/r@2:pull_request"), Audience: []string{d.text()},
		TenantID: d.text(), ObjectID: d.text(), AppID: d.text(), Kind: pick(d, "", "app", "user"), ManagedIdentity: d.text(), User: d.text(),
		ExpiresAt: time.Unix(d.Int64N(1<<32), 0), IssuedAt: time.Unix(d.Int64N(1<<32), 0)}
}

func (d dice) evidence() *Evidence {
	e := &Evidence{Pasted: d.IntN(2) == 0, Now: time.Now(), Text: d.text(), Model: d.text(), Assertion: d.claims(), Token: d.claims(),
		Setup: Setup{Method: pick(d, append(methods, "")...), TenantID: d.text(), ClientID: d.text(), Cloud: pick(d, "public", "usgov", "", "mars"), Scope: d.text(),
			Audience: d.text(), ExpectClientID: d.text(), ExpectModel: d.text(), Shadows: []Shadow{{Name: d.text(), State: EnvSet, Effect: d.text()}}},
		Job: Job{Actions: d.IntN(2) == 0, Fork: d.IntN(2) == 0, Repository: d.text(), Server: d.text(), JobID: d.text()}}
	if d.IntN(3) == 0 {
		e.Problem = &Problem{ID: Catalogue[d.IntN(len(Catalogue))].ID, Input: d.text(), Value: d.text(), Detail: d.text(), Allowed: d.text(), Suggest: d.text()}
	}
	if d.IntN(2) == 0 {
		e.Target = &Target{Endpoint: pick(d, "https://octo.openai.azure.com", "https://"+d.text(), ""), Deployment: d.text(), Operation: pick(d, operations...), Route: pick(d, RouteV1, RouteDeployments)}
	}
	for range d.IntN(4) {
		e.Exchanges = append(e.Exchanges, Exchange{Service: pick(d, "", ServiceGitHub, ServiceEntra, ServiceIMDS, ServiceModel), Method: "POST", Host: pick(d, "octo.openai.azure.com", "login.microsoftonline.com", d.text()),
			Path: d.text(), Status: pick(d, 0, 200, 307, 400, 401, 403, 404, 409, 429, 500), Sent: pick(d, CredentialNone, CredentialBearer, CredentialKey),
			AADSTS: []int{pick(d, 0, 700213, 700016, 7000215, 90002, 12345)}, Code: pick(d, "", "PermissionDenied", "DeploymentNotFound", d.text()), Message: d.text(), Param: d.text(),
			Fault: pick(d, FaultNone, FaultDNSNotFound, FaultTLSTrust, FaultTimeout, FaultForeign, FaultReset, FaultProxy), Detail: d.text(), Header: map[string]string{"date": d.text(), "retry-after": d.text()}})
	}
	return e
}

// TestAnyEvidence: whatever the evidence, findings are known, come cause
// before consequence, fit the runner's limits, and stay text in every channel.
func TestAnyEvidence(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	d := dice{rand.New(rand.NewPCG(seed, 1))}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	})
	for range 2000 {
		r := &Report{Schema: 1, Enforced: true}
		for range 1 + d.IntN(4) {
			if f, ok := Diagnose(d.evidence()); ok {
				f.Targets = []string{d.text()}
				r.add(f)
			}
		}
		r.settle()
		for i, f := range r.Findings {
			if _, known := Lookup(f.ID); !known {
				t.Fatalf("the finding %q is not in the catalogue", f.ID)
			}
			if i > 0 {
				p := r.Findings[i-1]
				if gravity(p.Severity) > gravity(f.Severity) || p.Severity == f.Severity && depth(p.Stage) > depth(f.Stage) {
					t.Fatalf("%s (%s, %s) comes before %s (%s, %s)", p.ID, p.Severity, p.Stage, f.ID, f.Severity, f.Stage)
				}
			}
			a := annotation(&f)
			if len(a) > maxAnnotation || !strings.Contains(a, " Fix: ") || strings.ContainsAny(a, "\r\n\x1b") || strings.Contains(a, "##[") || !utf8.ValidString(a) {
				t.Fatalf("the annotation of %s has %d bytes or is not inert: %q", f.ID, len(a), a)
			}
		}
		for name, text := range map[string]string{"summary": summary(r), "log": reportText(r)} {
			if len(text) > maxSummary+100 || strings.ContainsAny(text, "\x1b\x00") || strings.Contains(text, "##[") || !utf8.ValidString(text) {
				t.Fatalf("the %s is not inert:\n%s", name, text)
			}
			for line := range strings.Lines(text) {
				if strings.HasPrefix(strings.TrimSpace(line), "::") {
					t.Fatalf("the %s holds the command %q", name, line)
				}
			}
		}
		for _, live := range []string{"<img", "](https://evil", "@octocat", "##["} {
			if strings.Contains(summaryText(summary(r)), live) {
				t.Fatalf("the summary holds %q alive:\n%s", live, summary(r))
			}
		}
	}
}

// summaryText is a summary without code blocks and escaped characters, where
// nothing comes alive.
func summaryText(s string) string {
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(s) {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if trimmed == fence {
				fence = ""
			}
			continue
		case strings.HasPrefix(trimmed, "```"):
			fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
			continue
		}
		b.WriteString(strings.NewReplacer(`\[`, "", `\]`, "", `\|`, "").Replace(withoutSpans(line)))
	}
	return b.String()
}

// withoutSpans drops code spans from a line.
func withoutSpans(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] == '\\' && i+1 < len(line) {
			b.WriteString(line[i : i+2])
			i += 2
			continue
		}
		if line[i] != '`' {
			b.WriteByte(line[i])
			i++
			continue
		}
		run := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		fence := line[i : i+run]
		end := strings.Index(line[i+run:], fence)
		if end < 0 {
			b.WriteString(fence)
			i += run
			continue
		}
		i += run + end + run
	}
	return b.String()
}
