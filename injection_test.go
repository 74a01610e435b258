package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/aoai-preflight/aoai-preflight/internal/actionsrunner"
	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// What stands in the place of a job's step: the program itself, or with -image
// a container of the action's image, as a runner starts it.
var image = flag.String("image", "", "run the program in a container of this `image`")

// pwned are the texts of somebody who wants the runner, the page or the reader
// to do something. Each holds the word, so that a test can see that it arrived.
const (
	pwnedLines    = "pwned\n::error::pwned\r\n  ::set-output name=verdict::pwned\n\u3000::add-mask::pwned\n##[error]pwned ##[group]pwned%0A::notice::pwned"
	pwnedHidden   = "pwned #\u2064#\ufe0f[warning]pwned \u200b:\u00ad:error::pwned\u202egnp.exe\x1b]8;;https://evil.example\x07pwned\x1b[2J\u009b31m"
	pwnedMarkdown = "pwned </td></tr></table><img src=x onerror=alert(1)> [pwned](https://evil.example) ![](https://evil.example/b) @octocat #1 GH-2 www.evil.example | `pwned` ``` <!-- </details>"
	pwnedOutputs  = "pwned\n_GitHubActionsFileCommandDelimeter_\nverdict<<x\npass\nx\nresult=pass\nEOF\nA=b"
	pwnedBytes    = "pwned\xff\xfe\xc3\x28\xed\xa0\x80"
	pwnedName     = "pwned\n::error file=x,title=pwned::pwned ##[error]pwned `|` <img> [a](b) @octocat\x1b[31m.yml"
)

var pwned = []string{pwnedLines, pwnedHidden, pwnedMarkdown, pwnedOutputs, pwnedBytes}

// An injection is an attack: who says what where.
type injection struct {
	name    string
	start   func() *azurelab.World // nil for the healthy one
	world   func(w *azurelab.World)
	job     func(env map[string]string, write func(name, content string))
	verdict string
	// silent says that nothing of the text is shown at all, which is right for
	// what no finding is about.
	silent bool
}

func input(name, value string) func(map[string]string, func(string, string)) {
	return func(env map[string]string, _ func(string, string)) { env["INPUT_"+strings.ToUpper(name)] = value }
}

func hostileAnswer(s azurelab.Service, status int) func(*azurelab.World) {
	return func(w *azurelab.World) {
		w.Faults = []azurelab.Fault{{Service: s, Kind: azurelab.FaultHostile, Status: status}}
	}
}

// hostileConfig is a LiteLLM configuration of texts that somebody wrote into a
// pull request. YAML reads Go's quotation alike.
func hostileConfig(text string) string {
	return fmt.Sprintf(`model_list:
  - model_name: %+[1]q
    litellm_params:
      model: %+[2]q
      api_base: https://octo-aoai.openai.azure.com
      api_version: "2024-10-21"
      azure_ad_token: oidc/github/api://AzureADTokenExchange
      tenant_id: 6babcaad-604b-40ac-a9d7-9fd97c0b779f
      client_id: 3f9d4c52-6c1f-4f0e-9b57-1d2f7b1a8c11
`, text, "azure/"+text)
}

