package preflight

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
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

// TestConclusions: what a comparison says is true of both runs.
func TestConclusions(t *testing.T) {
	t.Parallel()
	ended := func(v Verdict, id string, s Severity) func(*Report) {
		return func(r *Report) { r.Verdict, r.Findings = v, []Finding{{ID: id, Severity: s}} }
	}
	cancelled := func(r *Report) { r.Verdict, r.Cancelled = Fail, true }
	second := func(v Verdict) func(*Report) {
		return func(r *Report) {
			other := r.Targets[0]
			other.Endpoint, other.Verdict = "https://octo-2.openai.azure.com", v
			r.Targets = append([]TargetReport{other}, r.Targets...)
		}
	}
	for _, c := range []struct {
		name string
		a, b func(*Report)
		says string
	}{
		{"cancelled", nil, cancelled, "cancelled"},
		{"both cancelled", cancelled, cancelled, "cancelled"},
		{"cancelled and failed", cancelled, failWith("aoai-key-invalid"), "cancelled"},
		{"hampered and failed", ended(Warn, "aoai-rate-limited", SeverityWarning), failWith("aoai-key-invalid"), "explains aoai-key-invalid"},
		{"skipped and failed", ended(Skipped, "oidc-untrusted-pr", SeverityNotice), failWith("aoai-key-invalid"), "explains aoai-key-invalid"},
		{"skipped and passed", ended(Skipped, "oidc-untrusted-pr", SeverityNotice), nil, "explains oidc-untrusted-pr"},
		{"hampered and skipped", ended(Warn, "aoai-rate-limited", SeverityWarning), ended(Skipped, "oidc-untrusted-pr", SeverityNotice), "Both runs have a finding"},
		{"failed and failed", failWith("aoai-key-invalid"), failWith("aoai-tenant-mismatch"), "Both runs have a finding"},
		{"one of two deployments of a name", second(Pass), second(Fail), "no difference explains a verdict"},
	} {
		a, b := reportOf(c.a), reportOf(c.b)
		for _, got := range []Comparison{Compare(a, b), Compare(b, a)} {
			if !strings.Contains(got.Conclusion, c.says) {
				t.Errorf("%s: %q", c.name, got.Conclusion)
			}
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
	write(t, filepath.Join(dir, "marked.json"), "\ufeff"+string(reportOf(nil).JSON()))
	wide := []byte{0xff, 0xfe} // as PowerShell's ">" writes it
	for _, unit := range utf16.Encode([]rune(string(reportOf(nil).JSON()))) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	write(t, filepath.Join(dir, "powershell.json"), string(wide))
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
	for _, name := range []string{"marked.json", "powershell.json"} {
		if code, out, errs := run("a.json", name); code != 0 || !strings.Contains(out, "agree in every fact") {
			t.Errorf("%s: exit code %d:\n%s%s", name, code, out, errs)
		}
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
