package preflight_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
	"github.com/aoai-preflight/aoai-preflight/preflight"
)

// TestInputsAgainstWorlds changes what the job asks for in a world: what was
// asked for and cannot be checked must never look checked, and what stands in
// the wrong place must not be repeated.
func TestInputsAgainstWorlds(t *testing.T) {
	t.Parallel()
	set := func(pairs ...string) func(map[string]string) {
		return func(env map[string]string) {
			for i := 0; i < len(pairs); i += 2 {
				env[pairs[i]] = pairs[i+1]
			}
		}
	}
	const stranger = "00000000-1111-2222-3333-444444444444"
	for _, c := range []struct {
		name, world, verdict, diagnosis string
		requests                        int // at most; 0 for any number
		change                          func(map[string]string)
	}{
		{"another model that thinks too long", "reasoning", "fail", "aoai-unexpected-model", 0, set("INPUT_EXPECT-MODEL", "gpt-4o")},
		{"the model that thinks too long", "reasoning", "pass", "", 0, set("INPUT_EXPECT-MODEL", "gpt-5-mini")},
		{"a model that refuses to stop", "reasoning-too-short", "warn", "aoai-model-unverified", 0, set("INPUT_EXPECT-MODEL", "gpt-5-mini")},
		{"the model of images", "images", "warn", "aoai-model-unverified", 0, set("INPUT_EXPECT-MODEL", "gpt-image-1")},
		{"a principal of a key", "api-key", "fail", "cfg-input-invalid", 0, set("INPUT_EXPECT-OBJECT-ID", stranger)},
		{"a lifetime of a key", "api-key", "fail", "cfg-input-invalid", 0, set("INPUT_MIN-TOKEN-LIFETIME", "5h")},
		{"a key with a line break", "api-key", "fail", "cfg-input-invalid", 0, set("AZURE_OPENAI_API_KEY", "0123456789\nabcdef", "AZURE_API_KEY", "0123456789\nabcdef")},
		{"a key with a line break at its end", "api-key", "fail", "cfg-input-invalid", 0, func(env map[string]string) { env["AZURE_OPENAI_API_KEY"] += "\n" }},
		{"a wait for what time does not cure", "healthy", "fail", "aoai-operation-unsupported", 12, set("INPUT_DEPLOYMENT", "embeddings:chat,nowhere", "INPUT_WAIT-FOR-PROPAGATION", "10m")},
		{"a fork without its key, skipped", "fork-skipped", "skipped", "cfg-secrets-empty-untrusted", 0, set("INPUT_IDENTITY", "api-key")},
		{"a fork's client, skipped", "fork-skipped", "skipped", "oidc-untrusted-pr", 0, set("INPUT_CLIENT", "dspy")},
		{"a fork without its endpoint", "fork", "fail", "cfg-secrets-empty-untrusted", 0, set("INPUT_ENDPOINT", "", "AZURE_OPENAI_ENDPOINT", "")},
		{"Dependabot's actor on an event that is not restricted", "dependabot", "fail", "oidc-permission-missing", 0, set("GITHUB_EVENT_NAME", "workflow_dispatch")},
		{"Dependabot asks main to pull, in main's context", "dependabot", "fail", "oidc-permission-missing", 0, set("GITHUB_EVENT_NAME", "pull_request_target", "GITHUB_BASE_REF", "main")},
		{"Dependabot asks a branch of its own to pull", "dependabot", "fail", "oidc-untrusted-pr", 0, set("GITHUB_EVENT_NAME", "pull_request_target", "GITHUB_BASE_REF", "dependabot/npm_and_yarn/x-1.2.3")},
		{"a secret in place of the client id", "client-secret", "fail", "cfg-client-id-malformed", 0, func(env map[string]string) { env["INPUT_CLIENT-ID"] = env["AZURE_CLIENT_SECRET"] }},
		{"a report that is a folder", "healthy", "fail", "cfg-input-invalid", 0, set("INPUT_REPORT", ".")},
		{"a tenant that is a word", "healthy", "fail", "cfg-tenant-id-malformed", 0, set("INPUT_TENANT-ID", "contoso")},
		{"a version that is no date", "healthy", "fail", "cfg-input-invalid", 0, set("INPUT_API-VERSION", "2024-99-99")},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, c.world).World()
				o := perform(t, w, c.change)
				if o.outputs["verdict"] != c.verdict || o.outputs["diagnosis"] != c.diagnosis {
					t.Errorf("verdict %q, diagnosis %q, want %q, %q\n%s", o.outputs["verdict"], o.outputs["diagnosis"], c.verdict, c.diagnosis, shown(o.stdout))
				}
				if n := len(w.Requests()); c.requests > 0 && n > c.requests {
					t.Errorf("%d requests, want at most %d", n, c.requests)
				}
				checkLeaks(t, w, o)
				checkContainment(t, w)
			})
		})
	}
}

