package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// An example is a workflow of examples/ in one world of the lab, and what must come of it.
type example struct {
	file, event, world string
	// with are other files of examples/ that belong to it, by their paths in the user's repository.
	with map[string]string

	edit        [2]string // what the workflow has otherwise than in the file: old, new
	noVariables bool      // GitHub hands none to a fork's run
	selfHosted  bool      // the runner is the user's own
	noContainer bool      // the runner is a machine without containers
	suiteFails  string    // what the suite says, which then fails

	verdicts []string          // of every preflight of the run: verdict, or verdict and diagnosis
	jobs     map[string]string // results of the jobs; one that is skipped is not there
}

// rbac is what openai-python says when the principal has no role.
const rbac = `E   openai.AuthenticationError: Error code: 401 - {'error': {'code': 'PermissionDenied', 'message': 'The principal ` + "`8c1b6c0e-2f1d-4d0a-8a53-5b0f6f8a1e27` lacks the required data action `Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action` to perform `POST /openai/deployments/{deployment-id}/chat/completions`" + ` operation.'}}
`

// fine is a single job that succeeds, as most examples have it.
var fine = map[string]string{"suite": "success"}

// Not here: arc-kubernetes.yml, which needs a cluster.
var examples = []example{
	{file: "push.yml", event: "push", world: "healthy", verdicts: []string{"pass"},
		jobs: map[string]string{"preflight": "success", "suite": "success"}},
	// The point of it all: the suite does not start.
	{file: "push.yml", event: "push", world: "no-role", verdicts: []string{"fail aoai-rbac-missing-data-action"},
		jobs: map[string]string{"preflight": "failure"}},
	{file: "fork-pull-requests.yml", event: "pull_request", world: "fork-skipped", verdicts: []string{"skipped oidc-untrusted-pr"},
		jobs: map[string]string{"preflight": "success"}},
	{file: "fork-pull-requests.yml", event: "pull_request", world: "fork-skipped", noVariables: true,
		verdicts: []string{"skipped cfg-secrets-empty-untrusted"}, jobs: map[string]string{"preflight": "success"}},
	{file: "environments.yml", event: "push", world: "healthy", verdicts: []string{"pass", "pass"}, jobs: fine},
	{file: "reusable-caller.yml", event: "push", world: "healthy", with: map[string]string{".github/workflows/reusable.yml": "reusable.yml"},
		verdicts: []string{"pass"}, jobs: map[string]string{"preflight": "success", "suite": "success"}},
	{file: "matrix.yml", event: "push", world: "healthy", verdicts: []string{"pass", "pass", "pass"}, jobs: fine},
	{file: "client-secret.yml", event: "push", world: "client-secret", verdicts: []string{"pass"}, jobs: fine},
	{file: "failure-log.yml", event: "push", world: "healthy", suiteFails: rbac,
		verdicts: []string{"fail aoai-rbac-missing-data-action"}, jobs: map[string]string{"suite": "failure"}},
	{file: "us-government.yml", event: "push", world: "us-government", verdicts: []string{"pass"}, jobs: fine},
	{file: "api-management.yml", event: "push", world: "gateway", verdicts: []string{"pass"}, jobs: fine},
	{file: "self-hosted-managed-identity.yml", event: "push", world: "managed-identity", selfHosted: true, verdicts: []string{"pass"}, jobs: fine},
	{file: "promptfoo.yml", event: "pull_request", world: "healthy", with: map[string]string{"promptfoo/promptfooconfig.yaml": "promptfoo/promptfooconfig.yaml"},
		verdicts: []string{"pass"}, jobs: map[string]string{"evaluate": "success"}},
	{file: "litellm-proxy.yml", event: "push", world: "healthy", with: map[string]string{"litellm/config.yaml": "litellm/config.yaml"},
		verdicts: []string{"pass"}, jobs: fine},
	{file: "dspy.yml", event: "push", world: "healthy", verdicts: []string{"pass"}, jobs: fine},
	{file: "after-azd-up.yml", event: "workflow_dispatch", world: "healthy", verdicts: []string{"pass"},
		jobs: map[string]string{"provision-and-test": "success"}},
	{file: "after-terraform.yml", event: "workflow_dispatch", world: "healthy", verdicts: []string{"pass"},
		jobs: map[string]string{"apply": "success", "preflight": "success", "suite": "success"}},
	{file: "binary.yml", event: "push", world: "healthy", noContainer: true,
		with:     map[string]string{".github/actions/aoai-preflight/action.yml": "binary/action.yml"},
		verdicts: []string{"pass", "pass"}, jobs: fine},
	// The program is not what SHA256SUMS says: it is not run.
	{file: "binary.yml", event: "push", world: "healthy", noContainer: true, edit: [2]string{"version: v1.0.0", "version: v1.0.1"},
		with: map[string]string{".github/actions/aoai-preflight/action.yml": "binary/action.yml"},
		jobs: map[string]string{"suite": "failure"}},
}

