package litellm

import "strings"

// refreshed is what enable_azure_ad_token_refresh came to.
type refreshed struct {
	picked    *candidate
	swallowed string // the ValueError that LiteLLM swallows, so that the flag has no effect: a clause
	why       string // why it was not asked at all: a clause
	class     Value  // AZURE_CREDENTIAL, when it names the class
}

// pickRefresh picks the class of azure.identity that LiteLLM picks. Whatever
// the class, its arguments come from the environment alone.
func (r *resolver) pickRefresh(scope Value) {
	how := r.does(refreshPick)
	named := r.variable("AZURE_CREDENTIAL")
	if r.does(scopeParam) == "refresh" {
		scope = r.variable("AZURE_SCOPE")
	}
	class := ""
	switch how {
	case "secret-or-default":
		// AZURE_CREDENTIAL and AZURE_SCOPE are not read yet.
		named, scope, class = unset(named.From), unset(""), "DefaultAzureCredential"
		if r.variable("AZURE_CLIENT_ID").Set && r.variable("AZURE_CLIENT_SECRET").Set && r.variable("AZURE_TENANT_ID").Set {
			class = "ClientSecretCredential"
		}
	case "named", "any-class":
		class = "ClientSecretCredential"
		if named.Set {
			class = named.Text.Reveal()
		}
	case "class-or-secret", "class-with-password":
		class = "ClientSecretCredential"
		if !named.Empty() {
			class = named.Text.Reveal()
		}
	case "enumerated":
		class = "ClientSecretCredential"
		if named.Set {
			class = named.Text.Reveal()
		}
		switch class {
		case "ClientSecretCredential", "ManagedIdentityCredential", "CertificateCredential":
		default:
			r.refresh.class, r.refresh.swallowed = named, "this release knows three classes by name, and this is none of them"
			return
		}
	default:
		class = named.Text.Reveal()
		if class == "" {
			class = r.inferClass(how)
		}
	}
	if !named.Empty() {
		r.refresh.class = named
	}
	r.instance(class, how, scope)
}

// inferClass is LiteLLM's guess from the environment. AZURE_CLIENT_ID without a
// secret means a managed identity to it, whatever else is set.
func (r *resolver) inferClass(how string) string {
	has := func(name string) bool { return !r.variable(name).Empty() }
	switch {
	case has("AZURE_CLIENT_ID") && has("AZURE_CLIENT_SECRET") && has("AZURE_TENANT_ID"):
		return "ClientSecretCredential"
	case how != "inferred" && has("AZURE_FEDERATED_TOKEN_FILE"):
		return "DefaultAzureCredential"
	case has("AZURE_CLIENT_ID"):
		return "ManagedIdentityCredential"
	case has("AZURE_CERTIFICATE_PATH") || has("AZURE_CERTIFICATE_PASSWORD"):
		return "CertificateCredential"
	}
	return "DefaultAzureCredential"
}

// instance makes an instance of the class, or fails as Python does: a variable
// that is missing is a KeyError, which ends the call; one that is empty is a
// ValueError, which is swallowed.
func (r *resolver) instance(class, how string, scope Value) {
	c := candidate{scope: scope, entra: map[string]Value{}}
	need := func(names ...string) bool {
		for _, n := range names {
			if !r.variable(envOf[n]).Set {
				r.fail("KeyError", "'"+envOf[n]+"'")
				return false
			}
			c.entra[n] = r.variable(envOf[n])
		}
		return true
	}
	switch class {
	case "ClientSecretCredential":
		c.source = FromClientSecret
		if !need("client_id", "client_secret", "tenant_id") {
			return
		}
		c.value = c.entra["client_secret"]
		for _, v := range c.entra {
			if v.Empty() {
				r.refresh.swallowed = "a variable of the client secret is empty"
				return
			}
		}
	case "ManagedIdentityCredential":
		c.source = FromManagedIdentity
		if !need("client_id") {
			return
		}
		c.value = c.entra["client_id"]
		r.exchangedIdentity(&c)
	case "CertificateCredential":
		c.source = FromCertificate
		if how == "named" {
			r.fail("TypeError", "CertificateCredential.__init__() missing 2 required positional arguments: 'tenant_id' and 'client_id'")
			return
		}
		if !need("client_id", "tenant_id", "certificate_path") {
			return
		}
		if c.entra["tenant_id"].Empty() || c.entra["certificate_path"].Empty() {
			r.refresh.swallowed = "a variable of the certificate is empty"
			return
		}
		if p := r.variable("AZURE_CERTIFICATE_PASSWORD"); !p.Empty() && how != "enumerated" && how != "any-class" && how != "class-or-secret" {
			c.entra["certificate_password"] = p
		}
		c.value = c.entra["certificate_path"]
	case "DefaultAzureCredential":
		c.source = FromDefault
		if r.brokenDefault() {
			return
		}
	case "WorkloadIdentityCredential":
		c.source = FromWorkloadIdentity
		for _, n := range []string{"tenant_id", "client_id", "token_file"} {
			if r.variable(envOf[n]).Empty() {
				r.refresh.swallowed = "WorkloadIdentityCredential needs AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE"
				return
			}
			c.entra[n] = r.variable(envOf[n])
		}
	default:
		if !r.namedClass(class, how) {
			return
		}
		c.source = FromNamed
		if class == "EnvironmentCredential" && r.brokenEnvironment() {
			return
		}
		c.entra["class"] = r.variable("AZURE_CREDENTIAL")
	}
	if r.refresh.class.Set {
		c.value = set(c.value, r.refresh.class)
	}
	r.refresh.picked = &c
}

