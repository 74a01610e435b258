package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/secret"
)

// An input is one row of the program's only table of settings: the name is the
// action's input and the command line's flag, vars are the standard variables
// that fill it when it is empty, and usage is its row in the documentation.
type input struct {
	name    string
	vars    []string
	initial string // the program's default, shown in the documentation
	usage   string
	set     func(*Config, setting) *Problem
}

// A setting is an input's value and what filled it.
type setting struct {
	input  string
	text   string
	source string // "input X", "flag --X", "variable X", "" when nothing filled it
}

// problem is a [Problem] about this setting.
func (s setting) problem(id, detail, allowed string) *Problem {
	return &Problem{ID: id, Input: s.input, Source: s.source, Value: clipValue(s.text), Detail: detail, Allowed: allowed}
}

// inputs is the table, in the order of action.yml and the README.
var inputs = []input{
	{name: "endpoint", vars: []string{"AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE"},
		usage: "Endpoint of the resource: scheme and host, like `https://NAME.openai.azure.com`.",
		set:   setEndpoint},
	{name: "deployment", vars: []string{"AZURE_OPENAI_DEPLOYMENT", "AZURE_OPENAI_DEPLOYMENT_NAME"},
		usage: "Name of the deployment. Several are separated by commas or lines; each is `name` or `name:operation`.",
		set:   func(c *Config, s setting) *Problem { c.deployment = s; return nil }},
	{name: "operation", initial: "chat",
		usage: "Operation of the deployments that do not name their own: `chat`, `responses`, `embeddings`, `completions`, `images` or `audio`.",
		set:   setOperation},
	{name: "route", initial: "auto",
		usage: "`v1`, `deployments`, or `auto`: the deployments route when `api-version` is a date, else v1.",
		set:   setRoute},
	{name: "api-version", vars: []string{"AZURE_API_VERSION", "OPENAI_API_VERSION", "AZURE_OPENAI_API_VERSION"},
		usage: "The `api-version` of the query: a date like `2024-10-21` or `2025-04-01-preview`, or `v1`, `preview`, `latest`. None on the v1 route; `" + defaultAPIVersion + "` on the deployments route.",
		set:   setAPIVersion},
	{name: "tenant-id", vars: []string{"AZURE_TENANT_ID"},
		usage: "Directory (tenant) id that issues the token.",
		set:   setTenantID},
	{name: "client-id", vars: []string{"AZURE_CLIENT_ID"},
		usage: "Application (client) id of the app registration or user-assigned identity.",
		set:   setClientID},
	{name: "identity", initial: "auto",
		usage: "How to get the token: `auto`, `github-oidc`, `client-secret`, `client-certificate`, `workload-identity`, `managed-identity`, `default-azure-credential` or `api-key`.",
		set:   setIdentity},
	{name: "audience",
		usage: "Audience of GitHub's ID token. Follows from the cloud: `api://AzureADTokenExchange` for the public one.",
		set:   func(c *Config, s setting) *Problem { c.Audience = s.text; return nil }},
	{name: "scope",
		usage: "Scope of the access token. Follows from the cloud: `https://cognitiveservices.azure.com/.default` for the public one.",
		set:   func(c *Config, s setting) *Problem { c.Scope = s.text; return nil }},
	{name: "cloud",
		usage: "`public`, `usgov` or `china`. Follows from the endpoint's host.",
		set:   setCloud},
	{name: "client", initial: "azidentity",
		usage: "Which client's credential is checked: that of `azidentity`, or what `litellm`, `dspy` or `openai` (openai-python's AzureOpenAI) would send if the code gives it a token provider for this identity.",
		set:   setClient},
	{name: "litellm-config",
		usage: "LiteLLM proxy configuration in the workspace. Its models are checked with the credentials that the proxy would send.",
		set:   func(c *Config, s setting) *Problem { c.LiteLLMConfig = s.text; return nil }},
	{name: "litellm-models",
		usage: "Which models of `litellm-config` are checked, separated by commas or lines; all when empty. Without a configuration: the models as the suite's code names them, like `azure/my-deployment`.",
		set:   func(c *Config, s setting) *Problem { c.LiteLLMModels = s.text; return nil }},
	{name: "litellm-version",
		usage: "Version of LiteLLM that the suite runs. Read from the workspace's lock or requirements file when empty.",
		set:   setLiteLLMVersion},
	{name: "client-env",
		usage: "Lines `NAME=value`: variables that the suite's step will have and this step does not.",
		set:   setClientEnv},
	{name: "subscription-key",
		usage: "Subscription key of the API Management gateway in front of the resource.",
		set:   func(c *Config, s setting) *Problem { c.subscriptionKey = secret.New(s.text); return nil }},
	{name: "expect-tenant-id",
		usage: "Fail unless the token is issued by this tenant.",
		set:   expectGUID(func(c *Config) *string { return &c.ExpectTenantID })},
	{name: "expect-client-id",
		usage: "Fail unless the token was issued to this application.",
		set:   expectGUID(func(c *Config) *string { return &c.ExpectClientID })},
	{name: "expect-object-id",
		usage: "Fail unless the token is for this principal.",
		set:   expectGUID(func(c *Config) *string { return &c.ExpectObjectID })},
	{name: "expect-model",
		usage: "Fail unless the deployment answers as this model, like `gpt-4o` or `gpt-4o-2024-11-20`.",
		set:   func(c *Config, s setting) *Problem { c.ExpectModel = s.text; return nil }},
	{name: "min-token-lifetime", initial: "0s",
		usage: "Warn when the token expires sooner than this, for example `45m`.",
		set:   duration(func(c *Config) *durationSetting { return &c.minTokenLifetime })},
	{name: "wait-for-propagation", initial: "0s",
		usage: "How long to keep retrying a failure that time can cure: a new role assignment, federated credential or deployment.",
		set:   duration(func(c *Config) *durationSetting { return &c.wait })},
	{name: "timeout", initial: "60s",
		usage: "Deadline of the whole check, not counting `wait-for-propagation`.",
		set:   duration(func(c *Config) *durationSetting { return &c.timeout })},
	{name: "untrusted", initial: "fail",
		usage: "What to do in a run from which GitHub withholds the identity (a fork's pull request, Dependabot): `fail` or `skip`.",
		set:   oneOf(func(c *Config) *string { return &c.Untrusted }, "fail", "skip")},
	{name: "mode", initial: "enforce",
		usage: "`enforce`, or `warn`: report a failure as a warning and exit 0.",
		set:   oneOf(func(c *Config) *string { return &c.Mode }, "enforce", "warn")},
	{name: "allowed-hosts",
		usage: "Hosts outside Azure's own zones that may be sent the credential, separated by commas or lines: API Management, custom domains.",
		set:   setAllowedHosts},
	{name: "ca-bundle",
		usage: "PEM file in the workspace with certificate authorities to trust in addition to the system's.",
		set:   func(c *Config, s setting) *Problem { c.CABundle = s.text; return nil }},
	{name: "log",
		usage: "Log of a suite that failed, as a path in the workspace. The log is diagnosed, and nothing else is checked.",
		set:   func(c *Config, s setting) *Problem { c.Log = s.text; return nil }},
	{name: "report",
		usage: "Path in the workspace (or the runner's temp folder) to write the JSON report to.",
		set:   func(c *Config, s setting) *Problem { c.ReportPath = s.text; return nil }},
}

