package preflight

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/internal/secret"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// The functions of the inputs table: each reads one setting into the
// configuration, or says what is wrong with it.

func setEndpoint(c *Config, s setting) *Problem {
	u, detail, suggest := parseEndpoint(s.text)
	if u == nil {
		p := s.problem("cfg-endpoint-malformed", detail, endpointForm)
		p.Value, p.Suggest = printable(s.text), suggest
		return p
	}
	c.Endpoint = u
	return nil
}

func setOperation(c *Config, s setting) *Problem {
	c.Operation = Operation(s.text)
	if !slices.Contains(operations, c.Operation) {
		c.Operation = Chat
		return s.problem("cfg-input-invalid", "is not an operation that this check knows", list(operations))
	}
	return nil
}

func setRoute(c *Config, s setting) *Problem {
	switch s.text {
	case "auto":
	case string(RouteV1), string(RouteDeployments):
		c.Route = Route(s.text)
	default:
		return s.problem("cfg-input-invalid", "is not a route", "auto, v1, deployments")
	}
	return nil
}

func setAPIVersion(c *Config, s setting) *Problem {
	switch {
	case s.text == "v1" || s.text == "preview" || s.text == "latest", isCalendarVersion(s.text):
		c.APIVersion = s.text
		return nil
	}
	p := s.problem("cfg-input-invalid", "is not an API version", "a date like 2024-10-21 or 2025-04-01-preview, or v1, preview, latest")
	if strings.Contains(s.text, "T00:00") || strings.Contains(s.text, " 00:00") {
		p.Detail = "is a date that YAML has parsed; quote it"
		p.Suggest = `"` + inert.Line(s.text[:min(len(s.text), 10)]) + `"`
	}
	return p
}

// isCalendarVersion reports whether a version is a date of the calendar, a preview's or
// not.
func isCalendarVersion(version string) bool {
	_, err := time.Parse(time.DateOnly, strings.TrimSuffix(version, "-preview"))
	return err == nil && datedVersion().MatchString(version)
}

func setClientID(c *Config, s setting) *Problem {
	if !guid().MatchString(s.text) {
		return s.idProblem("cfg-client-id-malformed", "a GUID of 36 characters: the Application (client) ID")
	}
	c.ClientID = strings.ToLower(s.text)
	return nil
}

// setTenantID takes a GUID or a domain. Whether a domain is a tenant's only
// Entra knows.
func setTenantID(c *Config, s setting) *Problem {
	c.TenantID = strings.ToLower(s.text)
	if guid().MatchString(s.text) || (len(s.text) <= 253 && strings.Contains(s.text, ".") && isHostName(c.TenantID) && !looksLikeSecret(s.text)) {
		return nil
	}
	c.TenantID = ""
	return s.idProblem("cfg-tenant-id-malformed", "a GUID of 36 characters (the Directory (tenant) ID), or a domain of the tenant")
}

// idProblem is a [Problem] about an id. A GUID without its hyphens has the
// length of a key; what tells it is the version and the variant in it.
func (s setting) idProblem(id, allowed string) *Problem {
	p := s.problem(id, malformedID(s.text), allowed)
	if h := strings.ToLower(s.text); bareGUID().MatchString(h) {
		p.Value, p.Suggest = h, strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	}
	return p
}

var bareGUID = lazy(`^[0-9a-f]{12}[1-8][0-9a-f]{3}[89ab][0-9a-f]{15}$`)

// malformedID says in what way a value is not the id that it should be.
func malformedID(s string) string {
	switch {
	case strings.ContainsAny(s, "<>{}$") || placeholder(s):
		return "is a placeholder that nobody replaced"
	case strings.ContainsAny(s, "\"'`"):
		return "is in quotation marks"
	case strings.ContainsAny(s, " \t\r\n"):
		return "holds white space"
	case brokenGUID().MatchString(s):
		return fmt.Sprintf("has %d characters instead of a GUID's 36 in groups of 8-4-4-4-12", len(s))
	case strings.Contains(s, "@") || strings.Contains(s, "://"):
		return "is a name or an address, not an id"
	}
	return "is not a GUID"
}

