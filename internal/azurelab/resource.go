package azurelab

import (
	"slices"
	"strings"
	"time"
)

// A Resource is a Cognitive Services account that serves models.
type Resource struct {
	Name     string
	Kind     ResourceKind
	Cloud    Cloud
	TenantID string
	Region   string // eastus
	// Hosts are the resource's own names. Without a custom subdomain there are
	// none, and only keys are accepted, on the region's endpoint.
	Hosts           []string
	CustomSubdomain bool
	KeyAuthDisabled bool
	Keys            []string
	Network         Network
	Deployments     []Deployment
	Roles           []RoleAssignment
	NoV1            bool // the resource has no /openai/v1 yet
	// RejectsVersions answers an api-version that nobody published with 400
	// instead of 404. Both are in public reports.
	RejectsVersions bool
}

// A ResourceKind is the kind of an account.
type ResourceKind string

// The kinds.
const (
	KindOpenAI     ResourceKind = "OpenAI"
	KindAIServices ResourceKind = "AIServices"
)

// Network is who may reach a resource.
type Network struct {
	PublicAccessDisabled bool
	Firewall             bool     // only Allowed
	Allowed              []string // addresses
}

// A RoleAssignment gives a principal a role at the resource.
type RoleAssignment struct {
	PrincipalID string
	RoleID      string
	Since       time.Time // when it takes effect, zero for long ago
}

// A Deployment is a model under a name of the user's.
type Deployment struct {
	Name       string
	Model      string
	Version    string // of the model
	Operations []Operation
	Reasoning  bool
	// Strict is a model of another maker's, whose server takes the parameters
	// of its own interface and no other.
	Strict        bool
	MinAPIVersion string    // on the deployments route
	Since         time.Time // when it can be reached, zero for long ago

	RateLimit *RateLimit
	Filters   bool // the content filter takes every prompt for harmful
	// FiltersAnswers is a content filter that takes every answer for harmful.
	// https://learn.microsoft.com/azure/foundry/openai/concepts/content-filter
	FiltersAnswers bool

	// ThinkingTokens is how many tokens a reasoning model spends before it says
	// anything. When they do not fit, the answer is empty, or an error.
	ThinkingTokens int
	FailsWhenShort bool

	// Refusal is an error that no fact of the lab leads to, nil for none.
	Refusal *ModelRefusal
}

// A ModelRefusal is an answer of a model that the lab does not model.
type ModelRefusal struct {
	Status        int
	Code, Message string
}

// A RateLimit is a quota that is used up.
type RateLimit struct {
	RetryAfter time.Duration
	Times      int // how many calls it refuses, 0 for ever
	Terse      bool
	hits       int
}

// An Operation is what a model can do.
type Operation string

// The operations.
const (
	Chat           Operation = "chat"
	Completions    Operation = "completions"
	Embeddings     Operation = "embeddings"
	Responses      Operation = "responses"
	Images         Operation = "images"
	Speech         Operation = "speech"
	Transcriptions Operation = "transcriptions"
	ListModels     Operation = "models" // of a resource, not of a deployment
)

func (r *Resource) hasHost(host string) bool {
	return r.CustomSubdomain && slices.ContainsFunc(r.Hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// Endpoint is what a user is to give as the resource's endpoint.
func (r *Resource) Endpoint() string {
	if r.CustomSubdomain && len(r.Hosts) > 0 {
		return "https://" + r.Hosts[0]
	}
	return "https://" + r.regionalHost()
}

func (r *Resource) regionalHost() string { return r.Region + "." + r.Cloud.facts().regional }

// regionName is the region as x-ms-region writes it.
func (r *Resource) regionName() string {
	if name, ok := regionNames[r.Region]; ok {
		return name
	}
	return r.Region
}

var regionNames = map[string]string{
	"eastus":        "East US",
	"eastus2":       "East US 2",
	"swedencentral": "Sweden Central",
	"usgovvirginia": "USGov Virginia",
	"chinaeast2":    "China East 2",
}

// Deployment finds a deployment by name; names ignore case.
func (r *Resource) Deployment(name string) *Deployment {
	for i := range r.Deployments {
		if d := &r.Deployments[i]; strings.EqualFold(d.Name, name) {
			return d
		}
	}
	return nil
}

// audiences are what the resource accepts in a token, as its 401 lists them.
func (r *Resource) audiences() []string {
	f := r.Cloud.facts()
	if r.Kind == KindAIServices {
		return []string{f.cognitive, f.foundry}
	}
	return []string{f.cognitive}
}

func (d *Deployment) can(op Operation) bool { return slices.Contains(d.Operations, op) }

// responsesOnly reports whether the model answers on the responses API alone.
func (d *Deployment) responsesOnly() bool {
	return len(d.Operations) == 1 && d.Operations[0] == Responses
}

// modelName is the model with its version, as answers have it.
func (d *Deployment) modelName() string {
	if d.Version == "" {
		return d.Model
	}
	return d.Model + "-" + d.Version
}
