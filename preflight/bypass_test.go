package preflight

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// Every text that leaves the program passes through package inert. These tests
// read the sources and find what goes around it: a stream, a command of the
// runner's or a file that is written anywhere but in the few functions below.

// streamUsers may touch a stream other than by say, and why.
var streamUsers = map[string]string{
	"Host":           "hands the streams over",
	"newAnnotator":   "gives standard output to the fence around the runner's commands",
	"Main":           "prints the usage, a constant",
	"flags":          "prints the usage of flags, which the table of inputs holds",
	"check":          "chooses the stream that say writes to",
	"deliver":        "writes the report, whose texts are inert since they were found",
	"explainCommand": "prints a page of the catalogue",
	"versionCommand": "prints the version",
	"printJSON":      "writes findings, whose texts are inert since they were found",
}

// runnerCommands are go-githubactions' ways to the runner, and where each may
// be used.
var runnerCommands = map[string]string{
	"AddMask": "mask", "Errorf": "findings", "Warningf": "findings", "Noticef": "findings",
	"SetOutput": "outputs", "AddStepSummary": "summary",
	// The program has no use for the others.
	"IssueCommand": "", "IssueFileCommand": "", "AddMatcher": "", "RemoveMatcher": "", "AddPath": "", "SaveState": "", "SetEnv": "",
	"AddStepSummaryTemplate": "", "Group": "", "EndGroup": "", "Debugf": "", "Infof": "", "Fatalf": "",
}

// writesFiles are the functions and methods that make or change a file.
var writesFiles = []string{"WriteFile", "Create", "CreateTemp", "OpenFile", "Mkdir", "MkdirAll", "MkdirTemp", "Rename", "Remove", "RemoveAll", "Symlink", "Link", "Truncate", "Chmod"}

// tame are the expressions that may stand in the summary's Markdown as they
// are: words of ours. Everything else is wrapped by package inert, or made by a
// function of the same file, which is held to the same.
var tame = []string{
	"page", "proved", // literals, chosen, and what is made of them
	"r.Verdict", "t.Operation", // of closed sets
	"row[0]",         // a heading
	"f.ID", "f.Docs", // of the catalogue
}

// bypasses finds what in a source goes around package inert. A file of the
// name summary.go is Markdown.
func bypasses(name string, src any) ([]string, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, src, 0)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, d := range f.Decls {
		s := &sourceReader{fset: fset, markdown: filepath.Base(name) == "summary.go", local: declared(f)}
		if fn, ok := d.(*ast.FuncDecl); ok {
			s.function = fn.Name.Name
		}
		ast.Inspect(d, s.visit)
		found = append(found, s.found...)
	}
	return found, nil
}

// declared are the functions of a file.
func declared(f *ast.File) []string {
	var names []string
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok {
			names = append(names, fn.Name.Name)
		}
	}
	return names
}

// A sourceReader walks one declaration.
type sourceReader struct {
	fset     *token.FileSet
	function string // "" outside of functions
	markdown bool
	local    []string // functions of the same file
	said     []ast.Expr
	found    []string
}

func (s *sourceReader) report(n ast.Node, format string, args ...any) {
	s.found = append(s.found, fmt.Sprintf("%s: %s: ", s.fset.Position(n.Pos()), s.function)+fmt.Sprintf(format, args...))
}

func (s *sourceReader) text(n ast.Node) string {
	var b strings.Builder
	if printer.Fprint(&b, s.fset, n) != nil {
		return ""
	}
	return b.String()
}

func (s *sourceReader) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		s.call(n)
	case *ast.SelectorExpr:
		s.selector(n)
	case *ast.BasicLit:
		// The runner's files are the fence's.
		if v, err := strconv.Unquote(n.Value); n.Kind == token.STRING && err == nil && slices.Contains([]string{"GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"}, v) &&
			s.function != "outputs" && s.function != "summary" {
			s.report(n, "names the runner's file %s", v)
		}
	}
	return true
}

