package litellm

import (
	"slices"
	"strings"
	"testing"
)

// oidcEnv is what an exchange of ID_TOKEN takes.
var oidcEnv = []string{"AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "ID_TOKEN=x"}

func with(more []string, parts ...string) []string { return append(parts, more...) }

const (
	gatewayBase = "https://gateway.ai.cloudflare.com/v1/a/g/azure-openai/r"
	foundryBase = "https://r.services.ai.azure.com"
)

// seen has a row for each rule that only the wider runs of the real libraries
// showed. want is what is sent, in which header and where, with a blank
// between; or "!" and how the exception's text begins.
var seen = []struct {
	name, release string
	parts         []string
	want          string
}{
	// azure_ai/ with the name of one of OpenAI's models is azure/.
	{"azure_ai with a model of OpenAI's", "1.81.12", []string{"model=azure_ai/gpt-4o", "P.api_base=" + foundryBase, "provider"},
		"token-provider Authorization " + foundryBase + "/openai/deployments/gpt-4o/chat/completions?api-version=2025-02-01-preview"},
	{"not at Foundry's own address later", "1.109.1", []string{"model=azure_ai/gpt-4o", "P.api_base=" + foundryBase, "P.api_key=k"},
		"api-key api-key " + foundryBase + "/models/chat/completions"},
	{"but at others", "1.109.1", []string{"model=azure_ai/gpt-4o", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/gpt-4o/chat/completions?api-version=2025-02-01-preview"},
	{"its key is Foundry's variable", "1.81.12", []string{"model=azure_ai/gpt-4o-mini", "AZURE_AI_API_KEY=k"},
		"api-key api-key " + testBase + "/openai/deployments/gpt-4o-mini/chat/completions?api-version=2025-02-01-preview"},
	{"another name stays", "1.81.12", []string{"model=azure_ai/gpt-4o-prod", "P.api_key=k"}, "api-key api-key " + testBase + "/chat/completions"},

	// Names that answer Responses alone, at Foundry.
	{"a codex of azure_ai", "1.109.1", []string{"model=azure_ai/gpt-5-codex", "P.api_base=" + foundryBase + "/models", "provider", "P.api_version=2024-10-21"},
		"token-provider Authorization " + foundryBase + "/openai/v1/responses"},
	{"a codex with a key", "1.109.1", []string{"model=azure_ai/gpt-5-codex", "P.api_base=" + foundryBase, "P.api_key=k"}, "api-key api-key " + foundryBase + "/openai/v1/responses"},
	{"a codex in a project", "1.109.1", []string{"model=azure_ai/gpt-5-codex", "P.api_base=" + foundryBase + "/api/projects/p/x", "P.api_key=k"},
		"api-key Authorization " + foundryBase + "/api/projects/p/openai/v1/responses"},
	{"a codex with nothing", "1.109.1", []string{"model=azure_ai/gpt-5-codex", "P.api_base=" + foundryBase}, "!Missing Azure AI credentials"},
	{"a codex elsewhere", "1.109.1", []string{"model=azure_ai/gpt-5-codex", "P.api_key=k"}, "api-key api-key " + testBase + "/openai/v1/responses?api-version=preview"},
	{"a codex before", "1.81.12", []string{"model=azure_ai/gpt-5-codex", "P.api_base=" + foundryBase, "P.api_key=k"}, "api-key api-key " + foundryBase + "/openai/v1/responses?api-version=preview"},

	// Claude's names are Anthropic's operation.
	{"a Claude of azure_ai", "1.109.1", []string{"model=azure_ai/claude-sonnet-4-5", "P.api_base=" + foundryBase + "/", "P.api_key=k", "P.api_version=2024-10-21"},
		"api-key api-key " + foundryBase + "/anthropic/v1/messages"},
	{"a Claude with a provider", "1.81.12", []string{"model=azure_ai/Claude-x", "P.api_base=" + foundryBase + "/anthropic", "provider"},
		"token-provider Authorization " + foundryBase + "/anthropic/v1/messages"},
	{"a Claude's whole address", "1.81.12", []string{"model=azure_ai/claude-x", "P.api_base=" + foundryBase + "/anthropic/v1/messages", "AZURE_AI_API_KEY=k"},
		"api-key api-key " + foundryBase + "/anthropic/v1/messages"},
	{"a Claude with an empty address", "1.81.12", []string{"model=azure_ai/claude-x", "P.api_base=-", "AZURE_AI_API_BASE=", "P.api_key=k"}, "!Request URL is missing an 'http://' or 'https://' protocol."},
	{"a Claude without an address", "1.81.12", []string{"model=azure_ai/claude-x", "P.api_base=-", "P.api_key=k"}, "!Azure Anthropic requests require an api_base."},
	{"a Claude before", "1.67.2", []string{"model=azure_ai/claude-x", "P.api_base=" + foundryBase, "P.api_key=k"}, "api-key api-key " + foundryBase + "/models/chat/completions"},

	// Embeddings of azure_ai/ are the plain client's.
	{"azure_ai embedding", "1.81.12", []string{"kind=embedding", "model=azure_ai/e", "P.api_key=k"}, "api-key Authorization " + testBase + "/embeddings"},
	{"azure_ai embedding with a token later", "1.109.1", []string{"kind=embedding", "model=azure_ai/e", "P.api_base=" + foundryBase, "provider"},
		"token-provider Authorization " + foundryBase + "/models/embeddings"},
	{"azure_ai embedding with a token before", "1.81.12", []string{"kind=embedding", "model=azure_ai/e", "provider"}, "!The api_key client option must be set"},
	{"azure_ai embedding without an address", "1.109.1", []string{"kind=embedding", "model=azure_ai/e", "P.api_base=-", "AZURE_AD_TOKEN=a"},
		"static-token Authorization https://api.openai.com/v1/embeddings"},
	{"azure_ai embedding with an argument unknown to the SDK", "1.63.7", []string{"kind=embedding", "model=azure_ai/e", "P.api_key=k", "P.azure_ad_token=a"},
		"!Embeddings.create() got an unexpected keyword argument 'azure_ad_token'"},
	{"azure_ai with an empty key", "1.67.2", []string{"model=azure_ai/m", "AZURE_AI_API_KEY="}, "api-key api-key " + testBase + "/chat/completions"},
	{"azure_ai with a key and no address", "1.81.12", []string{"model=azure_ai/m", "P.api_base=-", "P.api_key=k"}, "!api_base is required for Azure AI Studio."},
	{"what azure_ai does first fails first", "1.109.1", with([]string{"AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, "model=azure_ai/m", "P.api_base=-", "P.azure_ad_token=oidc/github/a"),
		"!ACTIONS_ID_TOKEN_REQUEST_URL"},

	// Streams.
	{"a streamed completion of azure_text drops the provider", "1.109.1", []string{"kind=completion", "model=azure_text/d", "stream", "provider"}, "!Missing credentials."},
	{"an asynchronous one does not", "1.109.1", []string{"kind=completion", "model=azure_text/d", "stream", "async", "provider"},
		"token-provider Authorization " + testBase + "/openai/deployments/d/completions?api-version=2025-02-01-preview"},
	{"and its parameters, but not the variables", "1.81.12", with(principalEnv, "kind=completion", "model=azure_text/d", "stream", "P.tenant_id=other"),
		"client-secret Authorization " + testBase + "/openai/deployments/d/completions?api-version=2025-02-01-preview"},
	{"a streamed chat exchanges AZURE_AD_TOKEN on the side", "1.109.1", []string{"stream", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN", "provider"}, "!AZURE_CLIENT_ID and AZURE_TENANT_ID must be set"},
	{"not with a key", "1.109.1", []string{"stream", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/dep/chat/completions?api-version=2025-02-01-preview"},
	{"not asynchronously", "1.109.1", []string{"stream", "async", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN", "provider"},
		"token-provider Authorization " + testBase + "/openai/deployments/dep/chat/completions?api-version=2025-02-01-preview"},

	// Where base_url counts.
	{"completion's base_url wins", "1.81.12", []string{"P.base_url=https://b", "P.api_key=k"}, "api-key api-key https://b/openai/deployments/dep/chat/completions?api-version=2025-02-01-preview"},
	{"embedding has none", "1.81.12", []string{"kind=embedding", "P.api_base=-", "P.base_url=https://b", "P.api_key=k"}, "!No API Base provided"},
	{"responses have none", "1.81.12", []string{"kind=responses", "P.api_base=-", "P.base_url=https://b", "P.api_key=k"}, "!api_base is required"},
	{"speech has none before 1.105", "1.81.12", []string{"kind=audio_speech", "P.api_base=-", "P.base_url=https://b", "P.api_key=k"}, "!Must provide one of the `base_url`"},
	{"speech has one then", "1.109.1", []string{"kind=audio_speech", "P.api_base=-", "P.base_url=https://b", "P.api_key=k"},
		"api-key api-key https://b/openai/deployments/dep/audio/speech?api-version=2025-02-01-preview"},
	{"an asynchronous transcription forgets its version", "1.109.1", []string{"kind=audio_transcription", "async", "P.api_version=2024-10-21", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/dep/audio/transcriptions?api-version=2025-02-01-preview"},

	// Names.
	{"an o-series name keeps gpt5_series/", "1.109.1", []string{"model=azure/gpt5_series/demo1", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/gpt5_series%2Fdemo1/chat/completions?api-version=2025-02-01-preview"},
	{"another maker's name", "1.109.1", []string{"model=azure/mistral-large-latest", "P.api_key=k"}, "api-key Authorization " + testBase + "/chat/completions"},
	{"another maker's name with a token", "1.81.12", []string{"model=azure/command-r-plus", "provider"}, "!The api_key client option must be set"},
	{"a deployment's own name that is near", "1.109.1", []string{"model=azure/mistral-large", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/mistral-large/chat/completions?api-version=2025-02-01-preview"},
	{"a bare name of no model", "1.109.1", []string{"model=gpt-4o1", "P.api_key=k"}, "!LLM Provider NOT provided"},
	{"a bare completions model", "1.109.1", []string{"model=gpt-3.5-turbo-instruct", "P.api_key=k"}, "api-key Authorization " + testBase + "/completions"},
	{"the older variable of OpenAI's address", "1.63.7", []string{"model=gpt-4o", "P.api_base=-", "P.api_key=k", "OPENAI_BASE_URL=https://b", "OPENAI_API_BASE=https://c"},
		"api-key Authorization https://c/chat/completions"},
	{"and the newer", "1.81.12", []string{"model=gpt-4o", "P.api_base=-", "P.api_key=k", "OPENAI_BASE_URL=https://b", "OPENAI_API_BASE=https://c"},
		"api-key Authorization https://b/chat/completions"},

	// Queries in addresses.
	{"a query swallows the path", "1.81.12", []string{"model=openai/gpt-4o", "P.api_base=https://b/p?q=1", "P.api_key=k"}, "api-key Authorization https://b/p?q=1/chat/completions"},
	{"a newer SDK puts a slash before it", "1.109.1", []string{"model=openai/gpt-4o", "P.api_base=https://b/p?q=1", "P.api_key=k"}, "api-key Authorization https://b/p/?q=1chat/completions"},
	{"v1 behind a query", "1.109.1", []string{"P.api_base=https://b/p?q=1", "P.api_version=v1", "P.api_key=k"}, "api-key Authorization https://b/p/?q=1/openai/v1/chat/completions"},

	// Images.
	{"an image's own principal knows no AZURE_SCOPE", "1.109.1", []string{"kind=image_generation", "P.tenant_id=t", "P.client_id=c", "P.client_secret=s", "AZURE_SCOPE=other"},
		"client-secret Authorization " + testBase + "/openai/deployments/dep/images/generations?api-version=2025-02-01-preview"},
	{"an image with a header of its own asks for no token", "1.109.1", []string{"kind=image_generation", "provider", "P.extra_headers.api-key=k"},
		"none  " + testBase + "/openai/deployments/dep/images/generations?api-version=2025-02-01-preview"},
	{"an image needs no key then", "1.63.7", []string{"kind=image_generation", "P.api_version=2024-10-21", "P.extra_headers.api-key=k"},
		"none  " + testBase + "/openai/deployments/dep/images/generations?api-version=2024-10-21"},

	// The Router of 1.63.7.
	{"it looks at the principal of any provider", "1.63.7", []string{"client=litellm-proxy", "model=gpt-4o", "P.tenant_id=t", "OPENAI_API_KEY=o"}, "!'NoneType' object has no attribute 'startswith'"},
	{"its client knows no globals", "1.63.7", []string{"client=litellm-proxy", "model=gpt-4o", "P.api_base=-", "G.api_key=k", "OPENAI_API_KEY=o"},
		"api-key Authorization https://api.openai.com/v1/chat/completions"},
	{"and it has none for a bare completions model", "1.63.7", []string{"client=litellm-proxy", "model=gpt-3.5-turbo-instruct", "G.api_key=k"},
		"api-key Authorization " + testBase + "/completions"},
	{"a gateway's client, called for another address", "1.63.7", []string{"client=litellm-proxy", "P.api_base=" + gatewayBase, "P.base_url=https://b", "P.api_key=k"},
		"api-key api-key " + gatewayBase + "/dep/deployments/dep/chat/completions?api-version=2024-08-01-preview"},
	{"another maker's endpoint gets a route", "1.63.7", []string{"client=litellm-proxy", "model=azure/mistral-large-latest", "P.api_key=k"}, "api-key Authorization " + testBase + "/v1/chat/completions"},
	{"it starts before it finds no Responses", "1.63.7", []string{"client=litellm-proxy", "kind=responses"}, "!Missing credentials."},
	{"it starts before an image", "1.63.7", []string{"client=litellm-proxy", "kind=image_generation", "AZURE_API_KEY=k"}, "!Missing credentials."},
	{"a call beside it exchanges nothing with a key", "1.63.7", []string{"client=litellm-proxy", "AZURE_API_KEY=", "AZURE_OPENAI_AD_TOKEN=a", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN"}, "static-token Authorization"},
	{"and else AZURE_AD_TOKEN, and fails with it", "1.63.7", []string{"client=litellm-proxy", "AZURE_OPENAI_AD_TOKEN=a", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN"}, "!AZURE_CLIENT_ID and AZURE_TENANT_ID must be set"},
	{"before it hands an unknown argument on", "1.63.7", []string{"client=litellm-proxy", "kind=embedding", "AZURE_OPENAI_AD_TOKEN=a", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN", "P.azure_scope=s"}, "!AZURE_CLIENT_ID and AZURE_TENANT_ID must be set"},
	{"an empty base_url counts at the call", "1.63.7", []string{"client=litellm-proxy", "P.api_key=k", "P.base_url="}, "!argument of type 'NoneType' is not iterable"},
	{"a gateway keeps azure_text/", "1.63.7", []string{"client=litellm-proxy", "kind=completion", "model=azure_text/d", "P.api_base=" + gatewayBase, "P.api_key=k"},
		"api-key api-key " + gatewayBase + "/azure_text/d/completions?api-version=2024-08-01-preview"},

	// azure.identity.
	{"AZURE_TOKEN_CREDENTIALS that names nothing", "1.109.1", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_TOKEN_CREDENTIALS=nonsense"}, "!Missing credentials."},
	{"one that leaves the broken member out", "1.109.1", with([]string{"AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=", "AZURE_CLIENT_SECRET=s"}, "G.enable_azure_ad_token_refresh=True", "AZURE_TOKEN_CREDENTIALS=AzureCliCredential"),
		"default-azure-credential Authorization"},
	{"a certificate's empty path", "1.109.1", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL=CertificateCredential", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CERTIFICATE_PATH="}, "!Missing credentials."},
	{"oidc/azure without a file, by a class that cannot be made", "1.81.12", []string{"P.azure_ad_token=oidc/azure/a", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "AZURE_CREDENTIAL=UsernamePasswordCredential"},
		"!UsernamePasswordCredential.__init__() missing"},

	{"GitHub's URL and token are both empty", "1.109.1", []string{"P.azure_ad_token=oidc/github/a", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c", "ACTIONS_ID_TOKEN_REQUEST_URL=", "ACTIONS_ID_TOKEN_REQUEST_TOKEN="},
		"!Request URL is missing"},

	// openai-python.
	{"azure_deployment", "1.109.1", []string{"client=openai", "model=m", "P.azure_deployment=d", "P.api_key=k", "P.api_version=v"},
		"api-key api-key " + testBase + "/openai/deployments/d/chat/completions?api-version=v"},
	{"azure_deployment and Responses", "1.109.1", []string{"client=openai", "kind=responses", "model=m", "P.azure_deployment=d", "P.api_key=k", "P.api_version=v"},
		"api-key api-key " + testBase + "/openai/responses?api-version=v"},

	// DSPy's text.
	{"DSPy's text with completion's base_url", "1.63.7", []string{"client=dspy", "kind=completion", "P.base_url=https://b", "P.api_key=k"}, "api-key Authorization https://b/completions"},
}

func TestSeenByWiderRuns(t *testing.T) {
	t.Parallel()
	for _, row := range seen {
		s := Resolve(call(row.release, row.parts...))
		got := string(s.Source) + " " + s.Header + " " + s.URL
		if s.Fails != nil {
			got = "!" + s.Fails.Text
		}
		if !strings.HasPrefix(got, row.want) {
			t.Errorf("%s, %q: %s, want %s", row.name, row.release, got, row.want)
		}
	}
}

// TestHeadersThatLose: some paths put their own header in the place of one of
// extra_headers.
func TestHeadersThatLose(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		release string
		parts   []string
		stays   bool
	}{
		"azure":                      {"1.81.12", []string{"P.api_key=k", "P.extra_headers.api-key=h"}, true},
		"azure_ai, the same header":  {"1.81.12", []string{"model=azure_ai/m", "P.api_key=k", "P.extra_headers.api-key=h"}, false},
		"azure_ai, another header":   {"1.81.12", []string{"model=azure_ai/m", "P.azure_ad_token=a", "P.extra_headers.api-key=h"}, true},
		"an embedding of azure_ai":   {"1.109.1", []string{"kind=embedding", "model=azure_ai/m", "P.api_key=k", "P.extra_headers.api-key=h"}, false},
		"an image with a provider":   {"1.81.12", []string{"kind=image_generation", "provider", "P.extra_headers.api-key=h"}, false},
		"an image without any token": {"1.109.1", []string{"kind=image_generation", "P.extra_headers.api-key=h"}, true},
	} {
		s := Resolve(call(tt.release, tt.parts...))
		if _, stays := s.Extra["api-key"]; stays != tt.stays || s.Fails != nil {
			t.Errorf("%s: the header stays: %t (%+v)", name, stays, s.Fails)
		}
	}
}

// TestCommonHeaders: litellm.headers goes along with a chat that has no headers
// of its own.
func TestCommonHeaders(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		parts []string
		goes  bool
	}{
		"a chat":                  {nil, true},
		"a chat of an o-series":   {[]string{"model=azure/o1"}, true},
		"a chat of azure_ai":      {[]string{"model=azure_ai/m", "P.azure_ad_token=a"}, true},
		"a chat with its own":     {[]string{"P.extra_headers.x=y"}, false},
		"an embedding":            {[]string{"kind=embedding"}, false},
		"Responses":               {[]string{"kind=responses"}, false},
		"a Claude":                {[]string{"model=azure_ai/claude-x"}, false},
		"an image":                {[]string{"kind=image_generation"}, false},
		"a completion":            {[]string{"kind=completion", "model=azure_text/d"}, false},
		"a chat that becomes one": {[]string{"model=azure/codex-mini"}, false},
	} {
		s := Resolve(call("1.81.12", append([]string{"P.api_key=k", "G.headers.Authorization=Bearer t"}, tt.parts...)...))
		_, goes := s.Extra["Authorization"]
		if goes != tt.goes || goes && !slices.ContainsFunc(s.Causes, func(c Cause) bool { return c.ID == HeaderOverridden && c.Param == "headers.Authorization" }) {
			t.Errorf("%s: it goes along: %t (%+v)", name, goes, s.Causes)
		}
	}
}

// TestExchangedOnTheSide: until 1.109 the token that a streamed chat exchanged
// on the side is what it finds for itself, of whatever scope.
func TestExchangedOnTheSide(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]string{"1.81.12": testScope, "1.109.1": "other"} {
		if s := Resolve(call(release, with(oidcEnv, "stream", "P.azure_ad_token=oidc/env/ID_TOKEN", "AZURE_SCOPE=other")...)); s.Scope != want {
			t.Errorf("%s: scope %s, want %s", release, s.Scope, want)
		}
	}
}

// TestNoneIsPassed: what os.environ/ makes None of is an argument all the same,
// which older releases hand to an SDK that knows no such; the Router leaves it out.
func TestNoneIsPassed(t *testing.T) {
	t.Parallel()
	for release, refused := range map[string]bool{"1.67.2": true, "1.81.12": false} {
		for _, client := range []Client{SDK, Proxy} {
			for _, model := range []string{"kind=embedding", "model=azure_text/d"} {
				c := call(release, "P.api_key=k", "client="+string(client), model)
				c.Params["azure_scope"] = unset("litellm_params.azure_scope")
				if s := Resolve(c); (s.Fails != nil) != (refused && client == SDK) {
					t.Errorf("%s %s %s: %+v", client, release, model, s.Fails)
				}
			}
		}
	}
}

// TestRouterWantsTexts: what YAML reads as a date or a number, the Router
// refuses, and the cause says that nothing can mend it but the file.
func TestRouterWantsTexts(t *testing.T) {
	t.Parallel()
	for release := range releases {
		for _, client := range []Client{Proxy, SDK} {
			c := call(release, "P.api_key=k", "client="+string(client))
			v := given("2024-10-21", "litellm_params.api_version")
			v.Type = Date
			c.Params["api_version"] = v
			s := Resolve(c)
			if refused := s.Fails != nil && s.Fails.Type == "ValidationError"; refused != (client == Proxy) {
				t.Errorf("%s %q: %+v", client, release, s.Fails)
			}
			if breaks(s) != (client == Proxy) {
				t.Errorf("%s %q: breaks: %t", client, release, breaks(s))
			}
		}
	}
}
