package preflight

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// Why Entra gives no token. Its numeric codes decide; the texts that belong to
// them are documented as subject to change. The managed identities' faults
// come first, since a chain shows them beside others.
var tokenDiagnoses = append(slices.Clip(managedDiagnoses), []*Diagnosis{
	{
		ID:      "entra-ids-placeholder",
		Stage:   StageToken,
		Area:    AreaRuntime,
		Title:   "A tenant or client id is an unreplaced placeholder",
		Setting: SettingClient,
		When: either(aadsts(90013, 700038),
			all(aadsts(700016, 70001), when("the id that Entra repeats is a placeholder", func(e *Evidence) bool { return unreplaced(find(e, repeatedID())) }))),
		Cause: func(e *Evidence) string {
			if id := find(e, repeatedID()); id != "" {
				return "Entra was asked about " + quoted(id) + ", a placeholder that nobody replaced by the real id."
			}
			return "Entra could not read the request: an id in it is a placeholder or not a GUID."
		},
		Remedy: replaceIDs,
		Certain: func(e *Evidence) Certainty {
			return certainIf(firstCode(e) == 700038 || unreplaced(find(e, repeatedID())))
		},
		Others: []string{"entra-tenant-malformed", "entra-app-not-found", "cfg-client-id-malformed"},
		Settle: "both ids as they were sent, by their length: a GUID has 36 characters",
		About:  "A template's placeholder, like ENTER_YOUR_CLIENT_ID or an unexpanded expression, went to Entra in place of an id. In logs the masked id hides it.",
		Verify: "Both ids are GUIDs of 36 characters, and the token step succeeds.",
		Docs:   docsCodes,
		Source: observed("https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/454"),
	},
	{
		ID:    "entra-authority-malformed",
		Stage: StageToken,
		Area:  AreaRuntime,
		Title: "The token authority's address has a path, or is not https",
		When: either(
			all(aadsts(900023, 90002), when("the tenant that Entra repeats is a piece of a path", func(e *Evidence) bool { return pieceOfPath(find(e, repeatedTenant())) })),
			aadsts(50049),
			says("cannot use an authority host without https", "authority host without https", "authority must be https", "authority_uri must", "AuthorityUriInsecure", "Authority must use HTTPS", "is not a valid authority host", "authority provided must be https", "Malformed authority", "Your given address (", "invalid_instance: The authority you provided")),
		Cause: func(e *Evidence) string {
			if t := find(e, repeatedTenant()); t != "" {
				return "Entra took " + quoted(t) + " for the tenant, so the authority's address has a path, or a slash too many or too few."
			}
			return "The address of the token authority is not an https host alone."
		},
		Remedy: func(e *Evidence) Remedy {
			host := "https://" + orElse(e.Setup.Authority, "login.microsoftonline.com") + "/"
			return Remedy{
				Text:    "Set AZURE_AUTHORITY_HOST to " + host + ", without a path, or unset it.",
				Snippet: "env:\n  AZURE_AUTHORITY_HOST: " + yamlValue(host) + "\n",
				Kind:    SetVariable,
				Params:  map[string]string{"name": "AZURE_AUTHORITY_HOST", "value": host},
			}
		},
		About:  "The authority is a host; the libraries add the tenant and the path. With a path in it, Entra takes a piece of the path for the tenant.",
		Verify: "The token step succeeds.",
		Docs:   docsCodes,
		Source: observed(docsIdentity),
	},
	{
		ID:      "entra-tenant-malformed",
		Stage:   StageToken,
		Area:    AreaRuntime,
		Title:   "Entra cannot read the tenant id",
		Setting: SettingTenant,
		When: either(aadsts(900023, 900021, 50029),
			says("invalid tenantID. You can locate your tenantID", "Invalid tenant id provided", "is not a valid tenant id", "Invalid tenantId", "tenantId specified is invalid", "neither a valid DNS name, nor a valid external domain")),
		Cause: func(e *Evidence) string {
			if t := orElse(e.Setup.TenantID, find(e, repeatedTenant())); t != "" {
				return "The tenant id " + quoted(t) + " is neither a GUID nor a domain that Entra can read."
			}
			return "The tenant id is neither a GUID nor a domain: quotation marks, a line break, a missing digit or a placeholder are in it."
		},
		Remedy: setTenant,
		About:  "The tenant id went to Entra with quotation marks, white space, a digit missing, or as a word like undefined. Logs mask it, which hides the mistake.",
		Verify: "`printf %s \"$AZURE_TENANT_ID\" | wc -c` prints 36.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:    "entra-wrong-cloud",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The tenant is in a different cloud from the token authority",
		When:  either(aadsts(900382, 900432, 900439, 90038, 90051), says("is not supported in Cross Cloud request")),
		Cause: func(e *Evidence) string {
			return "The tenant " + tenantOf(e) + " is in a different cloud from the authority " + orElse(inert.Line(e.Setup.Authority), "that was asked") + "."
		},
		Remedy: useCloud,
		About:  "Azure's clouds have authorities of their own. An application of a tenant in one of them is refused by the authority of another.",
		Verify: "The OpenID configuration of the tenant names the cloud in cloud_instance_name, and the token step succeeds.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:      "entra-tenant-not-found",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "There is no such tenant",
		Setting: SettingTenant,
		// MSAL for Python asks for the tenant's configuration first, and leaves
		// the answer out.
		When: either(aadsts(90002), says("Unable to get authority configuration for")),
		Cause: func(e *Evidence) string {
			return "There is no tenant " + orElse(quotedOr(find(e, repeatedTenant())), tenantOf(e)) + " at the authority " + orElse(inert.Line(e.Setup.Authority), "that was asked") + "."
		},
		Remedy:  setTenant,
		Certain: func(e *Evidence) Certainty { return Likely },
		Others:  []string{"entra-wrong-cloud", "net-entra-unreachable"},
		Settle:  "the tenant's OpenID configuration at the authorities of all clouds",
		About:   "The tenant id has the right form but names no tenant of this cloud: another id (of a subscription, an application) in its place, a name, a tenant without a subscription, or a tenant of another cloud.",
		Verify:  "The tenant's /v2.0/.well-known/openid-configuration is found at the authority.",
		Docs:    docsCodes,
		Source:  documented(docsCodes),
	},
	{
		ID:      "entra-app-disabled",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The application's service principal is disabled",
		Setting: SettingClient,
		When:    aadsts(7000112),
		Cause: func(e *Evidence) string {
			return "The application " + applicationOf(e) + " is disabled in the tenant " + tenantOf(e) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:     "Enable the service principal again, or use another application.",
				Commands: []string{command("az", "ad", "sp", "update", "--id", arg(clientID(e), "<client-id>"), "--set", "accountEnabled=true")},
				Kind:     EnableApp,
				Params:   params("client-id", clientID(e)),
			}
		},
		About:  "An administrator, or Microsoft, has disabled the application. No credential of it is accepted until it is enabled.",
		Verify: "`az ad sp show --id` with the client id shows accountEnabled true.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:      "entra-app-not-found",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The tenant has no application with this client id",
		Setting: SettingClient,
		When:    aadsts(700011, 700016, 70001, 7000229),
		Cause: func(e *Evidence) string {
			cause := "The tenant " + tenantOf(e)
			if d := find(e, namedDirectory()); d != "" {
				cause = "The directory " + quoted(d)
			}
			return cause + " has no application with the client id " + orElse(quotedOr(orElse(e.Setup.ClientID, find(e, repeatedID()))), "that was presented") + "."
		},
		Remedy: findApplication,
		About: "The client id is an object id, belongs to another tenant, or was deleted; or the application has no service principal in this tenant. " +
			"The directory that Entra names tells which tenant answered.",
		Verify: "`az ad sp show --id` with the client id finds the service principal in this tenant.",
		Docs:   docsCodes,
		Source: observed("https://github.com/Azure/login/issues/133"),
	},
	{
		ID:      "entra-secret-expired",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The client secret has expired",
		Setting: SettingSecret,
		When:    either(aadsts(7000222), all(aadsts(50012, 70002, 7000215), says("client secret keys", "secret keys are expired", "secret is expired", "secret has expired"))),
		Cause: func(e *Evidence) string {
			return "Every client secret of the application " + applicationOf(e) + " that was tried has expired."
		},
		Remedy: func(e *Evidence) Remedy {
			return resetSecret(e, "Create a new secret and store its value, or stop using secrets: with GitHub's ID token nothing expires.", "--years", "1")
		},
		About:  "A client secret lives for a limited time. A new one has to be created and stored where the workflow reads it.",
		Verify: "The token step succeeds, and `az ad app credential list` shows an endDateTime in the future.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:      "entra-secret-invalid",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The client secret does not belong to this application",
		Setting: SettingSecret,
		When:    either(aadsts(7000215), all(aadsts(50012, 70002), says("client secret")), says("Invalid client secret provided", "Invalid client secret is provided")),
		Cause:   secretCause,
		Remedy: func(e *Evidence) Remedy {
			return resetSecret(e, "Create a new secret and store its value, which is shown only once, not its id; or use GitHub's ID token instead of a secret.")
		},
		About:  "The value that was sent is the secret's id instead of its value, another application's secret, cut short, or has a line break at its end.",
		Verify: "The token step succeeds.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:      "entra-cert-not-registered",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The certificate is not registered on the application",
		Setting: SettingClient,
		When:    either(aadsts(700027, 700030), all(aadsts(50012), says("assertion contains an invalid signature", "The key was not found"))),
		Cause:   certificateCause,
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text: "Upload the certificate to the application that client-id names; for subject-name authentication set AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=true.",
				Commands: []string{
					"openssl x509 -in cert.pem -noout -fingerprint -" + thumbprintAlgorithm(e),
					command("az", "ad", "app", "credential", "reset", "--id", arg(clientID(e), "<client-id>"), "--cert", "@cert.pem", "--append"),
				},
				Kind:   RegisterCertificate,
				Params: params("client-id", clientID(e)),
			}
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(saysAny(e, "The key was not found", "is not registered on application"))
		},
		Others: []string{"oidc-assertion-expired", "entra-app-not-found"},
		Settle: "the thumbprint of the certificate beside those of the application, and the machine's clock",
		About:  "Entra verifies the signature with the certificates that are uploaded to the application. This one is not among them, or belongs to another application; with subject-name and issuer authentication the chain has to be sent along.",
		Verify: "The thumbprint that Entra names is in `az ad app credential list --cert`.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:    "entra-no-client-credential",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "The request to Entra carried neither a secret nor an assertion",
		When:  either(aadsts(7000218, 7000216), all(aadsts(70002, 90014, 900144), says("client_secret", "client_assertion"))),
		Cause: func(e *Evidence) string {
			return "The request for a token of the application " + applicationOf(e) + " carried neither a client secret nor an assertion."
		},
		Remedy: completeCredential,
		About:  "The secret or assertion was empty when the request was made, or a flow for public clients was used with an application that is none.",
		Verify: "The token step succeeds, and the summary's details name the identity that was used.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:      "entra-scope-invalid",
		Stage:   StageToken,
		Area:    AreaDeployment,
		Title:   "The scope does not have the form RESOURCE/.default",
		Setting: SettingScope,
		When:    either(aadsts(1002012, 70011, 28000, 28002, 28003), all(aadsts(90014, 900144), says("parameter: 'scope'", "parameter: 'resource'"))),
		Cause: func(e *Evidence) string {
			return "The scope " + orElse(quotedOr(orElse(e.Setup.Scope, find(e, namedScope()))), "that was asked for") + " is not one that an application can request: it needs /.default after the resource."
		},
		Remedy: useScope,
		About:  "An application asks for everything that it was granted on a resource, by the resource's identifier with /.default behind it. Any other scope is a user's.",
		Verify: "The token step succeeds with the scope " + clouds[0].Scope + ".",
		Docs:   docsCodes,
		Source: observed("https://github.com/microsoftgraph/msgraph-sdk-python/issues/181"),
	},
	{
		ID:      "entra-resource-not-found",
		Stage:   StageToken,
		Area:    AreaDeployment,
		Title:   "The scope names a resource that the tenant does not know",
		Setting: SettingScope,
		When:    aadsts(500011, 50001),
		Cause: func(e *Evidence) string {
			return "The tenant " + tenantOf(e) + " knows no resource " + orElse(quotedOr(orElse(find(e, namedResource()), e.Setup.Scope)), "of that name") + ": the scope is the endpoint's own host, misspelt, or another cloud's."
		},
		Remedy: useScope,
		About:  "The scope names the service and not the instance: https://cognitiveservices.azure.com/.default for every Azure OpenAI resource of the public cloud. A resource's own host is not registered in Entra.",
		Verify: "The token step succeeds with the scope " + clouds[0].Scope + ".",
		Docs:   docsCodes,
		Source: observed("https://github.com/Azure/azure-cli/issues/14948"),
	},
	{
		ID:    "entra-conditional-access",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "A Conditional Access policy refuses the token",
		When: aadsts(50005, 50097, 50131, 53000, 53001, 53002, 53003, 53004, 53005, 53006, 53007, 53008, 53009, 53010, 53011,
			530001, 530002, 530003, 530004, 530021, 530031, 530032, 530033, 530034, 530035, 530036, 530037, 530084),
		Cause: func(e *Evidence) string {
			cause := "A Conditional Access policy of the tenant " + tenantOf(e) + " refused a token to the application " + applicationOf(e)
			if firstCode(e) == 530034 {
				cause = "A policy about delegated administrators of the tenant " + tenantOf(e) + " refused the token"
			}
			return cause + "; the credential itself was accepted."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text: "Have an Entra administrator look up the request in the sign-in logs (service principal sign-ins, by the correlation id in the error), and exclude the application or add the runner's address to the named location; or run on a runner with a fixed address.",
				Kind: ExcludeFromPolicy, Params: params("client-id", clientID(e)),
			}
		},
		About:  "Conditional Access for workload identities blocks the token because of the runner's address, a risk or another condition. The same commit may have passed from another address.",
		Verify: "The sign-in log shows the next request as a success.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:      "entra-assignment-required",
		Stage:   StageToken,
		Area:    AreaAuth,
		Title:   "The resource's application requires an assignment",
		Setting: SettingClient,
		When:    aadsts(50105, 501051),
		Cause: func(e *Evidence) string {
			return "The application that the scope names requires an assignment, and " + applicationOf(e) + " has none."
		},
		Remedy: useScope,
		About:  "An application can demand that its users and callers are assigned to it. Azure's own service for cognitive services does not, so the scope usually names another application.",
		Verify: "The token step succeeds.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
	{
		ID:    "entra-user-flow-in-ci",
		Stage: StageToken,
		Area:  AreaAuth,
		Title: "A user's sign-in is used where only an application can sign in",
		When: aadsts(16000, 50014, 50020, 50034, 50053, 50055, 50056, 50057, 50058, 50064, 50072, 50074, 50076, 50078, 50079, 50085, 50089, 50125, 50126, 50132, 50133, 50135, 50140, 50144, 50155, 50158, 50173, 50180, 50187, 50199,
			500121, 51004, 51006, 54005, 65001, 65002, 65004, 65005, 650056, 650057, 70000, 70008, 70016, 70018, 70019, 70043, 700082, 700084, 80001, 80002, 80005, 80007, 80012, 80013, 80014, 90072, 90094, 90095),
		Cause: func(e *Evidence) string {
			return "Entra answered AADSTS" + strconv.Itoa(firstCode(e)) + ", which concerns a user's sign-in: a user name and password or a cached login is in play, and a workflow cannot complete such a sign-in."
		},
		Remedy: func(e *Evidence) Remedy {
			return useOIDC(e, "Let the workflow sign in as an application: use GitHub's ID token (identity github-oidc), unset AZURE_USERNAME and AZURE_PASSWORD for the step, and do not use cached logins.")
		},
		About:  "Multi-factor authentication, consent, expired passwords and expired refresh tokens are matters of users. In CI they show that a chain picked up a user's credential.",
		Verify: "The token's idtyp is app.",
		Docs:   docsCodes,
		Source: documented(docsCodes),
	},
}...)

