package azurelab

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// environ is the environment of a scenario's job.
func environ(t *testing.T, name string) map[string]string {
	t.Helper()
	env, err := scenario(t, name).World().Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return env
}

func TestEnviron(t *testing.T) {
	env := environ(t, "healthy")
	for name, want := range map[string]string{
		"GITHUB_ACTIONS":      "true",
		"CI":                  "true",
		"GITHUB_EVENT_NAME":   "push",
		"GITHUB_REPOSITORY":   "octo-org/octo-app",
		"GITHUB_REF":          "refs/heads/main",
		"GITHUB_WORKFLOW_REF": "octo-org/octo-app/.github/workflows/llm-tests.yml@refs/heads/main",
		"RUNNER_ENVIRONMENT":  "github-hosted",
		"INPUT_CLIENT-ID":     clientID, // the runner keeps the hyphen
		"INPUT_ENDPOINT":      endpoint,
	} {
		if env[name] != want {
			t.Errorf("%s is %q, want %q", name, env[name], want)
		}
	}
	if _, ok := env["GITHUB_TOKEN"]; ok {
		t.Error("GITHUB_TOKEN is in the environment; the runner does not put it there")
	}
	for _, name := range []string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"} {
		if info, err := os.Stat(env[name]); err != nil || info.Size() != 0 {
			t.Errorf("%s is no empty file: %v", name, err)
		}
	}
	workflow, err := os.ReadFile(filepath.Join(env["GITHUB_WORKSPACE"], ".github/workflows/llm-tests.yml"))
	if err != nil || !strings.Contains(string(workflow), "id-token: write") {
		t.Errorf("the workflow's file is %v:\n%s", err, workflow)
	}
}

// TestEnvironTokenService checks who gets GitHub's token service: both
// variables or none.
func TestEnvironTokenService(t *testing.T) {
	for name, want := range map[string]bool{
		"healthy": true, "no-permission": false, "fork": false, "dependabot": false, "pull-request": true, "enterprise-server": true,
	} {
		env := environ(t, name)
		_, url := env["ACTIONS_ID_TOKEN_REQUEST_URL"]
		_, token := env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]
		if url != want || token != want {
			t.Errorf("%s: url %v, token %v, want %v", name, url, token, want)
		}
	}
}

// TestEnvironSecrets checks that values from secrets are empty, but there, in a
// run that GitHub does not trust.
func TestEnvironSecrets(t *testing.T) {
	env := environ(t, "secrets-withheld")
	if v, ok := env["INPUT_CLIENT-ID"]; !ok || v != "" {
		t.Errorf("the client id is %q, %v", v, ok)
	}
	w := scenario(t, "client-secret").World()
	dependabotRun(w)
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if v, ok := env["AZURE_CLIENT_SECRET"]; !ok || v != "" {
		t.Errorf("the secret is withheld as %q, %v", v, ok)
	}
}

func TestEnvironEvent(t *testing.T) {
	type payload struct {
		Ref         string
		Sender      struct{ Login, Type string }
		PullRequest struct {
			Head struct {
				Repo struct {
					FullName string `json:"full_name"`
					Fork     bool
				}
			}
		} `json:"pull_request"`
	}
	read := func(name string) (p payload) {
		b, err := os.ReadFile(environ(t, name)["GITHUB_EVENT_PATH"])
		if err == nil {
			err = json.Unmarshal(b, &p)
		}
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := read("healthy"); p.Ref != "refs/heads/main" {
		t.Errorf("push: %+v", p)
	}
	if p := read("fork"); !p.PullRequest.Head.Repo.Fork || p.PullRequest.Head.Repo.FullName == "octo-org/octo-app" {
		t.Errorf("fork: %+v", p)
	}
	if p := read("pull-request"); p.PullRequest.Head.Repo.Fork || p.PullRequest.Head.Repo.FullName != "octo-org/octo-app" {
		t.Errorf("own pull request: %+v", p)
	}
	if p := read("dependabot"); p.Sender.Login != dependabot || p.Sender.Type != "Bot" {
		t.Errorf("dependabot: %+v", p)
	}
}

func TestEnvironFiles(t *testing.T) {
	env := environ(t, "client-certificate")
	if pem, err := os.ReadFile(env["AZURE_CLIENT_CERTIFICATE_PATH"]); err != nil || !strings.Contains(string(pem), "PRIVATE KEY") {
		t.Errorf("the certificate: %v", err)
	}
	if _, err := os.Stat(environ(t, "workload-identity")["AZURE_FEDERATED_TOKEN_FILE"]); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(environ(t, "token-file-missing")["AZURE_FEDERATED_TOKEN_FILE"]); !os.IsNotExist(err) {
		t.Errorf("the token file that is not mounted: %v", err)
	}
	w := Healthy()
	w.Job.Files = map[string]string{"../outside": ""}
	if _, err := w.Environ(t.TempDir()); err == nil {
		t.Error("a file outside of the workspace was written")
	}
}
