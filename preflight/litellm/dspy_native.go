package litellm

import "strings"

// dspyNative resolves DSPy's own engine, which from 3.4.0 on takes the calls
// that name neither an address nor anything else that only LiteLLM knows, and
// reports whether this call is of them. Its rules are not LiteLLM's: the
// resource comes from AZURE_OPENAI_ENDPOINT, the route is v1, without a key it
// signs in by a chain of its own, and its tokens are for https://ai.azure.com.
func (r *resolver) dspyNative() bool {
	if r.Kind != Chat && r.Kind != "" && r.Kind != Responses || r.Provider {
		return false
	}
	prefix, name, found := strings.Cut(r.Model, "/")
	if !found {
		prefix, name = "openai", r.Model
	}
	chats := openAIModels().MatchString(name) && !strings.HasPrefix(name, "text-embedding-")
	if prefix != "azure" && (prefix != "openai" || !found && !chats) || decide("dspy", dspyEngine, r.Versions.DSPy) != "own" {
		return false
	}
	for param, v := range r.Params {
		switch param {
		case "api_key", "model_type", "timeout":
		case "api_base", "base_url":
			if prefix == "azure" {
				return false // named is enough, None too
			}
		case "api_version", "organization", "custom_llm_provider":
			return false
		default:
			if v.Set {
				return false
			}
		}
	}
	for _, end := range []string{"_API_BASE", "_BASE_URL"} {
		if found && !r.variable(clip(strings.ToUpper(prefix))+end).Empty() {
			return false
		}
	}
	r.out.Band[dspyEngine] = "own"
	r.name, r.out.Deployment, r.out.InBody = name, name, true
	key := r.param("api_key")
	if _, there := r.Params["api_key"]; there && key.Empty() {
		r.fail("LMNotConfiguredError", "empty credential under ")
	}
	if prefix == "azure" {
		r.nativeAzure(key)
	} else {
		r.nativeOpenAI(key)
	}
	return true
}

// nativeAzure is that engine's way to Azure.
func (r *resolver) nativeAzure(key Value) {
	r.out.Provider, r.out.Azure = "azure", true
	endpoint, resource := r.variable("AZURE_OPENAI_ENDPOINT"), r.variable("AZURE_OPENAI_RESOURCE")
	switch text := strings.TrimSpace(endpoint.Text.Reveal()); {
	case text != "" && strings.ContainsAny(text, "?#"):
		r.out.BaseFrom = endpoint
		r.fail("LMNotConfiguredError", "endpoint must not carry a query")
	case text != "":
		r.out.BaseFrom, r.out.URL = endpoint, addPath(text, "/openai/v1")+operation(r.Kind)
	case !resource.Empty():
		r.out.BaseFrom, r.out.URL = resource, "https://"+resource.Text.Reveal()+".openai.azure.com/openai/v1"+operation(r.Kind)
	default:
		r.fail("LMNotConfiguredError", "setting 'resource' is required and has no default")
	}
	env := r.variable("AZURE_OPENAI_API_KEY")
	if key.Empty() {
		key = env
	}
	if !key.Empty() {
		r.offer(candidate{source: FromKey, value: key})
		r.send(candidate{source: FromKey, value: key}, "api-key", false)
		return
	}
	r.send(r.nativeChain(), "Authorization", true)
}

// nativeScope is the scope of that engine's tokens; nothing changes it.
var nativeScope = given("https://ai.azure.com/.default", "DSPy's own engine")

// nativeChain is the first of its chain that is configured.
func (r *resolver) nativeChain() candidate {
	v := func(name string) Value { return r.variable(envOf[name]) }
	c := candidate{scope: nativeScope, entra: map[string]Value{"tenant_id": v("tenant_id"), "client_id": v("client_id")}}
	signsIn := !c.entra["tenant_id"].Empty() && !c.entra["client_id"].Empty()
	certificate := r.variable("AZURE_CLIENT_CERTIFICATE_PATH")
	switch {
	case signsIn && !v("client_secret").Empty():
		c.source, c.value = FromClientSecret, v("client_secret")
		c.entra["client_secret"] = c.value
	case signsIn && !certificate.Empty():
		c.source, c.value = FromCertificate, certificate
		c.entra["certificate_path"] = certificate
	case signsIn && !v("token_file").Empty():
		c.source = FromWorkloadIdentity
		c.entra["token_file"] = v("token_file")
	default:
		c.source = FromDefault
	}
	return c
}

// nativeOpenAI is that engine's way to OpenAI's own service.
func (r *resolver) nativeOpenAI(key Value) {
	r.out.Provider = "openai"
	base := or(r.param("api_base"), r.param("base_url"))
	address := "https://api.openai.com/v1"
	if !base.Empty() {
		address = strings.TrimRight(base.Text.Reveal(), "/")
	}
	r.out.BaseFrom, r.out.URL = base, address+operation(r.Kind)
	if key.Empty() {
		key = r.variable("OPENAI_API_KEY")
	}
	if key.Empty() {
		r.sendNothing()
		r.fail("LMNotConfiguredError", "no API key found for provider ")
		return
	}
	r.offer(candidate{source: FromKey, value: key})
	r.send(candidate{source: FromKey, value: key}, "Authorization", true)
}
