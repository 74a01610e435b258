package litellm

import (
	"regexp"
	"strings"
	"sync"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// azureText resolves azure_text/NAME: the completions of a deployment.
func (r *resolver) azureText() {
	r.Kind = Completion
	if r.Client == Proxy && r.does(routerClient) == "own" {
		r.router()
		return
	}
	if r.does(chatClient) == "one" {
		r.oneCredential()
		return
	}
	r.allCredentials()
}

// otherProvider resolves models of other providers as far as it matters here:
// a name without azure/ goes to OpenAI's own service, with its key.
func (r *resolver) otherProvider() {
	switch r.out.Provider {
	case "openai", "text-completion-openai":
	case "":
		switch {
		case textModels().MatchString(r.name):
			r.out.Provider = "text-completion-openai"
		case openAIModels().MatchString(r.name):
			r.out.Provider = "openai"
		default:
			r.fail("BadRequestError", "LLM Provider NOT provided. Pass in the LLM provider you are trying to call.")
			return
		}
	default:
		return
	}
	switch text := r.out.Provider == "text-completion-openai"; {
	case r.Kind == Completion && !text && openAIModels().MatchString(r.name):
		r.Kind = Chat // text_completion makes a chat of it
	case text && (r.Kind == Chat || r.Kind == ""):
		r.Kind = Completion
	}
	if r.Kind == Chat || r.Kind == "" {
		r.commonHeaders()
	}
	base := or(r.ownBase(), r.global("api_base"))
	if r.does(openAIBase) == "both" {
		base = or(base, r.variable("OPENAI_BASE_URL"))
	}
	base = or(base, r.variable("OPENAI_API_BASE"))
	key := or(r.param("api_key"), r.global("api_key"), r.global("openai_key"), r.variable("OPENAI_API_KEY"))
	if r.Client == Proxy && r.does(routerClient) == "own" && !textModels().MatchString(r.Model) { // of which it knows none without a prefix
		r.routerOpenAI(or(r.param("api_key"), unset("")))
		// Its client is the one that calls, and knows no globals.
		own := or(r.param("api_base"), r.param("base_url"))
		if text := own.Text.Reveal(); own.Set && strings.HasPrefix(r.name, "azure/") && !strings.HasSuffix(strings.TrimSuffix(text, "/"), "/v1") {
			own.Text = secret.New(strings.TrimSuffix(text, "/") + "/v1/") // it takes another maker's endpoint for one with this route
		}
		base = or(own, set(r.variable("OPENAI_BASE_URL"), given(openAIAddress, "the SDK's default")))
		if base.Empty() {
			r.late = unsupportedProtocol
		}
		if key = r.param("api_key"); key.Empty() {
			key = unset(key.From)
		}
	}
	r.openAIService(key, base, operation(r.Kind))
}

// openAIService is a call of the plain OpenAI client.
func (r *resolver) openAIService(key, base Value, end string) {
	address := openAIAddress
	if !base.Empty() {
		address = strings.TrimSuffix(base.Text.Reveal(), "/")
	}
	r.out.BaseFrom, r.out.URL, r.out.InBody = base, address+end, true
	if r.Kind != Responses {
		r.out.URL = r.joinBare(address, end)
	}
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	r.offerAll(unset(""), r.param("azure_ad_token"))
	r.drop(func(c candidate) bool { return c.source != FromKey }, "this provider knows keys only")
	if r.Kind != Responses {
		r.bareOpenAI(key)
		if r.embeddingArguments(); r.late != nil {
			r.fail(r.late.Type, r.late.Text)
		}
		return
	}
	// LiteLLM sends these without the SDK, and the text "None" where there is no key.
	if key.Set {
		r.send(candidate{source: FromKey, value: key}, "Authorization", true)
		if key.Empty() && !r.throughAiohttp() {
			r.fail("LocalProtocolError", "Illegal header value b'Bearer '")
		}
		return
	}
	r.sendNothing()
	r.out.Header, r.out.Bearer = "Authorization", true
}

// openAIModels are the names that LiteLLM's catalogue has as OpenAI's own. It
// fetches that list at its start, so that it grows; the forms suffice here.
var openAIModels = sync.OnceValue(func() *regexp.Regexp {
	const date = `(-\d{4}(-\d{2}-\d{2})?)?`
	return regexp.MustCompile(`^(chatgpt-4o-latest|computer-use-preview|codex-mini-latest|` +
		`gpt-3\.5-turbo(-16k|-instruct)?|gpt-4(-32k|-turbo|-turbo-preview|-vision-preview|-1106-preview|-0125-preview)?|` +
		`gpt-4o(-mini)?(-(audio|realtime|search)-preview|-transcribe|-tts)?|gpt-4\.1(-mini|-nano)?|gpt-4\.5-preview|` +
		`gpt-[5-9](\.\d+)?(-(mini|nano|pro|chat|chat-latest|codex|codex-mini|codex-max))?|gpt-(audio|realtime|image-1)(-mini|-\d\.\d)?|` +
		`o[1-9](-(mini|preview|pro|deep-research|mini-deep-research))?|text-embedding-(3-small|3-large|ada-002)|` +
		`dall-e-[23]|whisper-1|tts-1(-hd)?|ft:gpt-.*|babbage-002|davinci-002)` + date + `$`)
})

// otherMakers are the names that LiteLLM's catalogue has as Mistral's and
// Cohere's: with azure/ before them it takes them for a serverless endpoint, which
// it calls as one of OpenAI's own.
var otherMakers = sync.OnceValue(func() *regexp.Regexp {
	const date = `(-latest|-\d{4})`
	return regexp.MustCompile(`^(command-(a|a-plus|r|r-plus|r7b)-\d{2}-\d{4}|command-(r|r-plus|light)|c4ai-aya-expanse-32b|` +
		`mistral-large(-3|-4|-4-0|` + date + `)|mistral-(medium|small|tiny|embed)(-3|-3[.-]5|` + date + `)?|` +
		`codestral(-mamba|-embed)?` + date + `|devstral(-medium|-small)?` + date + `|magistral-(medium|small)` + date + `|` +
		`ministral-(3-)?(3b|8b|14b)` + date + `|pixtral-(12b|large)` + date + `|open-mistral-(7b|nemo)(-\d{4})?|open-mixtral-8x(7|22)b|open-codestral-mamba)$`)
})

// textModels are those of them that answer completions alone.
var textModels = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^((ft:)?(babbage|davinci)-002|gpt-3\.5-turbo-instruct(-0914)?)$`)
})

// openAIAddress is the SDK's own default.
const openAIAddress = "https://api.openai.com/v1"

// listedOnly is for what a check does not call.
func (r *resolver) listedOnly() {
	r.keyOnly = r.Kind == Realtime
	key := r.keys()
	r.out.BaseFrom = r.base()
	if key.Set {
		r.offer(candidate{source: FromKey, value: key})
	}
	if r.keyOnly && !key.Empty() {
		r.send(candidate{source: FromKey, value: key}, "api-key", false)
	}
}

// hostOf is an address's host in lower case, "" when it cannot be read.
func hostOf(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return ""
	}
	host, _, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host, "?")
	host, _, _ = strings.Cut(host, ":")
	return strings.ToLower(host)
}
