package azurelab

import (
	"net/http"
	"strings"
	"testing"
)

// TestIMDS asks the metadata service in the ways that clients do.
func TestIMDS(t *testing.T) {
	const base = "http://" + imdsAddress
	const token = base + "/metadata/identity/oauth2/token"
	const full = token + "?api-version=2018-02-01&resource=https%3A%2F%2Fcognitiveservices.azure.com"
	for _, c := range []struct {
		name, address string
		bare          bool // without the Metadata header, as azidentity's probe
		status        int
		want          string
	}{
		{"probe", token, true, http.StatusBadRequest, "Required metadata header not specified"},
		{"region", base + "/metadata/instance/compute?api-version=2021-02-01", false, http.StatusOK, `"location":"eastus"`},
		{"path", base + "/metadata/octopus", false, http.StatusNotFound, "Not found"},
		{"version", token, false, http.StatusBadRequest, "newest-versions"},
		{"resource", token + "?api-version=2018-02-01", false, http.StatusBadRequest, "Required audience parameter not specified"},
		{"nobody", full + "&client_id=" + guid("nobody"), false, http.StatusBadRequest, `{"error":"invalid_request","error_description":"Identity not found"}`},
		{"unknown resource", token + "?api-version=2018-02-01&resource=https%3A%2F%2Focto.example", false, http.StatusBadRequest, "AADSTS500011"},
		{"the only one", full, false, http.StatusOK, `"expires_in":"86400"`},
	} {
		w := Healthy()
		useManagedIdentity(w)
		headers := []string{"Metadata", "true"}
		if c.bare {
			headers = nil
		}
		status, body, err := newJob(t, w, inProcess).do(t.Context(), http.MethodGet, c.address, "", headers...)
		if err != nil || status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s: %v %d %s, want %d %s", c.name, err, status, body, c.status, c.want)
		}
	}
}

// TestOtherMetadataServices checks that only Azure's names itself.
func TestOtherMetadataServices(t *testing.T) {
	for kind, azure := range map[IMDSKind]bool{IMDSAzure: true, IMDSFirecracker: false, IMDSDocker: false} {
		w := Healthy()
		w.IMDS.Kind = kind
		resp, err := inProcess(t, w).Get("http://" + imdsAddress + "/metadata/identity/oauth2/token")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if strings.HasPrefix(resp.Header.Get("Server"), "IMDS/") != azure {
			t.Errorf("%s: %v", kind, resp.Header)
		}
	}
}
