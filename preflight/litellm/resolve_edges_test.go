package litellm

import (
	"strings"
	"testing"
)

// edges has both neighbours of each release in which the runs of releases
// between the listed ones found a decision to change, and the latter not to be
// where it was thought. want is as in seen.
var edges = []struct {
	name, before, after string
	parts               []string
	was, is             string
}{
	{
		"OPENAI_BASE_URL", "1.67.5", "1.67.6", []string{"model=gpt-4o", "P.api_base=-", "P.api_key=k", "OPENAI_BASE_URL=https://b", "OPENAI_API_BASE=https://c"},
		"api-key Authorization https://c/chat/completions", "api-key Authorization https://b/chat/completions",
	},
	{
		"AZURE_CREDENTIAL names any class again", "1.71.3", "1.72.0", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL=DefaultAzureCredential"},
		"!Missing credentials.", "default-azure-credential Authorization",
	},
	{
		"an empty AZURE_CREDENTIAL is none", "1.74.7", "1.74.8", append([]string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL="}, principalEnv...),
		"!module 'azure.identity' has no attribute", "client-secret Authorization",
	},
	{
		"Responses ends with DefaultAzureCredential", "1.74.7", "1.74.8", []string{"kind=responses", "G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL=WorkloadIdentityCredential"},
		"none  ", "default-azure-credential Authorization",
	},
	{
		"azure_text/ names what is missing", "1.77.4", "1.77.5", []string{"kind=completion", "model=azure_text/d", "P.api_base=-", "P.api_key=k"},
		"!argument of type 'NoneType'", "!api_base is required for Azure OpenAI LLM provider",
	},
	{
		"v1 means the v1 route to Responses", "1.79.0", "1.79.1", []string{"kind=responses", "P.api_version=v1", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/responses?api-version=v1", "api-key api-key " + testBase + "/openai/v1/responses?api-version=v1",
	},
	{
		"a chat that becomes Responses takes variables for parameters", "1.80.9", "1.80.10", append([]string{"model=azure/responses/d"}, principalEnv...),
		"none  ", "client-secret Authorization",
	},
	{
		"as Responses itself does only where there is no parameter", "1.80.9", "1.80.10", append([]string{"kind=responses", "P.client_secret="}, principalEnv...),
		"none  ", "client-secret Authorization",
	},
	{
		"an embedding of azure_ai/ takes tokens", "1.99.4", "1.100.0", []string{"kind=embedding", "model=azure_ai/d", "P.api_base=" + foundryBase, "P.azure_ad_token=t"},
		"!", "static-token Authorization " + foundryBase + "/embeddings",
	},
	{
		"and goes to /models", "1.100.5", "1.101.0", []string{"kind=embedding", "model=azure_ai/d", "P.api_base=" + foundryBase, "P.azure_ad_token=t"},
		"static-token Authorization " + foundryBase + "/embeddings", "static-token Authorization " + foundryBase + "/models/embeddings",
	},
	{
		"azure_ai/ with the name of a model of OpenAI's", "1.100.5", "1.101.0", []string{"model=azure_ai/gpt-4o", "P.api_base=" + foundryBase, "P.api_key=k"},
		"api-key api-key " + foundryBase + "/openai/deployments/gpt-4o/chat/completions?", "api-key api-key " + foundryBase + "/models/chat/completions",
	},
	{
		"a transcription knows base_url", "1.104.9", "1.105.0", []string{"kind=audio_transcription", "P.api_base=-", "P.base_url=https://b", "P.api_key=k"},
		"!Must provide one of the `base_url`", "api-key api-key https://b/openai/deployments/dep/audio/transcriptions?",
	},
	{
		"a transcription on the v1 route takes the default version instead", "1.109.3", "1.110.0", []string{"kind=audio_transcription", "P.api_version=v1", "P.api_key=k"},
		"!azure_client is not an instance of", "api-key api-key " + testBase + "/openai/deployments/dep/audio/transcriptions?",
	},
	{
		"and so does speech", "1.104.9", "1.105.0", []string{"kind=audio_speech", "P.api_base=-", "P.base_url=https://b", "P.api_key=k"},
		"!Must provide one of the `base_url`", "api-key api-key https://b/openai/deployments/dep/audio/speech?",
	},
	{
		"a chat with azure/responses/ is a Responses call", "1.73.1", "1.73.2", []string{"model=azure/responses/d", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/responses%2Fd/chat/completions?", "api-key api-key " + testBase + "/openai/responses",
	},
	{
		"as one with the name of a model that answers nothing else", "1.72.4", "1.72.6", []string{"model=azure/codex-mini", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/codex-mini/chat/completions?", "api-key Authorization " + testBase + "/openai/responses",
	},
	{
		"an asynchronous chat keeps o_series/", "1.69.0", "1.69.1", []string{"model=azure/o_series/d", "async", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/d/chat/completions?", "api-key api-key " + testBase + "/openai/deployments/o_series%2Fd/chat/completions?",
	},
	{
		"and takes it off again", "1.71.2", "1.71.3", []string{"model=azure/o_series/d", "async", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/o_series%2Fd/chat/completions?", "api-key api-key " + testBase + "/openai/deployments/d/chat/completions?",
	},
	{
		"the refresh without a client secret", "1.63.3", "1.63.5", []string{"client=litellm-proxy", "G.enable_azure_ad_token_refresh=True", "AZURE_CLIENT_ID=c"},
		"default-azure-credential Authorization", "!'AZURE_CLIENT_SECRET'",
	},
	{
		"a streamed chat's exchange on the side lacks arguments", "1.77.7", "1.78.0", append([]string{"stream", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN", "provider"}, oidcEnv...),
		"!get_azure_ad_token_from_oidc() missing 2 required", "token-provider Authorization",
	},
	{
		"as it did not before", "1.67.5", "1.67.6", append([]string{"stream", "AZURE_AD_TOKEN=oidc/env/ID_TOKEN", "AZURE_OPENAI_AD_TOKEN=a"}, oidcEnv...),
		"static-token Authorization", "!get_azure_ad_token_from_oidc() missing 2 required",
	},
	{
		"a key keeps the Router from other credentials", "1.63.3", "1.63.5", []string{"client=litellm-proxy", "P.api_key=k", "P.tenant_id=t"},
		"!'NoneType' object has no attribute 'startswith'", "api-key api-key",
	},
	{
		"azure_ai/ sends a key as api-key by the host", "1.61.17", "1.61.19", []string{"model=azure_ai/d", "P.api_key=k"},
		"api-key Authorization", "api-key api-key",
	},
	{
		"and sends None no more", "1.61.17", "1.61.19", []string{"model=azure_ai/d"},
		"none Authorization", "!Header value must be str or bytes",
	},
	{
		"and names what is missing", "1.61.17", "1.61.19", []string{"model=azure_ai/d", "P.api_base=-", "P.api_key=k"},
		"!Invalid type for url.", "!api_base is required for Azure AI Studio.",
	},
	{
		"an embedding's unknown parameters go into the body", "1.72.0", "1.72.1", []string{"kind=embedding", "P.azure_scope=s", "P.api_key=k"},
		"!Embeddings.create() got an unexpected keyword argument 'azure_scope'", "api-key api-key",
	},
	{
		"those of other providers as well", "1.72.0", "1.72.1", []string{"kind=embedding", "model=openai/d", "P.azure_ad_token=t", "P.api_key=k"},
		"!Embeddings.create() got an unexpected keyword argument 'azure_ad_token'", "api-key Authorization",
	},
	{
		"the Router's azure/responses/ follows", "1.73.6", "1.73.7", []string{"client=litellm-proxy", "model=azure/responses/d", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/responses%2Fd/chat/completions?", "api-key api-key " + testBase + "/openai/responses",
	},
	{
		"a chat that becomes Responses has its api-version taken apart first", "1.74.9", "1.74.12", []string{"model=azure/codex-mini", "P.api_version=preview", "P.api_key=k"},
		"!list index out of range", "api-key api-key " + testBase + "/openai/v1/responses",
	},
	{
		"a Claude of azure/ is Anthropic's", "1.80.5", "1.80.6", []string{"model=azure/claude-x", "P.api_key=k"},
		"api-key api-key " + testBase + "/openai/deployments/claude-x/chat/completions?", "api-key x-api-key " + testBase + "/anthropic/v1/messages",
	},
	{
		"and is not again", "1.80.7", "1.80.8", []string{"model=azure/claude-x", "P.api_base=-", "P.api_key=k"},
		"!Missing Azure API Base", "!argument of type 'NoneType'",
	},
	{
		"one of azure_ai/ is then", "1.80.7", "1.80.8", []string{"model=azure_ai/claude-x", "P.api_base=" + foundryBase, "P.api_key=k"},
		"api-key api-key " + foundryBase + "/models/chat/completions", "api-key x-api-key " + foundryBase + "/anthropic/v1/messages",
	},
	{
		"with Azure's own header", "1.80.9", "1.80.10", []string{"model=azure_ai/claude-x", "P.api_base=" + foundryBase, "P.api_key=k"},
		"api-key x-api-key", "api-key api-key",
	},
}

func TestEdges(t *testing.T) {
	t.Parallel()
	for _, row := range edges {
		for release, want := range map[string]string{row.before: row.was, row.after: row.is} {
			s := Resolve(call(release, row.parts...))
			got := string(s.Source) + " " + s.Header + " " + s.URL
			if s.Fails != nil {
				got = "!" + s.Fails.Text
			}
			if !strings.HasPrefix(got, want) {
				t.Errorf("%s, %q: %s, want %s", row.name, release, got, want)
			}
		}
	}
}

// TestBridgedHeaders: a chat that becomes a Responses call keeps extra_headers
// from 1.81.8 on.
func TestBridgedHeaders(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]bool{"1.81.7": false, "1.81.8": true} {
		s := Resolve(call(release, "model=azure/responses/d", "P.api_key=k", "P.extra_headers.Authorization=x"))
		if _, kept := s.Extra["Authorization"]; kept != want {
			t.Errorf("%s: kept %v", release, kept)
		}
	}
}

// TestClaudesOwnHeader: a chat of Anthropic's has the key in that maker's header
// as well, before 1.82.5 if there is none.
func TestClaudesOwnHeader(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		release, parts string
		there, taken   bool
	}{
		{"1.82.4", "P.api_key=k", true, true},
		{"1.82.5", "P.api_key=k", true, true},
		{"1.82.4", "P.azure_ad_token=t", true, false},
		{"1.82.5", "P.azure_ad_token=t", false, false},
		{"1.80.9", "P.extra_headers.api-key=k", true, true},
	} {
		s := Resolve(call(row.release, "model=azure_ai/claude-x", row.parts))
		if v, there := s.Extra["x-api-key"]; there != row.there || v.Empty() == row.taken || s.URL != testBase+"/anthropic/v1/messages" {
			t.Errorf("%s, %s: %v, %v, %s", row.release, row.parts, there, !v.Empty(), s.URL)
		}
	}
}

// TestEmptyKeyThroughAiohttp: what httpx refuses, aiohttp sends.
func TestEmptyKeyThroughAiohttp(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		release string
		parts   []string
		want    string
		twice   bool
	}{
		{"1.71.1", []string{"async", "AZURE_API_KEY="}, "APIConnectionError", false},
		{"1.71.2", []string{"async", "AZURE_API_KEY="}, "", true},
		{"1.71.2", []string{"AZURE_API_KEY="}, "APIConnectionError", false},
		{"1.71.1", []string{"async", "kind=responses", "AZURE_API_KEY="}, "LocalProtocolError", false},
		{"1.71.2", []string{"async", "kind=responses", "AZURE_API_KEY="}, "", false},
		{"1.71.1", []string{"async", "model=openai/d", "OPENAI_API_KEY="}, "APIConnectionError", false},
		{"1.71.2", []string{"async", "model=openai/d", "OPENAI_API_KEY="}, "", false},
	} {
		c := call(row.release, row.parts...)
		c.Versions.OpenAI = mustVersion("1.86.0")
		s := Resolve(c)
		got := ""
		if s.Fails != nil {
			got = s.Fails.Type
		}
		if got != row.want || got == "" && s.AlsoBearer != row.twice {
			t.Errorf("%s, %q: %q, twice %v", row.release, row.parts, got, s.AlsoBearer)
		}
	}
}

// TestEmptyAddressOfOpenAI: the SDK takes an empty OPENAI_BASE_URL for one.
func TestEmptyAddressOfOpenAI(t *testing.T) {
	t.Parallel()
	s := Resolve(call("1.63.7", "client=litellm-proxy", "model=gpt-4o", "P.api_base=-", "OPENAI_BASE_URL=", "OPENAI_API_KEY=k"))
	if s.Fails == nil || s.Fails.Type != "APIConnectionError" {
		t.Errorf("%+v", s.Fails)
	}
}

// TestNewestSDK has what LiteLLM's own requirement of openai-python ends with.
func TestNewestSDK(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]string{
		"1.63.7": "", "1.67.5": "", "1.67.6": "<1.76.0", "1.69.0": "<1.76.0", "1.70.4": "", "1.83.0": "", "1.83.7": "<2.31.0", "1.83.14": "<2.31.0",
		"1.84.0": "<3.0.0", "1.106.1": "<3.0.0", "1.108.9": "<4.0.0", "1.110.2": "<4.0.0", "": "<4.0.0",
	} {
		v, _ := ParseVersion(release)
		if got := NewestSDK(v).String(); got != want {
			t.Errorf("%q: %q, want %q", release, got, want)
		}
	}
}

// TestSDKMatters: a provider beside a key is refused by an openai-python that
// only some releases of LiteLLM can have.
func TestSDKMatters(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		release string
		parts   []string
		want    bool
	}{
		{"1.81.12", []string{"provider", "AZURE_API_KEY=k"}, true},
		{"1.95.0", []string{"provider", "P.azure_ad_token=t"}, false},
		{"1.81.12", []string{"provider"}, false},
	} {
		c := call(row.release, row.parts...)
		c.Versions.OpenAI = NewestSDK(c.Versions.LiteLLM)
		if got := SDKMatters(c); got != row.want {
			t.Errorf("%s, %q: %v", row.release, row.parts, got)
		}
	}
}

// TestDSPyEdges: from 3.0.4 on DSPy's calls have headers of their own, so that
// litellm.headers is not looked at; model_type responses is known from 3.0.2 on;
// its own engine takes whatever openai/ names.
func TestDSPyEdges(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]int{"3.0.3": 1, "3.0.4": 0} {
		c := call("1.81.12", "client=dspy", "provider", "G.headers.api-key=k")
		c.Versions.DSPy, _ = ParseVersion(release)
		if s := Resolve(c); len(s.Extra) != want {
			t.Errorf("DSPy %s: headers %v, want %d", release, s.Extra, want)
		}
	}
	for release, want := range map[string]string{"3.0.1": "https://api.openai.com/v1/completions", "3.0.2": testBase + "/openai/v1/responses?api-version=preview"} {
		c := call("1.78.0", "client=dspy", "kind=responses", "P.api_key=k")
		c.Versions.DSPy, _ = ParseVersion(release)
		if release == "3.0.1" {
			delete(c.Params, "api_base")
		}
		if s := Resolve(c); s.URL != want || s.Fails != nil {
			t.Errorf("DSPy %s: %s, %+v, want %s", release, s.URL, s.Fails, want)
		}
	}
	for release, want := range map[string]string{"3.3.1": "OpenAIError", "3.4.0": "LMNotConfiguredError"} {
		c := call("1.106.2", "client=dspy", "model=openai/anything", "P.api_base=-")
		c.Versions.DSPy, _ = ParseVersion(release)
		if s := Resolve(c); s.Fails == nil || s.Fails.Type != want {
			t.Errorf("DSPy %s: %+v, want %s", release, s.Fails, want)
		}
	}
}

// TestDSPyNamesNone: an address that is named is LiteLLM's matter, if it is None.
func TestDSPyNamesNone(t *testing.T) {
	t.Parallel()
	for _, named := range []string{"api_base", "base_url", "api_version"} {
		c := call("1.106.2", "client=dspy", "P.api_base=-", "AZURE_OPENAI_ENDPOINT=https://r.openai.azure.com", "AZURE_OPENAI_API_KEY=k")
		if s := Resolve(c); s.URL != "https://r.openai.azure.com/openai/v1/chat/completions" {
			t.Fatalf("DSPy's own engine: %s, %+v", s.URL, s.Fails)
		}
		c.Params[named] = Value{}
		if s := Resolve(c); strings.Contains(s.URL, "/openai/v1/") {
			t.Errorf("%s: %s", named, s.URL)
		}
	}
}

// TestClaudeBaseURL: completion knows base_url, whoever the model is by.
func TestClaudeBaseURL(t *testing.T) {
	t.Parallel()
	s := Resolve(call("1.106.2", "model=azure_ai/claude-sonnet-4-5", "P.api_base=-", "P.base_url=https://r.services.ai.azure.com", "P.api_key=k"))
	if want := "https://r.services.ai.azure.com/anthropic/v1/messages"; s.URL != want || s.Fails != nil {
		t.Errorf("%s, %+v, want %s", s.URL, s.Fails, want)
	}
}
