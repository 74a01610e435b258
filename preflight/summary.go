package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// summary is the job summary: the verdict, the chain and the fix first, then
// the targets, who the token is for, and what this run did and did not prove.
// It is read on telephones too: no table is wider than what breaks, and long
// commands go over several lines. GitHub takes out styles and classes, so
// that nothing relies on them.
func summary(r *Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s Azure OpenAI preflight: %s\n\n", badge(r.Verdict), r.Verdict)
	b.WriteString(chainMarkdown(r))
	rest := r.Findings
	if f := r.Primary(); f != nil {
		b.WriteString(findingMarkdown(f))
		rest = rest[1:]
	} else if len(r.Steps) == 0 {
		b.WriteString("The log shows no failure of authentication or of the call.\n\n")
	} else if len(r.Targets) > 0 && r.Verdict == Pass {
		fmt.Fprintf(&b, "The identity of this workflow can call %s.\n\n", plural(len(r.Targets), "deployment"))
	}
	b.WriteString(targetsMarkdown(r))
	b.WriteString(alsoMarkdown(r.Primary(), rest))
	b.WriteString(identityMarkdown(r))
	b.WriteString(proofMarkdown(r))
	if s := b.String(); len(s) <= maxSummary {
		return s
	}
	return inert.Clip(b.String(), maxSummary) + "\n\n(cut: the whole is in the report)\n"
}

func badge(v Verdict) string {
	return map[Verdict]string{Pass: "✅", Warn: "⚠️", Fail: "❌", Skipped: "⏭️"}[v]
}

// findingMarkdown is the primary finding.
func findingMarkdown(f *Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s %s\n\n", inert.Markdown(f.Title), inert.Code(f.ID))
	b.WriteString(inert.Markdown(hedge(f)+f.Cause) + "\n\n")
	b.WriteString(placeMarkdown(f))
	b.WriteString(remedyMarkdown(&f.Remedy))
	if len(f.Candidates) > 0 {
		fmt.Fprintf(&b, "Not excluded: %s\n\n", codes(f.Candidates))
	}
	if len(f.Evidence) > 0 {
		b.WriteString("What was seen:\n\n")
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, "- %s\n", inert.Markdown(e))
		}
		b.WriteString("\n")
	}
	b.WriteString(linksMarkdown(f))
	return b.String()
}

// placeMarkdown is where the finding stands, in one paragraph: the line of a
// file, where one is at fault, and the targets, where there are several.
func placeMarkdown(f *Finding) string {
	var parts []string
	if l := f.Location; l != nil && l.File != "" {
		where := "Where: " + inert.Code(l.File)
		if l.Line > 0 {
			where += fmt.Sprintf(", line %d", l.Line)
		}
		parts = append(parts, where)
	}
	if len(f.Targets) > 1 {
		parts = append(parts, "Targets: "+codes(f.Targets))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, " · ") + "\n\n"
}

// remedyMarkdown is the fix, and what can be pasted of it.
func remedyMarkdown(m *Remedy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Fix:** %s\n\n", inert.Markdown(m.Text))
	b.WriteString(commandsMarkdown(m))
	return b.String()
}

func commandsMarkdown(m *Remedy) string {
	var b strings.Builder
	if len(m.Commands) > 0 {
		lines, between := make([]string, len(m.Commands)), "\n"
		for i, c := range m.Commands {
			if lines[i] = wrapCommand(inert.Line(c)); strings.Contains(lines[i], "\n") {
				between = "\n\n" // to see where the next begins
			}
		}
		b.WriteString(inert.Block("sh", strings.Join(lines, between)) + "\n")
	}
	if m.Snippet != "" {
		b.WriteString(inert.Block("yaml", strings.TrimRight(m.Snippet, "\n")) + "\n")
	}
	return b.String()
}

// linksMarkdown leads to the diagnosis's page and to the vendor's.
func linksMarkdown(f *Finding) string {
	page := fmt.Sprintf("[About this diagnosis](https://github.com/aoai-preflight/aoai-preflight/blob/main/docs/diagnoses/%s.md)", f.ID)
	if strings.HasPrefix(f.Docs, "https://") {
		return page + fmt.Sprintf(" · [Documentation](%s)\n\n", f.Docs)
	}
	return page + "\n\n"
}

