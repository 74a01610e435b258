package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A plan is what a client's models come to.
type plan struct {
	parts    []*part
	refused  []Target // the client itself cannot make these calls
	rows     []int    // of refused
	faulty   []faulty
	problems []*Problem
	notices  []*Problem
	models   int
}

// A faulty model is one whose settings have a problem of their own, which keeps
// nobody from calling the others.
type faulty struct {
	target  Target
	row     int
	problem *Problem
}

// planClient settles, without asking anyone, which credential the client sends
// for each of its models.
func (r *run) planClient() *plan {
	models, problems := r.models()
	pinned, admitted := r.pins()
	p := &plan{problems: append(pinned, problems...), notices: admitted}
	if len(pinned) > 0 {
		return p // before anybody is asked for a token
	}
	parts := map[string]*part{}
	var skipped []litellm.Model
	for i := range models {
		m := &models[i]
		if problem := misspelt(m); problem != nil {
			s := litellm.Resolve(m.Call)
			r.keepSending(m, &s)
			t, _ := r.target(m, &s)
			p.faulty = append(p.faulty, faulty{t, p.models, problem})
			p.models++
			continue
		}
		if m.Skip != "" {
			skipped = append(skipped, *m)
			for _, f := range m.Faults {
				if f.ID == litellm.EnvRefused {
					p.problems = append(p.problems, &Problem{ID: f.ID, Input: inert.Line(f.Param), Detail: "names " + orElse(inert.Line(f.Value.Var), "a variable") + ", which belongs to the runner and is not read for a file of the workspace", At: Location(f.Value.At)})
				}
			}
			continue
		}
		s := litellm.Resolve(m.Call)
		r.keepSending(m, &s)
		if refused := refusedAssertion(&s); refused != nil {
			m.Faults = append(m.Faults, *refused)
		} else if reason := r.notCallable(m, &s); reason != "" {
			m.Skip = reason
			skipped = append(skipped, *m)
			continue
		}
		t, problem := r.target(m, &s)
		row := p.models
		p.models++
		switch {
		case problem != nil && problem.ID == "cfg-endpoint-untrusted":
			// Whoever put that there wants the credential: nothing is called.
			p.problems = append(p.problems, problem)
		case problem != nil:
			p.faulty = append(p.faulty, faulty{t, row, problem})
		case s.Fails != nil || t.Client.broken() || s.URL == "":
			p.refused, p.rows = append(p.refused, t), append(p.rows, row)
		default:
			key, id, cfg := r.partOf(&s, &t)
			if parts[key] == nil {
				parts[key] = &part{id: id, cfg: cfg}
				p.parts = append(p.parts, parts[key])
			}
			part := parts[key]
			headers, added := addedHeaders(&s)
			part.targets, part.rows = append(part.targets, t), append(part.rows, row)
			part.headers, part.added = append(part.headers, headers), append(part.added, added)
		}
	}
	for _, part := range p.parts {
		part.cfg.Targets = part.targets
	}
	p.setMalformedAside(r)
	if len(p.parts) == 0 && len(p.refused) == 0 {
		for _, f := range p.faulty {
			p.problems = append(p.problems, f.problem)
		}
	}
	if r.job.Untrusted() {
		p.problems = append(p.withheld(), p.problems...)
	}
	p.tellSkipped(skipped, r.cfg.LiteLLMConfig)
	return p
}

// setMalformedAside takes the parts out whose credential cannot work by its
// form alone: each of their models is then a faulty one.
func (p *plan) setMalformedAside(r *run) {
	p.parts = slices.DeleteFunc(p.parts, func(part *part) bool {
		problems := append(part.malformed(r.cfg), part.id.problems(part.cfg, r.job)...)
		for _, problem := range problems {
			for i, t := range part.targets {
				own := *problem
				if at := t.locate(own.ID); own.At == (Location{}) && at != nil {
					own.At = *at
				}
				p.faulty = append(p.faulty, faulty{t, part.rows[i], &own})
			}
		}
		return len(problems) > 0
	})
}

// tellSkipped notes the models that are not called. Where there are no others,
// that is a problem.
func (p *plan) tellSkipped(skipped []litellm.Model, config string) {
	if len(skipped) == 0 {
		return
	}
	p.notices = append(p.notices, &Problem{ID: litellm.NotCheckable, Input: "litellm-config", Value: clipValue(config),
		Detail: fmt.Sprintf("has %s that this check does not call%s", count(len(skipped), "model"), skippedModels(skipped)), At: Location(skipped[0].Call.At)})
	if p.models == 0 && len(p.problems) == 0 {
		p.problems = append(p.problems, &Problem{ID: "cfg-input-invalid", Input: "litellm-config", Value: clipValue(config),
			Detail: "has no model that this check can call" + skippedModels(skipped), Allowed: "at least one model that can be called"})
	}
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// client is what is known of the client whose plan this is, nil when all of its
// models have problems of their own.
func (p *plan) client() *ClientEvidence {
	switch {
	case len(p.refused) > 0:
		return p.refused[0].Client
	case len(p.parts) > 0:
		return p.parts[0].targets[0].Client
	}
	return nil
}

// unready counts the models that no call can be made of.
func (p *plan) unready() int { return len(p.refused) + len(p.faulty) }

func (p *plan) title() string {
	if bad := p.unready(); bad > 0 {
		return fmt.Sprintf("The client has what it needs for its calls (%d of %d)", p.models-bad, p.models)
	}
	return "The client has what it needs for its calls"
}

// note says whose rules decided, and what they come to.
func (p *plan) note() string {
	c := p.client()
	if c == nil {
		return ""
	}
	var sends []string
	for _, part := range p.parts {
		if s := part.id.describe(); !slices.Contains(sends, s) && len(sends) < 5 {
			sends = append(sends, s)
		}
	}
	note := clientName(&Evidence{Target: &Target{Client: c}})
	if c.Stated != "" {
		note += " (from " + c.Stated + ")"
	}
	if len(sends) > 0 {
		note += " sends " + strings.Join(sends, ", ")
	}
	return note
}

// refusedAssertion is the fault of an assertion that is to be read from a
// variable of the runner's own, nil for any other.
func refusedAssertion(s *litellm.Sending) *litellm.Cause {
	name, ok := strings.CutPrefix(s.Credential.Text.Reveal(), "oidc/env/")
	if s.Source != litellm.FromOIDC || !ok || !litellm.Refused(name) {
		return nil
	}
	v := litellm.Value{Var: clipValue(name), From: s.Credential.From, At: s.Credential.At}
	return &litellm.Cause{ID: litellm.EnvRefused, Value: v, Param: "azure_ad_token", Breaks: true}
}

// withheld explains by the kind of run what the client lacks: GitHub gives a
// fork's or Dependabot's run an empty text for every secret.
func (p *plan) withheld() []*Problem {
	var empty []string
	for _, t := range p.refused {
		for _, c := range t.Client.Causes {
			if c.Breaks && c.Var != "" && c.State != EnvSet && !slices.Contains(empty, c.Var) {
				empty = append(empty, c.Var)
			}
		}
	}
	if empty == nil {
		return nil
	}
	return []*Problem{{ID: "cfg-secrets-empty-untrusted", Input: empty[0], Detail: "is empty", Empty: empty}}
}
