package main

import (
	"math/rand/v2"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// values is a list in which a value weighs as often as it stands there; nil
// leaves unset, "" is set and empty.
func values(all ...any) []any { return all }

// A source is a way to be authenticated: what a user sets for it, and on which
// clients that can be done.
type source struct {
	name    string
	params  map[string]any
	env     map[string]string
	globals map[string]any
	token   string // of a provider in code
}

// principal is a complete service principal in the environment.
var principalEnv = map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "AZURE_CLIENT_SECRET": "<secret>"}

var sources = []source{
	{name: "nothing"},
	{name: "key parameter", params: map[string]any{"api_key": "<key>"}},
	{name: "key variable", env: map[string]string{"AZURE_API_KEY": "<key>"}},
	{name: "SDK's key variable", env: map[string]string{"AZURE_OPENAI_API_KEY": "<key>"}},
	{name: "provider", token: "<provider-token>"},
	{name: "provider", token: "<provider-token>"},
	{name: "provider of nothing much", token: "<arm-token>"},
	{name: "token parameter", params: map[string]any{"azure_ad_token": "<token>"}},
	{name: "token variable", env: map[string]string{"AZURE_AD_TOKEN": "<token>"}},
	{name: "SDK's token variable", env: map[string]string{"AZURE_OPENAI_AD_TOKEN": "<token>"}},
	{name: "principal in the environment", env: principalEnv},
	{name: "principal in parameters", params: map[string]any{"tenant_id": "<tenant>", "client_id": "<client>", "client_secret": "<secret>"}},
	{name: "refresh, principal", env: principalEnv, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh, client id", env: map[string]string{"AZURE_CLIENT_ID": "<client>", "AZURE_TENANT_ID": "<tenant>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh, identity", env: map[string]string{"AZURE_CLIENT_ID": "<identity>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh, pod", env: map[string]string{"AZURE_CLIENT_ID": "<client>", "AZURE_TENANT_ID": "<tenant>", "AZURE_FEDERATED_TOKEN_FILE": "<pod-token-file>"}, globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "refresh", globals: map[string]any{"enable_azure_ad_token_refresh": true}},
	{name: "password in the environment", env: map[string]string{"AZURE_USERNAME": "<user>", "AZURE_PASSWORD": "<password>", "AZURE_CLIENT_ID": "<client>"}},
	{name: "password in parameters", params: map[string]any{"azure_username": "<user>", "azure_password": "<password>", "client_id": "<client>"}},
	{
		name: "GitHub's token", params: map[string]any{"azure_ad_token": "oidc/github/<audience-github>"},
		env: map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "ACTIONS_ID_TOKEN_REQUEST_URL": "<request-url>", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "<request-token>"},
	},
	{name: "pod's token", params: map[string]any{"azure_ad_token": "oidc/azure/"}, env: map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "AZURE_FEDERATED_TOKEN_FILE": "<pod-token-file>"}},
	{name: "token in a variable", params: map[string]any{"azure_ad_token": "oidc/env/ID_TOKEN"}, env: map[string]string{"AZURE_TENANT_ID": "<tenant>", "AZURE_CLIENT_ID": "<client>", "ID_TOKEN": "<id-token>"}},
}

