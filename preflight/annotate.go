package preflight

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/sethvargo/go-githubactions"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// The runner's limits.
// https://github.com/actions/runner/blob/main/src/Runner.Worker/ExecutionContext.cs
const (
	maxAnnotation  = 4096 // bytes of a message; the rest is cut
	maxPerSeverity = 10   // annotations of a kind in a step; the rest is only logged
	maxTitle       = 255  // characters, by the Checks API
	maxOutput      = 1000
	maxSummary     = 900 << 10 // of 1 MiB, past which the whole summary is dropped
)

// An annotator speaks to the runner. It is the fence around go-githubactions,
// whose file commands panic when their variable is unset, whose other commands
// do when they cannot be written, and whose delimiter is fixed.
type annotator struct {
	w      World
	action *githubactions.Action
}

func newAnnotator(w World) *annotator {
	return &annotator{w, githubactions.New(githubactions.WithWriter(unheard{w.Stdout}), githubactions.WithGetenv(w.getenv))}
}

// unheard is a stream that may be gone: the verdict is the exit code's, and
// that nobody reads the log does not change it.
type unheard struct{ w io.Writer }

func (u unheard) Write(p []byte) (int, error) {
	u.w.Write(p)
	return len(p), nil
}

// mask tells the runner to hide a value from here on.
func (a *annotator) mask(value string) { a.action.AddMask(value) }

// findings prints the annotations: the first finding as the primary one, the
// others as warnings and notices, never more than the runner keeps.
func (a *annotator) findings(r *Report) {
	count := map[Severity]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		severity := f.Severity
		if severity == SeverityError && (i > 0 || !r.Enforced) {
			// One error a run: the one to mend first.
			severity = SeverityWarning
		}
		if count[severity]++; count[severity] > maxPerSeverity {
			continue
		}
		fields := map[string]string{"title": inert.Clip(inert.Line(f.ID+": "+f.Title), maxTitle)}
		if l := f.Location; l != nil && l.File != "" {
			fields["file"] = inert.Line(l.File)
			if l.Line > 0 {
				fields["line"] = strconv.Itoa(l.Line)
			}
			if l.Line > 0 && l.Column > 0 {
				fields["col"] = strconv.Itoa(l.Column)
			}
		}
		to := a.action.WithFieldsMap(fields)
		message := annotation(f)
		switch severity {
		case SeverityError:
			to.Errorf("%s", message)
		case SeverityWarning:
			to.Warningf("%s", message)
		default:
			to.Noticef("%s", message)
		}
	}
}

// annotation is a finding in one line, since the page of a run shows no second
// one. The cause stands alone; the fix and the link survive every cut.
func annotation(f *Finding) string {
	cause := inert.Line(hedge(f) + f.Cause)
	tail := " Fix: " + inert.Line(f.Remedy.Text)
	if len(f.Remedy.Commands) > 0 {
		tail += " Run: " + inert.Line(f.Remedy.Commands[0])
	}
	tail = inert.Clip(tail, maxAnnotation/2)
	if f.Docs != "" {
		tail += " Docs: " + f.Docs
	}
	head := "[" + f.ID + "] "
	if n := len(f.Targets); n > 1 {
		head += fmt.Sprintf("(%d targets) ", n)
	}
	// The runner counts what is left after unescaping, so this is in bytes of
	// the message itself, with room for a mask's "***".
	return head + inert.Clip(cause, maxAnnotation-len(head)-len(tail)-100) + tail
}

// hedge begins the sentence of a finding that is not proven. One that only
// repeats what nobody knows yet claims nothing.
func hedge(f *Finding) string {
	if f.Certainty == Likely && f.ID != "unknown" && !strings.HasSuffix(f.ID, "-unknown") {
		return "Likely: "
	}
	return ""
}

// outputs sets the step's outputs. Each is one line; none can be taken for the
// delimiter that go-githubactions uses.
func (a *annotator) outputs(values map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := inert.Clip(inert.Line(values[name]), maxOutput)
		if strings.Contains(v, "_GitHubActionsFileCommandDelimeter_") {
			v = ""
		}
		if err := a.file("GITHUB_OUTPUT", func() { a.action.SetOutput(name, v) }); err != nil {
			return err
		}
	}
	return nil
}

// summary writes the job summary.
func (a *annotator) summary(markdown string) error {
	return a.file("GITHUB_STEP_SUMMARY", func() { a.action.AddStepSummary(markdown) })
}

// file guards one of go-githubactions' file commands: it would create a file
// that the runner never made, and panic where it cannot.
func (a *annotator) file(variable string, write func()) (err error) {
	path := a.w.getenv(variable)
	if path == "" {
		return fmt.Errorf("%s is not set", variable)
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("%s: %w", variable, plainPathError(err))
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s: %v", variable, p)
		}
	}()
	write()
	return nil
}

// reportOutputs are the outputs of a report.
func reportOutputs(r *Report, path string) map[string]string {
	out := map[string]string{"verdict": string(r.Verdict), "diagnosis": "", "report": path, "object-id": r.Identity.ObjectID, "token-expires-on": "", "model": ""}
	if f := r.Primary(); f != nil {
		out["diagnosis"] = f.ID
	}
	if r.Identity.ExpiresOn != nil {
		out["token-expires-on"] = r.Identity.ExpiresOn.Format("2006-01-02T15:04:05Z")
	}
	for _, t := range r.Targets {
		if t.Model != "" {
			out["model"] = t.Model
			break
		}
	}
	return out
}

// say prints a line of ours to a log that the runner reads: what it holds of
// foreign text is inert.
func say(w io.Writer, format string, args ...any) {
	fmt.Fprintln(w, inert.Lines(fmt.Sprintf(format, args...)))
}
