package litellm

import (
	"maps"
	"net/url"
	"strings"
)

// azureAI resolves azure_ai/NAME: an endpoint of Azure AI Foundry, whose
// variables are others, and which takes a key for a bearer token.
func (r *resolver) azureAI() {
	// The Router makes a client of OpenAI's for it, which it then does not use.
	r.routerOpenAI(or(r.param("api_key"), r.secret("AZURE_AI_API_KEY")))
	if r.Kind == Embedding {
		r.foundryEmbedding()
		return
	}
	if r.claude() {
		r.foundryClaude()
		return
	}
	if chat := r.Kind == Chat || r.Kind == ""; chat && foundryResponsesOnly(r.name) && r.does(foundryOwn) == "own" {
		r.foundryResponses()
	} else {
		r.commonHeaders()
		r.foundryChat()
	}
	// Its own header replaces one of extra_headers.
	r.out.Extra = maps.Clone(r.out.Extra)
	delete(r.out.Extra, r.out.Header)
}

// foundryChat is a chat of azure_ai/.
func (r *resolver) foundryChat() {
	base := or(r.ownBase(), r.secret("AZURE_AI_API_BASE"), r.global("api_base"), r.secret("AZURE_AI_API_BASE"))
	key := r.foundryKeys()
	r.out.BaseFrom, r.out.InBody = base, true
	version := r.param("api_version")
	if r.does(foundryVersion) == "ignored" {
		version = unset("api_version")
	}
	r.out.VersionOf = version
	text := base.Text.Reveal()
	end := operation(r.Kind)
	if strings.Contains(text, "services.ai.azure.com") {
		end = "/models" + end
	}
	r.out.URL, r.out.APIVersion = addQuery(addPath(text, end), version.Text.Reveal())
	if !base.Set {
		r.out.URL = ""
		// What it does first can fail first.
		missing := Failure{Type: "ValueError", Text: "api_base is required for Azure AI Studio. Please set the api_base parameter."}
		if r.does(foundryNone) == "fails" {
			missing = Failure{Type: "TypeError", Text: "Invalid type for url."}
		}
		defer r.fail(missing.Type, missing.Text)
	}
	header, bearer := "Authorization", true
	h := hostOf(text)
	keyed := strings.HasSuffix(h, foundryHost) || strings.HasSuffix(h, ".openai.azure.com")
	if r.does(foundryHeader) == "by-address" {
		keyed = strings.Contains(text, foundryHost[1:])
	}
	if keyed {
		header, bearer = "api-key", false
	}
	if !key.Empty() {
		r.offer(candidate{source: FromKey, value: key})
		r.offerAll(unset(""), r.param("azure_ad_token"))
		r.send(candidate{source: FromKey, value: key}, header, bearer)
		return
	}
	if r.does(foundryAuth) == "keys" && key.Set {
		r.offer(candidate{source: FromKey, value: key})
		r.send(candidate{source: FromKey, value: key}, header, bearer)
		if bearer && base.Set && !r.throughAiohttp() {
			r.fail("LocalProtocolError", "Illegal header value b'Bearer '")
		}
		return
	}
	if r.does(foundryAuth) == "keys" {
		// It sends the text "None".
		r.keyOnly = true
		r.offerAll(unset(""), r.param("azure_ad_token"))
		r.sendNothing()
		r.out.Header, r.out.Bearer = header, bearer
		if !bearer && base.Set {
			r.fail("TypeError", "Header value must be str or bytes, not <class 'NoneType'>")
		}
		return
	}
	r.validateEnvironment(false)
}

// foundryKeys is the chain that azure_ai/ takes a key from.
func (r *resolver) foundryKeys() Value {
	key := or(r.param("api_key"), r.secret("AZURE_AI_API_KEY"), r.global("api_key"))
	if r.does(foundryKey) == "openai-key" {
		key = or(key, r.global("openai_key"))
	}
	return or(key, r.secret("AZURE_AI_API_KEY"))
}

// foundryResponsesOnly reports whether a name of azure_ai/ is that of a model that
// answers Responses alone, of Azure's or of OpenAI's own.
func foundryResponsesOnly(name string) bool {
	return answersResponsesOnly(name) || name == "o1-pro" || name == "o4-mini-deep-research"
}

