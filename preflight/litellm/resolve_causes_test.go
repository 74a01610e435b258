package litellm

import (
	"slices"
	"strings"
	"testing"
)

// causeRows has a row for each cause that Resolve finds: the release that shows
// it, what is configured, and what the finding points at.
var causeRows = []struct {
	id, release string
	parts       []string
	param       string // the cause's Param
	from        string // the variable, or with "P." the parameter, of the cause's Value
	breaks      bool
	without     string // the part whose absence takes the cause away
}{
	{KeyShadowsToken, "1.63.7", []string{"provider", "AZURE_API_KEY=k"}, "AZURE_API_KEY", "AZURE_API_KEY", false, "AZURE_API_KEY=k"},
	{KeyShadowsToken, "1.63.7", []string{"provider", "AZURE_API_KEY="}, "AZURE_API_KEY", "AZURE_API_KEY", true, "AZURE_API_KEY="},
	{KeyShadowsToken, "1.63.7", []string{"provider", "P.api_key=dummy"}, "api_key", "P.api_key", false, "P.api_key=dummy"},
	{KeyShadowsToken, "1.109.1", []string{"P.tenant_id=t", "P.client_id=c", "P.client_secret=s", "AZURE_OPENAI_API_KEY=k"}, "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", false, "AZURE_OPENAI_API_KEY=k"},
	{KeyShadowsToken, "1.109.1", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_API_KEY=k"}, "AZURE_API_KEY", "AZURE_API_KEY", false, "G.enable_azure_ad_token_refresh=True"},
	{KeyShadowsToken, "1.109.1", []string{"kind=responses", "provider", "AZURE_API_KEY=k"}, "AZURE_API_KEY", "AZURE_API_KEY", false, "provider"},
	{KeyShadowsToken, "1.81.12", []string{"AZURE_API_KEY="}, "AZURE_API_KEY", "AZURE_API_KEY", true, "AZURE_API_KEY="},
	{StaticTokenShadows, "1.63.7", []string{"provider", "AZURE_AD_TOKEN=a"}, "AZURE_AD_TOKEN", "AZURE_AD_TOKEN", false, "AZURE_AD_TOKEN=a"},
	{StaticTokenShadows, "1.81.12", []string{"provider", "AZURE_OPENAI_AD_TOKEN=a"}, "AZURE_OPENAI_AD_TOKEN", "AZURE_OPENAI_AD_TOKEN", false, "AZURE_OPENAI_AD_TOKEN=a"},
	{StaticTokenShadows, "1.63.7", []string{"provider", "AZURE_AD_TOKEN="}, "AZURE_AD_TOKEN", "AZURE_AD_TOKEN", true, "AZURE_AD_TOKEN="},
	{ProviderDropped, "1.67.2", []string{"provider"}, "azure_ad_token_provider", "", true, "provider"},
	{OSeriesDropsToken, "1.63.7", []string{"model=azure/proto3", "provider"}, "model", "P.model", true, "model=azure/proto3"},
	{V1DropsToken, "1.81.12", []string{"P.api_version=v1", "provider"}, "api_version", "P.api_version", true, "P.api_version=v1"},
	// OPENAI_API_KEY can hold the resource's own key: the service's answer decides.
	{V1DropsToken, "1.81.12", []string{"P.api_version=v1", "provider", "OPENAI_API_KEY=k"}, "api_version", "P.api_version", false, "provider"},
	{RefreshOff, "1.109.1", []string{"G.enable_azure_ad_token_refresh=true"}, "enable_azure_ad_token_refresh", "G.enable_azure_ad_token_refresh", true, ""},
	{ManagedByAccident, "1.109.1", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CLIENT_ID=c"}, "AZURE_CLIENT_ID", "AZURE_CLIENT_ID", false, "AZURE_CLIENT_ID=c"},
	{NamedCredential, "1.109.1", []string{"G.enable_azure_ad_token_refresh=True", "AZURE_CREDENTIAL=Nonsense"}, "AZURE_CREDENTIAL", "AZURE_CREDENTIAL", true, "AZURE_CREDENTIAL=Nonsense"},
	{NoCredential, "1.109.1", []string{"AZURE_CLIENT_ID=c"}, "api_key", "", true, ""},
	{BaseMissing, "1.109.1", []string{"P.api_base=-", "P.api_key=k"}, "api_base", "", true, "P.api_base=-"},
	{BasePath, "1.109.1", []string{"P.api_base=https://r.openai.azure.com/openai/v1", "P.api_key=k"}, "api_base", "P.api_base", true, "P.api_base=https://r.openai.azure.com/openai/v1"},
	{BasePath, "1.109.1", []string{"P.api_base=https://r.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21", "P.api_key=k"}, "api_base", "P.api_base", true, "P.api_base=https://r.openai.azure.com/openai/deployments/dep/chat/completions?api-version=2024-10-21"},
	{VersionInvalid, "1.109.1", []string{"P.api_version=api-version=2024-10-21", "P.api_key=k"}, "api_version", "P.api_version", true, "P.api_version=api-version=2024-10-21"},
	{PrefixMissing, "1.109.1", []string{"model=gpt-4o", "OPENAI_API_KEY=k"}, "model", "P.model", true, "model=gpt-4o"},
	{TextModelType, "1.109.1", []string{"client=dspy", "kind=completion", "AZURE_API_KEY=k"}, "model_type", "P.model", true, "kind=completion"},
	{TwoCredentials, "1.109.1", []string{"provider", "AZURE_API_KEY=k"}, "AZURE_API_KEY", "AZURE_API_KEY", true, "provider"},
	{OIDCIncomplete, "1.109.1", []string{"P.azure_ad_token=oidc/env/T", "T=x"}, "azure_ad_token", "P.azure_ad_token", true, "P.azure_ad_token=oidc/env/T"},
	{OIDCOutlived, "1.109.1", []string{"P.azure_ad_token=oidc/env/T", "T=x", "AZURE_TENANT_ID=t", "AZURE_CLIENT_ID=c"}, "azure_ad_token", "P.azure_ad_token", false, "P.azure_ad_token=oidc/env/T"},
	{MixedPrincipal, "1.109.1", []string{"P.client_id=c", "AZURE_TENANT_ID=t", "AZURE_CLIENT_SECRET=s"}, "AZURE_CLIENT_SECRET", "AZURE_CLIENT_SECRET", false, "P.client_id=c"},
	{UserSignIn, "1.109.1", []string{"AZURE_USERNAME=u", "AZURE_PASSWORD=p", "AZURE_CLIENT_ID=c"}, "AZURE_PASSWORD", "AZURE_PASSWORD", false, "AZURE_USERNAME=u"},
	{HeaderOverridden, "1.109.1", []string{"P.extra_headers.Authorization=x", "P.api_key=k"}, "extra_headers.Authorization", "P.extra_headers.Authorization", false, "P.extra_headers.Authorization=x"},
	{ScopeOverridden, "1.109.1", append([]string{"AZURE_SCOPE=https://ai.azure.com/.default"}, principalEnv...), "AZURE_SCOPE", "AZURE_SCOPE", false, "AZURE_SCOPE=https://ai.azure.com/.default"},
	{SovereignScope, "1.109.1", append([]string{"AZURE_AUTHORITY_HOST=https://login.microsoftonline.us"}, principalEnv...), "AZURE_AUTHORITY_HOST", "AZURE_AUTHORITY_HOST", false, "AZURE_AUTHORITY_HOST=https://login.microsoftonline.us"},
	{KeyOnly, "1.67.2", []string{"kind=responses", "provider"}, "api_key", "P.model", true, "kind=responses"},
	{NotCheckable, "1.109.1", []string{"kind=realtime", "AZURE_API_KEY=k"}, "model", "P.model", false, "kind=realtime"},
	{NotCheckable, "1.109.1", []string{"model=azure/*", "AZURE_API_KEY=k"}, "model", "P.model", false, "model=azure/*"},
	{DSPyCache, "1.109.1", []string{"client=dspy", "AZURE_API_KEY=k"}, "", "", false, "client=dspy"},
}

func TestCauses(t *testing.T) {
	t.Parallel()
	for _, row := range causeRows {
		s := Resolve(call(row.release, row.parts...))
		i := slices.IndexFunc(s.Causes, func(c Cause) bool { return c.ID == row.id })
		if i < 0 {
			t.Errorf("%s, %v: not found among %v", row.id, row.parts, ids(s))
			continue
		}
		c := s.Causes[i]
		if c.Param != row.param || c.Breaks != row.breaks || c.Detail == "" {
			t.Errorf("%s, %v: param %q, breaks %v, detail %q", row.id, row.parts, c.Param, c.Breaks, c.Detail)
		}
		switch name, parameter := strings.CutPrefix(row.from, "P."); {
		case parameter && c.Value.From != "litellm_params."+name:
			t.Errorf("%s, %v: points at %q", row.id, row.parts, c.Value.From)
		case !parameter && !strings.HasPrefix(row.from, "G.") && c.Value.Var != row.from:
			t.Errorf("%s, %v: points at the variable %q", row.id, row.parts, c.Value.Var)
		}
		if row.without == "" {
			continue
		}
		rest := slices.DeleteFunc(slices.Clone(row.parts), func(p string) bool { return p == row.without })
		if s := Resolve(call(row.release, rest...)); slices.Contains(ids(s), row.id) {
			t.Errorf("%s stays without %s", row.id, row.without)
		}
	}
}

func ids(s Sending) []string {
	var out []string
	for _, c := range s.Causes {
		out = append(out, c.ID)
	}
	return out
}

// TestNoCause: what is configured right has nothing to say.
func TestNoCause(t *testing.T) {
	t.Parallel()
	for _, parts := range [][]string{
		{"P.api_key=k"}, {"AZURE_API_KEY=k"}, {"provider"}, principalEnv,
		{"P.tenant_id=t", "P.client_id=c", "P.client_secret=s"},
		{"G.enable_azure_ad_token_refresh=True"},
		{"kind=embedding", "AZURE_API_KEY=k"}, {"kind=responses", "provider"},
		{"client=openai", "provider", "P.api_version=2024-10-21"},
		{"P.api_version=v1", "provider"}, {"model=azure/o1-mini", "provider"},
	} {
		if s := Resolve(call("", parts...)); len(s.Causes) > 0 || s.Fails != nil {
			t.Errorf("%v: %v, %+v", parts, ids(s), s.Fails)
		}
	}
}

// TestCausesWords: no detail shows a value, and each is a clause.
func TestCausesWords(t *testing.T) {
	t.Parallel()
	for _, row := range causeRows {
		for _, c := range Resolve(call(row.release, row.parts...)).Causes {
			if strings.HasSuffix(c.Detail, ".") || strings.Contains(c.Detail, "\n") || strings.Contains(c.Detail, testBase) {
				t.Errorf("%s: %q", c.ID, c.Detail)
			}
		}
	}
}
