package preflight_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestWaiting: whatever ends the waiting for a role, what the run says of it is
// true.
func TestWaiting(t *testing.T) {
	t.Parallel()
	const after = 20 * time.Second
	for _, c := range []struct {
		name               string
		change             func(*azurelab.World) // after a while
		cancel             bool                  // then
		lifetime           string                // that is asked for
		verdict, diagnosis string
		says, never        string
	}{
		{name: "it works, and the token is too short", change: func(w *azurelab.World) { w.Resources = azurelab.Healthy().Resources }, lifetime: "5h",
			verdict: "warn", diagnosis: "claims-lifetime-too-short", says: "it works after"},
		{name: "another service fails", change: func(w *azurelab.World) {
			w.Faults = []azurelab.Fault{{Service: azurelab.ServiceGitHub, Kind: azurelab.FaultStatus, Status: 500}}
		}, verdict: "fail", diagnosis: "oidc-request-failed", says: "Time did not cure it", never: "the fix is what is missing"},
		{name: "nothing happens", verdict: "fail", diagnosis: "aoai-rbac-missing-data-action", says: "the fix is what is missing"},
		{name: "somebody ends it", cancel: true, verdict: "fail", diagnosis: "aoai-rbac-missing-data-action", says: "The run was cancelled after", never: "since the run was cancelled"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, "no-role").World()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(after, func() {
					if c.change != nil {
						w.Update(c.change)
					}
					if c.cancel {
						cancel()
					}
				})
				o := performIn(ctx, t, w, func(env map[string]string) {
					env["INPUT_WAIT-FOR-PROPAGATION"], env["INPUT_MIN-TOKEN-LIFETIME"] = "2m", c.lifetime
				})
				if o.outputs["verdict"] != c.verdict || o.outputs["diagnosis"] != c.diagnosis || !strings.Contains(o.stdout, c.says) || c.never != "" && strings.Contains(o.stdout, c.never) {
					t.Errorf("%s %s\n%s", o.outputs["verdict"], o.outputs["diagnosis"], shown(o.stdout))
				}
				checkAgreement(t, o)
				checkAnnotations(t, o)
				checkLeaks(t, w, o)
			})
		})
	}
}
