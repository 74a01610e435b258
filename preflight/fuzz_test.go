package preflight

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzReadText: whatever is pasted is read to an end, and what comes of it can
// be printed as it is.
func FuzzReadText(f *testing.F) {
	for i, c := range textCases {
		if i%9 == 0 {
			f.Add(c.text)
			f.Add(manglings[i%len(manglings)].mangle(c.text))
		}
	}
	f.Add("##[error]AADSTS700213\n::error::x")
	f.Add(`{"error_text":"AADSTS70021","http_status":"401","headers":{"Retry-After":["7"]},"endpoint":"%zz","body":{"error":[]}}`)
	f.Add("Attempted credentials:\n" + strings.Repeat("\tXCredential: y\n", 300))
	f.Add("> POST /openai/deployments/a/chat/completions?api-version=1 HTTP/2\n> Host: x.openai.azure.com\n< HTTP/2 401\n{'error': {'code': 'PermissionDenied'")
	f.Fuzz(func(t *testing.T, input string) {
		findings, err := DiagnoseInput(strings.NewReader(input))
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range findings {
			checkPrintable(t, &finding)
		}
	})
}

// FuzzReadBody: a body is any bytes that a server may send.
func FuzzReadBody(f *testing.F) {
	f.Add("application/json", []byte(modelBody("PermissionDenied", deniedMessage)), 401)
	f.Add("", []byte(entraBody("invalid_client", 700213, "x 'repo:o/r:pull_request'")), 401)
	f.Add("text/html", []byte("<html><title>a&amp;b</title>"), 403)
	f.Add("x/y; z", []byte(`{"error":{"message":"{\"error\":\"{"}}`), 0)
	f.Add("", []byte("***\"code\":***{'message': \"x"), 500)
	f.Fuzz(func(t *testing.T, contentType string, body []byte, status int) {
		for _, s := range []Service{ServiceModel, ServiceEntra, ServiceIMDS, ServiceGitHub} {
			x := Exchange{Service: s, Status: 100 + (status%500+500)%500}
			readBody(&x, contentType, body)
			e := healthy()
			e.Exchanges = []Exchange{x}
			finding, ok := Diagnose(e)
			if ok {
				checkPrintable(t, &finding)
			}
		}
	})
}

// checkPrintable: a finding holds no character and no command that a runner or
// a terminal would act on, in any of its fields.
func checkPrintable(t *testing.T, f *Finding) {
	t.Helper()
	if _, ok := Lookup(f.ID); !ok {
		t.Errorf("unknown id %q", f.ID)
	}
	texts := append([]string{f.Cause, f.Remedy.Text}, f.Evidence...)
	texts = append(texts, f.Remedy.Commands...)
	for _, s := range texts {
		if !harmlessLine(s) {
			t.Errorf("%s: %q is not inert", f.ID, s)
		}
		if len(s) > 4096 {
			t.Errorf("%s: a text of %d bytes", f.ID, len(s))
		}
	}
	for line := range strings.Lines(f.Remedy.Snippet) {
		if !harmlessLine(strings.TrimSuffix(line, "\n")) {
			t.Errorf("%s: %q is not inert", f.ID, line)
		}
	}
	if _, err := json.Marshal(f); err != nil {
		t.Error(err)
	}
}

// harmlessLine reports whether neither the runner nor a terminal would act on
// a line: "##[" counts anywhere in it, "::" at its beginning.
func harmlessLine(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "##[") && !strings.HasPrefix(strings.TrimSpace(s), "::") &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u2028' || r == '\u2029'
		})
}
