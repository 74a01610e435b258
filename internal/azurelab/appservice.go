package azurelab

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strconv"
)

// An AppService is the endpoint from which App Service, Functions and Container
// Apps serve the identities of an app to its processes: on loopback, so that it
// has a door of its own beside the proxy's, and with a secret that only the
// app's processes are told.
// https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
type AppService struct {
	// Header is what a request must have in X-IDENTITY-HEADER.
	Header string

	addr string // of the open door
}

// InContainerApp is the healthy world with the runner in a job of Container
// Apps, which has a user-assigned identity with the role.
func InContainerApp() *World {
	w := Healthy()
	m := useManagedIdentity(w)
	w.Job.set("client-id", m.ClientID)
	w.Job.set("identity", "managed-identity")
	w.IMDS.Kind = IMDSAbsent
	w.AppService = &AppService{Header: random(24)}
	return w
}

// appServiceHost is the host of the door, without its port.
const appServiceHost = "127.0.0.1"

// environ is what the platform tells the app's processes.
func (a *AppService) environ() (map[string]string, error) {
	if a.addr == "" {
		return nil, errors.New("azurelab: the app's identity endpoint is not served")
	}
	return map[string]string{"IDENTITY_ENDPOINT": "http://" + a.addr + "/msi/token", "IDENTITY_HEADER": a.Header}, nil
}

// An appServiceError is an error as the platform writes it.
type appServiceError struct {
	StatusCode    int    `json:"statusCode"`
	Message       string `json:"message"`
	CorrelationID string `json:"correlationId"`
}

func (w *World) answerAppService(c *call) *reply {
	refuse := func(status int, text string) *reply {
		return jsonReply(status, appServiceError{status, text, randomGUID()})
	}
	query := c.URL.Query()
	switch {
	case c.URL.Path != "/msi/token":
		return refuse(http.StatusNotFound, "Not Found") // assumed
	case subtle.ConstantTimeCompare([]byte(c.Header.Get("X-IDENTITY-HEADER")), []byte(w.AppService.Header)) == 0:
		return refuse(http.StatusUnauthorized, "Unauthorized") // assumed
	case query.Get("api-version") != "2019-08-01":
		return refuse(http.StatusBadRequest, "The api-version is not supported.") // assumed
	}
	c.asked = &Grant{Type: GrantManagedIdentity, ClientID: query.Get("client_id"), Scope: query.Get("resource")}
	id, _ := w.chooseIdentity(query.Get("client_id"), query.Get("principal_id"), query.Get("mi_res_id"))
	if id == nil || query.Get("client_id") == "" && !id.SystemAssigned {
		// Nothing is chosen among user-assigned identities here.
		// Report: azure-search-openai-demo issue 2148.
		return refuse(http.StatusBadRequest, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.")
	}
	t := w.tenantByID(id.TenantID)
	audience, ok := t.Cloud.facts().audience(query.Get("resource"))
	if !ok {
		return refuse(http.StatusBadRequest, "AADSTS500011: The resource principal named "+query.Get("resource")+" was not found in the tenant named "+t.Name+".") // assumed
	}
	return jsonReply(http.StatusOK, map[string]string{
		"access_token": w.issue(c, w.mintAccessToken(t, id.principal(), audience, byAssertion, id.TokenLifetime, c.now)),
		"client_id":    id.ClientID,
		"expires_on":   strconv.FormatInt(c.now.Add(id.TokenLifetime).Unix(), 10),
		"resource":     query.Get("resource"),
		"token_type":   "Bearer",
	})
}
