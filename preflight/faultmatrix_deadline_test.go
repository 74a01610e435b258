package preflight_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

// waits are the faults that never end by themselves.
var waits = []struct {
	name  string
	fault azurelab.Fault
	step  string // what the request waits for at the deadline, "" when it is between two
}{
	{"no answer to SYN", azurelab.Fault{Kind: azurelab.FaultConnectTimeout}, "at the TCP connection"},
	{"hang", azurelab.Fault{Kind: azurelab.FaultHang}, "at the answer's headers"},
	{"drip", azurelab.Fault{Kind: azurelab.FaultDrip}, "at the answer's body"},
	{"503 for ever", azurelab.Fault{Kind: azurelab.FaultStatus, Status: 503}, ""},
	{"503 for 7 s each", azurelab.Fault{Kind: azurelab.FaultStatus, Status: 503, RetryAfter: 7 * time.Second}, ""},
	{"429 for 7 s each", azurelab.Fault{Kind: azurelab.FaultStatus, Status: 429, RetryAfter: 7 * time.Second}, ""},
}

// TestDeadline hangs every step, under timeouts shorter than any single try and
// longer than all of them: the run is over in time, and its finding says which
// step it was that waited.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for _, step := range chainSteps {
		for _, c := range waits {
			for _, timeout := range []time.Duration{time.Second, 5 * time.Second, 33 * time.Second, 10 * time.Minute} {
				t.Run(fmt.Sprintf("%s/%s/%s", step.name, c.name, timeout), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := azurelab.Healthy()
						f := c.fault
						f.Service, f.Skip = step.service, step.skip
						w.Faults = []azurelab.Fault{f}
						checkInTime(t, w, timeout, c.step, nil)
					})
				})
			}
		}
	}
}

// TestLongWaits: a service that asks to wait, in whatever form, is waited for
// while the run has the time, and no sooner asked again.
func TestLongWaits(t *testing.T) {
	t.Parallel()
	for _, step := range faultSteps {
		for _, form := range []azurelab.RetryForm{azurelab.RetrySeconds, azurelab.RetryDate, azurelab.RetryMSMillis} {
			for _, code := range []int{429, 503} {
				t.Run(fmt.Sprintf("%s/%d %s", step.name, code, form), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						const wait = 90 * time.Second
						c := faultCell{step: &step, fault: asking(code, wait, form)}
						c.fault.Service, c.fault.Host, c.fault.Skip, c.fault.Times = step.service, step.host, step.skip, 1
						w := c.world(t)
						begin := time.Now()
						o := perform(t, w, func(env map[string]string) { env["INPUT_TIMEOUT"] = "5m" })
						if took := time.Since(begin); took < wait-time.Second || took > wait+10*time.Second {
							t.Errorf("the run took %s, and was asked to wait for %s", took, wait)
						}
						c.check(t, w, o, passes)
					})
				})
			}
		}
	}
}

// checkInTime runs the job with a timeout and sees that it keeps it and fails,
// or warns, with a finding that says where.
func checkInTime(t *testing.T, w *azurelab.World, timeout time.Duration, step string, change func(map[string]string)) {
	t.Helper()
	begin := time.Now()
	o := perform(t, w, func(env map[string]string) {
		env["INPUT_TIMEOUT"] = timeout.String()
		if change != nil {
			change(env)
		}
	})
	if took := time.Since(begin); took > timeout {
		t.Errorf("the run took %s of %s", took, timeout)
	}
	if o.outputs["diagnosis"] == "" || o.outputs["verdict"] == "pass" {
		t.Fatalf("verdict %s without a diagnosis\n%s", o.outputs["verdict"], shown(o.stdout))
	}
	checkStepNamed(t, o, step)
	if cause := o.report.Findings[0].Cause; strings.Contains(cause, "{") {
		t.Errorf("the cause repeats an answer that nobody has read: %s", cause)
	}
	checkAgreement(t, o)
	checkLeaks(t, w, o)
	if t.Failed() {
		t.Logf("after %s:\n%s", time.Since(begin), shown(o.stdout))
	}
}

// TestDeadlineOfEveryIdentity hangs whatever an identity asks first: a
// credential's own retries do not outlast the run.
func TestDeadlineOfEveryIdentity(t *testing.T) {
	t.Parallel()
	for _, world := range []string{"client-secret", "client-certificate", "workload-identity", "managed-identity", "api-key", "gateway", "several-deployments", "enterprise-server"} {
		for _, c := range waits {
			t.Run(world+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := scenario(t, world).World()
					w.Faults = []azurelab.Fault{c.fault} // of every service
					checkInTime(t, w, 20*time.Second, "", nil)
				})
			})
		}
	}
}

// TestDeadlineOfWaiting: the time that the job gives to propagation is added to
// the timeout and kept like it.
func TestDeadlineOfWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := scenario(t, "no-role").World()
		w.Faults = []azurelab.Fault{{Service: azurelab.ServiceModel, Kind: azurelab.FaultHang, Skip: 1}}
		const timeout, wait = 20 * time.Second, 2 * time.Minute
		begin := time.Now()
		o := perform(t, w, func(env map[string]string) {
			env["INPUT_TIMEOUT"], env["INPUT_WAIT-FOR-PROPAGATION"] = timeout.String(), wait.String()
		})
		if took := time.Since(begin); took > timeout+wait || took < wait/2 {
			t.Errorf("the run took %s of %s", took, timeout+wait)
		}
		if o.exit != 1 || o.outputs["diagnosis"] == "" {
			t.Errorf("exit code %d, %v", o.exit, o.outputs)
		}
	})
}

// TestCancelledAnywhere ends the run from outside while each step waits: it is
// over within a second, says so on every channel and blames nobody.
func TestCancelledAnywhere(t *testing.T) {
	t.Parallel()
	for i, step := range chainSteps {
		for _, c := range waits {
			t.Run(step.name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := azurelab.Healthy()
					f := c.fault
					f.Service, f.Skip = step.service, step.skip
					w.Faults = []azurelab.Fault{f}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					const after = 700 * time.Millisecond // before any step has given up
					begin := time.Now()
					time.AfterFunc(after, cancel)
					o := performIn(ctx, t, w, nil)
					if took := time.Since(begin); took > after+time.Second {
						t.Errorf("the run ended %s after the signal", took-after)
					}
					if o.exit != 1 || o.outputs["verdict"] != "fail" || o.outputs["diagnosis"] != "" || !o.report.Cancelled {
						t.Errorf("exit code %d, %v", o.exit, o.outputs)
					}
					if strings.Contains(o.stdout, "::error") {
						t.Error("an error is blamed")
					}
					if !strings.Contains(o.summary, "cancelled") || !strings.Contains(o.stdout, "cancelled") {
						t.Errorf("the summary or the log does not say that the run was cancelled:\n%s", o.summary)
					}
					// What was known by then: each step before this one has passed.
					for _, s := range o.report.Steps[:min(i, len(o.report.Steps))] {
						if !s.OK {
							t.Errorf("step %q is not shown as passed", s.Title)
						}
					}
					checkLeaks(t, w, o)
					if t.Failed() {
						t.Logf("stdout:\n%s", shown(o.stdout))
					}
				})
			})
		}
	}
}