// alsoMarkdown is what was found besides. More than a few are folded, and a
// fix that was said once is not said again.
func alsoMarkdown(primary *Finding, rest []Finding) string {
	if len(rest) == 0 {
		return ""
	}
	var b strings.Builder
	const few = 3
	if len(rest) > few {
		fmt.Fprintf(&b, "<details><summary>Also found: %d more</summary>\n\n", len(rest))
	} else {
		b.WriteString("### Also found\n\n")
	}
	said := map[[2]string]bool{}
	if primary != nil {
		said[[2]string{primary.ID, primary.Remedy.Text}] = true
	}
	for i := range rest {
		f := &rest[i]
		fmt.Fprintf(&b, "#### %s %s\n\n", inert.Markdown(f.Title), inert.Code(f.ID))
		b.WriteString(inert.Markdown(hedge(f)+f.Cause) + "\n\n")
		b.WriteString(placeMarkdown(f))
		if key := [2]string{f.ID, f.Remedy.Text}; said[key] {
			b.WriteString("**Fix:** as above.\n\n" + commandsMarkdown(&f.Remedy))
		} else {
			said[key] = true
			b.WriteString(remedyMarkdown(&f.Remedy))
			if len(f.Candidates) > 0 {
				fmt.Fprintf(&b, "Not excluded: %s\n\n", codes(f.Candidates))
			}
			b.WriteString(linksMarkdown(f))
		}
	}
	if len(rest) > few {
		b.WriteString("</details>\n\n")
	}
	return b.String()
}

// chainMarkdown draws the chain with the link that broke. A link is not broken
// over two lines.
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
	broken := badge(Fail)
	if r.Verdict == Skipped {
		broken = badge(Skipped)
	}
	// A warning's link holds, and not well.
	var hampered Stage
	if f := r.Primary(); f != nil && r.Verdict == Warn {
		if hampered = f.Stage; hampered == StageCapacity {
			hampered = StageDataPlane
		}
	}
	var links []string
	for _, stage := range order {
		s, ok := done[stage]
		switch {
		case ok && s.OK && stage == hampered:
			links = append(links, badge(Warn)+" **"+names[stage]+"**")
		case ok && s.OK:
			links = append(links, "✅ "+names[stage])
		case ok:
			links = append(links, broken+" **"+names[stage]+"**")
		case stage == StageLiteLLM, (stage == StageOIDC && r.Identity.Method != MethodGitHubOIDC) || (stage != StageDataPlane && r.Identity.Method == MethodKey):
			// no link of this run's chain
		default:
			links = append(links, "⚪ "+names[stage])
		}
	}
	const solid = "\u00a0"
	for i, l := range links {
		links[i] = strings.ReplaceAll(l, " ", solid)
	}
	return strings.Join(links, solid+"→ ") + "\n\n"
}

// targetsMarkdown is a table of the calls. Of many, the first few that did not
// go well are seen at once, and the rest is folded.
func targetsMarkdown(r *Report) string {
	// Whose credential it was matters where another client's is checked.
	client := slices.ContainsFunc(r.Steps, func(s Step) bool { return s.Stage == StageLiteLLM })
	const many = 10
	if len(r.Targets) <= many {
		return targetsTable(r.Targets, client)
	}
	var well, other []TargetReport
	for _, t := range r.Targets {
		if t.Verdict == Pass {
			well = append(well, t)
		} else {
			other = append(other, t)
		}
	}
	// The first few stand for the rest.
	b := targetsTable(other[:min(len(other), many)], client)
	if len(other) > many {
		b += foldedTargets(fmt.Sprintf("%d more of %d calls that did not go well", len(other)-many, len(r.Targets)), other[many:], client)
	}
	if len(well) > 0 {
		b += foldedTargets(fmt.Sprintf("✅ %d of %d calls went well", len(well), len(r.Targets)), well, client)
	}
	return b
}

