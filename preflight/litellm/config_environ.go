package litellm

import (
	"regexp"
	"strings"
	"sync"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// reference begins a value that LiteLLM takes from a variable.
const reference = "os.environ/"

// credentialListSince is the first LiteLLM with a credential_list; one before
// it ignores litellm_credential_name.
//
// exportsSince is the first LiteLLM that exports environment_variables as they
// are written. One before it exports the process's own value of the name, and
// the text None where there is none.
var (
	credentialListSince = sync.OnceValue(func() Version { return mustVersion("1.63.8") })
	exportsSince        = sync.OnceValue(func() Version { return mustVersion("1.74.2") })
)

// A reader turns a configuration's values into what LiteLLM has at run time.
//
// LiteLLM resolves every os.environ/NAME of the configuration before it exports
// environment_variables, with what the process had at its start; only a
// variable that itself holds os.environ/… is resolved, one step more, after
// that. Seen in 1.63.7, 1.81.12 and 1.109.1.
type reader struct {
	before Environment // the process's
	after  Environment // with environment_variables over it
	faults []Cause
}

// value reads one value. from says in words what it fills, param is its name.
func (r *reader) value(p part, from, param string) Value {
	v := Value{From: from, At: p.place()}
	switch {
	case p.null():
		return v
	case p.mapping(), p.list():
		v.Set, v.Type = true, Other
		return v
	}
	s := scalarOf(p.node)
	if name, ok := strings.CutPrefix(s.text, reference); ok && s.kind == String {
		return r.variable(name, v, param)
	}
	v.Set, v.Type, v.Text = true, s.kind, secret.New(s.text)
	return v
}

// variable reads a value from the variable of a name. v has the value's place.
func (r *reader) variable(name string, v Value, param string) Value {
	env := r.before
	for range 3 {
		name = strings.ReplaceAll(name, reference, "") // LiteLLM's own way
		shown := shownName(name)
		v.Var, v.From = shown, "variable "+shown
		if shown == "" {
			v.From = "a variable"
		}
		switch {
		case Refused(name):
			r.fault(EnvRefused, v, param, "it is one of the runner's own, which a configuration has no business with")
			return v
		case strings.HasPrefix(name, "oidc/"):
			r.fault(NotCheckable, v, param, "os.environ/oidc/… makes LiteLLM fetch an assertion when it starts and send that itself")
			return v
		}
		found := env(name)
		if !found.Set {
			r.fault(EnvMissing, v, param, "the variable is not set, which LiteLLM reads as None")
			return v
		}
		text := found.Text.Reveal()
		if next, ok := strings.CutPrefix(text, reference); ok {
			name, env = next, r.after
			continue
		}
		if id, why := unshowable(name, param, text); id != "" {
			r.faults = append(r.faults, Cause{ID: id, Value: v, Param: param, Detail: why, Breaks: true})
			return v
		}
		v.Set, v.Text = true, found.Text
		if b := strings.ToLower(strings.TrimSpace(text)); b == "true" || b == "false" {
			v.Type, v.Text = Boolean, secret.New(b)
		}
		return v
	}
	r.fault(EnvMissing, v, param, "the variable names another one, and so on")
	return v
}

func (r *reader) fault(id string, v Value, param, detail string) {
	r.faults = append(r.faults, Cause{ID: id, Value: v, Param: param, Detail: detail})
}

// Refused reports whether a variable is one of the runner's own, which no
// configuration may read or replace: they hold what authenticates the job.
func Refused(name string) bool {
	name = strings.ToUpper(strings.TrimSpace(name))
	for _, prefix := range []string{"ACTIONS_", "GITHUB_", "INPUT_", "RUNNER_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// referenceName is what a name may look like to be shown.
var referenceName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z0-9_.-]{1,100}$`)
})

// shownName is a variable's name, "" when it is none that could be shown.
func shownName(name string) string {
	if !referenceName().MatchString(name) {
		return ""
	}
	return name
}

// exports lays environment_variables over an environment, as v does it. The
// faults are those of variables that can decide how Azure OpenAI is called, and
// of the refused ones.
func (c *Config) exports(env Environment, v Version) (Environment, []Cause) {
	r := &reader{before: env}
	over := make(map[string]Value)
	r.after = func(name string) Value {
		if value, ok := over[name]; ok {
			return value
		}
		return env(name)
	}
	var faults []Cause
	section := c.sections["environment_variables"].part
	old := !v.IsZero() && v.Before(exportsSince())
	for _, f := range section.fields() {
		if f.name == "" {
			continue
		}
		name, p := f.name, section.of(f)
		from := "environment_variables." + shownName(name)
		if Refused(name) {
			faults = append(faults, Cause{ID: EnvRefused, Value: Value{From: from, At: p.place()}, Param: shownName(name),
				Detail: "environment_variables replaces one of the runner's own variables; it is left as it is"})
			continue
		}
		r.faults = nil
		value := r.value(p, from, shownName(name))
		for _, f := range r.faults {
			if f.ID == EnvRefused || decides(name) {
				faults = append(faults, f)
			}
		}
		value = exported(value, p)
		if old {
			value = inherited(env(name))
			if detail := "this LiteLLM does not export what environment_variables says: the process's own value stays"; decides(name) {
				if value.Text.Reveal() == "None" {
					detail = "this LiteLLM exports the text None for what environment_variables says, unless the process has the variable"
				}
				faults = append(faults, Cause{ID: EnvMissing, Value: Value{From: from, Var: shownName(name), At: p.place()}, Param: shownName(name), Detail: detail})
			}
		}
		value.From, value.Var, value.At = from, shownName(name), p.place()
		over[name] = value
	}
	return r.after, faults
}

// exported is the text that Python's str makes of a value.
func exported(v Value, p part) Value {
	switch {
	case !v.Set:
		v.Text = secret.New("None")
	case v.Type == Boolean:
		v.Text = secret.New(scalar{kind: Boolean, text: v.Text.Reveal()}.python())
	case v.Type == Number, v.Type == Date:
		v.Text = secret.New(scalarOf(p.node).python())
	}
	v.Set, v.Type = true, String
	return v
}

// inherited is what LiteLLM before exportsSince exports in place of a value.
func inherited(v Value) Value {
	if !v.Set {
		return Value{Set: true, Text: secret.New("None")}
	}
	if b := strings.ToLower(strings.TrimSpace(v.Text.Reveal())); b == "true" || b == "false" {
		v.Text = secret.New(scalar{kind: Boolean, text: b}.python())
	}
	return v
}

// decides reports whether a variable has a part in calls of Azure OpenAI.
func decides(name string) bool {
	name = strings.ToUpper(name)
	return strings.HasPrefix(name, "AZURE_") || strings.HasPrefix(name, "OPENAI_")
}
