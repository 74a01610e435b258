package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// What is wrong before anybody was asked: the inputs, and after them in
// [localDiagnoses] what a credential needs on the machine. Where the run finds
// it itself, it says so in a [Problem]; a pasted text has only what the client
// libraries say.
var configDiagnoses = append([]*Diagnosis{
	{
		ID:      "cfg-endpoint-malformed",
		Stage:   StageConfig,
		Area:    AreaDeployment,
		Title:   "The endpoint is not just a scheme and a host",
		Setting: SettingBase,
		When:    either(problem("cfg-endpoint-malformed"), all(malformedAddress, not("it is not GitHub's token service whose address is empty", noTokenService)), noEndpoint, twoEndpoints),
		Cause:   malformedCause,
		Remedy:  setEndpointRemedy,
		About: "The endpoint must be scheme and host of the resource and nothing else. Common mistakes are a missing or doubled scheme, a full request URL with path and query, " +
			"a template that nobody expanded, a space or quotation mark, and an API key in the endpoint's place. The TLS and DNS errors that follow are consequences.",
		Verify: "The configuration step succeeds, and the report has the endpoint in its targets.",
		Docs:   docsVersions,
		Source: observed("https://github.com/microsoft/PubSec-Info-Assistant/issues/162"),
	},
	{
		ID:      "cfg-endpoint-untrusted",
		Stage:   StageConfig,
		Area:    AreaDeployment,
		Title:   "The endpoint's host is not one that may be sent a credential",
		Setting: SettingBase,
		When:    either(problem("cfg-endpoint-untrusted"), fault("the check refuses to send a credential to the host", ServiceModel, FaultBlocked)),
		Cause:   untrustedCause,
		Remedy:  allowHost,
		About: "A credential goes only to hosts in Azure's own zones, since only Azure can hand out names there, and to hosts that allowed-hosts names. " +
			"Anyone can own a name under azure-api.net or a domain of their own, so a gateway has to be named in full.",
		Verify: "The check sends its request, and the summary's table has an answer.",
		Docs:   docsInputs,
		Source: documented(docsInputs),
	},
	{
		ID:     "cfg-secrets-empty-untrusted",
		Stage:  StageConfig,
		Area:   AreaAuth,
		Title:  "The ids are empty because GitHub withholds them from this run",
		When:   either(problem("cfg-secrets-empty-untrusted"), says("Not all values are present. Ensure 'client-id' and 'tenant-id' are supplied")),
		Cause:  emptyIDsCause,
		Remedy: useVariables,
		Certain: func(e *Evidence) Certainty {
			return certainIf(e.Problem != nil && e.Job.Untrusted())
		},
		Others: []string{"cfg-client-id-missing", "cfg-tenant-id-missing"},
		Settle: "the event and the actor of the run: a pull request from a fork, or dependabot[bot]",
		About: "GitHub gives no Actions secrets to runs that Dependabot starts, and neither secrets nor configuration variables to a pull request from a fork: each is then an empty string. " +
			"Client and tenant ids are not secret, and as variables they reach Dependabot's runs. A fork's they do not reach, and ids written into the workflow would not help there, since it gets no ID token either.",
		Verify: "A run of Dependabot's has its ids; one of a fork ends with the verdict skipped and a notice.",
		Docs:   docsDependabot,
		Source: documented(docsDependabot),
	},
	{
		ID:      "cfg-tenant-id-malformed",
		Stage:   StageConfig,
		Area:    AreaRuntime,
		Title:   "The tenant id is neither a GUID nor a domain",
		Setting: SettingTenant,
		When:    problem("cfg-tenant-id-malformed"),
		Cause:   problemOr(""),
		Remedy:  setTenant,
		About:   "The tenant id is the Directory (tenant) ID, a GUID of 36 characters, or a verified domain of the tenant. Quotation marks, white space and placeholders are the usual mistakes.",
		Verify:  "`az account show --query tenantId -o tsv` prints the same id.",
		Docs:    docsCodes,
		Source:  documented(docsCodes),
	},
	{
		ID:      "cfg-client-id-malformed",
		Stage:   StageConfig,
		Area:    AreaRuntime,
		Title:   "The client id is not a GUID",
		Setting: SettingClient,
		When:    problem("cfg-client-id-malformed"),
		Cause:   problemOr(""),
		Remedy:  setClientRemedy,
		About:   "The client id is the Application (client) ID of an app registration, or the client id of a user-assigned managed identity: a GUID of 36 characters. Names, object ids in quotation marks and placeholders are the usual mistakes.",
		Verify:  "`az ad sp show --id` with this id finds the service principal.",
		Docs:    docsCodes,
		Source:  documented(docsCodes),
	},
	{
		ID:      "cfg-tenant-id-missing",
		Stage:   StageConfig,
		Area:    AreaRuntime,
		Title:   "No tenant id is given",
		Setting: SettingTenant,
		When: either(problem("cfg-tenant-id-missing"),
			alone("missing environment variable AZURE_TENANT_ID", "no tenant ID specified. Check pod configuration"),
			says("Ensure 'tenant-id' is supplied", "KeyError: 'AZURE_TENANT_ID'"), aadsts(50059, 90019), allTenants),
		Cause: func(e *Evidence) string {
			if e.Problem == nil && allTenants.Holds(e) {
				return "Entra was asked at the address of no tenant in particular, /common for instance, as a client asks that is given no tenant id."
			}
			return problemOr("The credential was given no tenant id: the variable AZURE_TENANT_ID is not set where it runs.")(e)
		},
		Remedy: setTenant,
		About:  "Entra needs to know in which tenant to look for the application. The tenant id comes from the input tenant-id or the variable AZURE_TENANT_ID; a variable that is set on another step or job does not count.",
		Verify: "The report has the tenant in its identity, and under environment what filled the input.",
		Docs:   docsIdentity,
		Source: documented(docsIdentity),
	},
	{
		ID:      "cfg-client-id-missing",
		Stage:   StageConfig,
		Area:    AreaRuntime,
		Title:   "No client id is given",
		Setting: SettingClient,
		When: either(problem("cfg-client-id-missing"),
			alone("missing environment variable AZURE_CLIENT_ID", "no client ID specified. Check pod configuration"),
			says("Ensure 'client-id' is supplied", "KeyError: 'AZURE_CLIENT_ID'"),
			all(aadsts(900144, 90014), says("client_id"))),
		Cause:  problemOr("The credential was given no client id: the variable AZURE_CLIENT_ID is not set where it runs."),
		Remedy: setClientRemedy,
		About:  "A federated credential, a secret and a certificate belong to an application or a user-assigned identity, which the client id names. It comes from the input client-id or the variable AZURE_CLIENT_ID.",
		Verify: "The report has the client id in its identity, and under environment what filled the input.",
		Docs:   docsIdentity,
		Source: documented(docsIdentity),
	},

	{
		ID:     "cfg-path-outside",
		Stage:  StageConfig,
		Area:   AreaRuntime,
		Title:  "A path leads out of the workspace",
		When:   problem("cfg-path-outside"),
		Cause:  problemOr(""),
		Remedy: func(e *Evidence) Remedy { return setInput(e, "Give a path in the workspace or below RUNNER_TEMP.") },
		About:  "A pull request can change the files and links of the workspace. So the files that the inputs name are read and written only in the workspace and in the runner's temp folder, and no link may lead out.",
		Verify: "The check reads or writes the file that the input names.",
		Docs:   docsInputs,
		Source: documented(docsInputs),
	},
	{
		ID:     "cfg-input-invalid",
		Stage:  StageConfig,
		Area:   AreaRuntime,
		Title:  "An input has a value that the check cannot use",
		When:   problem("cfg-input-invalid"),
		Cause:  problemOr(""),
		Remedy: func(e *Evidence) Remedy { return setInput(e, "") },
		About:  "Every input is validated before anything is sent. The finding names the input, what filled it, its value and what is allowed.",
		Verify: "The configuration step succeeds.",
		Docs:   docsInputs,
		Source: documented(docsInputs),
	},
	{
		ID:       "cfg-credential-shadowed",
		Stage:    StageConfig,
		Area:     AreaRuntime,
		Severity: SeverityNotice,
		Title:    "A variable makes a client send a different credential from the one proved",
		When:     problem("cfg-credential-shadowed"),
		Cause:    shadowCause,
		Remedy:   unsetShadows,
		About: "This check proves one identity. A client library may find another credential in its environment first: a key, a static token, a user. " +
			"For some libraries a variable that is set but empty counts as well. Then the suite fails, or passes, with an identity that nobody meant.",
		Verify: "The notice is gone from the next run.",
		Docs:   docsInputs,
		Source: observed("https://github.com/openai/openai-python/issues/3282"),
	},
}, localDiagnoses...)

