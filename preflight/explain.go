package preflight

import (
	"fmt"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// The catalogue as people read it: in a terminal, and as the generated pages
// of docs/diagnoses.

// explainText is a diagnosis for the terminal.
func explainText(d *Diagnosis) string {
	var b strings.Builder
	r := d.Remedy(exampleOf(d))
	fmt.Fprintf(&b, "%s: %s\n\n", d.ID, d.Title)
	fmt.Fprintf(&b, "Stage %s, area %s, %s.\n\n", d.Stage, d.Area, severityOf(d))
	fmt.Fprintf(&b, "Seen when\n  %s.\n\n", inert.Line(d.When.Text()))
	fmt.Fprintf(&b, "Cause\n  %s\n\n", d.About)
	fmt.Fprintf(&b, "Fix\n  %s\n", r.Text)
	for _, c := range r.Commands {
		fmt.Fprintf(&b, "    $ %s\n", c)
	}
	for line := range strings.Lines(r.Snippet) {
		fmt.Fprintf(&b, "    %s\n", strings.TrimRight(line, "\n"))
	}
	if d.waitHelps() {
		fmt.Fprintf(&b, "  %s\n", inert.Line(waitHelps))
	}
	fmt.Fprintf(&b, "\nVerify\n  %s\n\n", d.Verify)
	if len(d.Others) > 0 {
		fmt.Fprintf(&b, "Not always excluded: %s\n", strings.Join(d.Others, ", "))
		if d.Settle != "" {
			fmt.Fprintf(&b, "What settles it: %s.\n", d.Settle)
		}
	}
	fmt.Fprintf(&b, "Docs: %s\n", d.Docs)
	return b.String()
}

// explainPage is a diagnosis as a page in Markdown. Everything in it is ours,
// so nothing has to be made inert.
func explainPage(d *Diagnosis) []byte {
	var b strings.Builder
	r := d.Remedy(exampleOf(d))
	fmt.Fprintf(&b, "<!-- Generated from the catalogue by go test ./preflight -update. -->\n\n")
	fmt.Fprintf(&b, "# %s\n\n**%s**\n\n", d.ID, d.Title)
	fmt.Fprintf(&b, "| stage | area | severity |\n| --- | --- | --- |\n| %s | %s | %s |\n\n", d.Stage, d.Area, severityOf(d))
	fmt.Fprintf(&b, "## Seen when\n\n%s.\n\n", upperFirst(d.When.Text()))
	fmt.Fprintf(&b, "## Cause\n\n%s\n\n", d.About)
	fmt.Fprintf(&b, "## Fix\n\n%s\n\n", r.Text)
	if len(r.Commands) > 0 {
		fmt.Fprintf(&b, "```sh\n%s\n```\n\n", strings.Join(r.Commands, "\n"))
	}
	if r.Snippet != "" {
		fmt.Fprintf(&b, "```yaml\n%s\n```\n\n", strings.TrimRight(r.Snippet, "\n"))
	}
	if d.waitHelps() {
		fmt.Fprintf(&b, "%s\n\n", waitHelps)
	}
	fmt.Fprintf(&b, "## Verify\n\n%s\n\n", d.Verify)
	if len(d.Others) > 0 {
		b.WriteString("## Not always excluded\n\n")
		for _, id := range d.Others {
			title := ""
			if o, ok := Lookup(id); ok {
				title = ": " + o.Title
			}
			fmt.Fprintf(&b, "- [%s](%s.md)%s\n", id, id, title)
		}
		if d.Settle != "" {
			fmt.Fprintf(&b, "\nWhat settles it: %s.\n", d.Settle)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "## Source\n\nThe signature is %s ([source](%s), looked at on %s).", d.Source.Basis, d.Source.URL, d.Source.Date)
	if d.Source.Basis == Assumed {
		b.WriteString(" A finding from it is never more than likely.")
	}
	fmt.Fprintf(&b, "\n\n[Vendor's documentation](%s) · [All diagnoses](README.md)\n", d.Docs)
	return []byte(b.String())
}

// catalogueIndex is the list of all pages.
func catalogueIndex() []byte {
	var b strings.Builder
	b.WriteString("<!-- Generated from the catalogue by go test ./preflight -update. -->\n\n# Diagnoses\n\n")
	fmt.Fprintf(&b, "%d causes, the most specific of a stage first. `aoai-preflight explain ID` shows a page in the terminal.\n\n", len(Catalogue))
	b.WriteString("| id | what it says | stage | area | severity |\n| --- | --- | --- | --- | --- |\n")
	for _, d := range Catalogue {
		fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s |\n", d.ID, d.ID, d.Title, d.Stage, d.Area, severityOf(d))
	}
	return []byte(b.String())
}

const waitHelps = "Where it was mended a moment ago, the input `wait-for-propagation` keeps trying until it is in effect."

// waitHelps reports whether a run that waits for propagation goes on trying.
func (d *Diagnosis) waitHelps() bool { return d.Cure == Propagation && severityOf(d) == SeverityError }

func severityOf(d *Diagnosis) Severity {
	if d.Severity == "" {
		return SeverityError
	}
	return d.Severity
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// exampleOf is evidence to write an example of the remedy with: the identity
// and the resource of Microsoft's fictitious company, and nothing that failed.
func exampleOf(d *Diagnosis) *Evidence {
	const tenant, client, object = "aaaabbbb-0000-cccc-1111-dddd2222eeee", "00001111-aaaa-2222-bbbb-3333cccc4444", "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	e := &Evidence{
		Now: now,
		Setup: Setup{
			Method: MethodGitHubOIDC, TenantID: tenant, ClientID: client, Cloud: clouds[0].Name, Authority: clouds[0].Authority,
			Audience: clouds[0].Audience, Scope: clouds[0].Scope, Audiences: clouds[0].Audiences,
			Shadows: []Shadow{{Name: "AZURE_API_KEY", State: EnvSet, Source: "this step's environment", Effect: "LiteLLM sends this key instead of the token"}},
		},
		Job:       Job{Actions: true, EventName: "pull_request", Repository: "contoso/tests", Server: "https://github.com", JobID: "suite"},
		Assertion: &Claims{Issuer: "https://token.actions.githubusercontent.com", Subject: "repo:contoso/tests:ref:refs/heads/main", Audience: []string{clouds[0].Audience}},
		Token:     &Claims{TenantID: tenant, AppID: client, ObjectID: object, Audience: clouds[0].Audiences[:1], Kind: "app", IssuedAt: now.Add(-20 * time.Minute)},
		Target:    &Target{Endpoint: "https://contoso.openai.azure.com", Deployment: "gpt-4o", Operation: Chat, Route: RouteV1},
	}
	if strings.HasPrefix(d.ID, "cfg-endpoint-") {
		e.Problem = &Problem{ID: d.ID, Input: "endpoint", Value: "https://gateway.contoso.com/llm", Source: "input endpoint"}
	}
	return e
}
