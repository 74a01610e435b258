package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	const complaint = "ERROR: Could not find a version that satisfies the requirement x (from versions: 1.63.2, 1.63.8, 1.82.6, 1.82.7, 1.83.0)\nERROR: No matching distribution found for x"
	for requirement, want := range map[string]string{
		"litellm==1.63.7": "litellm==1.63.2",
		"litellm==1.0":    "litellm==1.63.2",
		"litellm==1.82.8": "litellm==1.82.6", // not the compromised release
		"openai==1.82.8":  "openai==1.82.7",
		"litellm==2":      "litellm==1.83.0",
	} {
		if got := nearest(requirement, complaint); got != want {
			t.Errorf("nearest(%s) = %s, want %s", requirement, got, want)
		}
	}
	if got := nearest("litellm==1", "ERROR: no index"); got != "" {
		t.Errorf("without a list: %s", got)
	}
}

// TestInstall lets a script stand for pip: it has a1 only, and knows nothing of
// the rest, or it has no network.
func TestInstall(t *testing.T) {
	t.Parallel()
	const script = `#!/bin/sh
case "$*" in
*a==2*) echo 'ERROR: Could not find a version that satisfies the requirement a==2 (from versions: 1)'; echo 'ERROR: No matching distribution found for a==2'; exit 1;;
*b==1*) echo 'ERROR: Could not find a version that satisfies the requirement b==1 (from versions: none)'; echo 'ERROR: No matching distribution found for b==1'; exit 1;;
*c==1*) echo 'WARNING: Retrying (Retry(total=0))'; echo 'ERROR: Could not find a version that satisfies the requirement c==1 (from versions: none)'; echo 'ERROR: No matching distribution found for c==1'; exit 1;;
esac
`
	python := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(python, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	for requirement, want := range map[string]string{"a==1": "", "a==2": "", "b==1": "the index has no release for b==1", "c==1": "the index does not answer"} {
		var notes []string
		err := environment{name: "x", packages: []string{requirement}}.install(t.Context(), python, func(format string, args ...any) { notes = append(notes, fmt.Sprintf(format, args...)) })
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || errors.Is(err, errUnserved) != (requirement == "b==1") {
			t.Errorf("%s: %v, want %q", requirement, err, want)
		}
		if (requirement == "a==2") != slices.Contains(notes, "x: the index does not serve a==2; a==1 is the nearest") {
			t.Errorf("%s: notes %q", requirement, notes)
		}
	}
}

func TestCompromisedAreNeverInstalled(t *testing.T) {
	t.Parallel()
	for _, release := range []string{"litellm==1.82.7", "litellm==1.82.8", "litellm==1.107.0", "litellm[proxy]==1.82.8"} {
		e := environment{name: "stolen", packages: []string{release}}
		if python, err := e.python(t.Context(), t.TempDir(), t.Logf); err == nil {
			t.Errorf("%s is installed at %s", release, python)
		}
	}
}

func TestNoEnvironmentIsCompromised(t *testing.T) {
	t.Parallel()
	for _, e := range environments {
		for _, p := range e.packages {
			if compromised.MatchString(p) {
				t.Errorf("%s has %s", e.name, p)
			}
		}
	}
}
