package litellm

import (
	"maps"
	"strings"
)

// dspyText resolves what DSPy's model_type "text" makes of a call: it rewrites
// the model to another provider, so that azure/x becomes a completion of
// OpenAI's own service, and takes key and address from variables whose names
// keep the prefix's case: azure_API_KEY. Releases that do not know "responses"
// take it for "text".
func (r *resolver) dspyText() {
	if r.Kind == Responses && decide("dspy", dspyResponses, r.Versions.DSPy) == "text" {
		r.Kind, r.unknownType = Completion, true
	}
	if r.Kind != Completion {
		return
	}
	provider, name, found := strings.Cut(r.Model, "/")
	if !found {
		provider, name = "openai", r.Model
	}
	r.Model = "text-completion-openai/" + name
	rewritten := maps.Clone(r.Params)
	for param, end := range map[string]string{"api_key": "_API_KEY", "api_base": "_API_BASE"} {
		rewritten[param] = or(r.param(param), r.variable(clip(provider)+end))
	}
	r.Params = rewritten
}
