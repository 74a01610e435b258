package preflight

import (
	"strings"
	"testing"
)

// TestEmptyHanded: an OpenAI client that was given nothing is not told of chains,
// which it does not have.
func TestEmptyHanded(t *testing.T) {
	t.Parallel()
	f, err := DiagnoseInput(strings.NewReader("openai.OpenAIError: Missing credentials. Please pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`, or the `AZURE_OPENAI_API_KEY` or `AZURE_OPENAI_AD_TOKEN` environment variables."))
	if err != nil || len(f) != 1 || f[0].ID != "cfg-no-credential" {
		t.Fatalf("%v, %+v", err, f)
	}
	if r := f[0].Remedy; !strings.Contains(r.Text, "get_bearer_token_provider") || strings.Contains(r.Text, "AZURE_TOKEN_CREDENTIALS") || strings.Contains(f[0].Cause, "managed identity") {
		t.Errorf("%s\n%s", f[0].Cause, r.Text)
	}
}

// TestOnADesk: outside of Actions there is no ID token of GitHub's, so no remedy
// for a chain without a credential speaks of one.
func TestOnADesk(t *testing.T) {
	t.Parallel()
	for id, harm := range map[string]func(*Evidence){
		"cfg-azcli-not-logged-in": func(e *Evidence) {
			noToken(e)
			e.Exchanges, e.Text = nil, "DefaultAzureCredential: AzureCLICredential: Please run 'az login' to setup account"
		},
		"cfg-azcli-missing": func(e *Evidence) {
			noToken(e)
			e.Exchanges, e.Text = nil, "AzureCLICredential: executable not found on path"
		},
		"cfg-no-credential": func(e *Evidence) {
			noToken(e)
			e.Exchanges, e.Text = nil, "DefaultAzureCredential: failed to acquire a token"
		},
		"msi-not-imds":     atMetadata(Exchange{Status: 404, Message: "not found"}),
		"msi-imds-timeout": atMetadata(Exchange{Fault: FaultConnect}),
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			e := healthy()
			harm(e)
			e.Job, e.Assertion, e.Setup.Method = Job{}, nil, MethodDefault
			f, ok := Diagnose(e)
			if !ok || f.ID != id {
				t.Fatalf("the finding is %+v", f)
			}
			r := f.Remedy
			if strings.Contains(r.Text+r.Snippet, "GitHub") || strings.Contains(r.Snippet, "id-token") || !strings.Contains(strings.Join(r.Commands, "\n"), "az login") {
				t.Errorf("the remedy is %+v", r)
			}
		})
	}
}

// TestRepositoryFlag: gh is told the run's own repository, or nothing.
func TestRepositoryFlag(t *testing.T) {
	t.Parallel()
	for want, job := range map[string]Job{
		"":                                   {Server: "https://github.example.com"},
		"--repo octo/app":                    {Server: "https://github.com", Repository: "octo/app"},
		"--repo github.example.com/octo/app": {Server: "https://github.example.com", Repository: "octo/app"},
	} {
		if got := strings.Join(repositoryFlag(&Evidence{Job: job}), " "); got != want {
			t.Errorf("%+v: %q, want %q", job, got, want)
		}
	}
}
