package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"strings"
	"sync"

	azlog "github.com/Azure/azure-sdk-for-go/sdk/azcore/log"

	"github.com/aoai-preflight/aoai-preflight/internal/inert"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

const usage = `aoai-preflight proves that this identity can call this Azure OpenAI deployment,
or names the cause and the fix.

Usage:
  aoai-preflight check --endpoint URL --deployment NAME [flags]
  aoai-preflight diagnose [FILE|-]     name the cause in a pasted error or a log
  aoai-preflight explain [ID]          what a diagnosis means and how to mend it
  aoai-preflight diff A.json B.json    how two reports differ, and which differences explain the verdict
  aoai-preflight setup                 the az commands that create the identity, and the workflow to paste
  aoai-preflight version

Inside GitHub Actions, no arguments mean check, with the action's inputs.
Flags of check are the action's inputs; 'aoai-preflight check --help' lists them.
--format text|json works on every command. Inside GitHub Actions, where the runner
reads what check prints, its JSON is what --report writes.
Exit codes: 0 pass, warn or skipped; 1 fail; 2 misuse of the command line.
`

// Main runs the command line and returns the exit code.
func Main(ctx context.Context, w World, args []string) int {
	quiet()
	if len(args) == 0 {
		if w.getenv("GITHUB_ACTIONS") != "true" {
			fmt.Fprint(w.Stderr, usage)
			return exitUsage
		}
		args = []string{"check"}
	}
	switch args[0] {
	case "check":
		return check(ctx, w, args[1:])
	case "diagnose":
		return diagnoseCommand(w, args[1:])
	case "explain":
		return explainCommand(w, args[1:])
	case "diff":
		return diffCommand(w, args[1:])
	case "setup":
		return setupCommand(w, args[1:])
	case "version", "--version":
		return versionCommand(w, args[1:])
	case "help", "--help", "-h":
		fmt.Fprint(w.Stdout, usage)
		return exitOK
	}
	if strings.HasPrefix(args[0], "-") {
		// Flags without a command are check's.
		return check(ctx, w, args)
	}
	say(w.Stderr, "aoai-preflight: no command %q", args[0])
	fmt.Fprint(w.Stderr, usage)
	return exitUsage
}

// quiet takes the libraries' logging over before any client exists. azcore
// writes raw answers to stderr when AZURE_SDK_GO_LOGGING asks for it. net/http
// writes what a server sends unasked, and with GODEBUG=http2debug=1 every
// header, a credential's too.
var quiet = sync.OnceFunc(func() {
	azlog.SetListener(func(azlog.Event, string) {})
	log.SetOutput(io.Discard)
})

// flags parses a command's flags. done is true when there is nothing left to
// do, with the exit code.
func flags(w World, name string, args []string, define func(*flag.FlagSet)) (fs *flag.FlagSet, format string, code int, done bool) {
	fs = flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&format, "format", "text", "text or json")
	if define != nil {
		define(fs)
	}
	err := parseAnywhere(fs, args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(w.Stdout)
		fmt.Fprintf(w.Stdout, "Usage of aoai-preflight %s:\n", name)
		fs.PrintDefaults()
		return fs, format, exitOK, true
	case err != nil:
		say(w.Stderr, "aoai-preflight %s: %v", name, err)
		return fs, format, exitUsage, true
	case format != "text" && format != "json":
		say(w.Stderr, "aoai-preflight %s: --format is %q; allowed: text, json", name, format)
		return fs, format, exitUsage, true
	}
	return fs, format, exitOK, false
}

// parseAnywhere parses flags wherever they stand: package flag stops at the
// first argument that is none, and people write the file first.
func parseAnywhere(fs *flag.FlagSet, args []string) error {
	others := []string{"--"}
	for {
		if err := fs.Parse(args); err != nil {
			return err
		}
		if fs.NArg() == 0 {
			return fs.Parse(others)
		}
		others, args = append(others, fs.Arg(0)), fs.Args()[1:]
	}
}

// check is the main job.
func check(ctx context.Context, w World, args []string) int {
	values := map[string]*string{}
	fs, format, code, done := flags(w, "check", args, func(fs *flag.FlagSet) {
		for _, in := range inputs {
			values[in.name] = fs.String(in.name, "", in.help())
		}
	})
	if done {
		return code
	}
	if fs.NArg() > 0 {
		say(w.Stderr, "aoai-preflight check: %q is not a flag", fs.Arg(0))
		return exitUsage
	}
	given := map[string]string{}
	for name, v := range values {
		given[name] = *v
	}

	actions := w.getenv("GITHUB_ACTIONS") == "true"
	a := newAnnotator(w)
	v := &vault{}
	if actions {
		v.mask = a.mask
	}
	cfg, problems := configure(w, given, v)
	if cfg.Log != "" {
		return diagnoseLog(w, a, cfg, problems, actions, format)
	}
	log := w.Stdout
	if format == "json" && !actions {
		log = w.Stderr // stdout is the report's
	}
	report := execute(ctx, w, cfg, problems, v, func(s Step) { say(log, "%s", stepLine(s)) })
	return deliver(w, a, cfg, report, actions, format)
}

