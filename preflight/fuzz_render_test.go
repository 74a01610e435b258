package preflight

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/actionsrunner"
	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// hostileTexts are the seeds of what servers, files and variables say.
var hostileTexts = []string{
	"::error::pwned", "  ::set-output name=verdict::pass", "a ##[error]b", "%0A::error::x", "a\n::add-mask::b\r\n##[group]c", "\u200b::error::x",
	"#\u2064#[error]x", ":\ufe0f:error::x", "<img src=x onerror=alert(1)>", "[a](https://evil.example) ![b](https://evil.example/b.png)", "@octocat #1 GH-2 octo/app#3",
	"WWW.evil.example a@evil.example", "`` ` ``` code", "a | b \\| c \\", "*a* _b_ ~~c~~ $d$", "# head", "1. one", "> quote", "===", "```\n# left", "</details><script>",
	"_GitHubActionsFileCommandDelimeter_\nverdict<<x\npass\nx", "\x1b[31mred\x1b]8;;https://evil.example\x07", "\u202etxt.exe\u061c", "\xff\xfe\xc3", "a\u2028b\u0085c", "&lt;img&gt; &#64;x &copy;",
	"a\x00b", strings.Repeat("##[", 400), strings.Repeat("`", 300), "{\"error\":\"x\"}", "'; touch pwned; '",
}

// FuzzRender: whatever stands in a report's fields, no renderer makes more of it
// than text: the runner finds our own annotations and outputs alone, the
// summary holds no Markdown but ours, and the log has no line more.
func FuzzRender(f *testing.F) {
	for i, a := range hostileTexts {
		for channel := range uint8(4) {
			f.Add(a, hostileTexts[(i+7)%len(hostileTexts)], hostileTexts[(i+13)%len(hostileTexts)], uint16(i*37), channel)
		}
	}
	f.Fuzz(func(t *testing.T, a, b, c string, pick uint16, channel uint8) {
		r := hostileReport(a, b, c, pick)
		switch channel % 4 {
		case 0:
			checkLog(t, r, hostileReport(plainFor(a), plainFor(b), plainFor(c), pick))
		case 1:
			checkAnnotator(t, r)
		case 2:
			checkSummary(t, r)
		case 3:
			checkJSON(t, r)
		}
	})
}

// plainFor is a harmless text where there is any.
func plainFor(s string) string {
	if s == "" {
		return ""
	}
	return "x"
}

// hostileReport has a, b and c wherever something foreign can stand.
func hostileReport(a, b, c string, pick uint16) *Report {
	pass := pick&1 == 0
	at := time.Unix(1_800_000_000, 0).UTC()
	r := &Report{
		Schema: 1, Tool: Tool{"aoai-preflight", "v1"}, Enforced: pick&2 == 0, Cancelled: pick&4 != 0,
		Identity: IdentityReport{Method: MethodGitHubOIDC, TenantID: a, ClientID: b, ObjectID: c, Audience: a, Subject: b, Issuer: c, Source: a, Unused: []string{b, c}, ExpiresOn: &at, AssertionAudience: a},
		Steps:    []Step{{Title: "Configuration read: " + b, Stage: StageConfig, OK: true, Note: c}, {Title: "Asked " + c, Stage: StageOIDC, OK: pass, Note: a}},
		Targets: []TargetReport{
			{Endpoint: a, Deployment: b, Operation: Chat, Route: RouteV1, APIVersion: c, URL: a, Verdict: Pass, HTTPStatus: 200, Model: b, RequestID: c, Region: a, Credential: b, Name: c},
			{Endpoint: b, Deployment: c, Operation: Chat, Verdict: Fail, Model: a, RequestID: b, Region: c, Location: &Location{File: a, Line: 3}},
		},
		Environment: EnvironmentReport{Inputs: map[string]string{"endpoint": a}, Variables: map[string]EnvState{b: EnvSet}, Proxy: c, CABundle: a, Cloud: b, Authority: c, Scope: a, Event: b, Runner: c},
	}
	if pick&8 != 0 {
		r.Steps = append(r.Steps, Step{Title: a, Stage: StageLiteLLM, OK: !pass})
	}
	finding := func(severity Severity, cause, text, line string) Finding {
		return Finding{
			ID: Catalogue[int(pick>>4)%len(Catalogue)].ID, Title: "Title", Severity: severity, Stage: StageToken, Certainty: Likely, Cause: cause, Evidence: []string{line, cause},
			Remedy: Remedy{Text: text, Commands: []string{command("az", line, cause)}, Snippet: "with:\n  x: " + inert.Line(line) + "\n", Kind: GrantPermission, Params: map[string]string{"x": line}},
			Docs:   "https://learn.example/", Targets: []string{line, text}, Candidates: []string{"net-timeout"}, Location: &Location{File: line, Line: 2, Column: 3},
		}
	}
	r.Findings = []Finding{finding(SeverityError, a, b, c), finding(SeverityWarning, b, c, a), finding(SeverityNotice, c, a, b)}
	if pass {
		r.Findings = nil
	}
	r.settle()
	return r
}

