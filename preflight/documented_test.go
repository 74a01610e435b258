package preflight

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// commands are those that the usage lists, each with the flags that its help
// lists.
func commands(t *testing.T) map[string]map[string]bool {
	t.Helper()
	flags := map[string]map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  aoai-preflight ([a-z]+)`).FindAllStringSubmatch(usage, -1) {
		var help strings.Builder
		nothing := World{LookupEnv: func(string) (string, bool) { return "", false }, Stdin: strings.NewReader(""), Stdout: &help, Stderr: io.Discard}
		if code := Main(context.Background(), nothing, []string{m[1], "--help"}); code != exitOK {
			t.Errorf("the usage lists %s, and %s --help ends with %d", m[1], m[1], code)
		}
		flags[m[1]] = map[string]bool{"help": true}
		for _, f := range regexp.MustCompile(`(?m)^  -([a-z][a-z0-9-]*)`).FindAllStringSubmatch(help.String(), -1) {
			flags[m[1]][f[1]] = true
		}
	}
	if len(flags) < 5 || !flags["check"]["endpoint"] {
		t.Fatalf("the usage lists %d commands, and check has the flags %v", len(flags), flags["check"])
	}
	return flags
}

// existing is what documentation may name, by the heading of a table's column.
func existing(t *testing.T) map[string]map[string]bool {
	t.Helper()
	is := map[string]map[string]bool{"input": {}, "output": {}, "command": {}, "id": {}, "identity": {"auto": true}, "world": {}, "verdict": {}, "operation": {}}
	for name, flags := range commands(t) {
		is["command"][name] = true
		is["flag "+name] = flags
	}
	for _, in := range inputs {
		is["input"][in.name] = true
	}
	for name := range reportOutputs(&Report{}, "") {
		is["output"][name] = true
	}
	for _, d := range Catalogue {
		is["id"][d.ID] = true
	}
	for _, m := range methods {
		is["identity"][string(m)] = true
	}
	for _, v := range []Verdict{Pass, Warn, Fail, Skipped} {
		is["verdict"][string(v)] = true
	}
	for _, o := range operations {
		is["operation"][string(o)] = true
	}
	for _, s := range azurelab.Scenarios() {
		is["world"][s.Name] = true
	}
	is["diagnosis"] = is["id"]
	return is
}

var (
	idForm     = regexp.MustCompile(`^(cfg|oidc|msi|entra|claims|net|aoai|apim|litellm|dspy)-[a-z0-9-]+$`)
	invocation = regexp.MustCompile(`(?:^|[\s;&|(/])aoai-preflight((?: +[^\s;&|#)]+)*)`)
	demoWorld  = regexp.MustCompile(`go run \./demo(?: (?:serve|fix|paste))? ([a-z][a-z0-9-]*)`)
	outputUsed = regexp.MustCompile(`(?:steps|needs)\.preflight\.outputs\.([\w-]+)`)
	flagForm   = regexp.MustCompile(`^--([a-z][a-z0-9-]*)`)
)

// TestDocumentedIsReal: what the documentation names in its tables, commands
// and workflows is there.
func TestDocumentedIsReal(t *testing.T) {
	t.Parallel()
	is := existing(t)
	all := documents(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := all[name]
		for _, tab := range d.tables {
			for i, head := range tab.header {
				known := is[strings.Trim(strings.ToLower(head), "`*")]
				for _, row := range tab.rows {
					if known == nil || i >= len(row) {
						continue
					}
					for _, m := range codeSpan.FindAllStringSubmatch(row[i], -1) {
						if word, _, _ := strings.Cut(strings.TrimPrefix(m[1], "aoai-preflight "), " "); !known[word] {
							t.Errorf("%s: a table names the %s %s, which there is not", name, head, m[1])
						}
					}
				}
			}
		}
		for _, span := range d.spans {
			if idForm.MatchString(span) && !is["id"][span] && retired[span] == "" && !is["input"][span] && !strings.HasPrefix(span, "aoai-preflight") {
				t.Errorf("%s: %s is no diagnosis and no input", name, span)
			}
			checkCommands(t, name, span, is)
		}
		for _, b := range d.blocks {
			for _, m := range outputUsed.FindAllStringSubmatch(b.text, -1) {
				if !is["output"][m[1]] {
					t.Errorf("%s: a workflow uses the output %s, which there is not", name, m[1])
				}
			}
			switch b.lang {
			case "sh", "bash", "console":
				checkCommands(t, name, strings.ReplaceAll(b.text, "\\\n", " "), is)
			case "yaml", "yml":
				checkInputs(t, name, b.text, is["input"])
			}
		}
	}
}

// checkCommands checks the calls of the program, and of the demo, in a script.
func checkCommands(t *testing.T, name, script string, is map[string]map[string]bool) {
	t.Helper()
	for line := range strings.Lines(script) {
		for _, m := range invocation.FindAllStringSubmatch(line, -1) {
			words := strings.Fields(m[1])
			if len(words) == 0 || strings.HasPrefix(words[0], "-") || !regexp.MustCompile(`^[a-z]+$`).MatchString(words[0]) {
				continue // the program's name alone, or as another's argument
			}
			if !is["command"][words[0]] {
				t.Errorf("%s: there is no command %s: %s", name, words[0], strings.TrimSpace(line))
			}
			for _, w := range words[1:] {
				if f := flagForm.FindStringSubmatch(w); f != nil && !is["flag "+words[0]][f[1]] {
					t.Errorf("%s: %s has no flag --%s", name, words[0], f[1])
				}
			}
		}
		for _, m := range demoWorld.FindAllStringSubmatch(line, -1) {
			if !is["world"][m[1]] && m[1] != "list" && m[1] != "all" && m[1] != "serve" {
				t.Errorf("%s: the lab has no world %s", name, m[1])
			}
		}
	}
}

// checkInputs checks what the steps of a workflow, or a part of one, give the
// action. `with` at the top is a part of the action's own step.
func checkInputs(t *testing.T, name, text string, known map[string]bool) {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(text), &root); err != nil {
		t.Errorf("%s: an example is no YAML: %v\n%s", name, err, text)
		return
	}
	var walk func(n *yaml.Node, top bool)
	walk = func(n *yaml.Node, top bool) {
		if n.Kind == yaml.MappingNode {
			var step struct {
				Uses string
				With yaml.Node
			}
			if n.Decode(&step) == nil && step.With.Kind == yaml.MappingNode && (strings.Contains(step.Uses, "aoai-preflight/aoai-preflight@") || top && step.Uses == "") {
				for _, key := range keys(&step.With) {
					if !known[key] {
						t.Errorf("%s: an example gives the input %s, which there is not", name, key)
					}
				}
			}
		}
		for _, c := range n.Content {
			walk(c, n.Kind == yaml.DocumentNode)
		}
	}
	walk(&root, false)
}

// TestReadmeNamesEverything: every input, output, command and diagnosis of the
// program has its place in the README.
func TestReadmeNamesEverything(t *testing.T) {
	t.Parallel()
	is, readme := existing(t), read(t, "../README.md")
	for kind, form := range map[string]string{"input": "\n| `%s` |", "output": "\n| `%s` |", "identity": "`%s`", "command": "aoai-preflight %s", "id": "](docs/diagnoses/%s.md)"} {
		for _, name := range slices.Sorted(maps.Keys(is[kind])) {
			if !strings.Contains(readme, fmt.Sprintf(form, name)) {
				t.Errorf("the README does not name the %s %s", kind, name)
			}
		}
	}
}

// TestExcerpts: what the documentation shows of the source, and of a report,
// is what is there.
func TestExcerpts(t *testing.T) {
	t.Parallel()
	var source strings.Builder
	for _, pattern := range []string{"*.go", "../internal/azurelab/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			source.WriteString(unindented(read(t, name)))
		}
	}
	excerpts, reports := 0, 0
	for name, d := range documents(t) {
		for _, b := range d.blocks {
			switch {
			case b.lang == "go":
				excerpts++
				if !strings.Contains(source.String(), unindented(b.text)) {
					t.Errorf("%s: this is nowhere in the source:\n%s", name, b.text)
				}
			case b.lang == "json" && strings.Contains(b.text, `"schema": 1`):
				reports++
				var r Report
				dec := json.NewDecoder(strings.NewReader(b.text))
				dec.DisallowUnknownFields()
				if err := dec.Decode(&r); err != nil {
					t.Errorf("%s: its report: %v", name, err)
				} else if strings.TrimSpace(string(r.JSON())) != strings.TrimSpace(b.text) {
					t.Errorf("%s: its report is not as one is written today:\n%s", name, r.JSON())
				}
			}
		}
	}
	if excerpts == 0 || reports == 0 {
		t.Errorf("found %d excerpts of the source and %d reports", excerpts, reports)
	}
}

// unindented is a text without the blanks at the beginning of its lines.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}

// TestReleasesAreEdges: the releases that docs/litellm.md speaks of are those
// at which Resolve decides otherwise.
func TestReleasesAreEdges(t *testing.T) {
	t.Parallel()
	edges := map[string]bool{}
	for _, b := range litellm.Bands() {
		edges[b.From], edges[b.To] = true, true
	}
	release := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	found := 0
	for _, span := range readDocument(t, "../docs/litellm.md").spans {
		if release.MatchString(span) {
			found++
			if !edges[span] {
				t.Errorf("nothing changes at the release %s", span)
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d releases", found)
	}
}
