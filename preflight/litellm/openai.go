package litellm

import (
	"maps"
	"slices"
	"strings"
)

// A construct is what is handed to openai.AzureOpenAI's constructor. Fields
// that are nil or unset are None.
type construct struct {
	key      Value
	token    *candidate
	provider *candidate
}

// construct resolves what the SDK's Azure client makes of its arguments and of
// its own variables. Releases up to sdkExclusive's edge fill what is None from
// the environment and then prefer a static token to a provider to a key; later
// ones refuse more than one argument, and read the environment only when there
// is none.
func (r *resolver) construct(c construct) {
	if r.out.Fails != nil {
		r.asked = true
		return
	}
	r.letters = r.sdkDoes(sdkHeaders)
	exclusive := r.sdkDoes(sdkExclusive) == "exclusive"
	passed := 0
	for _, there := range []bool{c.key.Set, c.token != nil, c.provider != nil} {
		if there {
			passed++
		}
	}
	if exclusive && passed > 1 {
		r.fail("MutuallyExclusiveAuthError", "The `api_key`, `azure_ad_token` and `azure_ad_token_provider` arguments are mutually exclusive")
		r.asked = true
		return
	}
	envToken, envKey := r.variable("AZURE_OPENAI_AD_TOKEN"), r.variable("AZURE_OPENAI_API_KEY")
	if envToken.Set {
		cand := candidate{source: FromToken, value: envToken}
		if c.token != nil || exclusive && passed > 0 {
			cand.why = "a credential is passed, and this SDK then leaves its variable alone"
		} else {
			c.token = &cand
		}
		r.offer(cand)
	}
	if envKey.Set && !c.key.Set && (!exclusive || passed == 0 && c.token == nil) {
		c.key = envKey
		r.offer(candidate{source: FromKey, value: envKey, why: "the SDK prefers a token"})
	}
	if r.late != nil && r.late.Type == "ValueError" && (c.key.Set || c.token != nil || c.provider != nil) {
		r.fail(r.late.Type, r.late.Text)
	}
	if c.key.Set && c.key.Empty() && r.sdkDoes(sdkEmptyKey) == "refused" && !r.adminKey() {
		// The base class refuses an empty key whatever else there is.
		r.send(candidate{source: FromKey, value: c.key}, "", false)
		r.fail("OpenAIError", missingPlain)
		return
	}
	if r.late != nil && r.late.Type != "APIConnectionError" && (c.key.Set || c.token != nil || c.provider != nil) {
		r.fail(r.late.Type, r.late.Text)
	}
	r.choose(c)
	if r.late != nil {
		r.fail(r.late.Type, r.late.Text)
	}
}

// missingPlain is how openai.OpenAI of 2.34 and later begins about a missing or
// empty key.
const missingPlain = "Missing credentials. Please pass an `api_key`"

// choose is the SDK's order at the request.
func (r *resolver) choose(c construct) {
	switch {
	case c.token != nil:
		r.send(*c.token, "Authorization", true)
		if c.token.source == FromToken && c.token.value.Empty() && !r.overridden("Authorization") && !r.throughAiohttp() {
			// httpx refuses a header that ends in a blank.
			r.fail("APIConnectionError", "Connection error.")
		}
	case c.provider != nil:
		r.tokenLate = r.letters == "token-late"
		r.send(*c.provider, "Authorization", true)
		r.beside(c.key)
	case c.key.Set:
		r.sendKey(c.key)
	default:
		r.sendNothing()
		r.fail("OpenAIError", "Missing credentials. Please pass one of `api_key`, `azure_ad_token`, `azure_ad_token_provider`")
	}
}

// beside lets a key go along with a provider's token: the releases between
// settle their headers before they have it.
func (r *resolver) beside(key Value) {
	if key.Empty() || r.overridden("api-key") || r.sdkDoes(sdkExclusive) == "exclusive" || r.sdkDoes(sdkKeyTwice) == "twice" {
		return
	}
	if r.out.Extra == nil {
		r.out.Extra = make(map[string]Value)
	}
	r.out.Extra["api-key"] = key
}

// throughAiohttp reports whether LiteLLM puts aiohttp under the SDK, which
// sends what httpx refuses. A gateway's client has httpx always.
func (r *resolver) throughAiohttp() bool {
	return r.Client != OpenAI && r.async() && !r.throughGateway(r.out.BaseFrom) && r.does(asyncHTTP) == "aiohttp"
}

// overridden reports whether extra_headers holds a header, so that the client
// does not set it.
func (r *resolver) overridden(header string) bool {
	for name := range r.out.Extra {
		if name == header || r.letters == "any" && strings.EqualFold(name, header) {
			return true
		}
	}
	return false
}

// heads reports whether extra_headers holds a header, in whatever letters.
func (r *resolver) heads(header string) bool {
	for name := range r.out.Extra {
		if strings.EqualFold(name, header) {
			return true
		}
	}
	return false
}

