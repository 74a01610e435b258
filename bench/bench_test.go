package main

import (
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
