package main

// values is a list in which a value weighs as often as it stands there; nil
// leaves unset, "" is set and empty.
func values(all ...any) []any { return all }

// A source is a way to be authenticated: what a user sets for it, and on which
// clients that can be done.
type source struct {
	name    string
	params  map[string]any
	env     map[string]string
	globals map[string]any
	token   string // of a provider in code
}

// principal is a complete service principal in the environment.
var principalEnv = map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "AZURE_CLIENT_SECRET": "<secret>"}

// ownSources is how many of the sources are such that every client knows them.
const ownSources = 12

var sources = []source{
	{name: "key parameter", params: map[string]any{"api_key": "<key>"}},
	{name: "key variable", env: map[string]string{"AZURE_API_KEY": "<key>"}},
	{name: "SDK's key variable", env: map[string]string{"AZURE_OPENAI_API_KEY": "<key>"}},
	{name: "provider", token: "<provider-token>"},
	{name: "provider", token: "<provider-token>"},
	{name: "provider of nothing much", token: "<arm-token>"},
	{name: "token parameter", params: map[string]any{"azure_ad_token": "<token>"}},
	{name: "SDK's token variable", env: map[string]string{"AZURE_OPENAI_AD_TOKEN": "<token>"}},
	{name: "provider and key", token: "<provider-token>", env: map[string]string{"AZURE_OPENAI_API_KEY": "<key>"}},
	{name: "provider and token", token: "<provider-token>", params: map[string]any{"azure_ad_token": "<token>"}},
	{name: "key and token", params: map[string]any{"api_key": "<key>", "azure_ad_token": "<token>"}},
	{name: "token variable", env: map[string]string{"AZURE_AD_TOKEN": "<token>"}},
	{name: "nothing"},
	{name: "principal in the environment", env: principalEnv},
	{name: "principal in parameters", params: map[string]any{"tenant_id": "<tenant>", "client_id": "<client>", "client_secret": "<secret>"}},
	{name: "refresh, principal", env: principalEnv, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh, client id", env: map[string]string{"AZURE_CLIENT_ID": "<client>", "AZURE_TENANT_ID": "<tenant>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh, identity", env: map[string]string{"AZURE_CLIENT_ID": "<identity>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh, pod", env: map[string]string{"AZURE_CLIENT_ID": "<client>", "AZURE_TENANT_ID": "<tenant>", "AZURE_FEDERATED_TOKEN_FILE": "<pod-token-file>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh", globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "password in the environment", env: map[string]string{"AZURE_USERNAME": "<user>", "AZURE_PASSWORD": "<password>", "AZURE_CLIENT_ID": "<client>"}},
	{name: "password in parameters", params: map[string]any{"azure_username": "<user>", "azure_password": "<password>", "client_id": "<client>"}},
	{
		name: "GitHub's token", params: map[string]any{"azure_ad_token": "oidc/github/<audience-github>"},
		env: map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "ACTIONS_ID_TOKEN_REQUEST_URL": "<request-url>", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "<request-token>"},
	},
	{name: "pod's token", params: map[string]any{"azure_ad_token": "oidc/azure/"}, env: map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "AZURE_FEDERATED_TOKEN_FILE": "<pod-token-file>"}},
	{name: "refresh, certificate", env: map[string]string{"AZURE_CLIENT_ID": "<client>", "AZURE_TENANT_ID": "<tenant>", "AZURE_CREDENTIAL": "CertificateCredential", "AZURE_CERTIFICATE_PATH": "<certificate>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "Foundry's key", env: map[string]string{"AZURE_AI_API_KEY": "<key>"}},
	{name: "global key", globals: map[string]any{"api_key": "<key>"}},
	{name: "global Azure key", globals: map[string]any{"azure_key": "<key>"}},
	{name: "token in a variable", params: map[string]any{"azure_ad_token": "oidc/env/ID_TOKEN"}, env: map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "ID_TOKEN": "<id-token>"}},
}

