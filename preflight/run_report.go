package preflight

import (
	"cmp"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// What a run puts into its report.

// evidence is what the run knows, about one target or about none.
func (r *run) evidence(t *Target, rec *recorder) *Evidence {
	e := &Evidence{Now: time.Now(), Setup: r.setup, Job: r.job, Assertion: r.assertion, Token: r.token, ExpiresOn: r.expires, Issued: r.issued, Target: t}
	if t == nil && r.part != nil {
		e.Target = &r.part.targets[0] // whose credential is the part's
	}
	if rec != nil {
		e.Exchanges = rec.list()
	}
	return e
}

// diagnose names the cause and puts the finding into the report.
func (r *run) diagnose(e *Evidence, t *Target) Verdict {
	f, ok := Diagnose(e)
	if !ok {
		return Pass
	}
	return r.add(f, t)
}

func (r *run) add(f Finding, t *Target) Verdict {
	switch {
	case t != nil:
		f.Targets = []string{t.String()}
	case r.part != nil:
		f.Targets = r.part.names()
	}
	if f.Location == nil && t == nil && r.part != nil {
		t = &r.part.targets[0]
	}
	if f.Location == nil && f.Remedy.Kind == GrantPermission {
		f.Location = r.workflow().locate(&f, r.cfg.Sources)
	}
	f.place(t)
	if f.Location == nil {
		f.Location = r.workflow().locate(&f, r.cfg.Sources)
	}
	if r.skips(f.ID) {
		f.Severity = SeverityNotice
		r.report.Verdict = Skipped
		// What was asked for needs no fix.
		f.Remedy.Text = "Nothing to do: untrusted: skip skips this kind of run. To test such changes all the same, run the suite on push or workflow_dispatch once they are on a branch of this repository."
		f.Remedy.Commands, f.Remedy.Snippet = []string{}, ""
	}
	r.report.add(f)
	return verdictOf(f.Severity)
}

// notices adds what every run says whatever its verdict.
func (r *run) notices() {
	if r.plan != nil {
		r.clientNotices()
	}
	if len(r.setup.Shadows) == 0 || r.report.Verdict == Skipped {
		return
	}
	e := r.evidence(nil, nil)
	e.Problem = &Problem{ID: "cfg-credential-shadowed", Input: r.setup.Shadows[0].Name, Source: r.setup.Shadows[0].Source, Detail: "is " + string(r.setup.Shadows[0].State) + ": " + r.setup.Shadows[0].Effect}
	r.diagnose(e, nil)
}

// describe fills in the parts of the report that say who and where.
func (r *run) describe() {
	who, cfg := r.id, r.cfg
	if r.plan != nil && len(r.plan.parts) > 0 {
		who, cfg = r.plan.parts[0].id, r.plan.parts[0].cfg
	}
	id := IdentityReport{Method: who.method, TenantID: cfg.TenantID, ClientID: cfg.ClientID, Source: who.reason, Unused: who.unused}
	if a := r.assertion; a != nil {
		id.Subject, id.Issuer, id.AssertionAudience = a.Subject, a.Issuer, strings.Join(a.Audience, " ")
	}
	if t := r.token; t != nil {
		id.ObjectID, id.Audience = t.ObjectID, strings.Join(t.Audience, " ")
		id.TenantID, id.ClientID = cmp.Or(t.TenantID, id.TenantID), cmp.Or(t.AppID, id.ClientID)
	}
	if !r.expires.IsZero() {
		id.ExpiresOn = &r.expires
	}
	r.report.Identity = id
	env := EnvironmentReport{Inputs: r.cfg.Sources, Variables: r.setup.Env, CABundle: r.cfg.CABundle,
		Cloud: r.cfg.Cloud.Name, Authority: r.cfg.Authority, Scope: r.cfg.Scope, Event: r.job.EventName, Runner: r.w.getenv("RUNNER_ENVIRONMENT")}
	if r.plan != nil {
		env.Client = string(cfg.Client)
		if c := r.plan.client(); c != nil && c.Version != "" {
			env.Version = c.Version
		}
	}
	if r.wire != nil && r.wire.proxy != nil && cfg.Endpoint != nil {
		if p, err := r.wire.proxy(cfg.Endpoint); err == nil && p != nil {
			env.Proxy = p.Host
		}
	}
	r.report.Environment = env
}

func (r *run) step(stage Stage, title string, ok bool, begin time.Time, note string) {
	s := Step{Title: title, Stage: stage, OK: ok, TookMS: time.Since(begin).Milliseconds(), Note: inert.Clip(inert.Line(note), 300)}
	r.report.Steps = append(r.report.Steps, s)
	r.observe(s)
}

// clean makes a client library's error text fit for evidence.
func (r *run) clean(err error) string {
	// A tool's whole output can be in it.
	text := inert.Clip(err.Error(), 64<<10)
	return inert.Clip(r.vault.scrub(inert.Lines(r.vault.scrub(text))), 4000)
}
