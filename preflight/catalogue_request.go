package preflight

// What is wrong with the address, the version, the deployment, the model or a
// parameter. Most of these prove that the caller was let in.
var requestDiagnoses = []*Diagnosis{
	{
		ID:    "aoai-deployment-not-found",
		Stage: StageDataPlane,
		Area:  AreaDeployment,
		Title: "The resource has no deployment of this name",
		Cure:  Propagation,
		When: either(
			// Azure Resource Manager has a DeploymentNotFound of its own.
			all(either(coded("DeploymentNotFound"), says("DeploymentNotFound")), not("the text is not of a template's deployment", says("could not be found", "Microsoft.Resources/deployments"))),
			all(says("The API deployment"), says("does not exist")),
			all(coded("model_not_found", "unknown_model"), not("the text speaks of no other route", says("only supported in v1/responses"))),
			// LangChain.js labels every 404 so; the service's own words are the better ones.
			all(says("Unknown model:", "model_not_found"), not("the service does not say that it knows no such path", wrapped404))),
		Cause: func(e *Evidence) string {
			return "The resource " + orElse(quotedOr(resourceName(e)), "that was called") + " has no deployment " + orElse(quotedOr(deploymentOf(e)), "of the name that was given") + "; the credential was accepted."
		},
		Remedy: func(e *Evidence) Remedy {
			r := listDeployments(e, "Use the name of a deployment of this resource, which need not be the model's name. A deployment created within the last five minutes may not be ready yet.")
			return r
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(!e.Pasted || saysAny(e, "DeploymentNotFound", "The API deployment"))
		},
		Others: []string{"aoai-path-not-found", "aoai-model-retired"},
		Settle: "the address that was called, and the resource's list of deployments",
		About:  "Requests name a deployment, not a model. The name is misspelt, is the model's, or belongs to another resource; or the deployment is only minutes old.",
		Verify: "`az cognitiveservices account deployment list` shows the name, and the call is answered.",
		Docs:   docsVersions,
		Source: observed("https://github.com/MicrosoftDocs/azure-docs/issues/114013"),
	},
	{
		ID:      "aoai-v1-api-version",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "The v1 route was called with a dated API version",
		Setting: SettingVersion,
		When: either(
			says("api-version query parameter is not allowed when using /v1 path"),
			all(says("API version not supported"), when("the path is that of the v1 route", onV1))),
		Cause: func(e *Evidence) string {
			return "The v1 route was called with api-version " + orElse(quotedOr(versionOf(e)), "in the query") + ", and it takes no dated version."
		},
		Remedy: func(e *Evidence) Remedy {
			if name := versionVariable(e); name != "" {
				return Remedy{
					Text:    "Set api-version to preview: the variable " + name + " fills an empty one. Or unset the variable for this step; a dated version belongs to the deployments route.",
					Snippet: "with:\n  route: v1\n  api-version: preview\n",
					Kind:    UseAPIVersion,
					Params:  map[string]string{"api-version": "preview"},
				}
			}
			return Remedy{
				Text:    "Leave api-version empty on the v1 route (or set it to preview); a dated version belongs to the deployments route.",
				Snippet: "with:\n  route: v1\n  api-version: \"\"\n",
				Kind:    UseAPIVersion,
				Params:  map[string]string{"api-version": ""},
			}
		},
		About:  "The route /openai/v1 has no dated versions: none is sent, or preview. Clients that always add an api-version need another class or base address for it.",
		Verify: "The call without api-version is answered.",
		Docs:   docsVersions,
		Source: observed("https://github.com/pydantic/pydantic-ai/issues/5066"),
	},
	{
		ID:      "aoai-api-version-too-old",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "The API version is older than the model needs",
		Setting: SettingVersion,
		When:    says("is enabled only for api versions", "is enabled only for api-version "),
		Cause: func(e *Evidence) string {
			return "The API version " + orElse(quotedOr(versionOf(e)), "that was sent") + " is too old for the model" + prefixed(", which needs at least ", find(e, neededVersion())) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			version := orElse(find(e, neededVersion()), "2025-04-01-preview")
			return Remedy{
				Text:    "Set api-version to " + version + " or later, or use the v1 route, which needs none.",
				Snippet: "with:\n  api-version: \"" + version + "\"\n",
				Kind:    UseAPIVersion,
				Params:  map[string]string{"api-version": version},
			}
		},
		About:  "Newer models are served only from a certain API version on. The service's text names it, although it may leave the model's name out.",
		Verify: "The call with the newer version is answered.",
		Docs:   docsVersions,
		Source: observed("https://github.com/Azure/github-models/issues/10"),
	},
	{
		ID:      "aoai-api-version-invalid",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "The service does not know this API version",
		Setting: SettingVersion,
		When: either(
			says("API version not supported", "Unsupported API version", "Missing required query parameter: api-version", "api-version is a required query parameter"),
			noVersion,
			all(notFound, when("the same call with a known version gets through, or the version is none", func(e *Evidence) bool {
				return e.Target.dated() && e.Probe != nil && probeSettles(e.Probe) || strangeVersion(e)
			}))),
		Cause: func(e *Evidence) string {
			if noVersion.Holds(e) {
				return "The client was given no API version: neither an argument nor OPENAI_API_VERSION names one."
			}
			cause := "The deployments route does not know the API version " + orElse(quotedOr(versionOf(e)), "that was sent, or none was sent")
			if e.Probe != nil && probeSettles(e.Probe) {
				cause += "; the same call with " + quoted(e.Probe.APIVersion) + " gets through"
			}
			return cause + "."
		},
		Remedy: func(e *Evidence) Remedy {
			version := defaultAPIVersion
			if e.Probe != nil && e.Probe.APIVersion != "" {
				version = e.Probe.APIVersion
			}
			if noVersion.Holds(e) {
				return Remedy{
					Text:    "Give the client a published version, " + version + " for instance, as its argument or in OPENAI_API_VERSION.",
					Snippet: "env:\n  OPENAI_API_VERSION: \"" + version + "\"\n",
					Kind:    UseAPIVersion,
					Params:  map[string]string{"api-version": version},
				}
			}
			return Remedy{
				Text:    "Set api-version to a published version, " + version + " for instance, in quotation marks, since YAML reads a bare date as a date; or use the v1 route without any.",
				Snippet: "with:\n  api-version: \"" + version + "\"\n",
				Kind:    UseAPIVersion,
				Params:  map[string]string{"api-version": version},
			}
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(saysAny(e, "API version not supported", "Unsupported API version") || noVersion.Holds(e) || e.Probe != nil)
		},
		Others: []string{"aoai-path-not-found", "aoai-v1-api-version"},
		Settle: "the same call with a version that is published",
		About: "The deployments route takes published versions only: a model's version, a version that was retired, a date that YAML has mangled, or none at all end in 404 or 400. " +
			"The 404 is the same as for a wrong path; a second call with a known version tells them apart.",
		Verify: "The call with a published version is answered.",
		Docs:   docsVersions,
		Source: documented(docsVersions),
	},
	{
		ID:    "aoai-responses-only-model",
		Stage: StageDataPlane,
		Area:  AreaDeployment,
		Title: "The model is served by the Responses API only",
		When: either(
			says("only supported in v1/responses", "is only supported in the Responses API"),
			all(unsupportedOperation, when("the model's name is that of a Responses-only model", func(e *Evidence) bool {
				return responsesOnly().MatchString(find(e, namedModel()))
			}))),
		Cause: func(e *Evidence) string {
			return "The model " + modelOr(e) + " does not answer chat completions: it is served by the Responses API only."
		},
		Remedy: func(e *Evidence) Remedy {
			return Remedy{
				Text:    "Set operation to responses (for one of several deployments, write " + orElse(deploymentOf(e), "NAME") + ":responses in deployment), and let the suite use the Responses API for this deployment.",
				Snippet: "with:\n  operation: responses\n",
				Kind:    UseOperation,
				Params:  map[string]string{"operation": string(Responses)},
			}
		},
		Certain: func(e *Evidence) Certainty { return certainIf(saysAny(e, "only supported in")) },
		Others:  []string{"aoai-operation-unsupported"},
		Settle:  "the same deployment called on /openai/v1/responses",
		About:   "Some models, the codex, pro and deep-research ones among them, are served by the Responses API alone. Access is proven.",
		Verify:  "The call with operation responses is answered.",
		Docs:    docsVersions,
		Source:  observed("https://github.com/langchain-ai/langchain-azure/issues/228"),
	},
	{
		ID:    "aoai-operation-unsupported",
		Stage: StageDataPlane,
		Area:  AreaDeployment,
		Title: "The deployment's model does not support this operation",
		When:  either(unsupportedOperation, says("is not a chat model and thus not supported", "This model does not support", "This model is not supported by Responses API"), wrongInput),
		Cause: func(e *Evidence) string {
			operation := find(e, namedOperation())
			if operation == "" && e.Target != nil {
				operation = string(e.Target.Operation)
			}
			does := " does not do the operation " + orElse(quotedOr(operation), "that was asked for")
			if model := find(e, namedModel()); model != "" {
				return "The deployment " + deploymentOr(e) + " is of the model " + quoted(model) + ", which" + does + "; the credential was accepted."
			}
			return "The model of the deployment " + deploymentOr(e) + does + colon(messageOf(e)) + "; the credential was accepted."
		},
		Remedy: func(e *Evidence) Remedy {
			op := operationFor(find(e, namedModel()))
			if op == "" && wrongInput.Holds(e) {
				op = Chat
			}
			r := listDeployments(e, "Name a deployment of a model that does the operation, or set operation to what this one does.")
			if op != "" {
				r.Text = "Set operation to " + string(op) + ", which the model does (for one of several deployments, write " + orElse(deploymentOf(e), "NAME") + ":" + string(op) + " in deployment), or name a deployment of another model."
				r.Snippet = "with:\n  operation: " + string(op) + "\n"
				r.Kind, r.Params = UseOperation, map[string]string{"operation": string(op)}
			}
			return r
		},
		Certain: func(e *Evidence) Certainty { return certainIf(!wrongInput.Holds(e)) },
		Others:  []string{"aoai-parameter-unsupported"},
		Settle:  "the deployment's model in the list of deployments, and the path that was called",
		About:   "A deployment of an embedding, audio, image or legacy model was asked to chat, or the other way round. Access is proven. Now and then the text is wrong, and the deployment is broken.",
		Verify:  "The call with the model's own operation is answered.",
		Docs:    docsVersions,
		Source:  observed("https://github.com/microsoft/graphrag/issues/1557"),
	},
	{
		ID:    "aoai-model-retired",
		Stage: StageDataPlane,
		Area:  AreaProvider,
		Title: "The deployment's model has been retired",
		When: either(coded("ServiceModelDeprecated", "ModelDeprecated", "DeploymentModelDeprecated"), answered(410),
			says("ServiceModelDeprecated", "ModelDeprecated", "DeploymentModelNotSupported"),
			all(matches("the error says of a model that it has been deprecated or retired", modelGone, "been deprecated", "been retired", "is deprecated", "is retired", "was deprecated", "was retired"),
				when("somebody refuses a request", func(e *Evidence) bool {
					x := failed(e, ServiceModel)
					return x != nil && (x.Status >= 400 || x.Code != "" || saysAny(e, "NotFoundError", "BadRequestError"))
				}))),
		Cause: func(e *Evidence) string {
			return "The model of the deployment " + deploymentOr(e) + " has been retired" + colon(messageOf(e)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			r := raiseQuota(e, "Deploy a current model version, under the same name if the suite is to stay as it is.")
			r.Kind, r.Params = Deploy, params("deployment", deploymentOf(e))
			return r
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(!e.Pasted || saysAny(e, "ModelDeprecated", "DeprecatedModel"))
		},
		Others: []string{"aoai-deployment-not-found"},
		Settle: "the model's version in the list of deployments",
		About:  "Model versions are retired on published dates. A deployment that is not upgraded stops answering, and a new one cannot be created.",
		Verify: "The deployment list shows a version that is not retired, and the call is answered.",
		Docs:   docsRetirements,
		Source: documented(docsRetirements),
	},
	{
		ID:    "aoai-parameter-unsupported",
		Stage: StageDataPlane,
		Area:  AreaProvider,
		Title: "The model does not accept a parameter of the request",
		When: either(coded("unsupported_parameter", "unsupported_value", "unknown_parameter", "invalid_value"),
			says("unsupported_parameter", "Unsupported parameter:", "unsupported_value", "Unsupported value:", "Unrecognized request argument supplied", "UnsupportedParamsError", "Unknown parameter:", "is not supported with this model", "max_tokens is too large", "reasoning models require passing temperature"), extraInput, refusedParameter, tooLong),
		Cause: func(e *Evidence) string {
			return "The service let the caller in and objects to the parameter " + orElse(quotedOr(parameterOf(e)), "that the request carries") + colon(messageOf(e)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			text := "Leave the parameter out for this model, or use the one that the text names."
			switch {
			case tooLong.Holds(e):
				return Remedy{Text: "Shorten the prompt or ask for fewer output tokens: together they are more than the model takes. Or deploy a model with a larger context."}
			case parameterOf(e) == "max_tokens":
				text = "Send max_completion_tokens instead of max_tokens, which reasoning models and newer ones do not take."
			}
			return Remedy{Text: text + " LiteLLM leaves such parameters out with drop_params: true."}
		},
		About:  "Reasoning models take max_completion_tokens instead of max_tokens and no temperature. The complaint proves that access is granted; this check itself tries the other form.",
		Verify: "The request without the parameter is answered.",
		Docs:   docsVersions,
		Source: documented(docsVersions),
	},
	{
		ID:      "aoai-subdomain-unknown",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "No resource has the endpoint's subdomain",
		Setting: SettingBase,
		When:    says("Subdomain does not map to a resource"),
		Cause: func(e *Evidence) string {
			return "The host " + hostOr(e) + " leads to the service, but no resource has this subdomain: it was deleted, has another name, or has no custom subdomain."
		},
		Remedy: setEndpointRemedy,
		About:  "The name resolves, since a wildcard covers it, but the service knows no account behind it. Take the endpoint that az prints.",
		Verify: "`az cognitiveservices account show --query properties.endpoint` prints the endpoint that is called.",
		Docs:   docsToken,
		Source: documented(docsToken),
	},
	{
		ID:      "aoai-path-not-found",
		Stage:   StageDataPlane,
		Area:    AreaDeployment,
		Title:   "The service does not know the path that was called",
		Setting: SettingBase,
		When:    either(says("urn:ms.scopedToken"), notFound),
		Cause: func(e *Evidence) string {
			x := failed(e, ServiceModel)
			address := "that was called"
			if x != nil && x.Path != "" {
				address = quoted(x.Path)
			}
			return "The service does not know the path " + address + fixedPath(x) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			if e.Target != nil && e.Target.Route == RouteV1 && e.Probe != nil && probeSettles(e.Probe) {
				return Remedy{
					Text:    "Use the deployments route with the api-version \"" + e.Probe.APIVersion + "\": it answers, the v1 route does not.",
					Snippet: "with:\n  route: deployments\n  api-version: \"" + e.Probe.APIVersion + "\"\n",
					Kind:    UseAPIVersion, Params: params("api-version", e.Probe.APIVersion),
				}
			}
			if h := hostOf(e); h != "" && cloudOf(h) == nil && !e.Pasted {
				return Remedy{
					Text: "See that the gateway passes the path on as Azure OpenAI has it: /openai/deployments/NAME/chat/completions?api-version=" + defaultAPIVersion + " or /openai/v1/chat/completions; or give the prefix that it expects with the endpoint.",
					Kind: FixGateway, Params: params("host", h),
				}
			}
			if name := resourceName(e); name != "" && !e.Pasted && e.Target != nil && e.Target.Address == "" {
				// The path is the check's own, so it is the resource that has
				// no such path: a Speech or Language resource say.
				return Remedy{
					Text:     "Take the endpoint of a resource of the kind OpenAI or AIServices: the path that was called is the canonical one, so what the host leads to serves no such models.",
					Commands: []string{command("az", "cognitiveservices", "account", "list", "--query", "[?properties.customSubDomainName=='"+name+"'].{name:name,kind:kind,endpoint:properties.endpoint}", "-o", "table")},
					Kind:     UseEndpoint,
				}
			}
			r := Remedy{
				Text: "Use only scheme and host as the endpoint. The addresses are /openai/deployments/NAME/chat/completions?api-version=" + defaultAPIVersion + " and /openai/v1/chat/completions.",
				Kind: UseEndpoint,
			}
			if h := hostOf(e); cloudOf(h) != nil {
				r.Params = map[string]string{"endpoint": "https://" + h}
			}
			return r
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(e.Probe != nil && !probeSettles(e.Probe) && fixedPath(failed(e, ServiceModel)) != "")
		},
		Others: []string{"aoai-api-version-invalid", "aoai-subdomain-unknown", "aoai-deployment-not-found"},
		Settle: "the same call to the canonical address with a version that is published",
		About: "A piece of the path is missing or doubled: /openai, /v1 on the deployments route, a double slash, another service's surface. " +
			"An API version that is not published gives the same answer.",
		Verify: "The call to the canonical address is answered, or fails with DeploymentNotFound, which means that path and credential are right.",
		Docs:   docsVersions,
		Source: documented(docsVersions),
	},
	{
		ID:    "aoai-server-error",
		Stage: StageDataPlane,
		Area:  AreaProvider,
		Title: "The service failed",
		Cure:  Passing,
		When: either(answered(408, 500, 502, 503, 504),
			all(says("The server had an error processing your request", "The server had an error while processing your request", "no healthy upstream", "upstream connect error", "Operation timed out", "The operation was timeout"),
				when("the model's service, or an unnamed one, failed", func(e *Evidence) bool {
					x := failed(e, ServiceModel)
					return x != nil && x.Fault == FaultNone
				}))),
		Cause: func(e *Evidence) string {
			x := failed(e, ServiceModel)
			what := "an error of its own"
			if x != nil && x.Status != 0 {
				what = statusWords(x)
			}
			return "The service at " + hostOr(e) + " answered " + what + colon(messageOf(e)) + "."
		},
		Remedy: func(e *Evidence) Remedy {
			id := requestID(e)
			r := Remedy{
				Text: "Run again in a few minutes and check Azure's status page. Azure support will ask for the request id.",
				Kind: ContactSupport, Params: params("request-id", id),
			}
			if id != "" {
				r.Text = "Run again in a few minutes and check Azure's status page. For Azure support, quote the request id " + quoted(id) + "."
			}
			return r
		},
		Certain: func(e *Evidence) Certainty {
			return certainIf(!behindGateway(e) && (!e.Pasted || failedAt(e, ServiceModel) != nil))
		},
		Others: []string{"net-unreachable"},
		Settle: "a call to the resource itself, past the gateway",
		About:  "A fault of the service, or of a gateway in front of it, that persisted through the retries. Nothing in the configuration explains it.",
		Verify: "A later call is answered.",
		Docs:   docsVersions,
		Source: documented(docsVersions),
	},
}
