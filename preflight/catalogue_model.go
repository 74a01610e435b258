package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// inOwnForm holds when the service itself objects to the request.
var inOwnForm = when("the answer is a 400 in the form of the service's own errors", letIn)

// What Azure OpenAI says of a call: first what is no failure of access at all,
// then whatever stands in front of the service, then what keeps the caller out,
// then what is wrong with the request of a caller who was let in.
var modelDiagnoses = append(append(append([]*Diagnosis{
	{
		ID:       "aoai-rbac-propagation",
		Stage:    StageDataPlane,
		Area:     AreaAuth,
		Severity: SeverityNotice,
		Title:    "The role assignment needed time to take effect",
		Cure:     Propagation,
		When: when("the service first refused the principal and answered it later in the same run", healed(ServiceModel, func(x *Exchange) bool {
			return isPermissionDenied(x)
		})),
		Cause: func(e *Evidence) string {
			return "The service refused the principal for lack of a data action at first and answered it later in the same run: it only needed time, not a fix."
		},
		Remedy: waitLonger("Nothing has to be changed. Where roles are assigned right before the suite runs, set wait-for-propagation to 10m, and assign them at the resource itself."),
		About: "A role assignment can take up to ten minutes to take effect, hours at the scope of a management group, and up to a day for a managed identity that has the role through a group. " +
			"Until then the service's answer is that of a missing role; only a later success proves that it was this.",
		Verify: "The next run succeeds at once.",
		Docs:   docsRolesDelay,
		Source: documented(docsRolesDelay),
	},
	{
		ID:       "aoai-content-filter",
		Stage:    StageDataPlane,
		Area:     AreaProvider,
		Severity: SeverityNotice,
		Title:    "The prompt or the answer was filtered; access is granted",
		When: either(when("an answer comes whole but without text, since it was filtered", func(e *Evidence) bool { return noted(e, codeFiltered) }),
			all(inOwnForm, either(coded(codeFiltered, "contentFilter", "content_policy_violation", "moderation_blocked", "ResponsibleAIPolicyViolation"),
				says("as a result of our safety system", "content management policy", "ResponsibleAIPolicyViolation", "'code': 'content_filter'", "content_filter_result", "ContentPolicyViolationError", "flagged by content filter")))),
		Cause: func(e *Evidence) string {
			if noted(e, codeFiltered) {
				return "The service let the caller in, and its content filter held back what the model answered; the deployment answers."
			}
			return "The service let the caller in and filtered the prompt" + codeClause(e) + "; the deployment answers."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Nothing has to be changed as far as access is concerned. If the suite's own prompts are filtered, reword them or adjust the deployment's content filter.", Kind: ""}
		},
		About:  "A filter refused the prompt after authentication, authorisation and routing had succeeded. For access this is a pass.",
		Verify: "A neutral prompt is answered.",
		Docs:   docsFilter,
		Source: documented(docsFilter),
	},
	{
		ID:       "aoai-output-limit",
		Stage:    StageDataPlane,
		Area:     AreaProvider,
		Severity: SeverityNotice,
		Title:    "The model could not finish within the few tokens requested",
		When: either(
			when("an answer comes whole but without text, since the tokens were used up", func(e *Evidence) bool { return noted(e, codeCut) }),
			all(inOwnForm, says("max_tokens or model output limit was reached", "model output limit was reached"))),
		Cause: func(e *Evidence) string {
			return "The model used up the few tokens that were asked for before it had written anything, as reasoning models do; access is granted and the deployment answers."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Nothing has to be changed as far as access is concerned. The suite should allow a reasoning model enough output tokens for its thinking."}
		},
		About:  "A reasoning model spends output tokens on thinking. The minimal call asks for a few only, so the model may stop before its first word. For access this is a pass.",
		Verify: "A call with more output tokens is answered.",
		Docs:   docsVersions,
		Source: observed("https://github.com/openai/openai-python/issues/2886"),
	},
	{
		ID:       "aoai-model-unverified",
		Stage:    StageDataPlane,
		Area:     AreaDeployment,
		Severity: SeverityWarning,
		Title:    "The answer does not name the model that was expected",
		When:     when("the input expect-model is set, and the answer that proves access names no model", func(e *Evidence) bool { return e.Unnamed }),
		Cause: func(e *Evidence) string {
			return "The deployment " + deploymentOr(e) + " lets this identity in, but its answer names no model, so expect-model " + quoted(e.Setup.ExpectModel) + " could not be checked."
		},
		Remedy: func(e *Evidence) Remedy {
			return listDeployments(e, "Check the deployment's model with az, or leave expect-model empty for images and audio, whose check costs nothing because nothing is made.")
		},
		About:  "Images and audio are checked with a request that the service complains about, and a reasoning model may refuse the few tokens of the check: neither answer names a model.",
		Verify: "az shows the model of the deployment.",
		Docs:   docsVersions,
		Source: observed("https://github.com/Azure-Samples/azure-search-openai-demo/issues/1607"),
	},
	{
		ID:    "aoai-unexpected-model",
		Stage: StageDataPlane,
		Area:  AreaDeployment,
		Title: "The deployment answers with a different model from the expected one",
		When: when("the model that answers is not the one that expect-model names", func(e *Evidence) bool {
			return e.Problem == nil && failing(e) == nil && e.Setup.ExpectModel != "" && e.Model != "" && !sameModel(e.Setup.ExpectModel, e.Model)
		}),
		Cause: func(e *Evidence) string {
			return "The deployment " + deploymentOr(e) + " answered as " + quoted(e.Model) + ", and expect-model says " + quoted(e.Setup.ExpectModel) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			r := listDeployments(e, "Point the suite at the deployment of the intended model, or correct expect-model.")
			r.Kind, r.Params = SetInput, params("input", "expect-model", "value", e.Model)
			return r
		},
		About:  "A deployment's name says nothing about its model, and a deployment can be upgraded to another version by itself. The answer names the model.",
		Verify: "The summary's table names the expected model.",
		Docs:   docsVersions,
		Source: documented(docsVersions),
	},
}, gatewayDiagnoses...), accessDiagnoses...), requestDiagnoses...)