// help is the input's row in the help of check: package flag takes what stands
// in backticks for the name of a value, and knows nothing of the variables.
func (in input) help() string {
	text := strings.ReplaceAll(in.usage, "`", "'")
	if len(in.vars) > 0 {
		text += " Filled by " + strings.Join(in.vars, ", ") + "."
	}
	if in.initial != "" {
		text += " Default: " + in.initial + "."
	}
	return text
}

// read finds what fills an input: a flag, the action's input, then the
// standard variables. Empty means unset.
func (in input) read(w World, flags map[string]string) setting {
	if v := strings.TrimSpace(flags[in.name]); v != "" {
		return setting{in.name, v, "flag --" + in.name}
	}
	upper := strings.ToUpper(in.name)
	// The runner keeps the hyphen. A shell between it and us may have dropped
	// such a name, so the spelling that survives one is read as well.
	for _, name := range []string{"INPUT_" + upper, "INPUT_" + strings.ReplaceAll(upper, "-", "_")} {
		if v := strings.TrimSpace(w.getenv(name)); v != "" {
			return setting{in.name, v, "input " + in.name}
		}
	}
	for _, name := range in.vars {
		if v := strings.TrimSpace(w.getenv(name)); v != "" {
			return setting{in.name, v, "variable " + name}
		}
	}
	return setting{input: in.name}
}
