package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// summary is the job summary: the verdict and the fix first, then the chain,
// the targets, who the token is for, and what this run did and did not prove.
func summary(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s Azure OpenAI preflight: %s\n\n", badge(r.Verdict), r.Verdict)
	b.WriteString(chainMarkdown(r))
	if f := r.Primary(); f != nil {
		b.WriteString(findingMarkdown(f, true))
	} else if len(r.Steps) == 0 {
		b.WriteString("The log shows no failure of authentication or of the call.\n\n")
	} else if len(r.Targets) > 0 {
		fmt.Fprintf(&b, "The identity of this workflow can call %s.\n\n", plural(len(r.Targets), "deployment"))
	}
	b.WriteString(targetsMarkdown(r))
	b.WriteString(identityMarkdown(r))
	rest := r.Findings
	if r.Primary() != nil {
		rest = rest[1:]
	}
	if len(rest) > 0 {
		b.WriteString("### Also found\n\n")
		for i := range rest {
			b.WriteString(findingMarkdown(&rest[i], false))
		}
	}
	b.WriteString(proofMarkdown(r))
	if s := b.String(); len(s) <= maxSummary {
		return s
	}
	return inert.Clip(b.String(), maxSummary) + "\n\n(cut: the whole is in the report)\n"
}

func badge(v Verdict) string {
	return map[Verdict]string{Pass: "✅", Warn: "⚠️", Fail: "❌", Skipped: "⏭️"}[v]
}

func findingMarkdown(f *Finding, primary bool) string {
	var b strings.Builder
	level := "####"
	if primary {
		level = "###"
	}
	fmt.Fprintf(&b, "%s %s %s\n\n", level, inert.Markdown(f.Title), inert.Code(f.ID))
	b.WriteString(inert.Markdown(hedge(f)+f.Cause) + "\n\n")
	if len(f.Targets) > 1 {
		fmt.Fprintf(&b, "Targets: %s\n\n", codes(f.Targets))
	}
	fmt.Fprintf(&b, "**Fix:** %s\n\n", inert.Markdown(f.Remedy.Text))
	if len(f.Remedy.Commands) > 0 {
		b.WriteString(inert.Block("sh", strings.Join(f.Remedy.Commands, "\n")) + "\n")
	}
	if f.Remedy.Snippet != "" {
		b.WriteString(inert.Block("yaml", strings.TrimRight(f.Remedy.Snippet, "\n")) + "\n")
	}
	if len(f.Candidates) > 0 {
		fmt.Fprintf(&b, "Not excluded: %s\n\n", codes(f.Candidates))
	}
	if primary && len(f.Evidence) > 0 {
		b.WriteString("What was seen:\n\n")
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "- %s\n", inert.Markdown(e))
		}
		b.WriteString("\n")
	}
	if strings.HasPrefix(f.Docs, "https://") {
		fmt.Fprintf(&b, "[Documentation](%s)\n\n", f.Docs)
	}
	return b.String()
}

// chainMarkdown draws the chain with the link that broke.
func chainMarkdown(r *Report) string {
	if len(r.Steps) == 0 {
		return ""
	}
	names := map[Stage]string{StageConfig: "configuration", StageLiteLLM: "the client's credential", StageOIDC: "GitHub ID token", StageToken: "Entra token", StageClaims: "claims", StageDataPlane: "Azure OpenAI"}
	order := []Stage{StageConfig, StageLiteLLM, StageOIDC, StageToken, StageClaims, StageDataPlane}
	done := map[Stage]Step{}
	for _, s := range r.Steps {
		if before, ok := done[s.Stage]; ok && !before.OK {
			continue // one credential of several broke here
		}
		done[s.Stage] = s
	}
	var links []string
	for _, stage := range order {
		s, ok := done[stage]
		switch {
		case ok && s.OK:
			links = append(links, "✅ "+names[stage])
		case ok:
			links = append(links, "❌ **"+names[stage]+"**")
		case stage == StageLiteLLM, (stage == StageOIDC && r.Identity.Method != MethodGitHubOIDC) || (stage != StageDataPlane && r.Identity.Method == MethodKey):
			// no link of this run's chain
		default:
			links = append(links, "▫️ "+names[stage])
		}
	}
	return strings.Join(links, " → ") + "\n\n"
}

