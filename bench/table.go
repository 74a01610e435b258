package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The two clients that are always there.
const (
	ours    = "aoai-preflight"
	minimum = "three bare requests in Go"
)

// A condition is what the lab charges, and its world: "" is the healthy one of
// one deployment.
type condition struct {
	request, connection time.Duration
	world               string
}

// A bench is the state of a run of the benchmark.
type bench struct {
	dir        string
	clients    []*client
	runs, slow int
	results    map[condition]map[string]measure
}

// measure runs every client under a condition, in turns, so that what else the
// machine does falls on all of them.
func (b *bench) measure(ctx context.Context, c condition) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	_, many, err := worldOf(c.world)
	if err != nil {
		return err
	}
	exit := 0
	if many != nil && !many.role {
		exit = 1
	}
	dir := filepath.Join(b.dir, c.world+c.request.String()+"-"+c.connection.String())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	lab := exec.CommandContext(ctx, self, "-lab", dir, "-world", c.world, "-latency", c.request.String(), "-conn-latency", c.connection.String())
	lab.Stderr = os.Stderr
	in, err := lab.StdinPipe()
	if err != nil {
		return err
	}
	out, err := lab.StdoutPipe()
	if err != nil {
		return err
	}
	if err := lab.Start(); err != nil {
		return err
	}
	defer lab.Wait()
	defer in.Close()
	answers := bufio.NewScanner(out)
	if !answers.Scan() {
		return fmt.Errorf("the lab did not start")
	}
	env, err := readEnviron(filepath.Join(dir, "environ.json"))
	if err != nil {
		return err
	}
	samples, counts := map[string][]sample{}, map[string]measure{}
	for i := range b.runs + 1 {
		for _, client := range b.clients {
			if many != nil && client.name != ours {
				continue
			}
			if client.slow && (i > b.slow || c.connection > 0 || c.request != 0 && c.request != 50*time.Millisecond) {
				continue
			}
			s, err := client.run(ctx, env, exit)
			if err != nil {
				return err
			}
			fmt.Fprintln(in)
			if !answers.Scan() {
				return fmt.Errorf("the lab has gone")
			}
			var m measure
			if _, err := fmt.Sscan(answers.Text(), &m.requests, &m.calls, &m.inRow); err != nil {
				return err
			}
			counts[client.name] = m
			if i > 0 { // the first run warms the file cache
				samples[client.name] = append(samples[client.name], s)
			}
		}
	}
	b.results[c] = map[string]measure{}
	for name, list := range samples {
		m := median(list)
		m.requests, m.calls, m.inRow = counts[name].requests, counts[name].calls, counts[name].inRow
		b.results[c][name] = m
	}
	return nil
}

func readEnviron(path string) ([]string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var env map[string]string
	if err := json.Unmarshal(data, &env); err != nil {
		return nil, err
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out, nil
}

// print writes the results as tables in Markdown.
func (b *bench) print(w io.Writer) {
	fmt.Fprintf(w, "%s, %s/%s, %d processors; medians of %d runs (other clients: %d), in turns.\n", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), b.runs, b.slow)
	for _, c := range b.clients {
		if c.versions != "" {
			fmt.Fprintf(w, "%s: %s.\n", c.name, c.versions)
		}
	}
	if b.results[condition{}] != nil {
		b.printChain(w)
	}
	if b.results[condition{world: fleets[0].name}] != nil {
		b.printFleets(w)
	}
}

// printChain says what the chain to one target costs.
func (b *bench) printChain(w io.Writer) {
	fmt.Fprintf(w, "\nWall time by what the lab charges. Round trips waited: the wall time less that at 0 ms, in latencies.\n\n")
	fmt.Fprintln(w, "| a request | a connection | aoai-preflight | bare | ratio | round trips waited | bare | requests | bare |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	zero := b.results[condition{}]
	for _, l := range latencies {
		for _, c := range []condition{{request: l}, {request: l, connection: l}} {
			r, there := b.results[c]
			if !there || c.connection != c.request && c.connection != 0 {
				continue
			}
			o, m := r[ours], r[minimum]
			waited := func(x, at0 measure) string {
				if l == 0 {
					return "–"
				}
				return fmt.Sprintf("%.2f", float64(x.wall-at0.wall)/float64(l))
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %.2f | %s | %s | %d | %d |\n", ms(c.request), ms(c.connection), ms(o.wall), ms(m.wall),
				float64(o.wall)/float64(m.wall), waited(o, zero[ours]), waited(m, zero[minimum]), o.requests, m.requests)
			if l == 0 {
				break
			}
		}
	}
	for _, l := range []time.Duration{0, 50 * time.Millisecond} {
		b.printClients(w, l)
	}
}

// printFleets says what many targets cost.
func (b *bench) printFleets(w io.Writer) {
	fmt.Fprintf(w, "\nMany targets, aoai-preflight alone.\n\n")
	fmt.Fprintln(w, "| configuration | a request | wall | CPU | peak memory, median and largest | calls | requests in a row |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|")
	for _, f := range fleets {
		for _, l := range []time.Duration{0, 50 * time.Millisecond} {
			m := b.results[condition{request: l, world: f.name}][ours]
			row := "–"
			if l > 0 {
				row = fmt.Sprint(m.inRow)
			}
			fmt.Fprintf(w, "| %s | %s | %s | %s | %.1f MB, %.1f MB | %d | %s |\n", f.title, ms(l), ms(m.wall), ms(m.cpu), float64(m.peak)/1e6, float64(m.most)/1e6, m.calls, row)
		}
	}
}

// printClients compares all clients at one latency.
func (b *bench) printClients(w io.Writer, latency time.Duration) {
	r := b.results[condition{request: latency}]
	o := r[ours]
	fmt.Fprintf(w, "\nAt %s a request; in brackets as a multiple of aoai-preflight's.\n\n", ms(latency))
	fmt.Fprintln(w, "| client | wall | CPU | peak memory | requests | in a row |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, c := range b.clients {
		m, there := r[c.name]
		if !there {
			continue
		}
		row := "–"
		if latency > 0 {
			row = fmt.Sprint(m.inRow)
		}
		fmt.Fprintf(w, "| %s | %s%s | %s%s | %.1f MB%s | %d | %s |\n", c.name, ms(m.wall), times(float64(m.wall), float64(o.wall)),
			ms(m.cpu), times(float64(m.cpu), float64(o.cpu)), float64(m.peak)/1e6, times(float64(m.peak), float64(o.peak)), m.requests, row)
	}
}

// printSizes says how large each client is.
func (b *bench) printSizes(w io.Writer) error {
	fmt.Fprintf(w, "\nWhat each client consists of, without interpreters and an image's base.\n\n")
	fmt.Fprintln(w, "| client | on disk | packed (tar, gzip) |")
	fmt.Fprintln(w, "|---|---|---|")
	for _, c := range b.clients {
		s, err := sizeOf(c.files...)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "| %s | %.1f MB | %.1f MB |\n", c.name, float64(s.disk)/1e6, float64(s.packed)/1e6)
	}
	return nil
}

func ms(d time.Duration) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(d)/float64(time.Millisecond)), ".0") + " ms"
}

func times(x, of float64) string {
	if x >= 10*of {
		return fmt.Sprintf(" (%.0f)", x/of)
	}
	return fmt.Sprintf(" (%.1f)", x/of)
}
