package preflight_test

import (
	"testing"
	"testing/synctest"
	"time"
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
