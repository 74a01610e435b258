package preflight

import (
	"encoding/json"
	"fmt"
	"strings"
)

// A textCase is a text as somebody might paste it and what its first finding
// must be; "" for a text that shows no failure. The texts are our own, in the
// families that the services and their clients send.
type textCase struct {
	id   string
	name string
	text string
}

const (
	caseTenant  = "8d5f3f0c-41b2-4f0e-9b3f-2f6d1c0a7e11"
	caseClient  = "2b9f0a7e-66d4-4c83-a1c5-0f3e8d7b6a22"
	caseObject  = "c7e1d2a3-9f48-4b6d-8e57-1a2b3c4d5e33"
	caseTrace   = "Trace ID: 5f1c2d3e-0001-4a4b-9c9d-000000000001 Correlation ID: 5f1c2d3e-0002-4a4b-9c9d-000000000002 Timestamp: 2026-11-20 08:15:42Z"
	caseIssuer  = "https://token.actions.githubusercontent.com"
	caseSubject = "repo:octo-org/evals:ref:refs/heads/release-7"
)

// entraText is a code with a text as Entra writes it.
func entraText(code int, text string) string {
	return fmt.Sprintf("AADSTS%d: %s %s", code, text, caseTrace)
}

// entraBody is the token endpoint's answer.
func entraBody(oauth string, code int, text string) string {
	b, _ := json.Marshal(map[string]any{
		"error": oauth, "error_description": entraText(code, text), "error_codes": []int{code},
		"timestamp": "2026-11-20 08:15:42Z", "trace_id": "5f1c2d3e-0001-4a4b-9c9d-000000000001",
		"error_uri": fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", code),
	})
	return string(b)
}

// azidentityBlock is how the Go library prints an answer.
func azidentityBlock(credential, method, url string, status int, body string) string {
	rule := strings.Repeat("-", 80)
	return fmt.Sprintf("%s authentication failed. \n%s %s\n%s\nRESPONSE %d: %d\n%s\n%s\n%s\nTo troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#x",
		credential, method, url, rule, status, status, rule, body, rule)
}

// pythonError is how openai-python shows an answer: the dictionary's repr.
func pythonError(class string, status int, body string) string {
	return fmt.Sprintf("openai.%s: Error code: %d - %s", class, status, pythonRepr(body))
}

// pythonRepr is a JSON object as Python prints it.
func pythonRepr(body string) string {
	r := strings.NewReplacer(`"`, `'`, ":null", ": None", `':`, `': `, `,'`, `, '`)
	return r.Replace(strings.ReplaceAll(body, `'`, "`"))
}

func modelBody(code, message string) string {
	b, _ := json.Marshal(map[string]any{"error": map[string]any{"code": code, "message": message}})
	return string(b)
}

const deniedMessage = "The principal `" + caseObject + "` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST /openai/deployments/{deployment-id}/chat/completions` operation."

const rejectedMessage = "Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired."

