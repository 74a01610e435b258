package preflight

import (
	"strings"
	"time"
)

// A Stage is one link of the chain from the workflow to the model. The values
// are part of the report's contract.
type Stage string

// The stages, in the order in which a run meets them.
const (
	StageConfig    Stage = "config"
	StageOIDC      Stage = "oidc"
	StageToken     Stage = "token"
	StageClaims    Stage = "claims"
	StageNetwork   Stage = "network"
	StageDataPlane Stage = "data-plane"
	StageCapacity  Stage = "capacity"
	StageLiteLLM   Stage = "litellm"
)

// A Service is who was asked in an [Exchange].
type Service string

// The services of the chain. The zero Service means that a pasted text does
// not tell.
const (
	ServiceGitHub Service = "github" // the OIDC token service of the runner
	ServiceEntra  Service = "entra"  // login.microsoftonline.com and its sovereign forms
	ServiceIMDS   Service = "imds"   // a managed-identity endpoint
	ServiceModel  Service = "model"  // Azure OpenAI, Foundry, or a gateway in front of them
)

// A Fault says why an exchange ended without an answer that can be used.
type Fault string

// The faults, told apart by the step that failed.
const (
	FaultNone        Fault = ""
	FaultDNSNotFound Fault = "dns-not-found" // the name does not exist
	FaultDNS         Fault = "dns"           // the resolver failed
	FaultRefused     Fault = "refused"       // TCP: nothing listens, or a firewall rejects
	FaultConnect     Fault = "connect"       // TCP: no route, or no answer to SYN in time
	FaultProxy       Fault = "proxy"         // the proxy refused the tunnel or cannot be reached
	FaultTLSTrust    Fault = "tls-trust"     // the chain does not end in a trusted root
	FaultTLSHost     Fault = "tls-host"      // the certificate is for another name
	FaultTLSExpired  Fault = "tls-expired"   // outside its validity
	FaultTLS         Fault = "tls"           // any other handshake failure
	FaultReset       Fault = "reset"         // closed before the answer's headers
	FaultTimeout     Fault = "timeout"       // connected, but no whole answer in time
	FaultTruncated   Fault = "truncated"     // the body ended early
	FaultForeign     Fault = "foreign"       // an answer that the service would not give, a login page say
	FaultBlocked     Fault = "blocked"       // we refused to send a credential there
	FaultClient      Fault = "client"        // a client library failed before it asked anyone
)

// A Credential names what kind of secret a request carried, never its value.
type Credential string

// The kinds of credential that a request can carry.
const (
	CredentialNone   Credential = "none"
	CredentialBearer Credential = "bearer"
	CredentialKey    Credential = "api-key"
	CredentialForm   Credential = "in the body" // of a request for a token
)

// A Form is what an error's body is made of. It tells the service's own errors
// from those of whatever stands in front of it.
type Form string

// The forms.
const (
	FormNone  Form = ""      // no body, or one that nobody has read
	FormOwn   Form = "own"   // JSON with an object error, as the service has it
	FormJSON  Form = "json"  // any other JSON
	FormOther Form = "other" // a page, a text
)

// An Exchange is one request and what came of it. It holds no secret: bodies
// of requests and of successful answers are never kept, and what is kept of an
// error has been bounded and scrubbed.
type Exchange struct {
	Service    Service
	Method     string
	Host       string
	Path       string
	APIVersion string // the query's value, "" when it has none
	Sent       Credential
	Sub        bool // a gateway's subscription key went along

	Status  int               // 0: no answer
	Header  map[string]string // allow-listed response headers, lower-case names
	AADSTS  []int             // Entra's numeric codes, in order of appearance
	Code    string            // error.code, or error for OAuth
	Inner   string            // innererror.code
	Message string            // one line
	Param   string            // the parameter complained about
	Form    Form              // what the error's body is

	Fault  Fault
	Detail string // what the transport said, one line
	Step   string // what was under way when it failed: dns, tcp, proxy, tls, headers, body
	Issuer string // issuer of a certificate that was not trusted
	Proxy  string // host:port of the proxy on the way, "" when direct
	Took   time.Duration
	At     time.Time // when the answer (or the fault) came, our clock
}

// URL is the address without its query.
func (x *Exchange) URL() string {
	if x.Host == "" {
		return ""
	}
	scheme := "https://"
	if x.Service == ServiceIMDS {
		scheme = "http://"
	}
	return scheme + x.Host + x.Path
}

// OK reports whether the service answered and did not complain.
func (x *Exchange) OK() bool { return x.Status >= 200 && x.Status < 300 && x.Fault == FaultNone }

// ServerDate is the server's clock when it answered, zero when it did not say.
func (x *Exchange) ServerDate() time.Time {
	t, err := time.Parse(time.RFC1123, x.Header["date"])
	if err != nil {
		return time.Time{}
	}
	return t
}

// RetryAfter is the wait that the server asked for, 0 when it did not.
func (x *Exchange) RetryAfter() time.Duration { return retryAfter(x.Header, x.At) }

// Claims are the decoded, unverified claims of a token. They explain; they are
// never the ground for trusting anything.
type Claims struct {
	Issuer    string
	Subject   string
	Audience  []string
	ExpiresAt time.Time
	NotBefore time.Time
	IssuedAt  time.Time

	// Entra access tokens.
	TenantID        string // tid
	ObjectID        string // oid
	AppID           string // appid (v1) or azp (v2)
	Kind            string // idtyp: app or user
	ManagedIdentity string // xms_mirid
	User            string // upn or preferred_username
	Scopes          string // scp, of a delegated token

	// GitHub's ID tokens.
	Repository        string
	RepositoryID      string
	RepositoryOwner   string
	RepositoryOwnerID string
	Environment       string
	EventName         string
	Ref               string
	JobWorkflowRef    string
}

