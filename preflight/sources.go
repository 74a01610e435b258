package preflight

// The vendors' pages that the catalogue links to.
const (
	docsIdentity     = "https://aka.ms/azsdk/go/identity/troubleshoot"
	docsChain        = "https://aka.ms/azsdk/go/identity/troubleshoot#dac"
	docsMetadata     = "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#error-handling"
	docsManaged      = "https://aka.ms/azsdk/go/identity/troubleshoot#managed-id"
	docsCLI          = "https://aka.ms/azsdk/go/identity/troubleshoot#azure-cli"
	docsCertificate  = "https://aka.ms/azsdk/go/identity/troubleshoot#client-cert"
	docsWorkload     = "https://aka.ms/azsdk/go/identity/troubleshoot#workload"
	docsMultitenant  = "https://aka.ms/azsdk/net/identity/multitenant/troubleshoot"
	docsOIDC         = "https://docs.github.com/actions/concepts/security/openid-connect"
	docsDependabot   = "https://docs.github.com/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions"
	docsSyntax       = "https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax"
	docsGHES         = "https://docs.github.com/enterprise-server/actions/security-for-github-actions"
	docsFederation   = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
	docsImmutable    = "https://learn.microsoft.com/entra/workload-id/workload-identities-github-immutable-subjects"
	docsSubjectCase  = "https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes#august-2024"
	docsCodes        = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes"
	docsThrottling   = "https://learn.microsoft.com/entra/msal/dotnet/advanced/client-and-server-throttling"
	docsToken        = "https://aka.ms/cogsvc-authenticatewithtoken"
	docsNetwork      = "https://aka.ms/cogsvc-vnet"
	docsRoles        = "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/role-based-access-control"
	docsRolesDelay   = "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting"
	docsKeys         = "https://learn.microsoft.com/azure/ai-services/disable-local-auth"
	docsVersions     = "https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle"
	docsFilter       = "https://go.microsoft.com/fwlink/?linkid=2198766"
	docsRetirements  = "https://learn.microsoft.com/azure/ai-services/openai/concepts/model-retirements"
	docsSubscription = "https://learn.microsoft.com/azure/api-management/api-management-subscriptions"
	docsGateway      = "https://learn.microsoft.com/azure/api-management/api-management-authenticate-authorize-azure-openai"
	docsGatewayQuota = "https://learn.microsoft.com/azure/api-management/quota-policy"
	docsQuota        = "https://aka.ms/oai/quotaincrease"
	docsInputs       = "https://github.com/aoai-preflight/aoai-preflight#inputs"
)

// checked is when the sources below were looked at.
const checked = "2026-11-23"

// observed is a signature that a public report shows, or that was seen here.
func observed(url string) Provenance { return Provenance{Observed, url, checked} }

// documented is a signature that the vendor's page names.
func documented(url string) Provenance { return Provenance{Documented, url, checked} }

// assumed is a signature that only follows from something else.
func assumed(url string) Provenance { return Provenance{Assumed, url, checked} }
