package azurelab

import (
	"net/url"
	"time"
)

// The kinds of [Grant].
const (
	GrantSecret          = "client-secret"
	GrantCertificate     = "client-certificate"
	GrantFederated       = "federated-credential"
	GrantPassword        = "username-password"
	GrantManagedIdentity = "managed-identity"
	GrantStatic          = "static" // handed out by [World.StaticToken]
)

// A Grant is what an access token is asked for with, and so whom it speaks for.
type Grant struct {
	Type     string
	TenantID string // "" from the metadata service, which knows its own
	ClientID string // "" when the metadata service chooses
	User     string // of a password grant
	Scope    string // as it was asked for; the metadata service is asked for a resource
}

// grantType tells the proofs of the client credentials grant apart: an
// assertion that the application issued itself is signed with its certificate.
func grantType(form url.Values) string {
	assertion := form.Get("client_assertion")
	if !form.Has("client_assertion_type") {
		return GrantSecret
	}
	if _, claims, err := peek(assertion); err == nil && text(claims, "iss") == form.Get("client_id") {
		return GrantCertificate
	}
	return GrantFederated
}

// issue remembers what a token was issued for. The caller holds w.mu.
func (w *World) issue(c *call, token string) string {
	w.remember(token, *c.asked)
	return token
}

func (w *World) remember(token string, g Grant) {
	if w.issued == nil {
		w.issued = map[string]Grant{}
	}
	w.issued[shortDigest(token)] = g
}

// StaticToken is an access token of the first application, as somebody who
// signed in elsewhere copied it into a variable: for a resource such as
// https://cognitiveservices.azure.com, valid from age ago for lifetime.
func (w *World) StaticToken(resource string, age, lifetime time.Duration) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &w.Tenants[0]
	p := principal{clientID: t.Apps[0].ClientID, objectID: t.Apps[0].ObjectID}
	token := w.mintAccessToken(t, p, resource, bySecret, lifetime, time.Now().Add(w.Skew-age))
	w.remember(token, Grant{Type: GrantStatic, TenantID: t.ID, ClientID: p.clientID, Scope: resource})
	return token
}

// IDToken is an ID token of the job for an audience, as a step that ran before
// left it in a variable.
func (w *World) IDToken(audience string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.mintIDToken(audience, time.Now().Add(w.Skew))
}