// HasAudience reports whether aud is one of the audiences, a trailing slash aside.
func (c *Claims) HasAudience(aud string) bool {
	for _, a := range c.Audience {
		if strings.TrimRight(a, "/") == strings.TrimRight(aud, "/") {
			return true
		}
	}
	return false
}

// A Problem is a fault that was found here, before any request: a bad input, a
// missing file, a host that may not get a credential.
type Problem struct {
	ID      string   // the diagnosis that it proves
	Input   string   // the input's name
	Source  string   // what filled it: "input endpoint", "variable AZURE_OPENAI_ENDPOINT", "flag --endpoint"
	Value   string   // as given, bounded; "" for a secret
	Allowed string   // what would be right
	Detail  string   // what is wrong with it, a clause
	Suggest string   // the value that was probably meant, "" when there is none
	Empty   []string // all the inputs that are empty for the same cause
	At      Location
}

// A Location is a place in a file of the workspace. Line and Column count from 1.
type Location struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// EnvState tells a variable that is set from one that is set but empty: for a
// client library these are different things.
type EnvState string

// The states of a variable. An unset one is absent from the map.
const (
	EnvSet   EnvState = "set"
	EnvEmpty EnvState = "empty"
)

// Setup is what the run was told to do, without secrets.
type Setup struct {
	Method    Method
	Reason    string   // why this method
	Unused    []string // what else was there and was not used
	TenantID  string
	ClientID  string
	Cloud     string // public, usgov, china
	Authority string // host of the token authority
	Audience  string // of the assertion
	Scope     string
	Audiences []string // what a token for the data plane may carry as aud

	ExpectTenantID   string
	ExpectClientID   string
	ExpectObjectID   string
	ExpectModel      string
	MinTokenLifetime time.Duration
	Timeout          time.Duration
	Waited           time.Duration // of wait-for-propagation, so far

	Env       map[string]EnvState // the variables that matter to a client, set or empty
	Shadows   []Shadow
	SecretIs  string // what the client secret's shape gives away: "", "guid", "whitespace"
	TokenFile string // the federated token file's path
	Trusted   []string
}

// A Shadow is a variable that makes another client send another credential
// than the one that this run proved.
type Shadow struct {
	Name   string
	State  EnvState
	Source string // "this step's environment" or "input client-env"
	Effect string // what it does to whom, a clause
}

// Job is the run that GitHub says this is.
type Job struct {
	Actions      bool // inside GitHub Actions at all
	EventName    string
	Actor        string
	Repository   string
	Server       string // GITHUB_SERVER_URL
	WorkflowRef  string
	JobID        string
	Ref          string
	Fork         bool // a pull request from another repository
	ForkUnknown  bool // a pull request, and the event's payload does not say from where
	Dependabot   bool
	Hosted       bool // a GitHub-hosted runner
	IDTokenURL   bool // ACTIONS_ID_TOKEN_REQUEST_URL is set
	IDTokenToken bool // ACTIONS_ID_TOKEN_REQUEST_TOKEN is set
}

// Untrusted reports whether GitHub withholds secrets and the ID token from
// this kind of run whatever its workflow says.
func (j *Job) Untrusted() bool { return j.Fork || j.Dependabot }

// Target is one call that the suite will make.
type Target struct {
	Endpoint   string // scheme and host
	Deployment string
	Operation  Operation
	Route      Route
	APIVersion string
	Location   Location

	// Address is the whole URL where a client other than this check's own makes
	// it, Client what is known of that client, and Name what the suite calls
	// the model.
	Address string
	Client  *ClientEvidence
	Name    string
}

// Evidence is everything that was seen of one failure, or of one success. It is
// plain data: [Diagnose] needs nothing else. Evidence of a run concerns one
// target, or none when the chain broke before any; evidence of a pasted text
// is thinner, and every field that the text does not show is zero.
type Evidence struct {
	Pasted    bool
	Elsewhere bool // a pasted text is about somebody outside of the chain: it is shown, and nothing in it explains a failure of the chain
	Unplaced  bool // nothing in a pasted text names the chain, so that it may be anybody's
	Now       time.Time
	Setup     Setup
	Job       Job
	Problem   *Problem
	Assertion *Claims
	Token     *Claims
	ExpiresOn time.Time // of the access token, as its issuer said beside it
	Issued    time.Time // the issuer's clock when it handed the token out, zero when it did not say
	Target    *Target
	Exchanges []Exchange // in order, retries included
	Text      string     // what a client library said of its failure, or the pasted text, one error
	Model     string     // the model that answered
	Unnamed   bool       // access is proven, but the answer names no model
	Refuted   string     // the id of what the token's own claims already show
	Names     NameCheck  // a look at the host's name, after its connection failed
	Probe     *Exchange  // a second call that settles what the first left open
}

// NameCheck is what our own resolver says of the target's host, asked only
// when a connection failed.
type NameCheck struct {
	Asked     bool
	NotFound  bool     // the name does not exist
	Works     bool     // the resolver knows the token authority, so it can be believed
	Canonical string   // the end of the CNAME chain
	Addresses []string // what it resolved to
}

// Last is the last exchange with s, or with anyone when a pasted text does not
// tell who spoke. It is nil when there is none.
func (e *Evidence) Last(s Service) *Exchange {
	for i := len(e.Exchanges) - 1; i >= 0; i-- {
		if x := &e.Exchanges[i]; x.Service == s || x.Service == "" {
			return x
		}
	}
	return nil
}
