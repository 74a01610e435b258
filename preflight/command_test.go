package preflight

import (
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