// TestRateLimitUntilTheDeadline: whoever names a wait is waited for as long as
// there is time, and no longer than asked.
func TestRateLimitUntilTheDeadline(t *testing.T) {
	t.Parallel()
	status := func(s azurelab.Service, status int, wait time.Duration, times int) azurelab.Fault {
		return azurelab.Fault{Service: s, Kind: azurelab.FaultStatus, Status: status, RetryAfter: wait, Times: times}
	}
	for name, c := range map[string]struct {
		fault   azurelab.Fault
		timeout string
	}{
		"the model, often":             {status(azurelab.ServiceModel, 429, 2*time.Second, 12), ""},
		"the model, for long":          {status(azurelab.ServiceModel, 429, 90*time.Second, 1), "2m"},
		"the model, which is busy":     {status(azurelab.ServiceModel, 503, 90*time.Second, 1), "2m"},
		"Entra, often":                 {status(azurelab.ServiceEntra, 429, 2*time.Second, 12), ""},
		"Entra, for long":              {status(azurelab.ServiceEntra, 429, 90*time.Second, 1), "2m"},
		"Entra, which is busy":         {status(azurelab.ServiceEntra, 503, 90*time.Second, 1), "2m"},
		"GitHub's token service":       {status(azurelab.ServiceGitHub, 429, 90*time.Second, 1), "2m"},
		"Entra, for parts of a second": {azurelab.Fault{Service: azurelab.ServiceEntra, Kind: azurelab.FaultRawClosed, Times: 12, Body: "HTTP/1.1 429 No\r\nRetry-After: 2.5\r\nContent-Length: 0\r\n\r\n"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Faults = []azurelab.Fault{c.fault}
				if o := perform(t, w, func(env map[string]string) { env["INPUT_TIMEOUT"] = c.timeout }); o.outputs["verdict"] != "pass" {
					t.Errorf("verdict %s (%s) after %d requests", o.outputs["verdict"], o.outputs["diagnosis"], len(w.Requests()))
				}
			})
		})
	}
}

// TestNoStorm: whoever is asked to be patient for next to nothing, again and
// again, does not ask a thousand times.
func TestNoStorm(t *testing.T) {
	t.Parallel()
	for _, s := range []azurelab.Service{azurelab.ServiceEntra, azurelab.ServiceModel, azurelab.ServiceGitHub} {
		t.Run(string(s), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				w.Latency = 10 * time.Millisecond
				w.Faults = []azurelab.Fault{{Service: s, Kind: azurelab.FaultRawClosed, Body: "HTTP/1.1 429 No\r\nRetry-After-Ms: 1\r\nContent-Length: 0\r\n\r\n"}}
				perform(t, w, nil)
				if n := len(w.Requests()); n < 10 || n > 150 {
					t.Errorf("%d requests in a minute", n)
				}
			})
		})
	}
}

