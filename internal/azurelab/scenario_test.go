package azurelab

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// told is what the services, or the network, say in each scenario that gets as
// far as them. A scenario that is missing here ends before the first request,
// or depends on what the check itself expects.
var told = map[string]string{
	"no-permission":              "no token service",
	"fork":                       "no token service",
	"dependabot":                 "no token service",
	"fork-skipped":               "no token service",
	"oidc-down":                  "token service: 500",
	"oidc-unreachable":           "connect: connection refused",
	"wrong-branch":               "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octo-org/octo-app:ref:refs/heads/feature'",
	"no-federated-credential":    "AADSTS70025: The client '" + clientID + "'(octo-app) has no configured federated identity credentials.",
	"wrong-repository":           "AADSTS700213",
	"environment":                "subject 'repo:octo-org/octo-app:environment:production'",
	"pull-request":               "subject 'repo:octo-org/octo-app:pull_request'",
	"subject-case":               "AADSTS7002138",
	"immutable-subject":          "subject 'repo:octo-org@65/octo-app@74:ref:refs/heads/main'",
	"custom-template":            "subject 'repository_owner_id:65:repository_id:74:job_workflow_ref:octo-org/octo-app/.github/workflows/llm-tests.yml@refs/heads/main'",
	"custom-template-repo":       "subject 'repo:octo-org/octo-app:job_workflow_ref:octo-org/octo-app/.github/workflows/llm-tests.yml@refs/heads/main'",
	"custom-template-context":    "subject 'repo:octo-org/octo-app:ref:refs/heads/main:job_workflow_ref:",
	"enterprise-claim":           "AADSTS7002381: Federated identity credentials issued by 'https://token.actions.githubusercontent.com/' for applications or managed identities registered in this tenant must contain the enterprise claim with value 'octo-enterprise' or 'octo-labs' but actual value is ''.",
	"merge-queue":                "subject 'repo:octo-org/octo-app:ref:refs/heads/gh-readonly-queue/main/pr-42-",
	"issuer-slash":               "AADSTS700211: No matching federated identity record found for presented assertion issuer 'https://token.actions.githubusercontent.com'",
	"issuer-enterprise":          "issuer 'https://token.actions.githubusercontent.com/octo-enterprise'",
	"issuer-unreachable":         "AADSTS501661",
	"wrong-audience":             "AADSTS700212: No matching federated identity record found for presented assertion audience 'api://octo'",
	"credential-audience":        "audience 'api://AzureADTokenExchange'",
	"clock-skew":                 "AADSTS700024",
	"object-id-as-client-id":     "AADSTS700016: Application with identifier '" + objectID + "'",
	"app-in-other-tenant":        "AADSTS700016",
	"tenant-not-found":           "AADSTS90002",
	"tenant-private-domain":      "AADSTS900023: Specified tenant identifier 'octo.internal'",
	"secret-invalid":             "AADSTS7000215",
	"secret-expired":             "AADSTS7000222",
	"app-disabled":               "AADSTS7000112",
	"certificate-not-registered": "AADSTS700027",
	"conditional-access":         "AADSTS53003",
	"wrong-cloud":                "AADSTS900382",
	"scope-is-endpoint":          "AADSTS500011: The resource principal named https://octo-aoai.openai.azure.com was not found",
	"scope-without-default":      "AADSTS1002012",
	"entra-unknown-code":         "AADSTS9998877",
	"scope-management":           "401 {\"statusCode\":401,\"message\":\"Unauthorized. Access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.\"}",
	"identity-not-attached":      "the requested identity isn't assigned to this resource",
	"hosted-runner-identity":     "Identity not found",
	"several-identities":         "Multiple user assigned identities exist",
	"not-imds":                   "No MMDS token provided",
	"docker-desktop":             "unreachable network",
	"no-imds":                    "context deadline exceeded",
	"no-such-host":               "no such host",
	"entra-unreachable":          "connect: connection refused",
	"tls-inspection":             "certificate signed by unknown authority",
	"tls-expired":                "certificate has expired",
	"tls-wrong-host":             "certificate is valid for proxy.octo.example",
	"model-unreachable":          "connect: connection refused",
	"model-hangs":                "context deadline exceeded",
	"firewall":                   "403 {\"error\":{\"code\":\"403\",\"message\":\"Access denied due to Virtual Network/Firewall rules.\"}}",
	"private-endpoint":           "Public access is disabled. Please configure private endpoint.",
	"captive-portal":             "200 <!DOCTYPE html>",
	"block-page":                 "403 <!DOCTYPE html>",
	"redirect":                   "307",
	"proxy-refuses":              "Forbidden",
	"no-role":                    "The principal `" + objectID + "` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST /openai/v1/chat/completions` operation.",
	"wrong-role":                 "PermissionDenied",
	"role-of-other-principal":    "PermissionDenied",
	"resource-in-other-tenant":   "400 {\"error\":{\"code\":\"Tenant provided in token does not match resource token\"",
	"regional-endpoint":          "Please provide a custom subdomain for token authentication",
	"no-such-deployment":         "404 {\"error\":{\"message\":\"The API deployment for this resource does not exist.",
	"api-version-unknown":        "404 {\"error\":{\"code\":\"404\",\"message\": \"Resource not found\"}}",
	"api-version-refused":        "400 {\"error\":{\"code\":\"BadRequest\",\"message\":\"API version not supported\"}}",
	"dated-on-v1":                "API version not supported",
	"dated-on-v1-variable":       "API version not supported",
	"dated-on-v1-foundry":        "api-version query parameter is not allowed when using /v1 path",
	"api-version-too-old":        "Model {modelName} is enabled only for api versions 2024-12-01-preview and later",
	"no-v1-route":                "404 {\"error\":{\"code\":\"404\"",
	"chat-on-embeddings":         "OperationNotSupported\",\"message\":\"The chatCompletion operation does not work with the specified model, text-embedding-3-large.",
	"embeddings-on-chat":         "400 {\"error\":{\"message\":\"Unsupported data type\"",
	"responses-only":             "404 {\"error\":{\"message\":\"This model is only supported in v1/responses and not in v1/chat/completions.",
	"responses-only-dated":       "400 {\"error\":{\"code\":\"OperationNotSupported\"",
	"key-invalid":                "401 {\"error\":{\"code\":\"401\",\"message\":\"Access denied due to invalid subscription key or wrong API endpoint.",
	"keys-disabled":              "403 {\"error\":{\"code\":\"AuthenticationTypeDisabled\"",
	"rate-limited":               "Your requests to chat for gpt-4.1-mini in East US have exceeded the token rate limit",
	"rate-limited-terse":         "Requests to the ChatCompletions_Create Operation under Azure OpenAI API version v1 have exceeded token rate limit",
	"quota-too-small":            "Please retry after 86400 seconds",
	"model-down":                 "500 {\"error\":{\"message\":\"The server had an error",
	"model-unknown-code":         "409 {\"error\":{\"code\":\"OctagonMismatch\"",
	"hostile-error":              "##[error]still a command",
	"oversize-error":             "400 {\"error\":{\"code\":\"BadRequest\",\"message\":\"AAAA",
	"no-subscription-key":        "401 {\"statusCode\":401,\"message\":\"Access denied due to missing subscription key.",
	"gateway-own-audience":       "401 {\"statusCode\":401,\"message\":\"Unauthorized. Access token is missing or invalid.\"}",
	"gateway-wrong-path":         "Resource not found",
	"gateway-without-role":       "The principal `" + gatewayID + "` lacks",
}

