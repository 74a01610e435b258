package preflight

import "testing"

// TestSubscriptionHeader: a gateway's 401 may name the header that it reads its
// key from, and no other header than one for keys gets it.
func TestSubscriptionHeader(t *testing.T) {
	t.Parallel()
	const realm = `AzureApiManagementKey realm="https://octo.azure-api.net/openai",`
	for _, c := range []struct {
		name, host, header string
		status             int
		taken              bool
		want               string // the header that is used from then on, "" for the usual one
	}{
		{"an imported Azure OpenAI", "octo.azure-api.net", realm + `name="api-key",type="header"`, 401, false, "api-key"},
		{"a company's own", "octo.azure-api.net", realm + `name="X-Octo-Key", type="header"`, 401, false, "X-Octo-Key"},
		{"the usual one, which was sent", "octo.azure-api.net", realm + `name="Ocp-Apim-Subscription-Key",type="header"`, 401, false, ""},
		{"where the model's own key is", "octo.azure-api.net", realm + `name="api-key",type="header"`, 401, true, ""},
		{"the token's header", "octo.azure-api.net", realm + `name="Authorization",type="header"`, 401, false, ""},
		{"a cookie", "octo.azure-api.net", realm + `name="Cookie",type="header"`, 401, false, ""},
		{"a parameter of the query", "octo.azure-api.net", realm + `name="subscription-key",type="query"`, 401, false, ""},
		{"another scheme", "octo.azure-api.net", `Bearer name="api-key",type="header"`, 401, false, ""},
		{"another status", "octo.azure-api.net", realm + `name="api-key",type="header"`, 403, false, ""},
		{"Azure's own host", "octo.openai.azure.com", realm + `name="api-key",type="header"`, 401, false, ""},
	} {
		s := &subscription{taken: c.taken}
		learnt := s.learn(&Exchange{Status: c.status, Host: c.host, Header: map[string]string{"www-authenticate": c.header}})
		if learnt != (c.want != "") || s.names[c.host] != c.want {
			t.Errorf("%s: learnt %v, %q, want %q", c.name, learnt, s.names[c.host], c.want)
		}
	}
	var none *subscription
	if none.learn(&Exchange{Status: 401, Header: map[string]string{"www-authenticate": realm + `name="api-key",type="header"`}}) {
		t.Error("without a key there is nothing to send")
	}
}
