package preflight

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFlagsAnywhere: flags may stand before and behind what they are about, and
// nothing is taken for a flag behind "--".
func TestFlagsAnywhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		code int
		out  string
	}{
		{"diagnose --format json -", exitOK, `"aoai-deployment-not-found"`},
		{"diagnose - --format json", exitOK, `"aoai-deployment-not-found"`},
		{"diagnose - --format=json", exitOK, `"aoai-deployment-not-found"`},
		{"explain aoai-key-invalid --format json", exitOK, `"id": "aoai-key-invalid"`},
		{"diagnose - other --format json", exitUsage, ""},
		{"version --format json", exitOK, `"aoai-preflight"`},
		{"version more", exitUsage, ""},
		{"explain aoai-key-invalid aoai-unknown", exitUsage, ""},
		{"diagnose - --format yaml", exitUsage, ""},
		{"diagnose - --nonsense", exitUsage, ""},
		{"diagnose -- --format", exitUsage, ""}, // a file of this name, which is not there
	} {
		var out, complaint strings.Builder
		w := World{LookupEnv: func(string) (string, bool) { return "", false }, Stdout: &out, Stderr: &complaint,
			Stdin: strings.NewReader(`{"http_status":404,"body":"{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"The API deployment for this resource does not exist.\"}}"}`)}
		if code := Main(t.Context(), w, strings.Fields(c.args)); code != c.code || !strings.Contains(out.String(), c.out) || code == exitOK != (complaint.Len() == 0) {
			t.Errorf("%s: exit code %d, %q, %q", c.args, code, out.String(), complaint.String())
		}
	}
}

// TestFormatOfALog: a log that check diagnoses is reported in the format that was
// asked for, as any other check is.
func TestFormatOfALog(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "suite.log"), []byte("openai.NotFoundError: Error code: 404 - {'error': {'code': 'DeploymentNotFound'}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complaint strings.Builder
	w := World{Stdout: &out, Stderr: &complaint,
		LookupEnv: func(name string) (string, bool) {
			if name == "GITHUB_WORKSPACE" {
				return dir, true
			}
			return "", false
		}}
	code := Main(t.Context(), w, strings.Fields("check --log suite.log --format json"))
	var r struct {
		Verdict  Verdict
		Findings []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil || code != exitFailed || r.Verdict != Fail || len(r.Findings) != 1 || r.Findings[0].ID != "aoai-deployment-not-found" {
		t.Errorf("exit code %d, %v, %+v\n%s%s", code, err, r, out.String(), complaint.String())
	}
}
