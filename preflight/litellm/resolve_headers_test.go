package litellm

import (
	"slices"
	"strings"
	"testing"
)

// TestHeadersInOtherLetters: where a client looks for its own letters, a
// credential of extra_headers in others goes along beside its own.
func TestHeadersInOtherLetters(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		litellm, openai string
		parts           []string
		want            string
	}{
		{"1.81.12", "2.20.0", []string{"P.azure_ad_token=t", "P.extra_headers.authorization=x"}, "authorization"},
		{"1.81.12", "2.20.0", []string{"P.azure_ad_token=t", "P.extra_headers.Authorization=x"}, ""},
		{"1.81.12", "2.20.0", []string{"P.azure_ad_token=t", "P.extra_headers.API-KEY=x"}, ""},
		{"1.81.12", "2.20.0", []string{"P.api_key=k", "P.extra_headers.API-KEY=x"}, "API-KEY"},
		{"1.81.12", "2.20.0", []string{"P.api_key=k", "P.extra_headers.authorization=x"}, "authorization"}, // the key is a bearer token as well
		{"1.81.12", "2.34.0", []string{"P.api_key=k", "P.extra_headers.authorization=x"}, ""},
		{"1.81.12", "2.33.0", []string{"provider", "P.extra_headers.authorization=x"}, "authorization"},
		{"1.81.12", "2.34.0", []string{"provider", "P.extra_headers.authorization=x"}, ""},
		{"1.81.12", "3.19.2", []string{"P.azure_ad_token=t", "P.extra_headers.authorization=x"}, "authorization"},
		{"1.81.12", "3.20.0", []string{"P.azure_ad_token=t", "P.extra_headers.authorization=x"}, ""},
		{"1.81.12", "3.20.0", []string{"kind=responses", "P.azure_ad_token=t", "P.extra_headers.authorization=x"}, "authorization"},
		{"1.81.12", "2.34.0", []string{"provider", "P.extra_headers.authorization=x", "P.extra_headers.Authorization=y"}, "authorization"},
	} {
		c := call(row.litellm, row.parts...)
		c.Versions.OpenAI = mustVersion(row.openai)
		s := Resolve(c)
		if got := strings.Join(s.Beside, " "); got != row.want || s.Fails != nil {
			t.Errorf("openai %s, %q: beside %q, want %q; %+v", row.openai, row.parts, got, row.want, s.Fails)
		}
		found := slices.IndexFunc(s.Causes, func(c Cause) bool { return c.ID == HeaderOverridden })
		if found < 0 {
			t.Errorf("%q: no cause", row.parts)
		} else if said := strings.Contains(s.Causes[found].Detail, "beside"); said != (row.want != "") {
			t.Errorf("%q: %s", row.parts, s.Causes[found].Detail)
		}
	}
}

// TestAdminKey: openai-python from 2.34.0 on makes its clients of a key for the
// organisation's administration, and LiteLLM then sends it where it calls an
// operation by its address.
func TestAdminKey(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		litellm, openai string
		parts           []string
		want            string
	}{
		{"1.108.1", "2.33.0", []string{"model=openai/d"}, "!OpenAIError"},
		{"1.108.0", "2.34.0", []string{"model=openai/d"}, "!TypeError"},
		{"1.108.1", "2.34.0", []string{"model=openai/d"}, "api-key Authorization"},
		{"1.100.5", "2.34.0", []string{"model=openai/d", "kind=embedding"}, "!TypeError"},
		{"1.101.0", "2.34.0", []string{"model=openai/d", "kind=embedding"}, "api-key Authorization"},
		{"1.109.3", "2.34.0", []string{"model=openai/d"}, "api-key Authorization"},
		{"1.110.0", "2.34.0", []string{"model=openai/d"}, "!TypeError"},
		{"1.110.0", "2.34.0", []string{"model=openai/d", "kind=embedding"}, "!TypeError"},
		{"1.108.1", "2.34.0", []string{"P.api_version=v1"}, "!TypeError"},
		{"1.108.1", "2.34.0", []string{"P.api_version=v1", "model=azure/o1"}, "api-key Authorization"},
		{"1.108.1", "2.34.0", []string{"P.api_version=v1", "P.extra_headers.authorization=x"}, "none "},
		{"1.108.1", "2.34.0", nil, "!OpenAIError"},
		{"1.108.1", "2.34.0", []string{"AZURE_API_KEY="}, "!ValueError"},
		{"1.108.1", "2.34.0", []string{"AZURE_API_KEY=", "P.extra_headers.Authorization=x"}, "api-key "},
	} {
		c := call(row.litellm, append([]string{"OPENAI_ADMIN_KEY=a"}, row.parts...)...)
		c.Versions.OpenAI = mustVersion(row.openai)
		s := Resolve(c)
		got := string(s.Source) + " " + s.Header
		if s.Fails != nil {
			got = "!" + s.Fails.Type
		}
		if got != row.want {
			t.Errorf("litellm %s, openai %s, %q: %s, want %s", row.litellm, row.openai, row.parts, got, row.want)
		}
	}
}