// problemOr says what the run found, or in a pasted text's case, otherwise.
func problemOr(otherwise string) func(*Evidence) string {
	return func(e *Evidence) string {
		if e.Problem == nil {
			return otherwise
		}
		return problemCause(e.Problem)
	}
}

// problemCause names the input, what filled it, its value and what is allowed.
func problemCause(p *Problem) string {
	var b strings.Builder
	b.WriteString("The setting " + p.Input)
	if p.Value != "" {
		b.WriteString(" (" + quoted(p.Value))
		if p.Source != "" {
			b.WriteString(" from " + inert.Line(p.Source))
		}
		b.WriteByte(')')
	} else if p.Source != "" {
		b.WriteString(" (from " + inert.Line(p.Source) + ")")
	}
	b.WriteString(" " + orElse(inert.Line(p.Detail), "cannot be used"))
	if p.Allowed != "" {
		b.WriteString("; allowed is " + inert.Line(p.Allowed))
	}
	return b.String() + "."
}

func untrustedCause(e *Evidence) string {
	if p := e.Problem; p != nil {
		return "No credential is sent to " + quoted(p.Value) + ": it " + inert.Line(p.Detail) + "."
	}
	return "No credential is sent to " + quoted(hostOf(e)) + ": the host is in none of Azure's own zones, and allowed-hosts does not name it."
}