// TestCancelled: a run that is ended from outside ends at once and blames
// nobody.
func TestCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := scenario(t, "model-hangs").World()
		ctx, cancel := context.WithCancel(t.Context())
		begin := time.Now()
		time.AfterFunc(2*time.Second, cancel)
		o := performIn(ctx, t, w, func(env map[string]string) { env["INPUT_TIMEOUT"] = "60s" })
		if took := time.Since(begin); took > 3*time.Second || o.exit != 1 || o.outputs["verdict"] != "fail" || o.outputs["diagnosis"] != "" || !o.report.Cancelled {
			t.Errorf("after %s: exit code %d, %v\n%s", took, o.exit, o.outputs, shown(o.stdout))
		}
		if strings.Contains(o.stdout, "::error") {
			t.Errorf("an error is blamed:\n%s", shown(o.stdout))
		}
		if strings.Contains(o.summary, "can call") {
			t.Errorf("the summary claims a success:\n%s", o.summary)
		}
	})
}

// TestLogStep runs the step that reads the log of a suite that failed: nothing
// is called, and every channel says the same.
func TestLogStep(t *testing.T) {
	t.Parallel()
	schema := reportSchema(t)
	const refused = "collected 40 items\nE   openai.AuthenticationError: Error code: 401 - {'error': {'code': 'PermissionDenied', 'message': 'Principal does not have access to API/Operation.'}}\n"
	for _, c := range []struct{ name, log, verdict, diagnosis string }{
		{"a failure", refused, "fail", "aoai-rbac-missing-data-action"},
		{"in a job that could not be checked", refused, "fail", "aoai-rbac-missing-data-action"},
		{"none", "collected 40 items\n40 passed in 3s\n", "pass", ""},
		{"no file", "", "fail", "cfg-input-invalid"},
		{"outside", "", "fail", "cfg-path-outside"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := azurelab.Healthy()
			o := perform(t, w, func(env map[string]string) {
				env["INPUT_LOG"] = "suite.log"
				switch c.name {
				case "outside":
					env["INPUT_LOG"] = "../suite.log"
				case "in a job that could not be checked":
					env["INPUT_ENDPOINT"], env["INPUT_CLIENT-ID"], env["INPUT_TIMEOUT"] = "https://octo-aoai.openai.azure.com/openai/v1", "undefined", "soon"
				}
				if c.log != "" {
					checkOut(t, env, map[string]string{"suite.log": c.log})
				}
			})
			if o.outputs["verdict"] != c.verdict || o.outputs["diagnosis"] != c.diagnosis {
				t.Errorf("verdict %q, diagnosis %q", o.outputs["verdict"], o.outputs["diagnosis"])
			}
			if len(w.Requests()) > 0 {
				t.Errorf("%d requests were made", len(w.Requests()))
			}
			checkAgreement(t, o)
			checkAnnotations(t, o)
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(o.reportFile))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(v); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestWhiteSpace: what is left out of a variable that the suite reads as well
// is told, whatever the verdict.
func TestWhiteSpace(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(env map[string]string){
		"AZURE_CLIENT_ID": func(env map[string]string) {
			env["AZURE_CLIENT_ID"], env["INPUT_CLIENT-ID"] = env["INPUT_CLIENT-ID"]+"\n", ""
		},
		"": func(env map[string]string) { env["INPUT_CLIENT-ID"] += "\n" }, // which only this check reads
	} {
		synctest.Test(t, func(t *testing.T) {
			o := perform(t, azurelab.Healthy(), func(env map[string]string) {
				env["INPUT_CLIENT-ID"] = cmp.Or(env["INPUT_CLIENT-ID"], env["AZURE_CLIENT_ID"])
				change(env)
			})
			if said := strings.Contains(o.stdout, "the white space around AZURE_CLIENT_ID is left out"); o.outputs["verdict"] != "pass" || said != (name != "") {
				t.Errorf("%q: %s\n%s", name, o.outputs["verdict"], shown(o.stdout))
			}
		})
	}
}

// TestHalfATokenService: GitHub sets both variables or none, so that one alone
// does not prove what the job was granted.
func TestHalfATokenService(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"} {
		synctest.Test(t, func(t *testing.T) {
			o := perform(t, azurelab.Healthy(), func(env map[string]string) { delete(env, missing) })
			if f := o.report.Findings[0]; f.ID != "oidc-permission-missing" || f.Certainty != preflight.Likely || !strings.Contains(f.Cause, "("+missing+" is not set)") {
				t.Errorf("without %s: %s %s %q", missing, f.Certainty, f.ID, f.Cause)
			}
		})
	}
}

// TestEventThatCannotBeRead: without the event's payload nobody knows if a pull
// request comes from a fork, which no permission would help.
func TestEventThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]string{"no file": "", "no JSON": "{", "no pull request": "{}"} {
		synctest.Test(t, func(t *testing.T) {
			o := perform(t, scenario(t, "fork").World(), func(env map[string]string) {
				env["GITHUB_EVENT_PATH"] = filepath.Join(t.TempDir(), "event.json")
				if payload != "" {
					checkOut(t, map[string]string{"GITHUB_WORKSPACE": filepath.Dir(env["GITHUB_EVENT_PATH"])}, map[string]string{"event.json": payload})
				}
			})
			if f := o.report.Findings[0]; f.ID != "oidc-permission-missing" || f.Certainty != preflight.Likely || !slices.Contains(f.Candidates, "oidc-untrusted-pr") {
				t.Errorf("%s: %s %s, not excluded %q", name, f.Certainty, f.ID, f.Candidates)
			}
		})
	}
}

