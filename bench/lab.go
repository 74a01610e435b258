package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// serveLab is the lab in a process of its own, so that what it needs is not
// counted for a client: a world behind a proxy on loopback, slow as the
// arguments say. It writes the clients' environment into the folder, and for
// every line on its standard input one with the number of requests since the
// last, how many of them were calls of a model, and how many came one after the
// other. It ends with its input.
func serveLab(ctx context.Context, dir, world string, latency, connLatency time.Duration) error {
	w, many, err := worldOf(world)
	if err != nil {
		return err
	}
	w.Latency, w.ConnLatency = latency, connLatency
	proxy, err := azurelab.Serve(ctx, w, "")
	if err != nil {
		return err
	}
	defer proxy.Close()
	env, err := environ(w, proxy, dir)
	if err != nil {
		return err
	}
	if many != nil {
		if err := many.configure(w, env); err != nil {
			return err
		}
	}
	data, err := json.Marshal(env)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "environ.json"), data, 0o600); err != nil {
		return err
	}
	fmt.Println("ready")
	seen := 0
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		log := w.Requests()
		calls := 0
		for _, r := range log[seen:] {
			if r.Service == azurelab.ServiceModel {
				calls++
			}
		}
		fmt.Println(len(log)-seen, calls, inRow(log[seen:], latency))
		seen = len(log)
	}
	return nil
}

// inRow is the longest chain of requests of which each came after the answer to
// the one before. The log has the time of the answer, which took the latency.
func inRow(log []azurelab.Request, latency time.Duration) int {
	n := 0
	var answered time.Time
	for _, r := range log { // in the order of the answers
		if !r.Time.Add(-latency).Before(answered) {
			n++
			answered = r.Time
		}
	}
	return n
}

// environ is what every client gets: the job's variables, the way to the proxy,
// and certificate roots as many as the action's image has, the lab's among them.
func environ(w *azurelab.World, proxy *azurelab.Proxy, dir string) (map[string]string, error) {
	env, err := w.Environ(filepath.Join(dir, "job"))
	if err != nil {
		return nil, err
	}
	roots := filepath.Join(dir, "roots.pem")
	if err := writeRoots(roots, proxy.CAPEM); err != nil {
		return nil, err
	}
	empty := filepath.Join(dir, "certs")
	if err := os.MkdirAll(empty, 0o700); err != nil {
		return nil, err
	}
	for name, value := range proxy.Environ(roots) {
		env[name] = value
	}
	env["SSL_CERT_DIR"] = empty // the machine's own would come on top
	for name, input := range map[string]string{"ENDPOINT": "endpoint", "DEPLOYMENT": "deployment", "TENANT_ID": "tenant-id", "CLIENT_ID": "client-id"} {
		env["BENCH_"+name] = w.Job.Inputs[input]
	}
	return env, nil
}

// systemRoots are Debian's and Alpine's certificate roots.
const systemRoots = "/etc/ssl/certs/ca-certificates.crt"

// writeRoots writes the system's bundle with the lab's authority behind it, or
// this alone where there is no bundle.
func writeRoots(path string, lab []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if system, err := os.Open(systemRoots); err == nil {
		defer system.Close()
		if _, err := io.Copy(f, system); err != nil {
			return err
		}
	}
	_, err = f.Write(lab)
	return err
}
