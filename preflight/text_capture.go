package preflight

import (
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
	evidence, _ := ReadText(strings.NewReader(text)) // a string's reader does not fail
	status, _ := strconv.Atoi(looseText(raw["http_status"]))
	body := looseText(raw["body"])
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
	if status >= 100 && status < 600 && (x.Fault == FaultNone || status != 500) {
		x.Status, x.Fault, x.Step = status, FaultNone, ""
	}
	readHeaders(x, raw["headers"])
	if body != "" {
		answer := Exchange{}
		readBody(&answer, x.Header["content-type"], []byte(flatten(scrubTokens(body))))
		x.Code, x.Inner, x.Param = orElse(answer.Code, x.Code), orElse(answer.Inner, x.Inner), orElse(answer.Param, x.Param)
		x.Message = orElse(answer.Message, x.Message)
		x.AADSTS = append(answer.AADSTS, x.AADSTS...)
		x.Status = orStatus(x.Status, func() int { return answer.Status })
		if e.Assertion == nil {
			e.Assertion = readAssertion(body)
		}
	}
	readEndpoint(e, x, looseText(raw["endpoint"]))
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

// readHeaders takes the headers that evidence may show, whether their values
// are strings or lists.
func readHeaders(x *Exchange, raw json.RawMessage) {
	var headers map[string]any
	if json.Unmarshal(raw, &headers) != nil {
		return
	}
	for name, v := range headers {
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
