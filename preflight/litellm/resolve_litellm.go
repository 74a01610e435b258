package litellm

import "strings"

// liteLLM resolves a call of LiteLLM, by whichever client: what the model's
// prefix makes of it, and then the path of that provider.
func (r *resolver) liteLLM() {
	if r.Client == DSPy {
		if r.dspyNative() {
			return
		}
		r.dspyText()
	}
	r.split()
	r.provider()
	if f := r.routerTypes(); f != nil {
		r.out.Fails = f // before all else
	}
}

// provider resolves the call on the path of its provider.
func (r *resolver) provider() {
	if r.Kind == Responses && r.does(responsesKnown) == "absent" {
		if !r.out.Azure || r.Client != Proxy || r.startsUp() {
			r.fail("AttributeError", "has no attribute")
		}
		return
	}
	switch r.out.Provider {
	case "azure":
		r.azure()
	case "azure_text":
		r.azureText()
	case "azure_ai":
		r.azureAI()
	default:
		r.otherProvider()
	}
}

// split takes the provider off the model's name, as get_llm_provider does.
func (r *resolver) split() {
	provider, name, found := strings.Cut(r.Model, "/")
	switch p := r.param("custom_llm_provider"); {
	case !p.Empty():
		if !found || provider != p.Text.Reveal() {
			name = r.Model
		}
		provider = clip(p.Text.Reveal())
	case !found:
		provider, name = "", r.Model
	}
	if strings.HasPrefix(r.Model, "azure/") && otherMakers().MatchString(r.Model[len("azure/"):]) {
		provider, name = "openai", r.Model // an endpoint of their own, to LiteLLM
	}
	r.out.Provider, r.name = provider, name
	if provider == "azure_ai" {
		r.foundryOfOpenAI()
	}
	switch provider {
	case "azure", "azure_ai", "azure_text":
		r.out.Azure = true
	}
	r.out.Deployment = name
}

// clip bounds a name that came from outside.
func clip(s string) string {
	const most = 100
	if len(s) > most {
		return s[:most]
	}
	return s
}

// azure resolves azure/NAME.
func (r *resolver) azure() {
	switch r.Kind {
	case Realtime, Rerank, Batch, Video, OCR:
		r.listedOnly()
		return
	case Completion:
		// litellm.text_completion makes a chat of it.
		r.Kind = Chat
	}
	rest, prefixed := strings.CutPrefix(r.name, "responses/")
	chat := r.Kind == Chat || r.Kind == ""
	bridged := chat && (prefixed && r.prefixMeansResponses() || answersResponsesOnly(r.name) && r.does(responsesNames) == "responses")
	if r.Kind == Responses || bridged {
		short := bridged && r.versionTooShort(r.version(true))
		if prefixed {
			r.name = rest
		}
		r.Kind = Responses
		r.responses(bridged)
		if short {
			r.out.Fails = indexError // of the chat that it was
		}
		return
	}
	if chat && strings.Contains(strings.ToLower(r.name), "claude") && r.does(azureClaude) == "messages" {
		r.azureClaude()
		return
	}
	if chat {
		r.commonHeaders()
	}
	own := r.Client == Proxy && r.does(routerClient) == "own"
	if r.Kind == Image {
		if !own || r.startsUp() {
			r.images()
		}
		return
	}
	if own {
		r.router()
		return
	}
	if r.does(chatClient) == "one" {
		r.oneCredential()
		return
	}
	r.allCredentials()
}

// prefixMeansResponses reports whether a chat with azure/responses/NAME is a
// Responses call.
func (r *resolver) prefixMeansResponses() bool {
	how := r.does(responsesModel)
	return how == "responses" || how == "responses-but-router" && r.Client != Proxy
}

