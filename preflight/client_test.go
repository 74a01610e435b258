package preflight_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// A clientCase is a healthy world in which the suite's client sends something
// else than the token.
type clientCase struct {
	name   string
	env    map[string]string // inputs and variables; "KEY" stands for a valid key of the resource
	files  map[string]string // of the workspace
	harm   func(*azurelab.World)
	want   string // the primary finding; "" for a pass
	notice string
	says   string // in the log
	at     string // file:line of the annotation
	sent   string // the credential that reached the model: bearer, api-key, or "" when nothing may
}

const healthyConfig = `model_list:
  - model_name: gpt
    litellm_params:
      model: azure/chat
      api_base: https://octo-aoai.openai.azure.com
      api_version: "2024-10-21"
      azure_ad_token: oidc/github/api://AzureADTokenExchange
      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f
      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11
`

var clientCases = []clientCase{
	{name: "provider in code", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "INPUT_API-VERSION": "2024-10-21"}, sent: "bearer"},
	{name: "stray key", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "INPUT_API-VERSION": "2024-10-21", "AZURE_API_KEY": "0123456789abcdef0123456789abcdef"},
		want: "litellm-key-shadows-token", sent: "api-key"},
	{name: "stray key of an SDK variable", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.63.7", "AZURE_OPENAI_API_KEY": "0123456789abcdef0123456789abcdef"},
		want: "litellm-key-shadows-token", sent: "api-key"},
	{name: "empty key", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "AZURE_API_KEY": ""}, want: "litellm-key-shadows-token"},
	{name: "empty key, newer", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.81.12", "AZURE_API_KEY": ""}, sent: "bearer"},
	{name: "empty key, with the SDK of today", env: map[string]string{"INPUT_CLIENT": "litellm", "AZURE_API_KEY": ""}, files: map[string]string{"requirements.txt": "litellm==1.81.12\n"},
		want: "litellm-two-credentials", says: "the newest openai-python, as pip installs it today, is assumed"},
	{name: "a key, with the newest SDK that this release takes", env: map[string]string{"INPUT_CLIENT": "litellm", "AZURE_API_KEY": "KEY"}, files: map[string]string{"requirements.txt": "litellm==1.95.0\nopenai>=2.20\n"}, sent: "bearer"},
	{name: "key of client-env", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "INPUT_CLIENT-ENV": "AZURE_API_KEY=0123456789abcdef0123456789abcdef"},
		want: "litellm-key-shadows-token", sent: "api-key"},
	{name: "valid key", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "AZURE_API_KEY": "KEY"}, notice: "cfg-credential-shadowed", sent: "api-key"},
	{name: "stale token", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "AZURE_AD_TOKEN": "stale-token-of-yesterday"}, want: "litellm-static-token", sent: "bearer"},
	{name: "SDK's static token", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "AZURE_OPENAI_AD_TOKEN": "stale-token-of-yesterday"}, want: "litellm-static-token", sent: "bearer"},
	{name: "dropped provider", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.67.2"}, want: "litellm-token-provider-dropped"},
	{name: "dropped by the lock", env: map[string]string{"INPUT_CLIENT": "litellm"}, files: map[string]string{"requirements.txt": "pytest==8.0.0\nlitellm==1.66.1\n"},
		want: "litellm-token-provider-dropped"},
	{name: "o-series name", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7", "INPUT_DEPLOYMENT": "demo1"}, want: "litellm-o-series-name"},
	{name: "text model type", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_DEPLOYMENT": "chat:completions", "INPUT_LITELLM-VERSION": "1.63.7"}, want: "dspy-text-model-type"},
	{name: "no prefix", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-MODELS": "gpt-4o", "INPUT_LITELLM-VERSION": "1.63.7"}, want: "litellm-provider-prefix-missing"},
	{name: "responses before there were any", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "chat:responses", "INPUT_LITELLM-VERSION": "1.63.7", "INPUT_API-VERSION": "2025-03-01-preview"}, want: "litellm-client-error"},
	{name: "responses with keys only", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "chat:responses", "INPUT_LITELLM-VERSION": "1.70.0", "INPUT_API-VERSION": "2025-03-01-preview"}, want: "litellm-key-only", says: "litellm>=1.73.1"},
	{name: "responses with tokens", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "chat:responses", "INPUT_LITELLM-VERSION": "1.73.1", "INPUT_API-VERSION": "2025-03-01-preview"}, sent: "bearer"},
	{name: "embeddings without the provider", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "embeddings:embeddings", "INPUT_LITELLM-VERSION": "1.75.0", "INPUT_API-VERSION": "2024-10-21"}, want: "litellm-token-provider-dropped", says: "litellm>=1.77.1"},
	{name: "embeddings with it", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "embeddings:embeddings", "INPUT_LITELLM-VERSION": "1.77.1", "INPUT_API-VERSION": "2024-10-21"}, sent: "bearer"},
	{name: "a chat that becomes Responses", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "gpt-5-codex", "INPUT_LITELLM-VERSION": "1.109.1"},
		harm: func(w *azurelab.World) { w.Resources[0].Deployment("codex").Name = "gpt-5-codex" }, sent: "bearer"},
	{name: "a completion that becomes a chat", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_DEPLOYMENT": "chat:completions", "INPUT_LITELLM-VERSION": "1.81.12"}, sent: "bearer"},
	{name: "LiteLLM's variable with a path that it knows", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.109.1", "INPUT_ENDPOINT": "", "AZURE_API_BASE": "https://octo-aoai.openai.azure.com/openai/v1/", "AZURE_API_VERSION": "v1"}, sent: "bearer"},
	{name: "LiteLLM's variable with a path that it does not", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.81.12", "INPUT_ENDPOINT": "", "AZURE_API_BASE": "https://octo-aoai.openai.azure.com/openai/v1"}, want: "litellm-api-base-path"},
	{name: "LiteLLM's variable leads away", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.81.12", "INPUT_ENDPOINT": "", "AZURE_API_BASE": "https://octo-aoai.openai.azure.com.evil.example/openai/deployments/chat"}, want: "cfg-endpoint-untrusted"},
	{name: "an input with a path", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.81.12", "INPUT_ENDPOINT": "https://octo-aoai.openai.azure.com/openai/v1"}, want: "cfg-endpoint-malformed"},
	{name: "a user whom nobody can ask", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.67.2", "INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "azure_ad_token: oidc/github/api://AzureADTokenExchange", "azure_username: mona@octo.example\n      azure_password: a-password-of-nobody", 1)}, // of no user
		harm: func(w *azurelab.World) {
			w.Faults = []azurelab.Fault{{Service: azurelab.ServiceEntra, Kind: azurelab.FaultConnectTimeout}}
		}, want: "net-entra-unreachable"},
	{name: "a prefix that is none", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-MODELS": "azure_openai/chat", "INPUT_LITELLM-VERSION": "1.63.7"}, want: "litellm-provider-prefix-missing"},
	{name: "v1 in a broken version", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.84.0", "INPUT_API-VERSION": "preview"}, want: "litellm-v1-drops-token"},
	{name: "role missing", env: map[string]string{"INPUT_CLIENT": "dspy", "INPUT_LITELLM-VERSION": "1.63.7"}, harm: func(w *azurelab.World) { w.Resources[0].Roles = nil }, want: "aoai-rbac-missing-data-action", sent: "bearer"},
	{name: "compromised pin", env: map[string]string{"INPUT_CLIENT": "litellm"}, files: map[string]string{"requirements.txt": "litellm==1.82.8\n"}, want: "litellm-version-compromised", at: "requirements.txt:1"},
	{name: "compromised input", env: map[string]string{"INPUT_CLIENT": "litellm", "INPUT_LITELLM-VERSION": "1.82.7"}, want: "litellm-version-compromised"},
	{name: "openai, static token", env: map[string]string{"INPUT_CLIENT": "openai", "INPUT_API-VERSION": "2024-10-21", "AZURE_OPENAI_AD_TOKEN": "stale-token-of-yesterday"}, files: map[string]string{"requirements.txt": "openai==1.66.0\n"},
		want: "litellm-static-token", sent: "bearer"},
	{name: "openai", env: map[string]string{"INPUT_CLIENT": "openai", "INPUT_API-VERSION": "2024-10-21"}, sent: "bearer"},

	{name: "config", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"}, files: map[string]string{"config.yaml": healthyConfig}, sent: "bearer"},
	{name: "config in a job without the permission", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"}, files: map[string]string{"config.yaml": healthyConfig},
		harm: func(w *azurelab.World) { w.GitHub.Permission = false }, want: "oidc-permission-missing", at: ".github/workflows/llm-tests.yml:7"},
	{name: "config is missing", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"}, want: "litellm-config-not-found"},
	{name: "config leads out", env: map[string]string{"INPUT_LITELLM-CONFIG": "../config.yaml"}, want: "cfg-path-outside"},
	{name: "config is broken", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"}, files: map[string]string{"config.yaml": "model_list:\n\t- x\n"}, want: "litellm-config-invalid", at: "config.yaml:2"},
	{name: "config with a missing variable", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "azure_ad_token: oidc/github/api://AzureADTokenExchange", "api_key: os.environ/MY_AZURE_KEY", 1)}, want: "litellm-env-missing", at: "config.yaml:7"},
	{name: "config reaches for the runner's token", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "azure_ad_token: oidc/github/api://AzureADTokenExchange", "api_key: os.environ/ACTIONS_ID_TOKEN_REQUEST_TOKEN", 1)}, want: "litellm-env-refused", at: "config.yaml:7"},
	{name: "config reaches for the runner's token as an assertion", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "oidc/github/api://AzureADTokenExchange", "oidc/env/ACTIONS_ID_TOKEN_REQUEST_TOKEN", 1)}, want: "litellm-env-refused", at: "config.yaml:7"},
	{name: "config leads the token away", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", "https://octo-aoai.openai.azure.com.evil.example", 1)}, want: "cfg-endpoint-untrusted", at: "config.yaml:5"},
	{name: "config without a credential", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Join(strings.Split(healthyConfig, "\n")[:6], "\n") + "\n"}, want: "litellm-no-credential", at: "config.yaml:4"},
	{name: "config without the flag", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "AZURE_CLIENT_ID": "3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11", "AZURE_TENANT_ID": "6babcaad-604b-40ac-a9d7-9fd97c0b779f"},
		files: map[string]string{"config.yaml": strings.Join(strings.Split(healthyConfig, "\n")[:6], "\n") + "\nlitellm_settings:\n  enable_azure_ad_token_refresh: \"true\"\n"}, want: "litellm-refresh-off", at: "config.yaml:8"},
	{name: "config exports the runner's token", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": healthyConfig + "environment_variables:\n  AZURE_API_KEY: os.environ/ACTIONS_RUNTIME_TOKEN\n"}, want: "litellm-env-refused", at: "config.yaml:11"},
	{name: "config shows a secret as a version", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "OCTO_SECRET": "KEY"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, `"2024-10-21"`, "os.environ/OCTO_SECRET", 1)}, want: "litellm-env-refused", at: "config.yaml:6"},
	{name: "config shows anything as a version", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "OCTO_STATE": "KEY"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, `"2024-10-21"`, "os.environ/OCTO_STATE", 1)}, want: "litellm-api-version-invalid", at: "config.yaml:6"},
	{name: "config shows a secret as a model", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "OCTO_API_KEY": "KEY"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "azure/chat", "os.environ/OCTO_API_KEY", 1)}, want: "litellm-env-refused", at: "config.yaml:4"},
	{name: "config exports a secret as a version", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "OCTO_SECRET": "KEY"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "      api_version: \"2024-10-21\"\n", "", 1) + "environment_variables:\n  AZURE_API_VERSION: os.environ/OCTO_SECRET\n"}, want: "litellm-env-refused", at: "config.yaml:10"},
	{name: "config with a version in a variable", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "OCTO_VERSION": "2024-10-21", "OCTO_MODEL": "azure/chat"},
		files: map[string]string{"config.yaml": strings.NewReplacer(`"2024-10-21"`, "os.environ/OCTO_VERSION", "azure/chat", "os.environ/OCTO_MODEL").Replace(healthyConfig)}, sent: "bearer"},
	{name: "config with a version that is not set", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, `"2024-10-21"`, "os.environ/OCTO_VERSION", 1)}, notice: "litellm-env-missing", sent: "bearer"},
	{name: "config with a key for all models' headers", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": healthyConfig + "litellm_settings:\n  headers:\n    Authorization: Bearer stale-token-of-yesterday\n"}, want: "litellm-header-overridden", at: "config.yaml:12", sent: "bearer"},
	{name: "config with a Claude", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": healthyConfig + "  - model_name: claude\n    litellm_params:\n      model: azure_ai/claude-sonnet-4-5\n      api_base: https://octo-aoai.services.ai.azure.com\n      api_key: 0123456789abcdef0123456789abcdef\n"}, notice: "litellm-not-checkable", sent: "bearer"}, // no key of anything
	{name: "config with a secret manager", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": healthyConfig + "general_settings:\n  key_management_system: azure_key_vault\n"}, notice: "litellm-not-checkable", sent: "bearer"},
	{name: "config with an include of an include", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "INPUT_LITELLM-VERSION": "1.102.0"},
		files: map[string]string{"config.yaml": "include: [below/one.yaml]\n", "below/one.yaml": "x: 1\ninclude:\n  - two.yaml\n", "below/two.yaml": healthyConfig}, sent: "bearer"},
	{name: "config with an include that this release does not find", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "INPUT_LITELLM-VERSION": "1.101.0"},
		files: map[string]string{"config.yaml": "include: [below/one.yaml]\n", "below/one.yaml": "x: 1\ninclude:\n  - two.yaml\n", "below/two.yaml": healthyConfig},
		want:  "litellm-config-not-found", says: "Mend the path of the include", at: "below/one.yaml:3"},
	{name: "config with a date in a credential", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "INPUT_LITELLM-VERSION": "1.81.12"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, `api_version: "2024-10-21"`, "litellm_credential_name: own", 1) +
			"credential_list:\n  - credential_name: own\n    credential_values: {api_version: 2024-10-21}\n    credential_info: {}\n"},
		want: "litellm-api-version-invalid", says: "has no attribute", at: "config.yaml:12"},
	{name: "config with a header of its own", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": healthyConfig + "      extra_headers: {api-key: another}\n"}, notice: "cfg-credential-shadowed", says: "Remove the key extra_headers.api-key from config.yaml", sent: "bearer"},
	{name: "config with a wrong deployment", env: map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"},
		files: map[string]string{"config.yaml": strings.Replace(healthyConfig, "azure/chat", "azure/chatt", 1)}, want: "aoai-deployment-not-found", at: "config.yaml:4", sent: "bearer"},
}

