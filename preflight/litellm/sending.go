package litellm

import "github.com/aoai-preflight/aoai-preflight/internal/secret"

// A Source is the kind of credential that a client sends, and so how it is
// obtained.
type Source string

// The sources.
const (
	FromKey              Source = "api-key"
	FromToken            Source = "static-token"
	FromOIDC             Source = "oidc" // LiteLLM's oidc/…: an assertion that it exchanges itself
	FromClientSecret     Source = "client-secret"
	FromPassword         Source = "username-password"
	FromCertificate      Source = "client-certificate"
	FromWorkloadIdentity Source = "workload-identity"
	FromManagedIdentity  Source = "managed-identity"
	FromDefault          Source = "default-azure-credential"
	FromNamed            Source = "named-credential" // another class of azure.identity, named by AZURE_CREDENTIAL
	FromProvider         Source = "token-provider"   // azure_ad_token_provider, from the suite's code
	FromNone             Source = "none"
)

// A Sending is what a client makes of a [Call]: what it sends, where, and what
// it leaves unused; or why it sends nothing.
type Sending struct {
	Provider string // LiteLLM's name of who is called: azure, azure_ai, azure_text, openai, …
	// Azure reports whether the request goes to an address of the call's own
	// choosing with Azure's rules; other providers' models are not checked.
	Azure bool
	Kind  Kind // what is called in the end: LiteLLM makes a chat of a completion of azure/, and Responses of some chats

	Source     Source
	Credential Value             // the key, the static token, or the text oidc/…
	Entra      map[string]Value  // what the source needs: tenant_id, client_id, client_secret, username, password, certificate_path, certificate_password, token_file, class; for oidc also audience or assertion
	Header     string            // api-key or Authorization; "" when no credential goes along
	Bearer     bool              // the header's value begins with "Bearer "
	AlsoBearer bool              // the key goes along a second time, in Authorization: openai-python before 2.34
	Extra      map[string]Value  // headers of extra_headers that go along, credentials among them or not
	Beside     []string          // those of Extra that are written otherwise than the client's own of the same name, and go along beside it
	Scope      string            // of the token that is acquired
	ScopeFrom  Value             // what set it, unset for the default
	URL        string            // of the request, with its query; it may hold what a variable held
	BaseFrom   Value             // what set the address
	APIVersion string            // the query's value, "" for none
	VersionOf  Value             // what set the version
	Deployment string            // what is left of the model's name
	InBody     bool              // the deployment travels in the body, not in the address
	Shadowed   []Shadowed        // configured, and not sent
	Fails      *Failure          // the client raises this before it sends anything
	Causes     []Cause           // what is worth a finding, causes before consequences
	Band       map[string]string // decisions that another version would take differently: name → what this one does
}

// Shadowed is a credential that is configured and not sent.
type Shadowed struct {
	Source Source
	By     Value  // what won
	Of     Value  // what lost; unset for a provider in code
	Reason string // a clause
}

// A Failure is an exception of the client's own.
type Failure struct {
	Type string // Python's class: OpenAIError, TypeError, ValueError, MutuallyExclusiveAuthError, …
	Text string // how its message begins; fixed text, no value
}

// A Cause is something about a call that can break it, or that makes it send
// another credential than was meant.
type Cause struct {
	ID     string // one of the Cause constants
	Value  Value  // the parameter or variable at fault, with its place
	Param  string // its name in the configuration or the environment
	Detail string // a clause, without any value
	// Breaks reports that the call cannot work whatever the service says;
	// otherwise the service's answer decides.
	Breaks bool
	// Certain reports that no other version of the client, and nothing that the
	// suite's code could do, would make it otherwise.
	Certain bool
}

// The causes. Each is an id of the catalogue.
const (
	KeyShadowsToken    = "litellm-key-shadows-token"       // a key, set or set but empty, is sent instead of a token
	StaticTokenShadows = "litellm-static-token"            // AZURE_AD_TOKEN or AZURE_OPENAI_AD_TOKEN is sent instead of a provider or key
	ProviderDropped    = "litellm-token-provider-dropped"  // this version ignores azure_ad_token_provider
	OSeriesDropsToken  = "litellm-o-series-name"           // the deployment's name holds o1 or o3: the path that drops tokens
	V1DropsToken       = "litellm-v1-drops-token"          // api_version v1, latest or preview in the broken versions
	RefreshOff         = "litellm-refresh-off"             // enable_azure_ad_token_refresh is absent, or no boolean
	ManagedByAccident  = "litellm-managed-identity-chosen" // AZURE_CLIENT_ID alone makes it a managed identity
	NamedCredential    = "litellm-azure-credential"        // AZURE_CREDENTIAL names a class that does not exist or lacks what it needs
	NoCredential       = "litellm-no-credential"           // nothing that it would send is configured
	EnvMissing         = "litellm-env-missing"             // os.environ/NAME is not set
	EnvRefused         = "litellm-env-refused"             // os.environ/NAME names a variable of the runner's own
	BaseMissing        = "litellm-api-base-missing"        // no api_base anywhere
	BasePath           = "litellm-api-base-path"           // api_base is a full request URL, or ends in /openai/v1 where it may not
	VersionInvalid     = "litellm-api-version-invalid"     // a date that YAML has parsed, or api-version= inside
	PrefixMissing      = "litellm-provider-prefix-missing" // the model has no azure/ prefix, and so another provider's key is sent
	TextModelType      = "dspy-text-model-type"            // DSPy's model_type text makes it another provider
	TwoCredentials     = "litellm-two-credentials"         // the newest SDK refuses more than one
	OIDCIncomplete     = "litellm-oidc-incomplete"         // oidc/… without a tenant, a client, or in a form that fails
	OIDCOutlived       = "litellm-oidc-outlived"           // the exchanged token is kept longer than it lives
	CredentialNotFound = "litellm-credential-not-found"    // litellm_credential_name names no entry
	MixedPrincipal     = "litellm-mixed-principal"         // tenant, client and secret come from different places
	UserSignIn         = "litellm-user-sign-in"            // AZURE_USERNAME and AZURE_PASSWORD beat the rest
	HeaderOverridden   = "litellm-header-overridden"       // extra_headers holds a credential
	ScopeOverridden    = "litellm-scope"                   // azure_scope or AZURE_SCOPE asks for another audience
	SovereignScope     = "litellm-sovereign-scope"         // another cloud than the public one, and the default scope
	KeyOnly            = "litellm-key-only"                // this kind of call knows keys only, and there is none
	NotCheckable       = "litellm-not-checkable"           // a wildcard without health_check_model, a secret manager, realtime: listed, not called
	DSPyCache          = "dspy-cache"                      // a cached answer can hide broken authentication
	DotEnv             = "litellm-dotenv"                  // a .env file of the checkout fills a variable that decides
	VersionCompromised = "litellm-version-compromised"     // a pin of a release that steals credentials
	VersionAdmits      = "litellm-version-admits-compromised"
	ConfigInvalid      = "litellm-config-invalid"
	ConfigNotFound     = "litellm-config-not-found"
)

// AcquiredToken reports whether the source is one that asks Entra for a token.
func (s Source) AcquiredToken() bool {
	switch s {
	case FromKey, FromToken, FromNone, "":
		return false
	}
	return true
}

// unset is None, with the words that say where it was looked for.
func unset(from string) Value { return Value{From: from} }

// given is a text that is set.
func given(text, from string) Value { return Value{Set: true, Text: secret.New(text), From: from} }
