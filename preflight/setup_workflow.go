package preflight

import (
	"encoding/json"
	"fmt"
	"strings"
)

// workflowPath is where the workflow of a set-up belongs.
const workflowPath = ".github/workflows/llm-preflight.yml"

// workflow is the workflow to paste: triggers and environments follow from the
// subjects. An environment takes the place of the ref in the subject, so it
// gets a job of its own.
func (p *setupPlan) workflow() string {
	var b strings.Builder
	b.WriteString("name: LLM preflight\non:\n")
	var environments []string
	refs := map[string][]string{}
	others := 0
	for _, s := range p.subjects {
		switch s.kind {
		case "environment":
			environments = append(environments, s.value)
			continue
		case "branch", "tag":
			// The filters are patterns; git forbids the other special characters.
			refs[s.kind] = append(refs[s.kind], yamlValue(strings.NewReplacer("+", `\+`, "!", `\!`, "]", `\]`).Replace(s.value)))
		}
		others++
	}
	if others == 0 {
		b.WriteString("  workflow_dispatch:\n")
	}
	if len(refs) > 0 || others == 0 {
		b.WriteString("  push:\n")
	}
	if len(refs["branch"]) > 0 {
		fmt.Fprintf(&b, "    branches: [%s]\n", strings.Join(refs["branch"], ", "))
	}
	if len(refs["tag"]) > 0 {
		fmt.Fprintf(&b, "    tags: [%s]\n", strings.Join(refs["tag"], ", "))
	}
	if p.pullRequests() {
		b.WriteString("  pull_request:\n")
	}
	b.WriteString("jobs:\n")
	if others > 0 {
		environments = append([]string{""}, environments...)
	}
	for i, e := range environments {
		id := "preflight"
		if i > 0 {
			id = fmt.Sprintf("preflight-%d", i+1)
		}
		p.job(&b, id, e)
	}
	return b.String()
}

func (p *setupPlan) pullRequests() bool {
	for _, s := range p.subjects {
		if s.kind == "pull-request" {
			return true
		}
	}
	return false
}

// job is a job of the workflow; environment is "" for one that has none.
func (p *setupPlan) job(b *strings.Builder, id, environment string) {
	fmt.Fprintf(b, "  %s:\n    runs-on: ubuntu-latest\n", id)
	if environment != "" {
		fmt.Fprintf(b, "    environment: %s\n", yamlValue(environment))
	}
	b.WriteString("    permissions:\n      id-token: write\n      contents: read\n    steps:\n      - uses: aoai-preflight/aoai-preflight@v1\n        with:\n")
	put := func(input, value string) { fmt.Fprintf(b, "          %s: %s\n", input, value) }
	put("endpoint", yamlValue(p.Endpoint))
	put("deployment", yamlValue(p.Deployment))
	if p.tenantID != "" {
		put("tenant-id", yamlValue(p.tenantID))
	} else {
		put("tenant-id", "${{ vars.AZURE_TENANT_ID }}")
	}
	put("client-id", "${{ vars.AZURE_CLIENT_ID }}")
	if p.allowedHost != "" {
		put("allowed-hosts", yamlValue(p.allowedHost))
		if p.cloud != clouds[0] {
			put("cloud", p.cloud.Name)
		}
	}
	if p.pullRequests() {
		put("untrusted", "skip")
	}
}

// yamlPlain is what YAML reads as the text that it is, in a list as well.
var yamlPlain = lazy(`^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*$`)

// yamlValue is s as a scalar of YAML. What is not plain is a string of JSON,
// which YAML reads alike.
func yamlValue(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
	default:
		if yamlPlain().MatchString(s) {
			return s
		}
	}
	quoted, _ := json.Marshal(s) // cannot fail on a string
	return string(quoted)
}
