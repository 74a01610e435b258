package litellm

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// responses resolves the Responses path, which LiteLLM serves without the SDK
// and by rules of its own: any key ends the search, AZURE_AD_TOKEN counts, a
// provider overrides a static token, AZURE_API_VERSION does not count. A chat
// that is bridged here brings completion's arguments along.
func (r *resolver) responses(bridged bool) {
	r.out.InBody = true
	r.out.Deployment = r.deployment()
	if r.does(responsesKnown) == "others" {
		r.fail("BadRequestError", "litellm.BadRequestError: Responses API not available for custom_llm_provider=azure")
		return
	}
	if bridged && r.does(bridgeHeaders) == "lost" {
		r.out.Extra = nil
	}
	r.validateEnvironment(bridged)
	own := r.param("api_base")
	if alias := r.param("base_url"); bridged && alias.Set {
		own = alias
	}
	r.responsesAddress(or(own, r.global("api_base"), r.secret("AZURE_API_BASE")))
	switch {
	case r.late != nil && r.out.BaseFrom.Set && hostOf(r.out.BaseFrom.Text.Reveal()) == "":
		r.fail("UnsupportedProtocol", "Request URL is missing an 'http://' or 'https://' protocol.")
	case r.late != nil:
		r.fail(r.late.Type, r.late.Text)
	}
}

// validateEnvironment is what the paths without the SDK send.
func (r *resolver) validateEnvironment(bridged bool) {
	key := or(r.param("api_key"), r.global("api_key"), r.global("azure_key"),
		r.secret("AZURE_OPENAI_API_KEY"), r.secret("AZURE_API_KEY"))
	token := or(r.param("azure_ad_token"), r.secret("AZURE_AD_TOKEN"))
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	if r.does(responsesAuth) == "bearer-key" {
		r.keyOnly = true
		r.offerAll(unset(""), token)
		r.drop(func(c candidate) bool { return c.source != FromKey }, "this release knows keys only here")
		if !key.Set {
			r.sendNothing()
			// It sends the text "None" then.
			r.out.Header, r.out.Bearer = "Authorization", true
			return
		}
		if key.Empty() && !r.overridden("Authorization") && !r.throughAiohttp() {
			r.late = &Failure{Type: "LocalProtocolError", Text: "Illegal header value b'Bearer '"}
		}
		r.send(candidate{source: FromKey, value: key}, "Authorization", true)
		return
	}
	if v, ok := r.out.Extra["api-key"]; ok && v.Set && r.Kind != Responses {
		r.drop(func(candidate) bool { return true }, "extra_headers holds a key already")
		r.sendNothing()
		return
	}
	r.entraToken(key, token, bridged)
}

// fieldWithoutSDK is a parameter of the paths without the SDK, or the variable that stands
// in for it: in older releases only where the call does not have the parameter
// at all, and a bridged chat has them all, as None.
func (r *resolver) fieldWithoutSDK(name, env string, bridged bool) Value {
	p := r.param(name)
	if r.does(responsesIDs) == "absent" && (bridged || r.passed(name)) {
		return p
	}
	return or(p, r.variable(env))
}

// entraToken is get_azure_ad_token: every source in LiteLLM's order of the
// paths without the SDK.
func (r *resolver) entraToken(key, token Value, bridged bool) {
	field := func(name, env string) Value { return r.fieldWithoutSDK(name, env, bridged) }
	ids := principal{
		tenant:   field("tenant_id", "AZURE_TENANT_ID"),
		client:   field("client_id", "AZURE_CLIENT_ID"),
		secretOf: field("client_secret", "AZURE_CLIENT_SECRET"),
		user:     field("azure_username", "AZURE_USERNAME"),
		pass:     field("azure_password", "AZURE_PASSWORD"),
	}
	scope := field("azure_scope", "AZURE_SCOPE")
	why := ""
	if !key.Empty() {
		why = "any key ends the search on this path"
	}
	var provider *candidate
	take := func(c candidate) {
		if why == "" && provider != nil {
			c.why = "another provider is already there"
		} else {
			c.why = why
		}
		if provider == nil {
			provider = &c
		}
		r.offer(c)
	}
	if r.Provider {
		take(candidate{source: FromProvider})
	}
	if c, ok := ids.secret(scope); ok {
		take(c)
	}
	if c, ok := ids.password(scope); ok {
		take(c)
	}
	exchanged := !ids.client.Empty() && !ids.tenant.Empty() && sourceOfToken(token) == FromOIDC
	if !token.Empty() && why == "" && exchanged {
		c := r.oidc(token, ids, scope)
		r.offer(c)
		r.sendToken(key, provider, &c)
		return
	}
	if r.refreshOn() && why == "" && provider == nil {
		r.pickRefresh(scope)
		if r.refresh.picked != nil {
			take(*r.refresh.picked)
		} else if r.out.Fails == nil && token.Empty() && r.does(responsesLast) == "default" && !r.brokenDefault() {
			take(candidate{source: FromDefault, scope: scope})
		}
	}
	if token.Empty() {
		r.sendToken(key, provider, nil)
		return
	}
	// An oidc/… without tenant and client goes along as it is written.
	c := candidate{source: FromToken, value: token, why: why}
	if provider != nil && why == "" {
		c.why = "a provider overrides a static token on this path"
	}
	r.offer(c)
	r.sendToken(key, provider, &c)
}

