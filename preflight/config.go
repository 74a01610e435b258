package preflight

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// A Method is how the access token is obtained: a value of the identity input.
type Method string

// The methods.
const (
	MethodGitHubOIDC        Method = "github-oidc"
	MethodClientSecret      Method = "client-secret"
	MethodClientCertificate Method = "client-certificate"
	MethodWorkloadIdentity  Method = "workload-identity"
	MethodManagedIdentity   Method = "managed-identity"
	MethodDefault           Method = "default-azure-credential"
	MethodKey               Method = "api-key"
)

// The methods that only another client has.
const (
	methodStatic    Method = "static-token"
	methodPassword  Method = "username-password"
	methodAssertion Method = "client-assertion" // from a variable
)

var methods = []Method{MethodGitHubOIDC, MethodClientSecret, MethodClientCertificate, MethodWorkloadIdentity, MethodManagedIdentity, MethodDefault, MethodKey}

// Config is what a run was asked to do, parsed and validated.
type Config struct {
	Endpoint   *url.URL
	Targets    []Target
	Operation  Operation
	Route      Route // "" for auto
	APIVersion string

	TenantID, ClientID string
	Identity           Method // "" for auto
	Audience, Scope    string
	Cloud              *Cloud
	Authority          string

	// Client is whose credential is checked, "" for this check's own.
	Client         litellm.Client
	LiteLLMConfig  string
	LiteLLMModels  string
	LiteLLMVersion litellm.Version

	ClientEnv map[string]EnvState // what the test step will have; the values may be secret

	ExpectTenantID, ExpectClientID, ExpectObjectID, ExpectModel string

	Untrusted, Mode string
	AllowedHosts    []string
	CABundle        string
	Log             string
	ReportPath      string

	// Sources says what filled each input.
	Sources map[string]string

	modelNames                      []string // as the suite's code names them to the client
	trimmed                         []string // variables with white space around what was taken from them
	clientEnv                       map[string]Secret
	deployment                      setting
	subscriptionKey                 Secret
	cloudInput                      *Cloud
	timeout, wait, minTokenLifetime durationSetting
}

// Timeout is the deadline of the whole check.
func (c *Config) Timeout() time.Duration { return c.timeout.d }

// Wait is how long a finding that time can cure is waited for.
func (c *Config) Wait() time.Duration { return c.wait.d }

// MinTokenLifetime is how long the token must at least live.
func (c *Config) MinTokenLifetime() time.Duration { return c.minTokenLifetime.d }

type durationSetting struct{ d time.Duration }

const (
	// defaultAPIVersion is the last dated version that is generally available:
	// everything since is on the v1 route.
	// https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
	defaultAPIVersion = "2024-10-21"

	maxDuration = 6 * time.Hour
	minTimeout  = time.Second
	maxTargets  = 500
)

// ParseConfig reads every input and validates what does not depend on the
// identity. Every problem is returned, not only the first, in the order of the
// table.
func ParseConfig(w World, flags map[string]string) (*Config, []*Problem) {
	c := &Config{Sources: map[string]string{}}
	var problems []*Problem
	for _, in := range inputs {
		s := in.read(w, flags)
		if s.source != "" {
			c.Sources[in.name] = s.source
			if name, ok := strings.CutPrefix(s.source, "variable "); ok && w.getenv(name) != s.text {
				c.trimmed = append(c.trimmed, name)
			}
		} else {
			s.text = in.initial
		}
		if s.text == "" {
			continue
		}
		if p := in.set(c, s); p != nil {
			problems = append(problems, p)
		}
	}
	if p := c.settle(w); p != nil {
		problems = append(problems, p...)
	}
	if c.Log != "" {
		problems = slices.DeleteFunc(problems, func(p *Problem) bool { return !slices.Contains(logInputs, p.Input) })
	}
	return c, slices.DeleteFunc(problems, c.clientsOwn)
}

