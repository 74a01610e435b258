package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The examples come with more than the preflight: other actions, and the user's suite. None of it
// is there, and none of it is what is tested; stand-ins take their places.

const signedIn = `name: stand-in
description: Does nothing.
runs:
  using: composite
  steps:
    - run: echo stand-in
      shell: sh
`

// standIns are the actions that examples use, and what the engine takes for them; "" is the action
// that is tested. actions/checkout is missing since the engine has it built in.
var standIns = map[string]string{
	"aoai-preflight/aoai-preflight@v1": "",
	"azure/login@v3":                   signedIn,
	"Azure/setup-azd@v2":               signedIn,
	"hashicorp/setup-terraform@v3":     signedIn,
}

func (h *harness) actionDir(name string) string {
	return filepath.Join(h.dir, "actions", strings.NewReplacer("/", "+", "@", "+").Replace(name))
}

// actions writes the stand-ins. The action itself is as a release has it, with an image that is
// named and not built.
func (h *harness) actions() error {
	action, err := os.ReadFile("action.yml")
	if err != nil {
		return err
	}
	released := strings.Replace(string(action), "\n  image: Dockerfile\n", "\n  image: docker://"+h.image+"\n", 1)
	for name, content := range standIns {
		if content == "" {
			content = released
		}
		if err := os.MkdirAll(h.actionDir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(h.actionDir(name), "action.yml"), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// suiteFails is a file of the workspace: with it the suite fails and says what is in it.
const suiteFails = ".suite-fails"

// program stands for every program that examples run, by the name that it is called by.
const program = `#!/bin/sh
case "${0##*/} $*" in
  pytest*)
    if [ -f ` + suiteFails + ` ]; then cat ` + suiteFails + `; exit 1; fi ;;
  'azd env get-value AZURE_OPENAI_ENDPOINT' | 'terraform output -raw openai_endpoint')
    echo "$LAB_ENDPOINT" ;;
  'azd env get-value AZURE_OPENAI_DEPLOYMENT')
    echo chat ;;
esac
`

// programs is a folder with what runs outside of containers too.
func (h *harness) programs() string { return filepath.Join(h.dir, "programs") }

// writePrograms writes the stand-ins for these programs.
func writePrograms(dir string, names ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(program), 0o755); err != nil {
			return err
		}
	}
	return nil
}

// buildJobImage builds the image of the examples' jobs on top of the job image: bash, which the
// base has not, and the programs.
func (h *harness) buildJobImage(ctx context.Context) (string, error) {
	// A name of this run: the engine may be shared.
	name := fmt.Sprintf("aoai-preflight:examples-%d", os.Getpid())
	dir := filepath.Join(h.dir, "image")
	err := errors.Join(
		writePrograms(filepath.Join(dir, "usr", "local", "bin"), "pytest", "pip", "npx", "azd", "terraform", "litellm", "curl"),
		writePrograms(h.programs(), "pytest", "pip"))
	if err != nil {
		return "", err
	}
	// This machine's bash with its libraries, where its loader looks for them.
	bash, err := exec.LookPath("bash")
	if err != nil {
		return "", err
	}
	libraries, err := exec.CommandContext(ctx, "ldd", bash).Output()
	if err != nil {
		return "", err
	}
	files := map[string]string{"/bin/bash": bash}
	for field := range strings.FieldsSeq(string(libraries)) {
		if filepath.IsAbs(field) {
			files[field] = field
		}
	}
	for to, from := range files {
		content, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		to = filepath.Join(dir, to)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, content, 0o755); err != nil {
			return "", err
		}
	}
	dockerfile := "FROM " + h.jobImage + "\nCOPY . /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n"
	if err := os.WriteFile(filepath.Join(h.dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		return "", err
	}
	return name, command(ctx, "", "docker", "build", "--quiet", "--tag", name, "--file", filepath.Join(h.dir, "Dockerfile"), dir)
}
