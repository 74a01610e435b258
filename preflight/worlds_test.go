package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// An outcome is everything that came out of one run, as a runner gets it.
type outcome struct {
	exit                    int
	stdout, stderr, summary string
	outputs                 map[string]string
	reportFile              []byte
	report                  preflight.Report
}

// perform runs the program in a world as a runner does: no arguments, inputs
// in the environment, outputs and summary as files.
func perform(t *testing.T, w *azurelab.World, change func(env map[string]string)) outcome {
	t.Helper()
	return performIn(context.Background(), t, w, change)
}

func performIn(ctx context.Context, t *testing.T, w *azurelab.World, change func(env map[string]string)) outcome {
	t.Helper()
	return performAt(ctx, t, t.TempDir(), w, change)
}

// performAt is for many runs of one job, which may have a folder in turns.
func performAt(ctx context.Context, t *testing.T, dir string, w *azurelab.World, change func(env map[string]string)) outcome {
	t.Helper()
	env, err := w.Environ(dir)
	if err != nil {
		t.Fatal(err)
	}
	env["INPUT_REPORT"] = "out/preflight.json"
	if change != nil {
		change(env)
	}
	var out, errs bytes.Buffer
	o := outcome{exit: preflight.Main(ctx, preflight.World{
		LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Transport: w.Transport(), Resolver: w,
		Stdin:  strings.NewReader(""),
		Stdout: &out, Stderr: &errs,
	}, nil)}
	o.stdout, o.stderr = out.String(), errs.String()
	o.outputs = readOutputs(t, env["GITHUB_OUTPUT"])
	summary, err := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	if err != nil {
		t.Fatal(err)
	}
	o.summary = string(summary)
	if path := o.outputs["report"]; path != "" {
		if o.reportFile, err = os.ReadFile(filepath.Join(env["GITHUB_WORKSPACE"], path)); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(o.reportFile, &o.report); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// readOutputs parses the file as the runner does.
func readOutputs(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	lines := strings.Split(string(data), "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "" {
			continue
		}
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		if !ok {
			t.Fatalf("line %q of the outputs is not NAME<<DELIMITER", lines[i])
		}
		if _, twice := out[name]; twice {
			t.Fatalf("output %s is set twice", name)
		}
		var value []string
		for i++; i < len(lines) && lines[i] != delimiter; i++ {
			value = append(value, lines[i])
		}
		if i == len(lines) {
			t.Fatalf("the delimiter %q is missing", delimiter)
		}
		out[name] = strings.Join(value, "\n")
	}
	return out
}

// checkOut puts files of the repository into a job's workspace.
func checkOut(t testing.TB, env, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(env["GITHUB_WORKSPACE"], name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is a stream without the masks, which the runner swallows.
func shown(stream string) string {
	var b strings.Builder
	for line := range strings.Lines(stream) {
		if !strings.HasPrefix(line, "::add-mask::") {
			b.WriteString(line)
		}
	}
	return b.String()
}

var command = regexp.MustCompile(`^\s*::([a-z-]+)(?: ([^:]*))?::(.*)$`)

// commands are what the runner would execute of a stream: "::" behind leading
// blanks, and "##[" anywhere in a line.
func commands(t *testing.T, stream string) [][]string {
	t.Helper()
	var out [][]string
	for line := range strings.Lines(stream) {
		line = strings.TrimRight(line, "\n")
		if strings.Contains(line, "##[") {
			t.Errorf("the runner would execute %q", line)
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") {
			m := command.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%q begins like a command and is none", line)
				continue
			}
			out = append(out, m)
		}
	}
	return out
}

func reportSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile("../docs/report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestWorlds runs the main job in every world of the lab and checks that what
// comes out of each channel is true, agrees with the others, and leaks nothing.
func TestWorlds(t *testing.T) {
	t.Parallel()
	schema := reportSchema(t)
	for _, s := range azurelab.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := s.World()
				o := perform(t, w, nil)
				checkTruth(t, s, o)
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkCalls(t, w, o)
				checkLeaks(t, w, o)
				checkContainment(t, w)
				v, err := jsonschema.UnmarshalJSON(bytes.NewReader(o.reportFile))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(v); err != nil {
					t.Errorf("the report does not fit its schema: %v", err)
				}
				if t.Failed() {
					t.Logf("stdout:\n%s\nstderr:\n%s\nrequests:", o.stdout, o.stderr)
					for _, r := range w.Requests() {
						t.Logf("  %+v", r)
					}
				}
			})
		})
	}
}

