package preflight_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestRoundTrips counts the requests that a healthy check waits for in a row.
// Time in the bubble is exact: what passes is what the lab charges.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	const latency = 50 * time.Millisecond
	for _, c := range []struct {
		world string
		want  int
	}{
		{"healthy", 3},            // assertion, token, call
		{"enterprise-server", 3},  // the same
		{"client-secret", 3},      // metadata, token, call
		{"client-certificate", 3}, // the same
		{"workload-identity", 3},  // the same
		{"managed-identity", 2},   // token, call
		{"api-key", 1},
		{"several-deployments", 3}, // the calls go side by side
	} {
		t.Run(c.world, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := scenario(t, c.world).World()
				w.Latency = latency
				begin := time.Now()
				o := perform(t, w, nil)
				waited := time.Since(begin)
				t.Logf("round trips waited: %.2f of %d requests", float64(waited)/float64(latency), len(w.Requests()))
				if o.outputs["verdict"] != "pass" || waited != time.Duration(c.want)*latency {
					t.Errorf("verdict %q after %s, want %d times %s", o.outputs["verdict"], waited, c.want, latency)
				}
			})
		})
	}
}

// TestEarlyAsksNothingMore looks at every world from the authority's side: the
// metadata is asked for once, as without a head start, save where what was
// asked had to be asked again; and where GitHub issues no token it is all that
// the authority is asked for.
func TestEarlyAsksNothingMore(t *testing.T) {
	t.Parallel()
	for _, s := range azurelab.Scenarios() {
		if s.World().Job.Inputs["wait-for-propagation"] != "" {
			continue // every round asks anew
		}
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := s.World()
				o := perform(t, w, nil)
				answered, other := 0, 0
				for _, r := range w.Requests() {
					switch {
					case r.Service != azurelab.ServiceEntra:
					case !strings.HasSuffix(r.Path, "/openid-configuration"):
						other++
					case r.Credential != azurelab.CredentialNone || r.Leaked:
						t.Errorf("the metadata was asked for with a credential: %+v", r)
					case r.Status > 0 && r.Status < 500:
						answered++
					}
				}
				if answered > 1 {
					t.Errorf("the metadata was asked for %d times", answered)
				}
				if steps := o.report.Steps; len(steps) > 0 && steps[len(steps)-1].Stage == "oidc" && other > 0 {
					t.Errorf("%d requests to the authority, without an assertion", other)
				}
			})
		})
	}
}