// Who may call: the credential and its roles. The Azure SDK for .NET shows
// PermissionDenied as the reason of every 401, so that the texts decide first
// and that code last.
var accessDiagnoses = []*Diagnosis{
	{
		ID:      "aoai-tenant-mismatch",
		Stage:   StageDataPlane,
		Area:    AreaAuth,
		Title:   "The token comes from a different tenant from the resource's",
		Setting: SettingTenant,
		Reach:   ReachCredential,
		When:    says("does not match resource tenant", "Tenant provided in token does not match resource token"),
		Cause:   tenantCause,
		Remedy: func(e *Evidence) Remedy {
			r := setTenant(e)
			r.Text = "Use the tenant of the resource's subscription, in which the application must have a service principal."
			r.Commands = []string{command("az", "account", "show", "-s", "<subscription>", "--query", "tenantId", "-o", "tsv")}
			r.Kind, r.Params = UseTenant, nil
			return r
		},
		About:  "A resource takes tokens of the tenant that its subscription belongs to. With several tenants a login, a variable or a chain picked another one.",
		Verify: "The token's tid is the tenant of the resource's subscription.",
		Docs:   docsToken,
		Source: observed("https://github.com/Azure-Samples/ai-rag-chat-evaluator/issues/94"),
	},
	{
		ID:      "aoai-no-custom-subdomain",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "The resource has no custom subdomain, which tokens need",
		Setting: SettingBase,
		Reach:   ReachCredential,
		When:    says("Please provide a custom subdomain for token authentication", "Please provide an authentication key"),
		Cause: func(e *Evidence) string {
			return "The endpoint " + hostOr(e) + " takes no tokens: the resource has no custom subdomain, or its regional endpoint was called."
		},
		Remedy: createSubdomain,
		About:  "Entra tokens are taken only at a resource's own subdomain. A regional endpoint is shared by many resources and needs a key to tell whose call it is.",
		Verify: "The endpoint is https://NAME.openai.azure.com, and the call is answered.",
		Docs:   docsToken,
		Source: observed("https://github.com/Azure/azure-sdk-for-net/issues/12813"),
	},
	{
		ID:      "aoai-key-auth-disabled",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "The resource takes no keys",
		Setting: SettingCredential,
		Reach:   ReachCredential,
		When:    either(coded("AuthenticationTypeDisabled"), says("Key based authentication is disabled for this resource", "AuthenticationTypeDisabled")),
		Cause: func(e *Evidence) string {
			return "An API key was sent to " + hostOr(e) + ", and key authentication is disabled there (disableLocalAuth)."
		},
		Remedy: leaveKeys,
		About:  "With disableLocalAuth the resource takes only Entra tokens. A key in a variable that the client prefers over its token has the same effect.",
		Verify: "The report has an Entra token as the credential in its targets.",
		Docs:   docsKeys,
		Source: observed("https://github.com/microsoft/sample-app-aoai-chatGPT/issues/1000"),
	},
	{
		ID:      "aoai-key-invalid",
		Stage:   StageDataPlane,
		Area:    AreaAuth,
		Title:   "The API key does not belong to this resource",
		Setting: SettingCredential,
		Reach:   ReachCredential,
		When:    says("Access denied due to invalid subscription key", "Incorrect API key provided"),
		Cause: func(e *Evidence) string {
			if x := failed(e, ServiceModel); x != nil && x.Sent == CredentialBearer {
				return "The service at " + hostOr(e) + " asks for a valid key although a token was sent: the request reached something that takes keys only."
			}
			return "The key that was sent is not a valid key of the resource at " + hostOr(e) + "."
		},
		Remedy: useCurrentKey,
		Certain: func(e *Evidence) Certainty {
			x := failed(e, ServiceModel)
			return certainIf(x != nil && x.Sent == CredentialKey)
		},
		Others: []string{litellm.KeyShadowsToken, "apim-backend-auth", "aoai-auth-header-missing"},
		Settle: "which header the client sent, and whether a gateway stands at the host",
		About:  "The key belongs to another resource or service, was rotated, or has white space around it; an empty variable counts as a key for some clients. Behind a gateway it can be the gateway's own key.",
		Verify: "The call is answered with the key that `az cognitiveservices account keys list` shows.",
		Docs:   docsToken,
		Source: observed("https://github.com/SciSharp/BotSharp/issues/386"),
	},
	{
		ID:      "aoai-auth-header-missing",
		Stage:   StageDataPlane,
		Area:    AreaRuntime,
		Title:   "The request carried no credential",
		Setting: SettingCredential,
		Reach:   ReachCredential,
		When: either(
			when("the service refuses a request that had neither a token nor a key", func(e *Evidence) bool {
				x := failed(e, ServiceModel)
				return x != nil && x.Status == 401 && x.Sent == CredentialNone
			}),
			says("Illegal header value b'Bearer '", `Illegal header value b"Bearer "`)),
		Cause: func(e *Evidence) string {
			return "The request to " + hostOr(e) + " carried neither an Authorization header with a token nor an api-key: the token was empty, or the header was lost on the way."
		},
		Remedy: func(e *Evidence) Remedy {
			return useOIDC(e, "Give the client a token provider instead of a token that may be empty, unset variables that are set but empty, and make sure that no redirect to another host drops the header.")
		},
		About:  "The client had no token when it called, or a redirect to another host or a proxy dropped the header. The service's text is the same as for a bad token.",
		Verify: "The client's own log shows an Authorization header.",
		Docs:   docsToken,
		Source: documented(docsToken),
	},
	{
		ID:      "aoai-token-rejected",
		Stage:   StageDataPlane,
		Area:    AreaAuth,
		Title:   "The service rejects the access token",
		Setting: SettingCredential,
		Reach:   ReachCredential,
		When: either(all(says("Access token is missing, invalid"), not("the brackets hold no urn:ms.scopedToken", says("urn:ms.scopedToken"))),
			policyRefusal),
		Cause: rejectedCause,
		Remedy: func(e *Evidence) Remedy {
			if policyRefusal.Holds(e) {
				return askGatewayScope(e)
			}
			r := useListedScope(e)
			r.Text = "Check what was sent: a token needs the header Authorization: Bearer, the audience in the text's brackets and an expiry in the future; a key belongs in the header api-key. " + r.Text
			if throughLiteLLM(e) {
				r.Text += " LiteLLM may not have sent the token that it was given: AZURE_AD_TOKEN and AZURE_OPENAI_AD_TOKEN go before a token provider. The check with client: litellm tells."
			}
			return r
		},
		Certain: func(*Evidence) Certainty { return Likely },
		Others:  []string{"claims-wrong-audience", "claims-expired", "aoai-auth-header-missing", litellm.StaticTokenShadows, litellm.ProviderDropped},
		Settle:  "the aud and exp of the decoded token beside the brackets and the answer's Date, and whether an Authorization header was sent",
		About: "One text for four causes: no Authorization header, a key sent as a token, another audience, an expired token. The token's own claims and what was sent tell them apart; " +
			"when all of these are right, a proxy on the way changes the header.",
		Verify: "The report's identity shows audience and expiry, and the call is answered.",
		Docs:   docsToken,
		Source: observed("https://github.com/Azure-Samples/azure-search-openai-demo/issues/458"),
	},
	{
		ID:    "aoai-rbac-missing-data-action",
		Stage: StageDataPlane,
		Area:  AreaAuth,
		Title: "The principal has no role that allows this call",
		Cure:  Propagation,
		Reach: ReachAction,
		When: either(
			when("the service answers 401 or 403 with the code PermissionDenied", func(e *Evidence) bool {
				x := failed(e, ServiceModel)
				return x != nil && isPermissionDenied(x)
			}),
			says("lacks the required data action", "Principal does not have access to API/Operation", "does not have access to API/Operation")),
		Cause:   dataActionCause,
		Remedy:  assignRole,
		Certain: dataActionCertainty,
		Others:  []string{"aoai-rbac-propagation", "claims-unexpected-principal", "apim-backend-auth"},
		Settle:  "the oid of the token beside the principal in the text, and the role assignments at the resource with their age",
		About: "Calling a model needs a data action, which Owner, Contributor and Cognitive Services Contributor do not have. The role must be assigned to the principal of the token (its object id, not the application's) at the resource or above; " +
			"a Foundry project's scope does not cover the resource's own routes.",
		Verify: "`az role assignment list --assignee OBJECT-ID --scope RESOURCE-ID` lists the role, and after some minutes the call is answered.",
		Docs:   docsRoles,
		Source: observed("https://github.com/microsoft/ai-agent-evals/issues/43"),
	},
}

