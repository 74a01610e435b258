package preflight

import (
	"slices"
	"strings"
	"testing"
)

// familyCases are [textCases] in further forms of families that the services
// and their clients send.
var familyCases = []textCase{
	// Entra.
	{"entra-no-client-credential", "the old code", `com.microsoft.aad.adal4j.AuthenticationException: {"error_description":"` + entraText(90014, "The request body must contain the following parameter: 'client_secret or client_assertion'.") + `","error":"invalid_request"}`},
	{"entra-conditional-access", "token protection", entraText(530084, "Access has been blocked by conditional access token protection policy configured by this organization.")},
	{"entra-conditional-access", "platform", entraText(50005, "User tried to log in to a device from a platform (Unknown) that's currently not supported through Conditional Access policy.")},
	{"entra-conditional-access", "device", entraText(50097, "Device authentication is required.")},
	{"entra-conditional-access", "the general code", entraText(50131, "Device is not in required device state: known. Or, the request was blocked due to suspicious activity.")},
	{"entra-app-not-found", "the organisation's code", entraText(700011, "Application with identifier "+caseClient+" was not found in the directory.")},
	{"entra-no-client-credential", "the oldest code", entraText(70002, "The request body must contain the following parameter: 'client_secret or client_assertion'.")},
	{"entra-scope-invalid", "none", entraText(900144, "The request body must contain the following parameter: 'scope'.")},
	{"entra-scope-invalid", "two resources", entraText(28000, "Provided value for the input parameter scope is not valid because it contains more than one resource.")},
	{"entra-wrong-cloud", "redirected", entraText(90038, "Tenant '"+caseTenant+"' request is being redirected to the National Cloud 'MicrosoftOnline.US'.")},
	{"entra-throttled", "the tenant", entraText(90055, "The tenant is throttled: there are too many incoming requests.")},
	{"entra-server-error", "a directory that is away", entraText(90033, "A transient error has occurred. Please try again.")},
	{"entra-tenant-malformed", "characters", entraText(50029, "Invalid URI - domain name contains invalid characters.")},
	{"cfg-tenant-id-missing", "the address of all tenants", entraText(50194, "Application '"+caseClient+"'(octo-evals) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such applications created after '10/15/2018'.")},
	{"cfg-tenant-id-missing", "a grant that has to name one", entraText(9001023, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.")},
	{"entra-authority-malformed", "MSAL for Python", "ValueError: invalid_instance: The authority you provided, https://login.octo.example/evals, is not whitelisted. If it is indeed your legit customized domain name, you can turn off this check"},
	{"entra-user-flow-in-ci", "a revoked session", entraText(50133, "Session is invalid due to expiration or recent password change.")},
	{"entra-user-flow-in-ci", "a grant", entraBody("invalid_grant", 70000, "Provided grant is invalid or malformed.")},
	{"oidc-assertion-not-allowed", "a user's token", entraText(700229, "For application tokens, only app-only tokens can be used as Federated Identity Credentials for Microsoft Entra issuer.")},
	{"oidc-subject-mismatch", "a code that nobody knows yet", entraText(7002999, "No matching federated identity record found for presented assertion subject '"+caseSubject+"'.")},

	{"oidc-issuer-mismatch", "a cluster without a public issuer", "FromAssertion(): http call(https://login.microsoftonline.com/" + caseTenant + "/oauth2/v2.0/token)(POST) error: reply status code was 401:\n" + entraBody("invalid_client", 70021, "No matching federated identity record found for presented assertion. Assertion Issuer: 'https://kubernetes.default.svc'. Assertion Subject: 'system:serviceaccount:evals:runner'. Assertion Audience: 'api://AzureADTokenExchange'.")},

	// GitHub's token service.
	{"oidc-permission-missing", "Terraform", `Error: building client: unable to obtain access token: githubAssertion: cannot request token: Get "?audience=api%3A%2F%2FAzureADTokenExchange": unsupported protocol scheme ""`},

	{"oidc-request-failed", "Terraform, refused", `Error: building account: unable to configure the provider: GitHubOIDCAuthorizer: received HTTP status 401 with response: {"message":"Unauthorized"}`},
	{"oidc-request-failed", "Pulumi, another address", "error: could not configure the client -- Original Error: githubAssertion: received HTTP status 404 with response: 404 page not found"},
	{"oidc-permission-missing", "Python's id", "OpenID Connect token retrieval failed: GitHub: missing or insufficient OIDC token permissions, the ACTIONS_ID_TOKEN_REQUEST_TOKEN environment variable was unset"},
	{"oidc-permission-missing", "a called workflow", "Invalid workflow file: .github/workflows/nightly.yml#L12\nThe workflow is not valid. .github/workflows/nightly.yml (Line: 12, Col: 3): Error calling workflow 'octo-org/shared/.github/workflows/evals.yml@v2'. The nested job 'evals' is requesting 'id-token: write', but is only allowed 'id-token: none'."},

	// Credentials on the machine.
	{"cfg-azcli-not-logged-in", "azd, Go", `ERROR: failed deploying service 'evals': AzureDeveloperCLICredential: please run "azd auth login" from a command prompt to authenticate before using this credential`},
	{"cfg-azcli-not-logged-in", "azd itself", "ERROR: not logged in, run `azd auth login` to login"},
	{"cfg-azcli-not-logged-in", "azd, Python", "azure.identity._exceptions.CredentialUnavailableError: Please run 'azd auth login' from a command prompt to authenticate before using this credential."},
	{"cfg-azcli-missing", "azure/login", "Running Azure CLI Login.\nError: Login failed with Error: Unable to locate executable file: az. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable."},
	{"cfg-azcli-missing", "a shell", "evals.sh: line 3: az: command not found"},
	{"cfg-certificate-unreadable", "Python", "  File \"/venv/lib/python3.12/site-packages/azure/identity/_credentials/certificate.py\", line 90, in load_pkcs12_certificate\nValueError: Could not deserialize PKCS12 data"},
	{"cfg-workload-token-file", "Kubernetes' log", `E1120 08:15:42.120764       1 token_credential.go:43] "failed to read the service account token from the filesystem" err="open : no such file or directory"`},
	{"cfg-certificate-unreadable", "Terraform", "Error: building client: unable to obtain access token: clientAssertionAuthorizer: cannot parse certificate: x509: malformed certificate\n\n  with provider[\"registry.terraform.io/hashicorp/azuread\"],"},
	{"cfg-endpoint-malformed", "no endpoint, Python", "ValueError: Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment variable"},
	{"cfg-endpoint-malformed", "no endpoint, Node", "OpenAIError: Must provide one of the `baseURL` or `endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment variable"},

	{"cfg-endpoint-malformed", "no instance, LangChain.js", "Error: Azure OpenAI API instance name not found\n    at new AzureOpenAIEmbeddings (/srv/evals/node_modules/@langchain/openai/dist/azure/embeddings.cjs:16:9)"},
	{"cfg-no-credential", "no key, LangChain.js", "Error: Azure OpenAI API key or Token Provider not found\n    at new AzureChatOpenAI (/srv/evals/node_modules/@langchain/openai/dist/azure/chat_models.cjs:70:19)"},
	{"cfg-endpoint-malformed", "a base URL besides, Python", "ValueError: base_url and azure_endpoint are mutually exclusive"},
	{"cfg-endpoint-malformed", "a base URL besides, Node", "OpenAIError: baseURL and endpoint are mutually exclusive"},
	{"cfg-endpoint-malformed", "a base URL instead, LangChain", "pydantic_core._pydantic_core.ValidationError: 1 validation error for AzureChatOpenAI\n  Value error, As of openai>=1.0.0, Azure endpoints should be specified via the `azure_endpoint` param not `openai_api_base` (or alias `base_url`). [type=value_error]"},
	{"cfg-endpoint-malformed", "a WebSocket, websockets", "Failed to connect to the judge: https://octo-evals.openai.azure.com/openai/realtime isn't a valid URI: scheme isn't ws or wss"},
	{"cfg-endpoint-malformed", "a scheme twice, urllib3", "azure.core.exceptions.ServiceRequestError: <urllib3.connection.HTTPSConnection object at 0x7f1c>: Failed to resolve 'https' ([Errno -2] Name or service not known)"},
	{"aoai-api-version-invalid", "none, Python", "ValueError: Must provide either the `api_version` argument or the `OPENAI_API_VERSION` environment variable"},
	{"aoai-api-version-invalid", "none, Node", "OpenAIError: The OPENAI_API_VERSION environment variable is missing or empty; either provide it, or instantiate the AzureOpenAI client with an apiVersion option, like new AzureOpenAI({ apiVersion: 'My API Version' })."},
	{"aoai-api-version-invalid", "none, openai-python 0.28", "openai.error.InvalidRequestError: An API version is required for the Azure API type."},
	{"aoai-api-version-invalid", "none, LangChain", "ValidationError: 1 validation error for AzureChatOpenAI\n__root__\n  Did not find openai_api_version, please add an environment variable `OPENAI_API_VERSION` which contains it, or pass `openai_api_version` as a named parameter. (type=value_error)"},
	{"aoai-api-version-invalid", "none, LangChain.js", "Error: Azure OpenAI API version not found\n    at new AzureChatOpenAI (/srv/evals/node_modules/@langchain/openai/dist/azure/chat_models.cjs:80:19)"},
	{"litellm-two-credentials", "Node", "OpenAIError: The `apiKey` and `azureADTokenProvider` arguments are mutually exclusive; only one can be passed at a time."},
	{"aoai-path-not-found", "LangChain.js's label", "NotFoundError: 404 Resource not found\n\nTroubleshooting URL: https://js.langchain.com/docs/troubleshooting/errors/MODEL_NOT_FOUND/\n\n    at AzureOpenAI.makeStatusError (/srv/evals/node_modules/openai/src/core.ts:435:21)"},

	// Managed identities.
	{"msi-not-imds", ".NET", "Azure.Identity.AuthenticationFailedException: Managed Identity response was not in the expected format. See the inner exception for details.\n ---> System.Text.Json.JsonReaderException: '<' is an invalid start of a value."},
	{"msi-not-imds", "Docker Desktop", "HTTP/1.0 403 connecting to 169.254.169.254:80: connecting to 169.254.169.254:80: dial tcp 169.254.169.254:80: connectex: A socket operation was attempted to an unreachable network."},
	{"msi-imds-timeout", ".NET, late", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: Response from Managed Identity was successful, but the operation timed out prior to completion"},
	{"msi-imds-timeout", ".NET, all sources", "Azure.Identity.AuthenticationFailedException (0x80131500): ManagedIdentityCredential authentication failed: All Managed Identity sources are unavailable. The Azure Instance Metadata Service (IMDS) that runs on VMs was not detected."},
	{"msi-imds-timeout", "the CLI's own", "$ az login --identity\nTimeoutError: MSI: Failed to acquire tokens after 12 times"},
	{"msi-identity-not-found", "MSAL", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: [Managed Identity] Authentication unavailable. Either the requested identity has not been assigned to this resource, or other errors could be present."},

	{"cfg-no-credential", "the library before Azure.Identity", "Microsoft.Azure.Services.AppAuthentication.AzureServiceTokenProviderException: Parameters: Connection String: [No connection string specified], Resource: https://cognitiveservices.azure.com, Authority: . Exception Message: Tried the following 4 methods to get an access token, but none of them worked."},
	{"msi-identity-not-found", "Go, no identity at all", "ManagedIdentityCredential: no default identity is assigned to this resource"},
	{"msi-identity-not-found", "JS, no identity at all", "CredentialUnavailableError: ManagedIdentityCredential: The managed identity endpoint is indicating there's no available identity. Message: undefined Status code: 400"},
	{"msi-imds-timeout", "Windows", "HTTPConnectionPool(host='169.254.169.254', port=80): Max retries exceeded with url: /metadata/identity/oauth2/token?api-version=2018-02-01 (Caused by NewConnectionError(': Failed to establish a new connection: [WinError 10060] A connection attempt failed because the connected party did not properly respond after a period of time'))"},
	{"msi-imds-timeout", "a masked address", "requests.exceptions.ConnectionError: HTTPConnectionPool(host='***', port=80): Max retries exceeded with url: /metadata/identity/oauth2/token?resource=https%3A%2F%2Fmanagement.core.windows.net%2F (Caused by NewConnectionError(': Failed to establish a new connection: [Errno 101] Network is unreachable'))"},
	{"msi-identity-not-found", "App Service, another identity", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 400 (Bad Request)\n\nContent:\n{\"statusCode\":400,\"message\":\"Unable to load the proper Managed Identity.\",\"correlationId\":\"5f1c2d3e\"}"},
	{"msi-identity-not-found", "App Service, none", `MSI: Failed to retrieve a token from 'http://172.16.0.4:8081/msi/token/?resource=https://cognitiveservices.azure.com&api-version=2017-09-01' with an error of '{"statusCode":400,"message":"Unable to load requested managed identity.","correlationId":"5f1c2d3e"}'.`},
	{"msi-imds-timeout", "Container Apps, at the start", "ERROR: MSI: Failed to retrieve a token from 'http://localhost:42356/msi/token/?resource=https://management.core.windows.net/&api-version=2017-09-01' with an error of 'HTTPConnectionPool(host='localhost', port=42356): Max retries exceeded with url: /msi/token/ (Caused by NewConnectionError('Failed to establish a new connection: [Errno 111] Connection refused'))'."},
	{"msi-unknown", "App Service, Java", "java.io.IOException: Server returned HTTP response code: 400 for URL: http://172.16.0.4:8081/msi/token?resource=https://cognitiveservices.azure.com&api-version=2017-09-01"},
	{"msi-server-error", ".NET, the endpoint fails", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 500 (Internal Server Error)\n\nContent:\n\nHeaders:\nServer: Kestrel\nX-CORRELATION-ID: REDACTED"},
	{"msi-unknown", "MSAL, no token in the answer", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: [Managed Identity] Invalid response, the authentication response received did not contain the expected fields."},
	{"msi-imds-timeout", "the library before Azure.Identity", "Microsoft.Azure.Services.AppAuthentication.AzureServiceTokenProviderException: Parameters: Connection String: RunAs=App, Resource: https://cognitiveservices.azure.com, Authority: https://login.windows.net/" + caseTenant + ". Exception Message: Tried to get token using Managed Service Identity. Access token could not be acquired. Connection refused"},
	{"msi-server-error", ".NET, without the class", "ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 503 (Service Unavailable)\n\nContent:\npod list is empty\n\nHeaders:\nContent-Length: 18"},
	{"msi-identity-not-found", "AAD Pod Identity", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 404 (Not Found)\n\nContent:\nno azure identity found for request clientID 2b9f##### REDACTED #####6a22\n\nHeaders:\nX-Content-Type-Options: REDACTED\nContent-Type: text/plain; charset=utf-8"},
	{"msi-identity-not-found", "AAD Pod Identity, Go", "adal: Refresh request failed. Status Code = '404'. Response body: getting assigned identities for pod evals/judge in CREATED state failed after 16 attempts, retry duration [5]s, error: <nil>. Check MIC pod logs for identity assignment errors\n Endpoint http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"},
	{"msi-unknown", "AAD Pod Identity, refused itself", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 403 (Forbidden)\n\nContent:\nfailed to refresh token, error: adal: Refresh request failed. Status Code = '400'. Response body: Bad Request"},
	{"msi-not-imds", "AWS, .NET", "Azure.Identity.AuthenticationFailedException: ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 401 (Unauthorized)\n\nContent:\n<html><head><title>401 - Unauthorized</title></head></html>\n\nHeaders:\nConnection: close\nServer: EC2ws\nContent-Type: text/html"},
	{"msi-unknown", "the CLI", "ERROR: Failed to connect to MSI. Please make sure MSI is configured correctly.\nGet Token request returned http error: 400, reason: Bad Request"},

	// The network and the model.
	{"net-unreachable", "the Azure SDK for JS", "RestError: read ECONNRESET \n{\n  \"name\": \"RestError\",\n  \"code\": \"ECONNRESET\",\n  \"request\": {\n    \"url\": \"https://octo-evals.openai.azure.com/openai/deployments/evals/chat/completions?api-version=2024-10-21\","},
	{"net-dns-not-found", "Rust", "error sending request for url (https://octo-evals.openai.azure.com/openai/v1/responses): error trying to connect: dns error: failed to lookup address information: Name does not resolve"},
	{"net-dns-not-found", "musl", "httpx.ConnectError: [Errno -2] Name does not resolve\nopenai.APIConnectionError: Connection error."},
	{"net-unreachable", ".NET on Windows", "System.Net.Http.HttpRequestException: A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond. (octo-evals.openai.azure.com:443)\n   at Azure.AI.OpenAI.AzureOpenAIClient"},
	{"net-unreachable", "Java", "reactor.netty.http.client.PrematureCloseException: Connection prematurely closed BEFORE response\n\tat com.azure.ai.openai.OpenAIClient.getChatCompletions(OpenAIClient.java:412)"},
	{"net-unreachable", "Java, connect", "java.net.SocketTimeoutException: connect timed out\n\tat com.azure.ai.openai.OpenAIClient.getChatCompletions(OpenAIClient.java:412)"},
	{"net-unreachable", "undici", "TypeError: fetch failed\n  [cause]: SocketError: other side closed\n    code: 'UND_ERR_SOCKET',\n    url: 'https://octo-evals.openai.azure.com/openai/v1/responses'"},
	{"net-timeout", "undici", "TypeError: terminated\n  [cause]: HeadersTimeoutError: Headers Timeout Error\n    code: 'UND_ERR_HEADERS_TIMEOUT'\n    url: 'https://octo-evals.openai.azure.com/openai/v1/responses'"},
	{"net-unreachable", "a cut answer", "httpx.RemoteProtocolError: peer closed connection without sending complete message body (incomplete chunked read)\nopenai.APIConnectionError: Connection error."},
	{"net-tls-untrusted", ".NET", "System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.\n ---> System.Security.Authentication.AuthenticationException: The remote certificate was rejected by the provided RemoteCertificateValidationCallback.\n   at Azure.AI.OpenAI.AzureOpenAIClient"},
	{"net-tls-untrusted", ".NET on Linux", "System.Security.Authentication.AuthenticationException: The remote certificate is invalid because of errors in the certificate chain: PartialChain\n   at Azure.AI.OpenAI.AzureOpenAIClient"},
	{"net-proxy-refused", "Java", "java.io.IOException: Unable to tunnel through proxy. Proxy returns \"HTTP/1.1 403 Forbidden\"\n\tat com.azure.ai.openai.OpenAIClient.getChatCompletions(OpenAIClient.java:412)"},
	{"net-proxy-refused", ".NET", "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy 'http://proxy.octo.example:3128/' failed with status code '403'.\n   at Azure.AI.OpenAI.AzureOpenAIClient"},
	{"net-unreachable", "Rust", "Error: the judge did not answer\n\nCaused by:\n    error sending request for url (https://octo-evals.openai.azure.com/openai/deployments/evals/chat/completions?api-version=2024-10-21)"},
	{"aoai-api-version-too-old", "one version", "litellm.BadRequestError: AzureException BadRequestError - Azure OpenAI Responses API is enabled only for api-version 2025-03-01-preview and later"},
	{"litellm-provider-prefix-missing", "OpenAI's own quota", "litellm.RateLimitError: RateLimitError: OpenAIException - You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."},
	{"net-public-access-disabled", "in prose", "Since Monday the suite gets a 403: Public access is disabled error from Azure OpenAI."},
	{"net-unreachable", "in a framework's code", `{"message": "OpenAI API hits APIConnectionError: Connection error.", "code": "UserError", "innerError": {"code": "OpenAIError", "innerError": {"code": "APIConnectionError"}}}`},
	{"net-timeout", "a read", "httpx.ReadTimeout: The read operation timed out\nopenai.APITimeoutError: Request timed out."},
	{"aoai-rate-limited", "a WebSocket, aiohttp", "aiohttp.client_exceptions.WSServerHandshakeError: 429, message='Invalid response status', url=URL('wss://octo-evals.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=evals')"},
	{"aoai-unknown", "a WebSocket, websockets", "connecting to wss://octo-evals.openai.azure.com/openai/realtime?api-version=2025-04-01-preview&deployment=evals\nwebsockets.exceptions.InvalidStatus: server rejected WebSocket connection: HTTP 401"},
	{"aoai-path-not-found", "a WebSocket, Node", "connecting to wss://octo-evals.openai.azure.com/realtime?deployment=evals\nError: Unexpected server response: 404\n    at ClientRequest.<anonymous> (/srv/evals/node_modules/ws/lib/websocket.js:913:7)"},
	{"aoai-unknown", "a 401 without a body, Node", "AuthenticationError: 401 status code (no body)\n    at APIError.generate (/srv/evals/node_modules/openai/src/error.ts:74:14)\n    at AzureOpenAI.makeStatusError (/srv/evals/node_modules/openai/src/core.ts:428:21)"},
	{"aoai-unknown", "httpx alone", "httpx.HTTPStatusError: Client error '400 model_error' for url 'https://octo-evals.openai.azure.com/openai/deployments/evals/chat/completions?api-version=2024-10-21'"},
	{"aoai-rate-limited", "httpx alone", "httpx.HTTPStatusError: Client error '429 Too Many Requests' for url 'https://octo-evals.openai.azure.com/openai/deployments/evals/chat/completions?api-version=2024-10-21'"},
	{"aoai-rbac-missing-data-action", "requests alone", "requests.exceptions.HTTPError: 401 Client Error: PermissionDenied for url: https://octo-evals.openai.azure.com/openai/deployments/evals/chat/completions?api-version=2024-10-21"},
	{"aoai-unknown", "requests alone", "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://octo-run.openai.azure.com/openai/deployments/evals/chat/completions?api-version=2024-10-21"},
	{"aoai-rbac-missing-data-action", "aiohttp alone", "aiohttp.client_exceptions.ClientResponseError: 401, message='PermissionDenied', url=URL('https://octo-evals.openai.azure.com/openai/v1/responses')"},
	{"aoai-parameter-unsupported", "a prompt that is too long, Java", "com.azure.core.exception.HttpResponseException: Status code 400, \"{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens. However, your messages resulted in 9878 tokens. Please reduce the length of the messages.\",\"type\":\"invalid_request_error\",\"param\":\"messages\",\"code\":\"context_length_exceeded\"}}\""},
	{"aoai-parameter-unsupported", "a description that is empty", pythonError("BadRequestError", 400, `{"error":{"message":"Invalid 'tools[2].description': empty string. Expected a string with minimum length 1, but got an empty string instead.","type":"invalid_request_error","param":"tools[2].description","code":"empty_string"}}`)},
	{"aoai-parameter-unsupported", "no code", "litellm.BadRequestError: AzureException BadRequestError - Error code: 400 - {'error': {'message': \"Item 'rs_0a1b' of type 'reasoning' was provided without its required following item.\", 'type': 'invalid_request_error', 'param': 'input', 'code': None}}"},
	{"aoai-parameter-unsupported", "the sentence alone, Node", "BadRequestError: 400 Missing required parameter: 'messages[3].tool_calls[0].id'.\n    at APIError.generate (/srv/evals/node_modules/openai/error.js:45:20)\n    at AzureOpenAI.makeStatusError (/srv/evals/node_modules/openai/core.js:275:33)"},
	{"aoai-deployment-not-found", "by its parameter", pythonError("BadRequestError", 400, `{"error":{"message":"The requested model 'evals' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}}`)},
	{"aoai-path-not-found", "a path of OpenAI's alone", "POST https://octo-evals.openai.azure.com/openai/v1/responses/input_tokens\n" + pythonError("NotFoundError", 404, `{"error":{"message":"Unknown request URL: POST /v1/responses/input_tokens. Please check the URL for typos.","type":"invalid_request_error","param":null,"code":"unknown_url"}}`)},
	{"aoai-model-retired", "a template", `{"code":"InvalidTemplateDeployment","details":[{"code":"DeploymentModelNotSupported","message":"Creating account deployment is not supported by the model 'text-octo-002'. This is usually because there are better models available for the similar functionality."}],"message":"The template deployment 'evals' is not valid according to the validation procedure."}`},
	{"litellm-provider-prefix-missing", "no key of OpenAI's", "litellm.exceptions.AuthenticationError: litellm.AuthenticationError: AuthenticationError: OpenAIException - The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable"},
	{"aoai-server-error", ".NET alone", "System.Net.Http.HttpRequestException: Response status code does not indicate success: 500 (Internal Server Error).\n   at Octo.Evals.Post(https://octo-evals.openai.azure.com/openai/v1/responses)"},
	{"aoai-rate-limited", "a gateway's policy", pythonError("RateLimitError", 429, modelBody("429", "Rate limit is exceeded. Try again in 42 seconds."))},
}

// otherCases are failures of somebody else's: other providers' models, other
// services of Azure's, this machine's. No cause of the chain explains them.
var otherCases = []textCase{
	{"", "OpenAI, key", pythonError("AuthenticationError", 401, `{"error":{"message":"Incorrect API key provided: unset. You can find your API key at https://platform.openai.com/account/api-keys.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}`)},
	{"", "OpenAI, no key", "openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable"},
	{"", "OpenAI, quota", pythonError("RateLimitError", 429, `{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`)},
	{"", "OpenAI, rate", pythonError("RateLimitError", 429, `{"error":{"message":"Rate limit reached for gpt-4o in organization org-octo on tokens per min (TPM): Limit 30000, Used 29000, Requested 4000.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}`)},
	{"", "OpenAI, model", pythonError("NotFoundError", 404, "{\"error\":{\"message\":\"The model `gpt-9` does not exist or you do not have access to it.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"model_not_found\"}}")},
	{"", "Vertex through LiteLLM", `litellm.exceptions.RateLimitError: litellm.RateLimitError: VertexAIException - {"error": {"code": 429, "message": "Resource has been exhausted (e.g. check quota).", "status": "RESOURCE_EXHAUSTED"}}`},
	{"", "Ollama through LiteLLM", "litellm.APIConnectionError: OllamaException - [Errno 111] Connection refused"},
	{"", "Bedrock through LiteLLM", "litellm.exceptions.AuthenticationError: litellm.AuthenticationError: BedrockException Invalid Authentication - Unable to locate credentials"},
	{"", "Anthropic", pythonError("RateLimitError", 429, `{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed the rate limit of api.anthropic.com."}}`)},
	{"", "AWS's metadata", "HTTPConnectionPool(host='169.254.169.254', port=80): Max retries exceeded with url: /latest/meta-data/iam/security-credentials/ (Caused by ConnectTimeoutError('Connection to 169.254.169.254 timed out. (connect timeout=1)'))"},
	{"", "AWS's metadata, Go", `no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled, Get "http://169.254.169.254/latest/meta-data/iam/security-credentials/": dial tcp 169.254.169.254:80: i/o timeout`},
	{"", "GitHub Models, no such model", `{"error":{"code":"unknown_model","message":"Unknown model: octo-labs/judge-2","details":"Unknown model: octo-labs/judge-2"}}`},
	{"", "a registry's limit", "Error response from daemon: toomanyrequests: 429 Too Many Requests"},
	{"", "another service, a browser", "GET https://octo.example/scores 404 (Not Found)"},
	{"", "OpenAI, a path", "error: Unknown request URL: POST /v1/chat/completion. Please check the URL for typos, or see the docs of the API."},
	{"", "a validation of anybody's", `HTTP 400 Bad Request: {"error":{"message":"Invalid 'limit': must be positive","param":"limit"}}`},
	{"", "OpenAI, a prompt that is too long", pythonError("BadRequestError", 400, `{"error":{"message":"This model's maximum context length is 8192 tokens, in organization org-octo.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`)},
	{"", "OpenAI, a WebSocket", "aiohttp.client_exceptions.WSServerHandshakeError: 403, message='Invalid response status', url='https://api.openai.com/v1/realtime?model=gpt-octo'"},
	{"", "a WebSocket of anybody's", "websockets.exceptions.InvalidStatus: server rejected WebSocket connection: HTTP 401"},
	{"", "another service, httpx", "httpx.HTTPStatusError: Client error '429 Too Many Requests' for url 'https://api.octo.example/v1/scores'"},
	{"", "another service, requests", "requests.exceptions.HTTPError: 404 Client Error: Not Found for url: https://octo.example/datasets/evals.jsonl"},
	{"", "Anthropic, two credentials", "AnthropicError: The `apiKey` and `azureADTokenProvider` arguments are mutually exclusive; only one can be passed at a time."},
	{"", "this machine's own server", "requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: http://localhost:8080/token"},
	{"", "a package index", "Could not fetch URL https://pypi.org/simple/httpx/: There was a problem confirming the ssl certificate: HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: /simple/httpx/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))"},
	{"", "a key vault", "azure.core.exceptions.HttpResponseError: (Forbidden) Public network access is disabled and request is not from a trusted service nor via an approved private link.\nVault: octo-kv;location=westeurope"},
	{"", "a vault's secret", "azure.core.exceptions.ResourceNotFoundError: (SecretNotFound) A secret with (name/id) evals was not found in this key vault."},
	{"", "Azure Resource Manager", "ERROR: (ResourceNotFound) The Resource 'Microsoft.Web/sites/octo-evals' under resource group 'octo' was not found."},
	{"", "Azure Resource Manager, unreachable", "Error: request to https://management.azure.com/subscriptions/" + caseTenant + "/providers/Microsoft.CognitiveServices/accounts?api-version=2024-10-01 failed, reason: connect ETIMEDOUT 20.0.0.9:443"},
	{"", "telemetry", "Azure Monitor Exporter: Retrying due to server request error: Name or service not known (westeurope-5.in.applicationinsights.azure.com:443)."},
	{"", "a database by its port", "Error: connect ECONNREFUSED 10.0.0.5:5432\n    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)"},
	{"", "a bare 429", "AxiosError: Request failed with status code 429\n    at settle (/app/node_modules/axios/lib/core/settle.js:19:12)"},
	{"", "a warning of a model", "UserWarning: The model gpt-35-turbo is deprecated in this library; use ChatModel instead\n12 passed, 1 warning in 3.2s"},
	{"", "AWS", "Error: Could not assume role with OIDC: Not authorized to perform sts:AssumeRoleWithWebIdentity"},
	{"", "Google", "google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found."},
	{"", "a registry", "Error response from daemon: pull access denied for octo/evals, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"},
	{"", "a test", ">       assert score(answer) >= 0.8\nE       AssertionError: assert 0.61 >= 0.8\nFAILED tests/test_answers.py::test_score - AssertionError: assert 0.61 >= 0.8"},
}

// TestOthersFailures: a wrong cause is worse than none.
func TestOthersFailures(t *testing.T) {
	t.Parallel()
	for _, c := range otherCases {
		if got := primary(t, c.text); got != "" && got != idUnknown {
			t.Errorf("%s: got %q for\n%s", c.name, got, c.text)
		}
		for _, m := range manglings {
			if got := primary(t, m.mangle(c.text)); got != "" && got != idUnknown {
				t.Errorf("%s, %s: got %q for\n%s", c.name, m.name, got, m.mangle(c.text))
			}
		}
	}
}

// TestOthersPath: a path of somebody else's may hold the name of a package.
func TestOthersPath(t *testing.T) {
	t.Parallel()
	text := "HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: https://pypi.org/simple/openai/ (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))"
	if got := primary(t, text); got != idUnknown {
		t.Errorf("got %q", got)
	}
}

// TestOthersCaptured: what a capture tells beside the text does not make
// another provider's answer one of the chain.
func TestOthersCaptured(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"http_status": 429, "error_text": "anthropic.RateLimitError: Number of request tokens has exceeded your rate limit"}`,
		`{"http_status": 401, "body": "{\"error\":{\"message\":\"Incorrect API key provided: unset.\",\"code\":\"invalid_api_key\"}}", "endpoint": "https://api.openai.com/v1"}`,
		`{"http_status": 503, "error_text": "Service Unavailable", "endpoint": "https://openrouter.ai/api/v1"}`,
	} {
		if got := primary(t, text); got != idUnknown {
			t.Errorf("got %q for %s", got, text)
		}
	}
	// The endpoint shows that it was Azure's after all.
	text := `{"http_status": 429, "error_text": "You exceeded your current quota, please check your plan and billing details.", "endpoint": "https://octo-evals.openai.azure.com"}`
	if got := primary(t, text); got != "aoai-quota-too-small" {
		t.Errorf("got %q for %s", got, text)
	}
}

// TestDeveloperCLI: the two command line tools have logins of their own.
func TestDeveloperCLI(t *testing.T) {
	t.Parallel()
	f, err := DiagnoseInput(strings.NewReader("ERROR: not logged in, run `azd auth login` to login"))
	if want := "The client wanted a token from the Azure Developer CLI, which has a login of its own, and finds none in the folder that it looks into."; err != nil || len(f) != 1 || f[0].Cause != want {
		t.Errorf("got %+v", f)
	}
}

// TestStuckTool: a tool that was stopped is no credential that is missing.
func TestStuckTool(t *testing.T) {
	t.Parallel()
	f, err := DiagnoseInput(strings.NewReader("DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:\n\tEnvironmentCredential: missing environment variable AZURE_TENANT_ID\n\tAzureCLICredential: signal: killed"))
	if want := "The command line tool that AzureCLICredential runs had not answered when the time was over, and was stopped."; err != nil || len(f) != 1 || f[0].ID != "cfg-no-credential" || f[0].Cause != want {
		t.Errorf("got %+v", f)
	}
	// What is run by hand asks for the cloud's own token, and is the tool that was stopped.
	e := &Evidence{Pasted: true, Setup: Setup{Cloud: "usgov"}, Text: "AzureCLICredential: signal: killed"}
	if want := []string{"az account get-access-token --resource https://cognitiveservices.azure.us --query expiresOn -o tsv"}; !slices.Equal(chooseCredential(e).Commands, want) {
		t.Errorf("got %q", chooseCredential(e).Commands)
	}
	e.Text = "AzureDeveloperCLICredential: signal: killed"
	if r := chooseCredential(e); len(r.Commands) > 0 || !strings.HasPrefix(r.Text, "Run the tool") {
		t.Errorf("got %+v", r)
	}
}

// TestErrorsOfSeveralTests: pytest lets the failures of different tests follow
// each other closely, in their tracebacks and in its summary. Each is an error
// of its own; the same failure of several tests is one.
func TestErrorsOfSeveralTests(t *testing.T) {
	t.Parallel()
	const (
		role    = `litellm.AuthenticationError: AzureException AuthenticationError - {"error":{"code":"PermissionDenied","message":"` + deniedMessage + `"}}`
		noApp   = `azure.core.exceptions.ClientAuthenticationError: AADSTS700016: Application with identifier '3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11' was not found in the directory 'Contoso'.`
		noHost  = `openai.APIConnectionError: Connection error.`
		header  = "=========================== short test summary info ============================\n"
		failedA = "FAILED tests/test_qa.py::test_a - "
		failedB = "FAILED tests/test_qa.py::test_b - "
	)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"summary": {header + failedA + role + "\n" + failedB + noApp + "\n", []string{"aoai-rbac-missing-data-action", "entra-app-not-found"}},
		"tracebacks": {"____________________________________ test_a ____________________________________\ntests/test_qa.py:5: in test_a\n    ask()\nE   " + role +
			"\n________________________________ test_b[chat-1] ________________________________\ntests/test_qa.py:9: in test_b\n    ask()\nE   " + noApp + "\n",
			[]string{"aoai-rbac-missing-data-action", "entra-app-not-found"}},
		"the same in both": {"E   httpx.ConnectError: [Errno -2] Name or service not known\nE   " + noHost + "\n" + header + failedA + noHost + "\n" + failedB + noHost + "\n",
			[]string{"net-dns-not-found"}},
	} {
		fs, err := DiagnoseInput(strings.NewReader(c.text))
		var got []string
		for _, f := range fs {
			got = append(got, f.ID)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, c.want)
		}
	}
}

// TestMarksNotShown: a text without the answer's headers does not prove that
// somebody else than Azure's metadata service gave it.
func TestMarksNotShown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Certainty{
		"ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 403 (Forbidden)":                            Likely,
		"ManagedIdentityCredential authentication failed: Service request failed.\nStatus: 403 (Forbidden)\n\nHeaders:\nServer: EC2ws": Proven,
	} {
		f, err := DiagnoseInput(strings.NewReader(text))
		if err != nil || len(f) != 1 || f[0].ID != "msi-not-imds" || f[0].Certainty != want {
			t.Errorf("%s: got %+v, %v", text, f, err)
		}
	}
}
