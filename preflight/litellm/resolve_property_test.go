package litellm

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// marker is part of every credential of a random call, so that it can be looked
// for in whatever is printable.
const marker = "marker-of-a-secret" // not a credential of anything

// secretParams are the parameters, globals and variables that hold credentials.
// An address is none: it is printed by name only, but it has to be a string.
var (
	secretParams = []string{"api_key", "azure_ad_token", "client_secret", "azure_password", "extra_headers.Authorization", "extra_headers.api-key"}
	secretVars   = []string{"AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN", "AZURE_CLIENT_SECRET",
		"AZURE_PASSWORD", "AZURE_AI_API_KEY", "OPENAI_API_KEY", "azure_API_KEY", "TOKEN"}
	plainParams = []string{"api_base", "base_url", "api_version", "tenant_id", "client_id", "azure_username", "azure_scope", "custom_llm_provider"}
	plainVars   = []string{"AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT", "AZURE_API_VERSION", "OPENAI_API_VERSION", "AZURE_TENANT_ID", "AZURE_CLIENT_ID",
		"AZURE_USERNAME", "AZURE_SCOPE", "AZURE_CREDENTIAL", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CERTIFICATE_PATH", "AZURE_AUTHORITY_HOST",
		"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "LITELLM_OIDC_ALLOWED_CREDENTIAL_DIRS", "AZURE_DEFAULT_RESPONSES_API_VERSION"}
	globals = []string{"api_key", "azure_key", "openai_key", "api_base", "api_version", "enable_azure_ad_token_refresh"}
	texts   = []string{"", "x", "true", "v1", "latest", "2024-10-21", "https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1?a=b",
		"http://[::1", "://%zz", "\x00\n::error::x", "azure", "ManagedIdentityCredential", "a/b?c#d", strings.Repeat("ä/", 500)}
	tokens = []string{"", marker, "oidc/", "oidc/azure", "oidc/github/" + marker, "oidc/env/TOKEN", "oidc/file/" + marker, "oidc/file//../" + marker, "oidc//", marker + "\n"}
)

// randomCall is any call at all, sensible or not.
func randomCall(r *rand.Rand) Call {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	value := func(from []string, origin string) Value {
		types := []Type{String, Boolean, Number, Date, Other}
		return Value{Set: r.IntN(5) > 0, Text: secret.New(pick(from)), From: origin, Type: types[r.IntN(len(types))]}
	}
	c := Call{
		Client:   []Client{SDK, Proxy, DSPy, OpenAI, "other"}[r.IntN(5)],
		Model:    pick([]string{"azure/dep", "azure/responses/demo1", "azure/o_series/proto3", "azure_ai/claude", "azure_text/d", "dep", "gpt-4o", "", "/", "azure/", "openai/x", "azure/*", "a\nb/c"}),
		Kind:     []Kind{Chat, Completion, Embedding, Responses, Image, Speech, Transcription, Realtime, Rerank, "", "other"}[r.IntN(11)],
		Provider: r.IntN(2) == 0,
		Params:   map[string]Value{}, Globals: map[string]Value{},
	}
	c.Versions.LiteLLM, _ = ParseVersion(pick([]string{"", "1.0", "1.63.7", "1.63.8", "1.66.2", "1.67.2", "1.71.0", "1.74.0", "1.78.0", "1.81.0", "1.81.12", "1.86.3", "1.99.0", "1.109.1", "1.110.2", "9.9"}))
	c.Versions.OpenAI, _ = ParseVersion(pick([]string{"", "1.66.0", "1.99.0", "2.20.0", "2.40.0", "3.4.0", "3.54.0"}))
	env := map[string]Value{}
	for range r.IntN(8) {
		name := pick(secretVars)
		env[name] = value(tokens, "variable "+name)
		name = pick(plainVars)
		env[name] = value(texts, "variable "+name)
		name = pick(secretParams)
		c.Params[name] = value(tokens, "litellm_params."+name)
		name = pick(plainParams)
		c.Params[name] = value(texts, "litellm_params."+name)
		name = pick(globals)
		c.Globals[name] = value(texts, "litellm."+name)
	}
	if r.IntN(20) > 0 {
		c.Env = func(name string) Value { return env[name] }
	}
	return c
}

// TestResolveAnything: no call makes Resolve panic, answer differently the
// second time, or put a credential's text into anything that can be printed.
func TestResolveAnything(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20000) {
		c := randomCall(rand.New(rand.NewPCG(seed, 1)))
		s := Resolve(c)
		address := s.URL // it may hold what a variable held, and is no credential
		s.URL = ""
		data, err := json.Marshal(s)
		printed := fmt.Sprintf("%v %+v %#v %s %s", s, s, s, data, fmt.Sprint(s.Causes, s.Shadowed, s.Fails, s.Band))
		if err != nil || strings.Contains(printed, marker) {
			t.Fatalf("seed %d shows a credential (%v)", seed, err)
		}
		if strings.Contains(address, marker) {
			t.Fatalf("seed %d has a credential in its address", seed)
		}
		if again := Resolve(c); again.Source != s.Source || again.Header != s.Header || fmt.Sprint(ids(again), again.Fails) != fmt.Sprint(ids(s), s.Fails) {
			t.Fatalf("seed %d answers differently the second time", seed)
		}
		for _, cause := range s.Causes {
			if cause.ID == "" || cause.Detail == "" {
				t.Fatalf("seed %d: a cause without words: %+v", seed, cause)
			}
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	c := call("1.81.12", "G.enable_azure_ad_token_refresh=True", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t", "P.api_version=2024-10-21")
	b.ReportAllocs()
	for b.Loop() {
		if Resolve(c).Source != FromManagedIdentity {
			b.Fatal("another source")
		}
	}
}