// noted reports whether a whole answer has been marked with a code.
func noted(e *Evidence, code string) bool {
	x := e.Last(ServiceModel)
	return x != nil && x.OK() && x.Code == code
}

func isPermissionDenied(x *Exchange) bool {
	return x.Fault == FaultNone && (x.Status == 0 || x.Status == 401 || x.Status == 403) && (strings.EqualFold(x.Code, "PermissionDenied") || strings.EqualFold(x.Inner, "PermissionDenied"))
}

// Pieces of the service's texts.
var (
	refusedPrincipal = lazy("(?i)principal [`'\"]?([0-9a-f]{8}-[0-9a-f-]{27})")
	lackedAction     = lazy("(?i)data action [`'\"]?([A-Za-z0-9./*{}-]+)")
	tokenTenant      = lazy(`(?i)Token tenant ([0-9A-Za-z-]+) does not match`)
)

func dataActionCause(e *Evidence) string {
	action := orElse(prefixed("the data action ", inert.Line(find(e, lackedAction()))), "the data action of the call")
	cause := "No role in effect on the resource " + orElse(quotedOr(resourceName(e)), "that was called") + " gives the principal " + orElse(quotedOr(principalID(e)), "of the token")
	if e.Token != nil && e.Token.ManagedIdentity != "" {
		cause += " (a managed identity)"
	}
	cause += " " + action
	if other := otherPrincipal(e); other != "" {
		cause += "; the service names another principal, " + quoted(other) + ", so the token that arrived was not the one that was sent"
	}
	return cause + "."
}

