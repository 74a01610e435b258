package preflight

import (
	"strings"
	"testing"
)

// TestProof: the summary's last line claims what was shown, no more and no less.
func TestProof(t *testing.T) {
	t.Parallel()
	held, broken := Step{Stage: StageConfig, OK: true}, Step{Stage: StageOIDC}
	for want, r := range map[string]*Report{
		"Proved: only the links marked ✅.":                                {Verdict: Fail, Steps: []Step{held, broken}},
		"Nothing was proved: the chain broke":                             {Verdict: Fail, Steps: []Step{broken}},
		"Proved only for the deployments that are not marked ❌":           {Verdict: Fail, Steps: []Step{held, broken}, Targets: []TargetReport{{Verdict: Pass}, {Verdict: Fail}}},
		"can call the deployments above now":                              {Verdict: Warn, Steps: []Step{held}, Targets: []TargetReport{{Verdict: Pass}}},
		"has access to the deployments above, to those marked ⚠️ as well": {Verdict: Warn, Steps: []Step{held}, Targets: []TargetReport{{Verdict: Warn}}},
	} {
		if got := proofMarkdown(r); !strings.Contains(got, want) {
			t.Errorf("%s\nis not %q", got, want)
		}
	}
}
