package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// openAIRefuses is how OpenAI's own service refuses a key: whoever meant Azure
// called somebody else.
const openAIRefuses = "You can find your API key at https://platform.openai.com"

// openAIErrorPage is where OpenAI's own service sends whoever is out of quota;
// Azure's has a page of its own.
const openAIErrorPage = "https://platform.openai.com/docs/guides/error-codes/api-errors"

// Where the client sends its request, when that is not where it was meant to
// go, and what it raises before it sends any.
var clientCallDiagnoses = []*Diagnosis{
	{
		ID: litellm.BaseMissing, Stage: StageLiteLLM, Area: AreaDeployment,
		Title: "The client has no endpoint",
		When: either(caused(litellm.BaseMissing, "neither api_base nor AZURE_API_BASE is set"),
			fromLiteLLM(says("argument of type 'NoneType' is not iterable", "Must provide one of the `base_url` or `azure_endpoint` arguments")),
			says("api_base is required for Azure OpenAI")),
		Certain: func(e *Evidence) Certainty {
			return certainIf(!e.Pasted || saysAny(e, "api_base is required", "Must provide one of"))
		},
		Others: []string{litellm.PrefixMissing},
		Settle: "the client's parameters and AZURE_API_BASE",
		Cause: raised("LiteLLM was given no api_base: it reads AZURE_API_BASE, and raised an exception of its own before it sent anything.", causedBy(func(e *Evidence, c *ClientCause) string {
			if c.Var != "" && c.At.File != "" {
				return clientName(e) + " has no api_base for " + quoted(e.Target.Client.Model) + ": " + c.what() + ", holds nothing."
			}
			return clientName(e) + " has no api_base for " + quoted(e.Target.Client.Model) + ": it reads AZURE_API_BASE, and not AZURE_OPENAI_ENDPOINT."
		})),
		Remedy: baseRemedy,
		About:  "LiteLLM takes the endpoint from api_base or AZURE_API_BASE. Without one it fails with a TypeError before it sends anything.",
		Verify: "The report has the endpoint in its targets.",
		Docs:   docsLiteLLM, Source: documented(docsLiteLLM),
	},
	{
		ID: litellm.BasePath, Stage: StageLiteLLM, Area: AreaDeployment,
		Title: "api_base contains more than the resource's address",
		When:  caused(litellm.BasePath, "the key api_base is a full request URL, or ends in a path that the client adds itself"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " appends its own path to " + c.what() + ", which already has one" + detailOf(c) + ", so that the address does not exist."
		}),
		Remedy: editConfig("Give scheme and host alone, like https://NAME.openai.azure.com.", "api_base", "", "api_base: https://NAME.openai.azure.com"),
		About:  "The portal's target URI is a whole request's address. LiteLLM appends /openai/deployments/… (or /chat/completions) to whatever it is given; with api_version v1 it appends /openai/v1/.",
		Verify: "The report has the whole address of the call in its targets (url).",
		Docs:   docsLiteLLM, Source: observed(litellmIssues + "8572"),
	},
	{
		ID: litellm.PrefixMissing, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The model has no azure/ prefix, and goes to another provider",
		When: either(caused(litellm.PrefixMissing, "the model's name does not begin with azure/"), says("LLM Provider NOT provided", openAIRefuses), all(says("OpenAIException"), says(openAIErrorPage)),
			all(says("OpenAIException"), says("The api_key client option must be set"), not("it is not DSPy's text model", says("Text-completion-openaiException")))),
		Cause: raised("LiteLLM took the model's name for another provider's than Azure's, since azure/ does not stand before it.", causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " takes " + quoted(e.Target.Client.Model) + " for another provider's model, since azure/ does not stand before it, and sends that provider's key."
		})),
		Remedy: func(e *Evidence) Remedy {
			model := "azure/<deployment>"
			if e.Problem != nil && e.Problem.Allowed != "" {
				model = inert.Line(e.Problem.Allowed)
			}
			if e.Target != nil && e.Target.Client != nil {
				model = "azure/" + e.Target.Client.Model[strings.IndexByte(e.Target.Client.Model, '/')+1:]
			}
			return Remedy{Text: "Name the model " + model + ".", Kind: UseModel, Params: params("model", model)}
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(!e.Pasted || !saysAny(e, openAIRefuses, openAIErrorPage, "The api_key client option must be set"))
		},
		Others: []string{litellm.TextModelType, litellm.V1DropsToken},
		Settle: "the model's name as the suite passes it",
		About:  "The prefix chooses the provider. Without it the request goes to OpenAI, or to api_base with OPENAI_API_KEY, which Azure answers with 401.",
		Verify: "The report has Azure's address in its targets (url).",
		Docs:   docsLiteLLM, Source: documented(docsLiteLLM),
	},
	{
		ID: litellm.TextModelType, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "DSPy sends model_type text to a different provider",
		When:  either(caused(litellm.TextModelType, "the code gives dspy.LM model_type text and an azure/ model"), says("Text-completion-openaiException")),
		Cause: raised("The call went to OpenAI's text completion API, as that of a dspy.LM with model_type text does, whatever the model's prefix is.", causedBy(func(e *Evidence, c *ClientCause) string {
			return "DSPy turns " + quoted(e.Target.Client.Model) + " with model_type text into a model of OpenAI's text completion API, and so sends OpenAI's key to OpenAI."
		})),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Leave model_type at chat, or use responses: Azure's completions are not reachable through DSPy's text type.", Kind: UseOperation, Params: params("operation", "chat")}
		},
		About:  "dspy.LM with model_type=\"text\" replaces azure/ by text-completion-openai/ and looks for azure_API_KEY in lower case, so that neither the key nor the token of Azure is used.",
		Verify: "The check passes with the operation chat.",
		Docs:   "https://dspy.ai/learn/programming/language_models/", Source: documented("https://dspy.ai/learn/programming/language_models/"),
	},
	{
		ID: litellm.DSPyCache, Stage: StageLiteLLM, Area: AreaRuntime, Severity: SeverityNotice,
		Title: "DSPy's cache can hide broken authentication",
		When:  caused(litellm.DSPyCache, "the client is DSPy, whose cache does not know the credential"),
		Cause: func(*Evidence) string {
			return "DSPy answers from its cache when it has seen a request before, whatever the credential is."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Where the suite keeps its cache between runs, dspy.configure_cache(enable_disk_cache=False) makes each run ask.", Kind: EditConfig, Params: params("key", "enable_disk_cache", "value", "False")}
		},
		About:  "DSPy leaves the key and the endpoint out of the key of its cache (api_key, api_base and base_url since 3.0), so that a suite can be green without any working credential.",
		Verify: "The suite fails with a wrong credential.",
		Docs:   "https://dspy.ai/tutorials/cache/", Source: observed("https://github.com/stanfordnlp/dspy/issues/1759"),
	},
	{
		ID: litellm.DotEnv, Stage: StageLiteLLM, Area: AreaRuntime, Severity: SeverityNotice,
		Title: "A .env file of the checkout may decide what the client sends",
		When:  caused(litellm.DotEnv, "a .env file holds a key or a token, and LiteLLM loads it in some ways of starting the suite"),
		Cause: problemOr("A .env file of the checkout holds a variable that decides what LiteLLM sends."),
		Remedy: func(e *Evidence) Remedy {
			name := ""
			if e.Problem != nil {
				name = e.Problem.Input
			}
			return Remedy{Text: "Remove the line from the file, or set LITELLM_MODE to PRODUCTION for the step that runs the suite.", Kind: SetVariable, Params: params("name", "LITELLM_MODE", "value", "PRODUCTION", "variable", name),
				Snippet: "env:\n  LITELLM_MODE: PRODUCTION"}
		},
		About: "import litellm loads the first .env file on the way up from its own folder in site-packages: the checkout's, when the virtual environment lies in the checkout. A traced or interactive run starts at the working directory instead. " +
			"LITELLM_MODE other than DEV turns it off.",
		Verify: "The notice is gone.",
		Docs:   docsLiteLLM, Source: observed(docsLiteLLM),
	},
	{
		ID: "litellm-client-error", Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The client fails before it sends anything",
		When: when("the client would raise an exception of its own", func(e *Evidence) bool {
			return e.Problem == nil && len(e.Exchanges) == 0 && e.Target != nil && e.Target.Client != nil && e.Target.Client.Fails != ""
		}),
		Cause: func(e *Evidence) string {
			return clientName(e) + " raises " + quoted(e.Target.Client.Fails) + " for " + quoted(e.Target.Client.Model) + " before it sends anything." + withSDK(e)
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Correct what the message names, or use another release of the client.", Kind: EditConfig}
		},
		About:  "What the client makes of its parameters and variables was worked out from its source, and ends in an exception for which no better name is known.",
		Verify: "The summary's table has an answer to the call.",
		Docs:   docsLiteLLM, Source: documented(docsLiteLLM),
	},
}

// baseRemedy says where the endpoint has to stand for the client to find it.
func baseRemedy(e *Evidence) Remedy {
	r := setMissing("AZURE_API_BASE", ", scheme and host of the resource,")(e)
	if e.Target != nil && e.Target.Location.File == "" {
		r.Text += " Where the suite's code passes api_base itself, give the same address in the input endpoint."
	}
	return r
}
