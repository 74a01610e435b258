package preflight

import (
	"time"
)

// A liveCase is evidence as a run collects it: a healthy chain with one fact
// broken. id is the diagnosis that must win.
type liveCase struct {
	id   string
	name string
	harm func(*Evidence)
}

var caseNow = time.Date(2026, 11, 20, 8, 15, 42, 0, time.UTC)

const caseHost = "octo-evals.openai.azure.com"

// healthy is evidence of a call that was answered.
func healthy() *Evidence {
	return &Evidence{
		Now: caseNow,
		Setup: Setup{
			Method: MethodGitHubOIDC, TenantID: caseTenant, ClientID: caseClient, Cloud: "public", Authority: "login.microsoftonline.com",
			Audience: "api://AzureADTokenExchange", Scope: clouds[0].Scope, Audiences: clouds[0].Audiences, Timeout: time.Minute,
		},
		Job: Job{Actions: true, EventName: "push", Repository: "octo-org/evals", Server: "https://github.com", JobID: "suite", Hosted: true, IDTokenURL: true, IDTokenToken: true},
		Assertion: &Claims{Issuer: caseIssuer, Subject: caseSubject, Audience: []string{"api://AzureADTokenExchange"},
			IssuedAt: caseNow.Add(-time.Second), NotBefore: caseNow.Add(-time.Second), ExpiresAt: caseNow.Add(5 * time.Minute)},
		Token: &Claims{TenantID: caseTenant, AppID: caseClient, ObjectID: caseObject, Kind: "app", Audience: []string{"https://cognitiveservices.azure.com"},
			IssuedAt: caseNow.Add(-5 * time.Minute), NotBefore: caseNow.Add(-5 * time.Minute), ExpiresAt: caseNow.Add(time.Hour)},
		Target: &Target{Endpoint: "https://" + caseHost, Deployment: "evals-mini", Operation: Chat, Route: RouteDeployments, APIVersion: "2024-10-21"},
		Exchanges: []Exchange{{Service: ServiceModel, Method: "POST", Host: caseHost, Path: "/openai/deployments/evals-mini/chat/completions", APIVersion: "2024-10-21",
			Sent: CredentialBearer, Status: 200, Header: map[string]string{"date": caseNow.Format(time.RFC1123)}, Took: 85 * time.Millisecond, At: caseNow}},
		Model: "gpt-4o-mini-2024-07-18",
	}
}

// The breaks that many cases share.

func foundHere(p Problem) func(*Evidence) {
	return func(e *Evidence) { e.Problem, e.Target, e.Exchanges, e.Token, e.Model = &p, nil, nil, nil, "" }
}

func noToken(e *Evidence) { e.Target, e.Token, e.Model = nil, nil, "" }

func atGitHub(x Exchange) func(*Evidence) {
	return func(e *Evidence) {
		noToken(e)
		e.Assertion = nil
		x.Service, x.Method, x.Host, x.At = ServiceGitHub, "GET", "pipelines.actions.githubusercontent.com", caseNow
		e.Exchanges = []Exchange{x}
	}
}

func atEntra(status, code int, change func(*Evidence)) func(*Evidence) {
	return func(e *Evidence) {
		noToken(e)
		x := Exchange{Service: ServiceEntra, Method: "POST", Host: "login.microsoftonline.com", Path: "/" + caseTenant + "/oauth2/v2.0/token", Status: status, At: caseNow,
			Header: map[string]string{"date": caseNow.Format(time.RFC1123)}}
		if code != 0 {
			x.AADSTS, x.Code, x.Message = []int{code}, "invalid_client", entraText(code, "Something.")
		}
		e.Exchanges = []Exchange{{Service: ServiceEntra, Host: "login.microsoftonline.com", Status: 200, At: caseNow}, x}
		if change != nil {
			change(e)
		}
	}
}

func atEntraFault(f Fault) func(*Evidence) {
	return atEntra(0, 0, func(e *Evidence) { e.Exchanges[1].Fault = f })
}

