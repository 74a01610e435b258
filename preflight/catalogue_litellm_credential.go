package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// The credential that the client sends, when it is not the one that was meant.
var clientCredentialDiagnoses = []*Diagnosis{
	{
		ID: litellm.KeyShadowsToken, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "An API key is sent instead of the token",
		When:  caused(litellm.KeyShadowsToken, "the client has a token source and a key, sends the key, and is refused or cannot send it"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			if c.State == EnvEmpty {
				return clientName(e) + " takes " + c.what() + " for a key, and sends it instead of the token."
			}
			return clientName(e) + " sends the key from " + c.what() + " instead of the token."
		}),
		Remedy: dropSetting("The token is then what is sent."),
		About: "A key in the environment beats a token provider in LiteLLM up to 1.63.7, the Responses API in every version, and a service principal from the environment in every version. Up to 1.63.7 a variable that is set but empty counts as a key: " +
			"an undefined secret of GitHub's is such an empty string.",
		Verify: "The summary's table names the token, not the key.",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "13056"),
	},
	{
		ID: litellm.StaticTokenShadows, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "A static token is sent instead of a fresh one",
		When:  caused(litellm.StaticTokenShadows, "AZURE_AD_TOKEN, AZURE_OPENAI_AD_TOKEN or azure_ad_token is sent and is refused, expired or for another audience"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			if c.State == EnvEmpty {
				return clientName(e) + " takes " + c.what() + " for a token, and sends an empty Authorization header instead of the token provider's."
			}
			if e.Target.Client.Client == litellm.Proxy {
				return clientName(e) + " sends the token from " + c.what() + " as it is, and asks none of the other sources."
			}
			return clientName(e) + " sends the token from " + c.what() + " as it is, instead of asking the token provider."
		}),
		Remedy: func(e *Evidence) Remedy {
			if t := e.Target; t != nil && t.Client != nil && t.Client.Client == litellm.Proxy {
				return dropSetting("What else is configured, tenant_id with client_id and client_secret say, is then asked for a fresh one.")(e)
			}
			return dropSetting("The token provider is then asked, and its token is fresh.")(e)
		},
		About:  "openai-python takes a static token before a token provider, and tests for None, so that an empty AZURE_OPENAI_AD_TOKEN counts. LiteLLM reads AZURE_AD_TOKEN for chat up to 1.63.7 and for Responses in later versions. Such a token lives about an hour.",
		Verify: "The summary's table names the token provider.",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "4417"),
	},
	{
		ID: litellm.OSeriesDropsToken, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The deployment's name makes LiteLLM ignore tokens",
		When:  caused(litellm.OSeriesDropsToken, "the deployment's name holds o1 or o3, and the version of LiteLLM builds a client with a key alone for it"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " takes the deployment " + quoted(e.Target.Deployment) + " for an o-series model, since its name holds o1 or o3, and sends no token on that path" + stated(e) + "."
		}),
		Remedy: upgrade("litellm", "1.69.0", "Or give the deployment a name without o1 and o3 in it."),
		About:  "LiteLLM up to 1.68 looks for the letters o1 and o3 anywhere in the name, so that demo1 and proto3 are caught as well, and its path for o-series models knows neither a token nor a token provider.",
		Verify: "The summary's table names the token.",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "10693"),
	},
	{
		ID: litellm.RefreshOff, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "LiteLLM is not told to use an Entra identity",
		When:  caused(litellm.RefreshOff, "an identity is in the environment and litellm_settings.enable_azure_ad_token_refresh is absent or no boolean"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			if c.State == EnvSet {
				return "enable_azure_ad_token_refresh is not the boolean true, which neither a text in quotation marks nor a number is: " + clientName(e) + " takes it for off, and has no credential."
			}
			return clientName(e) + " uses no identity of the environment unless enable_azure_ad_token_refresh is true, and no other credential is configured."
		}),
		Remedy: editConfig("Set litellm_settings.enable_azure_ad_token_refresh to the boolean true, without quotation marks.", "litellm_settings.enable_azure_ad_token_refresh", "true",
			"litellm_settings:\n  enable_azure_ad_token_refresh: true"),
		About:  "No version of LiteLLM falls back to DefaultAzureCredential by itself. The flag must be the boolean true: a text in quotation marks is off. There is no variable for it, and DSPy never sets it.",
		Verify: "The summary's table names the identity.",
		Docs:   docsLiteLLM, Source: observed(litellmPulls + "20200"),
	},
	{
		ID: litellm.ManagedByAccident, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "LiteLLM picks a managed identity because AZURE_CLIENT_ID is set",
		When:  caused(litellm.ManagedByAccident, "AZURE_CLIENT_ID is set without a secret, and LiteLLM asks for a managed identity"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " finds AZURE_CLIENT_ID without a client secret and asks for a managed identity, although the job signs in otherwise."
		}),
		Remedy: func(e *Evidence) Remedy {
			r := ownIdentity(e)
			r.Text += " Where the suite runs after azure/login, AZURE_CREDENTIAL set to DefaultAzureCredential takes that session instead; a container action cannot see one."
			return r
		},
		About:  "With enable_azure_ad_token_refresh LiteLLM infers the credential: a client id, secret and tenant make a service principal; a client id alone makes a managed identity, also in a job that sets AZURE_CLIENT_ID for azure/login.",
		Verify: "The summary's table names the credential that you meant.",
		Docs:   docsLiteLLM, Source: observed(litellmPulls + "12841"),
	},
	{
		ID: litellm.NamedCredential, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "AZURE_CREDENTIAL names a credential that does not work here",
		When: either(caused(litellm.NamedCredential, "AZURE_CREDENTIAL names a class that LiteLLM does not know, or that lacks what it needs"),
			says("is not a valid AzureCredentialType")),
		Cause: raised("LiteLLM does not know the class that AZURE_CREDENTIAL names.", causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " takes the credential that AZURE_CREDENTIAL names" + detailOf(c) + "."
		})),
		Remedy: func(e *Evidence) Remedy {
			c := leading(e)
			switch {
			case c == nil && e.Pasted, c != nil && c.Breaks && e.Target.Client.before("1.78.0") && !e.Target.Client.before("1.71.0"):
				return upgrade("litellm", "1.78.0", "That release knows DefaultAzureCredential by its name. Until then unset AZURE_CREDENTIAL.")(e)
			case c != nil && !c.Breaks && c.At.File == "" && e.Target.Location.File != "":
				r := ownIdentity(e)
				r.Text = "Unset AZURE_CREDENTIAL. " + r.Text + " What the class would find on the runner itself, such as a session of azure/login, a container action cannot see."
				r.Commands = []string{"unset AZURE_CREDENTIAL"}
				return r
			}
			return Remedy{Text: "Unset AZURE_CREDENTIAL, or give the class what it needs.", Commands: []string{"unset AZURE_CREDENTIAL"}, Kind: UnsetVariable, Params: params("name", "AZURE_CREDENTIAL")}
		},
		About:  "AZURE_CREDENTIAL names one class of azure.identity, ClientSecretCredential by default in old versions. About 1.71 refused DefaultAzureCredential, and swallowed the error.",
		Verify: "The summary's table names the credential.",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "11271"),
	},
	{
		ID: litellm.NoCredential, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "The client has no credential to send",
		When: either(caused(litellm.NoCredential, "no key, token or identity is configured that the client would use"),
			fromLiteLLM(says("Missing credentials. Please pass one of"))),
		Cause: raised("LiteLLM had no key, no token and no token provider that it would use, and sent nothing: none was given, or this release leaves it out.", causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " finds no key, no token and no identity for " + quoted(e.Target.Client.Model) + " that it would use."
		})),
		Certain: unlessPasted,
		Others:  []string{litellm.ProviderDropped, litellm.OSeriesDropsToken, litellm.RefreshOff, litellm.EnvMissing},
		Settle:  "the release of LiteLLM and what the code or the configuration passes, which a check with client or litellm-config knows",
		Remedy: raisedRemedy(Remedy{
			Text: "In code, pass azure_ad_token_provider to LiteLLM 1.69.0 or later (1.63.8 to 1.68 leave it out); in a proxy's configuration, give the model tenant_id, client_id and azure_ad_token: oidc/github/api://AzureADTokenExchange. " +
				"A check with client: litellm, dspy or litellm-config says which of them is left out.",
			Kind: EditConfig, Params: params("key", "azure_ad_token_provider"), Commands: []string{"pip install 'litellm>=1.69.0,!=1.82.7,!=1.82.8'"},
		}, ownIdentity),
		About:  "LiteLLM never falls back to DefaultAzureCredential by itself. Without a key, a token, a complete service principal or enable_azure_ad_token_refresh it raises Missing credentials, or sends the request without any.",
		Verify: "The summary's table names the credential.",
		Docs:   docsLiteLLM, Source: observed(litellmPulls + "20200"),
	},
	{
		ID: litellm.TwoCredentials, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The SDK refuses more than one credential",
		When: either(caused(litellm.TwoCredentials, "a key and a token are passed together to an openai-python that takes one"),
			says("MutuallyExclusiveAuthError", "`azure_ad_token_provider` arguments are mutually exclusive"),
			all(says("`azureADTokenProvider` arguments are mutually exclusive"), not("it is not Anthropic's client", says("AnthropicError")))),
		Cause: raised("OpenAI's client was given more than one of a key, a token and a token provider, and takes only one.", causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " passes more than one credential to openai-python, which takes only one; " + c.what() + " is one too many."
		})),
		Remedy: raisedRemedy(Remedy{
			Text:     "Leave one credential: take AZURE_API_KEY, AZURE_OPENAI_API_KEY and AZURE_AD_TOKEN out of the environment of the step that runs the suite, and pass the token provider alone.",
			Commands: []string{"unset AZURE_API_KEY AZURE_OPENAI_API_KEY AZURE_AD_TOKEN AZURE_OPENAI_AD_TOKEN"}, Kind: UnsetVariable, Params: params("name", "AZURE_API_KEY"),
		}, dropSetting("One credential is left.")),
		About:  "Newer releases of openai-python refuse api_key, azure_ad_token and azure_ad_token_provider together, where older ones took the first of an order. LiteLLM passes all that it finds.",
		Verify: "The summary's table names one credential.",
		Docs:   docsLiteLLM, Source: observed(openaiPulls + "3689"),
	},
	{
		ID: litellm.MixedPrincipal, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "Tenant, client and secret come from different places",
		When:  caused(litellm.MixedPrincipal, "one of tenant_id, client_id and client_secret is the configuration's and another the environment's, and Entra refuses them"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " puts the service principal together field by field" + detailOf(c) + ", and the parts do not belong together."
		}),
		Remedy: editConfig("Give tenant_id, client_id and client_secret in the same place.", "client_secret", "", ""),
		About:  "Each of the three is taken from litellm_params if it is there, else from AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, so that a client id of one application can meet another's secret.",
		Verify: "Entra issues the token.",
		Docs:   docsLiteLLM, Source: documented(docsLiteLLM),
	},
	{
		ID: litellm.UserSignIn, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "LiteLLM signs in as a user instead of as the workflow",
		When:  caused(litellm.UserSignIn, "AZURE_USERNAME, AZURE_PASSWORD and AZURE_CLIENT_ID are set, and the sign-in or the call is refused"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " finds a user's name and password and signs in as that user."
		}),
		Remedy: func(e *Evidence) Remedy {
			if c := leading(e); c != nil && c.At.File != "" {
				return Remedy{Text: "Remove azure_username and azure_password from " + c.At.File + ".", Kind: EditConfig, Params: params("file", c.At.File, "key", "azure_password", "value", "")}
			}
			return Remedy{Text: "Take AZURE_USERNAME and AZURE_PASSWORD out of the environment of the step that runs the suite.", Commands: []string{"unset AZURE_USERNAME AZURE_PASSWORD"}, Kind: UnsetVariable, Params: params("name", "AZURE_USERNAME")}
		},
		About:  "The flow with a user's password beats a key and every identity of the environment; it fails for accounts with multi-factor authentication (AADSTS50076).",
		Verify: "The summary's table names the workflow's identity.",
		Docs:   docsLiteLLM, Source: observed(litellmPulls + "7496"),
	},
	{
		ID: litellm.HeaderOverridden, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "extra_headers replaces the credential",
		When:  caused(litellm.HeaderOverridden, "one of extra_headers and litellm.headers holds Authorization or api-key, and the service refuses it"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return "A configured header (" + c.Param + ") goes out in the place of the credential of " + clientName(e) + "."
		}),
		Remedy: dropSetting("The client then sets its own header."),
		About:  "openai-python does not overwrite an Authorization or api-key header that was passed in. litellm.headers goes along with every chat that has no extra_headers of its own.",
		Verify: "The summary's table names the credential.",
		Docs:   docsLiteLLM, Source: documented(docsLiteLLM),
	},
	{
		ID: litellm.ScopeOverridden, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "The client requests a token for a different audience",
		When:  caused(litellm.ScopeOverridden, "the key azure_scope or the variable AZURE_SCOPE is set, and the token is refused"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " asks for a token with the scope of " + c.what() + ", which is not the one that Azure OpenAI takes."
		}),
		Remedy: dropSetting("The default is https://cognitiveservices.azure.com/.default."),
		About:  "The scope decides the token's audience. Azure OpenAI takes tokens for https://cognitiveservices.azure.com.",
		Verify: "The claims in the summary show the audience https://cognitiveservices.azure.com.",
		Docs:   docsToken, Source: observed(litellmPulls + "11621"),
	},
	{
		ID: litellm.SovereignScope, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "The client requests the public cloud's audience in a different cloud",
		When:  caused(litellm.SovereignScope, "the address is in a sovereign cloud, and neither azure_scope nor AZURE_SCOPE is set"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " asks for the public cloud's audience, and the resource is in another cloud."
		}),
		Remedy: func(e *Evidence) Remedy {
			scope := "https://cognitiveservices.azure.us/.default"
			if e.Setup.Cloud == "china" {
				scope = "https://cognitiveservices.azure.cn/.default"
			}
			return Remedy{Text: "Set AZURE_SCOPE to " + scope + ".", Kind: SetVariable, Params: params("name", "AZURE_SCOPE", "value", scope), Snippet: "env:\n  AZURE_SCOPE: " + scope}
		},
		About:  "LiteLLM's scope stays the public cloud's unless azure_scope or AZURE_SCOPE says otherwise.",
		Verify: "The claims in the summary show the cloud's own audience.",
		Docs:   docsToken, Source: documented(docsLiteLLM),
	},
	{
		ID: litellm.KeyOnly, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "This kind of call supports only keys",
		When:  caused(litellm.KeyOnly, "LiteLLM sends nothing but a key for the kind of call, and the key is missing or refused"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " sends nothing but a key for " + quoted(e.Target.Client.Model) + ", and there is none that works."
		}),
		Remedy: func(e *Evidence) Remedy {
			if t := e.Target; t != nil && t.Operation == Responses && t.Client.before("1.73.1") {
				return upgrade("litellm", "1.73.1", "It sends tokens to the Responses API; until then only AZURE_API_KEY, a key of the resource, works there.")(e)
			}
			return setMissing("AZURE_API_KEY", ", a key of the resource,")(e)
		},
		About:  "The Responses API in LiteLLM before 1.73.1, and parts of azure_ai/, know no Entra credential: whatever is configured is left out.",
		Verify: "The summary's table names the key, or with a release that sends tokens the token.",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "10868"),
	},
	{
		ID: litellm.OIDCIncomplete, Stage: StageLiteLLM, Area: AreaAuth,
		Title: "The oidc/ token lacks what the exchange needs",
		When: either(caused(litellm.OIDCIncomplete, "the key azure_ad_token is oidc/…, and the tenant, the client or the form is missing"),
			says("AZURE_CLIENT_ID and AZURE_TENANT_ID must be set")),
		Cause: raised("LiteLLM cannot exchange an oidc/ token: the tenant or the client is missing.", causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " cannot exchange the oidc/ token of " + c.what() + detailOf(c) + "."
		})),
		Remedy: completeOIDC,
		About:  "LiteLLM exchanges oidc/… at Entra with a tenant and a client, from the parameters or AZURE_TENANT_ID and AZURE_CLIENT_ID. On the Responses path an incomplete one is sent as it stands, as a token.",
		Verify: "Entra issues the token.",
		Docs:   docsLiteLLM, Source: documented(docsLiteLLM),
	},
	{
		ID: litellm.OIDCOutlived, Stage: StageLiteLLM, Area: AreaAuth, Severity: SeverityNotice,
		Title: "The exchanged token is cached for longer than it is valid",
		When:  caused(litellm.OIDCOutlived, "the key azure_ad_token is oidc/…, which the client's cache keeps for an hour"),
		Cause: func(e *Evidence) string {
			s := "LiteLLM exchanges the oidc/ token once and keeps the client with the result for an hour"
			if !e.ExpiresOn.IsZero() && e.ExpiresOn.After(e.Now) {
				s += "; the token of this run lives " + span(e.ExpiresOn.Sub(e.Now))
			}
			return s + "."
		},
		Remedy: func(e *Evidence) Remedy {
			if e.Target != nil && e.Target.Client.before("1.63.8") {
				return Remedy{Text: "Set router_settings.client_ttl below the token's lifetime, or keep the suite shorter.", Kind: EditConfig, Params: params("key", "router_settings.client_ttl"), Snippet: "router_settings:\n  client_ttl: 1800"}
			}
			return Remedy{Text: "Nothing has to be done for a suite that is over before the token expires. A longer one needs a credential that is renewed: tenant_id, client_id and client_secret, say. router_settings.client_ttl shortens the hour up to LiteLLM 1.63.7 only.", Kind: EditConfig, Params: params("key", "azure_ad_token")}
		},
		About:  "The token of oidc/… is exchanged once and baked into a cached client, which is kept for an hour: up to 1.63.7 as long as router_settings.client_ttl says, later whatever it says. A suite that runs longer than the token lives gets 401 in its middle.",
		Verify: "The suite runs through.",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "4417"),
	},
}