// placeholder knows the words that stand where nobody has put the real value.
func placeholder(s string) bool {
	s = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
	switch s {
	case "undefined", "null", "none", "nil", "todo", "changeme", "placeholder", "tenantid", "clientid", "yourtenantid",
		"yourclientid", "azuretenantid", "azureclientid", "enteryourclientid", "enteryourtenantid", "secrets", "common", "organizations", "consumers":
		return true
	}
	return strings.HasPrefix(s, "your") || strings.HasPrefix(s, "enteryour")
}

var (
	// brokenGUID is a GUID with digits missing, doubled or without its hyphens.
	brokenGUID = lazy(`^[0-9a-fA-F]{4,10}-[0-9a-fA-F]{2,6}-[0-9a-fA-F]{2,6}-[0-9a-fA-F-]*$|^[0-9a-fA-F]{30,34}$`)
)

func setIdentity(c *Config, s setting) *Problem {
	if s.text == "auto" {
		return nil
	}
	c.Identity = Method(s.text)
	if !slices.Contains(methods, c.Identity) {
		c.Identity = ""
		return s.problem("cfg-input-invalid", "is not an identity that this check knows", "auto, "+list(methods))
	}
	return nil
}

func setCloud(c *Config, s setting) *Problem {
	c.cloudInput = cloudNamed(s.text)
	if c.cloudInput == nil {
		return s.problem("cfg-input-invalid", "is not a cloud", "public, usgov, china")
	}
	return nil
}

func setClient(c *Config, s setting) *Problem {
	switch s.text {
	case "azidentity":
	case string(litellm.SDK), string(litellm.DSPy), string(litellm.OpenAI):
		c.Client = litellm.Client(s.text)
	default:
		return s.problem("cfg-input-invalid", "is not a client that this check knows", "azidentity, litellm, dspy, openai")
	}
	return nil
}

func setLiteLLMVersion(c *Config, s setting) *Problem {
	v, ok := litellm.ParseVersion(s.text)
	if !ok {
		return s.problem("cfg-input-invalid", "is not a version", "a release of LiteLLM like 1.81.12")
	}
	c.LiteLLMVersion = v
	return nil
}

// settleClient derives whose credential is checked, and refuses settings that
// would be without effect: they would be a false green.
func (c *Config) settleClient(w World) []*Problem {
	var problems []*Problem
	idle := func(input, allowed string) {
		problems = append(problems, &Problem{ID: "cfg-input-invalid", Input: input, Source: c.Sources[input], Detail: "has no effect with client " + cmp.Or(string(c.Client), "azidentity"), Allowed: allowed})
	}
	if c.LiteLLMConfig != "" {
		if c.Client == litellm.DSPy || c.Client == litellm.OpenAI {
			idle("litellm-config", "empty, or client litellm")
			c.LiteLLMConfig = ""
			return problems
		}
		c.Client = litellm.Proxy
		if p := checkPath(w, "litellm-config", c.LiteLLMConfig); p != nil {
			problems = append(problems, p)
		}
	}
	if c.Client == litellm.OpenAI && c.APIVersion == "" && c.Route != RouteDeployments {
		// On the v1 route there is no AzureOpenAI with an order of its own: the
		// code hands the token to OpenAI as it is.
		c.Client = ""
	}
	knows := c.Client != "" && c.Client != litellm.OpenAI
	if c.LiteLLMVersion != (litellm.Version{}) && !knows {
		idle("litellm-version", "empty, or client litellm or dspy")
	}
	if c.LiteLLMModels != "" && c.LiteLLMConfig == "" {
		if !knows {
			idle("litellm-models", "empty, or client litellm or dspy")
			return problems
		}
		for _, f := range strings.FieldsFunc(c.LiteLLMModels, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' }) {
			if f = strings.TrimSpace(f); f == "" {
				continue
			}
			if !modelName().MatchString(f) {
				problems = append(problems, &Problem{ID: "cfg-input-invalid", Input: "litellm-models", Source: c.Sources["litellm-models"], Value: clipValue(f),
					Detail: "is not a model as LiteLLM is told it", Allowed: "names like azure/my-deployment, by comma or line"})
				continue
			}
			c.modelNames = append(c.modelNames, f)
		}
		if len(c.modelNames) > maxTargets {
			problems = append(problems, &Problem{ID: "cfg-input-invalid", Input: "litellm-models", Source: c.Sources["litellm-models"], Detail: "lists too many models", Allowed: fmt.Sprintf("at most %d", maxTargets)})
		}
	}
	return problems
}

