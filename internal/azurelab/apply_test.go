package azurelab

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fixes are, for each scenario that a remedy can turn back, the remedy as a
// finding would give it: with the values that the evidence shows, and without
// those that only the user can look up.
var fixes = map[string]struct {
	kind   string
	params map[string]string
}{
	"no-tenant-id":                {"set-input", params{"input": "tenant-id"}},
	"no-client-id":                {"set-input", params{"input": "client-id"}},
	"client-id-malformed":         {"use-client", nil},
	"tenant-id-malformed":         {"set-input", params{"input": "tenant-id", "value": tenantID}},
	"endpoint-portal-link":        {"use-endpoint", nil},
	"endpoint-with-path":          {"use-endpoint", params{"endpoint": endpoint}},
	"endpoint-http":               {"use-endpoint", params{"endpoint": endpoint}},
	"endpoint-no-scheme":          {"set-input", params{"input": "endpoint", "value": endpoint}},
	"endpoint-is-key":             {"use-endpoint", nil},
	"bad-duration":                {"set-input", params{"input": "timeout"}},
	"unknown-operation":           {"use-operation", params{"operation": "chat"}},
	"no-deployment":               {"set-input", params{"input": "deployment"}},
	"secrets-withheld":            {"run-on-trusted-event", params{"event": "pull_request"}},
	"secrets-withheld-dependabot": {"run-on-trusted-event", params{"event": "workflow_dispatch"}},
	"token-file-missing":          {"provide-file", params{"path": "/runner/temp/azure-identity-token"}},

	"no-permission":           {"grant-permission", params{"permission": "id-token: write"}},
	"fork":                    {"run-on-trusted-event", nil},
	"dependabot":              {"run-on-trusted-event", params{"event": "push"}},
	"oidc-down":               {"contact-support", nil},
	"oidc-unreachable":        {"allow-egress", params{"host": "run-actions-1-azure-eastus.actions.githubusercontent.com"}},
	"wrong-branch":            federated("repo:octo-org/octo-app:ref:refs/heads/feature"),
	"wrong-repository":        federated("repo:octo-org/octo-app:ref:refs/heads/main"),
	"no-federated-credential": federated("repo:octo-org/octo-app:ref:refs/heads/main"),
	"environment":             federated("repo:octo-org/octo-app:environment:production"),
	"pull-request":            federated("repo:octo-org/octo-app:pull_request"),
	"subject-case":            federated("repo:octo-org/octo-app:ref:refs/heads/main"),
	"immutable-subject":       federated("repo:octo-org@65/octo-app@74:ref:refs/heads/main"),
	"custom-template":         {"reset-subject-customization", params{"repository": "octo-org/octo-app"}},
	"custom-template-repo":    {"reset-subject-customization", params{"repository": "octo-org/octo-app"}},
	"custom-template-context": federated("repo:octo-org/octo-app:ref:refs/heads/main:job_workflow_ref:octo-org/octo-app/.github/workflows/llm-tests.yml@refs/heads/main"),
	"enterprise-claim":        {"exclude-from-policy", params{"client-id": clientID}},
	"merge-queue":             federated("repo:octo-org/octo-app:ref:refs/heads/gh-readonly-queue/main/pr-42-9bd2a1f9f1a4a2c8f0c1b5f8e3d7a6b4c2e1f0a9"),
	"issuer-slash":            federated("repo:octo-org/octo-app:ref:refs/heads/main"),
	"issuer-unreachable":      {"publish-issuer", params{"issuer": "https://github.octo.example/_services/token"}},
	"wrong-audience":          {"use-audience", params{"audience": "api://AzureADTokenExchange"}},
	"credential-audience":     federated("repo:octo-org/octo-app:ref:refs/heads/main"),
	"clock-skew":              {"fix-clock", params{"skew-seconds": "-1200"}},

	"object-id-as-client-id":     {"use-client", nil},
	"tenant-not-found":           {"use-tenant", nil},
	"tenant-private-domain":      {"use-tenant", params{"tenant-id": tenantID}},
	"secret-invalid":             {"reset-client-secret", params{"client-id": clientID}},
	"secret-expired":             {"set-variable", params{"name": "AZURE_CLIENT_SECRET"}},
	"app-disabled":               {"enable-service-principal", params{"client-id": clientID}},
	"certificate-not-registered": {"register-certificate", params{"client-id": clientID}},
	"conditional-access":         {"exclude-from-policy", params{"client-id": clientID}},
	"wrong-cloud":                {"use-cloud", params{"cloud": "usgov"}},
	"scope-is-endpoint":          {"use-scope", params{"scope": "https://cognitiveservices.azure.com/.default"}},
	"scope-without-default":      {"use-scope", nil},
	"scope-management":           {"use-scope", params{"scope": "https://cognitiveservices.azure.com/.default"}},
	"unexpected-tenant":          {"use-tenant", params{"tenant-id": tenantID}},
	"unexpected-client":          {"use-client", params{"client-id": clientID}},
	"identity-not-attached":      {"assign-managed-identity", nil},
	"several-identities":         {"set-input", params{"input": "client-id"}},

	"no-such-host":      {"use-endpoint", nil},
	"entra-unreachable": {"allow-egress", params{"host": "login.microsoftonline.com"}},
	"tls-inspection":    {"trust-ca", params{"host": "octo-aoai.openai.azure.com"}},
	"model-unreachable": {"allow-egress", params{"host": "octo-aoai.openai.azure.com"}},
	"model-hangs":       {"allow-egress", params{"host": "octo-aoai.openai.azure.com"}},
	"firewall":          {"allow-network", params{"resource": "octo-aoai"}},
	"private-endpoint":  {"allow-network", params{"resource": "octo-aoai.openai.azure.com"}},
	"captive-portal":    {"fix-gateway", params{"host": "octo-aoai.openai.azure.com"}},
	"block-page":        {"fix-gateway", params{"host": "octo-aoai.openai.azure.com"}},
	"redirect":          {"fix-gateway", params{"host": "octo-aoai.openai.azure.com"}},
	"proxy-refuses":     {"allow-egress", params{"host": "octo-aoai.openai.azure.com"}},

	"wrong-role":               {"assign-role", params{"principal-id": objectID, "role": OpenAIUser, "scope-resource": "octo-aoai"}},
	"no-role":                  {"assign-role", params{"principal-id": objectID, "role": "Cognitive Services OpenAI User"}},
	"role-of-other-principal":  {"assign-role", params{"principal-id": objectID, "role": "a97b65f3-24c7-4388-baec-2e87135dc908"}},
	"resource-in-other-tenant": {"use-tenant", nil},
	"regional-endpoint":        {"create-custom-subdomain", nil},
	"no-such-deployment":       {"use-deployment", nil},
	"api-version-unknown":      {"use-api-version", params{"api-version": "2024-10-21"}},
	"api-version-refused":      {"use-api-version", params{"api-version": ""}},
	"dated-on-v1":              {"use-api-version", params{"api-version": ""}},
	"dated-on-v1-variable":     {"use-api-version", params{"api-version": "preview"}},
	"dated-on-v1-foundry":      {"use-api-version", nil},
	"api-version-too-old":      {"use-api-version", params{"api-version": "2024-12-01-preview"}},
	"no-v1-route":              {"use-api-version", params{"api-version": "2024-10-21"}},
	"chat-on-embeddings":       {"use-operation", params{"operation": "embeddings"}},
	"embeddings-on-chat":       {"use-operation", params{"operation": "chat"}},
	"responses-only":           {"use-operation", params{"operation": "responses"}},
	"responses-only-dated":     {"use-deployment", params{"deployment": "chat"}},
	"key-invalid":              {"use-current-key", params{"resource": "octo-aoai"}},
	"keys-disabled":            {"enable-key-auth", nil},
	"rate-limited":             {"wait", params{"seconds": "60"}},
	"rate-limited-terse":       {"raise-quota", params{"deployment": "chat"}},
	"quota-too-small":          {"raise-quota", nil},
	"model-down":               {"contact-support", params{"request-id": "x"}},
	"hostile-error":            {"contact-support", nil},
	"oversize-error":           {"contact-support", nil},
	"no-subscription-key":      {"set-subscription-key", params{"host": gatewayHost}},
	"gateway-own-audience":     {"fix-gateway", params{"host": gatewayHost}},
	"gateway-wrong-path":       {"fix-gateway", params{"host": gatewayHost}},
	"gateway-quota":            {"fix-gateway", params{"host": gatewayHost}},
	"gateway-without-role":     {"fix-gateway", params{"host": gatewayHost}},
}