// injections are the attacks.
func injections() []injection {
	list := []injection{
		{name: "answers/github", world: hostileAnswer(azurelab.ServiceGitHub, 500), verdict: "fail"},
		{name: "answers/entra", world: hostileAnswer(azurelab.ServiceEntra, 400), verdict: "fail"},
		{name: "answers/model 400", world: hostileAnswer(azurelab.ServiceModel, 400), verdict: "fail"},
		{name: "answers/model 401", world: hostileAnswer(azurelab.ServiceModel, 401), verdict: "fail"},
		{name: "answers/model 429", world: hostileAnswer(azurelab.ServiceModel, 429), verdict: "warn"},
		{name: "files/a missing one", job: input("litellm-config", pwnedName), verdict: "fail"},
		{name: "files/a broken one", verdict: "fail", job: func(env map[string]string, write func(string, string)) {
			write(pwnedName, "model_list: [\n\t}")
			env["INPUT_LITELLM-CONFIG"] = pwnedName
		}},
		{name: "files/a configuration", verdict: "fail", job: func(env map[string]string, write func(string, string)) {
			write(pwnedName, hostileConfig("chatt"))
			env["INPUT_LITELLM-CONFIG"] = pwnedName
		}},
		{name: "files/a lock", verdict: "fail", job: func(env map[string]string, write func(string, string)) {
			write(strings.ReplaceAll(pwnedName, ".yml", "-requirements.txt"), "litellm==1.82.8\n")
			env["INPUT_CLIENT"] = "litellm"
		}},
		{name: "files/a report", verdict: "pass", job: input("report", pwnedName)},
		{name: "the event", verdict: "pass", silent: true, job: func(env map[string]string, write func(string, string)) {
			for _, name := range []string{"GITHUB_REF", "GITHUB_ACTOR", "GITHUB_JOB", "GITHUB_HEAD_REF", "GITHUB_WORKFLOW", "GITHUB_WORKFLOW_REF", "GITHUB_EVENT_NAME", "GITHUB_REPOSITORY", "RUNNER_ENVIRONMENT", "RUNNER_NAME"} {
				env[name] = pwnedLines + pwnedMarkdown
			}
		}},
	}
	for i, text := range pwned {
		n := string(rune('1' + i))
		list = append(list,
			injection{name: "names/model in a configuration " + n, verdict: "fail", job: func(env map[string]string, write func(string, string)) {
				write("config.yaml", hostileConfig(text))
				env["INPUT_LITELLM-CONFIG"] = "config.yaml"
			}},
			injection{name: "names/deployment " + n, verdict: "fail", job: input("deployment", strings.ReplaceAll(text, "\n", " "))},
			injection{name: "names/endpoint " + n, verdict: "fail", job: input("endpoint", "https://"+text)},
			injection{name: "names/tenant " + n, verdict: "fail", job: input("tenant-id", text)},
			injection{name: "names/model that answers " + n, verdict: "pass", world: func(w *azurelab.World) { w.Resources[0].Deployments[0].Model = text }},
			injection{name: "log/" + n, verdict: "fail", job: func(env map[string]string, write func(string, string)) {
				write("suite.log", "openai.AuthenticationError: Error code: 401 - {'error': {'code': 'pwned', 'message': '"+text+"'}}\n")
				env["INPUT_LOG"] = "suite.log"
			}},
			injection{name: "variables/authority " + n, verdict: "fail", job: func(env map[string]string, _ func(string, string)) { env["AZURE_AUTHORITY_HOST"] = "https://" + text }},
		)
	}
	return list
}

// TestInjection runs every attack, and reads what the step leaves behind as the
// runner does: the commands, outputs and annotations are only ours.
func TestInjection(t *testing.T) {
	t.Parallel()
	slots := make(chan struct{}, 4) // containers take their time
	for _, debug := range []string{"", "1"} {
		for _, x := range injections() {
			if debug != "" && *image != "" && !strings.HasPrefix(x.name, "answers/") {
				continue // a container takes its time, and the debug log has what the answers say
			}
			name := x.name
			if debug != "" {
				name += ", debug"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				slots <- struct{}{}
				defer func() { <-slots }()
				s := perform(t, x, debug)
				s.check(t, x)
				if t.Failed() {
					t.Logf("exit code %d, stdout:\n%q\nstderr:\n%q\noutputs:\n%q\nsummary:\n%s", s.exit, s.stdout, s.stderr, s.outputs, s.summary)
				}
			})
		}
	}
}

// A stepResult is everything that a step leaves behind.
type stepResult struct {
	world                            *azurelab.World
	exit                             int
	stdout, stderr, outputs, summary string
	others                           map[string]string // the command files that are not ours to write
	reports                          []string
}

