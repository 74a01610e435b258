package preflight

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/internal/secret"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// The clients whose credential can be checked instead of this run's own.

// maxClientConfig bounds one file of a LiteLLM configuration.
const maxClientConfig = 8 << 20

// ClientEvidence is what is known of the client that a target stands for: how
// it would make the call, and what can break it. It holds no value.
type ClientEvidence struct {
	Client   litellm.Client
	Version  string // of LiteLLM, or of openai-python for the client openai; "" when nobody says
	Stated   string // what states the version: an input, or a file with its line
	StatedAt Location
	// AssumedSDK says which openai-python is assumed below LiteLLM, where no pin
	// states it and another would change what is sent: a clause.
	AssumedSDK string
	Model      string // as the client is told it
	Source     litellm.Source
	Header     string
	Fails      string // what the client raises before it sends anything
	Causes     []ClientCause
	Behind     []ClientCause // keys and tokens that would be sent next, were the first one gone

	places places // of what the call was made of
}

// ClientCause is a [litellm.Cause] without its value.
type ClientCause struct {
	ID     string
	Param  string // the parameter or variable at fault
	Var    string // the variable behind it, "" for none
	From   string
	State  EnvState // "" for unset
	Detail string
	At     Location
	Breaks bool
}

// asClient reports whether the check stands for another client than itself.
func (c *Config) asClient() bool { return c.Client != "" }

// environment is what the client's process will have: what client-env says,
// else this step's own, else what a .env file adds.
func (r *run) environment(dotenv map[string]litellm.Value) litellm.Environment {
	return func(name string) litellm.Value {
		if r.job.Actions && (name == "ACTIONS_ID_TOKEN_REQUEST_URL" || name == "ACTIONS_ID_TOKEN_REQUEST_TOKEN") {
			// Whether the job may have an ID token is the next link's to find out.
			return litellm.Value{Set: true, Text: secret.New("https://token.actions.githubusercontent.com"), From: "variable " + name, Var: name}
		}
		if s, ok := r.cfg.clientEnv[name]; ok {
			return litellm.Value{Set: true, Text: s, From: "variable " + name + " (input client-env)", Var: name}
		}
		if s, ok := r.w.LookupEnv(name); ok && !litellm.Refused(name) {
			if secretName(name) {
				r.vault.keep(s)
			}
			return litellm.Value{Set: true, Text: secret.New(s), From: "variable " + name, Var: name}
		}
		if v, ok := dotenv[name]; ok {
			v.Var = name
			return v
		}
		return litellm.Value{From: "variable " + name, Var: name}
	}
}

// models are the calls that the client will make, or what is wrong with the
// settings that say so.
func (r *run) models() ([]litellm.Model, []*Problem) {
	c := r.cfg
	versions := r.versions()
	env := r.environment(r.dotEnv())
	if c.LiteLLMConfig != "" {
		return r.configuredModels(env, versions)
	}
	base := litellm.Call{Client: c.Client, Env: env, Versions: versions, Params: map[string]litellm.Value{}, Globals: map[string]litellm.Value{},
		Provider: r.id.method != MethodKey}
	pass := func(param, input string, text string, own ...string) {
		// What a variable of the client's own fills, the client finds itself.
		if v, ok := strings.CutPrefix(c.Sources[input], "variable "); text == "" || ok && slices.Contains(own, v) {
			return
		}
		base.Params[param] = litellm.Value{Set: true, Text: secret.New(text), From: c.Sources[input]}
	}
	if c.Client == litellm.OpenAI {
		pass("azure_endpoint", "endpoint", endpointText(c), "AZURE_OPENAI_ENDPOINT")
		pass("api_version", "api-version", c.APIVersion, "OPENAI_API_VERSION")
	} else {
		// Neither of them is told to LiteLLM by the suite's code: the second one
		// reaches the OpenAI SDK in some releases.
		pass("api_base", "endpoint", endpointText(c), "AZURE_API_BASE", "AZURE_OPENAI_ENDPOINT")
		// LiteLLM has no use for OpenAI's variable, nor for any other.
		if !strings.HasPrefix(c.Sources["api-version"], "variable ") {
			pass("api_version", "api-version", c.APIVersion)
		}
	}
	var out []litellm.Model
	add := func(model string, op Operation) {
		call := base
		call.Model, call.Kind = model, kindOf(op, model)
		out = append(out, litellm.Model{Call: call})
	}
	for _, name := range c.modelNames {
		add(name, c.Operation)
	}
	if len(c.modelNames) > 0 {
		return out, nil
	}
	for _, t := range c.Targets {
		model := t.Deployment
		if c.Client != litellm.OpenAI {
			model = "azure/" + model
		}
		add(model, t.Operation)
	}
	return out, nil
}