// shadowEnv are the values that stray into variables; nil leaves unset.
var shadowEnv = map[string][]any{
	"AZURE_API_KEY":                        values("", "<key-2>", "<old-key>"),
	"AZURE_OPENAI_API_KEY":                 values("", "<key-2>", "<old-key>"),
	"AZURE_AI_API_KEY":                     values("", "<key-2>"),
	"AZURE_AI_API_BASE":                    values("", "<endpoint>", "<foundry>/models"),
	"AZURE_AD_TOKEN":                       values("", "<token-2>", "<stale-token>", "oidc/env/ID_TOKEN", "oidc/azure/"),
	"AZURE_OPENAI_AD_TOKEN":                values("", "<token-2>", "<stale-token>"),
	"OPENAI_API_KEY":                       values("", "<openai-key>"),
	"OPENAI_ADMIN_KEY":                     values("", "<openai-key>"),
	"OPENAI_API_BASE":                      values("", "<endpoint>/openai/v1/"),
	"AZURE_CERTIFICATE_PATH":               values("", "<certificate>", "<missing-file>"),
	"AZURE_CERTIFICATE_PASSWORD":           values("", "<password>"),
	"AZURE_CLIENT_CERTIFICATE_PATH":        values("", "<certificate>", "<missing-file>"),
	"AZURE_TOKEN_CREDENTIALS":              values("", "prod", "dev", "AzureCliCredential", "nonsense"),
	"LITELLM_OIDC_ALLOWED_CREDENTIAL_DIRS": values("", "/tmp,/run/secrets", "<dir>"),
	"AZURE_OPENAI_DEPLOYMENT":              values("", "chat"),
	"azure_API_KEY":                        values("", "<key-2>"),
	"azure_API_BASE":                       values("", "<endpoint>/openai/v1"),
	"AZURE_TENANT_ID":                      values("", "<tenant>", "<tenant-2>"),
	"AZURE_CLIENT_ID":                      values("", "<client>", "<client-2>", "<identity>"),
	"AZURE_CLIENT_SECRET":                  values("", "<secret>", "<secret-2>"),
	"AZURE_USERNAME":                       values("", "<user>"),
	"AZURE_PASSWORD":                       values("", "<password>", "<old-password>"),
	"AZURE_CREDENTIAL":                     values("", "ClientSecretCredential", "ManagedIdentityCredential", "DefaultAzureCredential", "WorkloadIdentityCredential", "CertificateCredential", "EnvironmentCredential", "NoSuchCredential", "AzureCliCredential", "UsernamePasswordCredential", "DeploymentIdentityCredential", "defaultazurecredential"),
	"AZURE_SCOPE":                          values("", "<scope-default>", "<scope-arm>", "<scope-unknown>"),
	"AZURE_FEDERATED_TOKEN_FILE":           values("", "<pod-token-file>", "<missing-file>"),
	"ACTIONS_ID_TOKEN_REQUEST_URL":         values("", "<request-url>"),
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN":       values("", "<request-token>"),
	"AZURE_AUTHORITY_HOST":                 values("<authority>", "<authority>/"),
	"AZURE_OPENAI_ENDPOINT":                values("", "<endpoint>"),
	"OPENAI_API_VERSION":                   values("", "2024-06-01"),
	"AZURE_API_VERSION":                    values("", "2024-10-21", "v1", "preview", "latest"),
	"AZURE_API_BASE":                       values("", "<endpoint>", "<endpoint>/", "<endpoint>/openai/v1"),
	"OPENAI_BASE_URL":                      values("", "<endpoint>/openai/v1"),
	"ID_TOKEN":                             values("", "<id-token>", "<pod-token>"),
}

// shadowParams are the same for parameters; nil is Python's None, which is not
// the same as nothing to LiteLLM everywhere.
var shadowParams = map[string][]any{
	"api_key":        values(nil, "", "<key-2>", "<old-key>", "dummy"),
	"azure_ad_token": values(nil, "", "<token-2>", "<stale-token>", "oidc/azure/", "oidc/azure/<audience-github>", "oidc/azure", "oidc/env/ID_TOKEN", "oidc/env_path/AZURE_FEDERATED_TOKEN_FILE", "oidc/github/<audience-github>", "oidc/github/wrong", "oidc/file/<id-token-file>", "oidc/env/NO_SUCH_VARIABLE"),
	"tenant_id":      values(nil, "", "<tenant>", "<tenant-2>"),
	"client_id":      values(nil, "", "<client>", "<client-2>"),
	"client_secret":  values(nil, "", "<secret>", "<secret-2>"),
	"azure_username": values(nil, "", "<user>"),
	"azure_password": values(nil, "", "<password>"),
	"azure_scope":    values(nil, "", "<scope-default>", "<scope-arm>"),
	"base_url":       values(nil, "", "<endpoint>", "<endpoint>/openai/v1", "<endpoint>/openai/deployments/all"),
	"api_version":    values(nil, "", "2024-10-21", "v1", "preview", "latest", map[string]any{"date": "2024-10-21"}),
	"api_base":       values(nil, "", "<endpoint>", "<endpoint>/"),
	"organization":   values(nil, "", "octo"),
}