// checkLog: the text of a report in the log, as both streams are read.
func checkLog(t *testing.T, r, plain *Report) {
	t.Helper()
	var b strings.Builder
	say(&b, "%s", reportText(r))
	for _, s := range r.Steps {
		say(&b, "%s", stepLine(s))
	}
	for i := range r.Findings {
		say(&b, "%s", findingText(&r.Findings[i]))
	}
	checkStream(t, b.String(), nil)
	// A line more could be a verdict.
	if got, want := strings.Count(reportText(r), "\n"), strings.Count(reportText(plain), "\n"); got != want {
		t.Errorf("%d lines, want %d:\n%s", got, want, reportText(r))
	}
	for _, s := range r.Steps {
		if strings.Contains(stepLine(s), "\n") {
			t.Errorf("the step %q", stepLine(s))
		}
	}
}

// checkStream: a stream holds those commands and nothing that a terminal or a
// runner would act on besides.
func checkStream(t *testing.T, stream string, allowed map[string]int) {
	t.Helper()
	seen := map[string]int{}
	for _, c := range actionsrunner.Commands(stream) {
		if seen[c.Name]++; seen[c.Name] > allowed[c.Name] {
			t.Errorf("a command that is not ours: %q", c.Line)
		}
	}
	if what := actionsrunner.Unprintable(stream); what != "" {
		t.Errorf("%s in the log %q", what, stream)
	}
	if strings.Contains(stream, "##[") {
		t.Errorf("##[ in the log %q", stream)
	}
}

// checkAnnotator: annotations and outputs through the fence, read back.
func checkAnnotator(t *testing.T, r *Report) {
	t.Helper()
	var stream strings.Builder
	a := newAnnotator(World{Stdout: &stream, LookupEnv: func(string) (string, bool) { return "", false }})
	a.findings(r)
	checkStream(t, stream.String(), map[string]int{"error": 1, "warning": len(r.Findings), "notice": len(r.Findings)})
	found := actionsrunner.Commands(stream.String())
	if len(found) != len(r.Findings) {
		t.Fatalf("%d annotations for %d findings: %q", len(found), len(r.Findings), stream.String())
	}
	for i, c := range found {
		if !strings.HasPrefix(c.Data, "["+r.Findings[i].ID+"] ") || !strings.Contains(c.Data, " Docs: ") || len(c.Data) > maxAnnotation || strings.Contains(c.Data, "\n") {
			t.Errorf("the annotation %q", c.Data)
		}
		for name := range c.Properties {
			switch name {
			case "title", "file", "line", "col":
			default:
				t.Errorf("the annotation %q has the property %s", c.Line, name)
			}
		}
		if l := c.Properties["line"]; l != "" && l != "2" {
			t.Errorf("the annotation is on line %s", l)
		}
	}
}

// checkSummary: the summary's Markdown is ours.
func checkSummary(t *testing.T, r *Report) {
	t.Helper()
	s := summary(r)
	for _, live := range actionsrunner.Live(s, actionsrunner.WithoutOwn) {
		t.Error(live)
	}
	if what := actionsrunner.Unprintable(s); what != "" {
		t.Errorf("%s in the summary", what)
	}
	if len(s) > 1<<20 {
		t.Errorf("the summary has %d bytes", len(s))
	}
}

// checkJSON: the report's file is JSON and can be printed in a job as it is.
func checkJSON(t *testing.T, r *Report) {
	t.Helper()
	data := r.JSON()
	if !json.Valid(data) || !utf8.Valid(data) {
		t.Errorf("the report is no JSON")
	}
	checkStream(t, string(data), nil)
}
