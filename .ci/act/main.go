// Command act runs the action in a real workflow engine, nektos/act, with `uses: ./`, against the
// lab, and checks what came out of the container: the job's result, the annotation, the outputs,
// the summary, the report, and that no secret is in any of them.
//
// It needs a Docker engine and the action's image, already built: the engine's own build would
// have no network where there is no bridge.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// actImage is the name under which act looks for the image of `uses: ./`.
const actImage = "act-dockeraction:latest"

// A run is the workflow in one world of the lab, and what must come of it.
type run struct {
	world     string
	outcome   string // of the step, which is also the job's
	verdict   string
	diagnosis string // also in the title of the only ::error; there is none without
}

var runs = []run{
	{world: "healthy", outcome: "success", verdict: "pass"},
	{world: "no-role", outcome: "failure", verdict: "fail", diagnosis: "aoai-rbac-missing-data-action"},
}

func main() {
	var h harness
	flag.StringVar(&h.act, "act", "act", "the workflow engine's `program`")
	flag.StringVar(&h.image, "image", "", "the action's `image`, already built")
	flag.StringVar(&h.jobImage, "job-image", "alpine:3.22", "`image` of the job's own container; it needs a shell")
	flag.StringVar(&h.only, "world", "", "only this `world`")
	flag.BoolVar(&h.verbose, "v", false, "print the engine's log of every run, not only of one that went wrong")
	flag.Parse()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	if err := h.main(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type harness struct {
	act, image, jobImage, only string
	verbose                    bool

	dir string // temporary
	lab string // the lab's program
}

func (h *harness) main(ctx context.Context) (err error) {
	if h.dir, err = os.MkdirTemp("", "act"); err != nil {
		return err
	}
	defer os.RemoveAll(h.dir)

	// Built, since the process that `go run` starts is not the lab but its parent.
	h.lab = filepath.Join(h.dir, "lab")
	if err := command(ctx, "", "go", "build", "-o", h.lab, "./demo"); err != nil {
		return err
	}
	if err := command(ctx, "", "docker", "tag", h.image, actImage); err != nil {
		return err
	}
	// The tag only; the image keeps its own name. The engine's time may be over by now.
	defer command(context.WithoutCancel(ctx), "", "docker", "rmi", "--no-prune", actImage)

	var failed error
	for _, r := range runs {
		if h.only != "" && h.only != r.world {
			continue
		}
		started := time.Now()
		if err := h.run(ctx, r); err != nil {
			failed = errors.Join(failed, fmt.Errorf("world %s:\n%w", r.world, err))
			continue
		}
		fmt.Printf("note: %s is %s %s (%.1fs)\n", r.world, r.verdict, r.diagnosis, time.Since(started).Seconds())
	}
	return failed
}

// run runs the workflow once and checks it.
func (h *harness) run(ctx context.Context, r run) error {
	dir := filepath.Join(h.dir, r.world)
	workspace := filepath.Join(dir, "workspace")
	if err := h.checkout(ctx, workspace); err != nil {
		return err
	}
	lab, err := h.serve(ctx, filepath.Join(dir, "lab"), r.world)
	if err != nil {
		return err
	}
	defer lab.stop()
	ca, err := os.ReadFile(filepath.Join(lab.dir, "ca.pem"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(workspace, "lab-ca.pem"), ca, 0o644); err != nil {
		return err
	}

	args := []string{"workflow_dispatch",
		"--workflows", ".github/workflows/preflight.yml",
		"--platform", "ubuntu-latest=" + h.jobImage,
		// The workspace as it is: nothing is cloned, and the report can be read afterwards.
		"--bind",
		"--pull=false", "--rebuild=false", "--action-offline-mode",
		"--action-cache-path", filepath.Join(dir, "cache"), "--no-cache-server",
		// The lab listens on this machine's loopback. The action's container joins the job's.
		"--network", "host",
		"--container-daemon-socket", "-",
		// Also after a failure.
		"--rm",
		// Records and not lines; and unmasked, so that a leak shows here that a mask would hide.
		"--json", "--insecure-secrets",
		"--var", "EXPECT_OUTCOME=" + r.outcome,
		"--var", "EXPECT_VERDICT=" + r.verdict,
		"--var", "EXPECT_DIAGNOSIS=" + r.diagnosis,
		"--env", "HTTPS_PROXY=" + lab.proxy,
		"--env", "HTTP_PROXY=" + lab.proxy,
		// Set by GitHub's runner, but not by this engine.
		"--env", "RUNNER_ENVIRONMENT=github-hosted",
	}
	for _, line := range lab.env {
		// A container has these of its own.
		if name, _, _ := strings.Cut(line, "="); name != "PATH" && name != "HOSTNAME" {
			args = append(args, "--env", line)
		}
	}
	for name, value := range lab.inputs {
		args = append(args, "--var", strings.ToUpper(strings.ReplaceAll(name, "-", "_"))+"="+value)
	}
	cmd := exec.CommandContext(ctx, h.act, args...)
	cmd.Dir = workspace
	output, actErr := cmd.CombinedOutput()
	var exit *exec.ExitError
	if actErr != nil && !errors.As(actErr, &exit) {
		return actErr
	}
	lab.stop()

	log := parse(output)
	if h.verbose {
		fmt.Print(log)
	}
	var wrong problems
	if green := actErr == nil; green != (r.outcome == "success") {
		wrong.add("the engine's exit code: %v", cmd.ProcessState.ExitCode())
	}
	r.check(&wrong, log, workspace, lab)
	if len(wrong) > 0 {
		return fmt.Errorf("%s\nthe log:\n%s", strings.Join(wrong, "\n"), log)
	}
	return nil
}

// check holds what the engine and the lab saw against what should have come of it.
func (r run) check(wrong *problems, log log, workspace string, lab *lab) {
	step := log.of("preflight")
	if got := step.result(); got != r.outcome {
		wrong.add("the step's outcome is %q, want %q", got, r.outcome)
	}
	// The workflow's second step checks outputs and report as a later step sees them.
	if got := log.of("1").result(); got != "success" {
		wrong.add("the step after it: %q", got)
	}

	for name, want := range map[string]string{"verdict": r.verdict, "diagnosis": r.diagnosis, "report": "preflight.json"} {
		if got := step.output(name); got != want {
			wrong.add("output %s is %q, want %q", name, got, want)
		}
	}

	annotations := step.commands("error")
	if r.diagnosis == "" {
		if len(annotations) > 0 {
			wrong.add("unexpected %s", annotations[0].Raw)
		}
	} else {
		if len(annotations) != 1 {
			wrong.add("%d ::error commands, want one", len(annotations))
		}
		for _, a := range annotations {
			// The command as it was printed: the engine's own split of it is not the runner's.
			properties, _, _ := strings.Cut(strings.TrimPrefix(a.Raw, "::error "), "::")
			if _, title, _ := strings.Cut(properties, "title="); !strings.Contains(title, r.diagnosis) {
				wrong.add("the ::error has no title with %q: %s", r.diagnosis, a.Raw)
			}
		}
		if !slices.ContainsFunc(step, func(e entry) bool { return e.Message == "exit with `FAILURE`: 1" }) {
			wrong.add("the container's exit code is not 1")
		}
	}

	summary := step.commands("summary")
	if len(summary) != 1 || !strings.Contains(summary[0].Content, r.diagnosis) {
		wrong.add("the summary does not name %q: %q", r.diagnosis, summary)
	}

	var report struct {
		Schema   int
		Verdict  string
		Findings []struct{ ID, Severity string }
	}
	written, err := os.ReadFile(filepath.Join(workspace, "preflight.json"))
	if err == nil {
		err = json.Unmarshal(written, &report)
	}
	if err != nil {
		wrong.add("the report: %v", err)
	}
	if report.Schema != 1 || report.Verdict != r.verdict {
		wrong.add("the report has schema %d and verdict %q, want 1 and %q", report.Schema, report.Verdict, r.verdict)
	}
	if r.diagnosis != "" && (len(report.Findings) == 0 || report.Findings[0].ID != r.diagnosis) {
		wrong.add("the report's findings are %+v, want %s first", report.Findings, r.diagnosis)
	}

	// The assertion at least has to be masked before anything can print it.
	if len(step.commands("add-mask")) == 0 {
		wrong.add("nothing was masked")
	}
	secrets, err := os.ReadFile(filepath.Join(lab.dir, "secrets"))
	if err != nil || len(lines(secrets)) == 0 {
		wrong.add("the lab names no secrets to look for: %v", err)
	}
	for _, secret := range lines(secrets) {
		for _, e := range log {
			// What a mask hides is the one place where a secret is printed on purpose.
			if e.Command != "add-mask" && e.contains(secret) {
				wrong.add("a secret in the log: %s", strings.ReplaceAll(e.Message, secret, "(the secret)"))
			}
		}
		if bytes.Contains(written, []byte(secret)) {
			wrong.add("a secret in the report")
		}
	}

	calls, err := lab.calls()
	if err != nil {
		wrong.add("the lab's log: %v", err)
	}
	if len(calls) != 1 {
		wrong.add("%d calls to the deployment, want one: %q", len(calls), calls)
	}
}

// checkout makes the workspace of a job: a repository with the action and the workflow.
func (h *harness) checkout(ctx context.Context, workspace string) error {
	for to, from := range map[string]string{
		"action.yml":                      "action.yml",
		".github/workflows/preflight.yml": ".ci/act/preflight.yml",
	} {
		content, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		to = filepath.Join(workspace, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			return err
		}
	}
	// The engine takes GITHUB_REPOSITORY, GITHUB_REF and GITHUB_SHA from git.
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"remote", "add", "origin", "https://github.com/octo-org/evals.git"},
		{"add", "."},
		{"-c", "user.name=ci", "-c", "user.email=ci@example.com", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message=checkout"},
	} {
		if err := command(ctx, workspace, "git", args...); err != nil {
			return err
		}
	}
	return nil
}

// command runs a program that has nothing to say unless it fails.
func command(ctx context.Context, dir, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, output)
	}
	return nil
}

