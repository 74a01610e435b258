package preflight_test

import (
	"maps"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestClientRemedies: what a finding says is done, to the letter, and the next
// check passes.
func TestClientRemedies(t *testing.T) {
	t.Parallel()
	const (
		tenant = "      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f\n"
		client = "      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11\n"
		oidc   = "      azure_ad_token: oidc/github/api://AzureADTokenExchange\n"
		secret = "      client_secret: os.environ/MINE\n"
		flag   = "litellm_settings:\n  enable_azure_ad_token_refresh: true\n"
	)
	bare := strings.NewReplacer(tenant, "", client, "", oidc, "").Replace(healthyConfig)
	ids := map[string]string{"AZURE_TENANT_ID": "6babcaad-604b-40ac-a9d7-9fd97c0b779f", "AZURE_CLIENT_ID": "3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11"}
	with := func(more ...string) map[string]string {
		env := maps.Clone(ids)
		for i := 0; i < len(more); i += 2 {
			env[more[i]] = more[i+1]
		}
		return env
	}
	for _, c := range []struct {
		name, version, config string
		env                   map[string]string // "SECRET" stands for the application's
		want, says            string
		mended                string
		mendedEnv             map[string]string
	}{
		{"nothing at all", "1.81.12", bare, nil, "litellm-no-credential", "azure_ad_token: oidc/github/", healthyConfig, nil},
		{"nothing at all, older", "1.63.7", bare, nil, "litellm-no-credential", "set AZURE_TENANT_ID and AZURE_CLIENT_ID on the job", bare + oidc, ids},
		{"nothing at all, between", "1.66.0", bare, nil, "litellm-no-credential", "set AZURE_TENANT_ID and AZURE_CLIENT_ID on the job", bare + oidc, ids},
		{"after azure/login", "1.81.12", bare + flag, ids, "litellm-managed-identity-chosen", "azure_ad_token: oidc/github/", healthyConfig + flag, ids},
		{"a class that finds nothing here", "1.81.12", bare + flag, with("AZURE_CREDENTIAL", "DefaultAzureCredential"), "litellm-azure-credential", "Unset AZURE_CREDENTIAL.", healthyConfig + flag, ids},
		{"a class that is not known", "1.71.3", bare + flag, with("AZURE_CREDENTIAL", "DefaultAzureCredential", "AZURE_CLIENT_SECRET", "SECRET"), "litellm-azure-credential", "unset AZURE_CREDENTIAL", bare + flag, with("AZURE_CLIENT_SECRET", "SECRET")},
		{"a service principal that is not used", "1.63.7", bare, with("AZURE_CLIENT_SECRET", "SECRET"), "litellm-refresh-off", "enable_azure_ad_token_refresh to the boolean true", bare + flag, with("AZURE_CLIENT_SECRET", "SECRET")},
		{"ids in the wrong place", "1.63.7", healthyConfig, nil, "litellm-oidc-incomplete", "Remove tenant_id and client_id from litellm_params", bare + oidc, ids},
		{"no ids", "1.81.12", bare + oidc, nil, "litellm-oidc-incomplete", "Set AZURE_TENANT_ID and AZURE_CLIENT_ID on the job", bare + oidc, ids},
		{"no such source of assertions", "1.81.12", strings.Replace(healthyConfig, "oidc/github/", "oidc/gitlab/", 1), nil, "litellm-oidc-incomplete", "azure_ad_token: oidc/github/", healthyConfig, nil},
		{"a user's password", "1.81.12", bare + tenant + client + "      azure_username: someone@octo.example\n      azure_password: SECRET\n", nil, "litellm-user-sign-in", "Remove azure_username and azure_password from config.yaml", healthyConfig, nil},
		{"a stale token of a variable", "1.81.12", bare + tenant + client + secret + "      azure_ad_token: os.environ/OURS\n", map[string]string{"OURS": "stale-token-of-yesterday", "MINE": "SECRET"}, "litellm-static-token", "Remove the key azure_ad_token from config.yaml.", bare + tenant + client + secret, map[string]string{"MINE": "SECRET"}},
		{"a key of a variable", "1.81.12", bare + tenant + client + secret + "      api_key: os.environ/OURS\n", map[string]string{"OURS": "0123456789abcdef0123456789abcdef", "MINE": "SECRET"}, "litellm-key-shadows-token", "Remove the key api_key from config.yaml.", bare + tenant + client + secret, map[string]string{"MINE": "SECRET"}},
		{"a key before a variable's", "1.81.12", bare + tenant + client + secret + "      api_key: os.environ/OURS\n", map[string]string{"OURS": "0123456789abcdef0123456789abcdef", "AZURE_API_KEY": "fedcba9876543210fedcba9876543210", "MINE": "SECRET"}, "litellm-key-shadows-token", "Remove the key api_key from config.yaml. Then remove the variable AZURE_API_KEY as well", bare + tenant + client + secret, map[string]string{"MINE": "SECRET"}},
		{"a key of all models", "1.81.12", bare + tenant + client + secret + "litellm_settings: {api_key: os.environ/OURS}\n", map[string]string{"OURS": "0123456789abcdef0123456789abcdef", "MINE": "SECRET"}, "litellm-key-shadows-token", "Remove the key litellm_settings.api_key from config.yaml.", bare + tenant + client + secret, map[string]string{"MINE": "SECRET"}},
		{"a scope of its own, and a wrong secret", "1.81.12", bare + tenant + client + secret + "      azure_scope: https://management.azure.com/.default\n", map[string]string{"MINE": "another-applications-secret"}, "entra-secret-invalid", "secret", bare + tenant + client + secret, map[string]string{"MINE": "SECRET"}},
		{"a key that is a number", "1.81.12", bare + "      api_key: 1234567890\n", nil, "litellm-config-invalid", "Give api_key a text: a value in quotation marks", healthyConfig, nil},
		{"v1 in a release that drops tokens", "1.87.0", strings.Replace(healthyConfig, `"2024-10-21"`, "v1", 1), nil, "litellm-v1-drops-token", "2024-10-21", healthyConfig, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				check := func(config string, more map[string]string) outcome {
					w := azurelab.Healthy()
					return perform(t, w, func(env map[string]string) {
						for name, v := range more {
							env[name] = strings.Replace(v, "SECRET", w.Tenants[0].Apps[0].Secrets[0].Value, 1)
						}
						env["INPUT_LITELLM-CONFIG"], env["INPUT_LITELLM-VERSION"] = "config.yaml", c.version
						checkOut(t, env, map[string]string{"config.yaml": config})
					})
				}
				o := check(c.config, c.env)
				if got := o.outputs["diagnosis"]; got != c.want {
					t.Fatalf("diagnosis %q, want %q", got, c.want)
				}
				if r := o.report.Findings[0].Remedy; !strings.Contains(r.Text, c.says) {
					t.Errorf("the remedy is %q, without %q", r.Text, c.says)
				}
				if o = check(c.mended, c.mendedEnv); o.outputs["verdict"] != "pass" {
					t.Errorf("mended, it is %s %s\n%s", o.outputs["verdict"], o.outputs["diagnosis"], shown(o.stdout))
				}
			})
		})
	}
}