// foundryResponses is a chat that becomes Responses at Foundry: on the v1 route of
// the resource or of the project, whatever else the address has, and without an
// api-version. A project takes no keys of its own, and tokens of another scope.
func (r *resolver) foundryResponses() {
	r.Kind = Responses
	base := or(r.ownBase(), r.secret("AZURE_AI_API_BASE"), r.global("api_base"), r.secret("AZURE_AI_API_BASE"))
	key := or(r.param("api_key"), r.secret("AZURE_AI_API_KEY"), r.global("api_key"), r.secret("AZURE_AI_API_KEY"))
	r.out.BaseFrom, r.out.InBody = base, true
	root, project := "", false
	if u, err := url.Parse(base.Text.Reveal()); err == nil && !base.Empty() {
		path := "/openai/v1/responses"
		if s := segments(u.Path); len(s) > 1 && s[0] == "api" && s[1] == "projects" {
			project, root = true, "/"+strings.Join(s[:min(3, len(s))], "/")
		}
		r.out.URL = u.Scheme + "://" + u.Host + root + path
	}
	header, bearer := "api-key", false
	if h := hostOf(base.Text.Reveal()); project || !strings.HasSuffix(h, foundryHost) && !strings.HasSuffix(h, ".openai.azure.com") {
		header, bearer = "Authorization", true
	}
	if project && or(r.param("azure_scope"), r.variable("AZURE_SCOPE")).Empty() {
		r.Params = maps.Clone(r.Params)
		r.Params["azure_scope"] = given("https://ai.azure.com/.default", "LiteLLM's default for projects")
	}
	if !key.Empty() {
		r.offer(candidate{source: FromKey, value: key})
		r.offerAll(unset(""), r.param("azure_ad_token"))
		r.send(candidate{source: FromKey, value: key}, header, bearer)
	} else if r.entraToken(unset(""), or(r.param("azure_ad_token"), r.secret("AZURE_AD_TOKEN")), true); r.out.Source == FromNone {
		r.fail("ValueError", "Missing Azure AI credentials")
	}
	if base.Empty() {
		r.fail("ValueError", "api_base is required for the Azure AI Foundry Responses API.")
	}
}

// claude reports whether a chat of azure_ai/ is one with Anthropic's models,
// which LiteLLM tells by their name and sends to an operation of their own.
func (r *resolver) claude() bool {
	return strings.Contains(strings.ToLower(r.name), "claude") && (r.Kind == Chat || r.Kind == "") && r.does(foundryClaude) == "messages"
}

// foundryClaude is such a chat.
func (r *resolver) foundryClaude() {
	base := or(r.ownBase(), r.secret("AZURE_AI_API_BASE"), r.global("api_base"), r.secret("AZURE_AI_API_BASE"))
	if !base.Set {
		r.fail("ValueError", "Azure Anthropic requests require an api_base.")
	}
	again := r.foundryKeys()
	if key := or(r.param("api_key"), r.secret("AZURE_AI_API_KEY")); !key.Empty() {
		r.Params = maps.Clone(r.Params)
		r.Params["api_key"] = key
	}
	r.messages(base, again)
	switch {
	case !base.Empty():
	case r.throughAiohttp():
		r.fail("InvalidURL", "/") // the address is all that it says
	default:
		r.fail("UnsupportedProtocol", "Request URL is missing an 'http://' or 'https://' protocol.")
	}
}

// azureClaude is one of azure/ in the releases that tell Claude by its name there
// as well.
func (r *resolver) azureClaude() {
	base := r.base()
	if !base.Set {
		r.fail("ValueError", "Missing Azure API Base")
	}
	r.messages(base, r.keys())
}

// messages is an operation of Anthropic's, which knows all of Azure's
// credentials, no api-version and not litellm.headers. Whatever is sent, a key
// goes along once more in Anthropic's own header.
func (r *resolver) messages(base, again Value) {
	r.Kind = Messages
	r.out.BaseFrom, r.out.InBody = base, true
	if r.out.Fails != nil {
		return
	}
	address := strings.TrimRight(base.Text.Reveal(), "/")
	if !strings.HasSuffix(address, "/v1/messages") {
		address, _, _ = strings.Cut(address, "/anthropic")
		address += "/anthropic/v1/messages"
	}
	r.out.URL = address
	r.validateEnvironment(false)
	const own = "x-api-key"
	extra := make(map[string]Value)
	if !again.Empty() || r.does(claudeEmpty) == "sent" {
		extra[own] = Value{Set: true, Text: again.Text, From: again.From, Var: again.Var}
	}
	maps.Copy(extra, r.out.Extra)
	if r.out.Header == "Authorization" {
		delete(extra, r.out.Header) // which it sets itself
	}
	if r.does(claudeKey) == own {
		// The header that Azure's keys are in elsewhere is renamed.
		if v, there := extra["api-key"]; there {
			if _, taken := r.out.Extra[own]; !taken {
				extra[own] = v
				delete(extra, "api-key")
			}
		}
		if r.out.Header == "api-key" {
			r.out.Header = own
			delete(extra, own)
		}
	}
	r.out.Extra = extra
}