// shadowEnv are the values that stray into variables; nil leaves unset.
var shadowEnv = map[string][]any{
	"AZURE_API_KEY":                  values("", "<key-2>", "<old-key>"),
	"AZURE_OPENAI_API_KEY":           values("", "<key-2>", "<old-key>"),
	"AZURE_AD_TOKEN":                 values("", "<token-2>", "<stale-token>", "oidc/env/ID_TOKEN"),
	"AZURE_OPENAI_AD_TOKEN":          values("", "<token-2>", "<stale-token>"),
	"OPENAI_API_KEY":                 values("", "<openai-key>"),
	"AZURE_TENANT_ID":                values("", "<tenant>", "<tenant-2>"),
	"AZURE_CLIENT_ID":                values("", "<client>", "<client-2>", "<identity>"),
	"AZURE_CLIENT_SECRET":            values("", "<secret>", "<secret-2>"),
	"AZURE_USERNAME":                 values("", "<user>"),
	"AZURE_PASSWORD":                 values("", "<password>", "<old-password>"),
	"AZURE_CREDENTIAL":               values("", "ClientSecretCredential", "ManagedIdentityCredential", "DefaultAzureCredential", "WorkloadIdentityCredential", "CertificateCredential", "EnvironmentCredential", "NoSuchCredential"),
	"AZURE_SCOPE":                    values("", "<scope-default>", "<scope-arm>", "<scope-unknown>"),
	"AZURE_FEDERATED_TOKEN_FILE":     values("", "<pod-token-file>", "<missing-file>"),
	"ACTIONS_ID_TOKEN_REQUEST_URL":   values("", "<request-url>"),
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN": values("", "<request-token>"),
	"AZURE_AUTHORITY_HOST":           values("<authority>", "<authority>/"),
	"AZURE_OPENAI_ENDPOINT":          values("", "<endpoint>"),
	"OPENAI_API_VERSION":             values("", "2024-06-01"),
	"AZURE_API_VERSION":              values("", "2024-10-21", "v1", "preview"),
	"AZURE_API_BASE":                 values("", "<endpoint>", "<endpoint>/"),
	"OPENAI_BASE_URL":                values("", "<endpoint>/openai/v1"),
	"ID_TOKEN":                       values("", "<id-token>", "<pod-token>"),
}

// shadowParams are the same for parameters.
var shadowParams = map[string][]any{
	"api_key":        values("", "<key-2>", "<old-key>", "dummy"),
	"azure_ad_token": values("", "<token-2>", "<stale-token>", "oidc/azure/", "oidc/azure/<audience-github>", "oidc/azure", "oidc/env/ID_TOKEN", "oidc/env_path/AZURE_FEDERATED_TOKEN_FILE", "oidc/github/<audience-github>", "oidc/github/wrong", "oidc/file/<id-token-file>", "oidc/env/NO_SUCH_VARIABLE"),
	"tenant_id":      values("", "<tenant>", "<tenant-2>"),
	"client_id":      values("", "<client>", "<client-2>"),
	"client_secret":  values("", "<secret>", "<secret-2>"),
	"azure_username": values("", "<user>"),
	"azure_password": values("", "<password>"),
	"azure_scope":    values("", "<scope-default>", "<scope-arm>"),
}

var shadowGlobals = map[string][]any{
	"api_key":                       values("", "<key-2>"),
	"azure_key":                     values("", "<key-2>"),
	"api_base":                      values("", "<endpoint>"),
	"api_version":                   values("", "2024-06-01", "v1"),
	"enable_azure_ad_token_refresh": values(true, "true", false, true),
}

// bases are what a user takes for the address, the right one far ahead.
var bases = values("<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>", "<endpoint>",
	"<endpoint>/", "<endpoint>/openai", "<endpoint>/openai/", "<endpoint>/openai/v1", "<endpoint>/openai/v1/", "<endpoint>/openai/deployments/all",
	"<endpoint>/openai/deployments/all/chat/completions?api-version=2024-10-21", "<endpoint>/openai/responses?api-version=2025-04-01-preview", "<cloudflare>", "")

var apiVersions = values("2024-10-21", "2024-10-21", "2024-10-21", "2024-10-21", "2025-04-01-preview", "2025-03-01-preview", "v1", "v1", "preview", "latest", "", nil, nil)

// A generator draws combinations.
type generator struct {
	r         *rand.Rand
	kind      string // of the environment
	responses bool   // the version has litellm.responses
}

// newGenerator draws the same combinations for the same seed and environment.
func newGenerator(seed uint64, e environment) *generator {
	var stream uint64
	for _, b := range []byte(e.name) {
		stream = stream*131 + uint64(b)
	}
	return &generator{r: rand.New(rand.NewPCG(seed, stream)), kind: e.client, responses: e.name != "litellm-1.63.7" && e.name != "dspy-2.6.4"}
}

func (g *generator) pick(all []any) any { return all[g.r.IntN(len(all))] }

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

// sorted keys make drawing from a map repeatable.
func (g *generator) draw(m map[string][]any) (string, any) {
	names := sortedKeys(m)
	name := names[g.r.IntN(len(names))]
	return name, g.pick(m[name])
}

