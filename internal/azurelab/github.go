package azurelab

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// GitHub is the server that runs the workflow, and the run.
type GitHub struct {
	Server       string // https://github.com, or an Enterprise Server's address
	Repository   string // owner/name
	RepositoryID string
	OwnerID      string
	Visibility   string
	Ref          string // of the pushed branch or tag; pull requests have refs of their own
	SHA          string
	Environment  string // of the job, "" for none
	EventName    string
	Fork         bool // the pull request comes from another repository
	Actor        string
	ActorID      string
	Workflow     string // path of the workflow's file
	JobID        string // key of the job in it
	RunID        string

	Permission bool // the job has id-token: write

	// Immutable subjects carry the numbers of owner and repository. They are
	// the default for repositories created since 2026-07-15.
	Immutable bool
	// SubjectTemplate is the customised list of claim keys, nil for GitHub's own.
	SubjectTemplate []string
	// Issuer replaces the issuer that follows from Server: enterprises can have
	// their own path.
	Issuer string
	// IssuerPrivate keeps Entra from fetching the issuer's keys, as on an
	// Enterprise Server that the internet cannot reach.
	IssuerPrivate bool
	TokenLifetime time.Duration
	// Skew is the server's clock minus that of the other services. An
	// Enterprise Server can have a wrong clock of its own.
	Skew time.Duration
}

const gitHubServer = "https://github.com"

func (g *GitHub) enterprise() bool { return g.Server != gitHubServer }

func (g *GitHub) owner() string {
	owner, _, _ := strings.Cut(g.Repository, "/")
	return owner
}

// tokenHost is the host of the OIDC token service.
func (g *GitHub) tokenHost() string {
	if g.enterprise() {
		u, _ := url.Parse(g.Server)
		return canonicalHost(u.Host)
	}
	return "run-actions-1-azure-eastus.actions.githubusercontent.com"
}

// tokenPath is the path of this job's token. The double slash is GitHub's own.
func (g *GitHub) tokenPath() string {
	base := "/73/"
	if g.enterprise() {
		base = "/_services/pipelines"
	}
	return base + "/idtoken/" + guid("orchestration "+g.RunID) + "/" + guid("job "+g.RunID+g.JobID)
}

// tokenURL is ACTIONS_ID_TOKEN_REQUEST_URL.
func (g *GitHub) tokenURL() string {
	return "https://" + g.tokenHost() + g.tokenPath() + "?api-version=2.0"
}

// issuer is the iss claim of the tokens.
func (g *GitHub) issuer() string {
	switch {
	case g.Issuer != "":
		return g.Issuer
	case g.enterprise():
		return g.Server + "/_services/token"
	}
	return "https://token.actions.githubusercontent.com"
}

// pullRequest reports whether the run is about a pull request's merge commit.
func (g *GitHub) pullRequest() bool { return g.EventName == "pull_request" }

// untrusted reports whether GitHub withholds secrets and the ID token from the
// run, whatever its workflow says.
// https://docs.github.com/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions
func (g *GitHub) untrusted() bool {
	switch g.EventName {
	case "pull_request", "pull_request_review", "pull_request_review_comment":
		return g.Fork || g.Actor == dependabot
	case "push", "create", "deployment", "deployment_status":
		return g.Actor == dependabot
	case "pull_request_target":
		// Only where the base is a branch of Dependabot's, which "main" is not.
		return false
	}
	return false
}

const dependabot = "dependabot[bot]"

// ref is the ref of the run.
func (g *GitHub) ref() string {
	if g.pullRequest() {
		return "refs/pull/42/merge"
	}
	return g.Ref
}

// subject is the sub claim.
// https://docs.github.com/actions/concepts/security/openid-connect
func (g *GitHub) subject() string {
	if len(g.SubjectTemplate) > 0 {
		return g.templateSubject()
	}
	repo := g.Repository
	if g.Immutable && !g.enterprise() {
		owner, name, _ := strings.Cut(g.Repository, "/")
		repo = owner + "@" + g.OwnerID + "/" + name + "@" + g.RepositoryID
	}
	return "repo:" + repo + ":" + g.context()
}