// deliver hands a report to every channel that there is.
func deliver(w World, a *annotator, cfg *Config, report *Report, actions bool, format string) int {
	var path string
	if cfg.ReportPath != "" {
		if err := writeConfined(w, cfg.ReportPath, report.JSON()); err != nil {
			say(w.Stderr, "aoai-preflight: the report could not be written to %s: %v", cfg.ReportPath, err)
		} else {
			path = fromWorkspace(w, cfg.ReportPath)
		}
	}
	switch {
	case actions:
		say(w.Stdout, "%s", reportText(report))
		a.findings(report)
		if err := a.outputs(reportOutputs(report, path)); err != nil {
			say(w.Stderr, "aoai-preflight: no outputs: %v", err)
		}
		if err := a.summary(summary(report)); err != nil {
			say(w.Stderr, "aoai-preflight: no summary: %v", err)
		}
	case format == "json":
		w.Stdout.Write(report.JSON())
	default:
		say(w.Stdout, "%s", reportText(report))
	}
	return report.ExitCode()
}

// diagnoseLog is the step that reads the log of a suite that failed.
func diagnoseLog(w World, a *annotator, cfg *Config, problems []*Problem, actions bool, format string) int {
	report := newReport(cfg)
	report.Environment.Inputs = cfg.Sources
	if len(problems) == 0 {
		f, err := openConfined(w, cfg.Log)
		if err == nil {
			report.Findings, err = DiagnoseInput(f)
			f.Close()
		}
		if err != nil {
			id := "cfg-input-invalid"
			if errors.Is(err, errOutside) {
				id = "cfg-path-outside"
			}
			problems = []*Problem{{ID: id, Input: "log", Source: cfg.Sources["log"], Value: clipValue(cfg.Log), Detail: fileError(err), Allowed: "a file in the workspace"}}
		}
	}
	for _, p := range problems {
		if f, ok := Diagnose(&Evidence{Problem: p}); ok {
			report.add(f)
		}
	}
	report.settle()
	return deliver(w, a, cfg, report, actions, format)
}

// diagnoseCommand names the cause in a pasted error, a capture or a log.
func diagnoseCommand(w World, args []string) int {
	fs, format, code, done := flags(w, "diagnose", args, nil)
	if done {
		return code
	}
	in := w.Stdin
	switch {
	case fs.NArg() > 1:
		say(w.Stderr, "aoai-preflight diagnose: one file at a time; - is standard input")
		return exitUsage
	case fs.NArg() == 1 && fs.Arg(0) != "-":
		f, err := openFile(fs.Arg(0))
		if err != nil {
			say(w.Stderr, "aoai-preflight diagnose: %s: %v", fs.Arg(0), err)
			return exitUsage
		}
		defer f.Close()
		in = f
	}
	findings, err := DiagnoseInput(in)
	if err != nil {
		say(w.Stderr, "aoai-preflight diagnose: %v", err)
		return exitUsage
	}
	if format == "json" {
		if findings == nil {
			findings = []Finding{}
		}
		return printJSON(w, struct {
			Findings []Finding `json:"findings"`
		}{findings})
	}
	if len(findings) == 0 {
		say(w.Stdout, "No failure of authentication or of the call was found.")
		return exitOK
	}
	for i := range findings {
		say(w.Stdout, "%s", findingText(&findings[i]))
	}
	return exitOK
}

func explainCommand(w World, args []string) int {
	fs, format, code, done := flags(w, "explain", args, nil)
	if done {
		return code
	}
	if fs.NArg() == 0 {
		type row struct {
			ID    string `json:"id"`
			Title string `json:"title"`
		}
		var rows []row
		for _, d := range Catalogue {
			rows = append(rows, row{d.ID, d.Title})
		}
		if format == "json" {
			return printJSON(w, rows)
		}
		for _, r := range rows {
			say(w.Stdout, "%-32s %s", r.ID, r.Title)
		}
		return exitOK
	}
	if fs.NArg() > 1 {
		say(w.Stderr, "aoai-preflight explain: one diagnosis at a time; %d given", fs.NArg())
		return exitUsage
	}
	d, note, ok := present(fs.Arg(0), retired)
	if !ok {
		say(w.Stderr, "aoai-preflight explain: no diagnosis %q; 'aoai-preflight explain' lists them", inert.Clip(fs.Arg(0), 80))
		return exitUsage
	}
	if format == "json" {
		// A retired id is answered with the one that took its place.
		return printJSON(w, map[string]string{"id": d.ID, "title": d.Title, "stage": string(d.Stage), "area": string(d.Area),
			"seen_when": d.When.Text(), "about": d.About, "verify": d.Verify, "docs": d.Docs})
	}
	if note != "" {
		say(w.Stdout, "%s\n", note)
	}
	fmt.Fprint(w.Stdout, explainText(d))
	return exitOK
}

func versionCommand(w World, args []string) int {
	fs, format, code, done := flags(w, "version", args, nil)
	if done {
		return code
	}
	if fs.NArg() > 0 {
		say(w.Stderr, "aoai-preflight version: %q is not a flag", fs.Arg(0))
		return exitUsage
	}
	if format == "json" {
		return printJSON(w, Tool{"aoai-preflight", version})
	}
	fmt.Fprintf(w.Stdout, "aoai-preflight %s\n", version)
	return exitOK
}

func printJSON(w World, v any) int {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		say(w.Stderr, "aoai-preflight: %v", err)
		return exitFailed
	}
	w.Stdout.Write(append(inert.JSON(data), '\n'))
	return exitOK
}
