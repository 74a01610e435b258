package preflight

import (
	"fmt"
	"strings"
	"testing"
)

// TestTenAnnotationsOfAKind: the runner shows ten of a kind in a step. The error
// is the first finding's, whatever the others are.
func TestTenAnnotationsOfAKind(t *testing.T) {
	t.Parallel()
	r := &Report{Enforced: true, Verdict: Fail}
	for i := range 40 {
		f := Finding{ID: fmt.Sprintf("x-%d", i), Title: "A title", Cause: "A cause.", Severity: SeverityError}
		if i%2 == 1 {
			f.Severity = SeverityNotice
		}
		r.Findings = append(r.Findings, f)
	}
	var out strings.Builder
	w := World{LookupEnv: func(string) (string, bool) { return "", false }, Stdout: &out}
	newAnnotator(w).findings(r)
	for kind, want := range map[string]int{"::error ": 1, "::warning ": maxPerSeverity, "::notice ": maxPerSeverity} {
		if got := strings.Count("\n"+out.String(), "\n"+kind); got != want {
			t.Errorf("%d of %q, want %d", got, kind, want)
		}
	}
	if !strings.HasPrefix(out.String(), "::error title=x-0") {
		t.Errorf("it begins with %.60q", out.String())
	}
}
