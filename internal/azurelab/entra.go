package azurelab

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A Tenant is an Entra directory.
type Tenant struct {
	ID      string
	Name    string
	Domains []string
	Cloud   Cloud
	Apps    []App
	Users   []User
	// ConditionalAccess are its policies for workload identities.
	ConditionalAccess []Policy
	// Enterprises are those of GitHub's whose tokens it takes, nil for any.
	Enterprises   []string
	TokenLifetime time.Duration // of access tokens
	// Refusal is a reason to refuse every application that this lab does not
	// model, nil for none.
	Refusal *Refusal
}

// An App is an application and its service principal in one tenant.
type App struct {
	ClientID     string
	ObjectID     string // of the service principal; "" when there is none
	Name         string
	Disabled     bool
	Secrets      []Secret
	Certificates []*ClientCertificate
	Federated    []Federated
	PublicClient bool // it may sign users in without a credential of its own
}

// A Secret is a client secret.
type Secret struct {
	Value   string
	Expired bool
}

// A Federated credential trusts an issuer's tokens about one subject.
type Federated struct {
	Issuer, Subject, Audience string
	Since                     time.Time // when it takes effect, zero for long ago
}

// A Policy blocks token issuance outside of named locations.
type Policy struct {
	Allowed  []string // addresses of the named locations
	Excluded []string // client ids that the policy does not apply to
}

// A Refusal is an answer of Entra that no fact of the lab leads to.
type Refusal struct {
	Code int    // AADSTS
	Name string // OAuth's error
	Text string
}

// guidShape is how a tenant's id looks.
var guidShape = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// answerEntra is the token authority of a cloud.
func (w *World) answerEntra(c *call, cloud *cloudFacts) *reply {
	if c.URL.Path == "/common/discovery/instance" {
		return w.instanceDiscovery(c)
	}
	if name, ok := strings.CutPrefix(c.URL.Path, "/common/userrealm/"); ok {
		return userRealm(name, cloud)
	}
	segment, rest, ok := strings.Cut(strings.TrimPrefix(c.URL.Path, "/"), "/")
	if !ok {
		return textReply(http.StatusNotFound, "", "")
	}
	switch rest {
	case "v2.0/.well-known/openid-configuration":
		t, refused := w.tenant(c, segment)
		if refused != nil {
			return refused
		}
		return jsonReply(http.StatusOK, openIDConfiguration(c.host, t, cloud))
	case "oauth2/v2.0/token":
		if c.Method != http.MethodPost {
			return w.refuse(c, 900561, "The endpoint only accepts POST requests. Received a %s request.", c.Method) // docs
		}
		t, refused := w.tenant(c, segment)
		if refused != nil {
			return refused
		}
		return w.token(c, t, cloud)
	}
	return textReply(http.StatusNotFound, "", "")
}

// private are zones in which no domain of the internet can be.
var private = []string{"internal", "local", "lan", "corp", "home", "invalid"}

// tenant finds the directory that a path names.
func (w *World) tenant(c *call, segment string) (*Tenant, *reply) {
	if segment == "organizations" || segment == "common" {
		return w.anyTenant(c), nil
	}
	for i := range w.Tenants {
		if t := &w.Tenants[i]; strings.EqualFold(t.ID, segment) || slices.ContainsFunc(t.Domains, func(d string) bool { return strings.EqualFold(d, segment) }) {
			return t, nil
		}
	}
	if top := segment[strings.LastIndexByte(segment, '.')+1:]; !guidShape.MatchString(segment) && (top == segment || slices.Contains(private, strings.ToLower(top))) {
		// Report: a GUID with a digit missing, `{{tenantid}}`. That a domain of
		// a private zone gets this answer and not 90002 is assumed.
		return nil, w.refuse(c, 900023, "Specified tenant identifier '%s' is neither a valid DNS name, nor a valid external domain.", segment)
	}
	// Report: MSAL for Go on a wrong cloud, 2022; unchanged in 2025.
	return nil, w.refuse(c, 90002, "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", segment)
}