// TestScenarios meets every scenario with a plain client, in virtual time.
func TestScenarios(t *testing.T) {
	for _, s := range Scenarios() {
		want, fails := told[s.Name]
		if !fails && s.Verdict != pass || strings.HasSuffix(s.Name, "-takes-effect") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				got := newJob(t, s.World(), inProcess).check(ctx)
				if !fails && got != "" || !strings.Contains(got, want) {
					t.Errorf("told %q, want %q", got, want)
				}
			})
		})
	}
}

var kebab = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func TestScenarioForm(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scenarios() {
		if !kebab.MatchString(s.Name) || seen[s.Name] {
			t.Errorf("the name %q is not kebab-case or not unique", s.Name)
		}
		seen[s.Name] = true
		if !strings.HasSuffix(s.Story, ".") || s.Break == nil {
			t.Errorf("%s has no whole story", s.Name)
		}
		switch s.Verdict {
		case pass:
			if s.Diagnosis != "" {
				t.Errorf("%s passes with the diagnosis %s", s.Name, s.Diagnosis)
			}
		case warn, fail, skipped:
			if s.Diagnosis == "" || s.Notice != "" {
				t.Errorf("%s has no diagnosis, or a notice besides", s.Name)
			}
		default:
			t.Errorf("%s has the verdict %q", s.Name, s.Verdict)
		}
	}
	for name := range told {
		if !seen[name] {
			t.Errorf("no scenario %s", name)
		}
	}
}
