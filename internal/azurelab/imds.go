package azurelab

import (
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// IMDS is what answers at the metadata address.
type IMDS struct {
	Kind   IMDSKind
	Region string
}

// An IMDSKind is what answers at 169.254.169.254.
type IMDSKind string

// What can answer there.
const (
	IMDSAbsent      IMDSKind = ""               // nothing: not an Azure machine
	IMDSAzure       IMDSKind = "azure"          // the real one; GitHub-hosted runners have it too
	IMDSFirecracker IMDSKind = "firecracker"    // MMDS of a micro VM
	IMDSDocker      IMDSKind = "docker-desktop" // Docker Desktop's proxy
)

// imdsServer is how Azure's names itself.
const imdsServer = "IMDS/150.870.65.1854"

// A ManagedIdentity is an identity that Azure machines can have.
type ManagedIdentity struct {
	// ClientID differs from world to world: MSAL keeps the tokens of managed
	// identities in a cache of the process, by this id, and a test must not get
	// the token of another test's world.
	ClientID       string
	ObjectID       string
	ResourceID     string
	TenantID       string
	SystemAssigned bool
	Attached       bool // to the runner
	TokenLifetime  time.Duration
	// Federated credentials make the identity an application to Entra, for
	// those who have no machine to attach it to.
	Federated []Federated
}

// name is the last segment of the resource id.
func (m *ManagedIdentity) name() string { return path.Base(m.ResourceID) }

// principal is who the identity's tokens speak for.
func (m *ManagedIdentity) principal() principal {
	return principal{clientID: m.ClientID, objectID: m.ObjectID, resourceID: m.ResourceID}
}

// answerIMDS is the metadata service.
func (w *World) answerIMDS(c *call) *reply {
	switch w.IMDS.Kind {
	case IMDSFirecracker:
		// Report: azure-sdk-for-go on a Firecracker runner.
		return textReply(http.StatusUnauthorized, "text/plain", "No MMDS token provided. Use `X-metadata-token` header to specify the session token.")
	case IMDSDocker:
		// Report: azure-sdk-for-go issue 21417.
		return textReply(http.StatusForbidden, "text/plain", "connecting to 169.254.169.254:80: connecting to 169.254.169.254:80: dial tcp 169.254.169.254:80: connectex: A socket operation was attempted to an unreachable network.")
	}
	r := w.answerAzureIMDS(c)
	return r.set("Server", imdsServer)
}

// imdsError is the JSON of a refusal.
type imdsError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// answerAzureIMDS follows the order of Microsoft's page on the service.
// https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service
func (w *World) answerAzureIMDS(c *call) *reply {
	refuse := func(text string) *reply {
		return jsonReply(http.StatusBadRequest, imdsError{"invalid_request", text})
	}
	query := c.URL.Query()
	switch {
	case !strings.EqualFold(c.Header.Get("Metadata"), "true"):
		return refuse("Required metadata header not specified") // docs; what azidentity's probe gets
	case c.URL.Path == "/metadata/instance/compute":
		return jsonReply(http.StatusOK, map[string]string{"location": w.IMDS.Region, "azEnvironment": "AzurePublicCloud"})
	case c.URL.Path != "/metadata/identity/oauth2/token":
		return jsonReply(http.StatusNotFound, map[string]string{"error": "Not found"})
	case query.Get("api-version") == "":
		return jsonReply(http.StatusBadRequest, map[string]any{"error": "Bad request. api-version is invalid or was not specified in the request.", "newest-versions": []string{"2021-02-01", "2019-08-01"}})
	case query.Get("resource") == "":
		return refuse("Required audience parameter not specified") // docs
	}
	c.asked = &Grant{Type: GrantManagedIdentity, ClientID: query.Get("client_id"), Scope: query.Get("resource")}
	id, refusal := w.chooseIdentity(query.Get("client_id"), query.Get("object_id"), query.Get("msi_res_id"))
	if id == nil {
		return refuse(refusal)
	}
	t := w.tenantByID(id.TenantID)
	audience, ok := t.Cloud.facts().audience(query.Get("resource"))
	if !ok {
		return jsonReply(http.StatusBadRequest, imdsError{"invalid_resource", "AADSTS500011: The resource principal named " + query.Get("resource") + " was not found in the tenant named " + t.Name + "."})
	}
	seconds := strconv.Itoa(int(id.TokenLifetime.Seconds()))
	// IMDS writes its numbers as strings.
	return jsonReply(http.StatusOK, map[string]string{
		"access_token":   w.issue(c, w.mintAccessToken(t, id.principal(), audience, byAssertion, id.TokenLifetime, c.now)),
		"client_id":      id.ClientID,
		"expires_in":     seconds,
		"expires_on":     strconv.FormatInt(c.now.Add(id.TokenLifetime).Unix(), 10),
		"ext_expires_in": seconds,
		"not_before":     strconv.FormatInt(c.now.Unix(), 10),
		"resource":       query.Get("resource"),
		"token_type":     "Bearer",
	})
}

// chooseIdentity finds the identity that a request means among those of the
// machine.
func (w *World) chooseIdentity(clientID, objectID, resourceID string) (*ManagedIdentity, string) {
	var attached, users []*ManagedIdentity
	for i := range w.Managed {
		m := &w.Managed[i]
		if !m.Attached {
			continue
		}
		attached = append(attached, m)
		if !m.SystemAssigned {
			users = append(users, m)
		}
		if clientID != "" && strings.EqualFold(m.ClientID, clientID) || objectID != "" && strings.EqualFold(m.ObjectID, objectID) ||
			resourceID != "" && strings.EqualFold(m.ResourceID, resourceID) {
			return m, ""
		}
		if clientID+objectID+resourceID == "" && m.SystemAssigned {
			return m, ""
		}
	}
	switch {
	case clientID+objectID+resourceID != "" || len(attached) == 0:
		return nil, "Identity not found" // reports: azure-sdk-for-python, azure-sdk-for-net
	case len(users) == 1:
		return users[0], ""
	}
	return nil, "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request" // report
}

func (w *World) tenantByID(id string) *Tenant {
	for i := range w.Tenants {
		if w.Tenants[i].ID == id {
			return &w.Tenants[i]
		}
	}
	panic("azurelab: a managed identity of no tenant")
}
