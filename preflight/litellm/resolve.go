package litellm

import (
	"maps"
	"slices"
	"strings"
)

// Resolve decides what a call sends: which credential, in which header, to
// which address, and what stays unused, with the rules of the client's release.
// It asks nobody and never fails; what the client itself would raise is in
// [Sending.Fails].
func Resolve(c Call) Sending {
	if c.Env == nil {
		c.Env = func(string) Value { return Value{} }
	}
	r := &resolver{Call: c}
	r.out.Credential = unset("")
	r.out.Band = make(map[string]string)
	r.headers()
	if c.Client == OpenAI {
		r.openAI()
	} else {
		r.liteLLM()
	}
	r.out.Kind = r.Kind
	r.headerTypes()
	r.besides()
	r.findCauses()
	return r.out
}

// A resolver holds what is known so far about one call.
type resolver struct {
	Call
	out         Sending
	name        string      // the model without its provider
	sources     []candidate // every credential that is configured, in no order
	refresh     refreshed   // what enable_azure_ad_token_refresh came to
	series      bool        // the path of o-series names of the releases that build their own client for it
	unknownType bool        // DSPy's model_type is one that its release does not know
	keyOnly     bool        // this path knows nothing but keys
	late        *Failure    // what the address makes fail once the credentials are accepted
	common      bool        // the headers are litellm.headers
	letters     string      // what the path does about a header in other letters: as sdkHeaders, "" for the paths without the SDK, which tell them apart
	tokenLate   bool        // what is sent is a token that the SDK asks for after it has looked at the headers
	asked       bool        // the call was resolved as far as the choice of a credential
	unasserted  bool        // GitHub cannot be asked for the ID token that the credential begins with

	exchanged *candidate // what an exchange on the side was for

	// fallback is what the Router takes where the parameters are empty.
	fallback struct{ base, key Value }
}

// A candidate is a credential that is configured, sent or not.
type candidate struct {
	source Source
	value  Value            // what holds it: the key, the token, the client secret; unset for a provider in code
	entra  map[string]Value // what acquiring it needs
	scope  Value            // unset: LiteLLM's default
	why    string           // when it is known that the path drops it: the reason, a clause
}

// param is a parameter of the call, or of the configuration's litellm_params.
func (r *resolver) param(name string) Value {
	if v, ok := r.Params[name]; ok && v.Set {
		return v
	}
	return unset("litellm_params." + name)
}

// global is an attribute of the module litellm.
func (r *resolver) global(name string) Value {
	if v, ok := r.Globals[name]; ok && v.Set {
		return v
	}
	return unset("litellm." + name)
}

// variable is what os.environ holds.
func (r *resolver) variable(name string) Value {
	v := r.Env(name)
	if v.Set && v.Var == "" {
		v.Var = name
	}
	if v.From == "" {
		v.From = "variable " + name
	}
	return v
}

// secret is what LiteLLM's get_secret_str makes of a variable: true and false
// become booleans, which are then no text.
func (r *resolver) secret(name string) Value {
	v := r.variable(name)
	if v.Set && isBool(v.Text.Reveal()) {
		return unset("variable " + name)
	}
	return v
}

// isBool reports whether LiteLLM reads a text as a boolean.
func isBool(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	return s == "true" || s == "false"
}

// or is Python's: the first that is true, else the last, so that an empty
// variable at the end of a chain is what comes out of it.
func or(values ...Value) Value {
	last := Value{}
	for _, v := range values {
		if !v.Empty() {
			return v
		}
		last = v
	}
	return last
}

// set is the first that is not None.
func set(values ...Value) Value {
	last := Value{}
	for _, v := range values {
		if v.Set {
			return v
		}
		last = v
	}
	return last
}

// does is what this call's LiteLLM does about a decision. It is noted when
// another release would do otherwise.
func (r *resolver) does(decision string) string {
	d := decide("litellm", decision, r.Versions.LiteLLM)
	r.out.Band[decision] = d
	return d
}

// sdkDoes is [resolver.does] for openai-python.
func (r *resolver) sdkDoes(decision string) string {
	d := decide("openai", decision, r.Versions.OpenAI)
	r.out.Band[decision] = d
	return d
}

// fail notes the first exception; what comes after it does not happen.
func (r *resolver) fail(class, text string) {
	if r.out.Fails == nil {
		r.out.Fails = &Failure{Type: class, Text: text}
	}
}

// offer notes a credential that is configured.
func (r *resolver) offer(c candidate) { r.sources = append(r.sources, c) }