var shadowGlobals = map[string][]any{
	"api_key":                       values("", "<key-2>"),
	"azure_key":                     values("", "<key-2>"),
	"api_base":                      values("", "<endpoint>", "<endpoint>/openai/v1"),
	"api_version":                   values("", "2024-06-01", "v1", "preview"),
	"openai_key":                    values("", "<openai-key>"),
	"enable_azure_ad_token_refresh": values(true, "true", false, true),
}

// headers are what stands in extra_headers and in litellm.headers. #2 is what YAML
// makes of 2.
var headers = [][2]string{
	{"api-key", "<key-2>"}, {"api-key", "<key-2>"}, {"Authorization", "Bearer <token-2>"}, {"Authorization", "Bearer <token-2>"},
	{"authorization", "Bearer <token-2>"}, {"API-KEY", "<key-2>"},
	{"api-key", ""}, {"Ocp-Apim-Subscription-Key", "<key-2>"}, {"x-team", "llm"}, {"x-version", "#2"},
}

// bases are what a user takes for the address, the right one far ahead.
var bases = values("<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>",
	"<endpoint>/", "<endpoint>/", "<endpoint>//", "<endpoint>/openai", "<endpoint>/openai/", "<endpoint>/openai/v1", "<endpoint>/openai/v1/",
	"<endpoint>/openai/deployments", "<endpoint>/openai/deployments/all", "<endpoint>/openai/deployments/all/",
	"<endpoint>/openai/deployments/all/chat/completions", "<endpoint>/openai/deployments/all/chat/completions?api-version=2024-10-21",
	"<endpoint>/openai/v1/chat/completions", "<endpoint>/openai/v1/responses", "<endpoint>/openai/responses", "<endpoint>/openai/responses?api-version=2025-04-01-preview",
	"<endpoint>?api-version=2024-10-21", "<endpoint>/chat/completions", "<endpoint>/models", "<endpoint>/openai/images/generations",
	"<cognitive>", "<cognitive>/", "<foundry>", "<foundry>/", "<foundry>/models", "<foundry>/openai/v1", "<foundry>/openai/v1/", "<foundry>/api/projects/octo",
	"<foundry>/anthropic", "<foundry>/anthropic/v1/messages", "<foundry>/models/chat/completions?api-version=2024-05-01-preview", "<region>", "<region>/",
	"<cloudflare>", "<cloudflare>/", "https://OCTO-AOAI.openai.azure.com", "octo-aoai.openai.azure.com", "")

// datedVersions is how many of them are dates.
const datedVersions = 8

// apiVersions are what they set for it; nil leaves it unset.
var apiVersions = values("2024-10-21", "2024-10-21", "2024-10-21", "2024-10-21", "2025-04-01-preview", "2025-03-01-preview", "2024-12-01-preview", "2023-05-15",
	"v1", "v1", "preview", "latest", "V1", "2024-10", "2024-10-21?x=1", "api-version=2024-10-21", "", nil, nil, nil)

// models are names with the prefixes that decide, and without.
var (
	chatModels = values("azure/o_series/all", "azure/o_series/o1-mini", "azure/o_series/demo1", "azure/gpt5_series/all", "azure/gpt5_series/demo1", "azure/gpt5_series/gpt-5-mini",
		"azure/responses/all", "azure/responses/all", "azure/responses/demo1", "azure/responses/gpt-5-mini", "azure/team/all", "azure/a b", "azure/claude-sonnet-4-5",
		"azure/mistral-large-latest", "azure/command-r-plus-08-2024")
	foundryModels = values("azure_ai/all", "azure_ai/all", "azure_ai/gpt-4o", "azure_ai/demo1", "azure_ai/mistral-large", "azure_ai/Phi-4", "azure_ai/deepseek-r1", "azure_ai/gpt-4o-mini", "azure_ai/o1", "azure_ai/o_series/all",
		"azure_ai/claude-sonnet-4-5", "azure_ai/Claude-opus-4-1")
	otherModels = values("gpt-4o-mini", "openai/gpt-4o-mini", "all", "o1", "o3-mini", "text-embedding-3-small", "openai/all", "AZURE/all", "openai/o1", "gpt-4o", "gpt-3.5-turbo-instruct")
)