func checkTruth(t *testing.T, s azurelab.Scenario, o outcome) {
	t.Helper()
	if got, want := o.outputs["verdict"], s.Verdict; got != want {
		t.Errorf("verdict %q, want %q", got, want)
	}
	if got, want := o.outputs["diagnosis"], s.Diagnosis; got != want {
		t.Errorf("diagnosis %q, want %q", got, want)
	}
	if s.Notice != "" && !slices.ContainsFunc(o.report.Findings, func(f preflight.Finding) bool { return f.ID == s.Notice && f.Severity == preflight.SeverityNotice }) {
		t.Errorf("there is no notice %s", s.Notice)
	}
}

func checkAgreement(t *testing.T, o outcome) {
	t.Helper()
	verdict, diagnosis := o.outputs["verdict"], o.outputs["diagnosis"]
	wantExit := 0
	if verdict == "fail" && o.report.Enforced {
		wantExit = 1
	}
	if o.exit != wantExit {
		t.Errorf("exit code %d with verdict %s", o.exit, verdict)
	}
	if string(o.report.Verdict) != verdict {
		t.Errorf("the report's verdict is %q, the output's %q", o.report.Verdict, verdict)
	}
	if diagnosis != "" && (len(o.report.Findings) == 0 || o.report.Findings[0].ID != diagnosis) {
		t.Errorf("the report's findings %+v do not begin with %s", o.report.Findings, diagnosis)
	}
	if !strings.Contains(o.summary, "preflight: "+verdict) || !strings.Contains(o.summary, diagnosis) {
		t.Errorf("the summary does not say %s %s:\n%s", verdict, diagnosis, o.summary)
	}
	if !strings.Contains(o.stdout, "Verdict: "+verdict) {
		t.Errorf("the log does not say the verdict %s", verdict)
	}
	for _, f := range o.report.Findings {
		if f.Cause == "" || f.Remedy.Text == "" || f.Docs == "" || len(f.Title) > 80 {
			t.Errorf("finding %s is not complete: %+v", f.ID, f)
		}
		if strings.Contains(f.Cause, "%!") || strings.Contains(f.Remedy.Text, "%!") {
			t.Errorf("finding %s has a formatting error: %+v", f.ID, f)
		}
	}
}

func checkAnnotations(t *testing.T, o outcome) {
	t.Helper()
	if len(commands(t, o.stderr)) > 0 {
		t.Errorf("stderr holds commands:\n%s", o.stderr)
	}
	var errors []string
	count := map[string]int{}
	for _, c := range commands(t, o.stdout) {
		name, props, message := c[1], c[2], c[3]
		count[name]++
		switch name {
		case "add-mask":
			continue
		case "error", "warning", "notice":
		default:
			t.Errorf("a command that is not ours: %q", c[0])
			continue
		}
		if name == "error" {
			errors = append(errors, message)
		}
		if !strings.Contains(props, "title=") || len(message) > 4096 || count[name] > 10 {
			t.Errorf("annotation %q: title, length or number is off", c[0])
		}
		if !strings.HasPrefix(message, "[") || !strings.Contains(message, " Fix: ") || strings.Contains(message, "%0A") {
			t.Errorf("annotation %q does not have the form of one", c[0])
		}
	}
	want := 0
	if o.outputs["verdict"] == "fail" && o.report.Enforced {
		want = 1
	}
	if len(errors) != want {
		t.Errorf("%d error annotations, want %d", len(errors), want)
	}
	if want == 1 && !strings.HasPrefix(errors[0], "["+o.outputs["diagnosis"]+"]") {
		t.Errorf("the error annotation %q is not about %s", errors[0], o.outputs["diagnosis"])
	}
}

// checkCalls counts what the run asked of the services: a verdict of pass
// takes one call for each target, two where a form was refused, and one token.
func checkCalls(t *testing.T, w *azurelab.World, o outcome) {
	t.Helper()
	var model, paid, tokens int
	for _, r := range w.Requests() {
		if r.Paid {
			paid++
		}
		switch r.Service {
		case azurelab.ServiceModel, azurelab.ServiceGateway:
			if r.Status < 500 && r.Status != 429 && r.Fault == "" {
				model++
			}
		case azurelab.ServiceEntra:
			if strings.HasSuffix(r.Path, "/oauth2/v2.0/token") && r.Status == 200 && r.Fault == "" {
				tokens++
			}
		}
	}
	if paid > 0 {
		t.Errorf("%d calls cost money", paid)
	}
	if w.Job.Inputs["wait-for-propagation"] != "" {
		return // every round has a token and a call of its own
	}
	if tokens > 1 {
		t.Errorf("%d tokens were issued, want at most one", tokens)
	}
	if o.outputs["verdict"] == "pass" && (model < len(o.report.Targets) || model > 2*len(o.report.Targets)) {
		t.Errorf("%d calls for %d targets", model, len(o.report.Targets))
	}
}

