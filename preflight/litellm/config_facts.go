package litellm

import (
	"slices"
	"strings"
)

// Facts are what a configuration says about all of its models.
type Facts struct {
	// SecretManager is general_settings.key_management_system. When it is set,
	// variables are looked for in a secret manager first, which nobody here sees.
	SecretManager Value
	// StoreInDB is general_settings.store_model_in_db, when it is on: there can
	// be more models, credentials and settings than the files have.
	StoreInDB Value
	// Refresh is litellm_settings.enable_azure_ad_token_refresh.
	Refresh Value
	// CustomGlobals are the keys of litellm_settings that take part in every
	// model's call, sorted: api_base, api_key and the like.
	CustomGlobals []string
	// Faults belong to no model: a variable of environment_variables or of
	// litellm_settings that is not set or refused, an include that this release
	// does not find (ConfigNotFound).
	Faults []Cause
}

// Facts reads what concerns the whole configuration.
func (c *Config) Facts(env Environment, versions Versions) Facts {
	after, faults := c.exports(env, versions.LiteLLM)
	globals, more := c.globals(env, after)
	f := Facts{Refresh: globals["enable_azure_ad_token_refresh"], Faults: append(faults, more...)}
	if decide("litellm", includeBase, versions.LiteLLM) == "first-file" {
		for _, at := range c.beside {
			f.Faults = append(f.Faults, Cause{ID: ConfigNotFound, Value: Value{Set: true, From: "include", At: at}, Param: "include", Breaks: true,
				Detail: "includes a file that LiteLLM " + versions.LiteLLM.String() + " looks for next to the first file, where it is not: it does not start"})
		}
	}
	r := &reader{before: env, after: after}
	if p, ok := c.sections["general_settings"].part.get("key_management_system"); ok {
		f.SecretManager = r.value(p, "general_settings.key_management_system", "key_management_system")
	}
	if p, on := c.storeInDB(); on {
		f.StoreInDB = r.value(p, "general_settings.store_model_in_db", "store_model_in_db")
	}
	for name := range globals {
		if custom(name) {
			f.CustomGlobals = append(f.CustomGlobals, name)
		}
	}
	slices.Sort(f.CustomGlobals)
	return f
}

// storeInDB reports whether models may come from a database as well.
func (c *Config) storeInDB() (p part, on bool) {
	p, _ = c.sections["general_settings"].part.get("store_model_in_db")
	if p.null() || p.mapping() || p.list() {
		return p, false
	}
	return p, !strings.EqualFold(scalarOf(p.node).text, "false")
}

// globals are litellm_settings: each key becomes an attribute of the module.
// The faults are those of keys that take part in a call.
func (c *Config) globals(env, after Environment) (map[string]Value, []Cause) {
	r := &reader{before: env, after: after}
	globals := make(map[string]Value)
	var faults []Cause
	settings := c.sections["litellm_settings"].part
	for _, f := range settings.fields() {
		if f.name == "" {
			continue
		}
		r.faults = nil
		p := settings.of(f)
		if f.name == "headers" && p.mapping() {
			for _, h := range p.fields() {
				if h.name != "" {
					full := "headers." + h.name
					globals[full] = r.value(p.of(h), "litellm_settings."+full, full)
					r.headerType(globals[full], full, false)
				}
			}
		} else {
			globals[f.name] = r.value(p, "litellm_settings."+f.name, f.name)
		}
		for _, fault := range r.faults {
			if fault.ID == EnvRefused || custom(f.name) || f.name == "enable_azure_ad_token_refresh" {
				faults = append(faults, fault)
			}
		}
	}
	return globals, faults
}

// custom reports whether an attribute of the module takes part in a call.
func custom(name string) bool {
	switch name {
	case "api_key", "api_base", "api_version", "azure_key", "openai_key", "headers", "organization":
		return true
	}
	return strings.HasPrefix(name, "headers.")
}
