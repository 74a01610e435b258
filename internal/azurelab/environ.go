package azurelab

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// tokenFile is the name of the projected service account token, as AKS mounts it.
const tokenFile = "azure-identity-token"

// layout is where the runner puts things, below one directory. Inside a
// container action the same places are called /github/….
type layout struct{ workspace, temp, home, workflow, commands string }

// Environ writes the files that the job has below dir and returns the whole
// environment that a container action would see: the lists follow the runner's
// GitHubContext and RunnerContext.
func (w *World) Environ(dir string) (map[string]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := layout{
		workspace: filepath.Join(dir, "workspace"),
		temp:      filepath.Join(dir, "runner_temp"),
		home:      filepath.Join(dir, "home"),
		workflow:  filepath.Join(dir, "workflow"),
		commands:  filepath.Join(dir, "file_commands"),
	}
	for _, d := range []string{at.workspace, at.temp, at.home, at.workflow, at.commands} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	env := map[string]string{
		"PATH":           "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME":           at.home,
		"HOSTNAME":       "0a1b2c3d4e5f",
		"CI":             "true",
		"GITHUB_ACTIONS": "true",
	}
	maps.Copy(env, w.gitHubVariables(at))
	maps.Copy(env, w.runnerVariables(at))
	if err := w.writeFiles(at, env); err != nil {
		return nil, err
	}
	if w.AppService != nil {
		app, err := w.AppService.environ()
		if err != nil {
			return nil, err
		}
		maps.Copy(env, app)
	}
	for name, value := range w.Job.Env {
		env[name] = value
		if w.withheld(name) {
			env[name] = ""
		}
	}
	for name, value := range w.Job.Inputs {
		if w.withheld(name) {
			value = ""
		}
		// The runner upper-cases, turns spaces into underscores and keeps hyphens.
		env["INPUT_"+strings.ToUpper(strings.ReplaceAll(name, " ", "_"))] = value
	}
	return env, nil
}

func (w *World) gitHubVariables(at layout) map[string]string {
	g := &w.GitHub
	api := "https://api.github.com"
	if g.enterprise() {
		api = g.Server + "/api/v3"
	}
	refType, refName := "branch", strings.TrimPrefix(strings.TrimPrefix(g.ref(), "refs/heads/"), "refs/pull/")
	if tag, ok := strings.CutPrefix(g.ref(), "refs/tags/"); ok {
		refType, refName = "tag", tag
	}
	v := map[string]string{
		"GITHUB_ACTION":              "__aoai-preflight_aoai-preflight",
		"GITHUB_ACTION_REF":          "v1",
		"GITHUB_ACTION_REPOSITORY":   "aoai-preflight/aoai-preflight",
		"GITHUB_ACTOR":               g.Actor,
		"GITHUB_ACTOR_ID":            g.ActorID,
		"GITHUB_API_URL":             api,
		"GITHUB_BASE_REF":            "",
		"GITHUB_ENV":                 filepath.Join(at.commands, "set_env"),
		"GITHUB_EVENT_NAME":          g.EventName,
		"GITHUB_EVENT_PATH":          filepath.Join(at.workflow, "event.json"),
		"GITHUB_GRAPHQL_URL":         strings.TrimSuffix(api, "/v3") + "/graphql",
		"GITHUB_HEAD_REF":            "",
		"GITHUB_JOB":                 g.JobID,
		"GITHUB_OUTPUT":              filepath.Join(at.commands, "set_output"),
		"GITHUB_PATH":                filepath.Join(at.commands, "add_path"),
		"GITHUB_REF":                 g.ref(),
		"GITHUB_REF_NAME":            refName,
		"GITHUB_REF_PROTECTED":       "false",
		"GITHUB_REF_TYPE":            refType,
		"GITHUB_REPOSITORY":          g.Repository,
		"GITHUB_REPOSITORY_ID":       g.RepositoryID,
		"GITHUB_REPOSITORY_OWNER":    g.owner(),
		"GITHUB_REPOSITORY_OWNER_ID": g.OwnerID,
		"GITHUB_RETENTION_DAYS":      "90",
		"GITHUB_RUN_ATTEMPT":         "1",
		"GITHUB_RUN_ID":              g.RunID,
		"GITHUB_RUN_NUMBER":          "10",
		"GITHUB_SERVER_URL":          g.Server,
		"GITHUB_SHA":                 g.SHA,
		"GITHUB_STATE":               filepath.Join(at.commands, "save_state"),
		"GITHUB_STEP_SUMMARY":        filepath.Join(at.commands, "step_summary"),
		"GITHUB_TRIGGERING_ACTOR":    g.Actor,
		"GITHUB_WORKFLOW":            "LLM tests",
		"GITHUB_WORKFLOW_REF":        g.workflowRef(),
		"GITHUB_WORKFLOW_SHA":        g.SHA,
		"GITHUB_WORKSPACE":           at.workspace,
	}
	if g.pullRequest() {
		v["GITHUB_HEAD_REF"], v["GITHUB_BASE_REF"] = "feature", "main"
	}
	return v
}

