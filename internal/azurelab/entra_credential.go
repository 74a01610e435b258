package azurelab

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertionSkew is how far Entra lets the clocks be apart.
const assertionSkew = 5 * time.Minute

// The values of an access token's appidacr claim.
const (
	bySecret    = "1"
	byAssertion = "2"
)

// clientCredential checks the application's proof and says how it was given.
func (w *World) clientCredential(c *call, t *Tenant, app *App, form url.Values) (method string, refused *reply) {
	if assertion := form.Get("client_assertion"); assertion != "" {
		return byAssertion, w.clientAssertion(c, t, app, assertion)
	}
	if secret := form.Get("client_secret"); secret != "" {
		return bySecret, w.clientSecret(c, app, secret)
	}
	// Report: Azure Pipelines, 2025.
	return "", w.refuse(c, 7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")
}

func (w *World) clientSecret(c *call, app *App, secret string) *reply {
	for _, s := range app.Secrets {
		if subtle.ConstantTimeCompare([]byte(s.Value), []byte(secret)) != 1 {
			continue
		}
		if s.Expired {
			// Reports of every year since 2021.
			return w.refuse(c, 7000222, "The provided client secret keys for app '%s' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.", app.ClientID)
		}
		return nil
	}
	// Docs, and reports of 2022 and 2023.
	return w.refuse(c, 7000215, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", app.ClientID)
}

// clientAssertion checks a signed assertion: the application's own, by its
// certificate, or that of an issuer that a federated credential names.
func (w *World) clientAssertion(c *call, t *Tenant, app *App, assertion string) *reply {
	token, claims, err := peek(assertion)
	if err != nil {
		return w.refuse(c, 50027, "JWT token is invalid or malformed.") // report: azure/login without its ID token
	}
	if text(claims, "iss") == app.ClientID {
		return w.certificateAssertion(c, t, app, token)
	}
	return w.federatedAssertion(c, app, assertion, claims)
}

// certificateAssertion checks an assertion that the application signed itself.
func (w *World) certificateAssertion(c *call, t *Tenant, app *App, token *jwt.Token) *reply {
	claims, _ := token.Claims.(jwt.MapClaims)
	used := thumbprint(token.Header)
	i := slices.IndexFunc(app.Certificates, func(cert *ClientCertificate) bool {
		one, two := sha1.Sum(cert.Certificate.Raw), sha256.Sum256(cert.Certificate.Raw)
		return bytes.Equal(used, one[:]) || bytes.Equal(used, two[:])
	})
	if i < 0 {
		// Report: the newer of two wordings.
		return w.refuse(c, 700027, "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '%s', Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '%s'.]",
			strings.ToUpper(hex.EncodeToString(used)), app.ClientID)
	}
	if _, err := parse(token.Raw, app.Certificates[i].Certificate.PublicKey); err != nil {
		return w.refuse(c, 700027, "Client assertion contains an invalid signature. [Reason - The key was found, but use of the key to verify the signature failed.]") // docs
	}
	if refused := w.assertionLifetime(c, claims); refused != nil {
		return refused
	}
	aud := text(claims, "aud")
	if !strings.HasPrefix(aud, "https://"+c.host+"/"+t.ID) {
		return w.refuse(c, 700023, "Client assertion audience claim does not match Realm issuer.") // docs
	}
	return nil
}

// thumbprint is the digest by which an assertion names its certificate: SHA-1 in
// x5t or SHA-256 in x5t#S256. MSAL for Go writes standard base64 with padding
// where RFC 7515 wants the URL alphabet without; Entra takes both.
func thumbprint(header map[string]any) []byte {
	for _, name := range []string{"x5t#S256", "x5t"} {
		if s, ok := header[name].(string); ok {
			s = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(s, "="))
			sum, _ := base64.RawURLEncoding.DecodeString(s)
			return sum
		}
	}
	return nil
}

// federatedAssertion checks a token of another issuer. The order of issuer,
// audience and subject is assumed; each has its own code since 2023, when
// AADSTS70021 was split.
func (w *World) federatedAssertion(c *call, app *App, assertion string, claims jwt.MapClaims) *reply {
	issuer, subject := text(claims, "iss"), text(claims, "sub")
	audience := firstAudience(claims)
	live := slices.DeleteFunc(slices.Clone(app.Federated), func(f Federated) bool { return f.Since.After(c.now) })
	if t := w.tenantOf(app); t != nil && t.Enterprises != nil && issuer == w.GitHub.issuer() && !slices.Contains(t.Enterprises, text(claims, "enterprise")) {
		// Reports: triton issue 10680, radius pull request 12577.
		return w.refuse(c, 7002381, "Federated identity credentials issued by '%s/' for applications or managed identities registered in this tenant must contain the enterprise claim with value '%s' but actual value is '%s'.",
			issuer, strings.Join(t.Enterprises, "' or '"), text(claims, "enterprise"))
	}
	switch {
	case len(live) == 0:
		// Reports of azure/login; also for some minutes after the first
		// credential was created.
		return w.refuse(c, 70025, "The client '%s'(%s) has no configured federated identity credentials.", app.ClientID, app.Name)
	case issuer == w.GitHub.issuer() && w.GitHub.IssuerPrivate:
		return w.refuse(c, 501661, "Request to External OIDC endpoint failed.") // report: GHES behind a firewall
	case !w.signedBy(issuer, assertion):
		return w.refuse(c, 700027, "Client assertion contains an invalid signature. [Reason - The key was not found.]")
	}
	if refused := w.assertionLifetime(c, claims); refused != nil {
		return refused
	}
	const check = "Please check your federated identity credential Subject, Audience and Issuer against the presented assertion."
	const see = " https://learn.microsoft.com/entra/workload-id/workload-identity-federation"

	live = slices.DeleteFunc(live, func(f Federated) bool { return f.Issuer != issuer })
	if len(live) == 0 {
		// Report: azure-workload-identity issue 1200.
		return w.refuse(c, 700211, "No matching federated identity record found for presented assertion issuer '%s'. "+check+see, issuer)
	}
	live = slices.DeleteFunc(live, func(f Federated) bool { return f.Audience != audience })
	if len(live) == 0 {
		return w.refuse(c, 700212, "No matching federated identity record found for presented assertion audience '%s'. "+check+see, audience) // report
	}
	if slices.ContainsFunc(live, func(f Federated) bool { return f.Subject == subject }) {
		return nil
	}
	if slices.ContainsFunc(live, func(f Federated) bool { return strings.EqualFold(f.Subject, subject) }) {
		// Docs: breaking change of August 2024.
		return w.refuse(c, 7002138, "No matching federated identity record found for presented assertion subject '%s'. The subject matches with case-insensitive comparison, but not with case-sensitive comparison. "+check+see, subject)
	}
	return w.refuse(c, 700213, "No matching federated identity record found for presented assertion subject '%s'. "+check+see, subject) // reports of azure/login
}

// tenantOf is the directory that an application is registered in.
func (w *World) tenantOf(app *App) *Tenant {
	for i := range w.Tenants {
		if t := &w.Tenants[i]; slices.ContainsFunc(t.Apps, func(a App) bool { return a.ClientID == app.ClientID }) {
			return t
		}
	}
	return nil
}

// signedBy reports whether the issuer's key signed the assertion. Entra fetches
// the keys from the issuer's address; the lab has them.
func (w *World) signedBy(issuer, assertion string) bool {
	var err error
	switch {
	case issuer == w.GitHub.issuer():
		_, err = parse(assertion, githubKey().Public())
	case w.Cluster != nil && issuer == w.Cluster.Issuer:
		_, err = parse(assertion, clusterKey().Public())
	default:
		return false
	}
	return err == nil
}

func (w *World) assertionLifetime(c *call, claims jwt.MapClaims) *reply {
	nbf, err1 := claims.GetNotBefore()
	exp, err2 := claims.GetExpirationTime()
	if err1 == nil && err2 == nil && exp != nil && !c.now.After(exp.Add(assertionSkew)) && (nbf == nil || !c.now.Before(nbf.Add(-assertionSkew))) {
		return nil
	}
	const layout = "2006-01-02T15:04:05.0000000Z"
	at := func(d *jwt.NumericDate) string {
		if d == nil {
			return ""
		}
		return d.UTC().Format(layout)
	}
	// Reports: kata-containers 11758, azure/login 180.
	return w.refuse(c, 700024, "Client assertion is not within its valid time range. Current time: %s, assertion valid from %s, expiry time of assertion %s. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials .",
		c.now.UTC().Format(layout), at(nbf), at(exp))
}

func firstAudience(claims jwt.MapClaims) string {
	aud, err := claims.GetAudience()
	if err != nil || len(aud) == 0 {
		return ""
	}
	return aud[0]
}
