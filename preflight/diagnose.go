package preflight

import (
	"slices"
	"strings"
)

// An Area is where a failure lies, as a user asks it: is it my account, my
// quota, the provider, this machine, or the deployment's settings?
type Area string

// The areas. They are part of the report's contract.
const (
	AreaAuth       Area = "account-auth"
	AreaQuota      Area = "quota-rate"
	AreaProvider   Area = "model-provider"
	AreaRuntime    Area = "local-runtime"
	AreaDeployment Area = "deployment-config"
)

// A Certainty says whether the evidence excludes every other cause.
type Certainty string

// The certainties.
const (
	Proven Certainty = "proven"
	Likely Certainty = "likely"
)

// A Severity is what a finding does to the verdict: an error fails the job, a
// warning lets it pass hampered, a notice only informs.
type Severity string

// The severities.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityNotice  Severity = "notice"
)

// A Basis is how a diagnosis's signature is known.
type Basis string

// The bases. A signature that is only assumed is never [Proven].
const (
	Observed   Basis = "observed"   // seen in a public report or run here
	Documented Basis = "documented" // the vendor's page says so
	Assumed    Basis = "assumed"    // follows from something else
)

// A Cure says whether a failure may be gone without anybody's doing.
type Cure string

// The cures; the zero Cure is a change that somebody has to make.
const (
	Propagation Cure = "propagation" // Entra and Azure take minutes until a new credential, role or deployment is effective everywhere
	Passing     Cure = "passing"     // a service or the network fails for a moment
)

// A Reach says of which other calls a failure is the failure too: it is decided
// before the service looks at the deployment. Data roles are assigned at the
// resource or above, never at a deployment.
type Reach string

// The reaches, from the wide to the narrow; the zero Reach is the call alone.
const (
	ReachHost       Reach = "host"       // whoever calls the resource
	ReachCredential Reach = "credential" // all calls to it with the credential
	ReachAction     Reach = "action"     // of these, all of one data action
)

// A Setting is what a key in a client's configuration decides.
type Setting string

// The settings; the zero Setting is the model as a whole.
const (
	SettingBase       Setting = "base"
	SettingVersion    Setting = "version"
	SettingCredential Setting = "credential"
	SettingScope      Setting = "scope"
	SettingTenant     Setting = "tenant_id"
	SettingClient     Setting = "client_id"
	SettingSecret     Setting = "client_secret"
)

// A Provenance is where a signature comes from.
type Provenance struct {
	Basis Basis
	URL   string // of the report or page, https
	Date  string // when it was looked at, YYYY-MM-DD
}

// A Remedy is what to do. Commands can be pasted into a shell. Kind and Params
// say the same for a program; Params holds no secret.
type Remedy struct {
	Text     string            `json:"text"`
	Commands []string          `json:"commands"`
	Snippet  string            `json:"snippet,omitempty"` // YAML for a workflow or a config
	Kind     RemedyKind        `json:"kind"`
	Params   map[string]string `json:"params"`
}

// A RemedyKind names a change that a program could make.
type RemedyKind string