func (w *World) runnerVariables(at layout) map[string]string {
	v := map[string]string{
		"RUNNER_OS":             "Linux",
		"RUNNER_ARCH":           "X64",
		"RUNNER_NAME":           "GitHub Actions 1000000001",
		"RUNNER_ENVIRONMENT":    "github-hosted",
		"RUNNER_TOOL_CACHE":     "/opt/hostedtoolcache",
		"RUNNER_TEMP":           at.temp,
		"RUNNER_WORKSPACE":      filepath.Dir(at.workspace),
		"ACTIONS_RUNTIME_URL":   "https://pipelinesghubeus4.actions.githubusercontent.com/73/",
		"ACTIONS_RUNTIME_TOKEN": w.secrets.runtimeToken,
		"ACTIONS_CACHE_URL":     "https://acghubeus1.actions.githubusercontent.com/73/",
		"ACTIONS_RESULTS_URL":   "https://results-receiver.actions.githubusercontent.com/",
	}
	if w.Runner.SelfHosted {
		v["RUNNER_ENVIRONMENT"] = "self-hosted"
		v["RUNNER_NAME"] = "octo-runner-1"
	}
	// The server sends the address only when the job may have a token, and the
	// runner passes both variables or none.
	if w.GitHub.Permission && !w.GitHub.untrusted() {
		v["ACTIONS_ID_TOKEN_REQUEST_URL"] = w.GitHub.tokenURL()
		v["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = w.secrets.requestToken
	}
	return v
}

// writeFiles writes what the variables of env point to, and adds those that
// point to the job's own files.
func (w *World) writeFiles(at layout, env map[string]string) error {
	event, err := w.event()
	if err != nil {
		return err
	}
	files := map[string]string{env["GITHUB_EVENT_PATH"]: event}
	for _, name := range []string{"GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"} {
		files[env[name]] = ""
	}
	if !w.Job.NoCheckout {
		files[filepath.Join(at.workspace, w.GitHub.Workflow)] = w.workflowFile()
	}
	for name, content := range w.Job.Files {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("azurelab: %s is not in the workspace", name)
		}
		files[filepath.Join(at.workspace, name)] = content
	}
	if w.Job.Certificate {
		env["AZURE_CLIENT_CERTIFICATE_PATH"] = filepath.Join(at.temp, "client.pem")
		files[env["AZURE_CLIENT_CERTIFICATE_PATH"]] = jobCertificate().PEM
	}
	if w.Cluster != nil {
		env["AZURE_FEDERATED_TOKEN_FILE"] = filepath.Join(at.temp, tokenFile)
		if !w.Cluster.Unmounted {
			files[env["AZURE_FEDERATED_TOKEN_FILE"]] = w.mintServiceAccountToken(time.Now().Add(w.Skew))
		}
	}
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// mintServiceAccountToken is what the kubelet writes into the projected file.
func (w *World) mintServiceAccountToken(now time.Time) string {
	return w.mint(sign(clusterKey(), jwt.MapClaims{
		"iss": w.Cluster.Issuer,
		"sub": w.Cluster.Subject,
		"aud": []string{w.Cluster.Audience},
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(w.Cluster.Lifetime).Unix(),
	}))
}