// instanceDiscovery tells a client which hosts are the same authority. The
// shape is what MSAL reads.
func (w *World) instanceDiscovery(c *call) *reply {
	endpoint := c.URL.Query().Get("authorization_endpoint")
	u, err := url.Parse(endpoint)
	if err != nil || !slices.ContainsFunc(clouds, func(f cloudFacts) bool { return f.hasAuthority(u.Host) }) {
		return w.refuse(c, 50049, "Unknown or invalid instance.") // docs
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	type metadata struct {
		Network string   `json:"preferred_network"`
		Cache   string   `json:"preferred_cache"`
		Aliases []string `json:"aliases"`
	}
	var all []metadata
	for i := range clouds {
		a := clouds[i].authorities
		all = append(all, metadata{a[0], a[len(a)-1], a})
	}
	return jsonReply(http.StatusOK, map[string]any{
		"tenant_discovery_endpoint": "https://" + u.Host + "/" + segment + "/v2.0/.well-known/openid-configuration",
		"api-version":               "1.1",
		"metadata":                  all,
	})
}

// openIDConfiguration is a tenant's v2.0 metadata. The endpoints stay on the
// host that was asked, even for a tenant of another cloud: that is how a client
// comes to be told AADSTS900382 by the token endpoint.
func openIDConfiguration(host string, t *Tenant, asked *cloudFacts) map[string]any {
	base := "https://" + host + "/" + t.ID
	home := t.Cloud.facts()
	return map[string]any{
		"token_endpoint":                        base + "/oauth2/v2.0/token",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt", "client_secret_basic", "self_signed_tls_client_auth"},
		"jwks_uri":                              base + "/discovery/v2.0/keys",
		"issuer":                                "https://" + asked.issuer + "/" + t.ID + "/v2.0",
		"authorization_endpoint":                base + "/oauth2/v2.0/authorize",
		"device_authorization_endpoint":         base + "/oauth2/v2.0/devicecode",
		"tenant_region_scope":                   home.regionScope,
		"cloud_instance_name":                   home.instance,
	}
}

// token is the token endpoint for the client credentials grant. The order is:
// the request's form, the directory's cloud, the application, its credential,
// the resource, the policies. That an application's credential is checked
// before the resource, and the policies last, is what reports show: AADSTS53003
// comes after a good secret. The place of the rest is assumed.
func (w *World) token(c *call, t *Tenant, cloud *cloudFacts) *reply {
	form, err := url.ParseQuery(string(c.body))
	if err != nil || form.Get("grant_type") == "" {
		return w.refuse(c, 900144, "The request body must contain the following parameter: 'grant_type'.") // docs
	}
	if g := form.Get("grant_type"); g == "password" {
		return w.passwordGrant(c, t, cloud, form)
	} else if g != "client_credentials" {
		return w.refuse(c, 70003, "The app requested an unsupported grant type '%s'.", g) // docs
	}
	c.asked = &Grant{Type: grantType(form), TenantID: t.ID, ClientID: form.Get("client_id"), Scope: form.Get("scope")}
	resource, refused := w.scope(c, form.Get("scope"))
	if refused != nil {
		return refused
	}
	if t.Cloud != cloud.name {
		// Report: terraform and az in US Government, 2021.
		return w.refuse(c, 900382, "Confidential Client is not supported in Cross Cloud request.")
	}
	id := form.Get("client_id")
	app, who := w.application(t, id)
	if app == nil {
		// Docs, and reports of every year.
		return w.refuse(c, 700016, "Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", id, t.Name)
	}
	if app.Disabled {
		return w.refuse(c, 7000112, "Application '%s'(%s) is disabled.", id, app.Name) // report: Worklytics, 2023
	}
	method, refused := w.clientCredential(c, t, app, form)
	if refused != nil {
		return refused
	}
	audience, ok := cloud.audience(resource)
	if !ok {
		// Reports: the resource's own host as scope, a double slash, another cloud's resource.
		return w.refuse(c, 500011, "The resource principal named %s was not found in the tenant named %s. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.", resource, t.Name)
	}
	if t.blocks(app, w.Runner.EgressIP) {
		return w.refuse(c, 53003, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.") // docs
	}
	if r := t.Refusal; r != nil {
		return w.refuseAs(c, r.Code, http.StatusBadRequest, r.Name, r.Text)
	}
	seconds := int(t.TokenLifetime.Seconds())
	return jsonReply(http.StatusOK, map[string]any{
		"token_type":     "Bearer",
		"expires_in":     seconds,
		"ext_expires_in": seconds,
		"access_token":   w.issue(c, w.mintAccessToken(t, who, audience, method, t.TokenLifetime, c.now)),
	})
}

// scope is the resource that the scope parameter names. MSAL adds the scopes of
// OpenID Connect, which an application gets nothing for.
func (w *World) scope(c *call, scopes string) (string, *reply) {
	wanted := slices.DeleteFunc(strings.Fields(scopes), func(s string) bool {
		return s == "openid" || s == "profile" || s == "offline_access" || s == "email"
	})
	if len(wanted) != 1 {
		return "", w.refuse(c, 70011, "The provided value for the input parameter 'scope' is not valid. The scope %s is not valid.", strings.Join(wanted, " ")) // docs
	}
	resource, ok := strings.CutSuffix(wanted[0], "/.default")
	if !ok || resource == "" {
		// Reports: full_access of a GUID, all-apis of Databricks.
		return "", w.refuse(c, 1002012, "The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", wanted[0])
	}
	return resource, nil
}

// audience is the aud claim for a resource, and whether tenants of the cloud
// know it. The claim repeats the resource as it was asked for.
func (c *cloudFacts) audience(resource string) (string, bool) {
	name := strings.TrimSuffix(resource, "/")
	if name == c.cognitive || name == c.foundry || slices.Contains(c.known, name) {
		return resource, true
	}
	return "", false
}

func (t *Tenant) app(clientID string) *App {
	for i := range t.Apps {
		if a := &t.Apps[i]; strings.EqualFold(a.ClientID, clientID) {
			return a
		}
	}
	return nil
}

// application is what Entra knows under a client id: an application, or a
// user-assigned identity, which it treats as one that has federated credentials
// only.
func (w *World) application(t *Tenant, clientID string) (*App, principal) {
	if a := t.app(clientID); a != nil {
		return a, principal{clientID: a.ClientID, objectID: a.ObjectID}
	}
	for i := range w.Managed {
		if m := &w.Managed[i]; m.TenantID == t.ID && !m.SystemAssigned && strings.EqualFold(m.ClientID, clientID) {
			return &App{ClientID: m.ClientID, ObjectID: m.ObjectID, Name: m.name(), Federated: m.Federated}, m.principal()
		}
	}
	return nil, principal{}
}

// blocks reports whether a policy keeps app from getting a token at address.
func (t *Tenant) blocks(app *App, address string) bool {
	return slices.ContainsFunc(t.ConditionalAccess, func(p Policy) bool {
		return !slices.Contains(p.Allowed, address) && !slices.Contains(p.Excluded, app.ClientID)
	})
}

// A principal is who an access token speaks for.
type principal struct {
	clientID, objectID string
	resourceID         string // of a managed identity
}

// mintAccessToken issues a v1.0 access token, the version that the data plane
// gets. method is appidacr: 1 for a secret, 2 for an assertion.
func (w *World) mintAccessToken(t *Tenant, p principal, audience, method string, lifetime time.Duration, now time.Time) string {
	claims := jwt.MapClaims{
		"aud":      audience,
		"iss":      t.Cloud.facts().sts + t.ID + "/",
		"iat":      now.Unix(),
		"nbf":      now.Unix(),
		"exp":      now.Add(lifetime).Unix(),
		"appid":    p.clientID,
		"appidacr": method,
		"idp":      t.Cloud.facts().sts + t.ID + "/",
		"idtyp":    "app",
		"tid":      t.ID,
		"uti":      w.nextID(),
		"ver":      "1.0",
	}
	if p.objectID != "" {
		claims["oid"], claims["sub"] = p.objectID, p.objectID
	}
	if p.resourceID != "" {
		claims["xms_mirid"] = p.resourceID
	}
	return w.mint(sign(entraKey(), claims))
}