// foundryEmbedding is an embedding of azure_ai/, which LiteLLM leaves to the
// SDK's client for OpenAI's own service, without extra_headers: whatever it has
// is a bearer token, and without an address it goes to that service.
func (r *resolver) foundryEmbedding() {
	base := or(r.param("api_base"), r.secret("AZURE_AI_API_BASE"), r.global("api_base"))
	key := or(r.param("api_key"), r.secret("AZURE_AI_API_KEY"))
	how := r.does(foundryEmbed)
	if key = or(key, r.global("api_key")); how == "keys" {
		key = or(key, r.global("openai_key"))
	}
	key = or(key, r.secret("AZURE_AI_API_KEY"))
	text := base.Text.Reveal()
	if u, err := url.Parse(text); how == "tokens-and-models" && err == nil && strings.HasSuffix(u.Hostname(), foundryHost) && !strings.Contains(u.Path, "/openai/deployments") {
		if p := strings.TrimRight(u.Path, "/"); !strings.HasSuffix(p, "/models") {
			u.Path = p + "/models"
			text = u.String()
		}
	}
	r.out.BaseFrom, r.out.InBody, r.out.Extra = base, true, nil
	if base = or(base, r.secret("AZURE_AI_API_BASE")); !base.Set {
		base = set(r.variable("OPENAI_BASE_URL"), given(openAIAddress, "the SDK's default"))
		text = base.Text.Reveal()
	}
	r.out.URL = r.joinBare(strings.TrimSuffix(text, "/"), operation(r.Kind))
	token := or(r.param("azure_ad_token"), r.secret("AZURE_AD_TOKEN"))
	switch {
	case key.Empty() && how != "keys":
		r.entraToken(unset(""), token, false)
		if r.out.Fails == nil && r.out.Source == FromNone {
			r.bareOpenAI(unset(""))
		}
	default:
		if key.Set {
			r.offer(candidate{source: FromKey, value: key})
		}
		r.keyOnly = how == "keys"
		r.offerAll(unset(""), r.param("azure_ad_token"))
		r.bareOpenAI(key)
	}
	if text == "" {
		r.late = unsupportedProtocol
	}
	r.embeddingArguments()
	if r.late != nil {
		r.fail(r.late.Type, r.late.Text)
	}
}

// foundryHost ends the names of Foundry's resources.
const foundryHost = ".services.ai.azure.com"

// foundryOfOpenAI makes azure/ of azure_ai/ where the deployment has the name of
// one of OpenAI's models, as get_llm_provider does. The address and the key of
// azure_ai/ then count as parameters.
func (r *resolver) foundryOfOpenAI() {
	if !openAIModels().MatchString(r.name) {
		return
	}
	base, key := or(r.ownBase(), r.secret("AZURE_AI_API_BASE")), or(r.param("api_key"), r.secret("AZURE_AI_API_KEY"))
	if r.does(foundryNames) == "elsewhere" {
		u, err := url.Parse(base.Text.Reveal())
		if !base.Set || err == nil && strings.HasSuffix(u.Hostname(), foundryHost) && !strings.Contains(u.Path, "/openai/deployments") {
			return
		}
	}
	r.Params = maps.Clone(r.Params)
	if r.Kind != Embedding {
		delete(r.Params, "base_url") // it is in base
	}
	r.Params["api_base"], r.Params["api_key"] = base, key
	r.fallback.base, r.fallback.key = r.secret("AZURE_AI_API_BASE"), r.secret("AZURE_AI_API_KEY")
	r.out.Provider = "azure"
}

// ownBase is the address among the call's parameters: completion lets base_url
// win over api_base, and the other functions do not know it.
func (r *resolver) ownBase() Value {
	if alias := r.param("base_url"); alias.Set && (r.Kind == Chat || r.Kind == Completion || r.Kind == "") {
		return alias
	}
	return r.param("api_base")
}
