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
	fmt.Fprintf(&b, "Set-up of the %s %s: runs of %s call %s, deployment %s.\nsetup has changed nothing and asked nobody. It prints what to run, for bash, zsh and other POSIX shells.\n", kind, p.Name, p.Repository, p.Endpoint, p.Deployment)
	for _, c := range p.Credentials {
		fmt.Fprintf(&b, "  %s: subject %s\n", c.For, c.Subject)
	}
	b.WriteString("\n1. Sign in as somebody who may create the identity, and assign roles at the resource; choose the resource's subscription:\n\n")
	b.WriteString(strings.Join(p.SignIn, "\n"))
	b.WriteString("\n\n2. Paste this whole. It stops at the first failure and may be run again:\n\n")
	b.WriteString(p.Script)
	b.WriteString("\n3. In the same shell, make the ids variables of the repository; they are not secret:\n\n")
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
	notes := []string{"A new role takes up to ten minutes to become effective: give the first run wait-for-propagation: 10m."}
	switch {
	case p.ownServer():
		notes = append(notes, "Entra fetches the keys of "+p.Issuer+": the internet must reach the server.")
	case p.ids[0] == "":
		notes = append(notes, "Repositories created, renamed or transferred since 15 July 2026 have immutable subjects, and others can opt in. For those add --owner-id and --repository-id; "+
			command("gh", "api", "repos/"+p.Repository, "--jq", ".owner.id, .id")+" prints both.")
	default:
		notes = append(notes, "The subjects have the immutable form. A repository that has not opted in, and is older than 15 July 2026, presents the names alone: leave out --owner-id and --repository-id then.")
	}
	if p.Identity == "app" {
		notes = append(notes, "An app registration that has the name "+p.Name+" already is used as it is: make sure that it is yours.")
	}
	for _, s := range p.subjects {
		if s.kind == "environment" {
			notes = append(notes, "A job with an environment presents the environment and not the branch: give the suite's own job the same environment, or a subject of its own.")
			break
		}
	}
	if p.pullRequests() {
		notes = append(notes, "GitHub gives pull requests from forks no ID token: with untrusted: skip they are skipped with a notice.")
	}
	return append(notes, "A repository or organisation whose subject claim is customised presents another subject; the check then prints it.")
}