func (s *sourceReader) call(c *ast.CallExpr) {
	name := s.text(c.Fun)
	if name == "say" && len(c.Args) > 0 {
		s.said = append(s.said, c.Args[0]) // say makes it inert, whatever the stream
	}
	switch {
	case s.text(c) == "log.SetOutput(io.Discard)": // silences net/http
	case name == "print", name == "println", strings.HasPrefix(name, "fmt.Print"), strings.HasPrefix(name, "log."), strings.HasPrefix(name, "slog."):
		s.report(c, "%s prints around say", name)
	case name == "panic" && len(c.Args) == 1 && s.text(c.Args[0]) != "err" && s.function != "mustVersion":
		// mustVersion's is about a constant of the program.
		s.report(c, "a panic is printed as it is: %s", s.text(c))
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	method := sel.Sel.Name
	flagSet := method == "SetOutput" && len(c.Args) == 1
	if where, ok := runnerCommands[method]; ok && !flagSet && s.text(sel.X) != "fmt" && s.function != where {
		s.report(c, "%s is the fence's", name)
	}
	if slices.Contains(writesFiles, method) && s.function != "writeConfined" {
		s.report(c, "%s writes around writeConfined", name)
	}
	if method == "WithWriter" && s.text(c.Args[0]) != "io.Discard" && s.function != "newAnnotator" {
		s.report(c, "the runner's commands have one writer")
	}
	if s.markdown {
		s.writesMarkdown(c, name)
	}
}

// selector finds the streams.
func (s *sourceReader) selector(x *ast.SelectorExpr) {
	if x.Sel.Name != "Stdout" && x.Sel.Name != "Stderr" {
		return
	}
	if s.text(x.X) == "os" && s.function != "Host" {
		s.report(x, "%s is not the world's", s.text(x))
		return
	}
	if slices.Contains(s.said, ast.Expr(x)) || streamUsers[s.function] != "" {
		return
	}
	s.report(x, "%s is written to without say", s.text(x))
}

var verbs = regexp.MustCompile(`%[-+# 0-9.]*([a-zA-Z%])`)

// writesMarkdown looks at what is written into the summary.
func (s *sourceReader) writesMarkdown(c *ast.CallExpr, name string) {
	switch {
	case strings.HasSuffix(name, ".WriteString") && len(c.Args) == 1:
		s.wantTame(c.Args[0])
	case name == "fmt.Fprintf" && len(c.Args) > 1, name == "fmt.Sprintf" && len(c.Args) > 0:
		args := c.Args
		if name == "fmt.Fprintf" {
			args = args[1:]
		}
		format, err := strconv.Unquote(s.text(args[0]))
		if err != nil {
			s.report(c, "a format is no literal")
			return
		}
		i := 1
		for _, m := range verbs.FindAllStringSubmatch(format, -1) {
			if m[1] == "%" {
				continue
			}
			if m[1] != "d" && i < len(args) {
				s.wantTame(args[i])
			}
			i++
		}
	}
}

func (s *sourceReader) wantTame(x ast.Expr) {
	if !s.isTame(x) {
		s.report(x, "%s comes into the Markdown as it is", s.text(x))
	}
}

func (s *sourceReader) isTame(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return true
	case *ast.ParenExpr:
		return s.isTame(x.X)
	case *ast.BinaryExpr:
		return s.isTame(x.X) && s.isTame(x.Y)
	case *ast.CallExpr:
		name := s.text(x.Fun)
		switch {
		case strings.HasPrefix(name, "inert."):
			return name != "inert.Clip" && name != "inert.Line" && name != "inert.Lines" // no Markdown's
		case name == "strings.Join":
			return s.isTame(x.Args[0])
		case name == "fmt.Sprintf":
			return true // its own arguments are looked at
		}
		return slices.Contains(s.local, name)
	}
	text := s.text(x)
	if text == "noun" && s.function == "plural" {
		return true // of our own calls: "deployment"
	}
	return slices.Contains(tame, text)
}

// TestNothingBypassesInert reads every source of the program.
func TestNothingBypassesInert(t *testing.T) {
	t.Parallel()
	read := 0
	for _, pattern := range []string{"*.go", "litellm/*.go", "../main.go", "../internal/inert/*.go", "../internal/secret/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			found, err := bypasses(name, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				t.Error(f)
			}
			read++
		}
	}
	if read < 50 {
		t.Errorf("%d sources were read, which is not the program", read)
	}
}