// textCases holds at least one text for every diagnosis that a text can show.
var textCases = append([]textCase{
	// Entra: the number decides, in whatever it is wrapped.
	{"oidc-subject-mismatch", "cut subject", "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octo-org/evals"},
	{"oidc-subject-mismatch", "azure/login, branch", "Running Azure CLI Login.\nFederated token details:\n issuer - " + caseIssuer + "\n subject claim - " + caseSubject + "\nAttempting Azure CLI login by using OIDC...\nError: " + entraText(700213, "No matching federated identity record found for presented assertion subject '"+caseSubject+"'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion.")},
	{"oidc-subject-entity-mismatch", "environment", "ERROR: " + entraText(700213, "No matching federated identity record found for presented assertion subject 'repo:octo-org/evals:environment:nightly runs'. Check your credential.")},
	{"oidc-subject-entity-mismatch", "tag, Go", azidentityBlock("ClientAssertionCredential", "POST", "https://login.microsoftonline.com/"+caseTenant+"/oauth2/v2.0/token", 401, entraBody("invalid_client", 700213, "No matching federated identity record found for presented assertion subject 'repo:octo-org/evals:ref:refs/tags/v7'."))},
	{"oidc-subject-immutable", "", entraText(700213, "No matching federated identity record found for presented assertion subject 'repo:octo-org@4411/evals@9922:pull_request'.")},
	{"oidc-subject-custom-template", "", entraText(700213, "No matching federated identity record found for presented assertion subject 'job_workflow_ref:octo-org/shared/.github/workflows/eval.yml@refs/heads/main'.")},
	{"oidc-subject-mismatch", "Kubernetes", entraText(700213, "No matching federated identity record found for presented assertion subject 'system:serviceaccount:evals:runner'.")},
	{"oidc-subject-case", "", entraText(7002138, "No matching federated identity record found for presented assertion subject 'repo:Octo-Org/evals:ref:refs/heads/main'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison.")},
	{"oidc-issuer-mismatch", "700211", entraText(700211, "No matching federated identity record found for presented assertion issuer 'https://token.actions.githubusercontent.com/octo-enterprise'. Check your credential.")},
	{"oidc-issuer-mismatch", "old code, all three look right", entraText(70021, "No matching federated identity record found for presented assertion. Assertion Issuer: '"+caseIssuer+"'. Assertion Subject: '"+caseSubject+"'. Assertion Audience: 'api://AzureADTokenExchange'.")},
	{"oidc-audience-mismatch", "700212", entraText(700212, "No matching federated identity record found for presented assertion audience 'https://github.com/octo-org'.")},
	{"oidc-audience-mismatch", "old code", entraText(70021, "No matching federated identity record found for presented assertion. Assertion Issuer: '"+caseIssuer+"'. Assertion Subject: '"+caseSubject+"'. Assertion Audience: 'https://github.com/octo-org'.")},
	{"oidc-issuer-unreachable", "", entraText(501661, "Request to External OIDC endpoint failed.")},
	{"oidc-assertion-expired", "", entraBody("invalid_client", 700024, "Client assertion is not within its valid time range. Current time: 2026-11-20T08:15:42Z, assertion valid from 2026-11-20T07:00:00Z, expiry time of assertion 2026-11-20T07:05:00Z.")},
	{"oidc-assertion-lifetime", "", entraText(70023, "External OIDC Provider token must have a lifetime of less than or equal to 24 hours.")},
	{"oidc-assertion-not-allowed", "", entraText(700236, "Entra ID tokens issued by issuer 'https://login.microsoftonline.com/"+caseTenant+"/v2.0' may not be used for federated identity credential flows.")},
	{"entra-ids-placeholder", "700038", entraText(700038, "00000000-0000-0000-0000-000000000000 is not a valid application identifier.")},
	{"entra-ids-placeholder", "template", entraText(700016, "Application with identifier 'ENTER_YOUR_CLIENT_ID' was not found in the directory 'Octo'.")},
	{"entra-ids-placeholder", "sample", entraText(700016, "Application with identifier 'Enter_the_Application_Id_here' was not found in the directory 'Octo'.")},
	{"entra-app-not-found", "", "ERROR: " + entraText(700016, "Application with identifier '"+caseClient+"' was not found in the directory 'Octo Research'. This can happen if the application has not been installed.")},
	{"entra-app-not-found", "masked", "Error: AADSTS700016: Application with identifier '***' was not found in the directory '***'."},
	{"entra-tenant-not-found", "", entraBody("invalid_request", 90002, "Tenant '"+caseTenant+"' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.")},
	{"entra-tenant-malformed", "", entraText(900023, "Specified tenant identifier '\"8d5f3f0c\"' is neither a valid DNS name, nor a valid external domain.")},
	{"entra-tenant-malformed", "Go", "invalid tenantID. You can locate your tenantID by following the instructions listed here: https://learn.microsoft.com/partner-center/find-ids-and-domain-names"},
	{"entra-authority-malformed", "path", entraText(900023, "Specified tenant identifier 'oauth2' is neither a valid DNS name, nor a valid external domain.")},
	{"entra-wrong-cloud", "", entraText(900382, "Confidential Client is not supported in Cross Cloud request.")},
	{"entra-secret-invalid", "MSAL for Python", "{'error': 'invalid_client', 'error_description': \"" + entraText(7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '"+caseClient+"'.") + "\", 'error_codes': [7000215]}"},
	{"entra-secret-invalid", "old code", "AADSTS70002: Error validating credentials. AADSTS50012: Invalid client secret is provided."},
	{"entra-secret-expired", "", entraText(7000222, "The provided client secret keys for app '"+caseClient+"' are expired.")},
	{"entra-cert-not-registered", "", entraText(700027, "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '0A1B2C3D4E5F60718293A4B5C6D7E8F901234567']")},
	{"entra-no-client-credential", "", entraText(7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")},
	{"entra-scope-invalid", "", entraText(1002012, "The provided value for scope https://octo-evals.openai.azure.com is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.")},
	{"entra-resource-not-found", "", entraText(500011, "The resource principal named https://octo-evals.openai.azure.com was not found in the tenant named Octo Research.")},
	{"entra-conditional-access", "", "interaction_required: " + entraText(53003, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.")},
	{"entra-app-disabled", "", entraText(7000112, "Application '"+caseClient+"'(octo-evals) is disabled.")},
	{"entra-assignment-required", "", entraText(501051, "Application '"+caseClient+"'(octo-evals) is not assigned to a role for the application 'x'(y).")},
	{"entra-user-flow-in-ci", "az", "ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.\nInteractive authentication is needed. Please run:\naz login --scope https://management.core.windows.net//.default"},
	{"entra-user-flow-in-ci", "password", entraText(50126, "Error validating credentials due to invalid username or password.")},
	{"entra-unknown", "", entraText(9002313, "Invalid request. Request is malformed or invalid.")},
	{"cfg-client-id-missing", "900144", entraText(900144, "The request body must contain the following parameter: 'client_id'.")},
	{"cfg-tenant-id-missing", "50059", entraText(50059, "No tenant-identifying information found in either the request or implied by any provided credentials.")},

	// GitHub's token service.
	{"oidc-permission-missing", "azure/login, with what follows", "Error: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable\nError: Please make sure to give write permissions to id-token in the workflow.\n/usr/bin/az cloud set -n azurecloud\nError: AADSTS50027: JWT token is invalid or malformed."},
	{"oidc-untrusted-pr", "Dependabot", "GITHUB_ACTOR: dependabot[bot]\nRunning Azure CLI Login.\nError: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable"},
	{"oidc-permission-missing", "LiteLLM", "ValueError: ACTIONS_ID_TOKEN_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_TOKEN not found in environment."},
	{"oidc-request-failed", "", "Error: Error message: connect ETIMEDOUT 140.82.112.4:443\nhttps://pipelinesghubeus7.actions.githubusercontent.com/abc/idtoken?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange"},
	{"oidc-unsupported-host", "", "The workflow is not valid. .github/workflows/evals.yml (Line: 9, Col: 3): The key 'id-token' is not allowed"},
	{"cfg-secrets-empty-untrusted", "", "Error: Login failed with Error: Using auth-type: SERVICE_PRINCIPAL. Not all values are present. Ensure 'client-id' and 'tenant-id' are supplied."},

	// Configuration and chains.
	{"cfg-tenant-id-missing", "Go", "EnvironmentCredential: missing environment variable AZURE_TENANT_ID"},
	{"cfg-client-id-missing", "Go", "WorkloadIdentityCredential: no client ID specified. Check pod configuration or set ClientID in the options"},
	{"cfg-credential-incomplete", "in a chain", "DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: incomplete environment variable configuration. Only AZURE_TENANT_ID and AZURE_CLIENT_ID are set\n\tWorkloadIdentityCredential: no token file specified. Check pod configuration or set TokenFilePath in the options\n\tManagedIdentityCredential: managed identity timed out\n\tAzureCLICredential: executable not found on path"},
	{"cfg-no-credential", "Go", "panic: DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n\tWorkloadIdentityCredential: no client ID specified. Check pod configuration or set ClientID in the options\n\tManagedIdentityCredential: managed identity timed out\n\tAzureCLICredential: executable not found on path\n\tAzureDeveloperCLICredential: executable not found on path"},
	{"cfg-no-credential", "Python", "azure.core.exceptions.ClientAuthenticationError: DefaultAzureCredential failed to retrieve a token from the included credentials.\nAttempted credentials:\n\tEnvironmentCredential: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\nVisit https://aka.ms/azsdk/python/identity/environmentcredential/troubleshoot to troubleshoot this issue.\n\tManagedIdentityCredential: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.\n\tSharedTokenCacheCredential: SharedTokenCacheCredential authentication unavailable. No accounts were found in the cache.\n\tAzureCliCredential: Azure CLI not found on path\n\tAzurePowerShellCredential: PowerShell is not installed"},
	{"cfg-no-credential", ".NET", "Azure.Identity.CredentialUnavailableException: DefaultAzureCredential failed to retrieve a token from the included credentials. See the troubleshooting guide for more information. https://aka.ms/azsdk/net/identity/defaultazurecredential/troubleshoot\n- EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\n- WorkloadIdentityCredential authentication unavailable. The workload options are not fully configured.\n- ManagedIdentityCredential authentication unavailable. No response received from the managed identity endpoint.\n- Azure CLI not installed"},
	{"cfg-no-credential", "JS", "ChainedTokenCredential authentication failed.\nCredentialUnavailableError: EnvironmentCredential is unavailable. No underlying credential could be used.\nCredentialUnavailableError: WorkloadIdentityCredential: is unavailable. tenantId, clientId, and federatedTokenFilePath are required parameters.\nCredentialUnavailableError: ManagedIdentityCredential: Authentication failed. Message ManagedIdentityCredential authentication failed\nCredentialUnavailableError: Azure CLI could not be found. Please visit https://aka.ms/azure-cli for installation instructions"},
	{"cfg-no-credential", "Java", "com.azure.identity.CredentialUnavailableException: EnvironmentCredential authentication unavailable. Environment variables are not fully configured.\nManagedIdentityCredential authentication unavailable. Connection to IMDS endpoint cannot be established.\nAzureCliCredential authentication unavailable. Azure CLI not installed."},
	{"cfg-token-credentials-invalid", "", `invalid AZURE_TOKEN_CREDENTIALS value "staging". Valid values are "dev", "prod"`},
	{"cfg-azcli-missing", "", "AzureCLICredential: executable not found on path"},
	{"cfg-azcli-not-logged-in", "", "azure.identity._exceptions.CredentialUnavailableError: Please run 'az login' to set up an account"},
	{"cfg-workload-token-file", "", "WorkloadIdentityCredential authentication failed. \nopen /var/run/secrets/azure/tokens/azure-identity-token: no such file or directory"},
	{"cfg-certificate-unreadable", "", "failed to read certificate file \"/certs/evals.pem\": open /certs/evals.pem: no such file or directory"},
	{"cfg-tenant-not-allowed", "Python", "azure.core.exceptions.ClientAuthenticationError: The current credential is not configured to acquire tokens for tenant " + caseTenant + ". To enable acquiring tokens for this tenant add it to the additionally_allowed_tenants."},
	{"cfg-endpoint-malformed", "httpx", "httpx.UnsupportedProtocol: Request URL is missing an 'http://' or 'https://' protocol.\nopenai.APIConnectionError: Connection error."},
	{"cfg-endpoint-malformed", "Go", `Post "octo-evals.openai.azure.com/openai/v1/chat/completions": unsupported protocol scheme ""`},

	// Managed identities.
	{"msi-identity-not-found", "", azidentityBlock("ManagedIdentityCredential", "GET", "http://169.254.169.254/metadata/identity/oauth2/token", 400, `{"error":"invalid_request","error_description":"Identity not found"}`)},
	{"msi-multiple-identities", "", azidentityBlock("ManagedIdentityCredential", "GET", "http://169.254.169.254/metadata/identity/oauth2/token", 400, `{"error":"invalid_request","error_description":"Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"}`)},
	{"msi-not-imds", "", azidentityBlock("ManagedIdentityCredential", "GET", "http://169.254.169.254/metadata/identity/oauth2/token", 403, "A socket operation was attempted to an unreachable network.")},
	{"msi-imds-timeout", "", "ManagedIdentityCredential: managed identity timed out. See https://aka.ms/azsdk/go/identity/troubleshoot#dac for more information"},
	{"msi-imds-timeout", "dial", `Get "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01": dial tcp 169.254.169.254:80: i/o timeout`},
	{"msi-server-error", "", azidentityBlock("ManagedIdentityCredential", "GET", "http://169.254.169.254/metadata/identity/oauth2/token", 503, "Service Unavailable")},
	{"msi-audience-unsupported", "", `{"error":{"code":"AudienceNotSupported","message":"Audience https://cognitiveservices.azure.com is not a supported MSI token audience."}}`},

	// The network.
	{"net-entra-unreachable", "", `WorkloadIdentityCredential: unable to resolve an endpoint: server response error: context deadline exceeded`},
	{"net-entra-unreachable", "requests", "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='login.microsoftonline.com', port=443): Max retries exceeded with url: /" + caseTenant + "/oauth2/v2.0/token (Caused by NewConnectionError: [Errno 111] Connection refused)"},
	{"net-dns-not-found", "Node", "Error: getaddrinfo ENOTFOUND octo-evals.openai.azure.com\n    at GetAddrInfoReqWrap.onlookup [as oncomplete] (node:dns:107:26)"},
	{"net-dns-not-found", "Python", "httpx.ConnectError: [Errno -2] Name or service not known\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"suite.py\", line 4, in <module>\nopenai.APIConnectionError: Connection error."},
	{"net-dns-not-found", "curl", "* Could not resolve host: octo-evals.openai.azure.com\ncurl: (6) Could not resolve host: octo-evals.openai.azure.com"},
	{"net-private-dns", "", "dial tcp: lookup octo-evals.privatelink.openai.azure.com on 168.63.129.16:53: no such host"},
	{"net-firewall-denied", "", modelBody("AccessDenied", "Access denied due to Virtual Network/Firewall rules.")},
	{"net-public-access-disabled", "", pythonError("PermissionDeniedError", 403, modelBody("403", "Public access is disabled. Please configure private endpoint."))},
	{"net-vnet-wrong-endpoint", "", modelBody("403", "A Virtual Network is configured for this resource. Please use the correct endpoint for making requests.")},
	{"net-tls-untrusted", "Python", "httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1000)\nopenai.APIConnectionError: Connection error."},
	{"net-tls-untrusted", "Go", `Post "https://octo-evals.openai.azure.com/openai/v1/chat/completions": tls: failed to verify certificate: x509: certificate signed by unknown authority`},
	{"net-proxy-refused", "", "httpcore.ProxyError: 403 Forbidden\nopenai.APIConnectionError: Connection error."},
	{"net-proxy-refused", "curl", "* CONNECT tunnel failed, response 407\ncurl: (56) CONNECT tunnel failed, response 407 for octo-evals.openai.azure.com"},
	{"net-timeout", "", "openai.APITimeoutError: Request timed out."},
	{"net-unreachable", "", "connect ECONNREFUSED 10.1.2.3:443 octo-evals.openai.azure.com"},
	{"net-unreachable", "LiteLLM", "litellm.exceptions.InternalServerError: litellm.InternalServerError: AzureException InternalServerError - Connection error."},

	// LiteLLM, before it sends anything.
	{"litellm-no-credential", "", "litellm.APIError: AzureException APIError - Missing credentials. Please pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, or the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` environment variables."},
	{"litellm-no-credential", "that names a connection", "litellm.exceptions.APIConnectionError: litellm.APIConnectionError: AzureException APIConnectionError - Missing credentials. Please pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, or the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` environment variables."},
	{"cfg-no-credential", "openai-python by itself", "openai.OpenAIError: Missing credentials. Please pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, or the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` environment variables."},
	{"litellm-two-credentials", "", "openai.lib.azure.MutuallyExclusiveAuthError: The `api_key`, `azure_ad_token` and `azure_ad_token_provider` arguments are mutually exclusive; Only one can be passed at a time"},
	{"litellm-v1-drops-token", "", "litellm.AuthenticationError: AuthenticationError: AzureException - The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable"},
	{"dspy-text-model-type", "", "litellm.AuthenticationError: AuthenticationError: Text-completion-openaiException - The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable"},
	{"litellm-api-base-missing", "1.63.7", "litellm.exceptions.APIError: litellm.APIError: AzureException APIError - argument of type 'NoneType' is not iterable"},
	{"litellm-api-base-missing", "newer", "litellm.APIConnectionError: AzureException APIConnectionError - Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment variable"},
	{"litellm-api-base-missing", "router", "ValueError: api_base is required for Azure OpenAI. Set it on your config. Model - evals"},
	{"litellm-provider-prefix-missing", "", "litellm.exceptions.BadRequestError: litellm.BadRequestError: LLM Provider NOT provided. Pass in the LLM provider you are trying to call. You passed model=evals-mini"},
	{"litellm-provider-prefix-missing", "OpenAI answers", "litellm.exceptions.AuthenticationError: litellm.AuthenticationError: AuthenticationError: OpenAIException - Incorrect API key provided: unset. You can find your API key at https://platform.openai.com/account/api-keys."},
	{"litellm-azure-credential", "", "ValueError: 'DefaultAzureCredential' is not a valid AzureCredentialType"},
	{"litellm-oidc-incomplete", "", "litellm.llms.azure.common_utils.AzureOpenAIError: AZURE_CLIENT_ID and AZURE_TENANT_ID must be set"},

	// The model.
	{"aoai-rbac-missing-data-action", "Python", pythonError("AuthenticationError", 401, modelBody("PermissionDenied", deniedMessage))},
	{"aoai-rbac-missing-data-action", "LiteLLM", "litellm.exceptions.AuthenticationError: litellm.AuthenticationError: AzureException AuthenticationError - " + deniedMessage},
	{"aoai-rbac-missing-data-action", ".NET, old text", "System.ClientModel.ClientResultException: HTTP 401 (PermissionDenied)\n\nPrincipal does not have access to API/Operation.\n   at OpenAI.ClientPipelineExtensions.ProcessMessageAsync(ClientPipeline pipeline)"},
	{"aoai-token-rejected", "", pythonError("AuthenticationError", 401, `{"statusCode":401,"message":"`+rejectedMessage+`"}`)},
	{"aoai-token-rejected", "Node", "AuthenticationError: 401 " + rejectedMessage + "\n    at APIError.generate (/app/node_modules/openai/error.js:44:20) {\n  status: 401,\n  code: undefined\n}"},
	{"claims-wrong-audience", "China", "401 Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.cn), or have expired."},
	{"aoai-path-not-found", "scoped token", "Unauthorized. Access token is missing, invalid, audience is incorrect (urn:ms.scopedToken or urn:ms.faceSessionToken), or have expired."},
	{"aoai-auth-header-missing", "", "httpx.LocalProtocolError: Illegal header value b'Bearer '\nopenai.APIConnectionError: Connection error."},
	{"aoai-key-auth-disabled", "", modelBody("AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.")},
	{"aoai-key-invalid", "", pythonError("AuthenticationError", 401, modelBody("401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."))},
	{"aoai-key-invalid", ".NET, whose reason for every 401 is PermissionDenied", "System.ClientModel.ClientResultException: HTTP 401 (PermissionDenied)\n\nAccess denied due to invalid subscription key or wrong API endpoint."},
	{"aoai-key-invalid", "behind LiteLLM's 500", "HTTPException 500: litellm.AuthenticationError: AzureException AuthenticationError - Access denied due to invalid subscription key or wrong API endpoint. Received Model Group=whisper"},
	{"aoai-rbac-missing-data-action", ".NET, the reason alone", "System.ClientModel.ClientResultException: HTTP 401 (PermissionDenied)\n   at OpenAI.Chat.ChatClient.CompleteChat()"},
	{"aoai-no-custom-subdomain", "", "(BadRequest) Please provide a custom subdomain for token authentication, otherwise API key is required."},
	{"aoai-subdomain-unknown", "", "404 Resource not found\nSubdomain does not map to a resource."},
	{"aoai-tenant-mismatch", "", "BadRequestError: 400 Token tenant " + caseTenant + " does not match resource tenant."},
	{"aoai-deployment-not-found", "LiteLLM", "litellm.NotFoundError: AzureException NotFoundError - The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.\nReceived Model Group=evals"},
	{"aoai-deployment-not-found", "Foundry", `{"error":{"code":"unknown_model","message":"Unknown model: gpt-4o-mini-evals","details":"Unknown model: gpt-4o-mini-evals"}}`},
	{"aoai-path-not-found", "", "NotFoundError: 404 Resource not found"},
	{"aoai-api-version-invalid", "400", modelBody("BadRequest", "API version not supported")},
	{"aoai-api-version-invalid", "a model's version", "POST https://octo-evals.openai.azure.com/openai/deployments/gpt-4o/chat/completions?api-version=2024-05-13\n" + pythonError("NotFoundError", 404, modelBody("404", "Resource not found"))},
	{"aoai-v1-api-version", "", "POST https://octo-evals.openai.azure.com/openai/v1/chat/completions?api-version=2025-01-01-preview\n" + pythonError("BadRequestError", 400, modelBody("BadRequest", "API version not supported"))},
	{"aoai-api-version-too-old", "", modelBody("BadRequest", "Model o3-mini is enabled only for api versions 2024-12-01-preview and later")},
	{"aoai-operation-unsupported", "", modelBody("OperationNotSupported", "The chatCompletion operation does not work with the specified model, text-embedding-3-small. Please choose different model and try again.")},
	{"aoai-responses-only-model", "", modelBody("OperationNotSupported", "The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose different model and try again.")},
	{"aoai-parameter-unsupported", "", pythonError("BadRequestError", 400, `{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}`)},
	{"aoai-parameter-unsupported", "too much", modelBody("invalid_value", "max_tokens is too large: 20000. This model supports at most 16384 completion tokens.")},
	{"aoai-parameter-unsupported", "DSPy", "ValueError: OpenAI's reasoning models require passing temperature=1.0 or None and max_tokens >= 16000 or None to dspy.LM(...)"},
	{"aoai-content-filter", "images", "openai.BadRequestError: Error code: 400 - {'error': {'code': 'contentFilter', 'message': 'Your task failed as a result of our safety system.'}}"},
	{"aoai-content-filter", "", `{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","param":"prompt","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}`},
	{"aoai-output-limit", "", pythonError("BadRequestError", 400, modelBody("invalid_request_error", "Could not finish the message because max_tokens or model output limit was reached. Please try again with higher max_tokens."))},
	{"aoai-model-retired", "", "ServiceModelDeprecated: The model 'Format:OpenAI,Name:gpt-35-turbo,Version:0301' has been deprecated since 10/01/2024 00:00:00."},
	{"aoai-server-error", "", pythonError("InternalServerError", 500, modelBody("InternalServerError", "The server had an error while processing your request."))},
	{"aoai-model-retired", "in prose", pythonError("NotFoundError", 404, modelBody("DeprecatedModel", "The model gpt-35-turbo-0301 has been deprecated, learn more in the documentation."))},
	{"aoai-unknown", "", "POST https://octo-evals.openai.azure.com/openai/v1/chat/completions\n" + pythonError("UnprocessableEntityError", 422, modelBody("Oddity", "Nobody has seen this before."))},
	{"apim-subscription-key-missing", "", `{ "statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API." }`},
	{"apim-quota-exceeded", "", pythonError("PermissionDeniedError", 403, `{ "statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 01:12:09." }`)},
	{"apim-quota-exceeded", "tokens", `{ "statusCode": 403, "message": "Token quota is exceeded. Try again in 4 hours." }`},
	{"apim-backend-auth", "", "POST https://octo.azure-api.net/openai/deployments/gpt-4o/chat/completions\n401 " + modelBody("PermissionDenied", deniedMessage)},
	{"aoai-rate-limited", "", pythonError("RateLimitError", 429, modelBody("429", "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-10-21 have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 7 seconds."))},
	{"aoai-quota-too-small", "", modelBody("429", "Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current AIServices S0 pricing tier. Please retry after 86400 seconds.")},
	{"aoai-service-capacity", "", modelBody("429", "The system is currently experiencing high demand and cannot process your request.")},

	// The code is lost, the text tells.
	{"oidc-subject-entity-mismatch", "no code", "Error: No matching federated identity record found for presented assertion subject 'repo:octo-org/evals:environment:prod'."},
	{"entra-app-not-found", "LiteLLM from 1.110, which takes the ids out", "litellm.exceptions.AuthenticationError: litellm.AuthenticationError: AzureException AuthenticationError - Failed to get Azure AD token: AADSTS700016: Application with identifier '<redacted>' was not found in the directory 'Octo'."},
	{"entra-secret-expired", "no code", "Error: The provided client secret keys for app '***' are expired."},
	{"entra-tenant-not-found", "MSAL for Python", "ValueError: Unable to get authority configuration for https://login.microsoftonline.com/octo. Authority would typically be in a format of https://login.microsoftonline.com/your_tenant"},
	{"cfg-client-id-missing", "LiteLLM", "KeyError: 'AZURE_CLIENT_ID'"},
	{"unknown", "Azure Resource Manager's DeploymentNotFound", "ERROR: (DeploymentNotFound) Deployment 'main-bicep' could not be found."},

	// Errors of nobody's, and texts without any.
	{"unknown", "", "Error: the frobnicator could not be calibrated"},
	{"unknown", "somebody else's", "fatal: unable to access 'https://git.octo.example/evals.git/': Could not resolve host: git.octo.example"},
	{"", "chain members at INFO", "2026-11-20 08:15:40,101 - azure.identity._credentials.environment - INFO - Incomplete environment configuration for EnvironmentCredential. These variables are set: AZURE_TENANT_ID\nINFO:azure.identity._credentials.managed_identity:ManagedIdentityCredential will use IMDS"},
	{"", "a chain that found one", "WARNING: ManagedIdentityCredential authentication unavailable, no response from the IMDS endpoint.\nazure.identity._credentials.chained - INFO - DefaultAzureCredential acquired a token from AzureCliCredential\n3 passed in 2.1s"},
	{"", "a green suite", "collected 12 items\n\ntests/test_answers.py ............ [100%]\n\n12 passed, 0 failed in 33.10s"},
}, familyCases...)
