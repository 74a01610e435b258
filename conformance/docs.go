package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

// page is where the run is recorded, from the module's root.
const page = "docs/conformance.md"

// The marks between which the page has the recorded run.
const (
	beginRun = "<!-- run: written by `go run ./conformance --update-docs` -->\n"
	endRun   = "<!-- end of run -->\n"
)

// updateDocs writes the table of a run into the page.
func updateDocs(o *options, results []*result, took time.Duration) error {
	data, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(data), beginRun)
	_, after, ok2 := strings.Cut(rest, endRun)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the run", page)
	}
	return os.WriteFile(page, []byte(before+beginRun+recorded(o, results, took)+endRun+after), 0o644)
}

// recorded is the run as the page has it.
func recorded(o *options, results []*result, took time.Duration) string {
	var b strings.Builder
	total, differing := 0, 0
	for _, r := range results {
		total += r.combinations
		differing += r.differing
	}
	fmt.Fprintf(&b, "\nSeed %s, %s, Python %s, %d cores, %s: %d combinations, %d disagreements.\n\n%s\n",
		o.seed, today(), results[0].Python, runtime.NumCPU(), took.Round(time.Second), total, differing, table(results))
	b.WriteString("What was sent, by the credential that Resolve named:\n\n" + sourceTable(results) + "\n")
	return b.String()
}

func today() string { return time.Now().UTC().Format(time.DateOnly) }

// sourceTable is how often each credential was the one, by environment: what
// the combinations cover.
func sourceTable(results []*result) string {
	all := map[litellm.Source]bool{}
	for _, r := range results {
		for s := range r.sources {
			all[s] = true
		}
	}
	columns := slices.Sorted(maps.Keys(all))
	var b strings.Builder
	b.WriteString("| Environment |")
	for _, s := range columns {
		fmt.Fprintf(&b, " %s |", s)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(columns)) + "\n")
	for _, r := range results {
		fmt.Fprintf(&b, "| %s |", r.name)
		for _, s := range columns {
			fmt.Fprintf(&b, " %d |", r.sources[s])
		}
		b.WriteString("\n")
	}
	return b.String()
}
