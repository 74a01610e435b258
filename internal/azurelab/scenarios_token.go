package azurelab

import "net/http"

var tokenScenarios = []Scenario{
	{
		Name: "object-id-as-client-id", Verdict: fail, Diagnosis: "entra-app-not-found",
		Story: "The job gives the service principal's object id as client id.",
		Break: func(w *World) { w.Job.set("client-id", objectID) },
	},
	{
		Name: "app-in-other-tenant", Verdict: fail, Diagnosis: "entra-app-not-found",
		Story: "The suite has moved to an application in this tenant; client-id still names the old one, in the other.",
		Break: func(w *World) {
			replaced := useReplacedApp(w)
			w.Tenants[0].Apps = w.Tenants[0].Apps[:1]
			w.Tenants[1].Apps = append(w.Tenants[1].Apps, replaced)
			w.Job.set("client-id", replaced.ClientID)
		},
	},
	{
		Name: "tenant-not-found", Verdict: fail, Diagnosis: "entra-tenant-not-found",
		Story: "The tenant id is that of no directory.",
		Break: func(w *World) { w.Job.set("tenant-id", guid("no tenant")) },
	},
	{
		Name: "tenant-private-domain", Verdict: fail, Diagnosis: "entra-tenant-malformed",
		Story: "The tenant is given by the name of an internal zone, which is no domain of the internet.",
		Break: func(w *World) { w.Job.set("tenant-id", "octo.internal") },
	},
	{
		Name: "secret-invalid", Verdict: fail, Diagnosis: "entra-secret-invalid",
		Story: "The secret's id was stored instead of its value.",
		Break: func(w *World) {
			useSecret(w)
			w.Job.setenv("AZURE_CLIENT_SECRET", guid("secret id"))
		},
	},
	{
		Name: "secret-expired", Verdict: fail, Diagnosis: "entra-secret-expired",
		Story: "The client secret has expired.",
		Break: func(w *World) {
			useSecret(w)
			w.Tenants[0].Apps[0].Secrets[0].Expired = true
		},
	},
	{
		Name: "app-disabled", Verdict: fail, Diagnosis: "entra-app-disabled",
		Story: "An administrator has disabled the application.",
		Break: func(w *World) { w.Tenants[0].Apps[0].Disabled = true },
	},
	{
		Name: "certificate-not-registered", Verdict: fail, Diagnosis: "entra-cert-not-registered",
		Story: "The certificate was never uploaded to the application.",
		Break: func(w *World) {
			useCertificate(w)
			w.Tenants[0].Apps[0].Certificates = nil
		},
	},
	{
		Name: "conditional-access", Verdict: fail, Diagnosis: "entra-conditional-access",
		Story: "A policy lets workload identities in from the office only.",
		Break: func(w *World) { w.Tenants[0].ConditionalAccess = []Policy{{Allowed: []string{officeIP}}} },
	},
	{
		Name: "wrong-cloud", Verdict: fail, Diagnosis: "entra-wrong-cloud",
		Story: "Tenant and resource are in US Government, the job says public.",
		Break: func(w *World) {
			moveTo(w, USGov, "usgovvirginia")
			w.Job.set("cloud", string(Public))
		},
	},
	{
		Name: "scope-is-endpoint", Verdict: fail, Diagnosis: "entra-resource-not-found",
		Story: "The scope is made of the resource's own host.",
		Break: func(w *World) { w.Job.set("scope", endpoint+"/.default") },
	},
	{
		Name: "scope-without-default", Verdict: fail, Diagnosis: "entra-scope-invalid",
		Story: "The scope does not end in /.default.",
		Break: func(w *World) { w.Job.set("scope", "https://cognitiveservices.azure.com/user_impersonation") },
	},
	{
		Name: "entra-unknown-code", Verdict: fail, Diagnosis: "entra-unknown",
		Story: "Entra refuses with a code that nobody has seen.",
		Break: func(w *World) {
			w.Tenants[0].Refusal = &Refusal{Code: 9998877, Name: "unauthorized_client", Text: "The tenant has not completed the octagonal verification."}
		},
	},
	{
		Name: "scope-management", Verdict: fail, Diagnosis: "claims-wrong-audience",
		Story: "The scope is Azure's management API, so the token is for that.",
		Break: func(w *World) { w.Job.set("scope", "https://management.azure.com/.default") },
	},
	{
		Name: "unexpected-tenant", Verdict: fail, Diagnosis: "claims-wrong-tenant",
		Story: "The job uses the test tenant, which knows the application too, and expects the other one.",
		Break: func(w *World) {
			app := w.Tenants[0].Apps[0]
			app.ObjectID = otherObjectID
			w.Tenants[1].Apps = []App{app}
			w.Job.set("tenant-id", otherTenantID)
			w.Job.set("expect-tenant-id", tenantID)
		},
	},
	{
		Name: "unexpected-client", Verdict: fail, Diagnosis: "claims-unexpected-principal",
		Story: "The job uses an application that was replaced, and expects the new one.",
		Break: func(w *World) {
			replaced := useReplacedApp(w)
			w.Job.set("client-id", replaced.ClientID)
			w.Job.set("expect-client-id", clientID)
		},
	},
	{
		Name: "unexpected-object", Verdict: fail, Diagnosis: "claims-unexpected-principal",
		Story: "The same, and the job expects the new one by its object id.",
		Break: func(w *World) {
			replaced := useReplacedApp(w)
			w.Job.set("client-id", replaced.ClientID)
			w.Job.set("expect-object-id", objectID)
		},
	},
	{
		Name: "short-lived-token", Verdict: warn, Diagnosis: "claims-lifetime-too-short",
		Story: "The suite needs two hours, the token lives for one.",
		Break: func(w *World) { w.Job.set("min-token-lifetime", "2h") },
	},
}

