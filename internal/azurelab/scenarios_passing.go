package azurelab

import (
	"net/http"
	"time"
)

var passing = []Scenario{
	{
		Name: "healthy", Verdict: pass,
		Story: "Everything is right: a push to main, GitHub's ID token, chat on the v1 route.",
		Break: func(*World) {},
	},
	{
		Name: "dated-api-version", Verdict: pass,
		Story: "The suite uses the deployments route with a dated api-version.",
		Break: func(w *World) { w.Job.set("api-version", "2024-10-21") },
	},
	{
		Name: "reasoning", Verdict: pass,
		Story: "The deployment is a reasoning model that spends the few tokens it gets on thinking and answers nothing.",
		Break: func(w *World) { w.Job.set("deployment", "reasoning") },
	},
	{
		Name: "reasoning-too-short", Verdict: pass,
		Story: "The reasoning model refuses with 400 when its thoughts do not fit into the few tokens it gets.",
		Break: func(w *World) {
			w.Job.set("deployment", "reasoning")
			w.Resources[0].Deployment("reasoning").FailsWhenShort = true
		},
	},
	{
		Name: "embeddings", Verdict: pass,
		Story: "The deployment embeds, and the job says so.",
		Break: func(w *World) { w.Job.set("deployment", "embeddings:embeddings") },
	},
	{
		Name: "responses", Verdict: pass,
		Story: "The deployment answers on the responses API alone, and the job says so.",
		Break: func(w *World) {
			w.Job.set("deployment", "codex")
			w.Job.set("operation", "responses")
		},
	},
	{
		Name: "completions", Verdict: pass,
		Story: "The deployment is of the oldest kind, which only completes texts.",
		Break: func(w *World) { w.Job.set("deployment", "legacy:completions") },
	},
	{
		Name: "images", Verdict: pass,
		Story: "The deployment makes images; access is proved without making one.",
		Break: func(w *World) { w.Job.set("deployment", "images:images") },
	},
	{
		Name: "audio", Verdict: pass,
		Story: "The deployment speaks; access is proved without a sound.",
		Break: func(w *World) { w.Job.set("deployment", "speech:audio") },
	},
	{
		Name: "transcription", Verdict: pass,
		Story: "The deployment writes down what it hears; access is proved with an empty file.",
		Break: func(w *World) { w.Job.set("deployment", "whisper:audio") },
	},
	{
		Name: "answer-filtered", Verdict: pass, Notice: "aoai-content-filter",
		Story: "The content filter lets the prompt through and holds the answer back.",
		Break: func(w *World) { w.Resources[0].Deployment("chat").FiltersAnswers = true },
	},
	{
		Name: "answer-filtered-responses", Verdict: pass, Notice: "aoai-content-filter",
		Story: "The same on the Responses API, whose answer is then incomplete.",
		Break: func(w *World) {
			w.Job.set("operation", "responses")
			w.Resources[0].Deployment("chat").FiltersAnswers = true
		},
	},
	{
		Name: "several-deployments", Verdict: pass,
		Story: "The suite uses three deployments, each in its own way, with one token.",
		Break: func(w *World) { w.Job.set("deployment", "chat\nreasoning, embeddings:embeddings") },
	},
	{
		Name: "model-of-another-maker", Verdict: pass,
		Story: "The deployment is a model of Mistral's, whose server knows max_tokens alone and refuses the newer name with 422.",
		Break: func(w *World) { w.Resources[0].Deployment("chat").Strict = true },
	},
	{
		Name: "client-secret", Verdict: pass,
		Story: "The job has no ID token and authenticates with a client secret.",
		Break: useSecret,
	},
	{
		Name: "client-certificate", Verdict: pass,
		Story: "The job has no ID token and authenticates with a certificate in a file.",
		Break: useCertificate,
	},
	{
		Name: "managed-identity", Verdict: pass,
		Story: "A self-hosted runner on an Azure machine uses its user-assigned identity.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			w.Job.set("client-id", m.ClientID)
			w.Job.set("identity", "managed-identity")
		},
	},
	{
		Name: "managed-identity-system", Verdict: pass,
		Story: "A self-hosted runner on an Azure machine uses the machine's own identity, without any id.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			m.SystemAssigned = true
			// MSAL keeps all system-assigned identities of a process under one
			// key of its cache. A token that is about to expire, as IMDS may
			// well hand out from a cache of its own, is not taken from there by
			// the next world.
			m.TokenLifetime = 4 * time.Minute
		},
	},
	{
		Name: "federated-identity", Verdict: pass,
		Story: "The client id is that of a user-assigned identity, which has the federated credential and the role.",
		Break: func(w *World) {
			hosted := w.Runner
			m := useManagedIdentity(w)
			w.Runner, m.Attached = hosted, false
			m.Federated = w.Tenants[0].Apps[0].Federated
			w.GitHub.Permission = true
			w.Job.set("tenant-id", tenantID)
			w.Job.set("client-id", m.ClientID)
		},
	},
	{
		Name: "workload-identity", Verdict: pass,
		Story: "The runner is a pod with workload identity; its token file is mounted into the container.",
		Break: useWorkloadIdentity,
	},
	{
		Name: "api-key", Verdict: pass,
		Story: "The job asks for the API key, which is in the environment.",
		Break: useKey,
	},
	{
		Name: "us-government", Verdict: pass,
		Story: "Tenant and resource are in Azure's US Government cloud.",
		Break: func(w *World) { moveTo(w, USGov, "usgovvirginia") },
	},
	{
		Name: "china", Verdict: pass,
		Story: "Tenant and resource are in Azure's cloud in China.",
		Break: func(w *World) { moveTo(w, China, "chinaeast2") },
	},
	{
		Name: "foundry", Verdict: pass,
		Story: "The resource is a Foundry resource, under its services.ai.azure.com name.",
		Break: useFoundry,
	},
	{
		Name: "gateway", Verdict: pass,
		Story: "An API Management gateway stands in front of the resource; the job names its host and has its key.",
		Break: useGateway,
	},
	{
		Name: "gateway-api-key-header", Verdict: pass,
		Story: "The gateway reads its key from the header api-key, as API Management has it for an imported Azure OpenAI.",
		Break: func(w *World) {
			useGateway(w)
			w.Gateways[0].KeyHeader = "api-key"
		},
	},
	{
		Name: "enterprise-server", Verdict: pass,
		Story: "The workflow runs on a GitHub Enterprise Server, whose issuer the credential names.",
		Break: useEnterpriseServer,
	},
	{
		Name: "transient-errors", Verdict: pass,
		Story: "Every service answers 503 once before it works.",
		Break: func(w *World) {
			for _, s := range []Service{ServiceGitHub, ServiceEntra, ServiceModel} {
				w.Faults = append(w.Faults, Fault{Service: s, Kind: FaultStatus, Status: http.StatusServiceUnavailable, Times: 1})
			}
		},
	},
	{
		Name: "cut-answer", Verdict: pass,
		Story: "The connection is cut in the middle of the model's first answer.",
		Break: func(w *World) { w.Faults = []Fault{{Service: ServiceModel, Kind: FaultTruncated, Times: 1}} },
	},
	{
		Name: "role-takes-effect", Verdict: pass, Notice: "aoai-rbac-propagation",
		Story: "The role was assigned a moment ago and takes effect while the check waits for it, as it was asked to.",
		Break: func(w *World) {
			w.Job.set("wait-for-propagation", "5m")
			w.Resources[0].Roles[0].Since = time.Now().Add(90 * time.Second)
		},
	},
	{
		Name: "credential-takes-effect", Verdict: pass, Notice: "oidc-fic-propagation",
		Story: "The federated credential was created a moment ago and takes effect while the check waits for it, as it was asked to.",
		Break: func(w *World) {
			w.Job.set("wait-for-propagation", "5m")
			app := &w.Tenants[0].Apps[0]
			// Another credential is there already, so that the text is about the subject.
			app.Federated = append(app.Federated, app.Federated[0])
			app.Federated[0].Subject = "repo:octo-org/octo-app:environment:production"
			app.Federated[1].Since = time.Now().Add(90 * time.Second)
		},
	},
	{
		Name: "leftover-key", Verdict: pass, Notice: "cfg-credential-shadowed",
		Story: "AZURE_API_KEY is left over in the environment: the token works, but some clients would send the key.",
		Break: func(w *World) { w.Job.setenv("AZURE_API_KEY", w.Resources[0].Keys[0]) },
	},
	{
		Name: "content-filter", Verdict: pass, Notice: "aoai-content-filter",
		Story: "The content filter takes the prompt for harmful, which proves that access is granted.",
		Break: func(w *World) { w.Resources[0].Deployment("chat").Filters = true },
	},
	{
		Name: "hostile-answer", Verdict: pass,
		Story: "The model's name holds workflow commands and terminal escapes.",
		Break: func(w *World) {
			d := w.Resources[0].Deployment("chat")
			d.Model, d.Version = "gpt\r\n::error title=pwned::owned\n##[error]x\x1b[31m|<b>", ""
		},
	},
}

