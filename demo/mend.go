package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// fix plays a world, does what its first finding says, and plays it again.
func fix(ctx context.Context, w io.Writer, name string) error {
	return again(ctx, w, name, func(world *azurelab.World, f *preflight.Finding) error {
		fmt.Fprintf(w, "\nDone now, and nothing else: %s %s\n", f.Remedy.Kind, parameters(f.Remedy.Params))
		return world.Apply(string(f.Remedy.Kind), f.Remedy.Params)
	})
}

// paste plays a world, runs the commands of az and gh that are pasted, and
// plays it again.
func paste(ctx context.Context, w io.Writer, in io.Reader, name string) error {
	return again(ctx, w, name, func(world *azurelab.World, _ *preflight.Finding) error {
		fmt.Fprint(w, "\nPaste the printed command, and end with Enter and Ctrl-D (Ctrl-Z and Enter on Windows):\n\n")
		script, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if strings.TrimSpace(string(script)) == "" {
			fmt.Fprintln(w, "Nothing was pasted.")
			return nil
		}
		console := world.Console()
		_, err = console.Run(unfolded(string(script)))
		for _, c := range console.Calls {
			fmt.Fprintf(w, "The lab ran: %s\n", strings.Join(c.Args[:min(len(c.Args), 4)], " "))
		}
		if err != nil {
			// As in a terminal: what came before it is done.
			fmt.Fprintf(w, "The lab refuses: %v\n", err)
		}
		return nil
	})
}

// again plays a world, changes it, and plays it once more, with the same log
// as a step has.
func again(ctx context.Context, w io.Writer, name string, change func(*azurelab.World, *preflight.Finding) error) error {
	s, err := find(name)
	if err != nil {
		return err
	}
	world := s.World()
	before, err := performIn(ctx, world)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "World %s: %s\n\n%s", s.Name, s.Story, before.text)
	if len(before.findings) == 0 {
		return fmt.Errorf("nothing is wrong in %s", name)
	}
	if err := change(world, &before.findings[0]); err != nil {
		return err
	}
	after, err := performIn(ctx, world)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nThe same job again:\n\n%s", after.text)
	if after.exit != 0 {
		return fmt.Errorf("it fails still; some worlds take more than one fix")
	}
	return nil
}

// unfolded is a script without its continued lines.
func unfolded(script string) string {
	return strings.ReplaceAll(strings.ReplaceAll(script, "\r\n", "\n"), "\\\n", " ")
}

func parameters(p map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		words = append(words, name+"="+p[name])
	}
	return strings.Join(words, " ")
}

// withoutCommands is the part of a step's log that is for people.
func withoutCommands(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "::") {
			b.WriteString(line)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// findingsOf are the findings of a report's file.
func findingsOf(report []byte) ([]preflight.Finding, error) {
	var r preflight.Report
	if err := json.Unmarshal(report, &r); err != nil {
		return nil, fmt.Errorf("the report: %w", err)
	}
	return r.Findings, nil
}