// configuredModels reads a LiteLLM proxy's configuration.
func (r *run) configuredModels(env litellm.Environment, versions litellm.Versions) ([]litellm.Model, []*Problem) {
	c := r.cfg
	// What stands in the workspace is named as an annotation has to name it.
	file, err := litellm.Load(cmp.Or(fromWorkspace(r.w, c.LiteLLMConfig), c.LiteLLMConfig), func(name string) ([]byte, error) { return readConfined(r.w, name, maxClientConfig) })
	if err != nil {
		return nil, []*Problem{r.brokenConfig(err)}
	}
	models := file.Models(env, versions)
	refused := r.noteConfig(file.Facts(env, versions))
	if c.LiteLLMModels != "" {
		chosen, unknown := litellm.Select(models, c.LiteLLMModels)
		if len(unknown) > 0 {
			return nil, []*Problem{{ID: "cfg-input-invalid", Input: "litellm-models", Source: c.Sources["litellm-models"], Value: clipValue(c.LiteLLMModels),
				Detail: "names " + quoted(clipValue(unknown[0])) + ", which the configuration does not have", Allowed: "values of model_name or litellm_params.model in " + inert.Line(c.LiteLLMConfig)}}
		}
		models = chosen
	}
	if !slices.ContainsFunc(models, func(m litellm.Model) bool {
		return m.Skip == "" || hasFault(m, litellm.EnvRefused) || misspelt(&m) != nil
	}) {
		return nil, []*Problem{{ID: "cfg-input-invalid", Input: "litellm-config", Source: c.Sources["litellm-config"], Value: clipValue(c.LiteLLMConfig),
			Detail: "has no model that this check can call" + skippedModels(models), Allowed: "a model_list with at least one azure/ or azure_ai/ model", At: firstModel(file, models)}}
	}
	return models, refused
}

// misspelt is the problem with a model whose prefix LiteLLM does not know and
// that was meant for Azure, nil for any other: nobody would call it.
func misspelt(m *litellm.Model) *Problem {
	if !litellm.Misspelt(m.Call.Model) || !m.Call.Params["custom_llm_provider"].Empty() {
		return nil
	}
	prefix, deployment, _ := strings.Cut(m.Call.Model, "/")
	return &Problem{ID: litellm.PrefixMissing, Input: "model", Value: clipValue(m.Call.Model), At: Location(m.Call.At),
		Detail: "begins with " + quoted(clipValue(prefix)) + ", a provider that LiteLLM does not know", Allowed: "azure/" + inert.Line(clipValue(deployment))}
}

// hasFault reports whether the reader has found a fault in a model.
func hasFault(m litellm.Model, id string) bool {
	return slices.ContainsFunc(m.Faults, func(c litellm.Cause) bool { return c.ID == id })
}

// firstModel is where a configuration's models begin.
func firstModel(file *litellm.Config, models []litellm.Model) Location {
	if len(models) > 0 {
		return Location(models[0].Call.At)
	}
	return Location{File: file.Files()[0], Line: 1, Column: 1}
}

// brokenConfig is what is wrong with a configuration that cannot be loaded.
func (r *run) brokenConfig(err error) *Problem {
	c := r.cfg
	p := &Problem{ID: litellm.ConfigInvalid, Input: "litellm-config", Source: c.Sources["litellm-config"], Value: clipValue(c.LiteLLMConfig), Detail: fileError(err)}
	var broken *litellm.Error
	if !errors.As(err, &broken) {
		return p
	}
	p.At = Location(broken.At)
	names := "" // of another file
	if broken.Included {
		names = "includes a file that "
	}
	switch {
	case broken.NotFound && names == "":
		p.ID, p.Detail = litellm.ConfigNotFound, "names a file that does not exist"
	case broken.NotFound:
		p.ID, p.Detail = litellm.ConfigNotFound, names+"does not exist"
	case broken.Err != nil:
		p.Detail = names + fileError(broken.Err)
	default:
		p.Detail = "cannot be used: " + inert.Line(broken.Detail)
	}
	return p
}