// name tells the runs of one file apart.
func (x example) name() string {
	name := strings.TrimSuffix(x.file, ".yml") + "-" + x.world
	if x.noVariables {
		name += "-no-variables"
	}
	if x.edit[0] != "" {
		name += "-edited"
	}
	return name
}

// runExamples runs all of them, two at a time: most of a run is waiting for the engine.
func (h *harness) runExamples(ctx context.Context) error {
	jobImage, err := h.buildJobImage(ctx)
	if err != nil {
		return err
	}
	defer command(context.WithoutCancel(ctx), "", "docker", "rmi", jobImage)
	h.jobImage = jobImage
	if err := h.actions(); err != nil {
		return err
	}
	release, err := h.release(ctx)
	if err != nil {
		return err
	}
	defer release.Close()

	started := time.Now()
	var (
		mu     sync.Mutex
		failed error
		ran    int
		wg     sync.WaitGroup
		slots  = make(chan struct{}, 2)
	)
	do := func(name string, run func() error) {
		if h.only != "" && !strings.HasPrefix(name, h.only) {
			return
		}
		err := run()
		mu.Lock()
		defer mu.Unlock()
		ran++
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("example %s:\n%w", name, err))
		}
	}
	start := func(f func()) {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			f()
		})
	}
	// The runs of one file come one after another: the engine names containers after workflow and job.
	files := map[string][]example{}
	for _, x := range examples {
		files[x.file] = append(files[x.file], x)
	}
	for _, runs := range files {
		start(func() {
			for _, x := range runs {
				do(x.name(), func() error { return h.runExample(ctx, x) })
			}
		})
	}
	start(func() { do("gitlab-ci", func() error { return h.runGitLab(ctx) }) })
	wg.Wait()
	if ran == 0 {
		return fmt.Errorf("no example is called %q", h.only)
	}
	fmt.Printf("note: %d runs of examples (%.0fs)\n", ran, time.Since(started).Seconds())
	return failed
}

// runExample runs one and checks it. The file is as the user has it: what `uses:` names is put in
// its place by the engine.
func (h *harness) runExample(ctx context.Context, x example) error {
	dir := filepath.Join(h.dir, x.name())
	workspace := filepath.Join(dir, "workspace")
	workflow := ".github/workflows/" + x.file
	lab, err := h.serve(ctx, filepath.Join(dir, "lab"), x.world)
	if err != nil {
		return err
	}
	defer lab.stop()

	files := map[string][]byte{"lab-ca.pem": lab.ca, "requirements.txt": nil}
	if x.suiteFails != "" {
		files[suiteFails] = []byte(x.suiteFails)
	}
	from := map[string]string{workflow: x.file}
	maps.Copy(from, x.with)
	for to, name := range from {
		if files[to], err = os.ReadFile(filepath.Join("examples", name)); err != nil {
			return err
		}
	}
	if edited := strings.Replace(string(files[workflow]), x.edit[0], x.edit[1], 1); x.edit[0] != "" {
		if edited == string(files[workflow]) {
			return fmt.Errorf("%s has no %q", x.file, x.edit[0])
		}
		files[workflow] = []byte(edited)
	}
	if err := checkout(ctx, workspace, files); err != nil {
		return err
	}

	log, green, err := h.engine(ctx, lab, x.event, workspace, workflow, h.exampleArgs(x, lab, workspace)...)
	if err != nil {
		return err
	}
	var wrong problems
	jobs := map[string]string{}
	for _, e := range log {
		// Of a matrix, one failure is the job's.
		if e.JobResult != "" && jobs[e.Job] != "failure" {
			jobs[e.Job] = e.JobResult
		}
	}
	if !maps.Equal(jobs, x.jobs) {
		wrong.add("the jobs' results are %v, want %v", jobs, x.jobs)
	}
	if want := !slices.Contains(slices.Collect(maps.Values(x.jobs)), "failure"); green != want {
		wrong.add("the engine says %t of success", green)
	}
	if got := verdicts(log); !slices.Equal(got, x.verdicts) {
		wrong.add("the verdicts are %q, want %q", got, x.verdicts)
	}
	wrong.leaks(log, lab)
	return wrong.err(log)
}

