package litellm

import "strings"

// azureText resolves azure_text/NAME: the completions of a deployment.
func (r *resolver) azureText() {
	r.Kind = Completion
	if r.Client == Proxy && r.does(routerClient) == "own" {
		r.router()
		return
	}
	if r.does(chatClient) == "one" {
		r.oneCredential()
		return
	}
	r.allCredentials()
}

// azureAI resolves azure_ai/NAME: an endpoint of Azure AI Foundry, whose
// variables are others, and which takes a key for a bearer token.
func (r *resolver) azureAI() {
	base := or(r.param("api_base"), r.param("base_url"), r.secret("AZURE_AI_API_BASE"), r.global("api_base"))
	key := or(r.param("api_key"), r.secret("AZURE_AI_API_KEY"), r.global("api_key"))
	if r.does(foundryKey) == "openai-key" {
		key = or(key, r.global("openai_key"))
	}
	r.out.BaseFrom, r.out.InBody = base, true
	version := r.param("api_version")
	if r.does(foundryVersion) == "ignored" {
		version = unset("api_version")
	}
	r.out.VersionOf = version
	if r.Client == Proxy && r.does(routerClient) == "own" && or(r.param("api_key"), r.secret("AZURE_AI_API_KEY")).Empty() && !r.variable("OPENAI_API_KEY").Set {
		// The Router makes a client of OpenAI's for it, which it then does not use.
		r.fail("OpenAIError", r.missingKey())
	}
	if !base.Set {
		r.fail("ValueError", "api_base is required for Azure AI Studio. Please set the api_base parameter.")
		return
	}
	text := base.Text.Reveal()
	end := operation(r.Kind)
	if strings.Contains(text, "services.ai.azure.com") {
		end = "/models" + end
	}
	r.out.URL, r.out.APIVersion = addQuery(addPath(text, end), version.Text.Reveal())
	header, bearer := "Authorization", true
	if h := hostOf(text); strings.HasSuffix(h, ".services.ai.azure.com") || strings.HasSuffix(h, ".openai.azure.com") {
		header, bearer = "api-key", false
	}
	if !key.Empty() {
		r.offer(candidate{source: FromKey, value: key})
		r.offerAll(unset(""), r.param("azure_ad_token"))
		r.send(candidate{source: FromKey, value: key}, header, bearer)
		return
	}
	if r.does(foundryAuth) == "keys" {
		// It sends the text "None".
		r.keyOnly = true
		r.offerAll(unset(""), r.param("azure_ad_token"))
		r.sendNothing()
		r.out.Header, r.out.Bearer = header, bearer
		if !bearer {
			r.fail("TypeError", "Header value must be str or bytes, not <class 'NoneType'>")
		}
		return
	}
	r.validateEnvironment()
}

// otherProvider resolves models of other providers as far as it matters here:
// a name without azure/ goes to OpenAI's own service, with its key.
func (r *resolver) otherProvider() {
	switch r.out.Provider {
	case "openai", "text-completion-openai":
	case "":
		if !openAIName(r.name) {
			r.fail("BadRequestError", "LLM Provider NOT provided. Pass in the LLM provider you are trying to call.")
			return
		}
		r.out.Provider = "openai"
	default:
		return
	}
	if r.Kind == Completion && r.out.Provider == "openai" {
		r.Kind = Chat // text_completion makes a chat of it
	}
	base := or(r.param("api_base"), r.param("base_url"), r.global("api_base"),
		r.variable("OPENAI_BASE_URL"), r.variable("OPENAI_API_BASE"))
	key := or(r.param("api_key"), r.global("api_key"), r.global("openai_key"), r.variable("OPENAI_API_KEY"))
	if r.Client == Proxy && r.does(routerClient) == "own" && r.param("api_key").Empty() && !r.variable("OPENAI_API_KEY").Set {
		r.fail("OpenAIError", r.missingKey()) // the Router's own client knows no globals
	}
	r.openAIService(key, base, operation(r.Kind))
}

// openAIService is a call of the plain OpenAI client.
func (r *resolver) openAIService(key, base Value, end string) {
	address := "https://api.openai.com/v1"
	if !base.Empty() {
		address = strings.TrimRight(base.Text.Reveal(), "/")
	}
	r.out.BaseFrom, r.out.URL, r.out.InBody = base, address+end, true
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	r.offerAll(unset(""), r.param("azure_ad_token"))
	r.drop(func(c candidate) bool { return c.source != FromKey }, "this provider knows keys only")
	if r.Kind != Responses {
		r.bareOpenAI(key)
		return
	}
	// LiteLLM sends these without the SDK, and the text "None" where there is no key.
	if key.Set {
		r.send(candidate{source: FromKey, value: key}, "Authorization", true)
		if key.Empty() {
			r.fail("LocalProtocolError", "Illegal header value b'Bearer '")
		}
		return
	}
	r.sendNothing()
	r.out.Header, r.out.Bearer = "Authorization", true
}

// openAIName reports whether LiteLLM knows a bare name as OpenAI's. Its list is
// long and grows; the beginnings suffice here.
func openAIName(name string) bool {
	for _, p := range []string{"gpt-", "chatgpt-", "o1", "o3", "o4", "text-embedding-", "dall-e-", "whisper-", "tts-", "ft:gpt-", "davinci", "babbage"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// listedOnly is for what a check does not call.
func (r *resolver) listedOnly() {
	r.keyOnly = r.Kind == Realtime
	key := r.keys()
	r.out.BaseFrom = r.base()
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	if r.keyOnly && !key.Empty() {
		r.send(candidate{source: FromKey, value: key}, "api-key", false)
	}
}

// hostOf is an address's host in lower case, "" when it cannot be read.
func hostOf(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(host)
}
