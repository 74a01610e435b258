package azurelab

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// event is the webhook payload that the runner writes to GITHUB_EVENT_PATH, cut
// to the fields that tell one kind of run from another.
func (w *World) event() (string, error) {
	g := &w.GitHub
	payload := map[string]any{
		"repository": g.repository(g.Repository, false),
		"sender":     map[string]any{"login": g.Actor, "id": number(g.ActorID), "type": g.actorType()},
	}
	switch g.EventName {
	case "pull_request", "pull_request_target", "pull_request_review":
		head := g.repository(g.Repository, false)
		if g.Fork {
			head = g.repository("octocat/octo-app", true)
		}
		payload["action"] = "synchronize"
		payload["number"] = 42
		payload["pull_request"] = map[string]any{
			"number": 42,
			"head":   map[string]any{"ref": "feature", "sha": g.SHA, "repo": head},
			"base":   map[string]any{"ref": "main", "repo": g.repository(g.Repository, false)},
			"user":   map[string]any{"login": g.Actor, "type": g.actorType()},
		}
	case "push":
		payload["ref"] = g.Ref
		payload["after"] = g.SHA
		payload["pusher"] = map[string]any{"name": g.Actor}
	case "workflow_dispatch":
		payload["ref"] = g.Ref
		payload["inputs"] = map[string]any{}
		payload["workflow"] = g.Workflow
	}
	b, err := json.MarshalIndent(payload, "", "  ")
	return string(b) + "\n", err
}

func (g *GitHub) repository(name string, fork bool) map[string]any {
	owner, _, _ := strings.Cut(name, "/")
	r := map[string]any{
		"full_name":  name,
		"fork":       fork,
		"private":    g.Visibility != "public",
		"visibility": g.Visibility,
		"owner":      map[string]any{"login": owner},
	}
	if name == g.Repository {
		r["id"] = number(g.RepositoryID)
		r["owner"] = map[string]any{"login": owner, "id": number(g.OwnerID)}
	}
	return r
}

func (g *GitHub) actorType() string {
	if strings.HasSuffix(g.Actor, "[bot]") {
		return "Bot"
	}
	return "User"
}

// number is an id as JSON numbers have it.
func number(id string) json.Number {
	if _, err := strconv.ParseInt(id, 10, 64); err != nil {
		return "0"
	}
	return json.Number(id)
}

// workflowFile is the workflow as it is checked out: what it says agrees with
// the facts of the run.
func (w *World) workflowFile() string {
	var b strings.Builder
	g := &w.GitHub
	fmt.Fprintf(&b, "name: LLM tests\non: [%s]\n\njobs:\n  %s:\n", g.EventName, g.JobID)
	if w.Runner.SelfHosted {
		b.WriteString("    runs-on: [self-hosted, linux]\n")
	} else {
		b.WriteString("    runs-on: ubuntu-24.04\n")
	}
	if g.Environment != "" {
		fmt.Fprintf(&b, "    environment: %s\n", g.Environment)
	}
	b.WriteString("    permissions:\n      contents: read\n")
	if g.Permission {
		b.WriteString("      id-token: write\n")
	}
	b.WriteString("    steps:\n      - uses: actions/checkout@v5\n      - uses: aoai-preflight/aoai-preflight@v1\n")
	w.writeValues(&b, "with", w.Job.Inputs)
	w.writeValues(&b, "env", w.Job.Env)
	b.WriteString("      - run: pytest tests/llm\n")
	return b.String()
}

func (w *World) writeValues(b *strings.Builder, key string, values map[string]string) {
	if len(values) == 0 {
		return
	}
	fmt.Fprintf(b, "        %s:\n", key)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := strconv.Quote(values[name])
		if slices.Contains(w.Job.FromSecrets, name) {
			value = "${{ secrets." + strings.ToUpper(strings.ReplaceAll(name, "-", "_")) + " }}"
		}
		fmt.Fprintf(b, "          %s: %s\n", name, value)
	}
}