func emptyIDsCause(e *Evidence) string {
	what := "The client id and the tenant id are empty"
	if e.Problem != nil && len(e.Problem.Empty) > 0 {
		what = "Nothing fills " + strings.Join(e.Problem.Empty, ", ")
	}
	switch {
	case e.Job.Dependabot:
		return what + ", and Dependabot started this run: GitHub gives it no Actions secrets."
	case e.Job.Fork:
		return what + ", and this is a pull request from a fork: GitHub gives it neither secrets nor variables."
	}
	return "The action was given neither a client id nor a tenant id, which happens when they come from secrets and the run is Dependabot's, or from secrets or variables and it is a fork's."
}

func shadowCause(e *Evidence) string {
	var parts []string
	if e.Target != nil && e.Target.Client != nil && e.Problem != nil && inConfiguration(e.Problem.At) && e.Problem.Detail != "" {
		return "The client sends another credential than the token: the configuration's key " + inert.Line(e.Problem.Input) + " " + inert.Line(e.Problem.Detail) + "."
	}
	for _, s := range e.Setup.Shadows {
		state := "is set"
		if s.State == EnvEmpty {
			state = "is set but empty"
		}
		parts = append(parts, inert.Line(s.Name)+" "+state+" in "+inert.Line(s.Source)+": "+inert.Line(s.Effect))
	}
	if len(parts) == 0 {
		return "A variable in the environment makes a client send another credential than the one that this run proved."
	}
	if e.Target != nil && e.Target.Client != nil {
		return "The client sends another credential than the token: " + strings.Join(parts, "; ") + "."
	}
	return "This run proved its own credential, but " + strings.Join(parts, "; ") + "."
}

// allTenants is what Entra says of a request to an address of all tenants that
// only one of them can serve.
var allTenants = aadsts(50194, 90124, 90130, 9001023)

// malformedAddress is what the clients of several languages say of an address
// that cannot be one.
var malformedAddress = all(placed, says(
	"unsupported protocol scheme", "first path segment in URL cannot contain colon", "missing protocol scheme", `invalid character " " in host name`,
	"Request URL is missing an 'http://' or 'https://' protocol", "Request URL has an unsupported protocol", "No scheme supplied", "Invalid URL '", "ERR_INVALID_URL", "TypeError: Invalid URL", "Only absolute URLs are supported",
	"Invalid URI: The hostname could not be parsed", "Invalid URI: The format of the URI could not be determined", "is not an absolute URI",
	"https://https", "lookup https:", "lookup https on", "ENOTFOUND https", "Could not resolve host: https", "host='https'", "Failed to resolve 'https'", "No such host is known. (https:", "URL rejected: Malformed input", schemeNotWebSocket))

// schemeNotWebSocket is what Python's websockets says of an https address.
// https://github.com/monuminu/AOAI_Samples/issues/5
const schemeNotWebSocket = "scheme isn't ws or wss"

