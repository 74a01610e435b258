package preflight

import (
	"encoding/json"
	"strings"
)

// maxEvent bounds the event payload that is read. GitHub caps webhook payloads
// at 25 MB.
const maxEvent = 26 << 20

// dependabot is the actor of Dependabot's runs.
const dependabot = "dependabot[bot]"

// readJob finds out what kind of run this is. A payload that is missing or
// unreadable leaves the fields that need it false.
func readJob(w World) Job {
	j := Job{
		Actions:      w.getenv("GITHUB_ACTIONS") == "true",
		EventName:    w.getenv("GITHUB_EVENT_NAME"),
		Actor:        w.getenv("GITHUB_ACTOR"),
		Repository:   w.getenv("GITHUB_REPOSITORY"),
		Server:       w.getenv("GITHUB_SERVER_URL"),
		WorkflowRef:  w.getenv("GITHUB_WORKFLOW_REF"),
		JobID:        w.getenv("GITHUB_JOB"),
		Ref:          w.getenv("GITHUB_REF"),
		Hosted:       w.getenv("RUNNER_ENVIRONMENT") == "github-hosted",
		IDTokenURL:   w.getenv("ACTIONS_ID_TOKEN_REQUEST_URL") != "",
		IDTokenToken: w.getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN") != "",
	}
	if !j.Actions {
		return j
	}
	// On these events Dependabot's runs get a read-only token and no Actions
	// secrets. A re-run by somebody else keeps the first actor's privileges.
	// https://docs.github.com/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions
	switch j.EventName {
	case "pull_request", "pull_request_review", "pull_request_review_comment", "push", "create", "deployment", "deployment_status":
		j.Dependabot = j.Actor == dependabot
	case "pull_request_target":
		// Only where the branch that is asked to pull is Dependabot's own.
		j.Dependabot = j.Actor == dependabot && strings.HasPrefix(w.getenv("GITHUB_BASE_REF"), "dependabot/")
	}
	// pull_request_target runs in the base repository's context and is trusted.
	if strings.HasPrefix(j.EventName, "pull_request") && j.EventName != "pull_request_target" {
		j.Fork, j.ForkUnknown = readFork(w.getenv("GITHUB_EVENT_PATH"))
	}
	return j
}

// readFork reports whether the pull request of an event's payload comes from
// another repository than it goes to. A head whose repository is gone was a
// fork's: a branch of the base repository cannot lose it. unknown is true when
// there is no payload that says so.
func readFork(path string) (fork, unknown bool) {
	data, err := readHostFile(path, maxEvent)
	if err != nil {
		return false, true
	}
	return forkIn(data)
}

// forkIn reads an event's payload.
func forkIn(payload []byte) (fork, unknown bool) {
	type repository struct {
		FullName string `json:"full_name"`
		Fork     bool   `json:"fork"`
	}
	var event struct {
		PullRequest *struct {
			Head struct {
				Repo *repository `json:"repo"`
			} `json:"head"`
			Base struct {
				Repo *repository `json:"repo"`
			} `json:"base"`
		} `json:"pull_request"`
	}
	if json.Unmarshal(payload, &event) != nil || event.PullRequest == nil {
		return false, true
	}
	head, base := event.PullRequest.Head.Repo, event.PullRequest.Base.Repo
	switch {
	case head == nil:
		return true, false
	case base == nil || base.FullName == "" || head.FullName == "":
		return head.Fork, false
	}
	return !strings.EqualFold(head.FullName, base.FullName), false
}