// logInputs are all that the diagnosis of a log heeds. Whatever else the job
// has set may be why the suite failed, and is no reason not to read its log.
var logInputs = []string{"log", "report", "mode"}

// clientsOwn reports a problem with a variable that LiteLLM reads by itself, or
// not at all: what it makes of a path in there is for its own rules to say.
func (c *Config) clientsOwn(p *Problem) bool {
	return p.Input == "endpoint" && p.ID == "cfg-endpoint-malformed" && strings.HasPrefix(c.Sources["endpoint"], "variable ") &&
		(c.Client == litellm.SDK || c.Client == litellm.DSPy)
}

// settle derives what follows from several inputs together.
func (c *Config) settle(w World) []*Problem {
	var problems []*Problem
	if p := checkPath(w, "report", c.ReportPath); p != nil {
		problems = append(problems, p)
	}
	if c.Log != "" {
		return problems // a log is diagnosed; nothing is called
	}
	problems = append(problems, c.settleClient(w)...)
	if c.Endpoint == nil && c.Sources["endpoint"] == "" && c.LiteLLMConfig == "" {
		problems = append(problems, &Problem{ID: "cfg-input-invalid", Input: "endpoint", Detail: notGiven,
			Allowed: endpointForm + " (input endpoint, or variable AZURE_OPENAI_ENDPOINT)"})
	}
	c.Cloud = clouds[0]
	if c.Endpoint != nil {
		if own := cloudOf(c.Endpoint.Hostname()); own != nil {
			c.Cloud = own
		}
		if !trusted(c.Endpoint, c.AllowedHosts) {
			problems = append(problems, c.untrustedEndpoint())
		}
	}
	if c.cloudInput != nil {
		c.Cloud = c.cloudInput
	}
	if c.Audience == "" {
		c.Audience = c.Cloud.Audience
	}
	if c.Scope == "" {
		c.Scope = c.Cloud.Scope
	}
	c.Authority = c.Cloud.Authority
	if v := strings.TrimSpace(w.getenv("AZURE_AUTHORITY_HOST")); v != "" {
		host, p := parseAuthority(v)
		if p != nil {
			problems = append(problems, p)
		} else {
			c.Authority = host
			c.Sources["authority"] = "variable AZURE_AUTHORITY_HOST"
		}
	}
	if c.LiteLLMConfig == "" && len(c.modelNames) == 0 {
		targets, p := c.parseDeployments()
		if p != nil {
			problems = append(problems, p)
		}
		c.Targets = targets
	}
	if p := checkPath(w, "ca-bundle", c.CABundle); p != nil {
		problems = append(problems, p)
	}
	return problems
}

func (c *Config) untrustedEndpoint() *Problem {
	return &Problem{
		ID: "cfg-endpoint-untrusted", Input: "endpoint", Source: c.Sources["endpoint"],
		Value:   printable(c.Endpoint.String()),
		Detail:  "names the host " + inert.Line(c.Endpoint.Host) + ", which is in none of Azure's own zones and which allowed-hosts does not name",
		Allowed: "a host under " + strings.Join(c.cloudSuffixes(), ", ") + ", or one that allowed-hosts names",
	}
}

func (c *Config) cloudSuffixes() []string {
	if c.cloudInput != nil {
		return c.cloudInput.Suffixes
	}
	return clouds[0].Suffixes
}

// parseAuthority accepts the built-in authorities only: an assertion or a
// client secret must not go where a variable says.
func parseAuthority(v string) (string, *Problem) {
	u, err := url.Parse(v)
	if err == nil && u.Scheme == "https" && strings.Trim(u.Path, "/") == "" && u.Port() == "" && u.User == nil &&
		slices.Contains(authorities, strings.ToLower(u.Hostname())) {
		return strings.ToLower(u.Hostname()), nil
	}
	return "", &Problem{
		ID: "cfg-input-invalid", Input: "AZURE_AUTHORITY_HOST", Source: "variable AZURE_AUTHORITY_HOST",
		Value: printable(v), Detail: "is not one of the built-in token authorities",
		Allowed: "https://" + strings.Join(authorities, "/, https://") + "/, or unset",
	}
}