// noEndpoint is what the SDKs of OpenAI raise where they are told no endpoint;
// LiteLLM has causes of its own for it.
var noEndpoint = all(says("Must provide one of the `base_url` or `azure_endpoint` arguments", "Must provide one of the `baseURL` or `endpoint` arguments", "Azure OpenAI API instance name not found"),
	not("LiteLLM did not make the client", says("litellm", "AzureException")))

// twoEndpoints is what they raise that are told a base URL besides the endpoint
// or in its place; OPENAI_BASE_URL does it too.
// https://github.com/langchain-ai/langchain/issues/18099
var twoEndpoints = says("base_url and azure_endpoint are mutually exclusive", "baseURL and endpoint are mutually exclusive", "Azure endpoints should be specified via the `azure_endpoint` param")

func malformedCause(e *Evidence) string {
	switch {
	case e.Problem != nil:
		return problemCause(e.Problem)
	case noEndpoint.Holds(e):
		return "The client was given no endpoint: neither an argument nor AZURE_OPENAI_ENDPOINT names one."
	case saysAny(e, schemeNotWebSocket):
		return "The client opens a WebSocket, and was given an address that does not begin with wss://."
	case twoEndpoints.Holds(e):
		return "The client was given a base URL besides the resource's endpoint, or in its place, and takes only the endpoint."
	}
	return "The endpoint that the client was given is not an https address of a resource, so that no request could be built from it."
}

// The remedies of this file.

func setEndpointRemedy(e *Evidence) Remedy {
	r := Remedy{
		Text:     "Set the endpoint to scheme and host of the resource and nothing else; az prints it.",
		Commands: []string{command("az", "cognitiveservices", "account", "show", "-n", "<resource>", "-g", "<resource-group>", "--query", "properties.endpoint", "-o", "tsv")},
		Kind:     UseEndpoint,
	}
	if saysAny(e, schemeNotWebSocket) {
		r.Text = "Give this client the same address with wss:// in place of https://; all the others take the one that az prints."
	}
	if twoEndpoints.Holds(e) {
		r.Text = "Give the client the endpoint alone, as azure_endpoint or AZURE_OPENAI_ENDPOINT: scheme and host of the resource. Leave out the base URL (base_url, openai_api_base), and unset OPENAI_BASE_URL and OPENAI_API_BASE."
	}
	if e.Problem != nil && e.Problem.Suggest != "" {
		r.Text = "Set the endpoint to " + inert.Line(e.Problem.Suggest) + ", scheme and host and nothing else."
		r.Params = map[string]string{"endpoint": e.Problem.Suggest}
	}
	return r
}

func allowHost(e *Evidence) Remedy {
	host := hostOf(e)
	if e.Problem != nil {
		_, rest, _ := strings.Cut(e.Problem.Value, "://")
		host, _, _ = strings.Cut(rest, "/")
	}
	if own := imitated(host); own != "" {
		// Nobody should be told to send a credential there.
		return Remedy{
			Text:    "Set the endpoint to https://" + own + " if that is the resource. The host that was given only looks like it and belongs to somebody else: send it nothing.",
			Snippet: "with:\n  endpoint: https://" + own + "\n",
			Kind:    UseEndpoint,
			Params:  params("endpoint", "https://"+own),
		}
	}
	r := Remedy{
		Text:   "If the host is your own gateway, name it in allowed-hosts, in full; else correct the endpoint.",
		Kind:   AllowHost,
		Params: params("host", host),
	}
	r.Snippet = "with:\n  allowed-hosts: " + arg(host, "<host of the gateway>") + "\n"
	return r
}

// imitated is the host of Azure's that a stranger's name begins with, "" when
// it begins with none: NAME.openai.azure.com.evil.example.
func imitated(host string) string {
	for _, c := range clouds {
		for _, suffix := range c.Suffixes {
			name, _, ok := strings.Cut(host, "."+suffix+".")
			if ok && name != "" && isHostName(name) {
				return name + "." + suffix
			}
		}
	}
	return ""
}

