package preflight

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// A job is one call, for all targets that come to the same one.
type job struct {
	target  *Target           // the first of them
	headers map[string]Secret // that the client's configuration adds
	host    string
	scopes  []scope
	turn    *turn

	rec   *recorder
	res   result
	err   error
	names NameCheck
	probe *Exchange

	// Where no call was made: whose failure is this one's as well, or that the
	// time was over.
	shares  *job
	overdue bool
}

// called reports whether the call was made.
func (j *job) called() bool { return j.shares == nil && !j.overdue }

// schedule settles the calls that the targets come to: the jobs, and for each
// target which it is. Targets that come to the same request share it.
func (r *run) schedule() {
	twins := map[string]*job{}
	r.jobs, r.jobOf = nil, nil
	for i := range r.cfg.Targets {
		t := &r.cfg.Targets[i]
		var headers map[string]Secret
		added := ""
		if r.part != nil {
			headers, added = r.part.headers[i], r.part.added[i]
		}
		f := t.forms()[0]
		key := t.url(f) + "\x00" + t.Deployment + "\x00" + string(t.Operation) + "\x00" + added
		j := twins[key]
		if j == nil {
			j = &job{target: t, headers: headers, rec: &recorder{}, scopes: scopesOf(r, t, f, added)}
			if u, err := url.Parse(t.Endpoint); err == nil {
				j.host = u.Host
			}
			twins[key] = j
			r.jobs = append(r.jobs, j)
		}
		r.jobOf = append(r.jobOf, j)
	}
}

// callTargets makes the calls, spread over the resources, and reports them in
// the order of the configuration.
func (r *run) callTargets(ctx context.Context, cred azcore.TokenCredential) {
	begin := time.Now()
	c := r.newCaller(cred)
	if r.part == nil {
		r.schedule()
		r.spread = newSpread(len(r.jobs))
	}
	r.spread.line(r.jobs)
	var wg sync.WaitGroup
	for _, j := range r.jobs {
		wg.Go(func() { r.make(ctx, c, j) })
	}
	wg.Wait()
	called := 0
	for _, j := range r.jobs {
		r.exchanges = append(r.exchanges, j.rec.list()...)
		if j.called() {
			called++
		}
	}
	worst := Pass
	for i := range r.cfg.Targets {
		v := r.judge(&r.cfg.Targets[i], r.jobOf[i], called)
		if v == Fail || worst == Pass {
			worst = v
		}
	}
	note := ""
	if n := len(r.cfg.Targets); called < n {
		note = count(called, "call") + " for " + count(n, "target")
	}
	if called < len(r.jobs) {
		note += fmt.Sprintf("; %d more were not made", len(r.jobs)-called)
	}
	r.step(StageDataPlane, title(len(r.jobOf), worst), worst != Fail, begin, note)
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

// make waits for the call's turn, makes it, and settles what its failure leaves
// open.
func (r *run) make(ctx context.Context, c *caller, j *job) {
	if !j.turn.wait(ctx) {
		j.shares = j.turn.shares
		j.overdue = j.shares == nil
		return
	}
	j.res, j.err = c.call(ctx, j, j.target, j.rec)
	// Whoever answers may put anything into the model's name.
	j.res.model = r.vault.plain(j.res.model, 200)
	var broken *scope
	if !j.res.ok {
		e := r.seen(j.target, j)
		r.probe(ctx, c, j, e)
		j.names, j.probe = e.Names, e.Probe
		broken = sharedBy(e, j.scopes)
	}
	j.turn.done(broken)
}

// seen is the evidence of a target whose call is j, or whose call would have
// ended as the one did that j shares its failure with.
func (r *run) seen(t *Target, j *job) *Evidence {
	if j.shares != nil {
		j = j.shares
	}
	e := r.evidence(t, j.rec)
	e.Model, e.Names, e.Probe = j.res.model, j.names, j.probe
	if j.err != nil && len(e.Exchanges) == 0 {
		e.Text = r.clean(j.err)
	}
	return e
}

// judge settles one target and returns its verdict. So many calls were made in
// all.
func (r *run) judge(t *Target, j *job, called int) Verdict {
	row := r.row(t, r.id.describe())
	switch {
	case j.overdue:
		row.NotCalled, row.Verdict = true, Fail
		r.add(r.tooLate(t, called), t)
	case j.shares != nil:
		row.NotCalled, row.Verdict = true, Fail
		if f, ok := Diagnose(r.seen(t, j)); ok {
			f.gathered.host, f.gathered.spared = j.shares.host, 1
			r.add(f, t)
		}
	default:
		r.judgeCall(t, j, &row)
	}
	r.report.Targets = append(r.report.Targets, row)
	return row.Verdict
}

// judgeCall settles a target that was called.
func (r *run) judgeCall(t *Target, j *job, row *TargetReport) {
	e := r.seen(t, j)
	x := last(e.Exchanges)
	row.Model, row.LatencyMS = j.res.model, j.res.took.Milliseconds()
	if x != nil {
		row.HTTPStatus, row.Region = x.Status, x.Header["x-ms-region"]
		row.RequestID = cmp.Or(x.Header["apim-request-id"], x.Header["x-request-id"], x.Header["x-ms-request-id"])
	}
	if !j.res.ok {
		if f, ok := Diagnose(e); ok {
			if sharedBy(e, j.scopes) != nil {
				f.gathered.host = j.host
			}
			row.Verdict = r.add(f, t)
		}
	}
	if row.Verdict == Pass && r.cfg.ExpectModel != "" && !sameModel(r.cfg.ExpectModel, j.res.model) {
		m := r.evidence(t, nil)
		m.Model, m.Unnamed = j.res.model, j.res.model == ""
		row.Verdict = r.diagnose(m, t)
	}
	if j.res.ok && j.res.note != "" {
		// The model would have gone on thinking, or the filter held its words
		// back: access is proven, and the notice says why there is no text.
		e.Exchanges = append(e.Exchanges, Exchange{Service: ServiceModel, Status: x.Status, Method: x.Method, Host: x.Host, Path: x.Path, Header: x.Header, Code: j.res.note, At: x.At})
		r.diagnose(e, t)
	}
}

// tooLate is the finding for a target whose turn did not come: what the calls
// before it were waiting for leads.
func (r *run) tooLate(t *Target, called int) Finding {
	d, _ := Lookup("net-timeout")
	f := d.finding(r.evidence(t, nil))
	f.Cause = "The time that the input timeout gives, " + span(r.cfg.Timeout()) + ", was over before every call could be made; it was enough for " + count(called, "call") + " with this credential."
	f.Evidence, f.Candidates, f.Certainty = []string{}, []string{}, Proven
	f.gathered.follows = true
	return f
}

// row is the target's line of the report before it was called.
func (r *run) row(t *Target, credential string) TargetReport {
	// A configuration can put any variable's value into any of these.
	clean := func(s string) string { return r.vault.plain(s, 1000) }
	return TargetReport{
		Endpoint: t.Endpoint, Deployment: clean(t.Deployment), Operation: t.Operation, Route: t.Route, APIVersion: clean(t.APIVersion),
		URL: clean(t.url(t.forms()[0])), Verdict: Pass, Credential: credential, Location: t.stands(), Name: clean(t.Name),
	}
}