// atMetadata is an answer from the metadata address. azidentity's client for
// it is the one for Entra, so that only the host tells.
func atMetadata(x Exchange) func(*Evidence) {
	return func(e *Evidence) {
		noToken(e)
		e.Assertion, e.Setup.Method = nil, MethodManagedIdentity
		x.Service, x.Method, x.Host, x.Path, x.At = ServiceEntra, "GET", "169.254.169.254", "/metadata/identity/oauth2/token", caseNow
		e.Exchanges = []Exchange{x}
	}
}

func answer(status int, code, message string) func(*Evidence) {
	return func(e *Evidence) {
		x := &e.Exchanges[0]
		x.Status, x.Code, x.Message, x.Form = status, code, message, FormOwn
		e.Model = ""
	}
}

func modelFault(f Fault) func(*Evidence) {
	return func(e *Evidence) {
		x := &e.Exchanges[0]
		x.Status, x.Header, x.Fault, x.Step, x.Detail = 0, nil, f, stepTCP, "what the transport said"
		e.Model = ""
	}
}

func both(fs ...func(*Evidence)) func(*Evidence) {
	return func(e *Evidence) {
		for _, f := range fs {
			f(e)
		}
	}
}

func says401(message string) func(*Evidence) { return answer(401, "", message) }

// liveCases holds a case for every diagnosis that a run can come to.
var liveCases = append(clientLiveCases(), []liveCase{
	{"cfg-endpoint-malformed", "", foundHere(Problem{ID: "cfg-endpoint-malformed", Input: "endpoint", Value: "octo-evals.openai.azure.com", Source: "input endpoint", Detail: "has no scheme", Allowed: endpointForm, Suggest: "https://" + caseHost})},
	{"cfg-endpoint-untrusted", "", foundHere(Problem{ID: "cfg-endpoint-untrusted", Input: "endpoint", Value: "https://llm.octo.example/openai", Detail: "names the host llm.octo.example, which is in none of Azure's own zones"})},
	{"cfg-endpoint-untrusted", "blocked on the wire", modelFault(FaultBlocked)},
	{"cfg-secrets-empty-untrusted", "", both(foundHere(Problem{ID: "cfg-secrets-empty-untrusted", Input: "client-id", Detail: "is empty"}), func(e *Evidence) { e.Job.Dependabot = true })},
	{"cfg-tenant-id-malformed", "", foundHere(Problem{ID: "cfg-tenant-id-malformed", Input: "tenant-id", Value: "8d5f3f0c", Detail: "has 8 characters"})},
	{"cfg-client-id-malformed", "", foundHere(Problem{ID: "cfg-client-id-malformed", Input: "client-id", Value: "<client>", Detail: "is a placeholder"})},
	{"cfg-tenant-id-missing", "", foundHere(Problem{ID: "cfg-tenant-id-missing", Input: "tenant-id", Detail: "is empty"})},
	{"cfg-client-id-missing", "", foundHere(Problem{ID: "cfg-client-id-missing", Input: "client-id", Detail: "is empty"})},
	{"cfg-credential-incomplete", "", foundHere(Problem{ID: "cfg-credential-incomplete", Input: "AZURE_CLIENT_SECRET", Detail: "is not set", Allowed: "the client secret's value"})},
	{"cfg-workload-token-file", "", foundHere(Problem{ID: "cfg-workload-token-file", Input: "AZURE_FEDERATED_TOKEN_FILE", Detail: "does not exist"})},
	{"cfg-certificate-unreadable", "", foundHere(Problem{ID: "cfg-certificate-unreadable", Input: "AZURE_CLIENT_CERTIFICATE_PATH", Detail: "does not exist"})},
	{"cfg-path-outside", "", foundHere(Problem{ID: "cfg-path-outside", Input: "report", Value: "../../etc/x", Detail: "leads outside"})},
	{"cfg-input-invalid", "", foundHere(Problem{ID: "cfg-input-invalid", Input: "operation", Value: "chatter", Detail: "is not an operation", Allowed: "chat, responses"})},
	{"cfg-credential-shadowed", "", both(foundHere(Problem{ID: "cfg-credential-shadowed", Input: "AZURE_API_KEY"}), func(e *Evidence) {
		e.Setup.Shadows = []Shadow{{"AZURE_API_KEY", EnvEmpty, "input client-env", "LiteLLM sends an empty key"}}
	})},
	{"cfg-no-credential", "", func(e *Evidence) {
		noToken(e)
		e.Exchanges, e.Setup.Method = nil, MethodDefault
		e.Text = "DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n\tAzureCLICredential: executable not found on path"
	}},
	{"cfg-no-credential", "the metadata address was tried last", both(atMetadata(Exchange{Fault: FaultConnect}), func(e *Evidence) {
		e.Setup.Method = MethodDefault
		e.Text = "DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n\tManagedIdentityCredential: managed identity timed out"
	})},

	{"oidc-permission-missing", "", func(e *Evidence) {
		noToken(e)
		e.Assertion, e.Exchanges, e.Job.IDTokenURL, e.Job.IDTokenToken = nil, nil, false, false
	}},
	{"oidc-enterprise-claim", "", atEntra(401, 7002381, nil)},
	{"oidc-untrusted-pr", "", func(e *Evidence) {
		noToken(e)
		e.Assertion, e.Exchanges, e.Job.IDTokenURL, e.Job.IDTokenToken, e.Job.Fork = nil, nil, false, false, true
	}},
	{"oidc-request-failed", "unreachable", atGitHub(Exchange{Fault: FaultTimeout})},
	{"oidc-request-failed", "refused", atGitHub(Exchange{Status: 403, Message: "no"})},
	{"oidc-request-failed", "certificate", atGitHub(Exchange{Fault: FaultTLSTrust})},
	{"oidc-subject-case", "", atEntra(401, 7002138, nil)},
	{"oidc-subject-mismatch", "branch", atEntra(401, 700213, nil)},
	{"oidc-subject-mismatch", "old code, our own subject", atEntra(401, 70021, nil)},
	{"oidc-subject-entity-mismatch", "", atEntra(401, 700213, func(e *Evidence) { e.Assertion.Subject = "repo:octo-org/evals:environment:staging" })},
	{"oidc-subject-immutable", "", atEntra(401, 700213, func(e *Evidence) { e.Assertion.Subject = "repo:octo-org@11/evals@22:ref:refs/heads/main" })},
	{"oidc-subject-custom-template", "", atEntra(401, 700213, func(e *Evidence) { e.Assertion.Subject = "repository_owner_id:11:repository_visibility:private" })},
	{"oidc-issuer-mismatch", "", atEntra(401, 700211, func(e *Evidence) { e.Assertion.Issuer += "/octo-enterprise" })},
	{"oidc-audience-mismatch", "", atEntra(401, 700212, func(e *Evidence) { e.Assertion.Audience = []string{"https://github.com/octo-org"} })},
	{"oidc-issuer-unreachable", "", atEntra(401, 501661, nil)},
	{"oidc-assertion-expired", "late", atEntra(401, 700024, func(e *Evidence) { e.Assertion.ExpiresAt = caseNow.Add(-time.Minute) })},
	{"oidc-assertion-expired", "skew", atEntra(401, 700024, func(e *Evidence) { e.Exchanges[1].At = caseNow.Add(20 * time.Minute) })},
	{"oidc-assertion-lifetime", "", atEntra(401, 70023, func(e *Evidence) { e.Assertion.ExpiresAt = caseNow.Add(999 * time.Hour) })},
	{"oidc-assertion-not-allowed", "", atEntra(401, 700236, nil)},
	{"oidc-fic-propagation", "", func(e *Evidence) {
		e.Exchanges = []Exchange{{Service: ServiceEntra, Status: 401, AADSTS: []int{700213}}, {Service: ServiceEntra, Status: 200}, e.Exchanges[0]}
	}},

	{"entra-ids-placeholder", "", atEntra(400, 90013, nil)},
	{"entra-authority-malformed", "", atEntra(400, 900023, func(e *Evidence) {
		e.Exchanges[1].Message = "AADSTS900023: Specified tenant identifier 'authorize' is neither a valid DNS name, nor a valid external domain."
	})},
	{"entra-tenant-malformed", "", atEntra(400, 900023, nil)},
	{"entra-wrong-cloud", "", atEntra(400, 900432, nil)},
	{"entra-tenant-not-found", "", atEntra(400, 90002, nil)},
	{"entra-app-disabled", "", atEntra(401, 7000112, nil)},
	{"entra-app-not-found", "", atEntra(400, 700016, nil)},
	{"entra-secret-expired", "", atEntra(401, 7000222, nil)},
	{"entra-secret-invalid", "", atEntra(401, 7000215, func(e *Evidence) { e.Setup.SecretIs = "guid" })},
	{"entra-cert-not-registered", "", atEntra(401, 700027, nil)},
	{"entra-no-client-credential", "", atEntra(401, 7000218, nil)},
	{"entra-scope-invalid", "", atEntra(400, 1002012, nil)},
	{"entra-resource-not-found", "", atEntra(400, 500011, nil)},
	{"entra-conditional-access", "", atEntra(400, 53003, nil)},
	{"entra-assignment-required", "", atEntra(400, 50105, nil)},
	{"entra-user-flow-in-ci", "", atEntra(400, 50076, nil)},
	{"entra-unknown", "a code", atEntra(400, 7000999, nil)},
	{"entra-throttled", "", atEntra(429, 0, func(e *Evidence) { e.Exchanges[1].Header["retry-after"] = "30" })},
	{"entra-throttled", "without a wait", atEntra(429, 0, nil)},
	{"entra-server-error", "", atEntra(503, 0, nil)},
	{"entra-server-error", "a code that nobody knows", atEntra(504, 7000999, nil)},
	{"entra-app-not-found", "a code says more than the status", atEntra(500, 700016, nil)},

	{"msi-identity-not-found", "", atMetadata(Exchange{Status: 400, Code: "invalid_request", Message: "Identity not found", Header: map[string]string{"server": "IMDS/150.870.65.1015"}})},
	{"msi-multiple-identities", "", atMetadata(Exchange{Status: 400, Code: "invalid_request", Message: "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"})},
	{"msi-not-imds", "", atMetadata(Exchange{Status: 404, Message: "not found"})},
	{"msi-imds-timeout", "", atMetadata(Exchange{Fault: FaultConnect})},
	{"msi-audience-unsupported", "", atMetadata(Exchange{Status: 400, Code: "AudienceNotSupported", Message: "no"})},
	{"msi-server-error", "", atMetadata(Exchange{Status: 503, Message: "Service Unavailable", Header: map[string]string{"server": "IMDS/150.870.65.1015"}})},
	{"msi-not-imds", "a proxy's page", atMetadata(Exchange{Status: 503, Message: "ERROR: The requested URL could not be retrieved", Proxy: "proxy.octo.example:3128", Header: map[string]string{"server": "squid/6.10"}})},
	{"msi-server-error", "too many requests", atMetadata(Exchange{Status: 429, Header: map[string]string{"retry-after": "5"}})},
	{"msi-unknown", "an answer that nobody has read", both(atMetadata(Exchange{Status: 400}), func(e *Evidence) {
		e.Text = "ManagedIdentityCredential authentication failed. the requested identity isn't assigned to this resource"
	})},
	{"msi-unknown", "", atMetadata(Exchange{Status: 400, Code: "unknown_error", Message: "no", Header: map[string]string{"server": "IMDS/150.870.65.1015"}})},

	{"claims-wrong-audience", "before the call", both(unsentToken, func(e *Evidence) { e.Token.Audience = []string{"https://management.azure.com/"} })},
	{"claims-wrong-audience", "by the brackets", both(says401(rejectedMessage), func(e *Evidence) { e.Token.Audience = []string{"https://graph.microsoft.com"} })},
	{"claims-expired", "before the call", both(unsentToken, func(e *Evidence) { e.Token.ExpiresAt = caseNow.Add(-time.Minute) })},
	{"claims-expired", "by the server's date", both(says401(rejectedMessage), func(e *Evidence) { e.Exchanges[0].Header["date"] = caseNow.Add(2 * time.Hour).Format(time.RFC1123) })},
	{"claims-clock-skew", "", both(unsentToken, func(e *Evidence) {
		e.Token.IssuedAt, e.Token.NotBefore, e.Token.ExpiresAt = caseNow.Add(time.Hour), caseNow.Add(time.Hour), caseNow.Add(2*time.Hour)
	})},
	{"claims-clock-skew", "by the issuer's date", both(unsentToken, func(e *Evidence) { e.Now, e.Issued = caseNow.Add(2*time.Hour), caseNow })},
	{"claims-expired", "by the issuer's date", both(unsentToken, func(e *Evidence) { e.Issued = e.Token.ExpiresAt })},
	{"claims-wrong-tenant", "", both(unsentToken, func(e *Evidence) { e.Token.TenantID = "11111111-2222-3333-4444-555555555555" })},
	{"claims-unexpected-principal", "another application", both(unsentToken, func(e *Evidence) { e.Token.AppID = "11111111-2222-3333-4444-555555555555" })},
	{"claims-unexpected-principal", "a user", both(unsentToken, func(e *Evidence) { e.Token.Kind = "user" })},
	{"claims-unexpected-principal", "expected object", both(unsentToken, func(e *Evidence) { e.Setup.ExpectObjectID = "11111111-2222-3333-4444-555555555555" })},
	{"claims-no-oid", "", both(says401(rejectedMessage), func(e *Evidence) { e.Token.ObjectID = "" })},
	{"claims-lifetime-too-short", "", both(unsentToken, func(e *Evidence) { e.Setup.MinTokenLifetime = 2 * time.Hour })},

	{"net-entra-unreachable", "", atEntraFault(FaultTimeout)},
	{"net-tls-untrusted", "Entra", atEntraFault(FaultTLSTrust)},
	{"net-unexpected-answer", "instead of the authority's configuration", both(atEntraFault(FaultForeign), func(e *Evidence) {
		e.Exchanges[1].Detail = "status 200 with \"text/html\""
		e.Text = "ClientAssertionCredential: unable to resolve an endpoint: server response error:\n status 200"
	})},
	{"net-tls-untrusted", "", modelFault(FaultTLSTrust)},
	{"net-proxy-refused", "", both(modelFault(FaultProxy), func(e *Evidence) { e.Exchanges[0].Proxy = "proxy.octo.example:3128" })},
	{"net-dns-not-found", "", both(modelFault(FaultDNSNotFound), func(e *Evidence) { e.Names = NameCheck{Asked: true, NotFound: true, Works: true} })},
	{"net-dns-not-found", "the resolver knows nobody", both(modelFault(FaultDNSNotFound), func(e *Evidence) { e.Names = NameCheck{Asked: true, NotFound: true} })},
	{"net-dns-not-found", "behind a proxy", both(modelFault(FaultReset), func(e *Evidence) { e.Names = NameCheck{Asked: true, NotFound: true, Works: true} })},
	{"net-private-dns", "", both(modelFault(FaultConnect), func(e *Evidence) {
		e.Names = NameCheck{Asked: true, Works: true, Canonical: "octo-evals.privatelink.openai.azure.com", Addresses: []string{"20.1.2.3"}}
	})},
	{"net-unreachable", "a private address that does not answer", both(modelFault(FaultConnect), func(e *Evidence) {
		e.Names = NameCheck{Asked: true, Works: true, Canonical: "octo-evals.privatelink.openai.azure.com", Addresses: []string{"10.1.2.3"}}
	})},
	{"net-unreachable", "", modelFault(FaultRefused)},
	{"net-timeout", "", modelFault(FaultTimeout)},
	{"net-unexpected-answer", "", func(e *Evidence) {
		e.Exchanges[0].Fault, e.Exchanges[0].Detail, e.Model = FaultForeign, "status 200 with 812 bytes of \"text/html\"", ""
	}},
	{"net-unexpected-answer", "a proxy's page", both(answer(403, "", "Internet Security by Zscaler"), func(e *Evidence) { e.Exchanges[0].Header["content-type"] = "text/html; charset=utf-8" })},
	{"net-firewall-denied", "", answer(403, "AccessDenied", "Access denied due to Virtual Network/Firewall rules.")},
	{"net-firewall-denied", "header", both(answer(403, "", ""), func(e *Evidence) { e.Exchanges[0].Header["policy-id"] = "ThrowExceptionDueToTrafficDenied" })},
	{"net-public-access-disabled", "", answer(403, "AccessDenied", "Public access is disabled. Please configure private endpoint.")},
	{"net-vnet-wrong-endpoint", "", answer(403, "AccessDenied", "A Virtual Network is configured for this resource. Please use the correct endpoint for making requests.")},

	{"aoai-rbac-missing-data-action", "", answer(401, "PermissionDenied", deniedMessage)},
	{"aoai-rbac-propagation", "", func(e *Evidence) {
		e.Exchanges = []Exchange{{Service: ServiceModel, Status: 401, Code: "PermissionDenied"}, e.Exchanges[0]}
	}},
	{"aoai-token-rejected", "", says401(rejectedMessage)},
	{"aoai-auth-header-missing", "", both(says401(rejectedMessage), func(e *Evidence) { e.Exchanges[0].Sent = CredentialNone })},
	{"aoai-key-auth-disabled", "", answer(403, "AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.")},
	{"aoai-key-invalid", "", both(answer(401, "401", "Access denied due to invalid subscription key or wrong API endpoint."), func(e *Evidence) { e.Exchanges[0].Sent, e.Token = CredentialKey, nil })},
	{"aoai-no-custom-subdomain", "", answer(400, "BadRequest", "Please provide a custom subdomain for token authentication, otherwise API key is required.")},
	{"aoai-subdomain-unknown", "", answer(404, "404", "Subdomain does not map to a resource.")},
	{"aoai-tenant-mismatch", "", answer(400, "Tenant provided in token does not match resource token", "Token tenant x does not match resource tenant.")},
	{"aoai-deployment-not-found", "", answer(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")},
	{"aoai-path-not-found", "", answer(404, "404", "Resource not found")},
	{"aoai-api-version-invalid", "by a probe", both(answer(404, "404", "Resource not found"), func(e *Evidence) { e.Probe = &Exchange{Service: ServiceModel, Status: 200, APIVersion: "2024-10-21"} })},
	{"aoai-api-version-invalid", "by a probe that got further", both(answer(404, "404", "Resource not found"), func(e *Evidence) {
		e.Probe = &Exchange{Service: ServiceModel, Status: 404, Code: "DeploymentNotFound", APIVersion: "2024-10-21"}
	})},
	{"aoai-path-not-found", "the probe fails the same", both(answer(404, "404", "Resource not found"), func(e *Evidence) {
		e.Probe = &Exchange{Service: ServiceModel, Status: 404, Code: "404", APIVersion: "2024-10-21"}
	})},
	{"aoai-v1-api-version", "", both(answer(400, "BadRequest", "API version not supported"), func(e *Evidence) { e.Target.Route, e.Exchanges[0].Path = RouteV1, "/openai/v1/chat/completions" })},
	{"aoai-api-version-too-old", "", answer(400, "BadRequest", "Model {modelName} is enabled only for api versions 2024-12-01-preview and later")},
	{"aoai-operation-unsupported", "", answer(400, "OperationNotSupported", "The chatCompletion operation does not work with the specified model, text-embedding-3-large.")},
	{"aoai-operation-unsupported", "Responses", answer(400, "", "This model is not supported by Responses API.")},
	{"aoai-operation-unsupported", "embeddings of a chat model", answer(400, "", "Unsupported data type")},
	{"aoai-responses-only-model", "", answer(400, "OperationNotSupported", "The chatCompletion operation does not work with the specified model, o3-pro.")},
	{"aoai-parameter-unsupported", "", answer(400, "unsupported_parameter", "Unsupported parameter: 'max_tokens' is not supported with this model.")},
	{"aoai-parameter-unsupported", "another maker's model", answer(422, "Invalid input", "invalid input error: Extra inputs are not permitted (user)")},
	{"aoai-content-filter", "of the answer", func(e *Evidence) {
		e.Exchanges = append(e.Exchanges, e.Exchanges[0])
		e.Exchanges[1].Code = codeFiltered
	}},
	{"aoai-content-filter", "", answer(400, "content_filter", "The response was filtered.")},
	{"aoai-output-limit", "", func(e *Evidence) { e.Exchanges = append(e.Exchanges, e.Exchanges[0]); e.Exchanges[1].Code = codeCut }},
	{"aoai-model-unverified", "", func(e *Evidence) { e.Setup.ExpectModel, e.Model, e.Unnamed = "gpt-image-1", "", true }},
	{"claims-unverified", "", func(e *Evidence) {
		e.Setup.ExpectObjectID, e.Token.ObjectID, e.Target, e.Exchanges, e.Model = caseObject, "", nil, nil, ""
	}},
	{"aoai-unexpected-model", "", func(e *Evidence) { e.Setup.ExpectModel = "gpt-4.1" }},
	{"aoai-model-retired", "", answer(410, "ModelDeprecated", "gone")},
	{"aoai-server-error", "", answer(503, "", "")},
	{"aoai-unknown", "", answer(418, "Teapot", "short and stout")},
	{"apim-subscription-key-missing", "", both(gateway, answer(401, "", "Access denied due to missing subscription key."))},
	{"apim-subscription-key-missing", "header", both(gateway, answer(401, "", ""), func(e *Evidence) { e.Exchanges[0].Header["www-authenticate"] = `AzureApiManagementKey realm="x"` })},
	{"apim-quota-exceeded", "", both(gateway, answer(403, "", "Out of call volume quota. Quota will be replenished in 5.03:23:11."))},
	{"apim-backend-auth", "", both(gateway, answer(401, "PermissionDenied", "The principal `11111111-2222-3333-4444-555555555555` lacks the required data action `x` to perform `y` operation."))},
	{"aoai-rbac-missing-data-action", "through a gateway, our own principal", both(gateway, answer(401, "PermissionDenied", deniedMessage))},
	{"aoai-rate-limited", "", both(answer(429, "429", "slow down"), func(e *Evidence) { e.Exchanges[0].Header["retry-after"] = "7" })},
	{"aoai-quota-too-small", "", both(answer(429, "429", "slow down"), func(e *Evidence) { e.Exchanges[0].Header["retry-after"] = "86400" })},
	{"aoai-service-capacity", "", answer(429, "NoCapacity", "The system is currently experiencing high demand and cannot process your request.")},
	{"unknown", "", func(e *Evidence) { noToken(e); e.Exchanges, e.Text = nil, "something that no library has ever said" }},
}...)

func unsentToken(e *Evidence) { e.Exchanges, e.Target, e.Model = nil, nil, "" }

func gateway(e *Evidence) {
	e.Target.Endpoint, e.Exchanges[0].Host, e.Setup.Audiences = "https://octo.azure-api.net", "octo.azure-api.net", nil
}
