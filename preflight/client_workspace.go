package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// What the workspace says about the client: its version, and a .env file that
// it would load.

// maxRequirements bounds a lock file, maxAllRequirements all of them, maxListed
// the names of a folder that are looked at.
const (
	maxRequirements    = 10 << 20
	maxAllRequirements = 40 << 20
	maxListed          = 2000
)

// versions are those of the client's libraries: what litellm-version says, else
// what the workspace's lock or requirements files pin.
func (r *run) versions() litellm.Versions {
	left := maxAllRequirements
	read := func(name string) ([]byte, error) {
		data, err := readConfined(r.w, name, int64(min(maxRequirements, left)))
		left -= len(data)
		return data, err
	}
	root, below := r.requirementFiles()
	reqs := litellm.FindRequirements(read, func() []string { return root })
	others := litellm.FindRequirements(read, func() []string { return below })
	r.pinned = litellm.Compromised(slices.Concat(reqs, others))
	decided := func(pkg string) litellm.Version {
		req, ok := litellm.Decide(reqs, pkg)
		if !ok {
			req, ok = litellm.Agreed(others, pkg)
		}
		if !ok || req.Newest.IsZero() {
			return litellm.Version{}
		}
		if main := r.cfg.Client == litellm.OpenAI; main == (pkg == "openai") && (pkg == "openai" || pkg == "litellm") {
			r.versionStated, r.versionAt = fmt.Sprintf("%s:%d", inert.Line(req.File), req.At.Line), Location(req.At)
		}
		return req.Newest
	}
	v := litellm.Versions{LiteLLM: decided("litellm"), OpenAI: decided("openai"), DSPy: decided("dspy")}
	if !r.cfg.LiteLLMVersion.IsZero() {
		v.LiteLLM, r.versionStated, r.versionAt = r.cfg.LiteLLMVersion, r.cfg.Sources["litellm-version"], Location{}
	}
	if r.cfg.Client != litellm.OpenAI && !pinsExactly(reqs, others, "openai") {
		main, _ := litellm.Decide(reqs, "litellm")
		r.sdkAssumed = "as pip installs it today"
		newest := litellm.NewestSDK(v.LiteLLM)
		if !r.cfg.LiteLLMVersion.IsZero() || main.Lock {
			r.sdkAssumed = "of that release's own time"
			newest = litellm.ContemporarySDK(v.LiteLLM)
		}
		if newest.Before(v.OpenAI) {
			v.OpenAI = newest
		}
	}
	return v
}

// pinsExactly reports whether a file tells a package's version, and not just a range.
func pinsExactly(reqs, others []litellm.Requirement, pkg string) bool {
	req, ok := litellm.Decide(reqs, pkg)
	if !ok {
		req, ok = litellm.Agreed(others, pkg)
	}
	return ok && !req.Exact.IsZero()
}

// dotEnv is what a .env file of the checkout adds to the client's environment.
// One that only some ways of starting the suite would load adds nothing, and is
// told of when it would decide.
func (r *run) dotEnv() map[string]litellm.Value {
	env := r.environment(nil)
	if r.cfg.Client == litellm.OpenAI || !litellm.LoadsDotEnv(env) {
		return nil
	}
	files, certain := litellm.DotEnvFiles(litellm.VirtualEnvironments(func(name string) bool { return existsConfined(r.w, name) }))
	for _, name := range files {
		data, err := readConfined(r.w, name, maxClientConfig)
		if err != nil {
			continue
		}
		values := litellm.ParseDotEnv(data, name, env)
		for variable, v := range values {
			if v.Set && secretName(variable) {
				r.vault.keep(v.Text.Reveal())
			}
		}
		if certain {
			if values == nil && len(data) > 0 {
				r.told = append(r.told, &Problem{ID: litellm.DotEnv, Input: inert.Line(name), Detail: "is not UTF-8, so that importing litellm fails", At: Location{File: inert.Line(name), Line: 1, Column: 1}})
			}
			return values
		}
		for _, s := range shadowing {
			if v, ok := values[s.name]; ok && v.Set && !env(s.name).Set {
				r.told = append(r.told, &Problem{ID: litellm.DotEnv, Input: s.name, Source: inert.Line(name), At: Location(v.At),
					Detail: "stands in a .env file, which LiteLLM loads only where the suite is traced or interactive (pytest --cov, python -c), or its virtual environment is in the checkout"})
			}
		}
		return nil
	}
	return nil
}