// skippedModels says why the first few models are not called.
func skippedModels(models []litellm.Model) string {
	var reasons []string
	for _, m := range models {
		if m.Skip != "" {
			reasons = append(reasons, inert.Clip(inert.Line(cmp.Or(m.Call.Alias, m.Call.Model)), 60)+" ("+inert.Line(m.Skip)+")")
		}
	}
	switch n := len(reasons); {
	case n == 0:
		return ""
	case n > 5:
		reasons = append(reasons[:5], fmt.Sprintf("and %d more", n-5))
	}
	return ": " + strings.Join(reasons, ", ")
}

// endpointText is the endpoint as it was given: what a client makes of a slash
// at its end is the client's matter.
func endpointText(c *Config) string {
	if c.Endpoint == nil {
		return ""
	}
	return c.Endpoint.String()
}

// kindOf is what LiteLLM calls an operation.
func kindOf(op Operation, model string) litellm.Kind {
	switch op {
	case Responses:
		return litellm.Responses
	case Embeddings:
		return litellm.Embedding
	case Completions:
		return litellm.Completion
	case Images:
		return litellm.Image
	case Audio:
		if transcriber().MatchString(model) {
			return litellm.Transcription
		}
		return litellm.Speech
	}
	return litellm.Chat
}

// operationOf is the operation that stands for a kind of LiteLLM's, "" for one
// that is not called.
func operationOf(k litellm.Kind) Operation {
	switch k {
	case litellm.Chat, "":
		return Chat
	case litellm.Responses:
		return Responses
	case litellm.Embedding:
		return Embeddings
	case litellm.Completion:
		return Completions
	case litellm.Image:
		return Images
	case litellm.Speech, litellm.Transcription:
		return Audio
	}
	return ""
}

// target is the call that a client makes of a model, as this check makes it.
func (r *run) target(m *litellm.Model, s *litellm.Sending) (Target, *Problem) {
	e := &ClientEvidence{Client: m.Call.Client, Version: clientVersion(m.Call), Stated: r.versionStated, StatedAt: r.versionAt, Model: inert.Clip(inert.Line(m.Call.Model), 200), Source: s.Source, Header: s.Header,
		places: placesOf(s)}
	if r.sdkAssumed != "" && litellm.SDKMatters(m.Call) {
		e.AssumedSDK = assumedSDK(m.Call.Versions, r.sdkAssumed)
	}
	if s.Fails != nil {
		e.Fails = s.Fails.Type
		if s.Fails.Text != "" {
			e.Fails += ": " + s.Fails.Text
		}
	}
	for _, c := range slices.Concat(m.Faults, s.Causes) {
		if slices.ContainsFunc(e.Causes, func(before ClientCause) bool { return before.ID == c.ID && before.At == Location(c.Value.At) }) {
			continue // the reader has found it already
		}
		if c.ID == litellm.EnvRefused {
			c.Breaks = true // whatever the client would make of it
		}
		if c.ID == litellm.BaseMissing && !(m.Call.Params["api_base"].Empty() && m.Call.Params["base_url"].Empty() && m.Call.Params["azure_endpoint"].Empty()) {
			continue // the client fails before it looks at it
		}
		if p := m.Call.Params["api_base"]; c.ID == litellm.BaseMissing && p.Var != "" {
			c.Value = p // it is named, and holds nothing
		}
		if c.ID == litellm.NoCredential {
			e.Causes = append(e.Causes, emptyCredentials(m)...)
		}
		if c.ID == litellm.RefreshOff && !c.Value.Set && servicePrincipal(m.Call.Env) {
			c.Breaks = true // the one thing that keeps it from being used
		}
		e.Causes = append(e.Causes, clientCause(c))
	}
	if in := litellm.InTheWay(m.Call, s); len(in) > 1 {
		for _, next := range in[1:] {
			e.Behind = append(e.Behind, clientCause(next))
		}
	}
	t := Target{
		// Not what the suite calls, but what the client makes of it: Responses of some chats.
		Deployment: s.Deployment, Operation: operationOf(s.Kind), APIVersion: s.APIVersion, Address: s.URL,
		Route: RouteDeployments, Client: e, Location: Location(m.Call.At), Name: inert.Clip(inert.Line(m.Call.Alias), 200),
	}
	if s.InBody {
		t.Route = RouteV1
	}
	if s.Fails != nil || e.broken() || s.URL == "" {
		return t, nil // it is not called
	}
	u, err := url.Parse(s.URL)
	bad := func(id, detail string) *Problem {
		p := &Problem{ID: id, Input: "api_base", Source: s.BaseFrom.From, Detail: detail, Allowed: endpointForm, At: Location(s.BaseFrom.At)}
		if p.At == (Location{}) {
			p.At = t.Location
		}
		if s.BaseFrom.Var == "" && err == nil && u.Host != "" {
			p.Value = printable(u.Scheme + "://" + u.Host)
		} else if s.BaseFrom.Var != "" {
			p.Input = s.BaseFrom.Var
		}
		return p
	}
	if err == nil && u.Scheme == "" && u.Host == "" {
		return t, bad("cfg-endpoint-malformed", "does not begin with https://")
	}
	if err != nil || u.Host == "" || u.User != nil {
		return t, bad("cfg-endpoint-malformed", "is not an address")
	}
	if u.Scheme != "https" {
		return t, bad("cfg-endpoint-malformed", "has no https scheme; a credential goes over https only")
	}
	t.Endpoint = "https://" + u.Host
	if !trusted(u, r.cfg.AllowedHosts) {
		p := bad("cfg-endpoint-untrusted", "names the host "+inert.Line(u.Host)+", which is in none of Azure's own zones and which allowed-hosts does not name")
		if s.BaseFrom.Var != "" {
			p.Detail = "the host that " + s.BaseFrom.Var + " names is in none of Azure's own zones, and allowed-hosts does not name it"
		}
		p.Allowed = "a host under " + strings.Join(r.cfg.cloudSuffixes(), ", ") + ", or one that allowed-hosts names"
		return t, p
	}
	return t, nil
}

