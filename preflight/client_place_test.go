package preflight_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// A configuration of three files: the models, an include of theirs, and its
// credentials in a folder below.
const (
	placedModels = `include: [more.yaml]
model_list:
  - model_name: first
    litellm_params:
      model: azure/chat
      litellm_credential_name: own
`
	placedMore = `include:
  - parts/credentials.yaml
model_list:
  - model_name: second
    litellm_params:
      model: azure/embeddings
      litellm_credential_name: own
    model_info: {mode: embedding}
`
	placedCredentials = `credential_list:
  - credential_name: own
    credential_info: {}
    credential_values:
      api_base: https://octo-aoai.openai.azure.com
      api_version: "2024-10-21"
      azure_ad_token: oidc/github/api://AzureADTokenExchange
      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f
      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11
`
)

// TestPlaces breaks one key and looks where the finding points.
func TestPlaces(t *testing.T) {
	t.Parallel()
	const credentials = "parts/credentials.yaml"
	const own = "azure_ad_token: oidc/github/api://AzureADTokenExchange\n      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f\n      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11\n"
	for _, c := range []struct {
		name, file, old, new string
		want                 string
		at                   preflight.Location
		says                 string
	}{
		{"deployment", "more.yaml", "azure/embeddings", "azure/embedings", "aoai-deployment-not-found", preflight.Location{File: "more.yaml", Line: 6, Column: 7}, ""},
		{"host", credentials, "octo-aoai.", "octo-aoia.", "net-dns-not-found", preflight.Location{File: credentials, Line: 5, Column: 7}, ""},
		{"no scheme", credentials, "https://", "", "cfg-endpoint-malformed", preflight.Location{File: credentials, Line: 5, Column: 7}, "does not begin with https://"},
		{"version is a date", "more.yaml", "litellm_credential_name: own", "api_version: 2024-10-21\n      litellm_credential_name: own", "litellm-api-version-invalid", preflight.Location{File: "more.yaml", Line: 7, Column: 7}, ""},
		{"key", credentials, own, "api_key: 0123456789abcdef0123456789abcdef\n", "aoai-key-invalid", preflight.Location{File: credentials, Line: 7, Column: 7}, ""}, // the lab's resource has another
		{"no tenant", credentials, "6babcaad-604b-40ac-a9d7-9fd97c0b779f", "11111111-2222-4333-8444-555555555555", "entra-tenant-not-found", preflight.Location{File: credentials, Line: 8, Column: 7}, ""},
		{"tenant is a number", credentials, "6babcaad-604b-40ac-a9d7-9fd97c0b779f", "12345", "cfg-tenant-id-malformed", preflight.Location{File: credentials, Line: 8, Column: 7}, ""},
		{"no application", credentials, "3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11", "11111111-2222-4333-8444-555555555555", "entra-app-not-found", preflight.Location{File: credentials, Line: 9, Column: 7}, ""},
		{"client id is none", credentials, "3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11", "octo-app", "cfg-client-id-malformed", preflight.Location{File: credentials, Line: 9, Column: 7}, ""},
		{"audience", credentials, "api://AzureADTokenExchange", "api://octo", "oidc-audience-mismatch", preflight.Location{File: credentials, Line: 7, Column: 7}, ""},
		{"scope", credentials, "api_version", "azure_scope: https://management.azure.com/.default\n      api_version", "litellm-scope", preflight.Location{File: credentials, Line: 6, Column: 7}, ""},
		{"empty secret", credentials, own, "api_key: os.environ/OCTO_EMPTY\n", "litellm-env-missing", preflight.Location{File: credentials, Line: 7, Column: 7}, "set but empty"},
		{"missing variable", credentials, own, "api_key: os.environ/OCTO_KEY\n", "litellm-env-missing", preflight.Location{File: credentials, Line: 7, Column: 7}, "is not set in this step"},
		{"include is missing", "more.yaml", "parts/", "bits/", "litellm-config-not-found", preflight.Location{File: "more.yaml", Line: 2, Column: 5}, "includes a file that does not exist"},
		{"include leads out", "more.yaml", "parts/", "../../", "litellm-config-invalid", preflight.Location{File: "more.yaml", Line: 2, Column: 5}, "includes a file that is outside the workspace"},
		{"include is broken", credentials, "credential_info: {}", "credential_info: {", "litellm-config-invalid", preflight.Location{File: credentials, Line: 3, Column: 22}, "cannot be used: "},
		{"include is too large", credentials, "credential_list", "#" + strings.Repeat("x", 9<<20) + "\ncredential_list", "litellm-config-invalid", preflight.Location{File: "more.yaml", Line: 2, Column: 5}, "has more than the 8388608 bytes"},
		{"prefix of another case", "more.yaml", "azure/embeddings", "Azure/embeddings", "litellm-provider-prefix-missing", preflight.Location{File: "more.yaml", Line: 6, Column: 7}, "a provider that LiteLLM does not know"},
		{"no model to call", "config.yaml", "azure/chat", "openai/chat", "", preflight.Location{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				files := map[string]string{"config.yaml": placedModels, "more.yaml": placedMore, credentials: placedCredentials}
				if !strings.Contains(files[c.file], c.old) {
					t.Fatalf("%s has no %q", c.file, c.old)
				}
				files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
				w := azurelab.Healthy()
				o := perform(t, w, func(env map[string]string) {
					env["INPUT_LITELLM-CONFIG"], env["OCTO_EMPTY"] = "config.yaml", ""
					checkOut(t, env, files)
				})
				if got := o.outputs["diagnosis"]; got != c.want {
					t.Fatalf("diagnosis %q, want %q\n%s", got, c.want, shown(o.stdout))
				}
				if c.want == "" {
					return
				}
				f := o.report.Findings[0]
				if f.Location == nil || *f.Location != c.at {
					t.Errorf("the finding is at %v, want %v", f.Location, c.at)
				}
				if !strings.Contains(f.Cause, c.says) {
					t.Errorf("the cause is %q, and does not say %q", f.Cause, c.says)
				}
				checkAgreement(t, o)
				checkLeaks(t, w, o)
				checkContainment(t, w)
			})
		})
	}
}