// useReplacedApp adds an application with the same federated credential and the
// same role as the one that the job means.
func useReplacedApp(w *World) App {
	replaced := w.Tenants[0].Apps[0]
	replaced.ClientID, replaced.ObjectID, replaced.Name = guid("replaced application"), otherObjectID, "octo-app-old"
	w.Tenants[0].Apps = append(w.Tenants[0].Apps, replaced)
	w.Resources[0].Roles = append(w.Resources[0].Roles, RoleAssignment{PrincipalID: otherObjectID, RoleID: OpenAIUser})
	return replaced
}

var managedScenarios = []Scenario{
	{
		Name: "identity-not-attached", Verdict: fail, Diagnosis: "msi-identity-not-found",
		Story: "The identity exists and has the role, but the machine does not carry it.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			m.Attached = false
			w.Job.set("client-id", m.ClientID)
			w.Job.set("identity", "managed-identity")
		},
	},
	{
		Name: "hosted-runner-identity", Verdict: fail, Diagnosis: "msi-identity-not-found",
		Story: "The job asks for a managed identity on a GitHub-hosted runner, which is an Azure machine without one.",
		Break: func(w *World) {
			w.Job.set("identity", "managed-identity")
			w.Job.set("tenant-id", "")
			w.Job.set("client-id", "")
		},
	},
	{
		Name: "several-identities", Verdict: fail, Diagnosis: "msi-multiple-identities",
		Story: "The machine carries two identities, and the job names neither.",
		Break: func(w *World) {
			useManagedIdentity(w)
			other := w.Managed[0]
			other.ClientID, other.ObjectID = randomGUID(), guid("other managed identity")
			other.ResourceID += "-2"
			w.Managed = append(w.Managed, other)
			w.Job.set("identity", "managed-identity")
		},
	},
	{
		Name: "not-imds", Verdict: fail, Diagnosis: "msi-not-imds",
		Story: "The runner is a Firecracker machine, whose own metadata service answers.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			w.Job.set("client-id", m.ClientID)
			w.Job.set("identity", "managed-identity")
			w.IMDS.Kind = IMDSFirecracker
		},
	},
	{
		Name: "docker-desktop", Verdict: fail, Diagnosis: "msi-not-imds",
		Story: "Docker Desktop's proxy answers at the metadata address.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			w.Job.set("client-id", m.ClientID)
			w.Job.set("identity", "managed-identity")
			w.IMDS.Kind = IMDSDocker
		},
	},
	{
		Name: "no-imds", Verdict: fail, Diagnosis: "msi-imds-timeout",
		Story: "The self-hosted runner is not an Azure machine: nothing answers.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			w.Job.set("client-id", m.ClientID)
			w.Job.set("identity", "managed-identity")
			w.Job.set("timeout", "5s")
			w.IMDS.Kind = IMDSAbsent
		},
	},
	{
		Name: "imds-down", Verdict: fail, Diagnosis: "msi-server-error",
		Story: "The machine's metadata service is out of order.",
		Break: func(w *World) {
			m := useManagedIdentity(w)
			w.Job.set("client-id", m.ClientID)
			w.Job.set("identity", "managed-identity")
			w.Faults = []Fault{{Service: ServiceIMDS, Kind: FaultStatus, Status: http.StatusInternalServerError}}
		},
	},
}
