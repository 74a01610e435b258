package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.yaml.in/yaml/v3"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// A plan is what setup --format json prints.
type plan struct {
	Repository, Server, Issuer, Audience, Cloud, Identity, Name, Endpoint, Deployment string

	Credentials []struct{ Name, Subject, For string }
	SignIn      []string `json:"sign_in"`
	Commands    []string
	Script      string
	Store       []string
	Workflow    string
	Notes       []string
}

// noNetwork is the transport of a command that asks nobody.
type noNetwork struct{ t *testing.T }

func (n noNetwork) RoundTrip(r *http.Request) (*http.Response, error) {
	n.t.Errorf("setup sent a request to %s", r.URL.Host)
	return nil, errors.New("no network")
}

// setup runs the command in an environment.
func setup(t *testing.T, env map[string]string, args ...string) (exit int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	exit = preflight.Main(context.Background(), preflight.World{
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Transport: noNetwork{t}, Stdout: &out, Stderr: &errs, Stdin: strings.NewReader(""),
	}, append([]string{"setup"}, args...))
	return exit, out.String(), errs.String()
}

// planOf is the plan for a good command line, which the text prints as well.
func planOf(t *testing.T, env map[string]string, args ...string) (p plan) {
	t.Helper()
	exit, out, errs := setup(t, env, append(args, "--format", "json")...)
	if exit != 0 {
		t.Fatalf("setup %q: exit code %d\n%s", args, exit, errs)
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err)
	}
	_, text, _ := setup(t, env, args...)
	for _, part := range append([]string{strings.Join(p.SignIn, "\n"), p.Script, strings.Join(p.Store, "\n"), p.Workflow}, p.Notes...) {
		if !strings.Contains(text, part) {
			t.Errorf("the text has not\n%s\nbut\n%s", part, text)
		}
	}
	return p
}

// useWorkflow gives the job what a printed workflow gives it: the inputs of the
// job with the run's environment, with the variables that were stored.
func useWorkflow(t *testing.T, w *azurelab.World, text string, variables map[string]string) {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Environment string
			Permissions map[string]string
			Steps       []struct {
				Uses string
				With map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(text), &workflow); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for id, job := range workflow.Jobs {
		if job.Environment != w.GitHub.Environment {
			continue
		}
		step := job.Steps[len(job.Steps)-1]
		if step.Uses != "aoai-preflight/aoai-preflight@v1" {
			t.Errorf("the step uses %q", step.Uses)
		}
		w.GitHub.JobID, w.GitHub.Permission = id, job.Permissions["id-token"] == "write"
		w.Job.Inputs = map[string]string{}
		for name, value := range step.With {
			if inner, ok := strings.CutPrefix(value, "${{ vars."); ok {
				value = variables[strings.TrimSuffix(inner, " }}")]
			}
			w.Job.Inputs[name] = value
		}
		return
	}
	t.Fatalf("no job of the workflow has the environment %q:\n%s", w.GitHub.Environment, text)
}

// environOf is the job's environment.
func environOf(t *testing.T, w *azurelab.World) map[string]string {
	t.Helper()
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name := range env {
		if strings.HasPrefix(name, "INPUT_") {
			delete(env, name)
		}
	}
	return env
}

const setupEndpoint = "https://octo-aoai.openai.azure.com"