// perform runs the step in the world of an attack.
func perform(t *testing.T, x injection, debug string) *stepResult {
	t.Helper()
	w := azurelab.Healthy()
	if x.start != nil {
		w = x.start()
	}
	if x.world != nil {
		x.world(w)
	}
	proxy, err := azurelab.Serve(t.Context(), w, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	dir := t.TempDir()
	env, err := w.Environ(dir)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(env["GITHUB_WORKSPACE"], name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("proxy-ca.pem", string(proxy.CAPEM))
	maps.Copy(env, proxy.Environ(filepath.Join(env["GITHUB_WORKSPACE"], "proxy-ca.pem")))
	env["INPUT_REPORT"], env["INPUT_TIMEOUT"] = "out/preflight.json", "1m"
	if env["RUNNER_DEBUG"] = debug; debug != "" {
		env["AZURE_SDK_GO_LOGGING"] = "all"
	}
	if x.job != nil {
		x.job(env, write)
	}
	s := &stepResult{world: w, others: map[string]string{}}
	s.run(t, dir, env)
	read := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return string(data)
	}
	s.outputs, s.summary = read(env["GITHUB_OUTPUT"]), read(env["GITHUB_STEP_SUMMARY"])
	for _, name := range []string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE"} {
		s.others[name] = read(env[name])
	}
	for _, name := range []string{"out/preflight.json", env["INPUT_REPORT"]} {
		s.reports = append(s.reports, read(filepath.Join(env["GITHUB_WORKSPACE"], name)))
	}
	return s
}

