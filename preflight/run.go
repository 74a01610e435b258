package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// concurrency is how many credentials are acquired at once.
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

	plan     *plan            // of the client that the run stands for, nil for its own
	part     *part            // of the plan, when this is the chain of one
	spread   *spread          // of the calls, over all parts
	jobs     []*job           // the calls
	jobOf    []*job           // for each target, which of them is its
	workflow func() *workflow // read when a finding is to be placed

	versionStated string // what states the client's version
	versionAt     Location
	sdkAssumed    string          // why the openai-python below LiteLLM is the one that is assumed, when no file pins it
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
	r.workflow = sync.OnceValue(func() *workflow { return readWorkflow(w, r.job) })
	if cfg.Cloud == nil {
		cfg.Cloud = clouds[0]
	}
	r.setup = setup(w, cfg, r.id)
	r.report = newReport(cfg)
	if cfg.asClient() && len(problems) == 0 {
		r.plan = r.planClient()
	}

	r.patiently(ctx, problems)

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
	defer r.wire.hangUp()
	if r.plan != nil {
		r.runParts(ctx)
		return
	}
	if cred, ok := r.authenticate(ctx); ok {
		r.callTargets(ctx, cred)
	}
}

// authenticate acquires the credential, which is nil where that is a key.
func (r *run) authenticate(ctx context.Context) (azcore.TokenCredential, bool) {
	if r.part != nil {
		problems := r.readCredential()
		for _, p := range problems {
			e := r.evidence(nil, nil)
			e.Problem = p
			r.diagnose(e, nil)
		}
		if len(problems) > 0 {
			return nil, false
		}
	}
	r.warm(ctx)
	var assertion Secret
	if r.id.method == MethodGitHubOIDC {
		var ok bool
		if assertion, ok = r.fetchAssertion(ctx); !ok {
			return nil, false
		}
	}
	if r.id.method == MethodKey {
		return nil, true
	}
	cred, ok := r.fetchToken(ctx, assertion)
	return cred, ok && r.checkClaims()
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
	note := ""
	if len(r.cfg.trimmed) > 0 && !r.cfg.asClient() {
		// A line break at the end of a secret, above all.
		note = "the white space around " + strings.Join(r.cfg.trimmed, ", ") + " is left out here, and the suite's client may not do that"
	}
	r.step(StageConfig, "The configuration is complete and names a trusted endpoint", len(problems) == 0, begin, note)
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
		cred = keeping{cred, r.vault}
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
	title := "The token is for the intended audience, tenant and principal"
	if r.token == nil {
		title = "The token is opaque: its claims are left to the service"
	}
	r.step(StageClaims, title, ok, begin, "")
	return ok
}