func checkLeaks(t *testing.T, w *azurelab.World, o outcome) {
	t.Helper()
	channels := map[string]string{"stdout": shown(o.stdout), "stderr": o.stderr, "summary": o.summary, "report": string(o.reportFile)}
	for name, v := range o.outputs {
		channels["output "+name] = v
	}
	secrets := w.Secrets()
	if len(secrets) == 0 {
		t.Fatal("the world has no secrets: the check would pass whatever happens")
	}
	for _, secret := range secrets {
		for name, text := range channels {
			for _, form := range []string{secret, strings.ReplaceAll(secret, "/", `\/`)} {
				if strings.Contains(text, form) {
					t.Errorf("%s shows a secret (%.6s…)", name, secret)
				}
			}
		}
	}
}

// checkContainment looks at every request from the services' side: a secret of
// any kind, in whatever header or place, reaches only the service that it is for.
func checkContainment(t *testing.T, w *azurelab.World) {
	t.Helper()
	for _, r := range w.Requests() {
		if !r.Leaked {
			continue
		}
		switch r.Service {
		case azurelab.ServiceGitHub, azurelab.ServiceEntra, azurelab.ServiceIMDS, azurelab.ServiceModel, azurelab.ServiceGateway:
		default:
			t.Errorf("a secret went to %s%s", r.Host, r.Path)
		}
		if r.SubscriptionKey != "" && r.Service != azurelab.ServiceGateway {
			t.Errorf("the gateway's key went to %s", r.Host)
		}
	}
}

// TestCredentialsStayHome points every address that a run takes from outside
// at a stranger.
func TestCredentialsStayHome(t *testing.T) {
	t.Parallel()
	set := func(pairs ...string) func(map[string]string) {
		return func(env map[string]string) {
			for i := 0; i < len(pairs); i += 2 {
				env[pairs[i]] = pairs[i+1]
			}
		}
	}
	for _, c := range []struct {
		name, diagnosis string
		world           string
		change          func(map[string]string)
	}{
		{"endpoint of a look-alike", "cfg-endpoint-untrusted", "healthy", set("INPUT_ENDPOINT", "https://octo-aoai.openai.azure.com.evil.example")},
		{"endpoint of a stranger, key", "cfg-endpoint-untrusted", "api-key", set("INPUT_ENDPOINT", "https://evil.example")},
		{"endpoint on another port", "cfg-endpoint-untrusted", "healthy", set("INPUT_ENDPOINT", "https://octo-aoai.openai.azure.com:8443")},
		{"token service of a stranger", "oidc-request-failed", "healthy", set("ACTIONS_ID_TOKEN_REQUEST_URL", "https://evil.example/token?x=y")},
		{"token service that only ends like GitHub's", "oidc-request-failed", "healthy", set("ACTIONS_ID_TOKEN_REQUEST_URL", "https://evil-actions.githubusercontent.com.evil.example/token?x=y")},
		{"token service without TLS", "oidc-request-failed", "healthy", set("ACTIONS_ID_TOKEN_REQUEST_URL", "http://run.actions.githubusercontent.com/token?x=y")},
		{"authority of a stranger", "cfg-input-invalid", "client-secret", set("AZURE_AUTHORITY_HOST", "https://login.evil.example/")},
		{"redirect by the model", "net-unexpected-answer", "redirect", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, c.world).World()
				o := perform(t, w, c.change)
				checkContainment(t, w)
				checkLeaks(t, w, o)
				if o.exit != 1 || o.outputs["diagnosis"] != c.diagnosis {
					t.Errorf("exit code %d, diagnosis %q, want %q\n%s", o.exit, o.outputs["diagnosis"], c.diagnosis, shown(o.stdout))
				}
				for _, r := range w.Requests() {
					if r.Service == azurelab.ServiceStranger || r.Service == azurelab.ServiceNone {
						t.Errorf("%s %s was asked", r.Method, r.Host)
					}
				}
			})
		})
	}
}

func scenario(t *testing.T, name string) azurelab.Scenario {
	t.Helper()
	for _, s := range azurelab.Scenarios() {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("the lab has no world %q", name)
	return azurelab.Scenario{}
}