// besides notes the credentials of extra_headers that do not replace the client's
// own, since it looks for its own letters: both go along.
func (r *resolver) besides() {
	own := map[string]bool{strings.ToLower(r.out.Header): true}
	if r.out.AlsoBearer {
		own["authorization"] = true
	}
	for name := range r.out.Extra {
		if name == "api-key" || name == "Authorization" {
			own[strings.ToLower(name)] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.out.Extra)) {
		lower := strings.ToLower(name)
		credential := lower == "api-key" && name != "api-key" || lower == "authorization" && name != "Authorization"
		_, exact := r.out.Extra[map[string]string{"api-key": "api-key", "authorization": "Authorization"}[lower]]
		// A provider's token comes late: the client looks again when it has it.
		late := r.tokenLate && lower == "authorization" && !exact
		if credential && own[lower] && r.letters != "any" && !late {
			r.out.Beside = append(r.out.Beside, name)
		}
	}
}

// sendKey sends a key by the Azure client.
func (r *resolver) sendKey(key Value) {
	r.send(candidate{source: FromKey, value: key}, "api-key", false)
	r.out.AlsoBearer = !key.Empty() && r.sdkDoes(sdkKeyTwice) == "twice"
	if !key.Empty() {
		return
	}
	switch r.sdkDoes(sdkEmptyKey) {
	case "illegal":
		if r.out.AlsoBearer = r.throughAiohttp(); !r.out.AlsoBearer && !r.overridden("Authorization") {
			r.fail("APIConnectionError", "Connection error.")
		}
	case "refused":
		r.out.Header = ""
		if _, _, ok := r.ownCredential(); !ok {
			r.fail("ValueError", "Unable to handle auth")
		}
	}
}

// constructV1 resolves the plain openai.OpenAI client that LiteLLM builds for
// api_version v1, latest and preview.
func (r *resolver) constructV1(c construct) {
	r.plainLetters()
	switch {
	case r.out.Fails != nil:
		r.asked = true
	case !c.key.Empty():
		r.send(candidate{source: FromKey, value: c.key}, "Authorization", true)
	case r.does(v1Client) == "tokens" && c.provider != nil:
		r.send(*c.provider, "Authorization", true)
	case r.does(v1Client) == "tokens" && c.token != nil && !c.token.value.Empty():
		r.send(*c.token, "Authorization", true)
	case r.does(v1Client) == "tokens" && c.token == nil:
		r.bareOpenAI(unset("")) // of key, provider and token the last, which is None
	case r.does(v1Client) == "tokens":
		r.bareOpenAI(c.token.value)
	default:
		r.drop(func(o candidate) bool { return o.source != FromKey }, "this release hands the v1 client keys only")
		r.bareOpenAI(c.key)
	}
	if r.late != nil {
		r.fail(r.late.Type, r.late.Text)
	}
}

// bareOpenAI is openai.OpenAI with a key that is empty or None: it takes the
// key of OpenAI's own service from the environment.
func (r *resolver) bareOpenAI(key Value) {
	r.plainLetters()
	if env := r.variable("OPENAI_API_KEY"); !key.Set && env.Set {
		key = env
		r.offer(candidate{source: FromKey, value: env})
	}
	if key.Empty() && r.adminKey() {
		r.adminInstead()
		return
	}
	switch {
	case !key.Set, key.Empty() && r.sdkDoes(sdkEmptyKey) == "refused":
		r.sendNothing()
		r.fail("OpenAIError", r.missingKey())
	case key.Empty() && r.sdkDoes(sdkEmptyKey) == "illegal":
		r.send(candidate{source: FromKey, value: key}, "Authorization", true)
		if !r.overridden("Authorization") && !r.throughAiohttp() {
			r.fail("APIConnectionError", "Connection error.")
		}
	case key.Empty():
		// The header is left out.
		r.send(candidate{source: FromKey, value: key}, "", false)
	default:
		r.send(candidate{source: FromKey, value: key}, "Authorization", true)
	}
}

// adminInstead is openai.OpenAI without a key but that one. Its methods leave it
// for others of theirs, but what calls it by an operation's address sends it,
// unless it asks for the other key.
func (r *resolver) adminInstead() {
	if !r.byAddress() || r.does(plainAuth) == "key" {
		r.sendNothing()
		r.embeddingArguments() // which the method refuses before
		if !r.heads("Authorization") && (r.late == nil || r.late == unsupportedProtocol) {
			r.fail("TypeError", "Could not resolve authentication method")
		}
		return
	}
	admin := r.variable("OPENAI_ADMIN_KEY")
	r.offer(candidate{source: FromKey, value: admin})
	r.send(candidate{source: FromKey, value: admin}, "Authorization", true)
	if admin.Empty() && !r.overridden("Authorization") && !r.throughAiohttp() {
		r.fail("APIConnectionError", "Connection error.")
	}
}

