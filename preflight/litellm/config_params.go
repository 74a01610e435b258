package litellm

import "slices"

// params are a model's parameters, with what its credential adds.
func (c *Config) params(p part, v Version, r *reader) map[string]Value {
	params := make(map[string]Value)
	for _, f := range p.fields() {
		if f.name != "" && f.name != "model" {
			r.param(params, p.of(f), f.name, "litellm_params.")
		}
	}
	if v.IsZero() || !v.Before(credentialListSince()) {
		c.credential(params, r)
	}
	return params
}

// param reads one parameter. A mapping of headers becomes one value each.
func (r *reader) param(params map[string]Value, p part, name, of string) {
	if name == "extra_headers" && p.mapping() {
		for _, f := range p.fields() {
			if f.name != "" {
				full := name + "." + f.name
				params[full] = r.value(p.of(f), of+full, full)
				r.headerType(params[full], full, of == "litellm_params.")
			}
		}
		return
	}
	v := r.value(p, of+name, name)
	params[name] = v
	if !v.Set || v.Type == String || !textual[name] || name == "organization" && p.list() {
		return
	}
	if name == "api_version" && v.Type == Date {
		r.faults = append(r.faults, Cause{ID: VersionInvalid, Value: v, Param: name, Breaks: true,
			Detail: "YAML reads it as a date, and LiteLLM wants text: it needs quotes"})
		return
	}
	// LiteLLM drops a deployment with such a value when it starts, and goes on
	// without it (up to 1.71 it does not start). A credential's are not looked at.
	r.faults = append(r.faults, Cause{ID: ConfigInvalid, Value: v, Param: name, Breaks: of == "litellm_params." && always[name],
		Detail: "LiteLLM wants text, and this is " + typeWords[v.Type]})
}

// headerType notes a header's value that YAML has read as something else than
// text, which no HTTP client sends.
func (r *reader) headerType(v Value, name string, breaks bool) {
	if v.Set && v.Type != String {
		r.faults = append(r.faults, Cause{ID: ConfigInvalid, Value: v, Param: name, Breaks: breaks, Detail: "a header's value has to be text, and this is " + typeWords[v.Type]})
	}
}

// textual are the parameters that LiteLLM wants as text, always those that
// every version refuses otherwise (the others: seen in 1.109.1, not in 1.81.12).
var (
	always = map[string]bool{"api_key": true, "api_base": true, "api_version": true, "custom_llm_provider": true, "organization": true, "region_name": true}

	textual = map[string]bool{"api_key": true, "api_base": true, "api_version": true, "custom_llm_provider": true, "organization": true, "region_name": true,
		"litellm_credential_name": true, "azure_ad_token": true, "tenant_id": true, "client_id": true,
		"client_secret": true, "azure_scope": true, "azure_username": true, "azure_password": true}

	typeWords = map[Type]string{Boolean: "a boolean", Number: "a number", Date: "a date", Other: "a list or a mapping"}
)

// ofCredential begins where a value of a credential_list's entry is from.
const ofCredential = "credential_values."

// credential fills what the parameters leave None from the entry of
// credential_list that they name. LiteLLM's deployments know no None: a
// parameter whose variable is not set is filled as one that is absent.
func (c *Config) credential(params map[string]Value, r *reader) {
	name := params["litellm_credential_name"]
	if name.Empty() {
		return
	}
	for _, entry := range c.sections["credential_list"].items {
		p, _ := entry.get("credential_name")
		own := &reader{before: r.before, after: r.after}
		if v := own.value(p, "credential_name", "credential_name"); v.Empty() || v.Text.Reveal() != name.Text.Reveal() {
			continue
		}
		values, _ := entry.get("credential_values")
		for _, f := range values.fields() {
			if f.name == "" || params[f.name].Set {
				continue
			}
			r.faults = slices.DeleteFunc(r.faults, func(c Cause) bool { return c.ID == EnvMissing && c.Param == f.name })
			r.param(params, values.of(f), f.name, ofCredential)
		}
		return
	}
	_, inDatabase := c.storeInDB()
	r.faults = append(r.faults, Cause{ID: CredentialNotFound, Value: name, Param: "litellm_credential_name",
		Certain: !inDatabase, Detail: "no entry of credential_list has this name, and LiteLLM goes on without it"})
}
