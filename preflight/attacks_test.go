package preflight_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// suiteSecret is a secret of the job's that has nothing to do with Azure.
const suiteSecret = "hunter2-of-another-service-0042" // a made-up value, to be looked for

// leading are the addresses by which a pull request would lead a credential
// away. Each is a Go string of YAML's text.
var leading = []string{
	"https://evil.example", "https://octo-aoai.openai.azure.com.evil.example", "https://octo-aoai.openai.azure.com@evil.example", "https://octo-aoai.openai.azure.com:443@evil.example/",
	`https://evil.example\\@octo-aoai.openai.azure.com`, `https://evil.example\\.openai.azure.com`, "https://evil.example/.openai.azure.com", "https://evil.example?x=.openai.azure.com", "https://evil.example#.openai.azure.com",
	"https://evil.example%2f.openai.azure.com", "https://evil.example%00.openai.azure.com", "https://evil.example%23.openai.azure.com", "https://evil.example%40octo-aoai.openai.azure.com/",
	"https://octo-aoai.openai.azure.com..evil.example", "https://OCTO-AOAI.OPENAI.AZURE.COM.EVIL.EXAMPLE", "https://octo-aoai.openai.azure.com:8443", "https://octo-aoai.openai.azure.com:80", "http://octo-aoai.openai.azure.com",
	"//evil.example", "https:evil.example", "https:///evil.example", "https:/evil.example", " https://evil.example", `https://evil.example\t`, "ftp://octo-aoai.openai.azure.com", "https://[::1]", "https://127.0.0.1",
	"https://octo-aoai.openai.azure\u3002com.evil.example", "https://octo-aoai.openai.azure.c\u043em", "https://xn--octo-aoai-.openai.azure.com.xn--evil-.example", "https://evilopenai.azure.com", "https://openai.azure.com.evil.example",
	"https://evil.example/openai.azure.com/../..", "https://169.254.169.254/metadata", "https://octo-aoai.openai.azure.com,evil.example", "https://octo-aoai.openai.azure.com;evil.example", "https://octo-aoai.openai.azure.com evil.example",
	"https://${AZURE_CLIENT_ID}.evil.example", "https://evil.example/octo-aoai.openai.azure.com", "https://octo-aoai.azurewebsites.net", "https://octo-aoai.azure-api.net", "https://octo-aoai.blob.core.windows.net",
}

// attackConfigs are the ways in which a configuration can say an address.
var attackConfigs = map[string]func(address string) map[string]string{
	"api_base": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", quote(a), 1)}
	},
	"base_url": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "api_base: https://octo-aoai.openai.azure.com", "base_url: "+quote(a), 1)}
	},
	"both": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "      api_version", "      base_url: "+quote(a)+"\n      api_version", 1)}
	},
	"include": func(a string) map[string]string {
		return map[string]string{"config.yaml": "include: [sub.yaml]\n", "sub.yaml": strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", quote(a), 1)}
	},
	"anchor": func(a string) map[string]string {
		return map[string]string{"config.yaml": "x: &a {api_base: " + quote(a) + "}\n" + strings.Replace(healthyConfig, "api_base: https://octo-aoai.openai.azure.com", "<<: *a", 1)}
	},
	"duplicate key": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "      api_version", "      api_base: "+quote(a)+"\n      api_version", 1)}
	},
	"environment_variables": func(a string) map[string]string {
		return map[string]string{"config.yaml": "environment_variables:\n  AZURE_API_BASE: " + quote(a) + "\n  MY_BASE: " + quote(a) + "\n" +
			strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", "os.environ/MY_BASE", 1)}
	},
	"credential_list": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "api_base: https://octo-aoai.openai.azure.com", "litellm_credential_name: c", 1) +
			"credential_list:\n  - credential_name: c\n    credential_values: {api_base: " + quote(a) + "}\n"}
	},
	"variable of .env": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", "os.environ/AZURE_API_BASE", 1), "uv.lock": "", ".env": "AZURE_API_BASE=" + quote(a) + "\n", ".venv/pyvenv.cfg": "", ".venv/.env": "AZURE_API_BASE=" + quote(a) + "\n"}
	},
	"default of litellm_settings": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, "      api_base: https://octo-aoai.openai.azure.com\n", "", 1) + "litellm_settings:\n  api_base: " + quote(a) + "\nrouter_settings:\n  default_litellm_params: {api_base: " + quote(a) + "}\n"}
	},
	"with a key": func(a string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", quote(a), 1), "azure_ad_token: oidc/github/api://AzureADTokenExchange", "api_key: os.environ/SUITE_SECRET", 1)}
	},
}