// setupWorlds are empty worlds, each with the run and the flags for it.
var setupWorlds = []struct {
	name    string
	change  func(*azurelab.World)
	args    []string
	subject string
}{
	{"branch", func(*azurelab.World) {}, nil, "repo:octo-org/octo-app:ref:refs/heads/main"},
	{"other branch", func(w *azurelab.World) { w.GitHub.Ref = "refs/heads/feature/c++#1's" }, []string{"--subject", "branch:main", "--subject", "branch:feature/c++#1's"},
		"repo:octo-org/octo-app:ref:refs/heads/feature/c++#1's"},
	{"tag", func(w *azurelab.World) { w.GitHub.Ref = "refs/tags/v1" }, []string{"--subject", "tag:v1"}, "repo:octo-org/octo-app:ref:refs/tags/v1"},
	{"environment", func(w *azurelab.World) { w.GitHub.Environment = "prod" }, []string{"--subject", "branch:main,environment:prod"}, "repo:octo-org/octo-app:environment:prod"},
	{"environment alone", func(w *azurelab.World) { w.GitHub.Environment = `EU: prod "west"` }, []string{"--subject", `environment:EU: prod "west"`},
		`repo:octo-org/octo-app:environment:EU%3A prod "west"`},
	{"pull request", func(w *azurelab.World) { w.GitHub.EventName = "pull_request" }, []string{"--subject", "branch:main,pull-request"}, "repo:octo-org/octo-app:pull_request"},
	{"immutable", func(w *azurelab.World) { w.GitHub.Immutable = true }, []string{"--repository-id", "74", "--owner-id", "65"}, "repo:octo-org@65/octo-app@74:ref:refs/heads/main"},
	{"immutable environment", func(w *azurelab.World) { w.GitHub.Immutable, w.GitHub.Environment = true, "prod" },
		[]string{"--repository-id", "74", "--owner-id", "65", "--subject", "environment:prod"}, "repo:octo-org@65/octo-app@74:environment:prod"},
	{"immutable pull request", func(w *azurelab.World) { w.GitHub.Immutable, w.GitHub.EventName = true, "pull_request" },
		[]string{"--repository-id", "74", "--owner-id", "65", "--subject", "pull_request"}, "repo:octo-org@65/octo-app@74:pull_request"},
	{"tenant given", func(*azurelab.World) {}, []string{"--tenant-id", azurelab.Healthy().Tenants[0].ID}, "repo:octo-org/octo-app:ref:refs/heads/main"},
	{"resource given", func(w *azurelab.World) { w.Resources[0].Name = "octo-account" }, []string{"--resource", "octo-account", "--resource-group", "octo"}, "repo:octo-org/octo-app:ref:refs/heads/main"},
	{"server", func(w *azurelab.World) { w.GitHub.Server = "https://github.octo.example" }, []string{"--server", "https://github.octo.example"}, "repo:octo-org/octo-app:ref:refs/heads/main"},
	{"US Government", func(w *azurelab.World) {
		w.Tenants[0].Cloud, w.Resources[0].Cloud, w.Resources[0].Hosts = azurelab.USGov, azurelab.USGov, []string{"octo-aoai.openai.azure.us"}
	}, []string{"--endpoint", "https://octo-aoai.openai.azure.us"}, "repo:octo-org/octo-app:ref:refs/heads/main"},
	{"all at once", func(w *azurelab.World) { w.GitHub.Environment = "staging" }, []string{"--subject", "branch:main,tag:v1,pull-request,environment:prod,environment:staging", "--name", "octo-tests"},
		"repo:octo-org/octo-app:environment:staging"},
}

// TestSetup: the printed commands, applied to an empty world, and the printed
// workflow's inputs give a green check that was red before, for every kind of
// run and both kinds of identity.
func TestSetup(t *testing.T) {
	t.Parallel()
	for _, c := range setupWorlds {
		for _, identity := range []string{"app", "managed"} {
			t.Run(c.name+" "+identity, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := azurelab.Empty()
					c.change(w)
					args := append([]string{"--endpoint", setupEndpoint, "--deployment", "chat", "--identity", identity}, c.args...)
					if identity == "managed" {
						args = append(args, "--resource-group", "octo")
					}
					p := planOf(t, environOf(t, w), args...)
					useWorkflow(t, w, p.Workflow, nil)
					if o := perform(t, w, nil); o.outputs["verdict"] != "fail" {
						t.Fatalf("before the set-up the verdict is %q", o.outputs["verdict"])
					}
					console := w.Console()
					// Twice: what is there already is no failure and not made again.
					for _, script := range []string{strings.Join(p.SignIn, "\n"), p.Script, p.Script, strings.Join(p.Store, "\n")} {
						if _, err := console.Run(script); err != nil {
							t.Fatalf("%v\nin\n%s", err, script)
						}
					}
					useWorkflow(t, w, p.Workflow, console.Stored)
					o := perform(t, w, nil)
					if o.exit != 0 || o.outputs["verdict"] != "pass" {
						t.Errorf("after the set-up the verdict is %q, %q\n%s\n%s", o.outputs["verdict"], o.outputs["diagnosis"], p.Script, o.stdout)
					}
					if got := o.report.Identity.Subject; got != c.subject {
						t.Errorf("the run presents the subject %q, want %q", got, c.subject)
					}
					federated := federatedOf(w)
					if len(federated) != len(p.Credentials) || len(w.Resources[0].Roles) != 1 || len(w.Tenants[0].Apps)+len(w.Managed) != 1 {
						t.Errorf("there are %d credentials, %d roles, %d identities", len(federated), len(w.Resources[0].Roles), len(w.Tenants[0].Apps)+len(w.Managed))
					}
				})
			})
		}
	}
}