// assumedSDK says which openai-python a call was resolved with when no file pins
// one, and why.
func assumedSDK(v litellm.Versions, why string) string {
	which := "the newest openai-python"
	if bound, below := strings.CutPrefix(v.OpenAI.String(), "<"); below {
		which += " below " + bound
	} else if !v.OpenAI.IsZero() {
		which = "openai-python " + v.OpenAI.String()
	}
	return which + ", " + why + ", is assumed, since nothing pins another"
}

// servicePrincipal reports whether an environment has all of a client secret
// or of a workload identity.
func servicePrincipal(env litellm.Environment) bool {
	has := func(name string) bool { return !env(name).Empty() }
	return has("AZURE_TENANT_ID") && has("AZURE_CLIENT_ID") && (has("AZURE_CLIENT_SECRET") || has("AZURE_FEDERATED_TOKEN_FILE"))
}

// emptyCredentials are the model's credentials whose variable is set and holds
// nothing, as that of an undefined secret: they are why there is none.
func emptyCredentials(m *litellm.Model) []ClientCause {
	var out []ClientCause
	for _, name := range []string{"api_key", "azure_ad_token", "client_secret", "tenant_id", "client_id", "azure_username", "azure_password"} {
		if v := m.Call.Params[name]; v.Set && v.Empty() && v.Var != "" && v.At.File != "" {
			out = append(out, clientCause(litellm.Cause{ID: litellm.EnvMissing, Value: v, Param: name, Breaks: true}))
		}
	}
	return out
}

func clientCause(c litellm.Cause) ClientCause {
	out := ClientCause{ID: c.ID, Param: inert.Line(c.Param), Var: inert.Line(c.Value.Var), From: inert.Line(c.Value.From), Detail: inert.Line(c.Detail), At: Location(c.Value.At), Breaks: c.Breaks}
	if c.Value.Set {
		out.State = stateOf(c.Value.Text.Reveal())
	}
	return out
}

// clientVersion is the version of the library whose rules decide.
func clientVersion(c litellm.Call) string {
	if c.Client == litellm.OpenAI {
		return c.Versions.OpenAI.String()
	}
	return c.Versions.LiteLLM.String()
}

// broken reports whether the client cannot work whatever the service says.
func (e *ClientEvidence) broken() bool {
	return e.Fails != "" || slices.ContainsFunc(e.Causes, func(c ClientCause) bool { return c.Breaks })
}