var modelName = lazy(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$`)

func setClientEnv(c *Config, s setting) *Problem {
	c.ClientEnv, c.clientEnv = map[string]EnvState{}, map[string]Secret{}
	n := 0
	for line := range strings.Lines(s.text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || !variableName().MatchString(name) {
			// Neither the value nor the line is shown: either may be a secret.
			p := s.problem("cfg-input-invalid", fmt.Sprintf("has a line %d that is not NAME=value", n), "lines NAME=value")
			p.Value = ""
			return p
		}
		c.ClientEnv[name], c.clientEnv[name] = stateOf(value), secret.New(value)
	}
	return nil
}

var variableName = lazy(`^[A-Za-z_][A-Za-z0-9_]*$`)

func expectGUID(field func(*Config) *string) func(*Config, setting) *Problem {
	return func(c *Config, s setting) *Problem {
		if !guid().MatchString(s.text) {
			return s.idProblem("cfg-input-invalid", "a GUID of 36 characters")
		}
		*field(c) = strings.ToLower(s.text)
		return nil
	}
}

func duration(field func(*Config) *durationSetting) func(*Config, setting) *Problem {
	return func(c *Config, s setting) *Problem {
		d, err := time.ParseDuration(s.text)
		least := time.Duration(0)
		if s.input == "timeout" {
			least = minTimeout
		}
		if err != nil || d < least || d > maxDuration {
			p := s.problem("cfg-input-invalid", "is not a duration in the range allowed", fmt.Sprintf("a duration like 90s, 2m or 1h30m, from %s to %s", least, maxDuration))
			if err != nil {
				p.Detail = "is not a duration"
			}
			return p
		}
		field(c).d = d
		return nil
	}
}

func oneOf(field func(*Config) *string, values ...string) func(*Config, setting) *Problem {
	return func(c *Config, s setting) *Problem {
		if !slices.Contains(values, s.text) {
			*field(c) = values[0]
			return s.problem("cfg-input-invalid", "is not a value of "+s.input, strings.Join(values, ", "))
		}
		*field(c) = s.text
		return nil
	}
}

// setAllowedHosts takes whole host names only. A wildcard would hand the
// credential to anyone who can register a name under it, and under
// azure-api.net that is everyone.
func setAllowedHosts(c *Config, s setting) *Problem {
	for _, h := range strings.FieldsFunc(s.text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ' ' }) {
		h = strings.ToLower(strings.TrimSpace(h))
		host, port := h, ""
		if a, p, err := net.SplitHostPort(h); err == nil {
			host, port = a, p
		}
		if !isHostName(host) || !strings.Contains(host, ".") || strings.Trim(port, "0123456789") != "" {
			return s.problem("cfg-input-invalid", fmt.Sprintf("holds %q, which is not a host name", inert.Clip(clipValue(h), 80)),
				"host names by comma or line, like contoso.azure-api.net: no scheme, no path, no wildcard")
		}
		if port == "443" {
			h = host
		}
		c.AllowedHosts = append(c.AllowedHosts, h)
	}
	return nil
}
