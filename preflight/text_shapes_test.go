package preflight

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"html"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// TestTextInEntities: a text that was copied from a page's source, once and
// twice escaped.
func TestTextInEntities(t *testing.T) {
	t.Parallel()
	for _, c := range textCases {
		if c.id == "" || c.id == idUnknown {
			continue
		}
		for _, text := range []string{html.EscapeString(c.text), html.EscapeString(html.EscapeString(c.text))} {
			if got := primary(t, text); got != c.id {
				t.Errorf("%s: got %q for\n%s", c, got, text)
			}
		}
	}
}

// utf16Text is a text as PowerShell writes it to a file.
func utf16Text(s string, order binary.AppendByteOrder) []byte {
	out := order.AppendUint16(nil, 0xfeff)
	for _, c := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, c)
	}
	return out
}

func TestTextInUTF16(t *testing.T) {
	t.Parallel()
	noise := strings.Repeat("scored an answer \U0001f600 of the set\r\n", 1000)
	denied := pythonError("AuthenticationError", 401, modelBody("PermissionDenied", deniedMessage))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, text := range []string{noise + denied + "\r\n" + noise, `{"error_text":` + fmt.Sprintf("%q", denied) + `}`} {
			fs, err := DiagnoseInput(iotest.HalfReader(bytes.NewReader(utf16Text(text, order))))
			if err != nil || len(fs) != 1 || fs[0].ID != "aoai-rbac-missing-data-action" {
				t.Errorf("%v: got %v, %v", order, fs, err)
			}
			fs, err = DiagnoseInput(bytes.NewReader(utf16Text(text, order)[2:]))
			if err != nil || len(fs) != 1 || fs[0].ID != "aoai-rbac-missing-data-action" {
				t.Errorf("%v without a mark: got %v, %v", order, fs, err)
			}
		}
	}
	if fs, err := DiagnoseInput(strings.NewReader("\x00\x00\x00" + denied)); err != nil || len(fs) != 1 {
		t.Errorf("bytes of zero before UTF-8: got %v, %v", fs, err)
	}
	// A pair may be broken, a half stand alone, and the last byte be missing.
	whole := utf16Text("a\U0001f600b", binary.LittleEndian)
	for _, c := range []struct {
		in   []byte
		want string
	}{
		{append(bytes.Clone(whole), 'x'), "a\U0001f600b"},
		{append(bytes.Clone(whole[:6]), 'c', 0, 'd', 0), "a\ufffdcd"},
		{append(bytes.Clone(whole[:6]), whole[4:]...), "a\ufffd\U0001f600b"},
		{append(bytes.Clone(whole[:4]), whole[6:]...), "a\ufffdb"},
	} {
		var out bytes.Buffer
		if _, err := out.ReadFrom(&utf16Reader{in: bytes.NewReader(c.in), order: binary.LittleEndian}); err != nil || out.String() != c.want {
			t.Errorf("%x: got %q, %v, want %q", c.in, out.String(), err, c.want)
		}
	}
}

// TestWholeLogInAString: a log that was put into one string opens with what an
// identity library tells of its chain, and ends with the error.
func TestWholeLogInAString(t *testing.T) {
	t.Parallel()
	log := "2026-11-20 08:15:40,101 - azure.identity._credentials.environment - INFO - No environment configuration found.\n" +
		"2026-11-20 08:15:40,102 - azure.identity._credentials.chained - INFO - DefaultAzureCredential acquired a token from AzureCliCredential\n" +
		strings.Repeat("INFO:httpx:HTTP Request: POST https://octo-evals.openai.azure.com/openai/v1/chat/completions\n", 200) +
		pythonError("AuthenticationError", 401, modelBody("PermissionDenied", deniedMessage)) + "\n" + strings.Repeat("INFO:octo:closing\n", 600)
	asJSON, _ := json.Marshal(map[string]string{"log": log})
	nested, _ := json.Marshal(map[string]string{"message": string(asJSON)})
	for name, text := range map[string]string{
		"JSON": string(asJSON), "JSON in JSON": string(nested),
		"repr": "'" + strings.ReplaceAll(strings.ReplaceAll(log, "'", `\'`), "\n", `\n`) + "'",
	} {
		if got := primary(t, text); got != "aoai-rbac-missing-data-action" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestTextOfNoError: what only speaks of an error, and what is somebody else's.
func TestTextOfNoError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"tests/test_errors.py::test_AADSTS700016_is_reported PASSED",
		"tests/test_errors.py::test_AADSTS700016_is_reported PASSED                 [ 12%]\n3 passed in 0.4s",
		"PASSED tests/test_errors.py::test_AADSTS700016_is_reported",
		"# Docs: if you see AADSTS700213 see https://aka.ms/x\ncheck done, 0 errors",
		"Connection refused: redis://localhost:6379",
		"redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
		`psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known`,
		"POST https://octo-evals.openai.azure.com/openai/v1/responses 200\n" + `psycopg2.OperationalError: could not translate host name "db" to address: Name or service not known`,
		"ERROR Connection refused localhost:6379",
		`{"http_status":401`,
		`{"http_status": 401, "error_text": "x`,
	} {
		if got := primary(t, text); got != "" && got != idUnknown {
			t.Errorf("got %q for\n%s", got, text)
		}
	}
	for _, text := range []string{
		"openai.APIConnectionError: Connection error. while asking http://localhost:4000",
		"tests/test_errors.py::test_login FAILED: AADSTS700016: Application with identifier was not found",
	} {
		if got := primary(t, text); got == "" || got == idUnknown {
			t.Errorf("got %q for\n%s", got, text)
		}
	}
	if got := primary(t, `{"http_status":401`); got != idUnknown {
		t.Errorf("a capture that is cut: got %q", got)
	}
	if got := primary(t, `{"http_status":200`); got != "" {
		t.Errorf("a success that is cut: got %q", got)
	}
}