// TestClients runs the check in the place of another client, and looks at what
// reached the services.
func TestClients(t *testing.T) {
	t.Parallel()
	schema := reportSchema(t)
	for _, c := range clientCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				if c.harm != nil {
					c.harm(w)
				}
				o := perform(t, w, func(env map[string]string) {
					for name, v := range c.env {
						if v == "KEY" {
							v = w.Resources[0].Keys[0]
						}
						env[name] = v
					}
					checkOut(t, env, c.files)
				})
				if got := o.outputs["diagnosis"]; got != c.want {
					t.Errorf("diagnosis %q, want %q", got, c.want)
				}
				if c.want == "" && o.outputs["verdict"] != "pass" {
					t.Errorf("verdict %q", o.outputs["verdict"])
				}
				if c.notice != "" && !strings.Contains(o.stdout, c.notice) {
					t.Errorf("there is no notice %s", c.notice)
				}
				if c.says != "" && !strings.Contains(o.stdout, c.says) {
					t.Errorf("the log does not say %q", c.says)
				}
				if file, line, ok := strings.Cut(c.at, ":"); ok {
					if !strings.Contains(o.stdout, "file="+file+",line="+line) {
						t.Errorf("the annotation is not at %s", c.at)
					}
				}
				var sent []string
				for _, r := range w.Requests() {
					if r.Service == azurelab.ServiceModel && !slices.Contains(sent, r.Credential) {
						sent = append(sent, r.Credential)
					}
				}
				if got := strings.Join(sent, " "); got != c.sent {
					t.Errorf("the model got %q, want %q", got, c.sent)
				}
				v, err := jsonschema.UnmarshalJSON(bytes.NewReader(o.reportFile))
				if err == nil {
					err = schema.Validate(v)
				}
				if err != nil {
					t.Errorf("the report does not fit its schema: %v", err)
				}
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
				checkContainment(t, w)
				if t.Failed() {
					t.Logf("stdout:\n%s\nstderr:\n%s", shown(o.stdout), o.stderr)
				}
			})
		})
	}
}