// Pieces of Entra's texts.
var (
	repeatedID     = lazy(`(?i)(?:application with identifier|application) '([^']+)'`)
	repeatedTenant = lazy(`(?i)tenant(?: identifier)? '([^']*)'`)
	namedDirectory = lazy(`(?i)in the directory '([^'"]+)['"]`)
	namedResource  = lazy(`(?i)resource principal named (\S+) was not found`)
	namedScope     = lazy(`(?i)(?:provided value for scope|The scope) (\S+) is not valid`)
	thumbprint     = lazy(`(?i)Thumbprint of key used by client: '([0-9A-Fa-f]+)'`)
)

// unreplaced reports whether an id is a template's placeholder. Angle brackets
// and crosses are what people mask an id with when they paste it, so they do
// not count.
func unreplaced(id string) bool {
	return id != "" && (placeholder(id) || strings.Contains(id, "{{") || strings.HasPrefix(id, "$") || instruction().MatchString(id))
}

// instruction is a sample's "Enter_the_Application_Id_here".
var instruction = lazy(`(?i)^(?:enter|insert|put|replace)[ _-].*|[ _-]here$`)

// pieceOfPath reports whether a tenant is what stands behind the tenant in a
// token endpoint's path.
func pieceOfPath(tenant string) bool {
	switch strings.ToLower(tenant) {
	case "authorize", "token", "oauth2", "v2.0", "v1.0", "discovery", ".well-known", "https:", "login.microsoftonline.com":
		return true
	}
	return false
}

