package preflight

import "github.com/aoai-preflight/aoai-preflight/preflight/litellm"

// clientHarm is evidence of a LiteLLM whose call has a cause.
func clientHarm(c ClientCause, fails string) func(*Evidence) {
	return func(e *Evidence) {
		t := *e.Target
		t.Client = &ClientEvidence{Client: litellm.SDK, Version: "1.63.7", Stated: "uv.lock:12", Model: "azure/evals-mini", Source: litellm.FromKey, Header: "api-key", Fails: fails, Causes: []ClientCause{c}}
		e.Target, e.Model = &t, ""
		if c.Breaks {
			e.Exchanges = nil
			return
		}
		x := &e.Exchanges[0]
		x.Status, x.Code, x.Message, x.Sent = 401, "401", "Access denied due to invalid subscription key or wrong API endpoint.", CredentialKey
	}
}

// clientLiveCases are one for each cause of the client's own.
func clientLiveCases() []liveCase {
	key := ClientCause{Param: "api_key", Var: "AZURE_API_KEY", State: EnvSet, From: "variable AZURE_API_KEY"}
	from := func(id string, breaks bool, change func(*ClientCause)) func(*Evidence) {
		c := key
		c.ID, c.Breaks = id, breaks
		if change != nil {
			change(&c)
		}
		return clientHarm(c, "")
	}
	inFile := func(param string) func(*ClientCause) {
		return func(c *ClientCause) {
			c.Param, c.Var, c.From, c.At = param, "", "litellm_params."+param, Location{"config.yaml", 7, 7}
		}
	}
	notFound := func(harm func(*Evidence)) func(*Evidence) {
		return func(e *Evidence) {
			harm(e)
			e.Exchanges[0].Status, e.Exchanges[0].Code, e.Exchanges[0].Message = 404, "404", "Resource not found"
		}
	}
	noToken := func(harm func(*Evidence)) func(*Evidence) {
		return func(e *Evidence) {
			harm(e)
			e.Token = nil
			e.Exchanges = []Exchange{{Service: ServiceEntra, Method: "POST", Host: "login.microsoftonline.com", Status: 401, AADSTS: []int{7000215}, Code: "invalid_client", At: caseNow}}
		}
	}
	found := func(id, input, detail string) func(*Evidence) {
		return foundHere(Problem{ID: id, Input: input, Detail: detail, At: Location{"uv.lock", 12, 1}})
	}
	return []liveCase{
		{litellm.VersionCompromised, "", found(litellm.VersionCompromised, "litellm", "pins 1.82.8")},
		{litellm.VersionAdmits, "", found(litellm.VersionAdmits, "litellm", "admits 1.82.7 and 1.82.8")},
		{litellm.ConfigNotFound, "", found(litellm.ConfigNotFound, "litellm-config", "does not exist")},
		{litellm.ConfigInvalid, "", found(litellm.ConfigInvalid, "litellm-config", "has a tab where YAML wants blanks")},
		{litellm.NotCheckable, "", found(litellm.NotCheckable, "litellm-config", "has 2 models that this check does not call")},
		{litellm.OIDCOutlived, "", found(litellm.OIDCOutlived, "azure_ad_token", "is kept for an hour")},
		{litellm.DSPyCache, "", found(litellm.DSPyCache, "cache", "does not know the credential")},
		{litellm.DotEnv, "", found(litellm.DotEnv, "AZURE_API_KEY", "stands in a .env file")},
		{litellm.KeyShadowsToken, "", from(litellm.KeyShadowsToken, false, nil)},
		{litellm.KeyShadowsToken, "empty", from(litellm.KeyShadowsToken, true, func(c *ClientCause) { c.State = EnvEmpty })},
		{litellm.KeyShadowsToken, "in a configuration", from(litellm.KeyShadowsToken, false, inFile("api_key"))},
		{litellm.KeyShadowsToken, "in a .env", from(litellm.KeyShadowsToken, false, func(c *ClientCause) { c.At = Location{".env", 3, 1} })},
		{litellm.StaticTokenShadows, "", from(litellm.StaticTokenShadows, false, func(c *ClientCause) { c.Var = "AZURE_AD_TOKEN" })},
		{litellm.StaticTokenShadows, "empty", from(litellm.StaticTokenShadows, true, func(c *ClientCause) { c.Var, c.State = "AZURE_OPENAI_AD_TOKEN", EnvEmpty })},
		{litellm.ProviderDropped, "", from(litellm.ProviderDropped, true, nil)},
		{litellm.OSeriesDropsToken, "", from(litellm.OSeriesDropsToken, true, nil)},
		{litellm.V1DropsToken, "", from(litellm.V1DropsToken, true, nil)},
		{litellm.RefreshOff, "", from(litellm.RefreshOff, true, inFile("enable_azure_ad_token_refresh"))},
		{litellm.ManagedByAccident, "", noToken(from(litellm.ManagedByAccident, false, func(c *ClientCause) { c.Var = "AZURE_CLIENT_ID" }))},
		{litellm.NamedCredential, "", from(litellm.NamedCredential, true, func(c *ClientCause) { c.Var = "AZURE_CREDENTIAL" })},
		{litellm.NoCredential, "", from(litellm.NoCredential, true, nil)},
		{litellm.TwoCredentials, "", from(litellm.TwoCredentials, true, nil)},
		{litellm.MixedPrincipal, "", noToken(from(litellm.MixedPrincipal, false, nil))},
		{litellm.UserSignIn, "", noToken(from(litellm.UserSignIn, false, nil))},
		{litellm.HeaderOverridden, "", from(litellm.HeaderOverridden, false, inFile("extra_headers.Authorization"))},
		{litellm.ScopeOverridden, "", from(litellm.ScopeOverridden, false, func(c *ClientCause) { c.Var = "AZURE_SCOPE" })},
		{litellm.SovereignScope, "", from(litellm.SovereignScope, false, nil)},
		{litellm.KeyOnly, "", from(litellm.KeyOnly, false, nil)},
		{litellm.OIDCIncomplete, "", from(litellm.OIDCIncomplete, true, inFile("azure_ad_token"))},
		{litellm.EnvMissing, "", from(litellm.EnvMissing, true, nil)},
		{litellm.EnvRefused, "", from(litellm.EnvRefused, true, nil)},
		{litellm.CredentialNotFound, "", from(litellm.CredentialNotFound, true, inFile("litellm_credential_name"))},
		{litellm.VersionInvalid, "", notFound(from(litellm.VersionInvalid, false, inFile("api_version")))},
		{litellm.BaseMissing, "", from(litellm.BaseMissing, true, nil)},
		{litellm.BasePath, "", notFound(from(litellm.BasePath, false, inFile("api_base")))},
		{litellm.PrefixMissing, "", from(litellm.PrefixMissing, true, nil)},
		{litellm.TextModelType, "", from(litellm.TextModelType, true, nil)},
		{"litellm-client-error", "", both(from("litellm-nothing-known", true, nil), func(e *Evidence) { e.Target.Client.Causes, e.Target.Client.Fails = nil, "TypeError: argument of type" })},
	}
}
