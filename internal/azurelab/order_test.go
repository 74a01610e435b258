package azurelab

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A step breaks one fact, and knows what the service says while it is the
// first that is broken.
type step struct {
	broken string
	mend   func(*World)
	want   string
}

// walk mends one fact after the other and checks that the services complain in
// the order of the steps.
func walk(t *testing.T, w *World, steps []step) {
	t.Helper()
	for _, s := range steps {
		got := newJob(t, w, inProcess).check(t.Context())
		if !strings.Contains(got, s.want) {
			t.Fatalf("with %s: told %q, want %q", s.broken, got, s.want)
		}
		s.mend(w)
	}
	if got := newJob(t, w, inProcess).check(t.Context()); got != "" {
		t.Fatalf("with everything mended: told %q", got)
	}
}

// TestModelOrder breaks everything about the data plane at once. The test's
// client tries a 429 again, which only costs virtual time.
func TestModelOrder(t *testing.T) { synctest.Test(t, modelOrder) }

func modelOrder(t *testing.T) {
	w := Healthy()
	r := &w.Resources[0]
	d := r.Deployment("chat")
	w.Job.set("endpoint", "https://octo-typo.openai.azure.com")
	w.Job.set("scope", "https://management.azure.com/.default")
	w.Job.set("api-version", "2024-05-13")
	w.Job.set("deployment", "typo")
	r.Network = Network{PublicAccessDisabled: true, Firewall: true, Allowed: []string{officeIP}}
	r.TenantID = otherTenantID
	r.Roles = nil
	d.Operations = []Operation{Embeddings}
	d.MinAPIVersion = "2025-01-01-preview"
	d.RateLimit = &RateLimit{RetryAfter: time.Hour}
	d.Refusal = &ModelRefusal{Status: http.StatusTeapot, Code: "Teapot", Message: "short and stout"}

	walk(t, w, []step{
		{"an unknown host", func(w *World) { w.Job.set("endpoint", endpoint) }, "no such host"},
		{"no public access", func(*World) { r.Network.PublicAccessDisabled = false }, "Public access is disabled"},
		{"a firewall", func(*World) { r.Network.Firewall = false }, "Virtual Network/Firewall rules"},
		{"a foreign audience", func(w *World) { w.Job.set("scope", "") }, "audience is incorrect"},
		{"another tenant", func(*World) { r.TenantID = tenantID }, "does not match resource tenant"},
		{"an unknown api-version", func(w *World) { w.Job.set("api-version", "2024-10-21") }, "Resource not found"},
		{"no role", func(*World) { r.Roles = []RoleAssignment{{PrincipalID: objectID, RoleID: OpenAIUser}} }, "PermissionDenied"},
		{"an unknown deployment", func(w *World) { w.Job.set("deployment", "chat") }, "DeploymentNotFound"},
		{"another operation", func(*World) { d.Operations = []Operation{Chat} }, "OperationNotSupported"},
		{"an old api-version", func(*World) { d.MinAPIVersion = "" }, "is enabled only for api versions"},
		{"a used up quota", func(*World) { d.RateLimit = nil }, "have exceeded the token rate limit"},
		{"a refusal", func(*World) { d.Refusal = nil }, "Teapot"},
	})
}

// TestParameters asks for what models refuse, in their service's words.
func TestParameters(t *testing.T) {
	const chat, images = "/openai/v1/chat/completions", "/openai/v1/images/generations"
	const messages = `"messages":[{"role":"user","content":"Hi"}]`
	for _, c := range []struct{ path, body, want string }{
		{chat, `{"model":"chat",` + messages + `,"octagon":8}`, `"message":"Unrecognized request argument supplied: octagon","type":"invalid_request_error","param":null,"code":null`},
		{chat, `{"model":"chat"}`, `"param":"messages","code":"missing_required_parameter"`},
		{chat, `{"model":"chat",` + messages + `,"max_tokens":0}`, `"code":"integer_below_min_value"`},
		{chat, `{"model":"reasoning",` + messages + `,"max_tokens":16}`, `Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"`},
		{chat, `{"model":"reasoning",` + messages + `,"temperature":0}`, `"message":"Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."`},
		{chat, `{"model":"reasoning",` + messages + `,"max_completion_tokens":16}`, `"finish_reason":"length"`},
		{chat, `{"model":"reasoning",` + messages + `}`, `"finish_reason":"stop"`},
		{"/openai/deployments/chat/chat/completions?api-version=2024-06-01", `{` + messages + `,"max_completion_tokens":16}`, `Unrecognized request argument supplied: max_completion_tokens`},
		{"/openai/v1/responses", `{"model":"chat","input":"Hi","max_output_tokens":1}`, `Expected a value >= 16, but got 1 instead.`},
		{"/openai/v1/responses", `{"model":"codex","input":"Hi","max_output_tokens":16}`, `"status":"incomplete"`},
		{"/openai/responses?api-version=2025-03-01-preview", `{"model":"chat","input":"Hi"}`, `"status":"completed"`},
		{images, `{"model":"images","prompt":"Hi","n":0}`, `"param":"n","code":"integer_below_min_value"`},
		{images, `{"model":"images","prompt":"Hi","size":"1x1"}`, `"param":"size","code":"invalid_value"`},
		{images, `{"model":"no-images","prompt":"Hi","n":0}`, "DeploymentNotFound"},
		{"/openai/v1/audio/speech", `{"model":"speech","input":"Hi","voice":"none"}`, `"param":"voice","code":"invalid_value"`},
		{"/openai/v1/audio/transcriptions", `{"model":"whisper"}`, `"param":"file"`},
		{"/openai/v1/embeddings", `{"model":"chat","input":"Hi"}`, `"message":"Unsupported data type"`},
		{"/openai/openai/v1/chat/completions", `{}`, "Resource not found"},
		{"//openai/v1/chat/completions", `{}`, "Resource not found"},
		{"/openai/deployments/chat/v1/chat/completions?api-version=2024-10-21", `{}`, "Resource not found"},
		{"/openai/deployments/chat/chat/completions", `{}`, "Resource not found"},
	} {
		w := Healthy()
		j := newJob(t, w, inProcess)
		_, got, err := j.do(t.Context(), http.MethodPost, endpoint+c.path, c.body, "Api-Key", w.Resources[0].Keys[0], "Content-Type", "application/json")
		if err != nil || !strings.Contains(got, c.want) {
			t.Errorf("POST %s %s: %v %q, want %q", c.path, c.body, err, got, c.want)
		}
		for _, r := range w.Requests() {
			if r.Paid {
				t.Errorf("POST %s %s cost something", c.path, c.body)
			}
		}
	}
}

