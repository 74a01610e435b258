package azurelab

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// answerModel is a resource's data plane. Each step is one of the service's
// checks; the first that refuses ends the call. That the network comes before
// the credential, the credential before the path and access before the
// deployment is what reports show: each message of a later step appears only
// with everything before it in order.
func (w *World) answerModel(c *call, s site) *reply {
	r, refused := w.identify(c, s)
	if refused != nil {
		return refused
	}
	id := w.nextID()
	reply := w.ask(c, r, s.resource == nil)
	reply.set("Apim-Request-Id", id)
	reply.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains; preload")
	reply.set("X-Content-Type-Options", "nosniff")
	return reply
}

// identify finds the resource that a request is for. A regional endpoint serves
// all resources of its region and knows them by their keys.
func (w *World) identify(c *call, s site) (*Resource, *reply) {
	if s.resource != nil {
		return s.resource, nil
	}
	key := apiKey(c)
	var neighbour *Resource
	for i := range w.Resources {
		r := &w.Resources[i]
		if r.Region != s.region || r.Cloud != s.cloud {
			continue
		}
		neighbour = r
		if slices.Contains(r.Keys, key) {
			return r, nil
		}
	}
	if key == "" && c.bearer() != "" {
		// Report: azure-sdk-for-net issue 12813 has the text of 2020, the newer
		// one is from LangChain and from Form Recognizer.
		return nil, jsonReply(http.StatusBadRequest, errorCode("BadRequest", "Please provide a custom subdomain for token authentication, otherwise API key is required. (Please see https://aka.ms/cogsvc-authenticatewithtoken)"))
	}
	return neighbour, nil // which will refuse the key
}

// ask runs the checks of a resource in their order.
func (w *World) ask(c *call, r *Resource, regional bool) *reply {
	if refused := r.network(w.Runner.EgressIP, regional); refused != nil {
		return refused
	}
	caller, refused := w.authenticate(c, r)
	if refused != nil {
		return refused
	}
	rt, ok := findRoute(c)
	if !ok || rt.v1 && r.NoV1 || c.Method != http.MethodPost && rt.op != ListModels {
		return resourceNotFound()
	}
	version := c.URL.Query().Get("api-version")
	if refused := r.version(rt, version); refused != nil {
		return refused
	}
	if caller.key == "" && !r.allows(caller.objectID, dataAction[rt.op], c.now) {
		return permissionDenied(caller.objectID, rt)
	}
	if rt.op == ListModels {
		return w.models(r)
	}
	d := r.Deployment(rt.deployment)
	if d == nil || d.Since.After(c.now) {
		return deploymentNotFound(rt)
	}
	if refused := d.supports(rt, version); refused != nil {
		return refused
	}
	if refused := d.throttle(r, rt, version); refused != nil {
		return refused
	}
	return w.infer(c, r, d, rt, version)
}

// network checks where the caller comes from.
func (r *Resource) network(address string, regional bool) *reply {
	switch n := r.Network; {
	case n.PublicAccessDisabled:
		return jsonReply(http.StatusForbidden, errorCode("403", "Public access is disabled. Please configure private endpoint.")) // report
	case n.Firewall && regional:
		// Report: continuedev/continue issue 12547, with the bare shape.
		return jsonReply(http.StatusForbidden, errorCode("403", "A Virtual Network is configured for this resource. Please use the correct endpoint for making requests. Check https://aka.ms/cogsvc-vnet for more details.").Error)
	case n.Firewall && !slices.Contains(n.Allowed, address):
		// Report: azure-sql-db-chatbot issue 3, with the header.
		return jsonReply(http.StatusForbidden, errorCode("403", "Access denied due to Virtual Network/Firewall rules.")).
			set("Policy-Id", "ThrowExceptionDueToTrafficDenied")
	}
	return nil
}

// An authenticated caller is a principal, or the holder of a key.
type authenticated struct {
	principal
	key string
}

// apiKey is the key of a call, in one of the headers that the service reads.
// The v1 route takes a key as bearer too, since OpenAI's own clients send it so.
func apiKey(c *call) string {
	if k := c.Header.Get("Api-Key"); k != "" {
		return k
	}
	return c.Header.Get("Ocp-Apim-Subscription-Key")
}

// authenticate checks the credential.
func (w *World) authenticate(c *call, r *Resource) (authenticated, *reply) {
	if c.caller != nil {
		return authenticated{principal: *c.caller}, nil
	}
	token := c.bearer()
	if token == c.Header.Get("Api-Key") {
		// openai-python up to 2 sends a key in both headers, and works.
		token = ""
	}
	if strings.HasPrefix(c.URL.Path, "/openai/v1/") && slices.Contains(r.Keys, token) {
		return r.checkKey(token)
	}
	if token != "" || apiKey(c) == "" {
		return w.checkToken(c, r, token)
	}
	return r.checkKey(apiKey(c))
}

func (r *Resource) checkKey(key string) (authenticated, *reply) {
	switch {
	case !slices.Contains(r.Keys, key):
		// Reports: code "401" in most, "Unauthorized" in some.
		return authenticated{}, jsonReply(http.StatusUnauthorized, errorCode("401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource."))
	case r.KeyAuthDisabled:
		return authenticated{}, jsonReply(http.StatusForbidden, errorCode("AuthenticationTypeDisabled", "Key based authentication is disabled for this resource.")) // report
	}
	return authenticated{key: key}, nil
}

