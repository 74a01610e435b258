package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// concurrency is how many calls to a resource are under way at once.
const concurrency = 8

// A run is the state of one check.
type run struct {
	w       World
	cfg     *Config
	job     Job
	id      identity
	vault   *vault
	wire    *wire
	observe func(Step)
	report  *Report

	plan     *plan // of the client that the run stands for, nil for its own
	part     *part // of the plan, when this is the chain of one
	workflow *workflow

	versionStated string // what states the client's version
	versionAt     Location
	told          []*Problem      // what the client's files are worth a notice for
	pinned        []litellm.Cause // releases in the workspace's files that steal credentials
	certificate   Secret          // file of the client certificate
	setup         Setup
	assertion     *Claims
	token         *Claims
	expires       time.Time
	issued        time.Time  // by the clock of whoever issued the token
	exchanges     []Exchange // with Entra and the model, of all targets
}

// Run makes the check with the inputs that flags give and the environment
// fills: config, OIDC assertion, access token, one call for each target. The
// first broken link ends the chain, so that a consequence is never reported for
// its cause. observe is called after each step.
func Run(ctx context.Context, w World, flags map[string]string, observe func(Step)) *Report {
	v := &vault{}
	cfg, problems := configure(w, flags, v)
	return execute(ctx, w, cfg, problems, v, observe)
}

// configure reads the inputs, and registers every secret that they and the
// environment hold before anything is printed.
func configure(w World, flags map[string]string, v *vault) (*Config, []*Problem) {
	cfg, problems := ParseConfig(w, flags)
	keepKnown(w, cfg, v)
	for _, p := range problems {
		// A secret that stands in a wrong input as well is not repeated.
		p.Value, p.Detail, p.Suggest = v.scrub(p.Value), v.scrub(p.Detail), v.scrub(p.Suggest)
	}
	return cfg, problems
}

// execute makes the check of a configuration.
func execute(ctx context.Context, w World, cfg *Config, problems []*Problem, v *vault, observe func(Step)) *Report {
	begin := time.Now()
	r := &run{w: w, cfg: cfg, vault: v, observe: observe, job: readJob(w)}
	r.id = chooseIdentity(w, cfg, r.job, v)
	r.workflow = readWorkflow(w, r.job)
	if cfg.Cloud == nil {
		cfg.Cloud = clouds[0]
	}
	r.setup = setup(w, cfg, r.id)
	r.report = newReport(cfg)
	if cfg.asClient() && len(problems) == 0 {
		r.plan = r.planClient()
	}

	r.patiently(ctx, problems)

	if errors.Is(ctx.Err(), context.Canceled) {
		// What broke is that somebody ended the run: no fault of the chain.
		r.report.Cancelled, r.report.Findings = true, nil
	}
	r.notices()
	r.describe()
	r.report.settle()
	r.report.DurationMS = time.Since(begin).Milliseconds()
	return r.report
}

// chain is the check, link by link.
func (r *run) chain(ctx context.Context, problems []*Problem) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout())
	defer cancel()

	if !r.checkConfig(problems) {
		return
	}
	if r.plan != nil {
		r.runParts(ctx)
		return
	}
	r.links(ctx)
}

// links are the links of the chain that ask somebody.
func (r *run) links(ctx context.Context) {
	if r.part != nil {
		problems := r.readCredential()
		for _, p := range problems {
			e := r.evidence(nil, nil)
			e.Problem = p
			r.diagnose(e, nil)
		}
		if len(problems) > 0 {
			return
		}
	}
	r.warm(ctx)
	var assertion Secret
	if r.id.method == MethodGitHubOIDC {
		var ok bool
		if assertion, ok = r.fetchAssertion(ctx); !ok {
			return
		}
	}
	var cred azcore.TokenCredential
	if r.id.method != MethodKey {
		var ok bool
		if cred, ok = r.fetchToken(ctx, assertion); !ok || !r.checkClaims() {
			return
		}
	}
	r.callTargets(ctx, cred)
}

// checkConfig settles everything that needs no request.
func (r *run) checkConfig(problems []*Problem) bool {
	begin := time.Now()
	problems = slices.Clone(problems)
	if r.plan != nil {
		problems = append(problems, r.plan.problems...)
	} else if !r.cfg.asClient() {
		problems = append(problems, r.id.problems(r.cfg, r.job)...)
	}
	problems = withheld(problems, r.job)
	if len(problems) == 0 {
		problems = append(problems, r.readFiles()...)
	}
	if len(problems) > 0 && r.skips(problems[0].ID) {
		problems = problems[:1]
	}
	for _, p := range problems {
		e := r.evidence(nil, nil)
		e.Problem = p
		r.diagnose(e, nil)
	}
	r.step(StageConfig, "The configuration is complete and names a trusted endpoint", len(problems) == 0, begin, "")
	return len(problems) == 0
}

