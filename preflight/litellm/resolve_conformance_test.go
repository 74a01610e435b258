package litellm

import (
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// TestSeenOnTheWire has what running the libraries showed and their pages do
// not tell: each row is a smallest combination of the conformance run.
func TestSeenOnTheWire(t *testing.T) {
	t.Parallel()
	const base, gateway = "https://r.openai.azure.com", "https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/r"
	type want struct {
		source Source
		header string
		url    string
		fails  string // how the exception's text begins
	}
	tests := map[string]struct {
		client      Client
		kind        Kind
		model       string
		async       bool
		provider    bool
		params, env map[string]string
		refresh     bool
		versions    Versions
		want        want
	}{
		"a completion of azure/ is a chat": {SDK, Completion, "azure/d", false, true, map[string]string{"api_base": base}, nil, false, released("1.81.12", "2.20.0", ""),
			want{FromProvider, "Authorization", base + "/openai/deployments/d/chat/completions?api-version=2025-02-01-preview", ""}},
		"a catalogue's name makes a chat Responses": {SDK, Chat, "azure/codex-mini", false, false, map[string]string{"api_base": base, "azure_ad_token": "t"}, map[string]string{"AZURE_API_KEY": "k"}, false, released("1.81.12", "2.20.0", ""),
			want{FromKey, "api-key", base + "/openai/v1/responses?api-version=preview", ""}},
		"but not in older releases": {SDK, Chat, "azure/codex-mini", false, false, map[string]string{"api_base": base, "api_key": "k"}, nil, false, released("1.67.2", "2.20.0", ""),
			want{FromKey, "api-key", base + "/openai/deployments/codex-mini/chat/completions?api-version=2025-02-01-preview", ""}},
		"asynchronous embeddings lose the api-version": {SDK, Embedding, "azure/d", true, false, map[string]string{"api_base": base, "api_key": "k", "api_version": "2024-10-21"}, nil, false, released("1.81.12", "2.20.0", ""),
			want{FromKey, "api-key", base + "/openai/deployments/d/embeddings?api-version=2025-02-01-preview", ""}},
		"synchronous ones keep it": {SDK, Embedding, "azure/d", false, false, map[string]string{"api_base": base, "api_key": "k", "api_version": "2024-10-21"}, nil, false, released("1.81.12", "2.20.0", ""),
			want{FromKey, "api-key", base + "/openai/deployments/d/embeddings?api-version=2024-10-21", ""}},
		"the gateway's client reads AZURE_AD_TOKEN": {SDK, Chat, "azure/d", false, false, map[string]string{"api_base": gateway}, map[string]string{"AZURE_AD_TOKEN": "t"}, false, released("1.81.12", "2.20.0", ""),
			want{FromToken, "Authorization", gateway + "/d/chat/completions?api-version=2025-02-01-preview", ""}},
		"and knows no service principal": {SDK, Chat, "azure/d", false, false, map[string]string{"api_base": gateway}, map[string]string{"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}, false, released("1.81.12", "2.20.0", ""),
			want{FromNone, "", "", "Missing credentials."}},
		"a managed identity in a cluster is a workload identity": {SDK, Chat, "azure/d", false, false, map[string]string{"api_base": base}, map[string]string{"AZURE_AUTHORITY_HOST": "https://login.microsoftonline.com/", "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_FEDERATED_TOKEN_FILE": "/f"}, true, released("1.81.12", "2.20.0", ""),
			want{FromWorkloadIdentity, "Authorization", base + "/openai/deployments/d/chat/completions?api-version=2025-02-01-preview", ""}},
		"azure_text hands the token to the completion": {SDK, Completion, "azure_text/d", false, false, map[string]string{"api_base": base, "azure_ad_token": "t"}, nil, false, released("1.81.12", "2.20.0", ""),
			want{"", "", "", "Completions.create() got an unexpected keyword argument 'azure_ad_token'"}},
		"DSPy's own engine wants a resource": {DSPy, Chat, "azure/d", false, false, nil, nil, false, released("1.106.2", "2.54.0", "3.4.1"),
			want{FromDefault, "Authorization", "", "setting 'resource' is required"}},
		"and takes it from AZURE_OPENAI_ENDPOINT": {DSPy, Chat, "azure/d", false, false, nil, map[string]string{"AZURE_OPENAI_ENDPOINT": base + "/", "AZURE_OPENAI_API_KEY": "k"}, false, released("1.106.2", "2.54.0", "3.4.1"),
			want{FromKey, "api-key", base + "/openai/v1/chat/completions", ""}},
		"it signs in by itself": {DSPy, Chat, "azure/d", false, false, nil, map[string]string{"AZURE_OPENAI_ENDPOINT": base, "AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}, false, released("1.106.2", "2.54.0", "3.4.1"),
			want{FromClientSecret, "Authorization", base + "/openai/v1/chat/completions", ""}},
		"an api_base is LiteLLM's": {DSPy, Chat, "azure/d", false, false, map[string]string{"api_base": base}, map[string]string{"AZURE_OPENAI_API_KEY": "k"}, false, released("1.106.2", "2.54.0", "3.4.1"),
			want{FromKey, "api-key", base + "/openai/deployments/d/chat/completions?api-version=2025-02-01-preview", ""}},
		"DSPy before 3.4 has no such engine": {DSPy, Chat, "azure/d", false, false, nil, map[string]string{"AZURE_OPENAI_ENDPOINT": base, "AZURE_OPENAI_API_KEY": "k"}, false, released("1.63.7", "1.66.3", "2.6.4"),
			want{"", "", "", "argument of type 'NoneType' is not iterable"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := Call{Client: tt.client, Kind: tt.kind, Model: tt.model, Async: tt.async, Provider: tt.provider, Versions: tt.versions, Params: map[string]Value{}, Globals: map[string]Value{}}
			for k, v := range tt.params {
				call.Params[k] = given(v, "litellm_params."+k)
			}
			if tt.refresh {
				call.Globals["enable_azure_ad_token_refresh"] = Value{Set: true, Text: secret.New("true"), Type: Boolean}
			}
			call.Env = func(name string) Value {
				v, ok := tt.env[name]
				return Value{Set: ok, Text: secret.New(v), From: "variable " + name, Var: name}
			}
			s := Resolve(call)
			got := want{s.Source, s.Header, s.URL, ""}
			if s.Fails != nil {
				got.fails = s.Fails.Text
				if n := len(tt.want.fails); len(got.fails) >= n && n > 0 {
					got.fails = got.fails[:n]
				}
				got.source, got.header, got.url = tt.want.source, tt.want.header, tt.want.url // nothing is sent
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestKeyBesideProvider: the SDK's releases between send the key along.
func TestKeyBesideProvider(t *testing.T) {
	t.Parallel()
	for version, beside := range map[string]bool{"2.20.0": false, "2.54.0": true} {
		s := Resolve(Call{Client: OpenAI, Kind: Chat, Model: "d", Provider: true, Versions: released("", version, ""),
			Params: map[string]Value{"api_key": given("k", "api_key"), "azure_endpoint": given("https://r.openai.azure.com", "azure_endpoint"), "api_version": given("2024-10-21", "api_version")}})
		if _, ok := s.Extra["api-key"]; ok != beside || s.Source != FromProvider || s.Fails != nil {
			t.Errorf("openai %s: the key goes along: %t; %s, %+v", version, ok, s.Source, s.Fails)
		}
	}
}

func released(litellm, openai, dspy string) Versions {
	var v Versions
	v.LiteLLM, _ = ParseVersion(litellm)
	v.OpenAI, _ = ParseVersion(openai)
	v.DSPy, _ = ParseVersion(dspy)
	return v
}
