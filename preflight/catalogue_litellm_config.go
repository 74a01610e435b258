package preflight

import (
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// The configuration of a LiteLLM proxy, and the releases that read it.
var clientVersionDiagnoses = []*Diagnosis{
	{
		ID: litellm.VersionCompromised, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The pinned LiteLLM release steals credentials",
		When:  caused(litellm.VersionCompromised, "a lock or requirements file of the workspace pins LiteLLM 1.82.7 or 1.82.8"),
		Cause: plainly("A release of LiteLLM is pinned that is known to steal credentials."),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:     "Pin another release, rebuild the lock file, and treat every credential that a job with the release could reach as stolen: rotate keys and secrets, and look through Entra's sign-in log for the workflow's identity.",
				Commands: []string{"pip install 'litellm>=1.83.0'"}, Kind: UpgradePackage, Params: params("package", "litellm", "version", "1.83.0"),
			}
		},
		About: "LiteLLM 1.82.7 and 1.82.8 on the Python package index (24 March 2026) carried code that sends cloud credentials and CI tokens away; in 1.82.8 it runs at every start of the interpreter. " +
			"A job with id-token: write would hand it the workflow's identity, so that the check stops before it asks for any token. The advisory is MAL-2026-2144.",
		Verify: "The lock file names another release, and the check goes on to the token.",
		Docs:   "https://osv.dev/vulnerability/MAL-2026-2144",
		Source: observed(litellmIssues + "24512"),
	},
	{
		ID: litellm.VersionAdmits, Stage: StageLiteLLM, Area: AreaRuntime, Severity: SeverityWarning,
		Title: "The requirement allows a LiteLLM release that steals credentials",
		When:  caused(litellm.VersionAdmits, "a requirement without a lock file admits LiteLLM 1.82.7 or 1.82.8"),
		Cause: plainly("A requirement admits a release of LiteLLM that is known to steal credentials."),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Exclude the two releases, and pin what the suite runs in a lock file.", Snippet: "litellm!=1.82.7,!=1.82.8", Kind: UpgradePackage, Params: params("package", "litellm")}
		},
		About:  "The releases 1.82.7 and 1.82.8 were withdrawn from the package index, but a mirror or a cache may still serve them to a range that admits them.",
		Verify: "The warning is gone.",
		Docs:   "https://osv.dev/vulnerability/MAL-2026-2144",
		Source: observed(litellmIssues + "24512"),
	},
	{
		ID: litellm.ProviderDropped, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "This LiteLLM version drops the token provider",
		When:  caused(litellm.ProviderDropped, "the version of LiteLLM is one that ignores azure_ad_token_provider"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " ignores azure_ad_token_provider for this call, so that no token is sent" + stated(e) + "."
		}),
		Remedy: func(e *Evidence) Remedy {
			version := "1.69.0"
			if e.Target != nil && e.Target.Operation == Embeddings {
				version = "1.77.1" // embeddings came later
			}
			return upgrade("litellm", version, "Until then no token provider in code works.")(e)
		},
		About: "From 1.63.8 to 1.68, and for embeddings to 1.77.0, LiteLLM sets the token provider to nothing before it builds its client. The suite then fails with Missing credentials, or sends a key that happens to be in the environment. " +
			"The router of 1.63.7 and before ignores the provider as well.",
		Verify: "`pip show litellm` names the release or a later one, and the summary's table names the token.",
		Docs:   docsLiteLLM,
		Source: observed(litellmIssues + "10693"),
	},
	{
		ID: litellm.V1DropsToken, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "This LiteLLM version drops the token with api_version v1",
		When: either(caused(litellm.V1DropsToken, "the key api_version is v1, latest or preview, and the version of LiteLLM sends no token there"),
			v1KeyMissing),
		Cause: raised("LiteLLM built its client for api_version v1, latest or preview, which takes no Entra credential in many releases, and had no key for it.", causedBy(func(e *Evidence, c *ClientCause) string {
			return clientName(e) + " drops every Entra credential when api_version is v1, latest or preview" + stated(e) + "."
		})),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Use a dated api_version such as 2024-10-21, or LiteLLM 1.87.1 or later (1.85.4 and 1.86.4 on their own branches).", Commands: []string{"pip install 'litellm>=1.87.1'"},
				Kind: UseAPIVersion, Params: params("api-version", "2024-10-21")}
		},
		About:  "For api_version v1, latest and preview LiteLLM builds another client of the OpenAI SDK. Up to 1.85.3 and 1.86.3 that client gets the key alone; an OPENAI_API_KEY in the environment is then sent to Azure.",
		Verify: "The summary's table names the token, and the report has the version that you chose in its targets.",
		Docs:   docsLiteLLM,
		Source: observed(litellmIssues + "27945"),
	},
}

