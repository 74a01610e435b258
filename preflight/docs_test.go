package preflight

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// inputsTable is the README's table of inputs, made from the program's own.
func inputsTable() string {
	var b strings.Builder
	b.WriteString("| input | default | |\n|---|---|---|\n")
	for _, in := range inputs {
		initial := ""
		if in.initial != "" {
			initial = "`" + in.initial + "`"
		}
		usage := in.usage
		if len(in.vars) > 0 {
			usage += " Filled by `" + strings.Join(in.vars, "`, `") + "`."
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", in.name, initial, strings.ReplaceAll(usage, "|", "\\|"))
	}
	return b.String()
}

// diagnosesTable is the README's index of the catalogue.
func diagnosesTable() string {
	var b strings.Builder
	b.WriteString("| id | |\n|---|---|\n")
	for _, d := range Catalogue {
		fmt.Fprintf(&b, "| [`%s`](docs/diagnoses/%s.md) | %s |\n", d.ID, d.ID, d.Title)
	}
	return b.String()
}

// between replaces what stands between the markers of a name.
func between(t *testing.T, text, name, content string) string {
	t.Helper()
	open, shut := "<!-- "+name+" -->\n", "<!-- /"
	i := strings.Index(text, open)
	if i < 0 {
		t.Fatalf("the README has no marker %s", open)
	}
	i += len(open)
	j := strings.Index(text[i:], shut)
	if j < 0 {
		t.Fatalf("the README does not end the part %s", name)
	}
	return text[:i] + content + text[i+j:]
}

// TestReadme keeps what the README says of inputs and diagnoses the program's
// own words.
func TestReadme(t *testing.T) {
	const name = "../README.md"
	old := read(t, name)
	now := between(t, old, "inputs", inputsTable())
	now = between(t, now, "diagnoses", diagnosesTable())
	if now == old {
		return
	}
	if !*update {
		t.Fatal("the README is stale: go test ./preflight -update")
	}
	if err := os.WriteFile(name, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestActionFile compares action.yml with the table of inputs and with the
// outputs that are set.
func TestActionFile(t *testing.T) {
	t.Parallel()
	var action struct {
		Inputs, Outputs yaml.Node
		Runs            struct{ Using, Image, Entrypoint string }
	}
	if err := yaml.Unmarshal([]byte(read(t, "../action.yml")), &action); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, in := range inputs {
		want = append(want, in.name)
	}
	if got := keys(&action.Inputs); !slices.Equal(got, want) {
		t.Errorf("action.yml has the inputs %v,\nthe program %v", got, want)
	}
	for i := 1; i < len(action.Inputs.Content); i += 2 {
		var in struct{ Description, Default string }
		if err := action.Inputs.Content[i].Decode(&in); err != nil || in.Description == "" || in.Default != "" {
			t.Errorf("input %s: description %q, default %q, %v; a default would hide the variables that fill it", action.Inputs.Content[i-1].Value, in.Description, in.Default, err)
		}
	}
	var outputs []string
	for name := range reportOutputs(&Report{}, "") {
		outputs = append(outputs, name)
	}
	got := keys(&action.Outputs)
	slices.Sort(outputs)
	slices.Sort(got)
	if !slices.Equal(got, outputs) {
		t.Errorf("action.yml has the outputs %v, the program sets %v", got, outputs)
	}
	if action.Runs.Using != "docker" || action.Runs.Image != "Dockerfile" || action.Runs.Entrypoint == "" {
		t.Errorf("runs: %+v", action.Runs)
	}
}

func keys(m *yaml.Node) []string {
	var out []string
	for i := 0; i < len(m.Content); i += 2 {
		out = append(out, m.Content[i].Value)
	}
	return out
}

// TestSecurityNamesItsProofs: each promise of SECURITY.md names tests that there
// are.
func TestSecurityNamesItsProofs(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "litellm/*_test.go", "../*_test.go", "../internal/*/*_test.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			for _, m := range testFunction().FindAllStringSubmatch(read(t, name), -1) {
				there[m[1]] = true
			}
		}
	}
	named := namedTest().FindAllStringSubmatch(read(t, "../SECURITY.md"), -1)
	if len(named) < 20 {
		t.Errorf("SECURITY.md names %d tests", len(named))
	}
	for _, m := range named {
		if !there[m[1]] {
			t.Errorf("SECURITY.md names %s, which there is not", m[1])
		}
	}
}

var (
	testFunction = lazy(`(?m)^func ((?:Test|Fuzz)\w+)\([tf] \*testing\.[TF]\)`)
	namedTest    = lazy("`((?:Test|Fuzz)\\w+)`")
)
