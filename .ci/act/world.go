package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// actImage is the name under which act looks for the image of `uses: ./`.
const actImage = "act-dockeraction:latest"

// A run is preflight.yml in one world of the lab, and what must come of it.
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

func (h *harness) runWorlds(ctx context.Context) error {
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
	const workflow = ".github/workflows/preflight.yml"
	dir := filepath.Join(h.dir, r.world)
	workspace := filepath.Join(dir, "workspace")
	lab, err := h.serve(ctx, filepath.Join(dir, "lab"), r.world)
	if err != nil {
		return err
	}
	defer lab.stop()

	files := map[string][]byte{"lab-ca.pem": lab.ca}
	for to, from := range map[string]string{"action.yml": "action.yml", workflow: ".ci/act/preflight.yml"} {
		if files[to], err = os.ReadFile(from); err != nil {
			return err
		}
	}
	if err := checkout(ctx, workspace, files); err != nil {
		return err
	}

	args := []string{
		"--platform", "ubuntu-latest=" + h.jobImage,
		"--var", "EXPECT_OUTCOME=" + r.outcome,
		"--var", "EXPECT_VERDICT=" + r.verdict,
		"--var", "EXPECT_DIAGNOSIS=" + r.diagnosis,
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
	log, green, err := h.engine(ctx, lab, "workflow_dispatch", workspace, workflow, args...)
	if err != nil {
		return err
	}
	var wrong problems
	if green != (r.outcome == "success") {
		wrong.add("the engine says %t of success", green)
	}
	r.check(&wrong, log, workspace, lab)
	return wrong.err(log)
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
	wrong.leaks(log, lab)
	for _, secret := range lab.secrets() {
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