// The kinds of remedy, with their parameters. A finding about several resources
// has scope-resources, resources, hosts or endpoints too, separated by commas.
const (
	GrantPermission      RemedyKind = "grant-permission"            // permission
	SetInput             RemedyKind = "set-input"                   // input, value (when known)
	SetVariable          RemedyKind = "set-variable"                // name, value (when known)
	UnsetVariable        RemedyKind = "unset-variable"              // name (names, separated by commas, when there are several)
	AddFederated         RemedyKind = "add-federated-credential"    // issuer, subject, audience, client-id
	RegisterApp          RemedyKind = "register-service-principal"  // client-id, tenant-id
	UseTenant            RemedyKind = "use-tenant"                  // tenant-id (when known)
	UseClient            RemedyKind = "use-client"                  // client-id (when known)
	UseAudience          RemedyKind = "use-audience"                // audience
	UseScope             RemedyKind = "use-scope"                   // scope
	UseCloud             RemedyKind = "use-cloud"                   // cloud
	UseEndpoint          RemedyKind = "use-endpoint"                // endpoint (when known)
	UseDeployment        RemedyKind = "use-deployment"              // deployment (when known)
	UseOperation         RemedyKind = "use-operation"               // operation
	UseAPIVersion        RemedyKind = "use-api-version"             // api-version, "" for none
	UseIdentity          RemedyKind = "use-identity"                // identity
	AssignRole           RemedyKind = "assign-role"                 // principal-id, role, scope-resource
	ResetSecret          RemedyKind = "reset-client-secret"         // client-id
	RegisterCertificate  RemedyKind = "register-certificate"        // client-id
	EnableApp            RemedyKind = "enable-service-principal"    // client-id
	ExcludeFromPolicy    RemedyKind = "exclude-from-policy"         // client-id
	AssignIdentity       RemedyKind = "assign-managed-identity"     // client-id
	CreateSubdomain      RemedyKind = "create-custom-subdomain"     // resource
	AllowNetwork         RemedyKind = "allow-network"               // resource
	EnableKeys           RemedyKind = "enable-key-auth"             // resource
	RotateKey            RemedyKind = "use-current-key"             // resource
	TrustCA              RemedyKind = "trust-ca"                    // host
	AllowEgress          RemedyKind = "allow-egress"                // host
	AllowHost            RemedyKind = "allow-host"                  // host
	SetSubscriptionKey   RemedyKind = "set-subscription-key"        // host
	RaiseQuota           RemedyKind = "raise-quota"                 // deployment
	Deploy               RemedyKind = "deploy-model"                // deployment
	Wait                 RemedyKind = "wait"                        // seconds (when known)
	FixClock             RemedyKind = "fix-clock"                   // skew-seconds
	RunElsewhere         RemedyKind = "run-on-trusted-event"        // event
	ContactSupport       RemedyKind = "contact-support"             // request-id
	FixGateway           RemedyKind = "fix-gateway"                 // host
	ProvideFile          RemedyKind = "provide-file"                // path
	UpgradeServer        RemedyKind = "upgrade-server"              // server
	PublishIssuer        RemedyKind = "publish-issuer"              // issuer
	UpgradePackage       RemedyKind = "upgrade-package"             // package, version
	EditConfig           RemedyKind = "edit-client-config"          // file, key, value ("" to remove it)
	UseModel             RemedyKind = "use-model"                   // model
	ResetSubjectTemplate RemedyKind = "reset-subject-customization" // repository
)

// A Diagnosis names one root cause. It is one value in the [Catalogue];
// the annotation, the summary, `explain` and the pages are rendered from it.
type Diagnosis struct {
	ID       string // kebab-case; never reused
	Stage    Stage
	Area     Area
	Severity Severity             // zero is an error
	Grave    func(*Evidence) bool // whether it is an error after all; nil is never
	Title    string               // at most 80 characters, no id of a tenant or client, no host, no final period
	When     Match

	// Cause says what was seen, in this run's words: a sentence that stands
	// alone. Remedy says what to do about it.
	Cause  func(*Evidence) string
	Remedy func(*Evidence) Remedy

	Cure    Cure    // whether time alone can mend it
	Reach   Reach   // of which other calls it is the failure too
	Setting Setting // of a client's configuration, that it is about

	// Certain decides between proven and likely; nil is [Proven]. A finding
	// that is not proven lists Others, the ids it could not exclude, and says
	// what evidence would Settle it.
	Certain func(*Evidence) Certainty
	Others  []string
	Settle  string

	About  string // the cause in general, for the page and `explain`
	Verify string // how to see that the remedy worked
	Docs   string // the vendor's page
	Source Provenance
}

// A Finding is a diagnosis of particular evidence.
type Finding struct {
	ID         string    `json:"id"`
	Title      string    `json:"title"`
	Severity   Severity  `json:"severity"`
	Stage      Stage     `json:"stage"`
	Area       Area      `json:"area"`
	Certainty  Certainty `json:"certainty"`
	Cause      string    `json:"cause"`
	Evidence   []string  `json:"evidence"`
	Candidates []string  `json:"candidates"`
	Remedy     Remedy    `json:"remedy"`
	Docs       string    `json:"docs"`
	Targets    []string  `json:"targets"`
	Location   *Location `json:"location,omitempty"`

	gathered gathering
}

// Catalogue is every diagnosis, most specific first: the first whose When
// holds is the finding.
var Catalogue = slices.Concat(
	configDiagnoses,
	litellmDiagnoses,
	oidcDiagnoses,
	tokenDiagnoses,
	entraBusyDiagnoses,
	claimsDiagnoses,
	networkDiagnoses,
	capacityDiagnoses,
	modelDiagnoses,
	fallbackDiagnoses,
)

