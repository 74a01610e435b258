package preflight

import (
	"fmt"
	"slices"
)

// Managed identities: what answers, or does not, at the metadata address.
// IMDS errors arrive through azidentity as text without an answer, so that the
// wire and the libraries' words are both read.
var managedDiagnoses = []*Diagnosis{
	{
		ID:    "msi-multiple-identities",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The host has several managed identities, and none was selected",
		When:  says("Multiple user assigned identities exist, please specify the clientId"),
		Cause: func(e *Evidence) string {
			return "The host has several user-assigned identities, and the request for a token did not name one by its client id."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:     "Set AZURE_CLIENT_ID (or client-id) to the client id of the intended identity.",
				Commands: []string{command("az", "identity", "list", "-g", "<resource-group>", "--query", "[].{name:name,clientId:clientId}", "-o", "table")},
				Kind:     SetInput,
				Params:   map[string]string{"input": "client-id"},
			}
		},
		About:  "A machine can carry several user-assigned identities. Without a client id the metadata service does not choose.",
		Verify: "The token's appid is the client id of the identity that is meant.",
		Docs:   docsManaged,
		Source: documented(docsManaged),
	},
	{
		ID:      "msi-audience-unsupported",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "This managed identity cannot issue tokens for the service",
		Setting: SettingScope,
		When:    either(coded("AudienceNotSupported"), says("is not a supported MSI token audience", "AudienceNotSupported")),
		Cause: func(e *Evidence) string {
			return "The managed identity that answered, Cloud Shell's for instance, issues no tokens for the scope " + orElse(quotedOr(e.Setup.Scope), "that was asked for") + "."
		},
		Remedy: func(e *Evidence) Remedy {
			r := useOIDC(e, "Sign in explicitly instead of using the host's identity: az login in Cloud Shell, GitHub's ID token in a workflow.")
			r.Commands = []string{"az login"}
			return r
		},
		About:  "Cloud Shell's identity, and others like it, issue tokens for a fixed list of audiences, which Azure OpenAI's is not in.",
		Verify: "The token step succeeds with another method.",
		Docs:   docsIdentity,
		Source: observed("https://github.com/Azure/azure-cli/issues/29057"),
	},
	{
		ID:      "msi-identity-not-found",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The host has no such managed identity",
		Setting: SettingClient,
		When: either(
			all(says("Identity not found"), when("the metadata service was asked", metadataAsked)),
			all(says("the requested identity isn't assigned to this resource", "The requested identity has not been assigned to this resource", "failed to authenticate a system assigned identity",
				"Either the requested identity has not been assigned to this resource", "No User Assigned or Delegated Managed Identity found for specified",
				"Unable to load the proper Managed Identity", "Unable to load requested managed identity",
				// What stands at the metadata address of a cluster with AAD Pod Identity.
				"no azure identity found for request clientID", "getting assigned identities for pod"),
				when("the answer, where it is known, speaks of an identity", func(e *Evidence) bool {
					// azidentity concludes it from the status alone.
					x := failedAt(e, ServiceIMDS)
					return x == nil || e.Pasted || x.Code == "invalid_request" || containsFold(x.Message, "identity")
				})),
			alone("no default identity is assigned to this resource", "The managed identity endpoint is indicating there's no available identity")),
		Cause:  identityCause,
		Remedy: assignIdentity,
		About: "The metadata service of an Azure machine answered, but the machine has no such identity. GitHub's hosted runners are Azure machines without any. " +
			"A client id that belongs to an app registration, or to an identity that is not attached, ends here as well.",
		Verify: "`az vm identity show` lists the identity, and the token step succeeds.",
		Docs:   docsManaged,
		Source: documented(docsManaged),
	},
	{
		ID:     "msi-not-imds",
		Stage:  StageToken,
		Area:   AreaRuntime,
		Title:  "Something other than Azure answers at the metadata address",
		When:   either(says("No MMDS token provided", "connecting to 169.254.169.254:80: connecting to 169.254.169.254:80", "Managed Identity response was not in the expected format"), when("an answer from the metadata address is not Azure's", strangeMetadata)),
		Cause:  strangeCause,
		Remedy: leaveMetadata,
		Certain: func(e *Evidence) Certainty {
			x := failedAt(e, ServiceIMDS)
			return certainIf(x != nil && marksShown(e, x) || saysAny(e, "No MMDS token provided"))
		},
		Others: []string{"msi-imds-timeout"},
		Settle: "the Server header of what answers at the metadata address",
		About:  "The address 169.254.169.254 is shared by many platforms: Firecracker, Docker Desktop's proxy and other clouds answer there too, and no managed identity of Azure is behind it.",
		Verify: "The token step uses another method and succeeds.",
		Docs:   docsManaged,
		Source: observed("https://github.com/Azure/azure-sdk-for-go/issues/21417"),
	},
	{
		ID:    "msi-imds-timeout",
		Stage: StageToken,
		Area:  AreaRuntime,
		Title: "No managed identity endpoint answers",
		When: either(
			when("the metadata address does not answer, and no other credential was tried", func(e *Evidence) bool {
				x := failedAt(e, ServiceIMDS)
				return x != nil && x.Fault != FaultNone && chainLength(e.Text) < 2
			}),
			alone("managed identity timed out", "no response from the IMDS endpoint", "IMDS endpoint unavailable", "ManagedIdentityCredential: no managed identity endpoint", "No managed identity endpoint found",
				"ManagedIdentityCredential authentication unavailable", "Managed Identity authentication is not available", "MSI is not available", "All Managed Identity sources are unavailable", "MSI: Failed to acquire tokens after", "Response from Managed Identity was successful, but the operation timed out", "Network unreachable. Message: connect ENETUNREACH 169.254"),
			when("a request to the metadata address timed out", func(e *Evidence) bool {
				return chainLength(e.Text) < 2 && saysAny(e, "169.254.169.254") && saysAny(e, "i/o timeout", "timed out", "ETIMEDOUT", "no route to host", "EHOSTUNREACH", "connection refused", "ECONNREFUSED", "network is unreachable")
			})),
		Cause: func(e *Evidence) string {
			switch {
			case saysAny(e, "Response from Managed Identity was successful, but"):
				return "The managed identity's endpoint answered too late for the client."
			case saysAny(e, identityPath, identityTried):
				return "The managed identity's endpoint does not answer the client."
			}
			if x := failedAt(e, ServiceIMDS); x != nil && x.Fault != FaultNone && (!slices.Contains(unreached, x.Fault) || x.Host != imdsHost) {
				return "The managed identity's endpoint at " + quoted(orElse(x.Host, imdsHost)) + " gave no whole answer: " + faultWords(x) + "."
			}
			return "The metadata address " + imdsHost + " does not answer: this is no Azure machine, or the container's network does not reach it."
		},
		Remedy: leaveMetadata,
		Certain: func(e *Evidence) Certainty {
			return certainIf(failedAt(e, ServiceIMDS) != nil || saysAny(e, "timed out", "no response", "endpoint unavailable", "no managed identity endpoint", "cannot be established", "sources are unavailable", "169.254"))
		},
		Others: []string{"msi-identity-not-found", "msi-not-imds"},
		Settle: "what the metadata address answers from where the client runs",
		About:  "A managed identity is asked for at a link-local address that exists only on Azure's machines, and that a container network or a proxy may cut off.",
		Verify: "The token step uses another method and succeeds; or the address answers from inside the container.",
		Docs:   docsManaged,
		Source: documented(docsManaged),
	},
	{
		ID:    "msi-server-error",
		Stage: StageToken,
		Area:  AreaRuntime,
		Title: "The managed identity's endpoint is busy or fails",
		Cure:  Passing,
		When: when("a managed identity's endpoint answers 408, 410, 429 or a status from 500 on", func(e *Evidence) bool {
			x := failedAt(e, ServiceIMDS)
			return x != nil && x.Fault == FaultNone && (x.Status == 408 || x.Status == 410 || x.Status == 429 || x.Status >= 500)
		}),
		Cause: func(e *Evidence) string {
			x := failing(e)
			cause := "The managed identity's endpoint"
			if x.Host != "" {
				cause += " at " + quoted(x.Host)
			}
			cause += " answered " + statusWords(x) + codeClause(e) + colon(messageOf(e))
			if w := x.RetryAfter(); w > 0 {
				cause += "; it asks to wait for " + span(w)
			}
			return cause + "."
		},
		Remedy:  waitForEntra("Run again after a while, and let fewer processes of the machine ask for tokens at the same moment. If the error persists, look at the health of the machine and of its agent."),
		Certain: func(e *Evidence) Certainty { return certainIf(!e.Pasted) },
		Others:  []string{"msi-not-imds"},
		Settle:  "the Server header of what answers at the metadata address",
		About: "The metadata service answers 429 to too many requests of one machine, 410 while it is updated, and 500 and above when it fails for the moment. None of these says anything of the identity. " +
			"The check has asked again by the time it says so.",
		Verify: "The token step succeeds.",
		Docs:   docsMetadata,
		Source: documented(docsMetadata),
	},
}

