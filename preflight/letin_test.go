package preflight_test

import (
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// nearRefusal is an answer that says what a proof of access says, and comes
// from what stands in front of the service.
type nearRefusal struct {
	name, world, deployment string
	status                  int
	kind, body              string
	want                    string
}

const (
	asJSON, asPage, asText = "application/json", "text/html", "text/plain"
	tooMany                = "<html><head><title>429 Too Many Requests</title></head><body><center>nginx</center></body></html>"
	schema                 = `{"statusCode":400,"message":"Body of the request does not conform to the definition which is associated with the content type application/json. Integer 0 is less than minimum value of 1. Path 'n', line 1, position 30."}`
)

var nearRefusals = []nearRefusal{
	{"a limit, nginx's page", "healthy", "chat", 429, asPage, tooMany, "net-unexpected-answer"},
	{"a limit, a front's text", "healthy", "chat", 429, asText, "error code: 1015", "aoai-rate-limited"},
	{"a limit, API Management's own", "gateway", "chat", 429, asJSON, `{"statusCode":429,"message":"Rate limit is exceeded. Try again in 3 seconds."}`, "aoai-rate-limited"},
	{"a limit, a gateway's page", "gateway", "chat", 429, asPage, tooMany, "net-unexpected-answer"},
	{"a limit, a gateway's silence", "gateway", "chat", 429, asText, "", "aoai-rate-limited"},
	{"a limit that lasts", "gateway", "chat", 429, asText, "exceeded your current quota", "aoai-rate-limited"},
	{"a limit that is a 401", "healthy", "chat", 401, asJSON, `{"error":{"message":"Rate limit is exceeded. Try again in 5 seconds."}}`, "aoai-rate-limited"},
	{"no capacity, a page", "healthy", "chat", 503, asPage, "<title>The system is currently experiencing high demand</title>", "aoai-server-error"},
	{"a parameter, by API Management's schema", "gateway", "images:images", 400, asJSON, schema, "aoai-unknown"},
	{"a parameter, on a host of Azure's", "healthy", "images:images", 400, asJSON, schema, "aoai-unknown"},
	{"a parameter, a page", "healthy", "images:images", 400, asPage, "<title>Invalid value 'n': expected a number</title>", "net-unexpected-answer"},
	{"a parameter, a text", "healthy", "images:images", 400, asText, "parameter 'n' must be positive", "aoai-unknown"},
	{"a parameter without an error", "healthy", "images:images", 400, asJSON, `{"param":"n"}`, "aoai-unknown"},
	{"a parameter of a 401", "healthy", "images:images", 401, asJSON, `{"error":{"param":"n","message":"no"}}`, ""},
	{"a file, a text", "healthy", "whisper:audio", 400, asText, "upload of an audio file blocked", "aoai-unknown"},
	{"a file, a page", "healthy", "whisper:audio", 415, asPage, "<title>audio file not allowed</title>", "net-unexpected-answer"},
	{"a filter, a page", "healthy", "chat", 400, asPage, "<title>blocked by content management policy</title>", "net-unexpected-answer"},
	{"a filter, another JSON", "healthy", "chat", 400, asJSON, `{"code":"content_filter","message":"no"}`, "aoai-unknown"},
	{"a filter of a 401", "healthy", "chat", 401, asJSON, `{"error":{"code":"content_filter","message":"no"}}`, ""},
	{"a filter of a 403", "gateway", "chat", 403, asJSON, `{"statusCode":403,"message":"Request failed content safety check: content_filter_result."}`, ""},
	{"few tokens, a text", "healthy", "chat", 400, asText, "model output limit was reached", "aoai-unknown"},
	{"a cut error", "healthy", "chat", 400, asJSON, `{"error":{"code":"content_filter","message":"The resp`, ""},
}

// TestNearRefusals: what a gateway, a firewall or a proxy says of a request
// that never reached the service is no proof that the service lets anybody in,
// though it says what the service would.
func TestNearRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range nearRefusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, c.world).World()
				raw := fmt.Sprintf("HTTP/1.1 %d No\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", c.status, c.kind, len(c.body), c.body)
				for _, s := range []azurelab.Service{azurelab.ServiceModel, azurelab.ServiceGateway} {
					w.Faults = append(w.Faults, azurelab.Fault{Service: s, Kind: azurelab.FaultRawClosed, Body: raw})
				}
				o := perform(t, w, func(env map[string]string) { env["INPUT_DEPLOYMENT"] = c.deployment })
				if o.exit != 1 || o.outputs["verdict"] != "fail" || c.want != "" && o.outputs["diagnosis"] != c.want {
					t.Errorf("exit code %d, %s, %q, want %q\n%s", o.exit, o.outputs["verdict"], o.outputs["diagnosis"], c.want, shown(o.stdout))
				}
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}

// TestNearRefusalsBefore says the same where the token is asked for: a run that
// has no token has called nobody.
func TestNearRefusalsBefore(t *testing.T) {
	t.Parallel()
	for _, s := range []azurelab.Service{azurelab.ServiceGitHub, azurelab.ServiceEntra} {
		for _, body := range []string{
			`{"error":{"code":"content_filter","message":"model output limit was reached"}}`,
			`{"error":"content_filter","error_description":"The system is currently experiencing high demand. model output limit was reached"}`,
			`{"statusCode":429,"message":"Rate limit is exceeded. Try again in 3 seconds."}`,
		} {
			for _, status := range []int{400, 429, 503} {
				t.Run(fmt.Sprint(s, status, body), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := azurelab.Healthy()
						w.Faults = []azurelab.Fault{{Service: s, Kind: azurelab.FaultRawClosed, Body: fmt.Sprintf("HTTP/1.1 %d No\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)}}
						o := perform(t, w, nil)
						if o.exit != 1 || o.outputs["verdict"] != "fail" {
							t.Errorf("exit code %d, %v\n%s", o.exit, o.outputs, shown(o.stdout))
						}
						checkAgreement(t, o)
					})
				})
			}
		}
	}
}
