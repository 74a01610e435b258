// Command act runs the action in a real workflow engine, nektos/act, against the lab, and checks
// what came out of it. Without -examples it is the action on itself (`uses: ./`, world.go) and the
// job's result, the annotation, the outputs, the summary and the report; with it, the workflows of
// examples/ as users have them (example.go). No secret may be in anything that is printed.
//
// It needs a Docker engine and the action's image, already built: the engine's own build would
// have no network where there is no bridge.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func main() {
	var h harness
	flag.StringVar(&h.act, "act", "act", "the workflow engine's `program`")
	flag.StringVar(&h.image, "image", "", "the action's `image`, already built")
	flag.StringVar(&h.jobImage, "job-image", "alpine:3.22", "`image` of the job's own container; it needs a shell")
	flag.BoolVar(&h.examples, "examples", false, "run the workflows of examples/ instead")
	flag.StringVar(&h.only, "only", "", "only the world, or the example, of this `name`")
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
	examples, verbose          bool

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
	if h.examples {
		return h.runExamples(ctx)
	}
	return h.runWorlds(ctx)
}

// checkout makes the workspace of a job: a repository with these files, by their paths in it.
func checkout(ctx context.Context, workspace string, files map[string][]byte) error {
	for name, content := range files {
		name = filepath.Join(workspace, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
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

// engine runs the workflow engine on a workflow of the workspace, in the world of the lab, and
// returns its log and whether the workflow succeeded. It ends the lab.
func (h *harness) engine(ctx context.Context, lab *lab, event, workspace, workflow string, more ...string) (_ log, green bool, _ error) {
	args := []string{event,
		"--workflows", workflow,
		// The workspace as it is: nothing is cloned, and the report can be read afterwards.
		"--bind",
		"--pull=false", "--rebuild=false", "--action-offline-mode",
		"--action-cache-path", filepath.Join(workspace, "..", "cache"), "--no-cache-server",
		// The lab listens on this machine's loopback. The action's container joins the job's.
		"--network", "host",
		"--container-daemon-socket", "-",
		// Also after a failure.
		"--rm",
		// Records and not lines; and unmasked, so that a leak shows here that a mask would hide.
		"--json", "--insecure-secrets",
		"--env", "HTTPS_PROXY=" + lab.proxy,
		"--env", "HTTP_PROXY=" + lab.proxy,
	}
	cmd := exec.CommandContext(ctx, h.act, append(args, more...)...)
	cmd.Dir = workspace
	output, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, false, err
	}
	lab.stop()
	log := parse(output)
	if h.verbose {
		fmt.Print(log)
	}
	return log, err == nil, nil
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