// oneCredential resolves the releases up to 1.63.7: one credential is handed to
// the SDK's constructor, a key before a token before a provider, and each
// counts when it is not None.
func (r *resolver) oneCredential() {
	base, key := r.base(), r.keys()
	token := or(r.param("azure_ad_token"), r.secret("AZURE_AD_TOKEN"))
	if r.Kind == Speech {
		token = r.secret("AZURE_AD_TOKEN") // litellm.speech loses the parameter
	}
	if r.out.Provider == "azure_text" {
		token = r.secret("AZURE_AD_TOKEN")
	}
	r.series = r.out.Provider == "azure" && (r.Kind == Chat || r.Kind == "") && r.oSeriesName(r.name) && r.does(oSeriesClient) == "keys"
	r.offerAll(key, token)
	v := r.version(r.out.Provider == "azure" && r.Kind != Transcription && r.Kind != Speech)
	if r.versionTooShort(v) {
		r.fail(indexError.Type, indexError.Text)
	}
	if !v.Set {
		v = r.variable("OPENAI_API_VERSION")
	}
	r.address(base, v, r.deployment())
	if !v.Set {
		r.late = versionMissing
	}
	r.textArgument()
	r.scopeArgument()
	if r.out.Fails != nil {
		return
	}
	if r.series {
		r.drop(func(c candidate) bool { return c.source != FromKey }, "the path of o-series names takes keys only")
		r.construct(construct{key: key})
		return
	}
	var c construct
	switch {
	case key.Set:
		c.key = key
	case token.Set && r.out.Provider == "azure_text":
		c.token = &candidate{source: FromToken, value: token} // oidc/… is not exchanged here
	case token.Set:
		c.token = r.staticOrOIDC(token)
	}
	text := r.out.Provider == "azure_text"
	if r.Provider && r.Kind != Transcription && (!text && !key.Set && !token.Set || text && !r.async() && !r.Stream && !r.throughGateway(base)) {
		c.provider = &candidate{source: FromProvider}
	}
	r.construct(c)
}

// allCredentials resolves the releases from 1.63.8 on: everything is handed to
// the SDK's constructor, which decides.
func (r *resolver) allCredentials() {
	v := r.version(r.Kind != Transcription && r.Kind != Speech && r.out.Provider != "azure_text")
	if r.versionForgotten(v) {
		v = unset("")
	}
	base, key := r.base(), r.keys()
	if !v.Set && r.throughGateway(base) {
		if v = r.variable("OPENAI_API_VERSION"); !v.Set {
			r.late = versionMissing
		}
	}
	if !v.Set {
		v = set(r.variable("AZURE_API_VERSION"), given(r.does(defaultVersion), "LiteLLM's default"))
	}
	if r.versionTooShort(v) {
		r.fail(indexError.Type, indexError.Text)
	}
	r.address(base, v, r.deployment())
	r.scopeArgument()
	if !r.onV1(v) || r.throughGateway(base) {
		r.textArgument()
	}
	if r.throughGateway(base) {
		r.gateway(key)
		return
	}
	r.streamExchange(key)
	c := construct{key: key}
	token := r.param("azure_ad_token")
	if r.withoutParams() {
		token = unset(token.From)
	}
	if env := r.secret("AZURE_AD_TOKEN"); !env.Empty() {
		r.offer(candidate{source: FromToken, value: env, why: "this release reads AZURE_AD_TOKEN and then leaves it unused"})
	}
	if key.Set {
		r.offer(candidate{source: FromKey, value: key, why: "the SDK prefers a token"})
	}
	if r.Provider {
		p := candidate{source: FromProvider}
		switch {
		case r.withoutParams():
			p.why = "a streamed completion of azure_text/ leaves azure_ad_token_provider out"
		case r.providerFate() == "dropped":
			p.why = droppedProvider
		default:
			c.provider = &p
		}
		r.offer(p)
	}
	ids := r.principal()
	scope := r.scope()
	if cand, ok := ids.secret(scope); ok {
		if key.Empty() && c.provider == nil {
			c.provider = &cand
		} else if !key.Empty() {
			cand.why = "a key is configured"
		} else {
			cand.why = "a token provider is passed"
		}
		r.offer(cand)
	}
	if cand, ok := ids.password(scope); ok {
		if c.provider == nil || r.providerFate() == "dropped" {
			c.provider = &cand
		} else {
			cand.why = "another provider is already there"
		}
		r.offer(cand)
	}
	switch {
	case token.Set && strings.HasPrefix(token.Text.Reveal(), "oidc/"):
		cand := r.oidc(token, ids, scope)
		c.token = &cand
		r.offer(cand)
	default:
		if token.Set {
			cand := candidate{source: FromToken, value: token}
			c.token = &cand
			r.offer(cand)
		}
		if r.refreshOn() {
			switch {
			case !key.Empty():
				r.refresh.why = "a key is configured"
			case c.provider != nil:
				r.refresh.why = "another provider is already there"
			default:
				r.pickRefresh(scope)
				if cand := r.refresh.picked; cand != nil {
					c.provider = cand
					r.offer(*cand)
				}
			}
		}
	}
	if r.onV1(v) {
		unusable := r.out.Provider == "azure_text" || r.Kind == Transcription
		if unusable {
			r.late = nil
		}
		r.constructV1(c)
		if unusable {
			r.fail("AzureOpenAIError", "azure_client is not an instance of")
		}
		return
	}
	r.construct(c)
}

