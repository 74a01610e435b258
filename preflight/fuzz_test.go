package preflight

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/actionsrunner"
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
	for status := 401; status < 405; status++ { // each service
		f.Add("application/json", []byte(modelBody("PermissionDenied", deniedMessage)), status)
		f.Add("", []byte(entraBody("invalid_client", 700213, "x 'repo:o/r:pull_request'")), status)
		f.Add("text/html", []byte("<html><title>a&amp;b</title>"), status)
		f.Add("x/y; z", []byte(`{"error":{"message":"{\"error\":\"{"}}`), status+100)
		f.Add("", []byte("***\"code\":***{'message': \"x"), status+200)
	}
	f.Fuzz(func(t *testing.T, contentType string, body []byte, status int) {
		services := []Service{ServiceModel, ServiceEntra, ServiceIMDS, ServiceGitHub}
		x := Exchange{Service: services[(status%4+4)%4], Status: 100 + (status%500+500)%500}
		readBody(&x, contentType, body, scrubTokens)
		e := healthy()
		e.Exchanges = []Exchange{x}
		if finding, ok := Diagnose(e); ok {
			checkPrintable(t, &finding)
		}
	})
}

// FuzzClaims: a token is whatever a server calls one. Its claims are one line
// each and bounded, and what is said of them can be printed.
func FuzzClaims(f *testing.F) {
	for _, payload := range []string{
		`{"iss":"https://sts.windows.net/x/","aud":["a","b"],"exp":1e9,"nbf":-1,"iat":99999999999999,"appid":"a","tid":1,"oid":null}`,
		`{"aud":"https://cognitiveservices.azure.com/","scp":"user_impersonation","upn":"a@b.c\u001b[31m","idtyp":"user\n::error::x"}`,
		`{"iss":{"a":[]},"aud":[1,2],"sub":"repo:o/r:environment:##[error]x","xms_mirid":"/subscriptions/x"}`,
		`[]`, `{"aud":[` + strings.Repeat(`"x",`, 30) + `"y"]}`, `{"exp":1e400}`, `{"sub":"` + strings.Repeat("s", 3000) + `"}`,
	} {
		f.Add([]byte(payload), true)
		f.Add([]byte(payload), false)
	}
	f.Fuzz(func(t *testing.T, payload []byte, ofGitHub bool) {
		c := decodeClaims("eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString(payload) + ".c2ln")
		if c == nil {
			return
		}
		if !json.Valid(payload) {
			t.Errorf("claims of %q", payload)
		}
		for _, s := range append([]string{c.Issuer, c.Subject, c.TenantID, c.ObjectID, c.AppID, c.Kind, c.ManagedIdentity, c.User, c.Scopes, c.Repository, c.Environment, c.Ref, c.JobWorkflowRef}, c.Audience...) {
			if len(s) > 500 || !harmlessLine(s) {
				t.Errorf("the claim %q", s)
			}
		}
		e := healthy()
		if e.Token = c; ofGitHub {
			e.Token, e.Assertion = nil, c
			e.Exchanges = []Exchange{{Service: ServiceEntra, Method: "POST", Host: "login.microsoftonline.com", Path: "/x/oauth2/v2.0/token", Status: 401, AADSTS: []int{700213}, Code: "invalid_client", Message: "AADSTS700213: x", At: caseNow}}
		}
		for _, finding := range append(DiagnoseClaims(e), findings([]*Evidence{e})...) {
			checkPrintable(t, &finding)
		}
	})
}

// FuzzEvent: the event's payload decides whether a run is a fork's. What is no
// payload of a pull request decides nothing.
func FuzzEvent(f *testing.F) {
	for _, payload := range []string{
		`{"pull_request":{"head":{"repo":{"full_name":"a/b","fork":true}},"base":{"repo":{"full_name":"c/b"}}}}`,
		`{"pull_request":{"head":{"repo":null},"base":{"repo":{"full_name":"c/b"}}}}`, `{"pull_request":{"head":{"repo":{"full_name":"A/b"}},"base":{"repo":{"full_name":"a/B"}}}}`,
		`{"pull_request":[]}`, `{"pull_request":null}`, `{}`, `[`, "\xff", strings.Repeat(`{"pull_request":`, 300), `{"pull_request":{"head":{"repo":{"fork":"yes"}}}}`,
	} {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		fork, unknown := forkIn(payload)
		var whole struct {
			PullRequest *struct{ Head, Base struct{ Repo map[string]any } } `json:"pull_request"`
		}
		err := json.Unmarshal(payload, &whole)
		if fork && (unknown || !json.Valid(payload) || err == nil && whole.PullRequest == nil) {
			t.Errorf("%q is a fork's", payload)
		}
		if err != nil || whole.PullRequest == nil || len(whole.PullRequest.Head.Repo) != 1 || len(whole.PullRequest.Base.Repo) != 1 {
			return
		}
		head, _ := whole.PullRequest.Head.Repo["full_name"].(string)
		base, _ := whole.PullRequest.Base.Repo["full_name"].(string)
		if head != "" && base != "" && fork == strings.EqualFold(head, base) {
			t.Errorf("%q of %q: fork is %t", head, base, fork)
		}
	})
}

// FuzzReport: a report that is read back is a file like any other. Two are
// compared to an end, and what is said of them can be printed as text and JSON.
func FuzzReport(f *testing.F) {
	for _, a := range hostileTexts {
		f.Add(hostileReport(a, "b", "c", 1).JSON(), hostileReport("a", "b", a, 3).JSON())
	}
	f.Add([]byte(`{"schema":1,"findings":[{"id":"cfg-\u001b"}],"verdict":"fail\n::error::x"}`), []byte(`{"schema":1}`))
	f.Add([]byte(`{"schema":2}`), []byte(`{"schema":1,"environment":{"inputs":{"##[error]x":"y"},"variables":{"A":"set"}}}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		ra, err := readReport(bytes.NewReader(a))
		if err != nil {
			return
		}
		checkStream(t, string(ra.JSON()), nil)
		rb, err := readReport(bytes.NewReader(b))
		if err != nil {
			rb = &Report{}
		}
		c := Compare(ra, rb)
		for _, d := range c.Differences {
			if !harmlessLine(d.Field) || !harmlessLine(d.A) || !harmlessLine(d.B) || d.A == d.B {
				t.Errorf("the difference %+v", d)
			}
		}
		for _, s := range []string{c.Conclusion, string(c.A.Verdict), c.A.Diagnosis, string(c.B.Verdict), c.B.Diagnosis} {
			if !harmlessLine(s) {
				t.Errorf("%q is not inert", s)
			}
		}
	})
}

// FuzzOutputs: whatever the values are, the runner reads our outputs alone.
func FuzzOutputs(f *testing.F) {
	for i, s := range hostileTexts {
		f.Add(s, hostileTexts[(i+5)%len(hostileTexts)])
	}
	path := filepath.Join(f.TempDir(), "output")
	f.Fuzz(func(t *testing.T, a, b string) {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		out := newAnnotator(World{Stdout: io.Discard, LookupEnv: func(name string) (string, bool) { return path, name == "GITHUB_OUTPUT" }})
		if err := out.outputs(map[string]string{"diagnosis": a, "model": b}); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		pairs, err := actionsrunner.Pairs(string(data))
		if err != nil || len(pairs) != 2 || pairs[0].Name != "diagnosis" || pairs[1].Name != "model" {
			t.Errorf("the runner reads %q, %v", pairs, err)
		}
		for _, p := range pairs {
			if strings.Contains(p.Value, "\n") || actionsrunner.Unprintable(p.Value) != "" {
				t.Errorf("the output %q", p)
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
