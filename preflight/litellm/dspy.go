package litellm

import "strings"

// dspyText resolves DSPy's model_type "text", and reports whether the call is
// of it. DSPy rewrites the model to another provider, so that azure/x becomes a
// completion of OpenAI's own service, and takes key and address from variables
// whose names keep the prefix's case: azure_API_KEY.
func (r *resolver) dspyText() bool {
	if r.Kind != Completion {
		return false
	}
	provider, name, found := strings.Cut(r.Model, "/")
	if !found {
		provider, name = "openai", r.Model
	}
	r.out.Provider, r.out.Deployment, r.out.InBody = "text-completion-openai", name, true
	r.name = name
	key := or(r.param("api_key"), r.variable(clip(provider)+"_API_KEY"))
	base := or(r.param("api_base"), r.variable(clip(provider)+"_API_BASE"), r.global("api_base"),
		r.variable("OPENAI_BASE_URL"), r.variable("OPENAI_API_BASE"))
	key = or(key, r.global("api_key"), r.global("openai_key"), r.variable("OPENAI_API_KEY"))
	r.openAIService(key, base, "/completions")
	return true
}
