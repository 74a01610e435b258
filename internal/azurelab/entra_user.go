package azurelab

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// A User is a person's account in a directory.
type User struct {
	Name     string // user principal name
	Password string
	ObjectID string
	MFA      bool // a second factor is asked for, which a program does not have
}

func (t *Tenant) user(name string) *User {
	for i := range t.Users {
		if u := &t.Users[i]; strings.EqualFold(u.Name, name) {
			return u
		}
	}
	return nil
}

// anyTenant is the directory behind "organizations" and "common": that of the
// user who signs in, the first one when nobody does yet.
func (w *World) anyTenant(c *call) *Tenant {
	form, _ := url.ParseQuery(string(c.body))
	_, domain, _ := strings.Cut(form.Get("username"), "@")
	for i := range w.Tenants {
		for _, d := range w.Tenants[i].Domains {
			if strings.EqualFold(d, domain) {
				return &w.Tenants[i]
			}
		}
	}
	return &w.Tenants[0]
}

// userRealm says where a user's password is checked. The shape is what MSAL
// reads.
func userRealm(name string, cloud *cloudFacts) *reply {
	_, domain, _ := strings.Cut(name, "@")
	return jsonReply(http.StatusOK, map[string]string{
		"ver": "1.0", "account_type": "Managed", "domain_name": domain,
		"cloud_instance_name": cloud.instance, "cloud_audience_urn": "urn:federation:MicrosoftOnline",
	})
}

// passwordGrant signs a user in by name and password. That the account and its
// password come before the application's kind, and the second factor last, is
// assumed.
func (w *World) passwordGrant(c *call, t *Tenant, cloud *cloudFacts, form url.Values) *reply {
	id, name := form.Get("client_id"), form.Get("username")
	c.asked = &Grant{Type: GrantPassword, TenantID: t.ID, ClientID: id, User: name, Scope: resourceScope(form.Get("scope"))}
	resource, refused := w.scope(c, form.Get("scope"))
	if refused != nil {
		return refused
	}
	app, _ := w.application(t, id)
	u := t.user(name)
	switch {
	case app == nil:
		return w.refuse(c, 700016, "Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", id, t.Name)
	case u == nil:
		return w.refuse(c, 50034, "The user account {EUII Hidden} does not exist in the %s directory. To sign into this application, the account must be added to the directory.", t.ID) // docs
	case u.Password != form.Get("password"):
		return w.refuse(c, 50126, "Error validating credentials due to invalid username or password.") // docs
	case !app.PublicClient && form.Get("client_secret") == "":
		return w.refuse(c, 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.") // docs
	case u.MFA:
		return w.refuse(c, 50076, "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '%s'.", resource) // docs
	}
	audience, ok := cloud.audience(resource)
	if !ok {
		return w.refuse(c, 500011, "The resource principal named %s was not found in the tenant named %s.", resource, t.Name)
	}
	seconds := int(t.TokenLifetime.Seconds())
	who := principal{clientID: id, objectID: u.ObjectID}
	info, _ := json.Marshal(map[string]string{"uid": u.ObjectID, "utid": t.ID}) // strings always encode
	return jsonReply(http.StatusOK, map[string]any{
		"token_type":   "Bearer",
		"scope":        form.Get("scope"),
		"expires_in":   seconds,
		"access_token": w.issue(c, w.mintAccessToken(t, who, audience, "0", t.TokenLifetime, c.now)),
		"client_info":  base64.RawURLEncoding.EncodeToString(info),
		"id_token": w.mint(sign(entraKey(), jwt.MapClaims{
			"aud": id, "iss": "https://" + cloud.issuer + "/" + t.ID + "/v2.0", "tid": t.ID, "oid": u.ObjectID, "sub": u.ObjectID,
			"preferred_username": u.Name, "ver": "2.0",
			"iat": c.now.Unix(), "nbf": c.now.Unix(), "exp": c.now.Add(t.TokenLifetime).Unix(),
		})),
	})
}

// resourceScope is the scope without those of OpenID Connect, which MSAL adds.
func resourceScope(scopes string) string {
	for s := range strings.FieldsSeq(scopes) {
		if strings.Contains(s, "/") {
			return s
		}
	}
	return ""
}
