package preflight_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// performBare is [perform] for a job whose files and variables may not be
// there: nothing is read back but the streams.
func performBare(t *testing.T, w *azurelab.World, change func(env map[string]string)) (exit int, stdout, stderr string, env map[string]string) {
	t.Helper()
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	change(env)
	var out, errs bytes.Buffer
	exit = preflight.Main(t.Context(), preflight.World{
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Transport: w.Transport(), Resolver: w,
		Stdin:  strings.NewReader(""),
		Stdout: &out, Stderr: &errs,
	}, nil)
	return exit, out.String(), errs.String(), env
}

// TestWhatIsNotThere takes from a healthy job what the runner gives it. What
// the check does not need does not change its verdict, and what it cannot write
// it says.
func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	unset := func(names ...string) func(map[string]string) {
		return func(env map[string]string) {
			for _, n := range names {
				delete(env, n)
			}
		}
	}
	set := func(name, value string) func(map[string]string) {
		return func(env map[string]string) { env[name] = value }
	}
	folder := func(name string) func(map[string]string) {
		return func(env map[string]string) { env[name] = filepath.Dir(env[name]) }
	}
	write := func(name, content string) func(map[string]string) {
		return func(env map[string]string) {
			if err := os.WriteFile(env[name], []byte(content), 0o600); err != nil {
				t.Error(err)
			}
		}
	}
	pull := func(change func(map[string]string)) func(map[string]string) {
		return func(env map[string]string) {
			env["GITHUB_EVENT_NAME"] = "pull_request" // whose payload is read
			change(env)
		}
	}
	const notText = "\xff\xfe\xc3\x28\r\n::error::pwned\x1b[31m"
	for _, c := range []struct {
		name   string
		exit   int
		says   string // on either stream
		change func(map[string]string)
	}{
		{"no outputs", 0, "no outputs: GITHUB_OUTPUT is not set", unset("GITHUB_OUTPUT")},
		{"no summary", 0, "no summary: GITHUB_STEP_SUMMARY is not set", unset("GITHUB_STEP_SUMMARY")},
		{"neither", 0, "Verdict: pass", unset("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")},
		{"outputs that do not exist", 0, "no outputs:", set("GITHUB_OUTPUT", "/nowhere/set_output")},
		{"outputs that are a folder", 0, "no outputs:", folder("GITHUB_OUTPUT")},
		{"a summary that is a folder", 0, "no summary:", folder("GITHUB_STEP_SUMMARY")},
		{"a summary that is full", 0, "no summary:", set("GITHUB_STEP_SUMMARY", "/dev/full")},
		{"no payload", 0, "Verdict: pass", pull(unset("GITHUB_EVENT_PATH"))},
		{"a payload that does not exist", 0, "Verdict: pass", pull(set("GITHUB_EVENT_PATH", "/nowhere/event.json"))},
		{"a payload that is a folder", 0, "Verdict: pass", pull(folder("GITHUB_EVENT_PATH"))},
		{"a payload that is no JSON", 0, "Verdict: pass", pull(write("GITHUB_EVENT_PATH", notText))},
		{"a payload that nests", 0, "Verdict: pass", pull(write("GITHUB_EVENT_PATH", strings.Repeat(`{"pull_request":`, 1<<20)))},
		{"no event", 0, "Verdict: pass", unset("GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME")},
		{"no workspace", 0, "Verdict: pass", unset("GITHUB_WORKSPACE")},
		{"a workspace that does not exist", 0, "Verdict: pass", set("GITHUB_WORKSPACE", "/nowhere/work")},
		{"no home and no path", 0, "Verdict: pass", unset("HOME", "PATH", "USER", "TMPDIR")},
		{"no temp folder", 0, "Verdict: pass", unset("RUNNER_TEMP")},
		{"nothing of the runner's but the token service", 0, "Verdict: pass", func(env map[string]string) {
			for n := range env {
				if strings.HasPrefix(n, "GITHUB_") && n != "GITHUB_ACTIONS" || strings.HasPrefix(n, "RUNNER_") {
					delete(env, n)
				}
			}
		}},
		{"a report below a file", 0, "the report could not be written", func(env map[string]string) {
			if err := os.WriteFile(filepath.Join(env["GITHUB_WORKSPACE"], "out"), nil, 0o600); err != nil {
				t.Error(err)
			}
			env["INPUT_REPORT"] = "out/preflight.json"
		}},
		{"a certificate bundle that does not exist", 1, "[cfg-input-invalid]", set("INPUT_CA-BUNDLE", "nowhere.pem")},
		{"a certificate bundle that is none", 1, "[cfg-input-invalid]", func(env map[string]string) {
			if err := os.WriteFile(filepath.Join(env["GITHUB_WORKSPACE"], "ca.pem"), []byte(notText), 0o600); err != nil {
				t.Error(err)
			}
			env["INPUT_CA-BUNDLE"] = "ca.pem"
		}},
		{"a ref that is no text", 0, "Verdict: pass", set("GITHUB_REF", notText)},
		{"an actor that is no text", 0, "Verdict: pass", set("GITHUB_ACTOR", notText)},
		{"a workflow that is no text", 0, "Verdict: pass", set("GITHUB_WORKFLOW_REF", notText)},
		{"a server that is no text", 0, "Verdict: pass", set("GITHUB_SERVER_URL", notText)},
		{"an event that is no text", 0, "Verdict: pass", set("GITHUB_EVENT_NAME", notText)},
		{"an input that is no text", 1, "[cfg-input-invalid]", set("INPUT_DEPLOYMENT", notText)},
		{"an endpoint that is no text", 1, "[cfg-endpoint", set("INPUT_ENDPOINT", "https://"+notText)},
		{"a timeout that is no text", 1, "[cfg-input-invalid]", set("INPUT_TIMEOUT", notText)},
		{"a request token that is no text", 1, "[oidc-request-failed]", set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", notText)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				exit, stdout, stderr, _ := performBare(t, w, c.change)
				if exit != c.exit || !strings.Contains(stdout+stderr, c.says) {
					t.Errorf("exit code %d, want %d and %q\n%s\n%s", exit, c.exit, c.says, shown(stdout), stderr)
				}
				checkInert(t, stdout, stderr)
				checkContainment(t, w)
			})
		})
	}
}

