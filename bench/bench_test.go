package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestInRow tells requests that waited for each other from those side by side.
func TestInRow(t *testing.T) {
	t.Parallel()
	const latency = 50 * time.Millisecond
	begin := time.Now()
	for _, c := range []struct {
		name    string
		answers []time.Duration // after begin
		want    int
	}{
		{"none", nil, 0},
		{"one after the other", []time.Duration{50, 101, 153}, 3},
		{"two side by side, then two in a row", []time.Duration{50, 51, 102, 155}, 3},
		{"all at once", []time.Duration{50, 50, 52}, 1},
		{"overlapping by half", []time.Duration{50, 75, 100}, 2},
	} {
		var log []azurelab.Request
		for _, ms := range c.answers {
			log = append(log, azurelab.Request{Time: begin.Add(ms * time.Millisecond)})
		}
		if got := inRow(log, latency); got != c.want {
			t.Errorf("%s: %d in a row, want %d", c.name, got, c.want)
		}
	}
}

// TestMedian takes each part's own middle.
func TestMedian(t *testing.T) {
	t.Parallel()
	m := median([]sample{{3, 10, 7}, {1, 30, 9}, {2, 20, 8}})
	if m.wall != 2 || m.cpu != 20 || m.peak != 8 || m.runs != 3 {
		t.Errorf("%+v", m)
	}
}

// TestSize counts files below folders, and packs them.
func TestSize(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a", "b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a/zeros", "a/b/zeros"} {
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte{0}, 1<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := sizeOf(dir)
	if err != nil || s.disk != 2<<20 || s.packed == 0 || s.packed > 1<<14 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestWorlds: every world of many models has its deployments.
func TestWorlds(t *testing.T) {
	t.Parallel()
	for _, f := range fleets {
		w, many, err := worldOf(f.name)
		if err != nil || many == nil {
			t.Fatal(err)
		}
		n := 0
		for _, r := range w.Resources {
			n += len(r.Deployments)
			if f.role != (len(r.Roles) > 0) {
				t.Errorf("%s: %s has %d roles", f.name, r.Name, len(r.Roles))
			}
		}
		if n != f.models || len(w.Resources) != f.resources {
			t.Errorf("%s has %d deployments on %d resources", f.name, n, len(w.Resources))
		}
	}
	if _, _, err := worldOf("atlantis"); err == nil {
		t.Error("a world that is none")
	}
}

// TestCompilerFlags: what is measured is built as the image is.
func TestCompilerFlags(t *testing.T) {
	t.Parallel()
	flags, err := compilerFlags("../Dockerfile")
	if err != nil || len(flags) == 0 || flags[0] != "-gcflags=all=-l" {
		t.Errorf("%q, %v", flags, err)
	}
}
