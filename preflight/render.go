package preflight

import (
	"fmt"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// stepLine is one step in the log.
func stepLine(s Step) string {
	if s.Waiting {
		return "… " + inert.Line(s.Title)
	}
	mark := "✓"
	if !s.OK {
		mark = "✗"
	}
	line := fmt.Sprintf("%s %s (%s)", mark, inert.Line(s.Title), (time.Duration(s.TookMS) * time.Millisecond).String())
	if s.Note != "" {
		line += ": " + inert.Line(s.Note)
	}
	return line
}

// reportText is a report for a terminal.
func reportText(r *Report) string {
	var b strings.Builder
	for _, t := range r.Targets {
		mark := map[Verdict]string{Pass: "✓", Warn: "!", Fail: "✗"}[t.Verdict]
		fmt.Fprintf(&b, "  %s %s %s", mark, inert.Line(t.Deployment), t.Operation)
		if t.NotCalled {
			b.WriteString(": not called\n")
			continue
		}
		if t.HTTPStatus != 0 {
			fmt.Fprintf(&b, ": status %d", t.HTTPStatus)
		}
		if t.Model != "" {
			fmt.Fprintf(&b, ", model %s", inert.Line(t.Model))
		}
		fmt.Fprintf(&b, ", %d ms\n", t.LatencyMS)
	}
	for i := range r.Findings {
		b.WriteString("\n" + findingText(&r.Findings[i]))
	}
	fmt.Fprintf(&b, "\nVerdict: %s", r.Verdict)
	if f := r.Primary(); f != nil {
		fmt.Fprintf(&b, " (%s)", f.ID)
	}
	if r.Cancelled {
		b.WriteString(", since the run was cancelled")
	}
	if r.Verdict == Fail && !r.Enforced {
		b.WriteString(", not enforced (mode: warn)")
	}
	b.WriteString("\n")
	return inert.Lines(b.String())
}

// findingText is a finding for a terminal. A foreign text has no line of its
// own, which could be a verdict.
func findingText(f *Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s [%s]\n", f.Severity, f.Title, f.ID)
	if l := f.Location; l != nil && l.File != "" {
		fmt.Fprintf(&b, "  at %s:%d\n", inert.Line(l.File), l.Line)
	}
	fmt.Fprintf(&b, "  %s%s\n", hedge(f), inert.Line(f.Cause))
	if len(f.Targets) > 0 {
		fmt.Fprintf(&b, "  Targets: %s\n", inert.Line(strings.Join(f.Targets, ", ")))
	}
	for _, e := range f.Evidence {
		fmt.Fprintf(&b, "  - %s\n", inert.Line(e))
	}
	fmt.Fprintf(&b, "  Fix: %s\n", inert.Line(f.Remedy.Text))
	for _, c := range f.Remedy.Commands {
		fmt.Fprintf(&b, "    %s\n", inert.Line(c))
	}
	for l := range strings.Lines(f.Remedy.Snippet) {
		fmt.Fprintf(&b, "    %s\n", strings.TrimRight(l, "\n"))
	}
	if len(f.Candidates) > 0 {
		fmt.Fprintf(&b, "  Not excluded: %s\n", strings.Join(f.Candidates, ", "))
	}
	if f.Docs != "" {
		fmt.Fprintf(&b, "  Docs: %s\n", f.Docs)
	}
	return b.String()
}