func federated(subject string) struct {
	kind   string
	params map[string]string
} {
	return struct {
		kind   string
		params map[string]string
	}{"add-federated-credential", params{
		"issuer": "https://token.actions.githubusercontent.com", "subject": subject, "audience": "api://AzureADTokenExchange", "client-id": clientID}}
}

// TestApply turns every world back with its remedy.
func TestApply(t *testing.T) {
	for _, s := range Scenarios() {
		fix, ok := fixes[s.Name]
		if !ok {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := s.World()
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if err := w.Apply(fix.kind, fix.params); err != nil {
					t.Fatal(err)
				}
				if said := newJob(t, w, inProcess).check(ctx); said != "" {
					t.Errorf("after %s %v still told %q", fix.kind, fix.params, said)
				}
			})
		})
	}
}

// TestApplyInSteps repairs a world that needs two remedies: a new service
// principal has no role yet.
func TestApplyInSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := Healthy()
		w.Tenants[1].Apps, w.Tenants[0].Apps = w.Tenants[0].Apps, nil
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.Apply("register-service-principal", params{"client-id": clientID, "tenant-id": tenantID}); err != nil {
			t.Fatal(err)
		}
		principal := w.Tenants[0].Apps[0].ObjectID
		said := newJob(t, w, inProcess).check(ctx)
		if !strings.Contains(said, "The principal `"+principal+"` lacks the required data action") {
			t.Fatalf("told %q", said)
		}
		if err := w.Apply("assign-role", params{"principal-id": principal, "role": OpenAIUser}); err != nil {
			t.Fatal(err)
		}
		if said := newJob(t, w, inProcess).check(ctx); said != "" {
			t.Errorf("still told %q", said)
		}
	})
}

