package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/aoai-preflight/aoai-preflight/preflight/litellm"
)

//go:embed driver.py
var driverSource string

// callLimit is how long one call may take. Nothing in the lab waits; the time is
// for a machine that is busy.
const callLimit = 5 * time.Minute

// startLimit is how long the libraries may take to be imported, and compiled the
// first time.
const startLimit = 15 * time.Minute

// A driver is a Python process with the real clients.
type driver struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	lines   chan []byte
	said    *tail
	cancel  context.CancelFunc
	release release
}

// A release is what the process has installed.
type release struct {
	Versions map[string]string `json:"versions"`
	Python   string            `json:"python"`
}

// versions are those of the libraries that decide.
func (r release) versions() litellm.Versions {
	parse := func(name string) litellm.Version {
		v, _ := litellm.ParseVersion(r.Versions[name])
		return v
	}
	return litellm.Versions{LiteLLM: parse("litellm"), OpenAI: parse("openai"), DSPy: parse("dspy")}
}

// An outcome is what the client did in the end.
type outcome struct {
	OK    bool   `json:"ok"`
	Error string `json:"error"` // class
	Text  string `json:"text"`  // of the exception
}

// startDriver starts an interpreter behind the lab's proxy. Its environment has
// nothing of ours but what a process needs to run.
func startDriver(ctx context.Context, l *lab, python string) (*driver, error) {
	script, ca := filepath.Join(l.dir, "driver.py"), filepath.Join(l.dir, "ca.pem")
	home, empty := filepath.Join(l.dir, "home"), filepath.Join(l.dir, "path")
	for _, d := range []string{home, empty} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	for name, data := range map[string][]byte{script: []byte(driverSource), ca: l.proxy.CAPEM} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	d := &driver{cancel: cancel, lines: make(chan []byte), said: &tail{}}
	d.cmd = exec.CommandContext(ctx, python, "-I", script)
	d.cmd.Dir = home
	d.cmd.Stderr = d.said
	d.cmd.Env = []string{
		"HOME=" + home, "PATH=" + empty, "DSPY_CACHEDIR=" + filepath.Join(home, "dspy"), "DSPY_CACHE_DIR=" + filepath.Join(home, "dspy"),
		"LITELLM_LOCAL_MODEL_COST_MAP=True", "LITELLM_MODE=PRODUCTION", "DO_NOT_TRACK=1", "LITELLM_LOG=CRITICAL",
	}
	for name, value := range l.proxy.Environ(ca) {
		d.cmd.Env = append(d.cmd.Env, name+"="+value)
	}
	var err error
	if d.in, err = d.cmd.StdinPipe(); err != nil {
		cancel()
		return nil, err
	}
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		cancel()
		return nil, err
	}
	if err := d.cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	go func() {
		defer close(d.lines)
		s := bufio.NewScanner(out)
		s.Buffer(nil, 1<<20)
		for s.Scan() {
			d.lines <- append([]byte(nil), s.Bytes()...)
		}
	}()
	if err := d.answer(startLimit, &d.release); err != nil {
		d.close()
		return nil, fmt.Errorf("%s does not start the driver: %w", python, err)
	}
	return d, nil
}

// answer reads one line.
func (d *driver) answer(limit time.Duration, into any) error {
	select {
	case line, ok := <-d.lines:
		if !ok {
			return fmt.Errorf("the driver ended: %s", d.said)
		}
		return json.Unmarshal(line, into)
	case <-time.After(limit):
		return fmt.Errorf("no answer within %s: %s", limit, d.said)
	}
}

// call lets the client make one call.
func (d *driver) call(line []byte) (outcome, error) {
	var o outcome
	if _, err := d.in.Write(append(line, '\n')); err != nil {
		return o, fmt.Errorf("the driver ended: %w: %s", err, d.said)
	}
	return o, d.answer(callLimit, &o)
}

func (d *driver) close() {
	d.in.Close()
	d.cancel()
	for range d.lines { // until the reader has seen the end
	}
	d.cmd.Wait() // always an error: it was killed
}

// tail keeps the end of what a process prints.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if over := len(t.text) - 2000; over > 0 {
		t.text = t.text[over:]
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.text) }
