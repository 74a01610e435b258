package azurelab

import (
	"slices"
	"time"
)

// A Job is the step that runs the check: what the workflow gives it.
type Job struct {
	Inputs map[string]string // by input name
	Env    map[string]string
	// FromSecrets names the inputs and variables that the workflow fills with
	// ${{ secrets.… }}. They are empty in a run that GitHub does not trust.
	FromSecrets []string
	Files       map[string]string // of the workspace, by path
	NoCheckout  bool              // the workspace has not even the workflow's file
	Certificate bool              // the job has the application's certificate in a file
}

// A Cluster is a Kubernetes cluster with workload identity. The runner is one
// of its pods and finds a projected service account token in a file.
type Cluster struct {
	Issuer    string
	Subject   string
	Audience  string
	Lifetime  time.Duration
	Unmounted bool // the container does not see the file
}

// jobSecrets are what the runner gives a job besides.
type jobSecrets struct {
	requestToken string // ACTIONS_ID_TOKEN_REQUEST_TOKEN
	runtimeToken string // ACTIONS_RUNTIME_TOKEN
}

// withheld reports whether the value of an input or variable is empty in this
// run because it comes from a secret.
func (w *World) withheld(name string) bool {
	return w.GitHub.untrusted() && slices.Contains(w.Job.FromSecrets, name)
}

// set changes an input; "" removes it, which is the same to an action.
func (j *Job) set(input, value string) {
	if j.Inputs == nil {
		j.Inputs = map[string]string{}
	}
	if value == "" {
		delete(j.Inputs, input)
		return
	}
	j.Inputs[input] = value
}

func (j *Job) setenv(name, value string) {
	if j.Env == nil {
		j.Env = map[string]string{}
	}
	j.Env[name] = value
}
