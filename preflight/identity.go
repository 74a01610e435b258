package preflight

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// An identity is the method that was chosen and what it needs.
type identity struct {
	method Method
	reason string   // why this method
	unused []string // what else was there

	secret      Secret // client secret
	secretIs    string // what the secret's shape gives away
	certificate string // path
	password    Secret // of the certificate
	tokenFile   string // path
	key         Secret // API key
	keyFrom     string // what holds the key or the token
	header      string // that carries the key, "" for api-key
	token       Secret // a static access token, or an assertion
	user        Secret // whose password it is
	served      served // where a managed identity is asked for, if a variable says so
	client      bool   // what another client sends, not this run's own choice
}

// chooseIdentity settles the identity input. Auto takes, in this order: a
// client secret, certificate or federated token file that is complete; GitHub
// OIDC inside Actions with a client id, whether or not the job has the
// permission, whose absence is then the finding; a managed identity where its
// variables are set, or on a self-hosted runner with no ids; GitHub OIDC for
// what remains inside Actions; DefaultAzureCredential outside. A key is used
// only when asked for.
func chooseIdentity(w World, c *Config, job Job, v *vault) identity {
	id := identity{
		certificate: w.getenv("AZURE_CLIENT_CERTIFICATE_PATH"),
		tokenFile:   w.getenv("AZURE_FEDERATED_TOKEN_FILE"),
	}
	if s := w.getenv("AZURE_CLIENT_SECRET"); s != "" {
		id.secret, id.secretIs = v.keep(s), secretShape(s)
	}
	if s := w.getenv("AZURE_CLIENT_CERTIFICATE_PASSWORD"); s != "" {
		id.password = v.keep(s)
	}
	for _, name := range []string{"AZURE_OPENAI_API_KEY", "AZURE_API_KEY"} {
		// As it is: the suite's client sends a line break at its end as well, or
		// fails of it.
		if s := w.getenv(name); strings.TrimSpace(s) != "" && id.key.IsZero() {
			id.key, id.keyFrom = v.keep(s), name
		}
	}
	ids := c.Sources["tenant-id"] != "" && c.Sources["client-id"] != ""
	id.served = servedAt(w)
	managed := id.served.variable

	switch {
	case c.Identity != "":
		id.method, id.reason = c.Identity, c.Sources["identity"]
	case ids && !id.secret.IsZero():
		id.method, id.reason = MethodClientSecret, "AZURE_CLIENT_SECRET is set, with a tenant id and a client id"
	case ids && id.certificate != "":
		id.method, id.reason = MethodClientCertificate, "AZURE_CLIENT_CERTIFICATE_PATH is set, with a tenant id and a client id"
	case ids && id.tokenFile != "":
		id.method, id.reason = MethodWorkloadIdentity, "AZURE_FEDERATED_TOKEN_FILE is set, with a tenant id and a client id"
	case job.Actions && c.Sources["client-id"] != "":
		id.method, id.reason = MethodGitHubOIDC, "inside GitHub Actions, with a client id"
	case managed != "":
		id.method, id.reason = MethodManagedIdentity, managed+" is set"
	case job.Actions && !job.Hosted && c.Sources["tenant-id"] == "" && !job.Untrusted():
		id.method, id.reason = MethodManagedIdentity, "a self-hosted runner, and neither a client id nor a tenant id"
	case job.Actions:
		id.method, id.reason = MethodGitHubOIDC, "inside GitHub Actions"
	default:
		id.method, id.reason = MethodDefault, "outside GitHub Actions"
	}

	note := func(m Method, there bool, what string) {
		if there && id.method != m {
			id.unused = append(id.unused, what)
		}
	}
	note(MethodClientSecret, !id.secret.IsZero(), "a client secret (AZURE_CLIENT_SECRET)")
	note(MethodClientCertificate, id.certificate != "", "a client certificate (AZURE_CLIENT_CERTIFICATE_PATH)")
	note(MethodWorkloadIdentity, id.tokenFile != "", "a federated token file (AZURE_FEDERATED_TOKEN_FILE)")
	note(MethodGitHubOIDC, job.IDTokenURL && job.IDTokenToken, "GitHub's OIDC token service (ACTIONS_ID_TOKEN_REQUEST_URL)")
	note(MethodManagedIdentity, managed != "", "a managed identity ("+managed+")")
	note(MethodKey, !id.key.IsZero(), "an API key ("+id.keyFrom+")")
	return id
}

// served is a variable that says where a managed identity is asked for.
type served struct{ variable, value string }

func servedAt(w World) served {
	for _, name := range []string{"IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT"} {
		if v := w.getenv(name); v != "" {
			return served{name, v}
		}
	}
	return served{}
}

// problem is what is wrong with the address: azidentity sends the secret of the
// endpoint wherever the variable says.
func (s served) problem() *Problem {
	u, err := url.Parse(s.value)
	if s.variable == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && metadataAddress(strings.ToLower(u.Hostname())) {
		return nil
	}
	return &Problem{ID: "cfg-input-invalid", Input: s.variable, Source: "variable " + s.variable, Value: printable(s.value),
		Detail:  "is no address of this machine, and the request would have a secret",
		Allowed: "http or https at localhost, a loopback or a link-local address, as Azure's platforms set it, or unset"}
}