// TestSayIsInert: the one function that everything goes through keeps its word.
func TestSayIsInert(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	say(&b, "%s", "a\x1b[31m\r\n::error::pwned ##[group]x\xff\n  ::add-mask::a")
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.ContainsAny(line, "\x1b\r") || !utf8.ValidString(line) {
			t.Errorf("say prints %q", line)
		}
	}
}

// TestBypassesAreFound puts a bypass of each kind into a source.
func TestBypassesAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, source string }{
		{"x.go", `func f(w World, e error) { fmt.Fprintln(w.Stdout, e) }`},
		{"x.go", `func f(w World, e error) { fmt.Fprintf(w.Stderr, "%v", e) }`},
		{"x.go", `func f(w World, b []byte) { w.Stdout.Write(b) }`},
		{"x.go", `func f(w World, x any) { json.NewEncoder(w.Stdout).Encode(x) }`},
		{"x.go", `func f(w World, b io.Reader) { io.Copy(w.Stdout, b) }`},
		{"x.go", `func f(w World) { out := w.Stdout; out.Write(nil) }`},
		{"x.go", `func f(w World, s string) { say(io.MultiWriter(w.Stdout), s) }`},
		{"x.go", `func f(s string) { fmt.Println(s) }`},
		{"x.go", `func f(s string) { println(s) }`},
		{"x.go", `func f(s string) { log.Printf(s) }`},
		{"x.go", `func f(w World) { log.SetOutput(w.Stderr) }`},
		{"x.go", `func f(s string) { slog.Info(s) }`},
		{"x.go", `func f(s string) { os.Stderr.WriteString(s) }`},
		{"x.go", `var out = os.Stdout`},
		{"x.go", `func f(s string) { panic("it said " + s) }`},
		{"x.go", `func f(a *annotator, s string) { a.action.SetOutput("model", s) }`},
		{"x.go", `func f(a *annotator, s string) { a.action.Errorf("%s", s) }`},
		{"x.go", `func f(a *annotator, s string) { a.action.SetEnv("A", s) }`},
		{"x.go", `func f(a *annotator, s string) { a.action.AddStepSummary(s) }`},
		{"x.go", `func f(w World) { githubactions.New(githubactions.WithWriter(w.Stdout)) }`},
		{"x.go", `func f(w World, s string) { os.WriteFile(w.getenv("GITHUB_STEP_SUMMARY"), []byte(s), 0o600) }`},
		{"x.go", `func f(w World) string { return w.getenv("GITHUB_OUTPUT") }`},
		{"x.go", `func f(s string) { os.WriteFile("a", []byte(s), 0o600) }`},
		{"x.go", `func f(r *os.Root, s string) { r.Create(s) }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { b.WriteString(x.Cause) }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { b.WriteString("- " + x.Cause + "\n") }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { fmt.Fprintf(b, "%d %s\n", len(x.Targets), x.Title) }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { fmt.Fprintf(b, "%s\n", inert.Line(x.Title)) }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { fmt.Fprintf(b, x.Title) }`},
		{"summary.go", `func f(x *Finding) string { return fmt.Sprintf("%v", x.Evidence) }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { b.WriteString(strings.Join(x.Targets, ", ")) }`},
	} {
		found, err := bypasses(c.file, "package p\n"+c.source)
		if err != nil || len(found) == 0 {
			t.Errorf("nothing is found in %s: %v", c.source, err)
		}
	}
	for _, c := range []struct{ file, source string }{
		{"x.go", `func f(w World, e error) { say(w.Stderr, "no: %v", e) }`},
		{"x.go", `func f(b *strings.Builder, x *Finding) { b.WriteString(x.Cause) }`},
		{"summary.go", `func f(b *strings.Builder, x *Finding) { fmt.Fprintf(b, "%d: %s %s\n", x.N, inert.Code(x.Title), f(b, x)) }`},
	} {
		if found, err := bypasses(c.file, "package p\n"+c.source); err != nil || len(found) > 0 {
			t.Errorf("%q is found in %s: %v", found, c.source, err)
		}
	}
	if _, err := os.Stat("summary.go"); err != nil {
		t.Error("summary.go, which the rules for Markdown are about, is gone")
	}
}