func quote(address string) string { return `"` + address + `"` }

// TestAttacks: however a pull request says it, no credential leaves for another
// host, and nobody but Azure and GitHub is asked for anything.
func TestAttacks(t *testing.T) {
	t.Parallel()
	for way, files := range attackConfigs {
		for _, address := range leading {
			t.Run(way+"/"+address, func(t *testing.T) {
				t.Parallel()
				attack(t, files(address), map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"})
			})
		}
	}
}

// attack runs the check on the files of a pull request. The world takes note of
// whatever the strangers are sent.
func attack(t *testing.T, files, variables map[string]string) outcome {
	t.Helper()
	var o outcome
	synctest.Test(t, func(t *testing.T) {
		w := azurelab.Healthy()
		w.Strangers = append(w.Strangers, "evil.example", "octo-aoai.openai.azure.com.evil.example", "evilopenai.azure.com", "octo-aoai.azurewebsites.net", "octo-aoai.azure-api.net", "127.0.0.1", "::1")
		o = perform(t, w, func(env map[string]string) {
			env["SUITE_SECRET"] = suiteSecret
			for name, v := range variables {
				env[name] = v
			}
			for name, text := range files {
				path := filepath.Join(env["GITHUB_WORKSPACE"], name)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if target, ok := strings.CutPrefix(text, "symlink:"); ok {
					if err := os.Symlink(target, path); err != nil {
						t.Fatal(err)
					}
					continue
				}
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
		for _, r := range w.Requests() {
			switch r.Service {
			case azurelab.ServiceGitHub, azurelab.ServiceEntra, azurelab.ServiceModel:
			default:
				t.Errorf("%s %s%s was asked", r.Method, r.Host, r.Path)
			}
			if strings.Contains(r.Host+r.Path, suiteSecret) {
				t.Errorf("the secret is in the address %s%s", r.Host, r.Path)
			}
		}
		checkContainment(t, w)
		checkLeaks(t, w, o)
		if o.report.Schema != 0 { // it could be written
			checkAgreement(t, o)
			checkAnnotations(t, o)
		}
		for name, text := range map[string]string{"stdout": shown(o.stdout), "stderr": o.stderr, "summary": o.summary, "report": string(o.reportFile), "outputs": strings.Join([]string{o.outputs["model"], o.outputs["report"]}, " ")} {
			if strings.Contains(text, suiteSecret) || strings.Contains(text, "root:x:0") {
				t.Errorf("%s shows what it must not:\n%s", name, text)
			}
		}
	})
	return o
}

// TestAttacksOnSecrets: a variable or file that the pull request names is not
// shown, whatever parameter it is put into.
func TestAttacksOnSecrets(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) map[string]string {
		return map[string]string{"config.yaml": strings.Replace(healthyConfig, old, with, 1)}
	}
	config := map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml"}
	for name, c := range map[string]struct{ files, env map[string]string }{
		"model":                   {replace("azure/chat", "os.environ/SUITE_SECRET"), config},
		"model of a prefix":       {replace("azure/chat", "azure/os.environ/SUITE_SECRET"), config},
		"model_name":              {replace("model_name: gpt", "model_name: os.environ/SUITE_SECRET"), config},
		"api_version":             {replace(`"2024-10-21"`, "os.environ/SUITE_SECRET"), config},
		"api_base":                {replace("https://octo-aoai.openai.azure.com", "os.environ/SUITE_SECRET"), config},
		"tenant_id":               {replace("6babcaad-604b-40ac-a9d7-9fd97c0b779f", "os.environ/SUITE_SECRET"), config},
		"client_id":               {replace("3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11", "os.environ/SUITE_SECRET"), config},
		"azure_ad_token":          {replace("oidc/github/api://AzureADTokenExchange", "os.environ/SUITE_SECRET"), config},
		"audience":                {replace("api://AzureADTokenExchange", "os.environ/SUITE_SECRET"), config},
		"oidc of a variable":      {replace("oidc/github/api://AzureADTokenExchange", "oidc/env/SUITE_SECRET"), config},
		"oidc of the runner's":    {replace("oidc/github/api://AzureADTokenExchange", "oidc/env/ACTIONS_ID_TOKEN_REQUEST_TOKEN"), config},
		"oidc of a file":          {replace("oidc/github/api://AzureADTokenExchange", "oidc/file//proc/self/environ"), config},
		"oidc of a file's path":   {replace("oidc/github/api://AzureADTokenExchange", "oidc/env_path/PATH_OF_SECRET"), map[string]string{"INPUT_LITELLM-CONFIG": "config.yaml", "PATH_OF_SECRET": "/proc/self/environ"}},
		"extra_headers":           {replace("      api_version", "      extra_headers: {x: os.environ/SUITE_SECRET, os.environ/SUITE_SECRET: y}\n      api_version"), config},
		"base_model":              {replace("      api_version", "      base_model: os.environ/SUITE_SECRET\n      azure_scope: os.environ/SUITE_SECRET\n      api_version"), config},
		"username":                {replace("      api_version", "      azure_username: os.environ/SUITE_SECRET\n      azure_password: os.environ/SUITE_SECRET\n      api_version"), config},
		"exported":                {map[string]string{"config.yaml": healthyConfig + "environment_variables:\n  AZURE_AUTHORITY_HOST: os.environ/SUITE_SECRET\n  AZURE_API_VERSION: os.environ/SUITE_SECRET\n"}, config},
		"access_groups":           {map[string]string{"config.yaml": healthyConfig + "    model_info: {mode: os.environ/SUITE_SECRET, base_model: os.environ/SUITE_SECRET}\n"}, config},
		"config is a link":        {map[string]string{"config.yaml": "symlink:/etc/passwd"}, config},
		"config is the process":   {nil, map[string]string{"INPUT_LITELLM-CONFIG": "/proc/self/environ"}},
		"config climbs":           {nil, map[string]string{"INPUT_LITELLM-CONFIG": "a/../../../../../etc/passwd"}},
		"include leads out":       {map[string]string{"config.yaml": "include: [/etc/passwd, ../../../../../../etc/passwd, /proc/self/environ]\n" + healthyConfig}, config},
		"include is a link":       {map[string]string{"config.yaml": "include: [sub.yaml]\n" + healthyConfig, "sub.yaml": "symlink:/proc/self/environ"}, config},
		"a folder is a link":      {map[string]string{"config.yaml": "include: [sub/environ]\n" + healthyConfig, "sub": "symlink:/proc/self"}, config},
		"log is the process":      {nil, map[string]string{"INPUT_LOG": "/proc/self/environ"}},
		"log is a link":           {map[string]string{"suite.log": "symlink:/proc/self/environ"}, map[string]string{"INPUT_LOG": "suite.log"}},
		"lock is a link":          {map[string]string{"requirements.txt": "symlink:/etc/passwd", "uv.lock": "symlink:/proc/self/environ", ".env": "symlink:/proc/self/environ", ".venv/pyvenv.cfg": "", ".venv/.env": "symlink:/proc/self/environ"}, map[string]string{"INPUT_CLIENT": "litellm"}},
		"report is a link":        {map[string]string{"report.json": "symlink:/etc/hostname-of-nobody"}, map[string]string{"INPUT_REPORT": "report.json"}},
		"bundle is the process":   {nil, map[string]string{"INPUT_CA-BUNDLE": "/proc/self/environ"}},
		"authority of .env":       {map[string]string{".env": "AZURE_AUTHORITY_HOST=https://evil.example\nHTTPS_PROXY=http://evil.example\nSSL_CERT_FILE=/x\nAZURE_OPENAI_ENDPOINT=https://evil.example\n", ".venv/pyvenv.cfg": "", ".venv/.env": "AZURE_AUTHORITY_HOST=https://evil.example\nAZURE_API_BASE=https://evil.example\n"}, map[string]string{"INPUT_CLIENT": "litellm"}},
		"authority of the config": {map[string]string{"config.yaml": "environment_variables:\n  AZURE_AUTHORITY_HOST: https://evil.example\n  HTTPS_PROXY: http://evil.example\n  AZURE_API_BASE: https://evil.example\n" + healthyConfig}, config},
		".env makes an address":   {map[string]string{".env": "X=1", ".venv/pyvenv.cfg": "", ".venv/.env": "AZURE_API_BASE=https://${SUITE_SECRET}.openai.azure.com\nAZURE_API_VERSION=${SUITE_SECRET}\n", "config.yaml": strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", "os.environ/AZURE_API_BASE", 1)}, config},
		".env hides its address": {map[string]string{".venv/pyvenv.cfg": "", ".venv/.env": "X_KEY=${SUITE_SECRET}\nAZURE_API_BASE=https://${X_KEY}.openai.azure.com\nY_KEY=https://${SUITE_SECRET}.openai.azure.com\n",
			"config.yaml": strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", "os.environ/Y_KEY", 1)}, config},
		".env chains":              {map[string]string{".venv/pyvenv.cfg": "", ".venv/.env": "X_KEY=${SUITE_SECRET}\nZ_KEY=${X_KEY}\nAZURE_API_BASE=https://${Z_KEY}.openai.azure.com\nAZURE_API_VERSION=${Z_KEY}\n"}, map[string]string{"INPUT_CLIENT": "dspy"}},
		".env's key as an address": {map[string]string{".venv/pyvenv.cfg": "", ".venv/.env": "X_KEY=${SUITE_SECRET}\n", "config.yaml": strings.Replace(strings.Replace(healthyConfig, "https://octo-aoai.openai.azure.com", "os.environ/X_KEY", 1), `"2024-10-21"`, "os.environ/X_KEY", 1)}, config},
		".env's key as a version":  {map[string]string{".venv/pyvenv.cfg": "", ".venv/.env": "X_KEY=${SUITE_SECRET}\n", "config.yaml": strings.Replace(healthyConfig, `"2024-10-21"`, "os.environ/X_KEY", 1)}, config},
		".env makes a version":     {map[string]string{".venv/pyvenv.cfg": "", ".venv/.env": "AZURE_API_VERSION=${SUITE_SECRET}\n"}, map[string]string{"INPUT_CLIENT": "dspy"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attack(t, c.files, c.env)
		})
	}
}

// TestSubscriptionKeyStaysAtTheGateway: a gateway's key goes to no host of
// Azure's own, which has no use for it.
func TestSubscriptionKeyStaysAtTheGateway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := azurelab.Healthy()
		o := perform(t, w, func(env map[string]string) { env["INPUT_SUBSCRIPTION-KEY"] = "0123456789abcdef0123456789abcdef" }) // of no gateway
		if o.outputs["verdict"] != "pass" {
			t.Fatalf("%s %s", o.outputs["verdict"], o.outputs["diagnosis"])
		}
		for _, r := range w.Requests() {
			if r.SubscriptionKey != "" {
				t.Errorf("%s %s%s got it", r.Method, r.Host, r.Path)
			}
		}
	})
}
