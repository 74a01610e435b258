package azurelab

var configScenarios = []Scenario{
	{
		Name: "no-tenant-id", Verdict: fail, Diagnosis: "cfg-tenant-id-missing",
		Story: "The workflow forgot the tenant id.",
		Break: func(w *World) { w.Job.set("tenant-id", "") },
	},
	{
		Name: "no-client-id", Verdict: fail, Diagnosis: "cfg-client-id-missing",
		Story: "The workflow forgot the client id.",
		Break: func(w *World) {
			w.Job.set("client-id", "")
			w.Job.set("identity", "github-oidc")
		},
	},
	{
		Name: "client-id-malformed", Verdict: fail, Diagnosis: "cfg-client-id-malformed",
		Story: "The client id lost its last digit on the way.",
		Break: func(w *World) { w.Job.set("client-id", clientID[:len(clientID)-1]) },
	},
	{
		Name: "tenant-id-malformed", Verdict: fail, Diagnosis: "cfg-tenant-id-malformed",
		Story: "The tenant id was pasted with quotation marks and a space.",
		Break: func(w *World) { w.Job.set("tenant-id", `"`+tenantID+` "`) },
	},
	{
		Name: "endpoint-portal-link", Verdict: fail, Diagnosis: "cfg-endpoint-malformed",
		Story: "The endpoint is the address bar of the portal.",
		Break: func(w *World) {
			w.Job.set("endpoint", "https://portal.azure.com/#@octo.example/resource/subscriptions/"+guid("subscription")+"/resourceGroups/octo/providers/Microsoft.CognitiveServices/accounts/octo-aoai/overview")
		},
	},
	{
		Name: "endpoint-with-path", Verdict: fail, Diagnosis: "cfg-endpoint-malformed",
		Story: "The endpoint is a whole request URL from a sample.",
		Break: func(w *World) {
			w.Job.set("endpoint", endpoint+"/openai/deployments/chat/chat/completions?api-version=2024-10-21")
		},
	},
	{
		Name: "endpoint-http", Verdict: fail, Diagnosis: "cfg-endpoint-malformed",
		Story: "The endpoint has http instead of https.",
		Break: func(w *World) { w.Job.set("endpoint", "http://octo-aoai.openai.azure.com") },
	},
	{
		Name: "endpoint-no-scheme", Verdict: fail, Diagnosis: "cfg-endpoint-malformed",
		Story: "The endpoint has no scheme, and a space in the middle.",
		Break: func(w *World) { w.Job.set("endpoint", "octo-aoai. openai.azure.com") },
	},
	{
		Name: "endpoint-is-key", Verdict: fail, Diagnosis: "cfg-endpoint-malformed",
		Story: "The key was pasted where the endpoint belongs.",
		Break: func(w *World) { w.Job.set("endpoint", w.Resources[0].Keys[0]) },
	},
	{
		Name: "endpoint-look-alike", Verdict: fail, Diagnosis: "cfg-endpoint-untrusted",
		Story: "The endpoint only looks like Azure's: its zone is someone else's.",
		Break: func(w *World) { w.Job.set("endpoint", "https://"+lookAlike) },
	},
	{
		Name: "endpoint-custom-domain", Verdict: fail, Diagnosis: "cfg-endpoint-untrusted",
		Story: "The endpoint is the company's own gateway, which allowed-hosts does not name.",
		Break: func(w *World) {
			useGateway(w)
			w.Gateways[0].Host = customDomain
			w.Job.set("endpoint", "https://"+customDomain)
			w.Job.set("allowed-hosts", "")
		},
	},
	{
		Name: "bad-duration", Verdict: fail, Diagnosis: "cfg-input-invalid",
		Story: "The timeout is not a duration.",
		Break: func(w *World) { w.Job.set("timeout", "one minute") },
	},
	{
		Name: "unknown-operation", Verdict: fail, Diagnosis: "cfg-input-invalid",
		Story: "The operation is none.",
		Break: func(w *World) { w.Job.set("operation", "chat-completion") },
	},
	{
		Name: "no-deployment", Verdict: fail, Diagnosis: "cfg-input-invalid",
		Story: "The workflow names no deployment.",
		Break: func(w *World) { w.Job.set("deployment", "") },
	},
	{
		Name: "secrets-withheld", Verdict: fail, Diagnosis: "cfg-secrets-empty-untrusted",
		Story: "The ids come from secrets, and the pull request from a fork.",
		Break: func(w *World) {
			fork(w)
			w.Job.FromSecrets = []string{"tenant-id", "client-id"}
		},
	},
	{
		Name: "secrets-withheld-dependabot", Verdict: fail, Diagnosis: "cfg-secrets-empty-untrusted",
		Story: "The ids come from secrets, and Dependabot's run has none of them.",
		Break: func(w *World) {
			dependabotRun(w)
			w.Job.FromSecrets = []string{"tenant-id", "client-id"}
		},
	},
	{
		Name: "token-file-missing", Verdict: fail, Diagnosis: "cfg-workload-token-file",
		Story: "AZURE_FEDERATED_TOKEN_FILE is set, but the file is not mounted into the container.",
		Break: func(w *World) {
			useWorkloadIdentity(w)
			w.Cluster.Unmounted = true
		},
	},
}

// fork makes the run one of a pull request from another repository.
func fork(w *World) {
	w.GitHub.EventName = "pull_request"
	w.GitHub.Fork = true
	w.GitHub.Visibility = "public"
	w.GitHub.Actor, w.GitHub.ActorID = "hubot", "480938"
}

// dependabotRun makes the run one of Dependabot's pull request.
func dependabotRun(w *World) {
	w.GitHub.EventName = "pull_request"
	w.GitHub.Actor, w.GitHub.ActorID = dependabot, "49699333"
}