// byAddress reports whether LiteLLM calls an operation of the SDK's client by its
// address: for models that are not of azure/, and for chats with o-series names.
func (r *resolver) byAddress() bool {
	plain := r.out.Provider != "azure"
	switch {
	case r.Client == OpenAI: // no LiteLLM is in the way
		return false
	case r.Kind == Chat || r.Kind == "":
		return (plain || r.oSeriesName(r.name)) && r.does(plainChat) == "post"
	case r.Kind == Embedding:
		return plain && r.does(plainEmbedding) == "post"
	}
	return false
}

// plainLetters notes what openai.OpenAI does about a header in other letters.
func (r *resolver) plainLetters() {
	if r.letters = r.sdkDoes(sdkHeaders); r.letters != "any" {
		r.letters = "own"
	}
}

// adminKey reports whether there is a key for the organisation's administration,
// which is enough for the SDK's clients to be made.
func (r *resolver) adminKey() bool {
	return r.sdkDoes(sdkEmptyKey) == "refused" && r.variable("OPENAI_ADMIN_KEY").Set
}

// missingKey is how openai.OpenAI begins when it has no key.
func (r *resolver) missingKey() string {
	if r.sdkDoes(sdkEmptyKey) == "refused" {
		return missingPlain
	}
	return "The api_key client option must be set either by passing api_key to the client or by setting the"
}

// openAI resolves openai.AzureOpenAI as the suite itself makes it: Params hold
// the constructor's arguments by LiteLLM's names, or by its own.
func (r *resolver) openAI() {
	r.out.Provider, r.out.Azure = "azure", true
	r.name = strings.TrimPrefix(r.Model, "azure/")
	r.out.Deployment = r.name
	var c construct
	c.key = r.param("api_key")
	if c.key.Set {
		r.offer(candidate{source: FromKey, value: c.key, why: "the SDK prefers a token"})
	}
	if t := r.param("azure_ad_token"); t.Set {
		cand := candidate{source: FromToken, value: t}
		c.token = &cand
		r.offer(cand)
	}
	if r.Provider {
		cand := candidate{source: FromProvider, why: "the SDK prefers a static token"}
		c.provider = &cand
		r.offer(cand)
	}
	version := set(r.param("api_version"), r.variable("OPENAI_API_VERSION"))
	baseURL, endpoint := r.param("base_url"), set(r.param("azure_endpoint"), r.param("api_base"))
	switch {
	case !version.Set:
		r.late = &Failure{Type: "ValueError", Text: "Must provide either the `api_version` argument or the `OPENAI_API_VERSION` environment variable"}
	case baseURL.Set && endpoint.Set:
		r.late = &Failure{Type: "ValueError", Text: "base_url and azure_endpoint are mutually exclusive"}
	case !baseURL.Set && !endpoint.Set && !r.variable("AZURE_OPENAI_ENDPOINT").Set:
		r.late = &Failure{Type: "ValueError", Text: "Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment variable"}
	}
	r.construct(c)
	r.out.VersionOf, r.out.APIVersion = version, version.Text.Reveal()
	if d := r.param("azure_deployment"); d.Set && !baseURL.Set {
		r.openAIDeployment(set(endpoint, r.variable("AZURE_OPENAI_ENDPOINT")), d)
		return
	}
	if baseURL.Set {
		r.out.BaseFrom = baseURL
		r.out.URL, r.out.InBody = r.sdkURL(baseURL.Text.Reveal(), version.Text.Reveal(), true)
		return
	}
	endpoint = set(endpoint, r.variable("AZURE_OPENAI_ENDPOINT"))
	r.out.BaseFrom = endpoint
	r.out.URL, r.out.InBody = r.sdkURL(endpoint.Text.Reveal(), version.Text.Reveal(), false)
}

// openAIDeployment is where a client for one deployment sends its requests:
// behind that deployment's address, but for operations that have none.
func (r *resolver) openAIDeployment(endpoint, deployment Value) {
	r.out.BaseFrom, r.out.Deployment = endpoint, deployment.Text.Reveal()
	base := strings.TrimRight(endpoint.Text.Reveal(), "/") + "/openai"
	if r.out.InBody = r.Kind == Responses; !r.out.InBody {
		base += "/deployments/" + r.out.Deployment
	} else {
		r.out.Deployment = r.name
	}
	r.out.URL = r.join(base, operation(r.Kind), r.out.APIVersion)
	p, _, found := strings.Cut(base, "?")
	if found && (r.out.InBody || !strings.Contains(p, "/deployments")) && r.sdkDoes(sdkQuery) == "slash" {
		// It does not see the deployment, which the query has swallowed, and puts
		// the operation behind the endpoint, where it is swallowed as well.
		r.out.URL = withVersion(p, r.out.APIVersion)
	}
}
