package preflight

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// ReadCapture reads an error that somebody has captured as a JSON object with
// any of http_status, headers, body, error_text, endpoint and api_version. It
// reports false for anything else.
func ReadCapture(data []byte) (*Evidence, bool) {
	if e, ok := readCapture(data); ok {
		return e[0], true
	}
	return nil, false
}

// readCapture is [ReadCapture] with the further errors that the text holds
// behind the primary one.
func readCapture(data []byte) ([]*Evidence, bool) {
	var raw map[string]json.RawMessage
	if json.Unmarshal(data, &raw) != nil {
		return nil, false
	}
	if !slices.ContainsFunc([]string{"http_status", "headers", "body", "error_text", "endpoint", "api_version"}, func(name string) bool { return raw[name] != nil }) {
		return nil, false
	}
	text := looseText(raw["error_text"])
	status, _ := strconv.Atoi(looseText(raw["http_status"]))
	body := looseText(raw["body"])
	if whole := strings.Join([]string{text, body, looseText(raw["endpoint"])}, "\n"); otherProvider(whole) {
		return []*Evidence{{Pasted: true, Elsewhere: true, Text: inert.Clip(inert.Lines(scrubTokens(strings.TrimSpace(whole))), maxText)}}, true
	}
	evidence, _ := readText(strings.NewReader(text), true) // a string's reader does not fail
	if len(evidence) == 0 {
		if status < 300 && body == "" && raw["error_text"] != nil {
			// The text was read and shows no failure.
			return []*Evidence{{Pasted: true}}, true
		}
		evidence = []*Evidence{{Pasted: true, Text: inert.Clip(inert.Lines(scrubTokens(text)), maxText)}}
	}
	e := evidence[0]
	if len(e.Exchanges) == 0 {
		e.Exchanges = []Exchange{{}}
	}
	x := &e.Exchanges[0]
	// LiteLLM and others report a connection that failed as a status 500.
	if status >= 100 && status < 600 && (x.Fault == FaultNone || status != 500 && x.Fault != FaultProxy) {
		x.Status, x.Fault, x.Step = status, FaultNone, ""
	}
	readHeaders(x, raw["headers"])
	readCapturedBody(e, x, body)
	if len(x.AADSTS) > 0 && x.Status < 400 && !isAnswer(body) {
		x.Status = 0 // a proxy's or a client's own; Entra has refused
	}
	readEndpoint(e, x, looseText(raw["endpoint"]))
	e.Problem = endpointProblem(x, status, looseText(raw["endpoint"]))
	if v := looseText(raw["api_version"]); v != "" {
		x.APIVersion = inert.Clip(inert.Line(v), 100)
		if e.Target != nil {
			e.Target.APIVersion = x.APIVersion
		}
	}
	if x.Service == "" && len(x.AADSTS) > 0 {
		x.Service = ServiceEntra
	}
	return evidence, true
}

// readCapturedBody takes what the answer's body says before what the text does.
func readCapturedBody(e *Evidence, x *Exchange, body string) {
	if body == "" {
		return
	}
	answer := Exchange{}
	readBody(&answer, x.Header["content-type"], []byte(flatten(scrubTokens(body))), scrubTokens)
	x.Code, x.Inner, x.Param = orElse(answer.Code, x.Code), orElse(answer.Inner, x.Inner), orElse(answer.Param, x.Param)
	x.Message = orElse(answer.Message, x.Message)
	x.AADSTS = append(answer.AADSTS, x.AADSTS...)
	x.Status = orStatus(x.Status, func() int { return answer.Status })
	if e.Assertion == nil {
		e.Assertion = readAssertion(body)
	}
}

// readCaptures is [readCapture] for one capture or a list of them.
func readCaptures(data []byte) ([]*Evidence, bool) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return readCapture(data)
	}
	var out []*Evidence
	for _, one := range list[:min(len(list), maxCaptures)] {
		e, ok := readCapture(one)
		if !ok {
			return nil, false
		}
		out = append(out, e...)
	}
	return out, len(out) > 0
}