// TestEverythingInTheWay: where one key or token stands behind another, the
// first finding's remedy is about all of them.
func TestEverythingInTheWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := azurelab.Healthy()
		w.Job.Env = map[string]string{"AZURE_OPENAI_API_KEY": "0123456789abcdef0123456789abcdef", "AZURE_API_KEY": "", "AZURE_AD_TOKEN": "stale-token-of-yesterday"}
		check := func() outcome {
			return perform(t, w, func(env map[string]string) { env["INPUT_CLIENT"], env["INPUT_LITELLM-VERSION"] = "dspy", "1.63.7" })
		}
		o := check()
		if o.outputs["diagnosis"] != "litellm-key-shadows-token" {
			t.Fatalf("diagnosis %q", o.outputs["diagnosis"])
		}
		r := o.report.Findings[0].Remedy
		if want := "unset AZURE_OPENAI_API_KEY AZURE_API_KEY AZURE_AD_TOKEN"; len(r.Commands) != 1 || r.Commands[0] != want {
			t.Errorf("the commands are %q, want %q", r.Commands, want)
		}
		if err := w.Apply(string(r.Kind), r.Params); err != nil {
			t.Fatal(err)
		}
		if o = check(); o.outputs["verdict"] != "pass" {
			t.Errorf("mended, it is %s %s\n%s", o.outputs["verdict"], o.outputs["diagnosis"], shown(o.stdout))
		}
	})
}