// TestAbsoluteConfig: a path in the workspace that is given whole is named
// relative to it, or the annotation would stand nowhere.
func TestAbsoluteConfig(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := perform(t, azurelab.Healthy(), func(env map[string]string) {
			dir := filepath.Join(env["GITHUB_WORKSPACE"], "proxy")
			env["INPUT_LITELLM-CONFIG"] = filepath.Join(dir, "config.yaml")
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"config.yaml": strings.Replace(healthyConfig, "azure/chat", "azure/chatt", 1), "requirements.txt": "litellm==1.81.12\n"} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
		if f := o.report.Findings[0]; f.Location == nil || f.Location.File != "proxy/config.yaml" {
			t.Errorf("%s is at %v", f.ID, f.Location)
		}
		if got := o.report.Environment.Version; got != "1.81.12" {
			t.Errorf("the version is %q, and not that of the file beside the configuration", got)
		}
	})
}

// TestEndpointOfTheSDK: AZURE_OPENAI_ENDPOINT by itself reaches LiteLLM only
// where the OpenAI SDK reads it. Seen in 1.63.7 and 1.81.12.
func TestEndpointOfTheSDK(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"1.63.7": "litellm-api-base-missing", "1.81.12": ""} {
		synctest.Test(t, func(t *testing.T) {
			o := perform(t, azurelab.Healthy(), func(env map[string]string) {
				env["AZURE_OPENAI_ENDPOINT"], env["INPUT_ENDPOINT"] = env["INPUT_ENDPOINT"], ""
				env["INPUT_CLIENT"], env["INPUT_LITELLM-VERSION"], env["INPUT_API-VERSION"] = "litellm", version, "2024-10-21"
			})
			if got := o.outputs["diagnosis"]; got != want {
				t.Errorf("%s: diagnosis %q, want %q", version, got, want)
			}
		})
	}
}