// secretShape tells the two mistakes that a client secret's form gives away.
func secretShape(s string) string {
	switch {
	case guid().MatchString(strings.TrimSpace(s)):
		return "guid" // the secret's id, which the portal shows beside its value
	case strings.TrimSpace(s) != s || strings.ContainsAny(s, "\r\n\t"):
		return "whitespace"
	}
	return ""
}

// problems are what the method lacks.
func (id *identity) problems(c *Config, job Job) []*Problem {
	var out []*Problem
	if id.client && id.method == methodStatic && !httpguts.ValidHeaderFieldValue(id.token.Reveal()) {
		out = append(out, &Problem{ID: "cfg-input-invalid", Input: id.keyFrom, Detail: "holds a line break or another character that no header can carry", Allowed: "the token alone"})
	}
	missing := func(pid, input, variable string) {
		if c.Sources[input] == "" {
			out = append(out, &Problem{ID: pid, Input: input, Detail: "is empty, and so is " + variable,
				Allowed: "a value in the input " + input + " or the variable " + variable + ", which the identity " + string(id.method) + " needs"})
		}
	}
	switch id.method {
	case MethodGitHubOIDC, MethodClientSecret, MethodClientCertificate, MethodWorkloadIdentity:
		missing("cfg-tenant-id-missing", "tenant-id", "AZURE_TENANT_ID")
		missing("cfg-client-id-missing", "client-id", "AZURE_CLIENT_ID")
	}
	incomplete := func(input, detail, allowed string) {
		out = append(out, &Problem{ID: "cfg-credential-incomplete", Input: input, Detail: detail, Allowed: allowed})
	}
	if id.method == MethodKey && !id.client {
		// A key names nobody: what cannot be checked must not look checked.
		for _, name := range []string{"expect-tenant-id", "expect-client-id", "expect-object-id", "min-token-lifetime"} {
			if c.Sources[name] != "" {
				out = append(out, &Problem{ID: "cfg-input-invalid", Input: name, Source: c.Sources[name], Detail: "cannot be checked with the identity api-key, which has no token",
					Allowed: "empty, or another identity"})
			}
		}
	}
	for _, k := range []struct {
		name  string
		value Secret
	}{{id.keyFrom, id.key}, {"subscription-key", c.subscriptionKey}} {
		if (k.name == "subscription-key" || id.method == MethodKey) && !httpguts.ValidHeaderFieldValue(k.value.Reveal()) {
			out = append(out, &Problem{ID: "cfg-input-invalid", Input: k.name, Detail: "holds a line break or another character that no header can carry", Allowed: "the key alone"})
		}
	}
	switch {
	case id.method == MethodClientSecret && id.secret.IsZero():
		incomplete("AZURE_CLIENT_SECRET", "is not set, and identity is client-secret", "the client secret's value in the variable AZURE_CLIENT_SECRET")
	case id.method == MethodClientCertificate && id.certificate == "":
		incomplete("AZURE_CLIENT_CERTIFICATE_PATH", "is not set, and identity is client-certificate", "the path of a PEM or PKCS#12 file in the variable AZURE_CLIENT_CERTIFICATE_PATH")
	case id.method == MethodWorkloadIdentity && id.tokenFile == "":
		out = append(out, &Problem{ID: "cfg-workload-token-file", Input: "AZURE_FEDERATED_TOKEN_FILE", Detail: "is not set, and identity is workload-identity",
			Allowed: "the path of the projected token in the variable AZURE_FEDERATED_TOKEN_FILE"})
	case id.method == MethodManagedIdentity:
		if p := id.served.problem(); p != nil {
			out = append(out, p)
		}
	case id.method == MethodKey && id.key.IsZero():
		incomplete("AZURE_OPENAI_API_KEY", "is not set, nor is AZURE_API_KEY, and identity is api-key", "a key of the resource in one of these variables")
	}
	return out
}

// withheld puts the cause before its consequences: a fork's or Dependabot's run
// gets an empty string for every secret. What is missing there is explained by
// that, and is no problem of its own.
func withheld(problems []*Problem, job Job) []*Problem {
	if !job.Untrusted() {
		return problems
	}
	var missing []string
	rest := slices.DeleteFunc(slices.Clone(problems), func(p *Problem) bool {
		gone := p.Value == "" && (p.ID == "cfg-tenant-id-missing" || p.ID == "cfg-client-id-missing" || p.ID == "cfg-credential-incomplete" || p.Detail == notGiven)
		if gone {
			missing = append(missing, p.Input)
		}
		return gone
	})
	if missing == nil {
		return problems
	}
	return append([]*Problem{{ID: "cfg-secrets-empty-untrusted", Input: missing[0], Detail: "is empty", Empty: missing}}, rest...)
}

// notGiven is the detail of an input that nothing fills.
const notGiven = "is not given"

