package preflight

import (
	"fmt"
	"strings"
)

// setupText is a set-up for people. Commands and workflow stand at the margin,
// ready to be copied.
func setupText(p *setupPlan) string {
	var b strings.Builder
	kind := "app registration"
	if p.Identity == "managed" {
		kind = "user-assigned managed identity"
	}
	fmt.Fprintf(&b, "Set-up of the %s %s: runs of %s call %s, deployment %s.\nNothing has been changed, and no service has been asked. These are commands for you to run, in bash, zsh or another POSIX shell.\n", kind, p.Name, p.Repository, p.Endpoint, p.Deployment)
	for _, c := range p.Credentials {
		fmt.Fprintf(&b, "  %s: subject %s\n", c.For, c.Subject)
	}
	b.WriteString("\n1. Sign in as somebody who may create the identity and assign roles on the resource, and choose the resource's subscription:\n\n")
	b.WriteString(strings.Join(p.SignIn, "\n"))
	b.WriteString("\n\n2. Paste all of this. It stops at the first failure and can safely be run again. The role is Cognitive Services OpenAI User, on the resource alone:\n\n")
	b.WriteString(p.Script)
	b.WriteString("\n3. In the same shell, store the ids as variables of the repository (they are not secret):\n\n")
	b.WriteString(strings.Join(p.Store, "\n"))
	fmt.Fprintf(&b, "\n\n4. Commit this as %s:\n\n%s\n", workflowPath, p.Workflow)
	b.WriteString("Worth knowing:\n")
	for _, n := range p.Notes {
		b.WriteString("- " + n + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

// notes are what can still go wrong, and cannot be known from here.
func (p *setupPlan) notes() []string {
	notes := []string{"A new role can take up to ten minutes to take effect: use wait-for-propagation: 10m for the first run."}
	switch {
	case p.ownServer():
		notes = append(notes, "Entra fetches the keys of "+p.Issuer+" over the internet, so the server must be reachable from there.")
	case p.ids[0] == "":
		notes = append(notes, "Repositories created, renamed or transferred since 15 July 2026 have immutable subjects, and others can opt in. For those add --owner-id and --repository-id; "+
			command("gh", "api", "repos/"+p.Repository, "--jq", ".owner.id, .id")+" prints both.")
	default:
		notes = append(notes, "The subjects have the immutable form. A repository that has not opted in, and is older than 15 July 2026, presents the names alone: in that case leave out --owner-id and --repository-id.")
	}
	if p.Identity == "app" {
		notes = append(notes, "If there already is an app registration with the name "+p.Name+", it is used as it is: make sure that it is yours.")
	}
	for _, s := range p.subjects {
		if s.kind == "environment" {
			notes = append(notes, "A job with an environment presents the environment instead of the branch: give the suite's own job the same environment, or a subject of its own.")
			break
		}
	}
	if p.pullRequests() {
		notes = append(notes, "GitHub gives pull requests from forks no ID token: untrusted: skip skips them with a notice.")
	}
	return append(notes, "If the repository or organisation has customised its subject claim, it presents a different subject; the check then prints it.")
}