func targetsMarkdown(r *Report) string {
	if len(r.Targets) == 0 {
		return ""
	}
	var b strings.Builder
	// Whose credential it is matters where another client's is checked.
	client := slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Stage == StageLiteLLM })
	if client {
		b.WriteString("| | Deployment | Operation | Status | Model | Latency | Region | Request id | Credential |\n|---|---|---|---|---|---|---|---|---|\n")
	} else {
		b.WriteString("| | Deployment | Operation | Status | Model | Latency | Region | Request id |\n|---|---|---|---|---|---|---|---|\n")
	}
	const most = 300
	for i, t := range r.Targets {
		if i == most {
			fmt.Fprintf(&b, "\n%d more are in the report.\n", len(r.Targets)-most)
			break
		}
		status := "no answer"
		if t.HTTPStatus != 0 {
			status = fmt.Sprint(t.HTTPStatus)
		}
		fmt.Fprintf(&b, "| %s | ", badge(t.Verdict))
		if t.Name != "" {
			b.WriteString(inert.Code(t.Name) + " → ")
		}
		fmt.Fprintf(&b, "%s | %s | %s | %s | %d ms | %s | %s |", inert.Code(t.Deployment), t.Operation, status,
			inert.Code(t.Model), t.LatencyMS, inert.Markdown(t.Region), inert.Code(t.RequestID))
		if client {
			b.WriteString(" " + inert.Markdown(t.Credential) + " |")
		}
		b.WriteByte('\n')
	}
	b.WriteString("\n")
	return b.String()
}

// identityMarkdown shows the decoded claims that are no secret.
func identityMarkdown(r *Report) string {
	id := r.Identity
	rows := [][2]string{
		{"identity", string(id.Method)}, {"chosen because", id.Source}, {"tenant", id.TenantID}, {"client", id.ClientID},
		{"principal (object id)", id.ObjectID}, {"token audience", id.Audience}, {"assertion subject", id.Subject},
		{"assertion issuer", id.Issuer}, {"assertion audience", id.AssertionAudience},
	}
	if id.ExpiresOn != nil {
		rows = append(rows, [2]string{"token expires", id.ExpiresOn.Format("2006-01-02 15:04:05 UTC")})
	}
	if len(id.Unused) > 0 {
		rows = append(rows, [2]string{"also there, not used", strings.Join(id.Unused, "; ")})
	}
	if r.Environment.Proxy != "" {
		rows = append(rows, [2]string{"proxy", r.Environment.Proxy})
	}
	if id.Method == "" {
		return "" // a log was read; nobody was asked
	}
	var b strings.Builder
	b.WriteString("<details><summary>Who was asked for what</summary>\n\n| | |\n|---|---|\n")
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", row[0], inert.Code(row[1]))
		}
	}
	b.WriteString("\n</details>\n\n")
	return b.String()
}

// proofMarkdown says what the verdict means and what it does not.
func proofMarkdown(r *Report) string {
	proved := "Nothing was proved: the chain broke at the link marked ❌."
	if slices.ContainsFunc(r.Targets, func(t TargetReport) bool { return t.Verdict != Fail }) {
		proved = "Proved only for the deployments that are not marked ❌."
	}
	switch {
	case r.Cancelled:
		proved = "Nothing was proved: the run was cancelled."
	case len(r.Steps) == 0:
		return "<sub>Read from a log: nothing was called, and what the log does not show is not known.</sub>\n"
	case r.Verdict == Skipped:
		proved = "Nothing was checked: GitHub withholds the identity from this kind of run."
	case r.Verdict == Pass || r.Verdict == Warn:
		proved = "Proved: the identity above, in this job, can call the deployments above now."
	}
	return "<sub>" + proved + "<br>Not proved: a session of azure/login or az (a container action cannot see one), and variables that only a later step sets (input client-env).</sub>\n"
}

func codes(values []string) string {
	out := make([]string, 0, len(values))
	for i, v := range values {
		if i == 50 {
			out = append(out, fmt.Sprintf("and %d more", len(values)-i))
			break
		}
		out = append(out, inert.Code(v))
	}
	return strings.Join(out, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "the " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