// A lab is a world that is being served.
type lab struct {
	dir    string
	proxy  string
	env    []string // NAME=value: what the job of this world has
	inputs map[string]string

	cmd   *exec.Cmd
	stdin io.Closer
}

// serve starts a world and waits until it answers.
func (h *harness) serve(ctx context.Context, dir, world string) (_ *lab, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	l := &lab{dir: dir}
	l.cmd = exec.CommandContext(ctx, h.lab, "serve", "--listen", "127.0.0.1:0", "--dir", dir, "--for", "10m", world)
	l.cmd.Stderr = os.Stderr
	// It serves until its standard input ends.
	if l.stdin, err = l.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.stop()
		}
	}()
	for said := bufio.NewScanner(stdout); ; {
		if !said.Scan() {
			return nil, fmt.Errorf("the lab ended before it was ready")
		}
		if said.Text() == "ready" {
			break
		}
	}

	var inputs []byte
	for name, read := range map[string]func([]byte){
		"proxy":       func(b []byte) { l.proxy = strings.TrimSpace(string(b)) },
		"env":         func(b []byte) { l.env = lines(b) },
		"inputs.json": func(b []byte) { inputs = b },
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		read(content)
	}
	return l, json.Unmarshal(inputs, &l.inputs)
}

// stop ends the lab, which then writes what was asked of it and every secret that it handed out.
// Ending it twice is harmless.
func (l *lab) stop() {
	l.stdin.Close()
	l.cmd.Wait()
}