// maxCaptures bounds a list of captures.
const maxCaptures = 100

// brokenCapture is what can be said of a capture of an error that is no JSON,
// cut or edited: that there is one.
func brokenCapture(data []byte) []*Evidence {
	if !failedStatus().Match(data) {
		return nil
	}
	text := flatten(scrubTokens(string(data[:min(len(data), maxText)])))
	return []*Evidence{{Pasted: true, Text: inert.Clip(inert.Lines(text), maxText)}}
}

var failedStatus = lazy(`"http_status"\s*:\s*"?[45]\d\d`)

// endpointProblem is what is wrong with the address that was called, when the
// connection failed: the client has then talked to another machine than was
// meant, or to none. Masked addresses tell nothing, and a status tells that
// somebody answered.
func endpointProblem(x *Exchange, status int, endpoint string) *Problem {
	switch x.Fault {
	case FaultTLS, FaultTLSHost, FaultDNS, FaultDNSNotFound, FaultConnect, FaultRefused, FaultReset:
	default:
		return nil
	}
	if strings.TrimSpace(endpoint) == "" || strings.Contains(endpoint, "***") || status != 0 && strings.ContainsAny(endpoint, "<>") {
		return nil
	}
	u, detail, suggest := parseEndpoint(endpoint)
	if u != nil {
		return nil
	}
	return &Problem{ID: "cfg-endpoint-malformed", Input: "endpoint", Value: printable(endpoint), Detail: detail, Allowed: endpointForm, Suggest: suggest}
}

// isAnswer reports whether a body is that of a model's answer, which can speak
// of any code.
func isAnswer(body string) bool {
	return strings.Contains(body, `"choices"`) || strings.Contains(body, `"output"`)
}

// looseText is a JSON value as text: a string's own, anything else's form.
func looseText(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if t := strings.TrimSpace(string(raw)); t != "null" {
		return t
	}
	return ""
}

// looseHeaders are headers as an object, or as the pairs of Python and fetch.
func looseHeaders(raw json.RawMessage) map[string]any {
	var headers map[string]any
	if json.Unmarshal(raw, &headers) == nil {
		return headers
	}
	var pairs [][]any
	if json.Unmarshal(raw, &pairs) != nil {
		return nil
	}
	headers = map[string]any{}
	for _, p := range pairs {
		if len(p) == 2 && headers[textOf(p[0])] == nil {
			headers[textOf(p[0])] = p[1]
		}
	}
	return headers
}

// readHeaders takes the headers that evidence may show, whether their values
// are strings or lists.
func readHeaders(x *Exchange, raw json.RawMessage) {
	for name, v := range looseHeaders(raw) {
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		name = strings.ToLower(name)
		if value := textOf(v); value != "" && slices.Contains(keptHeaders, name) {
			if x.Header == nil {
				x.Header = map[string]string{}
			}
			x.Header[name] = inert.Clip(inert.Line(scrubTokens(value)), 300)
		}
	}
	if x.Service == "" && containsFold(x.Header["server"], "IMDS/") {
		x.Service = ServiceIMDS
	}
}

// readEndpoint takes the address that was called, with or without a scheme and
// a path.
func readEndpoint(e *Evidence, x *Exchange, endpoint string) {
	endpoint = strings.TrimSpace(endpoint)
	if endpoint == "" {
		return
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" {
		// Masked pieces are no address, but the host's zone and the path
		// behind it still tell something.
		_, rest, _ := strings.Cut(endpoint, "://")
		host, path, _ := strings.Cut(rest, "/")
		path, query, _ := strings.Cut(path, "?")
		u = &url.URL{Scheme: "https", Host: inert.Line(host), Path: "/" + path, RawQuery: query}
	}
	s := serviceOf(u.Hostname())
	if s == "" && x.Service != "" {
		return
	}
	version := x.APIVersion
	if x.Path != "" && u.Path == "" {
		u.Path = x.Path
	}
	setAddress(e, x, u, s)
	x.APIVersion = orElse(x.APIVersion, version)
}