func secretCause(e *Evidence) string {
	cause := "Entra does not accept the client secret for the application " + applicationOf(e)
	switch e.Setup.SecretIs {
	case "guid":
		return cause + ": what was sent has the form of a GUID, so it is the secret's id and not its value."
	case "whitespace":
		return cause + ": what was sent has white space in it, a line break at its end perhaps."
	}
	return cause + ": it is the secret's id instead of its value, another application's, or cut short."
}

func certificateCause(e *Evidence) string {
	cause := "The application " + applicationOf(e) + " does not have the certificate that signed the request"
	if t := find(e, thumbprint()); t != "" {
		cause += ", whose thumbprint is " + t
	}
	return cause + "."
}

// The remedies of this file.

func replaceIDs(e *Evidence) Remedy {
	r := setClientRemedy(e)
	r.Text = "Put the real GUIDs in place of the placeholders: the Application (client) ID in client-id and the Directory (tenant) ID in tenant-id."
	r.Commands = append(r.Commands, "az account show --query tenantId -o tsv")
	r.Snippet = "with:\n  client-id: ${{ vars.AZURE_CLIENT_ID }}\n  tenant-id: ${{ vars.AZURE_TENANT_ID }}\n"
	return r
}

func useCloud(e *Evidence) Remedy {
	r := Remedy{
		Text: "Use the authority of the tenant's own cloud: login.microsoftonline.us for US Government, login.chinacloudapi.cn for China, login.microsoftonline.com otherwise. The input cloud sets it.",
		Commands: []string{
			command("curl", "-fsS", "https://login.microsoftonline.com/"+arg(e.Setup.TenantID, "<tenant-id>")+"/v2.0/.well-known/openid-configuration"),
		},
		Snippet: "with:\n  cloud: usgov\n",
		Kind:    UseCloud,
	}
	if e.Target != nil {
		if c := cloudOf(hostOf(e)); c != nil && c.Name != e.Setup.Cloud {
			r.Params = map[string]string{"cloud": c.Name}
			r.Snippet = "with:\n  cloud: " + c.Name + "\n"
		}
	}
	return r
}

