package litellm

import (
	"slices"
	"strings"
)

// A Model is an entry of model_list: the call that LiteLLM makes of it.
type Model struct {
	Call        Call   // its Versions are those that [Config.Models] was given
	Skip        string // why it is not called, in words, "" when it is: "provider openai", "mode realtime"
	KindGuessed bool   // Call.Kind is told by a name, not by model_info.mode
	// Wildcard reports that litellm_params.model is a pattern; Call.Model is
	// model_info.health_check_model then, if there is one.
	Wildcard bool
	// Faults are what was found while reading: EnvMissing, EnvRefused,
	// CredentialNotFound, VersionInvalid (a date), ConfigInvalid (a value of
	// the wrong type), NotCheckable.
	Faults []Cause

	written string // litellm_params.model, before health_check_model
}

// Models are the calls that LiteLLM's proxy makes of the configuration, in the
// order of model_list, with the variables of the process that runs it. No
// variable is looked up for a model that is skipped, but for those in its name,
// its provider and its environments.
func (c *Config) Models(env Environment, versions Versions) []Model {
	after, _ := c.exports(env, versions.LiteLLM)
	globals, _ := c.globals(env, after)
	entries := c.sections["model_list"].items
	models := make([]Model, 0, len(entries))
	for _, entry := range entries {
		m := Model{Call: Call{Client: Proxy, Globals: globals, Env: after, Versions: versions}}
		c.model(&m, entry, &reader{before: env, after: after})
		models = append(models, m)
	}
	return models
}

// model reads one entry.
func (c *Config) model(m *Model, entry part, r *reader) {
	alias, _ := entry.get("model_name")
	m.Call.Alias, _ = alias.text()
	params, _ := entry.get("litellm_params")
	info, _ := entry.get("model_info")

	name, _ := params.get("model")
	model := r.value(name, "litellm_params.model", "model")
	m.written, m.Call.Model, m.Call.At = model.Text.Reveal(), model.Text.Reveal(), name.place()
	m.Wildcard = isWildcard(m.written)
	if check, ok := info.get("health_check_model"); ok && m.Wildcard {
		if v := r.value(check, "model_info.health_check_model", "health_check_model"); !v.Empty() {
			m.Call.Model, m.Call.At = v.Text.Reveal(), check.place()
		}
	}
	m.kind(info, r)
	provider, _ := params.get("custom_llm_provider")
	peek := &reader{before: r.before, after: r.after} // it is read again with the parameters
	custom := peek.value(provider, "litellm_params.custom_llm_provider", "custom_llm_provider")
	if m.Skip = m.skip(info, custom.Text.Reveal(), r); m.Skip == "" {
		m.Call.Params = c.params(params, m.Call.Versions.LiteLLM, r)
		if providerOf(m.Call.Model, m.Call.Params["custom_llm_provider"].Text.Reveal()) == "" && !m.looksAzure() {
			m.Skip = "no provider's prefix"
			r.faults = nil
		}
	}
	m.Faults = r.faults
}

// kind fills Call.Kind.
func (m *Model) kind(info part, r *reader) {
	mode, _ := info.get("mode")
	m.Call.Kind = Kind(r.value(mode, "model_info.mode", "mode").Text.Reveal())
	if strings.HasPrefix(m.Call.Model, "azure/responses/") {
		m.Call.Kind = Responses
	}
	if m.Call.Kind != "" {
		return
	}
	base, _ := info.get("base_model")
	name := r.value(base, "model_info.base_model", "base_model").Text.Reveal()
	if name == "" {
		name = m.Call.Model
	}
	if m.Call.Kind, m.KindGuessed = guessKind(name); !m.KindGuessed {
		m.Call.Kind = Chat
	}
}

// skip is why the model is not called, "" when it is.
func (m *Model) skip(info part, custom string, r *reader) string {
	if m.Call.Model == "" {
		return "no model's name"
	}
	if p := providerOf(m.Call.Model, custom); p != "" && !azureProviders[p] {
		return shownProvider(p)
	}
	if isWildcard(m.Call.Model) {
		return "a wildcard without health_check_model"
	}
	if !kinds[m.Call.Kind] {
		return "a mode that LiteLLM does not know"
	}
	if uncallable[m.Call.Kind] {
		return "mode " + string(m.Call.Kind)
	}
	if where, ok := info.get("supported_environments"); ok && !where.null() {
		own := r.after("LITELLM_ENVIRONMENT")
		if !own.Set {
			return "supported_environments without LITELLM_ENVIRONMENT"
		}
		if !slices.ContainsFunc(where.items(), func(p part) bool { name, _ := p.text(); return name == own.Text.Reveal() }) {
			return "not for this LITELLM_ENVIRONMENT"
		}
	}
	return ""
}

// looksAzure reports whether a model without a provider's prefix was meant for
// Azure OpenAI: then it is worth a finding.
func (m *Model) looksAzure() bool {
	for _, name := range []string{"api_base", "base_url"} {
		if strings.Contains(strings.ToLower(m.Call.Params[name].Text.Reveal()), "azure") {
			return true
		}
	}
	for name := range m.Call.Params {
		if name == "api_version" || name == "tenant_id" || strings.HasPrefix(name, "azure_") {
			return true
		}
	}
	return false
}

// Select are the models that a list names, by model_name or by
// litellm_params.model, separated by commas or lines; all of them for an empty
// list. unknown are the names that no model has, in the list's order.
func Select(models []Model, list string) (selected []Model, unknown []string) {
	wanted := make(map[string]bool)
	var names []string
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
			wanted[name] = false
		}
	}
	if len(names) == 0 {
		return models, nil
	}
	for _, m := range models {
		hit := false
		for _, name := range []string{m.Call.Alias, m.written, m.Call.Model} {
			if _, ok := wanted[name]; ok {
				wanted[name], hit = true, true
			}
		}
		if hit {
			selected = append(selected, m)
		}
	}
	for _, name := range names {
		if !wanted[name] {
			unknown = append(unknown, name)
		}
	}
	return selected, unknown
}