// imdsHost is where an Azure machine finds its metadata service.
const imdsHost = "169.254.169.254"

func metadataAsked(e *Evidence) bool {
	x := failing(e)
	return x != nil && (asked(x) == ServiceIMDS || x.Service == "") ||
		saysAny(e, "169.254.169.254", "ManagedIdentityCredential", "IMDS", "MSI")
}

// strangeMetadata reports whether something that is not IMDS answered: its
// answers carry a Server header of their own and are JSON.
func strangeMetadata(e *Evidence) bool {
	if x := failedAt(e, ServiceIMDS); x != nil {
		if x.Fault == FaultForeign {
			return true
		}
		if containsFold(x.Header["server"], "IMDS/") || x.Code != "" || saysAny(e, identityPath, "adal: Refresh request failed") {
			return false
		}
		return x.Status == 401 || x.Status == 403 || x.Status == 404 || x.Status >= 500 && x.Proxy != ""
	}
	return saysAny(e, "169.254.169.254") && saysAny(e, "unreachable network", "A socket operation was attempted to an unreachable") && saysAny(e, "403", "RESPONSE 404", "RESPONSE 401")
}

// marksShown reports whether the marks of Azure's metadata service would be seen:
// a paste seldom has the answer's headers.
func marksShown(e *Evidence, x *Exchange) bool { return !e.Pasted || x.Header["server"] != "" }

