package azurelab

import (
	"net/http"
	"time"
)

var modelScenarios = []Scenario{
	{
		Name: "no-role", Verdict: fail, Diagnosis: "aoai-rbac-missing-data-action",
		Story: "Nobody gave the application a role at the resource.",
		Break: func(w *World) { w.Resources[0].Roles = nil },
	},
	{
		Name: "wrong-role", Verdict: fail, Diagnosis: "aoai-rbac-missing-data-action",
		Story: "The application is Owner of the resource, which allows no data action.",
		Break: func(w *World) { w.Resources[0].Roles[0].RoleID = roleNamed("Owner").id },
	},
	{
		Name: "role-of-other-principal", Verdict: fail, Diagnosis: "aoai-rbac-missing-data-action",
		Story: "The role was given to the client id instead of the object id.",
		Break: func(w *World) { w.Resources[0].Roles[0].PrincipalID = clientID },
	},
	{
		Name: "resource-in-other-tenant", Verdict: fail, Diagnosis: "aoai-tenant-mismatch",
		Story: "The resource belongs to the other tenant.",
		Break: func(w *World) {
			w.Resources[0].TenantID = otherTenantID
			app := w.Tenants[0].Apps[0]
			app.ObjectID = otherObjectID
			w.Tenants[1].Apps = []App{app}
			w.Resources[0].Roles[0].PrincipalID = otherObjectID
		},
	},
	{
		Name: "regional-endpoint", Verdict: fail, Diagnosis: "aoai-no-custom-subdomain",
		Story: "The resource has no custom subdomain, so the job uses the region's endpoint.",
		Break: func(w *World) {
			r := &w.Resources[0]
			r.CustomSubdomain, r.Hosts = false, nil
			w.Job.set("endpoint", r.Endpoint())
		},
	},
	{
		Name: "no-such-deployment", Verdict: fail, Diagnosis: "aoai-deployment-not-found",
		Story: "The job gives the model's name where the deployment's belongs.",
		Break: func(w *World) { w.Job.set("deployment", "gpt-4.1-mini") },
	},
	{
		Name: "api-version-unknown", Verdict: fail, Diagnosis: "aoai-api-version-invalid",
		Story: "The api-version is a model's version, which the service answers with 404.",
		Break: func(w *World) { w.Job.set("api-version", "2024-05-13") },
	},
	{
		Name: "api-version-refused", Verdict: fail, Diagnosis: "aoai-api-version-invalid",
		Story: "The api-version is a model's version, which the service answers with 400.",
		Break: func(w *World) {
			w.Job.set("api-version", "2024-05-13")
			w.Resources[0].RejectsVersions = true
		},
	},
	{
		Name: "dated-on-v1", Verdict: fail, Diagnosis: "aoai-v1-api-version",
		Story: "The job uses the v1 route with a dated api-version.",
		Break: func(w *World) {
			w.Job.set("route", "v1")
			w.Job.set("api-version", "2024-10-21")
		},
	},
	{
		Name: "dated-on-v1-variable", Verdict: fail, Diagnosis: "aoai-v1-api-version",
		Story: "The job uses the v1 route, and a variable that the suite's client needs has a dated api-version.",
		Break: func(w *World) {
			w.Job.set("route", "v1")
			w.Job.setenv("AZURE_API_VERSION", "2024-10-21")
		},
	},
	{
		Name: "dated-on-v1-foundry", Verdict: fail, Diagnosis: "aoai-v1-api-version",
		Story: "The job uses the v1 route of a Foundry resource with a dated api-version, which has another text.",
		Break: func(w *World) {
			useFoundry(w)
			w.Job.set("route", "v1")
			w.Job.set("api-version", "2024-10-21")
		},
	},
	{
		Name: "api-version-too-old", Verdict: fail, Diagnosis: "aoai-api-version-too-old",
		Story: "The api-version is older than the reasoning model.",
		Break: func(w *World) {
			w.Job.set("deployment", "reasoning")
			w.Job.set("api-version", "2024-06-01")
		},
	},
	{
		Name: "no-v1-route", Verdict: fail, Diagnosis: "aoai-path-not-found",
		Story: "The resource has no v1 route.",
		Break: func(w *World) { w.Resources[0].NoV1 = true },
	},
	{
		Name: "chat-on-embeddings", Verdict: fail, Diagnosis: "aoai-operation-unsupported",
		Story: "The deployment embeds and cannot chat.",
		Break: func(w *World) { w.Job.set("deployment", "embeddings") },
	},
	{
		Name: "embeddings-on-chat", Verdict: fail, Diagnosis: "aoai-operation-unsupported",
		Story: "The deployment chats and cannot embed, which newer models say in three words.",
		Break: func(w *World) { w.Job.set("operation", "embeddings") },
	},
	{
		Name: "responses-only", Verdict: fail, Diagnosis: "aoai-responses-only-model",
		Story: "The deployment answers on the responses API alone, and the job chats with it.",
		Break: func(w *World) { w.Job.set("deployment", "codex") },
	},
	{
		Name: "responses-only-dated", Verdict: fail, Diagnosis: "aoai-responses-only-model",
		Story: "The same on the deployments route, where the text is that of any unsupported operation.",
		Break: func(w *World) {
			w.Job.set("deployment", "codex")
			w.Job.set("api-version", "2025-04-01-preview")
		},
	},
	{
		Name: "key-invalid", Verdict: fail, Diagnosis: "aoai-key-invalid",
		Story: "The key was rotated.",
		Break: func(w *World) {
			useKey(w)
			w.Resources[0].Keys = []string{randomKey(), randomKey()}
		},
	},
	{
		Name: "keys-disabled", Verdict: fail, Diagnosis: "aoai-key-auth-disabled",
		Story: "The resource takes no keys.",
		Break: func(w *World) {
			useKey(w)
			w.Resources[0].KeyAuthDisabled = true
		},
	},
	{
		Name: "rate-limited", Verdict: warn, Diagnosis: "aoai-rate-limited",
		Story: "The deployment's quota is used up, and stays so for as long as the check tries.",
		Break: func(w *World) {
			w.Resources[0].Deployment("chat").RateLimit = &RateLimit{RetryAfter: 9 * time.Second}
			w.Job.set("timeout", "20s")
		},
	},
	{
		Name: "rate-limited-terse", Verdict: warn, Diagnosis: "aoai-rate-limited",
		Story: "The same with the service's older text.",
		Break: func(w *World) {
			w.Resources[0].Deployment("chat").RateLimit = &RateLimit{RetryAfter: 9 * time.Second, Terse: true}
			w.Job.set("timeout", "20s")
		},
	},
	{
		Name: "rate-limited-once", Verdict: pass,
		Story: "The quota is used up for a few seconds.",
		Break: func(w *World) {
			w.Resources[0].Deployment("chat").RateLimit = &RateLimit{RetryAfter: 2 * time.Second, Times: 1}
		},
	},
	{
		Name: "quota-too-small", Verdict: fail, Diagnosis: "aoai-quota-too-small",
		Story: "The deployment's quota does not fit a single request: the service says to come back in a day.",
		Break: func(w *World) {
			w.Resources[0].Deployment("chat").RateLimit = &RateLimit{RetryAfter: 24 * time.Hour, Terse: true}
		},
	},
	{
		Name: "model-down", Verdict: fail, Diagnosis: "aoai-server-error",
		Story: "The service answers 500 whatever is tried.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultStatus, Status: http.StatusInternalServerError}}
			w.Job.set("timeout", "10s")
		},
	},
	{
		Name: "model-unknown-code", Verdict: fail, Diagnosis: "aoai-unknown",
		Story: "The service refuses with a code that nobody has seen.",
		Break: func(w *World) {
			w.Resources[0].Deployment("chat").Refusal = &ModelRefusal{Status: http.StatusConflict, Code: "OctagonMismatch", Message: "The deployment is not octagonal."}
		},
	},
	{
		Name: "hostile-error", Verdict: fail, Diagnosis: "aoai-unknown",
		Story: "The error's text holds workflow commands, terminal escapes, Markdown and the token that was sent.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultHostile, Status: http.StatusBadRequest}}
		},
	},
	{
		Name: "oversize-error", Verdict: fail, Diagnosis: "aoai-unknown",
		Story: "The error's body is 64 MiB long.",
		Break: func(w *World) {
			w.Faults = []Fault{{Service: ServiceModel, Kind: FaultOversize, Status: http.StatusBadRequest}}
		},
	},
}