func federatedOf(w *azurelab.World) []azurelab.Federated {
	var all []azurelab.Federated
	for _, a := range w.Tenants[0].Apps {
		all = append(all, a.Federated...)
	}
	for _, m := range w.Managed {
		all = append(all, m.Federated...)
	}
	return all
}

// TestSetupNeedsEveryCommand: without any one of the commands that create
// something, the script fails or the check stays red.
func TestSetupNeedsEveryCommand(t *testing.T) {
	t.Parallel()
	for identity, want := range map[string][]string{
		"app":     {"Request_BadRequest", "needs --assignee-object-id", "oidc-subject-mismatch", "aoai-rbac-missing-data-action"},
		"managed": {"ResourceNotFound", "oidc-subject-mismatch", "aoai-rbac-missing-data-action"},
	} {
		t.Run(identity, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := planOf(t, environOf(t, azurelab.Empty()), "--endpoint", setupEndpoint, "--deployment", "chat", "--identity", identity, "--resource-group", "octo")
				var got []string
				for i, line := range p.Commands {
					if !strings.Contains(line, " create ") {
						continue
					}
					w := azurelab.Empty()
					console := w.Console()
					rest := slices.Delete(slices.Clone(p.Commands), i, i+1)
					_, err := console.Run(strings.Join(append(rest, p.Store...), " &&\n"))
					if err != nil {
						got = append(got, err.Error())
						continue
					}
					useWorkflow(t, w, p.Workflow, console.Stored)
					got = append(got, perform(t, w, nil).outputs["diagnosis"])
				}
				if !slices.EqualFunc(got, want, strings.Contains) {
					t.Errorf("without one of the commands: %q, want %q", got, want)
				}
			})
		})
	}
}

// TestSetupStopsEarly: in the wrong tenant or subscription nothing is created.
func TestSetupStopsEarly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"tenant":   {[]string{"--tenant-id", "00000000-0000-4000-8000-000000000001"}, "az is signed in to the tenant"},
		"resource": {[]string{"--endpoint", "https://fabrikam.openai.azure.com"}, "no resource with the subdomain fabrikam"},
		"group":    {[]string{"--resource", "octo-aoai", "--resource-group", "elsewhere"}, "ResourceNotFound"},
	} {
		w := azurelab.Empty()
		p := planOf(t, environOf(t, w), append([]string{"--endpoint", setupEndpoint, "--deployment", "chat"}, c.args...)...)
		_, err := w.Console().Run(p.Script)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if len(w.Tenants[0].Apps) > 0 {
			t.Errorf("%s: an application was created", name)
		}
	}
}

