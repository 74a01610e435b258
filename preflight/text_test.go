package preflight

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func primary(t testing.TB, input string) string {
	t.Helper()
	fs, err := DiagnoseInput(strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	if len(fs) == 0 {
		return ""
	}
	return fs[0].ID
}

func (c textCase) String() string {
	if c.name == "" {
		return c.id
	}
	return strings.TrimPrefix(c.id+"/"+c.name, "/")
}

func TestDiagnoseText(t *testing.T) {
	t.Parallel()
	for _, c := range textCases {
		if got := primary(t, c.text); got != c.id {
			t.Errorf("%s: got %q for\n%s", c, got, c.text)
		}
	}
}

// manglings are what terminals, runners, loggers, forums and people do to a
// text before it is pasted. None of them may change the finding.
var manglings = []struct {
	name   string
	mangle func(string) string
}{
	{"runner log", eachLine(func(i int, l string) string { return fmt.Sprintf("2026-11-20T08:15:%02d.1234567Z %s", i%60, l) })},
	{"gh run view", eachLine(func(i int, l string) string { return "evals\tRun suite\t2026-11-20T08:15:42.1234567Z " + l })},
	{"docker log", eachLine(func(i int, l string) string { return "2026-11-20 08:15:42,123 " + l })},
	{"red", eachLine(func(i int, l string) string { return "\x1b[31;1m" + l + "\x1b[0m" })},
	{"colour in the middle", func(s string) string { return strings.ReplaceAll(s, "e", "\x1b[1me\x1b[0m") }},
	{"CRLF", func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
	{"terraform's frame", eachLine(func(i int, l string) string { return "│ " + l })},
	{"quotation", eachLine(func(i int, l string) string { return "> " + l })},
	{"wrapped at 60", wrap(60)},
	{"wrapped at 97", wrap(97)},
	{"wrapped at 80", wrap(80)},
	{"wrapped at 120", wrap(120)},
	{"masked", func(s string) string {
		for _, secret := range []string{caseTenant, caseClient, caseObject, "octo-evals", "octo-org"} {
			s = strings.ReplaceAll(s, secret, "***")
		}
		return s
	}},
	{"numbers made links", func(s string) string {
		return regexp.MustCompile(`AADSTS(\d)(\d\d)(\d*)`).ReplaceAllString(s, "AADSTS$1[$2](https://github.com/octo-org/evals/actions/runs/1/job/2#step:3:4)$3")
	}},
	{"in a Markdown fence", func(s string) string { return "We see this since Monday:\n\n```\n" + s + "\n```\n\nAny idea?" }},
	{"in bold", func(s string) string { return "**" + s + "**" }},
	{"indented", eachLine(func(_ int, l string) string { return "        " + l })},
	{"wrapped and stamped", func(s string) string {
		return eachLine(func(i int, l string) string { return "2026-11-20T08:15:42.1234567Z " + l })(wrap(77)(s))
	}},
	{"one line of JSON", func(s string) string {
		b, _ := json.Marshal(map[string]string{"level": "error", "msg": s})
		return string(b)
	}},
	{"JSON in JSON", func(s string) string {
		b, _ := json.Marshal(map[string]string{"detail": s})
		b, _ = json.Marshal(map[string]string{"message": string(b)})
		return string(b)
	}},
	{"Python's repr", func(s string) string { return "Exception: " + strings.ReplaceAll(fmt.Sprintf("%q", s), `\"`, `"`) }},
	{"behind a test's output", func(s string) string {
		return strings.Repeat("tests/test_answers.py::test_case PASSED\n", 40) + s + "\n" + strings.Repeat("tests/test_more.py::test_case ERROR\n", 40)
	}},
	{"captured", func(s string) string { b, _ := json.Marshal(map[string]string{"error_text": s}); return string(b) }},
}

func eachLine(f func(int, string) string) func(string) string {
	return func(s string) string {
		lines := strings.Split(s, "\n")
		for i, l := range lines {
			lines[i] = f(i, l)
		}
		return strings.Join(lines, "\n")
	}
}

func wrap(width int) func(string) string {
	return eachLine(func(_ int, l string) string {
		var b strings.Builder
		for len(l) > width {
			b.WriteString(l[:width] + "\n")
			l = l[width:]
		}
		return b.String() + l
	})
}

func TestDiagnoseMangledText(t *testing.T) {
	t.Parallel()
	for _, m := range manglings {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for _, c := range textCases {
				if c.id == "" || c.id == idUnknown {
					continue
				}
				text := m.mangle(c.text)
				if got := primary(t, text); got != c.id {
					t.Errorf("%s: got %q for\n%s", c, got, text)
				}
			}
		})
	}
}