// context is the end of the default subject. The environment wins over the
// event, and a colon in its name is escaped.
func (g *GitHub) context() string {
	switch {
	case g.Environment != "":
		return "environment:" + strings.ReplaceAll(g.Environment, ":", "%3A")
	case g.pullRequest():
		return "pull_request"
	}
	return "ref:" + g.ref()
}

func (g *GitHub) templateSubject() string {
	claims := g.runClaims()
	var parts []string
	for _, key := range g.SubjectTemplate {
		switch key {
		case "repo":
			parts = append(parts, "repo:"+g.Repository)
		case "context":
			parts = append(parts, g.context())
		default:
			parts = append(parts, fmt.Sprintf("%s:%v", key, claims[key]))
		}
	}
	return strings.Join(parts, ":")
}

// runClaims are the claims that describe the run.
func (g *GitHub) runClaims() jwt.MapClaims {
	c := jwt.MapClaims{
		"ref":                   g.ref(),
		"ref_type":              "branch",
		"ref_protected":         "false",
		"sha":                   g.SHA,
		"repository":            g.Repository,
		"repository_id":         g.RepositoryID,
		"repository_owner":      g.owner(),
		"repository_owner_id":   g.OwnerID,
		"repository_visibility": g.Visibility,
		"run_id":                g.RunID,
		"run_number":            "10",
		"run_attempt":           "1",
		"runner_environment":    "github-hosted",
		"actor":                 g.Actor,
		"actor_id":              g.ActorID,
		"workflow":              "LLM tests",
		"workflow_ref":          g.workflowRef(),
		"workflow_sha":          g.SHA,
		"job_workflow_ref":      g.workflowRef(),
		"job_workflow_sha":      g.SHA,
		"event_name":            g.EventName,
		"head_ref":              "",
		"base_ref":              "",
	}
	if strings.HasPrefix(g.Ref, "refs/tags/") {
		c["ref_type"] = "tag"
	}
	if g.pullRequest() {
		c["head_ref"], c["base_ref"] = "feature", "main"
	}
	if g.Environment != "" {
		c["environment"] = g.Environment
	}
	return c
}

func (g *GitHub) workflowRef() string {
	return g.Repository + "/" + g.Workflow + "@" + g.ref()
}

// mintIDToken issues the job's ID token. The caller holds w.mu.
func (w *World) mintIDToken(audience string, now time.Time) string {
	g := &w.GitHub
	if audience == "" {
		audience = gitHubServer + "/" + g.owner()
	}
	now = now.Add(g.Skew)
	claims := g.runClaims()
	if w.Runner.SelfHosted {
		claims["runner_environment"] = "self-hosted"
	}
	claims["iss"] = g.issuer()
	claims["sub"] = g.subject()
	claims["aud"] = audience
	claims["jti"] = w.nextID()
	claims["iat"] = now.Unix()
	claims["nbf"] = now.Unix()
	claims["exp"] = now.Add(g.TokenLifetime).Unix()
	return w.mint(sign(githubKey(), claims))
}

// answerGitHub is the OIDC token service. Its refusals are assumed: no public
// text of them was found.
func (w *World) answerGitHub(c *call) *reply {
	refuse := func(status int, message string) *reply {
		return jsonReply(status, map[string]any{"source": "actions-run-service", "statusCode": status, "errorMessage": message})
	}
	switch {
	case c.URL.Path != w.GitHub.tokenPath():
		return refuse(http.StatusNotFound, "route not found")
	case c.Method != http.MethodGet:
		return refuse(http.StatusMethodNotAllowed, "method not allowed")
	case subtle.ConstantTimeCompare([]byte(c.bearer()), []byte(w.secrets.requestToken)) != 1:
		return refuse(http.StatusUnauthorized, "unable to validate the request token")
	case c.URL.Query().Get("api-version") != "2.0" && !strings.Contains(c.Header.Get("Accept"), "api-version=2.0"):
		// LiteLLM drops the query and names the version in Accept, and works.
		return refuse(http.StatusBadRequest, "no api-version")
	}
	token := w.mintIDToken(c.URL.Query().Get("audience"), c.now)
	return jsonReply(http.StatusOK, struct {
		Count int    `json:"count"`
		Value string `json:"value"`
	}{len(token), token})
}
