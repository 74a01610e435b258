package preflight

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// decodeClaims reads the claims of a token without verifying anything: they
// explain, they never grant. It is done by hand because a parser of JSON Web
// Tokens refuses what it cannot verify, and a token that is odd is exactly
// what has to be explained. A token that is opaque gives nil.
func decodeClaims(token string) *Claims {
	parts := strings.Split(token, ".")
	if len(parts) < 2 {
		return nil
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return nil
	}
	var raw map[string]json.RawMessage
	if json.Unmarshal(payload, &raw) != nil {
		return nil
	}
	text := func(names ...string) string {
		for _, n := range names {
			var s string
			if json.Unmarshal(raw[n], &s) == nil && s != "" {
				return inert.Clip(inert.Line(s), 500)
			}
			var num json.Number
			if json.Unmarshal(raw[n], &num) == nil && num != "" {
				return num.String()
			}
		}
		return ""
	}
	at := func(name string) time.Time {
		var f float64
		if json.Unmarshal(raw[name], &f) != nil || f <= 0 || f > 1e11 {
			return time.Time{}
		}
		return time.Unix(int64(f), 0).UTC()
	}
	c := &Claims{
		Issuer: text("iss"), Subject: text("sub"),
		ExpiresAt: at("exp"), NotBefore: at("nbf"), IssuedAt: at("iat"),
		TenantID: text("tid"), ObjectID: text("oid"), AppID: text("appid", "azp"), Kind: text("idtyp"),
		ManagedIdentity: text("xms_mirid"), User: text("upn", "preferred_username"), Scopes: text("scp"),
		Repository: text("repository"), RepositoryID: text("repository_id"),
		RepositoryOwner: text("repository_owner"), RepositoryOwnerID: text("repository_owner_id"),
		Environment: text("environment"), EventName: text("event_name"), Ref: text("ref"), JobWorkflowRef: text("job_workflow_ref"),
	}
	var one string
	var many []string
	switch {
	case json.Unmarshal(raw["aud"], &one) == nil && one != "":
		c.Audience = []string{inert.Clip(inert.Line(one), 500)}
	case json.Unmarshal(raw["aud"], &many) == nil:
		for _, a := range many[:min(len(many), 10)] {
			c.Audience = append(c.Audience, inert.Clip(inert.Line(a), 500))
		}
	}
	return c
}
