package azurelab

import (
	"fmt"
	"net/http"
)

// aadError is the JSON of a refusal.
type aadError struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri"`
}

// aadKinds are OAuth's error and the status for the codes that the lab knows.
// Observed where a public report shows the body (90002, 500011, 700211, 700212,
// 900023, 900382, 7000112, 7000215, 7000216), else as Entra answers codes of the
// same family.
var aadKinds = map[int]struct {
	name   string
	status int
}{
	50034:   {"invalid_grant", http.StatusBadRequest},
	50076:   {"interaction_required", http.StatusBadRequest},
	50126:   {"invalid_grant", http.StatusBadRequest},
	7000218: {"invalid_client", http.StatusUnauthorized},
	50027:   {"invalid_client", http.StatusUnauthorized},
	50049:   {"invalid_instance", http.StatusBadRequest},
	53003:   {"invalid_grant", http.StatusBadRequest},
	70003:   {"unsupported_grant_type", http.StatusBadRequest},
	70011:   {"invalid_scope", http.StatusBadRequest},
	70025:   {"invalid_client", http.StatusUnauthorized},
	90002:   {"invalid_tenant", http.StatusBadRequest},
	500011:  {"invalid_resource", http.StatusBadRequest},
	501661:  {"invalid_request", http.StatusBadRequest},
	700016:  {"unauthorized_client", http.StatusBadRequest},
	700023:  {"invalid_client", http.StatusUnauthorized},
	700024:  {"invalid_client", http.StatusUnauthorized},
	700027:  {"invalid_client", http.StatusUnauthorized},
	700211:  {"invalid_client", http.StatusUnauthorized},
	700212:  {"invalid_client", http.StatusUnauthorized},
	700213:  {"invalid_client", http.StatusUnauthorized},
	900023:  {"invalid_request", http.StatusBadRequest},
	900144:  {"invalid_request", http.StatusBadRequest},
	900382:  {"invalid_request", http.StatusBadRequest},
	900561:  {"invalid_request", http.StatusBadRequest},
	1002012: {"invalid_scope", http.StatusBadRequest},
	7000112: {"unauthorized_client", http.StatusBadRequest},
	7000215: {"invalid_client", http.StatusUnauthorized},
	7000216: {"invalid_client", http.StatusUnauthorized},
	7000222: {"invalid_client", http.StatusUnauthorized},
	7002381: {"invalid_client", http.StatusUnauthorized},
	7002138: {"invalid_client", http.StatusUnauthorized},
}

// refuse answers with a code that the lab knows.
func (w *World) refuse(c *call, code int, format string, args ...any) *reply {
	k := aadKinds[code]
	return w.refuseAs(c, code, k.status, k.name, fmt.Sprintf(format, args...))
}

// refuseAs answers as Entra does: the description is the text and, on lines of
// their own, what support asks for.
func (w *World) refuseAs(c *call, code, status int, name, text string) *reply {
	e := aadError{
		Error:         name,
		Codes:         []int{code},
		Timestamp:     c.now.UTC().Format("2006-01-02 15:04:05Z"),
		TraceID:       w.nextID(),
		CorrelationID: c.Header.Get("Client-Request-Id"),
		URI:           fmt.Sprintf("https://%s/error?code=%d", c.host, code),
	}
	if e.CorrelationID == "" {
		e.CorrelationID = w.nextID()
	}
	e.Description = fmt.Sprintf("AADSTS%d: %s\r\nTrace ID: %s\r\nCorrelation ID: %s\r\nTimestamp: %s", code, text, e.TraceID, e.CorrelationID, e.Timestamp)
	return jsonReply(status, e)
}

// entraHeaders are those of every answer of Entra.
func (w *World) entraHeaders(r *reply) {
	r.set("Cache-Control", "no-store, no-cache")
	r.set("Pragma", "no-cache")
	r.set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	r.set("X-Content-Type-Options", "nosniff")
	r.set("X-Ms-Request-Id", w.nextID())
	r.set("X-Ms-Ests-Server", "2.1.22345.6 - EUS ProdSlices")
}