// shadowing are the variables that make some client send another credential
// than an Entra token of this run's identity. What each does is told by the
// clients' sources: openai-python's Azure client takes a static token before a
// provider before a key, and tests for None, so that an empty variable counts.
var shadowing = []struct{ name, set, empty string }{
	{"AZURE_API_KEY",
		"LiteLLM (and DSPy through it) can send this key instead of the token",
		"LiteLLM up to 1.63.7 drops the token provider for it and has an empty key, with which its call fails"},
	{"AZURE_OPENAI_API_KEY",
		"LiteLLM and openai-python can send this key instead of the token",
		"LiteLLM and openai-python can take the empty value for a key, which Azure answers with 401"},
	{"AZURE_AD_TOKEN",
		"LiteLLM sends this token for chat up to 1.63.7, and for Responses in later versions, whatever its age and audience",
		"LiteLLM up to 1.63.7 takes the empty value for a token and drops the token provider"},
	{"AZURE_OPENAI_AD_TOKEN",
		"openai-python, and LiteLLM through it, sends this token even when a token provider is given in code",
		"openai-python takes the empty value for a token and sends an empty Authorization header"},
	{"AZURE_USERNAME",
		"LiteLLM signs in as this user when AZURE_PASSWORD and AZURE_CLIENT_ID are set too",
		""},
}

// shadows lists them as this step and the test step have them.
func shadows(w World, c *Config, id identity) []Shadow {
	var out []Shadow
	if c.asClient() {
		return nil // the client's own credential is what is checked
	}
	for _, s := range shadowing {
		value, set := w.LookupEnv(s.name)
		state, source := stateOf(value), "this step's environment"
		if later, ok := c.ClientEnv[s.name]; ok {
			state, set, source = later, true, "input client-env"
		}
		if !set || (id.method == MethodKey && s.name == id.keyFrom && state == EnvSet) {
			continue
		}
		switch {
		case state == EnvSet:
			out = append(out, Shadow{s.name, EnvSet, source, s.set})
		case s.empty != "":
			out = append(out, Shadow{s.name, EnvEmpty, source, s.empty})
		}
	}
	return out
}

// setup is what evidence may say of the configuration.
func setup(w World, c *Config, id identity) Setup {
	s := Setup{
		Method: id.method, Reason: id.reason, Unused: id.unused,
		TenantID: c.TenantID, ClientID: c.ClientID,
		Cloud: c.Cloud.Name, Authority: c.Authority, Audience: c.Audience, Scope: c.Scope,
		ExpectTenantID: c.ExpectTenantID, ExpectClientID: c.ExpectClientID, ExpectObjectID: c.ExpectObjectID, ExpectModel: c.ExpectModel,
		MinTokenLifetime: c.MinTokenLifetime(), Timeout: c.Timeout(),
		Env: map[string]EnvState{}, Shadows: shadows(w, c, id),
		SecretIs: id.secretIs, TokenFile: id.tokenFile, Trusted: c.AllowedHosts,
	}
	if c.Endpoint != nil && cloudOf(c.Endpoint.Hostname()) != nil {
		// A gateway may ask for any audience; Azure's own hosts ask for these.
		s.Audiences = c.Cloud.Audiences
	}
	for _, name := range knownVariables {
		if v, ok := w.LookupEnv(name); ok {
			s.Env[name] = stateOf(v)
		}
	}
	return s
}

// knownVariables are those that decide what a client of Azure OpenAI sends.
var knownVariables = []string{
	"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE",
	"AZURE_AUTHORITY_HOST", "AZURE_TOKEN_CREDENTIALS", "AZURE_REGIONAL_AUTHORITY_NAME",
	"AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN", "AZURE_USERNAME", "AZURE_PASSWORD", "AZURE_CREDENTIAL", "AZURE_SCOPE",
	"AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE", "AZURE_API_VERSION", "OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION", "OPENAI_API_KEY",
	"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "IMDS_ENDPOINT",
	"HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR",
}

// stateOf tells an empty value from any other.
func stateOf(value string) EnvState {
	if value == "" {
		return EnvEmpty
	}
	return EnvSet
}

// secretVariables hold credentials that this run may not use itself, and that
// a server or a file could echo all the same.
var secretVariables = []string{
	"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_RUNTIME_TOKEN", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_API_KEY", "AZURE_OPENAI_API_KEY",
	"AZURE_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN", "AZURE_PASSWORD", "IDENTITY_HEADER", "MSI_SECRET", "OPENAI_API_KEY",
}

// keepKnown registers every secret that the environment and the inputs hold,
// before anything is printed.
func keepKnown(w World, c *Config, v *vault) {
	clientSecrets(c, v)
	for _, name := range secretVariables {
		if s := w.getenv(name); s != "" {
			v.keep(s)
		}
	}
	if !c.subscriptionKey.IsZero() {
		v.keep(c.subscriptionKey.Reveal())
	}
}

// describe names the credential for the table of targets.
func (id *identity) describe() string {
	switch id.method {
	case MethodKey:
		return fmt.Sprintf("API key (%s)", id.keyFrom)
	case methodStatic:
		return fmt.Sprintf("static token (%s)", id.keyFrom)
	}
	return fmt.Sprintf("Entra token (%s)", id.method)
}