// TestManyFaults: each model's fault is found on its line in one run, and what
// is wrong with one keeps nobody from calling the others.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	const head = `credential_list:
  - credential_name: own
    credential_info: {}
    credential_values:
      azure_ad_token: oidc/github/api://AzureADTokenExchange
      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f
      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11
model_list:
`
	type fault struct {
		id   string
		line int
	}
	var b strings.Builder
	var want []fault
	line := strings.Count(head, "\n") + 1
	var names []string
	add := func(name, model, base, version, id string, offset int) {
		text := "  - model_name: " + name + "\n    litellm_params:\n      model: " + model + "\n      api_base: " + base + "\n      api_version: " + version + "\n      litellm_credential_name: own\n"
		b.WriteString(text)
		if id != "" {
			want = append(want, fault{id, line + offset})
		}
		line += strings.Count(text, "\n")
		names = append(names, name)
	}
	const base = "https://octo-aoai.openai.azure.com"
	for i := range 3 {
		n := string(rune('a' + i))
		add("good-"+n, "azure/chat", base, `"2024-10-21"`, "", 0)
		add("date-"+n, "azure/chat", base, "2024-10-21", "litellm-api-version-invalid", 4)
		add("plain-"+n, "azure/chat", strings.Replace(base, "https:", "http:", 1), `"2024-10-21"`, "cfg-endpoint-malformed", 3)
		add("gone-"+n, "azure/chat-"+n, base, `"2024-10-21"`, "aoai-deployment-not-found", 2)
		add("prefix-"+n, "Azure/chat", base, `"2024-10-21"`, "litellm-provider-prefix-missing", 2)
		add("old-"+n, "azure/chat", base, `"2019-01-01"`, "aoai-api-version-invalid", 4)
	}
	faulty, evil := head+b.String(), line+3
	add("evil", "azure/chat", base+".evil.example", `"2024-10-21"`, "", 0)
	hostile := head + b.String()
	names = names[:len(names)-1]
	run := func(t *testing.T, text string) (*azurelab.World, outcome) {
		w := azurelab.Healthy()
		return w, perform(t, w, func(env map[string]string) {
			env["INPUT_LITELLM-CONFIG"] = "config.yaml"
			checkOut(t, env, map[string]string{"config.yaml": text})
		})
	}
	t.Run("each on its line", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w, o := run(t, faulty)
			var got []fault
			for _, f := range o.report.Findings {
				if f.Severity != preflight.SeverityError {
					continue
				}
				if f.Location == nil || f.Location.File != "config.yaml" || len(f.Targets) != 1 {
					t.Errorf("%s is at %v and about %q", f.ID, f.Location, f.Targets)
					continue
				}
				got = append(got, fault{f.ID, f.Location.Line})
			}
			byLine := func(a, b fault) int { return a.line - b.line }
			slices.SortFunc(got, byLine)
			slices.SortFunc(want, byLine)
			if !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
			if len(o.report.Targets) != len(names) {
				t.Fatalf("%d targets, want %d", len(o.report.Targets), len(names))
			}
			for i, row := range o.report.Targets {
				if good := strings.HasPrefix(names[i], "good-"); row.Name != names[i] || (row.Verdict == preflight.Pass) != good {
					t.Errorf("target %d is %s: %s, want %s", i, row.Name, row.Verdict, names[i])
				}
			}
			checkAgreement(t, o)
			checkLeaks(t, w, o)
			checkContainment(t, w)
		})
	})
	t.Run("a host that nobody trusts ends it", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w, o := run(t, hostile)
			if f := o.report.Findings[0]; f.ID != "cfg-endpoint-untrusted" || f.Location == nil || f.Location.Line != evil {
				t.Errorf("got %s at %v, want line %d", f.ID, f.Location, evil)
			}
			for _, r := range w.Requests() {
				t.Errorf("%s %s%s was asked for", r.Method, r.Host, r.Path)
			}
		})
	})
}
