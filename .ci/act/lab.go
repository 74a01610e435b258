package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A lab is a world that is being served.
type lab struct {
	dir    string
	proxy  string
	env    []string // NAME=value: what the job of this world has
	inputs map[string]string
	ca     []byte // PEM

	cmd   *exec.Cmd
	stdin io.Closer
}

// serve starts a world and waits until it answers.
func (h *harness) serve(ctx context.Context, dir, world string) (_ *lab, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	l := &lab{dir: dir}
	l.cmd = exec.CommandContext(ctx, h.lab, "serve", "--listen", "127.0.0.1:0", "--dir", dir, "--for", "10m", world)
	l.cmd.Stderr = os.Stderr
	// It serves until its standard input ends.
	if l.stdin, err = l.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.stop()
		}
	}()
	for said := bufio.NewScanner(stdout); ; {
		if !said.Scan() {
			return nil, fmt.Errorf("the lab ended before it was ready")
		}
		if said.Text() == "ready" {
			break
		}
	}

	var inputs []byte
	for name, read := range map[string]func([]byte){
		"proxy":       func(b []byte) { l.proxy = strings.TrimSpace(string(b)) },
		"env":         func(b []byte) { l.env = lines(b) },
		"inputs.json": func(b []byte) { inputs = b },
		"ca.pem":      func(b []byte) { l.ca = b },
	} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		read(content)
	}
	return l, json.Unmarshal(inputs, &l.inputs)
}

// stop ends the lab, which then writes what was asked of it and every secret that it handed out.
// Ending it twice is harmless.
func (l *lab) stop() {
	l.stdin.Close()
	l.cmd.Wait()
}

// secrets are what must never be printed, those included that the lab handed out until it ended.
func (l *lab) secrets() []string {
	content, err := os.ReadFile(filepath.Join(l.dir, "secrets"))
	if err != nil {
		return nil
	}
	return lines(content)
}

// calls are the requests to the deployment's own host that reached the lab.
func (l *lab) calls() ([]string, error) {
	endpoint, err := url.Parse(l.inputs["endpoint"])
	if err != nil {
		return nil, err
	}
	content, err := os.ReadFile(filepath.Join(l.dir, "requests.jsonl"))
	if err != nil {
		return nil, err
	}
	var calls []string
	for _, line := range lines(content) {
		var request struct{ Method, Host, Path string }
		if err := json.Unmarshal([]byte(line), &request); err != nil {
			return nil, err
		}
		if request.Host == endpoint.Hostname() {
			calls = append(calls, request.Method+" "+request.Path)
		}
	}
	return calls, nil
}

func lines(b []byte) []string {
	return slices.DeleteFunc(strings.Split(string(b), "\n"), func(s string) bool { return strings.TrimSpace(s) == "" })
}