// checkToken checks an access token: signature, audience and lifetime share one
// message, the tenant has its own.
func (w *World) checkToken(c *call, r *Resource, token string) (authenticated, *reply) {
	claims, err := parse(token, entraKey().Public())
	aud := strings.TrimSuffix(firstAudience(claims), "/")
	exp, expErr := claims.GetExpirationTime()
	nbf, _ := claims.GetNotBefore()
	if err != nil || !slices.Contains(r.audiences(), aud) || expErr != nil || exp == nil || !c.now.Before(exp.Time) ||
		nbf != nil && c.now.Add(5*time.Minute).Before(nbf.Time) {
		return authenticated{}, tokenRejected(r)
	}
	if tid := text(claims, "tid"); tid != r.TenantID {
		// Report: openai-python users with two tenants.
		return authenticated{}, jsonReply(http.StatusBadRequest, errorCode("Tenant provided in token does not match resource token", "Token tenant "+tid+" does not match resource tenant."))
	}
	return authenticated{principal: principal{clientID: text(claims, "appid"), objectID: text(claims, "oid")}}, nil
}

// tokenRejected is the one text for a missing, foreign, expired or misdirected
// token. Reports: OpenAI accounts name one audience, AIServices accounts two,
// with slashes.
func tokenRejected(r *Resource) *reply {
	audiences := r.audiences()
	list := audiences[0]
	if len(audiences) > 1 {
		list = strings.Join(audiences, "/ or ") + "/"
	}
	return jsonReply(http.StatusUnauthorized, statusMessage{http.StatusUnauthorized,
		"Unauthorized. Access token is missing, invalid, audience is incorrect (" + list + "), or have expired."})
}

// version checks the api-version of a route. Both answers to an unknown one are
// in reports.
func (r *Resource) version(rt route, version string) *reply {
	unsupported := jsonReply(http.StatusBadRequest, errorCode("BadRequest", "API version not supported"))
	switch {
	case rt.v1 && !slices.Contains(v1Versions, version):
		if r.Kind == KindAIServices {
			// Report: pydantic-ai against a Foundry resource.
			return jsonReply(http.StatusBadRequest, errorCode("BadRequest", "api-version query parameter is not allowed when using /v1 path"))
		}
		return unsupported
	case !rt.v1 && !published(version):
		if r.RejectsVersions {
			return unsupported
		}
		return resourceNotFound()
	}
	return nil
}

// resourceNotFound is what a wrong path and an unknown api-version share. The
// space after "message" is the service's own.
func resourceNotFound() *reply {
	return textReply(http.StatusNotFound, "application/json", `{"error":{"code":"404","message": "Resource not found"}}`)
}

func permissionDenied(objectID string, rt route) *reply {
	// Report: azure-ai-inference on a deployments route. The text for v1 paths
	// is assumed to follow it.
	return jsonReply(http.StatusUnauthorized, errorCode("PermissionDenied", fmt.Sprintf(
		"The principal `%s` lacks the required data action `Microsoft.CognitiveServices/accounts/%s` to perform `%s` operation.",
		objectID, dataAction[rt.op], rt.pattern)))
}

func deploymentNotFound(rt route) *reply {
	const message = "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."
	if rt.v1 {
		// Report: the newer shape, with type and param.
		return jsonReply(http.StatusNotFound, openAIError{openAIErrorBody{Message: message, Type: "invalid_request_error", Code: ptr("DeploymentNotFound")}})
	}
	return jsonReply(http.StatusNotFound, errorCode("DeploymentNotFound", message))
}

// supports checks what the deployment's model can do.
func (d *Deployment) supports(rt route, version string) *reply {
	switch {
	case d.can(rt.op):
		if !rt.v1 && d.MinAPIVersion != "" && version < d.MinAPIVersion {
			// Report: the service really sends the placeholder.
			return jsonReply(http.StatusBadRequest, errorCode("BadRequest", "Model {modelName} is enabled only for api versions "+d.MinAPIVersion+" and later"))
		}
		return nil
	case d.responsesOnly() && rt.v1 && rt.op == Chat:
		// Report: a codex model on the v1 route.
		return jsonReply(http.StatusNotFound, openAIError{openAIErrorBody{
			Message: "This model is only supported in v1/responses and not in v1/chat/completions.", Type: "invalid_request_error", Param: ptr("model")}})
	}
	if rt.op == Embeddings && d.can(Chat) && d.can(Responses) {
		// Reports: openai-python issue 2337 (o3-mini), LightRAG issue 229 (gpt-4).
		return invalid("", "", "Unsupported data type")
	}
	// Reports: text-embedding-3-large, gpt-35-turbo, gpt-5.3-codex.
	return jsonReply(http.StatusBadRequest, errorCode("OperationNotSupported", fmt.Sprintf(
		"The %s operation does not work with the specified model, %s. Please choose different model and try again. You can learn more about which models can be used with each operation here: https://go.microsoft.com/fwlink/?linkid=2197993.",
		serviceName[rt.op], d.Model)))
}