// calls are the requests to the deployment's own host that reached the lab.
func (l *lab) calls() ([]string, error) {
	endpoint, err := url.Parse(l.inputs["endpoint"])
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(l.dir, "requests.jsonl"))
	if err != nil {
		return nil, err
	}
	var calls []string
	for _, line := range lines(content) {
		var request struct{ Method, Host, Path string }
		if err := json.Unmarshal([]byte(line), &request); err != nil {
			return nil, err
		}
		if request.Host == endpoint.Hostname() {
			calls = append(calls, request.Method+" "+request.Path)
		}
	}
	return calls, nil
}

func lines(b []byte) []string {
	return slices.DeleteFunc(strings.Split(string(b), "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}

// An entry is a record of the engine's log.
type entry struct {
	Message string `json:"msg"`
	StepID  []string
	Stage   string
	Result  string `json:"stepResult"`
	// Of workflow commands, and of what the engine read out of the command files.
	Command string
	Name    string
	Arg     string
	Raw     string
	Content string
}

func (e entry) contains(secret string) bool {
	return slices.ContainsFunc([]string{e.Message, e.Arg, e.Raw, e.Content}, func(s string) bool { return strings.Contains(s, secret) })
}

type log []entry

func parse(output []byte) log {
	var l log
	for _, line := range lines(output) {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			e = entry{Message: line}
		}
		l = append(l, e)
	}
	return l
}

// of is the log of one step, by its id; a step without one has its number.
func (l log) of(id string) log {
	return slices.DeleteFunc(slices.Clone(l), func(e entry) bool { return e.Stage != "Main" || !slices.Contains(e.StepID, id) })
}

func (l log) commands(name string) log {
	return slices.DeleteFunc(slices.Clone(l), func(e entry) bool { return e.Command != name })
}

func (l log) result() string {
	for _, e := range l {
		if e.Result != "" {
			return e.Result
		}
	}
	return ""
}

func (l log) output(name string) string {
	for _, e := range l.commands("set-output") {
		if e.Name == name {
			return e.Arg
		}
	}
	return ""
}

func (l log) String() string {
	var b strings.Builder
	for _, e := range l {
		b.WriteString(strings.TrimRight(e.Message, "\n") + "\n")
	}
	return b.String()
}

// problems are all that is wrong with a run, not only the first.
type problems []string

func (p *problems) add(format string, args ...any) {
	*p = append(*p, fmt.Sprintf(format, args...))
}
