package litellm

import "strings"

// router resolves the proxy of the releases up to 1.63.7, which builds a client
// for every deployment at its start, from the deployment's own parameters:
// neither LiteLLM's variables nor its globals stand in for them.
func (r *resolver) router() {
	key := or(r.param("api_key"), r.fallback.key)
	base := or(r.param("api_base"), r.param("base_url"), r.fallback.base)
	c := construct{key: key}
	if key.Set {
		r.offer(candidate{source: FromKey, value: key, why: "the SDK prefers a token"})
	}
	c.provider = r.routerPrincipal(key)
	if r.Provider {
		r.offer(candidate{source: FromProvider, why: "the Router of this release leaves azure_ad_token_provider out"})
	}
	version := r.param("api_version")
	if !version.Set {
		version = set(r.variable("AZURE_API_VERSION"), given(r.does(defaultVersion), "LiteLLM's default"))
	}
	if !base.Set {
		r.fail("ValueError", "api_base is required for Azure OpenAI. Set it on your config.")
		r.out.VersionOf = version
		return
	}
	r.address(base, version, r.deployment())
	if text := base.Text.Reveal(); strings.Contains(text, gatewayHost) {
		text = strings.TrimSuffix(text, "/") + "/" + strings.ReplaceAll(r.Model, "azure/", "")
		if r.throughGateway(r.base()) { // the function looks at base_url first
			r.out.URL = r.join(strings.TrimSuffix(text, "/"), operation(r.Kind), version.Text.Reveal())
		} else {
			r.out.URL, r.out.InBody = r.sdkURL(text, version.Text.Reveal(), true)
		}
	}
	switch token := r.param("azure_ad_token"); {
	case token.Set:
		c.token = r.staticOrOIDC(token)
		r.offer(*c.token)
	case (key.Empty() || r.does(routerKey) == "beside") && c.provider == nil && r.refreshOn():
		r.pickRefresh(unset(""))
		if r.refresh.picked != nil {
			c.provider = r.refresh.picked
			r.offer(*c.provider)
		}
	}
	if called := or(r.param("api_base"), r.global("api_base"), r.secret("AZURE_API_BASE")); r.late == nil && r.Kind == Embedding && !called.Set {
		r.late = noBase // the function wants one as well, and does not know base_url
	}
	if r.late == nil && r.versionTooShort(r.version(true)) {
		r.late = indexError
	}
	if r.late == nil && (r.out.Provider == "azure_text" || (r.Kind == Chat || r.Kind == "") && !r.oSeriesName(r.name)) && !r.base().Set {
		r.late = noneSearched // base_url is set and empty, which then counts
	}
	r.scopeArgument()
	r.textArgument()
	held := r.late
	if held != nil && held.Type != indexError.Type && held.atRequest() {
		r.late = nil // the request comes after what is done on the side
	}
	r.construct(c)
	r.besideRouter(base)
	if held != nil && r.late == nil {
		r.fail(held.Type, held.Text)
	}
}

// routerPrincipal is who the Router lets sign in: whoever the deployment's own
// parameters name. It looks at them whichever provider the deployment is of.
func (r *resolver) routerPrincipal(key Value) (provider *candidate) {
	alone := key.Empty() || r.does(routerKey) == "beside"
	if tenant := r.param("tenant_id"); alone && !tenant.Empty() {
		ids := r.principal()
		cand := candidate{source: FromClientSecret, value: ids.secretOf, entra: map[string]Value{
			"tenant_id": tenant, "client_id": ids.client, "client_secret": ids.secretOf,
		}}
		if !ids.client.Set || !ids.secretOf.Set {
			r.fail("AttributeError", "'NoneType' object has no attribute 'startswith'")
		}
		if ids.client.Empty() || ids.secretOf.Empty() {
			r.fail("ValueError", "should be ")
		}
		provider = &cand
		r.offer(cand)
	}
	if user, pass := r.param("azure_username"), r.param("azure_password"); !user.Empty() && !pass.Empty() {
		cand := candidate{source: FromPassword, value: pass, entra: map[string]Value{
			"client_id": r.param("client_id"), "username": user, "password": pass,
		}}
		provider = &cand
		r.offer(cand)
	}
	return provider
}

// routerOpenAI resolves the client of OpenAI's own service that the Router
// prepares for deployments that are not of azure/, from a key of theirs.
func (r *resolver) routerOpenAI(key Value) {
	if r.Client != Proxy || r.does(routerClient) != "own" {
		return
	}
	before := r.sources
	r.routerPrincipal(key)
	r.sources = before
	if !key.Set && !r.variable("OPENAI_API_KEY").Set && !r.adminKey() {
		r.fail("OpenAIError", r.missingKey())
	}
}

// besideRouter is what the function that the Router calls does on the side: it
// exchanges AZURE_AD_TOKEN, for a client that it then does not use.
func (r *resolver) besideRouter(base Value) {
	used := r.Kind == Embedding || r.Kind == Transcription || r.Kind == Speech || (r.Kind == Chat || r.Kind == "") && !r.oSeriesName(r.name)
	if r.out.Provider != "azure" || !used || r.throughGateway(base) || r.keys().Set || r.param("azure_ad_token").Set {
		return
	}
	if token := r.secret("AZURE_AD_TOKEN"); sourceOfToken(token) == FromOIDC {
		r.oidc(token, r.principal(), unset(""))
	}
}

// startsUp resolves the Router's client for a deployment that is then called
// without it, and reports whether that could be made.
func (r *resolver) startsUp() bool {
	if r.out.Fails != nil {
		return false
	}
	start := resolver{Call: r.Call, name: r.name, fallback: r.fallback}
	start.out.Band, start.out.Provider, start.out.Extra = r.out.Band, r.out.Provider, r.out.Extra
	start.router()
	f := start.out.Fails
	if f == nil || f.atRequest() {
		return true
	}
	r.out.Fails, r.out.VersionOf, r.out.BaseFrom = f, start.out.VersionOf, start.out.BaseFrom
	r.sources, r.asked = start.sources, true
	return false
}

// atRequest reports whether a failure is one of a request, not of making the
// client for it.
func (f *Failure) atRequest() bool {
	switch f.Type {
	case "IndexError", "APIConnectionError":
		return true
	}
	return f.Type == "TypeError" && strings.Contains(f.Text, "unexpected keyword argument")
}

// routerTexts are the parameters that the Router takes as texts alone.
var routerTexts = []string{"api_base", "api_key", "api_version"}

// routerTypes is the Router's refusal, of whatever release, of a deployment whose
// parameters YAML has read as something else, such as a date; nil for none. A
// credential's are not looked at before the call (seen in 1.81.12 and 1.108.7).
func (r *resolver) routerTypes() *Failure {
	if r.Client != Proxy {
		return nil
	}
	for _, name := range routerTexts {
		if v := r.param(name); v.Set && v.Type != String {
			if name == "api_version" && v.Type == Date && strings.HasPrefix(v.From, ofCredential) {
				return &Failure{Type: "APIConnectionError", Text: "'datetime.date' object has no attribute 'split'"}
			}
			return &Failure{Type: "ValidationError", Text: "1 validation error for LiteLLM_Params"}
		}
	}
	return nil
}