// TestApplyDoesNoMore checks that a remedy with wrong values does not help.
func TestApplyDoesNoMore(t *testing.T) {
	for name, fix := range map[string]struct {
		scenario, kind string
		params         params
	}{
		"another subject":   {"wrong-branch", "add-federated-credential", params{"issuer": "https://token.actions.githubusercontent.com", "subject": "repo:octo-org/octo-app:ref:refs/heads/main", "audience": "api://AzureADTokenExchange"}},
		"a useless role":    {"no-role", "assign-role", params{"principal-id": objectID, "role": "Contributor"}},
		"another principal": {"no-role", "assign-role", params{"principal-id": gatewayID, "role": OpenAIUser}},
		"another host":      {"model-unreachable", "allow-egress", params{"host": "login.microsoftonline.com"}},
		"another tenant":    {"tenant-not-found", "use-tenant", params{"tenant-id": otherTenantID}},
		"too short a wait":  {"rate-limited", "wait", params{"seconds": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, fix.scenario).World()
				_ = w.Apply(fix.kind, fix.params) // some are refused, which is as good
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if newJob(t, w, inProcess).check(ctx) == "" {
					t.Error("the world is healthy now")
				}
			})
		})
	}
}

// TestApplyToJob checks the remedies whose effect only the product's own rules
// or another suite would show.
func TestApplyToJob(t *testing.T) {
	w := scenario(t, "endpoint-custom-domain").World()
	if err := w.Apply("allow-host", params{"host": customDomain}); err != nil || w.Job.Inputs["allowed-hosts"] != customDomain {
		t.Errorf("allow-host: %v, %v", err, w.Job.Inputs)
	}
	if err := w.Apply("deploy-model", params{"deployment": "gpt-4.1"}); err != nil || w.Resources[0].Deployment("gpt-4.1") == nil {
		t.Errorf("deploy-model: %v", err)
	}
	w = scenario(t, "leftover-key").World()
	if err := w.Apply("unset-variable", params{"name": "AZURE_API_KEY"}); err != nil || len(w.Job.Env) != 0 {
		t.Errorf("unset-variable: %v, %v", err, w.Job.Env)
	}
	if err := w.Apply("set-variable", params{"name": "AZURE_CLIENT_ID"}); err != nil || w.Job.Env["AZURE_CLIENT_ID"] != clientID {
		t.Errorf("set-variable: %v, %v", err, w.Job.Env)
	}
	w.Update(func(w *World) { w.Tenants[0].Apps[0].ObjectID = "" })
	if err := w.Apply("register-service-principal", params{"client-id": clientID}); err != nil || w.Tenants[0].Apps[0].ObjectID == "" {
		t.Errorf("register-service-principal: %v", err)
	}
}

func TestApplyErrors(t *testing.T) {
	for _, fix := range []struct {
		kind   string
		params params
	}{
		{"make-it-work", nil},
		{"assign-role", params{"role": OpenAIUser}},
		{"assign-role", params{"principal-id": objectID, "role": "Wizard"}},
		{"assign-role", params{"principal-id": objectID, "role": OpenAIUser, "scope-resource": "elsewhere"}},
		{"grant-permission", params{"permission": "contents: write"}},
		{"use-tenant", params{"tenant": tenantID}},
		{"unset-variable", params{"name": "AZURE_API_KEY"}},
		{"set-variable", params{"name": "HOME"}},
		{"fix-gateway", params{"host": "octo-aoai.openai.azure.com"}},
		{"register-service-principal", params{"client-id": clientID}},
	} {
		if err := Healthy().Apply(fix.kind, fix.params); err == nil {
			t.Errorf("Apply(%q, %v) succeeded in a healthy world", fix.kind, fix.params)
		}
	}
}
