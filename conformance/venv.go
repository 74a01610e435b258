package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// An environment is an installation of clients, by exact versions.
type environment struct {
	name     string   // litellm-1.63.7
	packages []string // pip's requirements; the first is the client under test
	client   string   // litellm, openai or dspy: what the combinations are of
}

// The environments. LiteLLM is tried with the openai-python of its own time and
// with one that refuses two credentials, since both meet in practice.
var environments = []environment{
	{"litellm-1.63.7", []string{"litellm==1.63.7", "openai==1.66.3", identity}, "litellm"},
	{"litellm-1.67.2", []string{"litellm==1.67.2", "openai==3.54.0", identity}, "litellm"},
	{"litellm-1.81.12", []string{"litellm==1.81.12", "openai==2.20.0", identity}, "litellm"},
	{"litellm-1.110.2", []string{"litellm==1.110.2", "openai==3.57.0", identity}, "litellm"},
	{"openai-1.66.0", []string{"openai==1.66.0", identity}, "openai"},
	{"openai-2.20.0", []string{"openai==2.20.0", identity}, "openai"},
	{"openai-3.57.0", []string{"openai==3.57.0", identity}, "openai"},
	// DSPy requires the extra: unless it is named here, pip looks through every
	// release for one that has it.
	{"dspy-2.6.4", []string{"dspy==2.6.4", "litellm[proxy]==1.63.7", "openai==1.66.3", identity}, "dspy"},
	// LiteLLM's responses() of this time does not work without mcp.
	{"dspy-3.4.1", []string{"dspy==3.4.1", "litellm==1.106.2", "openai==2.54.0", "mcp", identity}, "dspy"},
}

// errUnserved is for a package of which the index has no release.
var errUnserved = errors.New("the index has no release for")

const identity = "azure-identity==1.27.0"

// compromised are releases that must never be installed: they steal
// credentials (OSV MAL-2026-2144), or are said to.
var compromised = regexp.MustCompile(`^litellm(?:\[[^]]*\])?==(1\.82\.[78]|1\.107\.)`)

// python is the interpreter of an environment below dir, which is made first
// when it is not there. It says on notes what it had to do differently.
func (e environment) python(ctx context.Context, dir string, notes func(format string, args ...any)) (string, error) {
	if slices.ContainsFunc(e.packages, compromised.MatchString) {
		return "", fmt.Errorf("%s is a compromised release", e.name)
	}
	at := filepath.Join(dir, e.name)
	python, ready := filepath.Join(at, "bin", "python"), filepath.Join(at, ".ready")
	made := []byte(strings.Join(e.packages, "\n"))
	if has, err := os.ReadFile(ready); err == nil && bytes.Equal(has, made) {
		return python, nil
	}
	// Beside it, and put in its place when it is whole: two runs can share a folder.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	making, err := os.MkdirTemp(dir, e.name+"-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(making)
	if out, err := exec.CommandContext(ctx, "python3", "-m", "venv", making).CombinedOutput(); err != nil {
		return "", fmt.Errorf("python3 -m venv: %w: %s", err, out)
	}
	if err := e.install(ctx, filepath.Join(making, "bin", "python"), notes); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(making, ".ready"), made, 0o600); err != nil {
		return "", err
	}
	if err := os.RemoveAll(at); err != nil {
		return "", err
	}
	return python, os.Rename(making, at)
}

// install installs the environment's packages, or what is nearest to them.
func (e environment) install(ctx context.Context, python string, notes func(format string, args ...any)) error {
	packages := e.packages
	err := pip(ctx, python, packages...)
	for missing := unserved(err); strings.Contains(missing, "=="); missing = unserved(err) {
		i := slices.Index(packages, missing)
		near := nearest(missing, err.Error())
		if i < 0 || near == "" {
			break
		}
		notes("%s: the index does not serve %s; %s is the nearest", e.name, missing, near)
		packages = slices.Clone(packages)
		packages[i] = near
		err = pip(ctx, python, packages...)
	}
	missing := unserved(err)
	switch {
	case missing == "":
	case strings.Contains(err.Error(), "Retrying (") || strings.Contains(err.Error(), "Could not fetch URL"):
		return fmt.Errorf("%s: the index does not answer: %w", e.name, err)
	case strings.Contains(err.Error(), "(from versions: none)"):
		return fmt.Errorf("%s: %w %s", e.name, errUnserved, missing)
	default:
		notes("%s: the index does not serve %s, so that the newest that it serves is installed", e.name, missing)
		err = relaxed(ctx, python, packages, missing)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.name, err)
	}
	return nil
}

// pip installs packages. Only wheels: nothing of a package is run. Python compiles
// what it imports, which is little of what is installed.
func pip(ctx context.Context, python string, args ...string) error {
	all := append([]string{"-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--only-binary", ":all:"}, args...)
	if out, err := exec.CommandContext(ctx, python, all...).CombinedOutput(); err != nil {
		return errors.New(strings.TrimSpace(string(out)))
	}
	return nil
}

var noDistribution = regexp.MustCompile(`No matching distribution found for (\S+)`)

// unserved is the requirement that pip says the index has nothing for.
func unserved(err error) string {
	if err == nil {
		return ""
	}
	if m := noDistribution.FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}

var fromVersions = regexp.MustCompile(`\(from versions: ([^)]*)\)`)

// nearest is the requirement of the served release that is nearest to an exact
// one: the last before it, else the first after it; "" for none.
func nearest(requirement, complaint string) string {
	name, text, _ := strings.Cut(requirement, "==")
	wanted, ok := litellm.ParseVersion(text)
	m := fromVersions.FindStringSubmatch(complaint)
	if !ok || m == nil {
		return ""
	}
	var before, after litellm.Version
	for served := range strings.SplitSeq(m[1], ", ") {
		v, ok := litellm.ParseVersion(served)
		if !ok || compromised.MatchString(name+"=="+served) {
			continue
		}
		if v.Before(wanted) && (before.IsZero() || before.Before(v)) {
			before = v
		}
		if wanted.Before(v) && (after.IsZero() || v.Before(after)) {
			after = v
		}
	}
	switch {
	case !before.IsZero():
		return name + "==" + before.String()
	case !after.IsZero():
		return name + "==" + after.String()
	}
	return ""
}

// relaxed installs a package whose own requirement the index cannot meet: the
// package alone, and then what it requires, with that one without its bound.
func relaxed(ctx context.Context, python string, packages []string, missing string) error {
	if err := pip(ctx, python, "--no-deps", packages[0]); err != nil {
		return err
	}
	name, _, _ := strings.Cut(packages[0], "==")
	out, err := exec.CommandContext(ctx, python, "-c",
		"import sys; from importlib.metadata import requires; print('\\n'.join(r for r in requires(sys.argv[1]) if 'extra ==' not in r))", name).Output()
	if err != nil {
		return err
	}
	loose := regexp.MustCompile(`^[A-Za-z0-9._-]+`).FindString(missing)
	wanted := slices.Clone(packages[1:])
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, loose) {
			line = loose
		}
		if line != "" {
			wanted = append(wanted, line)
		}
	}
	return pip(ctx, python, wanted...)
}
