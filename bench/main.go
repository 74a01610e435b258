// Command bench measures what a healthy check costs, side by side with the
// least that its three requests can cost and with other clients that make the
// same chain, in one run on one machine and against the same lab.
//
//	go run ./bench
//	go run ./bench -python VENV/bin/python -node FOLDER -az VENV/bin/az
//
// Absolute times are those of the machine; what to look at are the ratios, and
// how many round trips are waited for.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// latencies are what the lab charges for a request, one after the other.
var latencies = []time.Duration{0, 20 * time.Millisecond, 50 * time.Millisecond, 200 * time.Millisecond}

func run(ctx context.Context) error {
	runs := flag.Int("n", 20, "runs of each Go program at each latency")
	slow := flag.Int("slow", 5, "runs of each other client at 0 and 50 ms")
	binary := flag.String("binary", "", "a built product to measure instead of this tree's")
	python := flag.String("python", "", "a Python with azure-identity and litellm")
	node := flag.String("node", "", "a folder whose node_modules has @azure/identity, openai and undici")
	az := flag.String("az", "", "az")
	lab := flag.String("lab", "", "serve the lab from this folder (how the program starts itself)")
	world := flag.String("world", "", "of the lab, with -lab")
	latency := flag.Duration("latency", 0, "of a request, with -lab")
	conn := flag.Duration("conn-latency", 0, "of a connection, with -lab")
	part := flag.String("part", "", "chain or many: only one target's tables, or only those of many")
	sizes := flag.Bool("sizes", false, "say how large each client is, which takes a while to pack")
	flag.Parse()
	if *lab != "" {
		return serveLab(ctx, *lab, *world, *latency, *conn)
	}

	dir, err := os.MkdirTemp("", "aoai-preflight-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	clients, err := contestants(ctx, dir, *binary, *python, *node, *az)
	if err != nil {
		return err
	}
	b := &bench{dir: dir, clients: clients, runs: *runs, slow: *slow, results: map[condition]map[string]measure{}}
	if *part != "many" {
		for _, l := range latencies {
			if err := b.measure(ctx, condition{request: l}); err != nil {
				return err
			}
			if l > 0 {
				if err := b.measure(ctx, condition{request: l, connection: l}); err != nil {
					return err
				}
			}
		}
	}
	if *part != "chain" {
		for _, f := range fleets {
			for _, l := range []time.Duration{0, 50 * time.Millisecond} {
				if err := b.measure(ctx, condition{request: l, world: f.name}); err != nil {
					return err
				}
			}
		}
	}
	b.print(os.Stdout)
	if *sizes {
		return b.printSizes(os.Stdout)
	}
	return nil
}

// contestants builds what is built here and adds the clients that there are.
func contestants(ctx context.Context, dir, binary, python, node, az string) ([]*client, error) {
	if binary == "" {
		binary = filepath.Join(dir, "aoai-preflight")
		flags, err := compilerFlags("Dockerfile")
		if err != nil {
			return nil, err
		}
		if err := build(ctx, binary, append(flags, "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", ".")...); err != nil {
			return nil, err
		}
	}
	chain := filepath.Join(dir, "chain")
	if err := build(ctx, chain, "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "./bench/chain"); err != nil {
		return nil, err
	}
	out := []*client{{name: ours, args: []string{binary}, files: []string{binary, systemRoots}}, {name: minimum, args: []string{chain}, files: []string{chain}}}
	if python != "" {
		out = append(out, &client{name: "Python azure-identity + LiteLLM", args: []string{python, "bench/clients/chain.py"}, slow: true,
			versions: pythonVersions(ctx, python, "azure-identity", "litellm", "openai"), files: []string{filepath.Dir(filepath.Dir(python))}})
	}
	if node != "" {
		folder, err := filepath.Abs(node)
		if err != nil {
			return nil, err
		}
		out = append(out, &client{name: "Node @azure/identity + openai", args: []string{"node", "bench/clients/chain.mjs"}, env: []string{"BENCH_NODE=" + folder}, slow: true,
			versions: nodeVersions(folder, "@azure/identity", "openai"), files: []string{filepath.Join(folder, "node_modules")}})
	}
	if az != "" {
		out = append(out, &client{name: "az login + token + curl", args: []string{"bash", "bench/clients/chain.sh"}, env: []string{"BENCH_AZ=" + az}, slow: true,
			versions: pythonVersions(ctx, filepath.Join(filepath.Dir(az), "python"), "azure-cli"), files: []string{filepath.Dir(filepath.Dir(az))}})
	}
	return out, nil
}

// compilerFlags are those that the Dockerfile has, which has them for everybody.
func compilerFlags(dockerfile string) ([]string, error) {
	data, err := os.ReadFile(dockerfile)
	if err != nil {
		return nil, err
	}
	flags := regexp.MustCompile(`-gcflags=\S*`).FindAllString(string(data), -1)
	if flags == nil {
		return nil, fmt.Errorf("%s has no -gcflags", dockerfile)
	}
	return flags, nil
}

func build(ctx context.Context, out string, args ...string) error {
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-o", out}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