// thumbprintAlgorithm is the one whose thumbprint Entra names: clients send
// either.
func thumbprintAlgorithm(e *Evidence) string {
	if len(find(e, thumbprint())) == 64 {
		return "sha256"
	}
	return "sha1"
}

func findApplication(e *Evidence) Remedy {
	id := arg(clientID(e), "<client-id>")
	return Remedy{
		Text: "Set client-id to the Application (client) ID of an application in this tenant, or tenant-id to the tenant that the application is in. If what was given is the object id of a service principal, the first command prints its client id. If the application is meant to be used across tenants, create its service principal here.",
		Commands: []string{
			command("az", "ad", "sp", "show", "--id", id, "--query", "appId", "-o", "tsv"),
			command("az", "ad", "sp", "create", "--id", id),
		},
		Kind: UseClient,
	}
}

func resetSecret(e *Evidence, text string, more ...string) Remedy {
	words := append([]string{"az", "ad", "app", "credential", "reset", "--id", arg(clientID(e), "<client-id>"), "--append", "--query", "password", "-o", "tsv"}, more...)
	return Remedy{
		Text:     text,
		Commands: []string{storeSecret(e, "AZURE_CLIENT_SECRET", command(words...))},
		Kind:     ResetSecret,
		Params:   params("client-id", clientID(e)),
	}
}

// scopeOf is the scope of the endpoint's cloud, else of the one that is set up.
func scopeOf(e *Evidence) string {
	if c := cloudOf(hostOf(e)); c != nil {
		return c.Scope
	}
	if c := cloudNamed(e.Setup.Cloud); c != nil {
		return c.Scope
	}
	return clouds[0].Scope
}

func useScope(e *Evidence) Remedy {
	scope := scopeOf(e)
	return Remedy{
		Text:    "Ask for the scope " + scope + " (a Foundry project's endpoint wants https://ai.azure.com/.default), or leave the input scope empty.",
		Snippet: "with:\n  scope: " + scope + "\n",
		Kind:    UseScope,
		Params:  map[string]string{"scope": scope},
	}
}