// run starts the process or the container, and waits for its end.
func (s *stepResult) run(t *testing.T, dir string, env map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var cmd *exec.Cmd
	if *image == "" {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd = exec.CommandContext(ctx, self)
		cmd.Env = append(cmd.Env, asProgram+"=1")
		for name, value := range env {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	} else {
		args := []string{"run", "--rm", "--network", "host", "--workdir", "/github/workspace", "--entrypoint", "/usr/local/bin/aoai-preflight"}
		for _, part := range []string{"workspace", "runner_temp", "home", "workflow", "file_commands"} {
			args = append(args, "--volume", filepath.Join(dir, part)+":/github/"+part)
		}
		for _, name := range slices.Sorted(maps.Keys(env)) {
			if name == "PATH" {
				continue // the image's own
			}
			// As the runner does it: what begins with a folder that is mounted is
			// translated, and nothing else.
			value := env[name]
			if rest, ok := strings.CutPrefix(value, dir+"/"); ok {
				value = "/github/" + rest
			}
			args = append(args, "--env", name+"="+value)
		}
		cmd = exec.CommandContext(ctx, "docker", append(args, *image)...)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	s.exit, s.stdout, s.stderr = cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// check reads all of it.
func (s *stepResult) check(t *testing.T, x injection) {
	t.Helper()
	want := 0
	if x.verdict == "fail" {
		want = 1
	}
	if s.exit != want {
		t.Errorf("exit code %d, want %d", s.exit, want)
	}
	s.checkCommands(t)
	s.checkOutputs(t, x)
	for name, stream := range map[string]string{"stdout": s.withoutMasks(), "stderr": s.stderr, "the summary": s.summary} {
		if what := actionsrunner.Unprintable(stream); what != "" {
			t.Errorf("%s in %s", what, name)
		}
	}
	for line := range strings.Lines(s.stderr) {
		if *image == "" && !strings.HasPrefix(line, "debug: ") && !strings.HasPrefix(line, "aoai-preflight: ") {
			t.Errorf("a library speaks on stderr: %.300q", line)
		}
	}
	for _, live := range actionsrunner.Live(s.summary, actionsrunner.WithoutOwn) {
		t.Errorf("the summary: %s", live)
	}
	for name, content := range s.others {
		if content != "" {
			t.Errorf("%s holds %q", name, content)
		}
	}
	everything := s.withoutMasks() + s.stderr + s.summary + s.outputs + strings.Join(s.reports, "")
	for _, secret := range s.world.Secrets() {
		if strings.Contains(everything, secret) {
			t.Errorf("a secret is shown (%.6s…)", secret)
		}
	}
	if !x.silent && !strings.Contains(everything, "pwned") {
		t.Error("the text never arrived, so that nothing is proved")
	}
	for _, report := range s.reports {
		if report != "" && !json.Valid([]byte(report)) {
			t.Errorf("the report is no JSON: %q", report)
		}
		if len(actionsrunner.Commands(report)) > 0 {
			t.Errorf("the report would be commands: %q", report)
		}
	}
}

// withoutMasks is stdout without what the runner swallows.
func (s *stepResult) withoutMasks() string {
	var b strings.Builder
	for line := range strings.Lines(s.stdout) {
		if !strings.HasPrefix(line, "::add-mask::") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// checkCommands: annotations of the catalogue's and masks, on stdout alone.
func (s *stepResult) checkCommands(t *testing.T) {
	t.Helper()
	for _, c := range actionsrunner.Commands(s.stderr) {
		t.Errorf("on stderr: %q", c.Line)
	}
	errors := 0
	for _, c := range actionsrunner.Commands(s.stdout) {
		switch c.Name {
		case "add-mask":
			if strings.Contains(c.Data, "pwned") || len(c.Properties) > 0 {
				t.Errorf("a mask that is not ours: %q", c.Line)
			}
			continue
		case "error":
			errors++
		case "warning", "notice":
		default:
			t.Errorf("a command that is not ours: %q", c.Line)
			continue
		}
		id, _, _ := strings.Cut(strings.TrimPrefix(c.Data, "["), "]")
		d, ok := preflight.Lookup(id)
		if !ok || c.Properties["title"] != id+": "+d.Title {
			t.Errorf("an annotation that is not ours: %q", c.Line)
		}
		if strings.ContainsAny(c.Data+c.Properties["title"]+c.Properties["file"], "\r\n\x1b") {
			t.Errorf("an annotation of several lines: %q", c.Line)
		}
		for name := range c.Properties {
			if !slices.Contains([]string{"title", "file", "line", "col"}, name) {
				t.Errorf("the annotation has %s: %q", name, c.Line)
			}
		}
	}
	if errors > 1 {
		t.Errorf("%d errors", errors)
	}
	// Nor anything that another reader of logs could take for one.
	for _, stream := range []string{s.withoutMasks(), s.stderr} {
		for _, line := range actionsrunner.Lines(stream) {
			if strings.Contains(line, "##[") || strings.HasPrefix(strings.TrimSpace(line), "::") && len(actionsrunner.Commands(line)) == 0 {
				t.Errorf("a line like a command: %q", line)
			}
		}
	}
}

// checkOutputs: those of action.yml, each once, each a line.
func (s *stepResult) checkOutputs(t *testing.T, x injection) {
	t.Helper()
	data, err := os.ReadFile("action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var action struct{ Outputs map[string]any }
	if err := yaml.Unmarshal(data, &action); err != nil {
		t.Fatal(err)
	}
	pairs, err := actionsrunner.Pairs(s.outputs)
	if err != nil {
		t.Errorf("the runner cannot read the outputs: %v", err)
	}
	got := map[string]string{}
	for _, p := range pairs {
		if _, twice := got[p.Name]; twice || action.Outputs[p.Name] == nil {
			t.Errorf("the output %q is not ours", p.Name)
		}
		got[p.Name] = p.Value
		if strings.ContainsAny(p.Value, "\r\n") || actionsrunner.Unprintable(p.Value) != "" {
			t.Errorf("the output %s is %q", p.Name, p.Value)
		}
	}
	if len(got) != len(action.Outputs) || got["verdict"] != x.verdict {
		t.Errorf("the outputs are %q", got)
	}
	if _, ok := preflight.Lookup(got["diagnosis"]); !ok && got["diagnosis"] != "" {
		t.Errorf("the diagnosis is %q", got["diagnosis"])
	}
}
