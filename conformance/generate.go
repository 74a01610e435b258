package main

import (
	"math/rand/v2"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A generator draws combinations.
type generator struct {
	r         *rand.Rand
	kind      string // of the environment
	responses bool   // the version has litellm.responses
	early     bool   // LiteLLM's functions know no more than keys, tokens and providers, and api-versions are dates
}

// newGenerator draws the same combinations for the same seed and environment.
func newGenerator(seed uint64, e environment) *generator {
	var stream uint64
	for _, b := range []byte(e.name) {
		stream = stream*131 + uint64(b)
	}
	return &generator{r: rand.New(rand.NewPCG(seed, stream)), kind: e.client, responses: e.name != "litellm-1.63.7" && e.name != "dspy-2.6.4",
		early: e.name == "litellm-1.63.7" || e.name == "litellm-1.67.2" || e.name == "dspy-2.6.4"}
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
// some things that stray in. In a few everything is in disorder.
func (g *generator) next() *combination {
	c := &combination{Params: map[string]any{}, Globals: map[string]any{}, Env: map[string]string{}, Headers: map[string]string{}, Common: map[string]string{}}
	g.what(c)
	g.where(c)
	s := sources[g.r.IntN(len(sources))]
	if g.kind == "openai" || g.early && c.Client != litellm.Proxy && g.chance(60) {
		s = sources[g.r.IntN(ownSources)] // these clients know no others
	}
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
	if g.chance(12) {
		g.crowd(c)
	} else {
		for range g.r.IntN(4) {
			g.stray(c)
		}
	}
	if g.chance(4) {
		g.header(c)
	}
	if _, date := c.Params["api_version"].(map[string]any); date && c.Client != litellm.Proxy {
		delete(c.Params, "api_version") // only YAML makes one of it
	}
	c.Behaviour = g.behaviour()
	if c.Client == litellm.OpenAI {
		g.onlyOpenAI(c)
	}
	return c
}

// behaviour is what the service does, mostly as it should.
func (g *generator) behaviour() string {
	all := []string{"keys-disabled", "keys-disabled", "no-role", "no-role", "throttled", "broken", "firewall"}
	if n := g.r.IntN(22); n < len(all) {
		return all[n]
	}
	return ""
}

// onlyOpenAI leaves what openai-python itself takes, by its own names.
func (g *generator) onlyOpenAI(c *combination) {
	c.Globals, c.Common = map[string]any{}, map[string]string{}
	for k, v := range c.Params {
		switch k {
		case "api_key", "api_version", "azure_ad_token", "organization", "base_url":
		case "api_base":
			c.Params["azure_endpoint"] = v
			delete(c.Params, k)
		default:
			delete(c.Params, k)
		}
	}
	if g.chance(8) {
		c.Params["azure_deployment"] = g.pick(values("all", "all", "demo1", "gone"))
	}
	if g.chance(5) {
		delete(c.Params, "azure_endpoint")
		c.Params["base_url"] = g.pick(bases)
	}
}

// crowd sets each of the things that decide independently of the others, so
// that a great deal is set at once.
func (g *generator) crowd(c *combination) {
	for _, name := range sortedKeys(shadowEnv) {
		if g.chance(20) {
			c.Env[name] = g.pick(shadowEnv[name]).(string)
		}
	}
	for _, name := range sortedKeys(shadowParams) {
		if g.chance(20) {
			c.Params[name] = g.pick(shadowParams[name])
		}
	}
	for _, name := range sortedKeys(shadowGlobals) {
		if g.chance(10) {
			c.Globals[name] = g.pick(shadowGlobals[name])
		}
	}
	if g.chance(30) {
		c.Provider = "<provider-token>"
	}
}

// what draws the client, the operation and the model.
func (g *generator) what(c *combination) {
	ops := []litellm.Kind{
		litellm.Chat, litellm.Chat, litellm.Chat, litellm.Chat, litellm.Chat, litellm.Embedding, litellm.Embedding, litellm.Completion, litellm.Completion,
		litellm.Image, litellm.Speech, litellm.Transcription, litellm.Responses, litellm.Responses,
	}
	switch {
	case g.kind == "dspy" && g.responses:
		ops = append(ops[:9:9], ops[12:]...)
	case g.kind == "dspy":
		ops = ops[:9]
	case !g.responses:
		ops = ops[:13] // that there are none is seen soon enough
	}
	c.Op = ops[g.r.IntN(len(ops))]
	name := "all"
	if g.chance(30) {
		name = deployments[g.r.IntN(len(deployments))]
	}
	if g.chance(3) {
		name = "gone"
	}
	c.Model = "azure/" + name
	c.Stream = (c.Op == litellm.Chat || c.Op == litellm.Completion || c.Op == litellm.Responses) && g.kind != "dspy" && g.chance(20)
	switch g.kind {
	case "openai":
		c.Client, c.Model = litellm.OpenAI, name
		c.Async = g.chance(40)
		return
	case "dspy":
		c.Client = litellm.DSPy
		switch c.Op {
		case litellm.Completion:
			c.ModelType = "text"
		case litellm.Responses:
			c.ModelType = "responses"
		}
		c.Async = g.responses && g.chance(25) // 2.6.4 has no such functions
	default:
		c.Client = litellm.SDK
		if g.chance(40) {
			c.Client = litellm.Proxy
		}
		// The proxy knows only the asynchronous functions.
		c.Async = c.Client == litellm.Proxy || g.chance(40)
	}
	switch {
	case c.Op == litellm.Chat && g.chance(15):
		c.Model = g.pick(chatModels).(string)
	case (c.Op == litellm.Chat || c.Op == litellm.Completion) && g.chance(7):
		c.Model = g.pick(otherModels).(string)
	case c.Op == litellm.Embedding && g.chance(7):
		c.Model = g.pick(values("text-embedding-3-small", "openai/all")).(string)
	case (c.Op == litellm.Chat || c.Op == litellm.Embedding) && g.chance(8):
		c.Model = g.pick(foundryModels).(string)
		if !g.early && g.chance(8) {
			c.Model = "azure_ai/gpt-5-codex" // which the early releases' own list does not have
		}
	case c.Op == litellm.Completion && g.chance(40):
		c.Model = "azure_text/" + name
	case c.Op == litellm.Chat && g.chance(2):
		c.Model, c.Params["custom_llm_provider"] = name, "azure"
	}
}

// where draws the address and the api-version, and where they come from.
func (g *generator) where(c *combination) {
	base, version := g.pick(bases), g.pick(apiVersions)
	if g.early && g.chance(70) {
		version = g.pick(apiVersions[:datedVersions])
	}
	switch n := g.r.IntN(20); {
	case n < 11:
		c.Params["api_base"] = base
	case n == 11:
		c.Params["base_url"] = base
	case n < 19:
		c.Env["AZURE_API_BASE"] = base.(string)
		if g.kind == "openai" {
			c.Env["AZURE_OPENAI_ENDPOINT"] = base.(string)
		}
	}
	if version == nil && g.kind == "openai" && g.chance(80) {
		version = apiVersions[0] // it has no default
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
		g.header(c)
	}
}

// header puts a credential, or something harmless, into extra_headers or into
// litellm.headers.
func (g *generator) header(c *combination) {
	into := c.Headers
	if g.chance(30) {
		into = c.Common
	}
	h := headers[g.r.IntN(len(headers))]
	into[h[0]] = h[1]
}
