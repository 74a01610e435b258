package preflight

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// worthWaiting reports whether every error may be gone in the next round. While
// it is waited for, a server that fails for a moment is no reason to give up.
func (r *run) worthWaiting(waiting bool) bool {
	for _, f := range r.report.Findings {
		d, ok := Lookup(f.ID)
		curable := ok && (d.Cure == Propagation || waiting && d.Cure == Passing)
		if f.Severity == SeverityError && !curable {
			return false
		}
	}
	return true
}

// The pause between two rounds, from the first to the longest.
const (
	firstPause   = 5 * time.Second
	longestPause = 30 * time.Second
)

// patiently makes the check, and makes it again for as long as it was asked to
// wait, while what it finds is something that time can cure. Each round is
// whole: a fresh assertion, a fresh token.
func (r *run) patiently(ctx context.Context, problems []*Problem) {
	begin := time.Now()
	var refused []Exchange // of the round before
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout()+r.cfg.Wait())
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		r.report.Steps, r.report.Findings, r.report.Targets, r.exchanges = nil, nil, nil, nil
		r.token, r.expires = nil, time.Time{}
		if refused != nil {
			r.setup.Waited = time.Since(begin)
		}
		r.chain(ctx, problems)
		r.report.settle()
		if errors.Is(ctx.Err(), context.Canceled) && r.report.Verdict != Pass {
			// What broke is that somebody ended the run: no fault of the chain.
			r.report.Cancelled, r.report.Findings = true, nil
			return
		}
		waited := time.Since(begin)
		found := r.report.Primary()
		works := found == nil || found.Severity != SeverityError
		if works || !r.worthWaiting(refused != nil) {
			if refused != nil && works {
				r.waited(true, "Time was what was missing: it works after "+span(waited))
				e := r.evidence(nil, nil)
				if e.Exchanges = append(refused, r.exchanges...); failing(e) == nil {
					r.diagnose(e, nil)
				}
			}
			return
		}
		refused = append([]Exchange{}, r.exchanges...)
		left := r.cfg.Wait() - waited
		if left <= 0 || ctx.Err() != nil {
			if r.cfg.Wait() > 0 {
				note := "Time did not cure it in " + span(waited)
				if d, ok := Lookup(found.ID); ok && d.Cure == Propagation {
					note += ": the fix is what is missing"
				}
				r.waited(false, note)
			}
			return
		}
		pause = min(pause, left)
		r.observe(Step{Stage: found.Stage, Title: fmt.Sprintf("%s; trying again in %s, for %s more", found.ID, span(pause), span(left)), Waiting: true})
		if !sleep(ctx, pause) {
			// What was found before the pause stands.
			r.waited(false, "The run was cancelled after "+span(time.Since(begin)))
			return
		}
	}
}

// waited records what the waiting came to, as the last step.
func (r *run) waited(cured bool, note string) {
	last := r.report.Steps[len(r.report.Steps)-1]
	s := Step{Stage: last.Stage, Title: "Waited for propagation", OK: cured, TookMS: r.setup.Waited.Milliseconds(), Note: note}
	r.report.Steps = append(r.report.Steps, s)
	r.observe(s)
}