// TestSkippedParts: a fork's run is skipped where the only thing wrong with it
// is what GitHub withholds, and fails where something else is wrong as well.
func TestSkippedParts(t *testing.T) {
	t.Parallel()
	byKey := "  - model_name: by-key\n    litellm_params:\n      model: azure/chat\n      api_base: https://octo-aoai.openai.azure.com\n      api_version: \"2024-10-21\"\n      api_key: KEY\n"
	for _, c := range []struct {
		name, key, verdict, diagnosis string
		rows                          int
	}{
		{"a key that works", "", "skipped", "oidc-untrusted-pr", 1},
		{"a key that does not", "0123456789abcdef0123456789abcdef", "fail", "aoai-key-invalid", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, "fork-skipped").World()
				key := c.key
				if key == "" {
					key = w.Resources[0].Keys[0]
				}
				o := perform(t, w, func(env map[string]string) {
					env["INPUT_LITELLM-CONFIG"] = "config.yaml"
					checkOut(t, env, map[string]string{"config.yaml": healthyConfig + strings.Replace(byKey, "KEY", key, 1)})
				})
				if o.outputs["verdict"] != c.verdict || o.outputs["diagnosis"] != c.diagnosis || len(o.report.Targets) != c.rows {
					t.Errorf("%s %s, %d targets\n%s", o.outputs["verdict"], o.outputs["diagnosis"], len(o.report.Targets), shown(o.stdout))
				}
				if c.rows == 1 && strings.Contains(o.summary, "Nothing was checked") {
					t.Errorf("the summary denies the call that was made:\n%s", o.summary)
				}
				checkAgreement(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}

// TestLogAsJSON: the format is that of every command.
func TestLogAsJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"GITHUB_WORKSPACE": dir}
	checkOut(t, env, map[string]string{"suite.log": "AADSTS700016: Application with identifier 'x' was not found in the directory 'y'.\n"})
	var out, errs strings.Builder
	exit := preflight.Main(t.Context(), preflight.World{LookupEnv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs},
		[]string{"check", "--log", "suite.log", "--format", "json"})
	var r preflight.Report
	if err := json.Unmarshal([]byte(out.String()), &r); exit != 1 || err != nil || len(r.Findings) == 0 {
		t.Errorf("exit code %d, %v:\n%s%s", exit, err, out.String(), errs.String())
	}
}
