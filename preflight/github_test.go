package preflight_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestTokenServiceAsksToWait: a token service that names a wait is asked when
// it is over and not before, as often as the run has time for.
func TestTokenServiceAsksToWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		after  time.Duration
		times  int
		want   string
		least  time.Duration
	}{
		{429, 7 * time.Second, 1, passes, 7 * time.Second},
		{429, 7 * time.Second, 7, passes, 49 * time.Second},
		{429, 7 * time.Second, 20, noOIDC, 56 * time.Second},
		{429, time.Second, 20, passes, 20 * time.Second},
		{503, 7 * time.Second, 2, passes, 14 * time.Second},
		{429, 10 * time.Minute, 1, passes, 0}, // not waited for, and yet tried again
		{429, 10 * time.Minute, 0, noOIDC, 0},
		{503, 0, 0, noOIDC, 0},
	} {
		t.Run(fmt.Sprintf("%d for %s, %d times", c.status, c.after, c.times), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := azurelab.Healthy()
				f := status(c.status, c.after)
				f.Service, f.Times = azurelab.ServiceGitHub, c.times
				w.Faults = []azurelab.Fault{f}
				begin := time.Now()
				o := perform(t, w, func(env map[string]string) { env["INPUT_TIMEOUT"] = "60s" })
				if took := time.Since(begin); took < c.least || took > faultTimeout {
					t.Errorf("the run took %s, want at least %s", took, c.least)
				}
				if o.told() != c.want {
					t.Errorf("the run ended in %q, want %q\n%s", o.told(), c.want, shown(o.stdout))
				}
				asked := 0
				for _, r := range w.Requests() {
					if r.Service == azurelab.ServiceGitHub {
						asked++
					}
				}
				if asked > 22 {
					t.Errorf("the token service was asked %d times", asked)
				}
			})
		})
	}
}