func strangeCause(e *Evidence) string {
	if x := failedAt(e, ServiceIMDS); x != nil && x.Status != 0 {
		way := ""
		if x.Proxy != "" {
			way = "; the way led through the proxy " + quoted(x.Proxy)
		}
		if !marksShown(e, x) {
			return fmt.Sprintf("The metadata address answered %d%s; the text shows no mark of Azure's metadata service, so that something else may answer there%s.", x.Status, colon(x.Message), way)
		}
		return fmt.Sprintf("The metadata address answered %d%s, without the marks of Azure's metadata service, so something else answers there%s.", x.Status, colon(x.Message), way)
	}
	return "What answered at the metadata address is not Azure's metadata service."
}

func identityCause(e *Evidence) string {
	if id := e.Setup.ClientID; id != "" {
		return "The metadata service knows no identity with the client id " + quoted(id) + " on this host."
	}
	if e.Job.Hosted {
		return "The metadata service answered that there is no identity: GitHub's hosted runners are Azure machines without one of yours."
	}
	return "The metadata service answered that the host does not have the identity that was asked for."
}

// The remedies of this file.

func assignIdentity(e *Evidence) Remedy {
	if e.Job.Hosted {
		return useOIDC(e, "On GitHub's hosted runners use GitHub's ID token: identity github-oidc, and the permission id-token: write.")
	}
	return Remedy{
		Text: "Set client-id to the clientId of the user-assigned identity and attach the identity to the machine; on GitHub's hosted runners use GitHub's ID token instead.",
		Commands: []string{
			command("az", "identity", "show", "-n", "<name of the identity>", "-g", "<resource-group>", "--query", "{clientId:clientId,id:id}"),
			command("az", "vm", "identity", "assign", "-g", "<resource-group>", "-n", "<vm>", "--identities", "<id of the identity>"),
		},
		Kind:   AssignIdentity,
		Params: params("client-id", e.Setup.ClientID),
	}
}

func leaveMetadata(e *Evidence) Remedy {
	if saysAny(e, identityPath) {
		return useOIDC(e, "Try again when the container is up: the endpoint in IDENTITY_ENDPOINT begins to answer after the container has started. If it never does, check that the app has an identity (az webapp identity show, az containerapp identity show); outside of Azure use GitHub's ID token.")
	}
	if onADesk(e) {
		return chooseCredential(e)
	}
	r := useOIDC(e, "Use GitHub's ID token, or name one credential with AZURE_TOKEN_CREDENTIALS. On an Azure machine let the container reach 169.254.169.254: NO_PROXY for it, and the host's network if its firewall drops it.")
	r.Commands = []string{"curl -sS -m 2 --noproxy '*' -H 'Metadata: true' 'http://169.254.169.254/metadata/instance?api-version=2021-02-01'"}
	return r
}
