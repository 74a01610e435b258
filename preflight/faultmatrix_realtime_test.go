package preflight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aoai-preflight/aoai-preflight/internal/azurelab"
)

var realTime = flag.Bool("realtime", false, "run the fault matrix against the built program, in real time")

// onSockets are the verdicts that differ from the matrix's. Through a proxy, a
// connection that is never made is a tunnel that is awaited. The connection to
// the model is made early, and the early one meets what happens once.
var onSockets = map[string]string{
	"call/no answer to SYN/for ever":        noAnswer,
	"call/expired certificate/once":         passes,
	"call/self-signed certificate/once":     passes,
	"call/certificate of another host/once": passes,
}

// TestFaultMatrixInRealTime is the matrix again, with the built program as a
// process, real sockets and a real clock: for a recorded run, not for every
// one.
//
//	go test ./preflight -run TestFaultMatrixInRealTime -realtime -parallel 24 -timeout 30m -v
func TestFaultMatrixInRealTime(t *testing.T) {
	if !*realTime {
		t.Skip("takes minutes: -realtime")
	}
	program := filepath.Join(t.TempDir(), "aoai-preflight")
	if out, err := exec.Command("go", "build", "-o", program, "..").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var (
		mu                            sync.Mutex
		cells, met, wrong, late, leak int
		longest                       time.Duration
		begin                         = time.Now()
	)
	t.Run("cells", func(t *testing.T) {
		for i, step := range faultSteps {
			for _, row := range faultRows {
				for _, times := range []int{1, 0} {
					name, want := step.name+"/"+row.name+"/for ever", row.forever[i]
					if times == 1 {
						name, want = step.name+"/"+row.name+"/once", row.once[i]
					}
					if other, ok := onSockets[name]; ok {
						want = other
					}
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						f := row.fault
						f.Service, f.Skip, f.Times = step.service, step.skip, times
						w := azurelab.Healthy()
						w.Faults = []azurelab.Fault{f}
						started := time.Now()
						o := process(t, program, w)
						took := time.Since(started)
						struck := slices.ContainsFunc(w.Requests(), func(r azurelab.Request) bool { return r.Fault == f.Kind })
						if !struck {
							// The connection of the request before was kept, so that none was
							// made for the fault to meet.
							want = passes
						}
						got := o.told()
						if got != want {
							t.Errorf("the run ended in %q, want %q\n%s%s", got, want, shown(o.stdout), o.stderr)
						}
						if took > faultTimeout+2*time.Second { // to start and to end
							t.Errorf("the run took %s of %s", took, faultTimeout)
						}
						before := t.Failed()
						checkAgreement(t, o)
						checkAnnotations(t, o)
						checkInert(t, o.stdout, o.stderr)
						checkLeaks(t, w, o)
						checkContainment(t, w)
						checkAnswered(t, w, o)
						mu.Lock()
						defer mu.Unlock()
						cells, longest = cells+1, max(longest, took)
						if struck {
							met++
						}
						if got != want {
							wrong++
						}
						if took > faultTimeout+2*time.Second {
							late++
						}
						if t.Failed() && !before {
							leak++
						}
					})
				}
			}
		}
	})
	t.Logf("%d cells in %s, the fault struck in %d: %d wrong verdicts, %d over the deadline of %s (the longest took %s), %d that leaked or contradicted themselves",
		cells, time.Since(begin).Round(time.Second), met, wrong, late, faultTimeout, longest.Round(time.Millisecond), leak)
}

// process runs the built program in a world, over real sockets.
func process(t *testing.T, program string, w *azurelab.World) outcome {
	t.Helper()
	proxy, err := azurelab.Serve(t.Context(), w, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer proxy.Close()
	env, err := w.Environ(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ca := filepath.Join(env["GITHUB_WORKSPACE"], "proxy-ca.pem")
	if err := os.WriteFile(ca, proxy.CAPEM, 0o600); err != nil {
		t.Fatal(err)
	}
	maps.Copy(env, proxy.Environ(ca))
	env["INPUT_REPORT"], env["INPUT_TIMEOUT"] = "out/preflight.json", faultTimeout.String()
	ctx, cancel := context.WithTimeout(t.Context(), 3*faultTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{exit: cmd.ProcessState.ExitCode(), stdout: out.String(), stderr: errs.String(), outputs: readOutputs(t, env["GITHUB_OUTPUT"])}
	summary, err := os.ReadFile(env["GITHUB_STEP_SUMMARY"])
	if err != nil {
		t.Fatal(err)
	}
	o.summary = string(summary)
	if path := o.outputs["report"]; path != "" {
		if o.reportFile, err = os.ReadFile(filepath.Join(env["GITHUB_WORKSPACE"], path)); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(o.reportFile, &o.report); err != nil {
			t.Fatal(err)
		}
	}
	return o
}
