package litellm

import (
	"slices"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// The releases that the tables are about, with the openai-python that was
// current with them. The empty one is unknown, and so the newest.
var releases = map[string]string{
	"1.63.7":  "1.66.3",
	"1.67.2":  "1.75.0",
	"1.81.12": "2.20.0",
	"1.109.1": "3.54.0",
	"":        "",
}

const (
	testBase  = "https://r.openai.azure.com"
	testScope = "https://cognitiveservices.azure.com/.default"
)

// call makes a chat of an SDK call from short texts: "P.name=value" is a
// parameter, "G.name=value" a global, "NAME=value" a variable, and "provider" a
// token provider in code; "async", "stream", "client=", "model=" and "kind=" say
// what is called.
func call(release string, parts ...string) Call {
	c := Call{Client: SDK, Model: "azure/dep", Kind: Chat, Params: map[string]Value{}, Globals: map[string]Value{}}
	c.Versions.LiteLLM, _ = ParseVersion(release)
	c.Versions.OpenAI, _ = ParseVersion(releases[release])
	env := map[string]Value{}
	c.Params["api_base"] = Value{Set: true, Text: secret.New(testBase), From: "litellm_params.api_base"}
	for _, part := range parts {
		name, text, _ := strings.Cut(part, "=")
		v := Value{Set: true, Text: secret.New(text)}
		switch kind, rest, dotted := strings.Cut(name, "."); {
		case name == "provider":
			c.Provider = true
		case name == "async":
			c.Async = true
		case name == "stream":
			c.Stream = true
		case name == "client":
			c.Client = Client(text)
		case name == "model":
			c.Model = text
		case name == "kind":
			c.Kind = Kind(text)
		case dotted && kind == "P" && text == "-":
			delete(c.Params, rest)
		case dotted && kind == "P":
			v.From, v.At = "litellm_params."+rest, Place{"config.yaml", 3, 7}
			c.Params[rest] = v
		case dotted && kind == "G":
			v.From = "litellm." + rest
			if rest == "enable_azure_ad_token_refresh" && text == "True" {
				v.Type = Boolean
			}
			c.Globals[rest] = v
		default:
			v.From, v.Var = "variable "+name, name
			env[name] = v
		}
	}
	c.Env = func(name string) Value { return env[name] }
	return c
}

// principalEnv is a complete service principal in the environment.
var principalEnv = []string{"AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET=s"}

// branches has a row for each branch of the decision tables: what is
// configured, and for each release what is sent. "source" alone is what is sent
// in its usual header; "!Class" is an exception of the client's own; a release
// that has no entry does as the one before it.
var branches = []struct {
	name  string
	parts []string
	want  [4]string // 1.63.7, 1.67.2, 1.81.12, 1.109.1
}{
	{"key parameter", []string{"P.api_key=k"}, [4]string{"api-key"}},
	{"key variable", []string{"AZURE_API_KEY=k"}, [4]string{"api-key"}},
	{"key variable of the SDK", []string{"AZURE_OPENAI_API_KEY=k"}, [4]string{"api-key"}},
	{"key global", []string{"G.azure_key=k"}, [4]string{"api-key"}},
	{"key empty", []string{"AZURE_API_KEY="}, [4]string{"!APIConnectionError", "!APIConnectionError", "api-key", "!OpenAIError"}},
	{"key parameter empty is none", []string{"P.api_key="}, [4]string{"!OpenAIError"}},
	{"nothing", nil, [4]string{"!OpenAIError"}},

	{"provider", []string{"provider"}, [4]string{"token-provider", "!OpenAIError", "token-provider"}},
	{"provider and key", []string{"provider", "AZURE_API_KEY=k"}, [4]string{"api-key", "api-key", "token-provider", "!MutuallyExclusiveAuthError"}},
	{"provider and empty key", []string{"provider", "AZURE_API_KEY="}, [4]string{"!APIConnectionError", "!APIConnectionError", "token-provider", "!MutuallyExclusiveAuthError"}},
	{"provider and AD token variable", []string{"provider", "AZURE_AD_TOKEN=a"}, [4]string{"static-token", "!OpenAIError", "token-provider"}},
	{"provider and empty AD token variable", []string{"provider", "AZURE_AD_TOKEN="}, [4]string{"!APIConnectionError", "!OpenAIError", "token-provider"}},
	{"provider and the SDK's token variable", []string{"provider", "AZURE_OPENAI_AD_TOKEN=a"}, [4]string{"static-token", "static-token", "static-token", "token-provider"}},
	{"provider and the SDK's empty token variable", []string{"provider", "AZURE_OPENAI_AD_TOKEN="}, [4]string{"!APIConnectionError", "!APIConnectionError", "!APIConnectionError", "token-provider"}},
	{"provider and principal", append([]string{"provider"}, principalEnv...), [4]string{"token-provider", "!OpenAIError", "token-provider"}},

	{"token parameter", []string{"P.azure_ad_token=a"}, [4]string{"static-token"}},
	{"token parameter and key", []string{"P.azure_ad_token=a", "AZURE_API_KEY=k"}, [4]string{"api-key", "static-token", "static-token", "!MutuallyExclusiveAuthError"}},
	{"token variable", []string{"AZURE_AD_TOKEN=a"}, [4]string{"static-token", "!OpenAIError"}},

	{"principal parameters", []string{"P.tenant_id=t", "P.client_id=c", "P.client_secret=s"}, [4]string{"!OpenAIError", "client-secret"}},
	{"principal parameters and key", []string{"P.tenant_id=t", "P.client_id=c", "P.client_secret=s", "AZURE_API_KEY=k"}, [4]string{"api-key"}},
	{"principal variables", principalEnv, [4]string{"!OpenAIError", "!OpenAIError", "client-secret"}},
	{"principal variables and key", append([]string{"AZURE_API_KEY=k"}, principalEnv...), [4]string{"api-key"}},
	{"principal variables, one empty", []string{"AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CLIENT_SECRET="}, [4]string{"!OpenAIError"}},
	{"mixed principal", []string{"P.client_id=c", "AZURE_TENANT_ID=t", "AZURE_CLIENT_SECRET=s"}, [4]string{"!OpenAIError", "!OpenAIError", "client-secret"}},
	{"user", []string{"AZURE_USERNAME=u", "AZURE_PASSWORD=p", "AZURE_CLIENT_ID=c"}, [4]string{"!OpenAIError", "!OpenAIError", "username-password"}},
	{"user and key", []string{"AZURE_USERNAME=u", "AZURE_PASSWORD=p", "AZURE_CLIENT_ID=c", "AZURE_API_KEY=k"}, [4]string{"api-key", "api-key", "username-password", "!MutuallyExclusiveAuthError"}},
	{"user parameters", []string{"P.azure_username=u", "P.azure_password=p", "P.client_id=c"}, [4]string{"!OpenAIError", "username-password"}},

	{"refresh", []string{"G.enable_azure_ad_token_refresh=True"}, [4]string{"!OpenAIError", "!KeyError", "default-azure-credential"}},
	{"refresh as text", []string{"G.enable_azure_ad_token_refresh=true"}, [4]string{"!OpenAIError"}},
	{"refresh and key", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_API_KEY=k"}, [4]string{"api-key"}},
	{"refresh and client id", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t"}, [4]string{"!OpenAIError", "!KeyError", "managed-identity"}},
	{"refresh and token file", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t", "AZURE_FEDERATED_TOKEN_FILE=f"}, [4]string{"!OpenAIError", "!KeyError", "managed-identity", "default-azure-credential"}},
	{"refresh and certificate", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CERTIFICATE_PATH=f"}, [4]string{"!OpenAIError", "!KeyError", "!KeyError"}},
	{"refresh and named class", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL=AzureCliCredential"}, [4]string{"!OpenAIError", "named-credential"}},
	{"refresh and no such class", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL=Nonsense"}, [4]string{"!OpenAIError", "!AttributeError"}},
	{"refresh and empty class", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL="}, [4]string{"!OpenAIError", "!AttributeError", "default-azure-credential"}},

	{"oidc without ids", []string{"P.azure_ad_token=oidc/env/TOK", "TOK=x"}, [4]string{"!AzureOpenAIError"}},
	{"oidc with ids", []string{"P.azure_ad_token=oidc/env/TOK", "TOK=x", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"oidc"}},
	{"oidc with parameters", []string{"P.azure_ad_token=oidc/env/TOK", "TOK=x", "P.tenant_id=t", "P.client_id=c"}, [4]string{"!AzureOpenAIError", "!AzureOpenAIError", "oidc"}},
	{"oidc and key", []string{"P.azure_ad_token=oidc/env/TOK", "TOK=x", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_API_KEY=k"}, [4]string{"api-key", "oidc", "oidc", "!MutuallyExclusiveAuthError"}},
	{"oidc of an unset variable", []string{"P.azure_ad_token=oidc/env/TOK", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"!ValueError"}},
	{"oidc/azure without slash", []string{"P.azure_ad_token=oidc/azure", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"!ValueError"}},
	{"oidc/github without permission", []string{"P.azure_ad_token=oidc/github/a", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"!ValueError"}},
	{"oidc/file relative", []string{"P.azure_ad_token=oidc/file/tok", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"oidc", "oidc", "oidc", "!ValueError"}},
	{"oidc/file within", []string{"P.azure_ad_token=oidc/file//run/secrets/tok", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"oidc"}},
	{"oidc/file outside", []string{"P.azure_ad_token=oidc/file//run/secrets/../x", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, [4]string{"oidc", "oidc", "oidc", "!ValueError"}},

	{"o-series name and provider", []string{"model=azure/proto3", "provider"}, [4]string{"!OpenAIError", "!OpenAIError", "token-provider"}},
	{"o-series name, provider and key", []string{"model=azure/demo1", "provider", "AZURE_API_KEY=k"}, [4]string{"api-key", "api-key", "token-provider", "!MutuallyExclusiveAuthError"}},

	{"v1 and provider", []string{"P.api_version=v1", "provider"}, [4]string{"!IndexError", "!IndexError", "!OpenAIError", "token-provider"}},
	{"v1 and key", []string{"P.api_version=preview", "P.api_key=k"}, [4]string{"!IndexError", "!IndexError", "api-key"}},
	{"v1 and OpenAI's key", []string{"P.api_version=latest", "provider", "OPENAI_API_KEY=o"}, [4]string{"!IndexError", "!IndexError", "api-key", "token-provider"}},

	{"embedding, the SDK reads its own key", []string{"kind=embedding", "AZURE_OPENAI_API_KEY=k"}, [4]string{"api-key"}},
	{"embedding and provider", []string{"kind=embedding", "provider"}, [4]string{"token-provider", "!OpenAIError", "token-provider"}},
	{"embedding, provider and the SDK's key", []string{"kind=embedding", "provider", "AZURE_OPENAI_API_KEY=k"}, [4]string{"token-provider", "api-key", "token-provider"}},

	{"responses and provider", []string{"kind=responses", "provider"}, [4]string{"!AttributeError", "none", "token-provider"}},
	{"responses, provider and key", []string{"kind=responses", "provider", "AZURE_API_KEY=k"}, [4]string{"!AttributeError", "api-key"}},
	{"responses, provider and empty key", []string{"kind=responses", "provider", "AZURE_API_KEY="}, [4]string{"!AttributeError", "!LocalProtocolError", "token-provider"}},
	{"responses and token variable", []string{"kind=responses", "AZURE_AD_TOKEN=a"}, [4]string{"!AttributeError", "none", "static-token"}},
	{"responses, provider overrides token", []string{"kind=responses", "AZURE_AD_TOKEN=a", "provider"}, [4]string{"!AttributeError", "none", "token-provider"}},
	{"responses, oidc without ids", []string{"kind=responses", "P.azure_ad_token=oidc/env/TOK"}, [4]string{"!AttributeError", "none", "static-token"}},
	{"responses and principal", append([]string{"kind=responses"}, principalEnv...), [4]string{"!AttributeError", "none", "client-secret"}},
	{"responses and refresh", []string{"kind=responses", "G.enable_azure_ad_token_refresh=True"}, [4]string{"!AttributeError", "none", "default-azure-credential"}},
	{"responses and nothing", []string{"kind=responses"}, [4]string{"!AttributeError", "none"}},

	{"image and key", []string{"kind=image_generation", "P.api_version=2025-04-01-preview", "AZURE_API_KEY=k"}, [4]string{"api-key"}},
	{"image and provider", []string{"kind=image_generation", "P.api_version=2025-04-01-preview", "provider"}, [4]string{"!TypeError", "!TypeError", "token-provider"}},
	{"transcription and provider", []string{"kind=audio_transcription", "P.api_version=2025-04-01-preview", "provider"}, [4]string{"!OpenAIError", "!OpenAIError", "token-provider"}},

	{"azure_ai and key", []string{"model=azure_ai/m", "AZURE_AI_API_KEY=k"}, [4]string{"api-key"}},
	{"azure_ai and provider", []string{"model=azure_ai/m", "provider"}, [4]string{"!TypeError", "!TypeError", "token-provider"}},
	{"azure_text and key", []string{"model=azure_text/d", "P.api_version=2024-10-21", "AZURE_API_KEY=k"}, [4]string{"api-key"}},

	{"no api_base", []string{"P.api_base=-", "AZURE_API_KEY=k"}, [4]string{"!TypeError", "!TypeError", "!ValueError"}},
	{"the SDK's endpoint", []string{"P.api_base=-", "AZURE_API_KEY=k", "AZURE_OPENAI_ENDPOINT=https://e"}, [4]string{"!TypeError", "!TypeError", "api-key"}},
	{"no prefix", []string{"model=gpt-4o", "OPENAI_API_KEY=o"}, [4]string{"api-key"}},
	{"no prefix, unknown name", []string{"model=dep", "OPENAI_API_KEY=o"}, [4]string{"!BadRequestError"}},

	{"openai: key", []string{"client=openai", "P.api_version=v", "AZURE_OPENAI_API_KEY=k"}, [4]string{"api-key"}},
	{"openai: LiteLLM's key is none of its", []string{"client=openai", "P.api_version=v", "AZURE_API_KEY=k"}, [4]string{"!OpenAIError"}},
	{"openai: token before provider before key", []string{"client=openai", "P.api_version=v", "P.azure_ad_token=a", "provider", "P.api_key=k"}, [4]string{"static-token", "static-token", "static-token", "!MutuallyExclusiveAuthError"}},
	{"openai: provider and variables", []string{"client=openai", "P.api_version=v", "provider", "AZURE_OPENAI_AD_TOKEN=a", "AZURE_OPENAI_API_KEY=k"}, [4]string{"static-token", "static-token", "static-token", "token-provider"}},
	{"openai: no version", []string{"client=openai", "AZURE_OPENAI_API_KEY=k"}, [4]string{"!ValueError"}},

	{"dspy: text", []string{"client=dspy", "kind=completion", "AZURE_API_KEY=k"}, [4]string{"!OpenAIError"}},
	{"dspy: text with the prefix's own variable", []string{"client=dspy", "kind=completion", "azure_API_KEY=k"}, [4]string{"api-key"}},

	{"proxy: key variable", []string{"client=litellm-proxy", "AZURE_API_KEY=k"}, [4]string{"!OpenAIError", "api-key"}},
	{"proxy: key parameter", []string{"client=litellm-proxy", "P.api_key=k"}, [4]string{"api-key"}},
	{"proxy: principal", []string{"client=litellm-proxy", "P.tenant_id=t", "P.client_id=c", "P.client_secret=s"}, [4]string{"client-secret"}},
	{"proxy: incomplete principal", []string{"client=litellm-proxy", "P.tenant_id=t"}, [4]string{"!AttributeError", "!OpenAIError"}},
	{"proxy: refresh", []string{"client=litellm-proxy", "G.enable_azure_ad_token_refresh=True"}, [4]string{"!KeyError", "!KeyError", "default-azure-credential"}},
	{"proxy: no api_base", []string{"client=litellm-proxy", "P.api_base=-", "P.api_key=k"}, [4]string{"!ValueError", "!TypeError", "!ValueError"}},
}

func TestResolveBranches(t *testing.T) {
	t.Parallel()
	order := []string{"1.63.7", "1.67.2", "1.81.12", "1.109.1"}
	for _, row := range branches {
		want := ""
		for i, release := range order {
			if row.want[i] != "" {
				want = row.want[i]
			}
			checkBranch(t, row.name, release, want, row.parts)
		}
		checkBranch(t, row.name, "", want, row.parts) // unknown is the newest
	}
}

func checkBranch(t *testing.T, name, release, want string, parts []string) {
	t.Helper()
	s := Resolve(call(release, parts...))
	got := string(s.Source)
	if s.Fails != nil {
		got = "!" + s.Fails.Type
	}
	if got != want {
		t.Errorf("%s, %q: %s, want %s (%+v)", name, release, got, want, s.Fails)
	}
	if s.Fails != nil && s.Fails.Text == "" {
		t.Errorf("%s, %q: the failure has no text", name, release)
	}
	if s.Fails == nil && s.Source != FromNone && s.URL == "" {
		t.Errorf("%s, %q: sent nowhere", name, release)
	}
	if (s.Fails == nil && s.Source == FromProvider || s.Source.AcquiredToken() && s.Fails == nil) && s.Header != "Authorization" {
		t.Errorf("%s, %q: a token in %q", name, release, s.Header)
	}
}

// TestResolveShadowing adds each shadowing variable, set and empty, to each
// branch that a newest release sends, and checks what stays true whatever the
// combination: the empty string is something else than None, and nothing that
// is configured is forgotten.
func TestResolveShadowing(t *testing.T) {
	t.Parallel()
	extra := []string{"AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN"}
	for _, row := range branches {
		for release := range releases {
			for _, name := range extra {
				if slices.ContainsFunc(row.parts, func(p string) bool { return strings.HasPrefix(p, name+"=") }) {
					continue
				}
				for _, text := range []string{"", "value"} {
					s := Resolve(call(release, append([]string{name + "=" + text}, row.parts...)...))
					if s.Fails != nil || s.Provider == "openai" {
						continue
					}
					if s.Credential.Var == name && s.Credential.Empty() != (text == "") {
						t.Errorf("%s, %q, %s=%q: sent as if it held something else", row.name, release, name, text)
					}
					if s.Credential.Var == name && text == "" && s.Header != "" && !breaks(s) {
						t.Errorf("%s, %q: %s is empty and sent in %s, and no cause breaks", row.name, release, name, s.Header)
					}
				}
			}
		}
	}
}

func breaks(s Sending) bool {
	return slices.ContainsFunc(s.Causes, func(c Cause) bool { return c.Breaks })
}