// TestSetupRepository: the repository comes from the flag, the run, or the
// origin of the checkout, whose address is never shown.
func TestSetupRepository(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ origin, server, want string }{
		{"https://github.com/octo-org/octo-app.git", "", "octo-org/octo-app"},
		{"https://github.com/octo-org/octo-app", "", "octo-org/octo-app"},
		{"https://x-access-token:hush@github.com/octo-org/octo-app/", "", "octo-org/octo-app"},
		{"git@github.com:octo-org/octo-app.git", "", "octo-org/octo-app"},
		{"ssh://git@ssh.github.com:443/octo-org/octo-app.git", "", "octo-org/octo-app"},
		{"git@github.octo.example:octo-org/octo-app.git", "https://github.octo.example", "octo-org/octo-app"},
		{"https://u:hush@gitlab.example/octo-org/octo-app.git", "", ""},
		{"https://u:hush@github.com/only-one", "", ""},
		{"../hush/octo-app", "", ""},
		{"", "", ""},
	} {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil {
			t.Fatal(err)
		}
		config := "[core]\n\tbare = false\n[remote \"upstream\"]\n\turl = https://github.com/other/one\n[remote \"origin\"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\turl = " + c.origin + "\n"
		if err := os.WriteFile(filepath.Join(dir, ".git", "config"), []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		env := map[string]string{"GITHUB_WORKSPACE": dir}
		args := []string{"--endpoint", setupEndpoint, "--deployment", "chat", "--server", c.server}
		if c.want != "" {
			if p := planOf(t, env, args...); p.Repository != c.want {
				t.Errorf("%s: repository %q", c.origin, p.Repository)
			}
			continue
		}
		exit, out, errs := setup(t, env, args...)
		if exit != 2 || !strings.Contains(errs, "repository") || strings.Contains(out+errs, "hush") {
			t.Errorf("%s: exit code %d, %s", c.origin, exit, errs)
		}
	}
}

// TestSetupMisuse: bad input is named with its value and with what is allowed,
// and the exit code is 2.
func TestSetupMisuse(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		`--endpoint is not given; allowed: scheme and host`:                                     {"--endpoint", ""},
		`--endpoint "octo-aoai.openai.azure.com" has no scheme; did you mean https://octo-aoai`: {"--endpoint", "octo-aoai.openai.azure.com"},
		`is the region's endpoint, which takes no token`:                                        {"--endpoint", "https://eastus.api.cognitive.microsoft.com"},
		`--resource is not given; allowed: the name of the resource behind llm.octo.example`:    {"--endpoint", "https://llm.octo.example"},
		`--deployment is not given`:                                                             {"--deployment", ""},
		`--deployment "$(id)" holds`:                                                            {"--deployment", "$(id)"},
		`--tenant-id "nonsense" is not a GUID`:                                                  {"--tenant-id", "nonsense"},
		`--cloud "mars" is not a cloud; allowed: public, usgov, china`:                          {"--cloud", "mars"},
		`--cloud "usgov" is not the cloud of the endpoint, which is public`:                     {"--cloud", "usgov"},
		`--repository "octo" is not a repository; allowed: OWNER/NAME`:                          {"--repository", "octo"},
		`--repository "octo/$(id)" is not a repository`:                                         {"--repository", "octo/$(id)"},
		`--server "http://github.example" is not a server's address; allowed: https`:            {"--server", "http://github.example"},
		`--subject "main" is not a kind of subject; allowed: branch:NAME, tag:NAME`:             {"--subject", "main"},
		`--subject "branch:" names no branch`:                                                   {"--subject", "branch:"},
		`--subject "branch:refs/heads/x" names a whole ref; write branch:x`:                     {"--subject", "branch:refs/heads/x"},
		`--subject "branch:release/*" has a wildcard`:                                           {"--subject", "branch:release/*"},
		`--subject "branch:a b" has a name that no branch can have`:                             {"--subject", "branch:a b"},
		`--subject "environment:${{ x }}" has a name that no environment can have here`:         {"--subject", "environment:${{ x }}"},
		`--subject "pull-request:42" names something behind pull-request`:                       {"--subject", "pull-request:42"},
		`--subject is empty`: {"--subject", ","},
		`--identity "user" is not a kind of identity that setup creates; allowed: app, managed`: {"--identity", "user"},
		`--resource-group is not given; allowed: the resource group for the managed identity`:   {"--identity", "managed"},
		`--resource-group is not given; allowed: the resource group of --resource octo`:         {"--resource", "octo"},
		`--resource-group "-x" is not a resource group's name`:                                  {"--resource-group", "-x"},
		`--endpoint is not given, and --resource octo_aoai is no name that a host can have`:     {"--resource", "octo_aoai", "--resource-group", "x", "--endpoint", ""},
		`--resource "a'b" is not a resource's name`:                                             {"--resource", "a'b", "--resource-group", "x"},
		`--name "it's" is not a name for it; allowed: 1 to 120`:                                 {"--name", "it's"},
		`--name "a b" is not a name for it; allowed: 3 to 128`:                                  {"--name", "a b", "--identity", "managed", "--resource-group", "octo"},
		`--repository-id is not given; an immutable subject has both numbers`:                   {"--owner-id", "65"},
		`--owner-id "six" is not an id of GitHub's`:                                             {"--owner-id", "six", "--repository-id", "1"},
		`a GitHub Enterprise Server has no immutable subjects`:                                  {"--owner-id", "6", "--repository-id", "1", "--server", "https://github.octo.example"},
		`--format is "yaml"; allowed: text, json`:                                               {"--format", "yaml"},
		`flag provided but not defined: -colour`:                                                {"--colour", "red"},
		`"extra" is not a flag`:                                                                 {"extra"},
	} {
		exit, out, errs := setup(t, nil, append([]string{"--repository", "octo-org/octo-app", "--endpoint", setupEndpoint, "--deployment", "chat"}, args...)...)
		if exit != 2 || out != "" || !strings.Contains(errs, want) {
			t.Errorf("%q: exit code %d, printed %q and\n%swant %s", args, exit, out, errs, want)
		}
	}
	twenty := strings.Repeat("tag:v", 21)
	for i := range 21 {
		twenty = strings.Replace(twenty, "tag:v", "tag:w"+string(rune('a'+i))+",", 1)
	}
	if exit, _, errs := setup(t, nil, "--repository", "o/r", "--endpoint", setupEndpoint, "--deployment", "chat", "--subject", twenty); exit != 2 || !strings.Contains(errs, "lists 21 subjects") {
		t.Errorf("21 subjects: exit code %d, %s", exit, errs)
	}
}