func useSecret(w *World) {
	w.GitHub.Permission = false
	w.Job.setenv("AZURE_CLIENT_SECRET", w.Tenants[0].Apps[0].Secrets[0].Value)
	w.Job.FromSecrets = append(w.Job.FromSecrets, "AZURE_CLIENT_SECRET")
}

func useCertificate(w *World) {
	w.GitHub.Permission = false
	w.Job.Certificate = true
	w.Tenants[0].Apps[0].Certificates = []*ClientCertificate{jobCertificate()}
}

// useManagedIdentity moves the job to a self-hosted Azure machine whose only
// identity has the role.
func useManagedIdentity(w *World) *ManagedIdentity {
	w.Runner.SelfHosted = true
	w.GitHub.Permission = false
	w.Managed = []ManagedIdentity{{
		ClientID: randomGUID(), ObjectID: guid("managed identity"), TenantID: tenantID, Attached: true, TokenLifetime: 24 * time.Hour,
		ResourceID: "/subscriptions/" + guid("subscription") + "/resourcegroups/octo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/octo-runner",
	}}
	w.Resources[0].Roles = []RoleAssignment{{PrincipalID: w.Managed[0].ObjectID, RoleID: OpenAIUser}}
	w.Job.set("tenant-id", "")
	w.Job.set("client-id", "")
	return &w.Managed[0]
}