func useVariables(e *Evidence) Remedy {
	const variables = "Move the ids from secrets to repository variables and refer to them as ${{ vars.AZURE_CLIENT_ID }} and ${{ vars.AZURE_TENANT_ID }}; they are not secret, and Dependabot's runs get variables. "
	const skip = "Such a run gets no ID token either: set untrusted: skip, which passes over it with a notice, and let the suite's steps depend on the output verdict. " +
		"What needs the model is tested on push after the merge, or on pull_request_target with an environment that needs a reviewer, and then never check out or run the pull request's code."
	r := Remedy{Snippet: "with:\n  untrusted: skip\n", Kind: RunElsewhere, Params: params("event", e.Job.EventName)}
	if e.Job.Fork && !e.Job.Dependabot {
		r.Text = "Neither secrets nor variables reach a pull request from a fork. " + skip
		return r
	}
	repo := repositoryFlag(e)
	r.Commands = []string{
		command(append([]string{"gh", "variable", "set", "AZURE_CLIENT_ID", "--body", "<client-id>"}, repo...)...),
		command(append([]string{"gh", "variable", "set", "AZURE_TENANT_ID", "--body", "<tenant-id>"}, repo...)...),
	}
	if e.Job.Dependabot {
		r.Text, r.Snippet = variables+"Where a secret is needed all the same, store it as a Dependabot secret too.", ""
		return r
	}
	r.Text = variables + "Pull requests from forks get neither secrets nor variables. " + skip
	return r
}

func setTenant(e *Evidence) Remedy {
	return Remedy{
		Text:     "Set tenant-id (or AZURE_TENANT_ID) to the Directory (tenant) ID of the resource's subscription; in a workflow, ${{ vars.AZURE_TENANT_ID }}.",
		Commands: []string{"az account show --query tenantId -o tsv"},
		Snippet:  "with:\n  tenant-id: ${{ vars.AZURE_TENANT_ID }}\n",
		Kind:     SetInput,
		Params:   params("input", "tenant-id", "value", suggestion(e)),
	}
}

func setClientRemedy(e *Evidence) Remedy {
	return Remedy{
		Text: "Set client-id (or AZURE_CLIENT_ID) to the Application (client) ID of the app registration, or to the clientId of the user-assigned identity; not to an object id.",
		Commands: []string{
			command("az", "ad", "app", "list", "--display-name", "<name of the app>", "--query", "[].appId", "-o", "tsv"),
			command("az", "identity", "show", "-n", "<name of the identity>", "-g", "<resource-group>", "--query", "clientId", "-o", "tsv"),
		},
		Snippet: "with:\n  client-id: ${{ vars.AZURE_CLIENT_ID }}\n",
		Kind:    SetInput,
		Params:  params("input", "client-id", "value", suggestion(e)),
	}
}

func setInput(e *Evidence, text string) Remedy {
	p := e.Problem
	if p == nil {
		p = &Problem{Input: "<input>"}
	}
	if text == "" {
		text = "Correct the setting " + p.Input
		if p.Allowed != "" {
			text += ": " + inert.Line(p.Allowed)
		}
		text += "."
	}
	r := Remedy{Text: text, Kind: SetInput, Params: params("input", p.Input, "value", p.Suggest)}
	if p.Suggest != "" {
		r.Snippet = "with:\n  " + p.Input + ": " + inert.Line(p.Suggest) + "\n"
	}
	return r
}

// inConfiguration reports whether a place is in a client's configuration, and
// not in a .env file.
func inConfiguration(at Location) bool { return at.File != "" && !strings.HasSuffix(at.File, ".env") }

func unsetShadows(e *Evidence) Remedy {
	if p := e.Problem; p != nil && inConfiguration(p.At) {
		return Remedy{Text: "Remove the key " + inert.Line(p.Input) + " from " + inert.Line(p.At.File) + ", unless it is the one that is meant.", Kind: EditConfig, Params: params("file", inert.Line(p.At.File), "key", inert.Line(p.Input), "value", "")}
	}
	r := Remedy{Text: "Take these variables out of the environment of the step that runs the suite, or leave only the one that you intend to use: delete them from env, or unset them in that step's own command. An empty value is not enough.", Kind: UnsetVariable}
	for _, s := range e.Setup.Shadows {
		r.Commands = append(r.Commands, command("unset", arg(s.Name, "<variable>")))
		if r.Params == nil {
			r.Params = map[string]string{"name": s.Name}
		}
	}
	return r
}

// suggestion is the value that was probably meant, "" when nobody can know.
func suggestion(e *Evidence) string {
	if e.Problem != nil {
		return e.Problem.Suggest
	}
	return ""
}