// TestWholeLogs: which of several errors leads, and what is no error.
func TestWholeLogs(t *testing.T) {
	t.Parallel()
	rateLimited := pythonError("RateLimitError", 429, modelBody("429", "Requests have exceeded call rate limit. Please retry after 7 seconds."))
	denied := pythonError("AuthenticationError", 401, modelBody("PermissionDenied", deniedMessage))
	gone := pythonError("NotFoundError", 404, modelBody("DeploymentNotFound", "The API deployment for this resource does not exist."))
	noise := strings.Repeat("scored another answer of the evaluation set\n", 300)
	for _, test := range []struct {
		name string
		log  string
		want []string
	}{
		{"the first error leads", noise + denied + "\n" + noise + gone + "\n" + noise, []string{"aoai-rbac-missing-data-action", "aoai-deployment-not-found"}},
		{"next to each other", gone + "\n" + denied, []string{"aoai-deployment-not-found", "aoai-rbac-missing-data-action"}},
		{"what only hampers comes last", rateLimited + "\n" + noise + gone, []string{"aoai-deployment-not-found", "aoai-rate-limited"}},
		{"an unknown code comes behind a known cause", entraText(9002313, "Invalid request. Request is malformed or invalid.") + "\n" + noise + denied, []string{"aoai-rbac-missing-data-action", "entra-unknown"}},
		{"so does what passed at Entra", entraText(90033, "A transient error has occurred.") + "\n" + noise + denied, []string{"aoai-rbac-missing-data-action", "entra-server-error"}},
		{"the same again and again", strings.Repeat(denied+"\n"+noise, 20), []string{"aoai-rbac-missing-data-action"}},
		{"a consequence", "Error: Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable\n" + noise + "Error: AADSTS50027: JWT token is invalid or malformed.", []string{"oidc-permission-missing", "entra-unknown"}},
		{"a retry that helped is not the error", "openai._base_client Retrying request to /chat/completions after Connection reset by peer\n" + noise + gone, []string{"aoai-deployment-not-found"}},
		{"a retry is all there is", "openai._base_client Retrying request to /chat/completions after Connection reset by peer", []string{"net-unreachable"}},
		{"somebody else's connection", noise + "E: Failed to fetch http://archive.example/ubuntu: Connection refused\n" + noise + gone, []string{"aoai-deployment-not-found"}},
		{"somebody else's 404", noise + "ERROR: HTTP error 404 while getting https://files.example/x.whl: Resource not found\n" + noise, []string{"unknown"}},
		{"the request stands above", noise + "POST https://octo-evals.openai.azure.com/openai/v1/chat/completions?api-version=2024-10-21\n< HTTP/1.1 400 Bad Request\n" + modelBody("BadRequest", "API version not supported"), []string{"aoai-v1-api-version"}},
		{"a step's own script", "2026-11-20T08:15:42.1234567Z \x1b[36;1m# if this says Please run 'az login', AADSTS700016 or DeploymentNotFound\x1b[0m\n" + noise, nil},
		{"a traceback", "Traceback (most recent call last):\n  File \"suite.py\", line 3, in <module>\n    raise NotFoundError(\"nothing\")\n" + gone + "\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"x.py\", line 9\nlitellm.exceptions.NotFoundError: litellm.NotFoundError: AzureException NotFoundError - The API deployment for this resource does not exist.", []string{"aoai-deployment-not-found"}},
		{"empty", "", nil},
	} {
		fs, err := DiagnoseInput(strings.NewReader(test.log))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range fs {
			got = append(got, f.ID)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

// TestTextEvidence: what is read out of a text besides the words.
func TestTextEvidence(t *testing.T) {
	t.Parallel()
	curl := `* Connected to octo-evals.openai.azure.com
> POST /openai/deployments/evals-mini/chat/completions?api-version=2024-10-21 HTTP/2
> Host: octo-evals.openai.azure.com
> content-type: application/json
>
< HTTP/2 401
< apim-request-id: 5f1c2d3e-0003-4a4b-9c9d-000000000003
< x-ms-region: Sweden Central
< content-type: application/json
<
{"statusCode":401,"message":"` + rejectedMessage + `"}`
	evidence, err := ReadText(strings.NewReader(curl))
	if err != nil || len(evidence) == 0 {
		t.Fatal(evidence, err)
	}
	x := evidence[0].Exchanges[0]
	want := Exchange{Service: ServiceModel, Method: "POST", Host: caseHost, Path: "/openai/deployments/evals-mini/chat/completions", APIVersion: "2024-10-21",
		Sent: CredentialNone, Status: 401, Message: rejectedMessage,
		Header: map[string]string{"apim-request-id": "5f1c2d3e-0003-4a4b-9c9d-000000000003", "x-ms-region": "Sweden Central", "content-type": "application/json"}}
	if !reflect.DeepEqual(x, want) {
		t.Errorf("curl: got %+v, want %+v", x, want)
	}
	if got := primary(t, curl); got != "aoai-auth-header-missing" {
		t.Errorf("curl without a credential: got %q", got)
	}
	if got := primary(t, strings.Replace(curl, "> content-type", "> Authorization: Bearer eyJhbGciOi.eyJhdWQiOiJ4In0.c2ln\n> content-type", 1)); got != "aoai-token-rejected" {
		t.Errorf("curl with a token: got %q", got)
	}

	net := `Azure.RequestFailedException: The API deployment for this resource does not exist.
Status: 404 (Not Found)
ErrorCode: DeploymentNotFound

Content:
{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}

Headers:
apim-request-id: 5f1c2d3e-0004-4a4b-9c9d-000000000004
x-ms-region: REDACTED
Date: Fri, 20 Nov 2026 08:15:42 GMT`
	evidence, err = ReadText(strings.NewReader(net))
	if err != nil || len(evidence) == 0 {
		t.Fatal(evidence, err)
	}
	x = evidence[0].Exchanges[0]
	if x.Status != 404 || x.Code != "DeploymentNotFound" || x.Header["apim-request-id"] == "" || !x.ServerDate().Equal(caseNow) {
		t.Errorf(".NET: got %+v", x)
	}

	old := entraText(70021, "No matching federated identity record found for presented assertion. Assertion Issuer: '"+caseIssuer+"'. Assertion Subject: 'repo:octo-org/eva\nls:environment:nightly runs'. Assertion Audience: 'api://AzureADTokenExchange'.")
	evidence, err = ReadText(strings.NewReader(old))
	if err != nil || len(evidence) == 0 {
		t.Fatal(evidence, err)
	}
	if a := evidence[0].Assertion; a == nil || a.Issuer != caseIssuer || a.Subject != "repo:octo-org/evals:environment:nightly runs" || !a.HasAudience("api://AzureADTokenExchange") {
		t.Errorf("assertion: got %+v", a)
	}
}

func TestReadCapture(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, capture, want string
	}{
		{"body as text", `{"http_status":404,"body":"{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"no\"}}"}`, "aoai-deployment-not-found"},
		{"body as an object", `{"http_status":"404","body":{"error":{"code":"DeploymentNotFound","message":"no"}}}`, "aoai-deployment-not-found"},
		{"headers as lists", `{"http_status":429,"headers":{"Retry-After":["86400"]},"body":"{\"error\":{\"code\":\"429\"}}","endpoint":"https://octo-evals.openai.azure.com"}`, "aoai-quota-too-small"},
		{"only a header", `{"http_status":403,"headers":{"Policy-Id":"ThrowExceptionDueToTrafficDenied"},"endpoint":"octo-evals.openai.azure.com"}`, "net-firewall-denied"},
		{"the version apart", `{"http_status":404,"body":"{\"error\":{\"code\":\"404\",\"message\":\"Resource not found\"}}","api_version":"2024-08-06"}`, "aoai-api-version-invalid"},
		{"a masked endpoint", `{"http_status":400,"body":"{\"error\":{\"message\":\"API version not supported\"}}","endpoint":"https://***.openai.azure.com/openai/v1/","api_version":"2025-01-01-preview"}`, "aoai-v1-api-version"},
		{"IMDS by its header", `{"http_status":400,"headers":{"Server":"IMDS/150.870.65.1015"},"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}`, "msi-identity-not-found"},
		{"Entra by its codes", `{"body":{"error":"invalid_client","error_codes":[7000222]}}`, "entra-secret-expired"},
		{"nothing but a status of the model", `{"http_status":418,"endpoint":"https://octo-evals.openai.azure.com"}`, "aoai-unknown"},
		{"nothing but a status", `{"http_status":418}`, "unknown"},
		{"the connection, with LiteLLM's status", `{"http_status":500,"error_text":"litellm.InternalServerError: AzureException InternalServerError - Connection error."}`, "net-unreachable"},
		{"a success", `{"http_status":200,"error_text":"","endpoint":"https://octo-evals.openai.azure.com"}`, ""},
		{"no failure", `{"error_text":"INFO:azure.identity:EnvironmentCredential is not configured"}`, ""},
		{"no capture", `{"error":{"code":"DeploymentNotFound","message":"no"}}`, "aoai-deployment-not-found"},
		{"a list of captures", `[{"http_status":404}]`, idUnknown},
		{"a list of something else", `[{"status":404}]`, ""},
	} {
		if got := primary(t, test.capture); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
	if e, ok := ReadCapture([]byte(`{"http_status":401,"endpoint":"https://octo-evals.openai.azure.com/openai/deployments/evals-mini/chat/completions?api-version=2024-10-21"}`)); !ok ||
		e.Target == nil || e.Target.Deployment != "evals-mini" || e.Target.APIVersion != "2024-10-21" || e.Exchanges[0].Service != ServiceModel {
		t.Errorf("the endpoint is read as %+v", e)
	}
	if _, ok := ReadCapture([]byte(`{"level":"error"}`)); ok {
		t.Error("any JSON is taken for a capture")
	}
}

// TestTokensAreScrubbed: a pasted token does not come out again.
func TestTokensAreScrubbed(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3gifQ.c2lnbmF0dXJlLW9mLXRoaXM"
	for _, input := range []string{
		"401 " + rejectedMessage + " Authorization: Bearer " + token,
		`{"http_status":401,"error_text":"sent ` + token + `","body":"{\"error\":{\"message\":\"bad token ` + token + `\"}}","headers":{"www-authenticate":"` + token + `"}}`,
		"Error: the token " + token + " is odd",
	} {
		fs, err := DiagnoseInput(strings.NewReader(input))
		if err != nil || len(fs) == 0 {
			t.Fatal(fs, err)
		}
		out, err := json.Marshal(fs)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(out), "c2lnbmF0dXJl") {
			t.Errorf("the token comes out again: %s", out)
		}
	}
}

// TestThroughLiteLLM: what LiteLLM was given and what it sent may be two things,
// and nobody else is told so.
func TestThroughLiteLLM(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ message, id, candidate, says string }{
		{"Access denied due to invalid subscription key or wrong API endpoint.", "aoai-key-invalid", "litellm-key-shadows-token", "unset AZURE_API_KEY"},
		{"Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.", "aoai-token-rejected", "litellm-static-token", "go before a token provider"},
	} {
		for prefix, want := range map[string]bool{"litellm.AuthenticationError: AzureException AuthenticationError - ": true, "openai.AuthenticationError: Error code: 401 - ": false} {
			fs, err := DiagnoseInput(strings.NewReader(prefix + c.message))
			if err != nil || len(fs) == 0 || fs[0].ID != c.id {
				t.Fatalf("%s: got %v, %v", prefix, fs, err)
			}
			if slices.Contains(fs[0].Candidates, c.candidate) != want || strings.Contains(fs[0].Remedy.Text, c.says) != want {
				t.Errorf("%s%s: candidates %q, fix %q", prefix, c.message, fs[0].Candidates, fs[0].Remedy.Text)
			}
		}
	}
}
