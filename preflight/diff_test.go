package preflight

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func reportOf(change func(*Report)) *Report {
	r := &Report{
		Schema: 1, Verdict: Pass, Enforced: true,
		Identity: IdentityReport{Method: MethodDefault, TenantID: "t1", ClientID: "c1", ObjectID: "o1", Audience: "https://cognitiveservices.azure.com"},
		Targets:  []TargetReport{{Endpoint: "https://octo.openai.azure.com", Deployment: "chat", Operation: Chat, Route: RouteV1, Verdict: Pass, HTTPStatus: 200, Model: "gpt-4o"}},
		Findings: []Finding{},
		Environment: EnvironmentReport{Inputs: map[string]string{"endpoint": "input endpoint"}, Variables: map[string]EnvState{"AZURE_CLIENT_ID": EnvSet},
			Cloud: "public", Scope: clouds[0].Scope},
	}
	if change != nil {
		change(r)
	}
	return r
}

func failWith(id string) func(*Report) {
	return func(r *Report) {
		r.Verdict = Fail
		r.Findings = []Finding{{ID: id, Severity: SeverityError}}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		b        func(*Report)
		explains string // fields, by space
		says     string
	}{
		{"the same", nil, "", "agree"},
		{"another principal without a role", func(r *Report) {
			failWith("aoai-rbac-missing-data-action")(r)
			r.Identity.Method, r.Identity.ObjectID = MethodManagedIdentity, "o2"
			r.Environment.Runner = "self-hosted"
		}, "identity.method identity.object_id", "aoai-rbac-missing-data-action"},
		{"an empty variable", func(r *Report) {
			failWith("aoai-key-invalid")(r)
			r.Environment.Variables = map[string]EnvState{"AZURE_CLIENT_ID": EnvSet, "AZURE_API_KEY": EnvEmpty}
			r.Targets[0].Credential = "API key (AZURE_API_KEY)"
		}, "environment.variables.AZURE_API_KEY targets.chat:chat.credential", "AZURE_API_KEY"},
		{"another version", func(r *Report) {
			failWith("aoai-api-version-invalid")(r)
			r.Targets[0].APIVersion, r.Targets[0].Route = "2024-05-13", RouteDeployments
		}, "targets.chat:chat.api_version targets.chat:chat.route", "api_version"},
		{"a role that was taken away", failWith("aoai-rbac-missing-data-action"), "", "something outside"},
	} {
		got := Compare(reportOf(nil), reportOf(c.b))
		var explains []string
		for _, d := range got.Differences {
			if d.Explains {
				explains = append(explains, d.Field)
			}
		}
		if strings.Join(explains, " ") != c.explains || !strings.Contains(got.Conclusion, c.says) {
			t.Errorf("%s: %q, %q; want %q, %q", c.name, explains, got.Conclusion, c.explains, c.says)
		}
		back := Compare(reportOf(c.b), reportOf(nil))
		if len(back.Differences) != len(got.Differences) || back.Conclusion != got.Conclusion {
			t.Errorf("%s: the other way round it is %+v", c.name, back)
		}
	}
}

// TestTurning: a family that no diagnosis belongs to would never explain
// anything.
func TestTurning(t *testing.T) {
	t.Parallel()
	for prefix := range turning {
		used := false
		for _, d := range Catalogue {
			used = used || strings.HasPrefix(d.ID, prefix)
		}
		if !used {
			t.Errorf("no diagnosis begins with %q", prefix)
		}
	}
}

func TestDiffCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, r := range map[string]*Report{"a.json": reportOf(nil), "b.json": reportOf(failWith("aoai-tenant-mismatch"))} {
		write(t, filepath.Join(dir, name), string(r.JSON()))
	}
	write(t, filepath.Join(dir, "broken.json"), `{"schema":`)
	write(t, filepath.Join(dir, "newer.json"), `{"schema":2}`)
	run := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		w := env(nil)
		w.Stdout, w.Stderr = &out, &errs
		for i, a := range args {
			if strings.HasSuffix(a, ".json") {
				args[i] = filepath.Join(dir, a)
			}
		}
		code := Main(t.Context(), w, append([]string{"diff"}, args...))
		return code, out.String(), errs.String()
	}
	if code, out, _ := run("a.json", "b.json"); code != 0 || !strings.Contains(out, "B: fail aoai-tenant-mismatch") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
	code, out, _ := run("--format", "json", "a.json", "b.json")
	var c Comparison
	if err := json.Unmarshal([]byte(out), &c); code != 0 || err != nil || c.B.Diagnosis != "aoai-tenant-mismatch" {
		t.Errorf("exit code %d, %v:\n%s", code, err, out)
	}
	for _, args := range [][]string{{"a.json"}, {"a.json", "b.json", "a.json"}, {"a.json", "broken.json"}, {"newer.json", "a.json"}, {"a.json", "missing.json"}} {
		if code, _, errs := run(args...); code != 2 || errs == "" {
			t.Errorf("diff %v: exit code %d, %q", args, code, errs)
		}
	}
}
