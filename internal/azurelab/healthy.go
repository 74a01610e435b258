package azurelab

import "time"

// The names of the healthy world. They are the same in every run, so that
// outputs can be compared; secrets are not.
const (
	tenantID  = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"
	clientID  = "3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11"
	objectID  = "8c1b6c0e-2f1d-4d0a-8a53-5b0f6f8a1e27"
	gatewayID = "b7e0a6d4-93c5-4c1c-8a6e-0d4b6a2f9c35" // principal of the gateway
	// otherTenantID is a second directory of the same company.
	otherTenantID = "c2a1d7d0-35f2-4f4e-8b0a-7f3f5a0f6e9d"
	otherObjectID = "e5d3b8a1-7c64-4f8b-9a0e-2b1c4d6f8e03"

	endpoint     = "https://octo-aoai.openai.azure.com"
	gatewayHost  = "octo-apim.azure-api.net"
	customDomain = "llm.octo.example" // a gateway under the company's own name
	lookAlike    = "octo-aoai.openai.azure.com.evil.example"
	runnerIP     = "203.0.113.77"
	officeIP     = "198.51.100.10" // what firewalls and policies let in
)

// Healthy makes a world of the public cloud in which the job's check passes:
// a push to main, a federated credential for exactly that, one resource with a
// deployment of every kind, and the role that calls need.
func Healthy() *World {
	w := &World{
		GitHub: GitHub{
			Server:        gitHubServer,
			Repository:    "octo-org/octo-app",
			RepositoryID:  "74",
			OwnerID:       "65",
			Visibility:    "private",
			Ref:           "refs/heads/main",
			SHA:           "9bd2a1f9f1a4a2c8f0c1b5f8e3d7a6b4c2e1f0a9",
			EventName:     "push",
			Actor:         "octocat",
			ActorID:       "12",
			Workflow:      ".github/workflows/llm-tests.yml",
			JobID:         "test",
			RunID:         "11223344556",
			Permission:    true,
			TokenLifetime: 5 * time.Minute, // measured in kata-containers 11758
		},
		Runner:    Runner{EgressIP: runnerIP},
		IMDS:      IMDS{Kind: IMDSAzure, Region: "eastus"}, // GitHub-hosted runners are Azure machines
		Strangers: []string{lookAlike, "login.guest-wifi.example"},
		Job: Job{Inputs: map[string]string{
			"endpoint":   endpoint,
			"deployment": "chat",
			"tenant-id":  tenantID,
			"client-id":  clientID,
		}},
		secrets: jobSecrets{requestToken: random(48) + "." + random(24), runtimeToken: random(48) + "." + random(24)},
	}
	w.Tenants = []Tenant{
		{
			ID: tenantID, Name: "Octo Org", Domains: []string{"octo.example", "octoorg.onmicrosoft.com"},
			Cloud: Public, TokenLifetime: time.Hour,
			Apps: []App{{
				ClientID: clientID, ObjectID: objectID, Name: "octo-app",
				Secrets: []Secret{{Value: random(30)}},
				Federated: []Federated{{
					Issuer:   w.GitHub.issuer(),
					Subject:  w.GitHub.subject(),
					Audience: Public.facts().exchange,
				}},
			}},
		},
		{ID: otherTenantID, Name: "Octo Org (test)", Domains: []string{"octotest.onmicrosoft.com"}, Cloud: Public, TokenLifetime: time.Hour},
	}
	w.Resources = []Resource{{
		Name: "octo-aoai", Kind: KindOpenAI, Cloud: Public, TenantID: tenantID, Region: "eastus",
		Hosts: []string{"octo-aoai.openai.azure.com"}, CustomSubdomain: true,
		Keys:        []string{randomKey(), randomKey()},
		Deployments: deployments(),
		Roles:       []RoleAssignment{{PrincipalID: objectID, RoleID: OpenAIUser}},
	}}
	return w
}

// deployments are one of each kind.
func deployments() []Deployment {
	return []Deployment{
		{Name: "chat", Model: "gpt-4.1-mini", Version: "2025-04-14", Operations: []Operation{Chat, Responses}},
		{Name: "reasoning", Model: "gpt-5-mini", Version: "2025-08-07", Operations: []Operation{Chat, Responses}, Reasoning: true, ThinkingTokens: 64, MinAPIVersion: "2024-12-01-preview"},
		{Name: "embeddings", Model: "text-embedding-3-large", Operations: []Operation{Embeddings}},
		{Name: "codex", Model: "gpt-5.3-codex", Version: "2026-02-05", Operations: []Operation{Responses}, Reasoning: true, ThinkingTokens: 64},
		{Name: "legacy", Model: "gpt-35-turbo-instruct", Version: "0914", Operations: []Operation{Completions}},
		{Name: "images", Model: "gpt-image-1", Version: "2025-04-15", Operations: []Operation{Images}},
		{Name: "speech", Model: "gpt-4o-mini-tts", Version: "2025-03-20", Operations: []Operation{Speech}},
		{Name: "whisper", Model: "whisper", Version: "001", Operations: []Operation{Transcriptions}},
	}
}