// TestHeaderTypes: no HTTP client sends a header that is no text.
func TestHeaderTypes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"P.extra_headers.x": "TypeError", "G.headers.x": "TypeError", "P.azure_scope": ""} {
		c := call("1.109.1", "P.api_key=k", name+"=2")
		for _, m := range []map[string]Value{c.Params, c.Globals} {
			if v, there := m[name[2:]]; there {
				v.Type = Number
				m[name[2:]] = v
			}
		}
		got := ""
		if s := Resolve(c); s.Fails != nil {
			got = s.Fails.Type
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestHeaderTypesElsewhere: what another provider's call does is not told.
func TestHeaderTypesElsewhere(t *testing.T) {
	t.Parallel()
	c := call("1.109.1", "model=AZURE/d", "P.extra_headers.x=2")
	v := c.Params["extra_headers.x"]
	v.Type = Number
	c.Params["extra_headers.x"] = v
	if s := Resolve(c); s.Fails != nil {
		t.Errorf("%+v", s.Fails)
	}
}

// TestDeploymentBehindQuery: the query of an endpoint swallows azure_deployment,
// and openai-python from 3.20.0 on the operation as well.
func TestDeploymentBehindQuery(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ openai, endpoint, kind, want string }{
		{"3.20.0", "https://r/models?a=b", "chat", "https://r/models?api-version=v"},
		{"3.20.0", "https://r/models?a=b", "responses", "https://r/models?api-version=v"},
		{"3.20.0", "https://r/deployments/d?a=b", "chat", "https://r/deployments/d/?a=b"},
		{"2.45.0", "https://r/models?a=b", "chat", "https://r/models?a=b"},
	} {
		c := call("", "client=openai", "model=d", "kind="+row.kind, "P.api_key=k", "P.api_version=v", "P.azure_deployment=d", "P.api_base="+row.endpoint)
		c.Versions.OpenAI = mustVersion(row.openai)
		if s := Resolve(c); !strings.HasPrefix(s.URL, row.want) {
			t.Errorf("openai %s, %s of %s: %s, want %s", row.openai, row.kind, row.endpoint, s.URL, row.want)
		}
	}
}

// TestFirstFailure: of two things that are wrong, the client meets one first.
func TestFirstFailure(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		litellm, openai string
		parts           []string
		want            string
	}{
		{"1.67.2", "2.34.0", []string{"model=azure_ai/d", "kind=embedding", "P.azure_ad_token=t", "OPENAI_ADMIN_KEY=a"}, "Embeddings.create() got an unexpected keyword argument"},
		{"1.110.0", "2.34.0", []string{"kind=responses", "P.azure_ad_token=oidc/github/x", "ACTIONS_ID_TOKEN_REQUEST_URL=", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=t", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t", "P.extra_headers.x=2"}, "Request URL is missing"},
	} {
		c := call(row.litellm, row.parts...)
		c.Versions.OpenAI = mustVersion(row.openai)
		if v, there := c.Params["extra_headers.x"]; there {
			v.Type = Number
			c.Params["extra_headers.x"] = v
		}
		if s := Resolve(c); s.Fails == nil || !strings.HasPrefix(s.Fails.Text, row.want) {
			t.Errorf("litellm %s, %q: %+v, want %s", row.litellm, row.parts, s.Fails, row.want)
		}
	}
}

// TestHeaderTypesOfTheSDK: a name of the o-series means something to LiteLLM
// alone.
func TestHeaderTypesOfTheSDK(t *testing.T) {
	t.Parallel()
	c := call("", "model=o3-pro", "P.api_key=k", "P.api_version=v", "P.extra_headers.x=2")
	c.Client, c.Versions.OpenAI = OpenAI, mustVersion("3.57.0")
	v := c.Params["extra_headers.x"]
	v.Type = Number
	c.Params["extra_headers.x"] = v
	if s := Resolve(c); s.Fails == nil || s.Fails.Type != "TypeError" {
		t.Errorf("%+v", s.Fails)
	}
}