// v1KeyMissing is what the client of the v1 route raises under LiteLLM's azure/.
var v1KeyMissing = when("Azure's branch of LiteLLM raises that the api_key client option must be set", func(e *Evidence) bool {
	return saysAny(e, "AzureException") && saysAny(e, "The api_key client option must be set")
})

// stated says where the version stands, which decides.
func stated(e *Evidence) string {
	if e.Target == nil || e.Target.Client == nil || e.Target.Client.Stated == "" {
		return ""
	}
	return " (the version is from " + e.Target.Client.Stated + ")"
}

var clientConfigDiagnoses = []*Diagnosis{
	{
		ID: litellm.ConfigNotFound, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The LiteLLM configuration does not exist",
		When:  caused(litellm.ConfigNotFound, "the input litellm-config or an include names a file that the workspace does not have"),
		Cause: problemOr("The LiteLLM configuration that is named is not in the workspace."),
		Remedy: func(e *Evidence) Remedy {
			if p := e.Problem; p != nil && strings.HasPrefix(p.Detail, "includes ") {
				return Remedy{Text: "Mend the path of the include, or put the file there: next to the file that includes it, and before LiteLLM 1.102.0 next to the first file.", Kind: EditConfig, Params: params("file", p.At.File, "key", "include")}
			}
			return Remedy{Text: "Put the checkout step before this one, and give the path relative to the workspace.", Kind: SetInput, Params: params("input", "litellm-config")}
		},
		About:  "The path of litellm-config is relative to the workspace, and the files of include are relative to the file that includes them; before LiteLLM 1.102.0 all of them are relative to the first file. Without a checkout step the workspace is empty.",
		Verify: "The summary's table lists the models.",
		Docs:   docsConfig, Source: documented(docsConfig),
	},
	{
		ID: litellm.ConfigInvalid, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The LiteLLM configuration is not one that LiteLLM can use",
		When:  caused(litellm.ConfigInvalid, "the configuration is no YAML that LiteLLM could use"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return "The key " + c.Param + " holds what LiteLLM cannot use" + detailOf(c) + "."
		}),
		Remedy: func(e *Evidence) Remedy {
			if c := leading(e); c != nil && c.Param != "" {
				return Remedy{Text: "Give " + c.Param + " a text: a value in quotation marks, or os.environ/NAME.", Kind: EditConfig, Params: params("file", c.At.File, "key", c.Param)}
			}
			return Remedy{Text: "Correct the file at the line given.", Kind: EditConfig, Params: params("file", problemFile(e))}
		},
		About:  "The file must be one YAML document, a mapping with a model_list. Tabs for indentation, a key that stands twice, an alias that explodes and a file beyond all measure are refused at their place.",
		Verify: "The summary's table lists the models.",
		Docs:   docsConfig, Source: documented(docsConfig),
	},
	{
		ID: litellm.EnvMissing, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The configuration names a variable that is unset or empty",
		When:  caused(litellm.EnvMissing, "an os.environ/NAME of the configuration names a variable that this step does not have, or a credential's that is empty"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			if c.State == EnvEmpty {
				return "The key " + c.Param + " is os.environ/" + orElse(c.Var, "NAME") + ", and that variable is set but empty, which is what an undefined secret becomes: LiteLLM silently treats it as missing."
			}
			return "The key " + c.Param + " is os.environ/" + orElse(c.Var, "NAME") + ", and that variable is not set in this step: LiteLLM silently treats it as missing."
		}),
		Remedy: setMissing("", ""),
		About: "LiteLLM resolves os.environ/NAME when it reads its configuration; an undefined variable becomes none, and the next source is looked for. An undefined secret of GitHub's is an empty string, which is something else. " +
			"A container action sees the job's env and GITHUB_ENV, not the env of later steps.",
		Verify: "The finding is gone, and the summary's table names the credential.",
		Docs:   docsConfig, Source: documented(docsConfig),
	},
	{
		ID: litellm.EnvRefused, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The configuration names a variable that it may not read",
		When:  caused(litellm.EnvRefused, "an os.environ/NAME or oidc/env/NAME of the configuration names a variable that begins with ACTIONS_, GITHUB_, INPUT_ or RUNNER_, or fills a model's name, mode or api-version from one whose name says that it is a secret"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return "The key " + c.Param + " names the variable " + orElse(c.Var, "NAME") + ", which the check does not read for a file that a pull request can change: " + orElse(c.Detail, "it is one of the runner's own") + "."
		}),
		Remedy: editConfig("Name a variable of your own.", "", "", ""),
		About:  "A configuration in the workspace can be changed by a pull request. It must not be able to send the runner's tokens or this action's inputs anywhere, nor to have a secret shown as a model's name or a version.",
		Verify: "The finding is gone.",
		Docs:   docsInputs, Source: documented(docsInputs),
	},
	{
		ID: litellm.CredentialNotFound, Stage: StageLiteLLM, Area: AreaRuntime,
		Title: "The named credential is not in credential_list",
		When:  caused(litellm.CredentialNotFound, "the key litellm_credential_name names no entry of credential_list"),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return "litellm_credential_name names a credential that credential_list does not have, so that LiteLLM goes on without it."
		}),
		Remedy: editConfig("Add the entry to credential_list, or correct the name.", "litellm_credential_name", "", "credential_list:\n  - credential_name: azure_cred\n    credential_values: {}\n    credential_info: {}"),
		About:  "An unknown name is no error for LiteLLM: none of the entry's values are filled in, and the environment decides.",
		Verify: "The finding is gone, and the summary's table names the credential.",
		Docs:   docsConfig, Source: documented(docsConfig),
	},
	{
		ID: litellm.VersionInvalid, Stage: StageLiteLLM, Area: AreaDeployment,
		Title: "api_version is not a version that the service knows",
		When:  caused(litellm.VersionInvalid, "the key api_version is a date that YAML has parsed, or holds api-version="),
		Cause: causedBy(func(e *Evidence, c *ClientCause) string {
			return "The key " + c.Param + " holds no API version as text: " + orElse(c.Detail, "an unquoted date is a date for YAML, and not a text") + "."
		}),
		Remedy: editConfig(`Quote the version: api_version: "2024-10-21".`, "api_version", "2024-10-21", `api_version: "2024-10-21"`),
		About:  "YAML reads an unquoted 2024-10-21 as a date. What a client makes of it in the query is an accident.",
		Verify: "The report has the version in its targets (api_version).",
		Docs:   docsVersions, Source: observed(litellmIssues + "9406"),
	},
	{
		ID: litellm.NotCheckable, Stage: StageLiteLLM, Area: AreaRuntime, Severity: SeverityNotice,
		Title: "Some models are not checked",
		When:  caused(litellm.NotCheckable, "a model is another provider's, a wildcard without health_check_model, or of a kind that no minimal call exists for"),
		Cause: problemOr("Some models of the configuration are not called by this check."),
		Remedy: func(e *Evidence) Remedy {
			return Remedy{Text: "Nothing has to be done. For a wildcard, model_info.health_check_model names the deployment to call.", Kind: EditConfig, Params: params("key", "health_check_model")}
		},
		About:  "Only models that go to Azure are called. A wildcard stands for no deployment; realtime, rerank, batch and video have no call that costs next to nothing.",
		Verify: "The notice lists what was left out.",
		Docs:   docsConfig, Source: documented(docsConfig),
	},
}

// plainly is a problem's detail as a sentence of its own.
func plainly(otherwise string) func(*Evidence) string {
	return func(e *Evidence) string {
		if e.Problem == nil || e.Problem.Detail == "" {
			return otherwise
		}
		return strings.TrimRight(inert.Line(e.Problem.Detail), ". ") + "."
	}
}

func problemFile(e *Evidence) string {
	if e.Problem == nil {
		return ""
	}
	return e.Problem.At.File
}