// ownIdentity is the remedy that gives a model the workflow's own identity.
func ownIdentity(e *Evidence) Remedy {
	r := Remedy{
		Text: "Give the model the workflow's own identity: azure_ad_token: oidc/github/api://AzureADTokenExchange, with tenant_id and client_id, in a job with the permission id-token: write.",
		Kind: EditConfig, Params: params("key", "azure_ad_token", "value", "oidc/github/api://AzureADTokenExchange"),
		Snippet: "litellm_params:\n  azure_ad_token: oidc/github/api://AzureADTokenExchange\n  tenant_id: os.environ/AZURE_TENANT_ID\n  client_id: os.environ/AZURE_CLIENT_ID",
	}
	if e.Target != nil && e.Target.Client.before("1.69.0") {
		r.Text = "Give the model azure_ad_token: oidc/github/api://AzureADTokenExchange, in a job with the permission id-token: write, and set AZURE_TENANT_ID and AZURE_CLIENT_ID on the job: this release does not take them from litellm_params for it."
		r.Snippet = "litellm_params:\n  azure_ad_token: oidc/github/api://AzureADTokenExchange"
	}
	if c := leading(e); c != nil && c.At.File != "" {
		r.Params["file"] = c.At.File
	}
	return r
}

// completeOIDC is what an oidc/… token lacks. What the client raises tells.
func completeOIDC(e *Evidence) Remedy {
	fails := ""
	if e.Target != nil && e.Target.Client != nil {
		fails = e.Target.Client.Fails
	}
	switch {
	case strings.Contains(fails, "startswith"):
		return Remedy{
			Text: "Remove tenant_id and client_id from litellm_params, which this release takes for a client secret's, and set AZURE_TENANT_ID and AZURE_CLIENT_ID on the job; or use litellm 1.69.0 or later.",
			Kind: EditConfig, Params: params("key", "tenant_id", "value", ""),
		}
	case fails == "" || strings.Contains(fails, "AZURE_CLIENT_ID"):
		return Remedy{
			Text:    "Set AZURE_TENANT_ID and AZURE_CLIENT_ID on the job, or write them to GITHUB_ENV in an earlier step: every release takes them from there.",
			Snippet: "env:\n  AZURE_TENANT_ID: ${{ vars.AZURE_TENANT_ID }}\n  AZURE_CLIENT_ID: ${{ vars.AZURE_CLIENT_ID }}", Kind: SetVariable, Params: params("name", "AZURE_CLIENT_ID"),
		}
	}
	return ownIdentity(e)
}

// before reports whether the client is known to be older than a release.
func (e *ClientEvidence) before(release string) bool {
	if e == nil {
		return false
	}
	v, known := litellm.ParseVersion(e.Version)
	edge, _ := litellm.ParseVersion(release)
	return known && v.Before(edge)
}

// detailOf is a cause's clause behind a colon.
func detailOf(c *ClientCause) string {
	if c.Detail == "" {
		return ""
	}
	return ": " + strings.TrimRight(c.Detail, ". ")
}