func dataActionCertainty(e *Evidence) Certainty {
	// Whether the role was never assigned or is not yet effective the service
	// does not say: that none is in effect for this principal it does.
	return certainIf(!e.Pasted && e.Token != nil && otherPrincipal(e) == "" && find(e, refusedPrincipal()) != "")
}

func tenantCause(e *Evidence) string {
	tenant := find(e, tokenTenant())
	if e.Token != nil && e.Token.TenantID != "" {
		tenant = e.Token.TenantID
	}
	return "The access token was issued by the tenant " + orElse(quotedOr(tenant), "that was asked") + ", and the resource at " + hostOr(e) + " belongs to another one."
}

func rejectedCause(e *Evidence) string {
	x := failed(e, ServiceModel)
	switch {
	case policyRefusal.Holds(e):
		cause := "The gateway at " + hostOr(e) + " rejects the access token by a policy of its own" + colon(messageOf(e))
		if e.Token != nil && len(e.Token.Audience) > 0 {
			cause += "; the token is for the audience " + quoted(strings.Join(e.Token.Audience, " "))
		}
		return cause + "."
	case x != nil && x.Sent == CredentialBearer && e.Token != nil:
		return "The service rejects the access token although its audience " + quoted(strings.Join(e.Token.Audience, " ")) + " and its expiry " + stamp(e.Token.ExpiresAt) + " are right: something on the way may have changed the Authorization header."
	case x != nil && x.Sent == CredentialKey:
		return "The service asks for an access token although a key was sent: this route takes no keys, or the key was put into the Authorization header."
	}
	return "The service rejects the access token: it was missing, for another audience" + bracketClause(e) + ", or expired; the text does not say which."
}

