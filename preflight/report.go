package preflight

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// version is the program's version, set when it is linked.
var version = "dev"

// A Verdict is what a run came to.
type Verdict string

// The verdicts.
const (
	Pass    Verdict = "pass"
	Warn    Verdict = "warn"
	Fail    Verdict = "fail"
	Skipped Verdict = "skipped"
)

// Report is the result of a run: docs/report.schema.json describes its form.
// Fields are added within a major version, never changed.
type Report struct {
	Schema      int               `json:"schema"`
	Tool        Tool              `json:"tool"`
	Verdict     Verdict           `json:"verdict"`
	Enforced    bool              `json:"enforced"`
	DurationMS  int64             `json:"duration_ms"`
	Identity    IdentityReport    `json:"identity"`
	Targets     []TargetReport    `json:"targets"`
	Findings    []Finding         `json:"findings"`
	Steps       []Step            `json:"steps"`
	Environment EnvironmentReport `json:"environment"`

	// Cancelled says that the run was ended from outside: it proved nothing, and
	// found nothing.
	Cancelled bool `json:"cancelled,omitempty"`
}

// Tool is the program that wrote a report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// IdentityReport is who the run was, and how it is known.
type IdentityReport struct {
	Method    Method     `json:"method"`
	TenantID  string     `json:"tenant_id"`
	ClientID  string     `json:"client_id"`
	ObjectID  string     `json:"object_id"`
	Audience  string     `json:"audience"` // of the access token
	Subject   string     `json:"subject"`  // of the assertion
	Issuer    string     `json:"issuer"`   // of the assertion
	ExpiresOn *time.Time `json:"expires_on"`
	Source    string     `json:"source"` // why this method
	Unused    []string   `json:"unused,omitempty"`

	// AssertionAudience is what the assertion was issued for.
	AssertionAudience string `json:"assertion_audience,omitempty"`
}

// TargetReport is one call and what came of it.
type TargetReport struct {
	Endpoint   string    `json:"endpoint"`
	Deployment string    `json:"deployment"`
	Operation  Operation `json:"operation"`
	Route      Route     `json:"route"`
	APIVersion string    `json:"api_version"`
	URL        string    `json:"url"`
	Verdict    Verdict   `json:"verdict"`
	HTTPStatus int       `json:"http_status"`
	Model      string    `json:"model"`
	RequestID  string    `json:"request_id"`
	Region     string    `json:"region"`
	LatencyMS  int64     `json:"latency_ms"`
	Credential string    `json:"credential"`
	Location   *Location `json:"location,omitempty"`
	Name       string    `json:"name,omitempty"` // what the client's configuration calls it

	// NotCalled says that no request was made for it: the credential was not to
	// be had, its settings are at fault, the time was over, or it would end as
	// one that was called.
	NotCalled bool `json:"not_called,omitempty"`
}

// A Step is one link of the chain and how it went. Its title states a fact: a
// list of steps that went well reads as a proof.
type Step struct {
	Title  string `json:"title"`
	Stage  Stage  `json:"stage"`
	OK     bool   `json:"ok"`
	TookMS int64  `json:"took_ms"`
	Note   string `json:"note,omitempty"`

	// Waiting marks a line of progress, which is shown and not reported.
	Waiting bool `json:"-"`
}

// EnvironmentReport is what the run saw around itself, values that can hold a
// secret excepted.
type EnvironmentReport struct {
	Inputs    map[string]string   `json:"inputs"`    // what filled each input
	Variables map[string]EnvState `json:"variables"` // set or empty; unset ones are absent
	Proxy     string              `json:"proxy,omitempty"`
	CABundle  string              `json:"ca_bundle,omitempty"`
	Cloud     string              `json:"cloud"`
	Authority string              `json:"authority"`
	Scope     string              `json:"scope"`
	Client    string              `json:"client,omitempty"`         // whose credential was checked, when not this program's own
	Version   string              `json:"client_version,omitempty"` // of the client, "" when nobody says
	Event     string              `json:"event,omitempty"`
	Runner    string              `json:"runner,omitempty"`
}

// newReport is a report of which nothing is known yet.
func newReport(cfg *Config) *Report {
	return &Report{Schema: 1, Tool: Tool{"aoai-preflight", version}, Enforced: cfg.Mode != "warn"}
}

// Primary is the finding that leads, nil when there is none above a notice.
func (r *Report) Primary() *Finding {
	if len(r.Findings) > 0 && (r.Findings[0].Severity != SeverityNotice || r.Verdict == Skipped) {
		return &r.Findings[0]
	}
	return nil
}

// ExitCode is 1 for a failure that is enforced, else 0.
func (r *Report) ExitCode() int {
	if r.Verdict == Fail && r.Enforced {
		return 1
	}
	return 0
}

// JSON is the report's file.
func (r *Report) JSON() []byte {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err) // plain data only
	}
	return append(inert.JSON(data), '\n')
}

// settle orders the findings, the graver and then the earlier first, and
// derives the verdict.
func (r *Report) settle() {
	// Lists are lists in the file even when they are empty.
	if r.Targets == nil {
		r.Targets = []TargetReport{}
	}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	if r.Steps == nil {
		r.Steps = []Step{}
	}
	if r.Environment.Variables == nil {
		r.Environment.Variables = map[string]EnvState{}
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(gravity(a.Severity), gravity(b.Severity)), cmp.Compare(a.rank(), b.rank()))
	})
	if r.Verdict == Skipped {
		return
	}
	r.Verdict = Pass
	if r.Cancelled {
		r.Verdict = Fail
		return
	}
	if len(r.Findings) > 0 {
		r.Verdict = verdictOf(r.Findings[0].Severity)
	}
	if slices.ContainsFunc(r.Steps, func(s Step) bool { return !s.OK && !s.Waiting }) {
		r.Verdict = Fail // whatever its finding is
	}
}

func verdictOf(s Severity) Verdict {
	switch s {
	case SeverityError:
		return Fail
	case SeverityWarning:
		return Warn
	}
	return Pass
}

func gravity(s Severity) int {
	return slices.Index([]Severity{SeverityError, SeverityWarning, SeverityNotice}, s)
}

// rank is a finding's place among those of its gravity.
func (f *Finding) rank() int {
	if f.gathered.follows {
		return len(stages)
	}
	return depth(f.Stage)
}

// depth is how far along the chain a stage is: a cause lies before its
// consequences.
func depth(s Stage) int {
	return slices.Index(stages[:], s)
}

var stages = [...]Stage{StageConfig, StageLiteLLM, StageOIDC, StageToken, StageClaims, StageNetwork, StageDataPlane, StageCapacity}
