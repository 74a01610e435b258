package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// serve puts a world behind a proxy on loopback for other clients: the built
// image, a workflow engine, az, the Node SDK. It ends when its time is over or
// its standard input is closed.
func serve(ctx context.Context, args []string) error {
	fs := flag.NewFlagSet("serve", flag.ExitOnError)
	listen := fs.String("listen", "127.0.0.1:0", "address to listen on; loopback only")
	dir := fs.String("dir", ".", "folder for the files that describe the world")
	limit := fs.Duration("for", 10*time.Minute, "how long to serve at most")
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), `usage: go run ./demo serve [flags] WORLD

Writes into the folder: proxy (its URL), ca.pem (its certificate authority),
env (the job's variables, NAME=value), inputs.json (the step's inputs),
secrets (what must never be printed, one a line); at the end requests.jsonl.`)
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return err
	}
	if fs.NArg() != 1 {
		fs.Usage()
		return fmt.Errorf("one world is served at a time")
	}
	s, err := find(fs.Arg(0))
	if err != nil {
		return err
	}
	w := s.World()
	ctx, cancel := context.WithTimeout(ctx, *limit)
	defer cancel()
	go func() {
		io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	proxy, err := azurelab.Serve(ctx, w, *listen)
	if err != nil {
		return err
	}
	defer proxy.Close()
	if err := describe(w, proxy, *dir); err != nil {
		return err
	}
	fmt.Println("ready")
	<-ctx.Done()
	return conclude(w, *dir)
}

// describe writes what a client needs to live in the world.
func describe(w *azurelab.World, proxy *azurelab.Proxy, dir string) error {
	env, err := w.Environ(filepath.Join(dir, "job"))
	if err != nil {
		return err
	}
	var vars strings.Builder
	inputs := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if input, ok := strings.CutPrefix(name, "INPUT_"); ok {
			inputs[strings.ToLower(input)] = env[name]
			continue
		}
		if !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "RUNNER_") && name != "CI" && name != "HOME" {
			fmt.Fprintf(&vars, "%s=%s\n", name, env[name])
		}
	}
	in, err := json.MarshalIndent(inputs, "", "  ")
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{
		"proxy": []byte(proxy.URL), "ca.pem": proxy.CAPEM, "env": []byte(vars.String()), "inputs.json": in,
		"secrets": []byte(strings.Join(w.Secrets(), "\n") + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// conclude writes what came: the requests, and the secrets that were minted
// meanwhile.
func conclude(w *azurelab.World, dir string) error {
	f, err := os.Create(filepath.Join(dir, "requests.jsonl"))
	if err != nil {
		return err
	}
	defer f.Close()
	enc := json.NewEncoder(f)
	for _, r := range w.Requests() {
		if err := enc.Encode(r); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "secrets"), []byte(strings.Join(w.Secrets(), "\n")+"\n"), 0o600)
}