// next is one combination: a way to be authenticated, a place to call, and
// some things that stray in.
func (g *generator) next() *combination {
	c := &combination{Params: map[string]any{}, Globals: map[string]any{}, Env: map[string]string{}, Headers: map[string]string{}}
	g.what(c)
	g.where(c)
	s := sources[g.r.IntN(len(sources))]
	for k, v := range s.params {
		c.Params[k] = v
	}
	for k, v := range s.env {
		c.Env[k] = v
	}
	for k, v := range s.globals {
		c.Globals[k] = v
	}
	c.Provider = s.token
	for range g.r.IntN(4) {
		g.stray(c)
	}
	switch n := g.r.IntN(20); {
	case n < 2:
		c.Behaviour = "keys-disabled"
	case n < 4:
		c.Behaviour = "no-role"
	case n == 4:
		c.Behaviour = "throttled"
	case n == 5:
		c.Behaviour = "broken"
	}
	if c.Client == litellm.OpenAI {
		c.Globals = map[string]any{}
		for k := range c.Params {
			switch k {
			case "api_key", "api_version", "azure_ad_token":
			case "api_base":
				c.Params["azure_endpoint"] = c.Params[k]
				delete(c.Params, k)
			default:
				delete(c.Params, k)
			}
		}
	}
	return c
}

// what draws the client, the operation and the model.
func (g *generator) what(c *combination) {
	ops := []litellm.Kind{litellm.Chat, litellm.Chat, litellm.Chat, litellm.Embedding, litellm.Completion, litellm.Responses}
	if !g.responses {
		ops = ops[:5]
	}
	c.Op = ops[g.r.IntN(len(ops))]
	name := "all"
	if g.chance(25) {
		name = deployments[g.r.IntN(len(deployments))]
	}
	if g.chance(3) {
		name = "gone"
	}
	c.Model = "azure/" + name
	switch g.kind {
	case "openai":
		c.Client, c.Model = litellm.OpenAI, name
		return
	case "dspy":
		c.Client = litellm.DSPy
		switch c.Op {
		case litellm.Completion:
			c.ModelType = "text"
		case litellm.Responses:
			c.ModelType = "responses"
		}
	default:
		c.Client = litellm.SDK
		if g.chance(40) {
			c.Client = litellm.Proxy
		}
		// The proxy knows only the asynchronous functions.
		c.Async = c.Client == litellm.Proxy || g.chance(40)
	}
	switch {
	case c.Op == litellm.Chat && g.chance(12):
		c.Model = g.pick(values("azure/o_series/all", "azure/o_series/o1-mini", "azure/gpt5_series/all", "azure/responses/all")).(string)
	case g.chance(4):
		c.Model = g.pick(values("gpt-4o-mini", "openai/gpt-4o-mini", "all")).(string)
	case c.Op == litellm.Completion && g.chance(40):
		c.Model = "azure_text/" + name
	}
}

// where draws the address and the api-version, and where they come from.
func (g *generator) where(c *combination) {
	base, version := g.pick(bases), g.pick(apiVersions)
	switch n := g.r.IntN(10); {
	case n < 6:
		c.Params["api_base"] = base
	case n < 9:
		c.Env["AZURE_API_BASE"] = base.(string)
		if g.kind == "openai" {
			c.Env["AZURE_OPENAI_ENDPOINT"] = base.(string)
		}
	}
	if version == nil {
		return
	}
	if g.chance(65) {
		c.Params["api_version"] = version
		return
	}
	c.Env["AZURE_API_VERSION"] = version.(string)
	if g.kind == "openai" {
		c.Env["OPENAI_API_VERSION"] = version.(string)
	}
}

// stray sets something that the user did not think of.
func (g *generator) stray(c *combination) {
	switch n := g.r.IntN(20); {
	case n < 11:
		name, value := g.draw(shadowEnv)
		c.Env[name] = value.(string)
	case n < 16:
		name, value := g.draw(shadowParams)
		c.Params[name] = value
	case n < 18:
		name, value := g.draw(shadowGlobals)
		c.Globals[name] = value
	case n == 18:
		c.Provider = "<provider-token>"
	default:
		if g.chance(50) {
			c.Headers["api-key"] = "<key-2>"
		} else {
			c.Headers["Authorization"] = "Bearer <token-2>"
		}
	}
}