func bracketClause(e *Evidence) string {
	if listed := listedAudiences(e); len(listed) > 0 {
		return " than " + strings.Join(quotedAll(listed), " or ")
	}
	return ""
}

func codeClause(e *Evidence) string {
	if x := failing(e); x != nil && x.Code != "" {
		return " (code " + quoted(x.Code) + ")"
	}
	return ""
}

// The roles that carry data actions. They have been renamed more than once;
// the ids stay.
const (
	roleOpenAIUser  = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd" // Cognitive Services OpenAI User
	roleFoundryUser = "53ca6127-db72-4b80-b1b0-d745d6d5456d" // Foundry User, formerly Azure AI User
)

// The remedies of this file.

// assignRole grants the least role that has the data action. Cognitive Services
// OpenAI User has those of every operation, OpenAI/responses/* among them (its
// definition of 2026-10-09); what it lacks are Foundry's own, of agents say.
func assignRole(e *Evidence) Remedy {
	role, name := roleOpenAIUser, "Cognitive Services OpenAI User"
	action := find(e, lackedAction())
	if containsFold(action, "/AIServices/") {
		role, name = roleFoundryUser, "Foundry User (formerly Azure AI User)"
	}
	kind := "ServicePrincipal"
	if e.Token != nil && e.Token.Kind == "user" {
		kind = "User"
	}
	text := "Assign the role " + name + " to the principal on the resource, by its object id, with az in the resource's subscription. It can take up to ten minutes to take effect."
	if otherPrincipal(e) != "" {
		text += " The principal in the service's text is not the token's: first look for what replaces the token on the way, for example a gateway."
	}
	return Remedy{
		Text: text,
		Commands: []string{command("az", "role", "assignment", "create", "--assignee-object-id", arg(principalID(e), "<object-id of the principal>"),
			"--assignee-principal-type", kind, "--role", role, "--scope") + " " + resourceID(e)},
		Kind:   AssignRole,
		Params: params("principal-id", principalID(e), "role", role, "scope-resource", resourceName(e)),
	}
}

func createSubdomain(e *Evidence) Remedy {
	return Remedy{
		Text:     "Give the resource a custom subdomain, which cannot be undone, and use https://NAME.openai.azure.com as the endpoint.",
		Commands: []string{command("az", "cognitiveservices", "account", "update", "-n", "<resource>", "-g", "<resource-group>", "--custom-domain", "<name>")},
		Kind:     CreateSubdomain,
		Params:   params("resource", resourceName(e)),
	}
}

func leaveKeys(e *Evidence) Remedy {
	r := useOIDC(e, "Send an Entra token instead of a key: set identity to github-oidc and unset AZURE_API_KEY and AZURE_OPENAI_API_KEY for the client. Only where keys are wanted, set disableLocalAuth to false on the resource.")
	// The command for that is not here: whoever pastes all of a block would
	// allow keys as well.
	r.Commands = []string{"unset AZURE_API_KEY AZURE_OPENAI_API_KEY"}
	return r
}

func useCurrentKey(e *Evidence) Remedy {
	text := "Use a current key of this very resource, without white space around it. Better still, use an Entra token instead of a key."
	if throughLiteLLM(e) {
		text = "If LiteLLM was given a token or a token provider, unset AZURE_API_KEY and AZURE_OPENAI_API_KEY: a key in them takes precedence, even an empty one. A check with client: litellm can tell. If you do want to use a key, use a current one of this very resource, without white space around it."
	}
	return Remedy{
		Text: text,
		Commands: []string{storeSecret(e, "AZURE_OPENAI_API_KEY",
			command("az", "cognitiveservices", "account", "keys", "list", "-n", orElse(resourceName(e), "<resource>"), "-g", "<resource-group>", "--query", "key1", "-o", "tsv"))},
		Kind:   RotateKey,
		Params: params("resource", resourceName(e)),
	}
}

func listDeployments(e *Evidence, text string) Remedy {
	return Remedy{
		Text:     text,
		Commands: []string{command("az", "cognitiveservices", "account", "deployment", "list", "-n", orElse(resourceName(e), "<resource>"), "-g", "<resource-group>", "--query", "[].{name:name,model:properties.model.name,version:properties.model.version}", "-o", "table")},
		Kind:     UseDeployment,
	}
}
