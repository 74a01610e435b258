package preflight

import (
	"bytes"
	"flag"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite what is generated")

func (c liveCase) String() string { return textCase{c.id, c.name, ""}.String() }

func (c liveCase) evidence() *Evidence {
	e := healthy()
	c.harm(e)
	return e
}

func TestLiveCases(t *testing.T) {
	t.Parallel()
	for _, c := range liveCases {
		f, ok := Diagnose(c.evidence())
		if !ok || f.ID != c.id {
			t.Errorf("%s: got %q", c, f.ID)
		}
	}
	if f, ok := Diagnose(healthy()); ok {
		t.Errorf("a healthy run is diagnosed as %s", f.ID)
	}
}

// TestEveryDiagnosisWins catches an entry that another one shadows.
func TestEveryDiagnosisWins(t *testing.T) {
	t.Parallel()
	won := map[string]bool{}
	for _, c := range liveCases {
		won[c.id] = true
	}
	for _, c := range textCases {
		won[c.id] = true
	}
	for _, d := range Catalogue {
		if !won[d.ID] {
			t.Errorf("%s wins no case", d.ID)
		}
	}
}

func TestCatalogueForm(t *testing.T) {
	t.Parallel()
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	inTitle := regexp.MustCompile(`%|://|\.$|[0-9a-f]{8}-|\.com|\.net`)
	stages := []Stage{StageConfig, StageOIDC, StageToken, StageClaims, StageNetwork, StageDataPlane, StageCapacity, StageLiteLLM}
	areas := []Area{AreaAuth, AreaQuota, AreaProvider, AreaRuntime, AreaDeployment}
	seen := map[string]bool{}
	for _, d := range Catalogue {
		bad := func(ok bool, what string) {
			if !ok {
				t.Errorf("%s: %s", d.ID, what)
			}
		}
		bad(kebab.MatchString(d.ID), "the id is not kebab-case")
		bad(!seen[d.ID], "the id is used twice")
		seen[d.ID] = true
		bad(d.Title != "" && len(d.Title) <= 80, "the title is empty or longer than 80 characters")
		bad(!inTitle.MatchString(d.Title), "the title holds an id, a host or a final period: "+d.Title)
		bad(slices.Contains(stages, d.Stage), "the stage is none")
		bad(slices.Contains(areas, d.Area), "the area is none")
		bad(d.When.Text() != "" && d.When.Holds != nil, "it does not say when")
		bad(d.Cause != nil && d.Remedy != nil && d.About != "" && d.Verify != "", "a part is missing")
		bad(strings.HasPrefix(d.Docs, "https://"), "docs are no https link")
		bad(strings.HasPrefix(d.Source.URL, "https://") && d.Source.Basis != "", "the source is missing")
		_, err := time.Parse(time.DateOnly, d.Source.Date)
		bad(err == nil, "the source's date is none")
	}
	for _, d := range Catalogue {
		if (len(d.Others) > 0) != (d.Settle != "") {
			t.Errorf("%s: what it cannot exclude, and what would settle it, belong together", d.ID)
		}
		for _, o := range d.Others {
			if !seen[o] || o == d.ID {
				t.Errorf("%s: lists %q among its others", d.ID, o)
			}
		}
	}
}

// findingsOfCases are the findings of every case, live and pasted.
func findingsOfCases(t *testing.T) map[string]Finding {
	t.Helper()
	out := map[string]Finding{}
	for _, c := range liveCases {
		f, _ := Diagnose(c.evidence())
		out["live "+c.String()] = f
	}
	for _, c := range textCases {
		fs, err := DiagnoseInput(strings.NewReader(c.text))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range fs {
			out["text "+c.String()] = f
		}
	}
	return out
}

func TestFindingForm(t *testing.T) {
	t.Parallel()
	kinds := map[RemedyKind]bool{"": true}
	for _, k := range remedyKinds(t) {
		kinds[k] = true
	}
	all := findingsOfCases(t)
	for _, d := range Catalogue {
		for _, code := range regexp.MustCompile(`AADSTS\d+`).FindAllString(d.When.Text(), -1) {
			// The number alone must do: a log may show nothing else.
			fs, err := DiagnoseInput(strings.NewReader("ERROR: " + code))
			if err != nil || len(fs) == 0 {
				t.Errorf("%s alone is not diagnosed", code)
				continue
			}
			if w, _ := Lookup(fs[0].ID); !strings.Contains(w.When.Text(), code) && !ambiguousCodes[code] {
				t.Errorf("%s alone is diagnosed as %s", code, w.ID)
			}
			all["alone "+code] = fs[0]
		}
	}
	for name, f := range all {
		bad := func(ok bool, what string) {
			if !ok {
				t.Errorf("%s: %s", name, what)
			}
		}
		bad(strings.HasSuffix(f.Cause, ".") && !strings.HasSuffix(f.Cause, ".."), "the cause is no sentence: "+f.Cause)
		bad(!strings.ContainsAny(f.Cause, "\n\x1b"), "the cause is more than a line: "+f.Cause)
		bad(!strings.Contains(f.Cause, `""`) && !strings.Contains(f.Cause, "  "), "the cause has a hole: "+f.Cause)
		bad(f.Remedy.Text != "", "there is no remedy")
		bad(strings.HasSuffix(f.Remedy.Text, "."), "the remedy is no sentence: "+f.Remedy.Text)
		bad(kinds[f.Remedy.Kind], "the remedy's kind is not one of the constants: "+string(f.Remedy.Kind))
		bad(len(f.Evidence) > 0 && len(f.Evidence) <= 6, "the evidence has no line, or too many")
		bad(f.Certainty == Proven || f.Certainty == Likely, "the certainty is none")
		bad(f.Certainty == Likely || len(f.Candidates) == 0, "a proven finding has candidates")
		for _, c := range f.Remedy.Commands {
			bad(!strings.ContainsAny(c, "\n\x1b"), "a command is more than a line: "+c)
		}
	}
}

// ambiguousCodes are those that several causes share, so that the text decides.
var ambiguousCodes = map[string]bool{"AADSTS900144": true, "AADSTS90014": true, "AADSTS50012": true, "AADSTS70002": true}

// remedyKinds reads the constants out of the source: Go cannot list them.
func remedyKinds(t *testing.T) []RemedyKind {
	t.Helper()
	data, err := os.ReadFile("diagnose.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []RemedyKind
	for _, m := range regexp.MustCompile(`RemedyKind\s+= "([a-z-]+)"`).FindAllSubmatch(data, -1) {
		out = append(out, RemedyKind(m[1]))
	}
	if len(out) == 0 {
		t.Fatal("no kinds of remedy found")
	}
	return out
}

// TestAssumedIsNeverProven: what nobody has seen is not certain.
func TestAssumedIsNeverProven(t *testing.T) {
	t.Parallel()
	for name, f := range findingsOfCases(t) {
		if d, ok := Lookup(f.ID); ok && d.Source.Basis == Assumed && f.Certainty != Likely {
			t.Errorf("%s: an assumed signature is %s", name, f.Certainty)
		}
	}
}

// TestCatalogueIsPure: a diagnosis is a function of evidence and of nothing
// else, so the files that make it up reach neither the network nor the system.
func TestCatalogueIsPure(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"catalogue*.go", "text*.go", "diagnose.go", "evidence.go", "evidencelines.go", "errorbody.go", "match.go", "named.go", "phrase.go", "assertion.go", "clock.go", "explain.go", "sources.go"} {
		m, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, m...)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range f.Imports {
			path, _ := strconv.Unquote(imp.Path.Value)
			if path == "os" || strings.HasPrefix(path, "net/http") || strings.HasPrefix(path, "os/") || path == "syscall" || strings.HasPrefix(path, "github.com/Azure/") {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}

// TestPages keeps docs/diagnoses what the catalogue says.
func TestPages(t *testing.T) {
	const dir = "../docs/diagnoses"
	want := map[string][]byte{"README.md": catalogueIndex()}
	for _, d := range Catalogue {
		want[d.ID+".md"] = explainPage(d)
	}
	for id, next := range retired {
		want[id+".md"] = retiredPage(id, next)
	}
	if *update {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for name, page := range want {
			if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if want[entry.Name()] == nil {
			t.Errorf("%s is nobody's page: go test ./preflight -update", entry.Name())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		page, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Equal(page, want[name]) {
			t.Errorf("%s is stale: go test ./preflight -update", name)
		}
	}
}

// TestResolverThatKnowsNobody: a machine whose resolver knows no public name says
// of every name that it does not exist.
func TestResolverThatKnowsNobody(t *testing.T) {
	t.Parallel()
	e := &Evidence{Target: &Target{Endpoint: "https://octo-evals.openai.azure.com"},
		Exchanges: []Exchange{{Service: ServiceModel, Host: "octo-evals.openai.azure.com", Fault: FaultDNSNotFound}},
		Names:     NameCheck{Asked: true, NotFound: true}}
	f, _ := Diagnose(e)
	if !strings.Contains(f.Cause, "knows no public name") || !strings.HasPrefix(f.Remedy.Text, "First let this machine's resolver") || f.Certainty != Likely {
		t.Errorf("got %s (%s): %s\n%s", f.ID, f.Certainty, f.Cause, f.Remedy.Text)
	}
	e.Names.Works = true
	if f, _ := Diagnose(e); strings.Contains(f.Cause, "public name") || f.Certainty != Proven {
		t.Errorf("got %s (%s): %s", f.ID, f.Certainty, f.Cause)
	}
}
