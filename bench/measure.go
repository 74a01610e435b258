package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// A client is a program that goes the chain once.
type client struct {
	name string
	args []string
	env  []string // besides what the lab says
	slow bool     // it is run less often

	versions string   // of the packages that it consists of
	files    []string // that it consists of, folders too
}

// A sample is what one run of a client cost.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // memory, bytes
}

// run starts the client and waits for it. The time counts from before the
// process is made until after its end, which must be as expected.
func (c *client) run(ctx context.Context, env []string, exit int) (sample, error) {
	cmd := exec.CommandContext(ctx, c.args[0], c.args[1:]...)
	cmd.Env = slices.Concat(env, c.env)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	begin := time.Now()
	err := cmd.Run()
	s := sample{wall: time.Since(begin)}
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exit {
		return s, fmt.Errorf("%s: %v, want exit status %d\n%s", c.name, err, exit, said.Bytes())
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.peak = u.Maxrss << 10
	}
	return s, nil
}

// A measure is what the runs of a client came to at one latency.
type measure struct {
	runs     int
	wall     time.Duration // the median, as of the others
	cpu      time.Duration
	peak     int64
	most     int64 // the largest peak
	requests int   // of one run
	calls    int   // of them, those of a model
	inRow    int   // of them, those that waited for one another
}

// median of the samples by each of their parts.
func median(samples []sample) measure {
	return measure{
		runs: len(samples),
		wall: middle(samples, func(s sample) time.Duration { return s.wall }),
		cpu:  middle(samples, func(s sample) time.Duration { return s.cpu }),
		peak: middle(samples, func(s sample) int64 { return s.peak }),
		most: slices.MaxFunc(samples, func(a, b sample) int { return cmp.Compare(a.peak, b.peak) }).peak,
	}
}

func middle[T cmp.Ordered](samples []sample, part func(sample) T) T {
	var parts []T
	for _, s := range samples {
		parts = append(parts, part(s))
	}
	slices.Sort(parts)
	return parts[len(parts)/2]
}