// TestPaid checks that a call which makes something is marked.
func TestPaid(t *testing.T) {
	for path, body := range map[string]string{
		"/openai/v1/images/generations": `{"model":"images","prompt":"Hi"}`,
		"/openai/v1/audio/speech":       `{"model":"speech","input":"Hi","voice":"alloy"}`,
	} {
		w := Healthy()
		j := newJob(t, w, inProcess)
		status, body, err := j.do(t.Context(), http.MethodPost, endpoint+path, body, "Api-Key", w.Resources[0].Keys[0])
		if err != nil || status != http.StatusOK {
			t.Fatalf("%s: %v %d %s", path, err, status, body)
		}
		if log := w.Requests(); !log[len(log)-1].Paid {
			t.Errorf("%s is not marked as paid", path)
		}
	}
}

// TestEntraOrder breaks everything about the token at once.
func TestEntraOrder(t *testing.T) {
	w := Healthy()
	tenant := &w.Tenants[0]
	app := &tenant.Apps[0]
	f := &app.Federated[0]
	right := *f
	w.Job.set("tenant-id", "octo")
	w.Job.set("client-id", guid("nobody"))
	w.Job.set("scope", endpoint+"/default")
	tenant.Cloud = USGov
	app.Disabled = true
	w.GitHub.IssuerPrivate = true
	w.GitHub.Skew = time.Hour
	*f = Federated{Issuer: right.Issuer + "/", Audience: "api://octo", Subject: strings.ToUpper(right.Subject) + "x"}
	tenant.ConditionalAccess = []Policy{{Allowed: []string{officeIP}}}
	tenant.Refusal = &Refusal{Code: 1, Name: "odd", Text: "Odd."}

	walk(t, w, []step{
		{"a malformed tenant", func(w *World) { w.Job.set("tenant-id", guid("no tenant")) }, "AADSTS900023"},
		{"an unknown tenant", func(w *World) { w.Job.set("tenant-id", tenantID) }, "AADSTS90002:"},
		{"a scope without default", func(w *World) { w.Job.set("scope", endpoint+"/.default") }, "AADSTS1002012"},
		{"another cloud", func(*World) { tenant.Cloud = Public }, "AADSTS900382"},
		{"an unknown application", func(w *World) { w.Job.set("client-id", clientID) }, "AADSTS700016"},
		{"a disabled application", func(*World) { app.Disabled = false }, "AADSTS7000112"},
		{"an unreachable issuer", func(w *World) { w.GitHub.IssuerPrivate = false }, "AADSTS501661"},
		{"a wrong clock", func(w *World) { w.GitHub.Skew = 0 }, "AADSTS700024"},
		{"another issuer", func(*World) { f.Issuer = right.Issuer }, "AADSTS700211"},
		{"another audience", func(*World) { f.Audience = right.Audience }, "AADSTS700212"},
		{"another subject", func(*World) { f.Subject = strings.ToUpper(right.Subject) }, "AADSTS700213"},
		{"another case", func(*World) { f.Subject = right.Subject }, "AADSTS7002138"},
		{"an unknown resource", func(w *World) { w.Job.set("scope", "") }, "AADSTS500011"},
		{"a policy", func(*World) { tenant.ConditionalAccess = nil }, "AADSTS53003"},
		{"a refusal", func(*World) { tenant.Refusal = nil }, "AADSTS1:"},
	})
}