// foldedTargets is a table that has to be opened.
func foldedTargets(title string, targets []TargetReport, client bool) string {
	const most = 300 // the report has all of them
	s := "<details><summary>" + title + "</summary>\n\n" + targetsTable(targets[:min(len(targets), most)], client)
	if len(targets) > most {
		s += fmt.Sprintf("%d more are in the report.\n\n", len(targets)-most)
	}
	return s + "</details>\n\n"
}

func targetsTable(targets []TargetReport, client bool) string {
	if len(targets) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| | Deployment | Answer |\n|---|---|---|\n")
	for i := range targets {
		t := &targets[i]
		fmt.Fprintf(&b, "| %s | ", badge(t.Verdict))
		if t.Name != "" {
			b.WriteString(inert.Code(t.Name) + " → ")
		}
		b.WriteString(inert.Code(t.Deployment))
		if t.Operation != Chat {
			fmt.Fprintf(&b, " (%s)", t.Operation)
		}
		fmt.Fprintf(&b, " | %s |\n", answerMarkdown(t, client))
	}
	b.WriteString("\n")
	return b.String()
}

// answerMarkdown is what came of a call. The request's id is what support asks
// for.
func answerMarkdown(t *TargetReport, client bool) string {
	var b strings.Builder
	switch {
	case t.NotCalled:
		b.WriteString("not called")
	case t.HTTPStatus == 0:
		b.WriteString("no answer")
	default:
		fmt.Fprintf(&b, "%d", t.HTTPStatus)
	}
	if t.LatencyMS >= 10_000 {
		fmt.Fprintf(&b, " in %d s", (t.LatencyMS+500)/1000)
	} else if t.LatencyMS > 0 {
		fmt.Fprintf(&b, " in %d ms", t.LatencyMS)
	}
	if t.Model != "" {
		b.WriteString(" from " + inert.Code(t.Model))
	}
	if t.Region != "" {
		b.WriteString(", " + inert.Markdown(t.Region))
	}
	switch {
	case !client || t.Credential == "":
	case t.Credential == string(CredentialNone):
		b.WriteString(", no credential")
	default:
		b.WriteString(", " + inert.Markdown(t.Credential))
	}
	if t.Verdict != Pass && t.RequestID != "" {
		b.WriteString(", request " + inert.Code(t.RequestID))
	}
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
	// A list and not a table, whose columns would be wider than a telephone.
	b.WriteString("<details><summary>Who was asked for what</summary>\n\n")
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(&b, "- %s: %s\n", row[0], inert.Code(row[1]))
		}
	}
	b.WriteString("\n</details>\n\n")
	return b.String()
}

// proofMarkdown says what the verdict means and what it does not.
func proofMarkdown(r *Report) string {
	proved := "Nothing was proved: the chain broke at the link marked ❌."
	if slices.ContainsFunc(r.Steps, func(s Step) bool { return s.OK }) {
		proved = "Proved: only the links marked ✅. The chain broke at the one marked ❌."
	}
	if slices.ContainsFunc(r.Targets, func(t TargetReport) bool { return t.Verdict != Fail }) {
		proved = "Proved only for the deployments that are not marked ❌."
	}
	switch {
	case r.Cancelled:
		proved = "Nothing was proved: the run was cancelled."
	case len(r.Steps) == 0:
		return "<sub>Read from a log: nothing was called, and what the log does not show is not known.</sub>\n"
	case r.Verdict == Skipped && len(r.Targets) == 0:
		return "<sub>Nothing was checked: GitHub withholds the identity from this kind of run.</sub>\n"
	case r.Verdict == Warn && slices.ContainsFunc(r.Targets, func(t TargetReport) bool { return t.Verdict == Warn }):
		proved = "Proved: the identity above, in this job, has access to the deployments above, to those marked ⚠️ as well."
	case r.Verdict == Pass || r.Verdict == Warn:
		proved = "Proved: the identity above, in this job, can call the deployments above now."
	}
	return "<sub>" + proved + "<br>Not proved: a session of azure/login or az (a container action cannot see one), and variables that only a later step sets (input client-env).</sub>\n"
}

func codes(values []string) string {
	out := make([]string, 0, len(values))
	for i, v := range values {
		if i == 10 {
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