// exchangedIdentity lets azure.identity make a workload identity of a managed
// one, which it does where a cluster has set all of the former's variables.
func (r *resolver) exchangedIdentity(c *candidate) {
	for _, n := range []string{"AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"} {
		if r.variable(n).Empty() {
			return
		}
	}
	c.source = FromWorkloadIdentity
	c.entra["tenant_id"], c.entra["token_file"] = r.variable("AZURE_TENANT_ID"), r.variable("AZURE_FEDERATED_TOKEN_FILE")
}

// envOf is the variable of each of a credential's fields.
var envOf = map[string]string{
	"tenant_id":        "AZURE_TENANT_ID",
	"client_id":        "AZURE_CLIENT_ID",
	"client_secret":    "AZURE_CLIENT_SECRET",
	"certificate_path": "AZURE_CERTIFICATE_PATH",
	"token_file":       "AZURE_FEDERATED_TOKEN_FILE",
}

// namedClass reports whether another class of azure.identity can be made
// without arguments.
func (r *resolver) namedClass(class, how string) bool {
	switch class {
	case "AzureCliCredential", "AzurePowerShellCredential", "AzureDeveloperCliCredential", "EnvironmentCredential",
		"InteractiveBrowserCredential", "DeviceCodeCredential", "SharedTokenCacheCredential", "VisualStudioCodeCredential":
		return true
	case "DeploymentIdentityCredential":
		if how == "deployment" {
			return true
		}
	case "ClientAssertionCredential", "OnBehalfOfCredential", "AuthorizationCodeCredential", "UsernamePasswordCredential",
		"AzurePipelinesCredential":
		r.fail("TypeError", class+".__init__() missing")
		return false
	}
	r.fail("AttributeError", "module 'azure.identity' has no attribute")
	return false
}

// brokenDefault reports whether DefaultAzureCredential cannot be made, because
// of one of its members, or because AZURE_TOKEN_CREDENTIALS names none of them.
func (r *resolver) brokenDefault() bool {
	switch strings.ToLower(strings.TrimSpace(r.variable("AZURE_TOKEN_CREDENTIALS").Text.Reveal())) {
	case "", "prod":
		return r.brokenEnvironment() || r.brokenWorkload()
	case "environmentcredential":
		return r.brokenEnvironment()
	case "workloadidentitycredential":
		return r.brokenWorkload()
	case "dev", "managedidentitycredential", "azureclicredential", "azurepowershellcredential", "azuredeveloperclicredential",
		"visualstudiocodecredential", "interactivebrowsercredential", "sharedtokencachecredential":
		return false
	}
	r.refresh.swallowed = "AZURE_TOKEN_CREDENTIALS names no credential of azure.identity"
	return true
}

// brokenEnvironment reports whether azure.identity's EnvironmentCredential, and
// so DefaultAzureCredential, cannot be made: it takes variables that are set but
// empty, and its credential then refuses them with a ValueError.
func (r *resolver) brokenEnvironment() bool {
	for _, last := range []string{"AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH"} {
		empty := false
		for _, n := range []string{"AZURE_CLIENT_ID", "AZURE_TENANT_ID", last} {
			v := r.variable(n)
			if !v.Set {
				empty = false
				break
			}
			empty = empty || v.Empty()
		}
		if empty {
			r.refresh.swallowed = "variables that are set but empty make azure.identity refuse its environment credential"
			return true
		}
	}
	return false
}

// brokenWorkload reports whether DefaultAzureCredential cannot be made because
// its workload identity has no client.
func (r *resolver) brokenWorkload() bool {
	for _, n := range []string{"AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"} {
		if r.variable(n).Empty() {
			return false
		}
	}
	if !r.variable("AZURE_CLIENT_ID").Empty() {
		return false
	}
	r.refresh.swallowed = "the workload identity's variables are set, but AZURE_CLIENT_ID is not"
	return true
}
