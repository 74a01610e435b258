package main

import "testing"

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

func TestCompromisedAreNeverInstalled(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.82.7", "1.82.8", "1.107.0"} {
		e := environment{name: "litellm-" + version, packages: []string{"litellm==" + version}}
		if python, err := e.python(t.Context(), t.TempDir(), t.Logf); err == nil {
			t.Errorf("%s is installed at %s", version, python)
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
