package litellm

import "strings"

// gatewayHost is what LiteLLM looks for in an address.
const gatewayHost = "gateway.ai.cloudflare.com"

// throughGateway reports whether LiteLLM takes an address for Cloudflare's
// gateway, which has addresses, and a client, of their own: chats but those of
// reasoning models, and completions.
func (r *resolver) throughGateway(base Value) bool {
	chat := r.out.Provider == "azure" && (r.Kind == Chat || r.Kind == "") && !r.oSeriesName(r.name)
	return (chat || r.out.Provider == "azure_text") && strings.Contains(base.Text.Reveal(), gatewayHost)
}

// gatewayURL is where that client sends a request.
func (r *resolver) gatewayURL(base, version string) string {
	return r.join(strings.TrimSuffix(strings.TrimSuffix(base, "/")+"/"+r.name, "/"), operation(r.Kind), version)
}

// gateway resolves that client in the releases from 1.63.8 on, whose other
// clients have other rules: the first of key and token, AZURE_AD_TOKEN again
// among the tokens, besides a provider; no service principal, no user, no
// enable_azure_ad_token_refresh.
func (r *resolver) gateway(key Value) {
	token := r.secret("AZURE_AD_TOKEN")
	if own := r.param("azure_ad_token"); !own.Empty() && r.out.Provider != "azure_text" {
		token = own
	}
	r.offerAll(key, token)
	c := construct{key: key}
	if !key.Set && token.Set {
		if sourceOfToken(token) == FromOIDC {
			scope := r.scope()
			if r.does(scopeParam) == "read" {
				scope = r.param("azure_scope") // None, when it is not there, and not AZURE_SCOPE
			}
			cand := r.oidc(token, r.principal(), scope)
			c.token = &cand
		} else {
			c.token = &candidate{source: FromToken, value: token}
		}
	}
	if r.Provider {
		c.provider = &candidate{source: FromProvider, why: "the SDK prefers a static token"}
	}
	r.construct(c)
}