// refreshOn reports whether enable_azure_ad_token_refresh is Python's True.
// YAML's text "true" is not; os.environ/NAME is, since LiteLLM makes a boolean
// of it.
func (r *resolver) refreshOn() bool {
	v := r.global("enable_azure_ad_token_refresh")
	return v.Set && v.Type == Boolean && strings.EqualFold(v.Text.Reveal(), "true")
}

// keys is the chain that LiteLLM takes an Azure key from.
func (r *resolver) keys() Value {
	if k := r.Kind; k == Embedding || k == Transcription {
		return or(r.param("api_key"), r.global("api_key"), r.global("azure_key"), r.secret("AZURE_API_KEY"))
	}
	return or(r.param("api_key"), r.global("api_key"), r.global("azure_key"),
		r.secret("AZURE_OPENAI_API_KEY"), r.secret("AZURE_API_KEY"))
}

// send settles what goes along: which credential, in which header.
func (r *resolver) send(c candidate, header string, bearer bool) {
	r.asked = true
	r.out.Source, r.out.Credential, r.out.Entra = c.source, c.value, c.entra
	r.out.Header, r.out.Bearer = header, bearer
	if c.source.AcquiredToken() && c.source != FromProvider {
		r.out.Scope, r.out.ScopeFrom = scopeText(c.scope), c.scope
	}
	for _, o := range r.sources {
		if o.source == c.source && same(o.value, c.value) {
			continue
		}
		r.out.Shadowed = append(r.out.Shadowed, Shadowed{Source: o.source, By: c.value, Of: o.value, Reason: o.why})
	}
}

// sendNothing settles that no credential goes along.
func (r *resolver) sendNothing() {
	r.asked = true
	r.out.Source = FromNone
	for _, o := range r.sources {
		r.out.Shadowed = append(r.out.Shadowed, Shadowed{Source: o.source, Of: o.value, Reason: o.why})
	}
}

// defaultScope is the one that LiteLLM asks for unless told otherwise, in every
// cloud.
const defaultScope = "https://cognitiveservices.azure.com/.default"

func scopeText(v Value) string {
	if v.Set {
		return v.Text.Reveal()
	}
	return defaultScope
}

// headers notes extra_headers: the SDK and LiteLLM both leave a header alone
// that is there already.
func (r *resolver) headers() {
	for name, v := range r.Params {
		h, ok := strings.CutPrefix(name, "extra_headers.")
		if !ok || !v.Set {
			continue
		}
		if r.out.Extra == nil {
			r.out.Extra = make(map[string]Value)
		}
		r.out.Extra[h] = v
	}
}

// headerTypes is the HTTP client's refusal of a header whose value YAML has read as
// something else than text. It comes before anything that sending could refuse.
func (r *resolver) headerTypes() {
	if r.out.Source == "" && r.out.Fails == nil || r.unasserted {
		return // another provider's, or nothing is sent
	}
	const refused = "Header value must be str or bytes"
	if f := r.out.Fails; f != nil && f.Type != "APIConnectionError" && f.Type != "UnsupportedProtocol" && f.Type != "LocalProtocolError" && !strings.HasPrefix(f.Text, refused) {
		return
	}
	for _, v := range r.out.Extra {
		if v.Set && v.Type != String {
			r.out.Fails = &Failure{Type: "TypeError", Text: refused} // of two, whichever comes first
			if r.out.Provider != "azure_ai" && r.letters != "" && r.byAddress() {
				r.out.Fails = &Failure{Type: "ValidationError", Text: "validation error for nullable[dict[str,str]]"}
			}
		}
	}
}

// commonHeaders notes litellm.headers, which completion takes where the call has
// none of its own; those of DSPy have.
func (r *resolver) commonHeaders() {
	if len(r.out.Extra) > 0 || r.Client == DSPy && decide("dspy", dspyHeaders, r.Versions.DSPy) == "own" {
		return
	}
	for name, v := range r.Globals {
		h, ok := strings.CutPrefix(name, "headers.")
		if !ok || !v.Set {
			continue
		}
		if r.out.Extra == nil {
			r.out.Extra = make(map[string]Value)
		}
		r.out.Extra[h], r.common = v, true
	}
}

// same reports whether two values are one: from the same place, with the same
// text.
func same(a, b Value) bool {
	return a.Set == b.Set && a.From == b.From && a.Var == b.Var && a.At == b.At && a.Text.Reveal() == b.Text.Reveal()
}

// ownCredential is the first header of extra_headers, by name, that is a
// credential.
func (r *resolver) ownCredential() (name string, v Value, ok bool) {
	for _, n := range slices.Sorted(maps.Keys(r.out.Extra)) {
		if l := strings.ToLower(n); l == "authorization" || l == "api-key" {
			return n, r.out.Extra[n], true
		}
	}
	return "", Value{}, false
}
