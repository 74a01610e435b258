package litellm

import (
	"net/url"
	"strings"
)

// paths are the operations' ends of an address.
var paths = map[Kind]string{
	"":            "/chat/completions",
	Chat:          "/chat/completions",
	Completion:    "/completions",
	Embedding:     "/embeddings",
	Responses:     "/responses",
	Image:         "/images/generations",
	Speech:        "/audio/speech",
	Transcription: "/audio/transcriptions",
}

// operation is the operation's end of the address.
func operation(k Kind) string {
	if p, ok := paths[k]; ok {
		return p
	}
	return paths[Chat]
}

// sdkURL is where openai.AzureOpenAI sends a request: endpoint is the resource's
// root, or with whole the base_url as it is.
func (r *resolver) sdkURL(endpoint, version string, whole bool) (address string, inBody bool) {
	k, name := r.Kind, r.out.Deployment
	if r.sdkDoes(sdkEscapes) == "yes" {
		name = url.PathEscape(name)
	}
	base := strings.TrimSuffix(endpoint, "/")
	if !whole {
		base = strings.TrimRight(endpoint, "/") + "/openai"
	}
	switch {
	case k == Responses:
		inBody = true
	case !strings.Contains(base, "/deployments"):
		base += "/deployments/" + name
	}
	return r.join(base, operation(k), version), inBody
}

// join puts an operation behind an address as the SDK does: a query of the
// address swallows it, and the SDK's own api-version then replaces what is in
// there.
func (r *resolver) join(base, end, version string) string {
	whole := r.joinBare(base, end)
	late := r.sdkDoes(sdkQuery) == "slash"
	p, query, found := strings.Cut(whole, "?")
	switch {
	case !found && version == "" && !late:
		return whole // an empty value is left out by older releases
	case !found:
		return withVersion(whole, version)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return whole
	}
	values.Set("api-version", version)
	if version == "" && !late {
		values.Del("api-version")
	}
	if len(values) == 0 {
		return p
	}
	return p + "?" + values.Encode()
}

// joinBare is join for a client that adds no query of its own.
func (r *resolver) joinBare(base, end string) string {
	p, query, found := strings.Cut(base, "?")
	if !found {
		return base + end
	}
	if r.sdkDoes(sdkQuery) == "slash" {
		if end = strings.TrimPrefix(end, "/"); !strings.HasSuffix(p, "/") {
			p += "/"
		}
	}
	return p + "?" + query + end
}

// withVersion adds the query that every Azure client of the SDK adds.
func withVersion(address, version string) string {
	sep := "?"
	if strings.Contains(address, "?") {
		sep = "&"
	}
	return address + sep + "api-version=" + url.QueryEscape(version)
}

// address settles where a chat-like call of LiteLLM goes. Without any api_base
// most paths fail at once, and some only when the SDK's client is made.
func (r *resolver) address(base, version Value, name string) {
	r.out.BaseFrom, r.out.VersionOf, r.out.Deployment = base, version, name
	r.out.APIVersion = version.Text.Reveal()
	v1 := r.onV1(version)
	if !base.Set {
		base = r.withoutBase(v1)
		r.out.BaseFrom = base
	}
	text, v := base.Text.Reveal(), version.Text.Reveal()
	switch {
	case r.out.Fails != nil || !base.Set:
		return
	case r.throughGateway(base):
		r.out.URL = r.gatewayURL(text, v)
	case v1:
		r.out.URL, r.out.InBody, r.out.APIVersion = r.v1URL(text), true, ""
	default:
		whole := strings.Contains(text, "/openai/deployments") && !r.series
		r.out.URL, r.out.InBody = r.sdkURL(text, v, whole)
	}
	if base.Empty() {
		r.late = unsupportedProtocol
	}
}

// unsupportedProtocol is what the HTTP client says about an address without a
// scheme.
var unsupportedProtocol = &Failure{Type: "APIConnectionError", Text: "Connection error."}

// noBase is LiteLLM's about an embedding without an address.
var noBase = &Failure{Type: "ValueError", Text: "No API Base provided for Azure OpenAI LLM provider. Set 'AZURE_API_BASE' in .env"}

// noneSearched is Python's about looking for a gateway's name in no address.
var noneSearched = &Failure{Type: "TypeError", Text: "argument of type 'NoneType' is not iterable"}

// withoutBase is what happens when nothing sets api_base: the address that the
// SDK then finds by itself, or a failure now or later.
func (r *resolver) withoutBase(v1 bool) Value {
	none := unset("api_base")
	switch {
	case r.Kind == Embedding:
		r.fail(noBase.Type, noBase.Text)
	case r.out.Provider == "azure_text" && r.does(textBase) == "named":
		r.fail("ValueError", "api_base is required for Azure OpenAI LLM provider")
	case r.out.Provider == "azure_text",
		r.does(missingBase) == "fails" && !r.oSeriesName(r.name) && (r.Kind == Chat || r.Kind == ""):
		r.fail(noneSearched.Type, noneSearched.Text)
	case v1:
		r.late = unsupportedProtocol
	default:
		if env := r.variable("AZURE_OPENAI_ENDPOINT"); env.Set {
			return env
		}
		r.late = &Failure{Type: "ValueError", Text: "Must provide one of the `base_url` or `azure_endpoint` arguments, or the `AZURE_OPENAI_ENDPOINT` environment variable"}
	}
	return none
}

// v1URL is the address for api_version v1, latest and preview.
func (r *resolver) v1URL(base string) string {
	if r.does(v1Address) == "normalised" {
		base = strings.TrimRight(base, "/")
		if !strings.HasSuffix(pathOf(base), "/openai/v1") {
			base += "/openai/v1"
		}
	} else {
		base += "/openai/v1"
	}
	if strings.Contains(base, "?") && r.sdkDoes(sdkQuery) == "slash" {
		base += "/" // LiteLLM's own, which the SDK adds elsewhere
	}
	return r.joinBare(base, operation(r.Kind))
}

// pathOf is an address's path, "" when it cannot be read.
func pathOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Path
}

// addPath joins an address and a path as LiteLLM does: what the end of the one
// and the beginning of the other share occurs once; the query stays.
func addPath(base, end string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base + end
	}
	have, want := segments(u.Path), segments(end)
	joined := append(append([]string(nil), have...), want...)
	for i := range have {
		if n := len(have) - i; n <= len(want) && equal(have[i:], want[:n]) {
			joined = append(append([]string(nil), have[:i]...), want...)
			break
		}
	}
	u.Path, u.RawPath = "/"+strings.Join(joined, "/"), ""
	return u.String()
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '/' })
}

func equal(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
