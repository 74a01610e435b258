package preflight_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// TestThrottledResource has one resource of several ask for patience. The
// others go on; it is left alone as long as it asked, and is then not called
// more often than it must be.
func TestThrottledResource(t *testing.T) {
	t.Parallel()
	const wait = 7 * time.Second
	for _, c := range []struct {
		name  string
		fault azurelab.Fault
		more  int // calls than deployments, at most
	}{
		{"the first call", azurelab.Fault{Kind: azurelab.FaultStatus, Status: 429, RetryAfter: wait, Times: 1}, 1},
		{"in the middle", azurelab.Fault{Kind: azurelab.FaultStatus, Status: 429, RetryAfter: wait, Skip: 4, Times: 5}, 5},
		{"a server error", azurelab.Fault{Kind: azurelab.FaultStatus, Status: 503, RetryAfter: wait, Times: 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, config := fleet(4, 25)
				w.Latency = 50 * time.Millisecond
				const slow = "octo-aoai-2.openai.azure.com"
				c.fault.Service, c.fault.Host = azurelab.ServiceModel, slow
				w.Faults = []azurelab.Fault{c.fault}
				begin := time.Now()
				o := perform(t, w, withConfig(t, config))
				if o.told() != passes {
					t.Fatalf("the run ended in %q\n%s", o.told(), shown(o.stdout))
				}
				if took := time.Since(begin); took < wait || took > 3*wait {
					t.Errorf("it took %s", took)
				}
				var quiet time.Time
				for host, list := range calls(w) {
					for _, r := range list {
						switch {
						case host != slow && r.Time.Sub(begin) > time.Second:
							t.Errorf("%s was called after %s", host, r.Time.Sub(begin))
						case host == slow && r.Time.Add(-w.Latency).Before(quiet) && r.Time.Add(wait-2*w.Latency).After(quiet):
							t.Errorf("%s was called %s before it should be", host, quiet.Sub(r.Time))
						}
						if r.Status == c.fault.Status {
							quiet = r.Time.Add(wait)
						}
					}
				}
				if n := len(calls(w)[slow]); n > 25+c.more {
					t.Errorf("%d calls to %s", n, slow)
				}
				checkHonest(t, o)
			})
		})
	}
}

// TestThrottledForEver: a resource that never stops asking for patience holds
// nobody else up, and when it can no longer be waited for each of its
// deployments has been asked.
func TestThrottledForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, config := fleet(3, 25)
		w.Latency = 50 * time.Millisecond
		const busy = "octo-aoai-0.openai.azure.com"
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Host: busy, Kind: azurelab.FaultStatus, Status: 429, RetryAfter: 20 * time.Second}}
		begin := time.Now()
		o := perform(t, w, withConfig(t, config))
		if took := time.Since(begin); took > time.Minute || o.told() != warning+"aoai-service-capacity" || notCalled(o) != 0 {
			t.Errorf("%q after %s, %d not called\n%s", o.told(), took, notCalled(o), shown(o.stdout))
		}
		for host, list := range calls(w) {
			if host == busy && len(list) > 25+3 || host != busy && len(list) != 25 {
				t.Errorf("%d calls to %s", len(list), host)
			}
		}
		checkHonest(t, o)
		checkAgreement(t, o)
	})
}

// TestThrottledDeployment: one deployment's limit holds the others of its
// resource up for the wait that was asked for, and not for ever.
func TestThrottledDeployment(t *testing.T) {
	t.Parallel()
	for _, wait := range []time.Duration{9 * time.Second, 40 * time.Second, 56 * time.Second} {
		t.Run(wait.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, config := fleet(1, 25)
				w.Latency = 700 * time.Millisecond
				w.Resources[0].Deployments[5].RateLimit = &azurelab.RateLimit{RetryAfter: wait}
				o := perform(t, w, withConfig(t, config))
				if o.told() != warning+"aoai-rate-limited" || notCalled(o) != 0 {
					t.Errorf("the run ended in %q, %d not called\n%s", o.told(), notCalled(o), shown(o.stdout))
				}
				checkHonest(t, o)
			})
		})
	}
}
