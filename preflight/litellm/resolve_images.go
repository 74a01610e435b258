package litellm

import (
	"maps"
	"strings"
)

// images resolves image generation, which LiteLLM sends without the SDK: a key
// in its header, and whatever a release adds to that.
func (r *resolver) images() {
	how := r.does(imageAuth)
	key := r.keys()
	token := set(r.secret("AZURE_AD_TOKEN"), r.param("azure_ad_token"))
	version := or(r.param("api_version"), r.global("api_version"), r.secret("AZURE_API_VERSION"))
	if !version.Set && decide("litellm", chatClient, r.Versions.LiteLLM) == "all" {
		version = given(r.does(defaultVersion), "LiteLLM's default")
	}
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	provider := r.imageProvider(how, key, token)
	var static *candidate
	if token.Set {
		static = r.imageToken(how, key, token)
		r.offer(*static)
	}
	switch {
	case decide("litellm", chatClient, r.Versions.LiteLLM) == "one":
		if old := or(r.param("azure_ad_token"), r.secret("AZURE_AD_TOKEN")); !key.Set && sourceOfToken(old) == FromOIDC {
			r.oidc(old, r.principal(), unset(""))
		}
	case how != "tokens":
		r.idleClient(key)
	}
	r.imageAddress(r.base(), version)
	switch {
	case r.out.Fails != nil && !key.Set:
		r.asked = true
	case key.Set:
		r.send(candidate{source: FromKey, value: key}, "api-key", false)
	case how == "tokens" && (r.heads("api-key") || r.heads("Authorization")):
		r.sendNothing()
	case how == "tokens" && static != nil && !token.Empty():
		r.send(*static, "Authorization", true)
	case provider != nil:
		r.send(*provider, "Authorization", true)
		// It replaces Authorization, and takes an api-key for its own, of which there is none.
		r.out.Extra = maps.Clone(r.out.Extra)
		maps.DeleteFunc(r.out.Extra, func(name string, _ Value) bool { return name == "api-key" || name == "Authorization" })
	default:
		r.sendNothing()
		if (how == "keys" || how == "provider-or-key") && !r.overridden("api-key") {
			r.fail("TypeError", "Header value must be str or bytes, not <class 'NoneType'>")
		}
	}
	if r.late != nil {
		r.fail(r.late.Type, r.late.Text)
	}
}

// idleClient is what the releases between do on the side: they prepare the
// arguments of an SDK's client that they then do not use, and can fail in that.
func (r *resolver) idleClient(key Value) {
	given := r.param("azure_ad_token")
	ids, scope := r.principal(), r.scope()
	_, complete := ids.secret(scope)
	_, user := ids.password(scope)
	kept := r.Provider && r.does(tokenProvider) == "kept"
	switch {
	case sourceOfToken(given) == FromOIDC:
		r.oidc(given, ids, scope)
	case key.Empty() && !complete && !user && !kept && r.refreshOn():
		before := r.refresh
		r.pickRefresh(scope)
		r.refresh = before
	}
}

// imageProvider is the provider of tokens that counts for images.
func (r *resolver) imageProvider(how string, key, token Value) *candidate {
	var first *candidate
	add := func(c candidate) {
		switch {
		case how == "keys":
			c.why = "this release sends keys only for images"
		case first != nil:
			c.why = "another provider is already there"
		default:
			if key.Set {
				c.why = "a key is set"
			}
			first = &c
		}
		r.offer(c)
	}
	if r.Provider {
		add(candidate{source: FromProvider})
	}
	if how == "keys" {
		return nil
	}
	ids, scope := r.principal(), r.scope()
	if how == "provider" {
		ids = principal{tenant: r.param("tenant_id"), client: r.param("client_id"), secretOf: r.param("client_secret")}
		scope = or(r.param("azure_scope"), unset(""))
	}
	if how == "tokens" && first == nil {
		own := principal{tenant: r.param("tenant_id"), client: r.param("client_id"), secretOf: r.param("client_secret")}
		if c, ok := own.secret(or(r.param("azure_scope"), unset(""))); ok {
			add(c) // which does not know AZURE_SCOPE
		}
	}
	if how == "provider" || how == "tokens" && first == nil {
		if c, ok := ids.secret(scope); ok {
			add(c)
		}
	}
	if how != "tokens" {
		return first
	}
	if c, ok := ids.password(scope); ok {
		add(c)
	}
	if first == nil && key.Empty() && r.refreshOn() && sourceOfToken(token) != FromOIDC {
		r.pickRefresh(scope)
		if r.refresh.picked != nil {
			add(*r.refresh.picked)
		}
	}
	return first
}

// imageToken is the static token's candidate.
func (r *resolver) imageToken(how string, key, token Value) *candidate {
	c := candidate{source: sourceOfToken(token), value: token, why: "this release sends no static token for images"}
	if how != "tokens" {
		return &c
	}
	c.why = ""
	if c.source == FromOIDC {
		c = r.oidc(token, r.principal(), r.scope())
	}
	if key.Set {
		c.why = "a key is set"
	}
	return &c
}

// imageAddress is where an image is asked for.
func (r *resolver) imageAddress(base, version Value) {
	r.out.BaseFrom, r.out.VersionOf, r.out.APIVersion = base, version, version.Text.Reveal()
	v := version.Text.Reveal()
	text := strings.TrimRight(base.Text.Reveal(), "/")
	switch how := r.does(imageURL); {
	case !base.Set && how == "deployments":
		r.fail("AttributeError", "'NoneType' object has no attribute 'endswith'")
		return
	case !version.Set:
		r.fail("TypeError", "can only concatenate str (not \"NoneType\") to str")
	case how == "v1" && isV1(version):
		r.out.InBody = true
		root, query, _ := strings.Cut(text, "?")
		if i := strings.Index(pathOf(root), "/openai"); i >= 0 {
			root = root[:len(root)-len(pathOf(root))+i]
		}
		r.out.URL, _ = addQuery(root+"/openai/v1/images/generations"+stripVersion(query), v)
	case strings.Contains(text, "/openai/deployments/") && how == "v1":
		r.out.URL = text + "/images/generations?api-version=" + v
	default:
		if how == "deployments" && strings.Contains(text, "/openai/deployments") {
			text = "" // it has become the SDK's base_url, which is not looked at
		}
		r.out.URL = text + "/openai/deployments/" + r.out.Deployment + "/images/generations?api-version=" + v
	}
	if text == "" {
		r.late = &Failure{Type: "UnsupportedProtocol", Text: "Request URL is missing an 'http://' or 'https://' protocol."}
		if r.throughAiohttp() {
			r.late = unsupportedProtocol
		}
	}
}

// stripVersion is a query, with its question mark, without an api-version.
func stripVersion(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && !strings.HasPrefix(part, "api-version=") {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "?" + strings.Join(kept, "&")
}