// skips reports whether a finding is one that untrusted: skip asks to pass
// over.
func (r *run) skips(id string) bool {
	return r.cfg.Untrusted == "skip" && r.job.Untrusted() && (id == "oidc-untrusted-pr" || id == "cfg-secrets-empty-untrusted")
}

// fetchAssertion gets GitHub's ID token, as a step of its own: an error of
// azidentity's callback would reach us as text only.
func (r *run) fetchAssertion(ctx context.Context) (Secret, bool) {
	begin := time.Now()
	rec := &recorder{}
	const title = "GitHub issues an ID token to this job"
	if !r.job.IDTokenURL || !r.job.IDTokenToken {
		r.diagnose(r.evidence(nil, rec), nil)
		r.step(StageOIDC, title, false, begin, "")
		return Secret{}, false
	}
	token, claims, err := r.idToken(withRecorder(ctx, rec))
	if err != nil {
		e := r.evidence(nil, rec)
		if len(e.Exchanges) == 0 || e.Exchanges[len(e.Exchanges)-1].OK() {
			e.Exchanges = append(e.Exchanges, Exchange{Service: ServiceGitHub, Fault: FaultForeign, Detail: r.clean(err), At: time.Now()})
		}
		r.diagnose(e, nil)
		r.step(StageOIDC, title, false, begin, "")
		return Secret{}, false
	}
	r.assertion = claims
	note := ""
	if claims != nil {
		note = "subject " + claims.Subject
	}
	r.step(StageOIDC, title, true, begin, note)
	return token, true
}

// fetchToken exchanges what the identity has for an access token.
func (r *run) fetchToken(ctx context.Context, assertion Secret) (azcore.TokenCredential, bool) {
	begin := time.Now()
	rec := &recorder{}
	title := "Entra ID issues an access token to this identity"
	switch r.id.method {
	case methodStatic:
		title = "The client has a static token"
	case MethodManagedIdentity:
		title = "The managed identity of this host issues an access token"
	}
	cred, err := r.credential(ctx, assertion)
	var token azcore.AccessToken
	if err == nil {
		token, err = acquire(withRecorder(ctx, rec), cred, r.cfg.Scope)
	}
	r.exchanges = append(r.exchanges, rec.list()...)
	if err == nil && token.Token == "" {
		err = fmt.Errorf("the token endpoint's answer holds no token")
	}
	if err != nil {
		e := r.evidence(nil, rec)
		if x := last(e.Exchanges); x != nil && x.OK() {
			// The library's text would repeat what was answered, a token in a
			// form that nobody knows perhaps.
			x.Fault = FaultForeign
			x.Detail = fmt.Sprintf("status %d with %q that is no answer of the token service", x.Status, x.Header["content-type"])
		} else {
			e.Text = r.clean(err)
		}
		r.diagnose(e, nil)
		r.step(StageToken, title, false, begin, "")
		return nil, false
	}
	r.vault.keep(token.Token)
	r.token = decodeClaims(token.Token)
	r.expires = token.ExpiresOn.UTC()
	r.issued = issuerDate(rec.list())
	note := "expires " + r.expires.Format(time.RFC3339)
	if r.id.method == methodStatic && (r.token == nil || r.token.ExpiresAt.IsZero()) {
		note, r.expires = "", time.Time{} // nobody says when
	}
	r.step(StageToken, title, true, begin, note)
	return cred, true
}

// checkClaims looks at what the token says before it is sent anywhere.
func (r *run) checkClaims() bool {
	begin := time.Now()
	ok := true
	for _, f := range DiagnoseClaims(r.evidence(nil, nil)) {
		if r.part != nil && f.Severity == SeverityError {
			// Why the client has such a token comes before what is wrong with it.
			e := r.evidence(nil, nil)
			e.Refuted = f.ID
			if cause, found := Diagnose(e); found && cause.Stage == StageLiteLLM {
				cause.Evidence = append(cause.Evidence, f.Cause)
				f = cause
			}
		}
		r.add(f, nil)
		ok = ok && f.Severity != SeverityError
	}
	title := "The token is for the audience, tenant and principal that are meant"
	if r.token == nil {
		title = "The token is opaque: its claims are left to the service"
	}
	r.step(StageClaims, title, ok, begin, "")
	return ok
}