// sendToken settles the order of the paths without the SDK: key, provider,
// token, nothing.
func (r *resolver) sendToken(key Value, provider, token *candidate) {
	switch {
	case r.out.Fails != nil && key.Empty():
		r.asked = true
	case !key.Empty():
		r.out.Fails = nil
		r.send(candidate{source: FromKey, value: key}, "api-key", false)
	case provider != nil:
		r.send(*provider, "Authorization", true)
	case token != nil:
		r.send(*token, "Authorization", true)
	default:
		r.sendNothing()
	}
}

// responsesAddress is where a Responses call goes.
func (r *resolver) responsesAddress(base Value) {
	how := r.does(responsesURL)
	version := r.param("api_version")
	if how != "given" && version.Empty() {
		version = set(r.variable("AZURE_DEFAULT_RESPONSES_API_VERSION"), given("preview", "LiteLLM's default"))
	}
	r.out.BaseFrom, r.out.VersionOf = base, version
	if !base.Set {
		r.fail("ValueError", "api_base is required for Azure AI Studio. Please set the api_base parameter.")
		return
	}
	if how == "dated" {
		version = r.datedVersion(base, version)
		r.out.VersionOf = version
	}
	text, v := base.Text.Reveal(), version.Text.Reveal()
	route := "/openai/responses"
	p := strings.TrimRight(pathOf(text), "/")
	if (how == "v1-base" || how == "dated") && (strings.HasSuffix(p, "/openai/v1") || strings.HasSuffix(p, "/openai/v1/responses")) {
		route = "/openai/v1/responses"
	}
	address := text
	if !strings.Contains(text, route) {
		address = addPath(text, route)
	}
	if isV1(version) && !strings.Contains(address, "/openai/v1") {
		v1 := r.does(responsesV1)
		if v1 == "every-but-v1" && v != "v1" {
			v1 = "every"
		}
		switch v1 {
		case "every":
			address = replaceInPath(address, "/openai", "/openai/v1")
		case "last":
			if i := strings.LastIndex(address, "/openai/"); i >= 0 {
				address = address[:i] + "/openai/v1" + address[i+len("/openai"):]
			}
		}
	}
	r.out.URL, r.out.APIVersion = addQuery(address, v)
}

// datedVersion replaces a general api-version of a date, which older chat
// deployments are pinned to and which does not know the Responses operation.
func (r *resolver) datedVersion(base, version Value) Value {
	if u, err := url.Parse(base.Text.Reveal()); err == nil && u.Query().Has("api-version") {
		return version
	}
	if own := r.param("responses_api_version"); !own.Empty() {
		return own
	}
	if generalDate(version.Text.Reveal()) {
		return set(r.variable("AZURE_DEFAULT_RESPONSES_API_VERSION"), given("preview", "LiteLLM's default"))
	}
	return version
}

// generalDate reports whether an api-version is a bare date, without -preview.
func generalDate(s string) bool {
	if len(s) != len("2024-10-21") {
		return false
	}
	for i, c := range []byte(s) {
		if (i == 4 || i == 7) != (c == '-') || c != '-' && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// addQuery adds api-version unless the address has one already, which then
// counts.
func addQuery(address, version string) (full, sent string) {
	u, err := url.Parse(address)
	if err != nil {
		return address, ""
	}
	q := u.Query()
	if q.Has("api-version") {
		return u.String(), q.Get("api-version")
	}
	if version != "" {
		q.Set("api-version", version)
		u.RawQuery = q.Encode()
	}
	return u.String(), version
}

// replaceInPath replaces every occurrence in an address's path.
func replaceInPath(address, old, by string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path, u.RawPath = strings.ReplaceAll(u.Path, old, by), ""
	return u.String()
}

// responsesOnly are the names under which LiteLLM's catalogue has models of
// Azure that answer Responses alone. LiteLLM fetches that list at its start,
// whatever its release, and takes a deployment of such a name for the model.
var responsesOnly = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((eu|us|global)/)?(codex-mini|gpt-5(\.\d+)?-(codex(-max|-mini)?|pro)|o3-(pro|deep-research))(-\d{4}-\d{2}-\d{2})?$`)
})

// answersResponsesOnly reports whether a chat with a deployment of this name
// becomes a Responses call.
func answersResponsesOnly(name string) bool { return responsesOnly().MatchString(name) }
