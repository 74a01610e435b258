package preflight

// API Management and other gateways in front of the model. The gateway's own
// refusals and those that it passes on look alike but for their texts.
var gatewayDiagnoses = []*Diagnosis{
	{
		ID:      "apim-subscription-key-missing",
		Stage:   StageDataPlane,
		Area:    AreaAuth,
		Title:   "The gateway received no subscription key that it accepts",
		Setting: SettingBase,
		When: either(
			says("Access denied due to missing subscription key", "missing application credentials or subscription key",
				"Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription"),
			when("the answer's WWW-Authenticate header is AzureApiManagementKey", func(e *Evidence) bool {
				x := failed(e, ServiceModel)
				return x != nil && containsFold(x.Header["www-authenticate"], "AzureApiManagementKey") && !saysAny(e, "or wrong API endpoint")
			})),
		Cause: func(e *Evidence) string {
			what := "no subscription key that it accepts"
			if x := failed(e, ServiceModel); x != nil && x.Sent != "" && !x.Sub {
				what = "no subscription key"
			}
			return "API Management in front of the model, at " + hostOr(e) + ", got " + what + ", so the request did not reach the model."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:    "Give the gateway's subscription key in the input subscription-key, which is sent as Ocp-Apim-Subscription-Key, or in the header that the gateway names. If there is no gateway of yours, correct the endpoint.",
				Snippet: "with:\n  subscription-key: ${{ secrets.APIM_SUBSCRIPTION_KEY }}\n",
				Kind:    SetSubscriptionKey,
				Params:  params("host", hostOf(e)),
			}
		},
		About:  "API Management asks for a key of its own, besides whatever the model behind it wants. The header's name is set on the API.",
		Verify: "The answer is the model's, or another error than this one.",
		Docs:   docsSubscription,
		Source: observed("https://github.com/openai/openai-python/issues/1527"),
	},
	{
		ID:    "apim-quota-exceeded",
		Stage: StageCapacity,
		Area:  AreaQuota,
		Title: "The gateway's own quota is used up",
		When:  says("Out of call volume quota", "Out of bandwidth quota", "Token quota is exceeded"),
		Cause: func(e *Evidence) string {
			cause := "API Management at " + hostOr(e) + " counts what this caller uses, and its quota is spent"
			if left := find(e, replenished()); left != "" {
				cause += "; it is replenished in " + left + " (days.hours:minutes:seconds)"
			}
			return cause + ". The request did not reach the model."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:   "Have whoever runs the gateway raise the quota of its policy (quota, quota-by-key, llm-token-limit), or give this workflow a subscription of its own; or wait until the period is over. If there is no gateway of yours, the resource is of a free tier: move it to S0.",
				Kind:   FixGateway,
				Params: params("host", hostOf(e)),
			}
		},
		About:  "A quota of API Management holds for a subscription, or for whatever the policy counts by, over hours to months. It is answered with 403, which looks like a missing right, while a rate limit is a 429. The free tiers of Azure's AI services, which stand behind the same gateway of Microsoft's, say the same. It says nothing of the deployment's quota, nor of the identity.",
		Verify: "The call is answered.",
		Docs:   docsGatewayQuota,
		Source: observed("https://github.com/MicrosoftDocs/azure-docs/issues/16282"),
	},
	{
		ID:      "apim-backend-auth",
		Stage:   StageDataPlane,
		Area:    AreaAuth,
		Title:   "The gateway's own credential is refused by the model behind it",
		Setting: SettingBase,
		When: when("a gateway passes on the model's refusal of another credential than the one that was sent", func(e *Evidence) bool {
			x := failed(e, ServiceModel)
			if x == nil || !behindGateway(e) {
				return false
			}
			denied := isPermissionDenied(x) || saysAny(e, "lacks the required data action", "does not have access to API/Operation", "Access denied due to invalid subscription key or wrong API endpoint", "Access token is missing, invalid", "Key based authentication is disabled")
			return denied && (e.Token == nil || otherPrincipal(e) != "" || find(e, refusedPrincipal()) == "")
		}),
		Cause: func(e *Evidence) string {
			cause := "The gateway at " + hostOr(e) + " took the request, and the model behind it refused what the gateway sent"
			if p := find(e, refusedPrincipal()); p != "" {
				cause += ", the identity " + quoted(p)
				if e.Token != nil {
					cause += ", while this run's token is that of " + quoted(e.Token.ObjectID)
				}
			}
			return cause + "."
		},
		Remedy: func(e *Evidence) Remedy {
			principal := arg(find(e, refusedPrincipal()), "<object-id of the gateway identity>")
			return Remedy{
				Text: "Let the gateway authenticate with its managed identity (policy authentication-managed-identity for https://cognitiveservices.azure.com) and grant that identity the role on the model's resource, or let the gateway pass on the caller's Authorization header.",
				Commands: []string{command("az", "role", "assignment", "create", "--assignee-object-id", principal, "--assignee-principal-type", "ServicePrincipal", "--role", roleOpenAIUser, "--scope") +
					` "$(` + command("az", "cognitiveservices", "account", "show", "-n", "<resource behind the gateway>", "-g", "<resource-group>", "--query", "id", "-o", "tsv") + `)"`},
				Snippet: `<authentication-managed-identity resource="https://cognitiveservices.azure.com" />` + "\n",
				Kind:    FixGateway,
				Params:  params("host", hostOf(e)),
			}
		},
		Certain: func(e *Evidence) Certainty { return certainIf(otherPrincipal(e) != "") },
		Others:  []string{"aoai-rbac-missing-data-action", "aoai-token-rejected", "aoai-key-invalid"},
		Settle:  "the oid of the caller's token beside the principal in the text",
		About:   "Behind API Management the model sees the gateway's credential: its managed identity or a key in a policy. When the principal in the model's text is not the caller's, the gateway is what has to be mended.",
		Verify:  "The call through the gateway is answered.",
		Docs:    docsGateway,
		Source:  documented(docsGateway),
	},
}

var replenished = lazy(`Quota will be replenished in (\d[\d.:]{3,20}\d)`)

// policyRefusal is what API Management's policies say of a token that is not
// for them: validate-jwt's own words, and those of every sample of it. Report:
// MicrosoftDocs/azure-docs issue 64918.
// https://learn.microsoft.com/azure/api-management/validate-jwt-policy
var policyRefusal = all(says("Access token is missing or invalid", "JWT not present", "Invalid JWT", "Invalid Azure AD JWT"),
	when("a gateway answers 401", func(e *Evidence) bool {
		x := failed(e, ServiceModel)
		return x != nil && x.Status == 401 && behindGateway(e)
	}))

// askGatewayScope has the token issued for what the gateway's policy wants.
func askGatewayScope(e *Evidence) Remedy {
	return Remedy{
		Text:    "Ask whoever runs the gateway for which audience and applications its policy (validate-jwt, validate-azure-ad-token) takes tokens: set scope to that audience with /.default, or let the policy take this token's audience and client id.",
		Snippet: "with:\n  scope: <audience of the policy>/.default\n",
		Kind:    FixGateway,
		Params:  params("host", hostOf(e)),
	}
}

// behindGateway reports whether the host that was called is none of Azure
// OpenAI's own. In a pasted text a strange host may be a mask or a
// placeholder, so there it has to be API Management's.
func behindGateway(e *Evidence) bool {
	host := hostOf(e)
	if e.Pasted {
		return under(host, "azure-api.net")
	}
	return failed(e, ServiceModel) != nil && host != "" && cloudOf(host) == nil
}
