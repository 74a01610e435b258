package preflight

import (
	"cmp"
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A part is the targets that share a credential, and so one chain. A run that
// stands for itself has none and is its own only chain.
type part struct {
	id      identity
	cfg     *Config
	targets []Target
	rows    []int // where each target stands in the report

	// What the client's configuration adds to each target's request, and a key
	// that is equal for equal additions.
	headers []map[string]Secret
	added   []string
}

// keepSending registers every secret that the configuration or the environment
// of the client holds, before anything is printed.
func (r *run) keepSending(m *litellm.Model, s *litellm.Sending) {
	keep := func(name string, v litellm.Value) {
		switch name {
		case "api_base", "base_url", "api_version", "tenant_id", "client_id", "azure_scope", "model", "azure_endpoint", "token_file", "certificate_path", "class", "audience":
			return
		}
		if v.Set && v.Type == litellm.String && !strings.HasPrefix(v.Text.Reveal(), "oidc/") {
			r.vault.keep(v.Text.Reveal())
		}
	}
	for name, v := range m.Call.Params {
		if strings.Contains(name, "key") || strings.Contains(name, "token") || strings.Contains(name, "secret") || strings.Contains(name, "password") || strings.HasPrefix(name, "extra_headers.") {
			keep(name, v)
		}
	}
	for name, v := range m.Call.Globals {
		if name == "api_key" || name == "azure_key" || name == "openai_key" || strings.HasPrefix(name, "headers.") {
			keep(name, v)
		}
	}
	keep("credential", s.Credential)
	for name, v := range s.Entra {
		if name != "username" {
			keep(name, v)
		}
	}
}

// notCallable says why a call that the client can make is not made here, "" if
// it is.
func (r *run) notCallable(m *litellm.Model, s *litellm.Sending) string {
	switch {
	case operationOf(m.Call.Kind) == "":
		return "mode " + string(m.Call.Kind)
	case s.Fails != nil:
		return ""
	case s.Kind == litellm.Messages:
		return "a Claude model, which answers Anthropic's Messages operation"
	case s.Entra["token_file"].At.File != "" || s.Entra["certificate_path"].At.File != "":
		// Whoever can change that file must not choose what is read and sent.
		return "a file of the workspace names the file with its credential"
	case s.Source == litellm.FromNamed:
		return "AZURE_CREDENTIAL names a class of azure.identity that this check does not know"
	case s.Source == litellm.FromOIDC && !oidcForm(s.Credential.Text.Reveal()),
		s.Source == litellm.FromWorkloadIdentity && s.Entra["token_file"].Empty():
		return "its oidc/ form reads what this check may not"
	}
	for _, c := range s.Causes {
		if c.ID == litellm.NotCheckable {
			return c.Detail
		}
	}
	if !s.Azure && !slices.ContainsFunc(s.Causes, func(c litellm.Cause) bool { return c.Breaks }) {
		return "provider " + s.Provider
	}
	return ""
}

// oidcForm reports whether LiteLLM's oidc/… names a source of assertions that
// this check can ask: GitHub's token service, the federated token file, a
// variable.
func oidcForm(text string) bool {
	name, variable := strings.CutPrefix(text, "oidc/env/")
	return strings.HasPrefix(text, "oidc/github/") || strings.HasPrefix(text, "oidc/azure/") || variable && !litellm.Refused(name)
}

// malformed are the ids of the configuration that Entra could not know.
func (p *part) malformed(own *Config) []*Problem {
	var out []*Problem
	if t := p.cfg.TenantID; t != own.TenantID && t != "" && !guid().MatchString(t) && !(strings.Contains(t, ".") && isHostName(t)) {
		out = append(out, &Problem{ID: "cfg-tenant-id-malformed", Input: "tenant_id", Source: p.cfg.Sources["tenant-id"], Detail: malformedID(t), Allowed: "a GUID of 36 characters, or a domain of the tenant"})
	}
	if c := p.cfg.ClientID; c != own.ClientID && c != "" && !guid().MatchString(c) {
		out = append(out, &Problem{ID: "cfg-client-id-malformed", Input: "client_id", Source: p.cfg.Sources["client-id"], Detail: malformedID(c), Allowed: "a GUID of 36 characters"})
	}
	return out
}

// partOf is the credential of a sending as an identity of ours, with what it
// needs, and a key that is equal for equal credentials.
func (r *run) partOf(s *litellm.Sending, t *Target) (string, identity, *Config) {
	cfg := *r.cfg
	if u, err := url.Parse(t.Endpoint); err == nil {
		cfg.Endpoint = u
		if own := cloudOf(u.Hostname()); own != nil && cfg.cloudInput == nil {
			cfg.Cloud = own
		}
	}
	if s.Scope != "" {
		cfg.Scope = s.Scope
	} else if cfg.Scope == "" {
		cfg.Scope = cfg.Cloud.Scope
	}
	cfg.Sources = maps.Clone(r.cfg.Sources)
	value := func(name string) string { return s.Entra[name].Text.Reveal() }
	ids := func() {
		for _, f := range []struct {
			input, name string
			field       *string
		}{{"tenant-id", "tenant_id", &cfg.TenantID}, {"client-id", "client_id", &cfg.ClientID}} {
			v := s.Entra[f.name]
			*f.field = strings.ToLower(v.Text.Reveal())
			delete(cfg.Sources, f.input)
			if !v.Empty() {
				cfg.Sources[f.input] = inert.Line(v.From)
			}
		}
	}
	id := identity{reason: "what the client sends: " + inert.Line(s.Credential.From), client: true}
	switch s.Source {
	case litellm.FromKey:
		id.method, id.key, id.keyFrom = MethodKey, s.Credential.Text, inert.Line(cmp.Or(s.Credential.Var, s.Credential.From))
		id.header = s.Header
	case litellm.FromToken:
		id.method, id.token = methodStatic, s.Credential.Text
		id.keyFrom = inert.Line(cmp.Or(s.Credential.Var, s.Credential.From))
	case litellm.FromClientSecret:
		ids()
		id.method, id.secret = MethodClientSecret, s.Entra["client_secret"].Text
		id.secretIs = secretShape(value("client_secret"))
	case litellm.FromPassword:
		ids()
		id.method, id.user, id.password = methodPassword, s.Entra["username"].Text, s.Entra["password"].Text
	case litellm.FromCertificate:
		ids()
		id.method, id.certificate, id.password = MethodClientCertificate, value("certificate_path"), s.Entra["certificate_password"].Text
	case litellm.FromWorkloadIdentity:
		ids()
		id.method, id.tokenFile = MethodWorkloadIdentity, value("token_file")
	case litellm.FromManagedIdentity:
		ids()
		id.method = MethodManagedIdentity
	case litellm.FromDefault:
		id.method = MethodDefault
	case litellm.FromOIDC:
		ids()
		form := s.Credential.Text.Reveal()
		switch {
		case strings.HasPrefix(form, "oidc/github/"):
			id.method = MethodGitHubOIDC
			cfg.Audience = strings.TrimPrefix(form, "oidc/github/")
		case strings.HasPrefix(form, "oidc/azure/"):
			id.method, id.tokenFile = MethodWorkloadIdentity, r.w.getenv("AZURE_FEDERATED_TOKEN_FILE")
		default:
			id.method = methodAssertion
			id.token = r.vault.keep(r.environment(nil)(strings.TrimPrefix(form, "oidc/env/")).Text.Reveal())
		}
	default:
		// A provider in the suite's code gives the token of this run's identity.
		id = r.id
		id.client = true
		if s.Source == litellm.FromProvider {
			cfg.Scope = r.cfg.Scope
		}
	}
	key := strings.Join([]string{string(s.Source), string(id.method), cfg.TenantID, cfg.ClientID, cfg.Scope, cfg.Audience, cfg.Cloud.Name, id.header,
		id.key.Reveal(), id.token.Reveal(), id.secret.Reveal(), id.user.Reveal(), id.password.Reveal(), id.tokenFile, id.certificate}, "\x00")
	return key, id, &cfg
}

// addedHeaders are those that the client's configuration adds to a call.
func addedHeaders(s *litellm.Sending) (headers map[string]Secret, key string) {
	for _, name := range slices.Sorted(maps.Keys(s.Extra)) {
		if v := s.Extra[name].Text; httpguts.ValidHeaderFieldName(name) && httpguts.ValidHeaderFieldValue(v.Reveal()) && !transportHeader(name) {
			if headers == nil {
				headers = map[string]Secret{}
			}
			headers[name] = v
			key += name + "\x01" + v.Reveal() + "\x01"
		}
	}
	return headers, key
}

// transportHeader reports the headers that are the transport's own business.
func transportHeader(name string) bool {
	switch strings.ToLower(name) {
	case "host", "content-length", "content-type", "connection", "transfer-encoding", "te", "trailer", "upgrade", "expect", "proxy-authorization", "accept-encoding":
		return true
	}
	return false
}

// runParts makes the chain of every part and reports them in the order of the
// configuration. Some credentials at a time are acquired; the calls are spread
// over the resources, whoever makes them.
func (r *run) runParts(ctx context.Context) {
	begin := time.Now()
	r.step(StageLiteLLM, r.plan.title(), r.plan.unready() == 0, begin, r.plan.note())
	runs := make([]*run, len(r.plan.parts))
	calls := 0
	for i, p := range r.plan.parts {
		runs[i] = r.partRun(p)
		runs[i].schedule()
		calls += len(runs[i].jobs)
	}
	spread := newSpread(calls)
	slots := make(chan struct{}, concurrency)
	var wg sync.WaitGroup
	for _, sub := range runs {
		sub.spread = spread
		wg.Go(func() {
			slots <- struct{}{}
			cred, ok := sub.authenticate(ctx)
			<-slots
			if ok {
				sub.callTargets(ctx, cred)
			}
		})
	}
	wg.Wait()
	rows := make([]TargetReport, r.plan.models)
	// Of those that were not called, before there is a token: it is none of theirs.
	for i := range r.plan.refused {
		t := &r.plan.refused[i]
		row := r.row(t, string(t.Client.Source))
		row.Verdict, row.NotCalled = Fail, true
		rows[r.plan.rows[i]] = row
		r.diagnose(r.evidence(t, nil), t)
	}
	for i := range r.plan.faulty {
		f := &r.plan.faulty[i]
		row := r.row(&f.target, string(f.target.Client.Source))
		row.Verdict, row.NotCalled = Fail, true
		rows[f.row] = row
		e := r.evidence(&f.target, nil)
		e.Problem = f.problem
		r.diagnose(e, &f.target)
	}
	for i, p := range r.plan.parts {
		sub := runs[i]
		for _, s := range sub.report.Steps {
			if len(runs) > 1 {
				s.Note = strings.TrimPrefix(s.Note+"; for "+sub.id.describe()+", "+count(len(p.targets), "model"), "; ")
			}
			r.report.Steps = append(r.report.Steps, s)
			r.observe(s)
		}
		for j, row := range p.rows {
			rows[row] = r.row(&p.targets[j], sub.id.describe())
			rows[row].Verdict, rows[row].NotCalled = Fail, true // unless it was called
			if j < len(sub.report.Targets) {
				rows[row] = sub.report.Targets[j]
			}
		}
		r.exchanges = append(r.exchanges, sub.exchanges...)
		if r.assertion == nil {
			r.assertion = sub.assertion
		}
		if r.token == nil {
			r.token, r.expires = sub.token, sub.expires
		}
	}
	for _, sub := range runs {
		for _, f := range sub.report.Findings {
			r.report.add(f)
		}
	}
	r.report.Targets = rows
	r.passOver(runs)
}

// passOver makes the whole run a skipped one where GitHub withholds the
// identity from some of its parts, untrusted is skip, and nothing else is
// wrong. Their targets are not in the report, as in any run that is skipped.
func (r *run) passOver(runs []*run) {
	skipped := func(sub *run) bool { return sub.report.Verdict == Skipped }
	if !slices.ContainsFunc(runs, skipped) || slices.ContainsFunc(r.report.Findings, func(f Finding) bool { return f.Severity == SeverityError }) {
		return
	}
	r.report.Verdict = Skipped
	var rows []TargetReport
	for i, row := range r.report.Targets {
		if !slices.ContainsFunc(runs, func(sub *run) bool { return skipped(sub) && slices.Contains(sub.part.rows, i) }) {
			rows = append(rows, row)
		}
	}
	r.report.Targets = rows
}

// partRun is a run of its own for a part: the same world, another credential.
func (r *run) partRun(p *part) *run {
	sub := &run{w: r.w, cfg: p.cfg, job: r.job, id: p.id, vault: r.vault, wire: r.wire, observe: func(Step) {}, workflow: r.workflow, report: newReport(p.cfg), part: p}
	sub.setup = setup(r.w, p.cfg, p.id)
	sub.setup.Waited = r.setup.Waited
	return sub
}

// names are those of all targets of the part.
func (p *part) names() []string {
	out := make([]string, len(p.targets))
	for i := range p.targets {
		out[i] = p.targets[i].String()
	}
	return out
}

// clientSecrets registers what client-env holds.
func clientSecrets(c *Config, v *vault) {
	for name, s := range c.clientEnv {
		if secretName(name) {
			v.keep(s.Reveal())
		}
	}
}

// secretName reports whether a variable's name says that its value is one.
func secretName(name string) bool {
	upper := strings.ToUpper(name)
	if strings.HasSuffix(upper, "_FILE") || strings.HasSuffix(upper, "_PATH") || strings.HasSuffix(upper, "_URL") || upper == "AZURE_CREDENTIAL" {
		return false
	}
	return slices.ContainsFunc([]string{"KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"}, func(word string) bool { return strings.Contains(upper, word) })
}
