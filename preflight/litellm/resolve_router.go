package litellm

import "strings"

// router resolves the proxy of the releases up to 1.63.7, which builds a client
// for every deployment at its start, from the deployment's own parameters:
// neither LiteLLM's variables nor its globals stand in for them.
func (r *resolver) router() {
	key := or(r.param("api_key"), unset("litellm_params.api_key"))
	base := or(r.param("api_base"), r.param("base_url"), r.fallback)
	c := construct{key: key}
	if key.Set {
		r.offer(candidate{source: FromKey, value: key, why: "the SDK prefers a token"})
	}
	if tenant := r.param("tenant_id"); key.Empty() && !tenant.Empty() {
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
		c.provider = &cand
		r.offer(cand)
	}
	if user, pass := r.param("azure_username"), r.param("azure_password"); !user.Empty() && !pass.Empty() {
		cand := candidate{source: FromPassword, value: pass, entra: map[string]Value{
			"client_id": r.param("client_id"), "username": user, "password": pass,
		}}
		c.provider = &cand
		r.offer(cand)
	}
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
	if strings.Contains(base.Text.Reveal(), gatewayHost) && !r.throughGateway(base) {
		r.out.URL, r.out.InBody = r.sdkURL(strings.TrimRight(base.Text.Reveal(), "/")+"/"+r.name, version.Text.Reveal(), true)
	}
	switch token := r.param("azure_ad_token"); {
	case token.Set:
		c.token = r.staticOrOIDC(token)
		r.offer(*c.token)
	case key.Empty() && c.provider == nil && r.refreshOn():
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
	r.scopeArgument()
	r.textArgument()
	r.construct(c)
}

// startsUp resolves the Router's client for a deployment that is then called
// without it, and reports whether that could be made.
func (r *resolver) startsUp() bool {
	start := resolver{Call: r.Call, name: r.name}
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
