package azurelab

var gatewayScenarios = []Scenario{
	{
		Name: "no-subscription-key", Verdict: fail, Diagnosis: "apim-subscription-key-missing",
		Story: "The gateway wants a subscription key, and the job has none.",
		Break: func(w *World) {
			useGateway(w)
			w.Job.set("subscription-key", "")
		},
	},
	{
		Name: "gateway-wrong-path", Verdict: fail, Diagnosis: "aoai-path-not-found",
		Story: "The gateway drops /openai on the way to its backend.",
		Break: func(w *World) {
			useGateway(w)
			w.Gateways[0].RewriteFrom, w.Gateways[0].RewriteTo = "/openai", ""
		},
	},
	{
		Name: "gateway-own-audience", Verdict: fail, Diagnosis: "aoai-token-rejected",
		Story: "The gateway's policy takes tokens for an application of the company's, not for Azure OpenAI.",
		Break: func(w *World) {
			useGateway(w)
			w.Gateways[0].Audience = "api://octo-llm-gateway"
		},
	},
	{
		Name: "gateway-quota", Verdict: fail, Diagnosis: "apim-quota-exceeded",
		Story: "The gateway's policy allows a number of calls in a week, and they are used up.",
		Break: func(w *World) {
			useGateway(w)
			w.Gateways[0].Spent = "5.03:23:11"
		},
	},
	{
		Name: "gateway-without-role", Verdict: fail, Diagnosis: "apim-backend-auth",
		Story: "The gateway calls its backend with an identity of its own, which has no role there.",
		Break: func(w *World) {
			useGateway(w)
			w.Gateways[0].Identity = gatewayID
		},
	},
}