// checkInert looks at the streams as the runner does: no command but ours, no
// escape, no byte that is no text.
func checkInert(t *testing.T, stdout, stderr string) {
	t.Helper()
	for _, c := range commands(t, stdout) {
		switch c[1] {
		case "add-mask", "error", "warning", "notice":
		default:
			t.Errorf("a command that is not ours: %q", c[0])
		}
	}
	if len(commands(t, stderr)) > 0 {
		t.Errorf("stderr holds commands:\n%s", stderr)
	}
	for _, s := range []string{shown(stdout), stderr} {
		if !utf8.ValidString(s) || strings.ContainsAny(s, "\x1b\r\x07") {
			t.Errorf("the stream is not inert: %q", s)
		}
	}
}

// TestManyTargets: however many deployments fail, and however much their
// answers say, each channel stays within what the runner keeps.
func TestManyTargets(t *testing.T) {
	t.Parallel()
	for kind, n := range map[azurelab.FaultKind]int{azurelab.FaultHostile: 300, azurelab.FaultRefused: 300, azurelab.FaultOversize: 20, azurelab.FaultGzipBomb: 20} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: kind}}
				names := make([]string, n)
				for i := range names {
					names[i] = fmt.Sprintf("%s%04d", strings.Repeat("d", 60), i)
				}
				o := perform(t, w, func(env map[string]string) { env["INPUT_DEPLOYMENT"] = strings.Join(names, ",") })
				if o.exit != 1 {
					t.Errorf("exit code %d", o.exit)
				}
				if n := len(o.summary); n > 1<<20 {
					t.Errorf("the summary has %d bytes", n)
				}
				if n := len(o.stdout); n > 4<<20 {
					t.Errorf("the log has %d bytes", n)
				}
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}