func useWorkloadIdentity(w *World) {
	w.Runner.SelfHosted = true
	w.GitHub.Permission = false
	w.Cluster = &Cluster{
		Issuer:   "https://eastus.oic.prod-aks.azure.com/" + tenantID + "/" + guid("cluster") + "/",
		Subject:  "system:serviceaccount:runners:octo-runner",
		Audience: "api://AzureADTokenExchange",
		Lifetime: time.Hour,
	}
	app := &w.Tenants[0].Apps[0]
	app.Federated = append(app.Federated, Federated{Issuer: w.Cluster.Issuer, Subject: w.Cluster.Subject, Audience: w.Cluster.Audience})
}

func useKey(w *World) {
	w.GitHub.Permission = false
	w.Job.set("identity", "api-key")
	w.Job.set("tenant-id", "")
	w.Job.set("client-id", "")
	w.Job.setenv("AZURE_OPENAI_API_KEY", w.Resources[0].Keys[0])
	w.Job.FromSecrets = append(w.Job.FromSecrets, "AZURE_OPENAI_API_KEY")
}

// moveTo moves tenant and resource to another cloud.
func moveTo(w *World, c Cloud, region string) {
	w.Tenants[0].Cloud = c
	w.Tenants[0].Apps[0].Federated[0].Audience = c.facts().exchange
	r := &w.Resources[0]
	r.Cloud, r.Region = c, region
	r.Hosts = []string{r.Name + "." + c.facts().openAI}
	w.Job.set("endpoint", r.Endpoint())
}

func useFoundry(w *World) {
	r := &w.Resources[0]
	r.Name, r.Kind = "octo-foundry", KindAIServices
	r.Hosts = []string{"octo-foundry.services.ai.azure.com", "octo-foundry.cognitiveservices.azure.com", "octo-foundry.openai.azure.com"}
	w.Job.set("endpoint", r.Endpoint())
}

func useGateway(w *World) {
	w.Gateways = []Gateway{{Host: gatewayHost, Keys: []string{random(24)}, Backend: "octo-aoai"}}
	w.Job.set("endpoint", "https://"+gatewayHost)
	w.Job.set("allowed-hosts", gatewayHost)
	w.Job.set("subscription-key", w.Gateways[0].Keys[0])
	w.Job.FromSecrets = append(w.Job.FromSecrets, "subscription-key")
}

func useEnterpriseServer(w *World) {
	w.GitHub.Server = "https://github.octo.example"
	w.Runner.SelfHosted = true
	w.Tenants[0].Apps[0].Federated[0].Issuer = w.GitHub.issuer()
}
