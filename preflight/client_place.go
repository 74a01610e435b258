package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// Where in a client's configuration stands what a finding is about: the key at
// fault, through includes and credential references, and not merely the model.

// places are the keys that a call was made of, by what they decide.
type places map[string]Location

// The names of places.
const (
	placeBase       = "base"
	placeVersion    = "version"
	placeCredential = "credential"
	placeScope      = "scope"
	placeTenant     = "tenant_id"
	placeClient     = "client_id"
	placeSecret     = "client_secret"
)

// placesOf are the places of a sending; what no file decides has none.
func placesOf(s *litellm.Sending) places {
	out := places{}
	for name, v := range map[string]litellm.Value{placeBase: s.BaseFrom, placeVersion: s.VersionOf, placeCredential: s.Credential, placeScope: s.ScopeFrom,
		placeTenant: s.Entra["tenant_id"], placeClient: s.Entra["client_id"], placeSecret: s.Entra["client_secret"]} {
		if v.At.File != "" {
			out[name] = Location(v.At)
		}
	}
	return out
}

// placeNames are the places of what a diagnosis is about, by the beginning of
// its id, the longest that fits. What is not here is about the model.
var placeNames = map[string]string{
	"net-":                        placeBase,
	"net-entra-unreachable":       "",
	"apim-":                       placeBase,
	"cfg-endpoint-":               placeBase,
	"aoai-subdomain-unknown":      placeBase,
	"aoai-no-custom-subdomain":    placeBase,
	"aoai-path-not-found":         placeBase,
	"aoai-api-version-":           placeVersion,
	"aoai-v1-api-version":         placeVersion,
	"aoai-key-":                   placeCredential,
	"aoai-token-rejected":         placeCredential,
	"aoai-auth-header-missing":    placeCredential,
	"claims-":                     placeCredential,
	"claims-wrong-audience":       placeScope,
	"claims-wrong-tenant":         placeTenant,
	"claims-unexpected-principal": placeClient,
	"oidc-":                       placeCredential,
	"cfg-tenant-":                 placeTenant,
	"entra-tenant-":               placeTenant,
	"aoai-tenant-mismatch":        placeTenant,
	"cfg-client-id-":              placeClient,
	"entra-app-":                  placeClient,
	"entra-ids-placeholder":       placeClient,
	"entra-assignment-required":   placeClient,
	"entra-cert-":                 placeClient,
	"msi-identity-not-found":      placeClient,
	"entra-secret-":               placeSecret,
	"entra-scope-":                placeScope,
	"entra-resource-":             placeScope,
	"msi-audience-unsupported":    placeScope,
}

// of is where the key at fault stands for a diagnosis, the zero Location where
// no file has it.
func (p places) of(id string) Location {
	name, longest := "", 0
	for prefix, n := range placeNames {
		if strings.HasPrefix(id, prefix) && len(prefix) > longest {
			name, longest = n, len(prefix)
		}
	}
	return p[name]
}

// locate is where a finding about a client's model points: at the key at fault
// if that stands in a file, else at the model.
func (t *Target) locate(id string) *Location {
	if t == nil || t.Client == nil {
		return t.stands()
	}
	if key := t.Client.places.of(id); key.File != "" {
		return &key
	}
	return t.stands()
}

// stands is where a client's configuration has the model, nil where none does.
func (t *Target) stands() *Location {
	if t == nil || t.Location.File == "" {
		return nil
	}
	at := t.Location
	return &at
}

// place moves a finding that stands at a model to the key at fault.
func (f *Finding) place(t *Target) {
	if f.Location == nil || t != nil && *f.Location == t.Location {
		f.Location = t.locate(f.ID)
	}
}