// exampleArgs are the engine's arguments for what GitHub, the runner and the repository's settings
// give a job.
func (h *harness) exampleArgs(x example, lab *lab, workspace string) []string {
	args := []string{"--eventpath", filepath.Join(lab.dir, "job", "workflow", "event.json")}
	environment := "github-hosted"
	if x.selfHosted {
		environment = "self-hosted"
	}
	for _, platform := range []string{"ubuntu-latest=" + h.jobImage, "self-hosted=" + h.jobImage,
		// No container: the machine itself, as there.
		"macos-latest=-self-hosted", "windows-latest=-self-hosted"} {
		args = append(args, "--platform", platform)
	}
	for name := range standIns {
		args = append(args, "--local-repository", name+"="+h.actionDir(name))
	}
	for _, env := range []string{
		"RUNNER_ENVIRONMENT=" + environment,
		// The proxy's authority, as a machine behind a proxy has it.
		"SSL_CERT_FILE=" + filepath.Join(workspace, "lab-ca.pem"),
		"LAB_ENDPOINT=" + lab.inputs["endpoint"],
		"CURL_HOME=" + h.dir,
	} {
		args = append(args, "--env", env)
	}
	if x.noContainer {
		args = append(args, "--bind=false", "--env", "PATH="+h.programs()+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	for _, line := range lab.env {
		name, value, _ := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(name, "ACTIONS_ID_TOKEN_"):
			args = append(args, "--env", line)
		case name == "AZURE_CLIENT_SECRET":
			args = append(args, "--secret", name+"="+value)
		}
	}
	if key := lab.inputs["subscription-key"]; key != "" {
		args = append(args, "--secret", "APIM_SUBSCRIPTION_KEY="+key)
	}
	if x.noVariables {
		return args
	}
	host := strings.TrimPrefix(lab.inputs["endpoint"], "https://")
	for name, value := range map[string]string{
		"AZURE_OPENAI_ENDPOINT": lab.inputs["endpoint"],
		"AZURE_OPENAI_HOST":     host,
		"APIM_HOST":             host,
		"AZURE_TENANT_ID":       lab.inputs["tenant-id"],
		"AZURE_CLIENT_ID":       lab.inputs["client-id"],
	} {
		args = append(args, "--var", name+"="+value)
	}
	return args
}

// verdicts are those of all preflights in the log, with their diagnoses.
func verdicts(l log) []string {
	type preflight struct{ verdict, diagnosis string }
	steps := map[string]*preflight{}
	for _, e := range l.commands("set-output") {
		// A job of a matrix has a name of its own, but not an id. The first id is that of the job's
		// step; a composite action repeats the outputs of the steps within.
		step := e.JobName + " " + e.StepID[0]
		if steps[step] == nil {
			steps[step] = new(preflight)
		}
		switch e.Name {
		case "verdict":
			steps[step].verdict = e.Arg
		case "diagnosis":
			steps[step].diagnosis = e.Arg
		}
	}
	var all []string
	for _, s := range steps {
		if s.verdict != "" {
			all = append(all, strings.TrimSpace(s.verdict+" "+s.diagnosis))
		}
	}
	slices.Sort(all)
	return all
}