// Diagnose names the cause of the failure that e shows. It is pure and total:
// whatever no entry recognises becomes one of the "unknown" findings, which
// show the raw code. It returns false only for evidence of no failure.
func Diagnose(e *Evidence) (Finding, bool) {
	for _, d := range Catalogue {
		if (!e.Elsewhere || d.ID == idUnknown) && d.When.Holds(e) {
			return d.finding(e), true
		}
	}
	return Finding{}, false
}

// DiagnoseClaims looks only at what the access token says, before it is sent:
// the first error, and the warnings that stand before it.
func DiagnoseClaims(e *Evidence) []Finding {
	var found []Finding
	for _, d := range claimsDiagnoses {
		if !d.When.Holds(e) {
			continue
		}
		f := d.finding(e)
		found = append(found, f)
		if f.Severity == SeverityError {
			break
		}
	}
	return found
}

// Lookup finds a diagnosis by its id.
func Lookup(id string) (*Diagnosis, bool) {
	for _, d := range Catalogue {
		if d.ID == id {
			return d, true
		}
	}
	return nil, false
}

func (d *Diagnosis) finding(e *Evidence) Finding {
	f := Finding{
		ID:        d.ID,
		Title:     d.Title,
		Severity:  d.Severity,
		Stage:     d.Stage,
		Area:      d.Area,
		Certainty: Proven,
		Cause:     d.Cause(e),
		Evidence:  evidenceLines(e),
		Remedy:    d.Remedy(e),
		Docs:      d.Docs,
		Targets:   []string{},
	}
	// Lists are lists in the report even when they are empty.
	if f.Evidence == nil {
		f.Evidence = []string{}
	}
	if f.Remedy.Commands == nil {
		f.Remedy.Commands = []string{}
	}
	if f.Remedy.Params == nil {
		f.Remedy.Params = map[string]string{}
	}
	f.Candidates = []string{}
	if f.Severity == "" || d.Grave != nil && d.Grave(e) {
		f.Severity = SeverityError
	}
	if d.Certain != nil {
		f.Certainty = d.Certain(e)
	}
	if d.Source.Basis == Assumed || e.Unplaced {
		f.Certainty = Likely
	}
	if f.Certainty == Likely && d.Others != nil {
		f.Candidates = d.others(e)
	}
	switch {
	case e.Problem != nil && e.Problem.At.File != "":
		at := e.Problem.At
		f.Location = &at
	case e.Problem == nil && d.Stage == StageLiteLLM:
		f.Location = leading(e).locate(e)
	}
	return f
}

// others are the ids that the evidence could not exclude. A cause in LiteLLM is
// none where nothing speaks of LiteLLM.
func (d *Diagnosis) others(e *Evidence) []string {
	if throughLiteLLM(e) || e.Target != nil && e.Target.Client != nil {
		return d.Others
	}
	return slices.DeleteFunc(slices.Clone(d.Others), func(id string) bool {
		o, ok := Lookup(id)
		return ok && o.Stage == StageLiteLLM
	})
}

// A Match is a condition on evidence that can explain itself.
type Match struct {
	Holds func(*Evidence) bool

	text    func() string // put together when a page wants it
	phrases []string      // that it looks for in a text; a log is searched for them
}

// Text completes the sentence "Seen when …" of a page.
func (m Match) Text() string { return m.text() }

// all holds when every one of ms does.
func all(ms ...Match) Match {
	return Match{func(e *Evidence) bool {
		for _, m := range ms {
			if !m.Holds(e) {
				return false
			}
		}
		return true
	}, func() string { return join(ms, " and ") }, phrasesOf(ms)}
}

// either holds when one of ms does.
func either(ms ...Match) Match {
	return Match{func(e *Evidence) bool {
		for _, m := range ms {
			if m.Holds(e) {
				return true
			}
		}
		return false
	}, func() string { return join(ms, ", or ") }, phrasesOf(ms)}
}

// not holds when m does not; text says so.
func not(text string, m Match) Match {
	return when(text, func(e *Evidence) bool { return !m.Holds(e) })
}

func phrasesOf(ms []Match) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.phrases...)
	}
	return out
}

func join(ms []Match, sep string) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.Text()
	}
	return strings.Join(texts, sep)
}