// TestMalformedEndpointInCapture: what the client makes of a malformed address
// is its consequence; what a service answered is not.
func TestMalformedEndpointInCapture(t *testing.T) {
	t.Parallel()
	const malformed = "cfg-endpoint-malformed"
	texts := []string{"openai.APIConnectionError: Connection error.", "httpx.ConnectError: [SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1000)", "httpx.ConnectError: [Errno -2] Name or service not known"}
	for _, endpoint := range []string{
		"https://https//octo-evals.openai.azure.com", "http://octo-evals.openai.azure.com", "octo-evals.openai.azure.com", "${{ secrets.E }}",
		"https://octo-evals.openai.azure.com/openai/deployments/m/chat/completions?api-version=2024-10-21", "https://ai.azure.com/build/overview",
		"https://octo-evals .openai.azure.com", `"https://octo-evals.openai.azure.com"`, "https://<resource>.openai.azure.com",
	} {
		for _, text := range texts {
			capture, _ := json.Marshal(map[string]string{"error_text": text, "endpoint": endpoint})
			if got := primary(t, string(capture)); got != malformed {
				t.Errorf("got %q for %s", got, capture)
			}
		}
	}
	for _, capture := range []string{
		`{"error_text":"openai.APIConnectionError: Connection error.","endpoint":"https://octo-evals.openai.azure.com/"}`,
		`{"error_text":"openai.APIConnectionError: Connection error.","endpoint":"https://***.openai.azure.com"}`,
		`{"http_status":500,"error_text":"litellm.InternalServerError: AzureException - Connection error.","endpoint":"https://<resource>.openai.azure.com"}`,
		`{"http_status":401,"error_text":"Connection error.","endpoint":"http://octo-evals.openai.azure.com"}`,
		`{"error_text":"openai.NotFoundError: Error code: 404 - {'error': {'code': 'DeploymentNotFound', 'message': 'no'}}","endpoint":"octo-evals.openai.azure.com"}`,
	} {
		if got := primary(t, capture); got == malformed || got == "" {
			t.Errorf("got %q for %s", got, capture)
		}
	}
	fs, _ := DiagnoseInput(strings.NewReader(`{"error_text":"Connection error. openai","endpoint":"https://octo-evals.openai.azure.com/openai?api-key=0123456789abcdef0123456789abcdef"}`))
	if out, _ := json.Marshal(fs); strings.Contains(string(out), "0123456789abcdef") {
		t.Errorf("the key in the endpoint comes out again: %s", out)
	}
}

// TestCaptureShapes: the same said in other shapes.
func TestCaptureShapes(t *testing.T) {
	t.Parallel()
	const gateway = "apim-subscription-key-missing"
	for _, test := range []struct{ input, want string }{
		{`{"body":{"error":"invalid_client","error_codes":["7000215"]}}`, "entra-secret-invalid"},
		{`{"error":"invalid_client","error_codes":["7000222"]}`, "entra-secret-expired"},
		{`{"http_status":200,"body":{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired."}}`, "entra-secret-expired"},
		{`{"http_status":200,"body":{"choices":[{"message":{"content":"AADSTS7000222 means that the secret is expired"}}]}}`, ""},
		{`{"http_status":403,"headers":[["Date","x"],["policy-id","ThrowExceptionDueToTrafficDenied"]],"endpoint":"octo-evals.openai.azure.com"}`, "net-firewall-denied"},
		{"HTTP/1.1 401 Access Denied\nWWW-Authenticate: AzureApiManagementKey realm=\"https://octo.azure-api.net/openai\",name=\"api-key\",type=\"header\"", gateway},
		{"< HTTP/2 401\n< www-authenticate: AzureApiManagementKey realm=\"https://octo.azure-api.net/openai\",name=\"api-key\"\n401 Access Denied", gateway},
		{`401 Access Denied {'www-authenticate': 'AzureApiManagementKey realm="https://octo.azure-api.net",name="api-key"'}`, gateway},
		{`[{"http_status":404,"body":{"error":{"code":"DeploymentNotFound","message":"no"}}}]`, "aoai-deployment-not-found"},
	} {
		if got := primary(t, test.input); got != test.want {
			t.Errorf("got %q, want %q for %s", got, test.want, test.input)
		}
	}
}