// parseDeployments reads the list of deployments: by comma or line, each with
// an operation of its own or with the common one. The same call is listed once.
func (c *Config) parseDeployments() ([]Target, *Problem) {
	const allowed = "names of deployments by comma or line, each NAME or NAME:OPERATION; a name has letters, digits, '-', '_' and '.', at most 64"
	s := c.deployment
	s.input = "deployment"
	fields := strings.FieldsFunc(s.text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' })
	var targets []Target
	listed := map[Target]bool{}
	for _, f := range fields {
		f = strings.TrimSpace(f)
		if f == "" {
			continue
		}
		name, op, has := strings.Cut(f, ":")
		name, op = strings.TrimSpace(name), strings.TrimSpace(op)
		if !isDeploymentName(name) {
			p := s.problem("cfg-input-invalid", fmt.Sprintf("holds %q, which is not a deployment's name", inert.Clip(clipValue(name), 80)), allowed)
			return nil, p
		}
		t := Target{Deployment: name, Operation: c.Operation, Route: c.Route, APIVersion: c.APIVersion}
		if has {
			t.Operation = Operation(op)
			if !slices.Contains(operations, t.Operation) {
				return nil, s.problem("cfg-input-invalid", fmt.Sprintf("asks for the operation %q", inert.Clip(clipValue(op), 80)), "operations "+list(operations))
			}
		}
		if c.Endpoint != nil {
			t.Endpoint = c.Endpoint.String()
		}
		t.settleRoute()
		if listed[t] {
			continue
		}
		if len(targets) == maxTargets {
			return nil, s.problem("cfg-input-invalid", fmt.Sprintf("lists more than %d calls", maxTargets), fmt.Sprintf("at most %d", maxTargets))
		}
		listed[t] = true
		targets = append(targets, t)
	}
	if len(targets) == 0 {
		s.text = ""
		return nil, s.problem("cfg-input-invalid", notGiven, allowed)
	}
	return targets, nil
}

// settleRoute resolves the automatic route: a dated version names the
// deployments route, which needs one; everything else is v1.
func (t *Target) settleRoute() {
	dated := datedVersion().MatchString(t.APIVersion)
	if t.Route == "" {
		t.Route = RouteV1
		if dated {
			t.Route = RouteDeployments
		}
	}
	if t.Route == RouteDeployments && t.APIVersion == "" {
		t.APIVersion = defaultAPIVersion
	}
}

var (
	datedVersion = lazy(`^20\d\d-\d\d-\d\d(-preview)?$`)
	guid         = lazy(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
)

// clipValue is a value as a problem may show it. A secret that was put where
// an id or a name belongs is not shown.
func clipValue(s string) string {
	if looksLikeSecret(s) {
		return redacted
	}
	return inert.Clip(inert.Line(scrubTokens(s)), 200)
}

// looksLikeSecret knows the forms of Azure's keys and of Entra's client
// secrets, which have a tilde behind a digit and the letter Q.
func looksLikeSecret(s string) bool {
	s = strings.TrimSpace(s)
	return looksLikeKey(s) || secretForm().MatchString(s)
}

var secretForm = lazy(`^[A-Za-z0-9_.~-]{2,6}\dQ~[A-Za-z0-9_.~-]{28,40}$|^[A-Za-z0-9_.~-]*~[A-Za-z0-9_.~-]*$|^[A-Za-z0-9+/]{42,}={0,2}$`)

func list[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}

// isDeploymentName reports whether a deployment can have the name.
func isDeploymentName(s string) bool {
	return s != "" && len(s) <= 64 && only(s, digits+lowercase+uppercase+"._-") && !strings.ContainsAny(s[:1], "._-")
}
