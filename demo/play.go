package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// A play is one run of the product in a world, and what a user would see of it.
type play struct {
	log, outputs, summary string
	text                  string // the log without the runner's commands
	findings              []preflight.Finding
	exit                  int
}

func listWorlds() {
	fmt.Println("The worlds, and what is wrong with each:")
	for _, s := range azurelab.Scenarios() {
		fmt.Printf("  %-28s %s\n", s.Name, s.Story)
	}
	fmt.Println("\nPlay one with `go run ./demo NAME`, all with `go run ./demo all`.")
}

func find(name string) (azurelab.Scenario, error) {
	for _, s := range azurelab.Scenarios() {
		if s.Name == name {
			return s, nil
		}
	}
	return azurelab.Scenario{}, fmt.Errorf("there is no world %q; `go run ./demo list` lists them", name)
}

func playNamed(ctx context.Context, name string) error {
	s, err := find(name)
	if err != nil {
		return err
	}
	p, err := perform(ctx, s)
	if err != nil {
		return err
	}
	rule := strings.Repeat("─", 78)
	fmt.Printf("\n%s\nWorld %s: %s\n%s\n\n", rule, s.Name, s.Story, rule)
	fmt.Printf("The step's log, as the runner gets it:\n\n%s\n", p.log)
	fmt.Printf("Exit code: %d\n\nOutputs:\n%s\nJob summary:\n\n%s\n", p.exit, indent(p.outputs), p.summary)
	return nil
}

// playAll plays every world and compares it with what its story expects.
func playAll(ctx context.Context) error {
	scenarios := azurelab.Scenarios()
	plays := make([]play, len(scenarios))
	errs := make([]error, len(scenarios))
	// Some worlds answer nothing until a deadline is over: play them side by side.
	slots := make(chan struct{}, 16)
	var wg sync.WaitGroup
	for i, s := range scenarios {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			plays[i], errs[i] = perform(ctx, s)
		})
	}
	wg.Wait()
	wrong := 0
	for i, s := range scenarios {
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", s.Name, errs[i])
		}
		verdict, diagnosis := output(plays[i].outputs, "verdict"), output(plays[i].outputs, "diagnosis")
		mark := "✓"
		if verdict != s.Verdict || diagnosis != s.Diagnosis {
			mark = "✗"
			wrong++
		}
		fmt.Printf("%s %-28s %-8s %s\n", mark, s.Name, verdict, diagnosis)
	}
	if wrong > 0 {
		return fmt.Errorf("%d worlds were not diagnosed as their story says", wrong)
	}
	return nil
}

// perform runs the product in a new world.
func perform(ctx context.Context, s azurelab.Scenario) (play, error) {
	return performIn(ctx, s.World())
}

// performIn runs the product in the world, as a runner would: no arguments,
// inputs in the environment, outputs and summary as files.
func performIn(ctx context.Context, w *azurelab.World) (play, error) {
	dir, err := os.MkdirTemp("", "aoai-preflight-demo-")
	if err != nil {
		return play{}, err
	}
	defer os.RemoveAll(dir)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	proxy, err := azurelab.Serve(ctx, w, "127.0.0.1:0")
	if err != nil {
		return play{}, err
	}
	defer proxy.Close()
	env, err := w.Environ(dir)
	if err != nil {
		return play{}, err
	}
	// What a job behind a company's proxy has.
	env["HTTPS_PROXY"], env["HTTP_PROXY"] = proxy.URL, proxy.URL
	if env["INPUT_CA-BUNDLE"] == "" {
		if err := os.WriteFile(filepath.Join(env["GITHUB_WORKSPACE"], "proxy-ca.pem"), proxy.CAPEM, 0o600); err != nil {
			return play{}, err
		}
		env["INPUT_CA-BUNDLE"] = "proxy-ca.pem"
	}
	if env["INPUT_REPORT"] == "" {
		env["INPUT_REPORT"] = "preflight.json"
	}
	var log bytes.Buffer
	exit := preflight.Main(ctx, preflight.World{
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Resolver:  w,
		Stdin:     strings.NewReader(""),
		Stdout:    &log,
		Stderr:    &log,
	}, nil)
	outputs, _ := os.ReadFile(env["GITHUB_OUTPUT"])
	summary, _ := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	p := play{log: shown(log.String()), text: withoutCommands(log.String()), outputs: flatten(string(outputs)), summary: string(summary), exit: exit}
	if report := output(p.outputs, "report"); report != "" {
		data, err := os.ReadFile(filepath.Join(env["GITHUB_WORKSPACE"], report))
		if err != nil {
			return play{}, err
		}
		if p.findings, err = findingsOf(data); err != nil {
			return play{}, err
		}
	}
	return p, nil
}

// shown is the log without the commands that the runner swallows.
func shown(log string) string {
	var b strings.Builder
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "::add-mask::") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// flatten turns the file of outputs into lines NAME=VALUE.
func flatten(file string) string {
	var b strings.Builder
	lines := strings.Split(file, "\n")
	for i := 0; i+1 < len(lines); i++ {
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
			continue
		}
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		fmt.Fprintf(&b, "%s=%s\n", name, strings.Join(value, "\n"))
	}
	return b.String()
}

func output(outputs, name string) string {
	for line := range strings.Lines(outputs) {
		if v, ok := strings.CutPrefix(strings.TrimRight(line, "\n"), name+"="); ok {
			return v
		}
	}
	return ""
}

func indent(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString("  " + line)
	}
	return b.String()
}
