package preflight

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var (
	ownPath       = regexp.MustCompile(`^(?:\.ci|scripts|docs|preflight|internal|demo|bench|conformance|examples|\.github)/[\w./-]*\w$`)
	namedTestName = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark)[A-Z]\w*$`)
	keyAndValue   = regexp.MustCompile(`^([a-z][a-z0-9_-]*): `)
	kebabName     = regexp.MustCompile(`^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$`)
	namedVariable = regexp.MustCompile(`^(?:AZURE|OPENAI|LITELLM|ACTIONS|GITHUB|RUNNER|IDENTITY|MSI|IMDS)_[A-Z0-9_]+$`)
)

// sources are all texts of the repository that a name may come from, tests
// among them or not.
func sources(t *testing.T, tests bool) string {
	t.Helper()
	var b strings.Builder
	for _, pattern := range []string{"*.go", "*/*.go", "../*.go", "../*/*.go", "../internal/*/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if tests == strings.HasSuffix(name, "_test.go") {
				b.WriteString(read(t, name))
			}
		}
	}
	return b.String()
}

// TestNamedIsThere: files, tests and variables that documentation names are
// those of the repository.
func TestNamedIsThere(t *testing.T) {
	t.Parallel()
	program, tests := sources(t, false), sources(t, true)
	files, named, variables := 0, 0, 0
	all := documents(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, span := range all[name].spans {
			switch {
			case ownPath.MatchString(span):
				files++
				if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(span))); err != nil && span != "docs/diagnoses/ID.md" && !strings.HasPrefix(span, ".github/actions/") { // a placeholder, a user's
					t.Errorf("%s: there is no %s", name, span)
				}
			case namedTestName.MatchString(span):
				named++
				if !strings.Contains(tests, "func "+span+"(") {
					t.Errorf("%s: there is no %s", name, span)
				}
			case namedVariable.MatchString(span):
				variables++
				if !regexp.MustCompile(`\b` + span + `\b`).MatchString(program) {
					t.Errorf("%s: the program knows no variable %s", name, span)
				}
			}
		}
	}
	if files < 5 || named < 20 || variables < 30 {
		t.Errorf("found %d files, %d tests and %d variables", files, named, variables)
	}
}

// TestExamplesAreListed: each example is in the list of its folder, takes no
// input and uses no output that there is not, and the README names no example
// that is gone (see TestLinks).
func TestExamplesAreListed(t *testing.T) {
	t.Parallel()
	is := existing(t)
	list := documents(t)["examples/README.md"].links
	names, err := filepath.Glob("../examples/*.yml")
	if err != nil || len(names) < 15 {
		t.Fatalf("%d examples, %v", len(names), err)
	}
	for _, name := range names {
		if !slices.Contains(list, filepath.Base(name)) {
			t.Errorf("examples/README.md does not list %s", filepath.Base(name))
		}
		text := read(t, name)
		checkInputs(t, name, text, is["input"])
		for _, m := range outputUsed.FindAllStringSubmatch(text, -1) {
			if !is["output"][m[1]] {
				t.Errorf("%s uses the output %s, which there is not", name, m[1])
			}
		}
	}
}

// TestActionSaysWhatFills: action.yml names the variables that fill an input,
// in their order, and the program's default, and no other.
func TestActionSaysWhatFills(t *testing.T) {
	t.Parallel()
	var action struct {
		Inputs map[string]struct{ Description string }
	}
	if err := yaml.Unmarshal([]byte(read(t, "../action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	for _, in := range inputs {
		text := action.Inputs[in.name].Description
		_, empty, ok := strings.Cut(text, "Empty: ")
		if !ok && (len(in.vars) > 0 || in.initial != "") {
			t.Errorf("%s: action.yml does not say what an empty one means: %q", in.name, text)
			continue
		}
		var vars []string
		for _, m := range codeSpan.FindAllStringSubmatch(empty, -1) {
			if namedVariable.MatchString(m[1]) {
				vars = append(vars, m[1])
			}
		}
		if !slices.Equal(vars, in.vars) {
			t.Errorf("%s: action.yml names %v, the program takes %v", in.name, vars, in.vars)
		}
		if in.initial != "" && !strings.Contains(empty, "`"+in.initial+"`") {
			t.Errorf("%s: action.yml does not name the default %s: %q", in.name, in.initial, text)
		}
	}
}

// notOurs are names in inline code that look like the program's own.
var notOurs = map[string]string{
	"contents": "a permission", "id-token": "a permission", "permissions": "of a workflow", "environment": "of a workflow",
	"github-token": "an input of other actions", "setup-python": "an action",
	"n": "of a request", "store": "of a request", "schema": "of the report",
	"gpt-4o": "a model", "gpt-5-codex": "a model", "codex-mini": "a model", "o3-pro": "a model", "gpt-4o-2024-11-20": "a model", "site-packages": "of Python",
}

// TestInlineNamesAreReal: `name: value` and hyphenated names in a text's inline
// code are inputs, outputs, ids, identities, worlds, stages or areas.
func TestInlineNamesAreReal(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, names := range existing(t) {
		maps.Copy(known, names)
	}
	for _, d := range Catalogue {
		known[string(d.Stage)], known[string(d.Area)] = true, true
	}
	found := 0
	for name, d := range documents(t) {
		for _, span := range d.spans {
			word := span
			if m := keyAndValue.FindStringSubmatch(span); m != nil {
				word = m[1]
			} else if !kebabName.MatchString(span) || guid().MatchString(span) {
				continue
			}
			found++
			if !known[word] && notOurs[word] == "" {
				t.Errorf("%s: `%s` is nothing that there is", name, span)
			}
		}
	}
	if found < 300 {
		t.Errorf("found %d names", found)
	}
}

// TestStableCommands: the contract is about every command.
func TestStableCommands(t *testing.T) {
	t.Parallel()
	var listed []string
	for line := range strings.Lines(read(t, "../docs/stability.md")) {
		if strings.HasPrefix(line, "| commands |") {
			for _, m := range codeSpan.FindAllStringSubmatch(line, -1) {
				if word := strings.TrimPrefix(m[1], "aoai-preflight "); !strings.HasPrefix(word, "--") {
					listed = append(listed, word)
				}
			}
		}
	}
	slices.Sort(listed)
	if want := slices.Sorted(maps.Keys(commands(t))); !slices.Equal(listed, want) {
		t.Errorf("docs/stability.md lists the commands %v, there are %v", listed, want)
	}
}