// noteConfig tells what a reader of the configuration's files cannot see, and
// what is wrong with it as a whole.
func (r *run) noteConfig(f litellm.Facts) (refused []*Problem) {
	tell := func(detail string) {
		r.told = append(r.told, &Problem{ID: litellm.NotCheckable, Input: "litellm-config", Value: clipValue(r.cfg.LiteLLMConfig), Detail: detail})
	}
	if f.SecretManager.Set {
		tell("has a key_management_system, whose values are looked up before the environment and are not seen here")
	}
	if f.StoreInDB.Set {
		tell("has store_model_in_db, and the models of the database are not seen here")
	}
	for _, c := range f.Faults {
		p := &Problem{ID: litellm.NotCheckable, Input: inert.Line(c.Param), Detail: "has no value that is seen here: " + inert.Line(c.Detail), At: Location(c.Value.At)}
		switch c.ID {
		case litellm.ConfigNotFound:
			p.ID, p.Input, p.Value, p.Detail = c.ID, "litellm-config", clipValue(r.cfg.LiteLLMConfig), inert.Line(c.Detail)
			refused = append(refused, p)
			continue
		case litellm.EnvRefused:
			p.ID, p.Detail = c.ID, inert.Line(c.Detail)
			refused = append(refused, p)
			continue
		}
		r.told = append(r.told, p)
	}
	return refused
}

// pins are the releases that steal credentials, as problems: those that are
// pinned end the run, those that are merely admitted are told.
func (r *run) pins() (pinned, admitted []*Problem) {
	causes := slices.Clone(r.pinned)
	for _, bad := range litellm.CompromisedReleases() {
		if v, ok := litellm.ParseVersion(bad.Version); ok && !r.cfg.LiteLLMVersion.IsZero() && r.cfg.LiteLLMVersion.Compare(v) == 0 {
			causes = append(causes, litellm.Cause{ID: litellm.VersionCompromised, Param: "litellm-version", Detail: "litellm-version is " + bad.Version + ", which " + bad.Does})
		}
	}
	for _, c := range causes {
		p := &Problem{ID: c.ID, Input: c.Param, Detail: inert.Line(c.Detail), At: Location(c.Value.At)}
		if p.Input == "" {
			p.Input = "litellm"
		}
		if c.ID == litellm.VersionCompromised {
			pinned = append(pinned, p)
		} else {
			admitted = append(admitted, p)
		}
	}
	return pinned, append(admitted, r.told...)
}

// clientNotices adds what is worth knowing about a client whose calls went
// well: that another credential than the token was what went well, above all.
func (r *run) clientNotices() {
	if r.report.Verdict == Skipped {
		return
	}
	for _, p := range r.plan.notices {
		e := r.evidence(nil, nil)
		e.Problem = p
		r.diagnose(e, nil)
	}
	row := map[int]Verdict{}
	for i, t := range r.report.Targets {
		row[i] = t.Verdict
	}
	for _, part := range r.plan.parts {
		for i := range part.targets {
			t := &part.targets[i]
			if v := row[part.rows[i]]; v == Fail || v == "" {
				continue
			}
			for _, c := range t.Client.Causes {
				r.noteCause(t, c)
			}
		}
	}
}

// noteCause tells of a cause that broke nothing this time.
func (r *run) noteCause(t *Target, c ClientCause) {
	p := &Problem{ID: c.ID, Input: cmp.Or(c.Var, c.Param), Source: c.From, Detail: c.Detail, At: c.At}
	switch c.ID {
	case litellm.KeyShadowsToken, litellm.StaticTokenShadows, litellm.UserSignIn, litellm.HeaderOverridden:
		p.ID = "cfg-credential-shadowed"
		p.Detail = cmp.Or(c.Detail, "is what the client sends instead of the token") + "; it is accepted today, and the token is not what was proved"
		if inConfiguration(c.At) {
			p.Input, p.Detail = c.Param, "decides that, which is accepted today"
		}
	case litellm.OIDCOutlived, litellm.DSPyCache:
	case litellm.EnvMissing:
		if !c.unfilled() {
			return
		}
		p.Source, p.Detail = "", "is not set in this step, and "+orElse(c.Param, "a key")+" of the configuration names it: LiteLLM takes it for nothing and goes on without"
	default:
		return
	}
	e := r.evidence(nil, nil)
	e.Problem, e.Target = p, t
	e.Setup.Shadows = []Shadow{{Name: p.Input, State: c.State, Source: c.From, Effect: p.Detail}}
	f, ok := Diagnose(e)
	if !ok {
		return
	}
	f.Severity = SeverityNotice
	if strings.HasPrefix(f.ID, "litellm-") || f.ID == "cfg-credential-shadowed" {
		f.Targets = []string{t.String()}
	}
	f.place(t)
	if p.ID == c.ID {
		f.Evidence = []string{} // the cause says it all
	}
	r.report.add(f)
}
