package preflight

import (
	"encoding/json"
	"html"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// Reading what an error's body says. The services, the gateways in front of
// them and the proxies between answer in a dozen shapes, and a pasted one is
// often broken: strict JSON first, loose patterns second, the plain text last.

const (
	maxErrorBody = 64 << 10 // of a body; what is behind is not read
	maxErrorText = 1000     // of the message that is kept
)

// readBody fills in what an error's body says: Entra's codes, the error's code
// and inner code, its message and the parameter that it complains about. What
// the body does not say stays as it is. scrub takes out the secrets, before
// anything is cut: of a secret that was cut nobody would know the rest.
func readBody(x *Exchange, contentType string, body []byte, scrub func(string) string) {
	text := strings.ToValidUTF8(string(body[:min(len(body), maxErrorBody)]), "")
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if text == "" {
		return
	}
	x.AADSTS = appendCodes(x.AADSTS, text)
	kind, _, _ := mime.ParseMediaType(contentType)
	var b errorBody
	switch {
	case b.readJSON(text, 0):
	case kind == "text/html" || strings.HasPrefix(text, "<!") || strings.HasPrefix(strings.ToLower(text), "<html"):
		b.message = pageTitle(text)
	case strings.HasPrefix(text, "<"):
		b.code, b.message = element(text, "code"), element(text, "message")
	default:
		b.readLoose(text)
		if b.message == "" {
			b.message = text
		}
	}
	if x.Status == 0 {
		x.Status = b.status
	}
	clean := func(s string, n int) string { return errorText(scrub(inert.Line(s)), n) }
	x.Code = orElse(clean(b.code, 200), x.Code)
	x.Inner = orElse(clean(b.inner, 200), x.Inner)
	x.Param = orElse(clean(b.param, 100), x.Param)
	x.Message = orElse(clean(b.message, maxErrorText), x.Message)
}

func errorText(s string, n int) string { return inert.Clip(inert.Line(s), n) }

// An errorBody is what the shapes have in common.
type errorBody struct {
	status                      int
	code, inner, message, param string
}

// maxDepth is how deep an error may sit in another's message: a gateway wraps
// the service's answer, and LiteLLM's proxy the gateway's.
const maxDepth = 3

// readJSON reads a body that is JSON, with any number of wrappings.
func (b *errorBody) readJSON(text string, depth int) bool {
	var v any
	if text == "" || (text[0] != '{' && text[0] != '[') || json.Unmarshal([]byte(text), &v) != nil {
		return false
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	top, ok := v.(map[string]any)
	if !ok {
		return false
	}
	b.readObject(top)
	if depth < maxDepth {
		b.readNested(depth)
	}
	return b.code != "" || b.message != ""
}

// readObject tells the shapes apart: {"error":{…}} with or without an inner
// error, OAuth's {"error":"…","error_description":"…"}, the gateway's
// {"statusCode":…,"message":"…"} and the bare {"code":"…","message":"…"}.
func (b *errorBody) readObject(o map[string]any) {
	switch e := member(o, "error").(type) {
	case map[string]any:
		b.readObject(e)
	case string:
		b.code = e
		b.message = textOf(member(o, "error_description"))
	}
	if s, err := strconv.Atoi(textOf(member(o, "statusCode"))); err == nil && s >= 400 && s < 600 {
		b.status = s
	}
	b.code = orElse(b.code, textOf(member(o, "code")))
	b.message = orElse(b.message, textOf(member(o, "message")))
	b.message = orElse(b.message, textOf(member(o, "detail")))
	b.message = orElse(b.message, textOf(member(o, "errorMessage"))) // the runner's services
	b.param = orElse(b.param, textOf(member(o, "param")))
	if b.code == "" {
		// Newer errors leave the code null and say it in the type.
		if t := textOf(member(o, "type")); t != "invalid_request_error" {
			b.code = t
		}
	}
	for _, name := range []string{"detail", "details", "message", "errors"} {
		b.readValidation(member(o, name))
	}
	for _, name := range []string{"innererror", "inner_error"} {
		if inner, ok := member(o, name).(map[string]any); ok {
			b.inner = orElse(b.inner, textOf(member(inner, "code")))
		}
	}
	for _, name := range []string{"errors", "details"} {
		if list, ok := member(o, name).([]any); ok && len(list) > 0 && b.message == "" {
			if first, ok := list[0].(map[string]any); ok {
				b.readObject(first)
			}
		}
	}
}

// readValidation reads the complaints of a server that holds a request against
// a schema, as those in front of other makers' models do: a list of
// {"loc":["body","max_completion_tokens"],"msg":"…"}, or an object around it.
func (b *errorBody) readValidation(v any) {
	if o, ok := v.(map[string]any); ok {
		v = member(o, "detail")
	}
	list, _ := v.([]any)
	if len(list) == 0 || b.param != "" {
		return
	}
	first, _ := list[0].(map[string]any)
	loc, _ := member(first, "loc").([]any)
	if len(loc) == 0 {
		return
	}
	var path []string
	for _, part := range loc {
		if s := textOf(part); s != "body" {
			path = append(path, s)
		}
	}
	b.param = strings.Join(path, ".")
	complaint := textOf(member(first, "msg"))
	if b.param != "" {
		complaint += " (" + b.param + ")"
	}
	if b.message != "" {
		complaint = b.message + ": " + complaint
	}
	b.message = complaint
}

// readNested looks for an error inside the message: JSON that was made a
// string, alone or behind some words.
func (b *errorBody) readNested(depth int) {
	i := strings.IndexByte(b.message, '{')
	if i < 0 {
		return
	}
	var inner errorBody
	nested := b.message[i:]
	if !inner.readJSON(strings.TrimSpace(nested), depth+1) {
		inner.readLoose(nested)
	}
	if inner.message == "" {
		return
	}
	b.code = orElse(inner.code, b.code)
	b.inner = orElse(inner.inner, b.inner)
	b.param = orElse(inner.param, b.param)
	if b.status == 0 {
		b.status = inner.status
	}
	b.message = b.message[:i] + inner.message
}

// readLoose reads what looks like JSON or a Python dictionary but is neither:
// masked, escaped, wrapped or cut.
func (b *errorBody) readLoose(text string) {
	text = unescape(text)
	head := text
	if i := innerError().FindStringIndex(text); i != nil {
		b.inner = looseField(text[i[0]:], "code")
		head = text[:i[0]]
	}
	b.code = looseField(head, "code")
	b.message = orElse(looseField(head, "error_description"), looseField(head, "message"))
	b.param = looseField(head, "param")
	if b.code == "" {
		b.code = looseField(head, "error")
	}
	if s, err := strconv.Atoi(looseField(head, "statusCode")); err == nil && s >= 400 && s < 600 {
		b.status = s
	}
}

var innerError = lazy(`["']inner_?error["']\s*:`)

// looseFields finds a field's value: in double or single quotes, a number, or
// cut off at the text's end. A masked quote is three asterisks.
var looseFields = sync.OnceValue(func() map[string]*regexp.Regexp {
	m := map[string]*regexp.Regexp{}
	for _, name := range []string{"code", "message", "error", "error_description", "param", "statusCode"} {
		m[name] = regexp.MustCompile(`(?i)(?:["']|\*\*\*)` + name + `(?:["']|\*\*\*)\s*:\s*(?:"((?:[^"\\]|\\.)*)(?:"|$)|'((?:[^'\\]|\\.)*)(?:'|$)|(\d{3}))`)
	}
	return m
})

func looseField(text, name string) string {
	m := looseFields()[name].FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[1] + m[2] + m[3]
}

// unescape undoes up to three rounds of JSON's escapes, as they are left when
// an error was put into a string, and that string into another.
func unescape(s string) string {
	for range maxDepth {
		if !strings.Contains(s, `\"`) && !strings.Contains(s, `\u00`) {
			break
		}
		s = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\u0022`, `"`, `\u0027`, `'`, `\u0060`, "`").Replace(s)
	}
	return strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n", `\t`, " ", `\'`, `'`, `\/`, `/`).Replace(s)
}

// member is o's value of that name, letter case aside: .NET writes Message.
func member(o map[string]any, name string) any {
	if v, ok := o[name]; ok {
		return v
	}
	for k, v := range o {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// pageTitle is what an HTML page calls itself.
func pageTitle(text string) string {
	for _, name := range []string{"title", "h1"} {
		if t := strings.TrimSpace(element(text, name)); t != "" {
			return t
		}
	}
	return "an HTML page"
}

// element is the text of the first element of that name, its attributes and
// whatever is nested in it aside.
func element(text, name string) string {
	low := strings.ToLower(text)
	i := strings.Index(low, "<"+name)
	if i < 0 || len(low) != len(text) {
		return ""
	}
	open := strings.IndexByte(text[i:], '>')
	if open < 0 {
		return ""
	}
	rest := text[i+open+1:]
	end := strings.Index(low[i+open+1:], "</"+name)
	if end < 0 {
		end = min(len(rest), 200)
	}
	return html.UnescapeString(tags().ReplaceAllString(rest[:end], " "))
}

var tags = lazy(`<[^>]*>`)

// entraCodes finds Entra's codes: in the text, in error_codes, and in the
// address of the error's page.
var entraCodes = lazy(`(?i)AADSTS\s?(\d{5,7})|error_codes["']?\s*:\s*\[\s*\\?["']?(\d{5,7})|error\?code=(\d{5,7})`)

// appendCodes adds the codes that text names, each once, in their order.
func appendCodes(codes []int, text string) []int {
	const most = 8
	if !containsFold(text, "AADSTS") && !strings.Contains(text, "error_codes") && !strings.Contains(text, "error?code=") {
		return codes
	}
	for _, m := range entraCodes().FindAllStringSubmatch(text, 4*most) {
		n, err := strconv.Atoi(m[1] + m[2] + m[3])
		if err == nil && len(codes) < most && !slices.Contains(codes, n) {
			codes = append(codes, n)
		}
	}
	return codes
}

// waitHeaders ask to come back later, the first that can be read before the
// others.
var waitHeaders = []string{"retry-after-ms", "x-ms-retry-after-ms", "retry-after"}

// retryAfter is the wait that an answer's headers ask for, seen from the moment
// at which the answer came: milliseconds before seconds before a date, which is
// one of the clock that dated the answer. It is 0 when they ask for none.
func retryAfter(header map[string]string, at time.Time) time.Duration {
	const most = 366 * 24 * time.Hour
	for _, name := range waitHeaders[:2] {
		if ms, err := strconv.ParseFloat(header[name], 64); err == nil && ms > 0 && ms < 1e12 {
			return min(time.Duration(ms*float64(time.Millisecond)), most)
		}
	}
	v := strings.TrimSpace(header["retry-after"])
	if s, err := strconv.ParseFloat(v, 64); err == nil && s > 0 && s < 1e9 {
		return min(time.Duration(s*float64(time.Second)), most)
	}
	if date := parseDate(header["date"]); !date.IsZero() {
		at = date
	}
	if t := parseDate(v); !t.IsZero() && !at.IsZero() {
		return min(max(t.Sub(at), 0), most)
	}
	return 0
}

// parseDate reads a date of HTTP's, zero for anything else.
func parseDate(s string) time.Time {
	for _, layout := range []string{time.RFC1123, time.RFC850, time.ANSIC} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	return time.Time{}
}