// streamExchange is what a streamed chat does on the side, without the
// asynchronous functions: it exchanges oidc/…, AZURE_AD_TOKEN's as well, for the
// variables' tenant and client, for a client that it then does not use.
func (r *resolver) streamExchange(key Value) {
	if !r.Stream || r.async() || key.Set || r.out.Provider != "azure" || r.Kind != Chat && r.Kind != "" || r.oSeriesName(r.name) {
		return
	}
	if token := or(r.param("azure_ad_token"), r.secret("AZURE_AD_TOKEN")); sourceOfToken(token) == FromOIDC {
		if r.does(oidcSide) == "fails" {
			r.fail("TypeError", "get_azure_ad_token_from_oidc() missing 2 required positional arguments: 'azure_client_id' and 'azure_tenant_id'")
			return
		}
		side := r.oidc(token, principal{}, unset(""))
		r.exchanged = &side
	}
}

// withoutParams reports whether the call is one that LiteLLM forgets to hand the
// parameters on to: completions of azure_text/, streamed without the
// asynchronous functions.
func (r *resolver) withoutParams() bool {
	return r.out.Provider == "azure_text" && r.Stream && !r.async() && r.does(chatClient) == "all"
}

// droppedProvider is why a provider is not sent in the releases that leave it
// out.
const droppedProvider = "this release drops azure_ad_token_provider"

// providerFate is what becomes of a token provider in code.
func (r *resolver) providerFate() string {
	if r.Kind == Embedding {
		return r.does(embedProvider)
	}
	return r.does(tokenProvider)
}

// drop gives a reason to candidates that the path cannot send.
func (r *resolver) drop(which func(candidate) bool, why string) {
	for i := range r.sources {
		if which(r.sources[i]) {
			r.sources[i].why = why
		}
	}
}

// offerAll notes the credentials of the paths that take the first of key, token
// and provider.
func (r *resolver) offerAll(key, token Value) {
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	if token.Set {
		why := ""
		if key.Set {
			why = "a key is set"
		}
		r.offer(candidate{source: sourceOfToken(token), value: token, why: why})
	}
	if r.Provider {
		why := ""
		if key.Set {
			why = "a key is set, if only to nothing"
		} else if token.Set {
			why = "a static token is set"
		}
		r.offer(candidate{source: FromProvider, why: why})
	}
}

// sourceOfToken tells oidc/… from a token.
func sourceOfToken(v Value) Source {
	if strings.HasPrefix(v.Text.Reveal(), "oidc/") {
		return FromOIDC
	}
	return FromToken
}

// staticOrOIDC is the candidate of azure_ad_token.
func (r *resolver) staticOrOIDC(token Value) *candidate {
	if sourceOfToken(token) == FromOIDC {
		c := r.oidc(token, r.principal(), unset(""))
		return &c
	}
	return &candidate{source: FromToken, value: token}
}