// callTargets makes the calls, some at a time, and reports them in the order
// of the configuration.
func (r *run) callTargets(ctx context.Context, cred azcore.TokenCredential) {
	begin := time.Now()
	c := r.newCaller(cred)
	targets := r.cfg.Targets
	// Models that come to the same call share it.
	first, calls := map[string]int{}, make([]int, len(targets))
	results := make([]result, len(targets))
	records := make([]*recorder, len(targets))
	errs := make([]error, len(targets))
	slots := make(chan struct{}, concurrency)
	var wg sync.WaitGroup
	for i := range targets {
		same, seen := first[targets[i].call()]
		calls[i] = same
		if seen {
			continue
		}
		first[targets[i].call()], calls[i] = i, i
		records[i] = &recorder{}
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i], errs[i] = c.call(ctx, &targets[i], records[i])
		})
	}
	wg.Wait()
	worst := Pass
	for i := range targets {
		n := calls[i]
		v := r.judge(ctx, c, &targets[i], results[n], records[n], errs[n])
		if v == Fail || worst == Pass {
			worst = v
		}
	}
	r.step(StageDataPlane, title(len(targets), worst), worst != Fail, begin, "")
}

// title states what the calls proved.
func title(n int, v Verdict) string {
	switch {
	case v == Warn:
		return "Azure OpenAI lets this identity in, but hampers it"
	case n == 1:
		return "The deployment answers a minimal request"
	}
	return fmt.Sprintf("The %d deployments answer a minimal request each", n)
}

// judge settles one target and returns its verdict.
func (r *run) judge(ctx context.Context, c *caller, t *Target, res result, rec *recorder, err error) Verdict {
	e := r.evidence(t, rec)
	e.Model = res.model
	r.exchanges = append(r.exchanges, e.Exchanges...)
	x := last(e.Exchanges)
	row := r.row(t, r.id.describe())
	row.Model, row.LatencyMS = res.model, res.took.Milliseconds()
	if x != nil {
		row.HTTPStatus, row.Region = x.Status, x.Header["x-ms-region"]
		row.RequestID = firstOf(x.Header["apim-request-id"], x.Header["x-request-id"], x.Header["x-ms-request-id"])
	}
	if err != nil && x == nil {
		e.Text = r.clean(err)
	}
	if !res.ok {
		r.probe(ctx, c, t, e)
		row.Verdict = r.diagnose(e, t)
	}
	if row.Verdict == Pass && r.cfg.ExpectModel != "" && !sameModel(r.cfg.ExpectModel, res.model) {
		m := r.evidence(t, nil)
		m.Model, m.Unnamed = res.model, res.model == ""
		row.Verdict = r.diagnose(m, t)
	}
	if res.ok && res.cut {
		// The model would have gone on thinking: access is proven, and the
		// notice says why there is no text.
		e.Exchanges = append(e.Exchanges, Exchange{Service: ServiceModel, Status: x.Status, Method: x.Method, Host: x.Host, Path: x.Path, Header: x.Header, Code: codeCut, At: x.At})
		r.diagnose(e, t)
	}
	r.report.Targets = append(r.report.Targets, row)
	return row.Verdict
}

// row is the target's line of the report before it was called.
func (r *run) row(t *Target, credential string) TargetReport {
	// A configuration can put any variable's value into any of these.
	clean := func(s string) string { return inert.Clip(inert.Line(r.vault.scrub(s)), 1000) }
	return TargetReport{
		Endpoint: t.Endpoint, Deployment: clean(t.Deployment), Operation: t.Operation, Route: t.Route, APIVersion: clean(t.APIVersion),
		URL: clean(t.url(t.forms()[0])), Verdict: Pass, Credential: credential, Location: t.locate(), Name: clean(t.Name),
	}
}

// call is what two targets have the same of when one request answers for both.
func (t *Target) call() string {
	return t.url(t.forms()[0]) + " " + t.Deployment + " " + string(t.Operation)
}

// codeCut marks an answer that came whole but was cut at the few tokens that
// were asked for.
const codeCut = "preflight_output_limit"

// sameModel compares a model with what was expected: the expectation may leave
// the version out, a date or four digits, and Azure's older name for gpt-3.5
// has no dot.
func sameModel(want, got string) bool {
	norm := func(s string) string { return strings.Replace(strings.ToLower(s), "gpt-35", "gpt-3.5", 1) }
	rest, ok := strings.CutPrefix(norm(got), norm(want))
	return ok && (rest == "" || modelVersion().MatchString(rest))
}

var modelVersion = lazy(`^-(20\d\d-\d\d-\d\d|\d{4})$`)

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
