package azurelab

import (
	"net/http"
	"slices"
	"strings"
)

// A Gateway is an API Management instance in front of a resource.
type Gateway struct {
	Host string
	// KeyHeader is the header that the API was set up to read the subscription
	// key from, "" for Ocp-Apim-Subscription-Key.
	KeyHeader string
	Keys      []string // none: the API needs no subscription
	API       string   // path below which the API is published, "" for the root
	Backend   string   // name of the resource
	// Rewrite replaces a path's prefix on the way to the backend.
	RewriteFrom, RewriteTo string
	// Audience is what the policy validate-jwt wants of a token, "" for no such
	// policy.
	Audience string
	// Identity is the principal that the gateway calls the backend with, ""
	// when it passes the client's credential on.
	Identity string
	// Spent says that the quota of the policy is used up, and for how long, in
	// the policy's own notation: days.hours:minutes:seconds.
	Spent string
}

const subscriptionKeyHeader = "Ocp-Apim-Subscription-Key"

func (g *Gateway) keyHeader() string {
	if g.KeyHeader != "" {
		return g.KeyHeader
	}
	return subscriptionKeyHeader
}

// subscriptionKey is the gateway key of a call, under API Management's own
// header or as the query parameter that it takes as well.
func (c *call) subscriptionKey() string {
	if k := c.Header.Get(subscriptionKeyHeader); k != "" {
		return k
	}
	return c.URL.Query().Get("subscription-key")
}

// answerGateway is API Management: its own key first, then the API's path, then
// the backend.
// https://learn.microsoft.com/azure/api-management/api-management-subscriptions
func (w *World) answerGateway(c *call, g *Gateway) *reply {
	path, published := strings.CutPrefix(c.URL.Path, g.API)
	if !published || path != "" && !strings.HasPrefix(path, "/") {
		return jsonReply(http.StatusNotFound, statusMessage{http.StatusNotFound, "Resource not found"}) // docs
	}
	if len(g.Keys) > 0 {
		// A header that was renamed is read under the new name only. Report:
		// static-web-apps issue 1483.
		key := c.Header.Get(g.keyHeader())
		if key == "" {
			key = c.URL.Query().Get("subscription-key")
		}
		if refused := g.checkKey(key); refused != nil {
			return refused.set("Www-Authenticate", `AzureApiManagementKey realm="https://`+g.Host+g.API+`",name="`+g.keyHeader()+`",type="header"`)
		}
	}
	if g.Audience != "" {
		// Report: MicrosoftDocs/azure-docs issue 64918. The text is that of the
		// documentation's samples.
		claims, err := parse(c.bearer(), entraKey().Public())
		if err != nil || firstAudience(claims) != g.Audience {
			return jsonReply(http.StatusUnauthorized, statusMessage{http.StatusUnauthorized, "Unauthorized. Access token is missing or invalid."})
		}
	}
	if g.Spent != "" {
		// The status: docs of the policy quota. The text: MicrosoftDocs/azure-docs
		// issue 16282.
		return jsonReply(http.StatusForbidden, statusMessage{http.StatusForbidden, "Out of call volume quota. Quota will be replenished in " + g.Spent + "."})
	}
	backend := w.resource(g.Backend)
	if backend == nil {
		return jsonReply(http.StatusInternalServerError, statusMessage{http.StatusInternalServerError, "Internal server error"}) // docs
	}
	return w.answerModel(w.forward(c, g, path, backend), site{service: ServiceModel, resource: backend, cloud: backend.Cloud})
}

// checkKey refuses a missing or wrong subscription key. Reports and docs.
func (g *Gateway) checkKey(key string) *reply {
	switch {
	case key == "":
		return jsonReply(http.StatusUnauthorized, statusMessage{http.StatusUnauthorized, "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."})
	case !slices.Contains(g.Keys, key):
		return jsonReply(http.StatusUnauthorized, statusMessage{http.StatusUnauthorized, "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription."})
	}
	return nil
}

// forward is the call that the gateway makes to its backend.
func (w *World) forward(c *call, g *Gateway, path string, backend *Resource) *call {
	if rest, ok := strings.CutPrefix(path, g.RewriteFrom); ok && g.RewriteFrom != "" {
		path = g.RewriteTo + rest
	}
	r := c.Clone(c.Context())
	r.URL.Path = path
	r.Header.Del(g.keyHeader())
	r.Header.Del(subscriptionKeyHeader)
	out := &call{Request: r, host: canonicalHost(backend.Endpoint()[len("https://"):]), body: c.body, now: c.now}
	if g.Identity != "" {
		r.Header.Del("Authorization")
		r.Header.Del("Api-Key")
		out.caller = &principal{objectID: g.Identity}
	}
	return out
}

// resource finds a resource by its name, or by one of its hosts.
func (w *World) resource(name string) *Resource {
	for i := range w.Resources {
		if r := &w.Resources[i]; strings.EqualFold(r.Name, name) || r.hasHost(canonicalHost(name)) {
			return r
		}
	}
	return nil
}