// TestSetupStoresNothingEmpty: where the script has failed and the ids are not
// there, the shell says so. gh would ask for an empty value, or read the rest of
// what was pasted.
func TestSetupStoresNothingEmpty(t *testing.T) {
	t.Parallel()
	w := azurelab.Empty()
	p := planOf(t, environOf(t, w), "--endpoint", setupEndpoint, "--deployment", "chat")
	if len(p.Store) != 2 {
		t.Fatalf("the ids are stored by %q", p.Store)
	}
	for _, line := range p.Store {
		console := w.Console()
		if _, err := console.Run(line); err == nil || !strings.Contains(err.Error(), "has not set it") || len(console.Calls) > 0 {
			t.Errorf("%s\nran %v, error %v", line, console.Calls, err)
		}
	}
}

// TestSetupAfterAnotherCredential: a credential for the subject that has another
// name, like one that a finding's command made, is taken as it is.
func TestSetupAfterAnotherCredential(t *testing.T) {
	t.Parallel()
	for _, identity := range []string{"app", "managed"} {
		t.Run(identity, func(t *testing.T) {
			t.Parallel()
			w := azurelab.Empty()
			p := planOf(t, environOf(t, w), "--endpoint", setupEndpoint, "--deployment", "chat", "--identity", identity, "--resource-group", "octo")
			console := w.Console()
			for _, script := range []string{strings.ReplaceAll(p.Script, p.Credentials[0].Name, "made-before"), p.Script} {
				if _, err := console.Run(script); err != nil {
					t.Fatalf("%v\nin\n%s", err, script)
				}
			}
			if n := len(federatedOf(w)); n != 1 {
				t.Errorf("there are %d credentials", n)
			}
		})
	}
}

// TestSetupNumbersJobs: an environment has a job of its own, the first of them too.
func TestSetupNumbersJobs(t *testing.T) {
	t.Parallel()
	for subjects, want := range map[string][]string{
		"environment:a,environment:b": {"preflight", "preflight-2"},
		"branch:main,environment:a":   {"preflight", "preflight-2"},
		"branch:main,pull-request":    {"preflight"},
	} {
		p := planOf(t, nil, "--repository", "octo-org/octo-app", "--endpoint", setupEndpoint, "--deployment", "chat", "--subject", subjects)
		var ids []string
		for line := range strings.Lines(p.Workflow) {
			if id, ok := strings.CutSuffix(strings.TrimRight(line, "\n"), ":"); ok && strings.HasPrefix(id, "  preflight") {
				ids = append(ids, strings.TrimSpace(id))
			}
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: got the jobs %v, want %v", subjects, ids, want)
		}
	}
}
