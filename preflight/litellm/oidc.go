package litellm

import (
	"path"
	"strings"
)

// oidc resolves azure_ad_token: oidc/…, which LiteLLM exchanges itself: an
// assertion from somewhere, and with it a token for tenant and client. The
// result's entra holds tenant_id and client_id, and where the assertion is:
// audience (of GitHub's), token_file, or assertion (a variable's value).
func (r *resolver) oidc(token Value, ids principal, scope Value) candidate {
	c := candidate{source: FromOIDC, value: token, scope: scope, entra: map[string]Value{}}
	tenant, client := r.variable("AZURE_TENANT_ID"), r.variable("AZURE_CLIENT_ID")
	if r.does(oidcIDs) == "parameters" {
		tenant, client = or(ids.tenant, tenant), or(ids.client, client)
	}
	c.entra["tenant_id"], c.entra["client_id"] = tenant, client
	if !tenant.Set || !client.Set {
		r.fail("AzureOpenAIError", "AZURE_CLIENT_ID and AZURE_TENANT_ID must be set")
		return c
	}
	r.assertion(token.Text.Reveal(), &c)
	if e := r.exchanged; e != nil && r.does(oidcCache) == "any-scope" && equalText(e.value, token) &&
		equalText(e.entra["tenant_id"], tenant) && equalText(e.entra["client_id"], client) {
		c.scope = e.scope // it finds that one's token in its cache
	}
	return c
}

// equalText reports whether two values are the same text, wherever from.
func equalText(a, b Value) bool { return a.Set == b.Set && a.Text.Reveal() == b.Text.Reveal() }

// assertion resolves where the assertion of oidc/PROVIDER/AUDIENCE comes from.
func (r *resolver) assertion(text string, c *candidate) {
	provider, aud, found := strings.Cut(strings.TrimPrefix(text, "oidc/"), "/")
	if !found {
		r.fail("ValueError", "not enough values to unpack (expected 2, got 1)")
		return
	}
	switch provider {
	case "github":
		c.entra["audience"] = given(aud, "the audience of "+c.value.From)
		if !r.variable("ACTIONS_ID_TOKEN_REQUEST_URL").Set || !r.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN").Set {
			r.fail("ValueError", "ACTIONS_ID_TOKEN_REQUEST_URL or ACTIONS_ID_TOKEN_REQUEST_TOKEN not found in environment")
		}
		if r.variable("ACTIONS_ID_TOKEN_REQUEST_URL").Empty() {
			r.fail("UnsupportedProtocol", "Request URL is missing an 'http://' or 'https://' protocol.")
			r.unasserted = true
		}
		if r.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN").Empty() {
			r.unasserted = true
			r.fail("LocalProtocolError", "Illegal header value b'Bearer '")
		}
	case "azure":
		r.azureAssertion(aud, c)
	case "file":
		r.fileAssertion(aud, c)
	case "env", "env_path":
		v := r.variable(aud)
		if !v.Set {
			r.fail("ValueError", "Environment variable ")
			return
		}
		if provider == "env" {
			c.entra["assertion"] = v
		} else {
			c.entra["token_file"] = v
		}
	case "google":
		c.entra["audience"] = given(aud, "the audience of "+c.value.From)
	case "circleci", "circleci_v2":
		name := map[string]string{"circleci": "CIRCLE_OIDC_TOKEN", "circleci_v2": "CIRCLE_OIDC_TOKEN_V2"}[provider]
		v := r.variable(name)
		if !v.Set {
			r.fail("ValueError", name+" not found in environment")
			return
		}
		c.entra["assertion"] = v
	default:
		r.fail("ValueError", "Unsupported OIDC provider")
	}
}

// azureAssertion is oidc/azure/: the federated token's file. Later releases go
// on without one, and take an access token for the audience as the assertion.
func (r *resolver) azureAssertion(aud string, c *candidate) {
	if f := r.variable("AZURE_FEDERATED_TOKEN_FILE"); f.Set {
		c.entra["token_file"] = f
		if f.Empty() {
			r.fail("FileNotFoundError", "[Errno 2] No such file or directory: ''")
		}
		return
	}
	if r.does(oidcAzure) == "fails" {
		r.fail("ValueError", "AZURE_FEDERATED_TOKEN_FILE not found in environment")
		return
	}
	side := resolver{Call: r.Call}
	side.out.Band = r.out.Band
	side.pickRefresh(given(aud, "the audience of "+c.value.From))
	switch {
	case side.out.Fails != nil:
		r.fail(side.out.Fails.Type, side.out.Fails.Text)
	case side.refresh.picked == nil:
		r.fail("ValueError", "")
	case aud == "":
		r.fail("ValueError", "Azure OIDC provider failed")
	default:
		// A managed identity's token for the audience can be an assertion.
		c.entra["audience"] = given(aud, "the audience of "+c.value.From)
	}
}

// allowedDirs are where oidc/file/ may read unless a variable says otherwise.
const allowedDirs = "/var/run/secrets,/run/secrets"

// fileAssertion is oidc/file/PATH. Older releases open the path as it is; later
// ones want it absolute and within a list of directories.
func (r *resolver) fileAssertion(name string, c *candidate) {
	c.entra["token_file"] = given(name, "the path of "+c.value.From)
	if r.does(oidcFile) == "any" {
		return
	}
	if !strings.HasPrefix(name, "/") {
		r.fail("ValueError", "oidc/file path must be absolute")
		return
	}
	dirs := allowedDirs
	if v := r.variable("LITELLM_OIDC_ALLOWED_CREDENTIAL_DIRS"); !v.Empty() {
		dirs = v.Text.Reveal()
	}
	for dir := range strings.SplitSeq(dirs, ",") {
		dir = path.Clean(strings.TrimSpace(dir))
		if clean := path.Clean(name); clean == dir || strings.HasPrefix(clean, strings.TrimSuffix(dir, "/")+"/") {
			return
		}
	}
	r.fail("ValueError", "oidc/file path is outside the allowed credential directories")
}
